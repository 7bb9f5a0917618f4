//! What a run did, as it is kept.
//!
//! A recording is a folder: `events.jsonl` has one [`Event`] a line, in the
//! order in which they were seen, written as they come, so that what was seen
//! is kept whatever happens; `bodies/` has what was sent and answered, each
//! under the SHA-256 of its bytes; `packets.pcapng` has every packet;
//! `stdout` and `stderr` have what the tool printed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use assay_wire::{Header, Noted, Request};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a limit says by which a run was ended that took too long.
pub(crate) const LIMIT_ON_TIME: &str = "the limit on time";

/// How many events of one run are kept.
const EVENTS: usize = 200_000;
/// How many bytes of events of one run are kept.
const EVENT_BYTES: usize = 64 << 20;
/// How many of those of what stays on the host: what leaves is told whatever
/// else a tool does.
const LOCAL_EVENTS: usize = 150_000;
const LOCAL_BYTES: usize = 40 << 20;
/// Of how many files it is remembered that they were told.
const OPENED: usize = 50_000;
/// How much of all bodies of one run is kept, in bytes.
const BODIES: u64 = 512 << 20;

/// What is told where more was done on the host than is kept.
const LOCAL: &str = "it ran more programs or opened more files than are kept: the rest is not told";
/// What is told where more was sent than is kept.
const BODIES_FULL: &str =
    "it sent or was sent more than 512 MiB in one run: the rest is not kept, compared or searched";

/// Something that was seen, and when.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    /// Microseconds since the run began.
    pub at: u64,
    /// What it was.
    #[serde(flatten)]
    pub seen: Seen,
}

/// What was seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "seen")]
pub enum Seen {
    /// The tool was started.
    Started {
        /// How the sandbox holds it, in words: what holds, and what does not.
        holds: Vec<String>,
    },
    /// A process is about to run a program.
    Exec {
        /// The process, by its number on this machine.
        process: u32,
        /// The process that it came from.
        parent: u32,
        /// The program as it was named.
        program: String,
        /// Its arguments.
        arguments: Vec<String>,
        /// Whether there is such a file: programs are also looked for by
        /// trying one place after another.
        found: bool,
    },
    /// A file is about to be opened.
    Open {
        /// The process.
        process: u32,
        /// The path, made absolute as far as it can be.
        path: String,
        /// Whether it is opened for writing.
        write: bool,
    },
    /// A name was asked for.
    Name {
        /// The name.
        name: String,
        /// The type of record.
        kind: String,
        /// The address that was given for it, if any.
        address: Option<String>,
    },
    /// A connection is about to be made, or a datagram to be sent.
    Connect {
        /// The process.
        process: u32,
        /// The address and port, or the path of a socket.
        to: String,
        /// The name that stands for the address.
        name: Option<String>,
        /// Whether it is a datagram that is sent.
        datagram: bool,
    },
    /// A connection was accepted.
    Connection {
        /// Its number.
        connection: u64,
        /// Where it was going to.
        to: String,
        /// The name that stands for the address.
        name: Option<String>,
    },
    /// Something was noted of a connection.
    Noted {
        /// Its number.
        connection: u64,
        /// What.
        #[serde(flatten)]
        noted: Noted,
        /// What was sent, where it is kept.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        body: Option<Kept>,
    },
    /// A request was answered.
    Exchange {
        /// The connection.
        connection: u64,
        /// The provider whose shape it has, if any.
        provider: Option<String>,
        /// What was asked.
        request: Box<Request>,
        /// Its body.
        body: Kept,
        /// The status of the answer.
        status: u16,
        /// The fields of the answer.
        headers: Vec<Header>,
        /// The body of the answer.
        answer: Kept,
    },
    /// A datagram was sent.
    Datagram {
        /// To which address and port.
        to: String,
        /// What it says.
        body: Kept,
    },
    /// A message of a WebSocket.
    Frame {
        /// The connection.
        connection: u64,
        /// Whether the tool sent it.
        sent: bool,
        /// The provider whose shape it has, if any.
        provider: Option<String>,
        /// What it says.
        body: Kept,
    },
    /// The tool ended.
    Ended {
        /// Its status; above 128 the number of the signal and 128.
        status: i32,
        /// Programs of processes that it left behind.
        left: Vec<String>,
    },
    /// A limit was reached, or a part could not be had: in words.
    Limit {
        /// What.
        what: String,
    },
}

