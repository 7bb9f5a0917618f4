use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::{Mmap, MmapRaw};
use serde::{Deserialize, Serialize};

/// A file mapped for reading.
///
/// If another process shortens the file while it is mapped, reading beyond
/// its new end raises SIGBUS and ends the process. That is why only confined
/// children read through it.
#[derive(Debug)]
pub struct Mapped {
    map: Option<Mmap>,
}

impl Mapped {
    /// Maps a whole file.
    ///
    /// # Errors
    /// When the file cannot be mapped.
    pub fn new(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            // Linux refuses to map nothing.
            return Ok(Self { map: None });
        }
        // SAFETY: the mapping is read-only and private to this value. The
        // file's content may change under us, which for plain bytes without
        // any validity requirement is only another value; shortening it
        // raises SIGBUS, which ends this process and is not undefined.
        let map = unsafe { Mmap::map(file)? };
        Ok(Self { map: Some(map) })
    }

    /// The file's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.map.as_deref().unwrap_or_default()
    }
}

/// Anonymous memory that grows at its end, shared between processes by its
/// file descriptor.
///
/// Bytes once written are never changed, so that slices of them stay valid
/// while more is appended.
#[derive(Debug)]
pub struct Spool {
    file: File,
    map: MmapRaw,
    len: AtomicU64,
}

/// The spool has no room for more; its size is a limit set by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the limit on decoded bytes is reached")]
pub struct SpoolFull;

impl Spool {
    /// A new, empty spool that holds at most `capacity` bytes. Memory is used
    /// only for what is written.
    ///
    /// # Errors
    /// When the memory cannot be had.
    pub fn new(capacity: u64) -> io::Result<Self> {
        let file = anonymous_file()?;
        file.set_len(capacity.max(1))?;
        seal(&file)?;
        Self::over(file, 0)
    }

    /// The spool behind a descriptor that another process made by
    /// [`Spool::new`], of which `len` bytes are written.
    ///
    /// # Errors
    /// When it cannot be mapped, or is shorter than `len`.
    pub fn attach(file: File, len: u64) -> io::Result<Self> {
        if file.metadata()?.len() < len {
            return Err(io::Error::other("the spool is shorter than announced"));
        }
        Self::over(file, len)
    }

    fn over(file: File, len: u64) -> io::Result<Self> {
        let map = MmapRaw::map_raw(&file)?;
        Ok(Self {
            file,
            map,
            len: AtomicU64::new(len),
        })
    }

    /// The descriptor, to be given to a child.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// How many bytes are written.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len.load(Ordering::Acquire)
    }

    /// Whether nothing is written yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes it can still take.
    #[must_use]
    pub fn room(&self) -> u64 {
        (self.map.len() as u64).saturating_sub(self.len())
    }

    /// Takes note that another process has written up to `len`.
    pub fn advance(&self, len: u64) {
        let len = len.min(self.map.len() as u64);
        self.len.fetch_max(len, Ordering::AcqRel);
    }

    /// Appends bytes at the end.
    ///
    /// Only one thread of one process may append at a time; the pool keeps to
    /// that by giving the opening job to one child.
    ///
    /// # Errors
    /// [`SpoolFull`] when they do not fit; nothing is written then.
    pub fn append(&self, bytes: &[u8]) -> Result<(), SpoolFull> {
        let start = self.len();
        if bytes.len() as u64 > self.room() {
            return Err(SpoolFull);
        }
        let offset = usize::try_from(start).map_err(|_| SpoolFull)?;
        // SAFETY: `offset + bytes.len()` lies within the mapping, as checked
        // above. The range starts at `len`, and slices are only handed out
        // below `len`, so no reference to it exists. Two racing appends would
        // write the same range, which is excluded by the compare-exchange
        // below only after the fact; the documented single writer makes it
        // sound.
        unsafe {
            std::ptr::copy_nonoverlapping(
                bytes.as_ptr(),
                self.map.as_mut_ptr().add(offset),
                bytes.len(),
            );
        }
        self.len
            .compare_exchange(
                start,
                start.saturating_add(bytes.len() as u64),
                Ordering::AcqRel,
                Ordering::Acquire,
            )
            .map(|_| ())
            .map_err(|_| SpoolFull)
    }

    /// The bytes of a range, or `None` where they are not written.
    #[must_use]
    pub fn bytes(&self, start: u64, len: u64) -> Option<&[u8]> {
        if start.checked_add(len)? > self.len() {
            return None;
        }
        let (start, len) = (usize::try_from(start).ok()?, usize::try_from(len).ok()?);
        // SAFETY: the range is below `len`, so within the mapping, and is
        // never written again for as long as the mapping lives; the mapping
        // lives as long as `self`, to which the slice is tied. The writing
        // process is our own parent or child and keeps to the same rule.
        Some(unsafe { std::slice::from_raw_parts(self.map.as_ptr().add(start), len) })
    }
}

