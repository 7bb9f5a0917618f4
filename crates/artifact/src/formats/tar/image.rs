//! Container images in tar archives: what their manifests name and the archive
//! does not have.
//!
//! Described by the OCI image-spec 1.1 (image layout, index, manifest), and by
//! Docker's image specification 1.2 (`manifest.json`). The layers themselves
//! are entries like others and are opened as such, named or not.

use std::ops::Range;

use assay_model::Gap;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use crate::image::{Descriptor, Document, Image, LARGEST, blob};
use crate::open::Cx;

/// More manifests than this are not followed.
const MANIFESTS: usize = 1024;

/// Names of an archive's files without `./`, with the place of their content.
pub(super) type Names = FxHashMap<Vec<u8>, Range<usize>>;

/// Tells what the manifests of an image name that is not among the names.
pub(super) fn check(cx: &mut Cx<'_>, names: &Names) {
    if names.contains_key(b"oci-layout".as_slice()) {
        layout(cx, names);
    }
    let images: Option<Vec<Image>> = read(cx, names, b"manifest.json").and_then(Result::ok);
    let mut told = FxHashSet::default();
    for image in images.unwrap_or_default() {
        let config = (image.config, "configuration");
        let layers = image.layers.into_iter().map(|path| (path, "layer"));
        for (path, what) in std::iter::once(config).chain(layers) {
            let known = path.is_empty() || names.contains_key(path.as_bytes());
            if !known && told.insert(path.clone()) {
                missing(cx, &path, what);
            }
        }
    }
}

/// Follows the manifests of an image layout from its index on.
fn layout(cx: &mut Cx<'_>, names: &Names) {
    let mut waiting = vec![("index.json".to_owned(), "index.json".to_owned())];
    let mut told = FxHashSet::default();
    let mut count = 0usize;
    while let Some((shown, path)) = waiting.pop() {
        if count >= MANIFESTS {
            let detail = format!(
                "the image has more than {MANIFESTS} manifests; the others were not followed"
            );
            return cx.gap(0, Gap::Limit, detail);
        }
        count = count.saturating_add(1);
        let document: Document = match read(cx, names, path.as_bytes()) {
            Some(Ok(document)) => document,
            Some(Err(detail)) => {
                cx.entry_gap(shown.as_bytes(), 0, Gap::Corrupt, detail);
                continue;
            }
            None => {
                missing(cx, &shown, "manifest");
                continue;
            }
        };
        let manifests = document.manifests.into_iter().map(|one| (one, "manifest"));
        let config = document
            .config
            .into_iter()
            .map(|one| (one, "configuration"));
        let layers = document.layers.into_iter().map(|one| (one, "layer"));
        for (Descriptor { digest }, what) in manifests.chain(config).chain(layers) {
            if !told.insert(digest.clone()) {
                continue;
            }
            match blob(&digest) {
                Some(path) if what == "manifest" => waiting.push((digest, path)),
                Some(path) if names.contains_key(path.as_bytes()) => {}
                Some(_) => missing(cx, &digest, what),
                None => {
                    let detail = format!(
                        "a manifest of the image names this {what}, and it is no SHA-256 digest, \
                         so that it cannot be told whether the archive has it"
                    );
                    cx.entry_gap(digest.as_bytes(), 0, Gap::Corrupt, detail);
                }
            }
        }
    }
}

fn missing(cx: &mut Cx<'_>, name: &str, what: &str) {
    let detail = format!(
        "a manifest of the image names this {what}, and the archive does not have it; whoever runs \
         the image gets it from elsewhere"
    );
    cx.entry_gap(name.as_bytes(), 0, Gap::NotFetched, detail);
}

