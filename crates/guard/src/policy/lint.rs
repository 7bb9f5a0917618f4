//! What a policy says that its author may not have meant, and what no parser
//! should be given.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cedar_policy::{PolicyId, PolicySet};
use serde_json::Value;

use super::rule::Rule;
use super::{Policies, Problem, place};

impl Policies {
    /// What its authors may not have meant; dates that have passed by `now`
    /// among it, a day as 2027-01-31.
    #[must_use]
    pub fn warnings(&self, now: &str) -> Vec<Problem> {
        let mut out = self.warnings.clone();
        for rule in self.rules.values() {
            // Dates sort as they are written.
            for date in rule.dates.iter().filter(|date| date.as_str() <= now) {
                out.push(Problem {
                    place: rule.place.clone(),
                    rule: rule.name.clone(),
                    what: format!("{date} has passed"),
                    way_out: "remove what ended then, or what only began".to_owned(),
                    is_warning: true,
                });
            }
        }
        out
    }

    /// Names of teams, sites, tools and the like that rules ask for and that
    /// are nowhere declared: such a rule never holds.
    #[must_use]
    pub fn unknown_names(&self) -> Vec<Problem> {
        let mut out = Vec::new();
        for policy in self.all.policies() {
            let Some(rule) = self.rules.get(policy.id()) else {
                continue;
            };
            for name in policy.entity_literals() {
                let kind = name.type_name().to_string();
                let kind = kind.strip_prefix("Assay::").unwrap_or(&kind);
                let id = name.id().unescaped();
                let (known, where_to) = match kind {
                    "Action" => continue,
                    "Tool" => (
                        ["npm:", "pypi:", "vsix:", "generic:"]
                            .iter()
                            .any(|start| id.starts_with(start)),
                        "a tool is named as npm:NAME",
                    ),
                    "Product" | "Vendor" => (
                        self.entities.get(&name).is_some(),
                        "products and vendors are those of profiles, see data/vendors and vendors/",
                    ),
                    _ => (
                        self.entities.get(&name).is_some(),
                        "declare it in organisation.toml",
                    ),
                };
                if !known {
                    out.push(Problem {
                        place: rule.place.clone(),
                        rule: rule.name.clone(),
                        what: format!("there is no {kind} {id:?}, so that it never holds"),
                        way_out: where_to.to_owned(),
                        is_warning: true,
                    });
                }
            }
        }
        out
    }

    /// The classes of data that rules speak of.
    #[must_use]
    pub fn data_classes(&self) -> BTreeSet<&str> {
        let asks = self.rules.values().flat_map(|rule| &rule.asks);
        let of_data = asks.filter(|(path, _)| path.as_str() == "context.dataClasses");
        of_data
            .flat_map(|(_, names)| names)
            .map(String::as_str)
            .collect()
    }

    /// Names that rules look for among the behaviours of findings and that are
    /// none of `known`: such a rule never holds.
    #[must_use]
    pub fn unknown_behaviours(&self, known: &[&str]) -> Vec<Problem> {
        let mut out = Vec::new();
        for rule in self.rules.values() {
            let asks = rule.asks.iter();
            let of_findings = asks.filter(|(path, _)| path.starts_with("resource.findings."));
            for name in of_findings.flat_map(|(_, names)| names) {
                if known.contains(&name.as_str()) {
                    continue;
                }
                out.push(Problem {
                    place: rule.place.clone(),
                    rule: rule.name.clone(),
                    what: format!("{name} is no behaviour, so that it is never found"),
                    way_out: "`assay explain` lists them".to_owned(),
                    is_warning: true,
                });
            }
        }
        out
    }
}

/// How deep brackets may be nested, and how many conditions, connectives and
/// signs one rule may have: the parser goes down for each.
const DEEPEST: usize = 60;
const MOST_IFS: usize = 40;
const MOST_OPERATORS: usize = 400;

/// What in a file would take more of the stack than there is.
pub(super) fn too_deep(name: &str, text: &str) -> Option<Problem> {
    let (mut depth, mut ifs, mut operators) = (0_usize, 0_usize, 0_usize);
    let mut word = String::new();
    let mut quoted = false;
    let mut escaped = false;
    let mut comment = false;
    let mut last = ' ';
    for (at, c) in text.char_indices() {
        if comment {
            comment = c != '\n';
            continue;
        }
        if quoted {
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
        } else {
            ifs += usize::from(word == "if");
            operators += usize::from(["in", "has", "like", "is"].contains(&word.as_str()));
            word.clear();
        }
        match c {
            '"' => quoted = true,
            '/' if last == '/' => comment = true,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '&' | '|' | '!' | '-' | '+' | '*' | '.' | '<' | '>' | '=' => operators += 1,
            ';' => (ifs, operators) = (0, 0),
            _ => {}
        }
        last = c;
        if depth > DEEPEST || ifs > MOST_IFS || operators > MOST_OPERATORS {
            return Some(Problem {
                place: place(name, text, Some(at)),
                rule: String::new(),
                what: "a rule is nested too deep, or too long".to_owned(),
                way_out: "write it as several rules".to_owned(),
                is_warning: false,
            });
        }
    }
    None
}

/// Rules of which one can never have an effect beside the other.
pub(super) fn conflicts(all: &PolicySet, rules: &BTreeMap<PolicyId, Rule>) -> Vec<Problem> {
    let mut permits = Vec::new();
    let mut forbids: HashMap<String, Vec<(&Rule, Value)>> = HashMap::new();
    for policy in all.policies() {
        let (Some(rule), Ok(json)) = (rules.get(policy.id()), policy.to_json()) else {
            continue;
        };
        let scope = ["principal", "action", "resource"].map(|part| json.get(part).cloned());
        let scope = Value::Array(scope.into_iter().flatten().collect()).to_string();
        let conditions = json.get("conditions").cloned().unwrap_or_default();
        match rule.forbids {
            true => forbids.entry(scope).or_default().push((rule, conditions)),
            false => permits.push((rule, scope, conditions)),
        }
    }
    let mut out = Vec::new();
    for (permit, scope, conditions) in permits {
        let over = forbids.get(&scope).into_iter().flatten().find(|(_, its)| {
            let always = its.as_array().is_none_or(Vec::is_empty);
            always || *its == conditions
        });
        if let Some((forbid, _)) = over {
            out.push(Problem {
                place: permit.place.clone(),
                rule: permit.name.clone(),
                what: format!(
                    "{} at {} forbids all that it permits",
                    forbid.name, forbid.place
                ),
                way_out: "what forbids wins; take one of them away".to_owned(),
                is_warning: true,
            });
        }
    }
    out
}
