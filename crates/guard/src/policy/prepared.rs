//! Policies with what is known of one tool, to be asked about it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use assay_model::{Condition, Decision, Facts, Outcome, Reason, Undecided};
use cedar_policy::{
    ActionConstraint, AuthorizationError, Authorizer, Context, Decision as Answer, Entities,
    EntityTypeName, EntityUid, Policy, PolicySet, PrincipalConstraint, Request, ResourceConstraint,
    RestrictedExpression,
};
use serde_json::Value;

use super::rule::Rule;
use super::{Policies, PolicyError, plain};
use crate::Ask;
use crate::organisation::{made, uid};

/// The rules whose scope takes in who asks and for which action, of one tool:
/// no other can hold, nor fail.
#[derive(Debug)]
struct Scoped {
    all: PolicySet,
    permits: PolicySet,
}

/// How many askers' rules are kept.
const ASKERS: usize = 4096;

/// Policies with what is known of one tool.
#[derive(Debug)]
pub struct Prepared<'p> {
    scoped: Mutex<HashMap<(EntityUid, EntityUid), Arc<Scoped>>>,
    policies: &'p Policies,
    entities: Entities,
    resource: EntityUid,
    known: BTreeMap<String, Value>,
    authorizer: Authorizer,
}

impl Policies {
    /// Takes in what is known of a tool, to be asked about it.
    ///
    /// # Errors
    /// When something is known that policy cannot be asked with.
    pub fn prepare(&self, facts: &Facts) -> Result<Prepared<'_>, PolicyError> {
        let known = attributes(facts)?;
        let mut expressions = Vec::new();
        for (name, value) in &known {
            expressions.push((name.clone(), expression(name, value)?));
        }
        let mut within = Vec::new();
        if let Some(vendor) = &facts.tool.vendor {
            within.push(("Vendor", vendor.clone()));
            // A name that a package gives itself makes it no product.
            within.push(("Product", facts.tool.name.clone()));
        }
        let tool = made("Tool", &facts.tool.package, within, expressions)?;
        let resource = tool.uid();
        let entities = self.entities.clone();
        let entities = entities
            .add_entities([tool], None)
            .map_err(|error| PolicyError::Facts(error.to_string()))?;
        Ok(Prepared {
            scoped: Mutex::default(),
            policies: self,
            entities,
            resource,
            known,
            authorizer: Authorizer::new(),
        })
    }
}

