//! Cuts: what of a large module hangs on a fact of the host.
//!
//! A bundle is too much to be tried as a whole, and nearly all of it has
//! nothing to do with the host. A cut is made of pieces of it: the one that
//! asks for a fact, those through which what it gives comes to where something
//! may leave, and what all of these need, as far as there is room. What is
//! left out is absent: there is something under its name, and no more.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use oxc_ast::AstKind;
use oxc_ast::ast::*;
use oxc_semantic::{NodeId, SymbolId};
use oxc_span::GetSpan;
use rustc_hash::{FxHashMap, FxHashSet};

use super::index::Index;
use crate::behaviours::{ALL, Behaviour};
use crate::evaluate;

/// How many pieces that ask for a fact are looked at.
const SEEDS: usize = 512;
/// How many cuts are made of one module, and how large they are together, in
/// bytes.
const CUTS: usize = 64;
const TOGETHER: u32 = 160 << 10;
/// What any takes beside its length, in bytes.
const LITTLE: u32 = 4 << 10;
/// What speaks for a piece in which a fact is asked for: that it tells who or
/// where somebody is, that something is concealed beside it, and that
/// something leaves there.
const TELLS: u32 = 4;
const CONCEALS: u32 = 2;
const LEAVES: u32 = 1;
/// How large a piece is at most, and a cut, in bytes.
const PIECE: u32 = 32 << 10;
const CUT: u32 = 48 << 10;
/// How many pieces a cut has.
const PIECES: usize = 120;
/// How many calls may lie between a fact and where something leaves.
const FAR: usize = 6;
/// In how many pieces a name is used at most where it is followed.
const USES: usize = 12;
/// How many pieces that may leave something are reached from one fact.
const ENDS: usize = 4;

/// How a piece is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::js) enum Form {
    /// As it stands.
    Statement,
    /// As a variable of its own.
    Declarator,
    /// As a statement that may fail.
    Expression,
    /// A function without a name that is used.
    Function,
}

#[derive(Debug, Clone, Copy)]
pub(in crate::js) struct Piece {
    pub(in crate::js) node: NodeId,
    pub(in crate::js) span: (u32, u32),
    pub(in crate::js) form: Form,
}

/// A part of a module that can be tried.
#[derive(Debug, Default)]
pub(in crate::js) struct Cut<'a> {
    /// In the order of the module.
    pub(in crate::js) pieces: Vec<Piece>,
    /// What is imported.
    pub(in crate::js) imports: Vec<SymbolId>,
    /// Names of what is left out.
    pub(in crate::js) absent: Vec<&'a str>,
    /// Names of what fills variables of others, once it is called.
    pub(in crate::js) fills: Vec<&'a str>,
    /// Names of what is tried, and where they are declared.
    pub(in crate::js) tried: Vec<(&'a str, NodeId)>,
}

impl Cut<'_> {
    /// In bytes.
    fn len(&self) -> u32 {
        let len = |piece: &Piece| piece.span.1.saturating_sub(piece.span.0);
        self.pieces.iter().map(len).fold(0, u32::saturating_add)
    }
}

/// The cuts of a module, the likeliest first, and how many pieces that ask for
/// a fact are in none of them.
pub(super) fn cuts<'a>(index: &Index<'a, '_>) -> (Vec<Cut<'a>>, usize) {
    let mut cutter = Cutter {
        index,
        pieces: FxHashMap::default(),
        declared: FxHashMap::default(),
    };
    let mut seeds: FxHashMap<NodeId, (Piece, u32)> = FxHashMap::default();
    let mut said: FxHashMap<&str, Asks> = FxHashMap::default();
    for (id, node) in index.nodes.iter_enumerated() {
        let asks = asks(index, id, node.kind(), &mut said);
        if asks != Asks::Nothing
            && let Some(piece) = cutter.piece(id)
        {
            let score = if asks == Asks::Who { TELLS } else { 0 };
            let known = seeds.entry(piece.node).or_insert((piece, 0));
            known.1 = known.1.max(score);
        }
    }
    let mut seeds: Vec<(Piece, u32)> = seeds.into_values().collect();
    for (piece, score) in &mut seeds {
        *score += if conceals(index, piece.span) {
            CONCEALS
        } else {
            0
        };
        let leaves = cutter.leaves(*piece) != Leaves::Nothing;
        *score += if leaves { LEAVES } else { 0 };
    }
    seeds.sort_by_key(|(piece, score)| (std::cmp::Reverse(*score), piece.span));
    let mut left = seeds.len().saturating_sub(SEEDS);
    seeds.truncate(SEEDS);
    let mut cuts: Vec<(u32, Cut<'a>)> = Vec::new();
    let mut used: FxHashSet<NodeId> = FxHashSet::default();
    for (seed, score) in seeds {
        if !used.contains(&seed.node)
            && let Some((cut, core)) = cutter.cut(seed)
        {
            used.extend(core);
            cuts.push((score, cut));
        }
    }
    // What most speaks for, by how long it takes.
    cuts.sort_by_key(|(score, cut)| {
        let worth = score.saturating_add(1).saturating_mul(PIECE * 16);
        std::cmp::Reverse(worth / cut.len().saturating_add(LITTLE))
    });
    let mut room = TOGETHER;
    let mut out = Vec::new();
    for (_, cut) in cuts {
        let len = cut.len().saturating_add(LITTLE);
        if len > room || out.len() >= CUTS {
            left += 1;
        } else {
            room -= len;
            out.push(cut);
        }
    }
    (out, left)
}

/// Whether a range holds a constant that nobody reads, or characters that
/// stand for others.
fn conceals(index: &Index<'_, '_>, span: (u32, u32)) -> bool {
    let text = index.text.get(span.0 as usize..span.1 as usize);
    let text = text.unwrap_or_default();
    index
        .constants_in(span)
        .iter()
        .any(|constant| constant.unreadable)
        || !text.is_ascii()
        || text.contains("\\u")
}

/// What a node asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// A fact that tells who or where somebody is.
    Who,
    /// Another fact of the host.
    What,
    Nothing,
}

