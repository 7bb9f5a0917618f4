use serde_json::{Value, json};

use super::{Ask, Provider, Said, described, event, list, set, text};
use crate::exchange::{Answer, Request};

/// Anthropic Messages.
#[derive(Debug)]
pub(super) struct Anthropic;

impl Provider for Anthropic {
    fn id(&self) -> &'static str {
        "anthropic-messages"
    }

    fn about(&self) -> &'static str {
        "Anthropic's Messages: https://docs.anthropic.com/en/api/messages"
    }

    fn ask(&self, request: &Request, body: &Value) -> Option<Ask> {
        let path = request.path();
        let count = path.ends_with("/messages/count_tokens");
        if !(count || path.ends_with("/messages")) || !body.get("messages")?.is_array() {
            return None;
        }
        let spoken = list(body, "messages")
            .iter()
            .filter(|message| message.get("role").is_some_and(|role| role == "assistant"));
        Some(Ask {
            model: text(body.get("model")?),
            tools: list(body, "tools")
                .iter()
                .filter_map(|tool| described(tool, "input_schema"))
                .collect(),
            turn: spoken.count(),
            stream: body.get("stream") == Some(&Value::Bool(true)),
            count,
            ..Ask::default()
        })
    }

    fn answer(&self, ask: &Ask, said: &Said) -> Answer {
        if ask.count {
            return Answer::json(200, &json!({ "input_tokens": 1000 }));
        }
        let mut content = Vec::new();
        if !said.text.is_empty() {
            content.push(json!({ "type": "text", "text": said.text }));
        }
        for (index, call) in said.calls.iter().enumerate() {
            content.push(json!({
                "type": "tool_use", "id": format!("toolu_{:02}{index:02}", ask.turn),
                "name": call.name, "input": call.input,
            }));
        }
        let reason = if said.calls.is_empty() {
            "end_turn"
        } else {
            "tool_use"
        };
        let message = json!({
            "id": format!("msg_{:02}", ask.turn), "type": "message", "role": "assistant",
            "model": ask.model, "content": content, "stop_reason": reason, "stop_sequence": null,
            "usage": { "input_tokens": 1000, "output_tokens": 20 },
        });
        if !ask.stream {
            return Answer::json(200, &message);
        }
        let mut start = message.clone();
        set(&mut start, "content", json!([]));
        set(&mut start, "stop_reason", Value::Null);
        let mut pieces = vec![event(
            "message_start",
            &json!({ "type": "message_start", "message": start }),
        )];
        for (index, block) in content.iter().enumerate() {
            let (empty, delta) = if block.get("text").is_some() {
                let delta = json!({ "type": "text_delta", "text": block["text"] });
                (json!({ "type": "text", "text": "" }), delta)
            } else {
                let mut empty = block.clone();
                set(&mut empty, "input", json!({}));
                let input = block["input"].to_string();
                (
                    empty,
                    json!({ "type": "input_json_delta", "partial_json": input }),
                )
            };
            for (name, mut data) in [
                ("content_block_start", json!({ "content_block": empty })),
                ("content_block_delta", json!({ "delta": delta })),
                ("content_block_stop", json!({})),
            ] {
                set(&mut data, "type", json!(name));
                set(&mut data, "index", json!(index));
                pieces.push(event(name, &data));
            }
        }
        pieces.push(event(
            "message_delta",
            &json!({
                "type": "message_delta", "delta": { "stop_reason": reason, "stop_sequence": null },
                "usage": { "output_tokens": 20 },
            }),
        ));
        pieces.push(event("message_stop", &json!({ "type": "message_stop" })));
        Answer::events(pieces)
    }
}
