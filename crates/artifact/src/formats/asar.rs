//! asar: the archive that Electron applications keep their code in.
//!
//! Described by `@electron/asar`. Two nested Chromium pickles hold a JSON
//! index; the files' bytes follow. The index can carry SHA-256 hashes, which
//! only some builds of Electron check: they are checked here.

use assay_model::Gap;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{Broken, Format, Stage, le, range};
use crate::open::Cx;

/// An index larger than this is no index.
const INDEX: usize = 16 << 20;

pub(crate) const FORMAT: Format = Format {
    id: "asar",
    title: "asar archive of an Electron application",
    reference: "@electron/asar, README and lib/disk.ts",
    stage: Stage::Whole,
    detect: |bytes| {
        // The sizes nest: the size's size, the header, its payload, the JSON.
        let word = |at| le::u32(bytes, at).unwrap_or(0);
        word(0) == 4
            && word(4) > word(8)
            && word(8) > word(12)
            && word(8).saturating_sub(word(12)) < 16
            && bytes.get(16) == Some(&b'{')
    },
    open,
    samples: || vec![("small", sample(true))],
};

fn open(cx: &mut Cx<'_>) -> Result<(), Broken> {
    let bytes = cx.bytes();
    let word = |at| le::u32(bytes, at).unwrap_or(0) as usize;
    let base = word(4).saturating_add(8);
    let index = bytes
        .get(16..word(12).saturating_add(16))
        .ok_or_else(|| Broken::corrupt("its index is said to be longer than the archive"))?;
    if index.len() > INDEX {
        return Err(Broken {
            gap: Gap::Limit,
            detail: format!(
                "its index has {} bytes, more than the {INDEX} that are read",
                index.len()
            ),
        });
    }
    let mut root: Value = serde_json::from_slice(index)
        .map_err(|error| Broken::corrupt(format!("its index is not JSON: {error}")))?;
    cx.structure(0..base.min(bytes.len()));
    // Many entries may name the same bytes, which must not be hashed for each.
    let mut to_hash = bytes.len().saturating_mul(2);
    let files = |value: &mut Value| match value.get_mut("files").map(Value::take) {
        Some(Value::Object(files)) => Some(files),
        _ => None,
    };
    // A stack instead of recursion, though the JSON reader bounds the depth.
    let mut open: Vec<(String, Map<String, Value>)> = Vec::new();
    match files(&mut root) {
        Some(files) => open.push((String::new(), files)),
        None => return Err(Broken::corrupt("its index names no files")),
    }
    while let Some((folder, entries)) = open.pop() {
        for (name, mut value) in entries {
            let path = super::joined(&folder, "/", &name);
            if let Some(entries) = files(&mut value) {
                open.push((path, entries));
                continue;
            }
            file(cx, base, &path, &value, &mut to_hash);
        }
        if cx.late(0) {
            break;
        }
    }
    cx.leftovers(base.min(bytes.len())..bytes.len());
    Ok(())
}

fn file(cx: &mut Cx<'_>, base: usize, path: &str, value: &Value, to_hash: &mut usize) {
    let name = path.as_bytes();
    cx.check_name(name);
    let size = value.get("size").and_then(Value::as_u64);
    if let Some(target) = value.get("link").and_then(Value::as_str) {
        if target.starts_with('/') || target.split('/').any(|part| part == "..") {
            let detail = format!(
                "it is a link that leads out: '{}'",
                super::shown(target.as_bytes())
            );
            cx.entry_gap(name, 0, Gap::HostileName, detail);
        }
        return;
    }
    if value.get("unpacked").and_then(Value::as_bool) == Some(true) {
        let beside = cx.path().rsplit(['!', '/']).next().unwrap_or_default();
        let beside = if beside.is_empty() {
            "app.asar"
        } else {
            beside
        };
        let detail = format!("it lies beside the archive, in the folder {beside}.unpacked");
        return cx.entry_gap(name, size.unwrap_or(0), Gap::NotFetched, detail);
    }
    let offset = match value.get("offset") {
        Some(Value::String(text)) => text.parse::<u64>().ok(),
        Some(number) => number.as_u64(),
        None => None,
    };
    let place = offset
        .zip(size)
        .and_then(|(offset, size)| range(offset.checked_add(base as u64)?, size));
    let Some(place) = place else {
        let detail = "the index gives no usable place for it";
        return cx.entry_gap(name, size.unwrap_or(0), Gap::Corrupt, detail);
    };
    let content = cx.bytes().get(place.clone());
    if let Some(content) = content.filter(|_| value.get("integrity").is_some()) {
        match to_hash.checked_sub(content.len()) {
            Some(left) => {
                *to_hash = left;
                check_hashes(cx, name, value, content);
            }
            None => {
                let detail = "its hash was not checked: too many entries share their bytes";
                cx.entry_gap(name, 0, Gap::Limit, detail);
            }
        }
    }
    cx.stored(name, place);
}

