//! From Python statements to the graph of values.

use oxc_allocator::Allocator;
use ruff_python_ast::{
    ExceptHandler, Expr, ModModule, Parameters, Pattern, Singleton, Stmt, StmtClassDef,
    StmtFunctionDef, StmtIf, StmtMatch,
};
use rustc_hash::FxHashMap;

use super::eval::Evaluator;
use super::scope::{How, ScopeId, Scopes, span};
use crate::ir::{
    ANY, Bin, Ctrl, Func, FuncId, Ir, Key, List, NONE, Name, Op, Prop, Sym, Target, Try, V,
};

/// The deepest nesting of statements and expressions that is lowered; what is
/// inside of it is opaque.
const DEEPEST: u32 = 1_000;

/// How many further arguments a partial call takes.
const GIVEN: u32 = 3;

/// Lowers a module.
pub(super) fn lower<'a>(module: &'a ModModule, text: &'a str, arena: &'a Allocator) -> Lowered<'a> {
    let scopes = Scopes::new(module, text);
    let mut lowering = Lowering {
        ir: Ir::new(text),
        arena,
        func: 0,
        ctrl: NONE,
        home: 0,
        homes: 0,
        scope: 0,
        inner: Vec::new(),
        this: Vec::new(),
        depth: 0,
        deep: scopes.cut,
        scopes,
        evaluator: Evaluator::new(),
        known: false,
        writes: FxHashMap::default(),
        keywords: Vec::new(),
        breaks: Vec::new(),
        further: FxHashMap::default(),
        parameters: FxHashMap::default(),
        constructors: FxHashMap::default(),
    };
    lowering.ir.python = true;
    // Passes look these up by name.
    lowering.name("environ");
    let module_value = lowering.value(Op::Opaque, span(module));
    lowering.ir.funcs.push(Func {
        value: module_value,
        params: Vec::new(),
        returns: Vec::new(),
        key: None,
        home: 0,
    });
    lowering.statements(&module.body);
    let not_evaluated = lowering.evaluator.cut;
    let (ir, deep) = lowering.finish();
    Lowered {
        ir,
        deep,
        not_evaluated,
    }
}

/// A module in the graph, and what was left out of it.
pub(super) struct Lowered<'a> {
    pub(super) ir: Ir<'a>,
    /// Something nests too deep.
    pub(super) deep: bool,
    /// A limit ended evaluations.
    pub(super) not_evaluated: bool,
}

/// What writes a variable, as far as it is one thing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Write {
    pub(super) count: u32,
    pub(super) value: V,
}

/// A call with arguments by name.
#[derive(Debug)]
pub(super) struct Keywords {
    pub(super) call: V,
    /// The object that stands for them.
    pub(super) object: V,
    pub(super) values: Vec<(Name, V)>,
}

pub(super) struct Lowering<'a> {
    pub(super) ir: Ir<'a>,
    pub(super) arena: &'a Allocator,
    pub(super) scopes: Scopes<'a>,
    pub(super) scope: ScopeId,
    /// Names of comprehensions and lambdas around, innermost last.
    pub(super) inner: Vec<FxHashMap<&'a str, Sym>>,
    /// The variables that are the object of a method, innermost last.
    pub(super) this: Vec<Sym>,
    pub(super) func: FuncId,
    pub(super) ctrl: u32,
    /// The class whose `self` code has, and how many there were.
    pub(super) home: u32,
    homes: u32,
    pub(super) depth: u32,
    pub(super) deep: bool,
    pub(super) evaluator: Evaluator<'a>,
    /// Whether what is being lowered is part of a value that is known.
    pub(super) known: bool,
    pub(super) writes: FxHashMap<Sym, Write>,
    pub(super) keywords: Vec<Keywords>,
    /// Under which test each loop around is left by `break`, innermost last.
    breaks: Vec<u32>,
    /// The parameter that takes further arguments by name, by function.
    further: FxHashMap<FuncId, usize>,
    /// Names of parameters, by function.
    parameters: FxHashMap<FuncId, Vec<Name>>,
    /// The `__init__` of a class, by the class's value.
    constructors: FxHashMap<V, FuncId>,
}

impl<'a> Lowering<'a> {
    pub(super) fn value(&mut self, op: Op, span: (u32, u32)) -> V {
        self.ir.push(op, span, self.func, self.ctrl)
    }

    pub(super) fn name(&mut self, text: &'a str) -> Name {
        self.ir.names.intern(text)
    }

    /// Interns a text that stands nowhere in the source.
    pub(super) fn made(&mut self, text: &str) -> Name {
        match self.ir.names.find(text) {
            Some(name) => name,
            None => self.ir.names.intern(self.arena.alloc_str(text)),
        }
    }

