use std::collections::BTreeSet;

use assay_model::ClaimEvidence;

use super::{Kind, Told};
use crate::claims::case::Said;
use crate::claims::{Checker, ClaimsError, place};

pub(super) const KIND: Kind = Kind {
    name: "concealed",
    what: "that values are concealed in the code: which, how many, and how",
    takes: &["values", "entries", "decoding"],
    needs: &[],
    about_code: true,
    over_versions: false,
    example: r#"[[claim]]
id = "list"
says = "It holds a concealed list of 40 hosts, among them a certain one."
who = "somebody"
subject = "npm:small-tool"
version = "1.4.0"
[claim.test]
kind = "concealed"
values = ["relay.example.net"]
entries = 40
decoding = "xor 0x5b"
"#,
    words,
    check,
};

fn words(said: &Said) -> String {
    let test = said.test.get_ref();
    let mut parts = Vec::new();
    if let Some(values) = &test.values {
        parts.push(format!("{} are concealed in it", values.join(", ")));
    }
    if let Some(entries) = test.entries {
        parts.push(format!("a concealed list has {entries} entries"));
    }
    if let Some(decoding) = &test.decoding {
        parts.push(format!("what conceals them is {decoding}"));
    }
    if parts.is_empty() {
        parts.push("values are concealed in it".to_owned());
    }
    parts.join("; ")
}

fn check(checker: &Checker<'_>, said: &Said) -> Result<Told, ClaimsError> {
    let test = said.test.get_ref();
    let version = said.one_version().unwrap_or_default();
    let dossier = match checker.dossier(said, version)? {
        Ok(dossier) => dossier,
        Err(reason) => return Ok(Told::untestable(reason)),
    };
    let mut evidence = Vec::new();
    let mut all: BTreeSet<&str> = BTreeSet::new();
    let mut sizes: BTreeSet<usize> = BTreeSet::new();
    let mut how: BTreeSet<&str> = BTreeSet::new();
    let wanted = test.values.as_deref().unwrap_or_default();
    for finding in &dossier.findings {
        if !finding.behaviour.starts_with("conceal.") {
            continue;
        }
        let lists = finding
            .evidence
            .iter()
            .filter(|one| !one.decoded.is_empty());
        for list in lists {
            let entries: BTreeSet<&str> = list.decoded.iter().map(String::as_str).collect();
            sizes.insert(entries.len());
            how.extend(list.decoding.iter().map(String::as_str));
            let has = wanted.is_empty() || wanted.iter().any(|one| entries.contains(one.as_str()));
            let fits = test
                .entries
                .is_none_or(|count| entries.len() as u64 == count);
            if has && (fits || !wanted.is_empty()) {
                evidence.push(ClaimEvidence {
                    source: dossier.source.clone(),
                    finding: Some(finding.id.clone()),
                    says: format!(
                        "{}, {}, by {}",
                        finding.title,
                        place(finding),
                        list.decoding.join(", ")
                    ),
                });
            }
            all.extend(entries);
        }
    }
    evidence.dedup();
    evidence.truncate(8);
    if all.is_empty() {
        let reason = format!("no concealed value is found in {version}");
        return Ok(Told::so(false, evidence, reason));
    }
    let (there, missing): (Vec<&str>, Vec<&str>) = wanted
        .iter()
        .map(String::as_str)
        .partition(|value| all.contains(value));
    let counted = test
        .entries
        .is_none_or(|count| sizes.contains(&usize::try_from(count).unwrap_or(usize::MAX)));
    let decoded = test
        .decoding
        .as_ref()
        .is_none_or(|word| how.iter().any(|one| one.contains(word.as_str())));
    let none_right = (wanted.is_empty() || there.is_empty())
        && (test.entries.is_none() || !counted)
        && (test.decoding.is_none() || !decoded)
        && (!wanted.is_empty() || test.entries.is_some() || test.decoding.is_some());
    let mut told = Told::so(
        !none_right && (wanted.is_empty() || !there.is_empty()),
        evidence,
        format!("{} values are found concealed in {version}", all.len()),
    );
    if !missing.is_empty() {
        told.corrections
            .push(format!("{} is not among them", missing.join(", ")));
    }
    if let (Some(count), false) = (test.entries, counted) {
        let sizes: Vec<String> = sizes.iter().map(ToString::to_string).collect();
        told.corrections.push(format!(
            "there is no list of {count} entries; there are lists of {}",
            sizes.join(", ")
        ));
    }
    if let (Some(word), false) = (&test.decoding, decoded) {
        let how: Vec<&str> = how.into_iter().collect();
        told.corrections.push(format!(
            "what conceals them is {}, not {word}",
            how.join(", ")
        ));
    }
    Ok(told)
}
