//! The set is the same each time, covers its mechanisms, and its parts are
//! apart.

use std::collections::{BTreeMap, BTreeSet};

use super::cases::{self, Kind};
use super::design;
use super::part::{Axis, IN_LINE, Part};

const APART: [Axis; 6] = [
    Axis::Source,
    Axis::Condition,
    Axis::Encoding,
    Axis::Choice,
    Axis::Sink,
    Axis::Shape,
];

#[test]
fn the_set_is_deterministic() {
    for name in ["dev", "report"] {
        let part = Part::load(name).unwrap();
        let texts = || -> Vec<_> {
            let all = cases::all(&part).unwrap().into_iter();
            all.map(|case| (case.id, case.files)).collect()
        };
        assert_eq!(texts(), texts());
    }
}

#[test]
fn every_mechanism_is_in_three_cases() {
    for name in ["dev", "report"] {
        let part = Part::load(name).unwrap();
        let mut counts: BTreeMap<(Axis, String), usize> = BTreeMap::new();
        for case in cases::all(&part).unwrap() {
            if case.kind == Kind::Covert {
                for mechanism in case.axes {
                    *counts.entry(mechanism).or_default() += 1;
                }
            }
        }
        for axis in APART.into_iter().chain([Axis::Style, Axis::Container]) {
            for at in 0..part.count(axis) {
                let label = part.label(axis, at).to_owned();
                let count = counts.get(&(axis, label.clone())).copied();
                assert!(count >= Some(3), "{}: {label}: {count:?}", axis.name());
            }
        }
    }
}

#[test]
fn pairs_of_mechanisms_are_covered() {
    for name in ["dev", "report"] {
        let part = Part::load(name).unwrap();
        let (met, all) = design::covered(&part, &design::recipes(&part));
        assert!(met * 3 >= all * 2, "{name}: {met} of {all}");
    }
}

#[test]
fn parts_share_no_mechanism() {
    let (dev, report) = (Part::load("dev").unwrap(), Part::load("report").unwrap());
    for axis in APART {
        let names = |part: &Part| -> BTreeSet<String> {
            let all = (0..part.count(axis)).map(|at| part.label(axis, at).to_owned());
            all.filter(|name| name != IN_LINE).collect()
        };
        let both: Vec<_> = names(&dev).intersection(&names(&report)).cloned().collect();
        assert_eq!(both, Vec::<String>::new(), "{}", axis.name());
    }
}

#[test]
fn ids_are_unique() {
    let part = Part::load("dev").unwrap();
    let all = cases::all(&part).unwrap();
    let ids: BTreeSet<&str> = all.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids.len(), all.len());
}

#[test]
fn what_is_concealed_is_not_in_the_open() {
    for name in ["dev", "report"] {
        let part = Part::load(name).unwrap();
        for case in cases::all(&part).unwrap() {
            let texts: String = case.files.iter().map(|(_, text)| text.as_str()).collect();
            let open = case.decoded.iter().filter(|entry| texts.contains(*entry));
            assert!(
                open.count() < 2.min(case.decoded.len().max(1)),
                "{}",
                case.id
            );
        }
    }
}

/// A container that is not opened would make every case in it a miss for
/// another reason than its mechanisms.
#[test]
fn containers_are_of_their_format() {
    use super::contain::Container;
    let files = [("index.js".to_owned(), "exports.run = () => 1;\n".to_owned())];
    let folder = tempfile::tempdir().unwrap();
    let all = super::dev::CONTAINERS
        .iter()
        .chain(super::report::CONTAINERS);
    for container in all.filter(|c| !matches!(c, Container::File | Container::Folder)) {
        let bundle = "var a=1;\nfunction b(){return a}\nfunction c(){return b()}\nvar d=c();\n";
        let path = container.write(&files, folder.path(), bundle).unwrap();
        let opened = crate::floor::kinds(&path).unwrap();
        assert!(
            opened.iter().any(|kind| kind == "javascript"),
            "{}: {opened:?}",
            container.name()
        );
    }
}