    pub(super) fn list(&mut self, values: &[V]) -> List {
        let start = u32::try_from(self.ir.lists.len()).unwrap_or(NONE);
        self.ir.lists.extend_from_slice(values);
        List {
            start,
            len: u32::try_from(values.len()).unwrap_or(0),
        }
    }

    pub(super) fn props(&mut self, props: &[Prop]) -> List {
        let start = u32::try_from(self.ir.props.len()).unwrap_or(NONE);
        self.ir.props.extend_from_slice(props);
        List {
            start,
            len: u32::try_from(props.len()).unwrap_or(0),
        }
    }

    fn targets(&mut self, targets: &[Target]) -> List {
        let start = u32::try_from(self.ir.targets.len()).unwrap_or(NONE);
        self.ir.targets.extend_from_slice(targets);
        List {
            start,
            len: u32::try_from(targets.len()).unwrap_or(0),
        }
    }

    fn path(&mut self, path: &[Name]) -> List {
        let start = u32::try_from(self.ir.paths.len()).unwrap_or(NONE);
        self.ir.paths.extend_from_slice(path);
        List {
            start,
            len: u32::try_from(path.len()).unwrap_or(0),
        }
    }

    /// Goes one level deeper, or says that it is deep enough.
    pub(super) fn deeper(&mut self) -> bool {
        if self.depth >= DEEPEST {
            self.deep = true;
            return false;
        }
        self.depth += 1;
        true
    }

    // ---- names ----

    /// The variable that a name stands for here.
    pub(super) fn symbol(&self, name: &str) -> Option<Sym> {
        if let Some(sym) = self.inner.iter().rev().find_map(|names| names.get(name)) {
            return Some(*sym);
        }
        self.scopes
            .find(self.scope, name)
            .map(|(_, binding)| binding.sym)
    }

    // ---- targets ----

    pub(super) fn target(&mut self, target: &'a Expr, path: &mut Vec<Name>, out: &mut Vec<Target>) {
        match target {
            Expr::Name(name) => {
                if let Some(sym) = self.symbol(name.id.as_str()) {
                    let path = self.path(path);
                    out.push(Target::Var { sym, path });
                }
            }
            Expr::Tuple(tuple) => self.parts(&tuple.elts, path, out),
            Expr::List(list) => self.parts(&list.elts, path, out),
            Expr::Starred(starred) => self.target(&starred.value, path, out),
            Expr::Attribute(attribute) => {
                let object = self.expression(&attribute.value);
                let name = self.name(attribute.attr.as_str());
                out.push(Target::Member { object, name });
            }
            Expr::Subscript(subscript) => {
                let object = self.expression(&subscript.value);
                let key = self.expression(&subscript.slice);
                out.push(match self.ir.op(key) {
                    Op::Str(name) => Target::Member { object, name },
                    _ => Target::Index { object, key },
                });
            }
            _ => {}
        }
    }

    fn parts(&mut self, parts: &'a [Expr], path: &mut Vec<Name>, out: &mut Vec<Target>) {
        for part in parts {
            // The rest of a list is a list of its own, with the same elements.
            let starred = matches!(part, Expr::Starred(_));
            if !starred {
                path.push(ANY);
            }
            self.target(part, path, out);
            if !starred {
                path.pop();
            }
        }
    }

    pub(super) fn assign(&mut self, value: V, targets: &[Target], compound: bool, at: (u32, u32)) {
        for target in targets {
            match *target {
                Target::Var { sym, path } => {
                    let whole = path.len == 0 && !compound;
                    self.written(sym, if whole { value } else { NONE });
                }
                Target::Member { object, name } => {
                    if matches!(self.ir.op(object), Op::This) {
                        let key = (self.home, name);
                        self.ir.field_writes.entry(key).or_default().push(value);
                    }
                }
                Target::Index { .. } => {}
            }
        }
        let targets = self.targets(targets);
        self.value(
            Op::Assign {
                value,
                targets,
                compound,
            },
            at,
        );
    }

    pub(super) fn written(&mut self, sym: Sym, value: V) {
        let write = self.writes.entry(sym).or_insert(Write { count: 0, value });
        write.count += 1;
        write.value = value;
    }

    pub(super) fn bind(&mut self, name: &str, value: V, at: (u32, u32)) {
        if let Some(sym) = self.symbol(name) {
            self.assign_var(sym, &[], value, at);
        }
    }

    pub(super) fn assign_var(&mut self, sym: Sym, path: &[Name], value: V, at: (u32, u32)) {
        let path = self.path(path);
        self.assign(value, &[Target::Var { sym, path }], false, at);
    }

    // ---- functions and classes ----

