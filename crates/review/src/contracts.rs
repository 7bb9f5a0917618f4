//! Contracts of the user, and which of their clauses what was measured goes
//! with.

use std::collections::BTreeSet;

use assay_model::{
    Answers, Clause, ClauseOutcome, Contract, DataKind, DocumentedHost, Fact, FactKind, Parts,
    Purl, Purpose, is_date,
};
use toml::Spanned;

use crate::claims::CaseError;
use crate::vendors::Profile;

/// Reads a contract.
///
/// # Errors
/// With the line of the first thing that is wrong.
pub fn read_contract(text: &str) -> Result<Contract, CaseError> {
    let contract: Spanned<Contract> = toml::from_str(text).map_err(|error| {
        let place = error.span().map_or(0, |span| span.start);
        CaseError::at(text, place, error.message())
    })?;
    let contract = contract.into_inner();
    for date in contract.begins.iter().chain(&contract.ends) {
        if !is_date(date) {
            let place = text.find(date.as_str()).unwrap_or(0);
            return Err(CaseError::at(
                text,
                place,
                "a date is written as 2027-01-31",
            ));
        }
    }
    let is_code = |code: &&String| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    if let Some(code) = contract
        .regions
        .iter()
        .flatten()
        .find(|code| !is_code(code))
    {
        let place = text.find(code.as_str()).unwrap_or(0);
        return Err(CaseError::at(
            text,
            place,
            "a country is two letters as DE, or EU",
        ));
    }
    if contract.vendor.is_empty() && contract.packages.is_empty() {
        let what = "a contract names its vendor, or the packages that it is about";
        return Err(CaseError::at(text, 0, what));
    }
    Ok(contract)
}

/// Whether a contract is about a package.
pub(crate) fn is_about(contract: &Contract, purl: &Purl, vendor: Option<&str>) -> bool {
    let name = purl.package();
    let named = contract.packages.iter().any(|known| {
        let known = known.to_lowercase();
        match known.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => known == name,
        }
    });
    named || contract.packages.is_empty() && vendor == Some(contract.vendor.as_str())
}

