//! What the fuzz targets of Assay share.
//!
//! Most targets open their input with one container format, whether or not
//! the input looks like it, and then go on as for any artifact; what they
//! assert is told in [`open_as`]. The others read code, by [`read_as`].
#![deny(missing_docs)]

use std::time::{Duration, Instant};

/// Opens bytes as a format and asserts what must hold for any tree: every
/// child lies in its parent, nothing is registered beyond the limits, and
/// opening does not take long.
///
/// # Panics
/// When one of these does not hold; that is what the fuzzer looks for.
pub fn open_as(format: &str, bytes: &[u8]) {
    let begin = Instant::now();
    let tree = assay_artifact::fuzz_open_as(format, bytes).expect("a format of that name");
    for node in &tree.nodes {
        let content = tree.store.bytes(node.place).expect("a node has its bytes");
        assert_eq!(content.len() as u64, node.record.bytes);
        let mut at = 0;
        for (from, to) in &node.own {
            assert!(*from >= at && from <= to && *to <= node.record.bytes);
            at = *to;
        }
        let Some(parent) = node.record.parent else {
            continue;
        };
        assert!(parent < node.record.id);
        let parent = &tree.nodes[parent.0 as usize];
        let range = node.record.range.expect("a child has a range");
        let end = range.end().expect("a range has an end");
        assert!(end <= parent.record.bytes);
    }
    for gap in &tree.gaps {
        let shown = |text: &str| !text.chars().any(char::is_control);
        assert!(shown(&gap.node) && shown(&gap.detail), "{gap:?}");
        assert!(!gap.detail.is_empty());
    }
    assert!(begin.elapsed() < Duration::from_secs(30));
}

/// Reads a text in the language of a file's name, and asserts that it gives
/// the same twice and does not take long.
///
/// # Panics
/// When one of these does not hold; that is what the fuzzer looks for.
pub fn read_as(name: &str, text: &str) {
    let begin = Instant::now();
    let first = assay_analyze::analyze_source(name, text);
    assert_eq!(first, assay_analyze::analyze_source(name, text));
    assert!(begin.elapsed() < Duration::from_secs(30));
}
