use assay_model::{Confidence, Severity};

use super::samples::{self, CODE_AT, TABLES_AT, TEXTS_AT};
use crate::raw::Raw;

fn read_all(bytes: &[u8], kind: &str) -> (Vec<Raw>, String) {
    let analysis = crate::node::read(
        bytes,
        &[(0, bytes.len() as u64)],
        crate::node::Described {
            kind,
            path: "x",
            container: false,
            map: None,
            subject: "",
        },
        crate::node::Mode::Best,
        &mut crate::evaluate::here,
    );
    (analysis.raws, analysis.detail)
}

fn read(bytes: &[u8]) -> Vec<Raw> {
    read_all(bytes, "elf").0
}

fn find<'r>(raws: &'r [Raw], behaviour: &str, key: &str) -> Option<&'r Raw> {
    raws.iter()
        .find(|raw| raw.behaviour == behaviour && raw.key == key)
}

fn keys<'r>(raws: &'r [Raw], behaviour: &str) -> Vec<&'r str> {
    let mut keys: Vec<&str> = raws
        .iter()
        .filter(|raw| raw.behaviour == behaviour)
        .map(|raw| raw.key.as_str())
        .collect();
    keys.sort_unstable();
    keys
}

/// Texts side by side, and where each begins.
fn glued(parts: &[&str]) -> (Vec<u8>, Vec<u64>) {
    let mut at = Vec::new();
    let mut bytes = Vec::new();
    for part in parts {
        at.push(TEXTS_AT + bytes.len() as u64);
        bytes.extend_from_slice(part.as_bytes());
    }
    (bytes, at)
}

const FUNCTION: u64 = CODE_AT + 0x8000;

#[test]
fn glued_texts_are_cut_where_the_code_cuts_them() {
    let parts = [
        "cannot open the file",
        "ALPHA_TOKEN",
        "BETA_API_KEY",
        "https://collect.alpha.example/v1",
        "GAMMA_URL",
        "done",
    ];
    let (bytes, at) = glued(&parts);
    let uses: Vec<(u64, u32, u64)> = parts
        .iter()
        .zip(&at)
        .enumerate()
        .map(|(n, (part, at))| (*at, part.len() as u32, FUNCTION + n as u64 * 16))
        .collect();
    let raws = read(&samples::elf(vec![
        samples::code(samples::calls(&uses)),
        samples::texts(&bytes),
    ]));
    assert_eq!(
        keys(&raws, "reach.environment"),
        ["ALPHA_TOKEN", "BETA_API_KEY", "GAMMA_URL"]
    );
    let host = find(&raws, "egress.endpoint", "collect.alpha.example").unwrap();
    assert_eq!(host.confidence, Confidence::Medium);
    assert_eq!(host.places[0].note, "https://collect.alpha.example/v1");
    // Without the code there is nothing that cuts them.
    let raws = read(&samples::elf(vec![samples::texts(&bytes)]));
    assert!(find(&raws, "reach.environment", "ALPHA_TOKEN").is_none());
}

#[test]
fn tables_of_addresses_and_lengths_cut_texts() {
    let parts = [
        "first text",
        "DELTA_SECRET",
        "mirror.alpha.example.com",
        "Z",
    ];
    let (bytes, at) = glued(&parts);
    let mut table = Vec::new();
    for (part, at) in parts.iter().zip(&at) {
        table.extend_from_slice(&at.to_le_bytes());
        table.extend_from_slice(&(part.len() as u64).to_le_bytes());
    }
    let elf = samples::elf(vec![samples::texts(&bytes), samples::tables(table.clone())]);
    let raws = read(&elf);
    assert_eq!(keys(&raws, "reach.environment"), ["DELTA_SECRET"]);
    let found = find(&raws, "reach.environment", "DELTA_SECRET").unwrap();
    let place = found.places[0].span();
    assert_eq!(
        &elf[place.start as usize..place.end().unwrap() as usize],
        b"DELTA_SECRET"
    );
    assert_eq!(keys(&raws, "egress.endpoint"), ["mirror.alpha.example.com"]);
    // In an executable that is loaded anywhere, the loader writes the
    // addresses: R_X86_64_RELATIVE.
    let mut lengths = table.clone();
    let mut moves = Vec::new();
    for (index, at) in at.iter().enumerate() {
        lengths[index * 16..index * 16 + 8].fill(0);
        moves.extend_from_slice(&(TABLES_AT + index as u64 * 16).to_le_bytes());
        moves.extend_from_slice(&8u64.to_le_bytes());
        moves.extend_from_slice(&at.to_le_bytes());
    }
    let mut parts = samples::dynamic(&["free"]);
    let mut relocations = samples::part(".rela.dyn", (4, 2), 0x72_0000, moves);
    relocations.link = (1, 0, 24);
    parts.extend([
        relocations,
        samples::texts(&bytes),
        samples::tables(lengths),
    ]);
    let raws = read(&samples::elf(parts));
    assert_eq!(keys(&raws, "reach.environment"), ["DELTA_SECRET"]);
}

