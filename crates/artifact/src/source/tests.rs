use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sha2::Digest as _;
use url::Url;

use super::*;

struct Request {
    path: String,
    headers: BTreeMap<String, String>,
}

#[derive(Default)]
struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Announce the whole body, but end after so many bytes.
    cut: Option<usize>,
    /// Do not announce the body's length.
    endless: bool,
    /// Pause before each byte.
    drip: Option<Duration>,
}

fn ok(body: impl Into<Vec<u8>>) -> Response {
    Response {
        status: 200,
        body: body.into(),
        ..Response::default()
    }
}

fn status(status: u16) -> Response {
    Response {
        status,
        ..Response::default()
    }
}

impl Response {
    fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

struct Server {
    port: u16,
    seen: Arc<Mutex<Vec<Request>>>,
}

type Handler = Box<dyn Fn(&Request) -> Response + Send + Sync>;

impl Server {
    /// A server whose handler is made with its own address.
    fn start<H>(make: impl FnOnce(String) -> H) -> Self
    where
        H: Fn(&Request) -> Response + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen: Arc<Mutex<Vec<Request>>> = Arc::default();
        let handler: Arc<Handler> =
            Arc::new(Box::new(make(format!("http://127.0.0.1:{port}"))) as Handler);
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, log) = (Arc::clone(&handler), Arc::clone(&log));
                std::thread::spawn(move || answer(stream, &handler, &log));
            }
        });
        Self { port, seen }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Paths asked for, each with its authorization.
    fn asked(&self) -> Vec<(String, Option<String>)> {
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .map(|r| (r.path.clone(), r.headers.get("authorization").cloned()))
            .collect()
    }
}

fn answer(mut stream: TcpStream, handler: &Handler, log: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    if reader.read_line(&mut first).unwrap_or(0) == 0 {
        return;
    }
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let request = Request {
        path: first.split(' ').nth(1).unwrap().to_owned(),
        headers,
    };
    let response = handler(&request);
    log.lock().unwrap().push(request);
    let mut head = format!("HTTP/1.1 {} X\r\nconnection: close\r\n", response.status);
    for (name, value) in &response.headers {
        head += &format!("{name}: {value}\r\n");
    }
    if !response.endless {
        head += &format!("content-length: {}\r\n", response.body.len());
    }
    head += "\r\n";
    let _ = stream.write_all(head.as_bytes());
    let end = response.cut.unwrap_or(response.body.len());
    match response.drip {
        None => drop(stream.write_all(&response.body[..end])),
        Some(pause) => {
            for byte in &response.body[..end] {
                std::thread::sleep(pause);
                if stream.write_all(&[*byte]).is_err() {
                    return;
                }
            }
        }
    }
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = std::io::copy(&mut reader, &mut std::io::sink());
}

struct TestEnv {
    home: tempfile::TempDir,
    vars: BTreeMap<String, String>,
}

impl TestEnv {
    fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            vars: BTreeMap::new(),
        }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.vars.insert(name.into(), value.into());
        self
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.home.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }
}

impl Environment for TestEnv {
    fn var(&self, name: &str) -> Option<OsString> {
        self.vars.get(name).map(OsString::from)
    }

    fn vars(&self) -> Vec<(OsString, OsString)> {
        self.vars
            .iter()
            .map(|(k, v)| (k.into(), v.into()))
            .collect()
    }

    fn home(&self) -> Option<PathBuf> {
        Some(self.home.path().to_owned())
    }

    fn cwd(&self) -> Option<PathBuf> {
        None
    }

    fn platform(&self) -> Platform {
        Platform {
            os: "linux".into(),
            cpu: "x64".into(),
            libc: Some("glibc".into()),
        }
    }

    fn root(&self) -> PathBuf {
        self.home.path().join("root")
    }
}

fn quick(cache: &Path) -> FetchOptions {
    FetchOptions {
        limits: FetchLimits {
            pause: Duration::from_millis(1),
            ..FetchLimits::default()
        },
        ..FetchOptions::new(cache.to_owned())
    }
}

fn get(source: &str, options: &FetchOptions, env: &TestEnv) -> Result<Fetched, FetchError> {
    let source = source.parse().unwrap();
    fetch(&source, options, env, &Silent, &AtomicBool::new(false))
}

fn sri(bytes: &[u8]) -> String {
    use base64::Engine as _;
    let digest = sha2::Sha512::digest(bytes);
    format!(
        "sha512-{}",
        base64::engine::general_purpose::STANDARD.encode(digest)
    )
}

/// The metadata of one version whose file is served below `base`.
fn version(name: &str, version: &str, base: &str, body: &[u8], more: &str) -> String {
    format!(
        r#"{{"name":"{name}","version":"{version}",{more}"dist":{{"tarball":"{base}/f/{version}.tgz","integrity":"{}"}}}}"#,
        sri(body)
    )
}

fn one_version(name: &str, number: &str, base: &str, body: &[u8]) -> String {
    format!(
        r#"{{"name":"{name}","dist-tags":{{"latest":"{number}"}},"time":{{"{number}":"2026-01-02T03:04:05Z"}},"versions":{{"{number}":{}}}}}"#,
        version(name, number, base, body, "")
    )
}

/// A registry of one package `p` 1.0.0 with the file `body`.
fn simple(body: &'static [u8]) -> Server {
    Server::start(move |base| {
        move |request: &Request| match request.path.as_str() {
            "/p" => ok(one_version("p", "1.0.0", &base, body)).header("etag", "\"m1\""),
            "/f/1.0.0.tgz" => ok(body).header("etag", "\"e1\""),
            _ => status(404),
        }
    })
}

fn registry_env(server: &Server) -> TestEnv {
    TestEnv::new().with("npm_config_registry", &server.url())
}

#[test]
fn sources_parse_and_print() {
    let npm = |name: &str, spec: &str| Source::Npm {
        name: name.into(),
        spec: spec.into(),
    };
    for (text, expected, shown) in [
        ("npm:a", npm("a", "latest"), "npm:a@latest"),
        ("npm:@s/a@^1.2", npm("@s/a", "^1.2"), "npm:@s/a@^1.2"),
        ("npm:@s/a", npm("@s/a", "latest"), "npm:@s/a@latest"),
        (
            "pkg:npm/%40s/a@1.0.0",
            npm("@s/a", "1.0.0"),
            "npm:@s/a@1.0.0",
        ),
        (
            "pypi:A.b==1!2.0",
            Source::Pypi {
                name: "A.b".into(),
                version: Some("1!2.0".into()),
            },
            "pypi:A.b==1!2.0",
        ),
    ] {
        let source: Source = text.parse().unwrap();
        assert_eq!(source, expected);
        assert_eq!(source.to_string(), shown);
        assert_eq!(shown.parse::<Source>().unwrap(), expected);
    }
    for text in [
        "npm:",
        "npm:../x",
        "npm:@s",
        "npm:a@file:../x",
        "npm:a b",
        "npm:@s/../b",
        "pypi:",
        "pypi:-a",
        "pypi:a>=1",
        "pypi:a==not a version",
        "pkg:npm/a%2F..%2Fb",
        "pkg:cargo/x@1",
        "foo:bar",
        "./does-not-exist",
        "npm:a@\u{1b}[2J",
    ] {
        let error = text.parse::<Source>().unwrap_err().to_string();
        assert!(!error.contains('\u{1b}'), "{error}");
    }
    let error = "brew:x".parse::<Source>().unwrap_err().to_string();
    assert!(error.contains("npm:NAME"), "{error}");
}

#[test]
fn platforms_parse_and_print() {
    for text in [
        "host",
        "all",
        "linux-x64",
        "linux-x64-musl",
        "darwin-arm64",
        "win32-x64",
    ] {
        assert_eq!(text.parse::<PlatformChoice>().unwrap().to_string(), text);
    }
    for text in [
        "",
        "linux",
        "linux-x64-musl-x",
        "darwin-x64-musl",
        "plan9-x64",
    ] {
        assert!(text.parse::<PlatformChoice>().is_err(), "{text}");
    }
}

