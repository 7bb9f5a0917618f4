//! Functions of the library that only change values.

use std::cell::RefCell;
use std::io::Read;
use std::rc::Rc;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use num_bigint::{BigInt, Sign};

use super::value::{Answer, Map, Stop, Value};
use super::{At, Evaluator, LONGEST};

const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG);

/// Every function that [`Evaluator::native`] has.
const KNOWN: &[&str] = &[
    "ast.literal_eval",
    "base64.a85decode",
    "base64.b16decode",
    "base64.b32decode",
    "base64.b64decode",
    "base64.b85decode",
    "base64.decodebytes",
    "base64.standard_b64decode",
    "base64.urlsafe_b64decode",
    "binascii.a2b_base64",
    "binascii.a2b_hex",
    "binascii.unhexlify",
    "builtins.abs",
    "builtins.all",
    "builtins.any",
    "builtins.bin",
    "builtins.bool",
    "builtins.bytearray",
    "builtins.bytes",
    "builtins.bytes.fromhex",
    "builtins.bytes.maketrans",
    "builtins.bytearray.fromhex",
    "builtins.chr",
    "builtins.dict",
    "builtins.divmod",
    "builtins.enumerate",
    "builtins.filter",
    "builtins.frozenset",
    "builtins.getattr",
    "builtins.hex",
    "builtins.int",
    "builtins.int.from_bytes",
    "builtins.isinstance",
    "builtins.iter",
    "builtins.len",
    "builtins.list",
    "builtins.map",
    "builtins.max",
    "builtins.memoryview",
    "builtins.min",
    "builtins.next",
    "builtins.ord",
    "builtins.pow",
    "builtins.range",
    "builtins.reversed",
    "builtins.set",
    "builtins.sorted",
    "builtins.str",
    "builtins.str.join",
    "builtins.str.maketrans",
    "builtins.sum",
    "builtins.tuple",
    "builtins.zip",
    "bz2.decompress",
    "codecs.decode",
    "functools.reduce",
    "gzip.decompress",
    "itertools.chain",
    "itertools.chain.from_iterable",
    "itertools.count",
    "itertools.cycle",
    "itertools.islice",
    "itertools.repeat",
    "json.loads",
    "lzma.decompress",
    "operator.add",
    "operator.sub",
    "operator.xor",
    "struct.unpack",
    "urllib.parse.unquote",
    "urllib.parse.unquote_plus",
    "zlib.decompress",
];

/// Whether a function is one that only changes values.
pub(super) fn knows(name: &str) -> bool {
    KNOWN.contains(&name)
}

/// Texts that the library has as constants.
pub(super) fn constant(name: &str) -> Option<&'static str> {
    Some(match name {
        "string.ascii_lowercase" => "abcdefghijklmnopqrstuvwxyz",
        "string.ascii_uppercase" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "string.ascii_letters" => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "string.digits" => "0123456789",
        "string.hexdigits" => "0123456789abcdefABCDEF",
        "string.punctuation" => "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        "string.printable" => {
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \t\n\r\u{b}\u{c}"
        }
        _ => return None,
    })
}

/// Bytes from numbers.
pub(super) fn to_bytes(values: &[Value<'_>]) -> Answer<Vec<u8>> {
    values
        .iter()
        .map(|value| u8::try_from(value.int()?).map_err(|_| Stop::Raised))
        .collect()
}

fn inflate(mut reader: impl Read) -> Answer<Vec<u8>> {
    let mut out = Vec::new();
    reader
        .by_ref()
        .take(LONGEST as u64)
        .read_to_end(&mut out)
        .map_err(|_| Stop::Raised)?;
    let mut more = [0];
    match reader.read(&mut more) {
        Ok(0) => Ok(out),
        Ok(_) => Err(Stop::Limit),
        Err(_) => Err(Stop::Raised),
    }
}

fn without_space(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .copied()
        .filter(|b| !b.is_ascii_whitespace())
        .collect()
}

fn base64(bytes: &[u8], url: bool) -> Answer<Vec<u8>> {
    let engine = if url { &URL_SAFE } else { &STANDARD };
    engine
        .decode(without_space(bytes))
        .map_err(|_| Stop::Raised)
}

fn base32(bytes: &[u8]) -> Answer<Vec<u8>> {
    let (mut bits, mut count, mut out) = (0u32, 0u32, Vec::new());
    for byte in bytes.iter().filter(|b| **b != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'2'..=b'7' => byte.wrapping_sub(b'2').wrapping_add(26),
            _ => return Err(Stop::Raised),
        };
        bits = (bits << 5) | u32::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from((bits >> count) & 0xff).map_err(|_| Stop::Raised)?);
            bits &= (1 << count) - 1;
        }
    }
    Ok(out)
}

