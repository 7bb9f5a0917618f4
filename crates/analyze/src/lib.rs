//! What the code of a tree can do.
//!
//! [`analyze`] reads every node of a tree with the best reader there is for
//! it, in confined children, and returns findings with evidence and an entry
//! of coverage for each node. Code is lowered to one graph of values for all
//! languages, over which constants, names and flows are followed.
//!
//! This crate does no IO of its own, executes nothing of a subject but pure
//! slices in an interpreter without a way out, and knows
//! no product: a behaviour is told by what code does, never by whose it is.
#![deny(missing_docs)]

mod analysis;
mod behaviours;
mod decode;
mod endpoints;
mod evaluate;
mod facts;
mod flow;
mod functions;
mod gates;
mod ir;
mod js;
mod lexical;
mod link;
mod manifest;
mod native;
mod node;
mod party;
mod patterns;
mod py;
mod raw;
mod resolve;
mod rules;
mod tld;
mod turns;

pub use analysis::{
    Analysis, Budget, Hands, JOB_ANALYZE, Origin, Watch, analyze, analyze_source, finding_id,
    fuzz_bytecode, fuzz_native, merge, serve_analyze,
};
pub use behaviours::{Behaviour, Example, Pass, behaviour, behaviours, is_for_documents};
pub use endpoints::{is_host_name, is_local_host};
#[doc(hidden)]
pub use evaluate::fuzz_evaluate;
pub use evaluate::{JOB_EVALUATE, serve_evaluate};
pub use functions::{
    Differences, Function, Functions, JOB_FUNCTIONS, JOB_SHOW, Matching, Shower, Texts,
    differences, functions, less, serve_functions, serve_show, source_functions,
};
pub use party::{PartyRange, attribute_source, party_features, party_index};
pub use rules::{Rules, RulesError, is_of_a_rule};
pub use turns::{Turn, Turns};
