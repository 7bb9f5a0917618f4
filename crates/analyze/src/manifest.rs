//! Package manifests: what a package manager runs and fetches.

use assay_model::{Confidence, Severity};

use crate::raw::{Notes, Place, one_line};

/// The scripts that npm and its like run when a package is installed.
const INSTALL: &[&str] = &["preinstall", "install", "postinstall", "prepare"];

/// Notes what a `package.json` has run at installation. Other JSON is left
/// alone.
pub(crate) fn read(text: &str, path: &str, notes: &mut Notes) {
    if path.rsplit(['/', '!']).next() != Some("package.json") {
        return;
    }
    let Ok(manifest) = serde_json::from_str::<serde_json::Value>(text) else {
        return;
    };
    let Some(scripts) = manifest.get("scripts").and_then(|s| s.as_object()) else {
        return;
    };
    for name in INSTALL {
        let Some(command) = scripts.get(*name).and_then(|c| c.as_str()) else {
            continue;
        };
        // `prepare` runs for git dependencies and in the source tree only.
        if *name == "prepare" || command.trim().is_empty() {
            continue;
        }
        let at = text.find(&format!("\"{name}\"")).unwrap_or(0);
        notes.add(
            "integrity.install-script",
            name,
            &format!(
                "runs a command at installation ({name}): {}",
                one_line(command)
            ),
            (Severity::Medium, Confidence::High),
            || Place {
                start: at as u64,
                len: name.len().saturating_add(2) as u64,
                excerpt: one_line(&format!("{name}: {command}")),
                note: one_line(command),
                ..Place::default()
            },
        );
    }
}
