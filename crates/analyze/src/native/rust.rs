//! Which crates a Rust executable was built from: every place that can panic
//! carries the path of its source.

use std::collections::BTreeSet;

/// What the paths of sources tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sources {
    /// Crates of a registry or of another repository, with versions where
    /// the path says one: the work of others.
    pub(super) crates: BTreeSet<(String, String)>,
    /// Whether the compiler's own library is in it.
    pub(super) compiler: bool,
    /// Folders of sources that are of the program's own workspace.
    pub(super) own: BTreeSet<String>,
}

/// The most names that are kept of each kind.
const MOST: usize = 20_000;

impl Sources {
    /// Whether anything of Rust was seen.
    pub(super) fn is_rust(&self) -> bool {
        self.compiler || self.crates.len() >= 2
    }

    /// Takes note of the paths in a text.
    pub(super) fn read(&mut self, text: &str) {
        if !text.contains(".rs") || text.len() > 4096 {
            return;
        }
        let slashed = text.replace('\\', "/");
        if slashed.contains("/rustc/") && slashed.contains("/library/") {
            self.compiler = true;
            return;
        }
        if let Some((_, rest)) = slashed.split_once("/registry/src/") {
            // INDEX/NAME-VERSION/src/...
            if let Some(folder) = rest.split('/').nth(1) {
                self.add(folder);
            }
            return;
        }
        if let Some((_, rest)) = slashed.split_once("/git/checkouts/") {
            // NAME-HASH/COMMIT/...
            if let Some((name, _)) = rest.split('/').next().and_then(|f| f.rsplit_once('-'))
                && self.crates.len() < MOST
            {
                self.crates.insert((name.to_owned(), String::new()));
            }
            return;
        }
        // A path of the workspace is relative: NAME/src/FILE.rs.
        let relative = slashed.starts_with(|c: char| c.is_ascii_alphabetic())
            && !slashed.starts_with("library/")
            && !slashed.contains("rustlib/")
            && slashed.ends_with(".rs")
            && slashed
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'.'));
        if relative
            && let Some((folder, _)) = slashed.split_once("/src/")
            // With a version it is the rest of a longer path.
            && !folder.contains('.')
            && self.own.len() < MOST
        {
            self.own.insert(folder.to_owned());
        }
    }

    fn add(&mut self, folder: &str) {
        let version = folder.match_indices('-').map(|(at, _)| at).find(|at| {
            folder
                .as_bytes()
                .get(at.saturating_add(1))
                .is_some_and(u8::is_ascii_digit)
        });
        let Some((name, version)) =
            version.and_then(|at| Some((folder.get(..at)?, folder.get(at.saturating_add(1)..)?)))
        else {
            return;
        };
        let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+');
        if self.crates.len() < MOST && !name.is_empty() && folder.bytes().all(fine) {
            self.crates.insert((name.to_owned(), version.to_owned()));
        }
    }
}
