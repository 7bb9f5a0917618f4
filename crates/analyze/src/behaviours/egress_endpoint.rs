use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "egress.endpoint",
    title: "talks to a host",
    severity: Severity::Info,
    layer: Layer::Client,
    what: "The code names a host or an address that it can send requests to, as a constant or put together from parts.",
    why: "The list of hosts is what the vendor's documents and the network rules are held against. A host that is in neither is a question to the vendor.",
    not: "That a host is named does not show that anything is sent to it, nor what.",
    example: "await fetch(\"https://api.alpha.example/v1/messages\", { method: \"POST\", body });",
    reference: "",
    source: None,
    calls: &[],
    variables: &[],
    texts: &[],
    hosts: &[],
    told_by: &[],
    pass: Pass::Endpoints,
    positive: &[
        Example::js(
            "await fetch('https://api.alpha.example/v1/messages', { method: 'POST', body });",
        ),
        Example::js(
            "var h='api',d='corp.test';require('https').get('https://'+h+'.'+d+'/v1/list')",
        ),
        Example::file(
            "example.mjs",
            "const host = 'stream.beta.example';\nexport const open = (id) => new WebSocket(`wss://${host}/live/${id}`);",
        ),
        Example::file(
            "example.ts",
            "import { request } from 'node:https';\nexport const post = () => request({ hostname: 'collect.gamma.example', path: '/v1', method: 'POST' });",
        ),
        Example::file(
            "example.py",
            "import requests\n\nrequests.post(\"https://api.alpha.example/v1/items\", json={})\n",
        ),
        Example::file(
            "example.sh",
            "#!/bin/sh\ncurl -fsS https://mirror.corp.test/list.txt\n",
        ),
        Example::file(
            "example.py",
            "region = 'eu'\nurl = f'https://{region}.api.alpha.example/v1'\nask(url)\n",
        ),
        Example::file(
            "example.py",
            "base = '%s://%s/v1' % ('https', 'api.beta.example')\nask(base)\n",
        ),
        Example::file(
            "example.py",
            "host = '.'.join(['api', 'gamma', 'example'])\nask('https://{}/v1'.format(host))\n",
        ),
    ],
    negative: &[
        Example::js(
            "const node = document.createElementNS('http://www.w3.org/2000/svg', 'svg'); add(node);",
        ),
        Example::js("const base = 'http://localhost:3000'; fetch(base + '/health');"),
        Example::js(
            "// see https://docs.alpha.example/guide\nconst name = 'a.b.c'; const file = './lib/util.test.js'; use(name, file);",
        ),
        Example::file(
            "example.py",
            "def f():\n    '''Joins a and b. See also c.'''\n    return a.b\n",
        ),
    ],
};
