use super::{Kind, Told};
use crate::claims::case::Said;
use crate::claims::{Checker, ClaimsError};

pub(super) const WHYS: &[&str] = &["motive", "contract", "server", "event", "law"];

pub(super) const KIND: Kind = Kind {
    name: "untestable",
    what: "what no look at the tool can decide: motives, contracts, servers, events, law",
    takes: &["why", "needs"],
    needs: &["why"],
    about_code: false,
    over_versions: false,
    example: r#"[[claim]]
id = "purpose"
says = "It was an experiment against resale of accounts."
who = "the vendor"
[claim.test]
kind = "untestable"
why = "motive"
"#,
    words,
    check,
};

fn words(said: &Said) -> String {
    let why = said.test.get_ref().why.as_ref();
    let why = why.map_or("", |why| why.get_ref().as_str());
    format!("nothing in the tool decides it: {why}")
}

fn check(_: &Checker<'_>, said: &Said) -> Result<Told, ClaimsError> {
    let test = said.test.get_ref();
    let (reason, usual) = match test.why.as_ref().map(|why| why.get_ref().as_str()) {
        Some("motive") => (
            "it is about why somebody did something, which no code shows",
            "a statement of those who decided it, with records of the time",
        ),
        Some("contract") => (
            "it is about what was agreed",
            "the contract and its annexes, in the version that was in force",
        ),
        Some("server") => (
            "it is about what servers do with what they are sent, which no client shows",
            "an audit of the servers, or their logs and source code",
        ),
        Some("event") => (
            "it is about what people or companies did",
            "the document itself, dated and from who issued it",
        ),
        _ => ("it is about law", "a lawyer's or a court's answer"),
    };
    let needs = test.needs.as_deref().unwrap_or(usual);
    Ok(Told::untestable(format!(
        "{reason}; to test it takes {needs}"
    )))
}
