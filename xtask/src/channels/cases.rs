//! All cases of a part, with what must be found in each.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::compose::{self, Chosen, Twin};
use super::contain::{Container, File};
use super::design;
use super::encoders::{Encoder, hex};
use super::fragments::{Fragment, Language, expand, fill};
use super::part::{AXES, Axis, IN_LINE, Part, STYLES, Style};
use super::style;

pub(super) const COVERT: &str = "covert.channel";
pub(super) const LIST: &str = "conceal.encoded-list";
pub(super) const STRING: &str = "conceal.encoded-string";
pub(super) const LOOK_ALIKE: &str = "conceal.look-alike";
pub(super) const INVISIBLE: &str = "conceal.invisible";

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Covert,
    Twin(Twin),
    /// Code of everyday use, written for the set.
    Harmless,
    /// A concealment without a fact about the host.
    Concealed,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Covert => "covert channel",
            Self::Twin(twin) => twin.name(),
            Self::Harmless => "everyday code",
            Self::Concealed => "concealment alone",
        }
    }
}

/// How a run of a case shows that its labels are true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Check {
    /// The outputs differ in exactly this: where the fact holds, where not.
    Differ(String, String),
    /// The outputs are the same.
    Same,
    /// The outputs differ so that anyone sees it, or not at all.
    Visible,
    /// It is not run, for this reason.
    Skip(String),
}

/// One case.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) kind: Kind,
    /// The mechanism on each axis.
    pub(super) axes: Vec<(Axis, String)>,
    pub(super) files: Vec<File>,
    /// The same in what runs without a compiler.
    pub(super) check_files: Vec<File>,
    pub(super) style: Style,
    pub(super) container: Container,
    /// Behaviours that must be found, and such that must not.
    pub(super) expected: BTreeMap<&'static str, bool>,
    /// What a concealed list or text must decode to.
    pub(super) decoded: Vec<String>,
    /// Settings of the host under which the fact holds, and does not.
    pub(super) on: Vec<String>,
    pub(super) off: Vec<String>,
    pub(super) check: Check,
}

const BEHAVIOURS: [&str; 7] = [
    COVERT,
    LIST,
    STRING,
    LOOK_ALIKE,
    INVISIBLE,
    "conceal.dynamic-code",
    "conceal.packed",
];

/// All cases of a part, in an order that stays.
pub(super) fn all(part: &Part) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for recipe in design::recipes(part) {
        let chosen = Chosen::of(part, &recipe)?;
        cases.push(channel(part, &recipe, &chosen, None)?);
        let twin = twin(part, &recipe, &chosen);
        cases.push(channel(part, &recipe, &chosen, Some(twin))?);
    }
    for fragment in &part.harmless {
        cases.push(written(part, fragment, Kind::Harmless)?);
    }
    for fragment in &part.concealed {
        if fragment.has("of") {
            cases.extend(concealed(part, fragment)?);
        } else {
            cases.push(written(part, fragment, Kind::Concealed)?);
        }
    }
    let mut known = std::collections::BTreeSet::new();
    cases.retain(|case| known.insert(case.id.clone()));
    for case in &mut cases {
        decoded_already(case);
        // What else a real bundle conceals is not known.
        if matches!(case.container, Container::Bundle(..)) {
            case.expected
                .retain(|behaviour, is| *behaviour == COVERT || (*behaviour == LIST && *is));
        }
    }
    Ok(cases)
}

/// A minifier computes what it can: a text that it decoded is no longer
/// concealed.
fn decoded_already(case: &mut Case) {
    let shown = |entry: &String| case.files.iter().any(|(_, text)| text.contains(entry));
    if !case.decoded.is_empty() && case.decoded.iter().all(shown) {
        case.expected.remove(LIST);
        case.expected.remove(STRING);
        case.decoded.clear();
    }
}

