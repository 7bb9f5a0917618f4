use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "integrity.unverified",
    title: "switches off the check of who it talks to",
    severity: Severity::Medium,
    layer: Layer::Client,
    what: "The check of TLS certificates is switched off, in the code or for a program that it starts.",
    why: "Anybody on the way can read and change what is sent and received, and no warning shows.",
    not: "Often it is behind a setting for networks with certificates of their own, or holds for a connection to the same machine. See what switches it on.",
    example: "new https.Agent({ rejectUnauthorized: false });",
    reference: "https://cwe.mitre.org/data/definitions/295.html",
    source: None,
    calls: &[
        "?.setCertificateVerifyProc()",
        "ssl._create_unverified_context()",
        "ssl.CERT_NONE",
    ],
    variables: &[],
    texts: &[
        "rejectUnauthorized: false",
        "strictSSL: false",
        "NODE_TLS_REJECT_UNAUTHORIZED: 0",
        "NODE_TLS_REJECT_UNAUTHORIZED=0*",
        "GIT_SSL_NO_VERIFY=*",
        "InsecureSkipVerify: true",
        "verify=False",
        "ssl.CERT_NONE",
        "curl -k *",
        "*curl --insecure *",
        "*wget --no-check-certificate *",
        "*http.sslVerify false*",
        "*http.sslVerify=false*",
        "*strict-ssl false*",
        "--ignore-certificate-errors",
    ],
    hosts: &[],
    told_by: &["checksum", "integrity check", "signature check"],
    pass: Pass::Patterns,
    positive: &[
        Example::js(
            "const https = require('https'); const agent = new https.Agent({ rejectUnauthorized: false }); use(agent);",
        ),
        Example::js("process.env.NODE_TLS_REJECT_UNAUTHORIZED='0';go()"),
        Example::js(
            "var t=require('tls');t.connect({host:'alpha.example',port:443,rejectUnauthorized:!1})",
        ),
        Example::file(
            "example.mjs",
            "import { Agent } from 'node:https'; const options = {}; options.rejectUnauthorized = false; export default new Agent(options);",
        ),
        Example::file(
            "example.ts",
            "import { spawn } from 'node:child_process';\nexport const start = () => spawn('alpha', [], { env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' } });",
        ),
        Example::file(
            "example.py",
            "import requests\n\nrequests.get(\"https://alpha.example\", verify=False)\n",
        ),
        Example::file(
            "example.sh",
            "#!/bin/sh\ncurl -k https://alpha.example/list\n",
        ),
    ],
    negative: &[
        Example::js(
            "const agent = new https.Agent({ rejectUnauthorized: true, keepAlive: false }); use(agent);",
        ),
        Example::js(
            "if (process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0') warn('certificates are not checked');",
        ),
        Example::js(
            "const text = 'set rejectUnauthorized to true'; const strictSSL = options.strictSSL; use(text, strictSSL);",
        ),
    ],
};