#[test]
fn names_that_go_where_home_goes_are_variables() {
    let parts = ["HOME", "PATH", "TERM", "ODDNAME", "alpha", "beta", "GAMMA"];
    let (bytes, at) = glued(&parts);
    let uses: Vec<(u64, u32, u64)> = parts
        .iter()
        .zip(&at)
        .enumerate()
        .map(|(n, (part, at))| {
            let function = if n < 4 { FUNCTION } else { FUNCTION + 64 };
            (*at, part.len() as u32, function)
        })
        .collect();
    let raws = read(&samples::elf(vec![
        samples::code(samples::calls(&uses)),
        samples::texts(&bytes),
    ]));
    assert_eq!(
        keys(&raws, "reach.environment"),
        ["HOME", "ODDNAME", "PATH", "TERM"]
    );
    let found = find(&raws, "reach.environment", "ODDNAME").unwrap();
    assert_eq!(found.confidence, Confidence::Medium);
    assert!(found.places[0].note.contains("reads the environment"));
}

#[test]
fn imports_are_weak_and_weaker_in_a_runtime() {
    let few = samples::elf(samples::dynamic(&["gethostname", "printf"]));
    let raws = read(&few);
    let found = find(&raws, "fingerprint.hostname", "gethostname").unwrap();
    assert_eq!(
        (found.severity, found.confidence),
        (Severity::Low, Confidence::Low)
    );
    let place = &found.places[0];
    let range = place.start as usize..(place.start + place.len) as usize;
    assert_eq!(&few[range], b"gethostname");
    let many = [
        "gethostname",
        "getifaddrs",
        "getpwuid_r",
        "execvp",
        "listen",
        "tzset",
        "getppid",
        "dlopen",
        "gethostid",
    ];
    let (raws, detail) = read_all(&samples::elf(samples::dynamic(&many)), "elf");
    let found = find(&raws, "fingerprint.hostname", "gethostname").unwrap();
    assert_eq!(found.severity, Severity::Info);
    assert!(found.places[0].note.contains("so do runtimes"));
    assert!(detail.contains("instructions were not"), "{detail}");
    assert!(detail.contains("can load libraries"), "{detail}");
}

#[test]
fn imports_of_other_systems() {
    let raws = read_all(
        &samples::pe("KERNEL32.dll", &["GetComputerNameW", "Sleep"]),
        "pe",
    )
    .0;
    let found = find(&raws, "fingerprint.hostname", "GetComputerNameW").unwrap();
    assert!(found.places[0].note.contains("KERNEL32.dll"));
    let raws = read_all(&samples::mach_o(&["gethostname", "malloc"]), "mach-o").0;
    assert!(find(&raws, "fingerprint.hostname", "gethostname").is_some());
}