fn check_hashes(cx: &mut Cx<'_>, name: &[u8], value: &Value, content: &[u8]) {
    let Some(integrity) = value.get("integrity") else {
        return;
    };
    if integrity.get("algorithm").and_then(Value::as_str) != Some("SHA256") {
        let detail = "its hash is of an unknown algorithm, and was not checked";
        return cx.entry_gap(name, 0, Gap::UnknownFormat, detail);
    }
    let is = |part: &[u8], told: &Value| {
        told.as_str()
            .is_some_and(|told| told.eq_ignore_ascii_case(&hex::encode(Sha256::digest(part))))
    };
    let whole = integrity.get("hash").is_none_or(|told| is(content, told));
    let size = integrity
        .get("blockSize")
        .and_then(Value::as_u64)
        .unwrap_or(4 << 20);
    let size = usize::try_from(size).unwrap_or(usize::MAX).max(1);
    let blocks = integrity.get("blocks").and_then(Value::as_array);
    let parts = blocks.is_none_or(|told| {
        // An empty file has one block of nothing.
        let count = content.len().div_ceil(size).max(1);
        (told.len() == count || content.is_empty())
            && content
                .chunks(size)
                .zip(told)
                .all(|(part, told)| is(part, told))
    });
    if !whole || !parts {
        let what = if whole {
            "the hashes of its blocks"
        } else {
            "its SHA-256"
        };
        let detail = format!("its content does not have {what} of the index");
        cx.entry_gap(name, 0, Gap::Contradiction, detail);
    }
}

fn sample(right: bool) -> Vec<u8> {
    let main = b"console.log('main')\n";
    let hash = hex::encode(Sha256::digest(if right { main.as_slice() } else { b"" }));
    let index = serde_json::json!({ "files": {
        "main.js": { "size": main.len(), "offset": "0", "integrity": {
            "algorithm": "SHA256", "hash": hash, "blockSize": 4_194_304, "blocks": [hash] } },
        "lib": { "files": { "a.txt": { "size": 5, "offset": main.len().to_string() } } },
    } })
    .to_string();
    let mut json = index.into_bytes();
    let len = json.len();
    json.resize(len.div_ceil(4).saturating_mul(4), 0);
    let word = |n: usize| u32::try_from(n).unwrap_or_default().to_le_bytes();
    [
        word(4).as_slice(),
        &word(json.len().saturating_add(8)),
        &word(json.len().saturating_add(4)),
        &word(len),
        &json,
        main,
        b"text\n",
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_with_their_folders() {
        let tree = crate::fuzz_open(&sample(true));
        let mut paths: Vec<&str> = tree.nodes.iter().map(|n| n.record.path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["", "lib/a.txt", "main.js"]);
    }

    #[test]
    fn a_wrong_hash_is_told() {
        let gaps = crate::fuzz_open(&sample(false)).gaps;
        assert_eq!(gaps[0].gap, Some(Gap::Contradiction));
    }

    #[test]
    fn bytes_that_the_index_does_not_name_are_read() {
        let hidden = [sample(true), b"hidden behind the last file".to_vec()].concat();
        let tree = crate::fuzz_open(&hidden);
        assert!(
            tree.nodes
                .iter()
                .any(|n| n.record.path.contains("nothing names"))
        );
    }

    #[test]
    fn unpacked_files_are_told() {
        let text =
            br#"{"files":{"a.node":{"size":3,"unpacked":true},"b":{"size":9,"offset":"99"}}}"#;
        let n = text.len() as u32;
        let bytes = [
            &4u32.to_le_bytes()[..],
            &(n + 8).to_le_bytes(),
            &(n + 4).to_le_bytes(),
            &n.to_le_bytes(),
            text,
        ]
        .concat();
        let gaps: Vec<Gap> = crate::fuzz_open(&bytes)
            .gaps
            .iter()
            .map(|g| g.gap.unwrap())
            .collect();
        assert_eq!(gaps, [Gap::NotFetched, Gap::Corrupt]);
    }
}
