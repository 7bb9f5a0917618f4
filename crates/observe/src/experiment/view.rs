use std::collections::{BTreeMap, BTreeSet};

use assay_model::Left;
use assay_wire::{Noted, text};
use serde_json::Number;

use crate::plan::SUBJECT;
use crate::recording::{Recording, Seen};

use super::json::Json;

/// The most bytes of a body that are looked into.
const BODY: usize = 64 << 20;
/// How much of all bodies of a run is looked into once decoded, in bytes: a
/// small one can hold thousands of times as much.
pub(crate) const DECODED: usize = 768 << 20;
/// What is no act of the tool's own: what every program reads.
const SYSTEM: &[&str] = &[
    SUBJECT,
    "/opt/node",
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/sbin",
    "/proc",
    "/sys",
    "/dev",
];

/// What of a run is compared with other runs: fields, each with its lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    pub(super) fields: BTreeMap<(What, String), Vec<String>>,
    /// How long the tool waited before each request to a model, in
    /// milliseconds.
    pub(super) waits: BTreeMap<String, u64>,
    /// Its requests as they came.
    pub(super) turns: Vec<Turn>,
    /// The kinds of requests to models that it made.
    pub(super) models: BTreeSet<String>,
    /// All requests that it made, by kind and number.
    pub(super) requests: BTreeSet<String>,
    /// Limits that were reached.
    pub(super) limits: BTreeSet<String>,
    /// How it ended.
    pub(super) ended: Option<i32>,
}

/// When a request came; in microseconds from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Turn {
    /// Its kind and number.
    pub(super) name: String,
    /// It was not begun before.
    pub(super) since: u64,
    /// It was here.
    pub(super) at: u64,
}

/// What a field tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// What is said there.
    Said,
    /// In which order headers or fields are: names in one line.
    Order,
    /// How the same data is written.
    Form,
    /// How often something was sent; absent where never.
    Count,
    /// Whom the tool turned to.
    Contacts,
    /// What stays on the host.
    Local,
}

