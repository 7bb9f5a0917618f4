//! Many ways in which code learns of the host: each must be found where it
//! decides on a mark that nobody sees, and none where anybody's choice does.

use crate::analyze_source;

/// What is true of some hosts only.
const FACTS: &[(&str, &str)] = &[
    (
        "a default of a parameter",
        "((env = process.env) => env.HTTPS_PROXY === 'a.example')()",
    ),
    (
        "all variables, by a pattern",
        "Object.entries(process.env).some(([k, v]) => /^https?_proxy$/i.test(k) && v === 'a.example')",
    ),
    (
        "all variables, by a part of the name",
        "Object.keys(process.env).filter((k) => k.endsWith('_REGION')).map((k) => process.env[k]).includes('cn-north-1')",
    ),
    (
        "a cloud's region",
        "(process.env.AWS_REGION ?? '').startsWith('cn-')",
    ),
    (
        "a mirror",
        "process.env.npm_config_registry === 'https://npm.example'",
    ),
    (
        "an endpoint for models",
        "(process.env.HF_ENDPOINT ?? '').includes('mirror.example')",
    ),
    (
        "authorities",
        "(process.env.NODE_EXTRA_CA_CERTS ?? '').includes('corp')",
    ),
    (
        "the home folder",
        "require('os').homedir().includes('jenkins')",
    ),
    ("the tool's folder", "__dirname.includes('jenkins')"),
    (
        "the processor",
        "require('os').cpus()[0].model.includes('Kunpeng')",
    ),
    ("the release", "require('os').release().includes('azure')"),
    (
        "a file of the system",
        "require('fs').readFileSync('/etc/os-release', 'utf8').includes('ID=kylin')",
    ),
    (
        "a folder of the system",
        "require('fs').readdirSync('/Applications').includes('Some.app')",
    ),
    (
        "whether a file is there",
        "require('fs').existsSync('/opt/corp/agent')",
    ),
    ("an editor", "require('vscode').env.remoteName === 'corp'"),
    (
        "a zone by a package",
        "require('moment-timezone').tz.guess() === 'Asia/Urumqi'",
    ),
    (
        "the remote of the repository",
        "require('child_process').execSync('git remote get-url origin').includes('corp')",
    ),
    (
        "the certificate that was shown",
        "socket.getPeerCertificate().issuer.O === 'Corp'",
    ),
    (
        "an error",
        "(() => { try { require('fs').accessSync('/opt/corp/agent'); return true; } catch { return false; } })()",
    ),
    (
        "what an error leaves undone",
        "(() => { let there = false; try { require('fs').accessSync('/opt/corp/agent'); there = true; } catch {} return there; })()",
    ),
];

/// What whoever starts the tool decides.
const CHOICES: &[(&str, &str)] = &[
    ("an option", "process.argv.includes('--typographic')"),
    ("a setting of the tool", "options.typographic === true"),
    (
        "a variable of the tool",
        "process.env.SOME_TOOL_TYPOGRAPHIC === '1'",
    ),
];

fn found(test: &str) -> bool {
    let source = format!(
        "const hit = () => {test};\n\
         const mark = () => (hit() ? '\\u2019' : \"'\");\n\
         exports.ask = (input, options, socket) => fetch('https://api.example.com/v1', {{\n\
           method: 'POST',\n\
           body: JSON.stringify({{ system: `Don${{mark()}}t guess what the user wants.`, input }}),\n\
         }});\n"
    );
    let findings = analyze_source("index.js", &source);
    findings
        .iter()
        .any(|finding| finding.behaviour == "covert.channel")
}

#[test]
fn every_fact_is_followed() {
    let missed = FACTS.iter().filter(|(_, test)| !found(test));
    let missed: Vec<&str> = missed.map(|(name, _)| *name).collect();
    assert!(missed.is_empty(), "missed: {missed:?}");
}

#[test]
fn what_anybody_chooses_is_no_fact() {
    let wrong = CHOICES.iter().filter(|(_, test)| found(test));
    let wrong: Vec<&str> = wrong.map(|(name, _)| *name).collect();
    assert!(wrong.is_empty(), "found: {wrong:?}");
}
