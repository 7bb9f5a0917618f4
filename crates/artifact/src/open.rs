use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Read};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use assay_confine::{
    Emit, JobError, Launcher, Measure, Place, Pool, PoolError, Segment, SpoolFull, Store,
};
use assay_model::{CoverageEntry, Gap, NodeId, NodeRecord, Reading, Sha256, Span, Via};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::formats::{ALL, Broken, Format, GZIP_TEXTS, STREAMS, Stage};
use crate::image::note_deleted;
use crate::leaf;
use crate::limits::Limits;
use crate::source::{Declared, declared};
use crate::tree::{Node, Tree};

/// The name of the job that [`serve_open`] answers.
pub const JOB_OPEN: &str = "open";

/// How often opening is begun again after its child died; each time without
/// the node at which it died.
const RESTARTS: usize = 8;

/// Why an artifact could not be opened at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read.
    #[error("{path} cannot be read")]
    File {
        /// The file.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The confined process cannot be started or does not answer sensibly.
    #[error(transparent)]
    Process(#[from] PoolError),
}

#[derive(Debug, Serialize, Deserialize)]
struct Input {
    limits: Limits,
    name: String,
    /// Nodes at which an earlier child died, with what it died of.
    skip: BTreeMap<u32, String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Output {
    nodes: Vec<Node>,
    gaps: Vec<CoverageEntry>,
    declared: Declared,
    spool_len: u64,
}

/// Opens an artifact in a confined child.
///
/// `name` is what the artifact is called, a hint for texts without a telling
/// content; `path` is where it lies.
///
/// # Errors
/// When the file cannot be read or no child can be started. Everything that
/// is wrong with the content is in [`Tree::gaps`].
pub fn open(
    path: &std::path::Path,
    name: &str,
    limits: &Limits,
    launcher: &Launcher,
    cancelled: &Arc<AtomicBool>,
) -> Result<Tree, OpenError> {
    let unreadable = |source| OpenError::File {
        path: path.display().to_string(),
        source,
    };
    let mut skip = BTreeMap::new();
    loop {
        let file = crate::regular::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        let decoded = limits.decoded_bytes(size);
        let store = Arc::new(Store::new(file, decoded).map_err(unreadable)?);
        let measure = Measure {
            memory: limits.memory,
            shared: size.saturating_add(decoded),
            cpu_seconds: limits.time.as_secs().saturating_mul(4).max(60),
        };
        let pool = Pool::new(
            launcher.clone(),
            measure,
            Arc::clone(&store),
            Arc::clone(cancelled),
        );
        let input = Input {
            limits: limits.clone(),
            name: name.to_owned(),
            skip: skip.clone(),
        };
        let mut at = 0u32;
        // The child keeps to the time limit itself and leaves a gap; the
        // parent's patience is for a child that no longer can.
        let patience = limits.time.saturating_add(Duration::from_secs(60));
        let result = pool
            .handle()
            .call(JOB_OPEN, &input, patience, |event| {
                at = serde_json::from_str(event).unwrap_or(at);
            })
            .and_then(|reply| reply.read::<Output>());
        match result {
            Ok(output) => {
                store.spool().advance(output.spool_len);
                return Ok(Tree {
                    store,
                    nodes: output.nodes,
                    gaps: output.gaps,
                    declared: output.declared,
                });
            }
            Err(PoolError::Died(cause)) if skip.len() < RESTARTS && !skip.contains_key(&at) => {
                skip.insert(at, format!("the confined process that opened it {cause}"));
            }
            Err(PoolError::TimedOut(_)) if skip.len() < RESTARTS && !skip.contains_key(&at) => {
                skip.insert(at, "opening it took longer than the time limit".to_owned());
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// The confined child's side of [`open`].
///
/// # Errors
/// When the parent's message cannot be read.
pub fn serve_open(
    input: &str,
    store: &Store,
    emit: &mut Emit<'_>,
) -> Result<Box<RawValue>, JobError> {
    let input: Input = serde_json::from_str(input)?;
    let mut opener = Opener::new(store, input.limits, input.skip);
    opener.run(&input.name, &mut |at| emit.send(&at).map_err(|e| e.0))?;
    let spool_len = store.spool().len();
    let output = Output {
        declared: declared(&opener.nodes, store),
        nodes: opener.nodes,
        gaps: opener.gaps,
        spool_len,
    };
    Ok(serde_json::value::to_raw_value(&output)?)
}

/// Opens bytes in this very process, with small limits. For tests and
/// fuzzing, where the bytes are our own.
#[must_use]
pub fn fuzz_open(bytes: &[u8]) -> Tree {
    let limits = Limits {
        total_bytes: 64 << 20,
        node_bytes: 32 << 20,
        nodes: 5_000,
        time: Duration::from_secs(10),
        ..Limits::default()
    };
    open_here(bytes, limits, None)
}

/// Opens bytes in this very process with the format of that name, whether or
/// not they look like it, and what is found in them as usual. For fuzzing:
/// the limits are small enough for a sanitizer's. `None` when no format is
/// called so.
#[must_use]
pub fn fuzz_open_as(format: &str, bytes: &[u8]) -> Option<Tree> {
    let format = ALL.iter().find(|f| f.id == format)?;
    let limits = Limits {
        depth: 6,
        total_bytes: 16 << 20,
        node_bytes: 8 << 20,
        nodes: 2_000,
        time: Duration::from_secs(3),
        ..Limits::default()
    };
    Some(open_here(bytes, limits, Some(format)))
}

#[expect(
    clippy::expect_used,
    reason = "a test helper that cannot go on without a temporary file"
)]
fn open_here(bytes: &[u8], limits: Limits, forced: Option<&'static Format>) -> Tree {
    use std::io::{Seek, Write};
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("a temporary file takes bytes");
    file.rewind().expect("a temporary file can be rewound");
    let decoded = limits.decoded_bytes(bytes.len() as u64);
    let store = Store::new(file, decoded).expect("memory for a small store");
    let mut opener = Opener::new(&store, limits, BTreeMap::new());
    opener.forced = forced;
    let _ = opener.run("artifact", &mut |_| Ok(()));
    let (nodes, gaps) = (opener.nodes, opener.gaps);
    Tree {
        declared: declared(&nodes, &store),
        store: Arc::new(store),
        nodes,
        gaps,
    }
}

/// A child that a format registered, not opened yet.
#[derive(Debug)]
struct Pending {
    /// The entry's name; none when the node is the parent itself, decoded.
    name: Option<Vec<u8>>,
    range: Span,
    via: Via,
    place: Place,
    kind: Option<&'static str>,
}

/// What a format sees of the node that it opens.
pub(crate) struct Cx<'a> {
    store: &'a Store,
    place: Place,
    bytes: &'a [u8],
    path: &'a str,
    limits: &'a Limits,
    deadline: Instant,
    room_for_children: usize,
    dropped: u64,
    children: Vec<Pending>,
    structure: Vec<Span>,
    /// Texts of the node's own within the range of a child.
    own: Vec<(u64, u64)>,
    gaps: Vec<CoverageEntry>,
    room_for_gaps: usize,
    /// Bytes that gaps can still be about.
    room_for_claims: u64,
    untold: u64,
    kind: &'static str,
}

/// A stream that was decoded, as far as it went.
struct Stream {
    place: Place,
    /// Whether it was decoded to its own end.
    whole: bool,
    /// Where its range ends: at its own end, where the decoder told that.
    end: usize,
    /// Parts behind the first that hold more than what is decoded of them.
    with_texts: Vec<usize>,
}

/// A stream of several parts: where it ends, and where parts begin that hold
/// more than what is decoded of them.
pub(crate) struct Parts {
    pub(crate) end: usize,
    pub(crate) with_texts: Vec<usize>,
}

impl<'a> Cx<'a> {
    /// The node's bytes.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The node's path, for formats that look at a file beside it.
    pub(crate) fn path(&self) -> &'a str {
        self.path
    }

    /// Whether the time for opening is over; a format with a loop over many
    /// entries asks now and then.
    pub(crate) fn out_of_time(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// Whether the time for opening is over; if so, the coverage tells how many
    /// bytes were left for it.
    pub(crate) fn late(&mut self, unread: usize) -> bool {
        let late = self.out_of_time();
        if late {
            self.gap(unread as u64, Gap::Limit, TIME_LIMIT);
        }
        late
    }

    /// Registers a range of the node's bytes as a child. A range that is not
    /// within the node becomes a gap.
    pub(crate) fn stored(&mut self, name: &[u8], range: Range<usize>) {
        self.stored_as(name, range, None);
    }

    /// Like [`Cx::stored`], where the format knows what the child is.
    pub(crate) fn stored_as(
        &mut self,
        name: &[u8],
        range: Range<usize>,
        kind: Option<&'static str>,
    ) {
        let start = range.start as u64;
        let Some(len) = range.end.checked_sub(range.start).map(|len| len as u64) else {
            return self.entry_gap(name, 0, Gap::Corrupt, "it ends before it starts");
        };
        match self.place.part(start, len) {
            Some(place) => self.push(Pending {
                name: Some(short(name).to_vec()),
                range: Span::new(start, len),
                via: Via::Stored,
                place,
                kind,
            }),
            None => self.entry_gap(
                name,
                len,
                Gap::Corrupt,
                "it is said to lie outside of the file that holds it",
            ),
        }
    }

    /// Registers a compressed range as a child, decoded. What can be decoded
    /// before an error or a limit is kept. Returns the decoded bytes where
    /// that was to the end, for a format that knows their checksum.
    pub(crate) fn decoded(
        &mut self,
        name: &[u8],
        range: Range<usize>,
        via: Via,
    ) -> Option<&'a [u8]> {
        self.decode(Some(name), range, via, None)
    }

    /// Like [`Cx::decoded`], where the format knows what the child is.
    pub(crate) fn decoded_as(
        &mut self,
        name: &[u8],
        range: Range<usize>,
        via: Via,
        kind: Option<&'static str>,
    ) -> Option<&'a [u8]> {
        self.decode(Some(name), range, via, kind)
    }

    /// Takes note that a range is the format's own: a table, a name, a record
    /// that needs no child of its own.
    pub(crate) fn structure(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.structure.push(span_of(&range));
        }
    }

    /// Takes note of a text within the range of a child that the child does not
    /// show, such as a comment in the header of a stream: it is read as the
    /// node's own.
    pub(crate) fn own_text(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.own.push((range.start as u64, range.end as u64));
        }
    }

    /// Whether a child or a structure registered so far has bytes in that
    /// range.
    pub(crate) fn claimed(&self, range: &Range<usize>) -> bool {
        let span = span_of(range);
        let end = span.end().unwrap_or(u64::MAX);
        let children = self.children.iter().map(|child| child.range);
        children
            .chain(self.structure.iter().copied())
            .any(|other| other.start < end && other.end().unwrap_or(u64::MAX) > span.start)
    }

    /// Registers as children the parts of a range that neither a child nor
    /// [`Cx::structure`] covers, so that bytes which no table names
    /// are read too. Padding (zeros, and anything shorter than 16 bytes) is
    /// left out.
    pub(crate) fn leftovers(&mut self, range: Range<usize>) {
        let within = |span: Span| {
            let start = span.start.saturating_sub(range.start as u64);
            let end = span.end()?.checked_sub(range.start as u64)?;
            Some(Span::new(start, end.saturating_sub(start)))
        };
        let len = range.end.saturating_sub(range.start) as u64;
        let children = self.children.iter().map(|child| child.range);
        let spans = children.chain(self.structure.iter().copied());
        let free = uncovered(len, spans.filter_map(within));
        for (from, to) in free {
            let place = |at: u64| usize::try_from(at).ok()?.checked_add(range.start);
            let (Some(from), Some(to)) = (place(from), place(to)) else {
                continue;
            };
            let part = self.bytes.get(from..to).unwrap_or_default();
            let Some(first) = part.iter().position(|b| *b != 0) else {
                continue;
            };
            let last = part.iter().rposition(|b| *b != 0).unwrap_or(first);
            if last.saturating_sub(first) >= 15 {
                // The zeros in which a compressed stream ends are no padding; a
                // text ends in none.
                let end = last.saturating_add(1);
                let is_text = part.get(first..end).is_some_and(leaf::is_text);
                let zeros = if is_text { 0 } else { 15 };
                let end = end.saturating_add(zeros).min(part.len());
                let (from, to) = (from.saturating_add(first), from.saturating_add(end));
                let name = format!("(bytes that nothing names, at {from})");
                self.stored(name.as_bytes(), from..to);
            }
        }
    }

    /// The node as a whole is one compressed stream: its only child is the
    /// decoded content, under the same path.
    pub(crate) fn decode_whole(&mut self, via: Via) -> Result<(), Broken> {
        self.decode(None, 0..self.bytes.len(), via, None);
        Ok(())
    }

    /// Registers the stream that begins a range as a child, decoded: all of its
    /// parts that follow one another. Without a name it is the node itself,
    /// decoded. What follows it is left to the format. `None` where nothing
    /// could be decoded.
    pub(crate) fn decode_parts(
        &mut self,
        name: Option<&[u8]>,
        range: Range<usize>,
        via: Via,
    ) -> Option<Parts> {
        let Stream {
            end, with_texts, ..
        } = self.decode_stream(name, range, via, None)?;
        Some(Parts { end, with_texts })
    }

    /// Registers bytes that the format's reader made itself (the value of a
    /// JSON string) from a range.
    pub(crate) fn made(&mut self, name: &[u8], range: Range<usize>, via: Via, bytes: &[u8]) {
        let span = span_of(&range);
        if bytes.len() as u64 > self.limits.node_bytes {
            return self.entry_gap(
                name,
                bytes.len() as u64,
                Gap::Limit,
                "it is larger than the limit on one node (--max-node-bytes)",
            );
        }
        let start = self.store.spool().len();
        if self.store.spool().append(bytes) == Err(SpoolFull) {
            return self.entry_gap(name, bytes.len() as u64, Gap::Limit, self.total_limit());
        }
        self.push(Pending {
            name: Some(short(name).to_vec()),
            range: span,
            via,
            place: Place {
                segment: Segment::Spool,
                start,
                len: bytes.len() as u64,
            },
            kind: None,
        });
    }

    /// Registers what stands behind the end of an archive, which is seen by
    /// some readers only.
    pub(crate) fn after_the_end(&mut self, start: usize) {
        self.gap(
            self.bytes.len().saturating_sub(start) as u64,
            Gap::Contradiction,
            "there are bytes after the end of the archive; they were read as an entry of their own",
        );
        self.stored(b"(bytes after the end)", start..self.bytes.len());
    }

    /// Notes something that is wrong with or in the node.
    pub(crate) fn gap(&mut self, bytes: u64, gap: Gap, detail: impl Into<String>) {
        self.note(None, bytes, gap, detail.into());
    }

    /// Notes that an entry could not be made a node.
    pub(crate) fn entry_gap(
        &mut self,
        name: &[u8],
        bytes: u64,
        gap: Gap,
        detail: impl Into<String>,
    ) {
        self.note(Some(name), bytes, gap, detail.into());
    }

    /// Takes note of a gap, of an entry where it has a name. A table can say of
    /// an entry that it is of any size: all gaps of a node together are about
    /// no more bytes than it has.
    fn note(&mut self, name: Option<&[u8]>, bytes: u64, gap: Gap, detail: String) {
        if self.gaps.len() >= self.room_for_gaps {
            self.untold = self.untold.saturating_add(1);
            return;
        }
        let bytes = bytes.min(self.room_for_claims);
        self.room_for_claims = self.room_for_claims.saturating_sub(bytes);
        self.gaps.push(match name {
            Some(name) => {
                let node = child_path(self.path, self.kind, Some(name));
                entry(&node, "unknown", bytes, gap, detail)
            }
            None => entry(self.path, self.kind, bytes, gap, detail),
        });
    }

    /// Notes names that lead out of a folder, or that a terminal or a file
    /// system would take for something else. For archives of files.
    pub(crate) fn check_name(&mut self, name: &[u8]) {
        let name = short(name);
        let what = if name.contains(&0) {
            "has a NUL byte"
        } else if name.iter().any(|b| *b < 0x20 || *b == 0x7f) {
            "has control characters"
        } else if std::str::from_utf8(name).is_err() {
            "is not UTF-8"
        } else if name.starts_with(b"/")
            || name.starts_with(b"\\")
            || (name.get(1) == Some(&b':') && name.first().is_some_and(u8::is_ascii_alphabetic))
        {
            "is an absolute path"
        } else if name
            .split(|b| *b == b'/' || *b == b'\\')
            .any(|part| part == b"..")
        {
            "leads to a parent folder"
        } else {
            return;
        };
        self.entry_gap(
            name,
            0,
            Gap::HostileName,
            format!("its name {what}; the content was read"),
        );
    }

    fn push(&mut self, pending: Pending) {
        if self.children.len() >= self.room_for_children {
            self.dropped = self.dropped.saturating_add(1);
        } else {
            self.children.push(pending);
        }
    }

    fn decode(
        &mut self,
        name: Option<&[u8]>,
        range: Range<usize>,
        via: Via,
        kind: Option<&'static str>,
    ) -> Option<&'a [u8]> {
        let end = range.end;
        let stream = self.decode_stream(name, range, via, kind)?;
        self.after_the_stream(name, stream.end..end);
        self.store.bytes(stream.place).filter(|_| stream.whole)
    }

    fn decode_stream(
        &mut self,
        name: Option<&[u8]>,
        range: Range<usize>,
        via: Via,
        kind: Option<&'static str>,
    ) -> Option<Stream> {
        let mut span = span_of(&range);
        let shown = name.unwrap_or_default();
        let Some(compressed) = self.bytes.get(range.clone()) else {
            self.entry_gap(
                shown,
                span.len,
                Gap::Corrupt,
                "it is said to lie outside of the file that holds it",
            );
            return None;
        };
        if self.children.len() >= self.room_for_children {
            self.dropped = self.dropped.saturating_add(1);
            return None;
        }
        if self.out_of_time() {
            self.entry_gap(shown, span.len, Gap::Limit, TIME_LIMIT);
            return None;
        }
        debug_assert!(STREAMS.contains(&via));
        let start = self.store.spool().len();
        let told = Told::default();
        let decoded = self.copy(compressed, via, &told);
        let len = self.store.spool().len().saturating_sub(start);
        let whole = decoded.is_ok();
        if let Err(broken) = decoded {
            let detail = format!("{} (after {len} decoded bytes)", broken.detail);
            match name {
                Some(name) => self.entry_gap(name, span.len, broken.gap, detail),
                None => self.gap(span.len, broken.gap, detail),
            }
            if len == 0 {
                return None;
            }
        }
        // What follows the stream's own end is none of it.
        let after = if whole { told.left.get() } else { 0 };
        let end = range.end.saturating_sub(after).max(range.start);
        span.len = span_of(&(range.start..end)).len;
        let place = Place {
            segment: Segment::Spool,
            start,
            len,
        };
        self.push(Pending {
            name: name.map(|name| short(name).to_vec()),
            range: span,
            via,
            place,
            kind,
        });
        let with_texts = told.with_texts.into_inner();
        if told.untold.get() > 0 {
            let detail = format!(
                "{} further parts of the stream hold more than is decoded of them, which was not \
                 read",
                told.untold.get()
            );
            self.entry_gap(shown, 0, Gap::Limit, detail);
        }
        Some(Stream {
            place,
            whole,
            end,
            with_texts: with_texts
                .into_iter()
                .map(|at| at.saturating_add(range.start))
                .collect(),
        })
    }

    /// What stands in a compressed range behind the end of its stream, where a
    /// decoder never looks.
    pub(crate) fn after_the_stream(&mut self, name: Option<&[u8]>, range: Range<usize>) {
        let rest = self.bytes.get(range.clone()).unwrap_or_default();
        let Some(first) = rest
            .iter()
            .position(|b| *b != 0)
            .filter(|_| rest.len() >= 16)
        else {
            return;
        };
        let start = range.start.saturating_add(first);
        let detail = format!(
            "{} bytes follow the end of the compressed stream; they were read as an entry of their own",
            range.end.saturating_sub(start)
        );
        self.note(name, rest.len() as u64, Gap::Contradiction, detail);
        let name = [name.unwrap_or_default(), b"(bytes after the end)"].concat();
        self.stored(&name, start..range.end);
    }

    /// Decodes into the spool until the end, an error or a limit. How many
    /// bytes follow the stream's own end is told beside.
    fn copy(&self, compressed: &[u8], via: Via, told: &Told) -> Result<(), Broken> {
        let mut reader = PartsReader::new(compressed, via, told)
            .map_err(|error| Broken::corrupt(format!("the stream cannot be decoded: {error}")))?;
        let allowed = (1u64 << 20).saturating_add(
            (compressed.len() as u64)
                .max(1)
                .saturating_mul(self.limits.ratio),
        );
        let limit = |detail: &str| Broken {
            gap: Gap::Limit,
            detail: detail.to_owned(),
        };
        // Of the little room that a small artifact has, one stream leaves half
        // to the others.
        let room = self.store.spool().room();
        let room = if self.is_small() { room / 2 } else { room };
        // Archives of many small entries are usual; clearing a large buffer for
        // each of them is what would take the time.
        let mut chunk = vec![0u8; compressed.len().saturating_mul(4).clamp(4 << 10, 256 << 10)];
        let mut written = 0u64;
        loop {
            let got = match reader.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(got) => got,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    if self.out_of_time() {
                        return Err(limit(TIME_LIMIT));
                    }
                    continue;
                }
                Err(error) => {
                    return Err(match limit_of_decoder(&error) {
                        Some(detail) => limit(detail),
                        None => Broken::corrupt(format!("the stream is broken: {error}")),
                    });
                }
            };
            written = written.saturating_add(got as u64);
            if written > self.limits.node_bytes {
                return Err(limit(
                    "it is larger than the limit on one node (--max-node-bytes)",
                ));
            }
            if written > allowed {
                return Err(limit(
                    "it expands more than the limit on the ratio (--max-ratio)",
                ));
            }
            if written > room {
                return Err(limit(self.total_limit()));
            }
            if self.out_of_time() {
                return Err(limit(TIME_LIMIT));
            }
            let part = chunk.get(..got).unwrap_or_default();
            self.store
                .spool()
                .append(part)
                .map_err(|SpoolFull| limit(self.total_limit()))?;
        }
    }

    /// Whether the artifact's size limits its decoded bytes.
    fn is_small(&self) -> bool {
        let spool = self.store.spool();
        spool.len().saturating_add(spool.room()) < self.limits.total_bytes
    }

    /// Which of the two limits on all decoded bytes is reached.
    fn total_limit(&self) -> &'static str {
        if self.is_small() {
            RATIO_LIMIT
        } else {
            TOTAL_LIMIT
        }
    }
}

