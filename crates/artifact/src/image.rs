//! Images of containers: what their manifests say, and which files of a layer a
//! later layer takes away.
//!
//! Described by the OCI image-spec 1.1 (image layout, index, manifest,
//! whiteouts), and by Docker's image specification 1.2 (`manifest.json`). What a
//! later layer deletes is in the image all the same, and is read; only whoever
//! starts a container of it does not see it.

use std::collections::BTreeMap;

use assay_confine::Store;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::tree::Node;

/// The largest manifest that is read, in bytes; registries allow 4 MiB.
pub(crate) const LARGEST: usize = 4 << 20;
/// The most images that are looked at.
const IMAGES: usize = 8;
/// The most entries of an index, and layers of an image.
const MOST: usize = 1024;
/// The most folders above a file that are looked at.
const ABOVE: usize = 64;
/// How deep indexes may name indexes.
const DEEPEST: usize = 4;

/// An index or a manifest of OCI.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Document {
    pub(crate) manifests: Vec<Descriptor>,
    pub(crate) config: Option<Descriptor>,
    pub(crate) layers: Vec<Descriptor>,
}

#[derive(Deserialize)]
pub(crate) struct Descriptor {
    pub(crate) digest: String,
}

/// An image of Docker's `manifest.json`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Image {
    pub(crate) config: String,
    pub(crate) layers: Vec<String>,
}

/// Where an image layout has the blob of a digest whose content can be held
/// against it: nowhere where it is no SHA-256 digest.
pub(crate) fn blob(digest: &str) -> Option<String> {
    let hex = digest.strip_prefix("sha256:")?;
    let is_hex = hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    (hex.len() == 64 && is_hex).then(|| format!("blobs/sha256/{hex}"))
}

/// Notes with each node of an image archive at the root what deletes it.
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

/// Where a layout has what is described, by whatever digest: a layer is one
/// also where its content cannot be held against it.
fn place_of(one: &Descriptor) -> String {
    format!("blobs/{}", one.digest.replacen(':', "/", 1))
}

/// The layers of each image, the lowest first, by the paths of their nodes.
fn images(nodes: &[Node], store: &Store) -> Vec<Vec<String>> {
    fn read<T: DeserializeOwned>(nodes: &[Node], store: &Store, path: &str) -> Option<T> {
        let node = nodes
            .iter()
            .find(|node| node.record.path == path && node.record.bytes <= LARGEST as u64)?;
        serde_json::from_slice(store.bytes(node.place)?).ok()
    }
    if let Some(images) = read::<Vec<Image>>(nodes, store, "manifest.json") {
        let layers = |image: Image| image.layers.into_iter().take(MOST).collect();
        return images.into_iter().map(layers).collect();
    }
    let mut out = Vec::new();
    let mut open: Vec<Document> = read(nodes, store, "index.json").into_iter().collect();
    for _ in 0..DEEPEST {
        let mut inner = Vec::new();
        for Document {
            manifests, layers, ..
        } in open
        {
            let layers: Vec<String> = layers.iter().take(MOST).map(place_of).collect();
            if !layers.is_empty() {
                out.push(layers);
            }
            let named = manifests.iter().map(place_of);
            inner.extend(named.filter_map(|path| read::<Document>(nodes, store, &path)));
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
