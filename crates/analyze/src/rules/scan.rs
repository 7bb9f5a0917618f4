//! Compiling and matching, by `yara-x`.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use assay_model::{Confidence, Severity};
use yara_x::{Compiler, MetaValue, Rule, ScanError, Scanner, SourceCode};

use super::{BEHAVIOUR, Compiled, RulesError};
use crate::raw::{Notes, Place, one_line};

/// How long all rules may take on one node.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many matches of one pattern of a rule are counted.
const MATCHES: usize = 1000;
/// How many matches of one pattern are shown.
const SHOWN: usize = 3;
/// How many pieces of evidence one rule gives on one node.
const EVIDENCE: usize = 8;
/// How many bytes of a match are shown.
const EXCERPT: usize = 64;

pub(super) fn compile(files: &[(String, String)]) -> Result<Compiled, RulesError> {
    let mut compiler = Compiler::new();
    compiler.enable_includes(false);
    for (name, text) in files {
        compiler.new_namespace(namespace(name));
        // What is wrong is told below, of all files together.
        let _ = compiler.add_source(SourceCode::from(text.as_str()).with_origin(name));
    }
    let wrong: Vec<String> = compiler.errors().iter().map(ToString::to_string).collect();
    if !wrong.is_empty() {
        return Err(RulesError::Wrong(wrong.join("\n")));
    }
    let rules = compiler.build();
    let code = rules
        .serialize()
        .map_err(|error| RulesError::Wrong(error.to_string()))?;
    Ok(Compiled {
        code,
        count: rules.iter().len(),
        remarks: rules.iter().flat_map(|rule| misread(&rule)).collect(),
    })
}