/// What every format says when it must stop for the time.
const TIME_LIMIT: &str = "the time for opening is over (--max-open-time)";

const RATIO_LIMIT: &str = "all decoded bytes together are more than the ratio allows for an artifact of its size \
     (--max-ratio)";

const TOTAL_LIMIT: &str =
    "the limit on decoded bytes of the whole artifact is reached (--max-total-bytes)";

/// The most memory that a decoder may take, in bytes.
const DECODER_MEMORY: u64 = 512 << 20;
/// The largest window of a Zstandard frame, as a power of two.
const ZSTD_WINDOW: u32 = 27;

/// What to say where a decoder stopped at a limit of its own, and not because
/// the stream is broken.
fn limit_of_decoder(error: &io::Error) -> Option<&'static str> {
    let inner = error.get_ref()?;
    match inner.downcast_ref::<liblzma::stream::Error>() {
        Some(liblzma::stream::Error::MemLimit) => {
            return Some(
                "decoding it takes more than the limit on memory of one decoder (512 MiB)",
            );
        }
        Some(_) => return None,
        None => {}
    }
    // The other decoders tell by words alone.
    match inner.to_string().as_str() {
        "Frame requires too much memory for decoding" => {
            Some("its window is larger than the limit for Zstandard streams (128 MiB)")
        }
        "gzip header field too long" => {
            Some("its header has a name or comment longer than the limit (64 KiB)")
        }
        _ => None,
    }
}

