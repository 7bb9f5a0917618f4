//! A recipe becomes code.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::contain::File;
use super::encoders::Encoder;
use super::fragments::{Code, Fragment, Language, expand, fill, split_imports};
use super::part::{Axis, IN_LINE, Part, Recipe, STYLES, Style, fact};
use super::style;

/// How a benign case differs from the covert channel of the same recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Twin {
    /// The fact decides between outputs that anyone tells apart.
    Open,
    /// What the caller set decides, and no fact about the host.
    Asked,
    /// The fact decides what the user is told; the user's own text decides
    /// between the outputs.
    Apart,
}

impl Twin {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open choice",
            Self::Asked => "asked by the caller",
            Self::Apart => "fact apart from choice",
        }
    }
}

/// Separators of lists, and how they stand in a literal.
const SEPARATORS: [(&str, &str); 5] = [
    (",", "\",\""),
    ("|", "\"|\""),
    ("\n", "\"\\n\""),
    (";", "\";\""),
    (" ", "\" \""),
];

/// The parts of a case that a shape joins.
struct Parts<'a> {
    style: Style,
    twin: Option<Twin>,
    source: Code,
    encoding: Code,
    condition: Code,
    choice: Code,
    sink: Code,
    list: String,
    fact_as: Option<&'a str>,
}

/// The fragments that a recipe names.
pub(super) struct Chosen<'a> {
    pub(super) source: &'a Fragment,
    pub(super) condition: &'a Fragment,
    pub(super) encoding: &'a Fragment,
    pub(super) choice: &'a Fragment,
    pub(super) sink: &'a Fragment,
    pub(super) shape: &'a Fragment,
    pub(super) style: Style,
    pub(super) domain: &'a Fragment,
}

impl<'a> Chosen<'a> {
    pub(super) fn of(part: &'a Part, recipe: &Recipe) -> Result<Self> {
        let find = |axis: Axis| {
            let at = recipe.get(axis.index()).copied().unwrap_or_default();
            part.fragment(axis, at)
                .with_context(|| format!("no {} {at}", axis.name()))
        };
        let source = find(Axis::Source)?;
        let style = recipe.get(Axis::Style.index()).copied().unwrap_or_default();
        Ok(Self {
            source,
            condition: find(Axis::Condition)?,
            encoding: find(Axis::Encoding)?,
            choice: find(Axis::Choice)?,
            sink: find(Axis::Sink)?,
            shape: find(Axis::Shape)?,
            style: STYLES.get(style).copied().context("no such style")?,
            domain: part.domain(source)?,
        })
    }

    /// The entries of the list that is compared with.
    pub(super) fn entries(&self) -> Vec<String> {
        let words = self.domain.words("words-of");
        let whole = self.domain.all("entry");
        whole.chain(words).map(str::to_owned).collect()
    }

    pub(super) fn listed(&self) -> bool {
        self.encoding.name != IN_LINE
    }
}

/// The files of a case, the one that is run first; for the check in the
/// language that runs without a compiler.
pub(super) fn files(
    part: &Part,
    recipe: &Recipe,
    twin: Option<Twin>,
    seed: usize,
    check: bool,
) -> Result<Vec<File>> {
    let chosen = Chosen::of(part, recipe)?;
    let language = chosen.style.language();
    let parts = Parts::of(part, &chosen, twin, seed)?;
    let shape = code(chosen.shape, language)?;
    // The first line break before `---` is of the line before.
    let body = format!("\n{}", shape.body);
    let mut sections: Vec<(String, &str)> = Vec::new();
    let mut pieces = body.split("\n--- ");
    let first = pieces.next().unwrap_or_default();
    if !first.trim().is_empty() {
        sections.push(("index".to_owned(), first));
    }
    for piece in pieces {
        let (name, text) = piece.split_once('\n').unwrap_or((piece, ""));
        sections.push((name.trim().to_owned(), text));
    }
    // What is run stands last, after what it uses, and is named first.
    sections.reverse();
    let several = sections.len() > 1;
    let mut files = Vec::new();
    for (name, text) in sections {
        let text = parts
            .write(text, several, chosen.listed(), check)
            .with_context(|| format!("shape {}", chosen.shape.name))?;
        let text = style::finish(&text, chosen.style, check, seed)
            .with_context(|| format!("in:\n{text}"))?;
        files.push((style::file_name(&name, chosen.style, several, check), text));
    }
    if several && language == Language::Py {
        files.push(("atlas_tool/__init__.py".to_owned(), String::new()));
    }
    Ok(files)
}