/// An id that depends on what the case is made of, and on nothing else.
fn identify(part: &Part, words: &[&str]) -> (String, usize) {
    let mut hash = Sha256::new();
    for word in words {
        hash.update(word.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let short = hex(digest.get(..4).unwrap_or_default());
    let first = part.name.chars().next().unwrap_or('x');
    let seed = digest.get(4..7).unwrap_or_default();
    let seed = seed
        .iter()
        .fold(0, |seed: usize, byte| (seed << 8) | usize::from(*byte));
    (format!("{first}-{short}"), seed)
}

/// Which benign twin a recipe gets.
fn twin(part: &Part, recipe: &[usize; 8], chosen: &Chosen<'_>) -> Twin {
    let names = names(part, recipe);
    let words: Vec<&str> = names.iter().map(|(_, name)| name.as_str()).collect();
    let (_, seed) = identify(part, &words);
    let apart = !chosen.shape.has("files");
    match seed % 3 {
        0 => Twin::Open,
        1 if apart => Twin::Apart,
        _ => Twin::Asked,
    }
}

fn names(part: &Part, recipe: &[usize; 8]) -> Vec<(Axis, String)> {
    AXES.iter()
        .zip(recipe)
        .map(|(axis, at)| (*axis, part.label(*axis, *at).to_owned()))
        .collect()
}

/// A covert channel, or its twin.
fn channel(
    part: &Part,
    recipe: &[usize; 8],
    chosen: &Chosen<'_>,
    twin: Option<Twin>,
) -> Result<Case> {
    let axes = names(part, recipe);
    let kind = twin.map_or(Kind::Covert, Kind::Twin);
    let mut words: Vec<&str> = axes.iter().map(|(_, name)| name.as_str()).collect();
    words.push(kind.name());
    let (id, seed) = identify(part, &words);
    let about = || format!("{id}: {}", words.join(" + "));
    let container = recipe.get(Axis::Container.index()).copied();
    let container = container.and_then(|at| part.containers.get(at)).copied();
    let files = compose::files(part, recipe, twin, seed, false).with_context(about)?;
    let check_files = compose::files(part, recipe, twin, seed, true).with_context(about)?;

    let mut expected = BTreeMap::from([(COVERT, twin.is_none())]);
    let mut decoded = Vec::new();
    let weight = chosen.encoding.get("weight").unwrap_or("none");
    let kept = chosen.domain.get("words").unwrap_or("no");
    match (weight, kept) {
        ("strong", "yes" | "hosts") | ("base", "hosts") => {
            expected.insert(LIST, true);
            decoded = chosen.entries();
        }
        ("none", _) => {
            expected.insert(LIST, false);
        }
        // Base64 alone hides no words, as the behaviour has it; ids are no words.
        _ => {}
    }
    if twin == Some(Twin::Open) {
        expected.insert(LOOK_ALIKE, false);
        expected.insert(INVISIBLE, false);
    } else {
        for behaviour in chosen.choice.words("conceal") {
            expected.insert(behaviour_named(behaviour)?, true);
        }
    }
    let check = match twin {
        None => {
            let text = |key| -> Result<String> {
                let value = chosen.choice.need(key)?;
                serde_json::from_str(value)
                    .with_context(|| format!("{}: @{key} {value}", chosen.choice.name))
            };
            Check::Differ(text("yes")?, text("no")?)
        }
        Some(Twin::Open) => Check::Visible,
        Some(Twin::Asked | Twin::Apart) => Check::Same,
    };
    let entries = chosen.entries();
    let first = entries.first().map_or("", String::as_str);
    let settings = |key| {
        let all = chosen.source.all(key);
        all.map(|setting| setting.replace("$0", first)).collect()
    };
    Ok(Case {
        kind,
        axes,
        files,
        check_files,
        style: chosen.style,
        container: container.context("no such container")?,
        expected,
        decoded,
        on: settings("on"),
        off: settings("off"),
        check,
        id,
    })
}

/// A behaviour by its name or the end of it.
fn behaviour_named(name: &str) -> Result<&'static str> {
    let found = BEHAVIOURS
        .into_iter()
        .find(|known| *known == name || known.strip_prefix("conceal.") == Some(name));
    found.with_context(|| format!("the set has no behaviour {name}"))
}

fn style_named(fragment: &Fragment) -> Result<Style> {
    let python = fragment.code(Language::Py).is_some();
    let name = fragment
        .get("style")
        .unwrap_or(if python { "python" } else { "javascript-esm" });
    let found = STYLES.into_iter().find(|style| style.name() == name);
    found.with_context(|| format!("{}: no language {name}", fragment.name))
}

/// What a fragment says must be found, and must not.
fn labels(fragment: &Fragment) -> Result<BTreeMap<&'static str, bool>> {
    let mut expected = BTreeMap::from([(COVERT, false)]);
    for behaviour in fragment.words("has") {
        expected.insert(behaviour_named(behaviour)?, true);
    }
    for behaviour in fragment.words("hasnot") {
        expected.insert(behaviour_named(behaviour)?, false);
    }
    Ok(expected)
}