fn span_of(range: &Range<usize>) -> Span {
    Span::new(
        range.start as u64,
        range.end.saturating_sub(range.start) as u64,
    )
}

/// What a decoder tells beside the decoded bytes.
#[derive(Default)]
struct Told {
    /// How many bytes it left when it stopped.
    left: Cell<usize>,
    /// Where parts behind the first begin that hold more than what is decoded
    /// of them.
    with_texts: RefCell<Vec<usize>>,
    /// How many more of them there are.
    untold: Cell<u64>,
}

/// Parts with texts that are kept of one stream.
const WITH_TEXTS: usize = 4096;

/// Bytes for a decoder, with how many of them it left when it stopped.
struct Fed<'a> {
    bytes: &'a [u8],
    left: &'a Cell<usize>,
}

impl Read for Fed<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let got = self.bytes.read(out)?;
        self.left.set(self.bytes.len());
        Ok(got)
    }
}

impl BufRead for Fed<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.bytes)
    }

    fn consume(&mut self, amount: usize) {
        self.bytes = self.bytes.get(amount..).unwrap_or_default();
        self.left.set(self.bytes.len());
    }
}

/// The parts of a stream that follow one another, such as the members of a
/// gzip stream. Zeros or other bytes behind the last one are usual (tar
/// padding) and no reason to lose what came before.
struct PartsReader<'a> {
    via: Via,
    part: Box<dyn Read + 'a>,
    told: &'a Told,
    /// All bytes, and where the present part begins.
    bytes: &'a [u8],
    start: usize,
    /// Whether the present part gave anything.
    given: bool,
    ended: bool,
}

