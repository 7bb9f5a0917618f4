//! Opening what the user names, which may be anything.

use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

/// Opens a file for reading; anything else is an error that says what it is.
///
/// A pipe without a writer is not waited for: between looking at a path and
/// opening it another thing can take its place, so that the file is opened
/// without waiting and looked at again. Devices are not opened at all where
/// that can be helped, since for some that alone does something.
pub fn open(path: &Path) -> io::Result<File> {
    check(&std::fs::metadata(path)?)?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    let file = options.open(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

/// Reads a file of at most so many bytes; anything else, and anything larger,
/// is an error that says so. What is read is counted too, since the size that
/// a file says it has need not be true.
///
/// # Errors
/// As the system says, [`ErrorKind::IsADirectory`] for a directory and
/// [`ErrorKind::FileTooLarge`] for a larger one.
pub fn read_regular(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let got = open(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if got as u64 > most {
        let detail = match most >> 20 {
            0 => format!("it is larger than {most} bytes, and no such file is"),
            mebibytes => format!("it is larger than {mebibytes} MiB, and no such file is"),
        };
        return Err(io::Error::new(ErrorKind::FileTooLarge, detail));
    }
    Ok(bytes)
}

fn check(data: &Metadata) -> io::Result<()> {
    if data.is_file() {
        return Ok(());
    }
    let what = what(data.file_type());
    let kind = if data.is_dir() {
        ErrorKind::IsADirectory
    } else {
        ErrorKind::Other
    };
    let detail = format!(
        "it is {what}, and only files are read; save what it gives to a file, and give that"
    );
    Err(io::Error::new(kind, detail))
}

#[cfg(unix)]
fn what(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn what(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a directory"
    } else {
        "a device"
    }
}
