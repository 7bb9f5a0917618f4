use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "fingerprint.timezone",
    title: "reads the time zone",
    severity: Severity::Info,
    layer: Layer::Client,
    what: "The host's time zone is read, by name (`Asia/Tokyo`) or as an offset from UTC.",
    why: "A time zone tells roughly where a machine stands. Compared with constants or sent along, it lets a service treat people by region without asking them.",
    not: "Nearly every program that shows a date reads the time zone. By itself this says nothing; see what the value is compared with and where it goes.",
    example: "const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;",
    reference: "https://tc39.es/ecma402/#sec-intl.datetimeformat.prototype.resolvedoptions",
    source: Some("time zone"),
    calls: &[
        "Intl.DateTimeFormat().resolvedOptions().timeZone",
        "new Intl.DateTimeFormat().resolvedOptions().timeZone",
        "?.resolvedOptions().timeZone",
        "?.getTimezoneOffset()",
        "new Date().toString()",
        "new Date().toTimeString()",
    ],
    variables: &["TZ"],
    texts: &[
        "/etc/timezone",
        "/etc/localtime",
        "date +%Z",
        "date +%z",
        "timedatectl",
        "tzutil",
        "systemsetup -gettimezone",
    ],
    hosts: &[],
    pass: Pass::Patterns,
    positive: &[
        Example::js("const zone = Intl.DateTimeFormat().resolvedOptions().timeZone; use(zone);"),
        Example::js("let f = new Intl.DateTimeFormat(); send(f.resolvedOptions().timeZone)"),
        Example::js("const { timeZone } = Intl.DateTimeFormat().resolvedOptions(); go(timeZone)"),
        Example::js("import { env as e } from 'node:process'; console.log(e.TZ);"),
        Example::js("x = new Date().getTimezoneOffset() / 60"),
        Example::js("x = d.toLocaleString('en', { timeZoneName: 'short' })"),
        Example::js("x = require('child_process').execSync('date +%Z')"),
    ],
    negative: &[
        Example::js("const options = { timeZone: 'UTC' }; format(options);"),
        Example::js("const text = 'set TZ to change the time zone';"),
    ],
};
