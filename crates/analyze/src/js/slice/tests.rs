use assay_model::Finding;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::analyze_source;

const LIST: &[&str] = &[
    "alpha.example",
    "beta.example.org",
    "mirror.corp.test",
    "gate.gamma.example",
];

/// A decoder: what it declares, and the expression of the list.
struct Shape {
    name: &'static str,
    setup: String,
    list: String,
}

fn shape(name: &'static str, setup: impl Into<String>, list: impl Into<String>) -> Shape {
    Shape {
        name,
        setup: setup.into(),
        list: list.into(),
    }
}

fn numbers(values: impl IntoIterator<Item = u64>) -> String {
    let all: Vec<String> = values.into_iter().map(|v| v.to_string()).collect();
    all.join(",")
}

fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut s: Vec<u8> = (0..=255).collect();
    let mut j = 0usize;
    for i in 0..256 {
        j = (j + s[i] as usize + key[i % key.len()] as usize) & 255;
        s.swap(i, j);
    }
    let (mut i, mut j) = (0usize, 0usize);
    data.iter()
        .map(|b| {
            i = (i + 1) & 255;
            j = (j + s[i] as usize) & 255;
            s.swap(i, j);
            b ^ s[(s[i] as usize + s[j] as usize) & 255]
        })
        .collect()
}