    pub(super) fn function(
        &mut self,
        parameters: Option<&'a Parameters>,
        method: bool,
        at: (u32, u32),
        body: impl FnOnce(&mut Self),
    ) -> V {
        // Defaults are made where the function is.
        let mut defaults = Vec::new();
        for parameter in parameters
            .into_iter()
            .flat_map(|p| p.iter_non_variadic_params())
        {
            if let Some(default) = &parameter.default {
                let value = self.expression(default);
                defaults.push((parameter.name().as_str(), value));
            }
        }
        let id = u32::try_from(self.ir.funcs.len()).unwrap_or(NONE);
        let value = self.value(Op::Func(id), at);
        self.ir.funcs.push(Func {
            value,
            params: Vec::new(),
            returns: Vec::new(),
            key: None,
            home: self.home,
        });
        let outer = (self.func, self.ctrl);
        (self.func, self.ctrl) = (id, NONE);
        let mut values = Vec::new();
        let mut names = Vec::new();
        let mut this = false;
        if let Some(parameters) = parameters {
            let positional = parameters.posonlyargs.iter().chain(&parameters.args);
            for (index, parameter) in positional.enumerate() {
                let name = parameter.name().as_str();
                if index == 0 && method {
                    if let Some(sym) = self.symbol(name) {
                        self.this.push(sym);
                        this = true;
                    }
                    continue;
                }
                values.push(self.parameter(id, values.len(), name, span(parameter)));
                names.push(self.name(name));
            }
            let rest = parameters.vararg.as_deref();
            let named = parameters.kwonlyargs.iter().map(|one| &one.parameter);
            for parameter in rest
                .into_iter()
                .chain(named)
                .chain(parameters.kwarg.as_deref())
            {
                let name = parameter.name.as_str();
                values.push(self.parameter(id, values.len(), name, span(parameter)));
                names.push(self.name(name));
            }
            if parameters.kwarg.is_some() {
                self.further.insert(id, values.len().saturating_sub(1));
            }
        }
        for (name, default) in defaults {
            // One more value that may be there.
            if let Some(sym) = self.symbol(name) {
                self.assign_var(sym, &[], default, self.ir.span(default));
            }
        }
        if let Some(func) = self.ir.funcs.get_mut(id as usize) {
            func.params = values;
        }
        self.parameters.insert(id, names);
        body(self);
        if this {
            self.this.pop();
        }
        (self.func, self.ctrl) = outer;
        value
    }

    /// A function that stands nowhere in the source: `body` gives its value,
    /// given what it is called with.
    pub(super) fn thunk(&mut self, at: (u32, u32), body: impl FnOnce(&mut Self, Vec<V>) -> V) -> V {
        let id = u32::try_from(self.ir.funcs.len()).unwrap_or(NONE);
        let value = self.value(Op::Func(id), at);
        self.ir.funcs.push(Func {
            value,
            params: Vec::new(),
            returns: Vec::new(),
            key: None,
            home: self.home,
        });
        let outer = (self.func, self.ctrl);
        (self.func, self.ctrl) = (id, NONE);
        let mut params = Vec::new();
        let mut given = Vec::new();
        for index in 0..GIVEN {
            let sym = self.scopes.fresh();
            self.written(sym, NONE);
            let path = List::default();
            let targets = self.targets(&[Target::Var { sym, path }]);
            params.push(self.value(
                Op::Param {
                    func: id,
                    index,
                    targets,
                },
                at,
            ));
            given.push(sym);
        }
        if let Some(func) = self.ir.funcs.get_mut(id as usize) {
            func.params = params;
        }
        let given = given
            .into_iter()
            .map(|sym| self.value(Op::Var(sym), at))
            .collect();
        let result = body(self, given);
        self.give_back(result, at);
        (self.func, self.ctrl) = outer;
        value
    }

    fn parameter(&mut self, func: FuncId, index: usize, name: &str, at: (u32, u32)) -> V {
        let mut targets = Vec::new();
        if let Some(sym) = self.symbol(name) {
            self.written(sym, NONE);
            targets.push(Target::Var {
                sym,
                path: List::default(),
            });
        }
        let targets = self.targets(&targets);
        let index = u32::try_from(index).unwrap_or(NONE);
        self.value(
            Op::Param {
                func,
                index,
                targets,
            },
            at,
        )
    }

    pub(super) fn give_back(&mut self, value: V, at: (u32, u32)) {
        let func = self.func;
        if let Some(func) = self.ir.funcs.get_mut(func as usize) {
            func.returns.push(value);
        }
        self.value(Op::Return { func, value }, at);
    }

    /// A definition; its value is that of its name, whatever decorators do
    /// with it.
    fn definition(&mut self, function: &'a StmtFunctionDef, in_class: bool) -> (V, bool) {
        let mut method = in_class;
        let mut property = false;
        for decorator in &function.decorator_list {
            self.expression(&decorator.expression);
            let name = match &decorator.expression {
                Expr::Name(name) => name.id.as_str(),
                Expr::Attribute(attribute) => attribute.attr.as_str(),
                _ => "",
            };
            method &= name != "staticmethod";
            property |= matches!(name, "property" | "cached_property");
        }
        let at = span(function);
        let scope = self.scopes.of_function(function).unwrap_or(self.scope);
        let outer = std::mem::replace(&mut self.scope, scope);
        // Defaults belong outside, but names are seldom the same in both.
        let inner = std::mem::take(&mut self.inner);
        let value = self.function(Some(&function.parameters), method, at, |this| {
            this.statements(&function.body);
        });
        self.inner = inner;
        self.scope = outer;
        (value, property)
    }

