//! npm's settings: which registry for which scope, credentials, proxy and
//! certificates, from where npm itself takes them.
//!
//! In order of precedence: `npm_config_*` variables, the project's `.npmrc`
//! (only when asked for, since it comes with the repository), the user's, the
//! global one, and the one that npm is distributed with. Source: npm's
//! documentation, `config` and `npmrc`.
//!
//! Who wrote the repository wrote the project's file too. It gets nothing of
//! the environment, which it could send to a host of its choice, and does not
//! say where the files of the user lie.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use url::Url;

use super::env::Environment;
use super::error::FetchError;
use super::http::{Access, Credential, Proxy, Secret, Verify, authority, basic, parse_secret_url};
use super::settings::{
    home_expanded, host_list, no_proxy_variable, proxy_variable, read_certificates, read_settings,
};
use super::spec::shown;

/// The public registry, which npm uses when nothing else is configured.
const PUBLIC: &str = "https://registry.npmjs.org/";

/// One file's or the environment's settings: values by key, arrays as several.
#[derive(Default)]
struct Layer {
    /// For messages.
    place: String,
    values: HashMap<String, Vec<String>>,
}

/// npm's settings as far as fetching needs them.
pub(super) struct NpmConfig {
    pub(super) access: Access,
    pub(super) registry: Url,
    scopes: HashMap<String, Url>,
    /// `replace-registry-host`: which hosts in file addresses stand for the
    /// configured registry.
    replace: String,
    /// Where the registry is configured, for messages.
    pub(super) settings: String,
    /// Variables that the settings files refer to, and npm's own: what npm
    /// needs when it resolves dependencies.
    pub(super) variables: Vec<(OsString, OsString)>,
    /// Where npm finds the files of the user, whatever the project says.
    pub(super) files: [(&'static str, Option<PathBuf>); 2],
    /// What the project's file sets, in its own form, when it was asked for.
    pub(super) project: Option<String>,
    /// What of the project's file is not used.
    pub(super) remarks: Vec<String>,
}

fn unquoted(value: &str) -> String {
    let value = value.trim();
    if value.len() >= 2
        && value.starts_with('"')
        && value.ends_with('"')
        && let Ok(text) = serde_json::from_str::<String>(value)
    {
        return text;
    }
    if value.len() >= 2 && value.starts_with('\'') && value.ends_with('\'') {
        return value
            .get(1..value.len().saturating_sub(1))
            .unwrap_or_default()
            .to_owned();
    }
    // An unescaped ';' or '#' begins a comment; a backslash keeps it.
    let mut out = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(next @ (';' | '#' | '\\')) => out.push(next),
                Some(next) => {
                    out.push('\\');
                    out.push(next);
                }
                None => out.push('\\'),
            },
            ';' | '#' => break,
            _ => out.push(c),
        }
    }
    out.trim_end().to_owned()
}

