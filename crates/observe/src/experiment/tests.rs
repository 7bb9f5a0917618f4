use std::convert::Infallible;

use assay_model::{Effect, Experiment, Grade};
use sha2::{Digest, Sha256};

use super::{Design, Factor, Level, Levels, View, experiment};

fn factor(name: &str, plain: &str, levels: &[&str]) -> Factor {
    let level = |value: &&str| Level {
        value: (*value).to_owned(),
        control: Some(format!("{value}-other")),
        from: "a test".to_owned(),
    };
    Factor {
        name: name.to_owned(),
        plain: plain.to_owned(),
        levels: levels.iter().map(level).collect(),
        alone: false,
        server: false,
    }
}

/// A host as a tool of these tests sees it, and the number of the run.
struct Host<'h>(&'h Levels, usize);

impl Host<'_> {
    fn is(&self, name: &str, value: &str) -> bool {
        self.0.get(name).is_some_and(|known| known == value)
    }

    fn of<'v>(&'v self, name: &str, plain: &'v str) -> &'v str {
        self.0.get(name).map_or(plain, String::as_str)
    }
}

fn seen(design: &Design, text: impl Fn(&Host<'_>) -> String) -> (Vec<Effect>, Experiment) {
    seen_whole(design, |host| serde_json::json!({ "system": text(host) }))
}

fn seen_whole(
    design: &Design,
    body: impl Fn(&Host<'_>) -> serde_json::Value,
) -> (Vec<Effect>, Experiment) {
    let mut count = 0;
    let mut run = |sets: &[Levels]| -> Result<Vec<View>, Infallible> {
        let one = |set: &Levels| {
            count += 1;
            let mut view = View::default();
            view.models.insert("model POST /v1".to_owned());
            let body = body(&Host(set, count)).to_string();
            view.body("model POST /v1 1", body.as_bytes());
            view
        };
        Ok(sets.iter().map(one).collect())
    };
    let Ok(out) = experiment(design, &mut run);
    out
}

fn usual() -> Design {
    Design {
        factors: vec![
            factor("tz", "Etc/UTC", &["Asia/Shanghai", "Europe/Berlin"]),
            factor("base-url", "", &["http://a.example", "http://b.example"]),
            factor("user", "dev", &["kim"]),
            factor("locale", "", &["de_DE", "fr_FR"]),
            factor("ci", "", &["true"]),
        ],
        ..Design::default()
    }
}

/// Factors, before, after and grade of what is not expected.
fn told(effects: &[Effect]) -> Vec<(Vec<&str>, &str, &str, Grade)> {
    let other = effects
        .iter()
        .filter(|effect| effect.grade != Grade::Expected);
    other
        .map(|effect| {
            let names = effect.factors.keys().map(String::as_str).collect();
            (
                names,
                effect.before.as_str(),
                effect.after.as_str(),
                effect.grade,
            )
        })
        .collect()
}

#[test]
fn each_part_is_reduced_to_what_brings_it_about() {
    let (found, made) = seen(&usual(), |host| {
        let base = host.is("base-url", "http://a.example");
        let mark = if base { '\u{2019}' } else { '\'' };
        let tz = host.is("tz", "Asia/Shanghai");
        let between = if tz && base { '/' } else { '-' };
        let who = host.of("user", "dev");
        format!(
            "Home: /home/{who}\nToday{mark}s date is 2026{between}11{between}22.\nid {}\nEnd",
            host.1
        )
    });
    assert_eq!(
        told(&found),
        [
            (vec!["base-url"], "'", "\u{2019}", Grade::Concealed),
            (vec!["base-url", "tz"], "-", "/", Grade::Concealed),
        ]
    );
    assert_eq!(found[0].code_points, ["U+2019"]);
    assert!(
        found
            .iter()
            .all(|effect| effect.rate == 1.0 && effect.p < 0.01),
        "{found:#?}"
    );
    assert!(
        found
            .iter()
            .any(|effect| effect.before == "dev" && effect.grade == Grade::Expected)
    );
    assert_eq!(made.covered, made.combinations);
}

#[test]
fn three_factors_are_met_at_strength_three_and_a_lower_one_tells_what_it_left() {
    let tool = |host: &Host<'_>| {
        let all =
            host.is("tz", "Asia/Shanghai") && host.is("user", "kim") && host.is("locale", "fr_FR");
        format!("You are{} helpful.", if all { '\u{a0}' } else { ' ' })
    };
    let three = Design {
        strength: 3,
        rows: 200,
        ..usual()
    };
    let (found, made) = seen(&three, tool);
    assert_eq!(told(&found).len(), 1, "{found:#?}");
    assert_eq!(found[0].factors.len(), 3);
    assert_eq!((made.strength, made.covered), (3, made.combinations));
}

#[test]
fn a_channel_in_a_share_of_runs_is_told_with_its_rate() {
    let (found, _) = seen(&usual(), |host| {
        let mark = if host.is("tz", "Asia/Shanghai") && host.1 % 3 == 0 {
            "\u{200b}"
        } else {
            ""
        };
        format!("You are{mark} helpful.")
    });
    assert_eq!(told(&found).len(), 1, "{found:#?}");
    assert!(found[0].rate > 0.1 && found[0].rate < 0.7, "{found:#?}");
}

#[test]
fn no_factor_is_kept_that_a_channel_in_a_share_of_runs_does_not_need() {
    let mut right = 0;
    for seed in 0..40_u8 {
        let (found, _) = seen(&usual(), |host| {
            let digest = Sha256::digest([&[seed], host.1.to_be_bytes().as_slice()].concat());
            let open = host.is("tz", "Asia/Shanghai") && host.is("locale", "fr_FR");
            let mark = if open && digest[0] % 3 == 0 {
                "\u{200b}"
            } else {
                ""
            };
            format!("You are{mark} helpful.")
        });
        let told = told(&found);
        assert!(told.len() <= 1, "{seed}: {found:#?}");
        for (names, ..) in &told {
            assert_eq!(*names, ["locale", "tz"], "{seed}: {found:#?}");
        }
        right += told.len();
    }
    // A pair stands in few rows, and may not show in any of them.
    assert!(right >= 20, "{right} of 40");
}

#[test]
fn noise_takes_no_runs_from_what_is_confirmed() {
    // What comes by chance where much is set at one time.
    for seed in 0..8_u8 {
        let many = Design {
            factors: (0..30)
                .map(|at| factor(&format!("env:V{at}"), "", &["1"]))
                .chain(usual().factors)
                .collect(),
            runs: 300,
            ..usual()
        };
        let (found, made) = seen(&many, |host| {
            let digest = Sha256::digest([&[seed], host.1.to_be_bytes().as_slice()].concat());
            let noise = |at: usize| {
                let by_chance = host.0.len() > 11 && digest[at] % 2 == 0;
                if by_chance { "\u{200b}" } else { "" }
            };
            let base = host.is("base-url", "http://a.example");
            let mark = if base { '\u{2019}' } else { '\'' };
            format!(
                "Today{mark}s date.\nYou{} are.\nHelpful{} too.\nEnd",
                noise(0),
                noise(1)
            )
        });
        assert!(
            told(&found).contains(&(vec!["base-url"], "'", "\u{2019}", Grade::Concealed)),
            "{seed}: {made:#?}"
        );
    }
}

#[test]
fn spaces_that_keep_columns_in_line_are_no_channel_and_others_are() {
    let listing = |host: &Host<'_>, both: bool, word: bool| {
        let far = host.is("tz", "Asia/Shanghai");
        let (count, pad) = if far { (10, " ") } else { (6, "") };
        let count = if both { count } else { 6 };
        let (number, word) = if word { ("", pad) } else { (pad, "") };
        format!("Files:\nd {number}4 dev 180 {word}one\nd {count} dev 180 two\nEnd")
    };
    let grades = |found: &[Effect]| -> Vec<Grade> {
        let told = told(found).into_iter();
        told.map(|(.., grade)| grade).collect()
    };
    let (found, _) = seen(&usual(), |host| listing(host, true, false));
    assert!(!found.is_empty());
    assert!(!grades(&found).contains(&Grade::Concealed), "{found:#?}");
    let (found, _) = seen(&usual(), |host| listing(host, false, false));
    assert_eq!(grades(&found), [Grade::Concealed]);
    // A row more, of which a column is wider.
    let (found, _) = seen(&usual(), |host| match host.is("tz", "Asia/Shanghai") {
        true => "Files:\nd  6 dev 180 one\nd 10 dev 180 new\nd  4 dev 180 two\nEnd".to_owned(),
        false => "Files:\nd 6 dev 180 one\nd 4 dev 180 two\nEnd".to_owned(),
    });
    assert!(!found.is_empty());
    assert!(!grades(&found).contains(&Grade::Concealed), "{found:#?}");
    // Nothing is kept in line by spaces before a word.
    let (found, _) = seen(&usual(), |host| listing(host, true, true));
    assert!(grades(&found).contains(&Grade::Concealed), "{found:#?}");
}

