//! Which channels are put into an agent, and where.

use std::collections::BTreeSet;
use std::ops::Range;

use anyhow::{Context, Result};

use super::super::compose::{self, Chosen};
use super::super::design::Draw;
use super::super::fragments::Fragment;
use super::super::part::{Axis, Part, Recipe, STYLES, Style};
use super::host::{Host, Kind, Place};
use super::rewrite::{self, Channel, Way};

/// How many implants an agent gets.
pub(super) const EACH: usize = 16;
/// What the choices of an agent's implants give, in their order; where an
/// agent has no place for one, it gets a mark.
const GIVES: [&str; EACH] = [
    "mark", "sentence", "token", "mark", "number", "mark", "sentence", "headers", "mark", "fields",
    "mark", "sentence", "token", "mark", "sentence", "mark",
];
const WAYS: [Way; 3] = [Way::Parameter, Way::Call, Way::Field];
/// How many recipes, and places, are tried for one implant.
const TRIES: usize = 60;
/// How many of the best places of an agent are used.
const PLACES: usize = 24;
const SEED: u64 = 0x51ee_9db2_0c6a_7e11;

/// The fragments that implants are made of.
#[derive(Debug)]
pub(super) struct Stock {
    pub(super) part: Part,
    marks: Vec<Fragment>,
    given: Fragment,
}

impl Stock {
    pub(super) fn load() -> Result<Self> {
        let given = "@@ given\n@js\n=> $V\n";
        Ok(Self {
            part: Part::load("dev")?,
            marks: Fragment::parse(include_str!("choices.txt"))?,
            given: Fragment::parse(given)?.pop().context("no sink")?,
        })
    }

    fn choices(&self, gives: &str) -> Vec<&Fragment> {
        let all = self.part.all(Axis::Choice).iter().chain(&self.marks);
        all.filter(|choice| choice.get("kind") == Some(gives))
            .collect()
    }
}