/// The text of one module that joins these fragments, in a shape of one file.
pub(super) fn module(part: &Part, chosen: &Chosen<'_>, seed: usize) -> Result<String> {
    let shape = code(chosen.shape, chosen.style.language())?;
    let parts = Parts::of(part, chosen, None, seed)?;
    let text = parts.write(&shape.body, false, chosen.listed(), false)?;
    style::finish(&text, chosen.style, false, seed).with_context(|| format!("in:\n{text}"))
}

pub(super) fn code(fragment: &Fragment, language: Language) -> Result<&Code> {
    let found = fragment.code(language);
    found.with_context(|| format!("{} has no code in {language:?}", fragment.name))
}

/// The declarations and the expression of a list or a text in an encoding.
pub(super) fn encoded(
    part: &Part,
    encoding: &Fragment,
    language: Language,
    entries: &[String],
    seed: usize,
) -> Result<(Code, String)> {
    let mut decoder = code(encoding, language)?.clone();
    let (literal, list) = match part.encoder(&encoding.name)? {
        Encoder::List(encode) => (encode(entries), decoder.expression.clone()),
        Encoder::Text(encode) => {
            // The last one is a blank, which entries may hold.
            let blanks = entries.iter().any(|entry| entry.contains(' '));
            let possible = SEPARATORS.len().saturating_sub(usize::from(blanks));
            let at = seed.checked_rem(possible).unwrap_or(0);
            let (separator, shown) = SEPARATORS.get(at).copied().unwrap_or((",", "\",\""));
            let literal = encode(&entries.join(separator));
            (literal, format!("({}).split({shown})", decoder.expression))
        }
    };
    decoder.body = fill(&decoder.body, "$DATA", &literal);
    Ok((decoder, fill(&list, "$DATA", &literal)))
}

impl<'a> Parts<'a> {
    fn of(part: &Part, chosen: &Chosen<'a>, twin: Option<Twin>, seed: usize) -> Result<Self> {
        let language = chosen.style.language();
        let js = language == Language::Js;
        let entries = chosen.entries();
        let (encoding, list) = if chosen.listed() {
            encoded(part, chosen.encoding, language, &entries, seed)?
        } else {
            (Code::default(), String::new())
        };
        let mut source = code(chosen.source, language)?.clone();
        if twin == Some(Twin::Asked) {
            let number = fact(chosen.source).1 == "number";
            source = asked(js, number);
        }
        let mut condition = code(chosen.condition, language)?.clone();
        for (at, entry) in entries.iter().enumerate() {
            let literal = entry.replace('.', "\\.").replace('/', "\\/");
            for text in [&mut condition.body, &mut condition.expression] {
                *text = fill(text, &format!("$R{at}"), &literal);
                *text = fill(text, &format!("${at}"), entry);
            }
        }
        if twin == Some(Twin::Apart) {
            apart(&mut condition, js);
        }
        let choice = if twin == Some(Twin::Open) {
            let kind = chosen.choice.need("kind")?;
            let open = part
                .open
                .iter()
                .filter(|open| open.get("kind") == Some(kind))
                .collect::<Vec<_>>();
            let at = seed.checked_rem(open.len()).unwrap_or(0);
            let open = open.get(at).copied();
            open.with_context(|| format!("no open choice of kind {kind}"))?
        } else {
            chosen.choice
        };
        let fact_as = match language {
            Language::Js => chosen.encoding.get("fact-js"),
            Language::Py => chosen.encoding.get("fact-py"),
        };
        Ok(Self {
            style: chosen.style,
            twin,
            source,
            encoding,
            condition,
            choice: code(choice, language)?.clone(),
            sink: code(chosen.sink, language)?.clone(),
            list,
            fact_as,
        })
    }

    fn part(&self, letter: char) -> Result<&Code> {
        Ok(match letter {
            'S' => &self.source,
            'E' => &self.encoding,
            'K' => &self.condition,
            'V' => &self.choice,
            'T' => &self.sink,
            _ => anyhow::bail!("no part {letter}"),
        })
    }

