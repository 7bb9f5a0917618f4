//! The values that facts are given: usual ones, and what a module may compare
//! them with.

use rustc_hash::FxHashSet;
use serde_json::Value;

use super::{VALUES, fact};
use crate::decode;

/// With how many candidates a command also says much, and how many lines.
const MANY: usize = 4;
const LINES: usize = 120;

/// The values that a fact is given.
pub(super) fn values(
    key: &str,
    candidates: &[String],
    numbers: &[String],
    patterns: &[String],
) -> Vec<Value> {
    let (kind, name) = key.split_once(':').unwrap_or((key, ""));
    let mut out: Vec<Value> = Vec::new();
    let mut texts: Vec<String> = Vec::new();
    let fitting = |fits: fn(&str) -> bool| -> Vec<String> {
        let mut fitting: Vec<String> = candidates.iter().filter(|c| fits(c)).cloned().collect();
        fitting.truncate(VALUES);
        fitting
    };
    // A mark alone is what is chosen, and nobody's name.
    let any = || {
        fitting(|text| {
            text.len() <= 64
                && text.chars().any(char::is_alphanumeric)
                && !text.chars().any(char::is_whitespace)
        })
    };
    let list = |list: &[&str]| -> Vec<String> { list.iter().map(|s| (*s).to_owned()).collect() };
    match (kind, name) {
        ("zone", _) | ("env", "TZ") => {
            texts.extend(fitting(decode::is_zone));
            texts.truncate(VALUES / 2);
            texts.extend(list(ZONES));
        }
        ("locale", _) => {
            texts.extend(fitting(is_locale).into_iter().map(|l| l.replace('_', "-")));
            texts.truncate(VALUES / 2);
            texts.extend(list(LOCALES));
        }
        ("lang", _) => {
            // With what the terminal needs to show anything, as it was.
            texts.extend(fitting(is_locale));
            texts.truncate(VALUES / 2);
            for text in &mut texts {
                if !text.contains('.') {
                    text.push_str(".UTF-8");
                }
            }
        }
        ("env", name) => {
            if is_address(name) {
                for host in fitting(is_host).into_iter().take(VALUES / 2) {
                    texts.push(if host.contains("://") {
                        host
                    } else {
                        format!("https://{host}/")
                    });
                }
                texts.extend(list(&[
                    "http://127.0.0.1:7890",
                    "https://relay.example.cn/v1",
                    "socks5h://10.0.0.1:1080",
                ]));
            }
            texts.extend(any());
            texts.extend(list(&["1", "true", "some"]));
        }
        (
            "hostname" | "user" | "home" | "cwd" | "release" | "version" | "cpu" | "dns"
            | "calendar" | "numbering" | "execargv",
            _,
        ) => {
            texts.extend(any());
            if kind == "release" {
                // A suffix tells whose build it is.
                let built: Vec<String> = texts.iter().map(|t| format!("5.15.90.1-{t}")).collect();
                texts = built
                    .into_iter()
                    .zip(texts)
                    .flat_map(|(a, b)| [a, b])
                    .collect();
            }
            if kind == "home" || kind == "user" {
                texts.truncate(24);
            }
            // A machine of the domain.
            if kind == "hostname" || kind == "dns" {
                let within: Vec<String> = texts
                    .iter()
                    .filter(|text| text.contains('.'))
                    .map(|text| format!("desk.{}", text.trim_start_matches('.')))
                    .collect();
                texts.extend(within);
            }
            if kind == "cwd" {
                texts.truncate(24);
                let inner: Vec<String> = texts
                    .iter()
                    .map(|t| format!("/home/someone/{t}/project"))
                    .collect();
                texts.extend(inner);
            }
            if kind == "dns" {
                texts.insert(0, "nowhere".to_owned());
            }
            if kind == "calendar" || kind == "numbering" {
                texts.extend(list(&[
                    "chinese", "islamic", "hebrew", "persian", "buddhist", "arab", "hanidec",
                ]));
            }
        }
        ("platform", _) => texts.extend(list(&["darwin", "win32", "freebsd", "android"])),
        ("arch", _) => texts.extend(list(&["arm64", "ia32", "loong64", "riscv64"])),
        ("cycle", _) => texts.extend(list(&["h23", "h24"])),
        ("interfaces", _) => {
            for name in ["tun0", "utun3", "wg0", "ppp0", "docker0", "tailscale0"] {
                texts.push(format!("{name} 10.8.0.2 02:42:00:00:00:01"));
            }
            for text in any().into_iter().take(VALUES / 2) {
                let dots = text.matches('.').count();
                let colons = text.matches(':').count();
                if colons >= 2 {
                    texts.push(format!("eth0 192.168.7.20 {}", padded(&text, ':', 6, "00")));
                } else if dots >= 1 {
                    texts.push(format!(
                        "eth0 {} 52:54:00:12:34:56",
                        padded(text.trim_end_matches('.'), '.', 4, "7")
                    ));
                } else {
                    texts.push(format!("{text} 10.8.0.2 02:42:00:00:00:01"));
                }
            }
        }
        // What is set in a file may hold more.
        ("file", name) if name.contains('#') => {
            out.push(Value::Object(serde_json::Map::new()));
            // What else is set there is an option of the user's.
            if !fact::tells(key) {
                return out;
            }
            for host in fitting(is_host).into_iter().take(VALUES / 3) {
                texts.push(if host.contains("://") {
                    host
                } else {
                    format!("https://{host}/")
                });
            }
            texts.extend(any());
            texts.push("https://relay.example.cn/v1".to_owned());
        }
        ("execpath" | "script", _) => {
            for text in any().into_iter().take(VALUES / 2) {
                texts.push(format!("/home/someone/{}/bin", text.trim_matches('/')));
            }
        }
        ("file" | "command" | "dir", name) => {
            let mut some = any();
            some.truncate(VALUES / 2);
            some.insert(0, "some".to_owned());
            if kind != "dir" {
                texts.push("https://relay.example.cn/simple/".to_owned());
            }
            for (at, text) in some.into_iter().enumerate() {
                if kind == "command" && (1..=MANY).contains(&at) {
                    texts.push(format!("     3\tSome One <me@{text}>\n").repeat(LINES));
                }
                if kind != "dir" {
                    texts.push(filled(name, &text, patterns));
                }
                if kind != "file" || !name.ends_with(".json") {
                    texts.push(text);
                }
            }
        }
        ("tty", _) => out.push(Value::Bool(false)),
        ("environment", _) => {
            for name in fitting(is_variable) {
                texts.push(if name.ends_with('_') {
                    format!("{name}X")
                } else {
                    name
                });
            }
            // A family of variables, of which any may say something.
            for family in fitting(is_family).into_iter().take(2) {
                for text in any().into_iter().take(VALUES / 3) {
                    texts.push(format!("{family}x={text}"));
                }
            }
        }
        ("port", _) => texts.push("open".to_owned()),
        ("cores" | "memory" | "uptime" | "uid" | "disk", _) => {
            let mut all: Vec<f64> = numbers.iter().filter_map(|n| n.parse().ok()).collect();
            all.truncate(12);
            let mut near: Vec<f64> = all
                .iter()
                .flat_map(|n| {
                    [
                        *n,
                        n - 1.0,
                        n + 1.0,
                        n * 1024.0 * 1024.0 * 1024.0 * 2.0,
                        n * 1e9,
                    ]
                })
                .collect();
            near.extend([1.0, 2.0, 4.0, 64.0, 0.0, 501.0, 1e9, 4e9]);
            near.retain(|n| *n >= 0.0 && n.is_finite());
            for number in near {
                if kind == "cores" && !(1.0..=512.0).contains(&number) {
                    continue;
                }
                let value = serde_json::Number::from_f64(number).map(Value::Number);
                out.extend(value.filter(|value| !out.contains(value)));
            }
        }
        _ => texts.extend(any()),
    }
    let mut known: FxHashSet<String> = FxHashSet::default();
    for text in texts {
        if known.insert(text.clone()) {
            out.push(Value::String(text));
        }
    }
    out.truncate(VALUES);
    out
}

