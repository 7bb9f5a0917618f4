//! Requests and answers as an HTTP archive, HAR 1.2, which browsers and
//! proxies read.

use std::io;
use std::time::{Duration, SystemTime};

use assay_wire::Header;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::recording::{Recording, Seen};

/// The requests of a recording. Messages of WebSockets stand with the request
/// that opened them, as browsers write them (`_webSocketMessages`).
///
/// # Errors
/// When a body cannot be read.
pub fn har(recording: &Recording) -> io::Result<Value> {
    let end = std::fs::metadata(recording.folder.join("events.jsonl"))?.modified()?;
    let last = recording.events.last().map_or(0, |event| event.at);
    let start = end.checked_sub(Duration::from_micros(last));
    let start = start.unwrap_or(SystemTime::UNIX_EPOCH);
    let time = |at: u64| {
        let time = start.checked_add(Duration::from_micros(at));
        let time = OffsetDateTime::from(time.unwrap_or(start));
        time.format(&Rfc3339).unwrap_or_default()
    };
    let mut entries: Vec<(u64, Value)> = Vec::new();
    for event in &recording.events {
        match &event.seen {
            Seen::Exchange {
                connection,
                request,
                body,
                status,
                headers,
                answer,
                ..
            } => {
                let sent = recording.body(body).unwrap_or_default();
                let mut asked = json!({
                    "method": request.method,
                    "url": format!("{}://{}{}", request.scheme, request.host, request.target),
                    "httpVersion": request.version,
                    "cookies": [],
                    "headers": fields(&request.headers),
                    "queryString": query(&request.target),
                    "headersSize": -1,
                    "bodySize": sent.len(),
                });
                if !sent.is_empty() {
                    let kind = request.header("content-type").unwrap_or_default();
                    let (text, encoding) = text(&sent);
                    // The standard has no encoding for what is sent; readers
                    // take this field.
                    let mut data = json!({ "mimeType": kind, "text": text });
                    if let (Some(encoding), Some(data)) = (encoding, data.as_object_mut()) {
                        data.insert("encoding".to_owned(), encoding.into());
                    }
                    put(&mut asked, "postData", data);
                }
                let told = recording.body(answer).unwrap_or_default();
                let kind = headers
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
                    .map_or("", |(_, value)| value);
                let (said, encoding) = text(&told);
                let mut content = json!({ "size": told.len(), "mimeType": kind, "text": said });
                if let Some(encoding) = encoding {
                    put(&mut content, "encoding", encoding.into());
                }
                entries.push((
                    *connection,
                    json!({
                        "startedDateTime": time(event.at),
                        "time": 0,
                        "request": asked,
                        "response": {
                            "status": status,
                            "statusText": "",
                            "httpVersion": request.version,
                            "cookies": [],
                            "headers": fields(headers),
                            "content": content,
                            "redirectURL": "",
                            "headersSize": -1,
                            "bodySize": told.len(),
                        },
                        "cache": {},
                        "timings": { "send": 0, "wait": 0, "receive": 0 },
                        "connection": connection.to_string(),
                    }),
                ));
            }
            Seen::Frame {
                connection,
                sent,
                body,
                ..
            } => {
                let (data, encoding) = text(&recording.body(body).unwrap_or_default());
                let message = json!({
                    "type": if *sent { "send" } else { "receive" },
                    "time": event.at as f64 / 1e6,
                    "opcode": if encoding.is_none() { 1 } else { 2 },
                    "data": data,
                });
                let opened = entries
                    .iter_mut()
                    .rev()
                    .find(|(known, _)| known == connection);
                if let Some((_, entry)) = opened
                    && let Some(entry) = entry.as_object_mut()
                    && let Value::Array(all) = entry
                        .entry("_webSocketMessages")
                        .or_insert_with(|| json!([]))
                {
                    all.push(message);
                }
            }
            _ => {}
        }
    }
    let entries: Vec<Value> = entries.into_iter().map(|(_, entry)| entry).collect();
    Ok(json!({
        "log": {
            "version": "1.2",
            "creator": { "name": "assay", "version": env!("CARGO_PKG_VERSION") },
            "entries": entries,
        }
    }))
}

fn put(value: &mut Value, name: &str, field: Value) {
    if let Some(object) = value.as_object_mut() {
        object.insert(name.to_owned(), field);
    }
}

/// Bytes as text, or in Base64 where they are none.
fn text(bytes: &[u8]) -> (String, Option<&'static str>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (STANDARD.encode(bytes), Some("base64")),
    }
}

fn fields(headers: &[Header]) -> Vec<Value> {
    let pairs = headers.iter();
    pairs
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}

fn query(target: &str) -> Vec<Value> {
    let (_, query) = target.split_once('?').unwrap_or_default();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            json!({ "name": name, "value": value })
        })
        .collect()
}