#[cfg(target_os = "linux")]
fn anonymous_file() -> io::Result<File> {
    // SAFETY: the name is a NUL-terminated literal; the call has no other
    // requirement.
    let fd = unsafe {
        libc::memfd_create(
            c"assay-spool".as_ptr(),
            libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING,
        )
    };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just made and is owned by nobody else.
    Ok(File::from(unsafe { OwnedFd::from_raw_fd(fd) }))
}

#[cfg(target_os = "linux")]
fn seal(file: &File) -> io::Result<()> {
    // The kernel keeps the size, whatever a child that was taken over does.
    // SAFETY: plain fcntl on a descriptor that we own.
    let done = unsafe {
        libc::fcntl(
            file.as_raw_fd(),
            libc::F_ADD_SEALS,
            libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_SEAL,
        )
    };
    if done < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn anonymous_file() -> io::Result<File> {
    let path = std::env::temp_dir().join(format!("assay-spool-{}", std::process::id()));
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

#[cfg(not(target_os = "linux"))]
fn seal(_: &File) -> io::Result<()> {
    Ok(())
}

/// A copy of a descriptor that a child started later inherits.
pub(crate) fn inheritable(file: &File) -> io::Result<OwnedFd> {
    // SAFETY: F_DUPFD makes a new descriptor without the close-on-exec flag;
    // it takes no pointers.
    let fd = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_DUPFD, 64) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just made, owned by nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// The file behind a descriptor number that the parent announced.
pub(crate) fn inherited(fd: i32) -> io::Result<File> {
    if fd < 3 {
        return Err(io::Error::other(
            "not a descriptor that a parent hands over",
        ));
    }
    // SAFETY: F_GETFD on any number is harmless and tells whether it is open.
    if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is open, as just checked, and is borrowed only
    // to be duplicated, so that nobody's ownership is touched.
    unsafe { BorrowedFd::borrow_raw(fd) }
        .try_clone_to_owned()
        .map(File::from)
}

/// Which memory a [`Place`] is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Segment {
    /// The artifact as distributed.
    Artifact,
    /// What was decoded from it.
    Spool,
}

/// Where the bytes of a node are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The memory.
    pub segment: Segment,
    /// The offset there.
    pub start: u64,
    /// The length.
    pub len: u64,
}

impl Place {
    /// A part of this place; `None` when it is not within it.
    #[must_use]
    pub fn part(self, start: u64, len: u64) -> Option<Self> {
        if start.checked_add(len)? > self.len {
            return None;
        }
        Some(Self {
            segment: self.segment,
            start: self.start.checked_add(start)?,
            len,
        })
    }
}

/// An artifact and what was decoded from it.
#[derive(Debug)]
pub struct Store {
    artifact: Mapped,
    artifact_file: File,
    spool: Spool,
}

impl Store {
    /// A store for an artifact, with room for `capacity` decoded bytes.
    ///
    /// # Errors
    /// When the file cannot be mapped or the memory cannot be had.
    pub fn new(artifact: File, capacity: u64) -> io::Result<Self> {
        Ok(Self {
            artifact: Mapped::new(&artifact)?,
            artifact_file: artifact,
            spool: Spool::new(capacity)?,
        })
    }

    /// A store of nothing, for jobs that get all they need in their input.
    ///
    /// # Errors
    /// When the memory cannot be had.
    pub fn empty() -> io::Result<Self> {
        Self::new(anonymous_file()?, 0)
    }

    pub(crate) fn attach(artifact: File, spool: File, len: u64) -> io::Result<Self> {
        Ok(Self {
            artifact: Mapped::new(&artifact)?,
            artifact_file: artifact,
            spool: Spool::attach(spool, len)?,
        })
    }

    pub(crate) fn files(&self) -> (&File, &File) {
        (&self.artifact_file, self.spool.file())
    }

    /// The whole artifact.
    #[must_use]
    pub fn root(&self) -> Place {
        Place {
            segment: Segment::Artifact,
            start: 0,
            len: self.artifact.bytes().len() as u64,
        }
    }

    /// The bytes at a place, or `None` where there are none.
    #[must_use]
    pub fn bytes(&self, place: Place) -> Option<&[u8]> {
        match place.segment {
            Segment::Spool => self.spool.bytes(place.start, place.len),
            Segment::Artifact => {
                let start = usize::try_from(place.start).ok()?;
                let end = start.checked_add(usize::try_from(place.len).ok()?)?;
                self.artifact.bytes().get(start..end)
            }
        }
    }

    /// The memory for decoded bytes.
    #[must_use]
    pub fn spool(&self) -> &Spool {
        &self.spool
    }
}