impl<'a> PartsReader<'a> {
    fn new(bytes: &'a [u8], via: Via, told: &'a Told) -> io::Result<Self> {
        Ok(Self {
            via,
            part: part(bytes, via, told)?,
            told,
            bytes,
            start: 0,
            given: false,
            ended: false,
        })
    }

    /// Begins the part behind the present one; whether there is one.
    fn begin(&mut self) -> io::Result<bool> {
        let rest = |at: usize| self.bytes.get(at..).unwrap_or_default();
        let end = self.bytes.len().saturating_sub(self.told.left.get());
        let after = rest(end);
        let start = match self.via {
            Via::Gzip if after.starts_with(&[0x1f, 0x8b, 8]) => end,
            Via::Zstd if after.starts_with(ZSTD_MAGIC) || zstd_skippable(after).is_some() => end,
            Via::Bzip2 if after.starts_with(b"BZh") => end,
            // Padding is zeros, four by four.
            Via::Xz => {
                let zeros = after.iter().take_while(|b| **b == 0).count();
                let start = end.saturating_add(zeros);
                if zeros % 4 != 0 || !rest(start).starts_with(XZ_MAGIC) {
                    return Ok(false);
                }
                start
            }
            _ => return Ok(false),
        };
        let has_texts = match self.via {
            Via::Gzip => after.get(3).is_some_and(|flags| flags & GZIP_TEXTS != 0),
            _ => zstd_skippable(after).is_some_and(|content| !content.is_empty()),
        };
        if has_texts {
            let mut with_texts = self.told.with_texts.borrow_mut();
            if with_texts.len() < WITH_TEXTS {
                with_texts.push(start);
            } else {
                let untold = &self.told.untold;
                untold.set(untold.get().saturating_add(1));
            }
        }
        (self.start, self.given) = (start, false);
        self.part = part(rest(start), self.via, self.told)?;
        Ok(true)
    }
}

