//! Values of the evaluator.

use std::cell::RefCell;
use std::rc::Rc;

use num_bigint::BigInt;
use ruff_python_ast::{ExprLambda, StmtFunctionDef};
use rustc_hash::FxHashMap;

use super::Frame;
use crate::py::scope::ScopeId;
use crate::resolve::Known;

/// Why an evaluation ended without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// It depends on what is not known here.
    Unknown,
    /// It costs more than allowed.
    Limit,
    /// Python would raise an exception.
    Raised,
}

pub(super) type Answer<T> = Result<T, Stop>;

#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    None,
    Bool(bool),
    Int(i64),
    Big(Rc<BigInt>),
    Float(f64),
    Str(Rc<str>),
    Bytes(Rc<[u8]>),
    /// `bytearray`.
    Buffer(Rc<RefCell<Vec<u8>>>),
    List(Rc<RefCell<Vec<Value<'a>>>>),
    Tuple(Rc<[Value<'a>]>),
    Set(Rc<RefCell<Map<'a>>>),
    Dict(Rc<RefCell<Map<'a>>>),
    /// What is left of something that is iterated.
    Iter(Rc<RefCell<(Vec<Value<'a>>, usize)>>),
    /// `itertools.cycle(x)`.
    Cycle(Rc<[Value<'a>]>),
    /// `itertools.count(start, step)`.
    Count(i64, i64),
    /// A module of the library, or something in one, by its full name.
    Native(Rc<str>),
    Func(Rc<Function<'a>>),
    /// A method of a value.
    Method(Rc<(Value<'a>, String)>),
    Class(ScopeId),
    Instance(ScopeId),
}

#[derive(Debug)]
pub(super) enum Code<'a> {
    Def(&'a StmtFunctionDef, ScopeId),
    Lambda(&'a ExprLambda),
}

#[derive(Debug)]
pub(super) struct Function<'a> {
    pub(super) code: Code<'a>,
    pub(super) scope: ScopeId,
    pub(super) frame: Option<Rc<Frame<'a>>>,
    /// The object of a method.
    pub(super) this: Option<Value<'a>>,
}

/// What a dictionary or a set is looked up by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Str(Rc<str>),
    Bytes(Rc<[u8]>),
    Int(i64),
    None,
    Tuple(Vec<Key>),
}

/// Values by key, in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(super) struct Map<'a> {
    at: FxHashMap<Key, usize>,
    pub(super) items: Vec<Option<(Value<'a>, Value<'a>)>>,
}

impl<'a> Map<'a> {
    pub(super) fn get(&self, key: &Key) -> Option<&Value<'a>> {
        let at = *self.at.get(key)?;
        self.items.get(at)?.as_ref().map(|(_, value)| value)
    }

    pub(super) fn set(&mut self, key: Value<'a>, value: Value<'a>) -> Answer<()> {
        let by = key.key()?;
        match self.at.get(&by).copied() {
            Some(at) => {
                if let Some(slot) = self.items.get_mut(at) {
                    *slot = Some((key, value));
                }
            }
            None => {
                self.at.insert(by, self.items.len());
                self.items.push(Some((key, value)));
            }
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<Value<'a>> {
        let at = self.at.remove(key)?;
        self.items.get_mut(at)?.take().map(|(_, value)| value)
    }

    pub(super) fn len(&self) -> usize {
        self.at.len()
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = &(Value<'a>, Value<'a>)> {
        self.items.iter().flatten()
    }
}

/// How many values one look at a value may visit: values can share parts, so
/// that few of them stand for very many.
pub(super) const VISITS: usize = 400_000;

fn take(left: &mut usize) -> Answer<()> {
    *left = left.checked_sub(1).ok_or(Stop::Limit)?;
    Ok(())
}

impl<'a> Value<'a> {
    /// Whether two values are equal.
    pub(super) fn same(&self, other: &Self) -> Answer<bool> {
        self.equals(other, 0, &mut VISITS.clone())
    }

    pub(super) fn text(text: &str) -> Self {
        Self::Str(Rc::from(text))
    }

    pub(super) fn bytes(bytes: &[u8]) -> Self {
        Self::Bytes(Rc::from(bytes))
    }

    pub(super) fn list(values: Vec<Self>) -> Self {
        Self::List(Rc::new(RefCell::new(values)))
    }

    pub(super) fn tuple(values: Vec<Self>) -> Self {
        Self::Tuple(Rc::from(values))
    }

    pub(super) fn iter(values: Vec<Self>) -> Self {
        Self::Iter(Rc::new(RefCell::new((values, 0))))
    }

    pub(super) fn native(name: &str) -> Self {
        Self::Native(Rc::from(name))
    }

    pub(super) fn big(number: BigInt) -> Self {
        match i64::try_from(&number) {
            Ok(small) => Self::Int(small),
            Err(_) => Self::Big(Rc::new(number)),
        }
    }

    pub(super) fn key(&self) -> Answer<Key> {
        Ok(match self {
            Self::Str(text) => Key::Str(text.clone()),
            Self::Bytes(bytes) => Key::Bytes(bytes.clone()),
            Self::Int(number) => Key::Int(*number),
            Self::Bool(yes) => Key::Int(i64::from(*yes)),
            Self::None => Key::None,
            Self::Tuple(values) => {
                if values.len() > 64 {
                    return Err(Stop::Unknown);
                }
                Key::Tuple(values.iter().map(Value::key).collect::<Answer<_>>()?)
            }
            _ => return Err(Stop::Unknown),
        })
    }

    pub(super) fn truth(&self) -> Answer<bool> {
        Ok(match self {
            Self::None => false,
            Self::Bool(yes) => *yes,
            Self::Int(number) => *number != 0,
            Self::Big(_) => true,
            Self::Float(number) => *number != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::Buffer(bytes) => !bytes.borrow().is_empty(),
            Self::List(list) => !list.borrow().is_empty(),
            Self::Tuple(list) => !list.is_empty(),
            Self::Set(map) | Self::Dict(map) => map.borrow().len() > 0,
            Self::Func(_) | Self::Class(_) | Self::Instance(_) => true,
            _ => return Err(Stop::Unknown),
        })
    }

    pub(super) fn int(&self) -> Answer<i64> {
        match self {
            Self::Int(number) => Ok(*number),
            Self::Bool(yes) => Ok(i64::from(*yes)),
            _ => Err(Stop::Raised),
        }
    }

    pub(super) fn bigint(&self) -> Answer<BigInt> {
        match self {
            Self::Int(number) => Ok(BigInt::from(*number)),
            Self::Bool(yes) => Ok(BigInt::from(u8::from(*yes))),
            Self::Big(number) => Ok((**number).clone()),
            _ => Err(Stop::Raised),
        }
    }

    pub(super) fn as_str(&self) -> Answer<Rc<str>> {
        match self {
            Self::Str(text) => Ok(text.clone()),
            _ => Err(Stop::Raised),
        }
    }

    /// The bytes of bytes, of a buffer, or of an ASCII text where the library
    /// takes either.
    pub(super) fn as_bytes(&self) -> Answer<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.to_vec()),
            Self::Buffer(bytes) => Ok(bytes.borrow().clone()),
            Self::Str(text) if text.is_ascii() => Ok(text.as_bytes().to_vec()),
            _ => Err(Stop::Raised),
        }
    }

    pub(super) fn is_bytes(&self) -> bool {
        matches!(self, Self::Bytes(_) | Self::Buffer(_))
    }

    /// About what the value takes in memory.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Str(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::Buffer(bytes) => bytes.borrow().len(),
            Self::List(list) => list.borrow().len().saturating_mul(24),
            Self::Tuple(list) => list.len().saturating_mul(24),
            Self::Set(map) | Self::Dict(map) => map.borrow().len().saturating_mul(80),
            Self::Big(number) => usize::try_from(number.bits() / 8).unwrap_or(usize::MAX),
            _ => 8,
        }
    }

    fn equals(&self, other: &Self, depth: u32, left: &mut usize) -> Answer<bool> {
        take(left)?;
        if depth > 16 {
            return Err(Stop::Unknown);
        }
        let mut all = |a: &[Self], b: &[Self]| -> Answer<bool> {
            if a.len() != b.len() {
                return Ok(false);
            }
            for (a, b) in a.iter().zip(b) {
                if !a.equals(b, depth + 1, left)? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        Ok(match (self, other) {
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::Tuple(a), Self::Tuple(b)) => all(a, b)?,
            (Self::List(a), Self::List(b)) => all(&a.borrow(), &b.borrow())?,
            (Self::None, Self::None) => true,
            (Self::Float(a), Self::Float(b)) => a == b,
            (a, b) if a.is_bytes() && b.is_bytes() => a.as_bytes()? == b.as_bytes()?,
            (
                Self::Int(_) | Self::Bool(_) | Self::Big(_),
                Self::Int(_) | Self::Bool(_) | Self::Big(_),
            ) => self.bigint()? == other.bigint()?,
            (Self::Set(_) | Self::Dict(_) | Self::Float(_), _)
            | (_, Self::Set(_) | Self::Dict(_) | Self::Float(_)) => return Err(Stop::Unknown),
            _ => false,
        })
    }

    /// A value that can be changed without changing this one.
    pub(super) fn copied(&self, depth: u32, left: &mut usize) -> Answer<Self> {
        take(left)?;
        if depth > 8 {
            return Err(Stop::Unknown);
        }
        let pairs = |map: &Map<'a>, left: &mut usize| -> Answer<Map<'a>> {
            let mut copy = Map::default();
            for (key, value) in map.pairs() {
                copy.set(key.clone(), value.copied(depth + 1, left)?)?;
            }
            Ok(copy)
        };
        Ok(match self {
            Self::List(list) => Self::list(
                list.borrow()
                    .iter()
                    .map(|value| value.copied(depth + 1, left))
                    .collect::<Answer<_>>()?,
            ),
            Self::Dict(map) => Self::Dict(Rc::new(RefCell::new(pairs(&map.borrow(), left)?))),
            Self::Set(map) => Self::Set(Rc::new(RefCell::new(pairs(&map.borrow(), left)?))),
            Self::Buffer(bytes) => Self::Buffer(Rc::new(RefCell::new(bytes.borrow().clone()))),
            Self::Iter(iter) => Self::Iter(Rc::new(RefCell::new(iter.borrow().clone()))),
            other => other.clone(),
        })
    }

    /// The value as the passes know constants.
    pub(super) fn known(&self, depth: u32, left: &mut usize) -> Option<Known> {
        take(left).ok()?;
        if depth > 4 {
            return None;
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "the passes have numbers of one kind"
        )]
        Some(match self {
            Self::Bool(yes) => Known::Number(f64::from(u8::from(*yes))),
            Self::Int(number) => Known::Number(*number as f64),
            Self::Float(number) => Known::Number(*number),
            Self::Str(text) => Known::Text(text.to_string()),
            Self::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Known::Text(text.to_owned()),
                Err(_) => Known::Bytes(bytes.to_vec()),
            },
            Self::Buffer(bytes) => return Self::bytes(&bytes.borrow()).known(depth, left),
            Self::List(list) => Known::List(
                list.borrow()
                    .iter()
                    .map(|value| value.known(depth + 1, left))
                    .collect::<Option<_>>()?,
            ),
            Self::Tuple(list) => Known::List(
                list.iter()
                    .map(|value| value.known(depth + 1, left))
                    .collect::<Option<_>>()?,
            ),
            Self::Set(map) => Known::List(
                map.borrow()
                    .pairs()
                    .map(|(key, _)| key.known(depth + 1, left))
                    .collect::<Option<_>>()?,
            ),
            _ => return None,
        })
    }

    /// The texts that the value is or holds.
    pub(super) fn texts(&self, depth: u32, out: &mut Vec<String>, left: &mut usize) {
        if take(left).is_err() || depth > 4 || out.len() > 10_000 {
            return;
        }
        match self {
            Self::Str(text) => out.push(text.to_string()),
            Self::Bytes(bytes) => out.extend(std::str::from_utf8(bytes).ok().map(str::to_owned)),
            Self::Buffer(bytes) => Self::bytes(&bytes.borrow()).texts(depth, out, left),
            Self::List(list) => {
                for value in list.borrow().iter() {
                    value.texts(depth + 1, out, left);
                }
            }
            Self::Tuple(list) => {
                for value in list.iter() {
                    value.texts(depth + 1, out, left);
                }
            }
            Self::Set(map) => {
                for (key, _) in map.borrow().pairs() {
                    key.texts(depth + 1, out, left);
                }
            }
            Self::Dict(map) => {
                for (_, value) in map.borrow().pairs() {
                    value.texts(depth + 1, out, left);
                }
            }
            _ => {}
        }
    }
}