impl View {
    /// Takes what a recording has: requests with their fields, the order of
    /// both, hosts and names, programs and files. What depends on the user's
    /// name is told from the home folder `home` on.
    #[must_use]
    pub fn of(recording: &Recording, home: &str) -> Self {
        let mut out = Self::default();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut hosts: BTreeMap<u64, String> = BTreeMap::new();
        // When each connection was free for one more request.
        let mut free: BTreeMap<u64, u64> = BTreeMap::new();
        let (mut last, mut decoded) = (0, DECODED);
        let mut number = |out: &mut Self, kind: String, provider: bool, wait: u64| {
            let number = counts.entry(kind.clone()).or_default();
            *number += 1;
            let name = format!("{kind} {number}");
            out.requests.insert(name.clone());
            if provider {
                out.waits.insert(name.clone(), wait / 1000);
                out.models.insert(kind);
            }
            name
        };
        let short = |path: &str| match path.strip_prefix(home) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
            _ => path.to_owned(),
        };
        let mut programs = BTreeSet::new();
        let mut contacts: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut addresses: BTreeMap<String, String> = BTreeMap::new();
        for event in &recording.events {
            match &event.seen {
                Seen::Connection {
                    connection,
                    to,
                    name,
                } => {
                    let host = name.as_ref().unwrap_or(to);
                    hosts.insert(*connection, host.clone());
                    free.insert(*connection, event.at);
                    let port = to.rsplit(':').next().unwrap_or_default();
                    let host = match name {
                        Some(name) if port != "443" => format!("{name}:{port}"),
                        _ => host.clone(),
                    };
                    contacts
                        .entry("hosts that it turned to")
                        .or_default()
                        .insert(host);
                }
                Seen::Noted {
                    connection,
                    noted: Noted::Tls { name, offers },
                    ..
                } => {
                    let host = hosts.get(connection).map_or("", String::as_str);
                    contacts
                        .entry("what it offers in TLS")
                        .or_default()
                        .insert(format!("{} to {host}", offers.join(", ")));
                    let asked = name.as_deref().unwrap_or("no name");
                    if asked != host {
                        contacts
                            .entry("names that it asked for in TLS")
                            .or_default()
                            .insert(format!("{asked} at {host}"));
                    }
                }
                Seen::Connect {
                    to,
                    name,
                    datagram: true,
                    ..
                } => {
                    let port = to.rsplit(':').next().unwrap_or_default();
                    let named = name.as_ref().map(|name| format!("{name}:{port}"));
                    addresses.insert(to.clone(), named.unwrap_or_else(|| to.clone()));
                    let to = addresses.get(to).unwrap_or(to);
                    contacts
                        .entry("whom it sent datagrams")
                        .or_default()
                        .insert(to.clone());
                }
                Seen::Noted {
                    connection,
                    body: Some(body),
                    ..
                } => {
                    let host = hosts.get(connection).map_or("", String::as_str);
                    let name = number(&mut out, format!("{host} bytes"), false, 0);
                    let bytes = recording.body(body).unwrap_or_default();
                    out.said(&name, &bytes.escape_ascii().to_string());
                }
                Seen::Datagram { to, body } => {
                    let to = addresses.get(to).unwrap_or(to);
                    // What a question for a name carries besides is its own
                    // number or cookie.
                    if !to.ends_with(":53") {
                        contacts
                            .entry("whom it sent datagrams")
                            .or_default()
                            .insert(to.clone());
                        let name = number(&mut out, format!("{to} datagram"), false, 0);
                        let bytes = recording.body(body).unwrap_or_default();
                        out.said(&name, &bytes.escape_ascii().to_string());
                    }
                }
                Seen::Connect {
                    to,
                    name: Some(name),
                    datagram: false,
                    ..
                } => {
                    let port = to.rsplit(':').next().unwrap_or_default();
                    addresses.insert(to.clone(), format!("{name}:{port}"));
                }
                Seen::Name { name, kind, .. } => {
                    contacts
                        .entry("names that it turned to")
                        .or_default()
                        .insert(name.clone());
                    contacts
                        .entry("records that it asked for")
                        .or_default()
                        .insert(format!("{kind} of {name}"));
                }
                Seen::Exchange {
                    connection,
                    provider,
                    request,
                    body,
                    ..
                } => {
                    let host = hosts.get(connection).unwrap_or(&request.host);
                    let role = provider.as_ref().unwrap_or(host);
                    let kind = format!("{role} {} {}", request.method, outline(request.path()));
                    let wait = event.at.saturating_sub(last);
                    let name = number(&mut out, kind, provider.is_some(), wait);
                    if let Some(since) = free.get_mut(connection) {
                        out.turns.push(Turn {
                            name: name.clone(),
                            since: *since,
                            at: event.at,
                        });
                        // The next may be under way already.
                        if request.version.starts_with("HTTP/1") {
                            *since = event.at;
                        }
                    }
                    out.said(&format!("{name} path"), request.path());
                    out.query(&name, &request.target);
                    let mut whole = (**request).clone();
                    whole.body = recording.body(body).unwrap_or_default().into();
                    let content = whole.content(BODY.min(decoded)).bytes;
                    decoded = decoded.saturating_sub(content.len());
                    out.body(&name, &content);
                    let order: Vec<&str> = request.headers.iter().map(|h| h.0.as_str()).collect();
                    out.add(
                        What::Order,
                        format!("{name} order of headers"),
                        [order.join(", ")],
                    );
                    let form = request.form.join("; ");
                    out.add(What::Form, format!("{name} form of the message"), [form]);
                    let order: Vec<&str> = request.trailers.iter().map(|h| h.0.as_str()).collect();
                    out.add(
                        What::Order,
                        format!("{name} order of trailers"),
                        [order.join(", ")],
                    );
                    for (trailer, value) in &request.trailers {
                        out.said(&format!("{name} trailer {}", trailer.to_lowercase()), value);
                    }
                    // The length follows from the body, which is compared.
                    let told = request.headers.iter();
                    let told =
                        told.filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
                    for (header, value) in told {
                        out.said(&format!("{name} header {}", header.to_lowercase()), value);
                    }
                }
                Seen::Frame {
                    sent: true,
                    connection,
                    provider,
                    body,
                } => {
                    let host = hosts.get(connection).map_or("", String::as_str);
                    let role = provider.as_deref().unwrap_or(host);
                    let kind = format!("{role} message");
                    let wait = event.at.saturating_sub(last);
                    let name = number(&mut out, kind, provider.is_some(), wait);
                    out.body(&name, &recording.body(body).unwrap_or_default());
                }
                Seen::Exec {
                    arguments,
                    program,
                    found: true,
                    ..
                } => {
                    let whole = if arguments.is_empty() {
                        program.clone()
                    } else {
                        arguments.join(" ")
                    };
                    programs.insert(whole.replace(home, "~").replace('\n', " "));
                }
                Seen::Open { path, write, .. }
                    if !SYSTEM.iter().any(|folder| within(path, folder)) =>
                {
                    let path = short(path);
                    let (folder, file) = path.rsplit_once('/').unwrap_or(("", &path));
                    let how = if *write { "written" } else { "read" };
                    files
                        .entry(format!("files {how} in {folder}/"))
                        .or_default()
                        .insert(file.to_owned());
                }
                Seen::Ended { status, .. } => out.ended = Some(*status),
                Seen::Limit { what } => {
                    out.limits.insert(what.clone());
                }
                _ => {}
            }
            if let Seen::Exchange { .. } | Seen::Frame { .. } | Seen::Started { .. } = &event.seen {
                last = event.at;
            }
        }
        for (kind, count) in counts {
            out.add(
                What::Count,
                format!("how often {kind}"),
                [count.to_string()],
            );
        }
        for (what, lines) in contacts {
            out.add(What::Contacts, what.to_owned(), lines);
        }
        out.add(What::Local, "programs run".to_owned(), programs);
        for (field, lines) in files {
            out.add(What::Local, field, lines);
        }
        out
    }

    /// Adds the canaries that left.
    #[must_use]
    pub fn with_canaries(mut self, left: &[Left]) -> Self {
        let lines: BTreeSet<String> = left
            .iter()
            .map(|left| format!("{} to {}", left.canary, left.host))
            .collect();
        if !lines.is_empty() {
            self.add(What::Local, "canaries that left".to_owned(), lines);
        }
        self
    }

    fn query(&mut self, name: &str, target: &str) {
        let Some((_, query)) = target.split_once('?') else {
            return;
        };
        let mut order = Vec::new();
        for pair in query.split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            order.push(key);
            self.said(&format!("{name} query {key}"), value);
        }
        let name = format!("{name} order of query fields");
        self.add(What::Order, name, [order.join(", ")]);
    }

    pub(super) fn body(&mut self, name: &str, bytes: &[u8]) {
        match serde_json::from_slice::<Json>(bytes) {
            Ok(value) => {
                self.value(&format!("{name} "), &value);
                let (spaces, marks) = form(bytes);
                self.add(What::Form, format!("{name} form of the JSON"), [spaces]);
                // Where all is ASCII there is nothing to escape.
                if !marks.is_empty() {
                    self.add(What::Form, format!("{name} escapes in the JSON"), [marks]);
                }
            }
            Err(_) if !bytes.is_empty() => self.said(name, &text(bytes)),
            Err(_) => {}
        }
    }

    fn value(&mut self, path: &str, value: &Json) {
        match value {
            Json::Fields(fields) => {
                let order: Vec<&str> = fields.iter().map(|(key, _)| key.as_str()).collect();
                let name = format!("{path}/ {ORDER}");
                self.add(What::Order, name, [order.join(", ")]);
                for (key, value) in fields {
                    self.value(&format!("{path}/{key}"), value);
                }
            }
            Json::Items(items) => {
                let kinds: Vec<&str> = items.iter().take(KINDS).map(kind_of).collect();
                let name = format!("{path}/* {ITEMS}");
                self.add(What::Order, name, [kinds.join(" ")]);
                for item in items {
                    self.value(&format!("{path}/*"), item);
                }
            }
            // A text that else would look like a number or a word of JSON.
            Json::Text(text) if is_scalar(text) => self.said(path, &format!("{text:?}")),
            Json::Text(text) | Json::Other(text) => self.said(path, text),
        }
    }

    fn said(&mut self, path: &str, text: &str) {
        let lines = text.split('\n').map(str::to_owned);
        self.add(What::Said, path.to_owned(), lines);
    }

    fn add(&mut self, what: What, name: String, lines: impl IntoIterator<Item = String>) {
        self.fields.entry((what, name)).or_default().extend(lines);
    }
}

