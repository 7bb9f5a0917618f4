use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "control.remote-config",
    title: "takes its settings from a server",
    severity: Severity::Medium,
    layer: Layer::HostedApi,
    what: "The code fetches settings from a server and works by them.",
    why: "Limits, prompts, permissions or addresses can change without a new version and without the user. What was examined may not be what runs.",
    not: "Organisations send settings to their own people in this way. See who runs the server, and what the settings can change.",
    example: "const settings = await (await fetch(base + \"/v1/remote-config\")).json();",
    reference: "",
    source: None,
    calls: &[
        "?.fetchRemoteConfig()",
        "?.getRemoteConfig()",
        "?.loadRemoteConfig()",
        "?.refreshRemoteConfig()",
        "?.fetchRemoteSettings()",
        "?.fetchAndActivate()",
        "firebase/remote-config.getRemoteConfig()",
        "new @azure/app-configuration.AppConfigurationClient()",
    ],
    variables: &[],
    texts: &[
        "*/remote-config*",
        "*/remote_config*",
        "*/remoteConfig*",
        "*/remote-settings*",
        "*/remote_settings*",
        "*/dynamic-config*",
        "*/dynamic_config*",
        "*/client-config*",
        "*/client_config*",
        "*/client/settings*",
        "*/client/config*",
    ],
    hosts: &["firebaseremoteconfig.googleapis.com", "*.azconfig.io"],
    told_by: &["remote configuration", "remote settings"],
    pass: Pass::Patterns,
    positive: &[
        Example::js(
            "const settings = await (await fetch('https://api.alpha.example/v1/remote-config')).json(); apply(settings);",
        ),
        Example::js(
            "var b='https://api.corp.test';async function s(){let r=await fetch(b+'/api/client/settings');Object.assign(o,await r.json())}s()",
        ),
        Example::file(
            "example.mjs",
            "import { getRemoteConfig as load } from 'firebase/remote-config'; export const config = load(app);",
        ),
        Example::file(
            "example.ts",
            "class Settings {\n  constructor(private client: { fetchRemoteConfig(): Promise<object> }) {}\n  async load() { return this.client.fetchRemoteConfig(); }\n}\nexport { Settings };",
        ),
        Example::file(
            "example.py",
            "import requests\n\nsettings = requests.get(\"https://api.alpha.example/v1/client_config\").json()\n",
        ),
    ],
    negative: &[
        Example::js(
            "const settings = JSON.parse(require('fs').readFileSync('config/client.json', 'utf8')); apply(settings);",
        ),
        Example::js(
            "const { execSync } = require('child_process'); execSync('git config --get remote.origin.url');",
        ),
    ],
};
