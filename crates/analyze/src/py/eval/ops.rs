//! Operators, elements and comparisons.

use std::cmp::Ordering;

use num_bigint::BigInt;
use ruff_python_ast::Operator;

use super::value::{Answer, Stop, Value};
use super::{Evaluator, LONGEST};

/// The most bits of a number.
const BITS: u64 = 1 << 20;

/// The index of an element counted from either end.
fn index(at: i64, len: usize) -> Answer<usize> {
    let len = i64::try_from(len).map_err(|_| Stop::Limit)?;
    let at = if at < 0 { at.saturating_add(len) } else { at };
    if at < 0 || at >= len {
        return Err(Stop::Raised);
    }
    usize::try_from(at).map_err(|_| Stop::Raised)
}

impl<'a> Evaluator<'a> {
    pub(super) fn operate(
        &mut self,
        op: Operator,
        left: &Value<'a>,
        right: &Value<'a>,
    ) -> Answer<Value<'a>> {
        self.step()?;
        match (left, right) {
            (Value::Int(a), Value::Int(b)) => return self.integers(op, *a, *b),
            (
                Value::Bool(_) | Value::Int(_) | Value::Big(_),
                Value::Bool(_) | Value::Int(_) | Value::Big(_),
            ) => {
                return self.big_integers(op, &left.bigint()?, &right.bigint()?);
            }
            (Value::Float(_), Value::Float(_) | Value::Int(_))
            | (Value::Int(_), Value::Float(_)) => {
                return floats(op, float(left)?, float(right)?);
            }
            _ => {}
        }
        match op {
            Operator::Add => match (left, right) {
                (Value::Str(a), Value::Str(b)) => {
                    self.reserve(a.len().saturating_add(b.len()))?;
                    Ok(Value::text(&format!("{a}{b}")))
                }
                (Value::Buffer(_), _) if right.is_bytes() => {
                    let mut bytes = left.as_bytes()?;
                    bytes.extend(right.as_bytes()?);
                    self.reserve(bytes.len())?;
                    Ok(Value::Buffer(std::rc::Rc::new(std::cell::RefCell::new(
                        bytes,
                    ))))
                }
                _ if left.is_bytes() && right.is_bytes() => {
                    let mut bytes = left.as_bytes()?;
                    bytes.extend(right.as_bytes()?);
                    self.make(Value::bytes(&bytes))
                }
                (Value::List(a), Value::List(b)) => {
                    let mut values = a.borrow().clone();
                    values.extend(b.borrow().iter().cloned());
                    self.make(Value::list(values))
                }
                (Value::Tuple(a), Value::Tuple(b)) => {
                    self.make(Value::tuple(a.iter().chain(b.iter()).cloned().collect()))
                }
                _ => Err(Stop::Raised),
            },
            Operator::Mult => {
                let (value, times) = match (left, right) {
                    (Value::Int(times), value) | (value, Value::Int(times)) => (value, *times),
                    _ => return Err(Stop::Raised),
                };
                let times = usize::try_from(times).unwrap_or(0);
                let size = value.size().max(1).saturating_mul(times);
                if size > LONGEST {
                    return Err(Stop::Limit);
                }
                self.reserve(size)?;
                match value {
                    Value::Str(text) => Ok(Value::text(&text.repeat(times))),
                    Value::Bytes(bytes) => Ok(Value::bytes(&bytes.repeat(times))),
                    Value::List(list) => {
                        let list = list.borrow();
                        let all = list.len().saturating_mul(times);
                        Ok(Value::list(
                            list.iter().cycle().take(all).cloned().collect(),
                        ))
                    }
                    Value::Tuple(list) => {
                        let all = list.len().saturating_mul(times);
                        Ok(Value::tuple(
                            list.iter().cycle().take(all).cloned().collect(),
                        ))
                    }
                    _ => Err(Stop::Raised),
                }
            }
            Operator::Mod => match left {
                Value::Str(form) => {
                    let values = match right {
                        Value::Tuple(values) => values.to_vec(),
                        Value::Dict(_) => return Err(Stop::Unknown),
                        one => vec![one.clone()],
                    };
                    self.percent(form, &values)
                }
                _ => Err(Stop::Unknown),
            },
            Operator::BitOr | Operator::BitAnd | Operator::Sub => {
                let (Value::Set(a), Value::Set(b)) = (left, right) else {
                    return Err(Stop::Unknown);
                };
                let (a, b) = (a.borrow(), b.borrow());
                let mut values = Vec::new();
                for (key, _) in a.pairs() {
                    let both = b.get(&key.key()?).is_some();
                    if match op {
                        Operator::BitOr => true,
                        Operator::BitAnd => both,
                        _ => !both,
                    } {
                        values.push(key.clone());
                    }
                }
                if op == Operator::BitOr {
                    values.extend(b.pairs().map(|(key, _)| key.clone()));
                }
                drop((a, b));
                self.set_of(values)
            }
            _ => Err(Stop::Raised),
        }
    }

    /// `"%s and %d" % values`, in its plain forms.
    fn percent(&mut self, form: &str, values: &[Value<'a>]) -> Answer<Value<'a>> {
        let mut out = String::new();
        let mut values = values.iter();
        let mut rest = form.chars();
        while let Some(c) = rest.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            match rest.next().ok_or(Stop::Raised)? {
                '%' => out.push('%'),
                's' | 'd' | 'i' => {
                    let value = values.next().ok_or(Stop::Raised)?;
                    out.push_str(&self.show(value)?);
                }
                'c' => match values.next().ok_or(Stop::Raised)? {
                    Value::Str(text) => out.push_str(text),
                    value => {
                        self.did("characters");
                        let code = u32::try_from(value.int()?).map_err(|_| Stop::Raised)?;
                        out.push(char::from_u32(code).ok_or(Stop::Raised)?);
                    }
                },
                'x' => {
                    let value = values.next().ok_or(Stop::Raised)?.bigint()?;
                    out.push_str(&value.to_str_radix(16));
                }
                _ => return Err(Stop::Unknown),
            }
        }
        self.make(Value::text(&out))
    }

    fn integers(&mut self, op: Operator, a: i64, b: i64) -> Answer<Value<'a>> {
        let small = match op {
            Operator::Add => a.checked_add(b),
            Operator::Sub => a.checked_sub(b),
            Operator::Mult => a.checked_mul(b),
            Operator::BitXor => {
                self.did("xor");
                Some(a ^ b)
            }
            Operator::BitAnd => Some(a & b),
            Operator::BitOr => Some(a | b),
            Operator::Mod if b > 0 => Some(a.rem_euclid(b)),
            Operator::FloorDiv if b > 0 => Some(a.div_euclid(b)),
            Operator::RShift if (0..64).contains(&b) => Some(a >> b),
            Operator::LShift if (0..16).contains(&b) => a.checked_mul(1i64 << b),
            Operator::Mod | Operator::FloorDiv | Operator::Div if b == 0 => {
                return Err(Stop::Raised);
            }
            #[expect(clippy::cast_precision_loss, reason = "as Python does")]
            Operator::Div => return floats(op, a as f64, b as f64),
            _ => None,
        };
        match small {
            Some(small) => Ok(Value::Int(small)),
            None => self.big_integers(op, &BigInt::from(a), &BigInt::from(b)),
        }
    }

    fn big_integers(&mut self, op: Operator, a: &BigInt, b: &BigInt) -> Answer<Value<'a>> {
        let bits = a.bits().saturating_add(b.bits());
        if bits > BITS {
            return Err(Stop::Limit);
        }
        // Multiplication and division take time that grows with the square.
        let words = usize::try_from(bits / 64).unwrap_or(usize::MAX);
        self.spend(words.saturating_mul(words) / 64)?;
        let zero = BigInt::from(0);
        let shift = || {
            u32::try_from(b)
                .ok()
                .filter(|by| *by <= 65_536)
                .ok_or(Stop::Limit)
        };
        let number = match op {
            Operator::Add => a + b,
            Operator::Sub => a - b,
            Operator::Mult => a * b,
            Operator::BitXor => {
                self.did("xor");
                a ^ b
            }
            Operator::BitAnd => a & b,
            Operator::BitOr => a | b,
            Operator::LShift => a << shift()?,
            Operator::RShift => a >> shift()?,
            Operator::Mod | Operator::FloorDiv if *b == zero => return Err(Stop::Raised),
            Operator::Mod | Operator::FloorDiv => {
                // Rounded down, as Python does.
                let (mut quotient, mut rest) = (a / b, a % b);
                if rest != zero && ((rest < zero) != (*b < zero)) {
                    rest += b;
                    quotient -= 1;
                }
                if op == Operator::Mod { rest } else { quotient }
            }
            Operator::Pow => {
                let by = u32::try_from(b).ok().ok_or(Stop::Unknown)?;
                if a.bits().saturating_mul(u64::from(by)) > 65_536 {
                    return Err(Stop::Limit);
                }
                a.pow(by)
            }
            _ => return Err(Stop::Unknown),
        };
        self.make(Value::big(number))
    }

    /// `str(value)`.
    pub(super) fn show(&mut self, value: &Value<'a>) -> Answer<String> {
        Ok(match value {
            Value::Str(text) => text.to_string(),
            Value::Int(number) => number.to_string(),
            Value::Big(number) => {
                if number.bits() > 20_000 {
                    return Err(Stop::Limit);
                }
                number.to_string()
            }
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::None => "None".to_owned(),
            _ => return Err(Stop::Unknown),
        })
    }

    pub(super) fn order(&mut self, left: &Value<'a>, right: &Value<'a>) -> Answer<Ordering> {
        self.step()?;
        match (left, right) {
            (Value::Str(a), Value::Str(b)) => Ok(a.cmp(b)),
            (a, b) if a.is_bytes() && b.is_bytes() => Ok(a.as_bytes()?.cmp(&b.as_bytes()?)),
            (Value::Float(_), _) | (_, Value::Float(_)) => {
                float(left)?.partial_cmp(&float(right)?).ok_or(Stop::Raised)
            }
            (Value::Tuple(a), Value::Tuple(b)) => {
                for (a, b) in a.iter().zip(b.iter()) {
                    let order = self.deeper(|this| this.order(a, b))?;
                    if order != Ordering::Equal {
                        return Ok(order);
                    }
                }
                Ok(a.len().cmp(&b.len()))
            }
            _ => Ok(left.bigint()?.cmp(&right.bigint()?)),
        }
    }

    pub(super) fn contains(&mut self, whole: &Value<'a>, part: &Value<'a>) -> Answer<bool> {
        match (whole, part) {
            (Value::Str(text), Value::Str(part)) => {
                self.spend(text.len() / 16)?;
                Ok(text.contains(&**part))
            }
            (Value::Set(map) | Value::Dict(map), _) => Ok(map.borrow().get(&part.key()?).is_some()),
            _ if whole.is_bytes() && part.is_bytes() => {
                let (whole, part) = (whole.as_bytes()?, part.as_bytes()?);
                self.spend(whole.len() / 16)?;
                Ok(memchr::memmem::find(&whole, &part).is_some())
            }
            _ => {
                for value in self.elements(whole)? {
                    self.step()?;
                    if value.same(part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    /// The elements of what can be iterated.
    pub(super) fn elements(&mut self, value: &Value<'a>) -> Answer<Vec<Value<'a>>> {
        let values: Vec<Value<'a>> = match value {
            Value::List(list) => list.borrow().clone(),
            Value::Tuple(list) => list.to_vec(),
            Value::Set(map) | Value::Dict(map) => {
                map.borrow().pairs().map(|(key, _)| key.clone()).collect()
            }
            Value::Str(text) => {
                self.reserve(text.len().saturating_mul(24))?;
                let mut buffer = [0; 4];
                text.chars()
                    .map(|c| Value::text(c.encode_utf8(&mut buffer)))
                    .collect()
            }
            Value::Bytes(bytes) => {
                self.reserve(bytes.len().saturating_mul(24))?;
                bytes.iter().map(|b| Value::Int(i64::from(*b))).collect()
            }
            Value::Buffer(bytes) => {
                let bytes = bytes.borrow();
                self.reserve(bytes.len().saturating_mul(24))?;
                bytes.iter().map(|b| Value::Int(i64::from(*b))).collect()
            }
            Value::Iter(iter) => {
                let mut iter = iter.borrow_mut();
                let at = iter.1;
                iter.1 = iter.0.len();
                iter.0.get(at..).unwrap_or_default().to_vec()
            }
            _ => return Err(Stop::Unknown),
        };
        self.spend(values.len() / 8)?;
        Ok(values)
    }

    pub(super) fn item(&mut self, object: &Value<'a>, key: &Value<'a>) -> Answer<Value<'a>> {
        match object {
            Value::List(list) => {
                let list = list.borrow();
                let at = index(key.int()?, list.len())?;
                list.get(at).cloned().ok_or(Stop::Raised)
            }
            Value::Tuple(list) => {
                let at = index(key.int()?, list.len())?;
                list.get(at).cloned().ok_or(Stop::Raised)
            }
            Value::Bytes(bytes) => {
                let at = index(key.int()?, bytes.len())?;
                let byte = bytes.get(at).ok_or(Stop::Raised)?;
                Ok(Value::Int(i64::from(*byte)))
            }
            Value::Buffer(bytes) => {
                let bytes = bytes.borrow();
                let at = index(key.int()?, bytes.len())?;
                let byte = bytes.get(at).ok_or(Stop::Raised)?;
                Ok(Value::Int(i64::from(*byte)))
            }
            Value::Str(text) => {
                let mut buffer = [0; 4];
                let c = if text.is_ascii() {
                    let at = index(key.int()?, text.len())?;
                    text.as_bytes().get(at).copied().map(char::from)
                } else {
                    self.spend(text.len() / 16)?;
                    let at = index(key.int()?, text.chars().count())?;
                    text.chars().nth(at)
                };
                let c = c.ok_or(Stop::Raised)?;
                Ok(Value::text(c.encode_utf8(&mut buffer)))
            }
            Value::Dict(map) => map.borrow().get(&key.key()?).cloned().ok_or(Stop::Raised),
            _ => Err(Stop::Unknown),
        }
    }

    pub(super) fn store(
        &mut self,
        object: &Value<'a>,
        key: Value<'a>,
        value: Value<'a>,
    ) -> Answer<()> {
        match object {
            Value::List(list) => {
                let mut list = list.borrow_mut();
                let at = index(key.int()?, list.len())?;
                *list.get_mut(at).ok_or(Stop::Raised)? = value;
                Ok(())
            }
            Value::Buffer(bytes) => {
                let mut bytes = bytes.borrow_mut();
                let at = index(key.int()?, bytes.len())?;
                let byte = u8::try_from(value.int()?).map_err(|_| Stop::Raised)?;
                *bytes.get_mut(at).ok_or(Stop::Raised)? = byte;
                Ok(())
            }
            Value::Dict(map) => {
                self.reserve(80)?;
                map.borrow_mut().set(key, value)
            }
            _ => Err(Stop::Unknown),
        }
    }

    pub(super) fn delete(&mut self, object: &Value<'a>, key: &Value<'a>) -> Answer<()> {
        match object {
            Value::List(list) => {
                let mut list = list.borrow_mut();
                let at = index(key.int()?, list.len())?;
                list.remove(at);
                Ok(())
            }
            Value::Dict(map) => {
                let key = key.key()?;
                map.borrow_mut()
                    .remove(&key)
                    .map(|_| ())
                    .ok_or(Stop::Raised)
            }
            _ => Err(Stop::Unknown),
        }
    }

    pub(super) fn sliced(
        &mut self,
        object: &Value<'a>,
        bounds: &[Option<i64>],
    ) -> Answer<Value<'a>> {
        let [from, to, by] = bounds else {
            return Err(Stop::Unknown);
        };
        let by = by.unwrap_or(1);
        let pick = |len: usize| positions(len, *from, *to, by);
        // To take letters out of order hides what they say.
        let decodes = by != 1;
        let value = match object {
            Value::Str(text) => {
                if decodes {
                    self.did(if by == -1 { "reversed" } else { "every n-th" });
                }
                let chars: Vec<char> = text.chars().collect();
                self.spend(chars.len() / 8)?;
                let out: String = pick(chars.len())?.filter_map(|at| chars.get(at)).collect();
                Value::text(&out)
            }
            Value::Bytes(_) | Value::Buffer(_) => {
                if decodes {
                    self.did(if by == -1 { "reversed" } else { "every n-th" });
                }
                let bytes = object.as_bytes()?;
                self.spend(bytes.len() / 8)?;
                let out: Vec<u8> = pick(bytes.len())?
                    .filter_map(|at| bytes.get(at).copied())
                    .collect();
                Value::bytes(&out)
            }
            Value::List(list) => {
                let list = list.borrow();
                Value::list(
                    pick(list.len())?
                        .filter_map(|at| list.get(at).cloned())
                        .collect(),
                )
            }
            Value::Tuple(list) => Value::tuple(
                pick(list.len())?
                    .filter_map(|at| list.get(at).cloned())
                    .collect(),
            ),
            _ => return Err(Stop::Unknown),
        };
        self.make(value)
    }
}

/// The positions that a slice takes.
fn positions(
    len: usize,
    from: Option<i64>,
    to: Option<i64>,
    by: i64,
) -> Answer<Box<dyn Iterator<Item = usize>>> {
    let len = i64::try_from(len).map_err(|_| Stop::Limit)?;
    let (low, high) = if by < 0 {
        (-1, len.saturating_sub(1))
    } else {
        (0, len)
    };
    let clip = |at: i64| {
        let at = if at < 0 { at.saturating_add(len) } else { at };
        at.clamp(low, high)
    };
    if by == 0 {
        return Err(Stop::Raised);
    }
    let step = usize::try_from(by.unsigned_abs()).map_err(|_| Stop::Limit)?;
    let range = if by > 0 {
        clip(from.unwrap_or(0))..clip(to.unwrap_or(len))
    } else {
        let start = clip(from.unwrap_or(high));
        // Walked backwards: from `start` down to after the end.
        let end = to.map_or(-1, clip);
        end.saturating_add(1)..start.saturating_add(1)
    };
    let at = |at: i64| usize::try_from(at).ok();
    Ok(if by > 0 {
        Box::new(range.step_by(step).filter_map(at))
    } else {
        Box::new(range.rev().step_by(step).filter_map(at))
    })
}

fn float(value: &Value<'_>) -> Answer<f64> {
    match value {
        Value::Float(number) => Ok(*number),
        #[expect(clippy::cast_precision_loss, reason = "as Python does")]
        Value::Int(number) => Ok(*number as f64),
        _ => Err(Stop::Raised),
    }
}

fn floats<'a>(op: Operator, a: f64, b: f64) -> Answer<Value<'a>> {
    Ok(Value::Float(match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div if b != 0.0 => a / b,
        Operator::FloorDiv if b != 0.0 => (a / b).floor(),
        Operator::Pow => a.powf(b),
        _ => return Err(Stop::Unknown),
    }))
}
