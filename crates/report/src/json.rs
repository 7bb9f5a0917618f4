use assay_model::{
    Claims, Comparison, Diff, Dossier, History, Observation, Supply, Verdict, Watched,
};
use serde::Serialize;

use crate::escape;

/// A dossier, an observation or a history as one JSON object.
///
/// # Errors
/// When it cannot be written as JSON, which no value of these types is.
pub fn render(document: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut text = escape::json(&serde_json::to_string_pretty(document)?);
    text.push('\n');
    Ok(text)
}

/// The forms that have a schema, each by the name of its command.
pub const SCHEMAS: &[&str] = &[
    "vet", "observe", "diff", "history", "watch", "claims", "verdict", "supply", "compare",
];

/// The JSON Schema of what [`render`] writes for a command; none where it
/// writes nothing of the kind.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn schema(command: &str) -> Result<Option<String>, serde_json::Error> {
    let schema = match command {
        "vet" => schemars::schema_for!(Dossier),
        "observe" => schemars::schema_for!(Observation),
        "diff" => schemars::schema_for!(Diff),
        "history" => schemars::schema_for!(History),
        "watch" => schemars::schema_for!(Watched),
        "compare" => schemars::schema_for!(Comparison),
        "verdict" => schemars::schema_for!(Verdict),
        "supply" => schemars::schema_for!(Supply),
        "claims" => schemars::schema_for!(Claims),
        _ => return Ok(None),
    };
    let mut text = serde_json::to_string_pretty(&schema)?;
    text.push('\n');
    Ok(Some(text))
}
