//! The folder of downloads.
//!
//! ```text
//! artifacts/sha256/ab/abcdef...   files by the SHA-256 of their content
//! index/HASH.json                 which file is which version of what
//! by-digest/SHA256.json           the same, found by content
//! documents/HASH.{json,body}      metadata of registries, for --offline
//! partial/HASH.{part,json,lock}   downloads under way
//! ```
//!
//! Everything in it is checked again when it is used, so that a damaged cache
//! costs a download and never a wrong result. Files are readable by the user
//! alone, since packages and metadata can be private.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use assay_model::{Integrity, Sha256};
use serde::{Deserialize, Serialize};

use super::error::FetchError;
use super::integrity;

/// The folder of downloads.
#[derive(Clone)]
pub(super) struct Cache {
    root: PathBuf,
}

/// Which file of which registry.
pub(super) struct Key<'a> {
    /// The registry's address, without credentials.
    pub(super) registry: &'a str,
    pub(super) package: &'a str,
    pub(super) version: &'a str,
    pub(super) file: &'a str,
}

impl Key<'_> {
    fn hash(&self) -> String {
        let parts = [self.registry, self.package, self.version, self.file];
        integrity::sha256(parts.join("\n").as_bytes()).to_string()
    }
}

/// What is known of a cached file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) registry: String,
    pub(super) package: String,
    pub(super) version: String,
    pub(super) file: String,
    pub(super) sha256: Sha256,
    pub(super) bytes: u64,
    pub(super) integrity: Integrity,
    #[serde(default)]
    pub(super) published: Option<String>,
}

/// What is known of a cached document; the body is beside it.
#[derive(Debug, Serialize, Deserialize)]
struct DocumentHead {
    url: String,
    answered_by: String,
    content_type: String,
    etag: Option<String>,
    sha256: Sha256,
}

/// A cached document.
pub(super) struct CachedDocument {
    pub(super) answered_by: String,
    pub(super) content_type: String,
    pub(super) etag: Option<String>,
    pub(super) body: Vec<u8>,
}

/// A held lock; it is let go when this is dropped.
pub(super) struct Lock {
    _file: File,
}

/// The state of a cached artifact.
pub(super) enum State {
    Good {
        path: PathBuf,
        bytes: u64,
    },
    Missing,
    /// It was damaged, and has been removed.
    Damaged(PathBuf),
}

impl Cache {
    pub(super) fn open(root: &Path) -> Result<Self, FetchError> {
        let cache = Self {
            root: root.to_owned(),
        };
        for folder in [
            "artifacts/sha256",
            "index",
            "by-digest",
            "documents",
            "partial",
        ] {
            cache.make_folder(&root.join(folder))?;
        }
        Ok(cache)
    }

