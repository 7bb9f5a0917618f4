//! Who answers the tool: providers by the script, and everybody else politely.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use assay_wire::providers::{Ask, Provider, Said, Tool, providers};
use assay_wire::{Answer, Body, Exchange, Frame, Noted, Observer, Replies, Request};
use serde_json::{Map, Value, json};

use crate::plan::{Plan, Served};
use crate::recording::{Recorder, Seen};
use crate::script::{Script, Turn};

/// How much of a body is looked at for what is asked, in bytes.
const ASKED: usize = 8 << 20;
/// Of how many connections the tools are remembered.
const CONNECTIONS: usize = 4096;

pub(crate) struct Answers {
    recorder: Arc<Recorder>,
    script: Script,
    work: String,
    /// What whoever is no model says.
    told: Option<Value>,
    /// The tools that were offered last by each connection: who goes on from
    /// an earlier answer does not say them again.
    tools: Mutex<HashMap<u64, Vec<Tool>>>,
}

impl Answers {
    pub(crate) fn new(recorder: Arc<Recorder>, plan: &Plan) -> Self {
        let server = &plan.server;
        let mut script = plan.script.clone();
        if !server.call.is_empty() {
            let turn = Turn {
                run: Some(server.call.clone()),
                ..Turn::default()
            };
            script.turns.insert(0, turn);
        }
        if !server.message.is_empty() {
            for text in script
                .turns
                .first_mut()
                .map(|turn| &mut turn.text)
                .into_iter()
                .chain([&mut script.done])
            {
                *text = format!("{}\n\n{text}", server.message);
            }
        }
        Self {
            recorder,
            script,
            work: plan.host.work(),
            told: (*server != Served::default()).then(|| settings(server)),
            tools: Mutex::default(),
        }
    }

    fn said(&self, connection: u64, mut ask: Ask) -> (Ask, Said) {
        let mut known = self.tools.lock().unwrap_or_else(PoisonError::into_inner);
        if ask.tools.is_empty() && ask.goes_on {
            ask.tools = known.get(&connection).cloned().unwrap_or_default();
        } else if known.len() < CONNECTIONS {
            known.insert(connection, ask.tools.clone());
        }
        let said = self.script.said(&ask, &self.work);
        (ask, said)
    }

    fn by_message(message: &[u8]) -> Option<(&'static dyn Provider, Ask)> {
        let message: Value = serde_json::from_slice(message).ok()?;
        providers()
            .iter()
            .find_map(|provider| Some((*provider, provider.ask_by_message(&message)?)))
    }

    fn asked(request: &Request) -> Option<(&'static dyn Provider, Ask)> {
        let content = request.content(ASKED);
        let body = serde_json::from_slice(&content.bytes).unwrap_or(Value::Null);
        providers()
            .iter()
            .find_map(|provider| Some((*provider, provider.ask(request, &body)?)))
    }
}

/// Flags, settings, versions and messages in the forms in which servers send
/// them: by themselves, in a list, and as fields with a value each. Whoever
/// asks reads the form that they know.
fn settings(server: &Served) -> Value {
    let mut out = Map::new();
    let mut valued = Map::new();
    let mut listed = Vec::new();
    for (name, value) in &server.flags {
        let value: Value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
        let full = json!({
            "key": name, "name": name, "value": value, "defaultValue": value, "default": value,
            "enabled": value, "on": value, "rule_id": "default",
        });
        out.insert(name.clone(), value);
        listed.push(full.clone());
        valued.insert(name.clone(), full);
    }
    let plain = out.clone();
    if !plain.is_empty() {
        for name in ["flags", "settings", "config", "data", "featureFlags"] {
            out.insert(name.to_owned(), Value::Object(plain.clone()));
        }
        for name in ["features", "feature_gates", "dynamic_configs", "gates"] {
            out.insert(name.to_owned(), Value::Object(valued.clone()));
        }
        out.insert("toggles".to_owned(), Value::Array(listed));
    }
    if !server.version.is_empty() {
        let version = &server.version;
        for name in [
            "version",
            "latest",
            "latestVersion",
            "latest_version",
            "tag_name",
        ] {
            out.insert(name.to_owned(), json!(version));
        }
        out.insert("dist-tags".to_owned(), json!({ "latest": version }));
        out.insert("info".to_owned(), json!({ "version": version }));
    }
    if !server.message.is_empty() {
        for name in ["message", "notice", "announcement", "instructions"] {
            out.insert(name.to_owned(), json!(server.message));
        }
    }
    Value::Object(out)
}

impl Observer for Answers {
    fn answer(&self, connection: u64, request: &Request) -> Answer {
        let socket = request
            .header("upgrade")
            .is_some_and(|to| to.eq_ignore_ascii_case("websocket"));
        if socket {
            return Answer {
                status: 101,
                body: Body::Socket,
                ..Answer::default()
            };
        }
        if let Some((provider, ask)) = Self::asked(request) {
            let (ask, said) = self.said(connection, ask);
            return Answer {
                provider: Some(provider.id()),
                ..provider.answer(&ask, &said)
            };
        }
        // To whoever asks besides: nothing, in the form that was asked for.
        let accepts = request.header("accept").unwrap_or_default();
        if request.method == "HEAD" || accepts.starts_with("image/") {
            return Answer {
                status: 204,
                ..Answer::default()
            };
        }
        if let Some(told) = &self.told {
            return Answer::json(200, told);
        }
        // What is asked for is not there; what is told is taken.
        let status = if request.method == "GET" { 404 } else { 200 };
        Answer::json(status, &json!({}))
    }

    fn message(&self, connection: u64, message: &[u8]) -> Replies {
        let Some((provider, ask)) = Self::by_message(message) else {
            return Replies::default();
        };
        let (ask, said) = self.said(connection, ask);
        Replies {
            provider: Some(provider.id()),
            messages: provider.messages(&ask, &said),
        }
    }

    fn exchanged(&self, exchange: Exchange) {
        self.recorder.note(Seen::Exchange {
            connection: exchange.connection,
            provider: exchange.provider.map(str::to_owned),
            body: self.recorder.keep(&exchange.request.body),
            answer: self.recorder.keep(&exchange.body),
            request: Box::new(exchange.request),
            status: exchange.status,
            headers: exchange.headers,
        });
    }

    fn framed(&self, frame: Frame) {
        self.recorder.note(Seen::Frame {
            connection: frame.connection,
            sent: frame.sent,
            provider: frame.provider.map(str::to_owned),
            body: self.recorder.keep(&frame.bytes),
        });
    }

    fn noted(&self, connection: u64, noted: Noted) {
        let body = match &noted {
            Noted::Unknown { bytes, .. } => Some(self.recorder.keep(bytes)),
            _ => None,
        };
        self.recorder.note(Seen::Noted {
            connection,
            noted,
            body,
        });
    }
}
