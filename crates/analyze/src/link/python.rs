//! One Python file of a package: what it imports, and how its text changes
//! where it is joined with others.

use ruff_python_ast::PySourceType;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Alias, ExceptHandler, Expr, ExprContext, ExprName, Identifier, Stmt};
use ruff_python_parser::parse_unchecked_source;
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::{FxHashMap, FxHashSet};

use super::module::{Base, Edit, Export, Member, Module, New};
use crate::py::scope::{How, Kind, ScopeId, Scopes};

/// The name that a name of one file has in the joined text: what it adds is a
/// letter, which nobody writes in a name.
fn renamed(name: &str, file: usize) -> String {
    format!("{name}{}{file}", super::PYTHON)
}

/// Reads a file; `None` where it cannot be parsed.
pub(super) fn read(
    text: &str,
    file: usize,
    resolve: &dyn Fn(&str) -> Option<usize>,
) -> Option<Module> {
    let parsed = parse_unchecked_source(text, PySourceType::Python);
    if !parsed.errors().is_empty() {
        return None;
    }
    let scopes = Scopes::new(parsed.syntax(), text);
    if scopes.cut {
        return None;
    }
    let mut reader = Reader {
        file,
        scopes: &scopes,
        resolve,
        scope: 0,
        imports: true,
        bases: FxHashMap::default(),
        dotted: FxHashMap::default(),
        kept: FxHashSet::default(),
        lambdas: Vec::new(),
        out: Module {
            esm: true,
            ..Module::default()
        },
    };
    reader.visit_body(&parsed.syntax().body);
    reader.imports = false;
    reader.visit_body(&parsed.syntax().body);
    reader.exports();
    Some(reader.out)
}

struct Reader<'t, 's> {
    file: usize,
    scopes: &'s Scopes<'t>,
    resolve: &'s dyn Fn(&str) -> Option<usize>,
    scope: ScopeId,
    /// Whether only imports are looked at, which is done first.
    imports: bool,
    /// Names that stand for what another file gives.
    bases: FxHashMap<(ScopeId, String), Base>,
    /// Modules by the whole path that they are imported and used by.
    dotted: FxHashMap<String, usize>,
    /// Names of the module that stay as they are.
    kept: FxHashSet<String>,
    /// The parameters of the functions without a name around an expression.
    lambdas: Vec<Vec<String>>,
    out: Module,
}

/// The name at the root of `a.b.c`, and its members with their ends.
fn chain(expression: &Expr) -> Option<(&ExprName, Vec<Member>)> {
    let mut members = Vec::new();
    let mut at = expression;
    loop {
        match at {
            Expr::Attribute(attribute) => {
                members.push(Member {
                    name: attribute.attr.to_string(),
                    end: attribute.range().end().to_u32(),
                });
                at = &attribute.value;
            }
            Expr::Name(name) => {
                members.reverse();
                return Some((name, members));
            }
            _ => return None,
        }
    }
}

impl Reader<'_, '_> {
    fn edit(&mut self, range: TextRange, new: New) {
        self.out.edits.push(Edit {
            start: range.start().to_u32(),
            end: range.end().to_u32(),
            new,
        });
    }

    fn target(&mut self, name: &str) -> Option<usize> {
        let target = (self.resolve)(name).filter(|target| *target != self.file)?;
        if !self.out.imports.contains(&target) {
            self.out.imports.push(target);
        }
        Some(target)
    }

    /// The scope that a name is bound in, as code here sees it.
    fn bound(&self, name: &str) -> Option<ScopeId> {
        if self.lambdas.iter().flatten().any(|known| known == name) {
            return None;
        }
        self.scopes.find(self.scope, name).map(|(scope, _)| scope)
    }

    /// What the body of a class reads before it binds the name itself is
    /// what stands around the class.
    fn read_before(&self, name: &ExprName, bound: ScopeId) -> bool {
        bound == self.scope
            && name.ctx == ExprContext::Load
            && self.scopes.get(bound).is_some_and(|scope| {
                scope.kind == Kind::Class
                    && scope.names.get(name.id.as_str()).is_some_and(|binding| {
                        let first = binding.sites.iter().map(|site| site.stmt.range().end());
                        first.min().is_some_and(|end| name.range().end() <= end)
                    })
            })
    }

