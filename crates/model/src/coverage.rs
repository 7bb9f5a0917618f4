use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::is_zero;

/// How a node's own bytes were read.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// By a parser of its language or format.
    Parsed,
    /// As text, without structure.
    Lexical,
    /// The strings in it alone: machine code, bytecode, and what has no known
    /// format or was not opened.
    Strings,
    /// Structure of a container whose content was opened.
    Container,
    /// Recognised as data that holds no code or text to read: an image, a
    /// font, a sound.
    Data,
    /// Not read.
    Unread,
}

/// Why bytes were not read, or not as well as they could be.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Gap {
    /// Compiled bytecode for which there is no reader.
    Bytecode,
    /// Machine code, of which only strings and tables are read.
    MachineCode,
    /// No format is known that looks like this.
    UnknownFormat,
    /// A language for which there is no parser yet.
    NoParser,
    /// Encrypted.
    Encrypted,
    /// Broken: truncated, or against its own format.
    Corrupt,
    /// Two descriptions inside one file contradict each other.
    Contradiction,
    /// A syntax error: the parser gave up, wholly or in part.
    Syntax,
    /// A limit was reached: depth, count, size, ratio, time, memory or work.
    Limit,
    /// The confined process that read it died.
    WorkerDied,
    /// Named by the subject, but not fetched (dependencies, other platforms,
    /// files loaded at run time).
    NotFetched,
    /// A name that a file system would not take, or that leads elsewhere.
    HostileName,
}

/// What was read of one node, and what was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageEntry {
    /// The node's path, or the name of what was not fetched.
    pub node: String,
    /// The format of the node.
    pub kind: String,
    /// How many bytes this entry is about (0 where nobody knows).
    pub bytes: u64,
    /// How they were read, or most of them.
    pub reading: Reading,
    /// How many of them the parser left out, so that they were read as text;
    /// 0 where all were read in one way.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub unparsed: u64,
    /// Why not better; none when all was understood.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub gap: Option<Gap>,
    /// The reason in words, with what to do about it where something can be
    /// done.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub detail: String,
}

/// Bytes and nodes of one reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CoverageTotal {
    /// Nodes read that way, or most of each.
    pub nodes: u64,
    /// The bytes read that way.
    pub bytes: u64,
}

impl CoverageTotal {
    fn count(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// What was read of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Read by a parser.
    pub parsed: CoverageTotal,
    /// Read as text.
    pub lexical: CoverageTotal,
    /// Strings alone were read.
    #[serde(default)]
    pub strings: CoverageTotal,
    /// Container structure.
    pub container: CoverageTotal,
    /// Recognised data.
    pub data: CoverageTotal,
    /// Not read.
    pub unread: CoverageTotal,
    /// All nodes, each with its own bytes; those with a gap first, largest
    /// first.
    pub entries: Vec<CoverageEntry>,
}

impl Coverage {
    /// Adds an entry to the list and to its total. An entry without bytes
    /// that tells of a gap is a remark on nodes that have their own entries,
    /// or names what is not there: it counts as no node.
    pub fn add(&mut self, entry: CoverageEntry) {
        let total = match entry.reading {
            Reading::Parsed => &mut self.parsed,
            Reading::Lexical => &mut self.lexical,
            Reading::Strings => &mut self.strings,
            Reading::Container => &mut self.container,
            Reading::Data => &mut self.data,
            Reading::Unread => &mut self.unread,
        };
        if entry.bytes > 0 || entry.gap.is_none() {
            total.nodes = total.nodes.saturating_add(1);
        }
        match entry.unparsed.min(entry.bytes) {
            0 => total.count(entry.bytes),
            left_out => {
                self.parsed.count(entry.bytes.saturating_sub(left_out));
                self.lexical.count(left_out);
            }
        }
        self.entries.push(entry);
    }

    /// Puts the entries in the order in which a reviewer wants them: what was
    /// not understood and largest first, then by path.
    pub fn sort(&mut self) {
        self.entries.sort_by(|a, b| {
            (b.gap.is_some(), b.bytes, b.reading)
                .cmp(&(a.gap.is_some(), a.bytes, a.reading))
                .then_with(|| a.node.cmp(&b.node))
        });
    }

    /// The number of bytes in all readings.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        [
            self.parsed,
            self.lexical,
            self.strings,
            self.container,
            self.data,
            self.unread,
        ]
        .iter()
        .fold(0, |sum, total| sum.saturating_add(total.bytes))
    }
}
