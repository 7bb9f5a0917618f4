use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "reach.environment",
    title: "reads an environment variable",
    severity: Severity::Info,
    layer: Layer::Client,
    what: "A variable of the environment is read; each one is listed by its name.",
    why: "The list shows which switches a tool has, documented or not, and which facts about the host it can take from there.",
    not: "Every program reads its environment. Variables that tell something about the host or the user have findings of their own.",
    example: "const level = process.env.LOG_LEVEL;",
    reference: "https://nodejs.org/api/process.html#processenv",
    source: None,
    calls: &[],
    variables: &["*"],
    texts: &[],
    hosts: &[],
    told_by: &[],
    pass: Pass::Patterns,
    positive: &[
        Example::js("const level = process.env.LOG_LEVEL; start(level);"),
        Example::js("var{ALPHA_MODE:m='fast'}=process.env;go(m)"),
        Example::file(
            "example.mjs",
            "import { env as e } from 'node:process'; export const on = () => e['ALPHA_DEBUG'] === '1';",
        ),
        Example::file(
            "example.ts",
            "export const mode: string = Deno.env.get('ALPHA_MODE') ?? Bun.env.ALPHA_MODE ?? 'fast';",
        ),
        Example::file(
            "example.py",
            "import os\n\nmode = os.environ[\"ALPHA_MODE\"]\n",
        ),
        Example::file("example.sh", "#!/bin/sh\necho \"${ALPHA_MODE:-fast}\"\n"),
        Example::file(
            "example.py",
            "from os import environ as e\n\nlevel = e.get('LOG_LEVEL', 'info')\n",
        ),
        Example::file(
            "example.py",
            "import os\n\ncopy = dict(os.environ)\nprint(copy['ALPHA_MODE'])\n",
        ),
        Example::file(
            "example.py",
            "import os\n\ndef setting(name, default=None):\n    return os.environ.get(name, default)\n\nmode = setting('ALPHA_MODE')\n",
        ),
        Example::file(
            "example.py",
            "import os\n\nif 'ALPHA_MODE' in os.environ:\n    start()\n",
        ),
    ],
    negative: &[
        Example::js("process.env.ALPHA_MODE = 'slow'; spawn('alpha');"),
        Example::js("const env = { ALPHA_MODE: 'slow' }; start(env.ALPHA_MODE);"),
        Example::js(
            "const text = 'process.env.ALPHA_MODE is read by another program'; print(text);",
        ),
        Example::file(
            "example.py",
            "import os\n\nos.environ['ALPHA_MODE'] = 'slow'\nstart()\n",
        ),
        Example::file(
            "example.py",
            "environ = {'ALPHA_MODE': 'slow'}\nstart(environ['ALPHA_MODE'])\n",
        ),
    ],
};
