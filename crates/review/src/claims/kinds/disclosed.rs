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
notes = "CHANGELOG.md"   # beside this file; without it, the one in the package
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
    let (name, text) = match checker.notes(said, version, test.notes.as_deref())? {
        Ok(notes) => notes,
        Err(reason) => return Ok(Told::untestable(reason)),
    };
    let words: Vec<String> = test
        .words
        .iter()
        .flatten()
        .map(|word| word.to_lowercase())
        .collect();
    let evidence: Vec<ClaimEvidence> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| {
            let line = line.to_lowercase();
            words.iter().any(|word| line.contains(word.as_str()))
        })
        .map(|(at, line)| ClaimEvidence {
            source: name.clone(),
            finding: None,
            says: format!("line {}: {}", at.saturating_add(1), line.trim()),
        })
        .take(8)
        .collect();
    let found = !evidence.is_empty();
    let reason = match found {
        true => format!("{name} has lines with these words"),
        false => format!(
            "none of the {} lines of {name} has any of these words",
            text.lines().count()
        ),
    };
    Ok(Told::so(found == test.is.unwrap_or(true), evidence, reason))
}
