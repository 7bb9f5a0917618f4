use assay_model::{
    Condition, Decision, Facts, Outcome, PolicyFile, Reason, Sha256, VERDICT_SCHEMA, Verdict,
};

use crate::policy::missing;
use crate::{Ask, Policies, PolicyError, Principal};

/// For whom and when a verdict is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictAsk {
    /// What is asked, but for the action.
    pub ask: Ask,
    /// The actions; all must be allowed.
    pub actions: Vec<String>,
    /// The subject as a package URL.
    pub subject: String,
    /// The digest of its main artifact.
    pub sha256: Sha256,
    /// The version of Assay.
    pub assay: String,
    /// The files that the policies are from.
    pub files: Vec<PolicyFile>,
}

/// What policy says of all that is known of a subject: the least that any of
/// the actions is given.
///
/// # Errors
/// When what is known cannot be put to policy.
pub fn verdict(
    policies: &Policies,
    facts: &Facts,
    wanted: VerdictAsk,
) -> Result<Verdict, PolicyError> {
    let prepared = policies.prepare(facts)?;
    let decisions: Result<Vec<Decision>, PolicyError> = wanted
        .actions
        .iter()
        .map(|action| {
            prepared.explain(&Ask {
                action: action.clone(),
                ..wanted.ask.clone()
            })
        })
        .collect();
    let decisions = decisions?;
    // Of nothing that was asked nothing is allowed.
    let outcome = decisions
        .iter()
        .map(|decision| decision.outcome)
        .max()
        .unwrap_or(Outcome::NotEnoughEvidence);
    let mut conditions: Vec<Condition> = Vec::new();
    if outcome == Outcome::AllowedWithConditions {
        for condition in decisions.iter().flat_map(|decision| &decision.conditions) {
            if !conditions.contains(condition) {
                conditions.push(condition.clone());
            }
        }
    }
    Ok(Verdict {
        schema: VERDICT_SCHEMA.to_owned(),
        assay: wanted.assay,
        sentence: sentence(
            facts,
            outcome,
            &decisions,
            &conditions,
            &wanted.ask.principal,
        ),
        subject: wanted.subject,
        sha256: wanted.sha256,
        outcome,
        conditions,
        decisions,
        at: wanted.ask.now,
        policies: wanted.files,
        facts: facts.clone(),
    })
}

/// The verdict in a sentence.
fn sentence(
    facts: &Facts,
    outcome: Outcome,
    decisions: &[Decision],
    conditions: &[Condition],
    principal: &Principal,
) -> String {
    let tool = format!("{} {}", facts.tool.name, facts.tool.version);
    let whom = match principal {
        Principal::User(name) if name == Principal::ANYONE => String::new(),
        other => format!(" for {other}"),
    };
    let deciding = decisions
        .iter()
        .filter(|decision| decision.outcome == outcome);
    let deciding: Vec<&Decision> = deciding.collect();
    let mut why: Vec<String> = Vec::new();
    for decision in &deciding {
        let deciding = |reason: &&Reason| match outcome {
            Outcome::Denied => reason.forbids && !reason.lacks,
            Outcome::NotEnoughEvidence => reason.forbids,
            _ => true,
        };
        for reason in decision.reasons.iter().filter(deciding) {
            let said = match reason.says.is_empty() {
                true => reason.rule.clone(),
                false => reason.says.clone(),
            };
            if !why.contains(&said) {
                why.push(said);
            }
        }
        if outcome == Outcome::NotEnoughEvidence {
            for undecided in &decision.undecided {
                let known = undecided.wants.iter().filter_map(|path| missing(path));
                let mut said: Vec<String> = known.map(|(what, _)| what.to_owned()).collect();
                if said.is_empty() {
                    said.push(format!(
                        "the rule {} cannot be decided ({})",
                        undecided.rule, undecided.way_out
                    ));
                }
                for said in said {
                    if !why.contains(&said) {
                        why.push(said);
                    }
                }
            }
        }
    }
    let because = match why.is_empty() {
        true => String::new(),
        false => format!(": {}", why.join("; ")),
    };
    match outcome {
        Outcome::Allowed => format!("{tool} is allowed{whom}{because}."),
        Outcome::AllowedWithConditions => {
            let conditions: Vec<String> = conditions.iter().map(ToString::to_string).collect();
            format!(
                "{tool} is allowed{whom} on condition of: {}.",
                conditions.join("; ")
            )
        }
        Outcome::Denied if why.is_empty() => {
            format!("{tool} is denied{whom}: no rule permits it.")
        }
        Outcome::Denied => format!("{tool} is denied{whom}{because}."),
        Outcome::NotEnoughEvidence => {
            format!("There is not enough evidence to decide on {tool}{whom}{because}.")
        }
    }
}
