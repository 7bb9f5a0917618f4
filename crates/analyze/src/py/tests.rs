use super::with_ir;
use crate::analyze_source;

/// The lists of texts that evaluation makes of a text.
fn evaluated(text: &str) -> Vec<Vec<String>> {
    with_ir(text, |ir| {
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
