use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "fingerprint.locale",
    title: "reads the locale",
    severity: Severity::Info,
    layer: Layer::Client,
    what: "The language and region that the host is set to are read, from the environment, from `Intl`, or from the settings of the system.",
    why: "Language and region tell roughly who the user is and where. Compared with constants or sent along, they let a service treat people by origin without asking them.",
    not: "A program that speaks more than one language has to read the locale. By itself this says nothing; see what the value is compared with and where it goes.",
    example: "const locale = Intl.DateTimeFormat().resolvedOptions().locale;",
    reference: "https://tc39.es/ecma402/#sec-intl.datetimeformat.prototype.resolvedoptions",
    source: Some("locale"),
    calls: &[
        "Intl.DateTimeFormat().resolvedOptions().locale",
        "new Intl.DateTimeFormat().resolvedOptions().locale",
        "Intl.NumberFormat().resolvedOptions().locale",
        "new Intl.NumberFormat().resolvedOptions().locale",
        "Intl.Collator().resolvedOptions().locale",
        "new Intl.Collator().resolvedOptions().locale",
        "?.resolvedOptions().locale",
        "navigator.language",
        "navigator.languages",
        "electron.app.getLocale()",
        "electron.app.getSystemLocale()",
        "electron.app.getPreferredSystemLanguages()",
        "vscode.env.language",
        "locale.getlocale()",
        "locale.getdefaultlocale()",
        "locale.nl_langinfo()",
    ],
    variables: &["LANG", "LANGUAGE", "LC_*", "VSCODE_NLS_CONFIG"],
    texts: &[
        "/etc/locale.conf",
        "/etc/default/locale",
        "defaults read -g AppleLocale*",
        "defaults read -g AppleLanguages*",
        "*Get-WinSystemLocale*",
        "*Get-WinUserLanguageList*",
    ],
    hosts: &[],
    pass: Pass::Patterns,
    positive: &[
        Example::js("const { locale } = Intl.DateTimeFormat().resolvedOptions(); use(locale);"),
        Example::js("var e=process.env,l=e.LC_ALL||e.LANG||'';go(l.split('.')[0])"),
        Example::file(
            "example.mjs",
            "export const tongue = () => globalThis.navigator?.language ?? 'en';",
        ),
        Example::file(
            "example.ts",
            "import { env } from 'node:process';\nexport function tongue(): string { return env.LC_MESSAGES ?? 'C'; }",
        ),
        Example::js("const n = new Intl.NumberFormat(); report(n.resolvedOptions().locale)"),
        Example::file(
            "example.py",
            "import locale\n\nprint(locale.getdefaultlocale()[0])\n",
        ),
        Example::file(
            "example.py",
            "from os import environ as e\n\ntongue = e.get('LC_ALL') or e['LANG']\n",
        ),
    ],
    negative: &[
        Example::js("const text = new Intl.NumberFormat('en-US').format(total); show(text);"),
        Example::js("const LANG = 'en'; export { LANG };"),
        Example::js(
            "const options = { locale: 'de', language: 'de' }; start(options.locale, options.language);",
        ),
        Example::file(
            "example.py",
            "LANG = 'en'\nprint(f'{LANG} is the language')\n",
        ),
    ],
};
