use assay_model::{Condition, Decision, Facts, Outcome};
use serde::Deserialize;
use toml::{Table as Toml, Value};

use crate::{Ask, Policies, PolicyError, Recorded};

/// Cases that policies are tested with: what is known, what is asked, and what
/// must come of it.
#[derive(Debug, Clone)]
pub struct Table {
    /// The cases, in the order of the file.
    pub cases: Vec<Case>,
}

/// A case.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is about.
    pub name: String,
    /// What is known, and what is asked.
    pub request: Recorded,
    /// What must come of it.
    pub expect: Outcome,
    /// The rules that must decide it; none where that is not asked.
    pub by: Vec<String>,
    /// The conditions that there must be; none where that is not asked.
    pub conditions: Option<Vec<Condition>>,
}

/// Why a table cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// It is no table of cases.
    #[error("{0}")]
    Form(String),
    /// A case of it is none.
    #[error("case {name}: {why}")]
    Case {
        /// Which.
        name: String,
        /// What is wrong.
        why: String,
    },
}

/// What came of a case.
#[derive(Debug, Clone)]
pub struct CaseOutcome {
    /// What was decided.
    pub decision: Decision,
    /// What is other than expected; nothing where the case holds.
    pub wrong: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    name: String,
    ask: Ask,
    expect: Outcome,
    #[serde(default)]
    by: Vec<String>,
    #[serde(default)]
    conditions: Option<Vec<String>>,
    #[serde(default)]
    facts: Facts,
}

impl Table {
    /// Reads a table: `[[case]]`s with `name`, `ask`, `facts` and `expect`,
    /// each put over what `[base]` says, but for what it is `without`.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Self, TableError> {
        let mut whole: Toml =
            toml::from_str(text).map_err(|error| TableError::Form(error.to_string()))?;
        let base = whole
            .remove("base")
            .unwrap_or_else(|| Value::Table(Toml::new()));
        let Some(Value::Array(cases)) = whole.remove("case") else {
            return Err(TableError::Form("there is no [[case]]".to_owned()));
        };
        if let Some(other) = whole.keys().next() {
            return Err(TableError::Form(format!(
                "{other} is neither base nor case"
            )));
        }
        let cases: Result<Vec<Case>, TableError> = cases
            .into_iter()
            .enumerate()
            .map(|(at, case)| {
                let name = case.get("name").and_then(Value::as_str);
                let name = name.map_or_else(|| format!("number {}", at + 1), str::to_owned);
                let wrong = |why: String| TableError::Case {
                    name: name.clone(),
                    why,
                };
                let mut case = case;
                let mut base = base.clone();
                let without = case.as_table_mut().and_then(|case| case.remove("without"));
                for path in without.iter().filter_map(Value::as_array).flatten() {
                    take(&mut base, path.as_str().unwrap_or_default()).map_err(&wrong)?;
                }
                let written: Written = over(base, case)
                    .try_into()
                    .map_err(|error: toml::de::Error| wrong(error.message().to_owned()))?;
                let conditions = written.conditions.map(|conditions| {
                    let conditions = conditions.into_iter().map(|text| {
                        let condition = Condition::parse(&text);
                        condition.ok_or_else(|| wrong(format!("{text:?} is no condition")))
                    });
                    conditions.collect::<Result<Vec<_>, _>>()
                });
                Ok(Case {
                    name: written.name,
                    request: Recorded {
                        facts: written.facts,
                        ask: written.ask,
                    },
                    expect: written.expect,
                    by: written.by,
                    conditions: conditions.transpose()?,
                })
            })
            .collect();
        Ok(Self { cases: cases? })
    }
}

/// Takes what stands at a path, as `facts.effects`, out of a table.
fn take(base: &mut Value, path: &str) -> Result<(), String> {
    let (above, last) = path.rsplit_once('.').unwrap_or(("", path));
    let mut value = base;
    let absent = || format!("there is no {path} in [base] to do without");
    for part in above.split('.').filter(|part| !part.is_empty()) {
        value = value.get_mut(part).ok_or_else(absent)?;
    }
    let taken = value.as_table_mut().and_then(|table| table.remove(last));
    taken.map(|_| ()).ok_or_else(absent)
}

/// A value put over another: tables are joined, anything else takes the place.
fn over(base: Value, value: Value) -> Value {
    match (base, value) {
        (Value::Table(mut base), Value::Table(value)) => {
            for (key, value) in value {
                let joined = match base.remove(&key) {
                    Some(below) => over(below, value),
                    None => value,
                };
                base.insert(key, joined);
            }
            Value::Table(base)
        }
        (_, value) => value,
    }
}

impl Case {
    /// Asks policies.
    ///
    /// # Errors
    /// When the case cannot be put to them.
    pub fn run(&self, policies: &Policies) -> Result<CaseOutcome, PolicyError> {
        let decision = self.request.explained(policies)?;
        let mut wrong = Vec::new();
        if decision.outcome != self.expect {
            wrong.push(format!("{}, and not {}", decision.outcome, self.expect));
        }
        let mut by: Vec<&str> = decision
            .reasons
            .iter()
            .map(|reason| reason.rule.as_str())
            .collect();
        by.extend(
            decision
                .undecided
                .iter()
                .map(|undecided| undecided.rule.as_str()),
        );
        if let Some(missing) = self.by.iter().find(|rule| !by.contains(&rule.as_str())) {
            wrong.push(format!("not by {missing}, but by {}", by.join(", ")));
        }
        if let Some(conditions) = &self.conditions {
            let told = |conditions: &[Condition]| {
                let mut all: Vec<String> = conditions.iter().map(ToString::to_string).collect();
                all.sort();
                all.join("; ")
            };
            if told(conditions) != told(&decision.conditions) {
                wrong.push(format!(
                    "on condition of [{}], and not of [{}]",
                    told(&decision.conditions),
                    told(conditions)
                ));
            }
        }
        Ok(CaseOutcome { decision, wrong })
    }
}
