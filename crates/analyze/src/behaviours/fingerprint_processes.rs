use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "fingerprint.processes",
    title: "looks at other processes",
    severity: Severity::Low,
    layer: Layer::Client,
    what: "The running processes, or the one that started the tool, are looked at.",
    why: "What runs beside a tool tells what the user works with, whether the tool is watched, and whether it was started by a person or by another program.",
    not: "Tools look for their own earlier instances, for a debugger to attach to, or for the shell or editor they were started from.",
    example: "const out = execSync(\"ps aux\").toString();",
    reference: "https://nodejs.org/api/process.html#processppid",
    source: Some("running processes"),
    calls: &[
        "process.ppid",
        "Deno.ppid",
        "ps-list()",
        "ps-list.default()",
        "find-process()",
        "find-process.default()",
        "systeminformation.processes()",
        "?.listProcesses()",
        "psutil.process_iter()",
        "psutil.Process().parent()",
        "os.getppid()",
        "psutil.pids()",
        "psutil.Process().parents()",
        "psutil.Process().ppid()",
    ],
    variables: &["__CFBundleIdentifier", "VSCODE_PID"],
    texts: &[
        "ps a*",
        "ps -a*",
        "ps -A*",
        "ps -e*",
        "ps -o*",
        "ps -p*",
        "pgrep *",
        "tasklist",
        "tasklist *",
        "tasklist.exe*",
        "wmic process*",
        "*Win32_Process",
        "*Win32_Process *",
        "*Get-Process *",
        "*/cmdline",
    ],
    hosts: &[],
    pass: Pass::Patterns,
    positive: &[
        Example::js(
            "const { execSync } = require('child_process'); const out = execSync('ps aux').toString(); scan(out);",
        ),
        Example::js(
            "var f=require('fs');for(const d of f.readdirSync('/proc'))try{go(f.readFileSync(`/proc/${d}/cmdline`,'utf8'))}catch{}",
        ),
        Example::file(
            "example.mjs",
            "import { ppid } from 'node:process'; export const parent = () => ppid;",
        ),
        Example::file(
            "example.ts",
            "import { exec } from 'node:child_process';\nexec(process.platform === 'win32' ? 'tasklist /FO CSV' : 'ps -eo pid,comm', (_e, out: string) => use(out));",
        ),
        Example::file(
            "example.py",
            "import psutil\n\nprint([one.name() for one in psutil.process_iter()])\n",
        ),
        Example::file("example.sh", "#!/bin/sh\npgrep -f worker && echo running\n"),
        Example::file(
            "example.py",
            "import subprocess\n\nout = subprocess.run(['ps', 'aux'], capture_output=True, text=True).stdout\nscan(out)\n",
        ),
        Example::file(
            "example.py",
            "import os\n\nparent = os.getppid()\nuse(parent)\n",
        ),
    ],
    negative: &[
        Example::js("print(process.pid, process.title, process.version);"),
        Example::js(
            "const text = 'a list of processes'; const list = queue.processes; print(text, list);",
        ),
        Example::file("example.py", "import os\n\nprint(os.getpid())\n"),
    ],
};