impl Prepared<'_> {
    /// What policy says of one request, without the facts that a rule asked
    /// for.
    ///
    /// # Errors
    /// When what is asked is nothing that policy knows.
    pub fn decide(&self, ask: &Ask) -> Result<Decision, PolicyError> {
        self.decided(ask, false)
    }

    /// The same, with the facts that decided, and with the rules that hold as
    /// well and were overruled.
    ///
    /// # Errors
    /// When what is asked is nothing that policy knows.
    pub fn explain(&self, ask: &Ask) -> Result<Decision, PolicyError> {
        self.decided(ask, true)
    }

    fn decided(&self, ask: &Ask, explain: bool) -> Result<Decision, PolicyError> {
        let request = self.request(ask)?;
        let scoped = self.scoped(&request)?;
        let response = self
            .authorizer
            .is_authorized(&request, &scoped.all, &self.entities);
        let diagnostics = response.diagnostics();
        let mut reasons: Vec<&Rule> = diagnostics
            .reason()
            .filter_map(|id| self.policies.rules.get(id))
            .collect();
        // A rule whose last day is over permits nothing.
        let today = ask.now.get(..10).unwrap_or_default();
        let is_over = |condition: &Condition| matches!(condition, Condition::Until { date } if date.as_str() < today);
        reasons.retain(|rule| !rule.conditions.iter().any(is_over));
        let undecided: Vec<Undecided> = diagnostics
            .errors()
            .map(|error| self.undecided(error, ask))
            .collect();
        let outcome = match response.decision() {
            Answer::Allow if !undecided.is_empty() => Outcome::NotEnoughEvidence,
            Answer::Allow if reasons.is_empty() => Outcome::Denied,
            Answer::Allow if reasons.iter().all(|rule| rule.conditions.is_empty()) => {
                Outcome::Allowed
            }
            Answer::Allow => Outcome::AllowedWithConditions,
            Answer::Deny if reasons.iter().any(|rule| !rule.is_lack) => Outcome::Denied,
            Answer::Deny if reasons.is_empty() && undecided.is_empty() => Outcome::Denied,
            Answer::Deny => Outcome::NotEnoughEvidence,
        };
        let conditions: BTreeSet<&Condition> = match outcome {
            Outcome::AllowedWithConditions => {
                reasons.iter().flat_map(|rule| &rule.conditions).collect()
            }
            _ => BTreeSet::new(),
        };
        let conditions = conditions.into_iter().cloned().collect();
        let mut overruled = Vec::new();
        if explain && response.decision() == Answer::Deny {
            let other = self
                .authorizer
                .is_authorized(&request, &scoped.permits, &self.entities);
            let permits = other.diagnostics().reason();
            let permits = permits.filter_map(|id| self.policies.rules.get(id));
            overruled.extend(permits.map(|rule| self.reason(rule, ask)));
        }
        let mut reasons: Vec<Reason> = reasons
            .into_iter()
            .map(|rule| match explain {
                true => self.reason(rule, ask),
                false => named(rule),
            })
            .collect();
        reasons.sort_by(|a, b| a.rule.cmp(&b.rule));
        Ok(Decision {
            principal: ask.principal.to_string(),
            action: ask.action.clone(),
            outcome,
            reasons,
            overruled,
            undecided,
            conditions,
        })
    }

    /// The rules that can hold for who asks, once found out.
    fn scoped(&self, request: &Request) -> Result<Arc<Scoped>, PolicyError> {
        let (Some(principal), Some(action)) = (request.principal(), request.action()) else {
            return Err(PolicyError::Ask("nobody asks".to_owned()));
        };
        let key = (principal.clone(), action.clone());
        let mut known = self.scoped.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(scoped) = known.get(&key) {
            return Ok(Arc::clone(scoped));
        }
        let within = |one: &EntityUid, group: &EntityUid| {
            one == group || self.entities.is_ancestor_of(group, one)
        };
        let is = |one: &EntityUid, kind: &EntityTypeName| one.type_name() == kind;
        let takes_in = |policy: &&Policy| {
            let who = match policy.principal_constraint() {
                PrincipalConstraint::Any => true,
                PrincipalConstraint::Eq(other) => *principal == other,
                PrincipalConstraint::In(group) => within(principal, &group),
                PrincipalConstraint::Is(kind) => is(principal, &kind),
                PrincipalConstraint::IsIn(kind, group) => {
                    is(principal, &kind) && within(principal, &group)
                }
            };
            let what = match policy.action_constraint() {
                ActionConstraint::Any => true,
                ActionConstraint::Eq(other) => *action == other,
                ActionConstraint::In(all) => all.iter().any(|group| within(action, group)),
            };
            let with = match policy.resource_constraint() {
                ResourceConstraint::Any => true,
                ResourceConstraint::Eq(other) => self.resource == other,
                ResourceConstraint::In(group) => within(&self.resource, &group),
                ResourceConstraint::Is(kind) => is(&self.resource, &kind),
                ResourceConstraint::IsIn(kind, group) => {
                    is(&self.resource, &kind) && within(&self.resource, &group)
                }
            };
            who && what && with
        };
        let of = |all: &PolicySet| {
            PolicySet::from_policies(all.policies().filter(takes_in).cloned())
                .map_err(|error| PolicyError::Schema(error.to_string()))
        };
        let scoped = Arc::new(Scoped {
            all: of(&self.policies.all)?,
            permits: of(&self.policies.permits)?,
        });
        if known.len() >= ASKERS {
            known.clear();
        }
        known.insert(key, Arc::clone(&scoped));
        Ok(scoped)
    }

    fn request(&self, ask: &Ask) -> Result<Request, PolicyError> {
        if !["use", "install", "send"].contains(&ask.action.as_str()) {
            return Err(PolicyError::Ask(format!(
                "{} is no action: use, install or send",
                ask.action
            )));
        }
        let is_time = ask.now.get(..10).is_some_and(assay_model::is_date);
        if !is_time {
            return Err(PolicyError::Ask(format!(
                "{} is no date as 2027-01-31",
                ask.now
            )));
        }
        let (kind, name) = ask.principal.entity();
        let mut pairs = vec![(
            "now".to_owned(),
            RestrictedExpression::new_datetime(&ask.now),
        )];
        let given = [
            ("site", "Site", &ask.site),
            ("model", "Model", &ask.model),
            ("provider", "Provider", &ask.provider),
            ("repository", "Repository", &ask.repository),
        ];
        for (field, kind, name) in given {
            if let Some(name) = name {
                let uid = uid(kind, name)?;
                pairs.push((field.to_owned(), RestrictedExpression::new_entity_uid(uid)));
            }
        }
        if let Some(classes) = &ask.data_classes {
            let classes = classes
                .iter()
                .cloned()
                .map(RestrictedExpression::new_string);
            pairs.push((
                "dataClasses".to_owned(),
                RestrictedExpression::new_set(classes),
            ));
        }
        let context = Context::from_pairs(pairs)
            .map_err(|error| PolicyError::Ask(format!("{}: {error}", ask.now)))?;
        Request::new(
            uid(kind, name)?,
            uid("Action", &ask.action)?,
            self.resource.clone(),
            context,
            None,
        )
        .map_err(|error| PolicyError::Ask(error.to_string()))
    }

    fn reason(&self, rule: &Rule, ask: &Ask) -> Reason {
        let facts = rule.asks.iter().filter_map(|(path, sought)| {
            let value = self.lookup(path, ask)?;
            Some((path.clone(), of_set(&value, sought)))
        });
        Reason {
            facts: facts.collect(),
            ..named(rule)
        }
    }

    fn undecided(&self, error: &AuthorizationError, ask: &Ask) -> Undecided {
        let AuthorizationError::PolicyEvaluationError(error) = error;
        let rule = self.policies.rules.get(error.policy_id());
        let wants: Vec<String> = rule
            .into_iter()
            .flat_map(|rule| rule.asks.keys())
            .filter(|path| self.lookup(path, ask).is_none())
            .cloned()
            .collect();
        let ways: BTreeSet<&str> = wants
            .iter()
            .filter_map(|path| Some(missing(path)?.1))
            .collect();
        let way_out = match ways.is_empty() {
            true => plain(&error.inner().to_string()),
            false => ways.into_iter().collect::<Vec<_>>().join("; "),
        };
        Undecided {
            rule: error.policy_id().to_string(),
            place: rule.map_or_else(String::new, |rule| rule.place.clone()),
            wants,
            way_out,
        }
    }

    /// What is known under a path; nothing where it is missing.
    fn lookup(&self, path: &str, ask: &Ask) -> Option<Value> {
        let mut parts = path.split('.');
        let first = parts.next()?;
        let text = |value: &Option<String>| value.clone().map(Value::String);
        match first {
            "resource" => {
                let mut value = self.known.get(parts.next()?)?;
                for part in parts {
                    value = value.get(part)?;
                }
                Some(value.clone())
            }
            "context" => match parts.next()? {
                "now" => Some(Value::String(ask.now.clone())),
                "site" => text(&ask.site),
                "model" => text(&ask.model),
                "provider" => text(&ask.provider),
                "repository" => text(&ask.repository),
                "dataClasses" => serde_json::to_value(ask.data_classes.as_ref()?).ok(),
                _ => None,
            },
            _ => Some(Value::String(ask.principal.to_string())),
        }
    }
}

