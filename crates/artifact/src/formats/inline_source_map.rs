//! Source maps inside of scripts and style sheets:
//! `//# sourceMappingURL=data:application/json;base64,...`.
//!
//! Described by ECMA-426, "Linking generated code to source maps".

use assay_model::{Gap, Via};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memmem;

use super::{Broken, Format, Stage};
use crate::open::Cx;

const MARK: &[u8] = b"sourceMappingURL=data:";

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

pub(crate) const FORMAT: Format = Format {
    id: "inline-source-map",
    title: "source map inside of a script",
    reference: "ECMA-426, linking generated code to source maps",
    stage: Stage::Embedded,
    detect: |bytes| memmem::find(bytes, MARK).is_some(),
    open,
    samples: || {
        let map = br#"{"version":3,"sources":["a.ts"],"sourcesContent":["let a = 1;\n"],"mappings":"AAAA"}"#;
        let text = format!(
            "const a = require('x'); module.exports = () => {{ return a; }};\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,{}\n",
            BASE64.encode(map)
        );
        vec![("script", text.into_bytes())]
    },
};

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    for (n, found) in memmem::find_iter(bytes, MARK).enumerate() {
        if n.is_multiple_of(256) && cx.late(0) {
            break;
        }
        let start = found.saturating_add(MARK.len());
        let rest = bytes.get(start..).unwrap_or_default();
        // The type before the comma is short.
        let head = rest.get(..rest.len().min(128)).unwrap_or_default();
        let Some(comma) = memchr::memchr(b',', head) else {
            continue;
        };
        let told = head.get(..comma).unwrap_or_default();
        if !told.starts_with(b"application/json") || !told.ends_with(b";base64") {
            continue;
        }
        let from = start.saturating_add(comma).saturating_add(1);
        let text = bytes.get(from..).unwrap_or_default();
        let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
        let len = text
            .iter()
            .position(|b| !is_base64(b))
            .unwrap_or(text.len());
        let text = text.get(..len).unwrap_or_default();
        if text.is_empty() {
            continue;
        }
        let name = format!("(inline source map at {from})");
        match BASE64.decode(text) {
            // Code that makes or takes apart such addresses has words behind
            // the comma.
            Ok(map) if !map.trim_ascii_start().starts_with(b"{") => {}
            Ok(map) => cx.made(
                name.as_bytes(),
                from..from.saturating_add(len),
                Via::Base64,
                &map,
            ),
            Err(error) if len > 64 => {
                let detail = format!("it is not base64: {error}");
                cx.entry_gap(name.as_bytes(), len as u64, Gap::Corrupt, detail);
            }
            Err(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_map_opens_to_its_sources() {
        let tree = crate::fuzz_open(&(super::FORMAT.samples)()[0].1);
        assert_eq!(tree.nodes[0].record.kind, "javascript");
        assert_eq!(tree.nodes[1].record.kind, "json");
        assert!(tree.nodes[2].record.path.ends_with("!a.ts"));
    }
}
