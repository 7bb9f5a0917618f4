//! Names and what binds them, by Python's rules of scope.
//!
//! A pass over the statements, before lowering: which names each module,
//! function and class binds, and by which statements. Lowering makes variables
//! of them; evaluation asks what a name is made of.

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{
    ExceptHandler, Expr, ModModule, Parameters, Pattern, Stmt, StmtClassDef, StmtFunctionDef,
};
use ruff_text_size::Ranged;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::ir::Sym;

/// A scope's index; 0 is the module.
pub(crate) type ScopeId = u32;

/// The deepest nesting of blocks that is looked into. Python itself allows
/// one hundred.
const DEEPEST: usize = 400;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Module,
    Function,
    Class,
}

/// How a statement binds or changes a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// `name = value`, the whole target.
    Assigned,
    Imported,
    Function,
    Class,
    /// Anything else that binds: a loop, `with`, unpacking, `+=`.
    Bound,
    /// The object changes: `name.append(x)`, `name[i] = x`.
    Changed,
    /// Another function writes it.
    Outside,
}

/// One place that binds or changes a name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) how: How,
    pub(crate) stmt: &'a Stmt,
    /// The outermost statement of the scope that it stands in.
    pub(crate) outer: &'a Stmt,
}

#[derive(Debug)]
pub(crate) struct Binding<'a> {
    pub(crate) sym: Sym,
    pub(crate) parameter: bool,
    pub(crate) sites: Vec<Site<'a>>,
}

#[derive(Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) kind: Kind,
    pub(crate) parent: ScopeId,
    pub(crate) names: FxHashMap<&'a str, Binding<'a>>,
    globals: FxHashSet<&'a str>,
    nonlocals: FxHashSet<&'a str>,
}

/// All scopes of a module.
#[derive(Debug)]
pub(crate) struct Scopes<'a> {
    pub(crate) scopes: Vec<Scope<'a>>,
    /// By the address of the definition.
    by_node: FxHashMap<usize, ScopeId>,
    pub(crate) symbols: Sym,
    /// The modules of `from x import *`.
    pub(crate) stars: Vec<&'a str>,
    /// Whether blocks nest deeper than was looked into.
    pub(crate) cut: bool,
    walrus: bool,
}

fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node).addr()
}

impl<'a> Scopes<'a> {
    pub(crate) fn new(module: &'a ModModule, text: &str) -> Self {
        let mut scopes = Self {
            scopes: Vec::new(),
            by_node: FxHashMap::default(),
            symbols: 0,
            stars: Vec::new(),
            cut: false,
            walrus: text.contains(":="),
        };
        let top = scopes.open(Kind::Module, 0);
        scopes.body(top, &module.body, None, 0);
        scopes
    }

