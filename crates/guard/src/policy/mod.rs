//! Policies, read and held against the schema.

mod lint;
mod prepared;
mod rule;

use std::collections::BTreeMap;
use std::str::FromStr;

use assay_model::Vendor;
use cedar_policy::{Entities, Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use miette::Diagnostic;

use crate::organisation::uid;
use crate::{Ask, Organisation};

use lint::{conflicts, too_deep};
pub use prepared::Prepared;
pub(crate) use prepared::missing;
use rule::{Rule, rule};

/// The schema that policies are written against, as Cedar's own tools read it.
pub const SCHEMA: &str = include_str!("../../../../data/policies/assay.cedarschema");

/// Why policies cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PolicyError {
    /// The schema of this program is broken.
    #[error("the schema cannot be read: {0}")]
    Schema(String),
    /// What there is in the organisation cannot be used.
    #[error("the organisation cannot be used: {0}")]
    Organisation(String),
    /// A policy cannot be used.
    #[error("{}", list(.0))]
    Policies(Vec<Problem>),
    /// Facts cannot be put to policy.
    #[error("the facts cannot be put to policy: {0}")]
    Facts(String),
    /// What is asked is nothing that policy knows.
    #[error("{0}")]
    Ask(String),
}

fn list(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Something in a policy that is wrong, or that its author may not have meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file with line and column, as far as they are known.
    pub place: String,
    /// The rule, if it is one.
    pub rule: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it; may be empty.
    pub way_out: String,
    /// Whether it can be used all the same.
    pub is_warning: bool,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.is_warning { "warning" } else { "error" };
        write!(f, "{}: {kind}: ", self.place)?;
        if !self.rule.is_empty() {
            write!(f, "{}: ", self.rule)?;
        }
        write!(f, "{}", self.what)?;
        if !self.way_out.is_empty() {
            write!(f, " ({})", self.way_out)?;
        }
        Ok(())
    }
}

/// Policies that can be asked.
#[derive(Debug)]
pub struct Policies {
    all: PolicySet,
    /// Those that permit, to tell what is overruled.
    permits: PolicySet,
    rules: BTreeMap<PolicyId, Rule>,
    entities: Entities,
    warnings: Vec<Problem>,
}

