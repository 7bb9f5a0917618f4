//! Which files of a tree are joined.

use std::collections::BTreeMap;

use assay_artifact::Node;
use rustc_hash::{FxHashMap, FxHashSet};

use super::specifiers::LARGEST;

/// Files that import each other.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// The nodes to join, each with the nodes that it imports.
    pub(crate) nodes: Vec<(usize, Vec<(String, usize)>)>,
    /// Their size, in bytes.
    pub(crate) bytes: u64,
    /// Nodes that belong to it and are too many or too large.
    pub(crate) left_out: Vec<usize>,
}

impl Group {
    /// How much text is joined, in bytes.
    pub(crate) const BYTES: u64 = 4 << 20;
    /// How many files are joined.
    pub(crate) const FILES: usize = 2000;
}

/// Endings that an import may leave out.
const ENDINGS: &[&str] = &[
    ".js", ".ts", ".tsx", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".json",
];
/// Endings that stand for those of the source that they are compiled from.
const COMPILED: &[(&str, &str)] = &[
    (".js", ".ts"),
    (".js", ".tsx"),
    (".jsx", ".tsx"),
    (".mjs", ".mts"),
    (".cjs", ".cts"),
];

pub(super) fn is_declaration(path: &str) -> bool {
    [".d.ts", ".d.mts", ".d.cts"]
        .iter()
        .any(|ending| path.ends_with(ending))
}

/// The path that a relative one leads to, from the file at `from`.
pub(super) fn beside(from: &str, relative: &str) -> Option<String> {
    // Nothing leads out of the container that a file is in.
    let outside = from.rfind('!').map_or(0, |at| at.saturating_add(1));
    let (outer, within) = from.split_at_checked(outside)?;
    let mut parts: Vec<&str> = within.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().filter(|part| !part.is_empty())?;
            }
            name => parts.push(name),
        }
    }
    Some(format!("{outer}{}", parts.join("/")))
}

/// The file of a module of Python, as the file at `from` names it.
fn module(
    by_path: &FxHashMap<&str, usize>,
    packages: &FxHashSet<&str>,
    from: &str,
    name: &str,
) -> Option<usize> {
    let dots = name.bytes().take_while(|byte| *byte == b'.').count();
    let path = name.get(dots..)?.replace('.', "/");
    let in_folder = |folder: &str| {
        let base = match (folder.is_empty() || folder.ends_with('!'), path.is_empty()) {
            (true, _) => format!("{folder}{path}"),
            (false, true) => folder.to_owned(),
            (false, false) => format!("{folder}/{path}"),
        };
        let exact = |path: String| by_path.get(path.as_str()).copied();
        exact(format!("{base}.py")).or_else(|| exact(format!("{base}/__init__.py")))
    };
    let above = |folder: &str| -> Option<String> {
        let end = folder.rfind(['/', '!'])?;
        let end = if folder.get(end..)?.starts_with('!') {
            end.saturating_add(1)
        } else {
            end
        };
        Some(folder.get(..end)?.to_owned()).filter(|above| above != folder)
    };
    let mut folder = above(from).unwrap_or_default();
    if dots > 0 {
        for _ in 1..dots.min(64) {
            folder = above(&folder)?;
        }
        return in_folder(&folder);
    }
    // Whole paths start where the packages do.
    for _ in 0..64 {
        if !packages.contains(folder.as_str()) {
            break;
        }
        match above(&folder) {
            Some(outer) => folder = outer,
            None => folder = String::new(),
        }
    }
    in_folder(&folder)
}

fn resolve(by_path: &FxHashMap<&str, usize>, from: &str, relative: &str) -> Option<usize> {
    let base = beside(from, relative)?;
    let exact = |path: &str| by_path.get(path).copied();
    exact(&base)
        .or_else(|| {
            COMPILED.iter().find_map(|(compiled, source)| {
                exact(&format!("{}{source}", base.strip_suffix(compiled)?))
            })
        })
        .or_else(|| {
            ENDINGS
                .iter()
                .find_map(|ending| exact(&format!("{base}{ending}")))
        })
        .or_else(|| {
            let index = format!("{base}/index");
            ENDINGS
                .iter()
                .find_map(|ending| exact(&format!("{index}{ending}")))
        })
}

