//! A rule, and what it says beside what Cedar evaluates.

use std::collections::{BTreeMap, BTreeSet};

use assay_model::Condition;
use cedar_policy::{Effect, Policy};
use serde_json::Value;

use super::Problem;

/// What a rule is called by, what it says of itself, what must hold, and
/// whether what it forbids is but not known well enough.
const ANNOTATIONS: &[&str] = &["id", "says", "condition", "outcome"];
/// What `@outcome` may be.
const NOT_ENOUGH: &str = "not enough evidence";

/// What is kept of a rule beside what Cedar evaluates.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) place: String,
    pub(super) says: String,
    pub(super) forbids: bool,
    /// Whether what it forbids is but not known well enough.
    pub(super) is_lack: bool,
    pub(super) conditions: Vec<Condition>,
    /// The attributes that it asks for, as `resource.effects.concealed`, each
    /// with what it looks for in it.
    pub(super) asks: BTreeMap<String, BTreeSet<String>>,
    /// The dates that stand in it, as 2027-01-31.
    pub(super) dates: BTreeSet<String>,
}

/// Reads a rule, with what is wrong about it.
pub(super) fn rule(policy: &Policy, place: &str) -> (Rule, Vec<Problem>) {
    let mut problems = Vec::new();
    let annotation = |name: &str| policy.annotation(name).unwrap_or_default();
    let mut name = annotation("id").to_owned();
    if name.is_empty() {
        name = place.to_owned();
    }
    let mut wrong = |what: String, way_out: String| {
        problems.push(Problem {
            place: place.to_owned(),
            rule: name.clone(),
            what,
            way_out,
            is_warning: false,
        });
    };
    let forbids = policy.effect() == Effect::Forbid;
    if let Ok(json) = policy.to_json() {
        let mut has = BTreeSet::new();
        walk(&json, &mut |value| {
            let asked = value.get("has");
            // Whatever it is asked of: a fact may stand in it.
            if let Some(left) = asked.and_then(|asked| asked.get("left")) {
                let named = path_of(left).or_else(|| Some(left.get("Var")?.as_str()?.to_owned()));
                has.insert(named.unwrap_or_else(|| "what it puts together".to_owned()));
            }
        });
        for of in has {
            wrong(
                format!("it asks whether {of} has something: what nobody looked at would pass in silence"),
                "ask for it as if it were there; where it is missing, the outcome is not enough evidence".to_owned(),
            );
        }
    }
    for (key, _) in policy.annotations() {
        if !ANNOTATIONS.contains(&key) {
            wrong(
                format!("@{key} is no annotation that is known"),
                format!("there are @{}", ANNOTATIONS.join(", @")),
            );
        }
    }
    let mut conditions = Vec::new();
    let written = annotation("condition").split(';').map(str::trim);
    for text in written.filter(|text| !text.is_empty()) {
        match Condition::parse(text) {
            Some(condition) => conditions.push(condition),
            None => {
                let forms: Vec<&str> = Condition::FORMS.iter().map(|(form, _)| *form).collect();
                wrong(
                    format!("{text:?} is no condition"),
                    format!("one of: {}", forms.join("; ")),
                );
            }
        }
    }
    if forbids && !conditions.is_empty() {
        wrong(
            "what forbids has no conditions".to_owned(),
            "put them on the rule that permits".to_owned(),
        );
    }
    let outcome = policy.annotation("outcome");
    if let Some(outcome) = outcome
        && (outcome != NOT_ENOUGH || !forbids)
    {
        wrong(
            format!("{outcome:?} is no outcome of this rule"),
            format!("a rule that forbids may have @outcome({NOT_ENOUGH:?})"),
        );
    }
    let mut asks = BTreeMap::new();
    let mut dates = BTreeSet::new();
    if let Ok(json) = policy.to_json() {
        attributes_of(&json, &mut asks);
        walk(&json, &mut |value| dates.extend(date_of(value)));
    }
    let rule = Rule {
        says: annotation("says").to_owned(),
        place: place.to_owned(),
        forbids,
        is_lack: outcome.is_some(),
        conditions,
        asks,
        dates,
        name,
    };
    (rule, problems)
}

/// The attributes that a policy asks for, in Cedar's JSON form: the longest
/// ways of each.
fn attributes_of(json: &Value, out: &mut BTreeMap<String, BTreeSet<String>>) {
    if let Some(path) = path_of(json) {
        out.entry(path).or_default();
        return;
    }
    let sought = ["contains", "containsAny", "containsAll"]
        .iter()
        .find_map(|name| json.get(*name));
    if let Some((sought, path)) =
        sought.and_then(|sought| Some((sought, path_of(sought.get("left")?)?)))
    {
        let names = out.entry(path).or_default();
        walk(sought.get("right").unwrap_or(&Value::Null), &mut |value| {
            let name = value.get("Value").and_then(Value::as_str);
            names.extend(name.map(str::to_owned));
        });
    }
    match json {
        Value::Array(items) => items.iter().for_each(|item| attributes_of(item, out)),
        Value::Object(fields) => fields.values().for_each(|field| attributes_of(field, out)),
        _ => {}
    }
}

fn path_of(json: &Value) -> Option<String> {
    let dot = json.get(".")?;
    let (left, name) = (dot.get("left")?, dot.get("attr")?.as_str()?);
    match left.get("Var") {
        Some(variable) => Some(format!("{}.{name}", variable.as_str()?)),
        None => Some(format!("{}.{name}", path_of(left)?)),
    }
}

/// A date that stands in a policy.
fn date_of(json: &Value) -> Option<String> {
    let date = json.get("datetime")?.get(0)?.get("Value")?.as_str()?;
    Some(date.to_owned())
}

fn walk(json: &Value, see: &mut impl FnMut(&Value)) {
    see(json);
    match json {
        Value::Array(items) => items.iter().for_each(|item| walk(item, see)),
        Value::Object(fields) => fields.values().for_each(|field| walk(field, see)),
        _ => {}
    }
}