/// A rule as a reason, without facts.
fn named(rule: &Rule) -> Reason {
    Reason {
        rule: rule.name.clone(),
        place: rule.place.clone(),
        forbids: rule.forbids,
        lacks: rule.is_lack,
        says: rule.says.clone(),
        facts: Vec::new(),
    }
}

/// What is missing where a rule wants something, and how to come by it.
pub(crate) fn missing(path: &str) -> Option<(&'static str, &'static str)> {
    let mut parts = path.split('.');
    let (first, second) = (parts.next()?, parts.next()?);
    Some(match (first, second) {
        ("resource", "runs" | "egress") => {
            ("it was not run", "run it: assay dossier SOURCE --observe")
        }
        ("resource", "effects") => (
            "no experiment was made with it",
            "make an experiment: assay dossier SOURCE --experiment",
        ),
        ("resource", "contract") => (
            "no contract about it is known",
            "write the contract into contracts/ of the configuration",
        ),
        ("resource", "vulnerabilities") => (
            "known weaknesses were not looked up",
            "name a database of weaknesses: --osv DIR",
        ),
        ("resource", "supply") => (
            "the registry was not asked where it comes from",
            "let it ask the registry: without --offline",
        ),
        ("resource", "claims") => (
            "no claims about it were tested",
            "test claims: --claims CASE.toml",
        ),
        ("resource", "vendor") => (
            "there is no profile of its vendor",
            "write a profile of the vendor, see docs/vendor.md",
        ),
        ("resource", "number") => (
            "its version has no numbers that sort",
            "its version has no numbers that sort; name versions by resource.version",
        ),
        ("context", "site") => ("the site is not known", "say where: --site NAME"),
        ("context", "model") => (
            "the model is not known",
            "say with which model: --model NAME",
        ),
        ("context", "provider") => (
            "the provider is not known",
            "say whose model: --provider NAME",
        ),
        ("context", "repository") => (
            "the repository is not known",
            "say on which repository: --repository NAME",
        ),
        ("context", "dataClasses") => (
            "the kinds of data are not known",
            "say which data: --data CLASS",
        ),
        _ => return None,
    })
}