/// A file of the archive as JSON; none where there is no such file, and why
/// where it is something else.
fn read<'a, T: Deserialize<'a>>(
    cx: &Cx<'a>,
    names: &Names,
    path: &[u8],
) -> Option<Result<T, String>> {
    let bytes = cx.bytes().get(names.get(path)?.clone())?;
    if bytes.len() > LARGEST {
        return Some(Err(format!(
            "this manifest of the image is larger than {} MiB, and was not followed",
            LARGEST >> 20
        )));
    }
    let read = serde_json::from_slice(bytes);
    Some(read.map_err(|error| {
        format!("this manifest of the image is broken ({error}), and was not followed")
    }))
}

#[cfg(test)]
mod tests {
    use super::super::{BLOCK, block};
    use super::*;

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let entry =
            |(name, text): &(&str, &str)| block(name.as_bytes(), b'0', b"", text.as_bytes());
        let mut out: Vec<u8> = files.iter().flat_map(entry).collect();
        out.resize(out.len() + 2 * BLOCK, 0);
        out
    }

    fn gaps(files: &[(&str, &str)]) -> Vec<(String, Gap, String)> {
        let gaps = crate::fuzz_open(&archive(files)).gaps;
        gaps.into_iter()
            .map(|g| (g.node, g.gap.unwrap(), g.detail))
            .collect()
    }

    #[test]
    fn layers_that_an_oci_image_does_not_have_are_told() {
        let (a, b, c) = ("a".repeat(64), "b".repeat(64), "c".repeat(64));
        let index = format!(
            r#"{{"manifests":[{{"digest":"sha256:{a}"}},{{"digest":"sha256:{a}"}},{{"digest":"sha256:{c}"}}]}}"#
        );
        // It names itself, a layer that is there, one that is not, and no digests.
        let manifest = format!(
            r#"{{"manifests":[{{"digest":"sha256:{a}"}}],"config":{{"digest":"sha256:{b}"}},
            "layers":[{{"digest":"sha256:{b}"}},{{"digest":"sha256:{}"}},
            {{"digest":"sha256:../../x\u001b[31m"}},{{"digest":"sha512:00"}}]}}"#,
            "d".repeat(64)
        );
        let (a, b) = (format!("blobs/sha256/{a}"), format!("./blobs/sha256/{b}"));
        let files = [
            ("oci-layout", "{}"),
            ("index.json", &index),
            (&a, &manifest),
            (&b, "{}"),
        ];
        let gaps = gaps(&files);
        let named = |part: &str| {
            let mut found = gaps.iter().filter(|(name, ..)| name.contains(part));
            let (_, gap, detail) = found.next().unwrap();
            assert!(found.next().is_none(), "{gaps:?}");
            (*gap, detail.as_str())
        };
        assert_eq!(gaps.len(), 4, "{gaps:?}");
        assert_eq!(named(&c).0, Gap::NotFetched);
        let layer = named("dddd");
        assert_eq!(layer.0, Gap::NotFetched);
        assert!(layer.1.contains("names this layer"), "{}", layer.1);
        assert_eq!(named("../../x\\u{1b}[31m").0, Gap::Corrupt);
        assert_eq!(named("sha512:00").0, Gap::Corrupt);
    }

    #[test]
    fn layers_that_a_docker_image_does_not_have_are_told() {
        let manifest =
            r#"[{"Config":"x.json","Layers":["l.tar","../x","l.tar","../x"],"RepoTags":null}]"#;
        let gaps = gaps(&[("manifest.json", manifest), ("l.tar", "layer")]);
        let names: Vec<&str> = gaps.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, ["x.json", "../x"]);
        assert!(gaps.iter().all(|(_, gap, _)| *gap == Gap::NotFetched));
    }

    #[test]
    fn other_archives_have_files_of_those_names() {
        let files = [("manifest.json", r#"{"name":"x"}"#), ("index.json", "[]")];
        assert_eq!(gaps(&files), []);
    }

    #[test]
    fn a_broken_manifest_is_told() {
        let files = [("oci-layout", "{}"), ("index.json", r#"{"manifests":5}"#)];
        let gaps = gaps(&files);
        assert_eq!(
            (gaps[0].0.as_str(), gaps[0].1),
            ("index.json", Gap::Corrupt)
        );
    }
}
