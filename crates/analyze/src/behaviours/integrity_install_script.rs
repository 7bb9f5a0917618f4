use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "integrity.install-script",
    title: "runs a script when it is installed",
    severity: Severity::Medium,
    layer: Layer::Client,
    what: "The package's manifest names a script that the package manager runs at installation: `preinstall`, `install` or `postinstall`.",
    why: "The script runs with the user's rights before anybody has started the tool, also on build servers, and also when the package is only somebody's dependency.",
    not: "Packages with native parts build or fetch them in this way. Scripts that only run in the author's own checkout (`prepare`, `prepublishOnly`) do not count.",
    example: "{ \"scripts\": { \"postinstall\": \"node install.js\" } }",
    reference: "https://docs.npmjs.com/cli/using-npm/scripts",
    source: None,
    calls: &[],
    variables: &[],
    texts: &[],
    hosts: &[],
    told_by: &["install script", "postinstall"],
    pass: Pass::Manifest,
    positive: &[
        Example::file(
            "package.json",
            r#"{ "name": "alpha", "version": "1.0.0", "scripts": { "postinstall": "node install.js" } }"#,
        ),
        Example::file(
            "package.json",
            "{\n  \"name\": \"beta\",\n  \"version\": \"2.1.0\",\n  \"scripts\": {\n    \"test\": \"node --test\",\n    \"preinstall\": \"node check.cjs || true\"\n  }\n}\n",
        ),
        Example::file(
            "package.json",
            r#"{"scripts":{"install":"node-gyp rebuild","build":"tsc"},"version":"0.3.0","name":"@corp/gamma"}"#,
        ),
    ],
    negative: &[
        Example::file(
            "package.json",
            r#"{ "name": "alpha", "version": "1.0.0", "scripts": { "build": "tsc", "prepublishOnly": "npm test", "reinstall": "npm ci" } }"#,
        ),
        Example::file(
            "package.json",
            r#"{ "name": "beta", "version": "1.0.0", "description": "runs a postinstall script", "config": { "postinstall": "no" }, "scripts": { "postinstall": "" } }"#,
        ),
        Example::js(
            "const manifest = { scripts: { postinstall: 'node install.js' } }; write(manifest);",
        ),
    ],
};
