//! What a package says of itself in the manifest at its root.

use std::collections::BTreeSet;

use assay_confine::Store;
use serde::{Deserialize, Serialize};

use super::NotRead;
use super::npm::{Metadata, Wants, wants};
use super::pypi::{Pypi, requires_dist};
use super::spec::shown;
use crate::tree::Node;

/// The largest manifest that is read.
const LARGEST: u64 = 4 << 20;

/// What is said of each dependency.
const NOT_RESOLVED: &str =
    "a dependency: those of a file or folder are not resolved, --deps or not; vet it by its name";

/// What a package says of itself in the manifest at its root. Nobody has
/// checked it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// What it depends on, but for what it holds itself.
    pub dependencies: Vec<NotRead>,
    /// What it says it holds, and does not.
    pub missing: Vec<NotRead>,
}

/// Reads the manifest at the root of a tree: `package.json` of a folder or of
/// an npm tarball, `METADATA` of a wheel. Others say nothing here.
pub(crate) fn declared(nodes: &[Node], store: &Store) -> Declared {
    let find = |is: &dyn Fn(&str) -> bool| nodes.iter().find(|node| is(&node.record.path));
    let text = |node: &Node| {
        let bytes = store.bytes(node.place)?;
        (node.record.bytes <= LARGEST).then(|| String::from_utf8_lossy(bytes).into_owned())
    };
    let wheel = |path: &str| {
        let folder = path.strip_suffix(".dist-info/METADATA");
        folder.is_some_and(|name| !name.contains(['/', '!']))
    };
    if let Some(text) = find(&wheel).and_then(text) {
        return of_wheel(&text);
    }
    // npm takes the first folder of a tarball for the package, whatever it is
    // called.
    let tarball = nodes.first().is_some_and(|root| root.record.kind == "gzip");
    let manifest = |path: &str| match path.strip_suffix("package.json") {
        Some("") => !tarball,
        Some(folder) if tarball => {
            folder.ends_with('/') && folder.matches('/').count() == 1 && !folder.contains('!')
        }
        _ => false,
    };
    let Some(node) = find(&manifest) else {
        return Declared::default();
    };
    let folder = node.record.path.trim_end_matches("package.json");
    let inside: BTreeSet<&str> = nodes
        .iter()
        .filter_map(|node| node.record.path.strip_prefix(folder))
        .filter_map(|path| path.strip_prefix("node_modules/"))
        .filter_map(|path| path.strip_suffix("/package.json"))
        .collect();
    let metadata = match text(node) {
        Some(text) => Metadata::parse(&text),
        None => Err(format!("larger than {} MiB", LARGEST >> 20)),
    };
    match metadata {
        Ok(metadata) => of_npm(&metadata, &inside),
        Err(reason) => Declared {
            dependencies: vec![NotRead {
                name: format!("dependencies in {}", shown(&node.record.path)),
                detail: format!("the manifest's dependencies were not read: {reason}"),
            }],
            ..Declared::default()
        },
    }
}

fn of_wheel(text: &str) -> Declared {
    let dependencies = Pypi::required(&requires_dist(text))
        .into_iter()
        .map(|(name, rest)| NotRead {
            name: shown(&format!("pypi:{name}{rest}")),
            detail: NOT_RESOLVED.to_owned(),
        })
        .collect();
    Declared {
        dependencies,
        missing: Vec::new(),
    }
}

fn of_npm(metadata: &Metadata, inside: &BTreeSet<&str>) -> Declared {
    let dependencies = metadata
        .wanted()
        .into_iter()
        .filter(|(key, ..)| !inside.contains(key.as_str()))
        .map(|(key, spec, _)| NotRead {
            name: match wants(&key, &spec) {
                Wants::Registry { name, spec } => shown(&format!("npm:{name}@{spec}")),
                Wants::Elsewhere => format!("{}@{}", shown(&key), shown(&spec)),
            },
            detail: NOT_RESOLVED.to_owned(),
        })
        .collect();
    let missing = metadata
        .said_bundled()
        .into_iter()
        .filter(|(key, _)| !inside.contains(key.as_str()))
        .map(|(key, spec)| NotRead {
            name: format!("{}@{}", shown(&key), shown(&spec)),
            detail: "a dependency that the package says it holds itself, and does not".to_owned(),
        })
        .collect();
    Declared {
        dependencies,
        missing,
    }
}
