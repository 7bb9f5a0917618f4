use serde_json::{Value, json};

use super::{Ask, Provider, Said, described, event, list, set, text};
use crate::exchange::{Answer, Request};

/// OpenAI Chat Completions, which many providers speak.
#[derive(Debug)]
pub(super) struct Chat;

impl Provider for Chat {
    fn id(&self) -> &'static str {
        "openai-chat"
    }

    fn about(&self) -> &'static str {
        "OpenAI's Chat Completions: https://platform.openai.com/docs/api-reference/chat"
    }

    fn ask(&self, request: &Request, body: &Value) -> Option<Ask> {
        if !request.path().ends_with("/chat/completions") || !body.get("messages")?.is_array() {
            return None;
        }
        let spoken = list(body, "messages")
            .iter()
            .filter(|message| message.get("role").is_some_and(|role| role == "assistant"));
        Some(Ask {
            model: body.get("model").map(text).unwrap_or_default(),
            tools: list(body, "tools")
                .iter()
                .filter_map(|tool| described(tool.get("function")?, "parameters"))
                .collect(),
            turn: spoken.count(),
            stream: body.get("stream") == Some(&Value::Bool(true)),
            schema: body.pointer("/response_format/json_schema/schema").cloned(),
            ..Ask::default()
        })
    }

    fn answer(&self, ask: &Ask, said: &Said) -> Answer {
        let calls: Vec<Value> = said
            .calls
            .iter()
            .enumerate()
            .map(|(index, call)| {
                json!({
                    "index": index, "id": format!("call_{:02}{index:02}", ask.turn), "type": "function",
                    "function": { "name": call.name, "arguments": call.input.to_string() },
                })
            })
            .collect();
        let reason = if calls.is_empty() {
            "stop"
        } else {
            "tool_calls"
        };
        let mut message = json!({ "role": "assistant", "content": said.text });
        if !calls.is_empty() {
            set(&mut message, "tool_calls", json!(calls));
        }
        let id = format!("chatcmpl-{:02}", ask.turn);
        let usage = json!({ "prompt_tokens": 1000, "completion_tokens": 20, "total_tokens": 1020 });
        let whole = |kind: &str, choice: Value| {
            json!({
                "id": id, "object": kind, "created": 1_700_000_000, "model": ask.model,
                "choices": [choice], "usage": usage,
            })
        };
        if !ask.stream {
            let choice = json!({ "index": 0, "message": message, "finish_reason": reason });
            return Answer::json(200, &whole("chat.completion", choice));
        }
        let piece = |delta: Value, reason: Value| {
            let choice = json!({ "index": 0, "delta": delta, "finish_reason": reason });
            event("", &whole("chat.completion.chunk", choice))
        };
        Answer::events(vec![
            piece(message, Value::Null),
            piece(json!({}), json!(reason)),
            "data: [DONE]\n\n".into(),
        ])
    }
}