impl Read for PartsReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        match self.part.read(out) {
            Ok(got) if got > 0 || out.is_empty() => {
                self.given = true;
                Ok(got)
            }
            // There may be millions of parts that give nothing, so that whoever
            // reads is asked between them.
            Ok(_) if self.begin()? => Err(io::ErrorKind::Interrupted.into()),
            Ok(_) => {
                self.ended = true;
                Ok(0)
            }
            // What only looks like a further part is what follows.
            Err(_) if !self.given && self.start > 0 => {
                let start = self.start;
                self.told.with_texts.borrow_mut().retain(|at| *at != start);
                self.told.left.set(self.bytes.len().saturating_sub(start));
                self.ended = true;
                Ok(0)
            }
            Err(error) => Err(error),
        }
    }
}

pub(crate) const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const XZ_MAGIC: &[u8] = b"\xfd7zXZ\0";

/// The content of the frame that begins bytes, which decoders pass over.
/// Described in RFC 8878, section 3.1.2.
pub(crate) fn zstd_skippable(bytes: &[u8]) -> Option<&[u8]> {
    let (magic, rest) = bytes.split_first_chunk::<4>()?;
    let (size, rest) = rest.split_first_chunk::<4>()?;
    if u32::from_le_bytes(*magic) & !0xf != 0x184d_2a50 {
        return None;
    }
    rest.get(..usize::try_from(u32::from_le_bytes(*size)).ok()?)
}

/// A decoder for the first part of a stream, which stops at its end and tells
/// how many bytes follow.
fn part<'a>(bytes: &'a [u8], via: Via, told: &'a Told) -> io::Result<Box<dyn Read + 'a>> {
    told.left.set(bytes.len());
    let fed = Fed {
        bytes,
        left: &told.left,
    };
    Ok(match via {
        Via::Gzip => Box::new(flate2::bufread::GzDecoder::new(fed)),
        Via::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(fed)?.single_frame();
            // A frame may ask for gigabytes of window before its first byte.
            decoder.window_log_max(ZSTD_WINDOW)?;
            Box::new(decoder)
        }
        Via::Xz => Box::new(liblzma::bufread::XzDecoder::new_stream(
            fed,
            liblzma::stream::Stream::new_auto_decoder(DECODER_MEMORY, 0)?,
        )),
        Via::Bzip2 => Box::new(bzip2::bufread::BzDecoder::new(fed)),
        Via::Deflate => Box::new(flate2::bufread::DeflateDecoder::new(fed)),
        Via::Zlib => Box::new(flate2::bufread::ZlibDecoder::new(fed)),
        // It takes in more than it needs, and so cannot tell what follows.
        Via::Brotli => {
            told.left.set(0);
            Box::new(brotli_decompressor::Decompressor::new(bytes, 64 << 10))
        }
        Via::Stored | Via::JsonString | Via::Base64 => Box::new(fed),
    })
}

/// As much of a name as is kept. Tables can give every entry one and the same
/// name of a hundred megabytes.
fn short(name: &[u8]) -> &[u8] {
    name.get(..NAME).unwrap_or(name)
}

const NAME: usize = 4096;

/// Bytes of all paths together, after which they are cut: a container in a
/// container in a container repeats the names of those above it.
const PATHS: usize = 256 << 20;

/// What is noted of one node; more would only say the same again.
const GAPS_OF_A_NODE: usize = 1_000;

/// The path of a child. Entries of an archive that stands at the root are
/// named as the archive names them; deeper containers are marked by `!`.
fn child_path(parent: &str, kind: &str, name: Option<&[u8]>) -> String {
    let Some(name) = name else {
        return parent.to_owned();
    };
    let name = printable(short(name));
    let _ = kind;
    if parent.is_empty() {
        name
    } else {
        format!("{parent}!{name}")
    }
}