/// The name of a file without its ending.
fn namespace(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

thread_local! {
    /// The rules that this process was last given, by their digest.
    static KNOWN: RefCell<Option<(String, Rc<yara_x::Rules>)>> = const { RefCell::new(None) };
}

fn rules(digest: &str, get: impl FnOnce() -> Option<Vec<u8>>) -> Result<Rc<yara_x::Rules>, String> {
    let known = KNOWN.with_borrow(|known| {
        known
            .as_ref()
            .filter(|(of, _)| of == digest)
            .map(|(_, rules)| Rc::clone(rules))
    });
    if let Some(rules) = known {
        return Ok(rules);
    }
    let compiled = get().ok_or_else(|| "the rules were not given to this process".to_owned())?;
    let rules = yara_x::Rules::deserialize(&compiled).map_err(|error| error.to_string())?;
    let rules = Rc::new(rules);
    KNOWN.set(Some((digest.to_owned(), Rc::clone(&rules))));
    Ok(rules)
}

/// Matches the rules of a digest with a node. `get` gives their compiled form
/// when this process has not seen them yet. A rule counts where it matches
/// bytes that are the node's own and not those of a node inside of it.
///
/// # Errors
/// Why not all matches are known, in words.
pub(crate) fn scan(
    digest: &str,
    get: impl FnOnce() -> Option<Vec<u8>>,
    bytes: &[u8],
    own: &[(u64, u64)],
    notes: &mut Notes,
) -> Result<(), String> {
    let rules = rules(digest, get)?;
    let mut scanner = Scanner::new(&rules);
    scanner
        .set_timeout(PATIENCE)
        .max_matches_per_pattern(MATCHES);
    let results = match scanner.scan(bytes) {
        Ok(results) => results,
        Err(ScanError::Timeout) => {
            return Err(format!(
                "the rules of the user took longer than {} s on it",
                PATIENCE.as_secs()
            ));
        }
        Err(error) => return Err(format!("the rules of the user failed on it: {error}")),
    };
    for rule in results.matching_rules() {
        matched(&rule, bytes, own, notes);
    }
    Ok(())
}

/// Notes one rule that matches.
fn matched(rule: &Rule<'_, '_>, bytes: &[u8], own: &[(u64, u64)], notes: &mut Notes) {
    let mut found: Vec<(String, Range<usize>)> = Vec::new();
    let mut patterns = 0usize;
    let mut matches = 0u64;
    for pattern in rule.patterns() {
        patterns = patterns.saturating_add(1);
        let mut shown = 0;
        let mut end = 0;
        for one in pattern.matches() {
            let range = one.range();
            // An expression matches a word from each of its letters on.
            if !is_own(&range, own) || range.start < end {
                continue;
            }
            end = range.end;
            matches = matches.saturating_add(1);
            if shown < SHOWN {
                shown = shown.saturating_add(1);
                found.push((pattern.identifier().to_owned(), range));
            }
        }
    }
    // All that it matches lies in nodes inside, where it is found as well.
    if patterns > 0 && found.is_empty() && rule.patterns().any(|p| p.matches().len() > 0) {
        return;
    }
    let (severity, confidence, described) = meta(rule);
    let name = rule.identifier();
    let key = if rule.namespace().is_empty() || rule.namespace() == "default" {
        name.to_owned()
    } else {
        format!("{}:{name}", rule.namespace())
    };
    let title = match described {
        Some(description) => format!("the rule {name} matches: {description}"),
        None => format!("the rule {name} matches"),
    };
    let about = about(rule);
    let mut places = found.into_iter().map(|(pattern, range)| Place {
        start: range.start as u64,
        len: range.len() as u64,
        excerpt: shown(bytes.get(range).unwrap_or_default()),
        note: format!("{pattern}{about}"),
        ..Place::default()
    });
    let first = places.next().unwrap_or_else(|| Place {
        start: 0,
        len: bytes.len() as u64,
        note: format!("by its condition alone{about}"),
        ..Place::default()
    });
    notes.add_counted(
        BEHAVIOUR,
        &key,
        &title,
        (severity, confidence),
        matches.max(1),
        first,
    );
    for place in places.take(EVIDENCE.saturating_sub(1)) {
        notes.evidence(BEHAVIOUR, &key, place);
    }
}

/// Whether a match has bytes that are the node's own.
fn is_own(range: &Range<usize>, own: &[(u64, u64)]) -> bool {
    let (start, end) = (range.start as u64, range.end as u64);
    own.iter()
        .any(|(from, to)| start < *to && end > *from || range.is_empty() && start == *from)
}

/// What a rule says of itself: how much it matters, how sure it is, and what
/// it is about.
fn meta(rule: &Rule<'_, '_>) -> (Severity, Confidence, Option<String>) {
    let (mut severity, mut confidence, mut description) =
        (Severity::Medium, Confidence::High, None);
    for (key, value) in rule.metadata() {
        let MetaValue::String(text) = value else {
            continue;
        };
        match key.to_ascii_lowercase().as_str() {
            "severity" => {
                severity = severity_of(text).unwrap_or(Severity::Medium);
            }
            "confidence" => {
                confidence = confidence_of(text).unwrap_or(Confidence::High);
            }
            "description" => description = Some(one_line(text)),
            _ => {}
        }
    }
    (severity, confidence, description)
}

fn severity_of(word: &str) -> Option<Severity> {
    Some(match word.to_ascii_lowercase().as_str() {
        "critical" => Severity::Critical,
        "high" => Severity::High,
        "medium" => Severity::Medium,
        "low" => Severity::Low,
        "info" | "informational" => Severity::Info,
        _ => return None,
    })
}

fn confidence_of(word: &str) -> Option<Confidence> {
    Some(match word.to_ascii_lowercase().as_str() {
        "low" => Confidence::Low,
        "medium" => Confidence::Medium,
        "high" => Confidence::High,
        _ => return None,
    })
}

/// The words of a rule's metadata that stand for nothing here. They are no
/// error: collections of rules have words of their own.
fn misread(rule: &Rule<'_, '_>) -> Vec<String> {
    let mut out = Vec::new();
    for (key, value) in rule.metadata() {
        let MetaValue::String(text) = value else {
            continue;
        };
        let (words, taken) = match key.to_ascii_lowercase().as_str() {
            "severity" if severity_of(text).is_none() => {
                ("critical, high, medium, low and info", "medium")
            }
            "confidence" if confidence_of(text).is_none() => ("high, medium and low", "high"),
            _ => continue,
        };
        out.push(format!(
            "the rule {} has the {key} '{}', which is none of {words}: it counts as {taken}",
            rule.identifier(),
            one_line(text)
        ));
    }
    out
}

/// The tags and the other words of a rule, for a reader of the evidence.
fn about(rule: &Rule<'_, '_>) -> String {
    let mut out = String::new();
    let tags: Vec<&str> = rule.tags().map(|tag| tag.identifier()).collect();
    if !tags.is_empty() {
        out.push_str(&format!("; tags {}", tags.join(", ")));
    }
    for (key, value) in rule.metadata() {
        let text = match value {
            MetaValue::Integer(number) => number.to_string(),
            MetaValue::Float(number) => number.to_string(),
            MetaValue::Bool(yes) => yes.to_string(),
            MetaValue::String(text) => one_line(text),
            MetaValue::Bytes(bytes) => {
                let bytes: &[u8] = bytes;
                hex::encode(bytes)
            }
        };
        if !matches!(key, "severity" | "confidence" | "description") && out.len() < 400 {
            out.push_str(&format!("; {key}: {text}"));
        }
    }
    out
}

/// A match as text, or as hexadecimal digits where it is none.
fn shown(bytes: &[u8]) -> String {
    let head = bytes.get(..bytes.len().min(EXCERPT)).unwrap_or(bytes);
    match std::str::from_utf8(head) {
        Ok(text) if text.chars().all(|c| !c.is_control() || c.is_whitespace()) => one_line(text),
        _ => hex::encode(head),
    }
}