    fn make_folder(&self, path: &Path) -> Result<(), FetchError> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        builder
            .create(path)
            .map_err(|error| self.error(path, &error))
    }

    pub(super) fn error(&self, path: &Path, error: &std::io::Error) -> FetchError {
        FetchError::cache(&self.root, path, error)
    }

    /// Where an artifact is, or would be.
    pub(super) fn artifact_path(&self, sha256: &Sha256) -> PathBuf {
        let name = sha256.to_string();
        let folder = name.get(..2).unwrap_or_default().to_owned();
        self.root.join("artifacts/sha256").join(folder).join(name)
    }

    /// The path of a file of a download under way.
    pub(super) fn partial(&self, name: &str, ending: &str) -> PathBuf {
        self.root.join("partial").join(format!("{name}.{ending}"))
    }

    /// A name for the download of something.
    pub(super) fn partial_name(key: &Key<'_>) -> String {
        key.hash()
    }

    /// Waits until no other process works on the same download.
    pub(super) fn lock(
        &self,
        name: &str,
        cancelled: &AtomicBool,
        mut waiting: impl FnMut(),
    ) -> Result<Lock, FetchError> {
        let path = self.partial(name, "lock");
        let file = private(OpenOptions::new().create(true).write(true).truncate(false))
            .open(&path)
            .map_err(|error| self.error(&path, &error))?;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(TryLockError::WouldBlock) => {
                    if !told {
                        waiting();
                        told = true;
                    }
                    if cancelled.load(Ordering::Relaxed) {
                        return Err(FetchError::Cancelled);
                    }
                    std::thread::sleep(Duration::from_millis(100));
                }
                // A file system without locks: two processes then do the same
                // work, and the rename at its end is whole for both.
                Err(TryLockError::Error(error))
                    if error.kind() == std::io::ErrorKind::Unsupported =>
                {
                    return Ok(Lock { _file: file });
                }
                Err(TryLockError::Error(error)) => return Err(self.error(&path, &error)),
            }
        }
    }

    /// Opens a file for a download, kept content included.
    pub(super) fn open_partial(&self, path: &Path) -> Result<File, FetchError> {
        private(
            OpenOptions::new()
                .create(true)
                .read(true)
                .write(true)
                .truncate(false),
        )
        .open(path)
        .map_err(|error| self.error(path, &error))
    }

    /// Writes a file whole or not at all.
    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), FetchError> {
        let folder = path.parent().unwrap_or(&self.root);
        let failed = |error: &std::io::Error| self.error(path, error);
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|e| failed(&e))?;
        file.write_all(bytes).map_err(|e| failed(&e))?;
        file.persist(path).map_err(|error| failed(&error.error))?;
        Ok(())
    }

    /// A new file that is to become an artifact.
    pub(super) fn new_artifact(&self) -> Result<tempfile::NamedTempFile, FetchError> {
        let folder = self.root.join("partial");
        tempfile::NamedTempFile::new_in(&folder).map_err(|error| self.error(&folder, &error))
    }

    /// Gives a finished file its place.
    pub(super) fn place(&self, from: &Path, sha256: &Sha256) -> Result<PathBuf, FetchError> {
        let to = self.artifact_path(sha256);
        if let Some(folder) = to.parent() {
            self.make_folder(folder)?;
        }
        std::fs::rename(from, &to).map_err(|error| self.error(&to, &error))?;
        Ok(to)
    }

    /// Hashes a cached artifact anew.
    pub(super) fn state(
        &self,
        sha256: &Sha256,
        cancelled: &AtomicBool,
    ) -> Result<State, FetchError> {
        let path = self.artifact_path(sha256);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(State::Missing);
            }
            Err(error) => return Err(self.error(&path, &error)),
        };
        let mut hasher = integrity::Hasher::new(None);
        let bytes = hash_file(&mut file, &mut hasher, cancelled)
            .map_err(|error| self.error(&path, &error))?
            .ok_or(FetchError::Cancelled)?;
        if hasher.finish().sha256 == *sha256 {
            return Ok(State::Good { path, bytes });
        }
        std::fs::remove_file(&path).map_err(|error| self.error(&path, &error))?;
        Ok(State::Damaged(path))
    }

    /// What is known of a file of a registry.
    pub(super) fn entry(&self, key: &Key<'_>) -> Option<Entry> {
        let path = self.root.join("index").join(format!("{}.json", key.hash()));
        let entry: Entry = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        let same = entry.registry == key.registry
            && entry.package == key.package
            && entry.version == key.version
            && entry.file == key.file;
        same.then_some(entry)
    }

    /// What is known of some content.
    pub(super) fn entry_of(&self, sha256: &Sha256) -> Option<Entry> {
        let path = self.root.join("by-digest").join(format!("{sha256}.json"));
        let entry: Entry = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        (entry.sha256 == *sha256).then_some(entry)
    }

    /// Remembers what a file is.
    pub(super) fn remember(&self, entry: &Entry) -> Result<(), FetchError> {
        let key = Key {
            registry: &entry.registry,
            package: &entry.package,
            version: &entry.version,
            file: &entry.file,
        };
        let text = serde_json::to_vec_pretty(entry).unwrap_or_default();
        let path = self.root.join("index").join(format!("{}.json", key.hash()));
        self.write(&path, &text)?;
        let path = self
            .root
            .join("by-digest")
            .join(format!("{}.json", entry.sha256));
        self.write(&path, &text)
    }

    fn document_paths(&self, key: &str) -> (PathBuf, PathBuf) {
        let name = integrity::sha256(key.as_bytes()).to_string();
        let folder = self.root.join("documents");
        (
            folder.join(format!("{name}.json")),
            folder.join(format!("{name}.body")),
        )
    }

    /// A document as it was last fetched.
    pub(super) fn document(&self, key: &str) -> Option<CachedDocument> {
        let (head, body) = self.document_paths(key);
        let head: DocumentHead = serde_json::from_slice(&std::fs::read(head).ok()?).ok()?;
        let body = std::fs::read(body).ok()?;
        let whole = head.url == key && integrity::sha256(&body) == head.sha256;
        whole.then_some(CachedDocument {
            answered_by: head.answered_by,
            content_type: head.content_type,
            etag: head.etag,
            body,
        })
    }

    /// Keeps a document.
    pub(super) fn keep_document(
        &self,
        key: &str,
        document: &CachedDocument,
    ) -> Result<(), FetchError> {
        let (head_path, body_path) = self.document_paths(key);
        let head = DocumentHead {
            url: key.to_owned(),
            answered_by: document.answered_by.clone(),
            content_type: document.content_type.clone(),
            etag: document.etag.clone(),
            sha256: integrity::sha256(&document.body),
        };
        self.write(&body_path, &document.body)?;
        self.write(&head_path, &serde_json::to_vec(&head).unwrap_or_default())
    }
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Hashes a file from where it stands to its end; `None` when stopped.
pub(super) fn hash_file(
    file: &mut impl Read,
    hasher: &mut integrity::Hasher,
    cancelled: &AtomicBool,
) -> std::io::Result<Option<u64>> {
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0u64;
    loop {
        if cancelled.load(Ordering::Relaxed) {
            return Ok(None);
        }
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Some(bytes)),
            Ok(length) => {
                hasher.update(buffer.get(..length).unwrap_or_default());
                bytes = bytes.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