impl Policies {
    /// Reads policies: each file by its name and text. All of them are held
    /// against the schema.
    ///
    /// # Errors
    /// When one of them cannot be used; none is left out for that.
    pub fn read(
        files: &[(String, String)],
        organisation: &Organisation,
        vendors: &[Vendor],
    ) -> Result<Self, PolicyError> {
        let (schema, warned) = Schema::from_cedarschema_str(SCHEMA)
            .map_err(|error| PolicyError::Schema(error.to_string()))?;
        drop(warned);
        let mut problems = Vec::new();
        let mut all = PolicySet::new();
        let mut permits = PolicySet::new();
        let mut rules = BTreeMap::new();
        for (name, text) in files {
            if let Some(problem) = too_deep(name, text) {
                problems.push(problem);
                continue;
            }
            let set = match PolicySet::from_str(text) {
                Ok(set) => set,
                Err(errors) => {
                    problems.extend(errors.iter().map(|error| {
                        Problem {
                            place: place(name, text, offset(error)),
                            rule: String::new(),
                            what: error.to_string(),
                            way_out: error
                                .help()
                                .map_or_else(String::new, |help| help.to_string()),
                            is_warning: false,
                        }
                    }));
                    continue;
                }
            };
            if let Some(template) = set.templates().next() {
                problems.push(Problem {
                    place: name.clone(),
                    rule: template.id().to_string(),
                    what: "a template is no rule by itself".to_owned(),
                    way_out: "write the principal and the resource out".to_owned(),
                    is_warning: false,
                });
            }
            // Named `policy0` and so on, in the order of the text.
            let mut in_order: Vec<&Policy> = set.policies().collect();
            in_order.sort_by_key(|policy| {
                let number = policy.id().to_string();
                number
                    .trim_start_matches("policy")
                    .parse::<usize>()
                    .unwrap_or(usize::MAX)
            });
            let mut from = 0;
            for policy in in_order {
                let written = policy.to_cedar().unwrap_or_default();
                let rest = text.get(from..).unwrap_or_default();
                let at = rest.find(written.trim()).map(|at| from.saturating_add(at));
                if let Some(at) = at {
                    from = at.saturating_add(written.len());
                }
                let place = place(name, text, at);
                let (rule, mut wrong) = rule(policy, &place);
                problems.append(&mut wrong);
                let id = PolicyId::new(&rule.name);
                let named = policy.new_id(id.clone());
                if let Some(known) = rules.get(&id) {
                    let known: &Rule = known;
                    problems.push(Problem {
                        place: place.clone(),
                        rule: rule.name.clone(),
                        what: format!("another rule has this name, at {}", known.place),
                        way_out: "give each rule a name of its own by @id".to_owned(),
                        is_warning: false,
                    });
                    continue;
                }
                if !rule.forbids {
                    permits
                        .add(named.clone())
                        .map_err(|error| PolicyError::Schema(error.to_string()))?;
                }
                all.add(named)
                    .map_err(|error| PolicyError::Schema(error.to_string()))?;
                rules.insert(id, rule);
            }
        }
        let checked = Validator::new(schema).validate(&all, ValidationMode::Strict);
        let found = |id: &PolicyId, what: String, help: String, is_warning: bool| Problem {
            place: rules
                .get(id)
                .map_or_else(String::new, |rule: &Rule| rule.place.clone()),
            rule: id.to_string(),
            what,
            way_out: help,
            is_warning,
        };
        let help =
            |of: &dyn Diagnostic| of.help().map_or_else(String::new, |help| help.to_string());
        for error in checked.validation_errors() {
            problems.push(found(
                error.policy_id(),
                plain(&error.to_string()),
                help(error),
                false,
            ));
        }
        for warning in checked.validation_warnings() {
            problems.push(found(
                warning.policy_id(),
                plain(&warning.to_string()),
                help(warning),
                true,
            ));
        }
        problems.extend(conflicts(&all, &rules));
        let (warnings, wrong): (Vec<Problem>, Vec<Problem>) =
            problems.into_iter().partition(|problem| problem.is_warning);
        if !wrong.is_empty() {
            return Err(PolicyError::Policies(wrong));
        }
        Ok(Self {
            all,
            permits,
            rules,
            entities: organisation.entities(vendors)?,
            warnings,
        })
    }

    /// What of a request is declared nowhere, by the name of its kind.
    #[must_use]
    pub fn undeclared(&self, ask: &Ask) -> Vec<(&'static str, String)> {
        let (kind, name) = ask.principal.entity();
        let anyone = name == crate::Principal::ANYONE;
        let asked = [
            (kind, (!anyone).then(|| name.to_owned())),
            ("Site", ask.site.clone()),
            ("Model", ask.model.clone()),
            ("Provider", ask.provider.clone()),
            ("Repository", ask.repository.clone()),
        ];
        let named = asked
            .into_iter()
            .filter_map(|(kind, name)| Some((kind, name?)));
        let unknown = |(kind, name): &(&'static str, String)| {
            uid(kind, name).is_ok_and(|uid| self.entities.get(&uid).is_none())
        };
        named.filter(unknown).collect()
    }

    /// How many rules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

/// What Cedar says, without the name of the policy before it.
fn plain(text: &str) -> String {
    let text = text.strip_prefix("for policy `").map_or(text, |rest| {
        rest.split_once("`, ").map_or(text, |(_, rest)| rest)
    });
    text.to_owned()
}

fn offset(error: &impl Diagnostic) -> Option<usize> {
    Some(error.labels()?.next()?.offset())
}

/// A file with line and column.
fn place(name: &str, text: &str, at: Option<usize>) -> String {
    let Some(before) = at.and_then(|at| text.get(..at)) else {
        return name.to_owned();
    };
    let line = before.matches('\n').count().saturating_add(1);
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count();
    format!("{name}:{line}:{}", column.saturating_add(1))
}
