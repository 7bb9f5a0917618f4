use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use serde_json::{Value, json};
use sha2::Digest;

use crate::pack::{Tar, gzip};

/// What was asked of a [`Registry`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The path with its query.
    pub path: String,
    /// The headers, names in lower case.
    pub headers: BTreeMap<String, String>,
}

/// What a [`Registry`] answers.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// Announce the whole body, but send only so many bytes of it.
    pub cut: Option<usize>,
    /// Send what there is, and then keep the connection open in silence.
    pub stall: bool,
}

impl Response {
    /// A good answer.
    #[must_use]
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            body: body.into(),
            ..Self::default()
        }
    }

    /// An answer without a body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }
}

type Handler = dyn Fn(&Request) -> Response + Send + Sync;

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<Request>>,
    more: Condvar,
}

/// An HTTP server on loopback that answers as it is told; it ends with the
/// test's process.
pub struct Registry {
    port: u16,
    seen: Arc<Seen>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl Registry {
    /// Starts one; `make` is given its address, without a slash at the end,
    /// and makes what answers.
    ///
    /// # Errors
    /// When there is no loopback.
    pub fn start<H>(make: impl FnOnce(&str) -> H) -> io::Result<Self>
    where
        H: Fn(&Request) -> Response + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let handler: Arc<Handler> = Arc::new(make(&format!("http://127.0.0.1:{port}")));
        let seen = Arc::<Seen>::default();
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, log) = (Arc::clone(&handler), Arc::clone(&log));
                // A client that goes away is no business of the registry.
                std::thread::spawn(move || drop(answer(stream, &*handler, &log)));
            }
        });
        Ok(Self { port, seen })
    }

    /// A registry that has these packages.
    ///
    /// # Errors
    /// When there is no loopback.
    pub fn of(packages: Vec<Package>) -> io::Result<Self> {
        Self::start(|base| {
            let mut files = BTreeMap::new();
            for package in packages {
                let address = format!("{base}/files/{}", package.file_name());
                files.insert(
                    format!("/files/{}", package.file_name()),
                    package.tarball.clone(),
                );
                let document = packument(&package, &address, &integrity(&package.tarball));
                files.insert(
                    format!("/{}", package.name.replace('/', "%2f")),
                    document.to_string().into_bytes(),
                );
            }
            move |request: &Request| match files.get(&request.path) {
                Some(body) => Response::ok(body.clone()),
                None => Response::status(404),
            }
        })
    }

    /// Its address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        let requests = self.seen.requests.lock();
        requests.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until so many requests have come, and tells whether they did.
    #[must_use]
    pub fn wait_for(&self, count: usize, patience: Duration) -> bool {
        let requests = self
            .seen
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .seen
            .more
            .wait_timeout_while(requests, patience, |requests| requests.len() < count);
        let (requests, _) = waited.unwrap_or_else(PoisonError::into_inner);
        requests.len() >= count
    }
}

fn answer(mut stream: TcpStream, handler: &Handler, seen: &Seen) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let Some(path) = first.split(' ').nth(1) else {
        return Ok(());
    };
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let request = Request {
        path: path.to_owned(),
        headers,
    };
    let response = handler(&request);
    let mut requests = seen.requests.lock().unwrap_or_else(PoisonError::into_inner);
    requests.push(request);
    drop(requests);
    seen.more.notify_all();
    write!(
        stream,
        "HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        response.status,
        response.body.len()
    )?;
    let sent = response.body.get(..response.cut.unwrap_or(usize::MAX));
    stream.write_all(sent.unwrap_or(&response.body))?;
    if !response.stall {
        stream.shutdown(Shutdown::Write)?;
    }
    // Until the other side is gone.
    reader.read_to_end(&mut Vec::new())?;
    Ok(())
}

/// A package of an npm registry.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its name, with its scope.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its `package.json`.
    pub manifest: Value,
    /// Its archive.
    pub tarball: Vec<u8>,
}

impl Package {
    /// A package with fields beside name and version in its `package.json`,
    /// and files.
    ///
    /// # Errors
    /// Never, for memory takes all bytes.
    pub fn new(name: &str, version: &str, more: Value, files: &[(&str, &str)]) -> io::Result<Self> {
        let mut manifest = json!({ "name": name, "version": version });
        if let (Some(fields), Value::Object(more)) = (manifest.as_object_mut(), more) {
            fields.extend(more);
        }
        let mut tar = Tar::new().file("package/package.json", format!("{manifest:#}"));
        for (path, text) in files {
            tar = tar.file(&format!("package/{path}"), text);
        }
        Ok(Self {
            name: name.to_owned(),
            version: version.to_owned(),
            manifest,
            tarball: gzip(&tar.finish())?,
        })
    }

    /// The name of its archive.
    #[must_use]
    pub fn file_name(&self) -> String {
        let name = self.name.rsplit('/').next().unwrap_or(&self.name);
        format!("{name}-{}.tgz", self.version)
    }
}

/// The digest of an archive as npm publishes it.
#[must_use]
pub fn integrity(tarball: &[u8]) -> String {
    let digest = sha2::Sha512::digest(tarball);
    format!(
        "sha512-{}",
        base64::engine::general_purpose::STANDARD.encode(digest)
    )
}

/// The document of a registry about a package of one version.
#[must_use]
pub fn packument(package: &Package, tarball: &str, integrity: &str) -> Value {
    let mut version = package.manifest.clone();
    if let Some(fields) = version.as_object_mut() {
        fields.insert(
            "dist".to_owned(),
            json!({ "tarball": tarball, "integrity": integrity }),
        );
    }
    json!({
        "name": package.name,
        "dist-tags": { "latest": package.version },
        "versions": { package.version.as_str(): version },
    })
}
