use bytes::Bytes;
use serde_json::{Value, json};

use super::{Ask, Provider, Said, Tool, described, event, list, set, text};
use crate::exchange::{Answer, Request};

/// OpenAI Responses, as a stream of events and over a WebSocket.
#[derive(Debug)]
pub(super) struct Responses;

/// What stands before the number of the turn in the id of an answer: clients
/// that leave out what was said before name the answer that they go on from.
const ID: &str = "resp_";

impl Provider for Responses {
    fn id(&self) -> &'static str {
        "openai-responses"
    }

    fn about(&self) -> &'static str {
        "OpenAI's Responses: https://platform.openai.com/docs/api-reference/responses"
    }

    fn ask(&self, request: &Request, body: &Value) -> Option<Ask> {
        if !request.path().ends_with("/responses") {
            return None;
        }
        asked(body)
    }

    fn answer(&self, ask: &Ask, said: &Said) -> Answer {
        if !ask.stream {
            return Answer::json(200, &whole(ask, &items(ask, said), "completed"));
        }
        let pieces = events(ask, said);
        let named = |data: &Value| event(data["type"].as_str().unwrap_or_default(), data);
        Answer::events(pieces.iter().map(named).collect())
    }

    fn ask_by_message(&self, message: &Value) -> Option<Ask> {
        if message.get("type")? != "response.create" {
            return None;
        }
        // Some put it into a field of its own.
        asked(message.get("response").unwrap_or(message))
    }

    fn messages(&self, ask: &Ask, said: &Said) -> Vec<Bytes> {
        let pieces = events(ask, said);
        pieces.iter().map(|data| data.to_string().into()).collect()
    }
}

fn asked(body: &Value) -> Option<Ask> {
    let input = body.get("input")?;
    let kind = |item: &Value| item.get("type").map(text).unwrap_or_default();
    // The model's turns are those of which something was given back.
    let mut turn = 0usize;
    let mut before = false;
    for item in input.as_array().map_or(&[][..], Vec::as_slice) {
        let spoken =
            kind(item).ends_with("_call") || item.get("role").is_some_and(|r| r == "assistant");
        turn = turn.saturating_add(usize::from(spoken && !before));
        before = spoken;
    }
    let previous = body.get("previous_response_id").map(text);
    let goes_on = previous.is_some();
    let previous = previous.as_deref().and_then(|id| id.strip_prefix(ID));
    if let Some(number) = previous.and_then(|number| number.parse::<usize>().ok()) {
        turn = turn.max(number.saturating_add(1));
    }
    Some(Ask {
        model: body.get("model").map(text).unwrap_or_default(),
        // Some give tools as an item of the conversation.
        tools: list(body, "tools")
            .iter()
            .chain(
                list(body, "input")
                    .iter()
                    .flat_map(|item| list(item, "tools")),
            )
            // Some put them into groups.
            .flat_map(|tool| match list(tool, "tools") {
                [] => std::slice::from_ref(tool),
                inner => inner,
            })
            .filter_map(|tool| match kind(tool).as_str() {
                "custom" => Some(Tool {
                    free: true,
                    ..described(tool, "format")?
                }),
                "local_shell" => Some(Tool {
                    name: "local_shell".to_owned(),
                    schema: json!({ "properties": { "command": { "type": "array" } } }),
                    free: false,
                }),
                _ => described(tool, "parameters"),
            })
            .collect(),
        turn,
        stream: body.get("stream") == Some(&Value::Bool(true)),
        // A request that only warms up generates nothing.
        count: body.get("generate") == Some(&Value::Bool(false)),
        schema: body.pointer("/text/format/schema").cloned(),
        goes_on,
        ..Ask::default()
    })
}

/// What the model gives, item by item.
fn items(ask: &Ask, said: &Said) -> Vec<Value> {
    let mut out = Vec::new();
    if ask.count {
        return out;
    }
    if !said.text.is_empty() || said.calls.is_empty() {
        out.push(json!({
            "type": "message", "id": format!("msg_{:02}", ask.turn), "status": "completed", "role": "assistant",
            "content": [{ "type": "output_text", "text": said.text, "annotations": [] }],
        }));
    }
    for (index, call) in said.calls.iter().enumerate() {
        let number = format!("{:02}{index:02}", ask.turn);
        let (id, call_id) = (format!("fc_{number}"), format!("call_{number}"));
        out.push(match &call.input {
            Value::String(input) => json!({
                "type": "custom_tool_call", "id": id, "call_id": call_id, "status": "completed",
                "name": call.name, "input": input,
            }),
            input => json!({
                "type": "function_call", "id": id, "call_id": call_id, "status": "completed",
                "name": call.name, "arguments": input.to_string(),
            }),
        });
    }
    out
}

fn whole(ask: &Ask, items: &[Value], status: &str) -> Value {
    let id = if ask.count {
        format!("{ID}warm")
    } else {
        format!("{ID}{:02}", ask.turn)
    };
    json!({
        "id": id, "object": "response", "created_at": 1_700_000_000,
        "status": status, "model": ask.model, "output": items, "parallel_tool_calls": false,
        "error": null, "incomplete_details": null, "instructions": null, "metadata": {}, "tools": [],
        "tool_choice": "auto", "usage": {
            "input_tokens": 1000, "input_tokens_details": { "cached_tokens": 0 },
            "output_tokens": 20, "output_tokens_details": { "reasoning_tokens": 0 }, "total_tokens": 1020,
        },
    })
}

fn events(ask: &Ask, said: &Said) -> Vec<Value> {
    let items = items(ask, said);
    let started = whole(ask, &[], "in_progress");
    let mut out = vec![
        json!({ "type": "response.created", "response": started }),
        json!({ "type": "response.in_progress", "response": started }),
    ];
    for (index, item) in items.iter().enumerate() {
        let mut empty = item.clone();
        set(&mut empty, "status", json!("in_progress"));
        let part = item["content"].get(0).cloned();
        if part.is_some() {
            set(&mut empty, "content", json!([]));
        }
        out.push(
            json!({ "type": "response.output_item.added", "output_index": index, "item": empty }),
        );
        let of = |kind: &str, extra: Value| {
            let mut data = json!({
                "type": kind, "item_id": item["id"], "output_index": index, "content_index": 0,
            });
            if let (Value::Object(data), Value::Object(extra)) = (&mut data, extra) {
                data.extend(extra);
            }
            data
        };
        if let Some(part) = part {
            let said = part.get("text").cloned();
            let empty = json!({ "type": "output_text", "text": "", "annotations": [] });
            out.push(of("response.content_part.added", json!({ "part": empty })));
            out.push(of("response.output_text.delta", json!({ "delta": said })));
            out.push(of("response.output_text.done", json!({ "text": said })));
            out.push(of("response.content_part.done", json!({ "part": part })));
        } else if let Some(arguments) = item.get("arguments") {
            let delta = json!({ "delta": arguments });
            out.push(of("response.function_call_arguments.delta", delta));
            let done = json!({ "arguments": arguments });
            out.push(of("response.function_call_arguments.done", done));
        }
        out.push(
            json!({ "type": "response.output_item.done", "output_index": index, "item": item }),
        );
    }
    let done = whole(ask, &items, "completed");
    out.push(json!({ "type": "response.completed", "response": done }));
    for (number, data) in out.iter_mut().enumerate() {
        set(data, "sequence_number", json!(number));
    }
    out
}