#[test]
fn versions_are_ordered_as_pep_440_says() {
    let order = [
        "1.0.dev456",
        "1.0a1",
        "1.0a2.dev456",
        "1.0a12.dev456",
        "1.0a12",
        "1.0b1.dev456",
        "1.0b2",
        "1.0b2.post345.dev456",
        "1.0b2.post345",
        "1.0rc1.dev456",
        "1.0rc1",
        "1.0",
        "1.0+abc.5",
        "1.0+abc.7",
        "1.0+5",
        "1.0.post456.dev34",
        "1.0.post456",
        "1.0.15",
        "1.1.dev1",
        "1!0.1",
    ];
    let parsed: Vec<_> = order
        .iter()
        .map(|text| pep440::Version::parse(text).expect(text))
        .collect();
    for pair in parsed.windows(2) {
        assert!(pair[0] < pair[1], "{pair:?}");
    }
    for (a, b) in [
        ("1.0", "v1.0.0"),
        ("1.0-1", "1.0.post1"),
        ("1.0ALPHA1", "1.0a1"),
        ("1.0.c1", "1.0rc1"),
        ("1.0_post_2", "1.0.post2"),
        ("1.0.rev", "1.0.post0"),
        ("1.0dev", "1.0.dev0"),
    ] {
        assert_eq!(
            pep440::Version::parse(a),
            pep440::Version::parse(b),
            "{a} {b}"
        );
    }
    for text in ["", "abc", "1.0x", "1..0", "1.0+", "1.0+a..b", "1.0-"] {
        assert!(pep440::Version::parse(text).is_none(), "{text}");
    }
}

#[test]
fn versions_are_picked_as_npm_does() {
    let packument: npm::Packument<'_> = serde_json::from_str(
        r#"{"dist-tags":{"latest":"2.1.0","next":"3.0.0-rc.1"},"versions":{
            "1.0.0":{},"1.2.0":{},"1.3.0":{"deprecated":"no"},"2.0.0":{},"2.1.0":{},"2.2.0":{},
            "3.0.0-rc.1":{},"3.0.0-rc.2":{}}}"#,
    )
    .unwrap();
    for (spec, expected) in [
        ("latest", Some("2.1.0")),
        ("next", Some("3.0.0-rc.1")),
        ("*", Some("2.1.0")),
        ("^2", Some("2.1.0")),
        ("~2.2.0", Some("2.2.0")),
        ("1.x", Some("1.2.0")),
        ("^1.3", Some("1.3.0")),
        (">=1 <2 || ^3.0.0-rc.0", Some("3.0.0-rc.2")),
        (">2.2.0", None),
        ("=1.0.0", Some("1.0.0")),
        ("v1.0.0", Some("1.0.0")),
        ("9.9.9", None),
        ("beta", None),
    ] {
        assert_eq!(packument.pick(spec), expected, "{spec}");
    }
}

#[test]
fn the_strongest_digest_counts() {
    let body = b"content";
    let good = sri(body);
    let bad = sri(b"other");
    let sha1 = format!("sha1-{}", {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(sha1::Sha1::digest(b"other"))
    });
    for (text, fits) in [
        (format!("{sha1} {good}?x"), true),
        (format!("{bad} {good}"), true),
        (bad.clone(), false),
        (sha1.clone(), false),
    ] {
        let published = integrity::Published::sri(&text).unwrap();
        let mut hasher = integrity::Hasher::new(Some(&published));
        hasher.update(body);
        assert_eq!(
            hasher.finish().mismatch(&published).is_none(),
            fits,
            "{text}"
        );
    }
    assert!(integrity::Published::sri("md5-xx sha512-short").is_none());
}

#[test]
fn a_package_is_fetched_once_and_then_offline() {
    let server = simple(b"the file");
    let env = registry_env(&server);
    let cache = tempfile::tempdir().unwrap();
    let mut options = quick(cache.path());
    let fetched = get("npm:p", &options, &env).unwrap();
    let artifact = &fetched.artifacts[0];
    assert_eq!(artifact.purl.to_string(), "pkg:npm/p@1.0.0");
    assert_eq!(std::fs::read(&artifact.path).unwrap(), b"the file");
    assert_eq!(artifact.published.as_deref(), Some("2026-01-02T03:04:05Z"));
    assert!(
        matches!(&artifact.integrity, Integrity::Verified { digest } if *digest == sri(b"the file"))
    );
    get("npm:p@^1", &options, &env).unwrap();
    let files = server
        .asked()
        .iter()
        .filter(|(path, _)| path.starts_with("/f/"))
        .count();
    assert_eq!(files, 1);

    options.offline = true;
    let before = server.asked().len();
    assert_eq!(
        get("npm:p", &options, &env).unwrap().artifacts[0].sha256,
        artifact.sha256
    );
    assert!(matches!(
        get("npm:q", &options, &env),
        Err(FetchError::Offline { .. })
    ));
    assert_eq!(server.asked().len(), before);

    // A damaged file is noticed.
    std::fs::write(&artifact.path, b"the fil3").unwrap();
    assert!(matches!(
        get("npm:p", &options, &env),
        Err(FetchError::CacheCorrupt { .. })
    ));
    options.offline = false;
    get("npm:p", &options, &env).unwrap();
    assert_eq!(std::fs::read(&artifact.path).unwrap(), b"the file");

    // The same bytes again, by their digest.
    let stop = AtomicBool::new(false);
    let again = |options: &FetchOptions, sha256: &Sha256| {
        fetch_exact(&artifact.purl, sha256, options, &env, &Silent, &stop)
    };
    assert_eq!(
        again(&options, &artifact.sha256).unwrap().file_name,
        "p-1.0.0.tgz"
    );
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(
        again(&quick(empty.path()), &artifact.sha256).unwrap().bytes,
        8
    );
    let other = integrity::sha256(b"else");
    assert!(matches!(
        again(&options, &other),
        Err(FetchError::Changed { .. })
    ));
}

#[test]
fn unchanged_metadata_is_not_sent_again() {
    let server = Server::start(|base| {
        move |request: &Request| match request.path.as_str() {
            "/p" if request
                .headers
                .get("if-none-match")
                .is_some_and(|e| e == "\"m\"") =>
            {
                status(304)
            }
            "/p" => ok(one_version("p", "1.0.0", &base, b"x")).header("etag", "\"m\""),
            _ => ok("x"),
        }
    });
    let cache = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        get("npm:p", &quick(cache.path()), &registry_env(&server)).unwrap();
    }
    let seen = server.seen.lock().unwrap();
    assert!(seen.iter().any(|r| r.headers.contains_key("if-none-match")));
}

#[test]
fn credentials_go_to_their_registry_only() {
    let other = Server::start(|_| |_: &Request| ok("the file"));
    let elsewhere = other.url();
    let server = Server::start(move |base| {
        move |request: &Request| {
            if request.headers.get("authorization").map(String::as_str)
                != Some("Bearer s3cr3t-token")
            {
                return status(401);
            }
            match request.path.as_str() {
                // The file is named on another port.
                "/npm/@s%2fa" => ok(one_version("@s/a", "1.0.0", &elsewhere, b"the file")),
                // The file is here, but redirects there.
                "/npm/@s%2fb" => ok(one_version(
                    "@s/b",
                    "1.0.0",
                    &format!("{base}/npm"),
                    b"the file",
                )),
                "/npm/f/1.0.0.tgz" => {
                    status(302).header("location", &format!("{elsewhere}/moved?token=signed-part"))
                }
                _ => status(404),
            }
        }
    });
    let host = format!("127.0.0.1:{}", server.port);
    let env = TestEnv::new()
        .with("TOKEN", "s3cr3t-token")
        .with("npm_config_registry", &other.url())
        .file(
            ".npmrc",
            &format!(
                "@s:registry=http://{host}/npm\n//{host}/npm/:_authToken=${{TOKEN}}\n\
                 //{host}/:_authToken=wrong\n"
            ),
        );
    let cache = tempfile::tempdir().unwrap();
    for package in ["npm:@s/a", "npm:@s/b"] {
        get(package, &quick(cache.path()), &env).unwrap();
    }
    assert!(server.asked().iter().all(|(_, auth)| auth.is_some()));
    let asked = other.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|(_, auth)| auth.is_none()), "{asked:?}");
    // Nothing secret is written down.
    let mut folders = vec![cache.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                assert!(
                    !text.contains("s3cr3t") && !text.contains("signed-part"),
                    "{path:?}"
                );
            }
        }
    }
}

