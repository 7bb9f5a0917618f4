use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Fact, Nature, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "fingerprint.base-url",
    title: "reads the address of a service from the environment",
    severity: Severity::Info,
    layer: Layer::Client,
    what: "The environment variable that points the tool at another server than its default is read.",
    why: "The host in it names the gateway or the reseller that an organisation uses. Compared with constants or sent along, it tells how the user reaches the service.",
    not: "A setting of this kind is needed to use a gateway at all. By itself this says nothing; see whether the value does more than form request addresses.",
    example: "const base = process.env.ALPHA_BASE_URL ?? \"https://api.alpha.example\";",
    reference: "",
    source: Some(Fact::of("base URL", Nature::Somebody)),
    calls: &[],
    variables: &[
        "*BASE_URL",
        "*BASE_URI",
        "*_API_BASE",
        "*_API_URL",
        "*_API_HOST",
        "*_API_ENDPOINT",
        "*_ENDPOINT_URL",
    ],
    texts: &[],
    hosts: &[],
    told_by: &["base url"],
    pass: Pass::Patterns,
    positive: &[
        Example::js(
            "const base = process.env.ALPHA_BASE_URL ?? 'https://api.alpha.example'; connect(base);",
        ),
        Example::js(
            "var t=process.env;function n(){return new URL(t.BETA_API_HOST||'https://beta.example').hostname}n()",
        ),
        Example::file(
            "example.ts",
            "import { env } from 'node:process';\nexport const base: string | undefined = env['CORP_API_BASE'];",
        ),
        Example::file(
            "example.mjs",
            "const { GAMMA_BASE_URL: base } = Bun.env; export default base;",
        ),
        Example::file(
            "example.py",
            "import os\n\nbase = os.environ.get(\"ALPHA_BASE_URL\", \"https://api.alpha.example\")\n",
        ),
        Example::file(
            "example.py",
            "import os\nfrom urllib.parse import urlparse\n\nhost = urlparse(os.environ['ALPHA_BASE_URL']).hostname\n",
        ),
    ],
    negative: &[
        Example::js(
            "const client = new Client({ baseURL: 'https://api.alpha.example' }); client.start();",
        ),
        Example::js("const BASE_URL = '/assets/'; load(BASE_URL + 'a.png');"),
        Example::js("const mode = process.env.BASE_URL_MODE; use(mode);"),
        Example::file(
            "example.py",
            "BASE_URL = '/assets/'\nload(BASE_URL + 'a.png')\n",
        ),
    ],
};