#[test]
fn what_follows_from_an_item_that_is_openly_gone_is_no_channel() {
    let item = |text: &str| serde_json::json!({ "type": "text", "text": text });
    // With what differs by itself in it.
    let list = |host: &Host<'_>| {
        let header = format!("billing: version 3; entry=cli; at={:05x};", host.1 * 7919);
        let items = [item(&header), item("You are helpful."), item("Be kind.")];
        let gone = usize::from(host.is("ci", "true"));
        items.into_iter().skip(gone).collect::<Vec<_>>()
    };
    let (found, _) = seen_whole(&usual(), |host| serde_json::json!({ "system": list(host) }));
    assert!(
        told(&found)
            .iter()
            .any(|(_, before, ..)| before.starts_with("billing: version 3;")),
        "{found:#?}"
    );
    assert!(
        told(&found)
            .iter()
            .all(|(.., grade)| *grade != Grade::Concealed),
        "{found:#?}"
    );
    // Of another list it does not follow.
    let (found, _) = seen_whole(&usual(), |host| {
        let ci = host.is("ci", "true");
        serde_json::json!({
            "system": list(host),
            "more": vec![item("Same."); if ci { 2 } else { 1 }],
        })
    });
    assert!(
        told(&found)
            .iter()
            .any(|(.., grade)| *grade == Grade::Concealed),
        "{found:#?}"
    );
}

