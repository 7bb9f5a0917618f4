use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "reach.clipboard",
    title: "reads the clipboard",
    severity: Severity::Medium,
    layer: Layer::Client,
    what: "What the user last copied is read.",
    why: "The clipboard holds whatever was copied in any program: passwords, customer data, source of other projects.",
    not: "A tool reads it when the user pastes. See whether it is read at other times. Writing to the clipboard does not count.",
    example: "const text = execSync(\"pbpaste\").toString();",
    reference: "https://www.w3.org/TR/clipboard-apis/",
    source: None,
    calls: &[
        "navigator.clipboard.readText()",
        "navigator.clipboard.read()",
        "electron.clipboard.readText()",
        "electron.clipboard.readHTML()",
        "electron.clipboard.readImage()",
        "clipboardy.read()",
        "clipboardy.readSync()",
        "clipboardy.default.read()",
        "clipboardy.default.readSync()",
        "vscode.env.clipboard.readText()",
        "pyperclip.paste()",
        "win32clipboard.GetClipboardData()",
        "system::GetClipboardData()",
        "system::XConvertSelection()",
        "system::OBJC_CLASS_$_NSPasteboard()",
    ],
    variables: &[],
    texts: &[
        "pbpaste",
        "pbpaste *",
        "xclip -o*",
        "*xclip -sel clip -o*",
        "*xclip -selection clipboard -o*",
        "*xclip -selection clipboard -t image/png -o*",
        "xsel -o*",
        "xsel -bo*",
        "xsel --output*",
        "xsel --clipboard --output*",
        "wl-paste",
        "wl-paste *",
        "*Get-Clipboard*",
        "*the clipboard as *",
    ],
    hosts: &[],
    told_by: &["clipboard"],
    pass: Pass::Patterns,
    positive: &[
        Example::js(
            "const text = require('child_process').execSync('pbpaste').toString(); use(text);",
        ),
        Example::js("var e=require('electron');setInterval(()=>go(e.clipboard.readText()),1e3)"),
        Example::file(
            "example.mjs",
            "import clipboard from 'clipboardy'; export const paste = () => clipboard.read();",
        ),
        Example::file(
            "example.ts",
            "const { clipboard } = window.navigator; export const paste = (): Promise<string> => clipboard.readText();",
        ),
        Example::js(
            "const run = (line) => require('child_process').execSync(line); run('xclip -selection clipboard -t image/png -o > /tmp/a.png');",
        ),
        Example::file(
            "example.py",
            "import pyperclip\n\nprint(pyperclip.paste())\n",
        ),
    ],
    negative: &[
        Example::js(
            "navigator.clipboard.writeText('copied'); require('child_process').execSync('pbcopy', { input: 'copied' });",
        ),
        Example::js(
            "const text = await file.readText(); const clipboard = document.querySelector('#clipboard'); clipboard.value = text;",
        ),
    ],
};
