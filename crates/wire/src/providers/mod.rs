//! How model providers are asked, and how they answer.
//!
//! Each provider is one file: it tells from a request what is asked for
//! ([`Ask`]), and composes an answer of that shape from what a script says
//! ([`Said`]). The shapes are those of the providers' public documentation,
//! reduced to what clients read.

mod anthropic;
mod chat;
mod gemini;
mod responses;
mod tools;

use bytes::Bytes;
use serde_json::Value;

use crate::exchange::{Answer, Request};
pub use tools::{Action, Call, Tool, call, something};

/// What a client asks a model for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ask {
    /// The model by name.
    pub model: String,
    /// The tools that the model may call.
    pub tools: Vec<Tool>,
    /// How often the model has spoken already.
    pub turn: usize,
    /// Whether the answer is to come as a stream.
    pub stream: bool,
    /// Whether only the length of the prompt is asked for.
    pub count: bool,
    /// The JSON Schema of the answer, where one is asked for.
    pub schema: Option<Value>,
    /// Whether it leaves out what was said before, tools among it.
    pub goes_on: bool,
    /// Which form of the answer is asked for, where a shape has several.
    pub form: String,
}

/// What the model says in one turn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    /// What it says.
    pub text: String,
    /// What it calls.
    pub calls: Vec<Call>,
}

/// A provider's shape.
pub trait Provider: Sync {
    /// Its name in recordings.
    fn id(&self) -> &'static str;
    /// One sentence on it, and its documentation's address.
    fn about(&self) -> &'static str;
    /// What is asked for, if the request is of this shape; `body` is its
    /// content, [`Value::Null`] where that is no JSON.
    fn ask(&self, request: &Request, body: &Value) -> Option<Ask>;
    /// The answer.
    fn answer(&self, ask: &Ask, said: &Said) -> Answer;
    /// What is asked for by a message of a WebSocket.
    fn ask_by_message(&self, message: &Value) -> Option<Ask> {
        let _ = message;
        None
    }
    /// The answer to a message of a WebSocket.
    fn messages(&self, ask: &Ask, said: &Said) -> Vec<Bytes> {
        let _ = (ask, said);
        Vec::new()
    }
}

/// All providers that are known.
#[must_use]
pub fn providers() -> &'static [&'static dyn Provider] {
    &[
        &anthropic::Anthropic,
        &chat::Chat,
        &gemini::Gemini,
        &responses::Responses,
    ]
}

/// An event of a stream, with its name where the shape has one.
fn event(name: &str, data: &Value) -> Bytes {
    let name = if name.is_empty() {
        String::new()
    } else {
        format!("event: {name}\n")
    };
    format!("{name}data: {data}\n\n").into()
}

/// Sets a field of an object.
fn set(object: &mut Value, field: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The items of a field that is a list.
fn list<'v>(value: &'v Value, field: &str) -> &'v [Value] {
    value
        .get(field)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Tools that are described as `{name, description, SCHEMA}`.
fn described(tool: &Value, schema: &str) -> Option<Tool> {
    Some(Tool {
        name: tool.get("name")?.as_str()?.to_owned(),
        schema: tool.get(schema).cloned().unwrap_or_default(),
        free: false,
    })
}