/// Bytes that are kept in `bodies/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Their SHA-256, in hex; empty where there are none.
    pub sha256: String,
    /// How many there are.
    pub bytes: u64,
}

/// Writes a recording.
#[derive(Debug)]
pub(crate) struct Recorder {
    folder: PathBuf,
    start: Instant,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    events: File,
    count: usize,
    /// How many bytes of events may still be written.
    left: usize,
    /// What of both is left for what stays on the host.
    local: (usize, usize),
    /// Limits that are told once.
    told: BTreeSet<&'static str>,
    bodies: BTreeSet<String>,
    bytes: u64,
    /// Files that were told already: nobody needs each opening of the same.
    opened: BTreeSet<(String, bool)>,
}

impl Recorder {
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder.join("bodies"))?;
        Ok(Self {
            folder: folder.to_owned(),
            start: Instant::now(),
            inner: Mutex::new(Inner {
                events: File::create(folder.join("events.jsonl"))?,
                count: 0,
                left: EVENT_BYTES,
                local: (LOCAL_EVENTS, LOCAL_BYTES),
                told: BTreeSet::new(),
                bodies: BTreeSet::new(),
                bytes: 0,
                opened: BTreeSet::new(),
            }),
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Microseconds since the run began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Notes a limit, once.
    pub(crate) fn limit_once(&self, what: &'static str) {
        let new = {
            let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            inner.told.insert(what)
        };
        if new {
            self.note(Seen::Limit {
                what: what.to_owned(),
            });
        }
    }

    pub(crate) fn note(&self, seen: Seen) {
        let at = self.now();
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Seen::Open { path, write, .. } = &seen {
            let known = (path.clone(), *write);
            if inner.opened.contains(&known) {
                return;
            }
            if inner.opened.len() < OPENED {
                inner.opened.insert(known);
            }
        }
        // Nor where else it was looked for a program that is nowhere.
        if let Seen::Exec {
            program,
            found: false,
            ..
        } = &seen
        {
            let known = (format!("{program}\0"), false);
            if inner.opened.len() >= OPENED || !inner.opened.insert(known) {
                return;
            }
        }
        let is_local = matches!(seen, Seen::Exec { .. } | Seen::Open { .. });
        if is_local {
            let bytes = serde_json::to_vec(&seen).map_or(0, |line| line.len());
            let (count, room) = inner.local;
            if count == 0 || bytes > room {
                if inner.told.insert(LOCAL) {
                    drop(inner);
                    self.note(Seen::Limit {
                        what: LOCAL.to_owned(),
                    });
                }
                return;
            }
            inner.local = (count - 1, room - bytes);
        }
        inner.count = inner.count.saturating_add(1);
        let seen = match inner.count.cmp(&EVENTS) {
            std::cmp::Ordering::Less => seen,
            std::cmp::Ordering::Equal => Seen::Limit {
                what: format!("more than {EVENTS} events: the rest is not kept"),
            },
            // How it ended is told whatever came before.
            std::cmp::Ordering::Greater if matches!(seen, Seen::Ended { .. }) => seen,
            std::cmp::Ordering::Greater => return,
        };
        let ends = matches!(seen, Seen::Ended { .. });
        if let Ok(mut line) = serde_json::to_vec(&Event { at, seen }) {
            line.push(b'\n');
            if line.len() > inner.left && !ends {
                // From here on there is no room, and this is the last word.
                inner.count = EVENTS.saturating_add(1);
                let seen = Seen::Limit {
                    what: format!(
                        "more than {} MiB of events: the rest is not kept",
                        EVENT_BYTES >> 20
                    ),
                };
                line = serde_json::to_vec(&Event { at, seen }).unwrap_or_default();
                line.push(b'\n');
            }
            inner.left = inner.left.saturating_sub(line.len());
            // A full disk shows in the recording that lacks its end.
            let _ = inner.events.write_all(&line);
        }
    }

    /// Keeps bytes.
    pub(crate) fn keep(&self, bytes: &[u8]) -> Kept {
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if bytes.is_empty() {
            return Kept {
                sha256: String::new(),
                bytes: 0,
            };
        }
        let sha256 = hex::encode(Sha256::digest(bytes));
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let all = inner.bytes.saturating_add(len);
        if inner.bodies.contains(&sha256) {
        } else if all > BODIES {
            drop(inner);
            self.limit_once(BODIES_FULL);
        } else {
            inner.bytes = all;
            inner.bodies.insert(sha256.clone());
            let _ = fs::write(self.folder.join("bodies").join(&sha256), bytes);
        }
        Kept { sha256, bytes: len }
    }
}

/// What a run did.
#[derive(Debug, Clone)]
pub struct Recording {
    /// Where it is.
    pub folder: PathBuf,
    /// What was seen, in order.
    pub events: Vec<Event>,
}

impl Recording {
    /// Reads a recording. A last line that is cut off is left out.
    ///
    /// # Errors
    /// When there is none in the folder.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let file = File::open(folder.join("events.jsonl"))?;
        let mut events = Vec::new();
        for line in BufReader::new(file).lines() {
            if let Ok(event) = serde_json::from_str(&line?) {
                events.push(event);
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            events,
        })
    }

    /// The bytes that were kept.
    ///
    /// # Errors
    /// When they cannot be read, or are no longer those that were kept.
    pub fn body(&self, kept: &Kept) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        // A name is only what a digest looks like.
        let is_digest = kept.sha256.bytes().all(|b| b.is_ascii_hexdigit());
        if kept.sha256.is_empty() || !is_digest {
            return Ok(out);
        }
        File::open(self.folder.join("bodies").join(&kept.sha256))?
            .take(BODIES)
            .read_to_end(&mut out)?;
        if hex::encode(Sha256::digest(&out)) != kept.sha256 {
            return Err(io::Error::other("the body is not what was kept"));
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::{LOCAL, Recorder, Recording, Seen};

    #[test]
    fn what_leaves_is_kept_whatever_else_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::new(folder.path()).unwrap();
        // Long enough that the room for what stays on the host is used up.
        let argument = "x".repeat(1 << 20);
        for number in 0..64 {
            for program in ["tool", "other"] {
                recorder.note(Seen::Exec {
                    process: number,
                    parent: 1,
                    program: program.to_owned(),
                    arguments: vec![argument.clone()],
                    // Nobody needs to know twice what is not there.
                    found: program == "tool",
                });
            }
        }
        recorder.note(Seen::Name {
            name: "late.example".to_owned(),
            kind: "A".to_owned(),
            address: None,
        });
        let events = Recording::read(folder.path()).unwrap().events;
        let count =
            |test: &dyn Fn(&Seen) -> bool| events.iter().filter(|event| test(&event.seen)).count();
        let missing = count(&|seen| matches!(seen, Seen::Exec { found: false, .. }));
        let ran = count(&|seen| matches!(seen, Seen::Exec { found: true, .. }));
        assert_eq!(missing, 1);
        assert!((30..64).contains(&ran), "{ran}");
        assert_eq!(count(&|seen| matches!(seen, Seen::Name { .. })), 1);
        let told = count(&|seen| matches!(seen, Seen::Limit { what } if what == LOCAL));
        assert_eq!(told, 1);
    }
}
