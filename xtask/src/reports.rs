//! The forms of a dossier held against the official schemas, and seals against
//! another implementation.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::tool::Tool;

/// Ten real tools, of each kind that there is.
const TOOLS: &[&str] = &[
    "npm:@anthropic-ai/claude-code@2.1.91",
    "npm:@openai/codex",
    "npm:@google/gemini-cli",
    "npm:@qwen-code/qwen-code",
    "npm:opencode-ai",
    "npm:@github/copilot",
    "npm:cline",
    "npm:@continuedev/cli",
    "pypi:aider-chat",
    "npm:dotenv@17.2.0",
];

/// What Python is told. It reads files and runs nothing of them.
const SCRIPT: &str = r#"
import base64, json, sys
from pathlib import Path
folder, sarif_schema, public = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
import jsonschema
wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str((folder / "bom.cdx.json").read_text())
print("CycloneDX 1.6:", "valid" if wrong is None else str(wrong)[:400])
bad = wrong is not None
if sarif_schema:
    schema = json.loads(Path(sarif_schema).read_text())
    # As published, the pattern of languages is no regular expression.
    for place in ("run", "toolComponent"):
        schema["definitions"][place]["properties"]["language"].pop("pattern", None)
    errors = list(jsonschema.validators.validator_for(schema)(schema).iter_errors(json.loads((folder / "results.sarif").read_text())))
    print("SARIF 2.1.0:", "valid" if not errors else errors[0].message[:400])
    bad |= bool(errors)
else:
    print("SARIF 2.1.0: not checked, the schema is not there")
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
seal = json.loads((folder / "seal.dsse.json").read_text())
signature = seal["signatures"][0]
key = SSlibKey.from_crypto(load_pem_public_key(Path(public).read_bytes()), keyid=signature["keyid"], scheme="ed25519")
envelope = Envelope.from_dict({**seal, "signatures": [{"keyid": signature["keyid"], "sig": signature["sig"]}]})
try:
    envelope.verify([key], 1)
    print("seal: stands by securesystemslib")
except Exception as error:
    print("seal:", repr(error)[:300])
    bad = True
other = dict(seal)
payload = bytearray(base64.b64decode(seal["payload"]))
payload[len(payload) // 2] ^= 1
other["payload"] = base64.b64encode(bytes(payload)).decode()
try:
    Envelope.from_dict(other).verify([key], 1)
    print("seal: stands with a flipped bit")
    bad = True
except Exception:
    pass
sys.exit(1 if bad else 0)
"#;

/// Runs it over ten tools, or those that are named.
pub(crate) fn run(only: Option<&str>) -> Result<ExitCode> {
    let tool = Tool::build()?;
    let work = tempfile::tempdir().context("no folder")?;
    let python = venv(work.path())?;
    let Some(python) = python else {
        println!("skipped: needs PyPI");
        return Ok(ExitCode::SUCCESS);
    };
    let schema = sarif_schema();
    let key = work.path().join("key.pem");
    let words = work.path().join("words");
    std::fs::write(&words, "a passphrase of this evaluation\n")?;
    let file = ["--passphrase-file", text(&words)?];
    run_tool(
        &tool,
        &[&["key", "new", text(&key)?][..], &file].concat(),
        &[0],
    )?;
    let shown = run_tool(
        &tool,
        &[&["key", "show", text(&key)?][..], &file].concat(),
        &[0],
    )?;
    let trust = work.path().join("trust.toml");
    std::fs::write(&trust, &shown)?;
    let public = work.path().join("public.pem");
    let pem = shown.split("\"\"\"").nth(1).context("no public key")?;
    std::fs::write(&public, pem.trim_start())?;
    let script = work.path().join("check.py");
    std::fs::write(&script, SCRIPT)?;
    let mut failed = 0;
    let chosen = TOOLS
        .iter()
        .filter(|name| only.is_none_or(|only| name.contains(only)));
    for (number, name) in chosen.enumerate() {
        println!("{name}");
        let folder = work.path().join(format!("d{number}"));
        let at = text(&folder)?;
        // Denied and not enough evidence are verdicts too.
        let done = run_tool(&tool, &["dossier", name, "--output", at], &[0, 1, 3]);
        if let Err(error) = done {
            println!("  not made: {error:#}");
            failed += 1;
            continue;
        }
        run_tool(
            &tool,
            &[&["seal", at, "--key", text(&key)?][..], &file].concat(),
            &[0],
        )?;
        run_tool(&tool, &["verify", at, "--trust", text(&trust)?], &[0])?;
        let checked = Command::new(&python)
            .arg(&script)
            .args([at, schema.as_deref().unwrap_or_default(), text(&public)?])
            .output()
            .context("python cannot be started")?;
        for line in String::from_utf8_lossy(&checked.stdout).lines() {
            println!("  {line}");
        }
        if !checked.status.success() {
            println!("  {}", String::from_utf8_lossy(&checked.stderr).trim());
            failed += 1;
        }
    }
    println!("{failed} failed");
    Ok(match failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path is no UTF-8")
}

fn run_tool(tool: &Tool, arguments: &[&str], good: &[i32]) -> Result<String> {
    let done = Command::new(tool.program())
        .args(arguments)
        .output()
        .context("assay cannot be started")?;
    if !done.status.code().is_some_and(|code| good.contains(&code)) {
        bail!(
            "{}: {}",
            arguments.first().copied().unwrap_or_default(),
            String::from_utf8_lossy(&done.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// A Python with the two libraries; nothing where they cannot be had.
fn venv(work: &Path) -> Result<Option<std::path::PathBuf>> {
    let folder = work.join("venv");
    let made = Command::new("python3")
        .args(["-m", "venv"])
        .arg(&folder)
        .status()
        .context("python3 cannot be started")?;
    let pip = Command::new(folder.join("bin/pip"))
        .args([
            "install",
            "--quiet",
            "cyclonedx-python-lib[json-validation]",
            "securesystemslib[crypto]",
        ])
        .status();
    let done = made.success() && pip.is_ok_and(|status| status.success());
    Ok(done.then(|| folder.join("bin/python")))
}

/// The schema of SARIF as the crate `serde-sarif` brings it, where cargo has
/// fetched that.
fn sarif_schema() -> Option<String> {
    let home = std::env::var_os("CARGO_HOME")
        .map(std::path::PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))?;
    let sources = std::fs::read_dir(home.join("registry/src")).ok()?;
    for source in sources.flatten() {
        for package in std::fs::read_dir(source.path()).ok()?.flatten() {
            if package
                .file_name()
                .to_string_lossy()
                .starts_with("serde-sarif-")
            {
                let file = package.path().join("src/schema.json");
                if file.is_file() {
                    return file.to_str().map(str::to_owned);
                }
            }
        }
    }
    None
}
