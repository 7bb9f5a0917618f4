//! What is put into a bundle does what it is made of, and only that.

use std::collections::{BTreeMap, BTreeSet};

use super::super::cases::{Case, Check, Kind};
use super::super::contain::Container;
use super::super::part::Style;
use super::super::selfcheck;
use super::host::Host;
use super::plan::{Implant, Stock, implants};
use super::rewrite::{Way, marks};

const FIXTURE: &str = include_str!("fixture.js");

fn host() -> Host {
    Host::read(FIXTURE.to_owned()).unwrap()
}

fn drawn() -> (Host, Vec<Implant>) {
    let host = host();
    let stock = Stock::load().unwrap();
    let mut all = implants(&stock, "fixture", &host).unwrap();
    all.extend(implants(&stock, "other", &host).unwrap());
    (host, all)
}

/// What leaves the text of an implant under settings of the host.
fn outputs(implant: &Implant, text: &str, settings: &[String]) -> Vec<String> {
    let base = tempfile::tempdir().unwrap();
    let harness = include_str!("../harness.cjs");
    std::fs::write(base.path().join("harness.cjs"), harness).unwrap();
    let folder = base.path().join("case");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("index.mjs"), text).unwrap();
    let case = Case {
        id: implant.id.clone(),
        kind: Kind::Covert,
        axes: Vec::new(),
        files: Vec::new(),
        check_files: vec![("index.mjs".to_owned(), String::new())],
        style: Style::Esm,
        container: Container::File,
        expected: BTreeMap::new(),
        decoded: Vec::new(),
        on: Vec::new(),
        off: Vec::new(),
        check: Check::Same,
    };
    selfcheck::outputs(&case, base.path(), &folder, settings).unwrap()
}

#[test]
fn the_fact_decides_what_leaves() {
    let (host, all) = drawn();
    for implant in all {
        let about = || format!("{}: {:?}", implant.id, implant.axes);
        let text = implant.text(&host).unwrap();
        let on = outputs(&implant, &text, &implant.on);
        let off = outputs(&implant, &text, &implant.off);
        assert_ne!(on, off, "{}", about());
        let gives = implant.channel.gives.as_str();
        if gives == "mark" {
            // Where the fact does not hold, nothing is other than before.
            let before = outputs(&implant, FIXTURE, &implant.off);
            assert_eq!(off, before, "{}", about());
        }
        if matches!(gives, "mark" | "sentence" | "token") {
            let flat = |texts: &[String]| texts.concat().replace(&implant.yes, &implant.no);
            assert_eq!(flat(&on), flat(&off), "{}", about());
        }
    }
}

#[test]
fn statements_stand_apart_and_in_their_order() {
    let (host, all) = drawn();
    for implant in all {
        let text = implant.text(&host).unwrap();
        let (own, added): (BTreeSet<&str>, Vec<&str>) = (
            FIXTURE.lines().collect(),
            implant.channel.module.lines().collect(),
        );
        // The statements of the agent are all there, in their order.
        let kept: Vec<&str> = text.lines().filter(|line| own.contains(line)).collect();
        let changed = FIXTURE.lines().count().saturating_sub(kept.len());
        assert!(changed < 8, "{}: {changed} lines", implant.id);
        let begins: Vec<usize> = added
            .iter()
            .filter_map(|line| declared(&text, line))
            .collect();
        assert!(begins.len() > 1, "{}", implant.channel.module);
        for pair in begins.windows(2) {
            let between = text.get(pair[0]..pair[1]).unwrap_or_default();
            let agents = between.lines().any(|line| own.contains(line));
            assert!(agents, "{}: {begins:?}", implant.id);
        }
    }
}

/// Where a declaration of the channel's stands, under its new name.
fn declared(text: &str, line: &str) -> Option<usize> {
    let keyword = line.starts_with("function ") || line.starts_with("const ");
    let end = line.match_indices([' ', '(']).nth(1).map(|(at, _)| at);
    let end = match line.starts_with("function ") {
        true => line.find('(')?,
        false => end?,
    };
    let begin = line
        .get(..end)
        .filter(|begin| keyword && begin.is_ascii())?;
    text.match_indices(begin).map(|(at, _)| at).find(|at| {
        let suffix = text.get(at + begin.len()..at + begin.len() + 5);
        suffix.is_some_and(|suffix| {
            suffix.bytes().take(4).all(|byte| byte.is_ascii_uppercase())
                && suffix.ends_with([' ', '('])
        })
    })
}

#[test]
fn every_way_and_place_is_met() {
    let (_, all) = drawn();
    for way in [Way::Call, Way::Parameter, Way::Field] {
        assert!(all.iter().any(|implant| implant.way == way), "{way:?}");
    }
    for place in ["prompt", "prompt-name", "headers", "body"] {
        let met = |implant: &Implant| implant.axes.iter().any(|(_, name)| name == place);
        assert!(all.iter().any(met), "{place}");
    }
}

#[test]
fn the_same_is_drawn_each_time() {
    let texts = || -> Vec<String> {
        let (host, all) = drawn();
        all.iter()
            .map(|implant| implant.text(&host).unwrap())
            .collect()
    };
    assert_eq!(texts(), texts());
}

#[test]
fn modules_of_others_are_left_alone() {
    let mut text = String::new();
    for at in 0..12 {
        for folder in ["node_modules/lib", "src"] {
            text.push_str(&format!(
                "// {folder}/file{at}.js\nfunction f{at}{}() {{\n  return \"You are one of many, and your task is to say what the user has to be told about this; do not say that it is one of many, and be short.\";\n}}\n",
                folder.len()
            ));
        }
    }
    let host = Host::read(text).unwrap();
    assert_eq!(host.places.len(), 12);
    let foreign = |at: usize| {
        let before = host.text.get(..at).unwrap();
        let comment = before.lines().rfind(|line| line.starts_with("// "));
        comment.is_some_and(|line| line.contains("node_modules"))
    };
    assert!(host.places.iter().all(|place| !foreign(place.range.start)));
    assert!(!host.slots.is_empty());
    // A statement is put before another, and so behind the comment of that.
    assert!(host.slots.iter().all(|at| !foreign(*at)));
}

#[test]
fn one_function_around_all_is_entered() {
    let body = FIXTURE
        .replace(
            "import path from \"node:path\";",
            "const path = require(\"path\");",
        )
        .replace("export async function", "async function");
    let host = Host::read(format!("(function(exports, require, module) {{{body}}})")).unwrap();
    assert!(!host.module);
    assert!(host.slots.len() > 10, "{}", host.slots.len());
    assert_eq!(host.places.len(), self::host().places.len());
}

#[test]
fn marks_stand_between_letters() {
    let text = r"it's a\nice 'word' isn't";
    let found = |mark| marks(text, std::slice::from_ref(&(0..text.len())), mark);
    assert_eq!(found("'"), [2, 22]);
    assert_eq!(found(" "), [4]);
}
