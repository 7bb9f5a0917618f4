//! One artifact, from the cache or a registry.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use assay_model::{Integrity, Sha256};
use serde::{Deserialize, Serialize};
use url::Url;

use super::cache::{Cache, Entry, Key, State, hash_file};
use super::error::FetchError;
use super::http::{Client, Failure, Reply, plain, redacted};
use super::integrity::{Hasher, Published};

/// What to download.
pub(super) struct Wanted<'a> {
    pub(super) key: Key<'a>,
    /// For messages: package and version.
    pub(super) name: String,
    pub(super) url: Url,
    pub(super) published: Option<Published>,
    /// Why there is no published digest, if there is none.
    pub(super) unpublished: &'a str,
    /// When the registry says it was published.
    pub(super) date: Option<String>,
}

/// A file that is in the cache.
pub(super) struct Stored {
    pub(super) sha256: Sha256,
    pub(super) bytes: u64,
    pub(super) path: PathBuf,
    pub(super) integrity: Integrity,
    pub(super) published: Option<String>,
}

/// What a `.part` file is the beginning of.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PartInfo {
    url: String,
    /// A strong `ETag` or a `Last-Modified` date.
    validator: Option<String>,
}

/// More bytes than this since the last try mean that a broken connection was
/// worth it, and the tries are counted anew.
const WORTH: u64 = 1 << 20;

/// A bound on the tries of one download, however much each brings.
const MOST_TRIES: u32 = 50;

pub(super) struct Downloader<'a> {
    pub(super) client: &'a Client<'a>,
    pub(super) cache: &'a Cache,
    pub(super) offline: bool,
    pub(super) max_download: u64,
}

