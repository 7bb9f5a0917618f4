use assay_model::{ClaimEvidence, Effect, Grade};

use super::{Kind, Told};
use crate::claims::case::Said;
use crate::claims::{Checker, ClaimsError};

pub(super) const KIND: Kind = Kind {
    name: "factor",
    what: "that something about the host changes what is sent, in a run in the sandbox",
    takes: &["factors", "grade", "after", "is"],
    needs: &["factors"],
    about_code: true,
    over_versions: false,
    example: r#"[[claim]]
id = "apostrophe"
says = "Behind a certain host it writes another apostrophe."
who = "somebody"
subject = "npm:small-tool"
version = "1.4.0"
[claim.test]
kind = "factor"
grade = "concealed"
after = "\u2019"
factors = { base-url = "https://relay.example.net" }
"#,
    words,
    check,
};

fn words(said: &Said) -> String {
    let test = said.test.get_ref();
    let factors: Vec<String> = test
        .factors
        .iter()
        .flatten()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let grade = test
        .grade
        .as_ref()
        .map_or("visible or concealed", |grade| grade.get_ref().as_str());
    let not = if test.is == Some(false) { "no" } else { "a" };
    let after = test.after.as_ref();
    let after = after.map_or_else(String::new, |after| format!(" that writes {after:?}"));
    format!(
        "{} has {not} {grade} effect in runs{after}",
        factors.join(" and ")
    )
}

fn check(checker: &Checker<'_>, said: &Said) -> Result<Told, ClaimsError> {
    let test = said.test.get_ref();
    let version = said.one_version().unwrap_or_default();
    let factors = test.factors.clone().unwrap_or_default();
    let (source, seen) = match checker.effects(said, version, &factors)? {
        Ok(effects) => effects,
        Err(reason) => return Ok(Told::untestable(reason)),
    };
    let grade = test
        .grade
        .as_ref()
        .map(|grade| match grade.get_ref().as_str() {
            "concealed" => Grade::Concealed,
            "visible" => Grade::Visible,
            _ => Grade::Expected,
        });
    let fits = |effect: &&Effect| {
        effect.factors.keys().all(|name| factors.contains_key(name))
            && grade.is_none_or(|grade| effect.grade == grade)
            && test
                .after
                .as_ref()
                .is_none_or(|after| effect.after.contains(after.as_str()))
    };
    let evidence: Vec<ClaimEvidence> = seen
        .effects
        .iter()
        .filter(fits)
        .map(|effect| ClaimEvidence {
            source: source.clone(),
            finding: Some(effect.id.clone()),
            says: format!(
                "{}: {:?} becomes {:?} in {} of {} runs, {} of {} without",
                effect.field,
                effect.before,
                effect.after,
                effect.seen,
                effect.runs,
                effect.plain_seen,
                effect.plain_runs
            ),
        })
        .take(8)
        .collect();
    let found = !evidence.is_empty();
    if !found && seen.unsettled > 0 {
        return Ok(Told::untestable(format!(
            "no effect is such, but {} differences are left open for want of runs",
            seen.unsettled
        )));
    }
    let reason = match found {
        true => "runs show it".to_owned(),
        false => format!("none of {} effects in runs is such", seen.effects.len()),
    };
    Ok(Told::so(found == test.is.unwrap_or(true), evidence, reason))
}
