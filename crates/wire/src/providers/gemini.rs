use serde_json::{Value, json};

use super::{Ask, Provider, Said, described, event, list};
use crate::exchange::{Answer, Request};

/// Gemini's `generateContent` and `streamGenerateContent`.
#[derive(Debug)]
pub(super) struct Gemini;

impl Provider for Gemini {
    fn id(&self) -> &'static str {
        "gemini"
    }

    fn about(&self) -> &'static str {
        "Gemini's generateContent: https://ai.google.dev/api/generate-content"
    }

    fn ask(&self, request: &Request, body: &Value) -> Option<Ask> {
        let path = request.path();
        let (models, method) = path.rsplit_once(':')?;
        if !matches!(
            method,
            "generateContent" | "streamGenerateContent" | "countTokens"
        ) {
            return None;
        }
        // Some wrap the request.
        let body = body.get("request").unwrap_or(body);
        let spoken = list(body, "contents")
            .iter()
            .filter(|content| content.get("role").is_some_and(|role| role == "model"));
        Some(Ask {
            model: models.rsplit('/').next().unwrap_or_default().to_owned(),
            tools: list(body, "tools")
                .iter()
                .flat_map(|tool| list(tool, "functionDeclarations"))
                .filter_map(|tool| {
                    described(tool, "parametersJsonSchema")
                        .filter(|tool| !tool.schema.is_null())
                        .or_else(|| described(tool, "parameters"))
                })
                .collect(),
            turn: spoken.count(),
            stream: method == "streamGenerateContent",
            count: method == "countTokens",
            schema: ["responseJsonSchema", "responseSchema"]
                .iter()
                .find_map(|name| body.get("generationConfig")?.get(name).cloned()),
            goes_on: false,
            form: if request.target.contains("alt=sse") {
                "sse".to_owned()
            } else {
                String::new()
            },
        })
    }

    fn answer(&self, ask: &Ask, said: &Said) -> Answer {
        if ask.count {
            return Answer::json(200, &json!({ "totalTokens": 1000 }));
        }
        let mut parts = Vec::new();
        if !said.text.is_empty() || said.calls.is_empty() {
            parts.push(json!({ "text": said.text }));
        }
        for call in &said.calls {
            parts.push(json!({ "functionCall": { "name": call.name, "args": call.input } }));
        }
        let answer = json!({
            "candidates": [{
                "content": { "role": "model", "parts": parts }, "finishReason": "STOP", "index": 0,
            }],
            "usageMetadata": { "promptTokenCount": 1000, "candidatesTokenCount": 20, "totalTokenCount": 1020 },
            "modelVersion": ask.model,
        });
        match (ask.stream, ask.form.as_str()) {
            (false, _) => Answer::json(200, &answer),
            (true, "sse") => Answer::events(vec![event("", &answer)]),
            (true, _) => Answer::json(200, &json!([answer])),
        }
    }
}
