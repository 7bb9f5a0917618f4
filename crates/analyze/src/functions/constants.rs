//! What a variable always is: constants that have a name, objects that are
//! nothing but their members, and what is imported.

use oxc_ast::ast::*;
use oxc_ast_visit::{Visit, walk};
use oxc_semantic::Scoping;
use oxc_syntax::operator::{BinaryOperator, UnaryOperator};
use oxc_syntax::symbol::SymbolId;
use rustc_hash::{FxHashMap, FxHashSet};

/// How deep constants are folded.
pub(super) const FOLDED: usize = 8;
/// The longest constant text that stands for its name, in bytes.
pub(super) const LONGEST: usize = 4096;

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constant {
    Text(String),
    Number(f64),
    Bool(bool),
    Null,
    Nothing,
}

/// Variables that other files can import.
pub(super) fn exported(program: &Program<'_>, scoping: &Scoping) -> FxHashSet<SymbolId> {
    let mut out = FxHashSet::default();
    for statement in &program.body {
        match statement {
            Statement::ExportNamedDeclaration(export) => {
                for specifier in &export.specifiers {
                    if let ModuleExportName::IdentifierReference(id) = &specifier.local {
                        out.extend(symbol_of(id, scoping));
                    }
                }
            }
            Statement::ExportDeclaration(export) => {
                if let Declaration::VariableDeclaration(variables) = &export.declaration {
                    for declarator in &variables.declarations {
                        if let BindingPattern::BindingIdentifier(id) = &declarator.id {
                            out.extend(id.symbol_id.get());
                        }
                    }
                }
            }
            _ => {}
        }
    }
    out
}

/// How many wrappers around a whole file are looked through.
pub(super) const AROUND: usize = 4;

/// Finds variables that are constants and never written again, and what is
/// imported.
pub(super) struct Constants<'s> {
    pub(super) scoping: &'s Scoping,
    pub(super) known: FxHashMap<SymbolId, Constant>,
    pub(super) imported: FxHashMap<SymbolId, Imported>,
    /// Variables that hold an object written out, with its constants.
    pub(super) objects: FxHashMap<SymbolId, Members>,
    /// How often a member of what a variable holds is read, and which are
    /// written.
    pub(super) read: FxHashMap<SymbolId, usize>,
    pub(super) written: FxHashSet<SymbolId>,
}

pub(super) type Members = FxHashMap<String, Constant>;

impl Constants<'_> {
    /// Objects that are nothing but their members: a minifier may make a
    /// variable of each.
    pub(super) fn apart(&mut self) -> FxHashMap<SymbolId, Members> {
        let mut objects = std::mem::take(&mut self.objects);
        objects.retain(|symbol, _| {
            let all = self.scoping.get_resolved_reference_ids(*symbol).len();
            !self.written.contains(symbol)
                && !self.scoping.symbol_is_mutated(*symbol)
                && self.read.get(symbol).copied().unwrap_or(0) == all
        });
        objects
    }
}

/// What a variable stands for that comes from another module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Imported {
    /// What a package calls so: others write it as a member.
    Member(String),
    /// A module of the same program, whose members are variables elsewhere.
    Own,
    /// A variable of such a module, by its name there.
    Foreign(String),
}

/// Whether a module is one of the same program.
pub(super) fn is_own(specifier: &str) -> bool {
    specifier.starts_with('.')
}

/// Whether a property is a plain name with a value.
pub(super) fn is_simple(property: &ObjectPropertyKind<'_>) -> bool {
    matches!(property, ObjectPropertyKind::ObjectProperty(property)
        if !property.computed && property.kind == PropertyKind::Init)
}

/// The module that a value is, by whatever it is wrapped in.
pub(super) fn module_of<'e>(value: &'e Expression<'_>) -> Option<&'e str> {
    let Expression::CallExpression(call) = value else {
        return None;
    };
    let first = call.arguments.first().and_then(Argument::as_expression);
    match (&call.callee, first) {
        (Expression::Identifier(id), Some(Expression::StringLiteral(specifier)))
            if id.name == "require" =>
        {
            Some(specifier.value.as_str())
        }
        (_, Some(inner)) => module_of(inner),
        _ => None,
    }
}