    fn class(&mut self, class: &'a StmtClassDef) {
        for decorator in &class.decorator_list {
            self.expression(&decorator.expression);
        }
        for base in class.arguments.iter().flat_map(|a| a.args.iter()) {
            self.expression(base);
        }
        let at = span(class);
        let outer = (self.home, self.func, self.ctrl, self.scope);
        self.homes += 1;
        self.home = self.homes;
        // The body runs as a function of its own, whose object is the class.
        let id = u32::try_from(self.ir.funcs.len()).unwrap_or(NONE);
        let body = self.value(Op::Opaque, at);
        self.ir.funcs.push(Func {
            value: body,
            params: Vec::new(),
            returns: Vec::new(),
            key: None,
            home: self.home,
        });
        self.func = id;
        self.scope = self.scopes.of_class(class).unwrap_or(self.scope);
        let mut props = Vec::new();
        let mut constructor = None;
        for stmt in &class.body {
            match stmt {
                Stmt::FunctionDef(function) => {
                    let (value, property) = self.definition(function, true);
                    let name = self.name(function.name.as_str());
                    if let Op::Func(func) = self.ir.op(value) {
                        if let Some(func) = self.ir.funcs.get_mut(func as usize) {
                            func.key = Some(name);
                        }
                        if function.name.as_str() == "__init__" {
                            constructor = Some(func);
                        }
                    }
                    if property {
                        // Read like a field, it gives what the call gives.
                        let args = self.list(&[]);
                        let result = self.value(
                            Op::Call {
                                callee: value,
                                args,
                            },
                            span(function),
                        );
                        self.field(name, result, span(function));
                    } else {
                        props.push(Prop {
                            key: Key::Name(name),
                            value,
                        });
                    }
                }
                Stmt::Assign(assign) => {
                    let value = self.expression(&assign.value);
                    for target in &assign.targets {
                        if let Expr::Name(one) = target {
                            let name = self.name(one.id.as_str());
                            self.bind(one.id.as_str(), value, span(stmt));
                            self.field(name, value, span(stmt));
                        }
                    }
                    if let [Expr::Name(one)] = assign.targets.as_slice() {
                        let key = Key::Name(self.name(one.id.as_str()));
                        let copy = self.copy(one.id.as_str(), span(stmt));
                        props.push(Prop { key, value: copy });
                    }
                }
                Stmt::AnnAssign(assign) => {
                    if let (Some(value), Expr::Name(one)) = (&assign.value, &*assign.target) {
                        let value = self.expression(value);
                        let name = self.name(one.id.as_str());
                        self.bind(one.id.as_str(), value, span(stmt));
                        self.field(name, value, span(stmt));
                        let copy = self.copy(one.id.as_str(), span(stmt));
                        props.push(Prop {
                            key: Key::Name(name),
                            value: copy,
                        });
                    }
                }
                other => self.statement(other),
            }
        }
        (self.home, self.func, self.ctrl, self.scope) = outer;
        let props = self.props(&props);
        let value = self.value(Op::Class(props), at);
        if let Some(constructor) = constructor {
            self.constructors.insert(value, constructor);
        }
        self.bind(class.name.as_str(), value, at);
    }

    /// Another read of a name of the class's body.
    fn copy(&mut self, name: &str, at: (u32, u32)) -> V {
        match self.symbol(name) {
            Some(sym) => self.value(Op::Var(sym), at),
            None => self.value(Op::Opaque, at),
        }
    }

    /// Writes a field of the class.
    fn field(&mut self, name: Name, value: V, at: (u32, u32)) {
        let object = self.value(Op::This, at);
        self.assign(value, &[Target::Member { object, name }], false, at);
    }

    // ---- statements ----

    fn statements(&mut self, statements: &'a [Stmt]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    pub(super) fn test(&mut self, test: V, at: (u32, u32)) -> u32 {
        let ctrl = u32::try_from(self.ir.ctrls.len()).unwrap_or(NONE);
        self.ir.ctrls.push(Ctrl { parent: self.ctrl });
        self.value(Op::Test { value: test, ctrl }, at);
        ctrl
    }

    fn branches(&mut self, branch: &'a StmtIf) {
        let outer = self.ctrl;
        let test = self.expression(&branch.test);
        self.ctrl = self.test(test, span(&*branch.test));
        self.statements(&branch.body);
        for clause in &branch.elif_else_clauses {
            if let Some(condition) = &clause.test {
                let test = self.expression(condition);
                self.ctrl = self.test(test, span(condition));
            }
            self.statements(&clause.body);
        }
        self.ctrl = outer;
    }