/// Whether a variable's name says that it holds an address.
pub(super) fn is_address(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    [
        "PROXY", "URL", "ENDPOINT", "HOST", "REGISTRY", "INDEX", "API",
    ]
    .iter()
    .any(|word| upper.contains(word))
}

/// A file, or what a command says, that holds a text wherever one is looked
/// for.
pub(super) fn filled(name: &str, text: &str, patterns: &[String]) -> String {
    if name.ends_with("json") {
        let key = text.to_owned();
        return serde_json::json!({
            "name": key, "version": "1.0.0", "registry": key, "region": key, "locale": key,
            "country": key, "email": format!("me@{key}"), key.as_str(): key, "dependencies": { key.as_str(): "1.0.0" },
            "packages": { format!("node_modules/{key}"): { "resolved": format!("https://{key}/a") } },
            "auths": { key.as_str(): {} },
        })
        .to_string();
    }
    let mut lines: Vec<String> = patterns
        .iter()
        .map(|pattern| pattern.replace(HOLE, text))
        .collect();
    lines.extend([
        text.to_owned(),
        format!("nameserver {text}"),
        format!("search {text}"),
        format!("ID={text}"),
        format!("NAME=\"{text}\""),
        format!("registry=https://{text}/"),
        format!("[global]\nindex-url = https://{text}/simple"),
        format!("model name\t: {text}"),
        format!("vendor_id\t: {text}"),
        format!("[user]\n\temail = me@{text}"),
        format!("[remote \"origin\"]\n\turl = https://{text}/{text}/b.git"),
        format!("     3\tSome One <me@{text}>"),
        format!("Host {text}"),
        format!("10.0.0.7 {text}"),
        format!("https://github.com/{text}/some.git"),
    ]);
    lines.join("\n")
}