/// A name as text: what is not printable is escaped, so that a path can be
/// shown anywhere.
pub(crate) fn printable(name: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() || is_format(c) {
                let _ = write!(out, "{}", c.escape_unicode());
            } else {
                out.push(c);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
        if out.len() > 4096 {
            out.push('…');
            break;
        }
    }
    out
}

/// Characters that reorder or hide text around them.
fn is_format(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

struct Opener<'a> {
    store: &'a Store,
    limits: Limits,
    skip: BTreeMap<u32, String>,
    deadline: Instant,
    nodes: Vec<Node>,
    depths: Vec<u32>,
    gaps: Vec<CoverageEntry>,
    /// Bytes of the nodes' paths.
    path_bytes: usize,
    /// Bytes that belong to more than one child of one node.
    overlap: u64,
    /// What was opened, and as what; and the first node of those that were not
    /// opened since they lie on the same bytes, with how many there are.
    opened: FxHashSet<(Place, &'static str)>,
    repeated: Option<(NodeId, u64)>,
    /// The format of the root, whatever it looks like; for fuzzing.
    forced: Option<&'static Format>,
}

impl<'a> Opener<'a> {
    fn new(store: &'a Store, limits: Limits, skip: BTreeMap<u32, String>) -> Self {
        let deadline = Instant::now()
            .checked_add(limits.time)
            .unwrap_or_else(Instant::now);
        Self {
            store,
            limits,
            skip,
            deadline,
            nodes: Vec::new(),
            depths: Vec::new(),
            gaps: Vec::new(),
            path_bytes: 0,
            overlap: 0,
            opened: FxHashSet::default(),
            repeated: None,
            forced: None,
        }
    }

    fn run(
        &mut self,
        name: &str,
        at: &mut dyn FnMut(u32) -> Result<(), String>,
    ) -> Result<(), JobError> {
        let root = Pending {
            name: None,
            range: Span::new(0, self.store.root().len),
            via: Via::Stored,
            place: self.store.root(),
            kind: None,
        };
        self.add(None, "", root, 0);
        let mut next = 0;
        while next < self.nodes.len() {
            // Told before the bytes are touched, so that the parent knows at
            // which node a child died.
            at(u32::try_from(next).unwrap_or(u32::MAX)).map_err(JobError)?;
            self.open_node(next, if next == 0 { name } else { "" });
            next += 1;
        }
        note_deleted(&mut self.nodes, self.store);
        self.tell_repeated();
        fold(&mut self.gaps);
        self.hash();
        Ok(())
    }

    fn add(&mut self, parent: Option<NodeId>, path: &str, pending: Pending, depth: u32) {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.path_bytes = self.path_bytes.saturating_add(path.len());
        let path = if self.path_bytes > PATHS {
            let end = path.len().saturating_sub(64);
            let end = (end..path.len()).find(|at| path.is_char_boundary(*at));
            format!("…{}", end.and_then(|at| path.get(at..)).unwrap_or_default())
        } else {
            path.to_owned()
        };
        self.nodes.push(Node {
            record: NodeRecord {
                id,
                parent,
                range: parent.map(|_| pending.range),
                via: pending.via,
                path,
                kind: pending.kind.unwrap_or_default().to_owned(),
                bytes: pending.place.len,
                sha256: Sha256([0; 32]),
            },
            place: pending.place,
            own: vec![(0, pending.place.len)],
            container: false,
            unopened: None,
            lost: 0,
            remark: String::new(),
        });
        self.depths.push(depth);
    }

    fn open_node(&mut self, index: usize, artifact_name: &str) {
        let Some(node) = self.nodes.get(index) else {
            return;
        };
        let (place, path) = (node.place, node.record.path.clone());
        let id = node.record.id;
        let known = node.record.kind.clone();
        let depth = self.depths.get(index).copied().unwrap_or_default();
        let Some(bytes) = self.store.bytes(place) else {
            return;
        };
        let name = if path.is_empty() {
            artifact_name
        } else {
            &path
        };
        let forced = self.forced.filter(|_| index == 0);
        let whole: Option<&Format> = ALL
            .iter()
            .copied()
            .filter(|f| f.stage == Stage::Whole)
            .find(|f| match forced {
                Some(forced) => forced.id == f.id,
                None => (f.detect)(bytes),
            });
        let kind: &'static str = match whole {
            Some(format) => format.id,
            None => leaf::classify(bytes, name),
        };
        if known.is_empty()
            && let Some(node) = self.nodes.get_mut(index)
        {
            node.record.kind = kind.to_owned();
        }
        if leaf::is_opaque(&known) {
            return;
        }
        let carrier = if known.is_empty() { kind } else { &known };
        let embedded: Vec<&Format> = ALL
            .iter()
            .copied()
            .filter(|f| f.stage == Stage::Embedded)
            .filter(|f| match forced {
                Some(forced) => forced.id == f.id,
                None => leaf::may_carry(carrier, f.id) && (f.detect)(bytes),
            })
            .collect();
        if whole.is_none() && embedded.is_empty() {
            return;
        }
        // Tables can give many entries the same bytes, which are containers of
        // the same again.
        if !self.opened.insert((place, kind)) {
            let (_, count) = self.repeated.get_or_insert((id, 0));
            *count = count.saturating_add(1);
            if let Some(node) = self.nodes.get_mut(index).filter(|_| whole.is_some()) {
                node.container = true;
                node.own.clear();
            }
            return;
        }
        let unopened = if let Some(reason) = self.skip.get(&id.0) {
            Some((Gap::WorkerDied, reason.clone()))
        } else if depth >= self.limits.depth {
            let detail = "it lies deeper than the limit on containers in containers (--max-depth)";
            Some((Gap::Limit, detail.to_owned()))
        } else if Instant::now() >= self.deadline {
            Some((Gap::Limit, TIME_LIMIT.to_owned()))
        } else {
            None
        };
        if unopened.is_some() {
            if let Some(node) = self.nodes.get_mut(index) {
                node.unopened = unopened;
            }
            return;
        }
        let room = (self.limits.nodes as usize).saturating_sub(self.nodes.len());
        let mut cx = Cx {
            store: self.store,
            place,
            bytes,
            path: &path,
            limits: &self.limits,
            deadline: self.deadline,
            room_for_children: room,
            dropped: 0,
            children: Vec::new(),
            structure: Vec::new(),
            own: Vec::new(),
            gaps: Vec::new(),
            room_for_gaps: (self.limits.nodes as usize)
                .saturating_sub(self.gaps.len())
                .clamp(1, GAPS_OF_A_NODE),
            room_for_claims: place.len,
            untold: 0,
            kind,
        };
        let mut container = false;
        for format in whole.into_iter().chain(embedded) {
            container |= format.stage == Stage::Whole;
            if let Err(broken) = (format.open)(&mut cx) {
                cx.gap(0, broken.gap, broken.detail);
            }
        }
        if cx.dropped > 0 {
            cx.room_for_gaps = usize::MAX;
            let detail = format!(
                "{} further entries are over the limit on nodes (--max-nodes)",
                cx.dropped
            );
            cx.gap(0, Gap::Limit, detail);
        }
        if cx.untold > 0 {
            cx.room_for_gaps = usize::MAX;
            let detail = format!(
                "{} further entries have something wrong with them, of the kinds that are told",
                cx.untold
            );
            cx.gap(0, Gap::Limit, detail);
        }
        let own_range = |child: &Pending| child.place == place && child.kind.is_none();
        let itself = cx.children.iter().filter(|child| own_range(child)).count();
        if itself > 0 {
            cx.children.retain(|child| !own_range(child));
            let detail = format!(
                "{itself} of its entries are said to be all of it; they were not opened again"
            );
            cx.gap(0, Gap::Contradiction, detail);
        }
        let (mut children, own, mut gaps) = (cx.children, cx.own, cx.gaps);
        let dropped = self.limit_overlap(&mut children);
        if dropped > 0 {
            let detail = format!(
                "{dropped} entries claim bytes of other entries again, more than the limit on \
                 decoded bytes (--max-total-bytes) allows; they were not read"
            );
            gaps.push(entry(&path, kind, 0, Gap::Contradiction, detail));
        }
        let children: Vec<(String, Pending)> = children
            .into_iter()
            .map(|child| (child_path(&path, kind, child.name.as_deref()), child))
            .collect();
        let covered = children.iter().map(|(_, child)| child.range);
        let own = merged(uncovered(place.len, covered), own);
        let lost = count_once(&mut gaps, &children, &own);
        self.gaps.extend(gaps);
        if let Some(node) = self.nodes.get_mut(index) {
            node.container = container;
            node.own = own;
            node.lost = lost;
        }
        for (path, child) in children {
            self.add(Some(id), &path, child, depth.saturating_add(1));
        }
    }

    /// Says that nodes lie on the same bytes as others, once for all.
    fn tell_repeated(&mut self) {
        let Some((first, count)) = self.repeated else {
            return;
        };
        if let Some(node) = self.nodes.get(first.0 as usize) {
            let detail = format!(
                "{count} nodes, this one first, are the same bytes as others before; what is in \
                 them was read there, and not again"
            );
            let (path, kind) = (&node.record.path, &node.record.kind);
            self.gaps
                .push(entry(path, kind, 0, Gap::Contradiction, detail));
        }
    }

    /// Entries may share bytes, and cost nothing while they are only ranges;
    /// hashing and reading each of them is what a few kilobytes of table can
    /// make last for days. What is shared counts as decoded bytes do. Returns
    /// how many children were dropped.
    fn limit_overlap(&mut self, children: &mut Vec<Pending>) -> u64 {
        let mut order: Vec<usize> = (0..children.len()).collect();
        let start_of = |i: &usize| children.get(*i).map(|c| (c.range.start, c.range.end()));
        order.sort_by_key(start_of);
        let (mut end, mut dropped) = (0u64, Vec::new());
        for index in order {
            let Some(child) = children.get(index).filter(|c| c.via == Via::Stored) else {
                continue;
            };
            let child_end = child.range.end().unwrap_or(u64::MAX);
            let shared = end.min(child_end).saturating_sub(child.range.start);
            let overlap = self.overlap.saturating_add(shared);
            if shared > 0 && overlap > self.limits.total_bytes {
                dropped.push(index);
            } else {
                self.overlap = overlap;
                end = end.max(child_end);
            }
        }
        if dropped.is_empty() {
            return 0;
        }
        let count = dropped.len() as u64;
        dropped.sort_unstable();
        let mut index = 0;
        children.retain(|_| {
            let kept = dropped.binary_search(&index).is_err();
            index += 1;
            kept
        });
        count
    }

    /// Hashes all nodes, on as many threads as there are processors; the
    /// number is not asked from the system, which the confinement refuses.
    fn hash(&mut self) {
        use sha2::Digest;
        let next = AtomicUsize::new(0);
        let (nodes, store) = (&self.nodes, self.store);
        // Large ones first, so that no thread is left with one at the end.
        let mut order: Vec<usize> = (0..nodes.len()).collect();
        order.sort_by_key(|i| nodes.get(*i).map(|n| std::cmp::Reverse(n.record.bytes)));
        let work = || {
            let mut done = Vec::new();
            while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Some(bytes) = nodes.get(index).and_then(|node| store.bytes(node.place)) {
                    done.push((index, Sha256(sha2::Sha256::digest(bytes).into())));
                }
            }
            done
        };
        let hashes: Vec<(usize, Sha256)> = std::thread::scope(|scope| {
            let other = scope.spawn(work);
            let mut all = work();
            all.extend(other.join().unwrap_or_default());
            all
        });
        for (index, sha256) in hashes {
            if let Some(node) = self.nodes.get_mut(index) {
                node.record.sha256 = sha256;
            }
        }
    }
}

