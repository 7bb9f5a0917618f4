//! Programs: which sites go together, and how they are written.

use std::collections::{BTreeMap, BTreeSet};

use oxc_ast::AstKind;
use oxc_ast::ast::*;
use oxc_semantic::NodeId;
use rustc_hash::{FxHashMap, FxHashSet};

use super::find::Site;
use super::index::{Global, Index};
use super::units::{Form, UnitId, Units};
use super::{LONGEST, Origin, UNITS};
use crate::evaluate::{Part, Program};

/// How deep scopes may nest in a program.
const DEEPEST: usize = 48;
/// How many sites without anything in common go into one program.
const TOGETHER: usize = 256;
/// How much code a program may hold beside its constants, in bytes.
pub(super) const CODE: u64 = 12 << 10;
/// How much code may stand beside constants that read as they stand.
const SHORT: u64 = 4 << 10;
/// How many parts of a program that failed are tried alone.
const PARTS: usize = 48;

/// Sites that are evaluated in one program.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) sites: Vec<Site>,
    units: Vec<UnitId>,
    /// What it can be taken apart into.
    pub(super) parts: Vec<Plan>,
    score: u64,
    /// How much of it is no constant.
    code: u64,
    /// How much of it is constants that nobody reads as they stand.
    odd: u64,
    /// How much of it is other constants.
    plain: u64,
}

impl Plan {
    /// The plan that is made of several.
    fn of_parts(mut self, mut parts: Vec<Self>) -> Self {
        if parts.len() > 1 {
            parts.sort_by_key(|part| std::cmp::Reverse(part.score));
            parts.truncate(PARTS);
            self.parts = parts;
        }
        self
    }

    /// Its length in bytes.
    fn size(&self) -> u64 {
        self.code
            .saturating_add(self.odd)
            .saturating_add(self.plain)
    }

    /// Whether it is left out for its length, although a good part of it is
    /// constants that nobody reads.
    fn is_too_large(&self) -> bool {
        self.code > CODE && self.odd.saturating_mul(4) > self.code
    }
}

/// Groups sites by what they need, the likeliest decoders first.
pub(super) fn plans(
    index: &Index<'_, '_>,
    units: &mut Units<'_, '_, '_>,
    sites: Vec<Site>,
    left: &mut Vec<String>,
) -> Vec<Plan> {
    let mut groups: BTreeMap<Vec<UnitId>, Vec<Site>> = BTreeMap::new();
    for site in sites {
        if let Some(needed) = needed(units, &site) {
            groups.entry(needed).or_default().push(site);
        }
    }
    let mut plans: Vec<Plan> = Vec::new();
    for (needed, sites) in groups {
        if needed.is_empty() {
            for chunk in sites.chunks(TOGETHER) {
                let parts = chunk
                    .iter()
                    .map(|site| plan(index, units, Vec::new(), vec![site.clone()]))
                    .collect();
                let mut whole = plan(index, units, Vec::new(), chunk.to_vec());
                whole.parts = parts;
                plans.push(whole);
            }
        } else {
            plans.push(plan(index, units, needed, sites));
        }
    }
    let large = plans.iter().filter(|plan| plan.is_too_large()).count();
    if large > 0 {
        left.push(format!(
            "{large} slices of more than {} KiB of code",
            CODE >> 10
        ));
    }
    plans.retain(|plan| plan.score > 0);
    let mut plans = merged(index, units, plans);
    plans.sort_by(|a, b| {
        (b.score, a.sites.first().map(|s| s.span)).cmp(&(a.score, b.sites.first().map(|s| s.span)))
    });
    plans
}

fn needed(units: &mut Units<'_, '_, '_>, site: &Site) -> Option<Vec<UnitId>> {
    let mut needed = Vec::new();
    for symbol in &site.uses {
        needed.extend(units.closure(*symbol)?.iter().copied());
    }
    needed.sort_unstable();
    needed.dedup();
    (needed.len() <= UNITS).then_some(needed)
}