#[test]
fn an_open_connection_gets_no_token_of_an_encrypted_registry() {
    let env = TestEnv::new().file(
        ".npmrc",
        "registry=https://r.test/npm/\n//r.test/npm/:_authToken=tok\n//r.test/:_auth=YTpi\n",
    );
    let config = npmrc::load(&env, None).unwrap();
    let auth = |url: &str| {
        config
            .access
            .authorization(&Url::parse(url).unwrap())
            .map(|secret| secret.expose().to_owned())
    };
    assert_eq!(auth("https://r.test/npm/x").as_deref(), Some("Bearer tok"));
    assert_eq!(auth("https://r.test/npmx").as_deref(), Some("Basic YTpi"));
    assert_eq!(
        auth("https://r.test/npm/../other").as_deref(),
        Some("Basic YTpi")
    );
    for url in [
        "http://r.test/npm/x",
        "https://r.test:444/npm/x",
        "https://r.test.evil/npm/",
        "https://x.r.test/npm/",
    ] {
        assert_eq!(auth(url), None, "{url}");
    }
    let from = Url::parse("https://r.test/a").unwrap();
    assert!(http::redirect_target(&from, Some("http://r.test/a")).is_err());
    assert!(http::redirect_target(&from, Some("file:///etc/passwd")).is_err());
    assert_eq!(
        http::redirect_target(&from, Some("//u:p@b.test/c"))
            .unwrap()
            .as_str(),
        "https://b.test/c"
    );
    assert!(!format!("{:?}", config.access).contains("tok\""));
}

#[test]
fn npm_settings_come_from_all_their_places() {
    let env = TestEnv::new()
        .with("PREFIX", "/nowhere")
        .with("NPM_CONFIG_STRICT_SSL", "false")
        .with("npm_config_globalconfig", "~/global")
        .with("PW", "cGFzcw==")
        .file("global", "registry=https://global.test/\nproxy=http://global-proxy:1\n@g:registry=https://g.test\n")
        .file(
            ".npmrc",
            "; comment\nregistry = \"https://user.test/x\"  \n//u.test/:_password=${PW}\n\
             [section]\nregistry=https://no.test\n",
        )
        .file(
            "project/.npmrc",
            "//u.test/:username=me\n//v.test/:_authToken=${UNSET}\n\
             noproxy[]=a.test\nnoproxy[]=.b.test\nca[]=\"x\\ny\"\n",
        );
    let config = npmrc::load(&env, Some(&env.home.path().join("project/.npmrc"))).unwrap();
    assert_eq!(config.registry.as_str(), "https://user.test/x/");
    assert_eq!(config.registry_of("@g/x").as_str(), "https://g.test/");
    assert_eq!(config.registry_of("@h/x").as_str(), "https://user.test/x/");
    let url = |text: &str| Url::parse(text).unwrap();
    let auth = config.access.authorization(&url("https://u.test/p"));
    assert_eq!(auth.unwrap().expose(), "Basic bWU6cGFzcw==");
    assert!(
        config
            .access
            .authorization(&url("https://v.test/p"))
            .is_none()
    );
    assert!(config.access.proxy(&url("https://a.test/")).is_none());
    assert!(config.access.proxy(&url("https://x.b.test/")).is_none());
    assert!(config.access.proxy(&url("https://xb.test/")).is_some());
    assert_eq!(config.access.verify, http::Verify::Never);
    assert_eq!(config.access.roots.as_deref(), Some(b"x\ny".as_slice()));

    let only_user = npmrc::load(&env, None).unwrap();
    assert!(
        only_user
            .access
            .authorization(&url("https://u.test/p"))
            .is_none()
    );
    let env = TestEnv::new().file(".npmrc", "registry=ftp://u:hidden@x\n");
    let error = npmrc::load(&env, None).err().unwrap().to_string();
    assert!(
        error.contains(".npmrc") && !error.contains("hidden"),
        "{error}"
    );
}

/// A repository's file could send what it is told to a host of its choice.
#[test]
fn a_projects_file_gets_nothing_of_the_environment() {
    let env = TestEnv::new()
        .with("PREFIX", "/nowhere")
        .with("SECRET", "hidden-value")
        .with("NPM_CONFIG_USERCONFIG", "/dev/null")
        .file(
            "project/.npmrc",
            "//h.test/:_authToken=${SECRET}\nregistry=https://h.test/${SECRET}/\n\
             \"user\\u0063onfig\"=/dev/zero\nglobalconfig=/dev/zero\nprefix=/dev\n\
             ca[]=a\nca[]=\\\\${SECRET}\n",
        );
    let config = npmrc::load(&env, Some(&env.home.path().join("project/.npmrc"))).unwrap();
    assert_eq!(config.registry.as_str(), "https://h.test/$%7BSECRET%7D/");
    assert!(config.access.authorization(&config.registry).is_none());
    assert_eq!(
        config.files,
        [
            ("--userconfig", Some("/dev/null".into())),
            ("--globalconfig", Some("/nowhere/etc/npmrc".into()))
        ]
    );
    assert_eq!(
        config.project.unwrap(),
        "\"//h.test/:_authToken\"=\"\\\\${SECRET}\"\n\"ca[]\"=\"a\"\n\
         \"ca[]\"=\"\\\\\\\\\\\\${SECRET}\"\n\"registry\"=\"https://h.test/\\\\${SECRET}/\"\n"
    );
    assert!(config.variables.iter().all(|(name, _)| name != "SECRET"));
    let remarks = config.remarks.join("\n");
    for part in ["'${SECRET}'", "'userconfig'", "'globalconfig'", "'prefix'"] {
        assert!(remarks.contains(part), "{remarks}");
    }
    assert!(!remarks.contains("hidden-value"));
}

/// Settings and certificates that never end, or never come.
#[cfg(unix)]
#[test]
fn settings_are_files_with_an_end() {
    let env = TestEnv::new().file("large", &"# a comment\n".repeat(100_000));
    let home = env.home.path().to_owned();
    let pipe = home.join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    std::fs::create_dir(home.join("project")).unwrap();
    let project = home.join("project/.npmrc");
    let check = |env: &TestEnv, project: Option<&Path>, parts: &[&str]| {
        let error = npmrc::load(env, project).err().unwrap().to_string();
        for part in parts {
            assert!(error.contains(part), "{error}");
        }
    };
    let mut roots = std::fs::File::create(home.join("roots")).unwrap();
    roots.write_all(&vec![b'x'; 17 << 20]).unwrap();
    for (name, what) in [
        ("pipe", "a pipe"),
        ("/dev/zero", "a device"),
        ("large", "larger than 1 MiB"),
    ] {
        check(&env, Some(&home.join(name)), &[name, what]);
        let path = home.join(name);
        let env = TestEnv::new().with("NPM_CONFIG_GLOBALCONFIG", path.to_str().unwrap());
        check(&env, None, &[name, what]);
    }
    for (name, what) in [
        ("pipe", "a pipe"),
        ("/dev/zero", "a device"),
        ("roots", "larger than 16 MiB"),
    ] {
        std::fs::write(&project, format!("cafile={}\n", home.join(name).display())).unwrap();
        check(&env, Some(&project), &["cafile in", name, what]);
    }
    let env = TestEnv::new().with("PIP_CONFIG_FILE", pipe.to_str().unwrap());
    let error = pipconf::load(&env).err().unwrap().to_string();
    assert!(error.contains("a pipe"), "{error}");
}

#[test]
fn file_addresses_of_the_public_registry_become_the_mirrors() {
    let check = |settings: &str, address: &str, expected: Option<&str>| {
        let env = TestEnv::new().file(".npmrc", settings);
        let config = npmrc::load(&env, None).unwrap();
        let url = config.file_url("p", address).ok().map(String::from);
        assert_eq!(url.as_deref(), expected, "{settings} {address}");
    };
    let mirror = "registry=https://m.test/api/npm/\n";
    let public = "https://registry.npmjs.org/p/-/p-1.tgz";
    check(mirror, public, Some("https://m.test/api/npm/p/-/p-1.tgz"));
    check(
        mirror,
        "https://cdn.test/p.tgz",
        Some("https://cdn.test/p.tgz"),
    );
    check(
        &format!("{mirror}replace-registry-host=never"),
        public,
        Some(public),
    );
    check(
        &format!("{mirror}replace-registry-host=always"),
        "https://u:p@cdn.test/p.tgz",
        Some("https://m.test/api/npm/p.tgz"),
    );
    check(
        "",
        "http://registry.npmjs.org/p.tgz",
        Some("https://registry.npmjs.org/p.tgz"),
    );
    check(mirror, "http://cdn.test/p.tgz", None);
    check(mirror, "file:///etc/passwd", None);
}

