//! Forms of code that a minifier writes in another way: sums and templates,
//! tests for nothing, chains of conditions, what is done in place.

use oxc_ast::ast::*;
use oxc_span::GetSpan;
use oxc_syntax::operator::{BinaryOperator, LogicalOperator, UnaryOperator};

/// A part of a sum or a template.
pub(super) enum Part<'e, 'a> {
    Text(&'e str),
    Value(&'e Expression<'a>),
}

/// Takes a sum or template apart; whether it is a text for sure.
pub(super) fn parted<'e, 'a>(whole: &'e Expression<'a>, parts: &mut Vec<Part<'e, 'a>>) -> bool {
    match whole {
        Expression::ParenthesizedExpression(inner) => parted(&inner.expression, parts),
        Expression::BinaryExpression(binary) if binary.operator == BinaryOperator::Addition => {
            let left = parted(&binary.left, parts);
            // What is added last may be a sum of numbers of its own, which
            // is none of this text's pieces.
            let right = match &binary.right {
                Expression::TemplateLiteral(_) | Expression::StringLiteral(_) => {
                    parted(&binary.right, parts)
                }
                other => {
                    parts.push(Part::Value(other));
                    false
                }
            };
            left || right
        }
        Expression::TemplateLiteral(template) => {
            let mut expressions = template.expressions.iter();
            for quasi in &template.quasis {
                parts.push(Part::Text(
                    quasi.value.cooked.as_ref().map_or("", |text| text.as_str()),
                ));
                if let Some(expression) = expressions.next() {
                    match expression {
                        Expression::TemplateLiteral(_) => {
                            parted(expression, parts);
                        }
                        other => parts.push(Part::Value(other)),
                    }
                }
            }
            true
        }
        Expression::StringLiteral(_) => {
            parts.push(Part::Value(whole));
            true
        }
        other => {
            parts.push(Part::Value(other));
            false
        }
    }
}

/// The value of which is asked whether it is `null` or nothing, and whether it
/// is rather than is not.
pub(super) fn is_nothing<'e, 'a>(test: &'e Expression<'a>) -> Option<(&'e Expression<'a>, bool)> {
    match test {
        Expression::ParenthesizedExpression(inner) => is_nothing(&inner.expression),
        Expression::BinaryExpression(binary) => {
            let is = match binary.operator {
                BinaryOperator::Equality => true,
                BinaryOperator::Inequality => false,
                _ => return None,
            };
            match (&binary.left, &binary.right) {
                (value, Expression::NullLiteral(_)) | (Expression::NullLiteral(_), value) => {
                    Some((value, is))
                }
                _ => None,
            }
        }
        // `a === null || a === void 0`.
        Expression::LogicalExpression(logical) => {
            let side = |side: &'e Expression<'a>| {
                let Expression::BinaryExpression(binary) = side else {
                    return None;
                };
                let is = match binary.operator {
                    BinaryOperator::StrictEquality => true,
                    BinaryOperator::StrictInequality => false,
                    _ => return None,
                };
                let nothing = match &binary.right {
                    Expression::NullLiteral(_) => false,
                    Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::Void => {
                        true
                    }
                    _ => return None,
                };
                Some((&binary.left, is, nothing))
            };
            let (value, is, one) = side(&logical.left)?;
            let (_, again, other) = side(&logical.right)?;
            let joined = match logical.operator {
                LogicalOperator::Or => is,
                LogicalOperator::And => !is,
                LogicalOperator::Coalesce => false,
            };
            (joined && is == again && one != other).then_some((value, is))
        }
        _ => None,
    }
}

/// The operands of a chain, each with those before it that are asked only
/// whether they are there: `a && (t = b) != null && t.c` is `a && b?.c`.
pub(super) fn parts_of<'e, 'a>(logical: &'e LogicalExpression<'a>) -> Vec<Vec<&'e Expression<'a>>> {
    let mut operands: Vec<&Expression<'a>> = Vec::new();
    let mut rest = vec![&logical.right, &logical.left];
    while let Some(next) = rest.pop() {
        match next {
            Expression::ParenthesizedExpression(inner) => rest.push(&inner.expression),
            Expression::LogicalExpression(inner) if inner.operator == logical.operator => {
                rest.extend([&inner.right, &inner.left]);
            }
            other => operands.push(other),
        }
    }
    let is = logical.operator == LogicalOperator::Or;
    let mut out: Vec<Vec<&Expression<'a>>> = Vec::new();
    let mut open: Vec<&Expression<'a>> = Vec::new();
    let count = operands.len();
    for (at, operand) in (1..).zip(operands) {
        match is_nothing(operand) {
            Some((value, asked)) if asked == is && at < count => open.push(value),
            _ => {
                open.push(operand);
                out.push(std::mem::take(&mut open));
            }
        }
    }
    out
}

/// The arguments of `t.call(a, …)`, where `t` is what a value was put into.
pub(super) fn method_of<'e, 'a>(
    value: &Expression<'a>,
    with: &'e Expression<'a>,
) -> Option<&'e [Argument<'a>]> {
    let Expression::CallExpression(call) = with else {
        return None;
    };
    let Expression::StaticMemberExpression(member) = &call.callee else {
        return None;
    };
    let (_, arguments) = call.arguments.split_first()?;
    (member.property.name == "call" && names(value, &member.object)).then_some(arguments)
}

