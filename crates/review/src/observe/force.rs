//! Conditions of the code that are replaced by their outcomes, in copies of
//! the files that they stand in.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use assay_model::{Finding, Role};
use assay_observe::Mount;

use super::ObserveError;

/// The most bytes of a file that is rewritten.
const LARGEST: u64 = 256 << 20;

/// The factors that turn the conditions of a finding either way.
#[must_use]
pub fn forced(finding: &Finding) -> Vec<(String, String)> {
    let mut places = BTreeSet::new();
    for evidence in &finding.evidence {
        for step in &evidence.path {
            if step.role == Role::Condition {
                let node = step.node.as_ref().unwrap_or(&evidence.node);
                places.insert(format!(
                    "force:{node}@{}+{}",
                    step.span.start, step.span.len
                ));
            }
        }
    }
    let both = |place: String| ["true", "false"].map(|value| (place.clone(), value.to_owned()));
    places.into_iter().flat_map(both).collect()
}

/// Writes a copy of each file with a forced condition into a folder, and
/// gives what is to lie over what. `there` finds a node's file in the sandbox
/// by the mounts.
pub(super) fn rewritten(
    forced: &BTreeMap<String, bool>,
    mounts: &[Mount],
    there: impl Fn(&str) -> Option<String>,
    folder: &Path,
) -> Result<Vec<Mount>, ObserveError> {
    let no = |place: &str, why: &str| ObserveError::NotForced(place.to_owned(), why.to_owned());
    let mut by_node: BTreeMap<&str, Vec<(usize, usize, bool, &str)>> = BTreeMap::new();
    for (place, outcome) in forced {
        let parsed = place.rsplit_once('@').and_then(|(node, span)| {
            let (start, len) = span.split_once('+')?;
            Some((node, start.parse().ok()?, len.parse().ok()?))
        });
        let (node, start, len) = parsed.ok_or_else(|| no(place, "a place is NODE@START+LENGTH"))?;
        by_node
            .entry(node)
            .or_default()
            .push((start, len, *outcome, place));
    }
    let mut out = Vec::new();
    for (number, (node, mut places)) in by_node.into_iter().enumerate() {
        let place = places.first().map_or("", |place| place.3);
        let to = there(node).ok_or_else(|| no(place, "it is no file of its own in the tool"))?;
        let from = here(mounts, &to).ok_or_else(|| no(place, "its file is not there"))?;
        let regular =
            fs::symlink_metadata(&from).is_ok_and(|meta| meta.is_file() && meta.len() <= LARGEST);
        if !regular {
            return Err(no(place, "its file is not there, or too large"));
        }
        let mut text = fs::read(&from)?;
        let name = node.rsplit('/').next().unwrap_or(node);
        let [yes, no_way] = match name.rsplit_once('.') {
            Some((_, "py")) => ["(True)", "(False)"],
            Some((_, "js" | "mjs" | "cjs" | "ts" | "mts" | "cts" | "jsx" | "tsx")) => {
                ["(!0)", "(!1)"]
            }
            _ => return Err(no(place, "it is no text of JavaScript or Python")),
        };
        places.sort_unstable();
        for (start, len, outcome, place) in places.into_iter().rev() {
            let end = start.saturating_add(len);
            if end > text.len() {
                return Err(no(place, "it lies beyond the end of the file"));
            }
            let outcome = if outcome { yes } else { no_way };
            text.splice(start..end, outcome.bytes());
        }
        let copy = folder.join(number.to_string());
        fs::write(&copy, text)?;
        out.push(Mount {
            from: copy,
            to,
            writable: false,
        });
    }
    Ok(out)
}

/// The file of this machine that is at a path in the sandbox.
fn here(mounts: &[Mount], to: &str) -> Option<std::path::PathBuf> {
    let mount = mounts
        .iter()
        .filter(|mount| to.starts_with(&mount.to))
        .max_by_key(|mount| mount.to.len())?;
    let rest = to.strip_prefix(&mount.to)?.trim_start_matches('/');
    Some(if rest.is_empty() {
        mount.from.clone()
    } else {
        mount.from.join(rest)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use assay_observe::Mount;

    use super::rewritten;

    #[test]
    fn each_condition_is_replaced_where_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("copies")).unwrap();
        fs::write(folder.path().join("a.js"), "if(x===1&&y)z(q==2)").unwrap();
        let mounts = [Mount {
            from: folder.path().to_owned(),
            to: "/opt/subject".to_owned(),
            writable: false,
        }];
        let there = |node: &str| Some(format!("/opt/subject/{node}"));
        let of = |places: &[(&str, bool)]| {
            let forced: BTreeMap<String, bool> = places
                .iter()
                .map(|(place, outcome)| ((*place).to_owned(), *outcome))
                .collect();
            rewritten(&forced, &mounts, there, &folder.path().join("copies"))
        };
        let made = of(&[("a.js@3+5", true), ("a.js@14+4", false)]).unwrap();
        assert_eq!(made[0].to, "/opt/subject/a.js");
        let text = fs::read_to_string(&made[0].from).unwrap();
        assert_eq!(text, "if((!0)&&y)z((!1))");
        for wrong in ["a.js@3", "a.js@9+99", "b.js@1+1", "a.js"] {
            assert!(of(&[(wrong, true)]).is_err(), "{wrong}");
        }
    }
}
