use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "reach.files",
    title: "opens files at fixed places",
    severity: Severity::Info,
    layer: Layer::Client,
    what: "A file or folder is opened at a place that the code fixes: an absolute path, or one below the home folder. Each one is listed.",
    why: "The list shows what a tool reads and writes outside the project it was given, and what has to be looked at or removed when the tool goes.",
    not: "Every tool has settings and a cache. Places that hold credentials or other applications' data have findings of their own.",
    example: "fs.readFileSync(path.join(os.homedir(), \".alpha/settings.json\"));",
    reference: "https://nodejs.org/api/fs.html",
    source: None,
    calls: &[],
    variables: &[],
    texts: &[],
    hosts: &[],
    told_by: &[],
    pass: Pass::Flow,
    positive: &[
        Example::js(
            "const fs = require('fs'); const list = fs.readFileSync('/etc/hosts', 'utf8'); use(list);",
        ),
        Example::js(
            "var f=require('fs'),o=require('os'),p=require('path'),d=p.join(o.homedir(),'.alpha','settings.json');f.existsSync(d)&&go(f.readFileSync(d))",
        ),
        Example::file(
            "example.mjs",
            "import { readdir } from 'node:fs/promises'; export const list = () => readdir('/var/log');",
        ),
        Example::file(
            "example.ts",
            "const file: string = `${process.env.HOME}/.alpha/state.json`;\nexport const state = await Bun.file(file).json();",
        ),
        Example::file(
            "example.py",
            "with open(\"/etc/hosts\") as file:\n    print(file.read())\n",
        ),
        Example::file(
            "example.py",
            "from pathlib import Path\n\nprint(Path('/var/log/alpha.log').read_text())\n",
        ),
        Example::file(
            "example.py",
            "import os\n\nwith open(os.path.expanduser('~/.alpha/settings.json')) as file:\n    use(file.read())\n",
        ),
    ],
    negative: &[
        Example::js(
            "const fs = require('fs'); use(fs.readFileSync(process.argv[2]), fs.readFileSync('./local.txt'));",
        ),
        Example::js(
            "const route = '/etc/hosts'; app.get(route, handler); fetch('/api/files/list');",
        ),
        Example::file(
            "example.py",
            "with open('settings.json') as file:\n    use(file.read())\n",
        ),
    ],
};
