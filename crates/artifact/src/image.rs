//! Images of containers: which files of a layer a later layer takes away.
//!
//! What a later layer deletes is in the image all the same, and is read; only
//! whoever starts a container of it does not see it.

use std::collections::BTreeMap;

use assay_confine::Store;
use serde_json::Value;

use crate::tree::Node;

/// The largest manifest that is read.
const LARGEST: u64 = 4 << 20;
/// The most images that are looked at.
const IMAGES: usize = 8;
/// The most layers of one, and entries of an index.
const MOST: usize = 1024;
/// The most folders above a file that are looked at.
const ABOVE: usize = 64;
/// How deep indexes may name indexes.
const DEEPEST: usize = 4;

/// Notes with each node of an image archive at the root what deletes it.
/// Sources: the image specifications of OCI (image layout, whiteouts) and of
/// Docker 1.2 (`manifest.json`).
pub(crate) fn note_deleted(nodes: &mut [Node], store: &Store) {
    if !nodes.iter().any(|node| node.record.kind == "whiteout") {
        return;
    }
    for layers in images(nodes, store).iter().take(IMAGES) {
        let layers: BTreeMap<&str, usize> = layers
            .iter()
            .enumerate()
            .map(|(at, path)| (path.as_str(), at))
            .collect();
        let deleted = deletions(nodes, &layers);
        for node in nodes.iter_mut() {
            let Some((layer, path)) = place(&node.record.path, &layers) else {
                continue;
            };
            if let Some(by) = deleted_by(path, layer, &deleted) {
                node.remark = format!(
                    "layer {} of the image, of {}, deletes it from layer {}",
                    by.saturating_add(1),
                    layers.len(),
                    layer.saturating_add(1)
                );
            }
        }
    }
}

/// The layers of each image, the lowest first, by the paths of their nodes.
fn images(nodes: &[Node], store: &Store) -> Vec<Vec<String>> {
    let read = |path: &str| -> Option<Value> {
        let node = nodes
            .iter()
            .find(|node| node.record.path == path && node.record.bytes <= LARGEST)?;
        serde_json::from_slice(store.bytes(node.place)?).ok()
    };
    let list = |value: &Value, key: &str| -> Vec<Value> {
        let list = value.get(key).and_then(Value::as_array);
        list.into_iter().flatten().take(MOST).cloned().collect()
    };
    let mut out = Vec::new();
    if let Some(Value::Array(all)) = read("manifest.json") {
        for image in all.iter().take(IMAGES) {
            let layers = list(image, "Layers");
            out.push(
                layers
                    .iter()
                    .filter_map(|layer| layer.as_str().map(str::to_owned))
                    .collect(),
            );
        }
        return out;
    }
    let blob = |described: &Value| {
        let digest = described.get("digest")?.as_str()?;
        Some(format!("blobs/{}", digest.replacen(':', "/", 1)))
    };
    let mut open: Vec<Value> = read("index.json").into_iter().collect();
    for _ in 0..DEEPEST {
        let mut inner = Vec::new();
        for document in open {
            let layers: Vec<String> = list(&document, "layers").iter().filter_map(blob).collect();
            if !layers.is_empty() {
                out.push(layers);
            }
            let named = list(&document, "manifests");
            inner.extend(named.iter().filter_map(blob).filter_map(|path| read(&path)));
            inner.truncate(MOST);
        }
        open = inner;
    }
    out
}

/// The layer that a node is in, and its path there.
fn place<'p>(path: &'p str, layers: &BTreeMap<&str, usize>) -> Option<(usize, &'p str)> {
    let (layer, inside) = path.split_once('!')?;
    let at = *layers.get(layer)?;
    Some((at, inside.trim_start_matches("./")))
}

/// The last layer that deletes a path, and the last that deletes all that is
/// under it.
#[derive(Debug, Clone, Copy, Default)]
struct Deleted {
    itself: Option<usize>,
    below: Option<usize>,
}

/// What the whiteouts of all layers delete.
fn deletions(nodes: &[Node], layers: &BTreeMap<&str, usize>) -> BTreeMap<String, Deleted> {
    let mut out: BTreeMap<String, Deleted> = BTreeMap::new();
    for node in nodes.iter().filter(|node| node.record.kind == "whiteout") {
        let Some((layer, path)) = place(&node.record.path, layers) else {
            continue;
        };
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if name == ".wh..wh..opq" {
            let known = out.entry(folder.to_owned()).or_default();
            known.below = known.below.max(Some(layer));
        } else if let Some(name) = name.strip_prefix(".wh.") {
            let path = match folder {
                "" => name.to_owned(),
                _ => format!("{folder}/{name}"),
            };
            let known = out.entry(path).or_default();
            known.itself = known.itself.max(Some(layer));
        }
    }
    out
}

/// The last layer after its own that deletes a path or a folder above it.
fn deleted_by(path: &str, layer: usize, deleted: &BTreeMap<String, Deleted>) -> Option<usize> {
    let of = |path: &str| deleted.get(path).copied().unwrap_or_default();
    let above = path
        .match_indices(['/', '!'])
        .take(ABOVE)
        .filter_map(|(at, _)| path.get(..at))
        .map(of)
        .flat_map(|deleted| [deleted.itself, deleted.below]);
    above
        .chain([of(path).itself, of("").below])
        .flatten()
        .filter(|by| *by > layer)
        .max()
}