/// The members of the European Union.
const UNION: &[&str] = &[
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Whether a country is among regions, of which `EU` takes in its members.
fn permits(regions: &[String], code: &str) -> bool {
    let of = |region: &str| region == code || region == "EU" && UNION.contains(&code);
    regions.iter().any(|region| of(region))
}

/// Holds a contract against what was measured, clause by clause.
pub(crate) fn clauses(
    contract: &Contract,
    parts: &Parts,
    answers: &Answers,
    profile: Option<Profile<'_>>,
    now: &str,
) -> Vec<Clause> {
    let mut out = Vec::new();
    let ran = parts.observation.is_some();
    let mut clause = |about: &str, says: String, outcome, reason: String| {
        out.push(Clause {
            about: about.to_owned(),
            says,
            outcome,
            reason,
        });
    };
    if let Some(ends) = &contract.ends {
        let over = ends.as_str() < now.get(..10).unwrap_or(now);
        clause(
            "ends",
            format!("it holds until {ends}"),
            if over {
                ClauseOutcome::Broken
            } else {
                ClauseOutcome::Kept
            },
            format!("decided for {now}"),
        );
    }
    if let Some(regions) = &contract.regions {
        let says = format!("data stay in {}", regions.join(", "));
        let flows = &answers.leaves.flows;
        let outside: Vec<String> = flows
            .iter()
            .filter_map(|flow| {
                let code = flow.country.code.as_ref()?;
                (!permits(regions, code)).then(|| format!("{} in {code}", flow.host))
            })
            .collect();
        let unknown = flows.iter().filter(|flow| flow.country.code.is_none());
        let unknown: Vec<&str> = unknown.map(|flow| flow.host.as_str()).collect();
        if !outside.is_empty() {
            let reason = format!("runs contacted {}", outside.join(", "));
            clause("regions", says, ClauseOutcome::Broken, reason);
        } else if !ran {
            let reason = "nothing was run".to_owned();
            clause("regions", says, ClauseOutcome::Untested, reason);
        } else if !unknown.is_empty() {
            let reason = format!("nobody knows where these are: {}", unknown.join(", "));
            clause("regions", says, ClauseOutcome::Untested, reason);
        } else {
            let reason = format!("all of {} hosts that runs contacted are there", flows.len());
            clause("regions", says, ClauseOutcome::Kept, reason);
        }
    }
    if contract.telemetry == Some(false) {
        let says = "no telemetry is sent".to_owned();
        let sent: Vec<String> = answers
            .leaves
            .flows
            .iter()
            .filter(|flow| {
                flow.provider.is_none()
                    && flow
                        .data
                        .get(&DataKind::Telemetry)
                        .is_some_and(|bytes| *bytes > 0)
            })
            .map(|flow| format!("{} ({} bytes)", flow.host, flow.bytes))
            .collect();
        match (ran, sent.is_empty()) {
            (false, _) => clause(
                "telemetry",
                says,
                ClauseOutcome::Untested,
                "nothing was run".to_owned(),
            ),
            (true, true) => clause(
                "telemetry",
                says,
                ClauseOutcome::Kept,
                "runs sent nothing to hosts that are no models".to_owned(),
            ),
            (true, false) => clause(
                "telemetry",
                says,
                ClauseOutcome::Broken,
                format!("runs sent to {}", sent.join(", ")),
            ),
        }
    }
    if let Some(hosts) = &contract.sub_processors {
        let says = format!("data go to {} and to nobody else", hosts.join(", "));
        let takes_in = |host: &str| {
            hosts.iter().any(|known| {
                let known = DocumentedHost {
                    host: known.clone(),
                    purpose: Purpose::Model,
                    what: String::new(),
                    paths: Vec::new(),
                    source: String::new(),
                    date: String::new(),
                };
                known.takes_in(&crate::regions::plain(host))
            })
        };
        let others: BTreeSet<&str> = answers
            .leaves
            .flows
            .iter()
            // The partner's own model is no sub-processor.
            .filter(|flow| !(flow.provider.is_some() && flow.documented == Some(true)))
            .map(|flow| flow.host.as_str())
            .filter(|host| !takes_in(host))
            .collect();
        let others: Vec<&str> = others.into_iter().collect();
        match (ran, others.is_empty()) {
            (false, _) => clause(
                "sub-processors",
                says,
                ClauseOutcome::Untested,
                "nothing was run".to_owned(),
            ),
            (true, true) => clause(
                "sub-processors",
                says,
                ClauseOutcome::Kept,
                "runs contacted no other host".to_owned(),
            ),
            (true, false) => clause(
                "sub-processors",
                says,
                ClauseOutcome::Broken,
                format!("runs contacted {}", others.join(", ")),
            ),
        }
    }
    // What happens on a server nobody sees from here: what is stated counts
    // for nothing but to be named beside it.
    let stated = |kind: FactKind| -> String {
        let facts = profile.iter().flat_map(Profile::facts);
        let facts = facts.filter(|fact: &&Fact| fact.about == kind);
        let says: Vec<&str> = facts.map(|fact| fact.says.as_str()).take(2).collect();
        match says.is_empty() {
            true => "what a server does cannot be seen from here".to_owned(),
            false => format!(
                "what a server does cannot be seen from here; the vendor states: {}",
                says.join(" ")
            ),
        }
    };
    if let Some(days) = contract.retention_days {
        let says = format!("data are kept for at most {days} days");
        let reason = stated(FactKind::Retention);
        clause("retention", says, ClauseOutcome::Untested, reason);
    }
    if let Some(training) = contract.training {
        let not = if training { "may" } else { "do not" };
        let reason = stated(FactKind::Training);
        clause(
            "training",
            format!("data {not} train models"),
            ClauseOutcome::Untested,
            reason,
        );
    }
    if let Some(audit) = contract.audit {
        let not = if audit { "may" } else { "may not" };
        let reason = "a right is nothing that can be measured".to_owned();
        clause(
            "audit",
            format!("the customer {not} audit"),
            ClauseOutcome::Untested,
            reason,
        );
    }
    out
}
