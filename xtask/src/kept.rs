//! What the repository keeps: text that was written for it, of a size that
//! somebody can have read. Real subjects are fetched by name, never stored.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

/// The one file that is no text: an index of hashes, made by
/// `cargo xtask party-index`.
const BINARY: &[&str] = &["data/packages.idx"];

/// What a text may have, in bytes: half as much again as the largest.
const LARGEST: u64 = 256 * 1024;

/// Files of the repository that are no text, too large, or no files, each
/// with the reason; none, and a line that says so, where there is no
/// repository.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn faults(root: &Path) -> Result<Vec<(String, String)>> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others"])
        .arg("--exclude-standard")
        .current_dir(root)
        .output();
    let listed = match listed {
        Ok(output) if output.status.success() => output.stdout,
        _ => {
            println!("skipped: this is no repository, what it keeps was not looked at");
            return Ok(Vec::new());
        }
    };
    let mut faults = Vec::new();
    for name in listed
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
    {
        let name = String::from_utf8_lossy(name).into_owned();
        if BINARY.contains(&name.as_str()) {
            continue;
        }
        let path = root.join(&name);
        // Deleted, and not yet said so.
        let Ok(data) = path.symlink_metadata() else {
            continue;
        };
        if !data.is_file() {
            faults.push((name, "is no file".to_owned()));
        } else if data.len() > LARGEST {
            let reason = format!("has {} bytes; a text has at most {LARGEST}", data.len());
            faults.push((name, reason));
        } else {
            let bytes = std::fs::read(&path).with_context(|| format!("{name} cannot be read"))?;
            if let Some(reason) = unread(&bytes) {
                faults.push((name, reason.to_owned()));
            }
        }
    }
    Ok(faults)
}

/// Why these bytes are nothing that a person reads.
fn unread(bytes: &[u8]) -> Option<&'static str> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Some("is no text in UTF-8");
    };
    text.chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        .then_some("holds control characters: a binary, or escapes that a terminal would obey")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_and_programs_are_no_text() {
        assert!(unread(b"PK\x03\x04\x14\x00").is_some());
        assert!(unread(b"\x7fELF\x02").is_some());
        assert!(unread(b"\x1f\x8b\x08").is_some());
        assert!(unread(b"red \x1b[31m").is_some());
        assert_eq!(unread("fn main() {}\r\n\t// \u{e9}".as_bytes()), None);
        assert_eq!(unread(b""), None);
    }

    #[test]
    fn what_is_kept_is_looked_at() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let root = folder.path();
        let made = Command::new("git")
            .args(["init", "--quiet"])
            .current_dir(root)
            .status()?;
        assert!(made.success());
        std::fs::write(root.join("a.txt"), "a text")?;
        std::fs::write(root.join("b.zip"), b"PK\x03\x04\x14\x00")?;
        std::fs::write(root.join("c.txt"), "c".repeat(LARGEST as usize + 1))?;
        let names: Vec<String> = faults(root)?.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b.zip", "c.txt"]);
        Ok(())
    }
}
