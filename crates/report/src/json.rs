use assay_model::Dossier;

use crate::escape;

/// The dossier as one JSON object.
///
/// # Errors
/// When it cannot be written as JSON, which no value of these types is.
pub fn render(dossier: &Dossier) -> Result<String, serde_json::Error> {
    let mut text = escape::json(&serde_json::to_string_pretty(dossier)?);
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
