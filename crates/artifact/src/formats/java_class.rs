//! Java class files: their constants, in which names, texts and addresses
//! stand.
//!
//! Described by the Java Virtual Machine Specification, chapter 4. The code is
//! bytecode and stays unread; the constants are a child, so that what is read
//! of a class is told apart from what is not.

use assay_model::Gap;

use super::{Broken, Format, Stage, be};
use crate::open::Cx;

pub(crate) const FORMAT: Format = Format {
    id: "java-class",
    title: "Java class file",
    reference: "Java Virtual Machine Specification, chapter 4",
    stage: Stage::Embedded,
    detect: |bytes| crate::leaf::is_java_class(bytes),
    open,
    samples: || {
        let mut out = vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 65, 0, 6];
        out.extend_from_slice(&[1, 0, 5]);
        out.extend_from_slice(b"Hello");
        out.extend_from_slice(&[7, 0, 1, 5, 0, 0, 0, 0, 0, 0, 0, 9, 8, 0, 1]);
        out.extend_from_slice(&[0; 14]);
        vec![("class", out)]
    },
};

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let count = be::u16(bytes, 8).unwrap_or_default();
    let mut at = 10usize;
    let mut n = 1u16;
    // Each constant has a byte at least, so the bytes bound the loop.
    while n < count {
        let size = match bytes.get(at) {
            Some(1) => {
                be::u16(bytes, at.saturating_add(1)).map(|len| usize::from(len).saturating_add(3))
            }
            Some(3 | 4 | 9..=12 | 17 | 18) => Some(5),
            // These take two numbers.
            Some(5 | 6) => {
                n = n.saturating_add(1);
                Some(9)
            }
            Some(7 | 8 | 16 | 19 | 20) => Some(3),
            Some(15) => Some(4),
            _ => None,
        };
        n = n.saturating_add(1);
        let next = size
            .and_then(|size| at.checked_add(size))
            .filter(|end| *end <= bytes.len());
        let Some(next) = next else {
            let detail = format!("its table of constants is broken at {at}");
            cx.gap(bytes.len().saturating_sub(at) as u64, Gap::Corrupt, detail);
            break;
        };
        at = next;
    }
    if at > 10 {
        cx.stored_as(b"(constants)", 10..at, Some("java-constants"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_constants_are_a_child() {
        let tree = crate::fuzz_open(&(super::FORMAT.samples)()[0].1);
        assert_eq!(tree.nodes[0].record.kind, "java-class");
        assert_eq!(tree.nodes[1].record.bytes, 23);
    }
}