    pub(crate) fn get(&self, id: ScopeId) -> Option<&Scope<'a>> {
        self.scopes.get(id as usize)
    }

    pub(crate) fn of_function(&self, function: &StmtFunctionDef) -> Option<ScopeId> {
        self.by_node.get(&address(function)).copied()
    }

    pub(crate) fn of_class(&self, class: &StmtClassDef) -> Option<ScopeId> {
        self.by_node.get(&address(class)).copied()
    }

    /// The scope in which code of `from` finds a name, if it is one of the
    /// module's own.
    pub(crate) fn find(&self, from: ScopeId, name: &str) -> Option<(ScopeId, &Binding<'a>)> {
        let mut at = from;
        let mut first = true;
        for _ in 0..DEEPEST {
            let scope = self.get(at)?;
            if scope.globals.contains(name) {
                return self.get(0)?.names.get(name).map(|binding| (0, binding));
            }
            // The names of a class are not seen by its methods.
            if (first || scope.kind != Kind::Class)
                && !scope.nonlocals.contains(name)
                && let Some(binding) = scope.names.get(name)
            {
                return Some((at, binding));
            }
            if at == 0 {
                return None;
            }
            first = false;
            at = scope.parent;
        }
        None
    }

    /// A variable for what no statement binds, as in a comprehension.
    pub(crate) fn fresh(&mut self) -> Sym {
        let sym = self.symbols;
        self.symbols = self.symbols.saturating_add(1);
        sym
    }

    fn open(&mut self, kind: Kind, parent: ScopeId) -> ScopeId {
        let id = u32::try_from(self.scopes.len()).unwrap_or(0);
        self.scopes.push(Scope {
            kind,
            parent,
            names: FxHashMap::default(),
            globals: FxHashSet::default(),
            nonlocals: FxHashSet::default(),
        });
        id
    }

    fn site(&mut self, scope: ScopeId, name: &'a str, site: Option<Site<'a>>) {
        let (mut at, mut site) = (scope, site);
        if let Some(one) = self.get(scope) {
            let outer = if one.globals.contains(name) {
                Some(0)
            } else if one.nonlocals.contains(name) {
                self.find(one.parent, name).map(|(id, _)| id)
            } else if matches!(
                site,
                Some(Site {
                    how: How::Changed,
                    ..
                })
            ) {
                // What a name's object goes through does not bind the name.
                match self.find(scope, name) {
                    Some((id, _)) => Some(id),
                    None => return,
                }
            } else {
                None
            };
            if let Some(outer) = outer.filter(|outer| *outer != scope) {
                at = outer;
                site = site.map(|site| Site {
                    how: How::Outside,
                    ..site
                });
            }
        }
        let next = self.symbols;
        let Some(one) = self.scopes.get_mut(at as usize) else {
            return;
        };
        let binding = one.names.entry(name).or_insert_with(|| {
            self.symbols = self.symbols.saturating_add(1);
            Binding {
                sym: next,
                parameter: false,
                sites: Vec::new(),
            }
        });
        match site {
            Some(site) => binding.sites.push(site),
            None => binding.parameter = true,
        }
    }

    fn parameters(&mut self, scope: ScopeId, parameters: &'a Parameters) {
        for parameter in parameters.iter() {
            self.site(scope, parameter.name().as_str(), None);
        }
    }

    fn body(&mut self, scope: ScopeId, body: &'a [Stmt], outer: Option<&'a Stmt>, depth: usize) {
        if depth > DEEPEST {
            self.cut = true;
            return;
        }
        for stmt in body {
            self.statement(scope, stmt, outer.unwrap_or(stmt), depth.saturating_add(1));
        }
    }

    fn target(&mut self, scope: ScopeId, target: &'a Expr, site: Site<'a>) {
        match target {
            Expr::Name(name) => self.site(scope, name.id.as_str(), Some(site)),
            Expr::Tuple(tuple) => {
                for one in &tuple.elts {
                    self.part(scope, one, site);
                }
            }
            Expr::List(list) => {
                for one in &list.elts {
                    self.part(scope, one, site);
                }
            }
            Expr::Starred(starred) => self.part(scope, &starred.value, site),
            Expr::Subscript(_) | Expr::Attribute(_) => self.changed(scope, target, site),
            _ => {}
        }
    }

    fn part(&mut self, scope: ScopeId, target: &'a Expr, site: Site<'a>) {
        let site = Site {
            how: How::Bound,
            ..site
        };
        self.target(scope, target, site);
    }

    /// The name at the root of what changes.
    fn changed(&mut self, scope: ScopeId, target: &'a Expr, site: Site<'a>) {
        let mut at = target;
        for _ in 0..16 {
            match at {
                Expr::Subscript(subscript) => at = &subscript.value,
                Expr::Attribute(attribute) => at = &attribute.value,
                Expr::Name(name) => {
                    let site = Site {
                        how: How::Changed,
                        ..site
                    };
                    self.site(scope, name.id.as_str(), Some(site));
                    return;
                }
                _ => return,
            }
        }
    }

    fn statement(&mut self, scope: ScopeId, stmt: &'a Stmt, outer: &'a Stmt, depth: usize) {
        let site = |how| Site { how, stmt, outer };
        match stmt {
            Stmt::FunctionDef(function) => {
                self.site(scope, function.name.as_str(), Some(site(How::Function)));
                let inner = self.open(Kind::Function, scope);
                self.by_node.insert(address(function), inner);
                self.parameters(inner, &function.parameters);
                self.body(inner, &function.body, None, depth);
            }
            Stmt::ClassDef(class) => {
                self.site(scope, class.name.as_str(), Some(site(How::Class)));
                let inner = self.open(Kind::Class, scope);
                self.by_node.insert(address(class), inner);
                self.body(inner, &class.body, None, depth);
            }
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.target(scope, target, site(How::Assigned));
                }
                self.walrus(scope, &assign.value, stmt, outer);
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.target(scope, &assign.target, site(How::Assigned));
                    self.walrus(scope, value, stmt, outer);
                }
            }
            Stmt::AugAssign(assign) => {
                self.target(scope, &assign.target, site(How::Bound));
                self.walrus(scope, &assign.value, stmt, outer);
            }
            Stmt::Assert(assert) => self.walrus(scope, &assert.test, stmt, outer),
            Stmt::Raise(raise) => {
                if let Some(value) = &raise.exc {
                    self.walrus(scope, value, stmt, outer);
                }
            }
            Stmt::TypeAlias(alias) => self.target(scope, &alias.name, site(How::Bound)),
            Stmt::For(each) => {
                self.target(scope, &each.target, site(How::Bound));
                self.walrus(scope, &each.iter, stmt, outer);
                self.body(scope, &each.body, Some(outer), depth);
                self.body(scope, &each.orelse, Some(outer), depth);
            }
            Stmt::While(each) => {
                self.walrus(scope, &each.test, stmt, outer);
                self.body(scope, &each.body, Some(outer), depth);
                self.body(scope, &each.orelse, Some(outer), depth);
            }
            Stmt::If(branch) => {
                self.walrus(scope, &branch.test, stmt, outer);
                self.body(scope, &branch.body, Some(outer), depth);
                for clause in &branch.elif_else_clauses {
                    if let Some(test) = &clause.test {
                        self.walrus(scope, test, stmt, outer);
                    }
                    self.body(scope, &clause.body, Some(outer), depth);
                }
            }
            Stmt::With(with) => {
                for item in &with.items {
                    self.walrus(scope, &item.context_expr, stmt, outer);
                    if let Some(target) = &item.optional_vars {
                        self.target(scope, target, site(How::Bound));
                    }
                }
                self.body(scope, &with.body, Some(outer), depth);
            }
            Stmt::Match(switch) => {
                self.walrus(scope, &switch.subject, stmt, outer);
                for case in &switch.cases {
                    self.pattern(scope, &case.pattern, site(How::Bound), 0);
                    self.body(scope, &case.body, Some(outer), depth);
                }
            }
            Stmt::Try(attempt) => {
                self.body(scope, &attempt.body, Some(outer), depth);
                for handler in &attempt.handlers {
                    let ExceptHandler::ExceptHandler(handler) = handler;
                    if let Some(name) = &handler.name {
                        self.site(scope, name.as_str(), Some(site(How::Bound)));
                    }
                    self.body(scope, &handler.body, Some(outer), depth);
                }
                self.body(scope, &attempt.orelse, Some(outer), depth);
                self.body(scope, &attempt.finalbody, Some(outer), depth);
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let bound = match &alias.asname {
                        Some(name) => name.as_str(),
                        None => {
                            let name = alias.name.as_str();
                            name.split_once('.').map_or(name, |(first, _)| first)
                        }
                    };
                    self.site(scope, bound, Some(site(How::Imported)));
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    if alias.name.as_str() == "*" {
                        if let (Some(module), 0) = (&import.module, import.level) {
                            self.stars.push(module.as_str());
                        }
                        continue;
                    }
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.site(scope, bound.as_str(), Some(site(How::Imported)));
                }
            }
            Stmt::Global(global) => {
                if let Some(one) = self.scopes.get_mut(scope as usize) {
                    one.globals
                        .extend(global.names.iter().map(|name| name.as_str()));
                }
            }
            Stmt::Nonlocal(nonlocal) => {
                if let Some(one) = self.scopes.get_mut(scope as usize) {
                    one.nonlocals
                        .extend(nonlocal.names.iter().map(|name| name.as_str()));
                }
            }
            Stmt::Expr(expression) => {
                if let Expr::Call(call) = &*expression.value
                    && let Expr::Attribute(attribute) = &*call.func
                {
                    self.changed(scope, &attribute.value, site(How::Changed));
                }
                self.walrus(scope, &expression.value, stmt, outer);
            }
            Stmt::Return(give) => {
                if let Some(value) = &give.value {
                    self.walrus(scope, value, stmt, outer);
                }
            }
            _ => {}
        }
    }

    fn pattern(&mut self, scope: ScopeId, pattern: &'a Pattern, site: Site<'a>, depth: usize) {
        if depth > DEEPEST {
            self.cut = true;
            return;
        }
        let depth = depth.saturating_add(1);
        match pattern {
            Pattern::MatchAs(one) => {
                if let Some(name) = &one.name {
                    self.site(scope, name.as_str(), Some(site));
                }
                if let Some(inner) = &one.pattern {
                    self.pattern(scope, inner, site, depth);
                }
            }
            Pattern::MatchStar(star) => {
                if let Some(name) = &star.name {
                    self.site(scope, name.as_str(), Some(site));
                }
            }
            Pattern::MatchSequence(list) => {
                for one in &list.patterns {
                    self.pattern(scope, one, site, depth);
                }
            }
            Pattern::MatchOr(list) => {
                for one in &list.patterns {
                    self.pattern(scope, one, site, depth);
                }
            }
            Pattern::MatchMapping(map) => {
                for one in &map.patterns {
                    self.pattern(scope, one, site, depth);
                }
                if let Some(rest) = &map.rest {
                    self.site(scope, rest.as_str(), Some(site));
                }
            }
            Pattern::MatchClass(class) => {
                for one in &class.arguments.patterns {
                    self.pattern(scope, one, site, depth);
                }
                for one in &class.arguments.keywords {
                    self.pattern(scope, &one.pattern, site, depth);
                }
            }
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
        }
    }

    /// Names that expressions bind: `(name := value)`.
    fn walrus(&mut self, scope: ScopeId, expr: &'a Expr, stmt: &'a Stmt, outer: &'a Stmt) {
        // Nearly no file has any, and to look costs a walk over all of it.
        if !self.walrus {
            return;
        }
        let mut found = Walrus {
            names: Vec::new(),
            depth: 0,
        };
        found.visit_expr(expr);
        for name in found.names {
            let site = Site {
                how: How::Bound,
                stmt,
                outer,
            };
            self.site(scope, name, Some(site));
        }
    }
}