/// `${NAME}` is replaced by the variable; `${NAME?}` by nothing when it is not
/// set, and `${NAME}` then stays as it is. A backslash before keeps it.
fn expanded(text: &str, env: &dyn Environment, used: &mut Vec<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, tail) = rest.split_at(start);
        let tail = tail.get(2..).unwrap_or_default();
        let Some((name, after)) = tail.split_once('}') else {
            break;
        };
        if let Some(before) = before.strip_suffix('\\') {
            out.push_str(before);
            out.push_str("${");
            rest = tail;
            continue;
        }
        out.push_str(before);
        let (variable, optional) = match name.strip_suffix('?') {
            Some(variable) => (variable, true),
            None => (name, false),
        };
        used.push(variable.to_owned());
        match env.var(variable).and_then(|value| value.into_string().ok()) {
            Some(value) => out.push_str(&value),
            None if optional => {}
            None => {
                out.push_str("${");
                out.push_str(name);
                out.push('}');
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Reads a settings file; `expand` replaces what refers to variables.
fn parse(text: &str, place: &str, mut expand: impl FnMut(String) -> String) -> Layer {
    let mut layer = Layer {
        place: place.to_owned(),
        ..Layer::default()
    };
    for line in text.trim_start_matches('\u{feff}').split(['\r', '\n']) {
        let line = line.trim();
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        if line.starts_with('[') && line.ends_with(']') {
            // npm has no sections: what follows is nested, and not settings.
            break;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, "true"));
        let key = expand(unquoted(key));
        let value = expand(unquoted(value));
        let key = key.strip_suffix("[]").unwrap_or(&key).to_owned();
        layer.values.entry(key).or_default().push(value);
    }
    layer
}

fn read(
    path: &Path,
    env: &dyn Environment,
    used: &mut Vec<String>,
) -> Result<Option<Layer>, FetchError> {
    let text = read_settings(path)?;
    let expand = |text: String| expanded(&text, env, used);
    Ok(text.map(|text| parse(&text, &path.display().to_string(), expand)))
}

/// Keys that say where other settings lie.
const PLACES: [&str; 3] = ["userconfig", "globalconfig", "prefix"];

/// Reads the project's file, with what is not used of it.
fn read_project(path: &Path) -> Result<(Layer, Vec<String>), FetchError> {
    let place = path.display().to_string();
    let text = read_settings(path)?.ok_or_else(|| FetchError::Config {
        place: place.clone(),
        problem: "there is no such settings file".to_owned(),
    })?;
    let mut remarks = Vec::new();
    let mut layer = parse(&text, &place, |text| {
        if let Some((_, rest)) = text.split_once("${") {
            let name = rest.split_once('}').map_or(rest, |(name, _)| name);
            remarks.push(format!(
                "{}: '${{{}}}' is left as it stands: the file comes with the project, and is told \
                 nothing of the environment; write such values into your own .npmrc",
                shown(&place),
                shown(name)
            ));
        }
        text
    });
    for key in PLACES {
        if layer.values.remove(key).is_some() {
            remarks.push(format!(
                "{}: '{key}' is not used: a project does not say where your settings lie",
                shown(&place)
            ));
        }
    }
    Ok((layer, remarks))
}

impl Layer {
    /// The same as a settings file for npm, which reads in it what was read
    /// here and replaces nothing.
    fn as_file(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(kept(text)).to_string();
        let mut lines: Vec<String> = self
            .values
            .iter()
            .flat_map(|(key, values)| values.iter().map(move |value| (key, values, value)))
            .map(|(key, values, value)| {
                let list = if values.len() > 1 { "[]" } else { "" };
                let key = quoted(&format!("{key}{list}")).replace('=', "\\u003d");
                format!("{key}={}\n", quoted(value))
            })
            .collect();
        // In the order of the file within a key, whatever the order of keys.
        lines.sort_by(|a, b| a.split('=').next().cmp(&b.split('=').next()));
        lines.concat()
    }
}

/// A text of which npm makes the given one: an odd number of backslashes
/// before a variable keeps it, and it takes half of them away.
fn kept(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, tail) = rest.split_at(at);
        let slashes = before
            .len()
            .saturating_sub(before.trim_end_matches('\\').len());
        out.push_str(before);
        out.push_str(&"\\".repeat(slashes.saturating_add(1)));
        out.push_str("${");
        rest = tail.get(2..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn environment_layer(env: &dyn Environment) -> Layer {
    let mut layer = Layer {
        place: "the npm_config_* environment variables".to_owned(),
        ..Layer::default()
    };
    let mut vars = env.vars();
    vars.sort();
    for (name, value) in vars {
        let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else {
            continue;
        };
        let Some((prefix, key)) = name.split_at_checked("npm_config_".len()) else {
            continue;
        };
        if !prefix.eq_ignore_ascii_case("npm_config_") || value.is_empty() {
            continue;
        }
        let key = if key.starts_with("//") || key.starts_with('@') {
            key.to_owned()
        } else {
            let mut chars = key.chars();
            let first = chars.next().map(String::from).unwrap_or_default();
            format!("{first}{}", chars.as_str().replace('_', "-")).to_ascii_lowercase()
        };
        layer.values.insert(key, vec![value.to_owned()]);
    }
    layer
}

/// Where a program lies, as the shell would find it.
pub(super) fn on_path(name: &str, env: &dyn Environment) -> Option<PathBuf> {
    let path = env.var("PATH")?;
    let names: &[&str] = if cfg!(windows) {
        &[".exe", ".cmd", ""]
    } else {
        &[""]
    };
    for folder in std::env::split_paths(&path) {
        for ending in names {
            let file = folder.join(format!("{name}{ending}"));
            // A relative entry would lead into the current directory, which
            // may be a subject's.
            if folder.is_absolute() && file.is_file() {
                return Some(file);
            }
        }
    }
    None
}

/// The folder that npm installs global packages under, by npm's own rule: two
/// levels above the `node` that runs it.
fn prefix(env: &dyn Environment) -> Option<PathBuf> {
    if let Some(prefix) = env.var("PREFIX").filter(|prefix| !prefix.is_empty()) {
        return Some(prefix.into());
    }
    let node = std::fs::canonicalize(on_path("node", env)?).ok()?;
    let folder = node.parent()?;
    if cfg!(windows) {
        Some(folder.to_owned())
    } else {
        folder.parent().map(Path::to_owned)
    }
}

struct Layers(Vec<Layer>);

impl Layers {
    fn all(&self, key: &str) -> Option<&Vec<String>> {
        self.0.iter().find_map(|layer| layer.values.get(key))
    }

    /// The value of highest precedence; the words for 'nothing' are none.
    fn get(&self, key: &str) -> Option<&str> {
        let value = self.all(key)?.last()?.as_str();
        (!matches!(value, "" | "null" | "undefined")).then_some(value)
    }

    fn place(&self, key: &str) -> String {
        self.0
            .iter()
            .find(|layer| layer.values.contains_key(key))
            .map(|layer| layer.place.clone())
            .unwrap_or_default()
    }

    fn url(&self, key: &str) -> Result<Option<Url>, FetchError> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let place = format!("{key} in {}", self.place(key));
        let mut url = parse_secret_url(value, &place)?;
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Some(url))
    }
}

