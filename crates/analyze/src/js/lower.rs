//! From a JavaScript or TypeScript syntax tree to the graph of values.

use oxc_ast::ast::*;
use oxc_semantic::Scoping;
use oxc_span::{GetSpan, Span};
use oxc_syntax::operator::{BinaryOperator, LogicalOperator, UnaryOperator};

use crate::ir::{
    ANY, Bin, Ctrl, Func, FuncId, Ir, Key, List, NONE, Name, Op, Prop, Target, Try, Un, V,
};

pub(super) fn lower<'a>(program: &Program<'a>, text: &'a str, scoping: &Scoping) -> Ir<'a> {
    let mut lowering = Lowering {
        ir: Ir::new(text),
        scoping,
        func: 0,
        ctrl: NONE,
        home: 0,
        homes: 0,
        requires: Vec::new(),
    };
    let module = lowering.value(Op::Opaque, program.span);
    lowering.ir.funcs.push(Func {
        value: module,
        params: Vec::new(),
        returns: Vec::new(),
        key: None,
        home: 0,
    });
    lowering.statements(&program.body);
    lowering.ir.link(scoping.symbols_len());
    lowering.ir
}

struct Lowering<'a, 's> {
    ir: Ir<'a>,
    scoping: &'s Scoping,
    func: FuncId,
    ctrl: u32,
    /// The class or object whose `this` code has, and how many there were.
    home: u32,
    homes: u32,
    /// Parameters by which a module's wrapper hands on `require`.
    requires: Vec<u32>,
}

/// A variable to bind, the path to it in the value, and its default.
struct Binding {
    target: Target,
}

