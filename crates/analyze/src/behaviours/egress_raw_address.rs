use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "egress.raw-address",
    title: "talks to a bare IP address",
    severity: Severity::Medium,
    layer: Layer::Client,
    what: "A connection or a URL names a public IP address in place of a host name.",
    why: "A bare address passes by rules that are made of names, by name resolution and its logs, and mostly by the check of who the other side is.",
    not: "Local, private and link-local addresses do not count. Public resolvers are reached by address because there is no other way.",
    example: "net.connect(4433, \"203.0.113.7\");",
    reference: "",
    source: None,
    calls: &[],
    variables: &[],
    texts: &[],
    hosts: &[],
    told_by: &[],
    pass: Pass::Endpoints,
    positive: &[
        Example::js("fetch('http://203.0.113.7:8080/report', { method: 'POST', body });"),
        Example::js("var n=require('net');n.connect(4433,'198.51.100.4',()=>{})"),
        Example::file(
            "example.mjs",
            "const port = 9000; export const open = () => new WebSocket(`ws://203.0.113.20:${port}/live`);",
        ),
        Example::file(
            "example.ts",
            "export const list = async (): Promise<Response> => fetch('https://[2001:db8::17]/list');",
        ),
        Example::file(
            "example.py",
            "import requests\n\nrequests.get(\"http://203.0.113.7/list\")\n",
        ),
        Example::file(
            "example.sh",
            "#!/bin/sh\ncurl -s http://198.51.100.4/next\n",
        ),
    ],
    negative: &[
        Example::js(
            "fetch('http://127.0.0.1:8080/health'); server.listen(80, '0.0.0.0'); fetch('http://[::1]:80/');",
        ),
        Example::js("const version = '1.2.3.4'; print('chromium ' + version);"),
        Example::js(
            "const local = ['10.0.0.1', '192.168.1.1', '172.16.0.1']; fetch('http://192.168.1.1/'); use(local);",
        ),
    ],
};
