//! Versions of Python packages (PEP 440), as far as choosing one needs them.

use std::cmp::Ordering;

/// A parsed version. The order is that of the specification: development
/// releases, pre-releases, the release, post-releases.
#[derive(Debug, Clone)]
pub(super) struct Version {
    epoch: u64,
    release: Vec<u64>,
    pre: Option<(u8, u64)>,
    post: Option<u64>,
    dev: Option<u64>,
    local: Vec<LocalPart>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum LocalPart {
    // Numbers come after words: the order of the variants is the order of
    // the specification.
    Text(String),
    Number(u64),
}

struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn take(&mut self, prefixes: &[&str]) -> Option<usize> {
        for (index, prefix) in prefixes.iter().enumerate() {
            if let Some(rest) = self.0.strip_prefix(prefix) {
                self.0 = rest;
                return Some(index);
            }
        }
        None
    }

    fn number(&mut self) -> Option<u64> {
        let end = self
            .0
            .bytes()
            .position(|b| !b.is_ascii_digit())
            .unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at_checked(end)?;
        let value = digits.parse().ok()?;
        self.0 = rest;
        Some(value)
    }

    /// A separator, a word and an optional number; nothing is taken unless the
    /// word is there.
    fn labelled(&mut self, labels: &[&str]) -> Option<(usize, Option<u64>)> {
        let before = self.0;
        self.take(&[".", "-", "_"]);
        let Some(label) = self.take(labels) else {
            self.0 = before;
            return None;
        };
        let after_label = self.0;
        self.take(&[".", "-", "_"]);
        let number = self.number();
        if number.is_none() {
            self.0 = after_label;
        }
        Some((label, number))
    }
}

/// Versions in the order of the specification; none where one is no version.
pub(super) fn compared(one: &str, other: &str) -> Option<Ordering> {
    Some(Version::parse(one)?.cmp(&Version::parse(other)?))
}

impl Version {
    /// Parses a version as installers do: case and separators are normalised.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > 256 {
            return None;
        }
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text);
        let (public, local) = match text.split_once('+') {
            Some((public, local)) => (public, Some(local)),
            None => (text, None),
        };
        let (epoch, rest) = match public.split_once('!') {
            Some((epoch, rest)) => (epoch.parse().ok()?, rest),
            None => (0, public),
        };
        let mut cursor = Cursor(rest);
        let mut release = vec![cursor.number()?];
        loop {
            let before = cursor.0;
            if cursor.take(&["."]).is_none() {
                break;
            }
            match cursor.number() {
                Some(number) => release.push(number),
                None => {
                    cursor.0 = before;
                    break;
                }
            }
        }
        // Longer spellings first, since the first prefix that fits is taken.
        let labels = ["alpha", "beta", "preview", "pre", "rc", "a", "b", "c"];
        let pre = cursor.labelled(&labels).map(|(label, number)| {
            let kind = match label {
                0 | 5 => 0,
                1 | 6 => 1,
                _ => 2,
            };
            (kind, number.unwrap_or(0))
        });
        let mut post = cursor
            .labelled(&["post", "rev", "r"])
            .map(|(_, number)| number.unwrap_or(0));
        if post.is_none() {
            let before = cursor.0;
            if cursor.take(&["-"]).is_some() {
                post = cursor.number();
                if post.is_none() {
                    cursor.0 = before;
                }
            }
        }
        let dev = cursor
            .labelled(&["dev"])
            .map(|(_, number)| number.unwrap_or(0));
        if !cursor.0.is_empty() {
            return None;
        }
        let mut parts = Vec::new();
        if let Some(local) = local {
            for part in local.split(['.', '-', '_']) {
                if part.is_empty() || !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    return None;
                }
                parts.push(match part.parse() {
                    Ok(number) => LocalPart::Number(number),
                    Err(_) => LocalPart::Text(part.to_owned()),
                });
            }
        }
        Some(Self {
            epoch,
            release,
            pre,
            post,
            dev,
            local: parts,
        })
    }

    /// Whether installers take it only when asked for.
    pub(super) fn is_prerelease(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }

    /// Whether both are the same but for a local label of the other.
    pub(super) fn is_public_of(&self, other: &Self) -> bool {
        self.local.is_empty() && self.public_cmp(other) == Ordering::Equal
    }

    fn public_cmp(&self, other: &Self) -> Ordering {
        let significant = |release: &[u64]| {
            let zeros = release.iter().rev().take_while(|part| **part == 0).count();
            release
                .get(..release.len().saturating_sub(zeros))
                .unwrap_or_default()
                .to_vec()
        };
        // A development release without a pre-release label comes before all
        // pre-releases; no label at all comes after them.
        let pre = |version: &Self| match (version.pre, version.post, version.dev) {
            (None, None, Some(_)) => (0, 0, 0),
            (Some((kind, number)), _, _) => (1, kind, number),
            (None, _, _) => (2, 0, 0),
        };
        let post = |version: &Self| version.post.map_or((0, 0), |number| (1, number));
        let dev = |version: &Self| version.dev.map_or((1, 0), |number| (0, number));
        self.epoch
            .cmp(&other.epoch)
            .then_with(|| significant(&self.release).cmp(&significant(&other.release)))
            .then_with(|| pre(self).cmp(&pre(other)))
            .then_with(|| post(self).cmp(&post(other)))
            .then_with(|| dev(self).cmp(&dev(other)))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.public_cmp(other)
            .then_with(|| self.local.cmp(&other.local))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}