fn asks<'a>(
    index: &Index<'a, '_>,
    id: NodeId,
    kind: AstKind<'a>,
    said: &mut FxHashMap<&'a str, Asks>,
) -> Asks {
    let called = || match index.kind(index.parent(id)) {
        AstKind::CallExpression(call) => {
            let callee = call.callee.span();
            (callee.start, callee.end) == index.span(id)
        }
        _ => false,
    };
    let method = |name: &str| {
        if names().1.contains(name) && called() {
            Asks::Who
        } else if HOST.binary_search(&name).is_ok() {
            Asks::What
        } else {
            Asks::Nothing
        }
    };
    match kind {
        AstKind::StaticMemberExpression(member) => {
            let name = member.property.name.as_str();
            let of_date = matches!(&member.object, Expression::NewExpression(new)
                if matches!(&new.callee, Expression::Identifier(name) if name.name == "Date"));
            match *said.entry(name).or_insert_with(|| of_name(name)) {
                Asks::Nothing if of_date && name == "toString" => Asks::Who,
                Asks::Nothing => method(name),
                asks => asks,
            }
        }
        // `const { hostname } = os` and `hostname()`.
        AstKind::IdentifierReference(name) => method(name.name.as_str()),
        AstKind::BindingProperty(property) => match &property.key {
            PropertyKey::StaticIdentifier(name) => {
                let name = name.name.as_str();
                *said.entry(name).or_insert_with(|| of_name(name))
            }
            _ => Asks::Nothing,
        },
        AstKind::StringLiteral(text) if (2..=200).contains(&text.value.len()) => {
            let text = text.value.as_str();
            *said.entry(text).or_insert_with(|| {
                let file = || evaluate::behaviour(&format!("file:{text}")).is_some();
                if names().1.contains(text) || file() {
                    Asks::Who
                } else {
                    of_name(text)
                }
            })
        }
        _ => Asks::Nothing,
    }
}

/// What a name of a variable, or of a member, asks for.
fn of_name(name: &str) -> Asks {
    let fits = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    let is_variable = name.len() >= 2 && name.bytes().all(fits) || name.starts_with("npm_");
    let of_somebody = || {
        evaluate::behaviour(&format!("env:{name}"))
            .and_then(|behaviour| behaviour.source)
            .is_some_and(|fact| !fact.nature.is_of_surroundings())
    };
    if is_variable && of_somebody() || names().0.contains(name) {
        Asks::Who
    } else if is_variable && evaluate::is_of_host(name) {
        Asks::What
    } else {
        Asks::Nothing
    }
}

/// By what else a host is asked.
const HOST: &[&str] = &[
    "argv",
    "cpus",
    "execArgv",
    "execFile",
    "execFileSync",
    "execPath",
    "execSync",
    "existsSync",
    "getServers",
    "getuid",
    "lookup",
    "readFile",
    "readFileSync",
    "readdirSync",
    "resolve4",
    "spawnSync",
    "totalmem",
];