/// What the field is called that tells the names of fields in their order.
pub(super) const ORDER: &str = "order of fields";

/// What the field is called that tells of which kinds the items of a list are.
pub(super) const ITEMS: &str = "kinds of items";
/// How many items of a list are told apart by kind.
const KINDS: usize = 64;

fn kind_of(value: &Json) -> &'static str {
    match value {
        Json::Fields(fields) if fields.is_empty() => "{}",
        Json::Fields(_) => "object",
        Json::Items(items) if items.is_empty() => "[]",
        Json::Items(_) => "list",
        Json::Text(_) => "text",
        Json::Other(text) => match text.as_str() {
            "true" | "false" => "boolean",
            "null" => "null",
            _ => "number",
        },
    }
}

fn is_scalar(text: &str) -> bool {
    matches!(text, "true" | "false" | "null") || serde_json::from_str::<Number>(text).is_ok()
}

fn within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A path in which parts that look made up anew each time are stars, so that
/// the same requests of two runs come together.
fn outline(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        if part.len() >= 8 && digits >= 2 || digits == part.len() && digits > 0 {
            "*"
        } else {
            part
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

/// How a number is written, whatever it is. Of two that are as short and as
/// near, writers take either.
fn shape(number: &str) -> String {
    let digit = |c: char| if c.is_ascii_digit() { '0' } else { c };
    number.chars().map(digit).collect()
}

/// A number as it is usually written. What reads JSON may miss the nearest
/// number by one, and would take that for another way to write it.
fn usual(number: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(number).ok()?;
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.to_string());
    }
    if let Ok(whole) = text.parse::<u64>() {
        return Some(whole.to_string());
    }
    Number::from_f64(text.parse().ok()?).map(|number| number.to_string())
}