impl<'a> Lowering<'a, '_> {
    fn value(&mut self, op: Op, span: Span) -> V {
        self.ir
            .push(op, (span.start, span.end), self.func, self.ctrl)
    }

    fn name(&mut self, text: &'a str) -> Name {
        self.ir.names.intern(text)
    }

    fn list(&mut self, values: &[V]) -> List {
        let start = u32::try_from(self.ir.lists.len()).unwrap_or(NONE);
        self.ir.lists.extend_from_slice(values);
        List {
            start,
            len: u32::try_from(values.len()).unwrap_or(0),
        }
    }

    fn props(&mut self, props: &[Prop]) -> List {
        let start = u32::try_from(self.ir.props.len()).unwrap_or(NONE);
        self.ir.props.extend_from_slice(props);
        List {
            start,
            len: u32::try_from(props.len()).unwrap_or(0),
        }
    }

    fn targets(&mut self, bindings: Vec<Binding>) -> List {
        let start = u32::try_from(self.ir.targets.len()).unwrap_or(NONE);
        let len = u32::try_from(bindings.len()).unwrap_or(0);
        self.ir
            .targets
            .extend(bindings.into_iter().map(|binding| binding.target));
        List { start, len }
    }

    fn path(&mut self, path: &[Name]) -> List {
        let start = u32::try_from(self.ir.paths.len()).unwrap_or(NONE);
        self.ir.paths.extend_from_slice(path);
        List {
            start,
            len: u32::try_from(path.len()).unwrap_or(0),
        }
    }

    fn var_target(&mut self, sym: u32, path: &[Name]) -> Binding {
        let path = self.path(path);
        Binding {
            target: Target::Var { sym, path },
        }
    }

    // ---- patterns ----

    fn pattern(
        &mut self,
        pattern: &BindingPattern<'a>,
        path: &mut Vec<Name>,
        out: &mut Vec<Binding>,
    ) {
        match pattern {
            BindingPattern::BindingIdentifier(id) => {
                if let Some(symbol) = id.symbol_id.get() {
                    let binding = self.var_target(index_of(symbol), path);
                    out.push(binding);
                }
            }
            BindingPattern::ObjectPattern(object) => {
                for property in &object.properties {
                    let name = self.pattern_key(&property.key);
                    path.push(name);
                    self.pattern(&property.value, path, out);
                    path.pop();
                }
                if let Some(rest) = &object.rest {
                    self.pattern(&rest.argument, path, out);
                }
            }
            BindingPattern::ArrayPattern(array) => {
                for element in array.elements.iter().flatten() {
                    path.push(ANY);
                    self.pattern(element, path, out);
                    path.pop();
                }
                if let Some(rest) = &array.rest {
                    self.pattern(&rest.argument, path, out);
                }
            }
            BindingPattern::AssignmentPattern(with_default) => {
                // The default is one more value that may be written there.
                let value = self.expression(&with_default.right);
                let mut inner = Vec::new();
                self.pattern(&with_default.left, &mut Vec::new(), &mut inner);
                let targets = self.targets(inner);
                self.value(
                    Op::Assign {
                        value,
                        targets,
                        compound: false,
                    },
                    with_default.span,
                );
                self.pattern(&with_default.left, path, out);
            }
        }
    }

    fn pattern_key(&mut self, key: &PropertyKey<'a>) -> Name {
        match self.property_key(key) {
            Key::Name(name) => name,
            Key::Computed(_) | Key::Spread => ANY,
        }
    }

    fn property_key(&mut self, key: &PropertyKey<'a>) -> Key {
        match key {
            PropertyKey::StaticIdentifier(id) => Key::Name(self.name(id.name.as_str())),
            PropertyKey::PrivateIdentifier(id) => Key::Name(self.name(id.name.as_str())),
            PropertyKey::StringLiteral(text) => Key::Name(self.name(text.value.as_str())),
            other => match other.as_expression() {
                Some(expression) => {
                    let value = self.expression(expression);
                    match self.ir.op(value) {
                        Op::Str(name) => Key::Name(name),
                        _ => Key::Computed(value),
                    }
                }
                None => Key::Spread,
            },
        }
    }

    fn assignment_target(
        &mut self,
        target: &AssignmentTarget<'a>,
        path: &mut Vec<Name>,
        out: &mut Vec<Binding>,
    ) {
        match target {
            AssignmentTarget::AssignmentTargetIdentifier(id) => {
                if let Some(sym) = self.symbol_of(id) {
                    let binding = self.var_target(sym, path);
                    out.push(binding);
                } else {
                    let name = self.name(id.name.as_str());
                    let object = self.value(Op::Opaque, id.span);
                    out.push(Binding {
                        target: Target::Member { object, name },
                    });
                }
            }
            AssignmentTarget::StaticMemberExpression(member) => {
                let object = self.expression(&member.object);
                let name = self.name(member.property.name.as_str());
                out.push(Binding {
                    target: Target::Member { object, name },
                });
            }
            AssignmentTarget::ComputedMemberExpression(member) => {
                let object = self.expression(&member.object);
                let key = self.expression(&member.expression);
                let target = match self.ir.op(key) {
                    Op::Str(name) => Target::Member { object, name },
                    _ => Target::Index { object, key },
                };
                out.push(Binding { target });
            }
            AssignmentTarget::PrivateFieldExpression(member) => {
                let object = self.expression(&member.object);
                let name = self.name(member.field.name.as_str());
                out.push(Binding {
                    target: Target::Member { object, name },
                });
            }
            AssignmentTarget::ArrayAssignmentTarget(array) => {
                for element in array.elements.iter().flatten() {
                    path.push(ANY);
                    self.maybe_default(element, path, out);
                    path.pop();
                }
                if let Some(rest) = &array.rest {
                    self.assignment_target(&rest.target, path, out);
                }
            }
            AssignmentTarget::ObjectAssignmentTarget(object) => {
                for property in &object.properties {
                    match property {
                        AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(short) => {
                            let name = self.name(short.binding.name.as_str());
                            path.push(name);
                            if let Some(sym) = self.symbol_of(&short.binding) {
                                let binding = self.var_target(sym, path);
                                out.push(binding);
                            }
                            path.pop();
                            if let Some(init) = &short.init {
                                self.expression(init);
                            }
                        }
                        AssignmentTargetProperty::AssignmentTargetPropertyProperty(long) => {
                            let name = self.pattern_key(&long.name);
                            path.push(name);
                            self.maybe_default(&long.binding, path, out);
                            path.pop();
                        }
                    }
                }
                if let Some(rest) = &object.rest {
                    self.assignment_target(&rest.target, path, out);
                }
            }
            AssignmentTarget::TSAsExpression(cast) => {
                self.expression(&cast.expression);
            }
            AssignmentTarget::TSSatisfiesExpression(cast) => {
                self.expression(&cast.expression);
            }
            AssignmentTarget::TSNonNullExpression(cast) => {
                self.expression(&cast.expression);
            }
            AssignmentTarget::TSTypeAssertion(cast) => {
                self.expression(&cast.expression);
            }
        }
    }

    fn maybe_default(
        &mut self,
        target: &AssignmentTargetMaybeDefault<'a>,
        path: &mut Vec<Name>,
        out: &mut Vec<Binding>,
    ) {
        match target {
            AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(with_default) => {
                self.expression(&with_default.init);
                self.assignment_target(&with_default.binding, path, out);
            }
            other => {
                if let Some(target) = other.as_assignment_target() {
                    self.assignment_target(target, path, out);
                }
            }
        }
    }

    fn symbol_of(&self, id: &IdentifierReference<'a>) -> Option<u32> {
        let reference = id.reference_id.get()?;
        let symbol = self.scoping.get_reference(reference).symbol_id()?;
        let symbol = index_of(symbol);
        (!self.requires.contains(&symbol)).then_some(symbol)
    }

    /// A wrapper that runtimes and bundlers put around a module,
    /// `function (exports, require, module, ...)`: its `require` is the
    /// platform's.
    fn wrapper(&mut self, params: &FormalParameters<'a>) {
        let named = |index: usize| -> Option<&BindingIdentifier<'a>> {
            match &params.items.get(index)?.pattern {
                BindingPattern::BindingIdentifier(id) => Some(&**id),
                _ => None,
            }
        };
        let is = |index: usize, name: &str| named(index).is_some_and(|id| id.name == name);
        if is(0, "exports")
            && is(1, "require")
            && is(2, "module")
            && let Some(symbol) = named(1).and_then(|id| id.symbol_id.get())
        {
            self.requires.push(index_of(symbol));
        }
    }

    // ---- functions and classes ----

    fn function(
        &mut self,
        params: &FormalParameters<'a>,
        span: Span,
        body: impl FnOnce(&mut Self),
    ) -> V {
        let id = u32::try_from(self.ir.funcs.len()).unwrap_or(NONE);
        let value = self.value(Op::Func(id), span);
        self.ir.funcs.push(Func {
            value,
            params: Vec::new(),
            returns: Vec::new(),
            key: None,
            home: self.home,
        });
        let outer = (self.func, self.ctrl);
        (self.func, self.ctrl) = (id, NONE);
        self.wrapper(params);
        let mut values = Vec::with_capacity(params.items.len());
        for (index, item) in params.items.iter().enumerate() {
            let mut bindings = Vec::new();
            self.pattern(&item.pattern, &mut Vec::new(), &mut bindings);
            if let Some(default) = &item.initializer {
                let default = self.expression(default);
                let mut again = Vec::new();
                self.pattern(&item.pattern, &mut Vec::new(), &mut again);
                let targets = self.targets(again);
                self.value(
                    Op::Assign {
                        value: default,
                        targets,
                        compound: false,
                    },
                    item.span,
                );
            }
            values.push(self.param(id, index, bindings, item.span));
        }
        if let Some(rest) = &params.rest {
            let mut bindings = Vec::new();
            self.pattern(&rest.rest.argument, &mut Vec::new(), &mut bindings);
            values.push(self.param(id, params.items.len(), bindings, rest.span));
        }
        if let Some(func) = self.ir.funcs.get_mut(id as usize) {
            func.params = values;
        }
        body(self);
        (self.func, self.ctrl) = outer;
        value
    }

    fn param(&mut self, func: FuncId, index: usize, bindings: Vec<Binding>, span: Span) -> V {
        let targets = self.targets(bindings);
        let index = u32::try_from(index).unwrap_or(NONE);
        self.value(
            Op::Param {
                func,
                index,
                targets,
            },
            span,
        )
    }

    fn full_function(&mut self, function: &Function<'a>) -> V {
        self.function(&function.params, function.span, |this| {
            if let Some(body) = &function.body {
                this.statements(&body.statements);
            }
        })
    }

    fn give_back(&mut self, value: V, span: Span) {
        let func = self.func;
        if let Some(func) = self.ir.funcs.get_mut(func as usize) {
            func.returns.push(value);
        }
        self.value(Op::Return { func, value }, span);
    }

    fn bind(&mut self, id: Option<&BindingIdentifier<'a>>, value: V, span: Span) {
        let Some(symbol) = id.and_then(|id| id.symbol_id.get()) else {
            return;
        };
        let binding = self.var_target(index_of(symbol), &[]);
        let targets = self.targets(vec![binding]);
        self.value(
            Op::Assign {
                value,
                targets,
                compound: false,
            },
            span,
        );
    }

    fn named(&mut self, value: V, key: Key) {
        if let (Op::Func(id), Key::Name(name)) = (self.ir.op(value), key)
            && let Some(func) = self.ir.funcs.get_mut(id as usize)
        {
            func.key = Some(name);
        }
    }

    /// A getter's property is what its function gives.
    fn called(&mut self, callee: V, span: Span) -> V {
        let args = self.list(&[]);
        self.value(Op::Call { callee, args }, span)
    }

    /// A new `this`; the outer one is given back to be restored.
    fn enter_home(&mut self) -> u32 {
        self.homes = self.homes.saturating_add(1);
        std::mem::replace(&mut self.home, self.homes)
    }

    fn class(&mut self, class: &Class<'a>) -> V {
        if let Some(heritage) = &class.heritage {
            self.expression(&heritage.expression);
        }
        let outer = self.enter_home();
        let mut props = Vec::new();
        for element in &class.body.body {
            match element {
                ClassElement::MethodDefinition(method) => {
                    let key = self.property_key(&method.key);
                    let value = self.full_function(&method.value);
                    let value = if method.kind.is_get() {
                        self.called(value, method.span)
                    } else {
                        self.named(value, key);
                        value
                    };
                    props.push(Prop { key, value });
                }
                ClassElement::PropertyDefinition(property) => {
                    let key = self.property_key(&property.key);
                    if let Some(init) = &property.value {
                        let value = self.expression(init);
                        self.named(value, key);
                        self.held_by_this(key, value);
                        props.push(Prop { key, value });
                    }
                }
                ClassElement::AccessorProperty(property) => {
                    let key = self.property_key(&property.key);
                    if let Some(init) = &property.value {
                        let value = self.expression(init);
                        props.push(Prop { key, value });
                    }
                }
                ClassElement::StaticBlock(block) => self.statements(&block.body),
                ClassElement::TSIndexSignature(_) => {}
            }
        }
        self.home = outer;
        let props = self.props(&props);
        self.value(Op::Class(props), class.span)
    }

    // ---- statements ----

    fn statements(&mut self, statements: &[Statement<'a>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn test(&mut self, test: V, span: Span) -> u32 {
        let ctrl = u32::try_from(self.ir.ctrls.len()).unwrap_or(NONE);
        self.ir.ctrls.push(Ctrl { parent: self.ctrl });
        self.value(Op::Test { value: test, ctrl }, span);
        ctrl
    }

    /// Lowers `body` as controlled by `test`.
    fn under(&mut self, test: &Expression<'a>, body: impl FnOnce(&mut Self)) {
        let span = test.span();
        let test = self.expression(test);
        let outer = self.ctrl;
        self.ctrl = self.test(test, span);
        body(self);
        self.ctrl = outer;
    }

    /// Lowers `body` as controlled by a comparison of the discriminant with
    /// the cases that are constants.
    fn switched(&mut self, switch: &SwitchStatement<'a>, body: impl FnOnce(&mut Self)) {
        let span = switch.discriminant.span();
        let left = self.expression(&switch.discriminant);
        let constants: Vec<V> = switch
            .cases
            .iter()
            .filter_map(|case| match &case.test {
                Some(Expression::StringLiteral(text)) => {
                    Some(self.text(text.value.as_str(), text.span))
                }
                Some(Expression::TemplateLiteral(template)) if template.expressions.is_empty() => {
                    Some(self.template(template))
                }
                _ => None,
            })
            .collect();
        let list = self.list(&constants);
        let right = self.value(Op::Array(list), span);
        let op = Bin::Equal;
        let test = self.value(Op::Binary { op, left, right }, span);
        let outer = self.ctrl;
        self.ctrl = self.test(test, span);
        body(self);
        self.ctrl = outer;
    }

    fn each(&mut self, left: &ForStatementLeft<'a>, right: &Expression<'a>, of: bool, span: Span) {
        let value = self.expression(right);
        let mut bindings = Vec::new();
        let mut path = if of { vec![ANY] } else { Vec::new() };
        match left {
            ForStatementLeft::VariableDeclaration(declaration) => {
                for declarator in &declaration.declarations {
                    self.pattern(&declarator.id, &mut path, &mut bindings);
                }
            }
            other => {
                if let Some(target) = other.as_assignment_target() {
                    self.assignment_target(target, &mut path, &mut bindings);
                }
            }
        }
        let targets = self.targets(bindings);
        self.value(Op::Each { value, targets }, span);
    }

    fn statement(&mut self, statement: &Statement<'a>) {
        match statement {
            Statement::BlockStatement(block) => self.statements(&block.body),
            Statement::ExpressionStatement(statement) => {
                self.expression(&statement.expression);
            }
            Statement::IfStatement(branch) => self.under(&branch.test, |this| {
                this.statement(&branch.consequent);
                if let Some(alternate) = &branch.alternate {
                    this.statement(alternate);
                }
            }),
            Statement::ReturnStatement(give) => {
                let value = match &give.argument {
                    Some(argument) => self.expression(argument),
                    None => self.value(Op::Nil, give.span),
                };
                self.give_back(value, give.span);
            }
            Statement::VariableDeclaration(declaration) => self.variables(declaration),
            Statement::FunctionDeclaration(function) => {
                let value = self.full_function(function);
                self.bind(function.id.as_ref(), value, function.span);
            }
            Statement::ClassDeclaration(class) => {
                let value = self.class(class);
                self.bind(class.id.as_ref(), value, class.span);
            }
            Statement::ForStatement(statement) => {
                match &statement.init {
                    Some(ForStatementInit::VariableDeclaration(declaration)) => {
                        self.variables(declaration);
                    }
                    Some(other) => {
                        if let Some(expression) = other.as_expression() {
                            self.expression(expression);
                        }
                    }
                    None => {}
                }
                if let Some(update) = &statement.update {
                    self.expression(update);
                }
                match &statement.test {
                    Some(test) => self.under(test, |this| this.statement(&statement.body)),
                    None => self.statement(&statement.body),
                }
            }
            Statement::ForOfStatement(statement) => {
                self.each(&statement.left, &statement.right, true, statement.span);
                self.statement(&statement.body);
            }
            Statement::ForInStatement(statement) => {
                self.each(&statement.left, &statement.right, false, statement.span);
                self.statement(&statement.body);
            }
            Statement::WhileStatement(statement) => {
                self.under(&statement.test, |this| this.statement(&statement.body));
            }
            Statement::DoWhileStatement(statement) => {
                self.under(&statement.test, |this| this.statement(&statement.body));
            }
            // A case is a test of its own, as in `switch (true)`.
            Statement::SwitchStatement(switch) => self.switched(switch, |this| {
                let outer = this.ctrl;
                for case in &switch.cases {
                    if let Some(test) = &case.test {
                        let value = this.expression(test);
                        this.ctrl = this.test(value, test.span());
                    }
                    this.statements(&case.consequent);
                }
                this.ctrl = outer;
            }),
            Statement::TryStatement(attempt) => {
                self.statements(&attempt.block.body);
                if let Some(handler) = &attempt.handler {
                    let outer = self.ctrl;
                    let thrown = self.value(Op::Opaque, handler.span);
                    self.ctrl = self.test(thrown, handler.span);
                    let mut bindings = Vec::new();
                    if let Some(param) = &handler.param {
                        self.pattern(&param.pattern, &mut Vec::new(), &mut bindings);
                    }
                    let targets = self.targets(bindings);
                    let caught = self.value(Op::Caught { targets }, handler.span);
                    let part = Try {
                        span: (attempt.block.span.start, attempt.block.span.end),
                        caught,
                        ctrl: self.ctrl,
                    };
                    self.ir.tries.entry(self.func).or_default().push(part);
                    self.statements(&handler.body.body);
                    self.ctrl = outer;
                }
                if let Some(last) = &attempt.finalizer {
                    self.statements(&last.body);
                }
            }
            Statement::ThrowStatement(throw) => {
                let value = self.expression(&throw.argument);
                self.value(Op::Throw(value), throw.span);
            }
            Statement::LabeledStatement(labeled) => self.statement(&labeled.body),
            Statement::WithStatement(with) => {
                self.expression(&with.object);
                self.statement(&with.body);
            }
            Statement::ImportDeclaration(import) => self.import(import),
            Statement::ExportDefaultDeclaration(export) => match &export.declaration {
                ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                    let value = self.full_function(function);
                    self.bind(function.id.as_ref(), value, function.span);
                }
                ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                    let value = self.class(class);
                    self.bind(class.id.as_ref(), value, class.span);
                }
                other => {
                    if let Some(expression) = other.as_expression() {
                        self.expression(expression);
                    }
                }
            },
            Statement::ExportDeclaration(export) => self.declaration(&export.declaration),
            Statement::TSExportAssignment(export) => {
                self.expression(&export.expression);
            }
            Statement::TSNamespaceDeclaration(namespace) => self.namespace(namespace),
            // Types, labels and re-exports carry no value of their own.
            _ => {}
        }
    }

    fn namespace(&mut self, namespace: &TSNamespaceDeclaration<'a>) {
        match &namespace.body {
            TSNamespaceDeclarationBody::TSNamespaceDeclaration(inner) => self.namespace(inner),
            TSNamespaceDeclarationBody::TSModuleBlock(block) => self.statements(&block.body),
        }
    }

    fn declaration(&mut self, declaration: &Declaration<'a>) {
        match declaration {
            Declaration::VariableDeclaration(variables) => self.variables(variables),
            Declaration::FunctionDeclaration(function) => {
                let value = self.full_function(function);
                self.bind(function.id.as_ref(), value, function.span);
            }
            Declaration::ClassDeclaration(class) => {
                let value = self.class(class);
                self.bind(class.id.as_ref(), value, class.span);
            }
            Declaration::TSNamespaceDeclaration(namespace) => self.namespace(namespace),
            _ => {}
        }
    }

    fn variables(&mut self, declaration: &VariableDeclaration<'a>) {
        for declarator in &declaration.declarations {
            let Some(init) = &declarator.init else {
                continue;
            };
            let value = self.expression(init);
            let mut bindings = Vec::new();
            self.pattern(&declarator.id, &mut Vec::new(), &mut bindings);
            let targets = self.targets(bindings);
            self.value(
                Op::Assign {
                    value,
                    targets,
                    compound: false,
                },
                declarator.span,
            );
        }
    }

    fn import(&mut self, import: &ImportDeclaration<'a>) {
        let module = self.name(import.source.value.as_str());
        for specifier in import.specifiers.iter().flatten() {
            let (local, path) = match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(named) => {
                    let imported = match &named.imported {
                        ModuleExportName::IdentifierName(name) => name.name.as_str(),
                        ModuleExportName::IdentifierReference(name) => name.name.as_str(),
                        ModuleExportName::StringLiteral(text) => text.value.as_str(),
                    };
                    (&named.local, vec![self.name(imported)])
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(default) => {
                    (&default.local, Vec::new())
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(all) => {
                    (&all.local, Vec::new())
                }
            };
            let value = self.value(Op::Module(module), import.span);
            if let Some(symbol) = local.symbol_id.get() {
                let binding = self.var_target(index_of(symbol), &path);
                let targets = self.targets(vec![binding]);
                self.value(
                    Op::Assign {
                        value,
                        targets,
                        compound: false,
                    },
                    import.span,
                );
            }
        }
        if import.specifiers.is_none() {
            self.value(Op::Module(module), import.span);
        }
    }

    // ---- expressions ----

    fn text(&mut self, text: &'a str, span: Span) -> V {
        let name = self.name(text);
        self.value(Op::Str(name), span)
    }

    fn arguments(&mut self, arguments: &[Argument<'a>]) -> List {
        let values: Vec<V> = arguments
            .iter()
            .map(|argument| match argument {
                Argument::SpreadElement(spread) => {
                    let inner = self.expression(&spread.argument);
                    self.value(Op::Pass(inner), spread.span)
                }
                other => match other.as_expression() {
                    Some(expression) => self.expression(expression),
                    None => self.value(Op::Opaque, other.span()),
                },
            })
            .collect();
        self.list(&values)
    }

    fn pass(&mut self, inner: &Expression<'a>, span: Span) -> V {
        let value = self.expression(inner);
        self.value(Op::Pass(value), span)
    }

    fn template(&mut self, template: &TemplateLiteral<'a>) -> V {
        let mut parts = Vec::new();
        let mut expressions = template.expressions.iter();
        for quasi in &template.quasis {
            let text = quasi.value.cooked.as_ref().unwrap_or(&quasi.value.raw);
            if !text.is_empty() {
                parts.push(self.text(text.as_str(), quasi.span));
            }
            if let Some(expression) = expressions.next() {
                parts.push(self.expression(expression));
            }
        }
        if let ([only], true) = (parts.as_slice(), template.expressions.is_empty())
            && let Op::Str(name) = self.ir.op(*only)
        {
            return self.value(Op::Str(name), template.span);
        }
        if parts.is_empty() {
            return self.text("", template.span);
        }
        let list = self.list(&parts);
        self.value(Op::Template(list), template.span)
    }

    /// Chains like `a + b + c + ...` nest on the left, tens of thousands deep
    /// in generated code, so they are walked and not recursed into.
    fn binary(&mut self, outermost: &BinaryExpression<'a>) -> V {
        let mut chain = vec![outermost];
        let mut left = &outermost.left;
        while let Expression::BinaryExpression(inner) = left {
            chain.push(inner);
            left = &inner.left;
        }
        let mut value = self.expression(left);
        for expression in chain.into_iter().rev() {
            let right = self.expression(&expression.right);
            let op = match expression.operator {
                BinaryOperator::Addition => Bin::Add,
                BinaryOperator::Equality
                | BinaryOperator::StrictEquality
                | BinaryOperator::Inequality
                | BinaryOperator::StrictInequality => Bin::Equal,
                BinaryOperator::LessThan
                | BinaryOperator::LessEqualThan
                | BinaryOperator::GreaterThan
                | BinaryOperator::GreaterEqualThan
                | BinaryOperator::In
                | BinaryOperator::Instanceof => Bin::Compare,
                BinaryOperator::BitwiseXOR => Bin::Xor,
                BinaryOperator::Subtraction => Bin::Sub,
                BinaryOperator::Multiplication => Bin::Mul,
                BinaryOperator::Division => Bin::Div,
                BinaryOperator::Remainder => Bin::Rem,
                BinaryOperator::BitwiseAnd => Bin::BitAnd,
                BinaryOperator::BitwiseOR => Bin::BitOr,
                BinaryOperator::ShiftLeft => Bin::Shl,
                BinaryOperator::ShiftRight => Bin::Shr,
                _ => Bin::Arithmetic,
            };
            value = self.value(
                Op::Binary {
                    op,
                    left: value,
                    right,
                },
                expression.span,
            );
        }
        value
    }

    fn logical(&mut self, outermost: &LogicalExpression<'a>) -> V {
        let mut chain = vec![outermost];
        let mut left = &outermost.left;
        while let Expression::LogicalExpression(inner) = left {
            chain.push(inner);
            left = &inner.left;
        }
        let mut value = self.expression(left);
        for expression in chain.into_iter().rev() {
            let right = self.expression(&expression.right);
            let and = expression.operator == LogicalOperator::And;
            value = self.value(
                Op::Logical {
                    and,
                    left: value,
                    right,
                },
                expression.span,
            );
        }
        value
    }

    /// Notes what a field of `this` is given. Functions of old form share no
    /// `this` that is known.
    fn held_by_this(&mut self, key: Key, value: V) {
        if let (Key::Name(name), true) = (key, self.home != 0) {
            let writes = self.ir.field_writes.entry((self.home, name)).or_default();
            writes.push(value);
        }
    }

    fn object(&mut self, object: &ObjectExpression<'a>) -> V {
        let outer = self.home;
        let methods = object.properties.iter().any(|property| {
            matches!(property, ObjectPropertyKind::ObjectProperty(p)
                if p.method || p.kind != PropertyKind::Init)
        });
        if methods {
            self.enter_home();
        }
        let mut props = Vec::with_capacity(object.properties.len());
        for property in &object.properties {
            match property {
                ObjectPropertyKind::ObjectProperty(property) => {
                    let key = self.property_key(&property.key);
                    let value = self.expression(&property.value);
                    let value = if property.kind == PropertyKind::Get {
                        self.called(value, property.span)
                    } else {
                        self.named(value, key);
                        if methods {
                            self.held_by_this(key, value);
                        }
                        value
                    };
                    props.push(Prop { key, value });
                }
                ObjectPropertyKind::SpreadProperty(spread) => {
                    let value = self.expression(&spread.argument);
                    props.push(Prop {
                        key: Key::Spread,
                        value,
                    });
                }
            }
        }
        self.home = outer;
        let props = self.props(&props);
        self.value(Op::Object(props), object.span)
    }

    fn call(&mut self, call: &CallExpression<'a>) -> V {
        let callee = self.expression(&call.callee);
        let args = self.arguments(&call.arguments);
        // `require("x")` is a module, whatever came of the name by bundling,
        // as long as it is not declared here.
        if let (Op::Global(name), [only]) = (self.ir.op(callee), self.ir.list(args))
            && self.ir.names.get(name) == "require"
            && let Op::Str(module) = self.ir.op(*only)
        {
            return self.value(Op::Module(module), call.span);
        }
        self.value(Op::Call { callee, args }, call.span)
    }

    fn jsx(&mut self, element: &JSXElement<'a>) -> V {
        let mut values = Vec::new();
        for item in &element.opening_element.attributes {
            match item {
                JSXAttributeItem::Attribute(attribute) => match &attribute.value {
                    Some(JSXAttributeValue::StringLiteral(text)) => {
                        values.push(self.text(text.value.as_str(), text.span));
                    }
                    Some(JSXAttributeValue::ExpressionContainer(container)) => {
                        if let Some(expression) = container.expression.as_expression() {
                            values.push(self.expression(expression));
                        }
                    }
                    Some(JSXAttributeValue::Element(element)) => values.push(self.jsx(element)),
                    Some(JSXAttributeValue::Fragment(_)) | None => {}
                },
                JSXAttributeItem::SpreadAttribute(spread) => {
                    values.push(self.expression(&spread.argument));
                }
            }
        }
        self.jsx_children(&element.children, &mut values);
        let list = self.list(&values);
        self.value(Op::Array(list), element.span)
    }

    fn jsx_children(&mut self, children: &[JSXChild<'a>], values: &mut Vec<V>) {
        for child in children {
            match child {
                JSXChild::Text(text) => values.push(self.text(text.value.as_str(), text.span)),
                JSXChild::Element(element) => values.push(self.jsx(element)),
                JSXChild::Fragment(fragment) => self.jsx_children(&fragment.children, values),
                JSXChild::ExpressionContainer(container) => {
                    if let Some(expression) = container.expression.as_expression() {
                        values.push(self.expression(expression));
                    }
                }
                JSXChild::Spread(spread) => values.push(self.expression(&spread.expression)),
            }
        }
    }

    fn expression(&mut self, expression: &Expression<'a>) -> V {
        match expression {
            Expression::StringLiteral(text) => self.text(text.value.as_str(), text.span),
            Expression::NumericLiteral(number) => self.value(Op::Num(number.value), number.span),
            Expression::BooleanLiteral(boolean) => {
                self.value(Op::Bool(boolean.value), boolean.span)
            }
            Expression::NullLiteral(null) => self.value(Op::Nil, null.span),
            Expression::RegExpLiteral(regex) => {
                let name = self.name(regex.regex.pattern.text.as_str());
                self.value(Op::Regex(name), regex.span)
            }
            Expression::BigIntLiteral(number) => self.value(Op::Opaque, number.span),
            Expression::TemplateLiteral(template) => self.template(template),
            Expression::Identifier(id) => match self.symbol_of(id) {
                Some(sym) => self.value(Op::Var(sym), id.span),
                None if id.name == "undefined" => self.value(Op::Nil, id.span),
                None => {
                    let name = self.name(id.name.as_str());
                    self.value(Op::Global(name), id.span)
                }
            },
            Expression::ThisExpression(this) => self.value(Op::This, this.span),
            Expression::ArrayExpression(array) => {
                let values: Vec<V> = array
                    .elements
                    .iter()
                    .map(|element| match element {
                        ArrayExpressionElement::SpreadElement(spread) => {
                            self.pass(&spread.argument, spread.span)
                        }
                        ArrayExpressionElement::Elision(hole) => self.value(Op::Nil, hole.span),
                        other => match other.as_expression() {
                            Some(expression) => self.expression(expression),
                            None => self.value(Op::Opaque, other.span()),
                        },
                    })
                    .collect();
                let list = self.list(&values);
                self.value(Op::Array(list), array.span)
            }
            Expression::ObjectExpression(object) => self.object(object),
            Expression::ArrowFunctionExpression(arrow) => {
                self.function(&arrow.params, arrow.span, |this| match &arrow.body {
                    ArrowFunctionBody::FunctionBody(body) => this.statements(&body.statements),
                    other => {
                        if let Some(expression) = other.as_expression() {
                            let value = this.expression(expression);
                            this.give_back(value, expression.span());
                        }
                    }
                })
            }
            Expression::FunctionExpression(function) => {
                let value = self.full_function(function);
                self.bind(function.id.as_ref(), value, function.span);
                // The binding's use of the value must not hide its real user.
                self.value(Op::Pass(value), function.span)
            }
            Expression::ClassExpression(class) => {
                let value = self.class(class);
                if class.id.is_some() {
                    self.bind(class.id.as_ref(), value, class.span);
                    return self.value(Op::Pass(value), class.span);
                }
                value
            }
            Expression::AssignmentExpression(assignment) => {
                let value = self.expression(&assignment.right);
                let mut bindings = Vec::new();
                self.assignment_target(&assignment.left, &mut Vec::new(), &mut bindings);
                if let (
                    Op::Func(_),
                    Some(Binding {
                        target: Target::Member { name, .. },
                    }),
                ) = (self.ir.op(self.skip_pass(value)), bindings.first())
                {
                    let key = Key::Name(*name);
                    self.named(self.skip_pass(value), key);
                }
                if let [
                    Binding {
                        target: Target::Member { object, name },
                    },
                ] = bindings.as_slice()
                    && matches!(self.ir.op(*object), Op::This)
                {
                    self.held_by_this(Key::Name(*name), value);
                }
                let targets = self.targets(bindings);
                self.value(
                    Op::Assign {
                        value,
                        targets,
                        compound: !assignment.operator.is_assign(),
                    },
                    assignment.span,
                )
            }
            Expression::AwaitExpression(wait) => self.pass(&wait.argument, wait.span),
            Expression::ParenthesizedExpression(inner) => self.expression(&inner.expression),
            Expression::TSAsExpression(cast) => self.expression(&cast.expression),
            Expression::TSSatisfiesExpression(cast) => self.expression(&cast.expression),
            Expression::TSTypeAssertion(cast) => self.expression(&cast.expression),
            Expression::TSNonNullExpression(cast) => self.expression(&cast.expression),
            Expression::TSInstantiationExpression(cast) => self.expression(&cast.expression),
            Expression::BinaryExpression(binary) => self.binary(binary),
            Expression::LogicalExpression(logical) => self.logical(logical),
            Expression::UnaryExpression(unary) => {
                let value = self.expression(&unary.argument);
                match (unary.operator, self.ir.op(value)) {
                    (UnaryOperator::UnaryNegation, Op::Num(number)) => {
                        self.value(Op::Num(-number), unary.span)
                    }
                    (UnaryOperator::LogicalNot, Op::Num(number)) => {
                        self.value(Op::Bool(number == 0.0), unary.span)
                    }
                    (UnaryOperator::Void, _) => self.value(Op::Nil, unary.span),
                    (operator, _) => {
                        let op = match operator {
                            UnaryOperator::LogicalNot => Un::Not,
                            UnaryOperator::UnaryPlus => Un::Plus,
                            UnaryOperator::UnaryNegation => Un::Minus,
                            UnaryOperator::BitwiseNot => Un::BitNot,
                            _ => Un::Other,
                        };
                        self.value(Op::Unary { op, value }, unary.span)
                    }
                }
            }
            Expression::UpdateExpression(update) => self.value(Op::Opaque, update.span),
            Expression::ConditionalExpression(choice) => {
                let test = self.expression(&choice.test);
                let yes = self.expression(&choice.consequent);
                let no = self.expression(&choice.alternate);
                self.value(Op::Cond { test, yes, no }, choice.span)
            }
            Expression::CallExpression(call) => self.call(call),
            Expression::NewExpression(new) => {
                let callee = self.expression(&new.callee);
                let args = self.arguments(&new.arguments);
                self.value(Op::New { callee, args }, new.span)
            }
            Expression::ChainExpression(chain) => match &chain.expression {
                ChainElement::CallExpression(call) => self.call(call),
                ChainElement::TSNonNullExpression(cast) => self.expression(&cast.expression),
                ChainElement::StaticMemberExpression(member) => self.member(member),
                ChainElement::ComputedMemberExpression(member) => self.index(member),
                ChainElement::PrivateFieldExpression(member) => self.private(member),
            },
            Expression::StaticMemberExpression(member) => self.member(member),
            Expression::ComputedMemberExpression(member) => self.index(member),
            Expression::PrivateFieldExpression(member) => self.private(member),
            Expression::SequenceExpression(sequence) => {
                let values: Vec<V> = sequence
                    .expressions
                    .iter()
                    .map(|expression| self.expression(expression))
                    .collect();
                let list = self.list(&values);
                self.value(Op::Seq(list), sequence.span)
            }
            Expression::TaggedTemplateExpression(tagged) => {
                let callee = self.expression(&tagged.tag);
                let template = self.template(&tagged.quasi);
                let args = self.list(&[template]);
                self.value(Op::Call { callee, args }, tagged.span)
            }
            Expression::YieldExpression(give) => match &give.argument {
                Some(argument) => {
                    let value = self.expression(argument);
                    self.give_back(value, give.span);
                    self.value(Op::Opaque, give.span)
                }
                None => self.value(Op::Opaque, give.span),
            },
            Expression::ImportExpression(import) => {
                let source = self.expression(&import.source);
                match self.ir.op(source) {
                    Op::Str(module) => self.value(Op::Module(module), import.span),
                    _ => {
                        let name = self.name("import");
                        let callee = self.value(Op::Global(name), import.span);
                        let args = self.list(&[source]);
                        self.value(Op::Call { callee, args }, import.span)
                    }
                }
            }
            Expression::ImportMeta(meta) => {
                let name = self.name("import.meta");
                self.value(Op::Global(name), meta.span)
            }
            Expression::JSXElement(element) => self.jsx(element),
            Expression::JSXFragment(fragment) => {
                let mut values = Vec::new();
                self.jsx_children(&fragment.children, &mut values);
                let list = self.list(&values);
                self.value(Op::Array(list), fragment.span)
            }
            other => self.value(Op::Opaque, other.span()),
        }
    }

    fn skip_pass(&self, value: V) -> V {
        match self.ir.op(value) {
            Op::Pass(inner) => inner,
            _ => value,
        }
    }

    fn member(&mut self, member: &StaticMemberExpression<'a>) -> V {
        let object = self.expression(&member.object);
        let name = self.name(member.property.name.as_str());
        self.value(Op::Member { object, name }, member.span)
    }

    fn private(&mut self, member: &PrivateFieldExpression<'a>) -> V {
        let object = self.expression(&member.object);
        let name = self.name(member.field.name.as_str());
        self.value(Op::Member { object, name }, member.span)
    }

    fn index(&mut self, member: &ComputedMemberExpression<'a>) -> V {
        let object = self.expression(&member.object);
        let key = self.expression(&member.expression);
        match self.ir.op(key) {
            Op::Str(name) => self.value(Op::Member { object, name }, member.span),
            _ => self.value(Op::Index { object, key }, member.span),
        }
    }
}

fn index_of(symbol: oxc_syntax::symbol::SymbolId) -> u32 {
    u32::try_from(symbol.index()).unwrap_or(NONE)
}