impl Downloader<'_> {
    /// The wanted file, from the cache when it is there and whole.
    pub(super) fn get(&self, wanted: &Wanted<'_>) -> Result<Stored, FetchError> {
        if let Some(stored) = self.cached(wanted)? {
            return Ok(stored);
        }
        if self.offline {
            return Err(FetchError::Offline {
                what: wanted.name.clone(),
            });
        }
        let name = Cache::partial_name(&wanted.key);
        let _lock = self.cache.lock(&name, self.client.cancelled(), || {
            self.client.progress.message(&format!(
                "another process downloads {}; waiting for it",
                wanted.name
            ));
        })?;
        // Whoever held the lock may have brought it.
        if let Some(stored) = self.cached(wanted)? {
            return Ok(stored);
        }
        self.download(wanted, &name)
    }

    fn cached(&self, wanted: &Wanted<'_>) -> Result<Option<Stored>, FetchError> {
        let Some(entry) = self.cache.entry(&wanted.key) else {
            return Ok(None);
        };
        // A registry that now publishes another digest has another file.
        let published_now = wanted.published.as_ref().map(Published::text);
        if let (Some(now), Integrity::Verified { digest }) = (&published_now, &entry.integrity)
            && now != digest
        {
            return Ok(None);
        }
        if published_now.is_some() && matches!(entry.integrity, Integrity::Unpublished { .. }) {
            return Ok(None);
        }
        match self.cache.state(&entry.sha256, self.client.cancelled())? {
            State::Good { path, bytes } => Ok(Some(Stored {
                sha256: entry.sha256,
                bytes,
                path,
                integrity: entry.integrity,
                published: wanted.date.clone().or(entry.published),
            })),
            State::Missing => Ok(None),
            State::Damaged(path) if self.offline => Err(FetchError::CacheCorrupt {
                name: wanted.name.clone(),
                path: path.display().to_string(),
            }),
            State::Damaged(_) => {
                self.client.progress.message(&format!(
                    "the cached file of {} was damaged; it is fetched again",
                    wanted.name
                ));
                Ok(None)
            }
        }
    }

    fn download(&self, wanted: &Wanted<'_>, name: &str) -> Result<Stored, FetchError> {
        let part = self.cache.partial(name, "part");
        let info = self.cache.partial(name, "json");
        let result = self.tries(wanted, &part, &info);
        // What no later run goes on from would only take room.
        let useless = match &result {
            Ok(_) => false,
            Err(FetchError::TooLarge { .. }) => true,
            Err(_) => self.resumable(wanted, &part, &info).is_none(),
        };
        if useless {
            self.discard(&part, &info);
        }
        result
    }

    fn tries(&self, wanted: &Wanted<'_>, part: &Path, info: &Path) -> Result<Stored, FetchError> {
        let mut tried = 0u32;
        let mut total_tries = 0u32;
        let mut pause = self.client.limits().pause;
        let mut restarted = false;
        loop {
            tried = tried.saturating_add(1);
            total_tries = total_tries.saturating_add(1);
            let before = std::fs::metadata(part).map_or(0, |data| data.len());
            match self.attempt(wanted, part, info) {
                Ok((hasher, bytes, resumed)) => {
                    let digests = hasher.finish();
                    let actual = wanted.published.as_ref().and_then(|p| digests.mismatch(p));
                    if let (Some(actual), Some(published)) = (actual, &wanted.published) {
                        self.discard(part, info);
                        if resumed && !restarted {
                            // The beginning may be of another file; once more
                            // from the start before it is called wrong.
                            restarted = true;
                            continue;
                        }
                        return Err(FetchError::Digest {
                            name: wanted.name.clone(),
                            expected: published.text(),
                            actual,
                        });
                    }
                    return self.finish(wanted, part, info, digests.sha256, bytes);
                }
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Again { url, reason }) => {
                    let after = std::fs::metadata(part).map_or(0, |data| data.len());
                    let kept = || match self.resumable(wanted, part, info) {
                        Some(_) => format!(
                            "{reason}; {after} bytes came and are kept, and the next run goes on from there"
                        ),
                        None => reason.clone(),
                    };
                    if after.saturating_sub(before) >= WORTH {
                        tried = 0;
                        pause = self.client.limits().pause;
                    } else if tried >= self.client.limits().tries {
                        return Err(self.client.exhausted(url, &kept(), tried));
                    }
                    if total_tries >= MOST_TRIES {
                        return Err(self.client.exhausted(url, &kept(), total_tries));
                    }
                    self.client.sleep(pause)?;
                    pause = pause.saturating_mul(2);
                }
            }
        }
    }

    fn finish(
        &self,
        wanted: &Wanted<'_>,
        part: &Path,
        info: &Path,
        sha256: Sha256,
        bytes: u64,
    ) -> Result<Stored, FetchError> {
        let path = self.cache.place(part, &sha256)?;
        let _ = std::fs::remove_file(info);
        let integrity = match &wanted.published {
            Some(published) => Integrity::Verified {
                digest: published.text(),
            },
            None => Integrity::Unpublished {
                reason: wanted.unpublished.to_owned(),
            },
        };
        self.cache.remember(&Entry {
            registry: wanted.key.registry.to_owned(),
            package: wanted.key.package.to_owned(),
            version: wanted.key.version.to_owned(),
            file: wanted.key.file.to_owned(),
            sha256,
            bytes,
            integrity: integrity.clone(),
            published: wanted.date.clone(),
        })?;
        Ok(Stored {
            sha256,
            bytes,
            path,
            integrity,
            published: wanted.date.clone(),
        })
    }

    fn discard(&self, part: &Path, info: &Path) {
        // Both may be missing; a file that stays is checked when next used.
        let _ = std::fs::remove_file(part);
        let _ = std::fs::remove_file(info);
    }

    /// The kept beginning of the same file: its info, when it can be gone on
    /// from.
    fn resumable(&self, wanted: &Wanted<'_>, part: &Path, info: &Path) -> Option<PartInfo> {
        let known: PartInfo = serde_json::from_slice(&std::fs::read(info).ok()?).ok()?;
        let length = std::fs::metadata(part).ok()?.len();
        // Without a validator only a published digest can tell whether the
        // rest belongs to the beginning.
        let safe = known.validator.is_some() || wanted.published.is_some();
        (safe && length > 0 && known.url == plain(&wanted.url)).then_some(known)
    }

    fn too_large(&self, url: &Url) -> Failure {
        FetchError::TooLarge {
            url: redacted(url),
            limit: self.max_download,
        }
        .into()
    }

    /// One try: the hash of the whole, its length, and whether it was put
    /// together from parts.
    fn attempt(
        &self,
        wanted: &Wanted<'_>,
        part: &Path,
        info: &Path,
    ) -> Result<(Hasher, u64, bool), Failure> {
        let mut hasher = Hasher::new(wanted.published.as_ref());
        let mut file = self.cache.open_partial(part)?;
        let mut have = 0u64;
        // The bytes must come as they are: they are hashed, and ranges of
        // them are asked for.
        let mut headers = vec![
            ("accept", "*/*".to_owned()),
            ("accept-encoding", "identity".to_owned()),
        ];
        if let Some(known) = self.resumable(wanted, part, info) {
            have = hash_file(&mut file, &mut hasher, self.client.cancelled())
                .map_err(|error| self.cache.error(part, &error))?
                .ok_or(FetchError::Cancelled)?;
            headers.push(("range", format!("bytes={have}-")));
            if let Some(validator) = known.validator {
                headers.push(("if-range", validator));
            }
        }
        let reply = self.client.get(&wanted.url, &headers)?;
        self.client.check_status(&reply)?;
        let resumed = match reply.status {
            200 => {
                hasher = Hasher::new(wanted.published.as_ref());
                have = 0;
                false
            }
            206 if have > 0 && range_start(&reply) == Some(have) => true,
            206 | 416 => {
                drop(file);
                self.discard(part, info);
                return Err(Failure::Again {
                    url: redacted(&reply.url),
                    reason: "the server sent another part of the file than was asked for"
                        .to_owned(),
                });
            }
            404 | 410 => {
                return Err(FetchError::NotThere {
                    url: redacted(&reply.url),
                    status: reply.status,
                    name: wanted.name.clone(),
                }
                .into());
            }
            status => {
                return Err(FetchError::Status {
                    url: redacted(&reply.url),
                    status,
                    after: String::new(),
                }
                .into());
            }
        };
        self.receive(wanted, reply, file, part, info, hasher, have, resumed)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the second half of one procedure, which hands over all of its state"
    )]
    fn receive(
        &self,
        wanted: &Wanted<'_>,
        mut reply: Reply<'_>,
        mut file: File,
        part: &Path,
        info: &Path,
        mut hasher: Hasher,
        mut have: u64,
        resumed: bool,
    ) -> Result<(Hasher, u64, bool), Failure> {
        let failed = |error: &std::io::Error| Failure::from(self.cache.error(part, error));
        let rest = reply
            .header("content-length")
            .and_then(|length| length.parse::<u64>().ok());
        let total = rest.map(|rest| rest.saturating_add(have));
        if total.is_some_and(|total| total > self.max_download) {
            return Err(self.too_large(&reply.url));
        }
        file.set_len(have).map_err(|e| failed(&e))?;
        file.seek(SeekFrom::Start(have)).map_err(|e| failed(&e))?;
        if !resumed {
            let validator = reply
                .header("etag")
                .filter(|etag| !etag.starts_with("W/"))
                .or_else(|| reply.header("last-modified"))
                .map(str::to_owned);
            let known = PartInfo {
                url: plain(&wanted.url),
                validator,
            };
            let text = serde_json::to_vec(&known).unwrap_or_default();
            self.cache.write(info, &text)?;
        }
        self.client.progress.download(&wanted.name, have, total);
        while let Some(chunk) = reply.next()? {
            have = have.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if have > self.max_download {
                return Err(self.too_large(&reply.url));
            }
            file.write_all(&chunk).map_err(|e| failed(&e))?;
            hasher.update(&chunk);
            self.client.progress.download(&wanted.name, have, total);
        }
        if let Some(total) = total
            && have != total
        {
            return Err(Failure::Again {
                url: redacted(&reply.url),
                reason: format!("the connection ended after {have} of {total} bytes"),
            });
        }
        file.sync_data().map_err(|e| failed(&e))?;
        Ok((hasher, have, resumed))
    }
}

fn range_start(reply: &Reply<'_>) -> Option<u64> {
    let range = reply.header("content-range")?.trim();
    let range = range.strip_prefix("bytes")?.trim_start();
    range.split_once('-')?.0.trim().parse().ok()
}
