//! Fingerprints of packages: which texts stand in which package.
//!
//! Strings, names of properties and regular expressions outlive a minifier.
//! Each is hashed to 32 bits; what stands in few packages tells them, and
//! what stands in many is known to tell nothing. `cargo xtask party-index`
//! makes the file from packages of the registry.
//!
//! The file: the length of the names in bytes (`u32`), the names, each with
//! the number of its features, one a line, 257 offsets (`u32`) of records by
//! the upper byte of their hash, and the records: the lower three bytes of
//! the hash and the package (`u16`), sorted. All numbers are little-endian.

use std::sync::OnceLock;

/// The shortest text that is a feature, in bytes.
const SHORTEST: usize = 6;
/// Stands for a package where a text tells nothing.
const COMMON: u16 = u16::MAX;
/// In how many packages a text may stand to tell something.
const PACKAGES: usize = 4;
/// The size of a record.
const RECORD: usize = 5;

static DATA: &[u8] = include_bytes!("../../../../data/packages.idx");

/// What the hash of a text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known {
    /// It is in no package of the index.
    Nowhere,
    /// It is in many.
    Common,
    /// It is in these.
    In(Vec<u16>),
}

#[derive(Debug)]
pub(crate) struct Index<'d> {
    names: Vec<(&'d str, u32)>,
    offsets: Vec<usize>,
    records: &'d [u8],
}

/// The index that this build carries.
pub(crate) fn shipped() -> &'static Index<'static> {
    static INDEX: OnceLock<Index<'static>> = OnceLock::new();
    INDEX.get_or_init(|| Index::read(DATA).unwrap_or_else(Index::empty))
}

impl<'d> Index<'d> {
    fn empty() -> Self {
        Self {
            names: Vec::new(),
            offsets: vec![0; 257],
            records: &[],
        }
    }

    /// `None` when the bytes are no index.
    pub(crate) fn read(data: &'d [u8]) -> Option<Self> {
        let number = |at: usize| -> Option<usize> {
            let bytes = data.get(at..at.checked_add(4)?)?;
            let number = u32::from_le_bytes(bytes.try_into().ok()?);
            usize::try_from(number).ok()
        };
        let length = number(0)?;
        let table = length.checked_add(4)?;
        let names = std::str::from_utf8(data.get(4..table)?).ok()?;
        let names = names
            .lines()
            .map(|line| {
                let (name, count) = line.split_once('\t')?;
                Some((name, count.parse().ok()?))
            })
            .collect::<Option<Vec<_>>>()?;
        let offsets = (0..257usize)
            .map(|bucket| number(table.checked_add(bucket.checked_mul(4)?)?))
            .collect::<Option<Vec<_>>>()?;
        let records = data.get(table.checked_add(257 * 4)?..)?;
        Some(Self {
            names,
            offsets,
            records,
        })
    }

    /// A package's name; `@scope/*` where a text stands in many of a scope.
    pub(crate) fn name(&self, package: u16) -> &'d str {
        self.names
            .get(usize::from(package))
            .map_or("", |(name, _)| *name)
    }

    /// How many texts tell a package.
    pub(crate) fn size(&self, package: u16) -> u32 {
        self.names
            .get(usize::from(package))
            .map_or(0, |(_, count)| *count)
    }

    /// Whether there is a package of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names
            .binary_search_by_key(&name, |(name, _)| *name)
            .is_ok()
    }

    pub(crate) fn find(&self, hash: u32) -> Known {
        let bucket = (hash >> 24) as usize;
        let low = hash & 0x00ff_ffff;
        let (Some(&from), Some(&to)) = (
            self.offsets.get(bucket),
            self.offsets.get(bucket.saturating_add(1)),
        ) else {
            return Known::Nowhere;
        };
        let record = |at: usize| -> Option<(u32, u16)> {
            let at = at.checked_mul(RECORD)?;
            let [a, b, c, d, e] = *self.records.get(at..at.checked_add(RECORD)?)? else {
                return None;
            };
            Some((u32::from_le_bytes([a, b, c, 0]), u16::from_le_bytes([d, e])))
        };
        let (mut low_at, mut high_at) = (from, to);
        while low_at < high_at {
            let middle = low_at.midpoint(high_at);
            match record(middle) {
                Some((found, _)) if found < low => low_at = middle.saturating_add(1),
                Some(_) => high_at = middle,
                None => return Known::Nowhere,
            }
        }
        let mut packages = Vec::new();
        while low_at < to {
            match record(low_at) {
                Some((found, COMMON)) if found == low => return Known::Common,
                Some((found, package)) if found == low => packages.push(package),
                _ => break,
            }
            low_at = low_at.saturating_add(1);
        }
        if packages.is_empty() {
            Known::Nowhere
        } else {
            Known::In(packages)
        }
    }
}

