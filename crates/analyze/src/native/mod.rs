//! Executables and libraries: what can be told without following their
//! instructions.
//!
//! Texts in all encodings, each cut where the program cuts it; the functions
//! that are imported; what Go and Rust leave about their parts; texts under a
//! key; scripts. Where flow cannot be had, the coverage says so.

mod environment;
mod go;
mod image;
mod imports;
mod keyed;
mod refs;
mod rust;
mod say;
mod scripts;
mod texts;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use std::ops::Range;

use assay_model::{Confidence, Party};

use crate::party::{By, Share};
use crate::raw::{Notes, Place, Raw, one_line};
use crate::{decode, facts, lexical};
use image::{Image, Role};
use refs::Reference;
use scripts::Scripts;

pub(crate) use scripts::Language;

/// Texts in code that have fewer characters are instructions.
const SHORTEST_IN_CODE: usize = 16;
/// How many texts one executable may show.
const MOST_TEXTS: usize = 4_000_000;

/// Notes what an executable shows, and says in words what was read of it and
/// what it was built from. `script` reads a script that is found inside.
pub(crate) fn read(
    bytes: &[u8],
    own: &[(u64, u64)],
    notes: &mut Notes,
    script: &mut dyn FnMut(Language, &str) -> Option<Vec<Raw>>,
) -> (String, Vec<Share>) {
    let image = Image::new(bytes);
    let mut names = Names::default();
    let mut told: Vec<String> = Vec::new();
    let mut references = Vec::new();
    if let Some(image) = &image {
        imports::imported(image, notes);
        references = refs::references(image);
        names.go = go::build(image);
        names.functions = go::functions(image);
        imports::linked(image, &names.functions, notes);
        told.extend(names.go.as_ref().map(of_go));
        if names.go.is_none() && !names.functions.is_empty() && image.functions.is_empty() {
            told.push("Go, without the list of its modules".to_owned());
        }
        if names.functions.is_empty() {
            names.functions.clone_from(&image.functions);
        }
        for variable in environment::variables(image, &references) {
            lexical::note_variable(variable.name, Confidence::Medium, notes, || Place {
                start: variable.start as u64,
                len: variable.name.len() as u64,
                excerpt: variable.name.to_owned(),
                note: format!(
                    "handed to the function that reads the environment, told by the usual names that it is handed{}",
                    names
                        .of(variable.from)
                        .map_or_else(String::new, |name| format!("; used in {name}"))
                ),
                ..Place::default()
            });
        }
    }
    let mut scripts = Scripts::default();
    let mut sources = rust::Sources::default();
    let mut keyed = 0usize;
    let mut count = 0usize;
    for (range, role) in regions(image.as_ref(), bytes.len(), own) {
        let first = references.partition_point(|r| (r.target as usize) < range.start);
        let last = references.partition_point(|r| (r.target as usize) < range.end);
        let inside = references.get(first..last).unwrap_or_default();
        if role != Role::Data {
            lexically(bytes, &range, role, notes);
            continue;
        }
        texts::each(bytes, &range, inside, &mut |text| {
            count = count.saturating_add(1);
            if count > MOST_TEXTS {
                notes.cut();
                return;
            }
            let here = uses(inside, text.start);
            let lengths: Vec<u32> = here
                .iter()
                .flat_map(|r| r.near)
                .filter(|len| *len > 0)
                .collect();
            let used = || {
                let name = here.iter().find_map(|r| names.of(r.from));
                name.map_or_else(String::new, |name| format!("used in {name}"))
            };
            sources.read(&text.text);
            scripts.take(text);
            say::text(text, &lengths, &used, notes);
        });
        keyed::search(bytes, &range, &mut |place, decoded| {
            keyed = keyed.saturating_add(1);
            if keyed > keyed::MOST {
                notes.cut();
                return;
            }
            note_keyed(bytes, &place, &decoded, notes);
        });
    }
    told.extend(of_rust(&sources));
    let built_from = built_from(names.go.as_ref(), &sources);
    let more = scripts.more;
    let counts = scripts.read(script, notes);
    for (language, count) in counts {
        told.push(format!(
            "{count} {} inside of it {} read as code",
            if count == 1 {
                format!("{} text", language.name())
            } else {
                format!("{} texts", language.name())
            },
            if count == 1 { "was" } else { "were" }
        ));
    }
    if more {
        told.push("more scripts in it than are read as code".to_owned());
    }
    if image.as_ref().is_some_and(imports::loads_libraries) {
        told.push("it can load libraries by name at run time, which were not read".to_owned());
    }
    let what = if image.is_some() {
        "machine code: its strings, imports and tables were read; its instructions were not, so that nothing is followed"
    } else {
        "machine code: its strings were read, its instructions were not, and its tables cannot be read"
    };
    let told: Vec<String> = std::iter::once(what.to_owned()).chain(told).collect();
    (told.join("; "), built_from)
}

/// The references to a place.
fn uses(references: &[Reference], place: usize) -> &[Reference] {
    let first = references.partition_point(|r| (r.target as usize) < place);
    let last = references.partition_point(|r| (r.target as usize) <= place);
    references.get(first..last).unwrap_or_default()
}

/// The functions of an executable, as far as their names are in it.
#[derive(Debug, Default)]
struct Names {
    /// By address.
    functions: Vec<(u64, String)>,
    go: Option<go::Build>,
}