#[expect(clippy::too_many_lines, reason = "one entry a shape")]
fn shapes() -> Vec<Shape> {
    let plain = LIST.join(",");
    let bytes = plain.as_bytes();
    let b64 = |bytes: &[u8]| STANDARD.encode(bytes);
    let mut out = Vec::new();

    let rolled: Vec<u8> = bytes
        .iter()
        .zip([7u8, 91, 23, 200].iter().cycle())
        .map(|(b, k)| b ^ k)
        .collect();
    out.push(shape(
        "rolling xor of hex",
        format!(
            "const key = [7, 91, 23, 200]; const text = '{}'; function unroll(hex) {{ let out = ''; for (let i = 0; i < hex.length; i += 2) out += String.fromCharCode(parseInt(hex.slice(i, i + 2), 16) ^ key[(i / 2) % key.length]); return out; }}",
            hex::encode(&rolled)
        ),
        "unroll(text).split(',')",
    ));
    out.push(shape(
        "rolling xor of base64 by a text",
        format!(
            "const word = 'tulip'; const blob = '{}'; const open = (text, with_) => Buffer.from(text, 'base64').map((b, i) => b ^ with_.charCodeAt(i % with_.length)).toString();",
            b64(&bytes.iter().zip(b"tulip".iter().cycle()).map(|(b, k)| b ^ k).collect::<Vec<_>>())
        ),
        "open(blob, word).split(',')",
    ));
    let custom: String = b64(bytes)
        .chars()
        .map(|c| match c {
            'a'..='z' => c.to_ascii_uppercase(),
            'A'..='Z' => c.to_ascii_lowercase(),
            '+' => '-',
            '/' => '_',
            c => c,
        })
        .collect();
    out.push(shape(
        "another alphabet",
        format!(
            "const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'; const kept = '{custom}'; function six(text) {{ let bits = 0, held = 0, out = ''; for (const c of text.replace(/=+$/, '')) {{ held = (held << 6) | letters.indexOf(c); bits += 6; if (bits >= 8) {{ bits -= 8; out += String.fromCharCode((held >> bits) & 255); }} }} return out; }}"
        ),
        "six(kept).split(',')",
    ));
    out.push(shape(
        "codes with arithmetic",
        format!(
            "const codes = [{}];",
            numbers(bytes.iter().map(|b| u64::from(*b) * 3 + 7))
        ),
        "codes.map((c) => String.fromCharCode((c - 7) / 3)).join('').split(',')",
    ));
    out.push(shape(
        "codes spread",
        format!(
            "const codes = [{}];",
            numbers(bytes.iter().map(|b| u64::from(*b) + 1000))
        ),
        "String.fromCharCode(...codes.map((c) => c - 1000)).split(',')",
    ));
    out.push(shape(
        "rc4",
        format!(
            "const secret = 'marble'; const cipher = '{}'; function stream(key, text) {{ const s = []; let j = 0, out = ''; for (let i = 0; i < 256; i++) s[i] = i; for (let i = 0; i < 256; i++) {{ j = (j + s[i] + key.charCodeAt(i % key.length)) % 256; [s[i], s[j]] = [s[j], s[i]]; }} let i = 0; j = 0; for (let n = 0; n < text.length; n++) {{ i = (i + 1) % 256; j = (j + s[i]) % 256; [s[i], s[j]] = [s[j], s[i]]; out += String.fromCharCode(text.charCodeAt(n) ^ s[(s[i] + s[j]) % 256]); }} return out; }}",
            b64(&rc4(b"marble", bytes))
        ),
        "stream(secret, atob(cipher)).split(',')",
    ));
    out.push(shape(
        "reversed",
        format!(
            "const turned = '{}'; const back = (text) => text.split('').reverse().join('');",
            plain.chars().rev().collect::<String>().replace('.', "!")
        ),
        "back(turned).replaceAll('!', '.').split(',')",
    ));
    let rotated: Vec<String> = {
        let mut all: Vec<String> = LIST.iter().map(|h| b64(h.as_bytes())).collect();
        all.push("17kDdYz".to_owned());
        all.rotate_left(2);
        all
    };
    out.push(shape(
        "a table that is turned",
        format!(
            "const table = {rotated:?}; (function (list, goal) {{ while (true) {{ try {{ if (parseInt(list[4]) === goal) break; list.push(list.shift()); }} catch (e) {{ list.push(list.shift()); }} }} }})(table, 0x11); const at = (n) => atob(table[n - 0x1f0]);"
        ),
        "[at(0x1f0), at(0x1f1), at(0x1f2), at(0x1f3)]",
    ));
    out.push(shape(
        "a table behind a function that replaces itself",
        format!(
            "function all() {{ const list = {:?}; all = function () {{ return list; }}; return all(); }} function pick(n, k) {{ const list = all(); pick = function (n, k) {{ n = n - 0x64; let text = list[n]; return atob(text); }}; return pick(n, k); }}",
            LIST.iter().map(|h| b64(h.as_bytes())).collect::<Vec<_>>()
        ),
        "[pick(0x64), pick(0x65), pick(0x66), pick(0x67)]",
    ));
    out.push(shape(
        "reduced pairs",
        format!(
            "const pairs = '{}';",
            hex::encode(bytes.iter().map(|b| b.wrapping_add(19)).collect::<Vec<_>>())
        ),
        "pairs.match(/../g).reduce((out, pair) => out + String.fromCharCode((parseInt(pair, 16) + 237) % 256), '').split(',')",
    ));
    out.push(shape(
        "pieces in templates",
        format!(
            "const p = (n) => String.fromCharCode(...n.map((c) => c ^ 42)); const one = [{}], two = [{}];",
            numbers(bytes[..20].iter().map(|b| u64::from(b ^ 42))),
            numbers(bytes[20..].iter().map(|b| u64::from(b ^ 42)))
        ),
        "`${p(one)}${p(two)}`.split(',')",
    ));
    let big = bytes
        .iter()
        .fold(String::new(), |out, b| format!("{out}{b:02x}"));
    out.push(shape(
        "a big integer",
        format!(
            "const huge = 0x{big}n; function spell(n) {{ let out = ''; while (n > 0n) {{ out = String.fromCharCode(Number(n & 255n)) + out; n >>= 8n; }} return out; }}"
        ),
        "spell(huge).split(',')",
    ));
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut zlib, bytes).unwrap();
    let zlib: Vec<u8> = zlib.finish().unwrap().iter().map(|b| b ^ 0x33).collect();
    out.push(shape(
        "compressed under xor",
        format!(
            "const zlib = require('zlib'); const packed = Buffer.from('{}', 'base64').map((b) => b ^ 0x33);",
            b64(&zlib)
        ),
        "zlib.inflateSync(packed).toString('utf8').split(',')",
    ));
    out.push(shape(
        "bits turned",
        format!(
            "const turnedBits = Uint8Array.from([{}]);",
            numbers(bytes.iter().map(|b| u64::from(b.rotate_left(3))))
        ),
        "new TextDecoder().decode(turnedBits.map((b) => ((b >> 3) | (b << 5)) & 255)).split(',')",
    ));
    out.push(shape(
        "added by place",
        format!(
            "const shifted = '{}'; const lower = (t) => [...atob(t)].map((c, i) => String.fromCharCode((c.charCodeAt(0) - i * 5 + 5120) % 256)).join('');",
            b64(&bytes
                .iter()
                .enumerate()
                .map(|(i, b)| b.wrapping_add(u8::try_from(i * 5 % 256).unwrap()))
                .collect::<Vec<_>>())
        ),
        "lower(shifted).split(',')",
    ));
    let rot47: String = plain
        .chars()
        .map(|c| char::from((c as u8 - 33 + 47) % 94 + 33))
        .collect();
    out.push(shape(
        "rot47",
        format!("const odd = {rot47:?};"),
        "odd.replace(/[!-~]/g, (c) => String.fromCharCode(33 + ((c.charCodeAt(0) - 33 + 47) % 94))).split(',')",
    ));
    let mut before = 0x5au8;
    let chained: Vec<u8> = bytes
        .iter()
        .map(|b| {
            before ^= b;
            before
        })
        .collect();
    out.push(shape(
        "each by the one before",
        format!(
            "const chain = '{}'; function unchain(text) {{ const raw = Buffer.from(text, 'hex'), out = Buffer.alloc(raw.length); let last = 0x5a; raw.forEach((b, i) => {{ out[i] = b ^ last; last = b; }}); return out.toString('latin1'); }}",
            hex::encode(&chained)
        ),
        "unchain(chain).split(',')",
    ));
    let mut state = 12345u64;
    let masked: Vec<u8> = bytes
        .iter()
        .map(|b| {
            state = (state * 1103 + 12345) % 65536;
            b ^ u8::try_from(state >> 8).unwrap()
        })
        .collect();
    out.push(shape(
        "under a generator",
        format!(
            "class Gen {{ constructor(seed) {{ this.state = seed; }} next() {{ this.state = (this.state * 1103 + 12345) % 65536; return this.state >> 8; }} }} const noisy = '{}'; function quiet(text, seed) {{ const gen = new Gen(seed); return [...Buffer.from(text, 'base64')].map((b) => String.fromCharCode(b ^ gen.next())).join(''); }}",
            b64(&masked)
        ),
        "quiet(noisy, 12345).split(',')",
    ));
    out.push(shape(
        "a map of letters",
        {
            let map: Vec<String> = ('a'..='z')
                .chain(['.', ','])
                .enumerate()
                .map(|(i, c)| format!("{:?}: {:?}", format!("{i:02}"), c.to_string()))
                .collect();
            let coded: String = plain
                .chars()
                .map(|c| {
                    let at = ('a'..='z').chain(['.', ',']).position(|x| x == c).unwrap();
                    format!("{at:02}")
                })
                .collect();
            format!(
                "const key = {{ {} }}; const coded = '{coded}';",
                map.join(", ")
            )
        },
        "coded.match(/../g).map((n) => key[n]).join('').split(',')",
    ));
    out.push(shape(
        "radix",
        format!(
            "const words = [{}];",
            LIST.iter()
                .flat_map(|h| h.split('.'))
                .map(|w| u64::from_str_radix(w, 36).unwrap().to_string())
                .collect::<Vec<_>>()
                .join(", ")
        ),
        "[words.slice(0, 2), words.slice(2, 5), words.slice(5, 8), words.slice(8)].map((p) => p.map((n) => n.toString(36)).join('.'))",
    ));
    out.push(shape(
        "percent under xor",
        format!(
            "const escaped = '{}';",
            bytes.iter().map(|b| format!("%{:02x}", b ^ 0x15)).collect::<String>()
        ),
        "unescape(escaped).split('').map((c) => String.fromCharCode(c.charCodeAt(0) ^ 0x15)).join('').split(',')",
    ));
    out.push(shape(
        "static members of a class",
        format!(
            "class Box {{ static key = 77; static held = '{}'; static open(text) {{ return [...atob(text)].map((c) => String.fromCharCode(c.charCodeAt(0) ^ Box.key)).join(''); }} }}",
            b64(&bytes.iter().map(|b| b ^ 77).collect::<Vec<_>>())
        ),
        "Box.open(Box.held).split(',')",
    ));
    out.push(shape(
        "members of an object",
        format!(
            "const box = {{ key: 78, held: '{}', open(text) {{ return [...atob(text)].map((c) => String.fromCharCode(c.charCodeAt(0) ^ this.key)).join(''); }} }};",
            b64(&bytes.iter().map(|b| b ^ 78).collect::<Vec<_>>())
        ),
        "box.open(box.held).split(',')",
    ));
    out.push(shape(
        "wrappers and a proxy",
        format!(
            "const inner = (t, k) => [...atob(t)].map((c) => String.fromCharCode(c.charCodeAt(0) ^ k)).join(''); const middle = (t) => inner(t, 79); const outer = new Proxy(middle, {{ apply(f, self, args) {{ return f(...args).split(','); }} }}); const sealed = '{}';",
            b64(&bytes.iter().map(|b| b ^ 79).collect::<Vec<_>>())
        ),
        "outer(sealed)",
    ));
    out.push(shape(
        "one after the other",
        format!(
            "const twice = '{}';",
            b64(b64(bytes).chars().rev().collect::<String>().as_bytes())
        ),
        "atob(atob(twice).split('').reverse().join('')).split(',')",
    ));
    out.push(shape(
        "a generator function",
        format!(
            "const steps = [{}]; function* letters(list) {{ for (const n of list) yield String.fromCodePoint(n >> 2); }}",
            numbers(bytes.iter().map(|b| u64::from(*b) * 4 + 1))
        ),
        "[...letters(steps)].join('').split(',')",
    ));
    out.push(shape(
        "a key from a digest",
        {
            use sha2::Digest;
            let key: [u8; 32] = sha2::Sha256::digest(b"stone").into();
            let masked: Vec<u8> =
                bytes.iter().zip(key.iter().cycle()).map(|(b, k)| b ^ k).collect();
            format!(
                "const crypto = require('node:crypto'); const salt = crypto.createHash('sha256').update('stone').digest(); const masked = '{}';",
                b64(&masked)
            )
        },
        "Buffer.from(masked, 'base64').map((b, i) => b ^ salt[i % salt.length]).toString().split(',')",
    ));
    let transposed: String = {
        let rows = bytes.len().div_ceil(7);
        let at = |row: usize, column: usize| bytes.get(row * 7 + column).copied().unwrap_or(b'~');
        (0..7)
            .flat_map(|c| (0..rows).map(move |r| (r, c)))
            .map(|(r, c)| char::from(at(r, c)))
            .collect()
    };
    out.push(shape(
        "rows and columns",
        format!(
            "const grid = '{transposed}'; const width = 7; function read(text) {{ const rows = text.length / width; let out = ''; for (let r = 0; r < rows; r++) for (let c = 0; c < width; c++) out += text.charAt(c * rows + r); return out.replace(/~+$/, ''); }}"
        ),
        "read(grid).split(',')",
    ));
    out.push(shape(
        "filled by a loop",
        format!(
            "const raw = [{}]; const filled = []; for (let i = 0, word = ''; i <= raw.length; i++) {{ const c = String.fromCharCode(raw[i] ^ 0x61); if (i === raw.length || c === ',') {{ filled.push(word); word = ''; }} else word += c; }}",
            numbers(bytes.iter().map(|b| u64::from(b ^ 0x61)))
        ),
        "filled.slice()",
    ));
    out.push(shape(
        "written by a loop",
        format!(
            "const raw = [{}]; let written = ''; for (const n of raw) written += String.fromCharCode(n - 300);",
            numbers(bytes.iter().map(|b| u64::from(*b) + 300))
        ),
        "written.split(',')",
    ));
    out
}