    /// The name that a name of the module has in the joined text.
    fn own(&self, name: &str) -> String {
        if self.kept.contains(name) {
            name.to_owned()
        } else {
            renamed(name, self.file)
        }
    }

    // ---- imports ----

    /// Takes a name for what another file gives, if nothing else binds it.
    fn base(&mut self, name: &str, base: Base) {
        if let Some((scope, binding)) = self.scopes.find(self.scope, name)
            && !binding.parameter
            && binding.sites.len() == 1
            && binding.sites.iter().all(|site| site.how == How::Imported)
        {
            self.bases.insert((scope, name.to_owned()), base);
        }
    }

    fn import(&mut self, alias: &Alias) {
        let path = alias.name.as_str();
        let target = self.target(path);
        match (&alias.asname, target) {
            (Some(name), Some(target)) => self.base(name.as_str(), Base::Module(target)),
            (None, Some(target)) if !path.contains('.') => self.base(path, Base::Module(target)),
            (None, Some(target)) => {
                self.dotted.insert(path.to_owned(), target);
            }
            (_, None) => {}
        }
        if alias.asname.is_none()
            && let Some((first, _)) = path.split_once('.')
        {
            self.kept.insert(first.to_owned());
        }
    }

    fn import_from(&mut self, module: &str, alias: &Alias) {
        let imported = alias.name.as_str();
        let package = self.target(module);
        if imported == "*" {
            self.out.stars.extend(package);
            return;
        }
        let local = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
        let dot = if module.ends_with('.') { "" } else { "." };
        let base = match self.target(&format!("{module}{dot}{imported}")) {
            Some(target) => Base::Module(target),
            None => match package {
                Some(package) => Base::Of(package, imported.to_owned()),
                None => return,
            },
        };
        self.base(local, base);
    }

    /// What an import binds gets the name that it has in the joined text.
    fn alias(&mut self, alias: &Alias) {
        let local = alias.asname.as_ref().unwrap_or(&alias.name);
        let name = local.as_str();
        if name == "*" || name.contains('.') || self.bound(name) != Some(0) {
            return;
        }
        if self.kept.contains(name) {
            return;
        }
        let own = self.own(name);
        let new = match alias.asname {
            Some(_) => own,
            None => format!("{name} as {own}"),
        };
        self.edit(local.range(), New::Text(new));
    }

    // ---- names ----

    fn identifier(&mut self, name: &Identifier) {
        if self.bound(name.as_str()) == Some(0) {
            let own = self.own(name.as_str());
            self.edit(name.range(), New::Text(own));
        }
    }

    /// A name with what is read of it, from the name on.
    fn name(&mut self, name: &ExprName, members: Vec<Member>) {
        let text = name.id.as_str();
        if self.lambdas.iter().flatten().any(|known| known == text) {
            return;
        }
        let bound = match self.bound(text) {
            Some(scope) if self.read_before(name, scope) => self
                .scopes
                .get(scope)
                .and_then(|class| self.scopes.find(class.parent, text))
                .map(|(scope, _)| scope),
            bound => bound,
        };
        let otherwise = match bound {
            Some(0) => self.own(text),
            _ => text.to_owned(),
        };
        let base = match bound {
            Some(scope) => self.bases.get(&(scope, text.to_owned())).cloned(),
            // What `from x import *` may bind.
            None if !self.out.stars.is_empty() => Some(Base::Of(self.file, text.to_owned())),
            None => None,
        };
        let (base, members) = match base {
            Some(base) => (Some(base), members),
            None => self.path(text, members),
        };
        match base {
            Some(base) if name.ctx == ExprContext::Load => self.edit(
                name.range(),
                New::Known {
                    base,
                    members,
                    otherwise,
                },
            ),
            _ if otherwise != text => self.edit(name.range(), New::Text(otherwise)),
            _ => {}
        }
    }

