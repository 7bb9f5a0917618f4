//! Files and directories of this machine.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use assay_model::{ArtifactRole, Integrity, Purl};
use tar::{EntryType, Header};

use super::cache::{Cache, hash_file};
use super::error::FetchError;
use super::integrity::Hasher;
use super::spec::shown;
use super::{Artifact, NotRead};
use crate::regular;

fn name_of(path: &Path) -> String {
    let named = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    named
        .or_else(|| {
            let whole = std::fs::canonicalize(path).ok()?;
            Some(whole.file_name()?.to_string_lossy().into_owned())
        })
        .unwrap_or_else(|| "root".to_owned())
}

fn local(reason: &str) -> Integrity {
    Integrity::Unpublished {
        reason: reason.to_owned(),
    }
}

/// A file, used where it lies. One that holds another number of bytes than it
/// says, as the files of a kernel do, is copied into the cache, since the size
/// is what its readers go by.
pub(super) fn file(
    path: &Path,
    most: u64,
    cache: impl FnOnce() -> Result<Cache, FetchError>,
    cancelled: &AtomicBool,
) -> Result<Artifact, FetchError> {
    let failed = |error: &std::io::Error| FetchError::read(path, error);
    let mut file = regular::open(path).map_err(|e| failed(&e))?;
    let told = file.metadata().map_err(|e| failed(&e))?.len();
    // Some of them go on for ever.
    let most = told.max(most);
    let too_large = |bytes: u64| {
        (bytes > most).then(|| FetchError::TooLarge {
            url: shown(&path.to_string_lossy()),
            limit: most,
        })
    };
    let mut hasher = Hasher::new(None);
    let mut bytes = hash_file(
        &mut Read::by_ref(&mut file).take(most.saturating_add(1)),
        &mut hasher,
        cancelled,
    )
    .map_err(|e| failed(&e))?
    .ok_or(FetchError::Cancelled)?;
    let mut sha256 = hasher.finish().sha256;
    let mut place = path.to_owned();
    if let Some(error) = too_large(bytes) {
        return Err(error);
    }
    if bytes != told {
        let cache = cache()?;
        let (copy, temporary) = cache.new_artifact()?.into_parts();
        let mut copy = Tee {
            inner: regular::open(path).map_err(|e| failed(&e))?,
            copy,
        };
        let mut hasher = Hasher::new(None);
        bytes = hash_file(
            &mut copy.by_ref().take(most.saturating_add(1)),
            &mut hasher,
            cancelled,
        )
        .map_err(|error| match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => cache.error(&temporary, &error),
            _ => failed(&error),
        })?
        .ok_or(FetchError::Cancelled)?;
        if let Some(error) = too_large(bytes) {
            return Err(error);
        }
        sha256 = hasher.finish().sha256;
        place = cache.place(&temporary, &sha256)?;
        // It has another name now, under which it stays.
        let _ = temporary.keep();
    }
    let file_name = name_of(path);
    Ok(Artifact {
        purl: Purl::new("generic", &file_name, None),
        role: ArtifactRole::Main,
        sha256,
        bytes,
        integrity: local("a local file"),
        path: place,
        file_name,
        published: None,
    })
}

/// Writes down what is read.
struct Tee {
    inner: File,
    copy: File,
}

impl Read for Tee {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.copy
            .write_all(buffer.get(..length).unwrap_or_default())?;
        Ok(length)
    }
}