fn plan(
    index: &Index<'_, '_>,
    units: &Units<'_, '_, '_>,
    needed: Vec<UnitId>,
    mut sites: Vec<Site>,
) -> Plan {
    sites.sort_by_key(|site| (site.span, site.variable));
    let (mut odd, mut plain, mut all) = (0u64, 0u64, 0u64);
    for span in spans(units, &needed, &sites) {
        all = all.saturating_add(u64::from(span.1.saturating_sub(span.0)));
        for constant in index.constants_in(span) {
            let len = u64::from(constant.end.saturating_sub(constant.start));
            if constant.unreadable {
                odd = odd.saturating_add(len);
            } else {
                plain = plain.saturating_add(len);
            }
        }
    }
    let code = all.saturating_sub(odd).saturating_sub(plain);
    // A decoder is little code over much that nobody reads.
    let score = odd
        .saturating_mul(100)
        .saturating_add(plain)
        .saturating_mul(1000)
        .checked_div(code.saturating_add(200))
        .filter(|_| code <= CODE && (odd > 0 || code <= SHORT))
        .unwrap_or(0);
    Plan {
        sites,
        units: needed,
        parts: Vec::new(),
        score,
        code,
        odd,
        plain,
    }
}

/// The ranges of a plan, none inside of another.
fn spans(units: &Units<'_, '_, '_>, needed: &[UnitId], sites: &[Site]) -> Vec<(u32, u32)> {
    let mut spans: Vec<(u32, u32)> = needed
        .iter()
        .filter_map(|id| units.all.get(*id))
        .map(|unit| unit.span)
        .chain(sites.iter().map(|site| site.span))
        .collect();
    spans.sort_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)));
    let mut end = 0;
    spans.retain(|span| {
        let new = span.1 > end;
        end = end.max(span.1);
        new
    });
    spans
}

