//! A document that the user names by its address.

use std::sync::atomic::AtomicBool;

use url::Url;

use super::error::FetchError;
use super::http::redacted;
use super::spec::shown;
use super::{Environment, FetchOptions, Progress, Run};

/// Gets the document at an address, or the one that was got earlier where
/// only the cache may be used. Proxy, certificates and credentials are those
/// of the user's npm settings; a credential goes to its own host only.
///
/// # Errors
///
/// [`FetchError::Config`] where it is no http or https address, and as
/// [`super::fetch`].
pub fn document(
    address: &str,
    options: &FetchOptions,
    env: &dyn Environment,
    progress: &dyn Progress,
    cancelled: &AtomicBool,
) -> Result<Vec<u8>, FetchError> {
    let url = Url::parse(address)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.ok_or_else(|| FetchError::Config {
        place: shown(address),
        problem: "it is no http or https address".to_owned(),
    })?;
    let run = Run {
        options,
        env,
        progress,
        cancelled,
    };
    run.npm(&mut Vec::new(), |npm, _| {
        let found = npm.registry.document(&url, "*/*")?;
        let found = found.ok_or_else(|| FetchError::Status {
            url: redacted(&url),
            status: 404,
            after: String::new(),
        })?;
        Ok(found.body)
    })
}
