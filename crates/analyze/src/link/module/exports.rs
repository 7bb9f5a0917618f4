//! Exports of ECMAScript modules.

use oxc_ast::ast::*;
use oxc_span::{GetSpan, Span};

use super::{Base, Export, Reader, renamed};

impl<'a> Reader<'a, '_> {
    pub(super) fn export(&mut self, statement: &Statement<'a>) {
        match statement {
            Statement::ExportDeclaration(export) => {
                let start = export.declaration.span().start;
                if start <= export.span.start {
                    // Decorators stand before the word.
                    self.whole = false;
                    return;
                }
                self.edit(export.span.start, start, String::new());
                self.declares(&export.declaration);
            }
            Statement::ExportNamedDeclaration(export) => {
                self.remove(export.span);
                for specifier in &export.specifiers {
                    let ModuleExportName::IdentifierReference(local) = &specifier.local else {
                        continue;
                    };
                    if let Some(known) = self.alias_of(local) {
                        self.exported(specifier.exported.name().as_str(), known);
                    }
                }
            }
            Statement::ExportFromDeclaration(export) => {
                let target = self.target(export.source.value.as_str());
                let mut imported = Vec::new();
                for specifier in &export.specifiers {
                    let local = specifier.local.name().to_string();
                    let exported = specifier.exported.name();
                    if let Some(target) = target {
                        self.exported(exported.as_str(), Export::From(Base::Of(target, local)));
                    } else if is_name(&exported) {
                        let own = renamed(&format!("{exported}$e"), self.file);
                        imported.push(format!("{} as {own}", self.source(specifier.local.span())));
                        self.exported(exported.as_str(), Export::Name(own));
                    }
                }
                let new = if target.is_some() {
                    String::new()
                } else {
                    let from = self.source(export.source.span);
                    format!("import {{ {} }} from {from};", imported.join(", "))
                };
                self.edit(export.span.start, export.span.end, new);
            }
            Statement::ExportAllDeclaration(export) => {
                let target = self.target(export.source.value.as_str());
                match (target, &export.exported) {
                    (Some(target), None) => {
                        self.out.stars.push(target);
                        self.remove(export.span);
                    }
                    (Some(target), Some(name)) => {
                        self.exported(name.name().as_str(), Export::From(Base::Module(target)));
                        self.remove(export.span);
                    }
                    (None, Some(name)) if is_name(&name.name()) => {
                        let own = renamed(&format!("{}$e", name.name()), self.file);
                        let from = self.source(export.source.span);
                        let new = format!("import * as {own} from {from};");
                        self.edit(export.span.start, export.span.end, new);
                        self.exported(name.name().as_str(), Export::Name(own));
                    }
                    (None, _) => self.remove(export.span),
                }
            }
            Statement::ExportDefaultDeclaration(export) => self.default(export),
            Statement::TSExportAssignment(export) => {
                let start = export.expression.span().start;
                let known = self.alias(&export.expression);
                let own = renamed("whole", self.file);
                let new = match known {
                    Some(_) => String::new(),
                    None => format!("const {own} = "),
                };
                self.edit(export.span.start, start, new);
                self.out.whole = Some(known.unwrap_or(Export::Name(own)));
            }
            Statement::TSNamespaceExportDeclaration(export) => self.remove(export.span),
            _ => {}
        }
    }

    pub(super) fn exported(&mut self, name: &str, export: Export) {
        self.out.exports.insert(name.to_owned(), export);
    }

    /// The text of a range of the file.
    pub(super) fn source(&self, span: Span) -> &str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    fn default(&mut self, export: &ExportDefaultDeclaration<'a>) {
        let span = export.declaration.span();
        if span.start <= export.span.start {
            self.whole = false;
            return;
        }
        let named = match &export.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(function) => function.id.as_ref(),
            ExportDefaultDeclarationKind::ClassDeclaration(class) => class.id.as_ref(),
            ExportDefaultDeclarationKind::TSInterfaceDeclaration(interface) => Some(&interface.id),
            _ => None,
        };
        let known = match (named, export.declaration.as_expression()) {
            (Some(id), _) => Some(Export::Name(renamed(id.name.as_str(), self.file))),
            (None, Some(expression)) => self.alias(expression),
            (None, None) => None,
        };
        let own = renamed("default", self.file);
        let new = match known {
            Some(_) => String::new(),
            None => format!("const {own} = "),
        };
        if known.is_none() {
            self.edit(span.end, span.end, ";".to_owned());
        }
        self.edit(export.span.start, span.start, new);
        self.exported("default", known.unwrap_or(Export::Name(own)));
    }

    fn declares(&mut self, declaration: &Declaration<'a>) {
        let id = match declaration {
            Declaration::VariableDeclaration(variables) => {
                for declarator in &variables.declarations {
                    for id in declarator.id.get_binding_identifiers() {
                        self.declared_export(id);
                    }
                }
                return;
            }
            Declaration::FunctionDeclaration(function) => function.id.as_ref(),
            Declaration::ClassDeclaration(class) => class.id.as_ref(),
            Declaration::TSEnumDeclaration(one) => Some(&one.id),
            Declaration::TSInterfaceDeclaration(one) => Some(&one.id),
            Declaration::TSTypeAliasDeclaration(one) => Some(&one.id),
            Declaration::TSImportEqualsDeclaration(one) => Some(&one.id),
            Declaration::TSNamespaceDeclaration(one) => Some(&one.id),
            _ => None,
        };
        if let Some(id) = id {
            self.declared_export(id);
        }
    }

    fn declared_export(&mut self, id: &BindingIdentifier<'a>) {
        let known = id
            .symbol_id
            .get()
            .and_then(|symbol| self.bases.get(&symbol));
        let export = match known {
            Some(base) => Export::From(base.clone()),
            None => Export::Name(renamed(id.name.as_str(), self.file)),
        };
        self.exported(id.name.as_str(), export);
    }
}

/// Whether a text may be part of a name without more.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
        && !text.starts_with(|c: char| c.is_ascii_digit())
}