/// Groups of five digits of base 85 for four bytes.
fn base85(bytes: &[u8], digit: impl Fn(u8) -> Option<u8>, short: bool) -> Answer<Vec<u8>> {
    let mut out = Vec::new();
    let mut group: Vec<u8> = Vec::new();
    let mut flush = |group: &mut Vec<u8>| -> Answer<()> {
        let missing = 5usize.saturating_sub(group.len());
        group.resize(5, 84);
        let number = group.iter().try_fold(0u32, |number, digit| {
            number.checked_mul(85)?.checked_add(u32::from(*digit))
        });
        let bytes = number.ok_or(Stop::Raised)?.to_be_bytes();
        let keep = 4usize.saturating_sub(missing);
        out.extend(bytes.get(..keep).unwrap_or_default());
        group.clear();
        Ok(())
    };
    for byte in bytes.iter().copied().filter(|b| !b.is_ascii_whitespace()) {
        if short && byte == b'z' && group.is_empty() {
            group.resize(5, 0);
        } else {
            group.push(digit(byte).ok_or(Stop::Raised)?);
        }
        if group.len() == 5 {
            flush(&mut group)?;
        }
    }
    if !group.is_empty() {
        flush(&mut group)?;
    }
    Ok(out)
}

/// The digits of `base64.b85decode`, which are those of RFC 1924.
fn rfc1924(byte: u8) -> Option<u8> {
    const DIGITS: &[u8] =
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    let at = DIGITS.iter().position(|digit| *digit == byte)?;
    u8::try_from(at).ok()
}

fn rot13(text: &str) -> String {
    text.chars()
        .map(|c| {
            let turn = |base: u8| {
                let at = u8::try_from(u32::from(c)).unwrap_or(base);
                char::from((at.wrapping_sub(base).wrapping_add(13)) % 26 + base)
            };
            match c {
                'a'..='z' => turn(b'a'),
                'A'..='Z' => turn(b'A'),
                c => c,
            }
        })
        .collect()
}

fn unquote(text: &str) -> Answer<String> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match digits {
            Some(byte) => {
                out.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(out).map_err(|_| Stop::Raised)
}

fn of_json<'a>(json: &serde_json::Value, depth: u32) -> Answer<Value<'a>> {
    if depth > 60 {
        return Err(Stop::Limit);
    }
    Ok(match json {
        serde_json::Value::Null => Value::None,
        serde_json::Value::Bool(yes) => Value::Bool(*yes),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None => Value::Float(number.as_f64().ok_or(Stop::Unknown)?),
        },
        serde_json::Value::String(text) => Value::text(text),
        serde_json::Value::Array(list) => Value::list(
            list.iter()
                .map(|one| of_json(one, depth + 1))
                .collect::<Answer<_>>()?,
        ),
        serde_json::Value::Object(fields) => {
            let mut map = Map::default();
            for (key, value) in fields {
                map.set(Value::text(key), of_json(value, depth + 1)?)?;
            }
            Value::Dict(Rc::new(RefCell::new(map)))
        }
    })
}