/// Plans that share units become one, as far as that stays small.
fn merged(index: &Index<'_, '_>, units: &Units<'_, '_, '_>, plans: Vec<Plan>) -> Vec<Plan> {
    let mut leader: Vec<usize> = (0..plans.len()).collect();
    fn root(leader: &mut [usize], mut at: usize) -> usize {
        while let Some(up) = leader.get(at).copied().filter(|up| *up != at) {
            let further = leader.get(up).copied().unwrap_or(up);
            if let Some(slot) = leader.get_mut(at) {
                *slot = further;
            }
            at = up;
        }
        at
    }
    let mut by_unit: FxHashMap<UnitId, usize> = FxHashMap::default();
    for (at, plan) in plans.iter().enumerate() {
        for unit in &plan.units {
            let other = *by_unit.entry(*unit).or_insert(at);
            let (a, b) = (root(&mut leader, at), root(&mut leader, other));
            let (low, high) = (a.min(b), a.max(b));
            if let Some(slot) = leader.get_mut(high) {
                *slot = low;
            }
        }
    }
    let mut together: BTreeMap<usize, Vec<Plan>> = BTreeMap::new();
    for (at, plan) in plans.into_iter().enumerate() {
        let leader = root(&mut leader, at);
        together.entry(leader).or_default().push(plan);
    }
    let mut out = Vec::new();
    for (_, mut parts) in together {
        if parts.len() == 1 {
            out.append(&mut parts);
            continue;
        }
        let mut all: Vec<UnitId> = parts.iter().flat_map(|p| p.units.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        let sites: Vec<Site> = parts.iter().flat_map(|p| p.sites.iter().cloned()).collect();
        let whole = plan(index, units, all, sites);
        if whole.units.len() <= UNITS && whole.code <= CODE {
            out.push(whole.of_parts(parts));
            continue;
        }
        // Where all of it is too much, those go together that are nearly the
        // same: what they share then runs once.
        parts.sort_by(|a, b| a.units.cmp(&b.units));
        let mut alike: Option<(Plan, Vec<Plan>)> = None;
        for part in parts {
            if let Some((whole, of)) = &mut alike
                && let Some(more) = with(index, units, whole, &part)
            {
                *whole = more;
                of.push(part);
                continue;
            }
            if let Some((whole, of)) = alike.replace((part.clone(), vec![part])) {
                out.push(whole.of_parts(of));
            }
        }
        if let Some((whole, of)) = alike {
            out.push(whole.of_parts(of));
        }
    }
    out
}

/// Both plans as one, where that is hardly larger than each of them.
fn with(
    index: &Index<'_, '_>,
    units: &Units<'_, '_, '_>,
    whole: &Plan,
    part: &Plan,
) -> Option<Plan> {
    let mut all = whole.units.clone();
    all.extend(&part.units);
    all.sort_unstable();
    all.dedup();
    let more = all
        .len()
        .saturating_sub(whole.units.len().min(part.units.len()));
    if all.len() > UNITS || more.saturating_mul(4) > all.len() {
        return None;
    }
    let sites = whole.sites.iter().chain(&part.sites).cloned().collect();
    let both = plan(index, units, all, sites);
    let grown = |one: &Plan| both.size().saturating_mul(3) <= one.size().saturating_mul(4);
    (both.code <= CODE && both.score > 0 && grown(whole) && grown(part)).then_some(both)
}

/// What the values of a plan have in common.
pub(super) fn origin(index: &Index<'_, '_>, units: &Units<'_, '_, '_>, plan: &Plan) -> Origin {
    let mut origin = Origin {
        source: String::new(),
        constants: Vec::new(),
        beyond_alphabet: false,
        probes: outside(index, units, plan).2,
    };
    for span in spans(units, &plan.units, &plan.sites) {
        let text = index.text.get(span.0 as usize..span.1 as usize);
        origin.source.push_str(text.unwrap_or_default());
        origin.source.push('\n');
        origin.constants.extend(
            index
                .constants_in(span)
                .iter()
                .filter(|constant| constant.unreadable)
                .map(|constant| (constant.start, constant.end)),
        );
        origin.beyond_alphabet |= index
            .operations_in(span)
            .iter()
            .any(|operation| !operation.alphabet);
    }
    origin
        .constants
        .sort_by_key(|(start, end)| (std::cmp::Reverse(end.saturating_sub(*start)), *start));
    origin.constants.truncate(4);
    origin
}

/// Writes a plan as a program; none when it is too long or nests too deep.
pub(super) fn program(
    index: &Index<'_, '_>,
    units: &Units<'_, '_, '_>,
    plan: &Plan,
) -> Option<Program> {
    let root = index.nodes.program().node_id();
    let mut writer = Writer {
        index,
        units,
        parts: Vec::new(),
        units_of: FxHashMap::default(),
        sites_of: FxHashMap::default(),
        inner: FxHashMap::default(),
        written: 0,
    };
    let mut bodies: FxHashSet<NodeId> = FxHashSet::default();
    bodies.insert(root);
    for id in &plan.units {
        let unit = units.all.get(*id)?;
        bodies.insert(unit.body);
        writer.units_of.entry(unit.body).or_default().push(*id);
    }
    let around = |node: NodeId| {
        let mut at = node;
        loop {
            let parent = index.parent(at);
            if bodies.contains(&parent) || parent == at {
                return parent;
            }
            at = parent;
        }
    };
    let mut ordered: Vec<NodeId> = bodies.iter().copied().filter(|b| *b != root).collect();
    ordered.sort_unstable();
    for body in ordered {
        writer.inner.entry(around(body)).or_default().push(body);
    }
    for (at, site) in plan.sites.iter().enumerate() {
        writer
            .sites_of
            .entry(around(site.node))
            .or_default()
            .push((at, site));
    }
    let (outside, aliases, _) = outside(index, units, plan);
    for (names, tool) in [(outside, "outside"), (aliases, "alias")] {
        for name in names {
            writer.parts.push(Part::Tools);
            writer.write(format!(".{tool}({});\n", quoted(name)));
        }
    }
    writer.body(root, 0)?;
    Some(Program::new(
        &writer.parts,
        u32::try_from(plan.sites.len()).ok()?,
    ))
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// The names of a plan that lead outside, those that stand for the global
/// object, and whether anything is asked only whether it is there.
fn outside<'a>(
    index: &Index<'a, '_>,
    units: &Units<'_, '_, '_>,
    plan: &Plan,
) -> (BTreeSet<&'a str>, BTreeSet<&'a str>, bool) {
    let (mut outside, mut aliases, mut probes) = (BTreeSet::new(), BTreeSet::new(), false);
    for span in spans(units, &plan.units, &plan.sites) {
        for reference in index.refs_in(span) {
            if reference.symbol.is_some() {
                continue;
            }
            let name = index.name(reference);
            match index.global(reference) {
                Global::Pure => {}
                Global::Alias => {
                    aliases.insert(name);
                }
                Global::Probe => probes = true,
                Global::Outside => {
                    outside.insert(name);
                }
            }
        }
    }
    // One that leads out leads out however else it is used.
    aliases.retain(|name| !outside.contains(name));
    (outside, aliases, probes)
}

struct Writer<'w, 'i, 'a, 's> {
    index: &'w Index<'a, 's>,
    units: &'w Units<'i, 'a, 's>,
    parts: Vec<Part<'static>>,
    units_of: FxHashMap<NodeId, Vec<UnitId>>,
    sites_of: FxHashMap<NodeId, Vec<(usize, &'w Site)>>,
    inner: FxHashMap<NodeId, Vec<NodeId>>,
    written: usize,
}

impl Writer<'_, '_, '_, '_> {
    fn write(&mut self, text: impl Into<String>) {
        let text = text.into();
        self.written = self.written.saturating_add(text.len());
        self.parts.push(Part::Text(text.into()));
    }

    /// Writes a range of the subject's text.
    fn source(&mut self, (start, end): (u32, u32)) {
        let index = self.index;
        let mut at = start;
        for (from, to) in index.metas((start, end)) {
            self.write(index.source((at, *from)));
            self.parts.push(Part::Tools);
            self.write(".meta");
            at = *to;
        }
        self.write(index.source((at, end)));
    }

    fn body(&mut self, body: NodeId, depth: usize) -> Option<()> {
        if depth > DEEPEST || self.written > LONGEST {
            return None;
        }
        enum Piece {
            Unit(UnitId),
            Body(NodeId),
        }
        let mut pieces: Vec<((u32, u32), Piece)> = Vec::new();
        for id in self.units_of.remove(&body).unwrap_or_default() {
            pieces.push((self.units.all.get(id)?.span, Piece::Unit(id)));
        }
        for inner in self.inner.remove(&body).unwrap_or_default() {
            pieces.push((self.index.span(inner), Piece::Body(inner)));
        }
        pieces.sort_by_key(|(span, piece)| (*span, matches!(piece, Piece::Body(_))));
        let mut params: Vec<(String, String)> = Vec::new();
        for (_, piece) in &pieces {
            if let Piece::Unit(id) = piece
                && let Some(unit) = self.units.all.get(*id)
                && let Form::Param(name) = unit.form
            {
                params.push((self.index.source(name), self.index.source(unit.span)));
            }
        }
        if depth > 0 {
            let names: Vec<&str> = params.iter().map(|(name, _)| name.as_str()).collect();
            self.write(format!("(function({}) {{\n", names.join(", ")));
        }
        for (span, piece) in pieces {
            match piece {
                Piece::Body(inner) => self.body(inner, depth.saturating_add(1))?,
                Piece::Unit(id) => {
                    let unit = self.units.all.get(id)?;
                    match unit.form {
                        Form::Declarator => {
                            self.write("var ");
                            self.source(span);
                            self.write(";\n");
                        }
                        Form::Statement => {
                            self.source(span);
                            self.write("\n;\n");
                        }
                        Form::Expression => {
                            self.write(";(");
                            self.source(span);
                            self.write("\n);\n");
                        }
                        Form::Param(_) => {}
                        Form::Import | Form::Foreign => self.import(id)?,
                    }
                }
            }
            if self.written > LONGEST {
                return None;
            }
        }
        for (at, site) in self.sites_of.remove(&body).unwrap_or_default() {
            self.write(";");
            self.parts.push(Part::Tools);
            self.write(format!(".site({at}, () => ("));
            self.source(site.span);
            self.write("\n));\n");
        }
        if depth > 0 {
            let values: Vec<&str> = params.iter().map(|(_, value)| value.as_str()).collect();
            self.write(format!("}})({});\n", values.join(", ")));
        }
        Some(())
    }

    fn import(&mut self, id: UnitId) -> Option<()> {
        let unit = self.units.all.get(id)?;
        let scoping = self.index.scoping;
        self.write(format!("var {} = ", scoping.symbol_name(unit.symbol)));
        if unit.form == Form::Foreign {
            self.parts.push(Part::Tools);
            self.write(".foreign;\n");
            return Some(());
        }
        let declaration = scoping.symbol_declaration(unit.symbol);
        let AstKind::ImportDeclaration(import) = self.index.kind(self.index.parent(declaration))
        else {
            return None;
        };
        self.parts.push(Part::Tools);
        self.write(format!(".imported({})", quoted(&import.source.value)));
        match self.index.kind(declaration) {
            AstKind::ImportSpecifier(named) => {
                let name = match &named.imported {
                    ModuleExportName::IdentifierName(name) => name.name.as_str(),
                    ModuleExportName::IdentifierReference(name) => name.name.as_str(),
                    ModuleExportName::StringLiteral(text) => text.value.as_str(),
                };
                self.write(format!("[{}]", quoted(name)));
            }
            AstKind::ImportDefaultSpecifier(_) => self.write(".default"),
            _ => {}
        }
        self.write(";\n");
        Some(())
    }
}
