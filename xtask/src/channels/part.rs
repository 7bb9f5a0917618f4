//! The two parts of the set, and which of their mechanisms go together.

use anyhow::{Context, Result, bail};

use super::contain::Container;
use super::encoders::Encoder;
use super::fragments::{Fragment, Language};

/// The fragments of one part, as files.
#[derive(Debug, Clone, Copy)]
pub(super) struct Texts {
    pub(super) sources: &'static str,
    pub(super) conditions: &'static str,
    pub(super) encodings: &'static str,
    pub(super) choices: &'static str,
    pub(super) sinks: &'static str,
    pub(super) shapes: &'static str,
    pub(super) open: &'static str,
    pub(super) domains: &'static str,
    pub(super) harmless: &'static str,
    pub(super) concealed: &'static str,
}

/// What a case is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Axis {
    Source,
    Condition,
    Encoding,
    Choice,
    Sink,
    Shape,
    Style,
    Container,
}

pub(super) const AXES: [Axis; 8] = [
    Axis::Source,
    Axis::Condition,
    Axis::Encoding,
    Axis::Choice,
    Axis::Sink,
    Axis::Shape,
    Axis::Style,
    Axis::Container,
];

impl Axis {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Condition => "condition",
            Self::Encoding => "encoding",
            Self::Choice => "choice",
            Self::Sink => "sink",
            Self::Shape => "shape",
            Self::Style => "language",
            Self::Container => "container",
        }
    }

    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

/// Language, module system, and whether it is minified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Esm,
    Cjs,
    Ts,
    MinifiedEsm,
    MinifiedCjs,
    Py,
}

pub(super) const STYLES: [Style; 6] = [
    Style::Esm,
    Style::Cjs,
    Style::Ts,
    Style::MinifiedEsm,
    Style::MinifiedCjs,
    Style::Py,
];

impl Style {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Esm => "javascript-esm",
            Self::Cjs => "javascript-cjs",
            Self::Ts => "typescript",
            Self::MinifiedEsm => "minified-esm",
            Self::MinifiedCjs => "minified-cjs",
            Self::Py => "python",
        }
    }

    pub(super) const fn language(self) -> Language {
        match self {
            Self::Py => Language::Py,
            _ => Language::Js,
        }
    }

    pub(super) const fn minified(self) -> bool {
        matches!(self, Self::MinifiedEsm | Self::MinifiedCjs)
    }

    pub(super) const fn cjs(self) -> bool {
        matches!(self, Self::Cjs | Self::MinifiedCjs)
    }
}

/// An encoding that is none: the texts stand in the condition.
pub(super) const IN_LINE: &str = "in-line";

/// One mechanism of each axis, as positions in a [`Part`].
pub(super) type Recipe = [usize; 8];

/// One part, parsed.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: &'static str,
    fragments: [Vec<Fragment>; 6],
    pub(super) open: Vec<Fragment>,
    pub(super) domains: Vec<Fragment>,
    pub(super) harmless: Vec<Fragment>,
    pub(super) concealed: Vec<Fragment>,
    pub(super) containers: &'static [Container],
    encoders: &'static [(&'static str, Encoder)],
}

impl Part {
    pub(super) fn load(name: &str) -> Result<Self> {
        let (name, texts, encoders, containers) = match name {
            "dev" => (
                "dev",
                super::dev::TEXTS,
                super::dev::ENCODERS,
                super::dev::CONTAINERS,
            ),
            "report" => (
                "report",
                super::report::TEXTS,
                super::report::ENCODERS,
                super::report::CONTAINERS,
            ),
            _ => bail!("there is no part {name}; the parts are dev and report"),
        };
        let parse = |text, what: &str| {
            Fragment::parse(text).with_context(|| format!("{what} of the part {name}"))
        };
        let mut encodings = parse(texts.encodings, "encodings")?;
        encodings.push(Fragment::named(IN_LINE));
        Ok(Self {
            name,
            fragments: [
                parse(texts.sources, "sources")?,
                parse(texts.conditions, "conditions")?,
                encodings,
                parse(texts.choices, "choices")?,
                parse(texts.sinks, "sinks")?,
                parse(texts.shapes, "shapes")?,
            ],
            open: parse(texts.open, "open choices")?,
            domains: parse(texts.domains, "domains")?,
            harmless: parse(texts.harmless, "harmless code")?,
            concealed: parse(texts.concealed, "concealed texts")?,
            containers,
            encoders,
        })
    }

