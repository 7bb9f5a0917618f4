//! The Distinguished Encoding Rules (ITU-T X.690), as far as certificates and
//! time stamps need them: definite lengths in their shortest form, and tags of
//! one byte.

use crate::Refusal;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// A tag of the context, constructed.
pub(crate) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// One element.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    /// What is in it.
    pub(crate) content: &'a [u8],
    /// All of it, with tag and length.
    pub(crate) whole: &'a [u8],
}

/// Elements one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

fn broken() -> Refusal {
    Refusal::Failed("a structure is no DER".to_owned())
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn next(&mut self) -> Result<Element<'a>, Refusal> {
        let (&tag, rest) = self.0.split_first().ok_or_else(broken)?;
        let (&first, rest) = rest.split_first().ok_or_else(broken)?;
        let (length, header) = match first {
            0..=0x7f => (usize::from(first), 2),
            0x81..=0x84 => {
                let count = usize::from(first & 0x7f);
                let digits = rest.get(..count).ok_or_else(broken)?;
                let length = digits
                    .iter()
                    .fold(0, |sum: usize, digit| sum << 8 | usize::from(*digit));
                // The shortest form is the only one.
                if length < 0x80 || digits.first() == Some(&0) {
                    return Err(broken());
                }
                (length, 2 + count)
            }
            _ => return Err(broken()),
        };
        if tag & 0x1f == 0x1f {
            return Err(broken());
        }
        let end = header.checked_add(length).ok_or_else(broken)?;
        let (whole, rest) = self.0.split_at_checked(end).ok_or_else(broken)?;
        self.0 = rest;
        Ok(Element {
            tag,
            content: whole.get(header..).ok_or_else(broken)?,
            whole,
        })
    }

    /// The next element, which must have a tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Element<'a>, Refusal> {
        let next = self.next()?;
        if next.tag == tag {
            Ok(next)
        } else {
            Err(broken())
        }
    }

    /// The next element, if it has a tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Refusal> {
        match self.0.first() {
            Some(first) if *first == tag => self.next().map(Some),
            _ => Ok(None),
        }
    }

    /// That there is nothing more.
    pub(crate) fn end(&self) -> Result<(), Refusal> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(broken())
        }
    }
}

impl<'a> Element<'a> {
    pub(crate) fn reader(&self) -> Reader<'a> {
        Reader::new(self.content)
    }
}

/// The only element of some bytes.
pub(crate) fn only(bytes: &[u8], tag: u8) -> Result<Element<'_>, Refusal> {
    let mut reader = Reader::new(bytes);
    let element = reader.expect(tag)?;
    reader.end()?;
    Ok(element)
}

/// Writes an element.
pub(crate) fn write(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len();
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let digits: Vec<u8> = length
                .to_be_bytes()
                .into_iter()
                .skip_while(|digit| *digit == 0)
                .collect();
            out.push(0x80 | digits.len() as u8);
            out.extend(digits);
        }
    }
    out.extend_from_slice(content);
    out
}
