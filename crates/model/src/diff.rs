use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Finding, Party, Sha256, Subject};

/// The name of the form of a [`Diff`].
pub const DIFF_SCHEMA: &str = "assay.diff/1";

/// What is another in one version of a tool than in an earlier one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Diff {
    /// The form of this record: [`DIFF_SCHEMA`].
    pub schema: String,
    /// The version of Assay that made it.
    pub assay: String,
    /// The version that is compared with.
    pub before: Compared,
    /// The version that is looked at.
    pub after: Compared,
    /// Findings that came, went or changed, what matters most first.
    pub findings: Vec<FindingChange>,
    /// Names in these findings, by what they name.
    pub names: Vec<NameChange>,
    /// Functions that came, went or changed.
    pub functions: FunctionChanges,
    /// The release notes that what is new was held against; none where there
    /// are none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub release_notes: Option<ReleaseNotes>,
    /// What was not compared, and why.
    pub notes: Vec<String>,
}

/// One side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// As the user named it.
    pub source: String,
    /// What was read.
    pub subject: Subject,
    /// How many findings there are.
    pub findings: u64,
    /// How many places of coverage are not understood.
    pub gaps: u64,
}

/// How something differs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is in the second alone.
    New,
    /// It is in both, and another.
    Changed,
    /// It is in the first alone.
    Gone,
}

/// A finding that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingChange {
    /// How it differs.
    pub change: Change,
    /// The finding of the second side, or the one that is gone.
    pub finding: Finding,
    /// The finding of the first side, where it is another.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<Box<Finding>>,
    /// What of it differs, in words.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub details: Vec<String>,
    /// Entries of a decoded list or of what it is compared with that came.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub added: Vec<String>,
    /// Entries that went.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub removed: Vec<String>,
    /// What the release notes say of it, where it is new or has new entries.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub disclosure: Option<Disclosure>,
}

/// What a name is the name of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum NameKind {
    /// A host that it may turn to.
    Host,
    /// An environment variable that it reads.
    Variable,
    /// A file or folder that it reaches.
    File,
    /// A program that it runs.
    Process,
    /// A flag or switch.
    Flag,
    /// A value that is concealed in the code.
    ConcealedValue,
}

/// Names that came and went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NameChange {
    /// What they name.
    pub kind: NameKind,
    /// Those of the second side alone.
    pub added: Vec<String>,
    /// Those of the first side alone.
    pub removed: Vec<String>,
}

/// Functions that are not the same on both sides. A statement outside of all
/// functions counts as one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionChanges {
    /// How many the first side has, in files that the second has not.
    pub before: u64,
    /// How many the second side has, in files that the first has not.
    pub after: u64,
    /// How many are the same but for what minifiers do.
    pub same: u64,
    /// How many have the same texts, names, calls and operators in another
    /// order, under other branches or with other variables.
    pub rearranged: u64,
    /// How many do something else.
    pub changed: u64,
    /// How many are in the second side alone.
    pub new: u64,
    /// How many are in the first side alone.
    pub gone: u64,
    /// How many of these three belong to third parties.
    pub third_party: u64,
    /// Those that are shown, what matters most first.
    pub shown: Vec<FunctionChange>,
}

/// A function that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionChange {
    /// How it differs.
    pub change: Change,
    /// What it is called there; a minifier may have made the name.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub name: String,
    /// Whose it is.
    pub party: Party,
    /// The package that it belongs to, if known.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub package: String,
    /// Findings that came or changed which are shown in it, by id.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub findings: Vec<String>,
    /// Where it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<CodePlace>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<CodePlace>,
    /// Whether it is but rearranged.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub rearranged: bool,
    /// How many others changed in just the same way.
    pub others: u64,
    /// Its code, laid out anew, with the first side's names of variables.
    pub lines: Vec<CodeLine>,
}

/// A place of code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodePlace {
    /// The path of the file in its artifact.
    pub node: String,
    /// The hash of the file.
    pub node_sha256: Sha256,
    /// Where it begins in the file, in bytes.
    pub start: u64,
    /// Where it ends.
    pub end: u64,
}

/// A line of code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodeLine {
    /// The side that it is of; neither where it is of both.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub change: Option<Change>,
    /// What it says.
    pub text: String,
}

/// What the vendor's release notes say of what is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseNotes {
    /// Where they are from: a file of the package, or what the user named.
    pub source: String,
    /// The versions after the first and up to the second that they have a
    /// section for, as they write them.
    pub sections: Vec<String>,
    /// How many lines were held against what is new: those of these sections,
    /// or all where nothing is divided by versions.
    pub lines: u64,
    /// Whether nothing in them is divided by versions, or the version of the
    /// second side is not known.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub undivided: bool,
    /// Whether they have no section for the version of the second side itself.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub lacks_last: bool,
    /// What they say is gone, and is still there.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub still_there: Vec<StillThere>,
}

/// What release notes say is gone, and is still there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StillThere {
    /// The finding, by its id.
    pub finding: String,
    /// What it is about.
    pub key: String,
    /// The line.
    pub line: NotedLine,
}

/// A line of release notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotedLine {
    /// Its number, from 1, in the file or in the release's own text.
    pub number: u64,
    /// The version whose section it is in, as it is written there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// What it says, shortened.
    pub says: String,
    /// What in it names the thing: `the name X`, `the words a, b`.
    pub by: String,
}

/// Whether release notes tell of something new.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Disclosed {
    /// A line says that it is not so.
    Contradicted,
    /// No line names it.
    Undisclosed,
    /// A line names it.
    Disclosed,
}

/// What release notes say of one thing that is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Disclosure {
    /// Whether they tell of it.
    pub state: Disclosed,
    /// The line; none where none names it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<NotedLine>,
}