#[test]
fn a_broken_download_is_gone_on_with() {
    static BODY: [u8; 3000] = [7; 3000];
    for honours_range in [true, false] {
        let server = Server::start(move |base| {
            let tries = Mutex::new(0);
            move |request: &Request| match request.path.as_str() {
                "/p" => ok(one_version("p", "1.0.0", &base, &BODY)),
                "/f/1.0.0.tgz" => {
                    let mut tries = tries.lock().unwrap();
                    *tries += 1;
                    let whole = ok(BODY).header("etag", "\"e1\"");
                    match request.headers.get("range") {
                        _ if *tries == 1 => Response {
                            cut: Some(1000),
                            ..whole
                        },
                        Some(range) if honours_range => {
                            assert_eq!(request.headers["if-range"], "\"e1\"");
                            let from: usize =
                                range["bytes=".len()..range.len() - 1].parse().unwrap();
                            let mut rest = ok(&BODY[from..])
                                .header("content-range", &format!("bytes {from}-2999/3000"));
                            rest.status = 206;
                            rest
                        }
                        _ => whole,
                    }
                }
                _ => status(404),
            }
        });
        let cache = tempfile::tempdir().unwrap();
        let fetched = get("npm:p", &quick(cache.path()), &registry_env(&server)).unwrap();
        assert_eq!(std::fs::read(&fetched.artifacts[0].path).unwrap(), BODY);
        let seen = server.seen.lock().unwrap();
        assert!(seen.iter().any(|r| r.headers.contains_key("range")));
    }
}

/// The beginning of a file is kept only where a later run can go on from it.
#[test]
fn a_refused_download_leaves_nothing() {
    let server = Server::start(|base| {
        move |request: &Request| match request.path.as_str() {
            "/p" => ok(one_version("p", "1.0.0", &base, b"x")).header("etag", "\"m1\""),
            "/q" => ok(one_version("q", "2.0.0", &base, b"x").replace("integrity", "none")),
            // What comes is not what was announced.
            "/f/1.0.0.tgz" => Response {
                endless: true,
                ..ok(vec![0; 5000])
            },
            "/f/2.0.0.tgz" => Response {
                cut: Some(600),
                ..ok(vec![0; 900])
            },
            _ => status(404),
        }
    });
    let cache = tempfile::tempdir().unwrap();
    let mut options = quick(cache.path());
    options.max_download = 1000;
    let env = registry_env(&server);
    for (source, what) in [
        ("npm:p", "larger than the limit"),
        ("npm:q", "tried 3 times"),
    ] {
        let error = get(source, &options, &env).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
        let kept: Vec<_> = std::fs::read_dir(cache.path().join("partial"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.ends_with(".lock"))
            .collect();
        assert_eq!(kept, [""; 0]);
    }
}

#[test]
fn a_download_that_breaks_each_time_tells_what_is_kept() {
    static BODY: [u8; 3000] = [7; 3000];
    let server = Server::start(|base| {
        move |request: &Request| match request.path.as_str() {
            "/p" => ok(one_version("p", "1.0.0", &base, &BODY)),
            _ => Response {
                cut: Some(1000),
                ..ok(BODY)
            },
        }
    });
    let cache = tempfile::tempdir().unwrap();
    let error = get("npm:p", &quick(cache.path()), &registry_env(&server)).unwrap_err();
    let error = error.to_string();
    let kept = "1000 bytes came and are kept, and the next run goes on from there";
    assert!(error.contains(kept), "{error}");
}

#[test]
fn a_wrong_hash_is_an_error_and_leaves_nothing() {
    let server = Server::start(|base| {
        move |request: &Request| match request.path.as_str() {
            "/p" => ok(one_version("p", "1.0.0", &base, b"right")),
            _ => ok("wrong"),
        }
    });
    let cache = tempfile::tempdir().unwrap();
    let error = get("npm:p", &quick(cache.path()), &registry_env(&server)).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains(&sri(b"right")) && text.contains(&sri(b"wrong")),
        "{text}"
    );
    assert!(text.contains("thrown away"));
    let artifacts = std::fs::read_dir(cache.path().join("artifacts/sha256")).unwrap();
    assert_eq!(artifacts.count(), 0);
    let parts = std::fs::read_dir(cache.path().join("partial")).unwrap();
    assert!(
        parts
            .flatten()
            .all(|e| !e.file_name().to_string_lossy().ends_with(".part"))
    );
}

#[test]
fn misbehaving_registries_give_clear_errors() {
    let server = Server::start(|base| {
        move |request: &Request| match request.path.as_str() {
            "/e401" => status(401),
            "/e403" => status(403),
            "/e500" => status(500),
            "/garbage" => ok("<html>login</html>"),
            "/null" => ok("null"),
            "/other" => ok(one_version("not-other", "1.0.0", &base, b"x")),
            "/cut" => Response {
                cut: Some(10),
                ..ok(one_version("cut", "1.0.0", &base, b"x"))
            },
            "/loop" => status(302).header("location", "/loop"),
            "/leave" => status(302).header("location", "ftp://x/"),
            "/p" => ok(one_version("p", "1.0.0", &base, b"x")),
            "/nofile" => ok(one_version("nofile", "2.0.0", &base, b"x")),
            "/many" => {
                let versions: Vec<String> = ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.0.1"]
                    .map(|text| format!("\"{text}\":{}", version("many", text, &base, b"x", "")))
                    .to_vec();
                ok(format!(
                    r#"{{"name":"many","dist-tags":{{"latest":"1.3.0"}},"versions":{{{}}}}}"#,
                    versions.join(",")
                ))
            }
            "/f/1.0.0.tgz" => ok(vec![0; 5000]),
            _ => status(404),
        }
    });
    let cache = tempfile::tempdir().unwrap();
    let mut options = quick(cache.path());
    options.max_download = 1000;
    let env = registry_env(&server);
    let check = |source: &str, parts: &[&str]| {
        let error = get(source, &options, &env).unwrap_err().to_string();
        for part in parts {
            assert!(error.contains(part), "{source}: {error}");
        }
    };
    check("npm:e401", &["401", ".npmrc", "no credential"]);
    check("npm:e403", &["403", ".npmrc"]);
    check("npm:e500", &["500", "tried 3 times"]);
    check("npm:e404", &["no package 'e404'", &server.url()]);
    check("npm:garbage", &["did not answer as a registry does"]);
    check("npm:null", &["did not answer as a registry does"]);
    check("npm:other", &["'not-other'"]);
    check("npm:cut", &["could not be read", "tried 3 times"]);
    check("npm:loop", &["redirects"]);
    check("npm:leave", &["neither http nor https"]);
    check("npm:p", &["larger than the limit of 1000"]);
    let mut small = options.clone();
    small.limits.max_document = 100;
    let metadata = get("npm:p", &small, &env).unwrap_err().to_string();
    assert!(metadata.contains("/p is larger than 0 MiB"), "{metadata}");
    assert!(!metadata.contains("--max-download"), "{metadata}");
    check(
        "npm:nofile",
        &["does not have it", "404", "another version"],
    );
    check(
        "npm:p@2.0.0",
        &["no version '2.0.0'; there are: 1.0.0 (latest)"],
    );
    check(
        "npm:many@99",
        &["there are: 1.3.0 (latest), 1.2.0, 1.1.0, 1.0.1, and 1 more"],
    );
    let tries = server
        .asked()
        .iter()
        .filter(|(path, _)| path == "/e500")
        .count();
    assert_eq!(tries, 3);
}