struct Walrus<'a> {
    names: Vec<&'a str>,
    depth: usize,
}

impl<'a> Visitor<'a> for Walrus<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Named(named) = expr
            && let Expr::Name(name) = &*named.target
        {
            self.names.push(name.id.as_str());
        }
        if self.depth < DEEPEST && !matches!(expr, Expr::Lambda(_)) {
            self.depth = self.depth.saturating_add(1);
            walk_expr(self, expr);
            self.depth = self.depth.saturating_sub(1);
        }
    }
}

/// The range of a node as the graph keeps it.
pub(crate) fn span(node: &impl Ranged) -> (u32, u32) {
    (node.start().to_u32(), node.end().to_u32())
}

/// The full name of what an import binds; none where anything else binds the
/// name as well. The first of several imports is it.
pub(crate) fn imported(binding: &Binding<'_>, name: &str) -> Option<String> {
    if binding.parameter {
        return None;
    }
    let mut found = None;
    for site in binding.sites.iter().filter(|s| s.how != How::Changed) {
        let full = match site.stmt {
            Stmt::Import(import) => import.names.iter().find_map(|alias| match &alias.asname {
                Some(bound) => (bound.as_str() == name).then(|| alias.name.as_str().to_owned()),
                None => {
                    let full = alias.name.as_str();
                    let first = full.split_once('.').map_or(full, |(first, _)| first);
                    (first == name).then(|| first.to_owned())
                }
            }),
            Stmt::ImportFrom(import) => import.names.iter().find_map(|alias| {
                let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                let module = import.module.as_ref().map_or("", |module| module.as_str());
                let dot = if import.level > 0 { "." } else { "" };
                (bound.as_str() == name).then(|| format!("{dot}{module}.{}", alias.name))
            }),
            // `except ImportError: name = None`.
            _ if found.is_some() => None,
            _ => return None,
        };
        found = found.or(full);
    }
    found
}
