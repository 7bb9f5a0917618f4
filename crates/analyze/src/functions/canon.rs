//! What is left of a function when all that a minifier may do to it is taken
//! away: atoms, in the order in which they are evaluated.
//!
//! Names of variables, white space, kinds of statement and negations go;
//! texts, numbers, names of members and globals, calls and operators stay. A
//! branch is a hash of its two arms in either order, what follows a branch
//! that leaves is its other arm, and a constant that has a name stands
//! wherever the name does. So `if (a) return x; return y` and
//! `return a ? x : y` are the same, as are `if (a) { if (b) c() }` and
//! `a && b && c()`.

use std::hash::{DefaultHasher, Hash, Hasher};

use oxc_ast::ast::*;
use oxc_ast_visit::{Visit, walk};
use oxc_semantic::Scoping;
use oxc_span::{GetSpan, Span};
use oxc_syntax::operator::{BinaryOperator, LogicalOperator, UnaryOperator};
use oxc_syntax::scope::ScopeFlags;
use oxc_syntax::symbol::SymbolId;
use rustc_hash::{FxHashMap, FxHashSet};

use super::constants::*;
use super::forms::*;

/// A function, or a statement outside of all functions.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) parent: Option<u32>,
    pub(super) span: Span,
    /// What it is called where it stands, if anything.
    pub(super) name: String,
    /// The hash of its own code, without that of functions in it.
    pub(super) own: u64,
    /// What it has that names something: texts, numbers, members, globals.
    pub(super) atoms: Vec<u32>,
    /// The pieces that it refers to.
    pub(super) refs: Vec<u32>,
    /// How many atoms there are of all kinds.
    pub(super) size: u32,
    /// The hash of its atoms in no order.
    pub(super) bag: u64,
    /// The hash of the variables that it uses, in the order in which it does.
    pub(super) uses: u64,
    used: Vec<SymbolId>,
    /// How often it names what comes from another module of the program.
    pub(super) foreign: u32,
    /// Of its atoms that which others know it by.
    pub(super) under: Option<u32>,
    /// Whether it takes nothing, and gives back a variable and nothing else.
    pub(super) hands_on: bool,
    /// Whether it has no code but functions, and is none.
    is_hollow: bool,
}

/// Kinds of atoms.
#[derive(Debug, Clone, Copy, Hash)]
enum Atom {
    Text,
    Number,
    Name,
    Global,
    Pattern,
    Call,
    Operator,
    Constant,
    /// One arm, or two.
    Arm,
    Arms,
    /// What does not hold.
    Contraries,
}

/// What one arm of a branch does, and whether it is but a branch with one arm.
type Arm = (Vec<u64>, bool);

/// The pieces of a program, the outer before the inner, and the atoms of
/// constants that have a name.
pub(super) fn pieces(program: &Program<'_>, scoping: &Scoping) -> (Vec<Piece>, Vec<u32>) {
    let mut constants = Constants {
        scoping,
        known: FxHashMap::default(),
        imported: FxHashMap::default(),
        objects: FxHashMap::default(),
        read: FxHashMap::default(),
        written: FxHashSet::default(),
    };
    constants.visit_program(program);
    let exported = exported(program, scoping);
    let mut objects = constants.apart();
    objects.retain(|symbol, _| !exported.contains(symbol));
    let mut named: Vec<u32> = constants.known.values().filter_map(atom_of).collect();
    named.sort_unstable();
    named.dedup();
    let mut canon = Canon {
        scoping,
        constants: constants.known,
        imported: constants.imported,
        objects,
        pieces: Vec::new(),
        open: Vec::new(),
        made: FxHashMap::default(),
        referred: Vec::new(),
        name: String::new(),
        under: None,
        exported,
    };
    canon.roots(&program.body, AROUND, program.span.size());
    let Canon {
        mut pieces,
        made,
        mut referred,
        ..
    } = canon;
    referred.sort_unstable_by_key(|(_, start, _)| *start);
    for (piece, _, symbol) in referred {
        if let (Some(piece), Some(to)) = (pieces.get_mut(piece as usize), made.get(&symbol)) {
            piece.refs.push(*to);
        }
    }
    for piece in &mut pieces {
        // Which functions it refers to is told by themselves.
        let used = piece
            .used
            .iter()
            .filter(|symbol| !made.contains_key(*symbol));
        let mut numbers: FxHashMap<SymbolId, usize> = FxHashMap::default();
        let uses = used.map(|symbol| {
            let next = numbers.len();
            *numbers.entry(*symbol).or_insert(next)
        });
        let uses: Vec<usize> = uses.collect();
        piece.uses = hashed((piece.uses, uses));
    }
    (solid(pieces), named)
}

/// Leaves out what has no code but functions.
fn solid(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut next = 0u32;
    let numbers: Vec<Option<u32>> = pieces
        .iter()
        .map(|piece| {
            let number = (!piece.is_hollow).then_some(next);
            next = next.saturating_add(u32::from(!piece.is_hollow));
            number
        })
        .collect();
    let number = |old: u32| numbers.get(old as usize).copied().flatten();
    let mut out = Vec::with_capacity(next as usize);
    for mut piece in pieces.into_iter().filter(|piece| !piece.is_hollow) {
        piece.parent = piece.parent.and_then(number);
        piece.refs = piece.refs.into_iter().filter_map(number).collect();
        piece.atoms.sort_unstable();
        out.push(piece);
    }
    out
}

/// A piece that is being read.
struct Open {
    piece: u32,
    seq: Vec<u64>,
    atoms: Vec<u32>,
    size: u32,
    bag: u64,
    /// Variables as they are made and used.
    uses: Vec<(u32, SymbolId)>,
    loose: FxHashSet<SymbolId>,
    elsewhere: Vec<u64>,
    made: FxHashSet<SymbolId>,
    /// From where to where the sequence is one branch with one arm.
    branch: Option<(usize, usize)>,
}

struct Canon<'s> {
    scoping: &'s Scoping,
    constants: FxHashMap<SymbolId, Constant>,
    imported: FxHashMap<SymbolId, Imported>,
    objects: FxHashMap<SymbolId, Members>,
    pieces: Vec<Piece>,
    open: Vec<Open>,
    /// Which piece a variable holds.
    made: FxHashMap<SymbolId, u32>,
    /// Which variables a piece refers to.
    referred: Vec<(u32, u32, SymbolId)>,
    /// What the next function is called.
    name: String,
    /// The member that the next function is.
    under: Option<String>,
    /// Variables that others can import.
    exported: FxHashSet<SymbolId>,
}