    /// A module that is named by its whole path, and what is read of it.
    fn path(&self, name: &str, mut members: Vec<Member>) -> (Option<Base>, Vec<Member>) {
        let mut path = name.to_owned();
        let mut found = None;
        for (index, member) in members.iter().enumerate() {
            if self.dotted.is_empty() {
                break;
            }
            path.push('.');
            path.push_str(&member.name);
            if let Some(target) = self.dotted.get(&path) {
                found = Some((*target, index.saturating_add(1)));
            }
        }
        match found {
            Some((target, read)) => {
                let rest = members.split_off(read.min(members.len()));
                (Some(Base::Module(target)), rest)
            }
            None => (None, members),
        }
    }

    fn exports(&mut self) {
        let Some(module) = self.scopes.get(0) else {
            return;
        };
        for name in module.names.keys() {
            let export = match self.bases.get(&(0, (*name).to_owned())) {
                Some(base) => Export::From(base.clone()),
                None => Export::Name(self.own(name)),
            };
            self.out.exports.insert((*name).to_owned(), export);
        }
    }

    fn within(&mut self, scope: Option<ScopeId>, body: &[Stmt]) {
        let outer = self.scope;
        self.scope = scope.unwrap_or(outer);
        self.visit_body(body);
        self.scope = outer;
    }
}

impl<'v> Visitor<'v> for Reader<'_, '_> {
    fn visit_stmt(&mut self, stmt: &'v Stmt) {
        match stmt {
            Stmt::Import(import) => {
                for alias in &import.names {
                    if self.imports {
                        self.import(alias);
                    } else {
                        self.alias(alias);
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", Identifier::as_str);
                if module == "__future__" {
                    // It stands first or not at all.
                    if !self.imports {
                        self.edit(import.range(), New::Text("pass".to_owned()));
                    }
                    return;
                }
                let level = usize::try_from(import.level).unwrap_or(0).min(64);
                let module = format!("{}{module}", ".".repeat(level));
                for alias in &import.names {
                    if self.imports {
                        self.import_from(&module, alias);
                    } else {
                        self.alias(alias);
                    }
                }
            }
            Stmt::FunctionDef(function) => {
                if !self.imports {
                    self.identifier(&function.name);
                    for decorator in &function.decorator_list {
                        self.visit_decorator(decorator);
                    }
                    self.visit_parameters(&function.parameters);
                    if let Some(returns) = &function.returns {
                        self.visit_annotation(returns);
                    }
                }
                self.within(self.scopes.of_function(function), &function.body);
            }
            Stmt::ClassDef(class) => {
                if !self.imports {
                    self.identifier(&class.name);
                    for decorator in &class.decorator_list {
                        self.visit_decorator(decorator);
                    }
                    if let Some(arguments) = &class.arguments {
                        self.visit_arguments(arguments);
                    }
                }
                self.within(self.scopes.of_class(class), &class.body);
            }
            Stmt::Global(global) if !self.imports => {
                for name in &global.names {
                    self.identifier(name);
                }
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_except_handler(&mut self, handler: &'v ExceptHandler) {
        let ExceptHandler::ExceptHandler(one) = handler;
        if let (Some(name), false) = (&one.name, self.imports) {
            self.identifier(name);
        }
        ruff_python_ast::visitor::walk_except_handler(self, handler);
    }

    fn visit_expr(&mut self, expression: &'v Expr) {
        if self.imports {
            return;
        }
        if let Some((name, members)) = chain(expression) {
            self.name(name, members);
            return;
        }
        if let Expr::Lambda(lambda) = expression {
            let names = lambda.parameters.iter().flat_map(|parameters| {
                parameters
                    .iter()
                    .map(|parameter| parameter.name().to_string())
            });
            self.lambdas.push(names.collect());
            walk_expr(self, expression);
            self.lambdas.pop();
            return;
        }
        walk_expr(self, expression);
    }
}