/// A case that stands in the files as it is.
fn written(part: &Part, fragment: &Fragment, kind: Kind) -> Result<Case> {
    let style = style_named(fragment)?;
    let (id, seed) = identify(part, &[kind.name(), &fragment.name]);
    let text = &compose::code(fragment, style.language())?.body;
    let make = |check| -> Result<Vec<File>> {
        if let Some(name) = fragment.get("file") {
            return Ok(vec![(name.to_owned(), text.clone())]);
        }
        let text = style::finish(text, style, check, seed)
            .with_context(|| format!("{}, {}", part.name, fragment.name))?;
        let name = style::file_name("index", style, false, check);
        Ok(vec![(name, text)])
    };
    let settings = |key| fragment.all(key).map(str::to_owned).collect();
    let check = match (fragment.get("unchecked"), fragment.get("file")) {
        (Some(reason), _) => Check::Skip(reason.to_owned()),
        (None, Some(_)) => Check::Skip("no code".to_owned()),
        (None, None) => Check::Visible,
    };
    Ok(Case {
        kind,
        axes: vec![
            (Axis::Style, style.name().to_owned()),
            (Axis::Container, "file".to_owned()),
        ],
        files: make(false)?,
        check_files: make(true)?,
        style,
        container: Container::File,
        expected: labels(fragment)?,
        decoded: fragment.all("decoded").map(str::to_owned).collect(),
        on: settings("on"),
        off: settings("off"),
        check,
        id,
    })
}

/// A use of a concealed list or text, under each encoding of the part.
fn concealed(part: &Part, fragment: &Fragment) -> Result<Vec<Case>> {
    let listed = match fragment.need("of")? {
        "list" => true,
        "text" => false,
        other => bail!("{}: @of {other}", fragment.name),
    };
    let hosts = fragment.has("hosts");
    let entries: Vec<String> = fragment.all("entry").map(str::to_owned).collect();
    let mut cases = Vec::new();
    for encoding in part.all(Axis::Encoding) {
        let weight = encoding.get("weight").unwrap_or("none");
        let hidden = weight == "strong" || (weight == "base" && hosts);
        if encoding.name == IN_LINE || !hidden {
            continue;
        }
        if !listed && matches!(part.encoder(&encoding.name)?, Encoder::List(_)) {
            continue;
        }
        let (id, seed) = identify(part, &["concealed", &fragment.name, &encoding.name]);
        let possible: Vec<Style> = STYLES
            .into_iter()
            .filter(|style| {
                let language = style.language();
                fragment.code(language).is_some() && encoding.code(language).is_some()
            })
            .collect();
        let at = seed.checked_rem(possible.len()).unwrap_or(0);
        let Some(style) = possible.get(at).copied() else {
            continue;
        };
        let code = compose::code(fragment, style.language())?;
        let (decoder, list) = compose::encoded(part, encoding, style.language(), &entries, seed)?;
        let make = |check| -> Result<Vec<File>> {
            let mut imports: Vec<&String> = code.imports.iter().chain(&decoder.imports).collect();
            imports.sort_unstable();
            imports.dedup();
            let mut text = String::new();
            for import in imports {
                text.push_str(&style::import(import, style));
                text.push('\n');
            }
            text.push_str(&decoder.body);
            // A text is a list of one, which is not split.
            let value = if listed {
                list.clone()
            } else {
                let end = list.rfind(".split(").unwrap_or(list.len());
                list.get(..end).unwrap_or_default().to_owned()
            };
            text.push_str(&fill(&code.body, "$LIST", &value));
            let text = expand(&text, "$EXPORT", ('{', '}'), |names| {
                Ok(if style.cjs() {
                    format!("module.exports = {{ {names} }};")
                } else {
                    format!("export {{ {names} }};")
                })
            })?;
            let text = style::finish(&text, style, check, seed)
                .with_context(|| format!("{} with {}", fragment.name, encoding.name))?;
            Ok(vec![(style::file_name("index", style, false, check), text)])
        };
        let mut expected = BTreeMap::from([(COVERT, false)]);
        expected.insert(if listed { LIST } else { STRING }, true);
        cases.push(Case {
            kind: Kind::Concealed,
            axes: vec![
                (Axis::Encoding, encoding.name.clone()),
                (Axis::Style, style.name().to_owned()),
                (Axis::Container, "file".to_owned()),
            ],
            files: make(false)?,
            check_files: make(true)?,
            style,
            container: Container::File,
            expected,
            decoded: entries.clone(),
            on: Vec::new(),
            off: Vec::new(),
            check: Check::Same,
            id,
        });
    }
    Ok(cases)
}