/// The same for the same build on every machine. Both sides are hashed in
/// processes of their own, so that there is no key of the run.
pub(super) fn hashed(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

fn short(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or(0)
}

/// The two zeros are one.
fn bits(number: f64) -> u64 {
    (number + 0.0).to_bits()
}

/// The atom that a constant is in a function.
fn atom_of(constant: &Constant) -> Option<u32> {
    Some(short(match constant {
        Constant::Text(text) => hashed((Atom::Text as u8, text.as_str())),
        Constant::Number(number) => hashed((Atom::Number as u8, bits(*number))),
        _ => return None,
    }))
}

impl Canon<'_> {
    // Pieces.

    fn begin(&mut self, span: Span) -> u32 {
        let piece = u32::try_from(self.pieces.len()).unwrap_or(u32::MAX);
        self.pieces.push(Piece {
            parent: self.open.last().map(|open| open.piece),
            span,
            name: std::mem::take(&mut self.name),
            own: 0,
            atoms: Vec::new(),
            refs: Vec::new(),
            size: 0,
            bag: 0,
            uses: 0,
            used: Vec::new(),
            foreign: 0,
            under: None,
            hands_on: false,
            is_hollow: false,
        });
        self.open.push(Open {
            piece,
            seq: Vec::new(),
            atoms: Vec::new(),
            size: 0,
            bag: 0,
            uses: Vec::new(),
            loose: FxHashSet::default(),
            elsewhere: Vec::new(),
            made: FxHashSet::default(),
            branch: None,
        });
        piece
    }

    fn end(&mut self) {
        let Some(mut open) = self.open.pop() else {
            return;
        };
        // As they stand: the arms of a branch are read before what is asked.
        open.uses.sort_unstable_by_key(|(start, _)| *start);
        if let Some(piece) = self.pieces.get_mut(open.piece as usize) {
            piece.own = hashed(&open.seq);
            piece.atoms = open.atoms;
            piece.size = open.size;
            piece.bag = open.bag;
            let mut counts: FxHashMap<SymbolId, usize> = FxHashMap::default();
            for (_, symbol) in &open.uses {
                *counts.entry(*symbol).or_default() += 1;
            }
            // What is made and used once may as well stand where it is used,
            // unless another such one could stand there instead.
            let is_brief = |symbol: &SymbolId| {
                let is_made = open.made.contains(symbol);
                let brief = counts.get(symbol).is_some_and(|count| *count <= 2);
                open.loose.contains(symbol) || is_made && brief
            };
            let mut ranges: FxHashMap<SymbolId, (usize, usize)> = FxHashMap::default();
            for (at, (_, symbol)) in open.uses.iter().enumerate() {
                if is_brief(symbol) {
                    ranges.entry(*symbol).or_insert((at, at)).1 = at;
                }
            }
            let mut spans: Vec<(usize, usize, SymbolId)> = ranges
                .iter()
                .map(|(symbol, (from, to))| (*from, *to, *symbol))
                .collect();
            spans.sort_unstable();
            let mut crossed: FxHashSet<SymbolId> = FxHashSet::default();
            let mut last: Option<(usize, SymbolId)> = None;
            for (from, to, symbol) in spans {
                if let Some((end, other)) = last.filter(|(end, _)| from < *end) {
                    crossed.extend([symbol, other]);
                    last = Some((end.max(to), if to > end { symbol } else { other }));
                } else {
                    last = Some((to, symbol));
                }
            }
            let dropped: FxHashSet<SymbolId> = ranges
                .into_keys()
                .filter(|symbol| !crossed.contains(symbol))
                .collect();
            open.uses.retain(|(_, symbol)| !dropped.contains(symbol));
            open.elsewhere.sort_unstable();
            piece.uses = hashed(open.elsewhere);
            piece.used = open.uses.into_iter().map(|(_, symbol)| symbol).collect();
        }
    }

    /// Statements outside of all functions, each a piece: what a bundler puts
    /// side by side has nothing to do with each other.
    fn roots<'a>(&mut self, statements: &[Statement<'a>], around: usize, whole: u32) {
        for statement in statements {
            if let Some(inner) = (around > 0).then(|| wrapped(statement, whole)).flatten() {
                self.roots(inner, around - 1, whole);
                continue;
            }
            let declaration = match statement {
                Statement::VariableDeclaration(declaration) => Some(&**declaration),
                Statement::ExportDeclaration(export) => match &export.declaration {
                    Declaration::VariableDeclaration(declaration) => Some(&**declaration),
                    _ => None,
                },
                _ => None,
            };
            match (statement, declaration) {
                (Statement::ImportDeclaration(import), _) => {
                    self.imports(import.span, import.source.value.as_str());
                }
                (Statement::ExportFromDeclaration(export), _) => {
                    self.imports(export.span, export.source.value.as_str());
                }
                (Statement::ExportAllDeclaration(export), _) => {
                    self.imports(export.span, export.source.value.as_str());
                }
                (_, Some(declaration)) => {
                    for declarator in &declaration.declarations {
                        match declarator.init.as_ref().and_then(module_of) {
                            Some(module) => self.imports(declarator.span, module),
                            None => self.root(declarator.span, |this| {
                                this.declarator(declarator);
                            }),
                        }
                    }
                }
                // What a minifier joins by commas.
                (Statement::ExpressionStatement(joined), _) => {
                    for one in in_sequence(&joined.expression) {
                        self.effects_of(one);
                    }
                }
                _ => self.root(statement.span(), |this| this.statement(statement)),
            }
        }
    }

    /// A statement outside of all functions. What is done in a function that is
    /// called where it stands may as well be done without it, as minifiers do
    /// with the tables of names that compilers write like that.
    fn effects_of(&mut self, expression: &Expression<'_>) {
        let Some((arguments, done)) = done_in_place(expression) else {
            return self.root(expression.span(), |this| this.effect(expression));
        };
        for (at, one) in done.into_iter().enumerate() {
            self.root(one.span(), |this| {
                if at == 0 {
                    this.arguments(arguments);
                }
                this.effect(one);
            });
        }
    }

    /// What a module is called does not tell one version from another where
    /// it is one of the program's own.
    fn imports(&mut self, span: Span, module: &str) {
        if !is_own(module) {
            self.root(span, |this| {
                this.text(module);
                this.operator("import");
            });
        }
    }

    /// A piece of its own, if there is anything in it but functions.
    fn root(&mut self, span: Span, read: impl FnOnce(&mut Self)) {
        let at = self.begin(span);
        read(self);
        let empty = self.open.last().is_some_and(|open| open.seq.is_empty());
        self.end();
        if let Some(piece) = self.pieces.get_mut(at as usize) {
            piece.is_hollow = empty;
        }
    }

    // Atoms.

    fn push(&mut self, atom: u64) {
        if let Some(open) = self.open.last_mut() {
            open.seq.push(atom);
        }
    }

    fn atom(&mut self, kind: Atom, what: impl Hash) {
        let atom = hashed((kind as u8, what));
        let Some(open) = self.open.last_mut() else {
            return;
        };
        open.seq.push(atom);
        open.size = open.size.saturating_add(1);
        open.bag = open.bag.wrapping_add(hashed(atom));
        if matches!(
            kind,
            Atom::Text | Atom::Number | Atom::Name | Atom::Global | Atom::Pattern
        ) {
            open.atoms.push(short(atom));
        }
    }

    fn foreign(&mut self) {
        let piece = self.open.last().map(|open| open.piece as usize);
        if let Some(piece) = piece.and_then(|piece| self.pieces.get_mut(piece)) {
            piece.foreign = piece.foreign.saturating_add(1);
        }
    }

    /// What another module of the program calls something. A minifier may
    /// have made the name, if it is short.
    fn named_elsewhere(&mut self, name: &str) {
        if name.len() > 3
            && let Some(open) = self.open.last_mut()
        {
            open.elsewhere.push(hashed(name));
        }
    }

    fn operator(&mut self, name: &str) {
        self.atom(Atom::Operator, name);
    }

    fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.atom(Atom::Text, text);
        }
    }

    fn constant(&mut self, constant: &Constant) {
        match constant {
            Constant::Text(text) => self.atom(Atom::Text, text.as_str()),
            Constant::Number(number) => self.atom(Atom::Number, bits(*number)),
            Constant::Bool(is) => self.atom(Atom::Constant, is),
            Constant::Null => self.atom(Atom::Constant, 2u8),
            Constant::Nothing => {}
        }
    }

    // Branches.

    /// What is read into a sequence of its own, and whether this is but one
    /// branch with one arm.
    fn apart(&mut self, read: impl FnOnce(&mut Self)) -> Arm {
        let Some(open) = self.open.last_mut() else {
            return (Vec::new(), false);
        };
        let start = open.seq.len();
        open.branch = None;
        read(self);
        let Some(open) = self.open.last_mut() else {
            return (Vec::new(), false);
        };
        let only = open.branch == Some((start, open.seq.len()));
        open.branch = None;
        let start = start.min(open.seq.len());
        (open.seq.split_off(start), only)
    }

    fn here(&self) -> usize {
        self.open.last().map_or(0, |open| open.seq.len())
    }

    /// A branch: what is asked, told as it has to be for the first arm or for
    /// the other, and what is done then. Which stands first tells nothing.
    fn branch(&mut self, test: impl FnOnce(&mut Self, bool), turned: bool, yes: Arm, no: Arm) {
        let [is, is_not] = [true, false].map(|is| {
            let atom = hashed((Atom::Constant as u8, is));
            move |arm: &Arm| arm.0.as_slice() == [atom]
        });
        let nothing = |arm: &Arm| arm.0.is_empty();
        match (&yes, &no) {
            // The truth of it is what is given.
            _ if is(&yes) && is_not(&no) || nothing(&yes) && nothing(&no) => test(self, true),
            _ if is_not(&yes) && is(&no) => test(self, false),
            _ if nothing(&no) || is_not(&no) => self.arm_under(test, true, yes, false),
            _ if is(&no) => self.arm_under(test, true, yes, true),
            _ if nothing(&yes) || is_not(&yes) => self.arm_under(test, false, no, false),
            _ if is(&yes) => self.arm_under(test, false, no, true),
            _ => {
                test(self, !turned);
                let (yes, no) = if turned { (no, yes) } else { (yes, no) };
                let arms = (Atom::Arms as u8, hashed(&yes.0), hashed(&no.0));
                self.push(hashed(arms));
            }
        }
    }

    /// One arm; `or` where the other gives what holds and not what does not.
    fn arm_under(&mut self, test: impl FnOnce(&mut Self, bool), want: bool, arm: Arm, or: bool) {
        let start = self.here();
        test(self, want);
        if or {
            self.push(hashed((Atom::Arm as u8, "or")));
            return self.arm(&arm.0);
        }
        if arm.1 {
            // `a && b && c` is a branch in a branch.
            if let Some(open) = self.open.last_mut() {
                open.seq.extend(arm.0);
            }
        } else {
            self.arm(&arm.0);
        }
        let end = self.here();
        if let Some(open) = self.open.last_mut() {
            open.branch = Some((start, end));
        }
    }

    fn arm(&mut self, arm: &[u64]) {
        self.push(hashed((Atom::Arm as u8, hashed(arm))));
    }

    /// A branch as it is written.
    fn choice(&mut self, test: &Expression<'_>, yes: Arm, no: Arm) {
        let turned = is_turned(test);
        self.branch(|this, want| this.asked(test, want), turned, yes, no);
    }

    fn part(&mut self, part: &[&Expression<'_>], want: bool) {
        let Some((last, before)) = part.split_last() else {
            return;
        };
        for one in before {
            self.expression(one);
        }
        match before.last() {
            Some(value) if method_of(value, last).is_some() => {
                self.there(value, last);
                self.contrary(!want);
            }
            _ => self.asked(last, want),
        }
    }

    /// What is asked, so that it comes out as it is wanted: negations and how
    /// parts are joined are brought to one form.
    fn asked(&mut self, expression: &Expression<'_>, want: bool) {
        match expression {
            Expression::ParenthesizedExpression(inner) => self.asked(&inner.expression, want),
            Expression::UnaryExpression(unary)
                if unary.operator == UnaryOperator::LogicalNot
                    && !matches!(unary.argument, Expression::NumericLiteral(_)) =>
            {
                self.asked(&unary.argument, !want);
            }
            Expression::LogicalExpression(logical)
                if logical.operator != LogicalOperator::Coalesce =>
            {
                let parts = parts_of(logical);
                let all = (logical.operator == LogicalOperator::And) == want;
                if all || parts.len() == 1 {
                    for part in parts {
                        self.part(&part, want);
                    }
                } else {
                    // Not all of their contraries.
                    let (contraries, _) = self.apart(|this| {
                        for part in parts {
                            this.part(&part, !want);
                        }
                    });
                    self.push(hashed((Atom::Contraries as u8, contraries)));
                }
            }
            Expression::BinaryExpression(binary) if is_not(binary.operator) => {
                self.compared(&binary.left, &binary.right, "==", "==");
                self.contrary(want);
            }
            other => {
                self.expression(other);
                self.contrary(!want);
            }
        }
    }

    fn contrary(&mut self, is: bool) {
        if is {
            self.push(hashed(Atom::Contraries as u8));
        }
    }

    // Statements.

    fn statements(&mut self, statements: &[Statement<'_>]) {
        for (at, statement) in statements.iter().enumerate() {
            let Statement::IfStatement(branch) = statement else {
                self.statement(statement);
                if leaves(statement) {
                    // What is declared there is there all the same.
                    let rest = statements.get(at.saturating_add(1)..).unwrap_or_default();
                    return self.declared(rest);
                }
                continue;
            };
            let rest = statements.get(at.saturating_add(1)..).unwrap_or_default();
            let (yes, no) = (
                leaves(&branch.consequent),
                branch.alternate.as_ref().is_some_and(leaves),
            );
            if !yes && !no || rest.is_empty() {
                self.statement(statement);
                continue;
            }
            if let Some(is) = self.always(&branch.test) {
                if is {
                    self.statement(&branch.consequent);
                } else if let Some(alternate) = &branch.alternate {
                    self.statement(alternate);
                }
                if if is { yes } else { no } {
                    return self.declared(rest);
                }
                continue;
            }
            let consequent = self.apart(|this| {
                this.statement(&branch.consequent);
                if !yes {
                    this.statements(rest);
                }
            });
            let alternate = self.apart(|this| {
                if let Some(alternate) = &branch.alternate {
                    this.statement(alternate);
                }
                if !no {
                    this.statements(rest);
                }
            });
            self.choice(&branch.test, consequent, alternate);
            if yes && no {
                self.declared(rest);
            }
            return;
        }
    }

    fn declared(&mut self, statements: &[Statement<'_>]) {
        for statement in statements {
            if matches!(statement, Statement::FunctionDeclaration(_)) {
                self.statement(statement);
            }
        }
    }

    /// What a test always gives.
    fn always(&self, test: &Expression<'_>) -> Option<bool> {
        match fold(test, self.scoping, &FxHashMap::default(), FOLDED)? {
            Constant::Bool(is) => Some(is),
            Constant::Null | Constant::Nothing => Some(false),
            _ => None,
        }
    }

    fn statement(&mut self, statement: &Statement<'_>) {
        match statement {
            Statement::BlockStatement(block) => self.statements(&block.body),
            Statement::ExpressionStatement(statement) => self.effect(&statement.expression),
            Statement::IfStatement(branch) => {
                if let Some(is) = self.always(&branch.test) {
                    if is {
                        self.statement(&branch.consequent);
                    } else if let Some(alternate) = &branch.alternate {
                        self.statement(alternate);
                    }
                    return;
                }
                let yes = self.apart(|this| this.statement(&branch.consequent));
                let no = self.apart(|this| {
                    if let Some(alternate) = &branch.alternate {
                        this.statement(alternate);
                    }
                });
                self.choice(&branch.test, yes, no);
            }
            Statement::ReturnStatement(back) => {
                if let Some(argument) = &back.argument {
                    self.expression(argument);
                }
            }
            Statement::ThrowStatement(throw) => {
                self.expression(&throw.argument);
                self.operator("throw");
            }
            Statement::VariableDeclaration(declaration) => self.variables(declaration),
            Statement::ForStatement(repeat) => {
                match &repeat.init {
                    Some(ForStatementInit::VariableDeclaration(declaration)) => {
                        self.variables(declaration);
                    }
                    Some(init) => {
                        if let Some(expression) = init.as_expression() {
                            self.effect(expression);
                        }
                    }
                    None => {}
                }
                self.repeat("loop", |this| {
                    if let Some(test) = &repeat.test {
                        this.asked(test, true);
                    }
                    this.statement(&repeat.body);
                    if let Some(update) = &repeat.update {
                        this.effect(update);
                    }
                });
            }
            Statement::WhileStatement(repeat) => self.repeat("loop", |this| {
                if this.always(&repeat.test) != Some(true) {
                    this.asked(&repeat.test, true);
                }
                this.statement(&repeat.body);
            }),
            Statement::DoWhileStatement(repeat) => self.repeat("do", |this| {
                this.statement(&repeat.body);
                this.asked(&repeat.test, true);
            }),
            Statement::ForOfStatement(repeat) => {
                self.expression(&repeat.right);
                self.repeat("of", |this| {
                    this.visit_for_statement_left(&repeat.left);
                    this.statement(&repeat.body);
                });
            }
            Statement::ForInStatement(repeat) => {
                self.expression(&repeat.right);
                self.repeat("in", |this| {
                    this.visit_for_statement_left(&repeat.left);
                    this.statement(&repeat.body);
                });
            }
            Statement::SwitchStatement(switch) => {
                // With one case it is a branch.
                let tests = || switch.cases.iter().filter_map(|case| case.test.as_ref());
                if let (Some(test), 1) = (tests().next(), tests().count()) {
                    let arm = |this: &mut Self, default: bool| {
                        this.apart(|this| {
                            let mut cases = switch.cases.iter();
                            let case = cases.find(|case| case.test.is_none() == default);
                            for case in case.into_iter().chain(cases) {
                                this.statements(&case.consequent);
                                if case.consequent.last().is_some_and(leaves) {
                                    break;
                                }
                            }
                        })
                    };
                    let (yes, no) = (arm(self, false), arm(self, true));
                    let asked = |this: &mut Self, want: bool| {
                        this.compared(&switch.discriminant, test, "==", "==");
                        this.contrary(!want);
                    };
                    return self.branch(asked, false, yes, no);
                }
                self.expression(&switch.discriminant);
                self.operator("switch");
                for case in &switch.cases {
                    let arm = self.apart(|this| {
                        if let Some(test) = &case.test {
                            this.expression(test);
                        }
                        this.statements(&case.consequent);
                    });
                    if !arm.0.is_empty() {
                        self.arm(&arm.0);
                    }
                }
            }
            Statement::TryStatement(attempt) => {
                let body = self.apart(|this| this.statements(&attempt.block.body));
                self.arm(&body.0);
                self.operator("try");
                if let Some(handler) = &attempt.handler {
                    let caught = self.apart(|this| {
                        if let Some(param) = &handler.param {
                            this.visit_binding_pattern(&param.pattern);
                        }
                        this.statements(&handler.body.body);
                    });
                    self.arm(&caught.0);
                }
                if let Some(last) = &attempt.finalizer {
                    let last = self.apart(|this| this.statements(&last.body));
                    self.operator("finally");
                    self.arm(&last.0);
                }
            }
            Statement::LabeledStatement(labeled) => self.statement(&labeled.body),
            Statement::FunctionDeclaration(function) => {
                self.function(function, None);
            }
            Statement::ClassDeclaration(class) => self.visit_class(class),
            // What others are called is no part of what is done here.
            Statement::ImportDeclaration(_)
            | Statement::ExportNamedDeclaration(_)
            | Statement::ExportAllDeclaration(_)
            | Statement::ExportFromDeclaration(_)
            | Statement::BreakStatement(_)
            | Statement::ContinueStatement(_)
            | Statement::DebuggerStatement(_)
            | Statement::EmptyStatement(_) => {}
            other => walk::walk_statement(self, other),
        }
    }

    fn repeat(&mut self, name: &str, read: impl FnOnce(&mut Self)) {
        let (body, _) = self.apart(read);
        self.operator(name);
        self.arm(&body);
    }

    fn variables(&mut self, declaration: &VariableDeclaration<'_>) {
        for declarator in &declaration.declarations {
            self.declarator(declarator);
        }
    }

    fn declarator(&mut self, declarator: &VariableDeclarator<'_>) {
        let symbol = match &declarator.id {
            BindingPattern::BindingIdentifier(id) => {
                let symbol = id.symbol_id.get();
                // It stands where its name does, which may be elsewhere.
                let known = symbol
                    .and_then(|symbol| self.constants.get(&symbol))
                    .cloned();
                if let Some(constant) = known {
                    if symbol.is_some_and(|symbol| self.exported.contains(&symbol)) {
                        self.constant(&constant);
                    }
                    return;
                }
                self.name = id.name.to_string();
                symbol
            }
            _ => None,
        };
        if let (Some(symbol), Some(Expression::ObjectExpression(object))) =
            (symbol, &declarator.init)
            && let Some(known) = self.objects.get(&symbol)
        {
            let known: FxHashSet<String> = known.keys().cloned().collect();
            for property in &object.properties {
                if let ObjectPropertyKind::ObjectProperty(property) = property {
                    let name = property.key.static_name().unwrap_or_default();
                    if !known.contains(&*name) {
                        self.name = name.into_owned();
                        self.expression(&property.value);
                    }
                }
            }
            return self.name.clear();
        }
        if let Some(init) = &declarator.init {
            let piece = self.pieces.len();
            self.expression(init);
            if let Some(symbol) = symbol
                && is_function(init)
            {
                let piece = u32::try_from(piece).unwrap_or(u32::MAX);
                self.made.insert(symbol, piece);
            }
        }
        self.name.clear();
        match (symbol, &declarator.init) {
            // What minifiers put values into on the way.
            (Some(symbol), None) => {
                if let Some(open) = self.open.last_mut() {
                    open.loose.insert(symbol);
                }
            }
            _ => {
                let before = self.open.last().map_or(0, |open| open.uses.len());
                self.visit_binding_pattern(&declarator.id);
                if let Some(open) = self.open.last_mut() {
                    let made = open.uses.get(before..).unwrap_or_default();
                    open.made.extend(made.iter().map(|(_, symbol)| *symbol));
                }
            }
        }
    }

    // Expressions.

    /// An expression of which nobody takes the value.
    fn effect(&mut self, expression: &Expression<'_>) {
        match expression {
            Expression::UnaryExpression(unary)
                if matches!(
                    unary.operator,
                    UnaryOperator::LogicalNot | UnaryOperator::Void
                ) =>
            {
                self.effect(&unary.argument);
            }
            Expression::ParenthesizedExpression(inner) => self.effect(&inner.expression),
            Expression::LogicalExpression(logical) => self.logical(logical, true),
            other => self.expression(other),
        }
    }

    fn expression(&mut self, expression: &Expression<'_>) {
        if let Some(constant) = self.folded(expression) {
            return self.constant(&constant);
        }
        match expression {
            Expression::StringLiteral(text) => self.atom(Atom::Text, text.value.as_str()),
            Expression::BigIntLiteral(number) => self.atom(Atom::Number, number.value.as_str()),
            Expression::RegExpLiteral(regex) => {
                let pattern = regex.regex.pattern.text.as_str();
                self.atom(Atom::Pattern, (pattern, regex.regex.flags.bits()));
            }
            Expression::TemplateLiteral(_) => self.joined(expression),
            Expression::Identifier(id) => match symbol_of(id, self.scoping) {
                Some(symbol) => {
                    if let Some(open) = self.open.last_mut() {
                        self.referred.push((open.piece, id.span.start, symbol));
                        if !self.objects.contains_key(&symbol) {
                            open.uses.push((id.span.start, symbol));
                        }
                    }
                    match self.imported.get(&symbol).cloned() {
                        Some(Imported::Member(name)) => self.atom(Atom::Name, name),
                        Some(Imported::Foreign(name)) => {
                            self.foreign();
                            self.named_elsewhere(&name);
                        }
                        Some(Imported::Own) => self.foreign(),
                        None => {}
                    }
                }
                // What a bundler puts in place of these has other names.
                None if matches!(id.name.as_str(), "require" | "module" | "exports") => {}
                None => self.atom(Atom::Global, id.name.as_str()),
            },
            Expression::BinaryExpression(binary) => self.binary(binary, expression),
            Expression::LogicalExpression(logical) => self.logical(logical, false),
            Expression::ConditionalExpression(choice) => {
                if let Some(is) = self.always(&choice.test) {
                    return self.expression(if is {
                        &choice.consequent
                    } else {
                        &choice.alternate
                    });
                }
                if let Some((value, is)) = is_nothing(&choice.test) {
                    let (without, with) = match is {
                        true => (&choice.consequent, &choice.alternate),
                        false => (&choice.alternate, &choice.consequent),
                    };
                    // `a?.b` for those who do not know it.
                    if self.folded(without) == Some(Constant::Nothing) {
                        self.expression(value);
                        return self.there(value, with);
                    }
                    // `a ?? b`.
                    if matches!(with, Expression::Identifier(_)) && names(value, with) {
                        self.expression(value);
                        return self.otherwise(without);
                    }
                }
                let yes = self.apart(|this| this.expression(&choice.consequent));
                let no = self.apart(|this| this.expression(&choice.alternate));
                self.choice(&choice.test, yes, no);
            }
            Expression::UnaryExpression(unary) => match unary.operator {
                UnaryOperator::LogicalNot => self.asked(&unary.argument, false),
                UnaryOperator::Void => self.expression(&unary.argument),
                operator => {
                    self.expression(&unary.argument);
                    self.operator(operator.as_str());
                }
            },
            Expression::UpdateExpression(update) => {
                self.visit_simple_assignment_target(&update.argument);
                self.constant(&Constant::Number(1.0));
                self.operator(match update.operator {
                    oxc_syntax::operator::UpdateOperator::Increment => "+",
                    oxc_syntax::operator::UpdateOperator::Decrement => "-",
                });
            }
            Expression::AssignmentExpression(assignment) => self.assignment(assignment),
            Expression::SequenceExpression(sequence) => {
                for (at, one) in (1..).zip(&sequence.expressions) {
                    // `(0, a.b)()` calls without the object.
                    if at == sequence.expressions.len() {
                        self.expression(one);
                    } else if self.folded(one).is_none() {
                        self.effect(one);
                    }
                }
            }
            Expression::CallExpression(call) => self.visit_call_expression(call),
            Expression::NewExpression(new) => self.visit_new_expression(new),
            Expression::StaticMemberExpression(member) => {
                self.visit_static_member_expression(member);
            }
            Expression::ComputedMemberExpression(member) => {
                self.visit_computed_member_expression(member);
            }
            Expression::FunctionExpression(function) => {
                self.function(function, None);
            }
            Expression::ArrowFunctionExpression(arrow) => self.arrow(arrow),
            Expression::AwaitExpression(wait) => {
                self.expression(&wait.argument);
                self.operator("await");
            }
            Expression::YieldExpression(give) => {
                if let Some(argument) = &give.argument {
                    self.expression(argument);
                }
                self.operator("yield");
            }
            Expression::ThisExpression(_) => {}
            other => walk::walk_expression(self, other),
        }
    }

    /// What is done with a value that is there: `(t = a.b) == null || t.call(a)`
    /// is `a.b?.()`.
    fn there(&mut self, value: &Expression<'_>, with: &Expression<'_>) {
        match method_of(value, with) {
            Some(arguments) => {
                self.arguments(arguments);
                self.atom(Atom::Call, arguments.len());
            }
            None => self.expression(with),
        }
    }

    /// A chain; `done` where nobody takes its value.
    fn logical(&mut self, logical: &LogicalExpression<'_>, done: bool) {
        if logical.operator == LogicalOperator::Coalesce {
            self.expression(&logical.left);
            return self.otherwise(&logical.right);
        }
        let mut parts = parts_of(logical);
        let last = parts.pop().unwrap_or_default();
        let value = |this: &mut Self| match last.as_slice() {
            [.., before, one] => {
                for value in last.iter().take(last.len().saturating_sub(1)) {
                    this.expression(value);
                }
                this.there(before, one);
            }
            [one] => this.expression(one),
            [] => {}
        };
        if parts.is_empty() {
            return value(self);
        }
        let arm = self.apart(value);
        let asked = |this: &mut Self, want: bool| {
            for part in &parts {
                this.part(part, want);
            }
        };
        let and = logical.operator == LogicalOperator::And;
        self.arm_under(asked, and, arm, !and && !done);
    }

    /// What is taken where there is nothing.
    fn otherwise(&mut self, value: &Expression<'_>) {
        self.operator("??");
        let (arm, _) = self.apart(|this| this.expression(value));
        self.arm(&arm);
    }

    fn folded(&self, expression: &Expression<'_>) -> Option<Constant> {
        match expression {
            Expression::StringLiteral(_) => None,
            _ => fold(expression, self.scoping, &self.constants, FOLDED),
        }
    }

    fn binary(&mut self, binary: &BinaryExpression<'_>, whole: &Expression<'_>) {
        use BinaryOperator as Of;
        match binary.operator {
            Of::Addition => self.joined(whole),
            Of::Equality | Of::StrictEquality | Of::Inequality | Of::StrictInequality => {
                if is_not(binary.operator) {
                    return self.asked(whole, true);
                }
                self.compared(&binary.left, &binary.right, "==", "==");
            }
            // `typeof a > "u"` is a short way to ask for `undefined`.
            Of::GreaterThan | Of::LessThan
                if matches!(&binary.left, Expression::UnaryExpression(unary)
                    if unary.operator == UnaryOperator::Typeof)
                    && matches!(&binary.right, Expression::StringLiteral(text)
                        if text.value == "u") =>
            {
                self.expression(&binary.left);
                self.text("undefined");
                self.operator("==");
            }
            Of::GreaterThan => self.compared(&binary.left, &binary.right, ">", "<"),
            Of::LessThan => self.compared(&binary.left, &binary.right, "<", ">"),
            Of::GreaterEqualThan => self.compared(&binary.left, &binary.right, ">=", "<="),
            Of::LessEqualThan => self.compared(&binary.left, &binary.right, "<=", ">="),
            operator => {
                self.expression(&binary.left);
                self.expression(&binary.right);
                self.operator(operator.as_str());
            }
        }
    }

    /// A constant that something is compared with may stand on either side.
    fn compared(
        &mut self,
        left: &Expression<'_>,
        right: &Expression<'_>,
        operator: &str,
        turned: &str,
    ) {
        let constant = |this: &Self, side: &Expression<'_>| {
            matches!(side, Expression::StringLiteral(_)) || this.folded(side).is_some()
        };
        if constant(self, left) && !constant(self, right) {
            self.expression(right);
            self.expression(left);
            self.operator(turned);
        } else {
            self.expression(left);
            self.expression(right);
            self.operator(operator);
        }
    }

    /// A sum, or a text made of pieces.
    fn joined(&mut self, whole: &Expression<'_>) {
        let mut parts = Vec::new();
        let is_text = parted(whole, &mut parts)
            || parts.iter().any(|part| match part {
                Part::Text(_) => true,
                Part::Value(value) => matches!(self.folded(value), Some(Constant::Text(_))),
            });
        let mut constant = String::new();
        for (at, part) in parts.iter().enumerate() {
            let known = match part {
                Part::Text(text) => Some((*text).to_owned()),
                Part::Value(Expression::StringLiteral(text)) => Some(text.value.to_string()),
                Part::Value(value) if is_text => self.folded(value).and_then(|c| written(&c)),
                Part::Value(_) => None,
            };
            match (known, part) {
                (Some(text), _) => constant.push_str(&text),
                (None, Part::Value(value)) => {
                    self.text(&std::mem::take(&mut constant));
                    self.expression(value);
                }
                (None, Part::Text(_)) => {}
            }
            if !is_text && at > 0 {
                self.operator("+");
            }
        }
        self.text(&constant);
    }

    fn assignment(&mut self, assignment: &AssignmentExpression<'_>) {
        if let AssignmentTarget::StaticMemberExpression(member) = &assignment.left {
            self.name = member.property.name.to_string();
        } else if let AssignmentTarget::AssignmentTargetIdentifier(id) = &assignment.left {
            self.name = id.name.to_string();
            if is_function(&assignment.right)
                && let Some(symbol) = symbol_of(id, self.scoping)
            {
                let piece = u32::try_from(self.pieces.len()).unwrap_or(u32::MAX);
                self.made.insert(symbol, piece);
            }
        }
        let name = std::mem::take(&mut self.name);
        self.visit_assignment_target(&assignment.left);
        self.name = name;
        match assignment.operator.to_logical_operator() {
            Some(operator) => {
                if operator == LogicalOperator::Coalesce {
                    self.otherwise(&assignment.right);
                } else {
                    let arm = self.apart(|this| this.expression(&assignment.right));
                    let want = operator == LogicalOperator::And;
                    self.arm_under(|this, want| this.contrary(!want), want, arm, !want);
                }
            }
            None => self.expression(&assignment.right),
        }
        self.name.clear();
        if let Some(operator) = assignment.operator.to_binary_operator() {
            self.operator(operator.as_str());
        }
        if assignment.left.as_member_expression().is_some() {
            self.operator("=");
        }
    }

    fn arguments(&mut self, arguments: &[Argument<'_>]) {
        for argument in arguments {
            match argument {
                Argument::SpreadElement(spread) => {
                    self.expression(&spread.argument);
                    self.operator("...");
                }
                other => {
                    if let Some(expression) = other.as_expression() {
                        self.expression(expression);
                    }
                }
            }
        }
    }

    // Functions.

    fn function(&mut self, function: &Function<'_>, key: Option<&str>) {
        let Some(body) = &function.body else { return };
        if let Some(id) = &function.id {
            self.name = id.name.to_string();
            if let Some(symbol) = id.symbol_id.get() {
                let piece = u32::try_from(self.pieces.len()).unwrap_or(u32::MAX);
                self.made.insert(symbol, piece);
            }
        }
        if let Some(key) = key {
            key.clone_into(&mut self.name);
        }
        let at = self.begin(function.span);
        self.header(function.r#async, function.generator, &function.params);
        let given = match body.statements.as_slice() {
            [Statement::ReturnStatement(only)] => only.argument.as_ref(),
            _ => None,
        };
        self.handing_on(at, &function.params, given);
        self.statements(&body.statements);
        self.end();
    }

    /// Notes of a function whether it only gives back a variable.
    fn handing_on(
        &mut self,
        at: u32,
        params: &FormalParameters<'_>,
        given: Option<&Expression<'_>>,
    ) {
        let is_variable = matches!(given, Some(Expression::Identifier(_)));
        let takes_nothing = params.items.is_empty() && params.rest.is_none();
        if let Some(piece) = self.pieces.get_mut(at as usize) {
            piece.hands_on = is_variable && takes_nothing;
        }
    }

    fn arrow(&mut self, arrow: &ArrowFunctionExpression<'_>) {
        let at = self.begin(arrow.span);
        self.header(arrow.r#async, false, &arrow.params);
        let given = arrow.body.as_expression();
        self.handing_on(at, &arrow.params, given);
        match &arrow.body {
            ArrowFunctionBody::FunctionBody(body) => self.statements(&body.statements),
            other => {
                if let Some(expression) = other.as_expression() {
                    self.expression(expression);
                }
            }
        }
        self.end();
    }

    fn decorator(&mut self, decorator: &Decorator<'_>) {
        self.expression(&decorator.expression);
        self.operator("@");
    }

    fn header(&mut self, waits: bool, gives: bool, params: &FormalParameters<'_>) {
        // What others know it by, which no minifier changes.
        if let Some(name) = self.under.take() {
            self.atom(Atom::Name, name);
            if let Some(open) = self.open.last()
                && let Some(piece) = self.pieces.get_mut(open.piece as usize)
            {
                piece.under = open.atoms.last().copied();
            }
        }
        if waits {
            self.operator("async");
        }
        if gives {
            self.operator("generator");
        }
        self.visit_formal_parameters(params);
    }

    fn key(&mut self, key: &PropertyKey<'_>, computed: bool) -> Option<String> {
        let name = match key {
            PropertyKey::StaticIdentifier(id) => Some(id.name.to_string()),
            PropertyKey::PrivateIdentifier(_) => {
                self.operator("#");
                return None;
            }
            other => other
                .as_expression()
                .and_then(|expression| match expression {
                    Expression::StringLiteral(text) => Some(text.value.to_string()),
                    Expression::Identifier(_) if !computed => None,
                    other => self.folded(other).and_then(|constant| written(&constant)),
                }),
        };
        match (&name, key.as_expression()) {
            (Some(name), _) => self.atom(Atom::Name, name.as_str()),
            (None, Some(expression)) => self.expression(expression),
            (None, None) => {}
        }
        name
    }
}

impl<'a> Visit<'a> for Canon<'_> {
    fn visit_binding_identifier(&mut self, id: &BindingIdentifier<'a>) {
        if let (Some(open), Some(symbol)) = (self.open.last_mut(), id.symbol_id.get()) {
            open.uses.push((id.span.start, symbol));
        }
    }

    fn visit_expression(&mut self, expression: &Expression<'a>) {
        self.expression(expression);
    }

    fn visit_statement(&mut self, statement: &Statement<'a>) {
        self.statement(statement);
    }

    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        self.declarator(declarator);
    }

    fn visit_function(&mut self, function: &Function<'a>, _: ScopeFlags) {
        self.function(function, None);
    }

    fn visit_arrow_function_expression(&mut self, arrow: &ArrowFunctionExpression<'a>) {
        self.arrow(arrow);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        // The same, as a minifier wrote it: `(t = a.b)?.call(a)`.
        if let Expression::StaticMemberExpression(member) = &call.callee
            && member.optional
            && member.property.name == "call"
            && let Some((_, arguments)) = call.arguments.split_first()
        {
            self.expression(&member.object);
            self.arguments(arguments);
            return self.atom(Atom::Call, arguments.len());
        }
        self.expression(&call.callee);
        self.arguments(&call.arguments);
        self.atom(Atom::Call, call.arguments.len());
    }

    fn visit_static_member_expression(&mut self, member: &StaticMemberExpression<'a>) {
        self.expression(&member.object);
        let own = match &member.object {
            Expression::Identifier(id) => symbol_of(id, self.scoping)
                .is_some_and(|symbol| self.imported.get(&symbol) == Some(&Imported::Own)),
            _ => false,
        };
        let apart = match &member.object {
            Expression::Identifier(id) => {
                symbol_of(id, self.scoping).and_then(|symbol| self.objects.get(&symbol))
            }
            _ => None,
        };
        if let Some(members) = apart {
            if let Some(constant) = members.get(member.property.name.as_str()).cloned() {
                self.constant(&constant);
            } else if let Some(open) = self.open.last_mut() {
                // A field keeps its name, however short.
                open.elsewhere.push(hashed(member.property.name.as_str()));
            }
        } else if own {
            self.named_elsewhere(member.property.name.as_str());
        } else {
            self.atom(Atom::Name, member.property.name.as_str());
        }
    }

    fn visit_tagged_template_expression(&mut self, tagged: &TaggedTemplateExpression<'a>) {
        self.expression(&tagged.tag);
        for quasi in &tagged.quasi.quasis {
            self.text(quasi.value.raw.as_str());
        }
        for expression in &tagged.quasi.expressions {
            self.expression(expression);
        }
        self.operator("tag");
    }

    fn visit_import_expression(&mut self, import: &ImportExpression<'a>) {
        self.expression(&import.source);
        self.operator("import()");
    }

    fn visit_private_field_expression(&mut self, member: &PrivateFieldExpression<'a>) {
        self.expression(&member.object);
        // Minifiers give these other names too.
        self.operator("#");
    }

    fn visit_computed_member_expression(&mut self, member: &ComputedMemberExpression<'a>) {
        self.expression(&member.object);
        match &member.expression {
            Expression::StringLiteral(text) => self.atom(Atom::Name, text.value.as_str()),
            other => {
                self.expression(other);
                self.operator("[]");
            }
        }
    }

    fn visit_new_expression(&mut self, new: &NewExpression<'a>) {
        self.expression(&new.callee);
        self.arguments(&new.arguments);
        self.operator("new");
    }

    fn visit_object_property(&mut self, property: &ObjectProperty<'a>) {
        let name = self.key(&property.key, property.computed);
        match property.kind {
            PropertyKind::Init => {}
            PropertyKind::Get => self.operator("get"),
            PropertyKind::Set => self.operator("set"),
        }
        if is_function(&property.value) {
            self.under.clone_from(&name);
        }
        self.name = name.unwrap_or_default();
        self.expression(&property.value);
        self.name.clear();
    }

    fn visit_decorator(&mut self, decorator: &Decorator<'a>) {
        self.decorator(decorator);
    }

    fn visit_spread_element(&mut self, spread: &SpreadElement<'a>) {
        self.expression(&spread.argument);
        self.operator("...");
    }

    fn visit_binding_property(&mut self, property: &BindingProperty<'a>) {
        self.key(&property.key, property.computed);
        self.visit_binding_pattern(&property.value);
    }

    fn visit_assignment_target_property_identifier(
        &mut self,
        property: &AssignmentTargetPropertyIdentifier<'a>,
    ) {
        self.atom(Atom::Name, property.binding.name.as_str());
        if let Some(init) = &property.init {
            self.expression(init);
        }
    }

    fn visit_assignment_target_property_property(
        &mut self,
        property: &AssignmentTargetPropertyProperty<'a>,
    ) {
        self.key(&property.name, property.computed);
        self.visit_assignment_target_maybe_default(&property.binding);
    }

    // Only what is asked for stands there, never a variable of one's own.
    fn visit_identifier_reference(&mut self, id: &IdentifierReference<'a>) {
        if symbol_of(id, self.scoping).is_none() {
            self.atom(Atom::Global, id.name.as_str());
        }
    }

    fn visit_class(&mut self, class: &Class<'a>) {
        let name = std::mem::take(&mut self.name);
        walk::walk_class(self, class);
        self.operator("class");
        self.name = name;
    }

    fn visit_method_definition(&mut self, method: &MethodDefinition<'a>) {
        for decorator in &method.decorators {
            self.decorator(decorator);
        }
        let name = self.key(&method.key, method.computed);
        self.operator(match method.kind {
            MethodDefinitionKind::Get => "get",
            MethodDefinitionKind::Set => "set",
            MethodDefinitionKind::Method | MethodDefinitionKind::Constructor => "method",
        });
        self.under.clone_from(&name);
        self.function(&method.value, Some(name.as_deref().unwrap_or_default()));
    }

    fn visit_property_definition(&mut self, property: &PropertyDefinition<'a>) {
        for decorator in &property.decorators {
            self.decorator(decorator);
        }
        let name = self.key(&property.key, property.computed);
        if let Some(value) = &property.value {
            self.name = name.unwrap_or_default();
            self.expression(value);
            self.name.clear();
        }
    }

    fn visit_static_block(&mut self, block: &StaticBlock<'a>) {
        self.statements(&block.body);
    }

    fn visit_jsx_text(&mut self, text: &JSXText<'a>) {
        self.text(text.value.trim());
    }

    fn visit_string_literal(&mut self, text: &StringLiteral<'a>) {
        self.text(text.value.as_str());
    }

    fn visit_jsx_identifier(&mut self, id: &JSXIdentifier<'a>) {
        self.atom(Atom::Name, id.name.as_str());
    }

    // Types do nothing.
    fn visit_ts_type(&mut self, _: &TSType<'a>) {}
    fn visit_ts_type_annotation(&mut self, _: &TSTypeAnnotation<'a>) {}
    fn visit_ts_type_parameter_declaration(&mut self, _: &TSTypeParameterDeclaration<'a>) {}
    fn visit_ts_type_parameter_instantiation(&mut self, _: &TSTypeParameterInstantiation<'a>) {}
    fn visit_ts_interface_declaration(&mut self, _: &TSInterfaceDeclaration<'a>) {}
    fn visit_ts_type_alias_declaration(&mut self, _: &TSTypeAliasDeclaration<'a>) {}
}
