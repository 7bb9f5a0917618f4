use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Fact, Nature, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "fingerprint.other-tools",
    title: "looks for other tools",
    severity: Severity::Medium,
    layer: Layer::Client,
    what: "It is looked up which other programs, editor extensions or packages are installed on the host.",
    why: "The list of installed tools describes the user and the organisation, competing products among them. Compared or sent along, it lets a service treat people by what else they use.",
    not: "A tool that runs git or an editor has to find it first. One program looked for and then run says nothing; a long list that is only recorded does.",
    example: "const found = names.filter((name) => Bun.which(name) !== null);",
    reference: "",
    source: Some(Fact::of("other tools installed", Nature::Presence)),
    calls: &[
        "which()",
        "which.default()",
        "which.sync()",
        "which.default.sync()",
        "Bun.which()",
        "command-exists()",
        "command-exists.sync()",
        "hasbin.sync()",
        "lookpath.lookpath()",
        "shutil.which()",
        "vscode.extensions.all",
        "importlib.metadata.distributions()",
        "importlib.metadata.packages_distributions()",
        "pkg_resources.working_set",
        "distutils.spawn.find_executable()",
    ],
    variables: &[],
    texts: &[
        "which -a *",
        "where.exe",
        "where.exe *",
        "*command -v *",
        "type -p *",
        "*.vscode/extensions*",
        "*.vscode-server/extensions*",
        "*.vscode-oss/extensions*",
        "mdfind kMDItem*",
        "npm ls -g*",
        "npm list -g*",
        "pip list*",
        "brew list*",
        "dpkg -l*",
        "rpm -qa*",
        "*CurrentVersion\\Uninstall*",
        "*CurrentVersion\\App Paths*",
        "*/usr/share/applications*",
    ],
    hosts: &[],
    told_by: &["other tools", "installed tools"],
    pass: Pass::Patterns,
    positive: &[
        Example::js(
            "const which = require('which'); for (const name of names) if (which.sync(name, { nothrow: true })) found.push(name);",
        ),
        Example::js(
            "var x=require('child_process'),h=n=>{try{return x.execSync('command -v '+n),!0}catch{return!1}};['alpha','beta'].filter(h)",
        ),
        Example::file(
            "example.mjs",
            "export const found = ['alpha', 'beta', 'gamma'].filter((name) => Bun.which(name) !== null);",
        ),
        Example::file(
            "example.ts",
            "import { readdirSync } from 'node:fs';\nimport { homedir } from 'node:os';\nimport { join } from 'node:path';\nexport const list: string[] = readdirSync(join(homedir(), '.vscode', 'extensions'));",
        ),
        Example::file(
            "example.py",
            "import shutil\n\nfound = [name for name in (\"alpha\", \"beta\") if shutil.which(name)]\n",
        ),
        Example::file(
            "example.sh",
            "#!/bin/sh\nfor name in alpha beta; do command -v \"$name\" >/dev/null && echo \"$name\"; done\n",
        ),
        Example::file(
            "example.py",
            "from shutil import which\n\nfound = [name for name in names if which(name)]\n",
        ),
    ],
    negative: &[
        Example::js("const text = 'which of these do you want?'; ask(text);"),
        Example::js(
            "const file = require('path').join(root, '.vscode', 'settings.json'); open(file);",
        ),
        Example::file(
            "example.py",
            "text = 'which of these do you want?'\nask(text)\n",
        ),
    ],
};
