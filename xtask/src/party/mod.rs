//! First and third party: the index of packages, and how well it does.

mod index;
mod measure;

pub(crate) use index::index;
pub(crate) use measure::measure;
