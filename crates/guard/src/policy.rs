use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use assay_model::{Condition, Decision, Facts, Outcome, Reason, Undecided, Vendor};
use cedar_policy::{
    ActionConstraint, AuthorizationError, Authorizer, Context, Decision as Answer, Effect,
    Entities, EntityTypeName, EntityUid, Policy, PolicyId, PolicySet, PrincipalConstraint, Request,
    ResourceConstraint, RestrictedExpression, Schema, ValidationMode, Validator,
};
use miette::Diagnostic;
use serde_json::Value;

use crate::organisation::{made, uid};
use crate::{Ask, Organisation};

/// The schema that policies are written against, as Cedar's own tools read it.
pub const SCHEMA: &str = include_str!("../../../data/policies/assay.cedarschema");

/// What a rule is called by, what it says of itself, what must hold, and
/// whether what it forbids is but not known well enough.
const ANNOTATIONS: &[&str] = &["id", "says", "condition", "outcome"];
/// What `@outcome` may be.
const NOT_ENOUGH: &str = "not enough evidence";

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

/// What is kept of a rule beside what Cedar evaluates.
#[derive(Debug)]
struct Rule {
    name: String,
    place: String,
    says: String,
    forbids: bool,
    /// Whether what it forbids is but not known well enough.
    is_lack: bool,
    conditions: Vec<Condition>,
    /// The attributes that it asks for, as `resource.effects.concealed`, each
    /// with what it looks for in it.
    asks: BTreeMap<String, BTreeSet<String>>,
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

    /// What its authors may not have meant; dates that have passed by `now`
    /// among it, a day as 2027-01-31.
    #[must_use]
    pub fn warnings(&self, now: &str) -> Vec<Problem> {
        let mut out = self.warnings.clone();
        for policy in self.all.policies() {
            let mut dates = BTreeSet::new();
            if let Ok(json) = policy.to_json() {
                walk(&json, &mut |value| dates.extend(date_of(value)));
            }
            let Some(rule) = self.rules.get(policy.id()) else {
                continue;
            };
            // Dates sort as they are written.
            for date in dates.into_iter().filter(|date| date.as_str() <= now) {
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

    /// Names that rules look for among the behaviours of findings and that are
    /// none of `known`: such a rule never holds.
    #[must_use]
    pub fn unknown_behaviours(&self, known: &[&str]) -> Vec<Problem> {
        let mut out = Vec::new();
        for policy in self.all.policies() {
            let (Ok(json), Some(rule)) = (policy.to_json(), self.rules.get(policy.id())) else {
                continue;
            };
            walk(&json, &mut |value| {
                let asked = ["contains", "containsAny", "containsAll"]
                    .iter()
                    .find_map(|name| value.get(*name));
                let Some(asked) = asked else { return };
                let of = asked.get("left").and_then(path_of);
                if !of.is_some_and(|of| of.starts_with("resource.findings.")) {
                    return;
                }
                let mut names = BTreeSet::new();
                if let Some(right) = asked.get("right") {
                    walk(right, &mut |value| {
                        let name = value.get("Value").and_then(Value::as_str);
                        names.extend(name.map(str::to_owned));
                    });
                }
                for name in names.iter().filter(|name| !known.contains(&name.as_str())) {
                    out.push(Problem {
                        place: rule.place.clone(),
                        rule: rule.name.clone(),
                        what: format!("{name} is no behaviour, so that it is never found"),
                        way_out: "`assay explain` lists them".to_owned(),
                        is_warning: true,
                    });
                }
            });
        }
        out
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

impl Prepared<'_> {
    /// What policy says of one request.
    ///
    /// # Errors
    /// When what is asked is nothing that policy knows.
    pub fn decide(&self, ask: &Ask) -> Result<Decision, PolicyError> {
        self.decided(ask, false)
    }

    /// The same, with the rules that hold as well and were overruled.
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
            .map(|rule| self.reason(rule, ask))
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
            rule: rule.name.clone(),
            place: rule.place.clone(),
            forbids: rule.forbids,
            lacks: rule.is_lack,
            says: rule.says.clone(),
            facts: facts.collect(),
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
        let ways: BTreeSet<&str> = wants.iter().filter_map(|path| way_out(path)).collect();
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

/// How to come by what a rule wants.
fn way_out(path: &str) -> Option<&'static str> {
    let mut parts = path.split('.');
    let (first, second) = (parts.next()?, parts.next()?);
    Some(match (first, second) {
        ("resource", "runs" | "egress") => "run it: assay dossier SOURCE --observe",
        ("resource", "effects") => "make an experiment: assay dossier SOURCE --experiment",
        ("resource", "contract") => "write the contract into contracts/ of the configuration",
        ("resource", "vulnerabilities") => "name a database of weaknesses: --osv DIR",
        ("resource", "supply") => "let it ask the registry: without --offline",
        ("resource", "claims") => "test claims: --claims CASE.toml",
        ("resource", "vendor") => "write a profile of the vendor, see docs/vendor.md",
        ("resource", "number") => {
            "its version has no numbers that sort; name versions by resource.version"
        }
        ("context", "site") => "say where: --site NAME",
        ("context", "model") => "say with which model: --model NAME",
        ("context", "provider") => "say whose model: --provider NAME",
        ("context", "repository") => "say on which repository: --repository NAME",
        ("context", "dataClasses") => "say which data: --data CLASS",
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

/// How deep brackets may be nested, and how many conditions, connectives and
/// signs one rule may have: the parser goes down for each.
const DEEPEST: usize = 60;
const MOST_IFS: usize = 40;
const MOST_OPERATORS: usize = 400;

/// What in a file would take more of the stack than there is.
fn too_deep(name: &str, text: &str) -> Option<Problem> {
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

fn rule(policy: &Policy, place: &str) -> (Rule, Vec<Problem>) {
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
            let of = asked.and_then(|asked| asked.get("left"));
            let of = of.and_then(|left| {
                path_of(left).or_else(|| Some(left.get("Var")?.as_str()?.to_owned()))
            });
            if let Some(of) = of {
                has.insert(of);
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
    if let Ok(json) = policy.to_json() {
        attributes_of(&json, &mut asks);
    }
    let rule = Rule {
        says: annotation("says").to_owned(),
        place: place.to_owned(),
        forbids,
        is_lack: outcome.is_some(),
        conditions,
        asks,
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

/// Rules of which one can never have an effect beside the other.
fn conflicts(all: &PolicySet, rules: &BTreeMap<PolicyId, Rule>) -> Vec<Problem> {
    let parts: Vec<(&Rule, Value, Value)> = all
        .policies()
        .filter_map(|policy| {
            let json = policy.to_json().ok()?;
            let scope = ["principal", "action", "resource"].map(|part| json.get(part).cloned());
            let scope = Value::Array(scope.into_iter().flatten().collect());
            let conditions = json.get("conditions").cloned().unwrap_or_default();
            Some((rules.get(policy.id())?, scope, conditions))
        })
        .collect();
    let mut out = Vec::new();
    for (permit, scope, conditions) in parts.iter().filter(|(rule, ..)| !rule.forbids) {
        let over = parts.iter().find(|(rule, other, its)| {
            let always = its.as_array().is_none_or(Vec::is_empty);
            rule.forbids && other == scope && (always || its == conditions)
        });
        if let Some((forbid, ..)) = over {
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
