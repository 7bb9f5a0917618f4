use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Fact, Nature, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "fingerprint.hostname",
    title: "reads the host name",
    severity: Severity::Low,
    layer: Layer::Client,
    what: "The name of the machine is read, from the platform, the environment or a file of the system.",
    why: "Host names often carry the name of a person, a team or an organisation, and they tell one machine from another over time.",
    not: "Lock files, logs and crash reports use it on the machine itself. It matters when the value, or a digest of it, leaves the machine.",
    example: "const name = require(\"os\").hostname();",
    reference: "https://nodejs.org/api/os.html#oshostname",
    source: Some(Fact::of("host name", Nature::Somebody)),
    calls: &[
        "os.hostname()",
        "Deno.hostname()",
        "os.uname().nodename",
        "socket.gethostname()",
        "socket.getfqdn()",
        "platform.node()",
        "platform.uname().node",
        "socket.gethostbyaddr()",
        "system::gethostname()",
        "system::GetComputerNameA()",
        "system::GetComputerNameW()",
        "system::GetComputerNameExW()",
        "system::SCDynamicStoreCopyComputerName()",
        "go::os.Hostname()",
    ],
    variables: &[
        "HOSTNAME",
        "COMPUTERNAME",
        "USERDOMAIN",
        "USERDNSDOMAIN",
        "HOST",
    ],
    texts: &[
        "/etc/hostname",
        "/proc/sys/kernel/hostname",
        "hostname -f",
        "uname -n",
        "hostname -s",
        "hostnamectl",
        "hostnamectl *",
        "scutil --get ComputerName",
        "scutil --get LocalHostName",
        "scutil --get HostName",
        "hostname",
        "hostname --*",
    ],
    hosts: &[],
    told_by: &["host name", "hostname"],
    pass: Pass::Patterns,
    positive: &[
        Example::js("const os = require('os'); send({ machine: os.hostname() });"),
        Example::file(
            "example.mjs",
            "import { hostname as h } from 'node:os'; export const id = () => h().toLowerCase();",
        ),
        Example::js(
            "var Q=Object.create,__toESM=(m,f)=>m;var i=__toESM(require('os'),1);function k(){return(0,i.hostname)()}k();",
        ),
        Example::file(
            "example.ts",
            "export const machine: string = process.env.COMPUTERNAME ?? Deno.hostname();",
        ),
        Example::js(
            "const fs = require('node:fs'); tag(fs.readFileSync('/etc/hostname', 'utf8').trim());",
        ),
        Example::file(
            "example.py",
            "import socket\n\nprint(socket.gethostname())\n",
        ),
        Example::file(
            "example.py",
            "import platform as p\n\nsend({'machine': p.uname().node})\n",
        ),
        Example::file(
            "example.py",
            "gethostname = __import__('socket').gethostname\nprint(gethostname())\n",
        ),
    ],
    negative: &[
        Example::js("const host = new URL(address).hostname; connect(host);"),
        Example::js("server.listen({ hostname: '127.0.0.1', port: 0 });"),
        Example::js("const os = require('os'); print(os.EOL, os.cpus().length);"),
        Example::file(
            "example.py",
            "from urllib.parse import urlparse\n\nconnect(urlparse(address).hostname)\n",
        ),
    ],
};
