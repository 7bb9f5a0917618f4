//! pip's settings: which indexes, credentials, proxy and certificates, from
//! where pip itself takes them.
//!
//! Later ones override earlier ones: global files, the user's, the virtual
//! environment's, the file that `PIP_CONFIG_FILE` names, `PIP_*` variables.
//! Source: pip's documentation, 'Configuration', and `netrc(5)`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use url::Url;

use super::env::Environment;
use super::error::FetchError;
use super::http::{Access, Credential, Proxy, Verify, authority, basic, parse_secret_url};
use super::settings::{
    home_expanded, is_null_device, no_proxy_variable, proxy_variable, read_settings,
};

/// The public index, which pip uses when nothing else is configured.
const PUBLIC: &str = "https://pypi.org/simple";

/// pip's settings as far as fetching needs them.
pub(super) struct PipConfig {
    pub(super) access: Access,
    /// The indexes, without credentials, each ending with `/`.
    pub(super) indexes: Vec<Url>,
    /// Local folders with further files.
    pub(super) links: Vec<PathBuf>,
    /// Where the index is configured, for messages.
    pub(super) settings: String,
    /// What pip needs of the environment when it resolves dependencies.
    pub(super) variables: Vec<(OsString, OsString)>,
}

type Values = BTreeMap<String, (String, String)>;

/// Reads a settings file: sections, `key = value` or `key: value`, and further
/// lines of a value indented. Only the sections that hold for every command
/// and for `install` and `download` are of use.
fn parse(text: &str, place: &str, values: &mut Values) {
    let mut sections: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut section = String::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with([' ', '\t'])
            && let Some((_, value)) = sections
                .get_mut(&section)
                .and_then(|entries| entries.last_mut())
        {
            value.push('\n');
            value.push_str(trimmed);
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            section = name.trim().to_owned();
            continue;
        }
        let Some(at) = trimmed.find(['=', ':']) else {
            continue;
        };
        let (key, value) = trimmed.split_at(at);
        let key = key.trim().to_ascii_lowercase().replace('_', "-");
        let value = value.get(1..).unwrap_or_default().trim().to_owned();
        sections
            .entry(section.clone())
            .or_default()
            .push((key, value));
    }
    for section in ["global", "download", "install"] {
        for (key, value) in sections.remove(section).unwrap_or_default() {
            values.insert(key, (value, place.to_owned()));
        }
    }
}