    /// One file of a shape.
    fn write(&self, shape: &str, several: bool, listed: bool, check: bool) -> Result<String> {
        let mut text = String::new();
        let settings = self.twin == Some(Twin::Asked)
            && shape.lines().any(|line| {
                let letters = line.strip_prefix("$SETUP{");
                letters.is_some_and(|letters| letters.contains('S'))
            });
        for line in shape.lines() {
            let line = if let Some(rest) = line.strip_prefix("?L ") {
                if !listed {
                    continue;
                }
                rest
            } else if let Some(rest) = line.strip_prefix("?N ") {
                if listed {
                    continue;
                }
                rest
            } else if let Some(rest) = line.strip_prefix("?C ") {
                if self.twin != Some(Twin::Apart) {
                    continue;
                }
                rest
            } else {
                line
            };
            text.push_str(line);
            text.push('\n');
        }
        let text = self.imports(&text)?;
        let text = expand(&text, "$SETUP", ('{', '}'), |letters| {
            let bodies = letters.chars().map(|letter| Ok(&self.part(letter)?.body));
            let bodies: Vec<&String> = bodies.collect::<Result<_>>()?;
            Ok(bodies.into_iter().map(String::as_str).collect())
        })?;
        let text = expand(&text, "$MATCH", ('[', ']'), |inside| {
            let (fact, list) = inside.split_once('|').context("$MATCH[fact|list]")?;
            let fact = match self.fact_as {
                Some(wrapped) if listed => fill(wrapped, "$F", fact),
                _ => fact.to_owned(),
            };
            let expression = fill(&self.condition.expression, "$F", &fact);
            Ok(fill(&expression, "$L", list))
        })?;
        let text = expand(&text, "$VALUE", ('[', ']'), |inside| {
            Ok(format!("({})", fill(&self.choice.expression, "$C", inside)))
        })?;
        let text = expand(&text, "$SEND", ('[', ']'), |inside| {
            Ok(fill(&self.sink.expression, "$V", inside))
        })?;
        let text = fill(&text, "$FACT", &self.source.expression);
        let text = fill(&text, "$LIST", &self.list);
        let text = expand(&text, "$EXPORT", ('{', '}'), |names| {
            let more = if settings { ", configure" } else { "" };
            let names = format!("{}{more}", names.replace(',', ", "));
            Ok(if self.style.cjs() {
                format!("module.exports = {{ {names} }};")
            } else {
                format!("export {{ {names} }};")
            })
        })?;
        expand(&text, "$FROM", ('{', '}'), |inside| {
            let (names, file) = inside.split_once('|').context("$FROM{names|file}")?;
            let names = names.replace(',', ", ");
            Ok(style::import_own(&names, file, self.style, several, check))
        })
    }

    /// The imports of the parts that a line names, each once.
    fn imports(&self, text: &str) -> Result<String> {
        let mut out = String::new();
        for line in text.lines() {
            let Some(rest) = line.strip_prefix("$IMPORTS{") else {
                out.push_str(line);
                out.push('\n');
                continue;
            };
            let (letters, more) = rest.split_once('}').context("$IMPORTS{..}")?;
            let mut modules: BTreeMap<String, ()> = BTreeMap::new();
            for letter in letters.chars() {
                let imports = self.part(letter)?.imports.iter().cloned();
                modules.extend(imports.map(|import| (import, ())));
            }
            let more = split_imports(more);
            modules.extend(more.into_iter().map(|import| (import, ())));
            for module in modules.keys() {
                out.push_str(&style::import(module, self.style));
                out.push('\n');
            }
        }
        Ok(out)
    }
}

/// The source of a twin in which the caller decides.
fn asked(js: bool, number: bool) -> Code {
    let (value, key) = if number {
        ("80", "width")
    } else {
        ("\"plain\"", "style")
    };
    let (body, expression) = if js {
        (
            format!(
                "const settings/*: any*/ = {{ {key}: {value} }};\nfunction configure(options/*: any*/) {{\n  Object.assign(settings, options);\n}}\n"
            ),
            format!("settings.{key}"),
        )
    } else {
        (
            format!(
                "SETTINGS = {{\"{key}\": {value}}}\n\ndef configure(**options):\n    SETTINGS.update(options)\n\n"
            ),
            format!("SETTINGS[\"{key}\"]"),
        )
    };
    Code {
        imports: Vec::new(),
        body,
        expression,
    }
}

/// The condition of a twin in which the fact decides only what the user sees.
fn apart(condition: &mut Code, js: bool) {
    let inner = condition.expression.clone();
    if js {
        condition.body.push_str(
            "let latest = \"\";\nfunction note(text/*: string*/) {\n  latest = text;\n}\n",
        );
        condition.expression = format!(
            "(console.error({inner} ? \"connecting directly\" : \"connecting by the gateway\"), latest.includes(\"\\u201c\"))"
        );
    } else {
        condition.imports.push("sys".to_owned());
        condition
            .body
            .push_str("latest = [\"\"]\n\ndef note(text):\n    latest[0] = text\n\n");
        condition.expression = format!(
            "(print(\"connecting directly\" if {inner} else \"connecting by the gateway\", file=sys.stderr), \"\\u201c\" in latest[0])[1]"
        );
    }
}