/// The root of a node's group; paths are halved on the way.
fn root(parents: &mut [usize], at: usize) -> usize {
    let mut at = at;
    loop {
        let Some(parent) = parents.get(at).copied() else {
            return at;
        };
        if parent == at {
            return at;
        }
        let above = parents.get(parent).copied().unwrap_or(parent);
        if let Some(slot) = parents.get_mut(at) {
            *slot = above;
        }
        at = above;
    }
}

/// The groups of files that import each other. `names` gives how a node's
/// code names others.
pub(crate) fn groups<'n>(nodes: &[Node], names: impl Fn(usize) -> &'n [String]) -> Vec<Group> {
    let mut by_path: FxHashMap<&str, usize> = FxHashMap::default();
    // Their files are often empty.
    let mut packages: FxHashSet<&str> = FxHashSet::default();
    for (index, node) in nodes.iter().enumerate() {
        let record = &node.record;
        packages.extend(record.path.strip_suffix("/__init__.py"));
        let code = matches!(
            record.kind.as_str(),
            "javascript" | "typescript" | "json" | "python"
        );
        if code && !node.container && !is_declaration(&record.path) {
            by_path.entry(record.path.as_str()).or_insert(index);
        }
    }
    let mut parents: Vec<usize> = (0..nodes.len()).collect();
    let mut imports: FxHashMap<usize, Vec<(String, usize)>> = FxHashMap::default();
    for (index, node) in nodes.iter().enumerate() {
        if is_declaration(&node.record.path) {
            continue;
        }
        for name in names(index) {
            let path = &node.record.path;
            let target = match node.record.kind.as_str() {
                "python" => module(&by_path, &packages, path, name),
                _ => resolve(&by_path, path, name),
            };
            let Some(target) = target else {
                continue;
            };
            if target == index {
                continue;
            }
            imports
                .entry(index)
                .or_default()
                .push((name.clone(), target));
            // What is too large to be joined joins nothing.
            let small = |node: &Node| node.record.bytes <= LARGEST;
            if small(node) && nodes.get(target).is_some_and(small) {
                let (one, other) = (root(&mut parents, index), root(&mut parents, target));
                if let Some(slot) = parents.get_mut(one.max(other)) {
                    *slot = one.min(other);
                }
            }
        }
    }
    if imports.is_empty() {
        return Vec::new();
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..nodes.len() {
        members
            .entry(root(&mut parents, index))
            .or_default()
            .push(index);
    }
    // What is too large is left out of the group that imports it.
    let mut too_large: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, targets) in &imports {
        for (_, target) in targets {
            let (from, to) = (root(&mut parents, *index), root(&mut parents, *target));
            if from != to {
                too_large.entry(from).or_default().push(*target);
                too_large.entry(to).or_default().push(*index);
            }
        }
    }
    let size = |index: &usize| nodes.get(*index).map_or(0, |node| node.record.bytes);
    let mut groups = Vec::new();
    for (first, mut members) in members {
        let mut left_out = too_large.remove(&first).unwrap_or_default();
        left_out.retain(|index| size(index) > LARGEST);
        if members.len() < 2 {
            continue;
        }
        members.sort_by_key(|index| (size(index), *index));
        let mut group = Group::default();
        for index in members {
            let bytes = group.bytes.saturating_add(size(&index));
            if group.nodes.len() >= Group::FILES || bytes > Group::BYTES {
                left_out.push(index);
                continue;
            }
            group.bytes = bytes;
            group
                .nodes
                .push((index, imports.remove(&index).unwrap_or_default()));
        }
        left_out.sort_unstable();
        left_out.dedup();
        group.left_out = left_out;
        group.nodes.sort_by_key(|(index, _)| *index);
        if group.nodes.len() > 1 {
            groups.push(group);
        }
    }
    groups
}
