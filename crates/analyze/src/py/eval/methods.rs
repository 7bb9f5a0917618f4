//! Methods of texts, bytes, lists and dictionaries.

use std::cell::RefCell;
use std::rc::Rc;

use super::value::{Answer, Key, Stop, Value};
use super::{At, Evaluator};

impl<'a> Evaluator<'a> {
    pub(super) fn method(
        &mut self,
        at: At<'_, 'a>,
        object: &Value<'a>,
        name: &str,
        args: Vec<Value<'a>>,
        named: Vec<(&'a str, Value<'a>)>,
    ) -> Answer<Value<'a>> {
        self.step()?;
        self.spend(object.size() / 64)?;
        match object {
            Value::Str(text) => self.of_text(&text.clone(), name, &args, &named),
            Value::Bytes(_) => self.of_bytes(object, name, &args),
            Value::Buffer(bytes) => {
                match (name, args.as_slice()) {
                    ("append", [value]) => {
                        let byte = u8::try_from(value.int()?).map_err(|_| Stop::Raised)?;
                        self.reserve(1)?;
                        bytes.borrow_mut().push(byte);
                    }
                    ("extend", [more]) => {
                        let more = match more.as_bytes() {
                            Ok(more) => more,
                            Err(_) => super::library::to_bytes(&self.elements(more)?)?,
                        };
                        self.reserve(more.len())?;
                        bytes.borrow_mut().extend(more);
                    }
                    ("reverse", []) => {
                        self.did("reversed");
                        bytes.borrow_mut().reverse();
                    }
                    _ => return self.of_bytes(object, name, &args),
                }
                Ok(Value::None)
            }
            Value::List(list) => self.of_list(at, &list.clone(), name, &args, &named),
            Value::Tuple(_) => match (name, args.as_slice()) {
                ("index", [value]) => {
                    let values = self.elements(object)?;
                    position(&values, value)
                }
                ("count", [value]) => {
                    let values = self.elements(object)?;
                    count(&values, value)
                }
                _ => Err(Stop::Unknown),
            },
            Value::Dict(map) => match (name, args.as_slice()) {
                ("get", [key, rest @ ..]) => {
                    let found = map.borrow().get(&key.key()?).cloned();
                    Ok(found.unwrap_or_else(|| rest.first().cloned().unwrap_or(Value::None)))
                }
                ("keys", []) => Ok(Value::list(self.elements(object)?)),
                ("values", []) => Ok(Value::list(
                    map.borrow()
                        .pairs()
                        .map(|(_, value)| value.clone())
                        .collect(),
                )),
                ("items", []) => Ok(Value::list(
                    map.borrow()
                        .pairs()
                        .map(|(key, value)| Value::tuple(vec![key.clone(), value.clone()]))
                        .collect(),
                )),
                ("update", [Value::Dict(more)]) => {
                    let more = more.borrow().clone();
                    for (key, value) in more.pairs() {
                        self.reserve(80)?;
                        map.borrow_mut().set(key.clone(), value.clone())?;
                    }
                    Ok(Value::None)
                }
                ("setdefault", [key, value]) => {
                    let by = key.key()?;
                    if let Some(found) = map.borrow().get(&by) {
                        return Ok(found.clone());
                    }
                    map.borrow_mut().set(key.clone(), value.clone())?;
                    Ok(value.clone())
                }
                _ => Err(Stop::Unknown),
            },
            Value::Set(map) => match (name, args.as_slice()) {
                ("add", [value]) => {
                    self.reserve(80)?;
                    map.borrow_mut().set(value.clone(), Value::None)?;
                    Ok(Value::None)
                }
                ("update", [more]) => {
                    for value in self.elements(more)? {
                        self.reserve(80)?;
                        map.borrow_mut().set(value, Value::None)?;
                    }
                    Ok(Value::None)
                }
                _ => Err(Stop::Unknown),
            },
            Value::Int(_) | Value::Big(_) | Value::Bool(_) => {
                let number = object.bigint()?;
                match (name, args.as_slice()) {
                    ("to_bytes", [len, rest @ ..]) => {
                        let len = usize::try_from(len.int()?).map_err(|_| Stop::Raised)?;
                        let order = rest
                            .first()
                            .or_else(|| {
                                named
                                    .iter()
                                    .find(|(k, _)| *k == "byteorder")
                                    .map(|(_, v)| v)
                            })
                            .map_or_else(|| Ok(Rc::from("big")), Value::as_str)?;
                        self.reserve(len)?;
                        self.did("number");
                        let (sign, digits) = number.to_bytes_be();
                        if sign == num_bigint::Sign::Minus {
                            return Err(Stop::Unknown);
                        }
                        let digits = if number == num_bigint::BigInt::from(0) {
                            Vec::new()
                        } else {
                            digits
                        };
                        let pad = len.checked_sub(digits.len()).ok_or(Stop::Raised)?;
                        let mut bytes = vec![0; pad];
                        bytes.extend(digits);
                        if &*order == "little" {
                            bytes.reverse();
                        }
                        self.make(Value::bytes(&bytes))
                    }
                    ("bit_length", []) => Ok(Value::Int(
                        i64::try_from(number.bits()).map_err(|_| Stop::Limit)?,
                    )),
                    _ => Err(Stop::Unknown),
                }
            }
            _ => Err(Stop::Unknown),
        }
    }

    fn of_text(
        &mut self,
        text: &str,
        name: &str,
        args: &[Value<'a>],
        named: &[(&'a str, Value<'a>)],
    ) -> Answer<Value<'a>> {
        let none = |value: Option<&Value<'a>>| matches!(value, None | Some(Value::None));
        let made = match (name, args) {
            ("lower" | "casefold", []) => text.to_lowercase(),
            ("upper", []) => text.to_uppercase(),
            ("swapcase", []) => {
                self.did("case");
                text.chars()
                    .flat_map(|c| {
                        let other: Vec<char> = if c.is_uppercase() {
                            c.to_lowercase().collect()
                        } else {
                            c.to_uppercase().collect()
                        };
                        other
                    })
                    .collect()
            }
            ("strip" | "lstrip" | "rstrip", []) => match name {
                "strip" => text.trim().to_owned(),
                "lstrip" => text.trim_start().to_owned(),
                _ => text.trim_end().to_owned(),
            },
            ("strip" | "lstrip" | "rstrip", [chars]) => {
                let chars = chars.as_str()?;
                let is = |c: char| chars.contains(c);
                match name {
                    "strip" => text.trim_matches(is).to_owned(),
                    "lstrip" => text.trim_start_matches(is).to_owned(),
                    _ => text.trim_end_matches(is).to_owned(),
                }
            }
            ("replace", [from, to]) => {
                let (from, to) = (from.as_str()?, to.as_str()?);
                let grown = text.len().saturating_mul(to.len().max(1));
                if grown > super::LONGEST {
                    return Err(Stop::Limit);
                }
                self.did("replaced");
                text.replace(&*from, &to)
            }
            ("removeprefix", [part]) => {
                let part = part.as_str()?;
                text.strip_prefix(&*part).unwrap_or(text).to_owned()
            }
            ("removesuffix", [part]) => {
                let part = part.as_str()?;
                text.strip_suffix(&*part).unwrap_or(text).to_owned()
            }
            ("join", [list]) => {
                let mut out = String::new();
                for (index, value) in self.elements(list)?.iter().enumerate() {
                    self.step()?;
                    if index > 0 {
                        out.push_str(text);
                    }
                    out.push_str(&value.as_str()?);
                    if out.len() > super::LONGEST {
                        return Err(Stop::Limit);
                    }
                }
                self.did("join");
                out
            }
            ("format", _) => return self.formatted(text, args, named),
            ("zfill", [width]) => {
                let width = usize::try_from(width.int()?).unwrap_or(0).min(4096);
                format!("{}{text}", "0".repeat(width.saturating_sub(text.len())))
            }
            ("split", []) => {
                return self.parts(text.split_whitespace().map(str::to_owned).collect());
            }
            ("split", [separator]) if none(Some(separator)) => {
                return self.parts(text.split_whitespace().map(str::to_owned).collect());
            }
            ("split", [separator]) => {
                let separator = separator.as_str()?;
                if separator.is_empty() {
                    return Err(Stop::Raised);
                }
                self.did("split");
                return self.parts(text.split(&*separator).map(str::to_owned).collect());
            }
            ("splitlines", []) => {
                self.did("split");
                return self.parts(text.lines().map(str::to_owned).collect());
            }
            ("encode", _) => {
                let charset = match args.first() {
                    Some(name) => name.as_str()?.to_ascii_lowercase(),
                    None => "utf-8".to_owned(),
                };
                let bytes = match charset.replace('_', "-").as_str() {
                    "utf-8" | "utf8" | "ascii" => text.as_bytes().to_vec(),
                    "latin-1" | "latin1" | "iso-8859-1" => text
                        .chars()
                        .map(|c| u8::try_from(u32::from(c)).map_err(|_| Stop::Raised))
                        .collect::<Answer<Vec<u8>>>()?,
                    "utf-16-le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                    _ => return Err(Stop::Unknown),
                };
                return self.make(Value::bytes(&bytes));
            }
            ("translate", [table]) => {
                let Value::Dict(table) = table else {
                    return Err(Stop::Unknown);
                };
                self.did("translated");
                let table = table.borrow();
                let mut out = String::new();
                for c in text.chars() {
                    self.step()?;
                    match table.get(&Key::Int(i64::from(u32::from(c)))) {
                        None => out.push(c),
                        Some(Value::None) => {}
                        Some(Value::Str(to)) => out.push_str(to),
                        Some(Value::Int(code)) => out.push(
                            u32::try_from(*code)
                                .ok()
                                .and_then(char::from_u32)
                                .ok_or(Stop::Raised)?,
                        ),
                        Some(_) => return Err(Stop::Unknown),
                    }
                }
                out
            }
            ("startswith", [part]) => {
                return Ok(Value::Bool(text.starts_with(&*part.as_str()?)));
            }
            ("endswith", [part]) => return Ok(Value::Bool(text.ends_with(&*part.as_str()?))),
            ("find" | "index", [part]) => {
                let found = text.find(&*part.as_str()?);
                let found = found.map(|at| text.get(..at).unwrap_or_default().chars().count());
                return match found {
                    Some(at) => Ok(Value::Int(i64::try_from(at).map_err(|_| Stop::Limit)?)),
                    None if name == "find" => Ok(Value::Int(-1)),
                    None => Err(Stop::Raised),
                };
            }
            ("count", [part]) => {
                let count = text.matches(&*part.as_str()?).count();
                return Ok(Value::Int(i64::try_from(count).map_err(|_| Stop::Limit)?));
            }
            ("isalpha", []) => {
                return Ok(Value::Bool(
                    !text.is_empty() && text.chars().all(char::is_alphabetic),
                ));
            }
            ("isdigit" | "isnumeric" | "isdecimal", []) => {
                return Ok(Value::Bool(
                    !text.is_empty() && text.chars().all(char::is_numeric),
                ));
            }
            ("isalnum", []) => {
                return Ok(Value::Bool(
                    !text.is_empty() && text.chars().all(char::is_alphanumeric),
                ));
            }
            ("isupper", []) => {
                return Ok(Value::Bool(
                    text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase),
                ));
            }
            ("islower", []) => {
                return Ok(Value::Bool(
                    text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase),
                ));
            }
            ("isspace", []) => {
                return Ok(Value::Bool(
                    !text.is_empty() && text.chars().all(char::is_whitespace),
                ));
            }
            _ => return Err(Stop::Unknown),
        };
        self.make(Value::text(&made))
    }

    fn parts(&mut self, parts: Vec<String>) -> Answer<Value<'a>> {
        self.reserve(parts.len().saturating_mul(40))?;
        Ok(Value::list(
            parts.iter().map(|part| Value::text(part)).collect(),
        ))
    }

    /// `"{} {name}".format(...)`, without formats inside of the braces.
    fn formatted(
        &mut self,
        text: &str,
        args: &[Value<'a>],
        named: &[(&'a str, Value<'a>)],
    ) -> Answer<Value<'a>> {
        let mut out = String::new();
        let mut next = 0usize;
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '{' if rest.next_if_eq(&'{').is_some() => out.push('{'),
                '}' if rest.next_if_eq(&'}').is_some() => out.push('}'),
                '{' => {
                    let inside: String = rest.by_ref().take_while(|c| *c != '}').collect();
                    let value = if inside.is_empty() {
                        next = next.saturating_add(1);
                        args.get(next.saturating_sub(1))
                    } else if let Ok(index) = inside.parse::<usize>() {
                        args.get(index)
                    } else {
                        named
                            .iter()
                            .find(|(name, _)| *name == inside)
                            .map(|(_, value)| value)
                    };
                    out.push_str(&self.show(value.ok_or(Stop::Unknown)?)?);
                }
                c => out.push(c),
            }
        }
        self.make(Value::text(&out))
    }

    fn of_bytes(
        &mut self,
        object: &Value<'a>,
        name: &str,
        args: &[Value<'a>],
    ) -> Answer<Value<'a>> {
        let bytes = object.as_bytes()?;
        let made = match (name, args) {
            ("decode", _) => {
                let charset = match args.first() {
                    Some(name) => name.as_str()?.to_ascii_lowercase(),
                    None => "utf-8".to_owned(),
                };
                let text = match charset.replace('_', "-").as_str() {
                    "utf-8" | "utf8" | "ascii" => {
                        let lossy = args.get(1).is_some();
                        match String::from_utf8(bytes) {
                            Ok(text) => text,
                            Err(error) if lossy => error
                                .into_bytes()
                                .utf8_chunks()
                                .map(|chunk| chunk.valid().to_owned())
                                .collect(),
                            Err(_) => return Err(Stop::Raised),
                        }
                    }
                    "latin-1" | "latin1" | "iso-8859-1" | "cp1252" => {
                        bytes.into_iter().map(char::from).collect()
                    }
                    "utf-16" | "utf-16-le" => {
                        let units: Vec<u16> = bytes
                            .chunks_exact(2)
                            .map(|pair| match pair {
                                [a, b] => u16::from_le_bytes([*a, *b]),
                                _ => 0,
                            })
                            .collect();
                        String::from_utf16(&units).map_err(|_| Stop::Raised)?
                    }
                    _ => return Err(Stop::Unknown),
                };
                return self.make(Value::text(&text));
            }
            ("hex", []) => {
                return self.make(Value::text(&hex::encode(bytes)));
            }
            ("strip", []) => bytes.trim_ascii().to_vec(),
            ("rstrip", []) => bytes.trim_ascii_end().to_vec(),
            ("lower", []) => bytes.to_ascii_lowercase(),
            ("upper", []) => bytes.to_ascii_uppercase(),
            ("replace", [from, to]) => {
                let (from, to) = (from.as_bytes()?, to.as_bytes()?);
                if from.is_empty() || bytes.len().saturating_mul(to.len().max(1)) > super::LONGEST {
                    return Err(Stop::Limit);
                }
                self.did("replaced");
                let mut out = Vec::new();
                let mut at = 0usize;
                for found in memchr::memmem::find_iter(&bytes, &from) {
                    out.extend(bytes.get(at..found).unwrap_or_default());
                    out.extend(&to);
                    at = found.saturating_add(from.len());
                }
                out.extend(bytes.get(at..).unwrap_or_default());
                out
            }
            ("translate", [table]) => {
                let table = table.as_bytes()?;
                self.did("translated");
                bytes
                    .into_iter()
                    .map(|b| table.get(usize::from(b)).copied().ok_or(Stop::Raised))
                    .collect::<Answer<Vec<u8>>>()?
            }
            ("split", [separator]) => {
                let separator = separator.as_bytes()?;
                if separator.is_empty() {
                    return Err(Stop::Raised);
                }
                self.did("split");
                let mut parts = Vec::new();
                let mut at = 0usize;
                for found in memchr::memmem::find_iter(&bytes, &separator) {
                    if found < at {
                        continue;
                    }
                    parts.push(Value::bytes(bytes.get(at..found).unwrap_or_default()));
                    at = found.saturating_add(separator.len());
                }
                parts.push(Value::bytes(bytes.get(at..).unwrap_or_default()));
                return self.make(Value::list(parts));
            }
            ("join", [list]) => {
                let mut out = Vec::new();
                for (index, value) in self.elements(list)?.iter().enumerate() {
                    self.step()?;
                    if index > 0 {
                        out.extend(&bytes);
                    }
                    out.extend(value.as_bytes()?);
                    if out.len() > super::LONGEST {
                        return Err(Stop::Limit);
                    }
                }
                out
            }
            ("startswith", [part]) => {
                return Ok(Value::Bool(bytes.starts_with(&part.as_bytes()?)));
            }
            ("endswith", [part]) => return Ok(Value::Bool(bytes.ends_with(&part.as_bytes()?))),
            ("find" | "index", [part]) => {
                let found = match part {
                    Value::Int(byte) => bytes.iter().position(|b| i64::from(*b) == *byte),
                    other => memchr::memmem::find(&bytes, &other.as_bytes()?),
                };
                return match found {
                    Some(at) => Ok(Value::Int(i64::try_from(at).map_err(|_| Stop::Limit)?)),
                    None if name == "find" => Ok(Value::Int(-1)),
                    None => Err(Stop::Raised),
                };
            }
            _ => return Err(Stop::Unknown),
        };
        self.make(Value::bytes(&made))
    }

    fn of_list(
        &mut self,
        at: At<'_, 'a>,
        list: &Rc<RefCell<Vec<Value<'a>>>>,
        name: &str,
        args: &[Value<'a>],
        named: &[(&'a str, Value<'a>)],
    ) -> Answer<Value<'a>> {
        match (name, args) {
            ("append", [value]) => {
                self.reserve(24)?;
                list.borrow_mut().push(value.clone());
                Ok(Value::None)
            }
            ("extend", [more]) => {
                let more = self.elements(more)?;
                self.reserve(more.len().saturating_mul(24))?;
                list.borrow_mut().extend(more);
                Ok(Value::None)
            }
            ("insert", [place, value]) => {
                let len = list.borrow().len();
                let place = usize::try_from(place.int()?).unwrap_or(0).min(len);
                self.reserve(24)?;
                self.spend(len / 16)?;
                list.borrow_mut().insert(place, value.clone());
                Ok(Value::None)
            }
            ("pop", []) => list.borrow_mut().pop().ok_or(Stop::Raised),
            ("pop", [place]) => {
                let len = list.borrow().len();
                let place = place.int()?;
                let place = if place < 0 {
                    place.saturating_add(i64::try_from(len).map_err(|_| Stop::Limit)?)
                } else {
                    place
                };
                let place = usize::try_from(place)
                    .ok()
                    .filter(|place| *place < len)
                    .ok_or(Stop::Raised)?;
                self.spend(len / 16)?;
                self.did("rotated");
                Ok(list.borrow_mut().remove(place))
            }
            ("reverse", []) => {
                self.did("reversed");
                list.borrow_mut().reverse();
                Ok(Value::None)
            }
            ("copy", []) => {
                let copy = list.borrow().clone();
                self.make(Value::list(copy))
            }
            ("clear", []) => {
                list.borrow_mut().clear();
                Ok(Value::None)
            }
            ("sort", []) => {
                let values = list.borrow().clone();
                let sorted = self.sorted(at, values, named)?;
                *list.borrow_mut() = sorted;
                Ok(Value::None)
            }
            ("index", [value]) => position(&list.borrow(), value),
            ("count", [value]) => count(&list.borrow(), value),
            _ => Err(Stop::Unknown),
        }
    }
}

fn position<'a>(values: &[Value<'a>], wanted: &Value<'a>) -> Answer<Value<'a>> {
    for (index, value) in values.iter().enumerate() {
        if value.same(wanted)? {
            return Ok(Value::Int(i64::try_from(index).map_err(|_| Stop::Limit)?));
        }
    }
    Err(Stop::Raised)
}

fn count<'a>(values: &[Value<'a>], wanted: &Value<'a>) -> Answer<Value<'a>> {
    let mut count = 0i64;
    for value in values {
        count = count.saturating_add(i64::from(value.same(wanted)?));
    }
    Ok(Value::Int(count))
}
