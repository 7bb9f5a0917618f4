use std::path::{Path, PathBuf};

use assay_analyze::{Rules, RulesError};
use assay_artifact::read_regular;

/// How deep folders of rules are looked into.
const DEEPEST: usize = 16;
/// The most that rules may be, all files together, in bytes.
const LARGEST: u64 = 64 << 20;
/// How many words and signs of one expression may hang on each other: a
/// reader of rules goes down one step for each, and one that goes down too far
/// leaves out the rule or ends the process.
const MOST_NESTED: usize = 1000;
/// The stack for as many steps, with room to spare.
const STACK: usize = 256 << 20;

/// Why the rules of the user cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RuleFilesError {
    /// A file or folder cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is no text.
    #[error("{0} is no text in UTF-8, so it holds no rules")]
    NoText(PathBuf),
    /// A folder without rules.
    #[error("{0} has no file that ends in .yar or .yara")]
    Empty(PathBuf),
    /// More than is read.
    #[error("the files of rules are larger than {} MiB together", LARGEST >> 20)]
    Large,
    /// An expression that no reader can follow.
    #[error(
        "{path}, line {line}: the expression nests or chains more than {MOST_NESTED} parts, which \
         cannot be compiled; split it into several rules"
    )]
    Nested {
        /// Which.
        path: PathBuf,
        /// Where it goes too far.
        line: usize,
    },
    /// The system refused to help.
    #[error("the rules could not be compiled")]
    Refused(#[source] std::io::Error),
    /// The texts are no rules.
    #[error(transparent)]
    Rules(#[from] RulesError),
}

/// Reads and compiles the rules of files, and of all files in folders that
/// end in `.yar` or `.yara`; none where nothing is named.
///
/// # Errors
/// When a file cannot be read or holds what is no rule.
pub fn read_rules(paths: &[PathBuf]) -> Result<Option<Rules>, RuleFilesError> {
    if paths.is_empty() {
        return Ok(None);
    }
    let mut files: Vec<(String, PathBuf)> = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            folder(path, "", 0, &mut files)?;
            if files.len() == before {
                return Err(RuleFilesError::Empty(path.clone()));
            }
        } else {
            let name = path.file_name().unwrap_or(path.as_os_str());
            files.push((name.to_string_lossy().into_owned(), path.clone()));
        }
    }
    let mut texts = Vec::new();
    let mut total = 0u64;
    for (name, path) in files {
        let unreadable = |source| RuleFilesError::Unreadable {
            path: path.clone(),
            source,
        };
        let room = LARGEST.saturating_sub(total);
        let bytes = read_regular(&path, room).map_err(|error| match error.kind() {
            std::io::ErrorKind::FileTooLarge => RuleFilesError::Large,
            _ => unreadable(error),
        })?;
        total = total.saturating_add(bytes.len() as u64);
        let text = String::from_utf8(bytes).map_err(|_| RuleFilesError::NoText(path.clone()))?;
        if let Some(line) = nested_too_deep(&text) {
            return Err(RuleFilesError::Nested { path, line });
        }
        texts.push((name, text));
    }
    let compiled = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || Rules::compile(&texts))
        .map_err(RuleFilesError::Refused)?
        .join();
    match compiled {
        Ok(rules) => Ok(Some(rules?)),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// The line at which an expression hangs on more than [`MOST_NESTED`] words
/// and signs before it: those of the brackets that it is in, and in each those
/// since the last `and`, `or` or comma, whose sides are parts of one list.
/// Texts, regular expressions and comments have no part in it, and beside
/// conditions brackets alone.
fn nested_too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0usize;
    let mut condition = false;
    // The number so far, and that before each bracket that is open.
    let (mut here, mut open): (usize, Vec<usize>) = (0, Vec::new());
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let len = token(rest);
        match rest.get(..len).unwrap_or_default() {
            b"(" | b"[" | b"{" => {
                open.push(here);
                here = here.saturating_add(1);
            }
            b")" | b"]" | b"}" => {
                here = open.pop().unwrap_or_default();
                condition &= !open.is_empty();
                here = here.saturating_add(condition.into());
            }
            b"condition" => condition = !open.is_empty(),
            b"and" | b"or" | b"," => here = open.last().map_or(0, |n| n.saturating_add(1)),
            [b'/', b'/' | b'*', ..] => {}
            [byte, ..] if byte.is_ascii_whitespace() => {}
            _ => here = here.saturating_add(condition.into()),
        }
        if here > MOST_NESTED {
            let before = bytes.get(..at).unwrap_or_default();
            let lines = before.iter().filter(|byte| **byte == b'\n').count();
            return Some(lines.saturating_add(1));
        }
        at = at.saturating_add(len);
    }
    None
}

