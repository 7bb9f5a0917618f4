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
    /// Decoded bytes of all nodes together.
    pub total_bytes: u64,
    /// Decoded bytes per compressed byte, beyond the first mebibyte.
    pub ratio: u64,
    /// Time for opening.
    pub time: Duration,
    /// Private memory of one confined process, in bytes.
    pub memory: u64,
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
