use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Gate, Party, Purl, Sha256, Span};

/// Static evidence: where in the subject something stands, and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The artifact that the node is in.
    pub artifact: Purl,
    /// The node's path in the artifact.
    pub node: String,
    /// The SHA-256 of the node's bytes.
    pub node_sha256: Sha256,
    /// Where in the node's bytes.
    pub span: Span,
    /// The line there, from 1; 0 where lines mean nothing.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub line: u64,
    /// The column in characters, from 1; 0 where lines mean nothing.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub column: u64,
    /// Whose code the place is.
    #[serde(skip_serializing_if = "is_unknown", default)]
    pub party: Party,
    /// The package that the place comes from, with its version where that is
    /// known: `lodash`, `ws@8.18.0`.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub package: String,
    /// The text at that place, shortened.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub excerpt: String,
    /// What it shows, in words.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub note: String,
    /// The decoded value of a concealed constant; a list as its entries.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub decoded: Vec<String>,
    /// How it was decoded, from the outside in: `base64`, `xor 0x5b`,
    /// `split ","`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub decoding: Vec<String>,
    /// Texts that stand in the code as they are, with which a fact is compared
    /// there.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub compared: Vec<String>,
    /// The data-flow path, from source to sink.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub path: Vec<Step>,
    /// The switch that stands there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub gate: Option<Gate>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde asks for"
)]
pub(crate) fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde asks for"
)]
fn is_unknown(party: &Party) -> bool {
    *party == Party::Unknown
}

/// What a step of a data-flow path is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A fact about the host is read.
    Source,
    /// It is carried on: a call, a return, a field, a variable.
    Flow,
    /// It is compared.
    Condition,
    /// The list that it is compared with.
    List,
    /// An output is chosen by the outcome.
    Choice,
    /// The output leaves.
    Sink,
}

/// One step of a data-flow path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// What the step is.
    pub role: Role,
    /// The path of the node where it lies; none when that is the evidence's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub node: Option<String>,
    /// Where, in that node.
    pub span: Span,
    /// The line there, from 1; 0 where lines mean nothing.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub line: u64,
    /// The column in characters, from 1; 0 where lines mean nothing.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub column: u64,
    /// The text at that place, shortened.
    pub excerpt: String,
    /// What happens there, in words.
    pub note: String,
}