#[test]
fn small_things_of_another_wording_are_no_channel_and_a_mark_beside_it_is() {
    let long = "You are a careful agent. You read files before you change them, and you ask before you run commands that cannot be undone.";
    let other = "This is a session that nobody watches: decide by yourself, never wait for an answer, and write down whatever you did at its end.";
    let run = |mark: &'static str| {
        seen(&usual(), move |host| {
            let ci = host.is("ci", "true");
            let marked = ci && (mark == "ci" || host.is("tz", "Asia/Shanghai"));
            format!(
                "{}\nRun the linters.\nIt{}s done",
                if ci { other } else { long },
                if marked { '\u{2019}' } else { '\'' }
            )
        })
        .0
    };
    let grades = |found: &[Effect]| -> Vec<Grade> {
        told(found).into_iter().map(|(.., grade)| grade).collect()
    };
    let found = run("ci");
    assert!(grades(&found).contains(&Grade::Visible), "{found:#?}");
    assert!(!grades(&found).contains(&Grade::Concealed), "{found:#?}");
    // What needs another fact besides does not follow from the wording.
    let found = run("ci and zone");
    assert!(grades(&found).contains(&Grade::Concealed), "{found:#?}");
}

#[test]
fn what_differs_by_itself_and_what_is_open_is_no_channel() {
    let (found, _) = seen(&usual(), |host| {
        let day = if host.is("tz", "Asia/Shanghai") {
            23
        } else {
            22
        };
        let zone = host.of("tz", "Etc/UTC");
        let random = if host.1.is_multiple_of(2) {
            '\''
        } else {
            '\u{2019}'
        };
        format!(
            "session {}{random}\nDate 2026-11-{day}\nThe time zone of this host is {zone}",
            host.1
        )
    });
    assert_eq!(told(&found), []);
    let (found, made) = seen(&usual(), |_| "same".to_owned());
    assert_eq!((found, made.unsettled), (vec![], 0));
}

