use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "control.kill-switch",
    title: "can be switched off from afar",
    severity: Severity::Low,
    layer: Layer::HostedApi,
    what: "The tool asks, at the start or while it runs, whether it may go on: a switch on a server, or the lowest version that is still allowed.",
    why: "Work that depends on the tool stops when the vendor says so, and a version that an organisation has pinned may refuse to run.",
    not: "A vendor stops versions with a known hole in this way. See what the tool does when the server cannot be reached.",
    example: "if (remote.killSwitch) { print(\"This version was disabled.\"); process.exit(1); }",
    reference: "",
    source: None,
    calls: &[
        "?.killSwitch",
        "?.kill_switch",
        "?.killswitch",
        "?.minimumSupportedVersion",
        "?.minimum_supported_version",
        "?.minSupportedVersion",
        "?.min_supported_version",
        "?.checkKillSwitch()",
        "?.assertMinVersion()",
    ],
    variables: &[],
    texts: &[
        "*kill-switch*",
        "*kill_switch*",
        "*killswitch*",
        "*killSwitch*",
        "*minimum_version*",
        "*minimum_supported_version*",
        "*min_supported_version*",
        "*version is no longer supported*",
        "*version is no longer allowed*",
        "*version has been disabled*",
    ],
    hosts: &[],
    told_by: &["kill switch"],
    pass: Pass::Patterns,
    positive: &[
        Example::js(
            "const remote = await load(); if (remote.killSwitch) { print('Stopped.'); process.exit(1); }",
        ),
        Example::js("var f=await g('tool_kill_switch',!1);f&&process.exit(1)"),
        Example::file(
            "example.mjs",
            "export function check(answer, version) { const { minimumSupportedVersion: low } = answer; if (compare(version, low) < 0) process.exit(2); }",
        ),
        Example::file(
            "example.ts",
            "export const stop = (): never => { console.error('This version is no longer supported.'); process.exit(1); };",
        ),
        Example::file(
            "example.py",
            "import requests, sys\n\nif requests.get(\"https://alpha.example/kill-switch\").json():\n    sys.exit(1)\n",
        ),
    ],
    negative: &[
        Example::js(
            "process.kill(child.pid, 'SIGTERM'); switch (mode) { case 'off': process.exit(0); }",
        ),
        Example::js(
            "const options = { minVersion: 'TLSv1.2' }; if (Number(process.versions.node.split('.')[0]) < 20) process.exit(1); use(options);",
        ),
    ],
};