/// As values of any type, these would be gigabytes.
#[test]
fn what_registries_answer_costs_no_more_than_it_tells() {
    let zeros = |n: usize| vec!["0"; n].join(",");
    let server = Server::start(|base| {
        move |request: &Request| match request.path.as_str() {
            "/few" => {
                let more = format!(r#""dependencies":{{"x":[{}],"y":"1"}},"#, zeros(1 << 20));
                let one = version("few", "1.0.0", &base, b"x", &more);
                ok(format!(
                    r#"{{"dist-tags":{{"latest":"1.0.0"}},"versions":{{"1.0.0":{one}}},"z":[{}]}}"#,
                    zeros(1 << 20)
                ))
            }
            "/wide" => {
                let more = format!(r#""dependencies":{{"x":[{}]}},"#, zeros(9 << 20));
                let one = version("wide", "1.0.0", &base, b"x", &more);
                ok(format!(
                    r#"{{"dist-tags":{{"latest":"1.0.0"}},"versions":{{"1.0.0":{one}}}}}"#
                ))
            }
            "/many" => {
                let all: Vec<String> = (0..300_000).map(|n| format!(r#""{n}.0.0":0"#)).collect();
                ok(format!(r#"{{"versions":{{{}}}}}"#, all.join(",")))
            }
            "/f/1.0.0.tgz" => ok("x"),
            _ => status(404),
        }
    });
    let cache = tempfile::tempdir().unwrap();
    let (options, env) = (quick(cache.path()), registry_env(&server));
    let few = get("npm:few", &options, &env).unwrap();
    let names: Vec<&str> = few.not_read.iter().map(|n| n.name.as_str()).collect();
    assert_eq!(names, ["npm:y@1"]);
    let wide = get("npm:wide", &options, &env).unwrap_err().to_string();
    assert!(
        wide.contains("version 1.0.0 is broken (larger than 16 MiB)"),
        "{wide}"
    );
    let many = get("npm:many", &options, &env).unwrap_err().to_string();
    assert!(many.contains("more than 262144 entries"), "{many}");
}

#[test]
fn nobody_listening_and_slow_servers_are_given_up() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let cache = tempfile::tempdir().unwrap();
    let mut options = quick(cache.path());
    let env = TestEnv::new().with(
        "npm_config_registry",
        &format!("http://u:hidden@127.0.0.1:{port}"),
    );
    let error = get("npm:p", &options, &env).unwrap_err().to_string();
    assert!(
        error.contains("could not be read") && !error.contains("hidden"),
        "{error}"
    );
    assert!(error.contains("check the registry's address"), "{error}");
    let refused = |key: &str, value: &str| {
        let env = TestEnv::new()
            .with("npm_config_registry", "http://registry.test")
            .with(key, value);
        get("npm:p", &options, &env).unwrap_err().to_string()
    };
    let proxy = format!("http://u:hidden@127.0.0.1:{port}");
    for key in ["HTTP_PROXY", "npm_config_proxy"] {
        let error = refused(key, &proxy);
        let named = format!("the proxy http://127.0.0.1:{port}/ (from ");
        assert!(error.contains(&named), "{error}");
        assert!(error.contains("refused the connection"), "{error}");
        assert!(!error.contains("hidden"), "{error}");
    }
    assert!(refused("HTTP_PROXY", &proxy).contains("(from HTTP_PROXY)"));
    let error = refused("ANOTHER", "");
    assert!(error.contains("no host of that name"), "{error}");

    let server = Server::start(|_| {
        |_: &Request| Response {
            drip: Some(Duration::from_millis(40)),
            ..ok(vec![b' '; 4000])
        }
    });
    options.limits.stall = Duration::from_millis(300);
    options.limits.tries = 1;
    let error = get("npm:p", &options, &registry_env(&server))
        .unwrap_err()
        .to_string();
    assert!(error.contains("sent only"), "{error}");

    // A stop is heard while waiting.
    options.limits.stall = Duration::from_secs(60);
    let stop = AtomicBool::new(false);
    let env = registry_env(&server);
    let source: Source = "npm:p".parse().unwrap();
    std::thread::scope(|scope| {
        let work = scope.spawn(|| fetch(&source, &options, &env, &Silent, &stop));
        std::thread::sleep(Duration::from_millis(200));
        stop.store(true, Ordering::Relaxed);
        assert!(matches!(work.join().unwrap(), Err(FetchError::Cancelled)));
    });
}

/// A registry with a package whose code is in packages for platforms.
fn with_platforms() -> Server {
    Server::start(|base| {
        move |request: &Request| {
            let main = r#""optionalDependencies":{
                "tool-linux-x64":"npm:tool@1.0.0-linux-x64",
                "tool-linux-x64-musl":"1.0.0",
                "tool-darwin-arm64":"1.0.0",
                "tool-gone":"1.0.0",
                "tool-elsewhere":"git+https://x.test/y.git",
                "extra":"^1"},
                "dependencies":{"left":"^1","extra":"^1","@a/left":"1"},"#;
            let manifest =
                |name: &str, number: &str, more: &str| ok(version(name, number, &base, b"x", more));
            match request.path.as_str() {
                "/tool/1.0.0" => manifest("tool", "1.0.0", main),
                "/tool/1.0.0-linux-x64" => manifest(
                    "tool",
                    "1.0.0-linux-x64",
                    r#""os":["linux"],"cpu":["x64"],"optionalDependencies":{"deep":"1.0.0"},"#,
                ),
                "/deep/1.0.0" => manifest("deep", "1.0.0", r#""os":"linux","#),
                "/tool-linux-x64-musl/1.0.0" => manifest(
                    "tool-linux-x64-musl",
                    "1.0.0",
                    r#""os":["linux"],"cpu":["x64"],"#,
                ),
                "/tool-darwin-arm64/1.0.0" => manifest(
                    "tool-darwin-arm64",
                    "1.0.0",
                    r#""os":["darwin"],"cpu":["arm64"],"#,
                ),
                "/extra" => ok(one_version("extra", "1.2.3", &base, b"x")),
                path if path.starts_with("/f/") => ok("x"),
                _ => status(404),
            }
        }
    })
}

#[test]
fn platform_packages_are_followed() {
    let server = with_platforms();
    let env = registry_env(&server);
    let cache = tempfile::tempdir().unwrap();
    let check = |platform: &str, artifacts: &[&str], other: &[&str]| {
        let mut options = quick(cache.path());
        options.platform = platform.parse().unwrap();
        let fetched = get("npm:tool@1.0.0", &options, &env).unwrap();
        let purls: Vec<_> = fetched
            .artifacts
            .iter()
            .map(|a| a.purl.to_string())
            .collect();
        assert_eq!(purls, artifacts, "{platform}");
        let named: Vec<_> = fetched
            .not_read
            .iter()
            .filter(|entry| entry.detail.contains("--platform"))
            .map(|entry| entry.name.as_str())
            .collect();
        assert_eq!(named, other, "{platform}");
        fetched
    };
    let main = "pkg:npm/tool@1.0.0";
    let alias = "pkg:npm/tool@1.0.0-linux-x64";
    let fetched = check(
        "host",
        &[main, "pkg:npm/deep@1.0.0", alias],
        &[
            "npm:tool-darwin-arm64@1.0.0",
            "npm:tool-linux-x64-musl@1.0.0",
        ],
    );
    assert_eq!(fetched.platform, "linux-x64");
    assert!(
        fetched.artifacts[1..]
            .iter()
            .all(|a| a.role == ArtifactRole::Platform)
    );
    let rest: Vec<_> = fetched.not_read.iter().map(|n| n.name.as_str()).collect();
    for name in [
        "npm:tool-gone@1.0.0",
        "tool-elsewhere@git+https://x.test/y.git",
        "npm:extra@^1",
        "npm:left@^1",
        "npm:@a/left@1",
    ] {
        assert!(rest.contains(&name), "{rest:?}");
    }
    check(
        "linux-x64-musl",
        &[main, "pkg:npm/tool-linux-x64-musl@1.0.0"],
        &["npm:tool-darwin-arm64@1.0.0", "npm:tool@1.0.0-linux-x64"],
    );
    check(
        "darwin-arm64",
        &[main, "pkg:npm/tool-darwin-arm64@1.0.0"],
        &["npm:tool-linux-x64-musl@1.0.0", "npm:tool@1.0.0-linux-x64"],
    );
    check(
        "all",
        &[
            main,
            "pkg:npm/deep@1.0.0",
            alias,
            "pkg:npm/tool-darwin-arm64@1.0.0",
            "pkg:npm/tool-linux-x64-musl@1.0.0",
        ],
        &[],
    );
}

#[cfg(unix)]
#[test]
fn dependencies_are_those_of_npms_lock_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = with_platforms();
    let lock = format!(
        r#"{{"lockfileVersion":3,"packages":{{"":{{}},
        "node_modules/tool":{{"version":"1.0.0"}},
        "node_modules/alias":{{"name":"extra","version":"1.2.3","resolved":"{0}/f/1.2.3.tgz","integrity":"{1}"}},
        "node_modules/a/node_modules/extra":{{"version":"1.2.3","resolved":"{0}/f/1.2.3.tgz","integrity":"{1}"}},
        "node_modules/bundled":{{"version":"1.0.0","inBundle":true}},
        "node_modules/repository":{{"version":"1.0.0","resolved":"git+ssh://git@x.test/y.git#c"}},
        "node_modules/tool-darwin-arm64":{{"version":"1.0.0","os":["darwin"],"cpu":["arm64"],"optional":true}}}}}}"#,
        server.url(),
        sri(b"x")
    );
    let env = registry_env(&server).file("lock.json", &lock);
    let script = format!(
        "#!/bin/sh\n[ -z \"$OTHER_SECRET\" ] || exit 1\ncase \"$*\" in *--ignore-scripts*) ;; *) exit 1;; esac\n\
         /bin/cp {} package-lock.json\n",
        env.home.path().join("lock.json").display()
    );
    let env = env.file("bin/npm", &script).with("OTHER_SECRET", "x");
    let bin = env.home.path().join("bin");
    std::fs::set_permissions(bin.join("npm"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let env = env.with("PATH", bin.to_str().unwrap());
    let cache = tempfile::tempdir().unwrap();
    let mut options = quick(cache.path());
    options.deps = Deps::All;
    let fetched = get("npm:tool@1.0.0", &options, &env).unwrap();
    let dependencies: Vec<_> = fetched
        .artifacts
        .iter()
        .filter(|a| a.role == ArtifactRole::Dependency)
        .map(|a| a.purl.to_string())
        .collect();
    assert_eq!(dependencies, ["pkg:npm/extra@1.2.3"]);
    assert!(fetched.not_read.iter().any(|n| n.name == "repository"));
    let env = env.with("PATH", "/nowhere");
    let error = get("npm:tool@1.0.0", &options, &env).unwrap_err();
    assert!(matches!(error, FetchError::ResolverMissing { tool: "npm" }));
}

#[test]
fn pip_settings_come_from_all_their_places() {
    let env = TestEnv::new()
        .with("PIP_EXTRA_INDEX_URL", "https://e1.test/simple https://u:p%40ss@e2.test/simple/")
        .with("PIP_TRUSTED_HOST", "e1.test other.test:8443")
        .file("root/etc/pip.conf", "[global]\nindex-url = https://global.test/simple\nproxy=http://p:1\n")
        .file(
            ".config/pip/pip.conf",
            "[list]\nindex-url=https://no.test\n[global]\n# comment\nindex_url: https://user.test/simple\n\
             find-links =\n  ~/wheels\n  https://links.test/\n",
        )
        .file(".netrc", "machine user.test login me password secret\nmachine evil.test login x password y\n");
    let config = pipconf::load(&env).unwrap();
    let indexes: Vec<_> = config.indexes.iter().map(Url::as_str).collect();
    assert_eq!(
        indexes,
        [
            "https://user.test/simple/",
            "https://e1.test/simple/",
            "https://e2.test/simple/"
        ]
    );
    assert_eq!(config.links, [env.home.path().join("wheels")]);
    let auth = |url: &str| {
        config
            .access
            .authorization(&Url::parse(url).unwrap())
            .map(|secret| secret.expose().to_owned())
    };
    assert_eq!(
        auth("https://e2.test/files/x").as_deref(),
        Some("Basic dTpwQHNz")
    );
    assert_eq!(
        auth("https://user.test/x").as_deref(),
        Some("Basic bWU6c2VjcmV0")
    );
    for url in [
        "http://e2.test/",
        "https://evil.test/",
        "https://e1.test/",
        "https://e2.test:444/",
    ] {
        assert_eq!(auth(url), None, "{url}");
    }
    assert_eq!(
        config.access.verify,
        http::Verify::Except(vec!["e1.test".into(), "other.test:8443".into()])
    );
    let none = pipconf::load(
        &env.with("PIP_CONFIG_FILE", "/dev/null")
            .with("PIP_INDEX_URL", "https://v.test"),
    )
    .unwrap();
    assert_eq!(none.indexes[0].as_str(), "https://v.test/");
}

#[test]
fn both_forms_of_an_index_are_read() {
    let html = br#"<!DOCTYPE html><html><body>
        <a href="../../f/p-1.0-py3-none-any.whl#sha256=AB">x</a>
        <A class=y HREF='/f/p-1.1.tar.gz#md5=1' data-yanked="why" data-core-metadata="sha256=00">y</A>
        <abbr>no</abbr><a name="z">no</a><a href="p-2.0&amp;.zip"#;
    let sha = "ab".repeat(32);
    let html = String::from_utf8_lossy(html).replace("=AB", &format!("={sha}"));
    let digest = Some(format!("sha256:{sha}"));
    let expected = [
        (
            "http://index.test/f/p-1.0-py3-none-any.whl".to_owned(),
            digest.clone(),
            false,
        ),
        ("http://index.test/f/p-1.1.tar.gz".to_owned(), None, true),
        (
            "http://index.test/simple/p/p-2.0&.zip".to_owned(),
            None,
            false,
        ),
    ];
    assert_eq!(pypi::testing::names(html.as_bytes(), false), expected);
    let json = format!(
        r#"{{"files":[{{"filename":"a","url":"../../f/p-1.0-py3-none-any.whl","hashes":{{"sha256":"{sha}"}}}},
        {{"url":"/f/p-1.1.tar.gz","yanked":"why","hashes":{{}}}},{{"filename":"no url"}}]}}"#
    );
    assert_eq!(pypi::testing::names(json.as_bytes(), true), expected[..2]);

    for (name, version) in [
        ("a_b-1.0-py3-none-any.whl", Some("1.0")),
        ("A.B-1.0-1-cp312-cp312-win32.whl", Some("1.0")),
        ("a-b-1.0.post1.tar.gz", Some("1.0.post1")),
        ("a-b-c-1.0.tar.gz", None),
        ("a-1.0.tar.gz", None),
        ("a_b-1.0.exe", None),
    ] {
        assert_eq!(
            pypi::testing::version_of("a-b", name).as_deref(),
            version,
            "{name}"
        );
    }
    assert_eq!(
        pypi::testing::platforms(
            "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_aarch64"
        ),
        ["linux-arm64-musl", "linux-x64"]
    );
    assert_eq!(
        pypi::testing::platforms("macosx_11_0_universal2"),
        ["darwin-arm64", "darwin-x64"]
    );
    assert!(pypi::testing::platforms("any").is_empty());
    let required = |text| pypi::testing::required(text);
    assert_eq!(
        required("A.b[x] (>=1)"),
        Some(("a-b".into(), "[x] (>=1)".into(), false))
    );
    assert!(required("y; extra == 'z'").unwrap().2);
    assert!(required("--index-url http://evil").is_none());
}