/// The names of members and methods that sources of facts have, apart from
/// those that many other things have too.
fn names() -> &'static (FxHashSet<&'static str>, FxHashSet<&'static str>) {
    static NAMES: OnceLock<(FxHashSet<&str>, FxHashSet<&str>)> = OnceLock::new();
    NAMES.get_or_init(|| {
        let (mut members, mut methods) = (FxHashSet::default(), FxHashSet::default());
        let of_somebody = |one: &&&Behaviour| {
            one.source
                .is_some_and(|fact| !fact.nature.is_of_surroundings())
        };
        let sources = ALL.iter().filter(of_somebody);
        for call in sources.flat_map(|behaviour| behaviour.calls) {
            for segment in call.split('.') {
                match segment.strip_suffix("()") {
                    Some(name) if name.len() >= 7 && name != "toString" && !name.contains(' ') => {
                        methods.insert(name);
                    }
                    None if segment.bytes().any(|b| b.is_ascii_uppercase()) => {
                        members.insert(segment);
                    }
                    _ => {}
                }
            }
        }
        // What dates are formatted with has a zone, and asks for none.
        for name in [
            "DateTimeFormat",
            "NumberFormat",
            "Intl",
            "Temporal",
            "Process",
        ] {
            members.remove(name);
            methods.remove(name);
        }
        (members, methods)
    })
}

/// Whether something leaves in a text of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Leaves {
    Nothing,
    /// It is made for what leaves.
    Made,
    /// It is handed over.
    Sent,
}

/// By what something is handed over, as far as it is written.
const SENT: &[&str] = &[
    "fetch(", "fetch`", "equest(", "axios", ".post(", "eacon(", "spawn", "exec", "https.", "http.",
];
/// By what something is made that is handed over.
const MADE: &[&str] = &[
    "ocket",
    "eaders",
    "essages",
    "rompt",
    "system",
    "nstruction",
    "body:",
];

fn leaves(text: &str) -> Leaves {
    static LEAVES: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let words = LEAVES.get_or_init(|| AhoCorasick::new(SENT.iter().chain(MADE)).ok());
    let found = words.iter().flat_map(|words| words.find_iter(text));
    let kinds = found.map(|found| match found.pattern().as_usize() {
        word if word < SENT.len() => Leaves::Sent,
        _ => Leaves::Made,
    });
    kinds.max().unwrap_or(Leaves::Nothing)
}

struct Cutter<'c, 'a, 's> {
    index: &'c Index<'a, 's>,
    /// The pieces of nodes.
    pieces: FxHashMap<NodeId, Option<Piece>>,
    /// What pieces declare for others.
    declared: FxHashMap<NodeId, Declared<'a>>,
}

/// Names and what they stand for.
type Declared<'a> = Rc<[(&'a str, SymbolId)]>;

impl<'a> Cutter<'_, 'a, '_> {
    /// The largest part of the module around a node that can be taken alone.
    fn piece(&mut self, node: NodeId) -> Option<Piece> {
        if let Some(known) = self.pieces.get(&node) {
            return *known;
        }
        let (mut best, mut function) = (None, None);
        let mut at = node;
        loop {
            let span = self.index.span(at);
            if span.1.saturating_sub(span.0) > PIECE {
                break;
            }
            let parent = self.index.parent(at);
            if parent == at {
                break;
            }
            if let Some(form) = self.form(at, parent) {
                let piece = Piece {
                    node: at,
                    span,
                    form,
                };
                best = Some(piece);
                if form == Form::Function && !self.is_called(at) {
                    function = Some(piece);
                }
            }
            at = parent;
        }
        // What is done with a function matters less than what is in it, and so
        // does the table of modules in which it stands.
        let is_module = |piece: Piece| self.index.wraps_module(piece.node);
        if best.is_some_and(|piece: Piece| piece.form == Form::Expression)
            || function.is_some_and(is_module)
        {
            best = function.or(best);
        }
        self.pieces.insert(node, best);
        best
    }

    /// Whether a function is called where it stands: `(function () {})()`, or
    /// `(function () {}).call(this)`.
    fn is_called(&self, function: NodeId) -> bool {
        let of = self.index.kind(self.index.unwrapped_parent(function));
        matches!(of, AstKind::StaticMemberExpression(_))
            || self.index.called_in_place(function).is_some()
    }