/// Counts and hashes what is written.
struct Hashing<W> {
    inner: W,
    hasher: Hasher,
    bytes: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let length = self.inner.write(buffer)?;
        self.hasher.update(buffer.get(..length).unwrap_or_default());
        self.bytes = self
            .bytes
            .saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        Ok(length)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// What a path under the directory is.
enum Kind {
    Directory,
    File { executable: bool },
    Symlink(PathBuf),
}

struct Item {
    /// Relative to the directory.
    path: PathBuf,
    /// The same as bytes, with `/` between: what decides the order.
    name: Vec<u8>,
    kind: Kind,
}

#[cfg(unix)]
fn bytes_of(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(not(unix))]
fn bytes_of(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}

#[cfg(unix)]
fn is_executable(data: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    data.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    false
}

/// All paths under a directory. Symbolic links are listed, never followed.
fn walk(
    root: &Path,
    cancelled: &AtomicBool,
    not_read: &mut Vec<NotRead>,
) -> Result<Vec<Item>, FetchError> {
    let mut items = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        if cancelled.load(Ordering::Relaxed) {
            return Err(FetchError::Cancelled);
        }
        let here = root.join(&folder);
        let mut skip = |path: &Path, detail: String| {
            not_read.push(NotRead {
                name: shown(&path.to_string_lossy()),
                detail,
            });
        };
        let entries = match std::fs::read_dir(&here) {
            Ok(entries) => entries,
            Err(error) if folder.as_os_str().is_empty() => {
                return Err(FetchError::read(root, &error));
            }
            Err(error) => {
                skip(&folder, format!("the folder could not be read: {error}"));
                continue;
            }
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    skip(
                        &folder,
                        format!("the folder could not be read to its end: {error}"),
                    );
                    break;
                }
            };
            let path = folder.join(entry.file_name());
            let data = match std::fs::symlink_metadata(root.join(&path)) {
                Ok(data) => data,
                Err(error) => {
                    skip(&path, format!("it could not be read: {error}"));
                    continue;
                }
            };
            let kind = if data.is_dir() {
                folders.push(path.clone());
                Kind::Directory
            } else if data.is_file() {
                Kind::File {
                    executable: is_executable(&data),
                }
            } else if data.is_symlink() {
                match std::fs::read_link(root.join(&path)) {
                    Ok(target) => Kind::Symlink(target),
                    Err(error) => {
                        skip(&path, format!("the link could not be read: {error}"));
                        continue;
                    }
                }
            } else {
                skip(
                    &path,
                    "neither a file, a directory nor a link (a device, a socket or a pipe)"
                        .to_owned(),
                );
                continue;
            };
            items.push(Item {
                name: bytes_of(&path),
                path,
                kind,
            });
        }
    }
    items.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(items)
}

/// A record of the extended header (pax): its own length, key, value.
fn pax_record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len().saturating_add(value.len()).saturating_add(3);
    let mut digits = 1usize;
    while rest.saturating_add(digits).to_string().len() > digits {
        digits = digits.saturating_add(1);
    }
    let mut out = format!("{} {key}=", rest.saturating_add(digits)).into_bytes();
    out.extend_from_slice(value);
    out.push(b'\n');
    out
}

/// Writes one entry. Names go into an extended header whole, as bytes, where
/// the plain header has no room, so that nothing about them is changed.
fn append<W: Write>(
    archive: &mut W,
    item: &Item,
    link: &[u8],
    size: u64,
    content: &mut dyn Read,
) -> std::io::Result<()> {
    let mut name = item.name.clone();
    if matches!(item.kind, Kind::Directory) {
        name.push(b'/');
    }
    let mut records = Vec::new();
    if name.len() > 100 {
        records.extend(pax_record("path", &name));
    }
    if link.len() > 100 {
        records.extend(pax_record("linkpath", link));
    }
    if size > 0o7_7777_7777 {
        records.extend(pax_record("size", size.to_string().as_bytes()));
    }
    let header = |name: &[u8], link: &[u8], kind: EntryType, mode: u32, size: u64| {
        let mut header = Header::new_ustar();
        if let Some(ustar) = header.as_ustar_mut() {
            for (slot, byte) in ustar.name.iter_mut().zip(name) {
                *slot = *byte;
            }
            for (slot, byte) in ustar.linkname.iter_mut().zip(link) {
                *slot = *byte;
            }
        }
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(size);
        header.set_cksum();
        header
    };
    let pad = |archive: &mut W, size: u64| {
        let rest = usize::try_from(size % 512).unwrap_or(0);
        let zeros = [0u8; 512];
        archive.write_all(if rest == 0 {
            &[]
        } else {
            zeros.get(rest..).unwrap_or_default()
        })
    };
    if !records.is_empty() {
        let length = u64::try_from(records.len()).unwrap_or(0);
        let extended = header(b"pax", b"", EntryType::XHeader, 0o644, length);
        archive.write_all(extended.as_bytes())?;
        archive.write_all(&records)?;
        pad(archive, length)?;
    }
    let (kind, mode) = match &item.kind {
        Kind::Directory => (EntryType::Directory, 0o755),
        Kind::File { executable: true } => (EntryType::Regular, 0o755),
        Kind::File { executable: false } => (EntryType::Regular, 0o644),
        Kind::Symlink(_) => (EntryType::Symlink, 0o777),
    };
    let plain = header(&name, link, kind, mode, size);
    archive.write_all(plain.as_bytes())?;
    std::io::copy(content, archive)?;
    pad(archive, size)
}

