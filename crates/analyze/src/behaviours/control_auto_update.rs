use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "control.auto-update",
    title: "updates itself",
    severity: Severity::Medium,
    layer: Layer::Client,
    what: "The tool looks for a newer version of itself and installs it, or starts what installs it.",
    why: "The version that was examined is replaced by one that was not, at a time that the vendor chooses.",
    not: "Updates bring fixes for security, too. See whether they can be switched off, pinned, and checked by a signature.",
    example: "autoUpdater.checkForUpdatesAndNotify();",
    reference: "https://cwe.mitre.org/data/definitions/494.html",
    source: None,
    calls: &[
        "electron.autoUpdater*",
        "electron-updater.autoUpdater*",
        "update-notifier()",
        "update-notifier.default()",
        "?.checkForUpdates()",
        "?.checkForUpdatesAndNotify()",
        "?.quitAndInstall()",
        "?.downloadUpdate()",
    ],
    variables: &[
        "NO_UPDATE_NOTIFIER",
        "*AUTO_UPDATE*",
        "*AUTOUPDATE*",
        "*_SKIP_UPDATE*",
    ],
    texts: &[
        "npm install -g *",
        "npm i -g *",
        "npm update -g *",
        "pnpm add -g *",
        "yarn global add *",
        "bun add -g *",
        "bun install -g *",
        "brew upgrade *",
        "pip install --upgrade *",
        "pip install -U *",
        "pipx upgrade *",
        "winget upgrade *",
        "*/latest.yml",
        "*/latest-mac.yml",
        "*/latest-linux.yml",
        "*/releases/latest",
        "*/releases/latest/*",
        "*/dist-tags",
    ],
    hosts: &[],
    told_by: &[
        "auto update",
        "automatic update",
        "self update",
        "background update",
    ],
    pass: Pass::Patterns,
    positive: &[
        Example::js(
            "const { autoUpdater } = require('electron-updater'); autoUpdater.checkForUpdatesAndNotify();",
        ),
        Example::js(
            "var x=require('child_process');x.spawn('sh',['-c','npm install -g @alpha/tool@latest'],{detached:!0}).unref()",
        ),
        Example::file(
            "example.mjs",
            "import notify from 'update-notifier'; notify({ pkg }).notify();",
        ),
        Example::file(
            "example.ts",
            "const answer = await fetch('https://alpha.example/tool/releases/latest');\nexport const newest: string = (await answer.json()).version;",
        ),
        Example::js("if (!process.env.ALPHA_DISABLE_AUTO_UPDATE) schedule();"),
        Example::file(
            "example.sh",
            "#!/bin/sh\npip install --upgrade alpha-tool\n",
        ),
        Example::file(
            "example.py",
            "import subprocess, sys\n\nsubprocess.check_call([sys.executable, '-m', 'pip', 'install', '--upgrade', 'alpha-tool'])\n",
        ),
    ],
    negative: &[
        Example::js(
            "const text = 'update the file, then npm install'; state.update(text); component.forceUpdate();",
        ),
        Example::js("require('child_process').execSync('npm install', { cwd: project });"),
        Example::file(
            "example.py",
            "import subprocess\n\nsubprocess.run(['pip', 'install', '-r', 'requirements.txt'])\n",
        ),
    ],
};
