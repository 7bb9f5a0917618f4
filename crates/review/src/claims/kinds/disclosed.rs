use assay_artifact::Source;
use assay_model::ClaimEvidence;

use super::{Kind, Told};
use crate::claims::case::Said;
use crate::claims::{Checker, ClaimsError};

pub(super) const KIND: Kind = Kind {
    name: "disclosed",
    what: "that the release notes tell of something, by words that would name it",
    takes: &["words", "notes", "is"],
    needs: &["words"],
    about_code: true,
    over_versions: false,
    example: r#"[[claim]]
id = "not-told"
says = "The release notes say nothing of time zones."
who = "somebody"
subject = "npm:small-tool"
version = "1.4.0"
[claim.test]
kind = "disclosed"
words = ["time zone", "timezone"]
notes = "CHANGELOG.md"   # beside this file, or an address; without it, the one in the package
is = false
"#,
    words,
    check,
};

fn words(said: &Said) -> String {
    let test = said.test.get_ref();
    let words = test.words.as_deref().unwrap_or_default().join(", ");
    match test.is {
        Some(false) => format!("the release notes name none of {words}"),
        _ => format!("the release notes name one of {words}"),
    }
}

fn check(checker: &Checker<'_>, said: &Said) -> Result<Told, ClaimsError> {
    let test = said.test.get_ref();
    let version = said.one_version().unwrap_or_default();
    let notes = match checker.notes(said, version, test.notes.as_deref())? {
        Ok(notes) => notes,
        Err(reason) => return Ok(Told::untestable(reason)),
    };
    let words: Vec<String> = test
        .words
        .iter()
        .flatten()
        .map(|word| word.to_lowercase())
        .collect();
    // Those of the versions that it is about, where they are told apart.
    let kind = match said.package() {
        Some(Source::Pypi { .. }) => "pypi",
        _ => "npm",
    };
    let (mut lines, mut sections) = notes.between(kind, None, Some(version));
    if let (Some(from), Some(to)) = (&said.from, &said.to) {
        let (more, others) = notes.between(kind, Some(from), Some(to));
        lines.extend(more);
        sections.extend(others);
    }
    let name = notes.source();
    if sections.is_empty() && !notes.is_undivided() {
        return Ok(Told::untestable(format!(
            "{name} has no section for {version}"
        )));
    }
    let about = match notes.is_undivided() {
        true => format!("the {} lines of {name}", lines.len()),
        false => format!(
            "the {} lines of {name} on {}",
            lines.len(),
            sections.join(", ")
        ),
    };
    let evidence: Vec<ClaimEvidence> = lines
        .iter()
        .filter(|line| {
            let line = line.text.to_lowercase();
            words.iter().any(|word| line.contains(word.as_str()))
        })
        .map(|line| ClaimEvidence {
            source: name.to_owned(),
            finding: None,
            says: format!("line {}: {}", line.number, line.text),
        })
        .take(8)
        .collect();
    let found = !evidence.is_empty();
    let reason = match found {
        true => format!("these words stand in {about}"),
        false => format!("none of these words stands in {about}"),
    };
    Ok(Told::so(found == test.is.unwrap_or(true), evidence, reason))
}
