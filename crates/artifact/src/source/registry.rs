//! Metadata documents of registries, from the network or the cache.

use url::Url;

use super::cache::{Cache, CachedDocument};
use super::error::FetchError;
use super::http::{Client, plain, redacted};

/// A registry's metadata documents.
#[derive(Clone, Copy)]
pub(super) struct Registry<'a> {
    pub(super) client: &'a Client<'a>,
    pub(super) cache: &'a Cache,
    pub(super) offline: bool,
}

impl Registry<'_> {
    /// A document; `None` when the registry has none at that address.
    pub(super) fn document(
        &self,
        url: &Url,
        accept: &str,
    ) -> Result<Option<CachedDocument>, FetchError> {
        let key = format!("{} {}", plain(url), accept);
        let known = self.cache.document(&key);
        if self.offline {
            return match known {
                Some(document) => Ok(Some(document)),
                None => Err(FetchError::Offline {
                    what: format!("the metadata at {}", redacted(url)),
                }),
            };
        }
        let etag = known.as_ref().and_then(|known| known.etag.as_deref());
        let answer = self.client.document(url, accept, etag)?;
        match (answer.status, known) {
            (200, _) => {
                let document = CachedDocument {
                    answered_by: plain(&answer.url),
                    content_type: answer.content_type,
                    etag: answer.etag,
                    body: answer.body,
                };
                self.cache.keep_document(&key, &document)?;
                Ok(Some(document))
            }
            (304, Some(known)) => Ok(Some(known)),
            (404 | 410, _) => Ok(None),
            (status, _) => Err(FetchError::Status {
                url: redacted(url),
                status,
                after: String::new(),
            }),
        }
    }

    /// The same for an address that not every registry has: any refusal, and
    /// a document that is not cached, is none.
    pub(super) fn document_or_none(
        &self,
        url: &Url,
        accept: &str,
    ) -> Result<Option<CachedDocument>, FetchError> {
        match self.document(url, accept) {
            Err(FetchError::Status { status, .. }) if status < 500 => Ok(None),
            Err(FetchError::Offline { .. }) => Ok(None),
            other => other,
        }
    }
}
