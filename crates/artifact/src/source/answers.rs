//! What registries answer, held to the types that are needed.
//!
//! An answer is somebody else's, and may be hundreds of megabytes of zeros in
//! a list: as values of any type they would take thirty times as much. Only
//! texts, switches and flat lists and tables of texts are made of it; whatever
//! is something else, or lies deeper, is passed over without being built.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The most entries of one list or table; no package comes near it.
pub(super) const MOST_ENTRIES: usize = 1 << 18;

/// A value as far as it is of use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Loose {
    Text(String),
    Flag(bool),
    /// The texts of a list.
    Texts(Vec<String>),
    /// The texts of a table.
    Table(BTreeMap<String, String>),
    Null,
    /// Something else, or nothing.
    #[default]
    Other,
}

impl Loose {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The texts of a list, or the one text that stands in its place.
    pub(super) fn texts(&self) -> &[String] {
        match self {
            Self::Text(one) => std::slice::from_ref(one),
            Self::Texts(many) => many,
            _ => &[],
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        match self {
            Self::Table(table) => table.get(key).map(String::as_str),
            _ => None,
        }
    }

    /// The entries of a table, in the order of their keys.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&String, &String)> {
        let table = match self {
            Self::Table(table) => Some(table),
            _ => None,
        };
        table.into_iter().flatten()
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Reader { flat: false }.deserialize(deserializer)
    }
}

/// Reads a value; a flat one is no list and no table.
#[derive(Clone, Copy)]
struct Reader {
    flat: bool,
}

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Loose;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Loose, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Loose, E> {
        Ok(Loose::Text(text.to_owned()))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Loose, E> {
        Ok(Loose::Flag(flag))
    }

    fn visit_unit<E: Error>(self) -> Result<Loose, E> {
        Ok(Loose::Null)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Loose, E> {
        Ok(Loose::Other)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Loose, E> {
        Ok(Loose::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Loose, E> {
        Ok(Loose::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Loose, A::Error> {
        if self.flat {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Loose::Other);
        }
        let mut texts = Vec::new();
        while let Some(value) = list.next_element_seed(Self { flat: true })? {
            if let Loose::Text(text) = value {
                bounded(texts.len())?;
                texts.push(text);
            }
        }
        Ok(Loose::Texts(texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Loose, A::Error> {
        if self.flat {
            while table.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Loose::Other);
        }
        let mut texts = BTreeMap::new();
        while let Some(key) = table.next_key::<String>()? {
            if let Loose::Text(text) = table.next_value_seed(Self { flat: true })? {
                bounded(texts.len())?;
                texts.insert(key, text);
            }
        }
        Ok(Loose::Table(texts))
    }
}

fn bounded<E: Error>(len: usize) -> Result<(), E> {
    if len < MOST_ENTRIES {
        return Ok(());
    }
    Err(E::custom(format!(
        "a list or table with more than {MOST_ENTRIES} entries"
    )))
}

/// The keys of a table whose value is a table in which `optional` is true.
pub(super) fn optional_keys(table: &RawValue) -> BTreeSet<String> {
    #[derive(Deserialize)]
    struct Meta {
        #[serde(default)]
        optional: Loose,
    }
    let table: Entries<'_> = serde_json::from_str(table.get()).unwrap_or_default();
    let optional = table.0.into_iter().filter(|(_, meta)| {
        serde_json::from_str::<Meta>(meta.get())
            .is_ok_and(|meta| meta.optional == Loose::Flag(true))
    });
    optional.map(|(key, _)| key).collect()
}

/// A table whose values are read when they are needed.
#[derive(Debug, Default)]
pub(super) struct Entries<'a>(pub(super) BTreeMap<String, &'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RawTable)
    }
}

/// A list whose values are read when they are needed.
#[derive(Debug, Default)]
pub(super) struct Elements<'a>(pub(super) Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Elements<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RawList)
    }
}

struct RawTable;

impl<'de> Visitor<'de> for RawTable {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Self::Value, A::Error> {
        let mut out = BTreeMap::new();
        while let Some((key, value)) = table.next_entry()? {
            bounded(out.len())?;
            out.insert(key, value);
        }
        Ok(Entries(out))
    }
}

struct RawList;

impl<'de> Visitor<'de> for RawList {
    type Value = Elements<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut out = Vec::new();
        while let Some(value) = list.next_element()? {
            bounded(out.len())?;
            out.push(value);
        }
        Ok(Elements(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_needed_is_passed_over() {
        let read = |text: &str| serde_json::from_str::<Loose>(text).unwrap();
        assert_eq!(read(r#"["a",0,{"b":"c"},["d"],"e"]"#).texts(), ["a", "e"]);
        let table = read(r#"{"a":"1","b":[0,0,[0]],"c":{"d":"e"},"f":true}"#);
        assert_eq!(table.entries().count(), 1);
        assert_eq!(table.get("a"), Some("1"));
        assert_eq!(read("\"one\"").texts(), ["one"]);
        assert_eq!((read("null"), read("-1.5")), (Loose::Null, Loose::Other));
        let meta = r#"{"a":{"optional":true},"b":{"optional":1},"c":0,"d":{"x":[{}]}}"#;
        let meta: &RawValue = serde_json::from_str(meta).unwrap();
        assert_eq!(optional_keys(meta), BTreeSet::from(["a".to_owned()]));
    }

    #[test]
    fn lists_and_tables_have_an_end() {
        let many = |one: &str| vec![one; MOST_ENTRIES + 1].join(",");
        let texts = format!("[{}]", many("\"\""));
        assert!(serde_json::from_str::<Loose>(&texts).is_err());
        assert!(serde_json::from_str::<Elements<'_>>(&texts).is_err());
        let entries: Vec<String> = (0..=MOST_ENTRIES).map(|n| format!("\"{n}\":0")).collect();
        let table = format!("{{{}}}", entries.join(","));
        assert!(serde_json::from_str::<Entries<'_>>(&table).is_err());
        // Nothing is kept of numbers, however many.
        let zeros = format!("[{}]", many("0"));
        assert_eq!(
            serde_json::from_str::<Loose>(&zeros).unwrap(),
            Loose::Texts(vec![])
        );
    }
}
