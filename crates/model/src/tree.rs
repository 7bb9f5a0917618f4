use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Sha256;

/// A node's index in the tree of its artifact; the artifact itself is 0.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct NodeId(pub u32);

/// A range of bytes: from `start`, `len` bytes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// The offset of the first byte.
    pub start: u64,
    /// The number of bytes.
    pub len: u64,
}

impl Span {
    /// A range from its first byte and its length.
    #[must_use]
    pub const fn new(start: u64, len: u64) -> Self {
        Self { start, len }
    }

    /// The offset after the last byte, or `None` on overflow.
    #[must_use]
    pub const fn end(self) -> Option<u64> {
        self.start.checked_add(self.len)
    }
}

/// How the bytes of a node were got from the bytes of its parent's range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// They are the parent's bytes.
    Stored,
    /// DEFLATE without a header (zip).
    Deflate,
    /// gzip.
    Gzip,
    /// zlib.
    Zlib,
    /// Zstandard.
    Zstd,
    /// xz or lzma.
    Xz,
    /// bzip2.
    Bzip2,
    /// Brotli.
    Brotli,
    /// The decoded value of a JSON string.
    JsonString,
    /// Base64.
    Base64,
}

/// One node of a tree: the artifact, or something found in another node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeRecord {
    /// The node's index.
    pub id: NodeId,
    /// The node that it was found in; none for the artifact itself.
    pub parent: Option<NodeId>,
    /// Where it lies in its parent.
    pub range: Option<Span>,
    /// How its bytes were got from that range.
    pub via: Via,
    /// Where it is, for people: entry names joined by `/`, containers by `!`.
    /// Not unique where an archive names two entries alike.
    pub path: String,
    /// What its content is, one of the names of the format table, or
    /// `unknown`.
    pub kind: String,
    /// Its size in bytes, after decoding.
    pub bytes: u64,
    /// The SHA-256 of its decoded bytes.
    pub sha256: Sha256,
}