#[test]
fn pieces_that_openly_say_something_else_may_be_more_or_less() {
    let design = usual();
    let run = |open: bool| {
        let mut run = |sets: &[Levels]| -> Result<Vec<View>, Infallible> {
            let one = |set: &Levels| {
                let short = Host(set, 0).is("ci", "true");
                let piece = |text: &str| serde_json::json!({ "type": "text", "text": text });
                let second = if open { "List them." } else { "" };
                let mut pieces = vec![piece("Read the files."), piece(second), piece("Then stop.")];
                if short && open {
                    pieces = vec![piece("Run no command here."), piece("Then stop.")];
                } else if short {
                    pieces.remove(1);
                }
                let mut view = View::default();
                view.models.insert("model POST /v1".to_owned());
                let body = serde_json::json!({ "messages": [{ "content": pieces }] });
                view.body("model POST /v1 1", body.to_string().as_bytes());
                view
            };
            Ok(sets.iter().map(one).collect())
        };
        let Ok((found, _)) = experiment(&design, &mut run);
        found
    };
    let grades = |found: &[Effect]| -> Vec<Grade> {
        told(found).into_iter().map(|(.., grade)| grade).collect()
    };
    let found = run(true);
    assert!(grades(&found).contains(&Grade::Visible), "{found:#?}");
    assert!(!grades(&found).contains(&Grade::Concealed), "{found:#?}");
    let found = run(false);
    assert!(grades(&found).contains(&Grade::Concealed), "{found:#?}");
}

#[test]
fn what_takes_another_way_is_set_apart_and_has_its_own_experiment() {
    let design = usual();
    let mut run = |sets: &[Levels]| -> Result<Vec<View>, Infallible> {
        let one = |set: &Levels| {
            let host = Host(set, 0);
            let mut view = View::default();
            if host.is("user", "kim") {
                view.ended = Some(1);
                return view;
            }
            let other = host.is("base-url", "http://b.example");
            let kind = if other {
                "other POST /v2"
            } else {
                "model POST /v1"
            };
            view.models.insert(kind.to_owned());
            let mark = if other && host.is("tz", "Asia/Shanghai") {
                "\u{2011}"
            } else {
                "-"
            };
            let text = format!("well{mark}known");
            view.body(
                &format!("{kind} 1"),
                serde_json::json!({ "s": text }).to_string().as_bytes(),
            );
            view
        };
        Ok(sets.iter().map(one).collect())
    };
    let Ok((found, made)) = experiment(&design, &mut run);
    let ways: Vec<(&str, bool)> = made
        .apart
        .iter()
        .map(|apart| {
            (
                apart.factors.values().next().unwrap().as_str(),
                apart.asks_a_model,
            )
        })
        .collect();
    assert_eq!(ways, [("http://b.example", true), ("kim", false)]);
    assert!(made.apart[1].what.contains("status 1"), "{made:#?}");
    let found: Vec<usize> = found.iter().map(|effect| effect.factors.len()).collect();
    assert_eq!(found, [2]);
}