#[test]
fn python_projects_are_fetched() {
    const METADATA: &str = "Metadata-Version: 2.1\nRequires-Dist: dep>=1\nRequires-Dist: opt; extra == \"x\"\n\nRequires-Dist: no\n";
    let server = Server::start(|_| {
        move |request: &Request| {
            let file = |name: &str, more: &str| {
                let digest = integrity::sha256(name.as_bytes());
                format!(
                    r#"{{"filename":"{name}","url":"/files/{name}","hashes":{{"sha256":"{digest}"}}{more}}}"#
                )
            };
            match request.path.as_str() {
                "/simple/the-tool/" => {
                    let metadata = format!(
                        r#","core-metadata":{{"sha256":"{}"}}"#,
                        integrity::sha256(METADATA.as_bytes())
                    );
                    let files = [
                        file("the_tool-1.0-py3-none-any.whl", ""),
                        file("the_tool-1.2-cp310-cp310-manylinux2014_x86_64.whl", ""),
                        file(
                            "the_tool-1.2-cp312-cp312-manylinux2014_x86_64.whl",
                            &metadata,
                        ),
                        file("the_tool-1.2-cp313-cp313t-manylinux2014_x86_64.whl", ""),
                        file("the_tool-1.2-cp312-cp312-musllinux_1_1_x86_64.whl", ""),
                        file("the_tool-1.2-cp312-cp312-macosx_11_0_arm64.whl", ""),
                        file("the_tool-1.2.tar.gz", ""),
                        file("the_tool-1.3-py3-none-any.whl", r#","yanked":true"#),
                        file("the_tool-2.0rc1-py3-none-any.whl", ""),
                    ];
                    ok(format!(r#"{{"files":[{}]}}"#, files.join(",")))
                        .header("content-type", "application/vnd.pypi.simple.v1+json")
                }
                path if path.ends_with(".metadata") => ok(METADATA),
                path => match path.strip_prefix("/files/") {
                    Some(name) => ok(name),
                    None => status(404),
                },
            }
        }
    });
    let env = TestEnv::new().with(
        "PIP_INDEX_URL",
        &format!("http://u:pw-secret@127.0.0.1:{}/simple", server.port),
    );
    let cache = tempfile::tempdir().unwrap();
    let options = quick(cache.path());
    let fetched = get("pypi:The.Tool", &options, &env).unwrap();
    let main = &fetched.artifacts[0];
    assert_eq!(main.purl.to_string(), "pkg:pypi/the-tool@1.2");
    assert_eq!(
        main.file_name,
        "the_tool-1.2-cp312-cp312-manylinux2014_x86_64.whl"
    );
    assert!(matches!(main.integrity, Integrity::Verified { .. }));
    let not_read: Vec<_> = fetched.not_read.iter().map(|n| n.name.as_str()).collect();
    assert_eq!(
        not_read,
        [
            "the_tool-1.2-cp312-cp312-macosx_11_0_arm64.whl",
            "the_tool-1.2-cp312-cp312-musllinux_1_1_x86_64.whl",
            "pypi:the-tool==1.2",
            "the_tool-1.2.tar.gz",
            "pypi:dep>=1",
        ]
    );
    assert_eq!(
        get("pypi:the_tool==1.3", &options, &env).unwrap().artifacts[0]
            .purl
            .version
            .as_deref(),
        Some("1.3")
    );
    let mut windows = options.clone();
    windows.platform = "win32-x64".parse().unwrap();
    assert_eq!(
        get("pypi:the-tool", &windows, &env).unwrap().artifacts[0].file_name,
        "the_tool-1.2.tar.gz"
    );
    let error = get("pypi:the-tool==7", &options, &env)
        .unwrap_err()
        .to_string();
    assert!(error.contains("'7'") && error.contains("2.0rc1"), "{error}");
    let error = get("pypi:gone", &options, &env).unwrap_err().to_string();
    assert!(
        error.contains("no package 'gone'") && !error.contains("pw-secret"),
        "{error}"
    );
    assert!(server.asked().iter().all(|(_, auth)| auth.is_some()));

    let empty = tempfile::tempdir().unwrap();
    let stop = AtomicBool::new(false);
    let sdist = integrity::sha256(b"the_tool-1.2.tar.gz");
    let exact = fetch_exact(
        &main.purl,
        &sdist,
        &quick(empty.path()),
        &env,
        &Silent,
        &stop,
    )
    .unwrap();
    assert_eq!(exact.file_name, "the_tool-1.2.tar.gz");
    let other = integrity::sha256(b"other");
    let error = fetch_exact(&main.purl, &other, &options, &env, &Silent, &stop).unwrap_err();
    assert!(matches!(error, FetchError::Changed { .. }));
}

#[cfg(unix)]
#[test]
fn directories_are_packed_alike_each_time() {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::PermissionsExt as _;
    let make = |reverse: bool| {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("tool");
        std::fs::create_dir_all(root.join("sub")).unwrap();
        let long = format!("sub/{}", "n".repeat(200));
        let mut names: Vec<Vec<u8>> = vec![
            b"a.js".to_vec(),
            b"sub/\x1b[2Jname".to_vec(),
            b"sub/bad-\xff-utf8".to_vec(),
            b"..hidden".to_vec(),
            b"back\\slash".to_vec(),
            long.into_bytes(),
        ];
        if reverse {
            names.reverse();
        }
        for name in names {
            std::fs::write(root.join(std::ffi::OsStr::from_bytes(&name)), &name).unwrap();
        }
        let mode = if reverse { 0o711 } else { 0o755 };
        std::fs::set_permissions(root.join("a.js"), std::fs::Permissions::from_mode(mode)).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", root.join("link")).unwrap();
        std::os::unix::fs::symlink(".", root.join("sub/loop")).unwrap();
        let socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
        (folder, root, socket)
    };
    let cache = tempfile::tempdir().unwrap();
    let pack = |root: &Path| {
        get(
            root.to_str().unwrap(),
            &quick(cache.path()),
            &TestEnv::new(),
        )
        .unwrap()
    };
    let (_first, root, _socket) = make(false);
    let (_second, other, _socket2) = make(true);
    let fetched = pack(&root);
    assert_eq!(
        fetched.artifacts[0].sha256,
        pack(&other).artifacts[0].sha256
    );
    assert_eq!(fetched.artifacts[0].purl.to_string(), "pkg:generic/tool");
    assert_eq!(fetched.not_read.len(), 1);
    assert_eq!(fetched.not_read[0].name, "socket");

    let bytes = std::fs::read(&fetched.artifacts[0].path).unwrap();
    assert_eq!(integrity::sha256(&bytes), fetched.artifacts[0].sha256);
    assert!(!bytes.windows(5).any(|w| w == b"root:"));
    let mut archive = tar::Archive::new(bytes.as_slice());
    let mut seen = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path_bytes().into_owned();
        if entry.header().entry_type().is_file() {
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            assert_eq!(content, name);
        }
        assert_eq!(entry.header().mtime().unwrap(), 0);
        seen.push((name, entry.header().mode().unwrap()));
    }
    assert_eq!(seen.len(), 9);
    assert!(seen.contains(&(b"sub/bad-\xff-utf8".to_vec(), 0o644)));
    assert!(seen.contains(&(b"a.js".to_vec(), 0o755)));
}

#[test]
fn files_are_used_where_they_lie() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.vsix");
    std::fs::write(&path, b"zip").unwrap();
    let fetched = get(
        path.to_str().unwrap(),
        &quick(folder.path()),
        &TestEnv::new(),
    )
    .unwrap();
    let artifact = &fetched.artifacts[0];
    assert_eq!(
        (artifact.path.as_path(), artifact.bytes),
        (path.as_path(), 3)
    );
    assert_eq!(artifact.purl.to_string(), "pkg:generic/x.vsix");
    assert!(matches!(artifact.integrity, Integrity::Unpublished { .. }));
}

#[test]
fn a_cache_that_cannot_be_made_names_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = get("npm:p", &quick(&file), &TestEnv::new())
        .unwrap_err()
        .to_string();
    assert!(error.contains("--cache-dir"), "{error}");
    let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    let error = FetchError::cache(&file, &file, &full).to_string();
    assert!(
        error.contains("no space") && error.contains(file.to_str().unwrap()),
        "{error}"
    );
}