/// One implant, ready to be put in.
#[derive(Debug, Clone)]
pub(super) struct Implant {
    pub(super) id: String,
    /// Axis and mechanism.
    pub(super) axes: Vec<(&'static str, String)>,
    /// Where the place is in the original.
    pub(super) range: Range<usize>,
    /// The original there, shortened.
    pub(super) near: String,
    pub(super) place: usize,
    pub(super) way: Way,
    pub(super) channel: Channel,
    /// Settings of the host under which the fact holds, and does not, and
    /// what the choice then gives.
    pub(super) on: Vec<String>,
    pub(super) off: Vec<String>,
    pub(super) yes: String,
    pub(super) no: String,
    pub(super) plain: bool,
    pub(super) seed: u64,
}

impl Implant {
    pub(super) fn text(&self, host: &Host) -> Result<String> {
        let place = host.places.get(self.place).context("no such place")?;
        let mut draw = Draw(self.seed);
        rewrite::implant(host, place, self.way, &self.channel, &mut draw)
    }
}

/// The implants of an agent.
pub(super) fn implants(stock: &Stock, name: &str, host: &Host) -> Result<Vec<Implant>> {
    // Pairs of mechanisms that stand in some implant already.
    let mut met: BTreeSet<(String, String)> = BTreeSet::new();
    let seed = name.bytes().fold(SEED, |seed, byte| {
        seed.rotate_left(7) ^ u64::from(byte).wrapping_mul(0x0100_0000_01b3)
    });
    let mut draw = Draw(seed);
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let mut all = Vec::new();
    for (number, gives) in GIVES.iter().enumerate() {
        let wanted = WAYS.get(number % 3).copied().unwrap_or(Way::Call);
        let mut best: Option<(usize, Implant)> = None;
        for _ in 0..TRIES {
            let id = format!("{name}-{:02}", number.saturating_add(1));
            let Some(implant) = one(stock, host, (id, gives, wanted), &used, &mut draw)? else {
                continue;
            };
            let pairs = pairs(&implant);
            let gain = pairs.iter().filter(|pair| !met.contains(*pair)).count();
            let gain = gain.saturating_add(if implant.way == wanted { 6 } else { 0 });
            if best.as_ref().is_none_or(|(known, _)| gain > *known) {
                best = Some((gain, implant));
            }
        }
        let (_, implant) = best.with_context(|| format!("{name} has no place for an implant"))?;
        met.extend(pairs(&implant));
        used.insert(implant.place);
        all.push(implant);
    }
    Ok(all)
}

fn pairs(implant: &Implant) -> Vec<(String, String)> {
    let names = &implant.axes;
    let mut all = Vec::new();
    for (at, (axis, one)) in names.iter().enumerate() {
        for (other_axis, other) in names.iter().skip(at.saturating_add(1)) {
            all.push((format!("{axis}:{one}"), format!("{other_axis}:{other}")));
        }
    }
    all
}

/// The places for what a choice gives.
fn places(host: &Host, gives: &str, mark: &str) -> Vec<usize> {
    let takes = |place: &Place| match (&place.kind, gives) {
        (Kind::Prompt { texts, .. }, "mark") => !rewrite::marks(&host.text, texts, mark).is_empty(),
        (Kind::Name { text }, "mark") => !mark.is_empty() && text.contains(mark),
        (Kind::Prompt { .. } | Kind::Name { .. }, "sentence")
        | (Kind::Headers { .. }, "token" | "headers")
        | (Kind::Body, "number" | "fields") => true,
        _ => false,
    };
    let fitting = host.places.iter().enumerate();
    fitting
        .filter(|(_, place)| takes(place))
        .map(|(at, _)| at)
        .take(PLACES)
        .collect()
}

fn one(
    stock: &Stock,
    host: &Host,
    (id, gives, wanted): (String, &str, Way),
    used: &BTreeSet<usize>,
    draw: &mut Draw,
) -> Result<Option<Implant>> {
    let part = &stock.part;
    let possible = places(host, gives, "");
    let gives = if possible.is_empty() { "mark" } else { gives };
    let choices = stock.choices(gives);
    let choice = choices.get(draw.below(choices.len())).copied();
    let choice = choice.with_context(|| format!("no choice gives a {gives}"))?;
    let unescaped = |key| -> Result<String> {
        let value = choice.need(key)?;
        serde_json::from_str(value).with_context(|| format!("{}: @{key} {value}", choice.name))
    };
    let (yes, no) = (unescaped("yes")?, unescaped("no")?);
    let mut possible = places(host, gives, &no);
    // A place is used again only where there is no other.
    if possible.iter().any(|at| !used.contains(at)) {
        possible.retain(|at| !used.contains(at));
    }
    let Some(at) = possible.get(draw.below(possible.len())).copied() else {
        return Ok(None);
    };
    let place = host.places.get(at).context("no such place")?;
    let way = if wanted.leads_to(place) {
        wanted
    } else {
        Way::Call
    };
    let style = if host.module { Style::Esm } else { Style::Cjs };
    let Some(recipe) = recipe(part, style, draw) else {
        return Ok(None);
    };
    let mut chosen = Chosen::of(part, &recipe)?;
    chosen.choice = choice;
    chosen.sink = &stock.given;
    let js = compose::code(chosen.shape, chosen.style.language())?;
    let waits = js.body.contains("async function run");
    if chosen.shape.has("files") || (waits && !(place.waits && way == Way::Call)) {
        return Ok(None);
    }
    let seed = draw.below(usize::MAX);
    let module = compose::module(part, &chosen, seed)?;
    let settings = |key| {
        let entries = chosen.entries();
        let first = entries.first().map_or("", String::as_str).to_owned();
        let all = chosen.source.all(key);
        all.map(|setting| setting.replace("$0", &first)).collect()
    };
    let sink = match &place.kind {
        Kind::Prompt { .. } => "prompt",
        Kind::Name { .. } => "prompt-name",
        Kind::Headers { .. } => "headers",
        Kind::Body => "body",
    };
    let axes = vec![
        ("source", chosen.source.name.clone()),
        ("condition", chosen.condition.name.clone()),
        ("encoding", chosen.encoding.name.clone()),
        ("choice", choice.name.clone()),
        ("shape", chosen.shape.name.clone()),
        ("place", sink.to_owned()),
        ("way", way.name().to_owned()),
    ];
    let near = host.text.get(place.range.clone()).unwrap_or_default();
    let near = near.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Some(Implant {
        id,
        axes,
        range: place.range.clone(),
        near: near.chars().take(60).collect(),
        place: at,
        way,
        on: settings("on"),
        off: settings("off"),
        yes,
        no: no.clone(),
        plain: seed.is_multiple_of(2),
        seed: seed as u64,
        channel: Channel {
            module,
            waits,
            gives: gives.to_owned(),
            mark: no,
        },
    }))
}

/// Mechanisms of the labelled set that go together.
fn recipe(part: &Part, style: Style, draw: &mut Draw) -> Option<Recipe> {
    let style = STYLES.iter().position(|known| *known == style)?;
    let mut chosen = vec![(Axis::Style, style)];
    for axis in [Axis::Shape, Axis::Source, Axis::Condition, Axis::Encoding] {
        let fitting: Vec<usize> = (0..part.count(axis))
            .filter(|at| chosen.iter().all(|known| part.fit(*known, (axis, *at))))
            .collect();
        chosen.push((axis, *fitting.get(draw.below(fitting.len()))?));
    }
    let mut recipe = Recipe::default();
    for (axis, at) in chosen {
        *recipe.get_mut(axis.index())? = at;
    }
    Some(recipe)
}