impl<'a> Evaluator<'a> {
    pub(super) fn native(
        &mut self,
        at: At<'_, 'a>,
        name: &str,
        args: Vec<Value<'a>>,
        named: Vec<(&'a str, Value<'a>)>,
    ) -> Answer<Value<'a>> {
        let cost: usize = args.iter().map(Value::size).sum();
        self.spend(cost / 16)?;
        match name.split_once('.') {
            Some(("builtins", function)) => self.builtin(at, function, args, named),
            _ => self.function(at, name, &args, &named),
        }
    }

    fn bytes_by(&mut self, how: &'static str, bytes: Answer<Vec<u8>>) -> Answer<Value<'a>> {
        let bytes = bytes?;
        self.did(how);
        self.make(Value::bytes(&bytes))
    }

    fn function(
        &mut self,
        at: At<'_, 'a>,
        name: &str,
        args: &[Value<'a>],
        named: &[(&'a str, Value<'a>)],
    ) -> Answer<Value<'a>> {
        let first = || args.first().ok_or(Stop::Raised);
        let bytes = || first()?.as_bytes();
        match name {
            "base64.b64decode"
            | "base64.standard_b64decode"
            | "base64.decodebytes"
            | "binascii.a2b_base64" => {
                if args.get(1).is_some() || named.iter().any(|(name, _)| *name == "altchars") {
                    let altchars = args
                        .get(1)
                        .or_else(|| named.first().map(|(_, value)| value))
                        .ok_or(Stop::Raised)?
                        .as_bytes()?;
                    let [plus, slash] = altchars.as_slice() else {
                        return Err(Stop::Unknown);
                    };
                    let mapped: Vec<u8> = bytes()?
                        .into_iter()
                        .map(|b| match b {
                            b if b == *plus => b'+',
                            b if b == *slash => b'/',
                            b => b,
                        })
                        .collect();
                    self.did("alphabet");
                    return self.bytes_by("base64", base64(&mapped, false));
                }
                self.bytes_by("base64", base64(&bytes()?, false))
            }
            "base64.urlsafe_b64decode" => self.bytes_by("base64", base64(&bytes()?, true)),
            "base64.b32decode" => self.bytes_by("base32", base32(&bytes()?)),
            "base64.b16decode" | "binascii.unhexlify" | "binascii.a2b_hex" => {
                let decoded = hex::decode(bytes()?).map_err(|_| Stop::Raised);
                self.bytes_by("hex", decoded)
            }
            "base64.b85decode" => self.bytes_by("base85", base85(&bytes()?, rfc1924, false)),
            "base64.a85decode" => {
                let digit = |b: u8| b.checked_sub(b'!').filter(|digit| *digit < 85);
                self.bytes_by("ascii85", base85(&bytes()?, digit, true))
            }
            "zlib.decompress" => {
                let bytes = bytes()?;
                // The second argument says that there is no header, or which.
                let bits = args
                    .get(1)
                    .or_else(|| named.iter().find(|(n, _)| *n == "wbits").map(|(_, v)| v))
                    .map_or(Ok(15), Value::int)?;
                let out = if bits < 0 {
                    inflate(flate2::read::DeflateDecoder::new(bytes.as_slice()))
                } else if bits > 15 {
                    inflate(flate2::read::MultiGzDecoder::new(bytes.as_slice()))
                } else {
                    inflate(flate2::read::ZlibDecoder::new(bytes.as_slice()))
                };
                self.bytes_by("zlib", out)
            }
            "gzip.decompress" => {
                let bytes = bytes()?;
                let out = inflate(flate2::read::MultiGzDecoder::new(bytes.as_slice()));
                self.bytes_by("gzip", out)
            }
            "bz2.decompress" => {
                let bytes = bytes()?;
                let out = inflate(bzip2::read::MultiBzDecoder::new(bytes.as_slice()));
                self.bytes_by("bzip2", out)
            }
            "lzma.decompress" => {
                let bytes = bytes()?;
                let stream = liblzma::stream::Stream::new_auto_decoder(LONGEST as u64 * 8, 0)
                    .map_err(|_| Stop::Limit)?;
                let out = inflate(liblzma::read::XzDecoder::new_stream(
                    bytes.as_slice(),
                    stream,
                ));
                self.bytes_by("xz", out)
            }
            "codecs.decode" => {
                let codec = args
                    .get(1)
                    .or_else(|| named.iter().find(|(n, _)| *n == "encoding").map(|(_, v)| v))
                    .map_or_else(|| Ok(Rc::from("utf-8")), Value::as_str)?;
                let codec = codec.to_ascii_lowercase().replace('-', "_");
                match codec.trim_end_matches("_codec") {
                    "rot13" | "rot_13" => {
                        self.did("rot13");
                        let text = rot13(&first()?.as_str()?);
                        self.make(Value::text(&text))
                    }
                    "hex" => {
                        let decoded = hex::decode(bytes()?).map_err(|_| Stop::Raised);
                        self.bytes_by("hex", decoded)
                    }
                    "base64" => self.bytes_by("base64", base64(&bytes()?, false)),
                    "zlib" | "zip" => {
                        let bytes = bytes()?;
                        let out = inflate(flate2::read::ZlibDecoder::new(bytes.as_slice()));
                        self.bytes_by("zlib", out)
                    }
                    "utf_8" | "utf8" | "ascii" => {
                        let text = String::from_utf8(bytes()?).map_err(|_| Stop::Raised)?;
                        self.make(Value::text(&text))
                    }
                    _ => Err(Stop::Unknown),
                }
            }
            "json.loads" => {
                let bytes = first()?
                    .as_bytes()
                    .or_else(|_| first()?.as_str().map(|text| text.as_bytes().to_vec()))?;
                self.reserve(bytes.len().saturating_mul(16))?;
                let json: serde_json::Value =
                    serde_json::from_slice(&bytes).map_err(|_| Stop::Raised)?;
                self.did("json");
                of_json(&json, 0)
            }
            "ast.literal_eval" => {
                // The forms that are JSON as well.
                let text = first()?.as_str()?.replace('\'', "\"");
                let json: serde_json::Value =
                    serde_json::from_str(&text).map_err(|_| Stop::Unknown)?;
                of_json(&json, 0)
            }
            "urllib.parse.unquote" => {
                self.did("percent");
                let text = unquote(&first()?.as_str()?)?;
                self.make(Value::text(&text))
            }
            "urllib.parse.unquote_plus" => {
                self.did("percent");
                let text = unquote(&first()?.as_str()?.replace('+', " "))?;
                self.make(Value::text(&text))
            }
            "functools.reduce" => {
                let [function, list, rest @ ..] = args else {
                    return Err(Stop::Raised);
                };
                let mut values = self.elements(list)?.into_iter();
                let mut sum = match rest.first() {
                    Some(start) => start.clone(),
                    None => values.next().ok_or(Stop::Raised)?,
                };
                for value in values {
                    sum = self.call(at, function, vec![sum, value], Vec::new())?;
                }
                Ok(sum)
            }
            "operator.xor" | "operator.add" | "operator.sub" => {
                let [left, right] = args else {
                    return Err(Stop::Raised);
                };
                let op = match name {
                    "operator.xor" => ruff_python_ast::Operator::BitXor,
                    "operator.add" => ruff_python_ast::Operator::Add,
                    _ => ruff_python_ast::Operator::Sub,
                };
                self.operate(op, left, right)
            }
            "itertools.cycle" => {
                let values = self.elements(first()?)?;
                if values.is_empty() {
                    return Err(Stop::Unknown);
                }
                Ok(Value::Cycle(Rc::from(values)))
            }
            "itertools.repeat" => match args {
                [value] => Ok(Value::Cycle(Rc::from(vec![value.clone()]))),
                _ => Err(Stop::Unknown),
            },
            "itertools.count" => {
                let start = args.first().map_or(Ok(0), Value::int)?;
                let step = args.get(1).map_or(Ok(1), Value::int)?;
                Ok(Value::Count(start, step))
            }
            "itertools.islice" => {
                let [list, bounds @ ..] = args else {
                    return Err(Stop::Raised);
                };
                let number = |value: &Value<'a>| match value {
                    Value::None => Ok(None),
                    value => value.int().map(Some),
                };
                let bounds: Vec<Option<i64>> = match bounds {
                    [to] => vec![None, number(to)?, None],
                    [from, to] => vec![number(from)?, number(to)?, None],
                    [from, to, by] => vec![number(from)?, number(to)?, number(by)?],
                    _ => return Err(Stop::Raised),
                };
                let most = match bounds.get(1).copied().flatten() {
                    Some(most) => usize::try_from(most).map_err(|_| Stop::Raised)?,
                    None => usize::MAX,
                };
                let values = self.taken(list, most)?;
                self.sliced(&Value::list(values), &bounds)
            }
            "itertools.chain" => {
                let mut values = Vec::new();
                for list in args {
                    values.extend(self.elements(list)?);
                }
                Ok(Value::iter(values))
            }
            "itertools.chain.from_iterable" => {
                let mut values = Vec::new();
                for list in self.elements(first()?)? {
                    values.extend(self.elements(&list)?);
                    self.reserve(values.len())?;
                }
                Ok(Value::iter(values))
            }
            "struct.unpack" => {
                let [form, data] = args else {
                    return Err(Stop::Raised);
                };
                self.did("struct");
                let values = unpack(&form.as_str()?, &data.as_bytes()?)?;
                self.make(Value::tuple(values))
            }
            _ => Err(Stop::Unknown),
        }
    }

    /// At most so many elements, also of what has no end.
    fn taken(&mut self, list: &Value<'a>, most: usize) -> Answer<Vec<Value<'a>>> {
        match list {
            Value::Cycle(values) => {
                let most = most.min(LONGEST / 24);
                self.reserve(most.saturating_mul(24))?;
                Ok(values.iter().cycle().take(most).cloned().collect())
            }
            Value::Count(start, step) => {
                let most = most.min(LONGEST / 24);
                self.reserve(most.saturating_mul(24))?;
                let mut next = *start;
                Ok((0..most)
                    .map(|_| {
                        let value = Value::Int(next);
                        next = next.saturating_add(*step);
                        value
                    })
                    .collect())
            }
            other => self.elements(other),
        }
    }

    pub(super) fn sorted(
        &mut self,
        at: At<'_, 'a>,
        values: Vec<Value<'a>>,
        named: &[(&'a str, Value<'a>)],
    ) -> Answer<Vec<Value<'a>>> {
        let mut keyed = Vec::with_capacity(values.len());
        let mut backwards = false;
        let mut by = None;
        for (name, value) in named {
            match *name {
                "key" => by = Some(value.clone()),
                "reverse" => backwards = value.truth()?,
                _ => return Err(Stop::Unknown),
            }
        }
        for value in values {
            let key = match &by {
                Some(by) => self.call(at, by, vec![value.clone()], Vec::new())?,
                None => value.clone(),
            };
            keyed.push((key, value));
        }
        if by.is_some() {
            self.did("sorted");
        }
        self.spend(keyed.len().saturating_mul(4))?;
        // Only values of one kind have an order among all of them.
        let mut kinds = keyed.iter().map(|(key, _)| kind(key, 0));
        let first = kinds.next().unwrap_or_default();
        if first.is_none() || !kinds.all(|kind| kind == first) {
            return if keyed.is_empty() {
                Ok(Vec::new())
            } else {
                Err(Stop::Unknown)
            };
        }
        let mut wrong = None;
        keyed.sort_by(|(a, _), (b, _)| {
            let order = match self.order(a, b) {
                Ok(order) => order,
                Err(stop) => {
                    wrong = Some(stop);
                    std::cmp::Ordering::Equal
                }
            };
            if backwards { order.reverse() } else { order }
        });
        match wrong {
            Some(stop) => Err(stop),
            None => Ok(keyed.into_iter().map(|(_, value)| value).collect()),
        }
    }

    fn builtin(
        &mut self,
        at: At<'_, 'a>,
        name: &str,
        args: Vec<Value<'a>>,
        named: Vec<(&'a str, Value<'a>)>,
    ) -> Answer<Value<'a>> {
        if !named.is_empty()
            && !matches!(
                name,
                "sorted" | "int.from_bytes" | "dict" | "enumerate" | "bytes" | "str" | "zip"
            )
        {
            return Err(Stop::Unknown);
        }
        let int = |value: usize| {
            i64::try_from(value)
                .map(Value::Int)
                .map_err(|_| Stop::Limit)
        };
        match (name, args.as_slice()) {
            ("len", [value]) => match value {
                Value::Str(text) => int(text.chars().count()),
                Value::Bytes(bytes) => int(bytes.len()),
                Value::Buffer(bytes) => int(bytes.borrow().len()),
                Value::List(list) => int(list.borrow().len()),
                Value::Tuple(list) => int(list.len()),
                Value::Set(map) | Value::Dict(map) => int(map.borrow().len()),
                _ => Err(Stop::Unknown),
            },
            ("range", [to]) => self.range(0, to.int()?, 1),
            ("range", [from, to]) => self.range(from.int()?, to.int()?, 1),
            ("range", [from, to, by]) => self.range(from.int()?, to.int()?, by.int()?),
            ("chr", [code]) => {
                self.did("characters");
                let code = u32::try_from(code.int()?).map_err(|_| Stop::Raised)?;
                let c = char::from_u32(code).ok_or(Stop::Raised)?;
                Ok(Value::text(c.encode_utf8(&mut [0; 4])))
            }
            ("ord", [value]) => match value {
                Value::Str(text) => {
                    let mut chars = text.chars();
                    match (chars.next(), chars.next()) {
                        (Some(c), None) => Ok(Value::Int(i64::from(u32::from(c)))),
                        _ => Err(Stop::Raised),
                    }
                }
                _ => match value.as_bytes()?.as_slice() {
                    [byte] => Ok(Value::Int(i64::from(*byte))),
                    _ => Err(Stop::Raised),
                },
            },
            ("bytes" | "bytearray" | "memoryview", _) => {
                let bytes = match args.as_slice() {
                    [] => Vec::new(),
                    [Value::Str(text), ..] => text.as_bytes().to_vec(),
                    [Value::Int(len)] => {
                        let len = usize::try_from(*len).map_err(|_| Stop::Raised)?;
                        self.reserve(len)?;
                        vec![0; len]
                    }
                    [value] if value.is_bytes() => value.as_bytes()?,
                    [value] => {
                        let values = self.elements(value)?;
                        self.did("numbers");
                        to_bytes(&values)?
                    }
                    _ => return Err(Stop::Unknown),
                };
                self.reserve(bytes.len())?;
                Ok(if name == "bytearray" {
                    Value::Buffer(Rc::new(RefCell::new(bytes)))
                } else {
                    Value::bytes(&bytes)
                })
            }
            ("bytes.fromhex" | "bytearray.fromhex", [text]) => {
                let decoded = hex::decode(without_space(text.as_str()?.as_bytes()));
                self.bytes_by("hex", decoded.map_err(|_| Stop::Raised))
            }
            ("bytes.maketrans", [from, to]) => {
                let mut table: Vec<u8> = (0..=255).collect();
                for (from, to) in from.as_bytes()?.into_iter().zip(to.as_bytes()?) {
                    if let Some(slot) = table.get_mut(usize::from(from)) {
                        *slot = to;
                    }
                }
                Ok(Value::bytes(&table))
            }
            ("str.maketrans", [from, to, ..]) => {
                let mut map = Map::default();
                let (from, to) = (from.as_str()?, to.as_str()?);
                for (from, to) in from.chars().zip(to.chars()) {
                    let code = |c: char| Value::Int(i64::from(u32::from(c)));
                    map.set(code(from), code(to))?;
                }
                self.make(Value::Dict(Rc::new(RefCell::new(map))))
            }
            ("str.maketrans", [Value::Dict(table)]) => {
                let mut map = Map::default();
                for (key, value) in table.borrow().pairs() {
                    let key = match key {
                        Value::Str(text) => {
                            let c = text.chars().next().ok_or(Stop::Raised)?;
                            Value::Int(i64::from(u32::from(c)))
                        }
                        other => other.clone(),
                    };
                    map.set(key, value.clone())?;
                }
                self.make(Value::Dict(Rc::new(RefCell::new(map))))
            }
            ("str.join", [separator, list]) => {
                self.method(at, separator, "join", vec![list.clone()], Vec::new())
            }
            ("str", []) => Ok(Value::text("")),
            ("str", [value]) if !value.is_bytes() => {
                let text = self.show(value)?;
                self.make(Value::text(&text))
            }
            ("str", [value, charset, ..]) => {
                self.method(at, value, "decode", vec![charset.clone()], Vec::new())
            }
            ("int", [value]) => match value {
                Value::Str(text) => parse_int(text, 10),
                #[expect(clippy::cast_possible_truncation, reason = "as Python does")]
                Value::Float(number) if number.abs() < 1e15 => Ok(Value::Int(*number as i64)),
                Value::Float(_) => Err(Stop::Unknown),
                value if value.is_bytes() => {
                    let bytes = value.as_bytes()?;
                    parse_int(std::str::from_utf8(&bytes).map_err(|_| Stop::Raised)?, 10)
                }
                value => Ok(Value::big(value.bigint()?)),
            },
            ("int", [value, base]) => {
                let base = u32::try_from(base.int()?)
                    .ok()
                    .filter(|base| (2..=36).contains(base))
                    .ok_or(Stop::Unknown)?;
                let text = match value {
                    Value::Str(text) => text.to_string(),
                    other => String::from_utf8(other.as_bytes()?).map_err(|_| Stop::Raised)?,
                };
                parse_int(&text, base)
            }
            ("int.from_bytes", [value, rest @ ..]) => {
                let order = rest
                    .first()
                    .or_else(|| {
                        named
                            .iter()
                            .find(|(n, _)| *n == "byteorder")
                            .map(|(_, v)| v)
                    })
                    .map_or_else(|| Ok(Rc::from("big")), Value::as_str)?;
                let bytes = value.as_bytes()?;
                let number = if &*order == "little" {
                    BigInt::from_bytes_le(Sign::Plus, &bytes)
                } else {
                    BigInt::from_bytes_be(Sign::Plus, &bytes)
                };
                self.make(Value::big(number))
            }
            ("bool", [value]) => Ok(Value::Bool(value.truth()?)),
            ("abs", [value]) => {
                let number = value.bigint()?;
                Ok(Value::big(if number < BigInt::from(0) {
                    -number
                } else {
                    number
                }))
            }
            ("hex", [value]) => {
                let text = format!("0x{}", value.bigint()?.to_str_radix(16));
                self.make(Value::text(&text))
            }
            ("bin", [value]) => {
                let text = format!("0b{}", value.bigint()?.to_str_radix(2));
                self.make(Value::text(&text))
            }
            ("divmod", [a, b]) => {
                let quotient = self.operate(ruff_python_ast::Operator::FloorDiv, a, b)?;
                let rest = self.operate(ruff_python_ast::Operator::Mod, a, b)?;
                Ok(Value::tuple(vec![quotient, rest]))
            }
            ("pow", [a, b]) => self.operate(ruff_python_ast::Operator::Pow, a, b),
            ("pow", [a, b, modulo]) => {
                let (a, b, modulo) = (a.bigint()?, b.bigint()?, modulo.bigint()?);
                let zero = BigInt::from(0);
                let bits = b.bits().saturating_add(modulo.bits());
                if modulo <= zero || b < zero || bits > 8192 {
                    return Err(Stop::Unknown);
                }
                self.spend(usize::try_from(bits.saturating_mul(bits) / 256).unwrap_or(usize::MAX))?;
                Ok(Value::big(a.modpow(&b, &modulo)))
            }
            ("list", []) => Ok(Value::list(Vec::new())),
            ("list", [value]) => {
                let values = self.elements(value)?;
                self.make(Value::list(values))
            }
            ("tuple", []) => Ok(Value::tuple(Vec::new())),
            ("tuple", [value]) => {
                let values = self.elements(value)?;
                self.make(Value::tuple(values))
            }
            ("set" | "frozenset", []) => self.set_of(Vec::new()),
            ("set" | "frozenset", [value]) => {
                let values = self.elements(value)?;
                self.set_of(values)
            }
            ("dict", list) => {
                let mut map = Map::default();
                match list {
                    [] => {}
                    [Value::Dict(more)] => map = more.borrow().clone(),
                    [pairs] => {
                        for pair in self.elements(pairs)? {
                            let [key, value] = <[Value<'a>; 2]>::try_from(self.elements(&pair)?)
                                .map_err(|_| Stop::Raised)?;
                            map.set(key, value)?;
                        }
                    }
                    _ => return Err(Stop::Raised),
                }
                for (name, value) in named {
                    map.set(Value::text(name), value)?;
                }
                self.make(Value::Dict(Rc::new(RefCell::new(map))))
            }
            ("iter", [value]) => match value {
                Value::Iter(_) | Value::Cycle(_) | Value::Count(..) => Ok(value.clone()),
                other => {
                    let values = self.elements(other)?;
                    self.make(Value::iter(values))
                }
            },
            ("next", [Value::Iter(iter), rest @ ..]) => {
                let mut iter = iter.borrow_mut();
                let at = iter.1;
                match iter.0.get(at).cloned() {
                    Some(value) => {
                        iter.1 = at.saturating_add(1);
                        Ok(value)
                    }
                    None => rest.first().cloned().ok_or(Stop::Raised),
                }
            }
            ("reversed", [value]) => {
                let mut values = self.elements(value)?;
                values.reverse();
                self.did("reversed");
                self.make(Value::iter(values))
            }
            ("sorted", [value]) => {
                let values = self.elements(value)?;
                let sorted = self.sorted(at, values, &named)?;
                self.make(Value::list(sorted))
            }
            ("enumerate", [value, rest @ ..]) => {
                let start = rest
                    .first()
                    .or_else(|| named.first().map(|(_, value)| value))
                    .map_or(Ok(0), Value::int)?;
                let values = self.elements(value)?;
                self.reserve(values.len().saturating_mul(48))?;
                Ok(Value::iter(
                    values
                        .into_iter()
                        .zip(start..)
                        .map(|(value, at)| Value::tuple(vec![Value::Int(at), value]))
                        .collect(),
                ))
            }
            ("zip", lists) => {
                let endless = |list: &Value<'a>| matches!(list, Value::Cycle(_) | Value::Count(..));
                let mut columns: Vec<Option<Vec<Value<'a>>>> = Vec::new();
                let mut shortest = usize::MAX;
                for list in lists {
                    if endless(list) {
                        columns.push(None);
                    } else {
                        let values = self.elements(list)?;
                        shortest = shortest.min(values.len());
                        columns.push(Some(values));
                    }
                }
                if shortest == usize::MAX {
                    return Err(Stop::Unknown);
                }
                let mut rows = Vec::with_capacity(lists.len());
                for (column, list) in columns.into_iter().zip(lists) {
                    rows.push(match column {
                        Some(values) => values,
                        None => self.taken(list, shortest)?,
                    });
                }
                self.reserve(shortest.saturating_mul(48))?;
                let made = (0..shortest)
                    .map(|index| {
                        Value::tuple(
                            rows.iter()
                                .filter_map(|row| row.get(index).cloned())
                                .collect(),
                        )
                    })
                    .collect();
                Ok(Value::iter(made))
            }
            ("map", [function, lists @ ..]) => {
                let zipped = match lists {
                    [one] => self
                        .elements(one)?
                        .into_iter()
                        .map(|value| vec![value])
                        .collect::<Vec<_>>(),
                    more => {
                        let rows = self.builtin(at, "zip", more.to_vec(), Vec::new())?;
                        let rows = self.elements(&rows)?;
                        rows.iter()
                            .map(|row| self.elements(row))
                            .collect::<Answer<_>>()?
                    }
                };
                let mut values = Vec::with_capacity(zipped.len());
                for args in zipped {
                    values.push(self.call(at, function, args, Vec::new())?);
                }
                self.make(Value::iter(values))
            }
            ("filter", [function, list]) => {
                let mut values = Vec::new();
                for value in self.elements(list)? {
                    let keep = match function {
                        Value::None => value.truth()?,
                        function => self
                            .call(at, function, vec![value.clone()], Vec::new())?
                            .truth()?,
                    };
                    if keep {
                        values.push(value);
                    }
                }
                self.make(Value::iter(values))
            }
            ("any" | "all", [list]) => {
                let wanted = name == "any";
                for value in self.elements(list)? {
                    if value.truth()? == wanted {
                        return Ok(Value::Bool(wanted));
                    }
                }
                Ok(Value::Bool(!wanted))
            }
            ("sum", [list, rest @ ..]) => {
                let mut sum = rest.first().cloned().unwrap_or(Value::Int(0));
                for value in self.elements(list)? {
                    sum = self.operate(ruff_python_ast::Operator::Add, &sum, &value)?;
                }
                Ok(sum)
            }
            ("min" | "max", values) => {
                let values = match values {
                    [one] => self.elements(one)?,
                    many => many.to_vec(),
                };
                let wanted = if name == "min" {
                    std::cmp::Ordering::Less
                } else {
                    std::cmp::Ordering::Greater
                };
                let mut values = values.into_iter();
                let mut best = values.next().ok_or(Stop::Raised)?;
                for value in values {
                    if self.order(&value, &best)? == wanted {
                        best = value;
                    }
                }
                Ok(best)
            }
            ("getattr", [object, name]) => {
                let name = name.as_str()?;
                self.attribute(at, object, &name)
            }
            ("isinstance", [value, Value::Native(class)]) => Ok(Value::Bool(matches!(
                (value, &**class),
                (Value::Str(_), "builtins.str")
                    | (Value::Bytes(_), "builtins.bytes")
                    | (Value::List(_), "builtins.list")
                    | (Value::Int(_), "builtins.int")
            ))),
            _ => Err(Stop::Unknown),
        }
    }

    fn range(&mut self, from: i64, to: i64, by: i64) -> Answer<Value<'a>> {
        if by == 0 {
            return Err(Stop::Raised);
        }
        let distance = if by > 0 {
            to.saturating_sub(from)
        } else {
            from.saturating_sub(to)
        };
        let count = u64::try_from(distance)
            .unwrap_or(0)
            .div_ceil(by.unsigned_abs());
        let count = usize::try_from(count).map_err(|_| Stop::Limit)?;
        self.reserve(count.saturating_mul(24))?;
        let mut next = from;
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            values.push(Value::Int(next));
            next = next.saturating_add(by);
        }
        Ok(Value::list(values))
    }
}