fn entry(path: &str, kind: &str, bytes: u64, gap: Gap, detail: String) -> CoverageEntry {
    CoverageEntry {
        node: path.to_owned(),
        kind: kind.to_owned(),
        bytes,
        reading: Reading::Unread,
        unparsed: 0,
        gap: Some(gap),
        detail,
    }
}

/// Leaves bytes only to those gaps of a node whose bytes no other entry of the
/// coverage has: a child of that name has its own, and what is contradicted
/// was read after all. Returns how many of the node's own bytes they take.
fn count_once(
    gaps: &mut [CoverageEntry],
    children: &[(String, Pending)],
    own: &[(u64, u64)],
) -> u64 {
    let own: u64 = own
        .iter()
        .map(|(start, end)| end.saturating_sub(*start))
        .sum();
    let mut lost = 0u64;
    let names: BTreeSet<&str> = match gaps.iter().any(|gap| gap.bytes > 0) {
        true => children.iter().map(|(path, _)| path.as_str()).collect(),
        false => BTreeSet::new(),
    };
    for gap in gaps {
        let elsewhere = gap.gap == Some(Gap::Contradiction) || names.contains(gap.node.as_str());
        if elsewhere {
            gap.bytes = 0;
        } else if gap.gap != Some(Gap::NotFetched) {
            // What was not fetched is not among the node's bytes.
            gap.bytes = gap.bytes.min(own.saturating_sub(lost));
            lost = lost.saturating_add(gap.bytes);
        }
    }
    lost
}

