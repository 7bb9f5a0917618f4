//! In what code a file says it is written. Source: PEP 263.

/// Beginnings of names of codings in which the characters of ASCII are
/// themselves, so that what looks like code is code and nothing else is.
const PLAIN: &[&str] = &[
    "ascii", "big5", "cp", "euc", "gb", "iso-8859", "iso8859", "koi8", "latin", "mac", "shift",
    "sjis", "us-ascii", "utf-8", "utf8", "windows-", "ibm", "johab", "kz1048", "tis-620", "uhc",
];
/// Those that begin like one of these, but are not like that.
const STRANGE: &[&str] = &[
    "cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140", "ibm037",
];

/// The coding that the first two lines of a file name, where the file is not
/// what it looks like in it.
pub(crate) fn strange_coding(bytes: &[u8]) -> Option<String> {
    let lines = bytes.split(|b| *b == b'\n').take(2);
    let mut named = None;
    for line in lines {
        let line = line.trim_ascii_start();
        // What is no comment ends the search.
        let Some(comment) = line.strip_prefix(b"#") else {
            if line.is_empty() {
                continue;
            }
            break;
        };
        let Some(at) = memchr::memmem::find(comment, b"coding") else {
            continue;
        };
        let rest = comment.get(at.saturating_add(6)..)?;
        let Some((b':' | b'=', rest)) = rest.split_first() else {
            continue;
        };
        let name: String = rest
            .trim_ascii_start()
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
            .take(60)
            .map(|b| char::from(b.to_ascii_lowercase()))
            .collect();
        if !name.is_empty() {
            named = Some(name.replace('_', "-"));
            break;
        }
    }
    named.filter(|name| {
        !PLAIN.iter().any(|plain| name.starts_with(plain))
            || STRANGE.iter().any(|strange| name.starts_with(strange))
    })
}

#[cfg(test)]
mod tests {
    use super::strange_coding;

    #[test]
    fn codings_that_hide_code_are_told() {
        for (text, told) in [
            ("# -*- coding: utf-7 -*-\nx = 1", Some("utf-7")),
            (
                "#!/usr/bin/python\n# vim: set fileencoding=unicode_escape :\n",
                Some("unicode-escape"),
            ),
            ("# coding: rot13\n", Some("rot13")),
            ("# coding: utf-8\n", None),
            ("# -*- coding: latin-1 -*-\n", None),
            ("x = 1\n# coding: utf-7\n", None),
            ("\n# coding: cp037\n", Some("cp037")),
        ] {
            assert_eq!(strange_coding(text.as_bytes()).as_deref(), told, "{text}");
        }
    }
}