/// The length of the word, text, regular expression, comment or sign at the
/// beginning.
fn token(rest: &[u8]) -> usize {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let comment = |end: &[u8]| {
        let found = rest
            .get(2..)?
            .windows(end.len())
            .position(|part| part == end)?;
        found.checked_add(2)?.checked_add(end.len())
    };
    match rest {
        [b'/', b'/', ..] => comment(b"\n").unwrap_or(rest.len()),
        [b'/', b'*', ..] => comment(b"*/").unwrap_or(rest.len()),
        [quote @ (b'"' | b'/'), inner @ ..] => {
            let mut escaped = false;
            let end = inner.iter().position(|byte| {
                let end = *byte == b'\n' || (byte == quote && !escaped);
                escaped = *byte == b'\\' && !escaped;
                end
            });
            end.map_or(rest.len(), |end| end.saturating_add(2))
        }
        [byte, ..] if is_word(byte) => rest.iter().take_while(|byte| is_word(byte)).count(),
        _ => 1,
    }
}

/// The files of a folder, by name, so that the order is the same anywhere.
fn folder(
    path: &Path,
    front: &str,
    depth: usize,
    files: &mut Vec<(String, PathBuf)>,
) -> Result<(), RuleFilesError> {
    let unreadable = |source| RuleFilesError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let mut entries = std::fs::read_dir(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unreadable)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = format!("{front}{}", entry.file_name().to_string_lossy());
        // A link to a folder may lead back to it.
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() {
            if depth < DEEPEST {
                folder(&path, &format!("{name}/"), depth.saturating_add(1), files)?;
            }
        } else if path
            .extension()
            .is_some_and(|ending| ending == "yar" || ending == "yara")
        {
            files.push((name, path));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(condition: &str) -> String {
        format!(
            "rule a {{ strings: $a = \"(((\" $b = {{ 01 (02 | 03) }} condition: {condition} }}\n"
        )
    }

    fn refused(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yar");
        std::fs::write(&path, text).unwrap();
        read_rules(&[path]).unwrap_err().to_string()
    }

    #[test]
    fn rules_that_go_too_deep_are_refused() {
        let n = 100_000;
        for condition in [
            format!("{}true{}", "(".repeat(n), ")".repeat(n)),
            format!("{}true", "not ".repeat(n)),
            format!("{}1 == 1", "~".repeat(n)),
            format!("1{} == 1", "+1-1".repeat(n)),
            format!("1{}", " == 1".repeat(n)),
            format!("a{}", "[0]".repeat(n)),
            format!("any of ({}", "1 == 1 and (".repeat(n)),
        ] {
            let said = refused(&format!("\n{}", rule(&condition)));
            assert!(said.contains("a.yar, line 2: "), "{said}");
        }
        let hex = format!("rule a {{ strings: $a = {{ 01 {}", "(02|".repeat(n));
        assert!(refused(&hex).contains("line 1: "));
    }

    #[test]
    fn long_rules_are_not_deep() {
        let many = |part: &str| part.repeat(5_000);
        for condition in [
            format!("true{}", many(" and #a == 1 or (true)")),
            format!("for any i in (1{}) : (i == 1)", many(", (1 + 2)")),
            format!("true // {}\n", many("not (")),
            format!("true /* {} */", many("not (")),
            format!("\"{}\" contains \"\\\"((\"", many("not (")),
        ] {
            assert_eq!(nested_too_deep(&rule(&condition)), None, "{condition}");
        }
        assert_eq!(nested_too_deep(&many(&rule("any of them"))), None);
        let regexp = format!("\"a\" matches /{}/", many("\\/\\("));
        assert_eq!(nested_too_deep(&rule(&regexp)), None);
    }

    #[cfg(unix)]
    #[test]
    fn rules_are_files_with_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let rules = folder.path().join("rules");
        std::fs::create_dir(&rules).unwrap();
        std::os::unix::fs::symlink(&pipe, rules.join("x.yar")).unwrap();
        for (path, what) in [
            (&pipe, "a pipe"),
            (&rules, "a pipe"),
            (&"/dev/zero".into(), "a device"),
        ] {
            let error = read_rules(std::slice::from_ref(path)).unwrap_err();
            let reason = std::error::Error::source(&error).unwrap().to_string();
            assert!(reason.contains(what), "{reason}");
        }
    }
}
