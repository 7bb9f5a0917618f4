use assay_model::{Layer, Severity};

use super::{Behaviour, Example, Pass};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    id: "conceal.look-alike",
    title: "chooses between texts that look the same",
    severity: Severity::Medium,
    layer: Layer::Client,
    what: "The code chooses, by a condition, between texts that people take for the same: another apostrophe, a letter of another script, a space that does not break.",
    why: "The choice tells the outcome of the condition to whoever reads the bytes, and to nobody who reads the text.",
    not: "Typography chooses between straight and curly quotes, and layout between kinds of space. It matters what the condition is and where the text goes.",
    example: "const mark = known ? \"\\u2019\" : \"'\";",
    reference: "https://www.unicode.org/reports/tr39/",
    source: None,
    calls: &[],
    variables: &[],
    texts: &[],
    hosts: &[],
    told_by: &["look alike", "homoglyph"],
    pass: Pass::Appearance,
    positive: &[
        Example::js("const mark = known ? '\\u2019' : \"'\"; send(`Today${mark}s topic is set.`);"),
        Example::js(
            "function m(a,b){if(!a&&!b)return\"'\";if(a&&!b)return\"\\u2019\";if(!a)return\"\\u02bc\";return\"\\u02b9\"}send(`It${m(x,y)}s time`)",
        ),
        Example::file(
            "example.mjs",
            "export const title = (flag) => (flag ? 'M\\u043edel settings' : 'Model settings');",
        ),
        Example::file(
            "example.ts",
            "const dashes: string[] = ['-', '\\u2010', '\\u2011'];\nexport const line = (level: number): string => `step 1 ${dashes[level]} read the file`;",
        ),
        Example::js(
            "let gap = ' '; if (late) gap = '\\u00a0'; headers['x-client'] = 'tool' + gap + '1.0';",
        ),
    ],
    negative: &[
        Example::js(
            "const plain = text.replace(/[\\u2018\\u2019]/g, \"'\").replace(/[\\u201c\\u201d]/g, '\"'); use(plain);",
        ),
        Example::js(
            "const quote = text.includes(\"'\") ? '\"' : \"'\"; print(quote + text + quote);",
        ),
        Example::js(
            "const line = count + (count === 1 ? ' file' : ' files'); print(line, ok ? 'yes' : 'no');",
        ),
    ],
};
