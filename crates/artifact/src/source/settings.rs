//! What the settings of npm and of pip have in common.

use std::path::{Path, PathBuf};

use super::env::Environment;
use super::error::FetchError;
use super::http::Proxy;
use crate::regular::read_regular;

/// The largest settings file that is read.
const MOST_SETTINGS: u64 = 1 << 20;

/// The largest file of certificates that is read; all of a system's together
/// are a few hundred kilobytes.
const MOST_CERTIFICATES: u64 = 16 << 20;

/// Certificates in PEM form.
pub(super) fn read_certificates(path: &Path) -> std::io::Result<Vec<u8>> {
    read_regular(path, MOST_CERTIFICATES)
}

/// A settings file's text; `None` when there is no such file, or the null
/// device in its place.
pub(super) fn read_settings(path: &Path) -> Result<Option<String>, FetchError> {
    if is_null_device(path) {
        return Ok(None);
    }
    match read_regular(path, MOST_SETTINGS) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error)
            if matches!(
                error.kind(),
                std::io::ErrorKind::NotFound
                    | std::io::ErrorKind::NotADirectory
                    | std::io::ErrorKind::IsADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(FetchError::Config {
            place: path.display().to_string(),
            problem: format!("the settings file could not be read: {error}"),
        }),
    }
}

/// Whether a path is that which stands for no settings at all.
pub(super) fn is_null_device(path: &Path) -> bool {
    path == Path::new("/dev/null") || path == Path::new("nul")
}

/// A path that may begin with `~/`.
pub(super) fn home_expanded(path: &str, env: &dyn Environment) -> PathBuf {
    match (path.strip_prefix("~/"), env.home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// The value of the first of these variables that is set, and which it is.
fn variable<'n>(env: &dyn Environment, names: &[&'n str]) -> Option<(String, &'n str)> {
    names
        .iter()
        .find_map(|name| Some((env.var(name)?, *name)))
        .and_then(|(value, name)| Some((value.into_string().ok()?, name)))
        .filter(|(value, _)| !value.trim().is_empty())
}

/// A proxy from the usual variables.
pub(super) fn proxy_variable(env: &dyn Environment, names: &[&str]) -> Option<Proxy> {
    variable(env, names).map(|(address, name)| Proxy::new(address, name))
}

/// The hosts that are reached without a proxy, from the usual variables.
pub(super) fn no_proxy_variable(env: &dyn Environment) -> Vec<String> {
    variable(env, &["no_proxy", "NO_PROXY"])
        .map(|(list, _)| host_list(&list))
        .unwrap_or_default()
}

/// Hosts in a list with commas or spaces.
pub(super) fn host_list(list: &str) -> Vec<String> {
    list.split([',', ' '])
        .map(str::trim)
        .filter(|host| !host.is_empty())
        .map(str::to_owned)
        .collect()
}
