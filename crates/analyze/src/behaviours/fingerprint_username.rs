use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "fingerprint.username",
    title: "reads the user name",
    severity: Severity::Low,
    layer: Layer::Client,
    what: "The name of the user is read, from the account on the machine, the environment, or the settings of git.",
    why: "It is personal data, and often the same name as in the organisation's directory. It tells one person from another across machines.",
    not: "Tools use it to find a home folder, to greet, or to sign a commit. It matters when the value, or a digest of it, leaves the machine.",
    example: "const { username } = require(\"os\").userInfo();",
    reference: "https://nodejs.org/api/os.html#osuserinfooptions",
    source: Some("user name"),
    calls: &[
        "os.userInfo()",
        "getpass.getuser()",
        "os.getlogin()",
        "pwd.getpwuid()",
        "pwd.getpwall()",
        "psutil.Process().username()",
        "system::getlogin()",
        "system::getlogin_r()",
        "system::getpwuid()",
        "system::getpwuid_r()",
        "system::GetUserNameA()",
        "system::GetUserNameW()",
        "system::GetUserNameExW()",
        "go::os/user.Current()",
    ],
    variables: &["USER", "USERNAME", "LOGNAME", "SUDO_USER"],
    texts: &[
        "whoami",
        "id -un",
        "git config user.name",
        "git config user.email",
        "git config --get user.*",
        "git config --global user.*",
        "git config --global --get user.*",
    ],
    hosts: &[],
    told_by: &["user name", "username"],
    pass: Pass::Patterns,
    positive: &[
        Example::js("const { username } = require('os').userInfo(); greet(username);"),
        Example::js("var o=require('node:os'),n=()=>o.userInfo().username;n()"),
        Example::file(
            "example.mjs",
            "import * as system from 'os'; const me = system.userInfo(); export default me;",
        ),
        Example::file(
            "example.ts",
            "const user: string = process.env.USER || process.env.USERNAME || 'unknown'; report(user);",
        ),
        Example::js(
            "const mail = require('child_process').execSync('git config user.email').toString();",
        ),
        Example::file("example.py", "import getpass\n\nprint(getpass.getuser())\n"),
        Example::file(
            "example.py",
            "import os, pwd\n\nprint(pwd.getpwuid(os.getuid()).pw_name)\n",
        ),
    ],
    negative: &[
        Example::js("const agent = navigator.userAgent; if (process.getuid() === 0) warn(agent);"),
        Example::js(
            "const auth = { username: options.username, password: options.password }; login(auth);",
        ),
        Example::js("const home = require('os').homedir(); open(home);"),
        Example::file(
            "example.py",
            "import os\n\nhome = os.path.expanduser('~')\nopen_in(home)\n",
        ),
    ],
};
