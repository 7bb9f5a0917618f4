use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// How long any one run of `assay` may take in a test.
const PATIENCE: Duration = Duration::from_secs(240);

/// The folder of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace()).arg("--offline");
    cargo
}

/// The `assay` program, built on the first call in the profile of the tests.
///
/// # Errors
/// When it does not compile.
pub fn program() -> io::Result<&'static Path> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match PROGRAM.get_or_init(|| build().map_err(|error| error.to_string())) {
        Ok(path) => Ok(path),
        Err(error) => Err(io::Error::other(error.clone())),
    }
}

fn build() -> io::Result<PathBuf> {
    // TARGET/PROFILE/deps/it-HASH: the tests' own place tells the profile and
    // the target folder, wherever an option or variable has put it.
    let own = std::env::current_exe()?;
    let folder = own.ancestors().nth(2);
    let profile = folder.and_then(Path::file_name).and_then(OsStr::to_str);
    let mut command = cargo();
    command.args([
        "build",
        "--quiet",
        "--package",
        "assay-cli",
        "--bin",
        "assay",
    ]);
    command.args(["--message-format", "json"]);
    match profile {
        Some("debug") | None => {}
        Some(profile) => {
            command.args(["--profile", profile]);
        }
    }
    if let Some(target) = folder.and_then(Path::parent) {
        command.arg("--target-dir").arg(target);
    }
    let output = command.stderr(Stdio::inherit()).output()?;
    let artifacts = output.stdout.split(|byte| *byte == b'\n');
    let executable = artifacts
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
        .filter(|message| message.pointer("/target/name") == Some(&Value::from("assay")))
        .find_map(|message| Some(PathBuf::from(message.get("executable")?.as_str()?)));
    match executable {
        Some(path) if output.status.success() => Ok(path),
        _ => Err(io::Error::other(format!(
            "'cargo build -p assay-cli' failed: {}",
            output.status
        ))),
    }
}

/// The manifest of a dependency of the workspace, for the files beside it.
///
/// # Errors
/// When cargo does not know it.
pub fn manifest_of(package: &str) -> io::Result<PathBuf> {
    // Packages of other systems may not be there.
    let version = cargo().arg("-vV").output()?;
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| io::Error::other("cargo does not tell its host"))?;
    let output = cargo()
        .args([
            "metadata",
            "--format-version",
            "1",
            "--filter-platform",
            host,
        ])
        .stderr(Stdio::inherit())
        .output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata.get("packages").and_then(Value::as_array);
    packages
        .into_iter()
        .flatten()
        .find(|known| known.get("name").and_then(Value::as_str) == Some(package))
        .and_then(|known| Some(PathBuf::from(known.get("manifest_path")?.as_str()?)))
        .ok_or_else(|| io::Error::other(format!("the workspace does not depend on {package}")))
}

/// An empty world for `assay`: a home, a folder for temporary files and a
/// folder to work in, and no variable of the machine but `PATH`.
#[derive(Debug)]
pub struct Bench {
    root: TempDir,
    variables: Vec<(String, String)>,
}

impl Bench {
    /// A fresh one.
    ///
    /// # Errors
    /// When its folders cannot be made.
    pub fn new() -> io::Result<Self> {
        let root = tempfile::Builder::new().prefix("assay-it-").tempdir()?;
        for folder in ["home", "tmp", "work"] {
            std::fs::create_dir(root.path().join(folder))?;
        }
        Ok(Self {
            root,
            variables: Vec::new(),
        })
    }

    /// Sets a variable for all runs.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A path in the folder that `assay` runs in.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join("work").join(name)
    }

    /// Writes a file there, with the folders above it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> io::Result<PathBuf> {
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, bytes)?;
        Ok(path)
    }

    /// All files, folders and links outside of the cache, relative to the
    /// world's root, without the three folders that are always there. With
    /// this a test sees what `assay` left behind.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub fn everything(&self) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        let mut folders = vec![self.root.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                let path = entry.path();
                let name = path.strip_prefix(self.root.path()).unwrap_or(&path);
                if name == Path::new("home/.cache") {
                    continue;
                }
                if entry.file_type()?.is_dir() {
                    folders.push(path.clone());
                }
                if name.components().count() > 1 {
                    found.push(name.to_owned());
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// A run that is not started yet, for what is special.
    ///
    /// # Errors
    /// When the program cannot be built.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> io::Result<Command> {
        let mut command = Command::new(program()?);
        self.furnish(&mut command);
        command.args(arguments);
        Ok(command)
    }

    /// Gives a command this world.
    pub fn furnish(&self, command: &mut Command) {
        command
            .env_clear()
            .env("HOME", self.root.path().join("home"))
            .env("TMPDIR", self.root.path().join("tmp"))
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.root.path().join("work"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
    }

    /// Starts `assay`.
    ///
    /// # Errors
    /// When it cannot be built or started.
    pub fn start<S: AsRef<OsStr>>(&self, arguments: &[S]) -> io::Result<Running> {
        Running::start(self.command(arguments)?)
    }

    /// Runs `assay` to its end.
    ///
    /// # Errors
    /// When it cannot be built or started, or takes far too long.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> io::Result<Outcome> {
        self.start(arguments)?.wait(PATIENCE)
    }
}

/// A started `assay`; ended when it is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    out: Option<JoinHandle<Vec<u8>>>,
    err: Option<JoinHandle<Vec<u8>>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn reader(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What came before an error is what a test looks at.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn text(thread: Option<JoinHandle<Vec<u8>>>) -> String {
    let bytes = thread
        .and_then(|thread| thread.join().ok())
        .unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Running {
    /// Starts a command whose outputs are pipes.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn start(mut command: Command) -> io::Result<Self> {
        let mut child = command.spawn()?;
        let (out, err) = (reader(child.stdout.take()), reader(child.stderr.take()));
        Ok(Self {
            child,
            out: Some(out),
            err: Some(err),
        })
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn ended(&mut self) -> io::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Waits for its end; ends it when that takes longer than `patience`.
    ///
    /// # Errors
    /// When it had to be ended.
    pub fn wait(mut self, patience: Duration) -> io::Result<Outcome> {
        let deadline = Instant::now() + patience;
        let mut pause = Duration::from_millis(1);
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if Instant::now() >= deadline {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return Err(io::Error::other(format!(
                    "assay did not end within {} s; it said: {}",
                    patience.as_secs(),
                    text(self.err.take())
                )));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        };
        Ok(Outcome {
            status,
            stdout: text(self.out.take()),
            stderr: text(self.err.take()),
        })
    }
}

/// How a run ended and what it wrote.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Outcome {
    /// The exit status; none when a signal ended it.
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// The standard output as JSON.
    ///
    /// # Errors
    /// When it is none; the error holds all that was written.
    pub fn json(&self) -> io::Result<Value> {
        serde_json::from_str(&self.stdout)
            .map_err(|error| io::Error::other(format!("{error}; {self:?}")))
    }
}
