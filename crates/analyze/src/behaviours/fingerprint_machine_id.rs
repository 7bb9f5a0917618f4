use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Fact, Nature, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "fingerprint.machine-id",
    title: "reads an identifier of the machine",
    severity: Severity::Medium,
    layer: Layer::Client,
    what: "An identifier that the system or the hardware gave to the machine is read: `/etc/machine-id`, the platform UUID of macOS, `MachineGuid` of Windows, a serial number.",
    why: "Such an identifier stays the same over reinstallation of the tool and change of account, so that all use of one machine can be linked.",
    not: "Licence checks and error counts use it. A digest of it with a random key of the tool cannot be linked to other tools.",
    example: "const id = fs.readFileSync(\"/etc/machine-id\", \"utf8\").trim();",
    reference: "https://www.freedesktop.org/software/systemd/man/latest/machine-id.html",
    source: Some(Fact::of("machine id", Nature::Somebody)),
    calls: &[
        "node-machine-id.machineId()",
        "node-machine-id.machineIdSync()",
        "?.machineIdSync()",
        "vscode.env.machineId",
        "system::gethostid()",
        "system::gethostuuid()",
        "system::GetVolumeInformationA()",
        "system::GetVolumeInformationW()",
        "system::GetSystemFirmwareTable()",
    ],
    variables: &[],
    texts: &[
        "*/etc/machine-id*",
        "*/var/lib/dbus/machine-id*",
        "*/sys/class/dmi/id/product_uuid*",
        "*/sys/class/dmi/id/board_serial*",
        "*/sys/class/dmi/id/product_serial*",
        "ioreg -rd1*",
        "*IOPlatformUUID*",
        "*IOPlatformSerialNumber*",
        "*MachineGuid*",
        "*Win32_ComputerSystemProduct*",
        "wmic csproduct get*",
        "wmic bios get serialnumber*",
        "dmidecode -s *",
        "*system_profiler SPHardwareDataType*",
        "kenv -q smbios.system.uuid*",
        "*kern.hostuuid*",
    ],
    hosts: &[],
    told_by: &[
        "machine id",
        "device id",
        "installation id",
        "machine identifier",
        "device identifier",
    ],
    pass: Pass::Patterns,
    positive: &[
        Example::js(
            "const fs = require('fs'); const id = fs.readFileSync('/etc/machine-id', 'utf8').trim(); use(id);",
        ),
        Example::js(
            "var p={darwin:'ioreg -rd1 -c IOPlatformExpertDevice',linux:'cat /var/lib/dbus/machine-id'};run(p[process.platform])",
        ),
        Example::file(
            "example.mjs",
            "import { execFileSync } from 'node:child_process';\nexport const id = () => execFileSync('reg', ['query', 'HKLM\\\\SOFTWARE\\\\Microsoft\\\\Cryptography', '/v', 'MachineGuid']);",
        ),
        Example::file(
            "example.ts",
            "import * as vscode from 'vscode';\nexport const id: string = vscode.env.machineId;",
        ),
        Example::file(
            "example.py",
            "with open(\"/etc/machine-id\") as file:\n    print(file.read().strip())\n",
        ),
        Example::file(
            "example.sh",
            "#!/bin/sh\ncat /sys/class/dmi/id/product_uuid\n",
        ),
        Example::file(
            "example.py",
            "import subprocess\n\nout = subprocess.check_output(['ioreg', '-rd1', '-c', 'IOPlatformExpertDevice'])\nprint(out.decode())\n",
        ),
        Example::file(
            "example.py",
            "import winreg\n\nkey = winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r'SOFTWARE\\Microsoft\\Cryptography')\nprint(winreg.QueryValueEx(key, 'MachineGuid'))\n",
        ),
    ],
    negative: &[
        Example::js("const id = require('crypto').randomUUID(); save('machine-id.json', id);"),
        Example::js("const os = require('os'); print(os.machine(), os.arch());"),
        Example::file(
            "example.py",
            "import uuid\n\nsave('machine-id.json', str(uuid.uuid4()))\n",
        ),
    ],
};