#[test]
fn how_many_there_are_of_what_openly_goes_is_no_channel() {
    let run_with = |tool: &dyn Fn(bool) -> serde_json::Value| {
        let mut run = |sets: &[Levels]| -> Result<Vec<View>, Infallible> {
            let one = |set: &Levels| {
                let mut view = View::default();
                view.models.insert("model POST /v1".to_owned());
                let body = tool(set.get("user").is_some_and(|user| user == "kim"));
                view.body("model POST /v1 1", body.to_string().as_bytes());
                view
            };
            Ok(sets.iter().map(one).collect())
        };
        let Ok((found, _)) = experiment(&usual(), &mut run);
        found
    };
    let read = serde_json::json!({ "name": "read", "about": "reads" });
    let write = serde_json::json!({ "name": "write", "about": "writes" });
    let fewer = run_with(&|kim| match kim {
        true => serde_json::json!({ "tools": [read] }),
        false => serde_json::json!({ "tools": [read, write] }),
    });
    assert!(!fewer.is_empty());
    assert!(
        fewer.iter().all(|effect| effect.grade == Grade::Visible),
        "{fewer:#?}"
    );
    // The same twice says nothing but how often.
    let twice = run_with(&|kim| match kim {
        true => serde_json::json!({ "tools": [read, read] }),
        false => serde_json::json!({ "tools": [read] }),
    });
    assert!(
        twice.iter().any(|effect| effect.grade == Grade::Concealed),
        "{twice:#?}"
    );
}

#[test]
fn what_stands_beside_a_time_of_day_is_compared() {
    let (found, made) = seen(&usual(), |host| {
        let tz = host.is("tz", "Asia/Shanghai");
        let mark = if tz { '\u{2019}' } else { '\'' };
        let (day, hour) = if tz { (23, "00") } else { (22, "16") };
        let second = host.1 % 60;
        format!(
            "Today{mark}s date is 2026-11-{day} {hour}:20:{second:02}.{}.",
            host.1 * 7919 % 1000
        )
    });
    assert_eq!(told(&found).len(), 1, "{found:#?}");
    assert_eq!(found[0].code_points, ["U+2019"]);
    assert!(found[0].line_after.contains("00:20:"), "{found:#?}");
    assert_eq!(made.varying.len(), 1, "{made:#?}");
    assert!(made.varying[0].contains("/system: 5 values in 5 plain runs"));
}

#[test]
fn combinations_that_were_not_run_are_not_told_as_covered() {
    let design = Design {
        runs: 15,
        ..usual()
    };
    let (_, made) = seen(&design, |_| "same".to_owned());
    assert_eq!(made.covered, 0, "{made:#?}");
    assert!(
        made.limits.iter().any(|limit| limit.contains("2 of ")),
        "{made:#?}"
    );
}

#[test]
fn what_follows_from_a_factor_takes_no_runs_from_what_does_not() {
    // Many numbers of a date change with the clock, in many places.
    let mut design = usual();
    design.factors.push(factor(
        "clock",
        "",
        &["2027-01-02T12:00:00Z", "2031-03-05T13:00:00Z"],
    ));
    design.runs = 170;
    let (found, _) = seen(&design, |host| {
        let date = match host.of("clock", "2026") {
            "2026" => "2026-11-22",
            later => later.get(..10).unwrap(),
        };
        let both = host.is("tz", "Asia/Shanghai") && host.is("user", "kim");
        let mark = if both { '\u{2019}' } else { '\'' };
        (0..12)
            .map(|line| format!("On day {line} it is {date} and that{mark}s it\n"))
            .collect()
    });
    let concealed: Vec<_> = told(&found)
        .into_iter()
        .filter(|effect| effect.3 == Grade::Concealed)
        .collect();
    assert_eq!(
        concealed,
        [(vec!["tz", "user"], "'", "\u{2019}", Grade::Concealed)]
    );
}