impl Names {
    /// The function that an address of code is in, and whose it is.
    fn of(&self, address: u64) -> Option<String> {
        if address == 0 {
            return None;
        }
        let after = self.functions.partition_point(|(at, _)| *at <= address);
        let (_, name) = self.functions.get(after.checked_sub(1)?)?;
        let shown = one_line(name);
        Some(match &self.go {
            Some(build) => format!("{shown}, {}", build.whose(name)),
            None => shown,
        })
    }
}

/// The parts of the file that are read, each with its role. What no section
/// describes is data.
fn regions(image: Option<&Image<'_>>, len: usize, own: &[(u64, u64)]) -> Vec<(Range<usize>, Role)> {
    let mut sections: Vec<(Range<usize>, Role)> = image
        .iter()
        .flat_map(|image| &image.sections)
        .map(|section| (section.file.clone(), section.role))
        .collect();
    sections.sort_by_key(|(range, _)| (range.start, range.end));
    let mut found = Vec::new();
    for (start, end) in own {
        let start = usize::try_from(*start).unwrap_or(usize::MAX).min(len);
        let end = usize::try_from(*end).unwrap_or(usize::MAX).min(len);
        let mut at = start;
        for (range, role) in &sections {
            let (from, to) = (range.start.max(at), range.end.min(end));
            if from >= to {
                continue;
            }
            if from > at {
                found.push((at..from, Role::Data));
            }
            found.push((from..to, *role));
            at = to;
        }
        if at < end {
            found.push((at..end, Role::Data));
        }
    }
    found
}

/// Reads texts between instructions, and names for linkers: no borders are
/// known, and little of it is a text.
fn lexically(bytes: &[u8], range: &Range<usize>, role: Role, notes: &mut Notes) {
    texts::runs(bytes, range, |run| {
        let part = bytes.get(run.clone()).unwrap_or_default();
        let letters = part
            .iter()
            .filter(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'/' | b'.' | b'_' | b'-'))
            .count();
        let fine = match role {
            Role::Code => {
                part.len() >= SHORTEST_IN_CODE
                    && letters.saturating_mul(10) >= part.len().saturating_mul(9)
            }
            _ => memchr::memmem::find(part, b"://").is_some(),
        };
        if fine {
            let kind = if role == Role::Code {
                "elf"
            } else {
                "markdown"
            };
            lexical::read(part, run.start as u64, kind, notes);
        }
    });
}

fn note_keyed(bytes: &[u8], range: &Range<usize>, decoded: &decode::Decoded, notes: &mut Notes) {
    let most = Confidence::High;
    facts::note_decoded(decoded, most, notes, || Place {
        start: range.start as u64,
        len: range.len() as u64,
        excerpt: hex::encode(
            bytes
                .get(range.start..range.end.min(range.start.saturating_add(32)))
                .unwrap_or_default(),
        ),
        note: "in data of the executable".to_owned(),
        ..Place::default()
    });
}

fn of_go(build: &go::Build) -> String {
    let main = build.main.as_ref().map_or_else(String::new, |main| {
        format!(", the program's own module is {}", main.path)
    });
    let others = listed(
        build
            .modules
            .iter()
            .map(|module| format!("{} {}", module.path, module.version)),
    );
    let others = if others.is_empty() {
        String::new()
    } else {
        format!(", {} modules of others: {others}", build.modules.len())
    };
    one_line_of(&format!("{}{main}{others}", build.version))
}

/// The packages that an executable was built from, as far as its compiler left
/// their names. How much of it is theirs is not known.
fn built_from(go: Option<&go::Build>, sources: &rust::Sources) -> Vec<Share> {
    let share = |ecosystem: &str, name: &str, version: &str, by: By| Share {
        party: Party::Third,
        package: Some(match version.is_empty() {
            true => name.to_owned(),
            false => format!("{name}@{version}"),
        }),
        ecosystem: Some(ecosystem.to_owned()),
        by: Some(by),
        bytes: 0,
    };
    let modules = go.into_iter().flat_map(|build| &build.modules);
    let modules =
        modules.map(|module| share("golang", &module.path, &module.version, By::BuildInfo));
    let crates = sources.crates.iter().filter(|_| sources.is_rust());
    let crates = crates.map(|(name, version)| share("cargo", name, version, By::SourcePath));
    modules.chain(crates).collect()
}

fn of_rust(sources: &rust::Sources) -> Option<String> {
    if !sources.is_rust() {
        return None;
    }
    let crates = listed(
        sources
            .crates
            .iter()
            .map(|(name, version)| format!("{name} {version}").trim_end().to_owned()),
    );
    let own = listed(sources.own.iter().cloned());
    let mut text = "Rust".to_owned();
    if !crates.is_empty() {
        text.push_str(&format!(
            ", {} crates of others: {crates}",
            sources.crates.len()
        ));
    }
    if !own.is_empty() {
        text.push_str(&format!(", sources of its own: {own}"));
    }
    Some(one_line_of(&text))
}

/// The first few of a list, and how many more there are.
fn listed(all: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 12;
    let all: Vec<String> = all.collect();
    let shown = all
        .get(..all.len().min(SHOWN))
        .unwrap_or_default()
        .join(", ");
    match all.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// A text that the subject chose parts of, without what would break a line.
fn one_line_of(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