/// What is known of a tool, by the name of the attribute.
fn attributes(facts: &Facts) -> Result<BTreeMap<String, Value>, PolicyError> {
    let wrong = |error: serde_json::Error| PolicyError::Facts(error.to_string());
    let Value::Object(groups) = serde_json::to_value(facts).map_err(wrong)? else {
        return Err(PolicyError::Facts("they are no object".to_owned()));
    };
    let mut out = BTreeMap::new();
    for (name, value) in groups {
        match (name.as_str(), value) {
            ("tool", Value::Object(own)) => out.extend(own),
            (_, value) => {
                out.insert(name, value);
            }
        }
    }
    Ok(out)
}

/// A value as policy is asked with it. Dates are the one thing that JSON does
/// not tell from texts; `at` is the name under which it stands.
fn expression(at: &str, value: &Value) -> Result<RestrictedExpression, PolicyError> {
    Ok(match value {
        Value::Bool(is) => RestrictedExpression::new_bool(*is),
        Value::Number(number) => {
            let number = number.as_i64().unwrap_or(i64::MAX);
            RestrictedExpression::new_long(number)
        }
        Value::String(text) if at == "ends" => match assay_model::is_date(text) {
            // The last day belongs to it.
            true => RestrictedExpression::new_datetime(format!("{text}T23:59:59Z")),
            false => {
                return Err(PolicyError::Facts(format!(
                    "{text} is no date as 2027-01-31"
                )));
            }
        },
        Value::String(text) => RestrictedExpression::new_string(text.clone()),
        Value::Array(items) => {
            let items: Result<Vec<_>, _> = items.iter().map(|item| expression("", item)).collect();
            RestrictedExpression::new_set(items?)
        }
        Value::Object(fields) => {
            let fields: Result<Vec<_>, PolicyError> = fields
                .iter()
                .map(|(name, value)| Ok((name.clone(), expression(name, value)?)))
                .collect();
            RestrictedExpression::new_record(fields?)
                .map_err(|error| PolicyError::Facts(error.to_string()))?
        }
        Value::Null => return Err(PolicyError::Facts(format!("{at} is null"))),
    })
}

/// A value for people.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

/// A value for people: of a long set what was looked for in it.
fn of_set(value: &Value, sought: &BTreeSet<String>) -> String {
    let Value::Array(items) = value else {
        return shown(value);
    };
    let found = |item: &&Value| item.as_str().is_some_and(|text| sought.contains(text));
    let found: Vec<String> = items.iter().filter(found).map(shown).collect();
    match (found.is_empty(), items.len().saturating_sub(found.len())) {
        (true, _) | (_, 0) => shown(value),
        (false, more) => format!("[{}, and {more} more]", found.join(", ")),
    }
}
