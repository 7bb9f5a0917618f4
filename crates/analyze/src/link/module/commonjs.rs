//! Exports of CommonJS modules.

use oxc_ast::ast::*;
use oxc_semantic::SymbolId;
use oxc_span::GetSpan;
use rustc_hash::FxHashMap;

use super::exports::is_name;
use super::{Base, Export, Reader, inner, key_of, literal, member_of, renamed};

/// What an assignment writes to.
enum Written {
    /// `module.exports`, `exports`.
    Whole,
    /// `exports.a`.
    Field(String),
    Other,
}

/// Objects whose members are given by functions that return names.
type Getters = FxHashMap<SymbolId, Vec<(String, Export)>>;

impl<'a> Reader<'a, '_> {
    pub(super) fn commonjs(&mut self, statements: &[Statement<'a>]) {
        let mut getters = Getters::default();
        for statement in statements {
            let Statement::ExpressionStatement(statement) = statement else {
                continue;
            };
            match inner(&statement.expression) {
                Expression::AssignmentExpression(assignment) => {
                    self.assigned(assignment, statement.span.start, &getters);
                }
                Expression::CallExpression(call) => self.called(call, &mut getters),
                // `0 && (module.exports = {...})` only names them for readers.
                Expression::SequenceExpression(sequence) => {
                    for expression in &sequence.expressions {
                        if let Expression::CallExpression(call) = inner(expression) {
                            self.called(call, &mut getters);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn written(&self, target: &AssignmentTarget<'a>) -> Written {
        match target {
            AssignmentTarget::AssignmentTargetIdentifier(id)
                if id.name == "exports" && self.symbol(id).is_none() =>
            {
                return Written::Whole;
            }
            AssignmentTarget::StaticMemberExpression(member) => {
                let name = member.property.name.as_str();
                if name == "exports" && self.is_global(&member.object, "module") {
                    return Written::Whole;
                }
                if self.is_exports(&member.object) {
                    return Written::Field(name.to_owned());
                }
            }
            AssignmentTarget::ComputedMemberExpression(member) => {
                if self.is_exports(&member.object)
                    && let Some(name) = literal(&member.expression)
                {
                    return Written::Field(name.to_owned());
                }
            }
            _ => {}
        }
        Written::Other
    }

    fn assigned(&mut self, assignment: &AssignmentExpression<'a>, start: u32, getters: &Getters) {
        let mut fields = Vec::new();
        let mut whole = false;
        let mut at = assignment;
        let value = loop {
            if !at.operator.is_assign() {
                return;
            }
            match self.written(&at.left) {
                Written::Whole => whole = true,
                Written::Field(name) => fields.push(name),
                Written::Other => {}
            }
            match inner(&at.right) {
                Expression::AssignmentExpression(next) => at = next,
                value => break value,
            }
        };
        if !whole && fields.is_empty() {
            return;
        }
        self.out.replaced |= whole;
        // What compilers write first, so that all names are there.
        if matches!(value, Expression::UnaryExpression(unary)
            if unary.operator == oxc_syntax::operator::UnaryOperator::Void)
        {
            return;
        }
        let export = match self.alias(value) {
            Some(known) => known,
            None if whole && fields.is_empty() => match value {
                Expression::ObjectExpression(object) => return self.object(object),
                Expression::CallExpression(call) if self.copied(call, getters) => return,
                _ => self.lifted("whole", start),
            },
            None => {
                let name = fields.iter().find(|name| is_name(name));
                let name = name.map_or_else(|| "field".to_owned(), |name| format!("{name}$e"));
                self.lifted(&name, start)
            }
        };
        for field in fields {
            self.out.written.insert(field.clone());
            self.exported(&field, export.clone());
        }
        if whole {
            self.out.whole = Some(export);
        }
    }

    /// Gives the value of a statement a name.
    fn lifted(&mut self, name: &str, start: u32) -> Export {
        let own = renamed(name, self.file);
        self.edit(start, start, format!("var {own} = "));
        Export::Name(own)
    }

    /// `module.exports = copy(object)`, as compilers write it for an object
    /// whose members they have set by functions.
    fn copied(&mut self, call: &CallExpression<'a>, getters: &Getters) -> bool {
        let [argument] = call.arguments.as_slice() else {
            return false;
        };
        let symbol = match argument.as_expression().map(inner) {
            Some(Expression::Identifier(id)) => self.symbol(id),
            _ => None,
        };
        let Some(known) = symbol.and_then(|symbol| getters.get(&symbol)) else {
            return false;
        };
        for (name, export) in known {
            self.exported(name, export.clone());
        }
        true
    }

    fn object(&mut self, object: &ObjectExpression<'a>) {
        for property in &object.properties {
            match property {
                ObjectPropertyKind::SpreadProperty(spread) => {
                    if let Some(Base::Module(target)) = self.base(&spread.argument) {
                        self.out.stars.push(target);
                    }
                }
                ObjectPropertyKind::ObjectProperty(property) => {
                    if let (false, Some(name)) = (property.computed, key_of(&property.key)) {
                        let name = name.to_owned();
                        self.property(property, &name);
                    }
                }
            }
        }
    }

    fn property(&mut self, property: &ObjectProperty<'a>, name: &str) {
        if property.kind == PropertyKind::Get {
            if let Some(known) = self.given(&property.value) {
                self.exported(name, known);
            }
            return;
        }
        if property.kind != PropertyKind::Init {
            return;
        }
        if let Some(known) = self.alias(&property.value) {
            self.out.written.insert(name.to_owned());
            self.exported(name, known);
            return;
        }
        if !is_name(name) {
            return;
        }
        // What has no name gets one: a function, so that it can be called.
        let own = renamed(&format!("{name}$e"), self.file);
        match inner(&property.value) {
            Expression::FunctionExpression(function) if property.method => {
                let key = self.source(property.key.span());
                let new = format!(
                    "{key}: {own} = {}function{} ",
                    if function.r#async { "async " } else { "" },
                    if function.generator { "*" } else { "" },
                );
                self.edit(property.span.start, function.span.start, new);
            }
            _ => {
                let start = property.value.span().start;
                self.edit(start, start, format!("{own} = "));
            }
        }
        self.out.tail.push_str(&format!("var {own};\n"));
        self.out.written.insert(name.to_owned());
        self.exported(name, Export::Name(own));
    }

    /// What a function without more gives back.
    fn given(&mut self, function: &Expression<'a>) -> Option<Export> {
        let statements = match inner(function) {
            Expression::ArrowFunctionExpression(arrow) => match &arrow.body {
                ArrowFunctionBody::FunctionBody(body) => &body.statements,
                other => return self.alias(other.as_expression()?),
            },
            Expression::FunctionExpression(function) => &function.body.as_ref()?.statements,
            _ => return None,
        };
        match statements.as_slice() {
            [Statement::ReturnStatement(give)] => self.alias(give.argument.as_ref()?),
            _ => None,
        }
    }

    fn called(&mut self, call: &CallExpression<'a>, getters: &mut Getters) {
        let arguments: Vec<&Expression<'a>> = call
            .arguments
            .iter()
            .filter_map(Argument::as_expression)
            .collect();
        let method = member_of(inner(&call.callee));
        let of_object = |reader: &Self, wanted: &str| {
            method
                .is_some_and(|(object, name)| name == wanted && reader.is_global(object, "Object"))
        };
        match arguments.as_slice() {
            [target, name, descriptor]
                if of_object(self, "defineProperty") && self.is_exports(target) =>
            {
                if let (Some(name), Expression::ObjectExpression(descriptor)) =
                    (literal(name), inner(descriptor))
                {
                    self.described(name, descriptor);
                }
            }
            [target, source] if of_object(self, "assign") && self.is_exports(target) => {
                self.star(source);
            }
            // `exportStar(require("./x"), exports)`
            [source, target] if self.is_exports(target) => self.star(source),
            // `Object.keys(x).forEach((key) => ... exports[key] ...)`
            [_] => {
                if let Some((object, "forEach")) = method
                    && let Expression::CallExpression(keys) = inner(object)
                    && let Some((owner, "keys")) = member_of(inner(&keys.callee))
                    && self.is_global(owner, "Object")
                    && let Some(source) = keys.arguments.first().and_then(Argument::as_expression)
                {
                    self.star(source);
                }
            }
            [target, members] => {
                if let (Expression::Identifier(id), Expression::ObjectExpression(members)) =
                    (inner(target), inner(members))
                    && let Some(symbol) = self.symbol(id)
                {
                    let known = self.getters(members);
                    getters.entry(symbol).or_default().extend(known);
                }
            }
            _ => {}
        }
    }

    fn getters(&mut self, members: &ObjectExpression<'a>) -> Vec<(String, Export)> {
        let mut known = Vec::new();
        for property in &members.properties {
            if let ObjectPropertyKind::ObjectProperty(property) = property
                && let Some(name) = key_of(&property.key)
                && let Some(export) = self.given(&property.value)
            {
                known.push((name.to_owned(), export));
            }
        }
        known
    }

    fn star(&mut self, source: &Expression<'a>) {
        if let Some(Base::Module(target)) = self.base(source) {
            self.out.stars.push(target);
        }
    }

    fn described(&mut self, name: &str, descriptor: &ObjectExpression<'a>) {
        for property in &descriptor.properties {
            let ObjectPropertyKind::ObjectProperty(property) = property else {
                continue;
            };
            let known = match key_of(&property.key) {
                Some("get") => self.given(&property.value),
                Some("value") => self.alias(&property.value),
                _ => None,
            };
            if let Some(known) = known {
                self.exported(name, known);
            }
        }
    }
}