fn files(env: &dyn Environment) -> Vec<PathBuf> {
    let root = env.root();
    let folder = |name: &str| {
        env.var(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let mut out = Vec::new();
    if cfg!(windows) {
        out.extend(folder("PROGRAMDATA").map(|path| path.join("pip/pip.ini")));
        out.extend(folder("APPDATA").map(|path| path.join("pip/pip.ini")));
    } else {
        if cfg!(target_os = "macos") {
            out.push(root.join("Library/Application Support/pip/pip.conf"));
        }
        match env.var("XDG_CONFIG_DIRS").filter(|dirs| !dirs.is_empty()) {
            // The first folder is the most important, and so is read last.
            Some(dirs) => {
                let mut dirs: Vec<PathBuf> = std::env::split_paths(&dirs)
                    .map(|path| path.join("pip/pip.conf"))
                    .collect();
                dirs.reverse();
                out.extend(dirs);
            }
            None => out.push(root.join("etc/xdg/pip/pip.conf")),
        }
        out.push(root.join("etc/pip.conf"));
    }
    if let Some(home) = env.home() {
        if cfg!(windows) {
            out.push(home.join("pip/pip.ini"));
        } else {
            out.push(home.join(".pip/pip.conf"));
            let support = home.join("Library/Application Support/pip");
            if cfg!(target_os = "macos") && support.is_dir() {
                out.push(support.join("pip.conf"));
            } else {
                let config = folder("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
                out.push(config.join("pip/pip.conf"));
            }
        }
    }
    if let Some(environment) = folder("VIRTUAL_ENV") {
        let name = if cfg!(windows) { "pip.ini" } else { "pip.conf" };
        out.push(environment.join(name));
    }
    out
}

/// Host names and their logins of a `.netrc` file.
fn netrc(text: &str) -> Vec<(String, String, String)> {
    let mut out = Vec::new();
    let mut words = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(str::split_whitespace);
    let mut current: Option<(String, String, String)> = None;
    while let Some(word) = words.next() {
        match word {
            "machine" => {
                out.extend(current.take());
                current = words
                    .next()
                    .map(|host| (host.to_ascii_lowercase(), String::new(), String::new()));
            }
            // The default login would go to every host; no registry needs it.
            "default" => out.extend(current.take()),
            "macdef" => break,
            "login" => {
                if let (Some(entry), Some(value)) = (&mut current, words.next()) {
                    entry.1 = value.trim_matches('"').to_owned();
                }
            }
            "password" => {
                if let (Some(entry), Some(value)) = (&mut current, words.next()) {
                    entry.2 = value.trim_matches('"').to_owned();
                }
            }
            _ => {}
        }
    }
    out.extend(current);
    out.retain(|(_, user, password)| !user.is_empty() || !password.is_empty());
    out
}

/// Reads pip's settings.
pub(super) fn load(env: &dyn Environment) -> Result<PipConfig, FetchError> {
    let mut values = Values::new();
    let config_file = env
        .var("PIP_CONFIG_FILE")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from);
    // The null device there means: no settings files at all.
    let no_files = config_file
        .as_ref()
        .is_some_and(|path| is_null_device(path));
    if !no_files {
        for path in files(env).into_iter().chain(config_file) {
            if let Some(text) = read_settings(&path)? {
                parse(&text, &path.display().to_string(), &mut values);
            }
        }
    }
    for (name, value) in env.vars() {
        let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else {
            continue;
        };
        if let Some(key) = name.strip_prefix("PIP_")
            && key != "CONFIG_FILE"
            && !value.is_empty()
        {
            let key = key.to_ascii_lowercase().replace('_', "-");
            values.insert(key, (value.to_owned(), name.to_owned()));
        }
    }
    let get = |key: &str| {
        values
            .get(key)
            .map(|(value, place)| (value.as_str(), place.as_str()))
            .filter(|(value, _)| !value.is_empty())
    };
    let words = |key: &str| -> Vec<(String, String)> {
        get(key)
            .map(|(value, place)| {
                value
                    .split_whitespace()
                    .map(|word| (word.to_owned(), format!("{key} in {place}")))
                    .collect()
            })
            .unwrap_or_default()
    };

    let mut addresses = Vec::new();
    let off =
        get("no-index").is_some_and(|(value, _)| matches!(value, "1" | "true" | "yes" | "on"));
    if !off {
        let first = get("index-url").or_else(|| get("pypi-url"));
        addresses.push(match first {
            Some((value, place)) => (value.to_owned(), format!("index-url in {place}")),
            None => (PUBLIC.to_owned(), "the public index".to_owned()),
        });
        addresses.extend(words("extra-index-url"));
    }
    let mut indexes: Vec<Url> = Vec::new();
    let mut credentials: Vec<Credential> = Vec::new();
    for (address, place) in addresses {
        let mut url = parse_secret_url(&address, &place)?;
        if !url.username().is_empty() || url.password().is_some() {
            // An index's files lie beside it, not under it.
            credentials.push(Credential::in_address(&url, "/"));
            let _ = url.set_username("");
            let _ = url.set_password(None);
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        if !indexes.contains(&url) {
            indexes.push(url);
        }
    }
    let netrc_path = env
        .var("NETRC")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .or_else(|| env.home().map(|home| home.join(".netrc")));
    // Its logins are for hosts, of which only those of the indexes are meant.
    if let Some(text) = netrc_path
        .as_deref()
        .map(read_settings)
        .transpose()?
        .flatten()
    {
        for (host, user, password) in netrc(&text) {
            for index in &indexes {
                let authority = authority(index);
                let known = credentials.iter().any(|known| known.authority == authority);
                if index.host_str() == Some(host.as_str()) && !known {
                    credentials.push(Credential {
                        authority,
                        path: "/".to_owned(),
                        header: basic(&user, &password),
                        plain_http: index.scheme() == "http",
                    });
                }
            }
        }
    }

    let certificate = get("cert")
        .map(|(path, place)| (path.to_owned(), format!("cert in {place}")))
        .or_else(|| {
            ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"]
                .iter()
                .find_map(|name| {
                    let path = env.var(name)?.into_string().ok()?;
                    (!path.is_empty()).then(|| (path, (*name).to_owned()))
                })
        });
    let roots = match certificate {
        Some((path, place)) => Some(Access::read_roots(&home_expanded(&path, env), &place)?),
        None => None,
    };
    let proxy = get("proxy")
        .map(|(value, place)| Proxy::new(value.to_owned(), &format!("proxy in {place}")));
    let all = || proxy_variable(env, &["all_proxy", "ALL_PROXY"]);
    let http_proxy = proxy
        .clone()
        .or_else(|| proxy_variable(env, &["http_proxy", "HTTP_PROXY"]))
        .or_else(all);
    let https_proxy = proxy
        .or_else(|| proxy_variable(env, &["https_proxy", "HTTPS_PROXY"]))
        .or_else(all);
    let trusted: Vec<String> = words("trusted-host")
        .into_iter()
        .map(|(host, _)| host.to_ascii_lowercase())
        .collect();
    let links = words("find-links")
        .into_iter()
        .filter_map(|(place, _)| match Url::parse(&place) {
            Ok(url) if url.scheme() == "file" => url.to_file_path().ok(),
            Ok(url) if url.scheme().len() > 1 => None,
            _ => Some(home_expanded(&place, env)),
        })
        .collect();
    let settings = match get("index-url") {
        Some((_, place)) => place.to_owned(),
        None => "pip.conf or PIP_INDEX_URL".to_owned(),
    };
    Ok(PipConfig {
        access: Access {
            credentials,
            http_proxy,
            https_proxy,
            no_proxy: no_proxy_variable(env),
            roots,
            verify: if trusted.is_empty() {
                Verify::Always
            } else {
                Verify::Except(trusted)
            },
            hint: "the index's address (https://USER:PASSWORD@HOST/...) in pip.conf or \
                   PIP_INDEX_URL, or in ~/.netrc"
                .to_owned(),
        },
        indexes,
        links,
        settings,
        variables: resolver_variables(env),
    })
}

/// What pip may see of the environment: its own settings, proxies,
/// certificates and what Python needs to run.
fn resolver_variables(env: &dyn Environment) -> Vec<(OsString, OsString)> {
    let others = [
        "path",
        "home",
        "virtual_env",
        "xdg_config_home",
        "xdg_config_dirs",
        "netrc",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "all_proxy",
        "ssl_cert_file",
        "ssl_cert_dir",
        "requests_ca_bundle",
        "curl_ca_bundle",
        "tmpdir",
        "userprofile",
        "appdata",
        "programdata",
        "systemroot",
        "lang",
        "lc_all",
        "pyenv_root",
        "pyenv_version",
    ];
    env.vars()
        .into_iter()
        .filter(|(name, _)| {
            name.to_str().is_some_and(|name| {
                name.starts_with("PIP_") || others.contains(&name.to_ascii_lowercase().as_str())
            })
        })
        .collect()
}
