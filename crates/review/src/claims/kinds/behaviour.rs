use assay_model::{ClaimEvidence, History, Presence};

use super::{Kind, Told};
use crate::claims::case::Said;
use crate::claims::{Checker, ClaimsError, place};

pub(super) const KIND: Kind = Kind {
    name: "behaviour",
    what: "that the code does something, in one version or from one to another",
    takes: &["behaviour", "is"],
    needs: &["behaviour"],
    about_code: true,
    over_versions: true,
    example: r#"[[claim]]
id = "since-1.4.0"
says = "From 1.4.0 to 1.6.2 it tells the server of the time zone in a concealed way."
who = "somebody"
source = "where that was published"
when = "2026-07-02"
subject = "npm:small-tool"
from = "1.4.0"
to = "1.6.2"
within = ["1.0.0", "2.0.0"]
[claim.test]
kind = "behaviour"
behaviour = "covert.channel"
"#,
    words,
    check,
};

fn words(said: &Said) -> String {
    let test = said.test.get_ref();
    let name = test
        .behaviour
        .as_ref()
        .map_or("", |name| name.get_ref().as_str());
    match test.is {
        Some(false) => format!("there is no finding of {name}"),
        _ => format!("there is a finding of {name}"),
    }
}

fn check(checker: &Checker<'_>, said: &Said) -> Result<Told, ClaimsError> {
    let test = said.test.get_ref();
    let name = test
        .behaviour
        .as_ref()
        .map_or("", |name| name.get_ref().as_str());
    let is = test.is.unwrap_or(true);
    if let Some(version) = &said.version {
        let dossier = match checker.dossier(said, version)? {
            Ok(dossier) => dossier,
            Err(reason) => return Ok(Told::untestable(reason)),
        };
        let evidence: Vec<ClaimEvidence> = dossier
            .findings
            .iter()
            .filter(|finding| finding.behaviour == name)
            .map(|finding| ClaimEvidence {
                source: dossier.source.clone(),
                finding: Some(finding.id.clone()),
                says: format!("{}, {}", finding.title, place(finding)),
            })
            .collect();
        let found = !evidence.is_empty();
        let reason = match found {
            true => format!("{name} is found in {version}"),
            false => format!(
                "{name} is not found in {version}, of which {} places are not understood",
                dossier
                    .coverage
                    .entries
                    .iter()
                    .filter(|entry| entry.gap.is_some())
                    .count()
            ),
        };
        return Ok(Told::so(found == is, evidence, reason));
    }
    let history = match checker.history(said, name)? {
        Ok(history) => history,
        Err(reason) => return Ok(Told::untestable(reason)),
    };
    let Some(presence) = history.behaviours.first() else {
        return Ok(Told::untestable("no release could be read"));
    };
    let mut told = over_versions(said, &history, presence, is);
    if let (Some(first), true) = (&presence.first, is)
        && let Ok(dossier) = checker.dossier(said, first)?
    {
        let findings = dossier.findings.iter();
        told.evidence.extend(
            findings
                .filter(|finding| finding.behaviour == name)
                .map(|finding| ClaimEvidence {
                    source: dossier.source.clone(),
                    finding: Some(finding.id.clone()),
                    says: format!("{}, {}", finding.title, place(finding)),
                }),
        );
    }
    Ok(told)
}

/// Whether it was there from the version that is claimed to the one that is.
fn over_versions(said: &Said, history: &History, presence: &Presence, is: bool) -> Told {
    let place = |version: &str| {
        let releases = &history.releases;
        releases
            .iter()
            .position(|release| release.version == version)
    };
    let looked = match (history.releases.first(), history.releases.last()) {
        (Some(first), Some(last)) => format!("from {} to {}", first.version, last.version),
        _ => String::new(),
    };
    let evidence = |says: String| {
        vec![ClaimEvidence {
            source: history.source.clone(),
            finding: None,
            says,
        }]
    };
    let (Some(first), Some(last)) = (&presence.first, &presence.last) else {
        let says = format!(
            "in none of {} releases that were read {looked}",
            presence.absent.len()
        );
        return Told::so(!is, evidence(says.clone()), says);
    };
    let mut says = format!("found from {first} to {last}");
    if let Some(before) = &presence.not_in_before {
        says.push_str(&format!(", not in {before} before"));
    }
    if let Some(after) = &presence.not_in_after {
        says.push_str(&format!(", not in {after} after"));
    }
    says.push_str(&format!("; looked at {looked}"));
    if !presence.gaps.is_empty() {
        says.push_str(&format!("; not known of {}", presence.gaps.join(", ")));
    }
    // What is claimed, as places among the releases.
    let from = said.from.as_deref().and_then(place).unwrap_or(0);
    let to = said.to.as_deref().and_then(place);
    let to = to.unwrap_or(history.releases.len());
    if from > to {
        return Told::untestable("'from' is a later version than 'to'");
    }
    let (at_first, at_last) = (place(first).unwrap_or(0), place(last).unwrap_or(0));
    let inside = presence.present.iter().filter_map(|version| place(version));
    let inside = inside.filter(|at| from <= *at && *at <= to).count();
    if !is {
        return Told::so(inside == 0, evidence(says.clone()), says);
    }
    let mut told = Told::so(inside > 0, evidence(says.clone()), says);
    if inside == 0 {
        return told;
    }
    let mut correct = |what: String| told.corrections.push(what);
    if let Some(claimed) = &said.from {
        if at_first > from {
            correct(format!("the first version is {first}, not {claimed}"));
        } else if at_first < from {
            correct(format!("it was there before {claimed}, from {first} on"));
        }
    }
    if let Some(claimed) = &said.to {
        if at_last > to && presence.not_in_after.is_none() && presence.gaps.is_empty() {
            correct(format!(
                "it is still there after {claimed}: in {last}, the last that was looked at"
            ));
        } else if at_last > to {
            correct(format!("the last version is {last}, not {claimed}"));
        } else if at_last < to && place(claimed).is_some() {
            correct(format!(
                "it was gone before {claimed}: the last version is {last}"
            ));
        }
    }
    let meanwhile: Vec<&str> = presence
        .absent
        .iter()
        .filter(|version| {
            place(version).is_some_and(|at| at > at_first.max(from) && at < at_last.min(to))
        })
        .map(String::as_str)
        .collect();
    if !meanwhile.is_empty() {
        correct(format!("it is not in {}", meanwhile.join(", ")));
    }
    told
}
