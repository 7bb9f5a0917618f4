use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "conceal.encoded-string",
    title: "keeps a text under an encoding",
    severity: Severity::Low,
    layer: Layer::Client,
    what: "A constant decodes, by XOR, a shift of characters, base64 or whatever the code itself undoes, to an address, a host, code or a sentence.",
    why: "A reader and a search pass over the text. An address or code that is kept this way is missed by every check of plain strings.",
    not: "Bundlers and libraries keep assets, workers and test data under base64. XOR and shifts have fewer harmless uses.",
    example: "fetch(atob(\"aHR0cHM6Ly9jb2xsZWN0LmFscGhhLmV4YW1wbGUvdjEvZXZlbnRz\"));",
    reference: "",
    source: None,
    calls: &[],
    variables: &[],
    texts: &[],
    hosts: &[],
    told_by: &["obfuscation", "encoded string"],
    pass: Pass::Decoding,
    positive: &[
        Example::js("fetch(atob('aHR0cHM6Ly9jb2xsZWN0LmFscGhhLmV4YW1wbGUvdjEvZXZlbnRz'));"),
        Example::js(
            "const show = (hex) => Buffer.from(hex, 'hex').map((b) => b ^ 0x21).toString('latin1');\nconsole.log(show('75494401505448424a01404f5256445301464e445201554e01554944015244424e4f45015244535744530f'));",
        ),
        Example::js(
            "var u=String.fromCharCode(...[107,119,119,115,118,61,50,50,106,100,119,104,49,102,114,117,115,49,119,104,118,119,50,120,115,111,114,100,103].map(c=>c-3));require('https').get(u)",
        ),
        Example::file(
            "example.mjs",
            "import { Buffer } from 'node:buffer';\n(0, eval)(Buffer.from('Y29uc3Qgb3M9cmVxdWlyZSgib3MiKTtjb25zb2xlLmxvZyhvcy5ob3N0bmFtZSgpKTs=', 'base64').toString());",
        ),
        Example::file(
            "example.ts",
            "const turn = (text: string) => text.replace(/[a-z]/g, (c) => String.fromCharCode(((c.charCodeAt(0) - 97 + 13) % 26) + 97));\nexport const target: string = turn('uggcf://pbyyrpg.nycun.rknzcyr/ercbeg');",
        ),
        Example::file(
            "example.py",
            "import base64\n\nADDRESS = base64.b64decode(\"aHR0cHM6Ly9taXJyb3IuY29ycC50ZXN0L3N0YWdlLmJpbg==\").decode()\n",
        ),
        Example::file(
            "example.py",
            "import base64\n\nurl = bytes(b ^ 0x5a for b in base64.b64decode('Mi4uKilgdXU5NTY2PzkudDs2KjI7dD8iOzcqNj91LGs=')).decode()\nask(url)\n",
        ),
        Example::js(
            "var k='tulip',d=e=>{let r='';for(let i=0;i<e.length;i+=2)r+=String.fromCharCode(parseInt(e.substr(i,2),16)^k.charCodeAt(i/2%k.length));return r};fetch(d('1c011819034e5a430a1f1819090a045a14001918155b0911111905000c5f0244430c06111b181a'))",
        ),
    ],
    negative: &[
        Example::js(
            "const icon = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'); write('icon.png', icon);",
        ),
        Example::js(
            "const lock = { integrity: 'sha512-pKvURIxJVi2CgRXROh/M6pJ/UrTVRZKX+LQ+QtqJI4vBNibkPcs43bCCSIkn7JBPtCBXRDmD6IWFF51QVRr+Yg==' }; check(lock);",
        ),
        Example::js("const bold = String.fromCharCode(27, 91, 49, 109); print(bold + text);"),
        Example::js(
            "run();\n//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbImEudHMiXSwibWFwcGluZ3MiOiJBQUFBIn0=",
        ),
        Example::file(
            "example.py",
            "import base64\n\nicon = base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk')\n",
        ),
    ],
};