/// The places of a module at which a decoder may stand.
fn forms(shape: &Shape) -> Vec<(&'static str, String)> {
    let Shape { setup, list, .. } = shape;
    let dense = |text: &str| {
        text.replace(" = ", "=")
            .replace("; ", ";")
            .replace(") {", "){")
    };
    vec![
        (
            "at the top",
            format!(
                "{setup}\nconst list = {list};\nexport const has = (host) => list.includes(host);\n"
            ),
        ),
        (
            "in a function, before its constants",
            format!(
                "export function has(host) {{\n  const list = {list};\n  return list.includes(host);\n}}\n{setup}\n"
            ),
        ),
        (
            "kept when first needed",
            format!(
                "let kept;\n{setup}\nexport function has(host) {{\n  kept ??= {list};\n  return kept.includes(host);\n}}\n"
            ),
        ),
        (
            "in a bundler's wrapper",
            format!(
                "var later=(f,r)=>()=>(f&&(r=f(f=0)),r);var listed;var init=later(()=>{{{}listed={}}});module.exports=e=>(init(),listed.includes(e));",
                dense(setup),
                dense(list)
            ),
        ),
        (
            "in a function that is called at once",
            format!(
                "!function(e,t){{{}var n={};e.has=function(e){{return n.includes(e)}};t()}}(exports,function(){{process.exit()}});",
                dense(setup),
                dense(list)
            ),
        ),
        (
            "beside code that leads outside",
            format!(
                "const os = require('os');\nimport fs from 'fs';\nlet a = process.env.A, b = a;\n{setup}\nfor (const x of process.argv) console.log(x, os.hostname());\nconst list = new Set({list});\nfs.watch(a, () => list.has(b));\n"
            ),
        ),
    ]
}

fn decoded(findings: &[Finding]) -> Vec<Vec<String>> {
    findings
        .iter()
        .filter(|finding| finding.behaviour == "conceal.encoded-list")
        .flat_map(|finding| finding.evidence.iter())
        .map(|evidence| evidence.decoded.clone())
        .collect()
}

#[test]
fn decoders_of_all_shapes_are_evaluated() {
    let mut failures = Vec::new();
    let all = shapes();
    assert!(all.len() >= 25);
    for shape in &all {
        for (form, source) in forms(shape) {
            let findings = analyze_source("decoder.js", &source);
            let lists = decoded(&findings);
            if !lists.iter().any(|list| list == LIST) {
                failures.push(format!("{} {form}: {lists:?}\n{source}", shape.name));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} failures:\n{}",
        failures.len(),
        all.len() * 6,
        failures.join("\n\n")
    );
}
