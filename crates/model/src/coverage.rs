use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a node's own bytes were read.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// By a parser of its language or format.
    Parsed,
    /// As text or strings, without structure.
    Lexical,
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
    /// How they were read.
    pub reading: Reading,
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
    /// Nodes read that way.
    pub nodes: u64,
    /// Their own bytes.
    pub bytes: u64,
}

/// What was read of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Read by a parser.
    pub parsed: CoverageTotal,
    /// Read as text or strings.
    pub lexical: CoverageTotal,
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
    /// Adds an entry to the list and to its total.
    pub fn add(&mut self, entry: CoverageEntry) {
        let total = match entry.reading {
            Reading::Parsed => &mut self.parsed,
            Reading::Lexical => &mut self.lexical,
            Reading::Container => &mut self.container,
            Reading::Data => &mut self.data,
            Reading::Unread => &mut self.unread,
        };
        total.nodes = total.nodes.saturating_add(1);
        total.bytes = total.bytes.saturating_add(entry.bytes);
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
            self.container,
            self.data,
            self.unread,
        ]
        .iter()
        .fold(0, |sum, total| sum.saturating_add(total.bytes))
    }
}
