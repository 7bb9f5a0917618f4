use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "reach.other-tools",
    title: "reaches into other applications' data",
    severity: Severity::Medium,
    layer: Layer::Client,
    what: "Files of other applications are named: settings and storage of editors, profiles of browsers, histories of shells.",
    why: "They hold what the user did elsewhere: pages, commands, sessions, sign-ins, the use of competing tools.",
    not: "An editor's extension uses the editor's storage for itself, and a tool may add its line to a shell's settings. See whether the files are read and where the content goes.",
    example: "fs.readFileSync(path.join(home, \".bash_history\"), \"utf8\");",
    reference: "",
    source: None,
    calls: &["readline.get_history_item()"],
    variables: &["HISTFILE"],
    texts: &[
        "*globalStorage*",
        "*workspaceStorage*",
        "*state.vscdb*",
        "*Code/User/*",
        "*.bash_history*",
        "*.zsh_history*",
        "*/fish_history*",
        "*.node_repl_history*",
        "*.python_history*",
        "*ConsoleHost_history.txt*",
        "*Google/Chrome/*",
        "*Google\\Chrome\\*",
        "*.config/google-chrome*",
        "*.config/chromium*",
        "*.mozilla/firefox*",
        "*Firefox/Profiles*",
        "*Microsoft/Edge/*",
        "*/places.sqlite*",
        "*.config/JetBrains*",
        "*Application Support/JetBrains*",
        "*Application Support/Slack*",
    ],
    hosts: &[],
    told_by: &[],
    pass: Pass::Patterns,
    positive: &[
        Example::js(
            "const fs = require('fs'); const past = fs.readFileSync(home + '/.bash_history', 'utf8'); use(past);",
        ),
        Example::js(
            "var d=require('path').join(h,'Library','Application Support','Google','Chrome','Default');require('fs').readdirSync(d)",
        ),
        Example::file(
            "example.mjs",
            "import { DatabaseSync } from 'node:sqlite'; export const open = (home) => new DatabaseSync(`${home}/.config/Code/User/globalStorage/state.vscdb`);",
        ),
        Example::file(
            "example.ts",
            "export const history: string | undefined = process.env.HISTFILE;",
        ),
        Example::file(
            "example.py",
            "from pathlib import Path\n\nprofiles = list((Path.home() / \".mozilla/firefox\").glob(\"*\"))\n",
        ),
        Example::file(
            "example.sh",
            "#!/bin/sh\ntail -n 50 \"$HOME/.zsh_history\"\n",
        ),
    ],
    negative: &[
        Example::js(
            "const history = []; window.history.pushState({}, '', '/next'); history.push('bash'); use(history);",
        ),
        Example::js(
            "const agent = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0 Safari/537.36'; fetch(url, { headers: { 'user-agent': agent } });",
        ),
        Example::js(
            "const file = home + '/.alpha/history.json'; require('fs').readFileSync(file);",
        ),
    ],
};