/// What stands in a folder, with something that is hidden there.
pub(super) fn listed(name: &str) -> String {
    format!("{name}\n.{name}")
}

/// Where a pattern takes something out.
const HOLE: &str = "\u{0}";

/// A text that a pattern with a group fits, with a hole for the group.
pub(super) fn template(pattern: &str) -> Option<String> {
    let open = pattern.match_indices('(').map(|(at, _)| at).find(|at| {
        !pattern
            .get(..*at)
            .is_some_and(|before| before.ends_with('\\'))
    })?;
    let after = pattern.get(open..)?;
    let mut depth = 0u32;
    let mut escaped = false;
    let close = after.char_indices().find_map(|(at, c)| {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth == 0 && c == ')').then_some(at)
    })?;
    let before = unquoted(pattern.get(..open)?);
    let rest = unquoted(after.get(close.checked_add(1)?..)?);
    Some(format!("{before}{HOLE}{rest}"))
}

/// A text that a pattern fits, roughly.
fn unquoted(pattern: &str) -> String {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('s') => out.push(' '),
                Some('d') => out.push('1'),
                Some('w' | 'S') => out.push('x'),
                Some('t') => out.push('\t'),
                Some('b' | 'B' | 'n' | 'r') | None => {}
                Some(c) => out.push(c),
            },
            '[' => {
                let first = chars.next().unwrap_or(' ');
                out.push(if first == '^' { 'x' } else { first });
                // The rest of the class stands for the same place.
                while chars.next().is_some_and(|c| c != ']') {}
            }
            '^' | '$' | '+' | '*' | '?' | '(' | ')' | '|' => {}
            '.' => out.push('x'),
            c => out.push(c),
        }
    }
    out
}

/// A part of an address, filled up to a whole one.
fn padded(text: &str, mark: char, parts: usize, with: &str) -> String {
    let mut all: Vec<&str> = text.split(mark).filter(|part| !part.is_empty()).collect();
    while all.len() < parts {
        all.push(with);
    }
    all.truncate(parts);
    all.join(&mark.to_string())
}

const ZONES: &[&str] = &[
    "Asia/Shanghai",
    "Asia/Urumqi",
    "Asia/Hong_Kong",
    "Europe/Moscow",
    "Asia/Tehran",
    "Asia/Pyongyang",
    "Europe/Minsk",
    "America/Havana",
    "America/Caracas",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Kolkata",
    "Europe/London",
    "Europe/Berlin",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Damascus",
    "Europe/Kyiv",
    "Asia/Chongqing",
    "Asia/Macau",
    "UTC",
    "PRC",
    "W-SU",
];

const LOCALES: &[&str] = &[
    "zh-CN",
    "zh-TW",
    "zh-Hans-CN",
    "ru-RU",
    "fa-IR",
    "ko-KR",
    "ja-JP",
    "de-DE",
    "fr-FR",
    "tr-TR",
    "ar-SA",
    "uk-UA",
    "be-BY",
    "es-ES",
    "en-GB",
    "hi-IN",
    "pt-BR",
];

/// Whether a text can be a locale, or what one begins with.
fn is_locale(text: &str) -> bool {
    let text = text.split('.').next().unwrap_or_default();
    decode::is_locale(text)
        || (2..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase())
}

/// What the names of several variables begin with.
fn is_family(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() >= 3 && text.ends_with('_') && text.bytes().all(fits)
}

fn is_variable(text: &str) -> bool {
    text.len() >= 3
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn is_host(text: &str) -> bool {
    text.len() <= 80 && (decode::is_host(text) || text.contains("://"))
}