impl<'a> Visit<'a> for Constants<'_> {
    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        if let (BindingPattern::BindingIdentifier(id), Some(init)) =
            (&declarator.id, &declarator.init)
            && let Some(symbol) = id.symbol_id.get()
            && !self.scoping.symbol_is_mutated(symbol)
            && let Some(constant) = fold(init, self.scoping, &self.known, FOLDED)
        {
            self.known.insert(symbol, constant);
        }
        if let (BindingPattern::BindingIdentifier(id), Some(init)) =
            (&declarator.id, &declarator.init)
            && let Some(symbol) = id.symbol_id.get()
            && module_of(init).is_some_and(is_own)
        {
            self.imported.insert(symbol, Imported::Own);
        }
        if let (BindingPattern::BindingIdentifier(id), Some(Expression::ObjectExpression(object))) =
            (&declarator.id, &declarator.init)
            && let Some(symbol) = id.symbol_id.get()
            && !object.properties.is_empty()
            && object.properties.iter().all(is_simple)
        {
            let mut members = Members::default();
            for property in &object.properties {
                if let ObjectPropertyKind::ObjectProperty(property) = property
                    && let Some(name) = property.key.static_name()
                    && let Some(value) = fold(&property.value, self.scoping, &self.known, FOLDED)
                {
                    members.insert(name.into_owned(), value);
                }
            }
            self.objects.insert(symbol, members);
        }
        walk::walk_variable_declarator(self, declarator);
    }

    fn visit_static_member_expression(&mut self, member: &StaticMemberExpression<'a>) {
        if let Expression::Identifier(id) = &member.object
            && let Some(symbol) = symbol_of(id, self.scoping)
        {
            *self.read.entry(symbol).or_default() += 1;
        }
        walk::walk_static_member_expression(self, member);
    }

    fn visit_simple_assignment_target(&mut self, target: &SimpleAssignmentTarget<'a>) {
        if let SimpleAssignmentTarget::StaticMemberExpression(member) = target
            && let Expression::Identifier(id) = &member.object
        {
            self.written.extend(symbol_of(id, self.scoping));
        }
        walk::walk_simple_assignment_target(self, target);
    }

    fn visit_import_declaration(&mut self, import: &ImportDeclaration<'a>) {
        let own = is_own(import.source.value.as_str());
        for specifier in import.specifiers.iter().flatten() {
            let (local, name) = match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(named) => {
                    (&named.local, Some(named.imported.name().to_string()))
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(default) => {
                    (&default.local, Some("default".to_owned()))
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(all) => (&all.local, None),
            };
            let imported = match (own, name) {
                (false, Some(name)) => Imported::Member(name),
                (true, None) => Imported::Own,
                (true, Some(name)) => Imported::Foreign(name),
                (false, None) => continue,
            };
            if let Some(symbol) = local.symbol_id.get() {
                self.imported.insert(symbol, imported);
            }
        }
    }
}

/// What an expression always is.
pub(super) fn fold(
    expression: &Expression<'_>,
    scoping: &Scoping,
    known: &FxHashMap<SymbolId, Constant>,
    depth: usize,
) -> Option<Constant> {
    let depth = depth.checked_sub(1)?;
    let inner = |expression: &Expression<'_>| fold(expression, scoping, known, depth);
    Some(match expression {
        Expression::StringLiteral(text) if text.value.len() <= LONGEST => {
            Constant::Text(text.value.to_string())
        }
        Expression::NumericLiteral(number) => Constant::Number(number.value),
        Expression::BooleanLiteral(boolean) => Constant::Bool(boolean.value),
        Expression::NullLiteral(_) => Constant::Null,
        Expression::TemplateLiteral(template) => {
            let mut out = String::new();
            let mut expressions = template.expressions.iter();
            for quasi in &template.quasis {
                out.push_str(quasi.value.cooked?.as_str());
                if let Some(expression) = expressions.next() {
                    out.push_str(&written(&inner(expression)?)?);
                }
                if out.len() > LONGEST {
                    return None;
                }
            }
            Constant::Text(out)
        }
        Expression::Identifier(id) => {
            let symbol = symbol_of(id, scoping);
            match symbol {
                Some(symbol) => known.get(&symbol)?.clone(),
                None if id.name == "undefined" => Constant::Nothing,
                None if id.name == "Infinity" => Constant::Number(f64::INFINITY),
                None if id.name == "NaN" => Constant::Number(f64::NAN),
                None => return None,
            }
        }
        Expression::ParenthesizedExpression(within) => inner(&within.expression)?,
        Expression::UnaryExpression(unary) => match (unary.operator, inner(&unary.argument)?) {
            (UnaryOperator::UnaryNegation, Constant::Number(number)) => Constant::Number(-number),
            (UnaryOperator::UnaryPlus, Constant::Number(number)) => Constant::Number(number),
            (UnaryOperator::LogicalNot, Constant::Number(number)) => Constant::Bool(number == 0.0),
            (UnaryOperator::LogicalNot, Constant::Bool(is)) => Constant::Bool(!is),
            (UnaryOperator::Void, _) => Constant::Nothing,
            _ => return None,
        },
        Expression::BinaryExpression(binary) => {
            match (inner(&binary.left)?, binary.operator, inner(&binary.right)?) {
                (Constant::Number(one), operator, Constant::Number(other)) => {
                    Constant::Number(match operator {
                        BinaryOperator::Addition => one + other,
                        BinaryOperator::Subtraction => one - other,
                        BinaryOperator::Multiplication => one * other,
                        BinaryOperator::Division => one / other,
                        BinaryOperator::Exponential => one.powf(other),
                        _ => return None,
                    })
                }
                (one, BinaryOperator::Addition, other)
                    if matches!(one, Constant::Text(_)) || matches!(other, Constant::Text(_)) =>
                {
                    let text = written(&one)? + &written(&other)?;
                    if text.len() > LONGEST {
                        return None;
                    }
                    Constant::Text(text)
                }
                _ => return None,
            }
        }
        _ => return None,
    })
}

/// A constant as it stands in a text.
pub(super) fn written(constant: &Constant) -> Option<String> {
    Some(match constant {
        Constant::Text(text) => text.clone(),
        #[expect(clippy::cast_possible_truncation, reason = "whole and small")]
        Constant::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            (*number as i64).to_string()
        }
        Constant::Number(_) => return None,
        Constant::Bool(is) => is.to_string(),
        Constant::Null => "null".to_owned(),
        Constant::Nothing => "undefined".to_owned(),
    })
}

pub(super) fn symbol_of(id: &IdentifierReference<'_>, scoping: &Scoping) -> Option<SymbolId> {
    scoping.get_reference(id.reference_id.get()?).symbol_id()
}
