//! Who answers the tool: providers by the script, and everybody else politely.

use std::sync::Arc;

use assay_wire::providers::{Provider, providers};
use assay_wire::{Answer, Body, Exchange, Frame, Noted, Observer, Request};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::recording::{Recorder, Seen};
use crate::script::Script;

/// How much of a body is looked at for what is asked, in bytes.
const ASKED: usize = 32 << 20;

pub(crate) struct Answers {
    recorder: Arc<Recorder>,
    script: Script,
    work: String,
}

impl Answers {
    pub(crate) fn new(recorder: Arc<Recorder>, script: Script, work: String) -> Self {
        Self {
            recorder,
            script,
            work,
        }
    }

    fn asked(request: &Request) -> Option<(&'static dyn Provider, assay_wire::providers::Ask)> {
        let content = request.content(ASKED);
        let body = serde_json::from_slice(&content.bytes).unwrap_or(Value::Null);
        providers()
            .iter()
            .find_map(|provider| Some((*provider, provider.ask(request, &body)?)))
    }
}

impl Observer for Answers {
    fn answer(&self, _: u64, request: &Request) -> Answer {
        let socket = request
            .header("upgrade")
            .is_some_and(|to| to.eq_ignore_ascii_case("websocket"));
        if socket {
            return Answer {
                status: 101,
                headers: Vec::new(),
                body: Body::Socket,
            };
        }
        if let Some((provider, ask)) = Self::asked(request) {
            return provider.answer(&ask, &self.script.said(&ask, &self.work));
        }
        // To whoever asks besides: nothing, in the form that was asked for.
        let accepts = request.header("accept").unwrap_or_default();
        if request.method == "HEAD" || accepts.starts_with("image/") {
            return Answer {
                status: 204,
                ..Answer::default()
            };
        }
        Answer::json(200, &json!({}))
    }

    fn message(&self, _: u64, _: &Request, message: &[u8]) -> Vec<Bytes> {
        let message: Value = serde_json::from_slice(message).unwrap_or(Value::Null);
        providers()
            .iter()
            .find_map(|provider| {
                let ask = provider.ask_by_message(&message)?;
                let said = self.script.said(&ask, &self.work);
                Some(provider.messages(&ask, &said))
            })
            .unwrap_or_default()
    }

    fn exchanged(&self, exchange: Exchange) {
        let provider = Self::asked(&exchange.request).map(|(provider, _)| provider.id().to_owned());
        self.recorder.note(Seen::Exchange {
            connection: exchange.connection,
            provider,
            body: self.recorder.keep(&exchange.request.body),
            answer: self.recorder.keep(&exchange.body),
            request: exchange.request,
            status: exchange.status,
            headers: exchange.headers,
        });
    }

    fn framed(&self, frame: Frame) {
        self.recorder.note(Seen::Frame {
            connection: frame.connection,
            sent: frame.sent,
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