    /// What is under the handlers of a part is decided by whether it raises.
    fn handled(&mut self, part: (u32, u32), handlers: &'a [ExceptHandler]) {
        let at = handlers.first().map_or(part, span);
        let raised = self.value(Op::Opaque, at);
        self.ctrl = self.test(raised, at);
        let mut targets = Vec::new();
        for handler in handlers {
            let ExceptHandler::ExceptHandler(handler) = handler;
            if let Some(sym) = handler.name.as_ref().and_then(|name| self.symbol(name)) {
                self.written(sym, NONE);
                let path = List::default();
                targets.push(Target::Var { sym, path });
            }
        }
        let targets = self.targets(&targets);
        let caught = self.value(Op::Caught { targets }, at);
        let part = Try {
            span: part,
            caught,
            ctrl: self.ctrl,
        };
        self.ir.tries.entry(self.func).or_default().push(part);
    }

    fn switch(&mut self, switch: &'a StmtMatch) {
        let outer = self.ctrl;
        let at = span(&*switch.subject);
        let subject = self.expression(&switch.subject);
        let sym = self.scopes.fresh();
        self.assign_var(sym, &[], subject, at);
        for case in &switch.cases {
            let mut tests = Vec::new();
            self.pattern(&case.pattern, sym, &mut Vec::new(), &mut tests);
            if let Some(guard) = &case.guard {
                tests.push(self.expression(guard));
            }
            let test = tests.into_iter().reduce(|left, right| {
                let and = true;
                self.value(Op::Logical { and, left, right }, span(case))
            });
            if let Some(test) = test {
                self.ctrl = self.test(test, span(case));
            }
            self.statements(&case.body);
        }
        self.ctrl = outer;
    }

    fn pattern(
        &mut self,
        pattern: &'a Pattern,
        subject: Sym,
        path: &mut Vec<Name>,
        tests: &mut Vec<V>,
    ) {
        if !self.deeper() {
            return;
        }
        let at = span(pattern);
        match pattern {
            Pattern::MatchValue(one) => {
                let left = self.value(Op::Var(subject), at);
                let right = self.expression(&one.value);
                tests.push(self.value(
                    Op::Binary {
                        op: Bin::Equal,
                        left,
                        right,
                    },
                    at,
                ));
            }
            Pattern::MatchSingleton(one) => {
                let left = self.value(Op::Var(subject), at);
                let right = match one.value {
                    Singleton::None => Op::Nil,
                    Singleton::True => Op::Bool(true),
                    Singleton::False => Op::Bool(false),
                };
                let right = self.value(right, at);
                tests.push(self.value(
                    Op::Binary {
                        op: Bin::Equal,
                        left,
                        right,
                    },
                    at,
                ));
            }
            Pattern::MatchOr(list) => {
                let mut any = Vec::new();
                for one in &list.patterns {
                    self.pattern(one, subject, path, &mut any);
                }
                let test = any.into_iter().reduce(|left, right| {
                    let and = false;
                    self.value(Op::Logical { and, left, right }, at)
                });
                tests.extend(test);
            }
            Pattern::MatchSequence(list) => {
                path.push(ANY);
                for one in &list.patterns {
                    self.pattern(one, subject, path, tests);
                }
                path.pop();
            }
            Pattern::MatchMapping(map) => {
                for (key, one) in map.keys.iter().zip(&map.patterns) {
                    let key = self.expression(key);
                    path.push(match self.ir.op(key) {
                        Op::Str(name) => name,
                        _ => ANY,
                    });
                    self.pattern(one, subject, path, tests);
                    path.pop();
                }
                if let Some(rest) = &map.rest {
                    self.capture(rest.as_str(), subject, path, at);
                }
            }
            Pattern::MatchClass(class) => {
                self.expression(&class.cls);
                for one in &class.arguments.patterns {
                    path.push(ANY);
                    self.pattern(one, subject, path, tests);
                    path.pop();
                }
                for one in &class.arguments.keywords {
                    path.push(self.name(one.attr.as_str()));
                    self.pattern(&one.pattern, subject, path, tests);
                    path.pop();
                }
            }
            Pattern::MatchAs(one) => {
                if let Some(inner) = &one.pattern {
                    self.pattern(inner, subject, path, tests);
                }
                if let Some(name) = &one.name {
                    self.capture(name.as_str(), subject, path, at);
                }
            }
            Pattern::MatchStar(star) => {
                if let Some(name) = &star.name {
                    let end = path.pop();
                    self.capture(name.as_str(), subject, path, at);
                    path.extend(end);
                }
            }
        }
        self.depth -= 1;
    }

