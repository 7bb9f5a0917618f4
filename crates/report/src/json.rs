use assay_model::Dossier;
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

/// The JSON Schema of what [`render`] writes.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn schema() -> Result<String, serde_json::Error> {
    let schema = schemars::schema_for!(Dossier);
    let mut text = serde_json::to_string_pretty(&schema)?;
    text.push('\n');
    Ok(text)
}
