use std::sync::Arc;

use assay_confine::{Place, Store};
use assay_model::{CoverageEntry, Gap, NodeRecord};
use serde::{Deserialize, Serialize};

use crate::source::Declared;

/// One node with the place of its bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Node {
    /// What is told to the outside.
    pub record: NodeRecord,
    /// Where its bytes are.
    pub place: Place,
    /// The parts of it that no child covers: all of a leaf, the code of an
    /// executable beside what was appended to it. Offsets in the node.
    pub own: Vec<(u64, u64)>,
    /// Whether a format's reader understood it as a container.
    pub container: bool,
    /// Why it was not opened, where a format is known for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unopened: Option<(Gap, String)>,
    /// How many bytes of `own` belong to entries that could not be made
    /// nodes: they are told in [`Tree::gaps`].
    #[serde(default)]
    pub lost: u64,
    /// What is told of it beside how it was read: that a later layer of an
    /// image deletes it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub remark: String,
}

/// An opened artifact.
#[derive(Debug)]
pub struct Tree {
    /// The artifact's and the decoded bytes, shared with confined children.
    pub store: Arc<Store>,
    /// All nodes, each after its parent.
    pub nodes: Vec<Node>,
    /// What was noticed while opening: limits, contradictions, broken parts.
    /// The bytes of nodes are not in here, but for those that are
    /// [`Node::lost`].
    pub gaps: Vec<CoverageEntry>,
    /// What the package says of itself.
    pub declared: Declared,
}
