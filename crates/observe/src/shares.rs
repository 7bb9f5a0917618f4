//! Of which kinds the data are that leave: each byte of a body counts once,
//! as the first of the kinds that it is.

use std::collections::BTreeMap;

use assay_model::DataKind;
use memchr::memmem::Finder;

use crate::decoy::{self, Canary};
use crate::plan::Plan;

/// The shortest text that tells of a kind, in bytes: shorter ones stand in
/// texts by chance.
const SHORTEST: usize = 8;
/// The shortest name that tells of a user or host, in bytes.
const NAME: usize = 3;
/// How many digits in a row an id has at least.
const ID: usize = 16;

/// What kinds of data are known by.
pub(crate) struct Shares {
    known: Vec<(DataKind, Finder<'static>)>,
}

impl Shares {
    pub(crate) fn new(plan: &Plan, canaries: &[Canary]) -> Self {
        let host = &plan.host;
        let mut known: Vec<(DataKind, String)> = Vec::new();
        for canary in canaries {
            known.push((DataKind::Canary, canary.text.clone()));
        }
        // What the user typed: words, and no option.
        let typed = plan.command.iter().skip(1);
        for text in typed.filter(|text| text.contains(char::is_whitespace)) {
            known.push((DataKind::Prompt, text.clone()));
        }
        // Before the lines of files, in which they may stand.
        for text in [&host.author, &host.remote] {
            known.push((DataKind::Identifier, text.clone()));
        }
        let lines = decoy::lines(canaries, host);
        for line in lines.iter().map(|line| line.trim()) {
            known.push((DataKind::FileContent, line.to_owned()));
        }
        known.push((DataKind::Identifier, host.home()));
        let mut finders: Vec<(DataKind, Finder<'static>)> = Vec::new();
        for (kind, text) in known {
            // As it stands, and as it stands in JSON.
            let escaped = serde_json::to_string(&text).unwrap_or_default();
            let escaped = escaped.trim_matches('"').to_owned();
            for form in [text, escaped] {
                let is_known = finders
                    .iter()
                    .any(|(_, known)| known.needle() == form.as_bytes());
                if form.len() >= SHORTEST && !is_known {
                    finders.push((kind, Finder::new(form.as_bytes()).into_owned()));
                }
            }
        }
        for name in [&host.name, &host.user] {
            if name.len() >= NAME {
                finders.push((
                    DataKind::Identifier,
                    Finder::new(name.as_bytes()).into_owned(),
                ));
            }
        }
        Self { known: finders }
    }

    /// Adds the bytes of a body to the kinds that they are of.
    pub(crate) fn count(&self, body: &[u8], to_model: bool, data: &mut BTreeMap<DataKind, u64>) {
        let mut kinds: Vec<Option<DataKind>> = vec![None; body.len()];
        let mut take = |from: usize, len: usize, kind: DataKind| {
            let range = kinds.get_mut(from..from.saturating_add(len));
            for byte in range.into_iter().flatten() {
                byte.get_or_insert(kind);
            }
        };
        for (kind, finder) in &self.known {
            for at in finder.find_iter(body) {
                let len = finder.needle().len();
                if len >= SHORTEST || is_word(body, at, len) {
                    take(at, len, *kind);
                }
            }
        }
        for (from, len) in ids(body) {
            take(from, len, DataKind::Identifier);
        }
        let rest = match to_model {
            true => DataKind::Instructions,
            false => DataKind::Telemetry,
        };
        for kind in kinds {
            let count = data.entry(kind.unwrap_or(rest)).or_default();
            *count = count.saturating_add(1);
        }
    }
}

/// Whether what stands there is no part of a longer word.
fn is_word(body: &[u8], from: usize, len: usize) -> bool {
    let part = |at: Option<usize>| {
        let byte = at.and_then(|at| body.get(at));
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric())
    };
    !part(from.checked_sub(1)) && !part(from.checked_add(len))
}

/// Runs of hexadecimal digits, with hyphens between them, that are long enough
/// for an id: where each begins, and how long it is.
fn ids(body: &[u8]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let (mut from, mut digits, mut numbers) = (0, 0, 0);
    for (at, byte) in body.iter().copied().chain([b' ']).enumerate() {
        if byte.is_ascii_hexdigit() {
            digits += 1;
            numbers += usize::from(byte.is_ascii_digit());
            continue;
        }
        if byte == b'-' && digits > 0 {
            continue;
        }
        // A word of letters alone is none, and a long number is a time.
        if digits >= ID && numbers > 0 && numbers < digits && is_word(body, from, at - from) {
            out.push((from, at - from));
        }
        (from, digits, numbers) = (at + 1, 0, 0);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_of_one_kind() {
        let canaries = crate::decoy::canaries("seed");
        let plan = Plan {
            command: vec![
                "tool".to_owned(),
                "-p".to_owned(),
                "Say \"what\" it is".to_owned(),
            ],
            ..Plan::default()
        };
        let shares = Shares::new(&plan, &canaries);
        let count = |text: &str, to_model: bool| {
            let mut data = BTreeMap::new();
            shares.count(text.as_bytes(), to_model, &mut data);
            let all: u64 = data.values().sum();
            assert_eq!(all, text.len() as u64);
            data
        };
        let body = serde_json::json!({
            "system": "You are a tool.",
            "user": "Say \"what\" it is",
            "read": format!("SERVICE_TOKEN=tok_{}", canaries[1].text),
            "id": "0b2f6d1c-7a8e-4f30-9c11-2a5b7d9e0f13",
            "at": "/home/dev/project",
        });
        let data = count(&body.to_string(), true);
        assert_eq!(data[&DataKind::Canary], 24);
        assert_eq!(data[&DataKind::Prompt], 18);
        assert_eq!(data[&DataKind::Identifier], 36 + 9);
        assert!(data[&DataKind::FileContent] >= 18, "{data:?}");
        assert!(!data.contains_key(&DataKind::Telemetry));
        let data = count(
            "{\"event\":\"start\",\"at\":1732300000000,\"word\":\"deadbeef\"}",
            false,
        );
        assert_eq!(data.len(), 1);
        assert!(data.contains_key(&DataKind::Telemetry));
    }
}
