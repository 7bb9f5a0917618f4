//! What makes the same code JavaScript of two module systems, TypeScript,
//! minified, or Python.

use anyhow::{Result, bail};
use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_minifier::{CompressOptions, MangleOptions, Minifier, MinifierOptions};
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;

use super::part::Style;

/// The name of a file of a case.
pub(super) fn file_name(name: &str, style: Style, several: bool, check: bool) -> String {
    match style {
        Style::Py if several => format!("atlas_tool/{name}.py"),
        Style::Py => "atlas_tool.py".to_owned(),
        Style::Ts if !check => format!("{name}.ts"),
        Style::Esm | Style::MinifiedEsm | Style::Ts => format!("{name}.mjs"),
        Style::Cjs | Style::MinifiedCjs => format!("{name}.js"),
    }
}

/// The line that imports a module of the platform: `os`, or single names as
/// `{hostname}:os`.
pub(super) fn import(module: &str, style: Style) -> String {
    let (names, module) = match module.rsplit_once("}:") {
        Some((names, module)) => (Some(names.trim_start_matches('{')), module),
        None => (None, module),
    };
    match (style, names) {
        (Style::Py, Some(names)) => format!("from {module} import {names}"),
        (Style::Py, None) => format!("import {module}"),
        (_, Some(names)) if style.cjs() => {
            format!("const {{ {names} }} = require(\"{module}\");")
        }
        (_, None) if style.cjs() => format!("const {module} = require(\"{module}\");"),
        (_, Some(names)) => format!("import {{ {names} }} from \"node:{module}\";"),
        (_, None) => format!("import {module} from \"node:{module}\";"),
    }
}

/// The line that imports names of another file of the case.
pub(super) fn import_own(
    names: &str,
    file: &str,
    style: Style,
    several: bool,
    check: bool,
) -> String {
    match style {
        Style::Py => format!("from .{file} import {names}"),
        Style::Ts if !check => format!("import {{ {names} }} from \"./{file}\";"),
        Style::Cjs | Style::MinifiedCjs => {
            let file = file_name(file, style, several, check);
            format!("const {{ {names} }} = require(\"./{file}\");")
        }
        Style::Esm | Style::MinifiedEsm | Style::Ts => {
            let file = file_name(file, style, several, check);
            format!("import {{ {names} }} from \"./{file}\";")
        }
    }
}

/// The last steps: types, raw characters, minification.
pub(super) fn finish(text: &str, style: Style, check: bool, seed: usize) -> Result<String> {
    if style == Style::Py {
        return Ok(text.trim_start().to_owned());
    }
    let typed = style == Style::Ts && !check;
    let text = types(text.trim_start(), typed);
    // One in three texts has its characters as they are, not as escapes.
    let text = if seed.is_multiple_of(3) {
        raw(&text)
    } else {
        text
    };
    if style.minified() {
        return minified(&text, style);
    }
    let kind = match style {
        Style::Ts if typed => SourceType::ts(),
        Style::Cjs => SourceType::cjs(),
        _ => SourceType::mjs(),
    };
    parsed(&text, kind)?;
    Ok(text)
}

/// Fails where a text is no code, or declares a name twice.
fn parsed(text: &str, kind: SourceType) -> Result<()> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, kind).parse();
    if let Some(error) = parsed.diagnostics.first() {
        bail!("{error}");
    }
    let semantic = SemanticBuilder::new()
        .with_check_syntax_error(true)
        .build(&parsed.program);
    if let Some(error) = semantic.diagnostics.first() {
        bail!("{error}");
    }
    Ok(())
}

/// Types stand in comments: `/*: T*/`, `/*as T*/`, `/*! */`.
pub(super) fn types(text: &str, keep: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        let Some((inside, tail)) = after.split_once("*/") else {
            rest = after;
            break;
        };
        if keep {
            if inside.starts_with("as ") {
                out.push(' ');
            }
            out.push_str(inside.trim_end());
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Escapes of characters become the characters.
fn raw(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\u") {
        out.push_str(before);
        let escaped = before.ends_with('\\');
        let digits = after.get(..4).unwrap_or_default();
        let code = u32::from_str_radix(digits, 16)
            .ok()
            .and_then(char::from_u32);
        match code {
            Some(c)
                if !escaped && u32::from(c) > 0xa0 && !('\u{2028}'..='\u{2029}').contains(&c) =>
            {
                out.push(c);
                rest = after.get(4..).unwrap_or_default();
            }
            _ => {
                out.push_str("\\u");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// What a bundler's minifier makes of a module.
pub(super) fn minified(text: &str, style: Style) -> Result<String> {
    let kind = if style.cjs() {
        SourceType::cjs()
    } else {
        SourceType::mjs()
    };
    parsed(text, kind)?;
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, kind).parse();
    let mut program = parsed.program;
    let options = MinifierOptions {
        mangle: Some(MangleOptions {
            top_level: Some(true),
            ..MangleOptions::default()
        }),
        compress: Some(CompressOptions::smallest()),
        ..MinifierOptions::default()
    };
    let done = Minifier::new(options).minify(&allocator, &mut program);
    let printed = Codegen::new()
        .with_options(CodegenOptions::minify())
        .with_scoping(done.scoping)
        .build(&program);
    Ok(printed.code.to_string())
}