#[test]
fn one_file_is_downloaded_by_one_process_at_a_time() {
    let server = simple(b"shared");
    let env = registry_env(&server);
    let cache = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| get("npm:p", &quick(cache.path()), &env).unwrap());
        }
    });
    let files = server
        .asked()
        .iter()
        .filter(|(path, _)| path.starts_with("/f/"))
        .count();
    assert_eq!(files, 1);
}

#[test]
fn a_proxy_is_asked_and_its_password_not_shown() {
    let proxy = Server::start(|_| |_: &Request| status(407));
    let env = TestEnv::new().file(
        ".npmrc",
        &format!(
            "registry=http://registry.test/\nproxy=http://u:pw-hidden@127.0.0.1:{}/\n\
             //registry.test/:_authToken=tok-hidden\n",
            proxy.port
        ),
    );
    let cache = tempfile::tempdir().unwrap();
    let error = get("npm:p", &quick(cache.path()), &env).unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("registry.test/p") && text.contains("proxy"),
        "{text}"
    );
    assert!(!text.contains("hidden"), "{text}");
    let asked = proxy.asked();
    assert_eq!(asked[0], ("registry.test:80".to_owned(), None));
    let seen = proxy.seen.lock().unwrap();
    assert!(seen[0].headers.contains_key("proxy-authorization"));
}

#[test]
fn hostile_indexes_cost_little() {
    let names = |text: String| pypi::testing::names(text.as_bytes(), false).len();
    assert_eq!(names(format!("<html>{}", "<a ".repeat(500_000))), 0);
    assert_eq!(names(format!("<html>{}", "<a href=\"".repeat(500_000))), 1);
    let dashes = format!("a{}-1.0.zip", "-".repeat(1 << 20));
    assert_eq!(pypi::testing::version_of("a", &dashes), None);
    for name in [
        "a-1.0-py3-none-\u{1b}[2J.whl",
        "a-1.0-py3-none-../x.whl",
        "a-1.0\n.zip",
    ] {
        assert_eq!(pypi::testing::version_of("a", name), None, "{name:?}");
    }
}

/// Keeps what progress tells.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Progress for Heard {
    fn download(&self, name: &str, _: u64, _: Option<u64>) {
        self.message(name);
    }

    fn message(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
}

const TOKEN: &str = "s3cret+token";

