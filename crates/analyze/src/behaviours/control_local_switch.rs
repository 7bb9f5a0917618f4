use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "control.local-switch",
    title: "has a switch for who runs it",
    severity: Severity::Info,
    layer: Layer::Configuration,
    what: "An environment variable, a setting or an argument, whose name says so, switches something on or off.",
    why: "It is what an organisation can set to have the tool do less, and what a project or a script may set to have it do more.",
    not: "It is no remote control: whoever starts the tool decides. What hangs on the switch is told as far as the code shows it.",
    example: "if (process.env.DISABLE_TELEMETRY) return;",
    reference: "",
    source: None,
    calls: &[],
    variables: &[],
    texts: &[],
    hosts: &[],
    told_by: &[],
    pass: Pass::Gates,
    positive: &[
        Example::js(
            "export function report(body) { if (process.env.DISABLE_TELEMETRY) return; fetch('https://alpha.example/t', { method: 'POST', body }); }",
        ),
        Example::js(
            "var t=e=>e==='1'||e==='true';function a(){return t(process.env.ALPHA_NO_UPDATE)}function b(){if(a())return;u()}b();",
        ),
        Example::file(
            "example.mjs",
            "import { readFileSync } from 'node:fs'; const settings = () => JSON.parse(readFileSync('s.json', 'utf8')); export function start() { if (settings().enableTracing) trace.start(); }",
        ),
        Example::js("if (process.argv.includes('--skip-checks')) run(); else check();"),
    ],
    negative: &[
        Example::js("const home = process.env.HOME; if (home) use(home);"),
        Example::js("const options = { disableX: true }; if (options.disableX) use(options);"),
        Example::js("print(process.env.DISABLE_X);"),
    ],
};
