use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Fact, Nature, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "fingerprint.repository",
    title: "reads whose repository it works in",
    severity: Severity::Info,
    layer: Layer::Client,
    what: "The remotes of the repository are read: where it was cloned from.",
    why: "An address of a repository names an organisation and a project. Compared with constants or sent along, it tells for whom somebody works.",
    not: "A tool that opens pull requests has to know where to. By itself this says nothing; see what the value is compared with and where it goes.",
    example: "const remote = execSync('git remote get-url origin');",
    reference: "https://git-scm.com/docs/git-remote",
    source: Some(Fact::of("repository", Nature::Somebody)),
    calls: &[
        "git-remote-origin-url()",
        "git-remote-origin-url.default()",
        "parse-git-config()",
        "parse-git-config.sync()",
        "?.getRemotes()",
        "git.Repo().remotes",
        "git.Repo().remote()",
    ],
    variables: &[],
    texts: &[
        "git remote",
        "git remote -v*",
        "git remote get-url *",
        "git remote show *",
        "git config --get remote*",
        "git config remote*",
        "git config --get-regexp remote*",
        "git ls-remote --get-url*",
        "*/.git/config",
        ".git/config",
    ],
    hosts: &[],
    told_by: &["git remote"],
    pass: Pass::Patterns,
    positive: &[
        Example::js(
            "const at = require('child_process').execSync('git remote get-url origin').toString(); use(at);",
        ),
        Example::js(
            "require('child_process').execFileSync('git', ['config', '--get', 'remote.origin.url']);",
        ),
        Example::file(
            "example.py",
            "import subprocess\n\nprint(subprocess.check_output(['git', 'remote', '-v']))\n",
        ),
    ],
    negative: &[
        Example::js("require('child_process').execSync('git status --short');"),
        Example::js("const remote = options.remote; fetchFrom(remote);"),
    ],
};
