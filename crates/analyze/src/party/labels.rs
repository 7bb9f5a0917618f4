//! Names of packages in what bundlers and authors leave: paths and licence
//! comments.
//!
//! Such names are what the subject says of itself. They are believed for the
//! order in which findings are shown, and never take a finding away.

/// Whose a path says that a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Label {
    /// A package's, with its version where the path has it.
    Package(String, Option<String>),
    /// Somebody else's, without a name.
    Foreign,
    /// The subject's own sources.
    Own,
    /// The bundler's, or nothing is said.
    Nothing,
}

/// What the path of a source file says.
pub(crate) fn of_path(path: &str) -> Label {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let path = path.replace('\\', "/");
    for (folder, dashes) in [("node_modules/", false), ("site-packages/", true)] {
        let Some(at) = path.rfind(folder) else {
            continue;
        };
        // `node_modules` has to be a whole name.
        if path
            .get(..at)
            .is_some_and(|front| !front.is_empty() && !front.ends_with('/'))
        {
            continue;
        }
        let rest = path.get(at.saturating_add(folder.len())..).unwrap_or("");
        let Some(name) = package_name(rest) else {
            continue;
        };
        let version = stored_version(path.get(..at).unwrap_or(""), &name);
        let name = if dashes {
            name.trim_end_matches(".py").replace('_', "-")
        } else {
            name
        };
        return Label::Package(name, version);
    }
    let foreign = [
        "vendor/",
        "_vendor/",
        "vendored/",
        "third_party/",
        "third-party/",
    ]
    .iter()
    .any(|folder| path.starts_with(folder) || path.contains(&format!("/{folder}")));
    if foreign {
        return Label::Foreign;
    }
    let made = [
        "webpack/",
        "(",
        "external ",
        "ignored|",
        "\0",
        "<",
        "data:",
        "bun:",
        "node:",
    ];
    if made.iter().any(|front| path.starts_with(front)) || path.is_empty() {
        return Label::Nothing;
    }
    Label::Own
}

/// The name of the package that a path inside of a folder of packages begins
/// with.
fn package_name(rest: &str) -> Option<String> {
    let mut parts = rest.split('/');
    let first = parts.next()?;
    let name = match first.strip_prefix('@') {
        Some(_) => format!("{first}/{}", parts.next()?),
        None => first.to_owned(),
    };
    is_package(&name).then_some(name)
}

/// Whether a text can be the name of a package.
pub(crate) fn is_package(name: &str) -> bool {
    let bare = name.strip_prefix('@').unwrap_or(name);
    let parts: Vec<&str> = bare.split('/').collect();
    let scoped = bare.len() < name.len();
    name.len() <= 214
        && parts.len() == if scoped { 2 } else { 1 }
        && parts.iter().all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                && part
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        })
}

/// `.pnpm/name@1.2.3/` and `.bun/name@1.2.3/` have the version in the path.
fn stored_version(front: &str, name: &str) -> Option<String> {
    let stored = name.replace('/', "+");
    let folder = front.trim_end_matches('/').rsplit('/').next()?;
    let version = folder.strip_prefix(&stored)?.strip_prefix('@')?;
    let version = version.split(['_', '(', '+']).next()?;
    is_version(version).then(|| version.to_owned())
}

/// Whether a text begins like a version: `1.2`, `1.2.3-beta.1`.
pub(crate) fn is_version(text: &str) -> bool {
    let mut parts = text.split('.');
    let number = |part: Option<&str>| {
        part.is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()))
    };
    number(parts.next()) && number(parts.next()) && text.len() < 40
}

/// The package that the first line of a licence comment names:
/// `NAME v1.2.3 ...`, `NAME. MIT License ...`. Without a version the name
/// has to be one that is `known`.
pub(crate) fn of_banner(
    line: &str,
    known: impl Fn(&str) -> bool,
) -> Option<(String, Option<String>)> {
    let mut words = line.split_whitespace();
    let first = words.next()?;
    let (name, version) = match first.rfind('@') {
        Some(at) if at > 0 => first.split_at(at),
        _ => (first, ""),
    };
    let name = name.trim_end_matches(['.', ',', ':', ';']);
    let name = name
        .strip_suffix(".js")
        .filter(|n| known(n))
        .unwrap_or(name);
    if !is_package(name) {
        return None;
    }
    let next = words
        .find(|word| !matches!(*word, "-" | "version" | "Version" | "|" | "–"))
        .unwrap_or_default();
    let version = [version.trim_start_matches('@'), next]
        .into_iter()
        .map(|word| {
            word.trim_start_matches(['v', '('])
                .trim_end_matches([',', ')', ';', '|'])
        })
        .find(|word| is_version(word))
        .map(str::to_owned);
    let lower = name.to_lowercase();
    if version.is_some() || known(&lower) {
        return Some((lower, version));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let package = |name: &str, version: Option<&str>| {
            Label::Package(name.to_owned(), version.map(str::to_owned))
        };
        let check = |path: &str, expected: Label| assert_eq!(of_path(path), expected, "{path}");
        check("node_modules/alpha/lib/a.js", package("alpha", None));
        check("../../node_modules/@s/beta/x.js", package("@s/beta", None));
        check(
            "packages/core/node_modules/alpha/node_modules/gamma/i.js",
            package("gamma", None),
        );
        check(
            "node_modules/.pnpm/@s+beta@1.2.3_peer@4.0.0/node_modules/@s/beta/i.js",
            package("@s/beta", Some("1.2.3")),
        );
        check(
            "lib/python3/site-packages/my_alpha/core.py",
            package("my-alpha", None),
        );
        check("packages/core/src/tool.ts", Label::Own);
        check("my_node_modules/alpha/a.js", Label::Own);
        check("src/third_party/alpha/a.js", Label::Foreign);
        check("webpack/bootstrap", Label::Nothing);
    }

    #[test]
    fn banners() {
        let known = |name: &str| name == "alpha";
        let check = |line: &str, expected: Option<(&str, Option<&str>)>| {
            let expected = expected.map(|(n, v)| (n.to_owned(), v.map(str::to_owned)));
            assert_eq!(of_banner(line, known), expected, "{line}");
        };
        check(
            "@s/beta v15.13.1 2025-10-29",
            Some(("@s/beta", Some("15.13.1"))),
        );
        check("gamma 3.2.1 | (c) somebody", Some(("gamma", Some("3.2.1"))));
        check("Alpha.js v1.2.3", Some(("alpha.js", Some("1.2.3"))));
        check("alpha. MIT License. A. Author", Some(("alpha", None)));
        check("beta@2.0.0 license MIT", Some(("beta", Some("2.0.0"))));
        check("Copyright 2024 Somebody", None);
        check("gamma. MIT License", None);
        check("****", None);
    }
}
