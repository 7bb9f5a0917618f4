use std::fs;
use std::path::Path;

use super::Kind;

/// Where the rules of zones are on this machine.
const ZONES: &str = "/usr/share/zoneinfo";

/// The time zone, by its name (`TZ` and `/etc/localtime`): `Asia/Tokyo`.
pub(super) const KIND: Kind = Kind {
    name: "tz",
    about: "the time zone (TZ and /etc/localtime)",
    levels: &["Asia/Tokyo", "America/New_York"],
    alone: false,
    server: false,
    sources: &["fingerprint.timezone"],
    plain: |setting, _| setting.host.zone.clone(),
    set: |setting, _, value| value.clone_into(&mut setting.host.zone),
    value: |text| {
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '+' | '-');
        let named = text.len() <= 64 && text.chars().all(known) && text.contains('/');
        let known = !Path::new(ZONES).is_dir() || rules(text).is_some();
        (named && known).then(|| text.to_owned())
    },
    control: |value| {
        let own = rules(value)?;
        let all = fs::read_to_string(Path::new(ZONES).join("tzdata.zi")).ok();
        let list = fs::read_to_string(Path::new(ZONES).join("zone1970.tab"));
        let list = list
            .or_else(|_| fs::read_to_string(Path::new(ZONES).join("zone.tab")))
            .ok()?;
        // Another name of the same zone is no control.
        let same = |other: &str| {
            all.as_ref().is_some_and(|text| {
                text.contains(&format!("L {value} {other}\n"))
                    || text.contains(&format!("L {other} {value}\n"))
            })
        };
        let names = list
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split('\t').nth(2));
        // Of the names that keep the same time, one from far away.
        let country = |name: &str| {
            let line = list
                .lines()
                .find(|line| line.split('\t').nth(2) == Some(name))?;
            line.split('\t').next().map(str::to_owned)
        };
        let here = country(value);
        names
            .filter(|name| *name != value && !same(name) && rules(name).as_ref() == Some(&own))
            .find(|name| here.is_none() || country(name) != here)
            .map(str::to_owned)
    },
};

/// How a zone's clock goes from now on: the offset and the rule for summer
/// time, without the abbreviations. The last line of a TZif file, RFC 8536.
fn rules(zone: &str) -> Option<String> {
    if zone.split('/').any(|part| part.is_empty() || part == "..") {
        return None;
    }
    let bytes = fs::read(Path::new(ZONES).join(zone)).ok()?;
    let text = bytes.strip_suffix(b"\n")?;
    let start = text.iter().rposition(|byte| *byte == b'\n')? + 1;
    let rule = String::from_utf8(text.get(start..)?.to_vec()).ok()?;
    // `<+08>-8` and `CST-8` keep the same time.
    let mut out = String::new();
    let mut within = false;
    let (clock, summer) = rule.split_once(',').unwrap_or((&rule, ""));
    for c in clock.chars() {
        match c {
            '<' => within = true,
            '>' => {
                within = false;
                out.push('~');
            }
            _ if within => {}
            c if c.is_ascii_alphabetic() => {
                if !out.ends_with('~') {
                    out.push('~');
                }
            }
            c => out.push(c),
        }
    }
    Some(format!("{out},{summer}"))
}

#[cfg(test)]
mod tests {
    use super::{KIND, rules};

    #[test]
    fn a_control_keeps_the_same_time_elsewhere() {
        if rules("Asia/Shanghai").is_none() {
            return;
        }
        for zone in [
            "Asia/Shanghai",
            "Asia/Tokyo",
            "Europe/Berlin",
            "America/New_York",
        ] {
            let other = (KIND.control)(zone).unwrap();
            assert_ne!(other, zone);
            assert_eq!(rules(&other), rules(zone), "{zone} {other}");
        }
        assert_eq!((KIND.value)("../../etc/passwd"), None);
        assert_eq!((KIND.value)("Not/There"), None);
    }
}
