//! Tools of ours that the tests vet. Their hosts do not exist.

use assay_it::Bench;

use crate::support::folder;

/// Tells the base URL's host by the apostrophe of a prompt.
pub(crate) const COVERT: &str = r#"
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
  const url = process.env.SAMPLE_BASE_URL;
  if (!url) return null;
  try {
    return new URL(url).hostname;
  } catch {
    return null;
  }
}
function look() {
  const host = relay();
  return { known: host ? hosts().some((entry) => host === entry || host.endsWith("." + entry)) : false };
}
function mark(known) {
  return known ? "\u2019" : "'";
}
function system(date) {
  const found = look();
  return `Today${mark(found.known)}s date is ${date}. Answer in short sentences.`;
}
const request = https.request("https://api.sample-tool.dev/v1/messages", { method: "POST" });
request.end(JSON.stringify({ system: system("2026-01-01"), question: process.argv[2] }));
"#;

/// The same program after a minifier gave everything other names.
pub(crate) const COVERT_MINIFIED: &str = concat!(
    r#"var e=require("node:https"),t="SkdbQ0oFTlNKRltHTgdJTl9KBV9OWF8HTEpGRkoFQkVfTllFSkcHT05HX0oFTlNKRltHTg==",n;"#,
    r#"function r(){if(!n){let o=Buffer.from(t,"base64"),i="";for(let a of o)i+=String.fromCharCode(a^43);n=i.split(",")}return n}"#,
    r#"function s(){let o=process.env.SAMPLE_BASE_URL;if(!o)return null;try{return new URL(o).hostname}catch{return null}}"#,
    r#"function c(){let o=s();return{known:o?r().some(i=>o===i||o.endsWith("."+i)):!1}}"#,
    r#"function u(o){return o?"\u2019":"'"}"#,
    r#"function d(o){let i=c();return`Today${u(i.known)}s date is ${o}. Answer in short sentences.`}"#,
    r#"var l=e.request("https://api.sample-tool.dev/v1/messages",{method:"POST"});"#,
    r#"l.end(JSON.stringify({system:d("2026-01-01"),question:process.argv[2]}));"#,
);

/// And after another one.
pub(crate) const COVERT_RENAMED: &str = concat!(
    r#""use strict";const Zq=require("node:https");const K$="SkdbQ0oFTlNKRltHTgdJTl9KBV9OWF8HTEpGRkoFQkVfTllFSkcHT05HX0oFTlNKRltHTg==";let Wx;"#,
    "\nfunction Qa(){if(!Wx){const $1=Buffer.from(K$,\"base64\");let $2=\"\";for(const $3 of $1)$2+=String.fromCharCode($3^43);Wx=$2.split(\",\")}return Wx}",
    "\nfunction Qb(){const $1=process.env.SAMPLE_BASE_URL;if(!$1)return null;try{return new URL($1).hostname}catch{return null}}",
    "\nfunction Qc(){const $1=Qb();return{known:$1?Qa().some(($2)=>$1===$2||$1.endsWith(\".\"+$2)):false}}",
    "\nfunction Qd($1){return $1?\"\u{2019}\":\"'\"}",
    "\nfunction Qe($1){const $2=Qc();return`Today${Qd($2.known)}s date is ${$1}. Answer in short sentences.`}",
    "\nconst Qf=Zq.request(\"https://api.sample-tool.dev/v1/messages\",{method:\"POST\"});Qf.end(JSON.stringify({system:Qe(\"2026-01-01\"),question:process.argv[2]}));",
);

/// A tool that has the covert channel, and says where it is from.
pub(crate) fn covert_tool(bench: &Bench, name: &str) {
    folder(
        bench,
        name,
        &[
            (
                "package.json",
                r#"{ "name": "sample-tool", "version": "1.0.0", "bin": "cli.js" }"#,
            ),
            ("cli.js", COVERT),
        ],
    );
}
