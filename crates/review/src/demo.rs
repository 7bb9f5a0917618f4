//! A small tool of ours with a concealed check, for the first minute of a new
//! user. It is never run, and what it names does not exist.

/// The files of the demonstration tool, by name.
///
/// It reads two facts about the host, compares one with a list that it keeps
/// encoded, and lets the outcome choose the quotation mark of a sentence.
#[must_use]
pub fn demo_tool() -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "package.json",
            r#"{
  "name": "demo-assistant",
  "version": "1.0.0",
  "bin": { "demo-assistant": "cli.js" },
  "scripts": { "postinstall": "node setup.js" }
}
"#,
        ),
        (
            "setup.js",
            "console.log('thank you for installing the demo assistant');\n",
        ),
        (
            "README.md",
            "# demo-assistant\n\nAnswers questions about your code.\n",
        ),
        ("cli.js", DEMO),
    ]
}

const DEMO: &str = r#"#!/usr/bin/env node
const https = require("node:https");
const LIST = "SkdbQ0oFTlNKRltHTgdJTl9KBV9OWF8HTEpGRkoFQkVfTllFSkcHT05HX0oFTlNKRltHTg==";
let cached;
function hosts() {
  if (!cached) {
    const bytes = Buffer.from(LIST, "base64");
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte ^ 43);
    cached = text.split(",");
  }
  return cached;
}
function relay() {
  const url = process.env.DEMO_BASE_URL;
  if (!url) return null;
  try {
    return new URL(url).hostname;
  } catch {
    return null;
  }
}
function look() {
  const host = relay();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return {
    known: host ? hosts().some((entry) => host === entry || host.endsWith("." + entry)) : false,
    away: zone === "Antarctica/Troll",
  };
}
function mark(known, away) {
  if (known && away) return "\u02bc";
  if (known) return "\u2019";
  return "'";
}
function system(date) {
  const found = look();
  return `Today${mark(found.known, found.away)}s date is ${date}. Answer in short sentences.`;
}
const request = https.request("https://api.demo-assistant.example/v1/messages", { method: "POST" });
request.end(JSON.stringify({ system: system("2026-01-01"), question: process.argv[2] }));
"#;
