use std::collections::BTreeSet;

use super::{ALL, Behaviour, Example, Pass, behaviour, behaviours, is_for_documents};

/// The name that a behaviour's file must have.
fn file_name(id: &str) -> String {
    format!("{}.rs", id.replace(['.', '-'], "_"))
}

fn report(failures: &[String]) {
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn every_file_is_listed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/behaviours");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "mod.rs" && name != "tests.rs")
        .collect();
    let listed: BTreeSet<String> = ALL.iter().map(|one| file_name(one.id)).collect();
    assert_eq!(files, listed);
    assert_eq!(files.len(), ALL.len());
}

#[test]
fn every_behaviour_is_complete() {
    let mut failures = Vec::new();
    let mut seen = BTreeSet::new();
    for one in ALL {
        let id = one.id;
        let mut check = |holds: bool, wrong: &str| {
            if !holds {
                failures.push(format!("{id}: {wrong}"));
            }
        };
        let word = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.ends_with(|c: char| c.is_ascii_lowercase())
                && text.chars().all(|c| c.is_ascii_lowercase() || c == '-')
        };
        check(seen.insert(id), "the name is taken");
        check(
            id.split_once('.')
                .is_some_and(|(domain, what)| word(domain) && word(what)),
            "the name is not of the form domain.what",
        );
        for (field, text) in [
            ("title", one.title),
            ("what", one.what),
            ("why", one.why),
            ("not", one.not),
            ("example", one.example),
        ] {
            check(!text.trim().is_empty(), &format!("'{field}' is empty"));
            check(
                text.trim() == text,
                &format!("'{field}' has blanks around it"),
            );
        }
        for (field, text) in [("what", one.what), ("why", one.why), ("not", one.not)] {
            check(text.ends_with('.'), &format!("'{field}' is no sentence"));
        }
        check(
            one.reference.is_empty() || one.reference.starts_with("https://"),
            "the reference is no address",
        );
        check(one.positive.len() >= 3, "fewer than 3 positive examples");
        check(one.negative.len() >= 2, "fewer than 2 negative examples");
    }
    report(&failures);
}

#[test]
fn patterns_are_well_formed() {
    let mut failures = Vec::new();
    for one in ALL {
        let lists = [one.calls, one.variables, one.texts, one.hosts];
        for pattern in lists.into_iter().flatten() {
            if pattern.trim_matches('*').is_empty() && *pattern != "*" {
                failures.push(format!("{}: '{pattern}' says nothing", one.id));
            }
        }
        for (index, list) in lists.into_iter().enumerate() {
            let unique: BTreeSet<_> = list.iter().collect();
            if unique.len() != list.len() {
                failures.push(format!("{}: list {index} names a pattern twice", one.id));
            }
        }
        for call in one.calls {
            if call.contains("node:") || call.contains(' ') && !call.starts_with("new ") {
                failures.push(format!("{}: '{call}' is no canonical name", one.id));
            }
        }
        for host in one.hosts {
            let plain = host.strip_prefix("*.").unwrap_or(host);
            if plain.contains(['*', '/', ':']) || !plain.contains('.') {
                failures.push(format!("{}: '{host}' is no host", one.id));
            }
        }
    }
    report(&failures);
}

#[test]
fn names_lead_to_behaviours() {
    let sorted = behaviours();
    assert!(sorted.windows(2).all(|pair| pair[0].id < pair[1].id));
    for one in ALL {
        assert_eq!(behaviour(one.id).map(|found| found.id), Some(one.id));
    }
    assert!(behaviour("no.such").is_none());
}

/// What an example shows under rules.
#[cfg(feature = "yara")]
fn with_rules(rules: &str, example: &Example) -> Vec<assay_model::Finding> {
    let rules = crate::Rules::compile(&[("rules.yar".to_owned(), rules.to_owned())]).unwrap();
    crate::analysis::source_with(example.name, example.text, Some(&rules))
}

#[cfg(not(feature = "yara"))]
fn with_rules(_: &str, _: &Example) -> Vec<assay_model::Finding> {
    Vec::new()
}

/// What is wrong with an example; none when it does as it says.
fn wrong(one: &Behaviour, example: &Example, expected: bool) -> Option<String> {
    let findings = if one.pass == Pass::Rules {
        with_rules(one.example, example)
    } else {
        crate::analyze_source(example.name, example.text)
    };
    let found = findings.iter().any(|finding| match one.pass {
        Pass::Profile => is_for_documents(finding),
        _ => finding.behaviour == one.id,
    });
    if found == expected {
        return None;
    }
    let mut others: Vec<_> = findings
        .iter()
        .map(|finding| format!("{} ({})", finding.behaviour, finding.key))
        .collect();
    others.sort();
    others.dedup();
    Some(format!(
        "{}: {} in {}, which gives [{}]:\n    {}",
        one.id,
        if expected { "not found" } else { "found" },
        example.name,
        others.join(", "),
        example.text.trim_end().replace('\n', "\n    "),
    ))
}

#[test]
fn examples_do_as_they_say() {
    let mut failures = Vec::new();
    let here = |one: &&&Behaviour| cfg!(feature = "yara") || one.pass != Pass::Rules;
    for one in ALL.iter().filter(here) {
        failures.extend(one.positive.iter().filter_map(|e| wrong(one, e, true)));
        failures.extend(one.negative.iter().filter_map(|e| wrong(one, e, false)));
    }
    report(&failures);
}
