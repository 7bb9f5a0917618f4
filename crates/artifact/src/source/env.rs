use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::spec::Platform;

/// What the module asks of the machine around it, so that a test can give its
/// own.
pub trait Environment: Sync {
    /// The value of one environment variable, by its exact name.
    fn var(&self, name: &str) -> Option<OsString>;

    /// All environment variables; npm's settings are found without regard to
    /// case, and so need the list.
    fn vars(&self) -> Vec<(OsString, OsString)>;

    /// The user's home directory.
    fn home(&self) -> Option<PathBuf>;

    /// The current directory.
    fn cwd(&self) -> Option<PathBuf>;

    /// The platform that this machine is.
    fn platform(&self) -> Platform;

    /// The root under which machine-wide settings lie; `/` but in tests.
    fn root(&self) -> PathBuf {
        PathBuf::from("/")
    }
}

/// The environment of this process.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEnvironment;

impl Environment for SystemEnvironment {
    fn var(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }

    fn vars(&self) -> Vec<(OsString, OsString)> {
        std::env::vars_os().collect()
    }

    fn home(&self) -> Option<PathBuf> {
        std::env::home_dir().filter(|path| !path.as_os_str().is_empty())
    }

    fn cwd(&self) -> Option<PathBuf> {
        std::env::current_dir().ok()
    }

    fn platform(&self) -> Platform {
        let os = match std::env::consts::OS {
            "macos" => "darwin",
            "windows" => "win32",
            "solaris" => "sunos",
            other => other,
        };
        let cpu = match std::env::consts::ARCH {
            "x86_64" => "x64",
            "aarch64" => "arm64",
            "x86" => "ia32",
            "powerpc64" => "ppc64",
            "loongarch64" => "loong64",
            "mips" => "mips",
            other => other,
        };
        let libc = (os == "linux").then(|| libc_of(Path::new("/")).to_owned());
        Platform {
            os: os.to_owned(),
            cpu: cpu.to_owned(),
            libc,
        }
    }
}

/// Which C library the Linux system under `root` has. The dynamic loader's
/// file name tells: musl's is `ld-musl-ARCH.so.1`. A system with both (musl
/// installed beside) counts as glibc, as its own programs are.
fn libc_of(root: &Path) -> &'static str {
    let mut musl = false;
    for folder in ["lib", "lib64", "usr/lib", "usr/lib64"] {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("ld-linux") || name.starts_with("ld64.so") {
                return "glibc";
            }
            musl |= name.starts_with("ld-musl-");
        }
    }
    if musl { "musl" } else { "glibc" }
}

/// Hears of long work.
pub trait Progress: Sync {
    /// A download has `done` of `total` bytes; called often.
    fn download(&self, name: &str, done: u64, total: Option<u64>);

    /// Something that the user should read.
    fn message(&self, text: &str);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn download(&self, _: &str, _: u64, _: Option<u64>) {}

    fn message(&self, _: &str) {}
}
