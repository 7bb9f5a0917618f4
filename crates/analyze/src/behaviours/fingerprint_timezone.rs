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
        "time.tzname",
        "time.timezone",
        "time.altzone",
        "time.localtime().tm_zone",
        "time.localtime().tm_gmtoff",
        "?.astimezone().tzname()",
        "datetime.datetime.now().astimezone().tzname()",
        "datetime.datetime.now().astimezone().tzinfo",
        "datetime.datetime.now().astimezone().utcoffset()",
        "?.strftime(%Z)",
        "tzlocal.get_localzone()",
        "tzlocal.get_localzone_name()",
        "dateutil.tz.tzlocal()",
        "dateutil.tz.gettz()",
    ],
    variables: &["TZ"],
    texts: &["/etc/timezone", "/etc/localtime"],
    hosts: &[],
    pass: Pass::Patterns,
    positive: &[
        Example::file(
            "example.py",
            "import time\n\nprint(time.strftime('%H:%M %Z'))\n",
        ),
        Example::js("const zone = Intl.DateTimeFormat().resolvedOptions().timeZone; use(zone);"),
        Example::js("let f = new Intl.DateTimeFormat(); send(f.resolvedOptions().timeZone)"),
        Example::js("const { timeZone } = Intl.DateTimeFormat().resolvedOptions(); go(timeZone)"),
        Example::js("import { env as e } from 'node:process'; console.log(e.TZ);"),
        Example::js("x = new Date().getTimezoneOffset() / 60"),
        Example::file(
            "example.py",
            "import time\n\nzone = time.tzname[time.daylight]\nuse(zone)\n",
        ),
        Example::file(
            "example.py",
            "from datetime import datetime\n\nnow = datetime.now().astimezone()\nprint(now.tzname())\n",
        ),
        Example::file(
            "example.py",
            "import tzlocal as t\n\nsend(zone=str(t.get_localzone()))\n",
        ),
        Example::file(
            "example.py",
            "from pathlib import Path\n\nprint(Path('/etc/timezone').read_text())\n",
        ),
    ],
    negative: &[
        Example::file(
            "example.py",
            "import time\n\nprint(time.strftime('%Y-%m-%d'))\n",
        ),
        Example::js("const options = { timeZone: 'UTC' }; format(options);"),
        Example::js("const text = 'set TZ to change the time zone';"),
        Example::file(
            "example.py",
            "from datetime import datetime, timezone\n\nprint(datetime.now(timezone.utc).isoformat())\n",
        ),
    ],
};