    fn form(&self, node: NodeId, parent: NodeId) -> Option<Form> {
        let kind = self.index.kind(node);
        let within = self.index.kind(parent);
        let in_body = matches!(
            within,
            AstKind::Program(_) | AstKind::FunctionBody(_) | AstKind::BlockStatement(_)
        );
        match kind {
            // These mean something only where they stand.
            AstKind::ReturnStatement(_)
            | AstKind::BreakStatement(_)
            | AstKind::ContinueStatement(_)
            | AstKind::ImportDeclaration(_)
            | AstKind::ExportNamedDeclaration(_)
            | AstKind::ExportFromDeclaration(_)
            | AstKind::ExportAllDeclaration(_) => None,
            AstKind::ExpressionStatement(_) if in_body => Some(Form::Expression),
            AstKind::Function(function) if function.r#type == FunctionType::FunctionDeclaration => {
                in_body.then_some(Form::Statement)
            }
            AstKind::Class(class) if class.r#type == ClassType::ClassDeclaration => {
                in_body.then_some(Form::Statement)
            }
            AstKind::ArrowFunctionExpression(_) => Some(Form::Function),
            // A method is none without what it is of.
            AstKind::Function(function) => {
                let text = self.index.text.get(function.span.start as usize..);
                let says = |word| text.is_some_and(|text| text.starts_with(word));
                (says("function") || says("async")).then_some(Form::Function)
            }
            AstKind::VariableDeclarator(_) => Some(Form::Declarator),
            _ if in_body && (kind.is_statement() || kind.is_declaration()) => Some(Form::Statement),
            _ if matches!(within, AstKind::SequenceExpression(_)) => Some(Form::Expression),
            _ => None,
        }
    }

    /// What a piece declares for others.
    fn declares(&mut self, piece: Piece) -> Declared<'a> {
        let (index, scoping) = (self.index, self.index.scoping);
        let find = || {
            let declared = index.nodes_of(piece.node).filter_map(|(_, kind)| {
                let AstKind::BindingIdentifier(name) = kind else {
                    return None;
                };
                let symbol = name.symbol_id.get()?;
                let home = scoping.get_node_id(scoping.symbol_scope_id(symbol));
                let (start, end) = index.span(home);
                let inside = piece.span.0 <= start && end <= piece.span.1;
                (!inside).then(|| (name.name.as_str(), symbol))
            });
            declared.collect()
        };
        Rc::clone(self.declared.entry(piece.node).or_insert_with(find))
    }

    /// What it gives to others: what it declares, and variables of theirs that
    /// it fills.
    fn gives(&mut self, piece: Piece) -> Vec<SymbolId> {
        let mut out: Vec<SymbolId> = self.declares(piece).iter().map(|d| d.1).collect();
        let writes = self.index.refs_in(piece.span).iter().filter(|r| r.write);
        let filled = writes.filter_map(|r| r.symbol);
        out.extend(filled.filter(|symbol| !self.index.declared_in(*symbol, piece.span)));
        out
    }

    /// The pieces in which a symbol is used outside of one.
    fn users(&mut self, symbol: SymbolId, piece: Piece) -> Vec<Piece> {
        let scoping = self.index.scoping;
        let nodes: Vec<NodeId> = scoping
            .get_resolved_references(symbol)
            .map(|reference| reference.node_id())
            .collect();
        let mut out: Vec<Piece> = Vec::new();
        for node in nodes {
            if let Some(user) = self.piece(node)
                && user.node != piece.node
                && !out.iter().any(|known| known.node == user.node)
            {
                out.push(user);
                if out.len() > USES {
                    return Vec::new();
                }
            }
        }
        out
    }

    fn leaves(&self, piece: Piece) -> Leaves {
        let text = self.index.text;
        let text = text.get(piece.span.0 as usize..piece.span.1 as usize);
        text.map_or(Leaves::Nothing, leaves)
    }

    /// The pieces between a fact and where something may leave.
    fn core(&mut self, seed: Piece) -> Option<Vec<Piece>> {
        let mut all: Vec<(Piece, usize)> = vec![(seed, 0)];
        let mut waiting: VecDeque<(usize, usize)> = VecDeque::from([(0, 0)]);
        let mut ends = Vec::new();
        while let Some((at, level)) = waiting.pop_front() {
            let piece = all.get(at)?.0;
            let leaves = self.leaves(piece);
            if leaves != Leaves::Nothing {
                ends.push(at);
                if ends.len() >= ENDS {
                    break;
                }
                // What asks may give its fact to others besides.
                if leaves == Leaves::Sent && level > 0 {
                    continue;
                }
            }
            if level >= FAR {
                continue;
            }
            for symbol in self.gives(piece) {
                for user in self.users(symbol, piece) {
                    if all.len() < PIECES && !all.iter().any(|(known, _)| known.node == user.node) {
                        waiting.push_back((all.len(), level.saturating_add(1)));
                        all.push((user, at));
                    }
                }
            }
        }
        let mut core: FxHashSet<usize> = FxHashSet::default();
        for end in &ends {
            let mut at = *end;
            while core.insert(at) && at != 0 {
                at = all.get(at)?.1;
            }
        }
        let mut core: Vec<usize> = core.into_iter().collect();
        core.sort_unstable();
        (!ends.is_empty()).then(|| {
            let pieces = core.iter().filter_map(|at| all.get(*at));
            pieces.map(|(piece, _)| *piece).collect()
        })
    }

    /// The cut around what asks for a fact, and the pieces that are tried in
    /// it.
    fn cut(&mut self, seed: Piece) -> Option<(Cut<'a>, Vec<NodeId>)> {
        let index = self.index;
        let scoping = index.scoping;
        let core = self.core(seed)?;
        let mut cut = Cut::default();
        let mut room = CUT;
        let mut names: FxHashMap<&'a str, SymbolId> = FxHashMap::default();
        let mut symbols: FxHashSet<SymbolId> = FxHashSet::default();
        let mut waiting: VecDeque<Piece> = VecDeque::new();
        for piece in &core {
            if self.take(*piece, &mut cut, &mut room, &mut names) {
                waiting.push_back(*piece);
            }
        }
        while let Some(piece) = waiting.pop_front() {
            for reference in index.refs_in(piece.span) {
                let Some(symbol) = reference.symbol else {
                    continue;
                };
                if !symbols.insert(symbol) || index.declared_in(symbol, piece.span) {
                    continue;
                }
                let declaration = scoping.symbol_declaration(symbol);
                if matches!(
                    index.kind(declaration),
                    AstKind::ImportSpecifier(_)
                        | AstKind::ImportDefaultSpecifier(_)
                        | AstKind::ImportNamespaceSpecifier(_)
                ) {
                    cut.imports.push(symbol);
                    continue;
                }
                let declared = self.piece(declaration).filter(|piece| {
                    self.declares(*piece)
                        .iter()
                        .any(|(_, known)| *known == symbol)
                });
                let Some(declared) = declared else {
                    cut.absent.push(index.name(reference));
                    continue;
                };
                if !cut.pieces.iter().any(|known| known.node == declared.node) {
                    if !self.take(declared, &mut cut, &mut room, &mut names) {
                        cut.absent.push(index.name(reference));
                        continue;
                    }
                    waiting.push_back(declared);
                }
                // A variable that another piece fills.
                let empty = matches!(
                    index.kind(declaration),
                    AstKind::VariableDeclarator(declarator) if declarator.init.is_none()
                );
                let writes: Vec<NodeId> = scoping
                    .get_resolved_references(symbol)
                    .filter(|reference| empty && reference.is_write())
                    .map(|reference| reference.node_id())
                    .take(2)
                    .collect();
                for write in writes {
                    let Some(filling) = self.piece(write) else {
                        continue;
                    };
                    if !cut.pieces.iter().any(|known| known.node == filling.node)
                        && self.take(filling, &mut cut, &mut room, &mut names)
                    {
                        cut.fills
                            .extend(self.declares(filling).iter().map(|(name, _)| *name));
                        waiting.push_back(filling);
                    }
                }
            }
        }
        for piece in &core {
            let declared = self.declares(*piece);
            let declared = declared.iter();
            let declared =
                declared.map(|(name, symbol)| (*name, scoping.symbol_declaration(*symbol)));
            cut.tried.extend(declared);
        }
        cut.absent.retain(|name| !names.contains_key(name));
        for list in [&mut cut.absent, &mut cut.fills] {
            list.sort_unstable();
            list.dedup();
        }
        cut.pieces.sort_by_key(|piece| piece.span);
        Some((cut, core.iter().map(|piece| piece.node).collect()))
    }

    /// Takes a piece into a cut, where there is room for it and nothing else
    /// has its names.
    fn take(
        &mut self,
        piece: Piece,
        cut: &mut Cut<'a>,
        room: &mut u32,
        names: &mut FxHashMap<&'a str, SymbolId>,
    ) -> bool {
        let len = piece.span.1.saturating_sub(piece.span.0);
        let inside = |known: &Piece| known.span.0 < piece.span.1 && piece.span.0 < known.span.1;
        if len > *room || cut.pieces.len() >= PIECES || cut.pieces.iter().any(inside) {
            return false;
        }
        let new = self.declares(piece);
        let taken =
            |(name, symbol): &(&str, SymbolId)| names.get(name).is_some_and(|k| k != symbol);
        if new.iter().any(taken) {
            return false;
        }
        names.extend(new.iter().copied());
        *room = room.saturating_sub(len);
        cut.pieces.push(piece);
        true
    }
}
