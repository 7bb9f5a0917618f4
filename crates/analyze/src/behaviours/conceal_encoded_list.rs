use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "conceal.encoded-list",
    title: "keeps a list under an encoding",
    severity: Severity::Medium,
    layer: Layer::Client,
    what: "A constant decodes, by an encoding that the code itself undoes, to a list of hosts or words. A list of words counts when more than base64 hides it, a list of hosts also under base64 alone.",
    why: "A reader, a search and a comparison of versions pass over such a list. The list tells whom or what the code looks for.",
    not: "Lists of this kind also keep a word filter out of sight of search engines, or names out of reach of a scanner that would take the file for what it lists.",
    example: "const hosts = Buffer.from(text, \"base64\").map((b) => b ^ key).toString().split(\",\");",
    reference: "",
    source: None,
    calls: &[],
    variables: &[],
    texts: &[],
    hosts: &[],
    told_by: &["encoded list", "obfuscated list", "blocklist", "denylist"],
    pass: Pass::Decoding,
    positive: &[
        Example::js(
            "const key = 55;\nconst hosts = Buffer.from('VltHX1YZUk9WWkdbUhtVUkNWGVJPVlpHW1IbWl5FRVhFGVRYRUcZQ1JEQxtQVkNSGVRYRUcZQ1JEQxtQVlpaVhlST1ZaR1tS', 'base64').map((b) => b ^ key).toString().split(',');\nexport { hosts };",
        ),
        Example::js(
            "var w=[111,104,121,105,118,121,39,115,104,117,123,108,121,117,39,116,108,104,107,118,126,39,118,121,106,111,104,121,107,39,123,111,112,122,123,115,108].map(c=>String.fromCharCode(c-7)).join('').split(' ');go(w)",
        ),
        Example::file(
            "example.mjs",
            "import{Buffer as B}from'node:buffer';export const known=()=>B.from('YWxwaGEuZXhhbXBsZQpiZXRhLmV4YW1wbGUKbWlycm9yLmNvcnAudGVzdApnYW1tYS5leGFtcGxl','base64').toString('utf8').split('\\n');",
        ),
        Example::file(
            "example.ts",
            "const turn = (text: string): string => [...text].reverse().join('');\nexport const names: string[] = [\"ZW5pbHJvYnJhaA==\", \"eWF1cWh0cm9u\", \"bmVmZW5vdHM=\", \"cm9vbWtyYWw=\"].map((text) => turn(atob(text)));",
        ),
        Example::js(
            "'use strict';var s='262f3c2c213c32222f203a2b3c2032232b2f2a213932213c2d262f3c2a323a26273d3a222b32292f3a2b602d213c3e603a2b3d3a',q=0x4e;function u(e){let r='';for(let i=0;i<e.length;i+=2)r+=String.fromCharCode(parseInt(e.slice(i,i+2),16)^q);return r.split('|')}module.exports={get(){return u(s)}};",
        ),
        Example::file(
            "example.py",
            "import base64\n\nKNOWN = base64.b64decode(\"YWxwaGEuZXhhbXBsZSxiZXRhLmV4YW1wbGUsbWlycm9yLmNvcnAudGVzdCxnYXRlLmNvcnAudGVzdA==\").decode().split(\",\")\n",
        ),
        // More than one byte of key: nothing that a search would try.
        Example::js(
            "const key = [3, 77, 19]; const open = (t) => [...atob(t)].map((c, i) => String.fromCharCode(c.charCodeAt(0) ^ key[i % 3])).join(''); export const hosts = () => open('YiFjayw9ZjVybj1/ZmFxZjlyLShrYiBjbyg/biRhcSJhLS58cT09dyhgd2F0Yjl2LS58cT09dyhgdw==').split(',');",
        ),
    ],
    negative: &[
        Example::js(
            "const hosts = ['alpha.example', 'beta.example', 'mirror.corp.test', 'gate.corp.test']; use(hosts);",
        ),
        Example::js(
            "const colours = atob('cmVkLGdyZWVuLGJsdWUsb3JhbmdlLHZpb2xldCxibGFjayx3aGl0ZQ==').split(','); paint(colours);",
        ),
        Example::js(
            "const data = JSON.parse(Buffer.from('eyJuYW1lIjoiZGVtbyIsInNpemUiOjEyLCJpdGVtcyI6WyJhIiwiYiJdfQ==', 'base64').toString()); use(data.items);",
        ),
        Example::js(
            "function mask(bytes, key) { return bytes.map((b, i) => b ^ key[i & 3]); } send(mask(frame, random(4)));",
        ),
    ],
};
