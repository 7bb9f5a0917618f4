use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How much opening one artifact may cost. Reaching a limit leaves a coverage
/// entry; it is no error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// How many containers inside one another.
    pub depth: u32,
    /// How many nodes in the tree.
    pub nodes: u32,
    /// Decoded bytes of one node.
    pub node_bytes: u64,
    /// Decoded bytes of all nodes together; see [`Limits::decoded_bytes`].
    pub total_bytes: u64,
    /// Decoded bytes per compressed byte of one stream, beyond the first
    /// mebibyte; and, a thirty-second of it, of all nodes together per byte of
    /// the artifact.
    pub ratio: u64,
    /// Time for opening.
    pub time: Duration,
    /// Private memory of one confined process, in bytes.
    pub memory: u64,
}

/// Decoded bytes that any artifact may have, however small.
const FREE: u64 = 256 << 20;

/// Which part of the ratio holds for an artifact as a whole. One stream may be
/// mostly zeros, a package is not: ten decoded bytes per byte are many.
const WHOLE: u64 = 32;

impl Limits {
    /// The most decoded bytes of all nodes of an artifact of that size. Decoded
    /// bytes are in memory, so that a small file may not have as many as a
    /// large one: 256 MiB, and, with the ratio as it is by default, 31 bytes
    /// more for each of its own.
    #[must_use]
    pub fn decoded_bytes(&self, size: u64) -> u64 {
        let of_size = size.saturating_mul(self.ratio / WHOLE);
        self.total_bytes.min(FREE.saturating_add(of_size))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 24,
            nodes: 200_000,
            node_bytes: 2 << 30,
            total_bytes: 4 << 30,
            ratio: 1_000,
            time: Duration::from_secs(300),
            memory: 3 << 30,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_artifact_has_no_more_than_a_gibibyte() {
        let limits = Limits::default();
        assert!(limits.decoded_bytes(2_300_000) < 350 << 20);
        assert!(limits.decoded_bytes(20 << 20) < 1 << 30);
        assert_eq!(limits.decoded_bytes(245_000_000), limits.total_bytes);
        let less = Limits {
            total_bytes: 1000,
            ..Limits::default()
        };
        assert_eq!(less.decoded_bytes(u64::MAX), 1000);
    }
}