    fn capture(&mut self, name: &str, subject: Sym, path: &[Name], at: (u32, u32)) {
        if let Some(sym) = self.symbol(name) {
            let value = self.value(Op::Var(subject), at);
            self.assign_var(sym, path, value, at);
        }
    }

    pub(super) fn statement(&mut self, statement: &'a Stmt) {
        if !self.deeper() {
            return;
        }
        self.statement_at(statement);
        self.depth -= 1;
    }

    fn statement_at(&mut self, statement: &'a Stmt) {
        let at = span(statement);
        match statement {
            Stmt::FunctionDef(function) => {
                let (value, _) = self.definition(function, false);
                self.bind(function.name.as_str(), value, at);
            }
            Stmt::ClassDef(class) => self.class(class),
            Stmt::Return(give) => {
                let value = match &give.value {
                    Some(value) => self.expression(value),
                    None => self.value(Op::Nil, at),
                };
                self.give_back(value, at);
            }
            Stmt::Assign(assign) => {
                let value = self.expression(&assign.value);
                let mut targets = Vec::new();
                for target in &assign.targets {
                    if matches!(&*assign.value, Expr::NoneLiteral(_)) && self.is_import(target) {
                        continue;
                    }
                    self.target(target, &mut Vec::new(), &mut targets);
                }
                self.assign(value, &targets, false, at);
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let value = self.expression(value);
                    let mut targets = Vec::new();
                    self.target(&assign.target, &mut Vec::new(), &mut targets);
                    self.assign(value, &targets, false, at);
                }
            }
            Stmt::AugAssign(assign) => {
                let value = self.expression(&assign.value);
                let mut targets = Vec::new();
                self.target(&assign.target, &mut Vec::new(), &mut targets);
                self.assign(value, &targets, true, at);
            }
            Stmt::For(each) => {
                self.each(&each.target, &each.iter, at);
                self.repeated(&each.body, &each.orelse);
            }
            Stmt::While(each) => {
                let test = self.expression(&each.test);
                let outer = self.ctrl;
                self.ctrl = self.test(test, span(&*each.test));
                self.repeated(&each.body, &[]);
                self.ctrl = outer;
                self.statements(&each.orelse);
            }
            Stmt::If(branch) => self.branches(branch),
            Stmt::With(with) => {
                for item in &with.items {
                    let value = self.expression(&item.context_expr);
                    if let Some(target) = &item.optional_vars {
                        let mut targets = Vec::new();
                        self.target(target, &mut Vec::new(), &mut targets);
                        self.assign(value, &targets, false, span(item));
                    }
                }
                self.statements(&with.body);
            }
            Stmt::Match(switch) => self.switch(switch),
            Stmt::Raise(raise) => {
                if let Some(value) = &raise.exc {
                    let value = self.expression(value);
                    self.value(Op::Throw(value), at);
                }
            }
            Stmt::Try(attempt) => {
                self.statements(&attempt.body);
                let outer = self.ctrl;
                if let (false, Some(first), Some(last)) = (
                    attempt.handlers.is_empty(),
                    attempt.body.first(),
                    attempt.body.last(),
                ) {
                    self.handled((span(first).0, span(last).1), &attempt.handlers);
                }
                for handler in &attempt.handlers {
                    let ExceptHandler::ExceptHandler(handler) = handler;
                    self.statements(&handler.body);
                }
                // What runs only where nothing was raised.
                self.statements(&attempt.orelse);
                self.ctrl = outer;
                self.statements(&attempt.finalbody);
            }
            Stmt::Assert(assert) => {
                self.expression(&assert.test);
                if let Some(message) = &assert.msg {
                    self.expression(message);
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let full = alias.name.as_str();
                    let (bound, module) = match &alias.asname {
                        Some(name) => (name.as_str(), full),
                        None => {
                            let first = full.split_once('.').map_or(full, |(first, _)| first);
                            (first, first)
                        }
                    };
                    let module = self.name(module);
                    let value = self.value(Op::Module(module), span(alias));
                    self.import(bound, &[], value, span(alias));
                }
            }
            Stmt::ImportFrom(import) => {
                // What is imported from the package itself is no module of
                // the platform of the same name.
                let module = import.module.as_ref().map_or("", |name| name.as_str());
                let module = if import.level > 0 {
                    self.made(&format!(".{module}"))
                } else {
                    self.name(module)
                };
                for alias in &import.names {
                    let value = self.value(Op::Module(module), span(alias));
                    if alias.name.as_str() == "*" {
                        continue;
                    }
                    let name = self.name(alias.name.as_str());
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.import(bound.as_str(), &[name], value, span(alias));
                }
            }
            Stmt::Expr(expression) => {
                // A text alone is a comment, if it is for people.
                if let Expr::StringLiteral(text) = &*expression.value
                    && text.value.to_str().contains([' ', '\n'])
                {
                    return;
                }
                self.expression(&expression.value);
            }
            Stmt::Break(_) => {
                if let Some(control) = self.breaks.last_mut() {
                    *control = self.ctrl;
                }
            }
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    self.expression(target);
                }
            }
            Stmt::TypeAlias(_)
            | Stmt::Global(_)
            | Stmt::Nonlocal(_)
            | Stmt::Pass(_)
            | Stmt::Continue(_)
            | Stmt::IpyEscapeCommand(_) => {}
        }
    }

    /// The body of a loop, and what is done only where no `break` ended it.
    fn repeated(&mut self, body: &'a [Stmt], otherwise: &'a [Stmt]) {
        self.breaks.push(NONE);
        self.statements(body);
        let control = self.breaks.pop().unwrap_or(NONE);
        let outer = self.ctrl;
        if control != NONE {
            self.ctrl = control;
        }
        self.statements(otherwise);
        self.ctrl = outer;
    }

    /// Binds an import. The same name imported in two ways (`try: import a
    /// except ImportError: import b as a`) is the first.
    fn import(&mut self, bound: &str, path: &[Name], value: V, at: (u32, u32)) {
        let Some(sym) = self.symbol(bound) else {
            return;
        };
        let again = self.scopes.find(self.scope, bound).is_some_and(|(_, b)| {
            let mut sites = b.sites.iter().filter(|s| s.how != How::Changed);
            sites.clone().count() > 1
                && sites.next().is_some_and(|s| s.how == How::Imported)
                && sites.all(|s| {
                    s.how == How::Imported || s.how == How::Assigned || s.how == How::Bound
                })
        });
        if again && self.writes.contains_key(&sym) {
            return;
        }
        self.assign_var(sym, path, value, at);
    }

    /// Whether a name is that of an import: what is not there is set to
    /// `None` where the import fails.
    fn is_import(&self, target: &Expr) -> bool {
        let Expr::Name(name) = target else {
            return false;
        };
        self.scopes
            .find(self.scope, name.id.as_str())
            .is_some_and(|(_, binding)| binding.sites.iter().any(|s| s.how == How::Imported))
    }

    /// A loop over the elements of `iter`.
    pub(super) fn each(&mut self, target: &'a Expr, iter: &'a Expr, at: (u32, u32)) {
        let pair = match target {
            Expr::Tuple(tuple) => match tuple.elts.as_slice() {
                [first, second] => Some((first, second)),
                _ => None,
            },
            _ => None,
        };
        if let (Some((first, second)), Expr::Call(call)) = (pair, iter) {
            // `enumerate(x)`: numbers, and the elements of `x`.
            if let (Expr::Name(name), [inner, ..]) = (&*call.func, &*call.arguments.args)
                && name.id.as_str() == "enumerate"
                && self.symbol("enumerate").is_none()
            {
                let value = self.expression(inner);
                self.each_of(second, value, &[ANY], at);
                let mut numbers = Vec::new();
                self.target(first, &mut Vec::new(), &mut numbers);
                let number = self.value(Op::Opaque, span(first));
                self.assign(number, &numbers, false, at);
                return;
            }
            // `zip(x, y)`: the elements of both.
            if let (Expr::Name(name), [one, other]) = (&*call.func, &*call.arguments.args)
                && name.id.as_str() == "zip"
                && self.symbol("zip").is_none()
            {
                for (target, inner) in [(first, one), (second, other)] {
                    let value = self.expression(inner);
                    self.each_of(target, value, &[ANY], at);
                }
                return;
            }
            // `x.items()`: names, and what is under them.
            if let (Expr::Attribute(attribute), []) = (&*call.func, &*call.arguments.args)
                && attribute.attr.as_str() == "items"
            {
                let value = self.expression(&attribute.value);
                let mut targets = Vec::new();
                self.target(second, &mut vec![ANY], &mut targets);
                self.target(first, &mut Vec::new(), &mut targets);
                self.each_targets(value, &targets, at);
                return;
            }
        }
        let value = self.expression(iter);
        self.each_of(target, value, &[ANY], at);
    }

    fn each_of(&mut self, target: &'a Expr, value: V, path: &[Name], at: (u32, u32)) {
        let mut targets = Vec::new();
        self.target(target, &mut path.to_vec(), &mut targets);
        self.each_targets(value, &targets, at);
    }

    fn each_targets(&mut self, value: V, targets: &[Target], at: (u32, u32)) {
        for target in targets {
            if let Target::Var { sym, .. } = target {
                self.written(*sym, NONE);
            }
        }
        let targets = self.targets(targets);
        self.value(Op::Each { value, targets }, at);
    }

    // ---- after the last statement ----

    fn finish(mut self) -> (Ir<'a>, bool) {
        self.calls_by_name();
        self.ir.fields = self
            .ir
            .field_writes
            .iter()
            .filter_map(|(key, writes)| match writes.as_slice() {
                [only] => Some((*key, *only)),
                _ => None,
            })
            .collect();
        let symbols = self.scopes.symbols as usize;
        self.ir.link(symbols);
        (self.ir, self.deep)
    }

    /// The one value that a variable has.
    fn held(&self, value: V) -> Option<V> {
        let Op::Var(sym) = self.ir.op(value) else {
            return Some(value);
        };
        self.writes
            .get(&sym)
            .filter(|write| write.count == 1 && write.value != NONE)
            .map(|write| write.value)
    }

    /// Puts the arguments of calls of known functions into the order of their
    /// parameters, and leads what a class is called with to its `__init__`.
    fn calls_by_name(&mut self) {
        let mut methods: FxHashMap<Name, Option<FuncId>> = FxHashMap::default();
        for (id, func) in self.ir.funcs.iter().enumerate() {
            if let (Some(key), Ok(id)) = (func.key, u32::try_from(id)) {
                methods
                    .entry(key)
                    .and_modify(|known| *known = None)
                    .or_insert(Some(id));
            }
        }
        let mut keywords: FxHashMap<V, Keywords> = std::mem::take(&mut self.keywords)
            .into_iter()
            .map(|one| (one.call, one))
            .collect();
        for index in 0..self.ir.ops.len() {
            let call = u32::try_from(index).unwrap_or(NONE);
            let Op::Call { callee, args } = self.ir.op(call) else {
                continue;
            };
            let by_name = keywords.remove(&call);
            let held = self.held(callee).map(|held| (held, self.ir.op(held)));
            let (func, class) = match held {
                Some((_, Op::Func(id))) => (Some(id), false),
                Some((class, Op::Class(_))) => (self.constructors.get(&class).copied(), true),
                Some((_, Op::Member { name, .. })) if by_name.is_some() => {
                    (methods.get(&name).copied().flatten(), false)
                }
                _ => continue,
            };
            if by_name.is_none() && !class {
                continue;
            }
            let Some(func) = func else {
                if class {
                    // Without `__init__` the fields are the arguments.
                    self.set(call, Op::New { callee, args });
                }
                continue;
            };
            let ordered = self.ordered(call, func, args, by_name);
            if class {
                let value = self.ir.func(func).map_or(NONE, |func| func.value);
                let at = self.ir.span(call);
                let (owner, ctrl) = (self.ir.owner(call), self.ir.control(call));
                let method = self
                    .ir
                    .push(Op::Func(func), self.ir.span(value), owner, ctrl);
                let first = self.ir.push(
                    Op::Call {
                        callee: method,
                        args: ordered,
                    },
                    at,
                    owner,
                    ctrl,
                );
                let none = self.list(&[]);
                let made = self
                    .ir
                    .push(Op::New { callee, args: none }, at, owner, ctrl);
                let both = self.list(&[first, made]);
                self.set(call, Op::Seq(both));
            } else {
                self.set(
                    call,
                    Op::Call {
                        callee,
                        args: ordered,
                    },
                );
            }
        }
    }

    fn set(&mut self, value: V, op: Op) {
        if let Some(slot) = self.ir.ops.get_mut(value as usize) {
            *slot = op;
        }
    }

    fn ordered(&mut self, call: V, func: FuncId, args: List, by_name: Option<Keywords>) -> List {
        let (owner, ctrl) = (self.ir.owner(call), self.ir.control(call));
        let mut positional: Vec<V> = self.ir.list(args).to_vec();
        let mut named = Vec::new();
        if let Some(by_name) = by_name {
            positional.retain(|arg| *arg != by_name.object);
            self.set(by_name.object, Op::Opaque);
            named = by_name.values;
        }
        let names = self.parameters.get(&func).cloned().unwrap_or_default();
        let mut values = positional.clone();
        for name in names.iter().skip(positional.len()) {
            let given = named.iter().find(|(key, _)| key == name);
            values.push(given.map_or(NONE, |(_, value)| *value));
        }
        if let Some(index) = self.further.get(&func).copied() {
            let props: Vec<Prop> = named
                .iter()
                .filter(|(key, _)| !names.contains(key))
                .map(|(key, value)| Prop {
                    key: Key::Name(*key),
                    value: *value,
                })
                .collect();
            if let (false, Some(slot)) = (props.is_empty(), values.get_mut(index)) {
                let props = self.props(&props);
                *slot = self
                    .ir
                    .push(Op::Object(props), self.ir.span(call), owner, ctrl);
            }
        }
        while values.last() == Some(&NONE) {
            values.pop();
        }
        // Passes look arguments up by number, so these are numbered anew.
        let fresh: Vec<V> = values
            .into_iter()
            .map(|value| match value {
                NONE => self.ir.push(Op::Opaque, self.ir.span(call), owner, ctrl),
                value => self
                    .ir
                    .push(Op::Pass(value), self.ir.span(value), owner, ctrl),
            })
            .collect();
        self.list(&fresh)
    }
}