#[test]
fn texts_of_two_bytes_a_character() {
    for high_first in [false, true] {
        let text = "https://collect.alpha.example/v1";
        let wide: Vec<u8> = text
            .encode_utf16()
            .flat_map(|unit| {
                if high_first {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect();
        let bytes = [vec![1, 2, 3, 4], wide, vec![0, 0, 1, 2]].concat();
        let elf = samples::elf(vec![samples::texts(&bytes)]);
        let raws = read(&elf);
        let found = find(&raws, "egress.endpoint", "collect.alpha.example");
        let place = &found.expect("a host").places[0];
        assert_eq!(place.len, 64, "{high_first}");
        let at = place.start as usize;
        assert_eq!(elf[at + usize::from(high_first)], b'h');
    }
}

const HOSTS: &str = "alpha.example.com,mirror.example.org,gate.delta.net,api.gamma.io,cdn.beta.dev";

fn decoded(plain: &str, change: &dyn Fn(usize, u8) -> u8) -> Option<Raw> {
    let mut bytes = noise(300, 7);
    bytes.push(0);
    bytes.extend(plain.bytes().enumerate().map(|(n, b)| change(n, b)));
    bytes.push(0);
    bytes.extend(noise(300, 11));
    let raws = read(&samples::elf(vec![samples::texts(&bytes)]));
    raws.into_iter()
        .filter(|raw| raw.behaviour.starts_with("conceal.encoded"))
        .max_by_key(|raw| raw.places[0].decoded.concat().len())
}

/// Bytes without meaning, the same each time.
fn noise(len: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

#[test]
fn lists_of_hosts_under_a_key() {
    let check = |name: &str, change: &dyn Fn(usize, u8) -> u8| {
        let found = decoded(HOSTS, change).unwrap_or_else(|| panic!("not found: {name}"));
        assert_eq!(found.behaviour, "conceal.encoded-list", "{name}");
        let place = &found.places[0];
        for host in ["mirror.example.org", "gate.delta.net", "api.gamma.io"] {
            assert!(
                place.decoded.iter().any(|value| value == host),
                "{name}: {:?}",
                place.decoded
            );
        }
        assert!(
            place.decoding[0].starts_with(name.split(' ').next().unwrap()),
            "{name}: {:?}",
            place.decoding
        );
    };
    for key in [0x5au8, 0x91, 0xff, 0x13] {
        check(&format!("xor {key:02x}"), &|_, b| b ^ key);
    }
    check("add 1", &|_, b| b.wrapping_add(0x67));
    check("rotate 1", &|_, b| b.rotate_right(3));
    let keys: [&[u8]; 6] = [
        &[0x13, 0xc7],
        &[0x9d, 0x02, 0xe1],
        b"\x81k\x07z",
        &[1, 0xfe, 0x33, 0x90, 0x77],
        b"s\xe9cr\x84t",
        &[0xde, 0xad, 0xbe, 0xef, 0x12, 0x34, 0x56, 0x78],
    ];
    for key in keys {
        check(&format!("xor {}", key.len()), &|n, b| {
            b ^ key[n % key.len()]
        });
    }
}

#[test]
fn addresses_and_words_under_a_key() {
    let found = decoded("https://collect.alpha.example.com/v1/events", &|_, b| {
        b ^ 0xc3
    })
    .unwrap();
    assert_eq!(
        found.places[0].decoded,
        ["https://collect.alpha.example.com/v1/events"]
    );
    let words = "orchard,harbour,lantern,meadow,western,cloister,seaside,another";
    let found = decoded(words, &|_, b| b ^ 0xa7).unwrap();
    assert_eq!(found.behaviour, "conceal.encoded-list");
    assert!(found.places[0].decoded.iter().any(|word| word == "lantern"));
}

#[test]
fn numbers_and_noise_are_no_texts() {
    let mut numbers = Vec::new();
    for n in 0..40_000u32 {
        numbers.extend_from_slice(&(n * 37).to_le_bytes());
    }
    let floats: Vec<u8> = (0..40_000u32)
        .flat_map(|n| (f64::from(n).sqrt()).to_le_bytes())
        .collect();
    let small: Vec<u8> = noise(200_000, 3).iter().map(|b| b & 15).collect();
    let plain = "name=value\0other words of a table\0%s: %d\n\0".repeat(2000);
    for bytes in [
        numbers,
        floats,
        small,
        noise(1 << 20, 5),
        plain.into_bytes(),
    ] {
        let raws = read(&samples::elf(vec![samples::texts(&bytes)]));
        let found = raws
            .iter()
            .find(|raw| raw.behaviour.starts_with("conceal."));
        assert!(found.is_none(), "{found:?}");
    }
}

#[test]
fn scripts_inside_are_read_as_code() {
    let script = "'use strict';\nconst os = require('os');\nfunction tell(send) {\n  const name = os.hostname();\n  return send({ machine: name, when: Date.now() });\n}\nmodule.exports = { tell };\n";
    let shell = "#!/bin/sh\nset -e\nif [ -z \"$ALPHA_HOME\" ]; then\n  exit 1\nfi\nhostnamectl --static > \"$ALPHA_HOME/name\"\necho finished with all of it, for a text long enough\n";
    let bytes = [
        b"\0\0",
        script.as_bytes(),
        b"\0\x01\x02\0",
        shell.as_bytes(),
        b"\0",
    ]
    .concat();
    let elf = samples::elf(vec![samples::texts(&bytes)]);
    let (raws, detail) = read_all(&elf, "elf");
    let found = find(&raws, "fingerprint.hostname", "os.hostname()").unwrap();
    assert!(found.confidence > Confidence::Low);
    let place = &found.places[0];
    let at = place.start as usize;
    assert!(elf[at..].starts_with(b"os.hostname()"), "{place:?}");
    assert!(place.note.contains("JavaScript inside of the executable"));
    assert!(find(&raws, "reach.environment", "ALPHA_HOME").is_some());
    assert!(detail.contains("1 JavaScript text"), "{detail}");
    assert!(detail.contains("1 shell text"), "{detail}");
}

#[test]
fn go_tells_its_functions_and_modules() {
    let modules = "path\talpha.example/tool/cmd\nmod\talpha.example/tool\tv1.0.0\t\ndep\tbeta.example/lib\tv0.3.1\th1:x=\n";
    let (bytes, at) = glued(&["FIRST_URL", "SECOND_TOKEN", "end"]);
    let uses = [
        (at[0], 9, FUNCTION),
        (at[1], 12, FUNCTION + 16),
        (at[2], 3, FUNCTION + 32),
    ];
    let code = samples::calls(&uses);
    let third = code.len() as u32 / 3;
    let mut parts = samples::go(
        modules,
        &[
            (0, "alpha.example/tool/cmd.run"),
            (third, "beta.example/lib.(*Client).Do"),
            (third * 2, "os.Hostname"),
        ],
    );
    parts.extend([samples::code(code), samples::texts(&bytes)]);
    let (raws, detail) = read_all(&samples::elf(parts), "elf");
    assert!(detail.contains("go1.24.1"), "{detail}");
    assert!(
        detail.contains("own module is alpha.example/tool"),
        "{detail}"
    );
    assert!(detail.contains("beta.example/lib v0.3.1"), "{detail}");
    let note = |key: &str| {
        let found = find(&raws, "reach.environment", key).unwrap();
        found.places[0].note.clone()
    };
    assert_eq!(
        note("FIRST_URL"),
        "used in alpha.example/tool/cmd.run, the program's own"
    );
    assert_eq!(
        note("SECOND_TOKEN"),
        "used in beta.example/lib.(*Client).Do, of beta.example/lib v0.3.1"
    );
    assert!(find(&raws, "fingerprint.hostname", "os.Hostname").is_some());
}

#[test]
fn rust_tells_its_crates() {
    let texts = [
        "/rustc/0123/library/core/src/fmt/mod.rs",
        "/home/x/.cargo/registry/src/index.crates.io-1949/alpha-beta-1.2.3-rc.1/src/lib.rs",
        "C:\\Users\\x\\.cargo\\registry\\src\\index.crates.io-1949\\gamma-0.4.0\\src\\a.rs",
        "/root/.cargo/git/checkouts/delta-0a1b2c3d4e5f/f00/src/lib.rs",
        "core/src/exec.rs",
    ];
    let mut sources = super::rust::Sources::default();
    texts.iter().for_each(|text| sources.read(text));
    let crates: Vec<(&str, &str)> = sources
        .crates
        .iter()
        .map(|(name, version)| (name.as_str(), version.as_str()))
        .collect();
    assert_eq!(
        crates,
        [
            ("alpha-beta", "1.2.3-rc.1"),
            ("delta", ""),
            ("gamma", "0.4.0")
        ]
    );
    assert!(sources.own.contains("core"));
    assert!(sources.is_rust());
}

#[test]
fn damaged_executables_are_read_as_far_as_they_go() {
    let (bytes, at) = glued(&["ALPHA_TOKEN", "HOME", "PATH", "TERM"]);
    let uses: Vec<(u64, u32, u64)> = at.iter().map(|at| (*at, 4, FUNCTION)).collect();
    let mut parts = samples::dynamic(&["gethostname"]);
    parts.extend(samples::go("mod\ta.b/c\tv1\n", &[(0, "os.Hostname")]));
    parts.extend([
        samples::code(samples::calls(&uses)),
        samples::texts(&bytes),
        samples::tables(noise(256, 9)),
    ]);
    let whole = samples::elf(parts);
    for sample in [
        whole,
        samples::pe("A.dll", &["Sleep"]),
        samples::mach_o(&["malloc"]),
    ] {
        for len in (0..sample.len()).step_by(7) {
            read(&sample[..len]);
        }
        let wrong = noise(sample.len().min(2000), 13);
        for (at, byte) in wrong.iter().enumerate() {
            let mut damaged = sample.clone();
            damaged[at] = *byte;
            read(&damaged);
        }
    }
}