    /// How many mechanisms an axis has.
    pub(super) fn count(&self, axis: Axis) -> usize {
        match axis {
            Axis::Style => STYLES.len(),
            Axis::Container => self.containers.len(),
            _ => self.fragments.get(axis.index()).map_or(0, Vec::len),
        }
    }

    /// The name of a mechanism.
    pub(super) fn label(&self, axis: Axis, at: usize) -> &str {
        match axis {
            Axis::Style => STYLES.get(at).map_or("?", |style| style.name()),
            Axis::Container => self.containers.get(at).map_or("?", |c| c.name()),
            _ => self.fragment(axis, at).map_or("?", |f| f.name.as_str()),
        }
    }

    pub(super) fn fragment(&self, axis: Axis, at: usize) -> Option<&Fragment> {
        self.fragments.get(axis.index())?.get(at)
    }

    pub(super) fn all(&self, axis: Axis) -> &[Fragment] {
        self.fragments.get(axis.index()).map_or(&[], Vec::as_slice)
    }

    pub(super) fn encoder(&self, encoding: &str) -> Result<Encoder> {
        let found = self.encoders.iter().find(|(name, _)| *name == encoding);
        let found = found.with_context(|| format!("{encoding} has no encoder"))?;
        Ok(found.1)
    }

    pub(super) fn domain(&self, source: &Fragment) -> Result<&Fragment> {
        let name = fact(source).0;
        let found = self.domains.iter().find(|domain| domain.name == name);
        found.with_context(|| format!("{}: there is no domain {name}", source.name))
    }

    /// Whether two mechanisms can stand in one case.
    pub(super) fn fit(&self, (a, i): (Axis, usize), (b, j): (Axis, usize)) -> bool {
        if a > b {
            return self.fit((b, j), (a, i));
        }
        let has_code = |axis, at, style: Style| {
            let code = self.fragment(axis, at).map(|fragment| {
                fragment.name == IN_LINE || fragment.code(style.language()).is_some()
            });
            code.unwrap_or(false)
        };
        match (a, b) {
            (_, Axis::Style) => STYLES.get(j).is_some_and(|style| has_code(a, i, *style)),
            (Axis::Style, Axis::Container) => STYLES
                .get(i)
                .zip(self.containers.get(j))
                .is_some_and(|(style, container)| container.holds(*style)),
            (Axis::Shape, Axis::Container) => {
                let files = self.fragment(a, i).is_some_and(|shape| shape.has("files"));
                !files || self.containers.get(j).is_some_and(|c| c.several())
            }
            (Axis::Style | Axis::Shape | Axis::Container, _) | (_, Axis::Container) => true,
            _ => match (self.fragment(a, i), self.fragment(b, j)) {
                (Some(one), Some(other)) => fragments_fit((a, one), (b, other)),
                _ => false,
            },
        }
    }
}

/// The domain of a source's fact, and how it is held against a list.
pub(super) fn fact(source: &Fragment) -> (&str, &str) {
    let setting = source.get("fact").unwrap_or_default();
    setting.split_once(' ').unwrap_or((setting, "exact"))
}

fn fragments_fit((a, one): (Axis, &Fragment), (b, other): (Axis, &Fragment)) -> bool {
    match (a, b) {
        (Axis::Source, Axis::Condition) => {
            let needs = other.get("needs").unwrap_or("exact");
            match fact(one).1 {
                "exact" => matches!(needs, "exact" | "contains"),
                kind => needs == kind,
            }
        }
        (Axis::Source, Axis::Encoding) => match fact(one).1 {
            "number" => other.name == IN_LINE,
            "exact" => true,
            _ => !other.has("exact"),
        },
        (Axis::Condition, Axis::Encoding) => {
            let exact = one.get("needs").unwrap_or("exact") == "exact" && !one.has("suffix");
            (one.has("inline") == (other.name == IN_LINE)) && (!other.has("exact") || exact)
        }
        (Axis::Choice, Axis::Sink) => {
            let kind = one.get("kind").unwrap_or_default();
            other.words("takes").contains(&kind)
        }
        _ => true,
    }
}