/// Reads exactly `left` bytes: what is missing at the end is zeros, so that a
/// file that shrinks while it is read does not break the archive.
struct Exactly<'a> {
    inner: &'a mut File,
    left: u64,
    short: bool,
    error: Option<std::io::Error>,
    cancelled: &'a AtomicBool,
}

impl Read for Exactly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(std::io::Error::other("stopped"));
        }
        let most = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let Some(window) = buffer.get_mut(..most).filter(|window| !window.is_empty()) else {
            return Ok(0);
        };
        let mut length = 0;
        if !self.short && self.error.is_none() {
            match self.inner.read(window) {
                Ok(0) => self.short = true,
                Ok(read) => length = read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
                    return Err(error);
                }
                Err(error) => self.error = Some(error),
            }
        }
        if length == 0 {
            window.fill(0);
            length = window.len();
        }
        self.left = self.left.saturating_sub(u64::try_from(length).unwrap_or(0));
        Ok(length)
    }
}

/// Opens a file of the directory without following a link that took its place
/// since it was listed.
fn open_file(path: &Path) -> std::io::Result<(File, u64)> {
    let data = std::fs::symlink_metadata(path)?;
    if !data.is_file() {
        return Err(std::io::Error::other("it changed while it was read"));
    }
    let file = regular::open(path)?;
    let opened = file.metadata()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if (opened.dev(), opened.ino()) != (data.dev(), data.ino()) {
            return Err(std::io::Error::other("it changed while it was read"));
        }
    }
    Ok((file, opened.len()))
}

/// Packs a directory into an archive that depends on nothing but names,
/// content, links and whether files are executable, and puts it into the
/// cache.
pub(super) fn directory(
    root: &Path,
    cache: &Cache,
    most: u64,
    cancelled: &AtomicBool,
    not_read: &mut Vec<NotRead>,
) -> Result<Artifact, FetchError> {
    let items = walk(root, cancelled, not_read)?;
    let (packed, temporary) = cache.new_artifact()?.into_parts();
    let place = temporary.to_path_buf();
    let failed = |error: &std::io::Error| {
        if cancelled.load(Ordering::Relaxed) {
            FetchError::Cancelled
        } else {
            cache.error(&place, error)
        }
    };
    let mut archive = Hashing {
        inner: std::io::BufWriter::with_capacity(1 << 20, packed),
        hasher: Hasher::new(None),
        bytes: 0,
    };
    for item in &items {
        if cancelled.load(Ordering::Relaxed) {
            return Err(FetchError::Cancelled);
        }
        let mut skip = |detail: String| {
            not_read.push(NotRead {
                name: shown(&item.path.to_string_lossy()),
                detail,
            });
        };
        match &item.kind {
            Kind::Directory => append(&mut archive, item, b"", 0, &mut std::io::empty()),
            Kind::Symlink(target) => append(
                &mut archive,
                item,
                &bytes_of(target),
                0,
                &mut std::io::empty(),
            ),
            Kind::File { .. } => match open_file(&root.join(&item.path)) {
                Err(error) => {
                    skip(format!("the file could not be read: {error}"));
                    Ok(())
                }
                // A sparse file of a terabyte costs nothing until it is copied.
                Ok((_, size)) if archive.bytes.saturating_add(size) > most => {
                    skip(format!(
                        "with its {size} bytes the folder is over the limit of {most} bytes \
                         (--max-download)"
                    ));
                    Ok(())
                }
                Ok((mut file, size)) => {
                    let mut content = Exactly {
                        inner: &mut file,
                        left: size,
                        short: false,
                        error: None,
                        cancelled,
                    };
                    let result = append(&mut archive, item, b"", size, &mut content);
                    if let Some(error) = content.error {
                        skip(format!("the file could not be read to its end: {error}"));
                    } else if content.short {
                        skip("the file became shorter while it was read".to_owned());
                    }
                    result
                }
            },
        }
        .map_err(|e| failed(&e))?;
    }
    archive.write_all(&[0; 1024]).map_err(|e| failed(&e))?;
    archive.flush().map_err(|e| failed(&e))?;
    let Hashing {
        hasher,
        bytes,
        inner,
    } = archive;
    drop(inner);
    let sha256 = hasher.finish().sha256;
    let path = cache.place(&place, &sha256)?;
    // It has another name now, under which it stays.
    let _ = temporary.keep();
    let name = name_of(root);
    Ok(Artifact {
        purl: Purl::new("generic", &name, None),
        role: ArtifactRole::Main,
        sha256,
        bytes,
        integrity: local("a local directory"),
        path,
        file_name: format!("{name}.tar"),
        published: None,
    })
}