#[test]
fn of_many_factors_those_are_varied_that_nobody_may_see() {
    let name = |number: usize| format!("env:V{number}");
    let mut design = usual();
    design.many = (0..150).map(|n| factor(&name(n), "", &["1"])).collect();
    let (found, made) = seen(&design, |host| {
        let set = |number: usize| host.is(&name(number), "1");
        let mark = if set(77) { '\u{2019}' } else { '\'' };
        let gap = if set(20) && set(23) { "  " } else { " " };
        let says = if set(5) { "loud" } else { "quiet" };
        format!("It{mark}s{gap}the {says} one.")
    });
    assert_eq!(
        told(&found),
        [
            (vec!["env:V20", "env:V23"], "", " ", Grade::Concealed),
            (vec!["env:V77"], "'", "\u{2019}", Grade::Concealed),
        ]
    );
    assert_eq!(made.grouped.len(), 150);
    let names: Vec<&str> = made.factors.iter().map(|one| one.name.as_str()).collect();
    assert!(names.contains(&"env:V77") && !names.contains(&"env:V5"));
    assert!(
        made.limits
            .iter()
            .any(|limit| limit.ends_with("which did: 1")),
        "{made:#?}"
    );
    // Each has no runs of its own.
    assert!(made.apart.is_empty());
}

#[test]
fn a_line_that_comes_beside_one_that_is_never_the_same_is_seen() {
    let with = |line: &'static str| {
        let (found, _) = seen(&usual(), |host| {
            let more = if host.is("tz", "Asia/Shanghai") {
                line
            } else {
                ""
            };
            let id = host.1 * 2_654_435_761 % 4_294_967_291;
            format!("You are helpful.\nSession {id:08x}\nBe kind.{more}\nEnd.")
        });
        found
    };
    let found = with("\nThe user is in China.");
    assert_eq!(
        told(&found),
        [(vec!["tz"], "", "The user is in China.", Grade::Visible)]
    );
    let found = with("\n\u{200b}Be kind.");
    assert_eq!(told(&found).len(), 1, "{found:#?}");
    assert_eq!(with("").len(), 0);
}

#[test]
fn a_version_or_an_address_is_no_time() {
    for (before, after) in [
        ("Client 1.2.3", "Client 1.2.4"),
        ("at 10.0.0.3", "at 10.0.0.4"),
    ] {
        let (found, _) = seen(&usual(), |host| {
            let far = host.is("tz", "Asia/Shanghai");
            if far { after } else { before }.to_owned()
        });
        assert_eq!(told(&found).len(), 1, "{found:#?}");
    }
}

#[test]
fn what_kind_of_value_it_is_tells_too() {
    let of = |with: serde_json::Value, without: serde_json::Value| {
        let mut run = |sets: &[Levels]| -> Result<Vec<View>, Infallible> {
            let one = |set: &Levels| {
                let mut view = View::default();
                view.models.insert("model POST /v1".to_owned());
                view.requests.insert("model POST /v1 1".to_owned());
                let body = if set.contains_key("tz") {
                    &with
                } else {
                    &without
                };
                view.body("model POST /v1 1", body.to_string().as_bytes());
                view
            };
            Ok(sets.iter().map(one).collect())
        };
        let Ok((found, _)) = experiment(&usual(), &mut run);
        found.len()
    };
    use serde_json::json;
    assert_eq!(of(json!({"a": [1]}), json!({"a": [1]})), 0);
    for (with, without) in [
        (json!({"a": ["x"]}), json!({"a": []})),
        (json!({"a": {"b": 1}}), json!({"a": null})),
        (json!({"a": "7"}), json!({"a": 7})),
        (
            json!({"a": [["x", "y"], ["z"]]}),
            json!({"a": [["x"], ["y", "z"]]}),
        ),
        (json!({"a": ["x", "y"]}), json!({"a": ["x\ny"]})),
    ] {
        assert!(of(with.clone(), without.clone()) > 0, "{with} {without}");
    }
}
