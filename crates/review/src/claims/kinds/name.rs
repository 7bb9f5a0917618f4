use assay_model::{ClaimEvidence, NameKind};

use super::{Kind, Told};
use crate::claims::case::Said;
use crate::claims::{Checker, ClaimsError, place};
use crate::diff::kind_of;

pub(super) const KIND: Kind = Kind {
    name: "name",
    what: "that the code names a host, a variable, a file, a process or a flag",
    takes: &["what", "name", "is"],
    needs: &["what", "name"],
    about_code: true,
    over_versions: false,
    example: r#"[[claim]]
id = "host"
says = "It turns to telemetry.example.net."
who = "somebody"
subject = "npm:small-tool"
version = "1.4.0"
[claim.test]
kind = "name"
what = "host"
name = "telemetry.example.net"
"#,
    words,
    check,
};

fn words(said: &Said) -> String {
    let test = said.test.get_ref();
    let what = test
        .what
        .as_ref()
        .map_or("", |what| what.get_ref().as_str());
    let name = test.name.as_deref().unwrap_or_default();
    let not = if test.is == Some(false) {
        "no "
    } else {
        "the "
    };
    format!("the code names {not}{what} {name}")
}

fn check(checker: &Checker<'_>, said: &Said) -> Result<Told, ClaimsError> {
    let test = said.test.get_ref();
    let version = said.one_version().unwrap_or_default();
    let dossier = match checker.dossier(said, version)? {
        Ok(dossier) => dossier,
        Err(reason) => return Ok(Told::untestable(reason)),
    };
    let wanted = match test.what.as_ref().map(|what| what.get_ref().as_str()) {
        Some("host") => NameKind::Host,
        Some("variable") => NameKind::Variable,
        Some("file") => NameKind::File,
        Some("process") => NameKind::Process,
        _ => NameKind::Flag,
    };
    let name = test.name.as_deref().unwrap_or_default();
    // A host also by what lies under it; a path and a command by a part.
    let is_name = |key: &str| match wanted {
        NameKind::Host => key == name || key.ends_with(&format!(".{name}")),
        NameKind::File | NameKind::Process => key.contains(name),
        _ => key == name,
    };
    let evidence: Vec<ClaimEvidence> = dossier
        .findings
        .iter()
        .filter(|finding| kind_of(finding) == Some(wanted) && is_name(&finding.key))
        .map(|finding| ClaimEvidence {
            source: dossier.source.clone(),
            finding: Some(finding.id.clone()),
            says: format!("{}, {}", finding.title, place(finding)),
        })
        .take(8)
        .collect();
    let is = test.is.unwrap_or(true);
    if !evidence.is_empty() {
        let reason = format!("{name} is named in {version}");
        return Ok(Told::so(is, evidence, reason));
    }
    // What was not understood may name it in a way that was not seen.
    Ok(match checker.stands(said, version, name)? {
        Ok(Some(node)) => Told::untestable(format!(
            "{name} stands in {node} of {version}, but what it is there was not understood"
        )),
        Ok(None) => Told::so(
            !is,
            Vec::new(),
            format!("{name} stands nowhere in {version}, as far as that can be read"),
        ),
        Err(reason) => Told::untestable(reason),
    })
}