/// Registries that put the user's token, and one of their own, into the
/// addresses of files: neither is shown, whatever goes wrong there.
#[test]
fn tokens_in_paths_are_not_shown() {
    const OWN: &str = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
    const OTHER: &str = "q7Xk2mPz9LrT4vWc8NbY1";
    let server = Server::start(|base| {
        move |request: &Request| {
            let path = request.path.as_str();
            let folder = |kind: &str| format!("{base}/{TOKEN}/{OWN}/{OTHER}/{kind}");
            if let Some(package) = path.strip_prefix('/').filter(|p| !p.contains('/')) {
                return match package {
                    "moved" => status(302).header("location", &folder("500")),
                    "unread" => ok(one_version(
                        "unread",
                        "1.0.0",
                        &format!("ftp://{TOKEN}"),
                        b"",
                    )),
                    _ => ok(one_version(package, "1.0.0", &folder(package), b"right")),
                };
            }
            let kind = path.split('/').nth(4).unwrap_or_default();
            match kind {
                "loop" => status(302).header("location", path),
                "ftp" => status(302).header("location", &format!("ftp://h/{TOKEN}")),
                "nowhere" => status(302).header("location", &format!("http://[{TOKEN}")),
                "cut" => Response {
                    cut: Some(2),
                    ..ok("right")
                },
                "large" => ok(vec![0; 2000]),
                "wrong" => ok("wrong"),
                "part" => status(206),
                kind => status(kind.parse().unwrap_or(404)),
            }
        }
    });
    let env = TestEnv::new().file(
        ".npmrc",
        &format!(
            "registry={}\n//127.0.0.1:{}/:_authToken={TOKEN}\n",
            server.url(),
            server.port
        ),
    );
    let heard = Heard::default();
    for (package, part) in [
        ("401", "answered 401"),
        ("403", "answered 403"),
        ("404", "does not have it"),
        ("418", "answered 418"),
        ("500", "answered 500"),
        ("loop", "redirects"),
        ("ftp", "neither http nor https"),
        ("nowhere", "no address"),
        ("cut", "could not be read"),
        ("large", "larger than the limit"),
        ("wrong", "thrown away"),
        ("part", "another part"),
        ("moved", "answered 500"),
        ("unread", "neither http nor https"),
    ] {
        let cache = tempfile::tempdir().unwrap();
        let mut options = quick(cache.path());
        options.max_download = 1000;
        let source = format!("npm:{package}").parse().unwrap();
        let stop = AtomicBool::new(false);
        let error = fetch(&source, &options, &env, &heard, &stop).unwrap_err();
        for text in [error.to_string(), format!("{error:?}")] {
            for token in [TOKEN, OWN, OTHER] {
                assert!(!text.contains(token), "{package}: {text}");
            }
        }
        assert!(error.to_string().contains(part), "{package}: {error}");
        // What is needed to find the reason is still there.
        if !matches!(package, "wrong" | "unread") {
            assert!(
                error.to_string().contains("127.0.0.1"),
                "{package}: {error}"
            );
        }
    }
    let heard = heard.0.lock().unwrap();
    assert!(heard.iter().any(|text| text.contains("wrong")));
    assert!(heard.iter().all(|text| !text.contains(TOKEN)), "{heard:?}");
}

#[test]
fn parts_of_an_address_that_look_like_names_are_shown() {
    let shown = |text: &str| super::http::redacted(&Url::parse(text).unwrap());
    for plain in [
        "https://h/@scope%2Fpackage-with-a-long-name-2/-/package-with-a-long-name-2-1.0.0-rc.1.tgz",
        "https://h/api/npm/npm-virtual-repository/simple/",
        "https://h/organisationwithalongname/-/x_2.0.0.tgz",
    ] {
        assert_eq!(shown(plain), plain);
    }
    assert_eq!(
        shown("https://u:p@h/npm_a1B2c3D4e5F6g7H8i9J0/a/x.tgz?token=1#f"),
        "https://h/.../a/x.tgz?..."
    );
}

#[test]
fn secrets_are_hidden_in_every_form_and_where_a_text_was_cut() {
    let url = Url::parse("https://user:pass%2Fword1@h/").unwrap();
    let access = Access {
        credentials: vec![super::http::Credential::in_address(&url, "/")],
        ..Access::default()
    };
    let hidden = access.hidden("/pass/word1/a /pass%2Fword1/b dXNlcjpwYXNzL3dvcmQx, pass/wo");
    assert_eq!(hidden, "/***/a /***/b ***, ***");
    let heard = Heard::default();
    let progress = super::http::Discreet {
        access: &access,
        inner: &heard,
    };
    progress.message("waiting for https://h/pass/word1/x");
    progress.download("x in pass%2Fword1", 1, None);
    assert_eq!(
        *heard.0.lock().unwrap(),
        ["waiting for https://h/***/x", "x in ***"]
    );
}

/// Names what only looks like a file, and does not wait for it.
#[cfg(unix)]
#[test]
fn pipes_sockets_and_devices_are_no_artifacts() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let socket = folder.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let device = PathBuf::from("/dev/zero");
    for (path, what) in [(pipe, "a pipe"), (socket, "a socket"), (device, "a device")] {
        let begin = std::time::Instant::now();
        let error = fetch(
            &Source::File(path.clone()),
            &quick(folder.path()),
            &TestEnv::new(),
            &Silent,
            &AtomicBool::new(false),
        );
        let error = error.unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
        assert!(error.contains(path.to_str().unwrap()), "{error}");
        assert!(begin.elapsed() < Duration::from_secs(5));
    }
}

/// A file of the kernel has content, though it says that its size is zero.
#[cfg(target_os = "linux")]
#[test]
fn files_without_a_size_are_read_up_to_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = quick(folder.path());
    let path = "/proc/self/status";
    let fetched = get(path, &options, &TestEnv::new()).unwrap();
    let artifact = &fetched.artifacts[0];
    let content = std::fs::read(&artifact.path).unwrap();
    assert!(content.starts_with(b"Name:"));
    assert_eq!(artifact.bytes, content.len() as u64);
    assert_eq!(artifact.sha256, super::integrity::sha256(&content));
    options.max_download = 10;
    let error = get(path, &options, &TestEnv::new()).unwrap_err();
    assert!(
        matches!(error, FetchError::TooLarge { limit: 10, .. }),
        "{error}"
    );
}

#[test]
fn what_a_registry_tells_beside_the_file_is_had() {
    let body = b"x";
    let server = Server::start(move |base| {
        move |request: &Request| match request.path.as_str() {
            "/p" => {
                let one = |number: &str, who: &str| {
                    let more = format!(r#""maintainers":["{who}"],"license":"MIT","#);
                    format!(r#""{number}":{}"#, version("p", number, &base, body, &more))
                };
                ok(format!(
                    r#"{{"name":"p","dist-tags":{{"latest":"1.0.1"}},"time":{{}},"versions":{{{},{}}}}}"#,
                    one("1.0.0", "a"),
                    one("1.0.1", "b")
                ))
            }
            "/-/npm/v1/attestations/p@1.0.1" => ok("stated"),
            _ => status(404),
        }
    });
    let cache = tempfile::tempdir().unwrap();
    let record = |version: &str| {
        let source = format!("npm:p@{version}").parse().unwrap();
        registry_record(
            &source,
            &assay_model::Purl::new("npm", "p", Some(version)),
            None,
            &quick(cache.path()),
            &registry_env(&server),
            &Silent,
            &AtomicBool::new(false),
        )
        .unwrap()
        .unwrap()
    };
    let new = record("1.0.1");
    assert_eq!(new.attestations.as_deref(), Some("stated"));
    assert_eq!(new.maintainers, ["b"]);
    assert_eq!(new.before.unwrap().maintainers, ["a"]);
    let old = record("1.0.0");
    assert_eq!((old.attestations, old.before), (None, None));
}

#[test]
fn what_an_index_tells_of_a_file_is_had() {
    let digest = "ab".repeat(32);
    let page = format!(
        r#"{{"files":[{{"filename":"p-1.0.tar.gz","url":"f","hashes":{{"sha256":"{digest}"}}}}]}}"#
    );
    let server = Server::start(move |_| {
        move |request: &Request| match request.path.as_str() {
            "/root/simple/p/" => {
                ok(page.clone()).header("content-type", "application/vnd.pypi.simple.v1+json")
            }
            "/root/integrity/p/1.0/p-1.0.tar.gz/provenance" => ok("stated"),
            _ => status(404),
        }
    });
    let cache = tempfile::tempdir().unwrap();
    let env = TestEnv::new().with("PIP_INDEX_URL", &format!("{}/root/simple", server.url()));
    let record = |digest: &str| {
        registry_record(
            &"pypi:p==1.0".parse().unwrap(),
            &assay_model::Purl::new("pypi", "p", Some("1.0")),
            Some(&format!("sha256:{digest}")),
            &quick(cache.path()),
            &env,
            &Silent,
            &AtomicBool::new(false),
        )
        .unwrap()
        .unwrap()
    };
    let known = record(&digest);
    assert_eq!(known.attestations.as_deref(), Some("stated"));
    assert_eq!(known.file.as_deref(), Some("p-1.0.tar.gz"));
    assert_eq!(record(&"cd".repeat(32)).attestations, None);
}