/// How many gaps that say the same of different nodes are kept.
const GAPS_ALIKE: usize = 100;

/// Makes one entry of all gaps beyond the first that say the same.
fn fold(gaps: &mut Vec<CoverageEntry>) {
    type Said = (String, Option<Gap>, String);
    let mut seen: FxHashMap<Said, (usize, Option<usize>)> = FxHashMap::default();
    let mut folded: Vec<(CoverageEntry, u64)> = Vec::new();
    gaps.retain(|gap| {
        let said = (gap.kind.clone(), gap.gap, gap.detail.clone());
        let (count, place) = seen.entry(said).or_default();
        *count = count.saturating_add(1);
        if *count <= GAPS_ALIKE {
            return true;
        }
        let place = *place.get_or_insert(folded.len());
        match folded.get_mut(place) {
            Some((one, more)) => {
                one.bytes = one.bytes.saturating_add(gap.bytes);
                *more = more.saturating_add(1);
            }
            None => folded.push((gap.clone(), 0)),
        }
        false
    });
    gaps.extend(folded.into_iter().map(|(mut one, more)| {
        if more > 0 {
            one.detail = format!("{}; and so it is with {more} further entries", one.detail);
        }
        one
    }));
}

/// The parts of `0..len` that none of the ranges covers.
fn uncovered(len: u64, ranges: impl Iterator<Item = Span>) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = ranges
        .filter_map(|span| Some((span.start, span.end()?)))
        .collect();
    ranges.sort_unstable();
    let mut out = Vec::new();
    let mut at = 0;
    for (start, end) in ranges {
        if start > at {
            out.push((at, start.min(len)));
        }
        at = at.max(end);
    }
    if at < len {
        out.push((at, len));
    }
    out
}

/// Two lists of ranges as one, in order and without overlap.
fn merged(mut ranges: Vec<(u64, u64)>, more: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    if more.is_empty() {
        return ranges;
    }
    ranges.extend(more);
    ranges.sort_unstable();
    let mut out: Vec<(u64, u64)> = Vec::with_capacity(ranges.len());
    for (start, end) in ranges {
        match out.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => out.push((start, end)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_ranges_are_in_order() {
        assert_eq!(merged(vec![(0, 4), (9, 12)], vec![]), [(0, 4), (9, 12)]);
        assert_eq!(
            merged(vec![(0, 4), (9, 12)], vec![(20, 30), (3, 6), (11, 12)]),
            [(0, 6), (9, 12), (20, 30)]
        );
    }

    #[test]
    fn uncovered_parts() {
        let spans = |list: &[(u64, u64)]| {
            let spans: Vec<Span> = list.iter().map(|(s, l)| Span::new(*s, *l)).collect();
            uncovered(100, spans.into_iter())
        };
        assert_eq!(spans(&[]), [(0, 100)]);
        assert_eq!(spans(&[(0, 100)]), []);
        assert_eq!(
            spans(&[(50, 10), (10, 20), (15, 5)]),
            [(0, 10), (30, 50), (60, 100)]
        );
    }

    #[test]
    fn gaps_that_say_the_same_are_folded() {
        let same = |n: u64| entry(&format!("n{n}"), "zip", n, Gap::Limit, "deep".to_owned());
        let mut gaps: Vec<CoverageEntry> = (0..103).map(same).collect();
        gaps.insert(1, entry("other", "zip", 1, Gap::Limit, "late".to_owned()));
        fold(&mut gaps);
        assert_eq!(gaps.len(), 102);
        let last = gaps.last().unwrap();
        assert_eq!((last.node.as_str(), last.bytes), ("n100", 100 + 101 + 102));
        assert_eq!(last.detail, "deep; and so it is with 2 further entries");
    }

    #[test]
    fn a_small_file_does_not_fill_the_spool() {
        use std::io::Write;
        let gzip = |mebibyte: &[u8], count: usize| {
            let level = flate2::Compression::default();
            let mut out = flate2::write::GzEncoder::new(Vec::new(), level);
            for _ in 0..count {
                out.write_all(mebibyte).unwrap();
            }
            out.finish().unwrap()
        };
        let bomb = gzip(&vec![0; 1 << 20], 300);
        let mut archive = tar::Builder::new(Vec::new());
        for (name, content) in [
            ("0.gz", &bomb),
            ("1.gz", &bomb),
            ("2.gz", &gzip(b"inner text\n", 1)),
        ] {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            archive
                .append_data(&mut header, name, &content[..])
                .unwrap();
        }
        let limits = Limits::default();
        let tree = open_here(&archive.into_inner().unwrap(), limits.clone(), None);
        let most = limits.decoded_bytes(tree.store.root().len);
        assert!(tree.store.spool().len() <= most && most < 300 << 20);
        assert_eq!(tree.gaps.len(), 2, "{:?}", tree.gaps);
        for gap in &tree.gaps {
            assert_eq!(gap.gap, Some(Gap::Limit));
            assert!(gap.detail.contains("(--max-ratio)"), "{}", gap.detail);
        }
        // What comes behind it is read all the same.
        let last = tree.nodes.last().unwrap();
        assert_eq!(tree.store.bytes(last.place), Some(&b"inner text\n"[..]));
    }

    #[test]
    fn names_are_shown_without_control_characters() {
        assert_eq!(printable(b"a\x1b[31mb"), "a\\u{1b}[31mb");
        assert_eq!(printable(b"\xff"), "\\xff");
        assert_eq!(printable("a\u{202e}b".as_bytes()), "a\\u{202e}b");
    }
}