fn flag(value: Option<&str>, default: bool) -> bool {
    match value {
        None => default,
        Some(value) => !matches!(value, "false" | "0" | "no" | "off"),
    }
}

/// The certificates that replace the system's for node: its own additions go
/// on top of a bundle.
fn extra_roots(env: &dyn Environment) -> Result<Option<Vec<u8>>, FetchError> {
    let file = |name: &str| env.var(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = file("SSL_CERT_FILE");
    let mut roots = match &base {
        Some(path) => Some(Access::read_roots(path, "SSL_CERT_FILE")?),
        None => None,
    };
    if let Some(extra) = file("NODE_EXTRA_CA_CERTS") {
        let mut pem = match roots {
            Some(pem) => pem,
            None => system_bundle(env),
        };
        pem.push(b'\n');
        // Node goes on without a file that it cannot read.
        pem.extend(read_certificates(&extra).unwrap_or_default());
        roots = Some(pem);
    }
    Ok(roots)
}

fn system_bundle(env: &dyn Environment) -> Vec<u8> {
    [
        "etc/ssl/certs/ca-certificates.crt",
        "etc/pki/tls/certs/ca-bundle.crt",
        "etc/ssl/ca-bundle.pem",
        "etc/ssl/cert.pem",
    ]
    .iter()
    .find_map(|path| read_certificates(&env.root().join(path)).ok())
    .unwrap_or_default()
}

/// The endings of keys that hold parts of credentials.
const CREDENTIAL_KEYS: [&str; 4] = [":_authToken", ":_auth", ":username", ":_password"];

fn credentials(layers: &Layers, plain_hosts: &[String]) -> Vec<Credential> {
    let mut places: Vec<&str> = layers
        .0
        .iter()
        .flat_map(|layer| layer.values.keys())
        .filter(|key| key.starts_with("//"))
        .filter_map(|key| CREDENTIAL_KEYS.iter().find_map(|end| key.strip_suffix(end)))
        .collect();
    places.sort_unstable();
    places.dedup();
    let mut out = Vec::new();
    for place in places {
        let value = |end: &str| {
            layers
                .get(&format!("{place}{end}"))
                // A variable that is not set leaves no credential.
                .filter(|value| !value.contains("${"))
        };
        let header = if let Some(token) = value(":_authToken") {
            Secret::new(format!("Bearer {token}"))
        } else if let Some(pair) = value(":_auth") {
            Secret::new(format!("Basic {pair}"))
        } else if let (Some(user), Some(password)) = (value(":username"), value(":_password")) {
            let Ok(password) = base64::engine::general_purpose::STANDARD.decode(password) else {
                continue;
            };
            basic(user, &String::from_utf8_lossy(&password))
        } else {
            continue;
        };
        let Ok(url) = Url::parse(&format!("https:{place}")) else {
            continue;
        };
        let mut path = url.path().to_owned();
        if !path.ends_with('/') {
            path.push('/');
        }
        let authority = authority(&url);
        out.push(Credential {
            plain_http: plain_hosts.contains(&authority),
            authority,
            path,
            header,
        });
    }
    out
}

/// Reads npm's settings.
pub(super) fn load(env: &dyn Environment, project: Option<&Path>) -> Result<NpmConfig, FetchError> {
    let mut used = Vec::new();
    let mut layers = Layers(vec![environment_layer(env)]);
    let user = match layers.get("userconfig") {
        Some(path) => Some(home_expanded(path, env)),
        None => env.home().map(|home| home.join(".npmrc")),
    };
    if let Some(user) = &user {
        layers.0.extend(read(user, env, &mut used)?);
    }
    let prefix = prefix(env);
    let configured = layers
        .get("prefix")
        .map(|prefix| home_expanded(prefix, env))
        .or_else(|| prefix.clone());
    let global = match layers.get("globalconfig") {
        Some(path) => Some(home_expanded(path, env)),
        None => configured.map(|prefix| prefix.join("etc/npmrc")),
    };
    if let Some(global) = &global {
        layers.0.extend(read(global, env, &mut used)?);
    }
    if let Some(prefix) = &prefix {
        let builtin = prefix.join("lib/node_modules/npm/npmrc");
        layers.0.extend(read(&builtin, env, &mut used)?);
    }
    // Only now, so that it has no part in where the others lie; it comes
    // before them and behind the variables.
    let project = project.map(read_project).transpose()?;
    let (project, remarks) = match project {
        Some((layer, remarks)) => {
            let file = layer.as_file();
            layers.0.insert(1, layer);
            (Some(file), remarks)
        }
        None => (None, Vec::new()),
    };

    let registry = match layers.url("registry")? {
        Some(url) => url,
        None => parse_secret_url(PUBLIC, "the public registry")?,
    };
    let mut scopes = HashMap::new();
    let mut scope_keys: Vec<String> = layers
        .0
        .iter()
        .flat_map(|layer| layer.values.keys())
        .filter(|key| key.starts_with('@') && key.ends_with(":registry"))
        .cloned()
        .collect();
    scope_keys.sort_unstable();
    scope_keys.dedup();
    for key in scope_keys {
        if let (Some(url), Some(scope)) = (layers.url(&key)?, key.strip_suffix(":registry")) {
            scopes.insert(scope.to_owned(), url);
        }
    }

    let registries: Vec<&Url> = std::iter::once(&registry).chain(scopes.values()).collect();
    let plain_hosts: Vec<String> = registries
        .iter()
        .filter(|url| url.scheme() == "http")
        .map(|url| authority(url))
        .collect();
    let mut credentials = credentials(&layers, &plain_hosts);
    let logins = registries.iter().filter(|url| !url.username().is_empty());
    credentials.extend(logins.map(|url| Credential::in_address(url, url.path())));

    let roots = if let Some(path) = layers.get("cafile") {
        let place = format!("cafile in {}", layers.place("cafile"));
        Some(Access::read_roots(&home_expanded(path, env), &place)?)
    } else if layers.get("ca").is_some() {
        let texts = layers.all("ca").cloned().unwrap_or_default();
        Some(texts.join("\n").replace("\\n", "\n").into_bytes())
    } else {
        extra_roots(env)?
    };
    let setting = |key: &str| {
        layers
            .get(key)
            .filter(|value| *value != "false")
            .map(str::to_owned)
    };
    let proxy = |key: &str| {
        let place = format!("{key} in {}", layers.place(key));
        setting(key).map(|address| Proxy::new(address, &place))
    };
    let http_proxy = proxy("proxy")
        .or_else(|| proxy("http-proxy"))
        .or_else(|| proxy_variable(env, &["http_proxy", "HTTP_PROXY", "proxy", "PROXY"]));
    let https_proxy = proxy("https-proxy")
        .or_else(|| proxy("proxy"))
        .or_else(|| proxy_variable(env, &["https_proxy", "HTTPS_PROXY"]))
        .or_else(|| proxy_variable(env, &["http_proxy", "HTTP_PROXY", "proxy", "PROXY"]));
    let no_proxy = match layers.all("noproxy") {
        Some(hosts) => hosts.iter().flat_map(|list| host_list(list)).collect(),
        None => no_proxy_variable(env),
    };
    let verify = if flag(layers.get("strict-ssl"), true) {
        Verify::Always
    } else {
        Verify::Never
    };
    let user_place = user.as_ref().map_or_else(
        || "the user's .npmrc".to_owned(),
        |path| path.display().to_string(),
    );
    let settings = match layers.place("registry") {
        place if place.is_empty() => format!("{user_place} (npm config set registry ADDRESS)"),
        place => place,
    };
    let access = Access {
        credentials,
        http_proxy,
        https_proxy,
        no_proxy,
        roots,
        verify,
        hint: format!("{user_place} (//HOST/:_authToken=TOKEN; 'npm login' writes it)"),
    };
    let replace = layers
        .get("replace-registry-host")
        .unwrap_or("npmjs")
        .to_owned();
    Ok(NpmConfig {
        access,
        registry,
        scopes,
        replace,
        settings,
        variables: resolver_variables(env, &used),
        files: [("--userconfig", user), ("--globalconfig", global)],
        project,
        remarks,
    })
}

/// What npm may see of the environment: its own settings, the variables that
/// its files refer to, proxies and certificates; not the rest, where secrets
/// of others lie.
fn resolver_variables(env: &dyn Environment, used: &[String]) -> Vec<(OsString, OsString)> {
    let others = [
        "path",
        "home",
        "prefix",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "proxy",
        "ssl_cert_file",
        "ssl_cert_dir",
        "node_extra_ca_certs",
        "tmpdir",
        "userprofile",
        "appdata",
        "systemroot",
        "lang",
    ];
    env.vars()
        .into_iter()
        .filter(|(name, _)| {
            let Some(name) = name.to_str() else {
                return false;
            };
            let lower = name.to_ascii_lowercase();
            lower.starts_with("npm_config_")
                || others.contains(&lower.as_str())
                || used.iter().any(|known| known == name)
        })
        .collect()
}

impl NpmConfig {
    /// The registry that a package is asked of: that of its scope, or the
    /// default one.
    pub(super) fn registry_of(&self, name: &str) -> &Url {
        name.split_once('/')
            .filter(|(scope, _)| scope.starts_with('@'))
            .and_then(|(scope, _)| self.scopes.get(scope))
            .unwrap_or(&self.registry)
    }

    /// The address of a package's file, by npm's `replace-registry-host`: a
    /// mirror hands out the public registry's addresses, and npm asks the
    /// mirror for them.
    pub(super) fn file_url(&self, name: &str, address: &str) -> Result<Url, FetchError> {
        let garbage = |reason: &str| FetchError::Garbage {
            url: super::http::redacted(self.registry_of(name)),
            reason: format!("the address of the file of {name} is {reason}"),
        };
        let registry = self.registry_of(name);
        let mut url = registry
            .join(address)
            .map_err(|_| garbage("not an address"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(garbage("neither http nor https"));
        }
        // Who publishes a package cannot choose whose credentials are used.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let host = url.host_str().unwrap_or_default();
        let replaced = match self.replace.as_str() {
            "never" => false,
            "always" => true,
            "npmjs" => Some(host) == Url::parse(PUBLIC).ok().as_ref().and_then(Url::host_str),
            other => host == other,
        };
        if replaced && authority(&url) != authority(registry) {
            let path = url.path().to_owned();
            let query = url.query().map(str::to_owned);
            let mut moved = registry.clone();
            let _ = moved.set_username("");
            let _ = moved.set_password(None);
            if path.starts_with(registry.path()) {
                moved.set_path(&path);
            } else {
                moved.set_path(&format!("{}{path}", registry.path().trim_end_matches('/')));
            }
            moved.set_query(query.as_deref());
            url = moved;
        }
        if url.scheme() == "http"
            && registry.scheme() == "https"
            && (url.host_str() != registry.host_str() || url.set_scheme("https").is_err())
        {
            return Err(FetchError::Refused {
                url: super::http::redacted(&url),
                reason: "the registry is encrypted, but this file's address is not".to_owned(),
            });
        }
        Ok(url)
    }
}