pub(super) fn is_not(operator: BinaryOperator) -> bool {
    matches!(
        operator,
        BinaryOperator::Inequality | BinaryOperator::StrictInequality
    )
}

/// Whether what is asked is the contrary of its normal form.
pub(super) fn is_turned(test: &Expression<'_>) -> bool {
    match test {
        Expression::ParenthesizedExpression(inner) => is_turned(&inner.expression),
        Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::LogicalNot => {
            !is_turned(&unary.argument)
        }
        Expression::BinaryExpression(binary) => is_not(binary.operator),
        Expression::LogicalExpression(logical) => match parts_of(logical).as_slice() {
            [part] => part.last().is_some_and(|last| is_turned(last)),
            _ => logical.operator == LogicalOperator::Or,
        },
        _ => false,
    }
}

/// Whether a variable is the one that a value is or was just put into.
pub(super) fn names(value: &Expression<'_>, variable: &Expression<'_>) -> bool {
    let Expression::Identifier(variable) = variable else {
        return false;
    };
    let mut value = value;
    while let Expression::ParenthesizedExpression(inner) = value {
        value = &inner.expression;
    }
    match value {
        Expression::Identifier(id) => id.name == variable.name,
        Expression::AssignmentExpression(assignment) => {
            matches!(&assignment.left, AssignmentTarget::AssignmentTargetIdentifier(id)
                if id.name == variable.name)
        }
        _ => false,
    }
}

pub(super) fn is_function(expression: &Expression<'_>) -> bool {
    matches!(
        expression,
        Expression::FunctionExpression(_) | Expression::ArrowFunctionExpression(_)
    )
}

/// Whether what follows a statement is not reached from it.
pub(super) fn leaves(statement: &Statement<'_>) -> bool {
    match statement {
        Statement::ReturnStatement(_)
        | Statement::ThrowStatement(_)
        | Statement::ContinueStatement(_)
        | Statement::BreakStatement(_) => true,
        Statement::BlockStatement(block) => block.body.last().is_some_and(leaves),
        Statement::IfStatement(branch) => {
            leaves(&branch.consequent) && branch.alternate.as_ref().is_some_and(leaves)
        }
        _ => false,
    }
}

/// The expressions that a comma joins.
pub(super) fn in_sequence<'e, 'a>(expression: &'e Expression<'a>) -> Vec<&'e Expression<'a>> {
    match expression {
        Expression::SequenceExpression(sequence) => sequence.expressions.iter().collect(),
        other => vec![other],
    }
}

/// Of a function that is called where it stands and but evaluates some
/// expressions: what it is called with, and these.
pub(super) fn done_in_place<'e, 'a>(
    expression: &'e Expression<'a>,
) -> Option<(&'e [Argument<'a>], Vec<&'e Expression<'a>>)> {
    let Expression::CallExpression(call) = expression else {
        return None;
    };
    let (params, statements) = match call.callee.without_parentheses() {
        Expression::FunctionExpression(function) if !function.r#async && !function.generator => {
            (&function.params, &function.body.as_ref()?.statements)
        }
        Expression::ArrowFunctionExpression(arrow) if !arrow.r#async => match &arrow.body {
            ArrowFunctionBody::FunctionBody(body) => (&arrow.params, &body.statements),
            _ => return None,
        },
        _ => return None,
    };
    let is_plain = |param: &FormalParameter<'_>| {
        param.initializer.is_none() && matches!(param.pattern, BindingPattern::BindingIdentifier(_))
    };
    if params.rest.is_some() || !params.items.iter().all(is_plain) {
        return None;
    }
    let mut done = Vec::new();
    for statement in statements {
        let Statement::ExpressionStatement(statement) = statement else {
            return None;
        };
        done.extend(in_sequence(&statement.expression));
    }
    (!done.is_empty()).then_some((call.arguments.as_slice(), done))
}

/// The statements of a function that is called where it stands and holds
/// nearly all of the file.
pub(super) fn wrapped<'b, 'a>(
    statement: &'b Statement<'a>,
    whole: u32,
) -> Option<&'b [Statement<'a>]> {
    if statement.span().size() < whole / 10 * 9 {
        return None;
    }
    let Statement::ExpressionStatement(statement) = statement else {
        return None;
    };
    // What it is not called with is evaluated then.
    let has_defaults = |params: &FormalParameters<'_>| {
        params.items.iter().any(|param| param.initializer.is_some())
    };
    let mut expression = &statement.expression;
    loop {
        expression = match expression {
            Expression::ParenthesizedExpression(inner) => &inner.expression,
            Expression::UnaryExpression(unary) => &unary.argument,
            Expression::CallExpression(call) => &call.callee,
            Expression::FunctionExpression(function) if !has_defaults(&function.params) => {
                return function
                    .body
                    .as_ref()
                    .map(|body| body.statements.as_slice());
            }
            Expression::ArrowFunctionExpression(arrow) if !has_defaults(&arrow.params) => {
                return match &arrow.body {
                    ArrowFunctionBody::FunctionBody(body) => Some(body.statements.as_slice()),
                    _ => None,
                };
            }
            _ => return None,
        };
    }
}