/// The hash of a text, if it is a feature: FNV-1a of 64 bits, mixed, the
/// upper half. Plain words are none: they stand in lists of words, which are
/// part of some packages, and everywhere else.
pub(crate) fn feature(text: &str) -> Option<u32> {
    if text.len() < SHORTEST || text.bytes().skip(1).all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    u32::try_from(hash >> 32).ok()
}

/// Writes an index of packages, each with the features of its files.
pub fn party_index(packages: &[(String, Vec<u32>)]) -> Vec<u8> {
    // A text that many packages of one scope share tells the scope.
    let scope = |name: &str| {
        name.strip_prefix('@')
            .and_then(|rest| rest.split_once('/'))
            .map(|(scope, _)| format!("@{scope}/*"))
    };
    let mut names: Vec<String> = packages.iter().map(|(name, _)| name.clone()).collect();
    names.extend(packages.iter().filter_map(|(name, _)| scope(name)));
    names.sort();
    names.dedup();
    let number = |name: &str| -> Option<u16> {
        let at = names.binary_search_by(|n| n.as_str().cmp(name)).ok()?;
        u16::try_from(at).ok().filter(|n| *n != COMMON)
    };
    let mut pairs: Vec<(u32, u16)> = packages
        .iter()
        .filter_map(|(name, features)| Some((number(name)?, features)))
        .flat_map(|(package, features)| features.iter().map(move |hash| (*hash, package)))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut kept: Vec<(u32, u16)> = Vec::new();
    for group in pairs.chunk_by(|a, b| a.0 == b.0) {
        let Some((hash, _)) = group.first() else {
            continue;
        };
        if group.len() <= PACKAGES {
            kept.extend_from_slice(group);
            continue;
        }
        let mut scopes: Vec<Option<u16>> = group
            .iter()
            .map(|(_, package)| {
                let name = names.get(usize::from(*package))?;
                number(&scope(name)?)
            })
            .collect();
        scopes.sort_unstable();
        scopes.dedup();
        match scopes.as_slice() {
            [Some(one)] => kept.push((*hash, *one)),
            _ => kept.push((*hash, COMMON)),
        }
    }
    let mut counts = vec![0u32; names.len()];
    for (_, package) in &kept {
        if let Some(count) = counts.get_mut(usize::from(*package)) {
            *count = count.saturating_add(1);
        }
    }
    let mut lines = String::new();
    for (name, count) in names.iter().zip(&counts) {
        lines.push_str(&format!("{name}\t{count}\n"));
    }
    let mut out = Vec::new();
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    out.extend(number(lines.len()));
    out.extend(lines.as_bytes());
    for bucket in 0..=256u64 {
        out.extend(number(
            kept.partition_point(|(hash, _)| u64::from(*hash) < bucket << 24),
        ));
    }
    for (hash, package) in &kept {
        out.extend(hash.to_le_bytes().get(..3).unwrap_or_default());
        out.extend(package.to_le_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_few_packages_tells_them() {
        let hash = |text: &str| feature(text).unwrap();
        let mut packages: Vec<(String, Vec<u32>)> = (0..6)
            .map(|n| (format!("common{n}"), vec![hash("every where")]))
            .collect();
        packages.push((
            "alpha".to_owned(),
            vec![hash("only alpha"), hash("both of them")],
        ));
        packages.push(("beta".to_owned(), vec![hash("both of them")]));
        for n in 0..6 {
            packages.push((format!("@s/p{n}"), vec![hash("of the scope")]));
        }
        let data = party_index(&packages);
        let index = Index::read(&data).unwrap();
        let told = |text: &str| match index.find(hash(text)) {
            Known::In(list) => list.iter().map(|p| index.name(*p)).collect::<Vec<_>>(),
            Known::Common => vec!["common"],
            Known::Nowhere => vec![],
        };
        assert_eq!(told("only alpha"), ["alpha"]);
        assert_eq!(told("both of them"), ["alpha", "beta"]);
        assert_eq!(told("every where"), ["common"]);
        assert_eq!(told("of the scope"), ["@s/*"]);
        assert_eq!(told("something else"), [] as [&str; 0]);
        assert!(index.has("alpha") && !index.has("gamma"));
        assert_eq!(feature("a.b"), None);
        assert_eq!(feature("Plainword"), None);
    }

    #[test]
    fn broken_indexes_are_none() {
        let data = party_index(&[("alpha".to_owned(), vec![1, 2, 3])]);
        for end in 0..data.len().min(1000) {
            // A part of it may be an index of fewer records; it must not panic.
            if let Some(index) = Index::read(&data[..end]) {
                let _ = index.find(1);
            }
        }
        assert!(Index::read(&[255; 64]).is_none());
    }

    #[test]
    fn the_shipped_index_is_one() {
        assert!(Index::read(DATA).is_some());
        assert!(DATA.len() < 2 << 20, "{}", DATA.len());
        assert!(shipped().has("lodash"));
    }
}
