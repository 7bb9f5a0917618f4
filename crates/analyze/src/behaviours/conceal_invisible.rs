use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "conceal.invisible",
    title: "holds characters that nobody sees",
    severity: Severity::Medium,
    layer: Layer::Client,
    what: "A text constant holds zero-width characters, controls of writing direction, or tag characters, outside the scripts and emoji that need them.",
    why: "Such characters carry a message past a person who reads the text, or show a text in another order than a program reads it.",
    not: "Emoji and several scripts need joiners, and a byte order mark may begin a file. A tool that removes such characters has to name them.",
    example: "const note = \"Read the\\u200b\\u200c file.\";",
    reference: "https://www.unicode.org/reports/tr55/",
    source: None,
    calls: &[],
    variables: &[],
    texts: &[],
    hosts: &[],
    told_by: &["invisible character", "zero width"],
    pass: Pass::Appearance,
    positive: &[
        Example::js("const note = 'Read the\\u200b\\u200c\\u200b file first.'; send(note);"),
        Example::js("var t=\"plain text\u{e0068}\u{e0069}\u{e007f}\";go(t)"),
        Example::file(
            "example.ts",
            "export const label: string = 'access \\u202e nimda \\u2066 level';",
        ),
        Example::file(
            "example.mjs",
            "export const line = (name) => `Hello\u{200b}\u{2060} ${name}, welcome back.`;",
        ),
        Example::file(
            "example.py",
            "NOTE = \"Answer in one\u{200b}\u{200d}\u{200b} sentence.\"\n",
        ),
    ],
    negative: &[
        Example::js(
            "const person = '\u{1f469}\u{200d}\u{1f4bb}'; print(person + ' writes code \\u{1F3F3}\\uFE0F\\u200D\\u{1F308}');",
        ),
        Example::js(
            "const word = '\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}'; print(word);",
        ),
        Example::js(
            "const clean = text.replace(/[\\u200b-\\u200f\\u202a-\\u202e\\ufeff]/g, ''); use(clean);",
        ),
        Example::js("\u{feff}const text = 'begins with a byte order mark'; print(text);"),
    ],
};