/// What a value is compared as; none where it cannot be.
fn kind(value: &Value<'_>, depth: u32) -> Option<String> {
    Some(match value {
        Value::Str(_) => "s".to_owned(),
        Value::Bytes(_) => "b".to_owned(),
        Value::Int(_) | Value::Big(_) | Value::Bool(_) => "i".to_owned(),
        Value::Tuple(values) if depth < 3 && values.len() <= 16 => {
            let kinds: Option<Vec<String>> =
                values.iter().map(|value| kind(value, depth + 1)).collect();
            format!("({})", kinds?.join(","))
        }
        _ => return None,
    })
}

fn parse_int<'a>(text: &str, base: u32) -> Answer<Value<'a>> {
    let text = text.trim().replace('_', "");
    let digits = match base {
        16 => text.trim_start_matches("0x").trim_start_matches("0X"),
        2 => text.trim_start_matches("0b"),
        8 => text.trim_start_matches("0o"),
        _ => text.as_str(),
    };
    if digits.len() > 20_000 {
        return Err(Stop::Limit);
    }
    BigInt::parse_bytes(digits.as_bytes(), base)
        .map(Value::big)
        .ok_or(Stop::Raised)
}

/// The plain forms of `struct.unpack`: an order, and numbers or bytes.
fn unpack<'a>(form: &str, data: &[u8]) -> Answer<Vec<Value<'a>>> {
    let (big, form) = match form.strip_prefix(['>', '!']) {
        Some(rest) => (true, rest),
        None => (false, form.trim_start_matches(['<', '=', '@'])),
    };
    let mut out = Vec::new();
    let mut rest = data;
    let mut count: Option<usize> = None;
    for c in form.chars() {
        if let Some(digit) = c.to_digit(10) {
            let so_far = count.unwrap_or(0).saturating_mul(10);
            count = Some(so_far.saturating_add(digit as usize));
            continue;
        }
        let times = count.take().unwrap_or(1);
        if c == 's' {
            let (bytes, tail) = rest.split_at_checked(times).ok_or(Stop::Raised)?;
            out.push(Value::bytes(bytes));
            rest = tail;
            continue;
        }
        let (size, signed) = match c {
            'B' => (1, false),
            'b' => (1, true),
            'H' => (2, false),
            'h' => (2, true),
            'I' | 'L' => (4, false),
            'i' | 'l' => (4, true),
            'Q' => (8, false),
            'q' => (8, true),
            ' ' => continue,
            _ => return Err(Stop::Unknown),
        };
        for _ in 0..times {
            let (bytes, tail) = rest.split_at_checked(size).ok_or(Stop::Raised)?;
            rest = tail;
            let number = match (big, signed) {
                (true, true) => BigInt::from_signed_bytes_be(bytes),
                (false, true) => BigInt::from_signed_bytes_le(bytes),
                (true, false) => BigInt::from_bytes_be(Sign::Plus, bytes),
                (false, false) => BigInt::from_bytes_le(Sign::Plus, bytes),
            };
            out.push(Value::big(number));
        }
    }
    if rest.is_empty() {
        Ok(out)
    } else {
        Err(Stop::Raised)
    }
}