/// How a JSON text is written, beside what it says: the white space between
/// its parts, numbers that could be shorter, and in which forms characters
/// beyond ASCII are.
fn form(text: &[u8]) -> (String, String) {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut marks: BTreeSet<String> = BTreeSet::new();
    let mut at = 0;
    while let Some(byte) = text.get(at).copied() {
        match byte {
            b'"' => {
                at += 1;
                while let Some(byte) = text.get(at).copied().filter(|byte| *byte != b'"') {
                    if byte == b'\\' {
                        // Some characters cannot be written otherwise.
                        let kind = text.get(at + 1).copied().unwrap_or(0);
                        let digits = text.get(at + 2..at + 6).unwrap_or_default();
                        let short = b"0008 0009 000a 000c 000d".split(|byte| *byte == b' ');
                        let short = digits.len() == 4 && { short }
                            .any(|known| known.eq_ignore_ascii_case(digits));
                        let needed = digits.starts_with(b"000") || digits.starts_with(b"001");
                        let needed = needed && !short;
                        let case = if digits.iter().any(u8::is_ascii_uppercase) {
                            "capitals"
                        } else {
                            "small letters"
                        };
                        let ascii = digits.starts_with(b"00")
                            && digits.get(2).is_some_and(|digit| *digit < b'8');
                        if kind == b'u' && !needed && ascii {
                            // Nobody has to, so it is told even where it is new.
                            seen.insert(format!("ASCII as \\u in {case}"));
                        } else if kind == b'u' && !needed {
                            marks.insert(format!("\\u in {case}"));
                        } else if kind == b'/' {
                            seen.insert("\\/".to_owned());
                        }
                        at += 1;
                    } else if byte >= 0x80 {
                        marks.insert("as they are".to_owned());
                    }
                    at += 1;
                }
            }
            b' ' | b'\t' | b'\r' | b'\n' => {
                let len = text
                    .iter()
                    .skip(at)
                    .take_while(|byte| byte.is_ascii_whitespace())
                    .count();
                let before = at.checked_sub(1).and_then(|at| text.get(at)).copied();
                let space = text.get(at..at + len).unwrap_or_default();
                seen.insert(format!(
                    "{} then {:?}",
                    before.map_or(' ', char::from),
                    String::from_utf8_lossy(space)
                ));
                at += len;
                continue;
            }
            b'-' | b'0'..=b'9' => {
                let is_part =
                    |byte: &&u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                let len = text.iter().skip(at).take_while(is_part).count();
                let number = text.get(at..at + len).unwrap_or_default();
                let usual = usual(number);
                let number = shape(&String::from_utf8_lossy(number));
                if usual.is_some_and(|usual| shape(&usual) != number) {
                    seen.insert(number);
                }
                at += len;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    let joined = |all: BTreeSet<String>| all.into_iter().collect::<Vec<_>>().join("; ");
    (joined(seen), joined(marks))
}

#[cfg(test)]
mod tests {
    use super::{View, form, outline};

    #[test]
    fn a_number_that_is_written_as_usual_has_no_form() {
        let mut time = 1_930_568_400.0_f64;
        for _ in 0..20_000 {
            time += 0.000_013_7;
            let body = format!("{{\"at\":{time}}}");
            assert_eq!(form(body.as_bytes()).0, "", "{body}");
        }
        assert_eq!(form(b"{\"at\":1.50}").0, "0.00");
    }

    #[test]
    fn requests_come_together_by_what_stays_of_their_paths() {
        assert_eq!(outline("/v1/messages"), "/v1/messages");
        assert_eq!(
            outline("/api/sessions/5f0d4c1e-77aa-4b0e-9d1c-000000000001/events/17"),
            "/api/sessions/*/events/*"
        );
        assert_eq!(
            outline("/v1beta/models/large:go"),
            "/v1beta/models/large:go"
        );
    }

    #[test]
    fn the_form_of_a_text_is_told_apart_from_what_it_says() {
        let plain = form(br#"{"a":"b c","d":[1,2]}"#);
        assert_eq!(plain, (String::new(), String::new()));
        assert_ne!(form(br#"{"a": "b c","d":[1,2]}"#), plain);
        assert_ne!(form(br#"{"a":"b\u0020c","d":[1,2]}"#), plain);
        assert_ne!(form(br#"{"a":"\u00e9"}"#), form(br#"{"a":"\u00E9"}"#));
        assert_eq!(form(br#"{"e":"x  y","f":[3]}"#), plain);
        assert_ne!(form(br#"{"a":"b\u000ac","d":1}"#), plain);
        assert_eq!(form(br#"{"a":"b\nc","d":[1,2.5,-3]}"#), plain);
        assert_ne!(form(br#"{"d":1.50}"#), plain);
        assert_ne!(form(br#"{"d":1e3}"#), plain);
    }

    #[test]
    fn fields_that_come_twice_are_both_told_and_no_bytes_are_replaced() {
        let of = |body: &[u8]| {
            let mut view = View::default();
            view.body("x", body);
            view.fields
        };
        assert_ne!(of(br#"{"a":1,"a":2}"#), of(br#"{"a":2}"#));
        assert_ne!(of(br#"{"a":1,"a":2}"#), of(br#"{"a":3,"a":2}"#));
        assert_ne!(of(b"\"a\xff\""), of(b"\"a\xfe\""));
    }
}
