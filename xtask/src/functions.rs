//! How well functions of two versions are told apart, where the truth is
//! known: both are built from their sources, each in another way, and the
//! maps of the builds lead every function back to its source.

mod generated;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use assay_analyze::{Functions, Matching, differences, source_functions};
use assay_model::Diff;
use oxc_allocator::Allocator;
use oxc_ast::ast::*;
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_semantic::{Scoping, SemanticBuilder};
use oxc_span::{GetSpan, SourceType, Span};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::builder::BUILDER;
use crate::map::decoded;
use crate::programs::npm;
use crate::table::{percent, table};
use crate::tool::Tool;

/// A minifier of another make.
const MINIFIER: (&str, &str) = ("terser", "5.51.2");

/// Open-source agents that are published as the files that they were compiled
/// to, and two of their versions.
const AGENTS: &[(&str, &str, &str, &str)] = &[
    (
        "@google/gemini-cli-core",
        "0.1.20",
        "0.1.21",
        "dist/index.js",
    ),
    ("@google/gemini-cli-core", "0.3.4", "0.4.0", "dist/index.js"),
    ("@openai/agents-core", "0.1.0", "0.2.0", "dist/index.mjs"),
    (
        "@mariozechner/pi-coding-agent",
        "0.72.1",
        "0.73.0",
        "dist/main.js",
    ),
];

/// How a version is built.
#[derive(Debug, Clone, Copy)]
enum Build {
    /// By the bundler, with these arguments.
    Bundled(&'static [&'static str]),
    /// Bundled, then minified by the other minifier.
    Minified,
    /// Each file on its own.
    Apart,
    /// Bundled into many chunks that import each other, as bundlers do that
    /// load parts on demand.
    Chunks,
}

/// Names of pairs of builds: of the first version, and of the second.
const PAIRS: &[(&str, Build, Build)] = &[
    (
        "the same settings",
        Build::Bundled(&["--minify", "--format=esm"]),
        Build::Bundled(&["--minify", "--format=esm"]),
    ),
    (
        "another target and format",
        Build::Bundled(&["--minify", "--format=esm"]),
        Build::Bundled(&["--minify", "--format=cjs", "--target=node16"]),
    ),
    (
        "plain, then minified",
        Build::Bundled(&["--format=esm"]),
        Build::Bundled(&["--minify", "--format=esm"]),
    ),
    (
        "two minifiers",
        Build::Bundled(&["--minify", "--format=esm"]),
        Build::Minified,
    ),
    (
        "one bundle, then file by file",
        Build::Bundled(&["--minify", "--format=esm"]),
        Build::Apart,
    ),
    (
        "one bundle, then chunks",
        Build::Bundled(&["--minify", "--format=esm"]),
        Build::Chunks,
    ),
];

/// One file of so many of a package begins a chunk.
const CHUNKED: usize = 3;
/// How many generated programs there are.
const GENERATED: u64 = 2;

/// What was built: texts with their maps.
struct Built {
    files: Vec<(String, Vec<u8>)>,
}

/// A function of a source.
#[derive(Debug, Default)]
struct Source {
    start: usize,
    end: usize,
    name: String,
    own: String,
    whole: String,
    inner: Vec<Source>,
    /// Where statements begin and end that only define functions.
    defined: Vec<(usize, usize)>,
}

/// A file of a version.
#[derive(Debug)]
struct File {
    text: String,
    root: Source,
}

type Sources = BTreeMap<String, File>;

impl File {
    /// Where a line and column begin; columns count UTF-16 units.
    fn byte(&self, line: usize, column: usize) -> usize {
        let mut start = 0;
        for (number, text) in self.text.split_inclusive('\n').enumerate() {
            if number == line {
                let mut units = 0;
                let at = text.char_indices().find(|(_, c)| {
                    units += c.len_utf16();
                    units > column
                });
                return start + at.map_or(text.len(), |(at, _)| at);
            }
            start += text.len();
        }
        start
    }
}

/// A place of a source: the file and where a function begins.
type Place = (String, usize);

pub(crate) fn measure(only: Option<&str>) -> Result<ExitCode> {
    let mut report = format!(
        "# Functions of two versions\n\n{} at commit {}, by `cargo xtask eval diff`.\n\n\
         Two versions of open-source agents, each bundled and minified apart. *Changed* is what \
         is another in the source: functions changed, new and gone. *Right* is the share of what \
         is told that is so, *found* the share of what is so that is told; *paired* is the share \
         of functions with a counterpart that were given the right one.\n\n",
        crate::eval::output("date", &["-u", "+%F"])?,
        crate::eval::output("git", &["describe", "--always", "--dirty"])?,
    );
    let folder = tempfile::tempdir()?;
    let mut versions: Vec<(String, PathBuf, PathBuf, &str)> = Vec::new();
    for (package, one, other, entry) in AGENTS {
        let name = format!("{package} {one} {other}");
        if only.is_some_and(|only| !name.contains(only)) {
            continue;
        }
        let [before, after] =
            [one, other].map(|version| folder.path().join(format!("{package}-{version}")));
        for (version, folder) in [(one, &before), (other, &after)] {
            if !unpack(&format!("npm:{package}@{version}"), folder)? {
                println!("skipped: needs a registry");
                return Ok(ExitCode::SUCCESS);
            }
        }
        versions.push((name, before, after, entry));
    }
    for seed in 1..=GENERATED {
        let name = format!("generated {seed}");
        if only.is_some_and(|only| !name.contains(only)) {
            continue;
        }
        let [before, after] = ["1", "2"].map(|side| folder.path().join(format!("{seed}-{side}")));
        generated::write(seed, &before, &after)?;
        versions.push((name, before, after, "index.js"));
    }
    let mut rows = Vec::new();
    let mut all = Score::default();
    for (name, before, after, entry) in &versions {
        let (old, new) = (sources(before)?, sources(after)?);
        let truth = Truth::of(&old, &new);
        for (builds, first, second) in PAIRS {
            let score = Score::of(
                (&first.build(before, entry)?, &old),
                (&second.build(after, entry)?, &new),
                &truth,
            )?;
            let row = score.row(name, builds);
            println!("{}", row.join("  "));
            rows.push(row);
            all.add(&score);
        }
    }
    rows.push(all.row("all", ""));
    let head = [
        "agent",
        "builds",
        "functions",
        "changed",
        "told",
        "right",
        "found",
        "paired",
    ];
    report.push_str(&table(&head, &rows));
    println!("\n{}", table(&head, &rows));
    let rows = rebuilt(&versions, folder.path())?;
    let head = [
        "agent",
        "builds",
        "findings",
        "other findings",
        "other functions",
    ];
    report.push_str(
        "\n## One version, built in two ways\n\nBy `assay diff`. Nothing is another in what it \
         does: findings that differ are false, and so are functions told as changed, new or gone \
         (but for those that one of the builds leaves out).\n\n",
    );
    report.push_str(&table(&head, &rows));
    println!("\n{}", table(&head, &rows));
    if only.is_none() {
        let folder = crate::root()?.join("docs/eval");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("diff.md"), report)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Compares the builds of each second version with each other.
fn rebuilt(
    versions: &[(String, PathBuf, PathBuf, &str)],
    scratch: &Path,
) -> Result<Vec<Vec<String>>> {
    let tool = Tool::build()?;
    let mut rows = Vec::new();
    for (name, _, after, entry) in versions {
        for (builds, first, second) in PAIRS.iter().skip(1) {
            let [one, other] = ["one", "other"].map(|side| scratch.join(side).join("package"));
            for (build, folder) in [(first, &one), (second, &other)] {
                let _ = std::fs::remove_dir_all(folder);
                std::fs::create_dir_all(folder)?;
                let built = build.build(after, entry)?;
                for (at, (text, _)) in built.files.iter().enumerate() {
                    std::fs::write(folder.join(format!("part{at}.js")), text)?;
                }
                let manifest = "{\"name\":\"rebuilt\",\"version\":\"1.0.0\"}";
                std::fs::write(folder.join("package.json"), manifest)?;
            }
            let output = Command::new(tool.program())
                .args(["diff", "--format", "json", "--functions", "0"])
                .args([&one, &other])
                .output()?;
            let diff: Diff = serde_json::from_slice(&output.stdout)
                .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
            if std::env::var_os("DIFF_WRONG").is_some() {
                for change in &diff.findings {
                    println!(
                        "differs {:?} {} {} {:?}",
                        change.change, change.finding.behaviour, change.finding.key, change.details
                    );
                }
            }
            let told = &diff.functions;
            let row = vec![
                name.clone(),
                (*builds).to_owned(),
                diff.after.findings.to_string(),
                diff.findings.len().to_string(),
                format!(
                    "{} of {}",
                    told.changed + told.new + told.gone,
                    told.before.max(told.after)
                ),
            ];
            println!("{}", row.join("  "));
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Unpacks a package; whether it could be had.
fn unpack(source: &str, folder: &Path) -> Result<bool> {
    let Some(fetched) = Tool::fetched(source)? else {
        return Ok(false);
    };
    let artifact = fetched.artifacts.first().context("the package is empty")?;
    let file = std::fs::File::open(&artifact.path)?;
    std::fs::create_dir_all(folder)?;
    tar::Archive::new(flate2::read::GzDecoder::new(file)).unpack(folder)?;
    // What it was compiled from is not there.
    let mut rest = vec![folder.to_owned()];
    while let Some(folder) = rest.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                rest.push(path);
            } else if path.extension().is_some_and(|end| end == "map") {
                std::fs::remove_file(path)?;
            }
        }
    }
    Ok(true)
}

/// The scripts of a package, by path.
fn sources(folder: &Path) -> Result<Sources> {
    let mut out = BTreeMap::new();
    let mut rest = vec![folder.join("package")];
    while let Some(folder_in) = rest.pop() {
        for entry in std::fs::read_dir(folder_in)? {
            let path = entry?.path();
            if path.is_dir() {
                rest.push(path);
                continue;
            }
            let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
            let is_test = [".test.", ".spec.", "test-utils", "__tests__"]
                .iter()
                .any(|part| name.contains(part));
            if is_test || ![".js", ".mjs"].iter().any(|end| name.ends_with(end)) {
                continue;
            }
            let text = std::fs::read_to_string(&path)?;
            if let Some(root) = Source::of(&text) {
                out.insert(name, File { text, root });
            }
        }
    }
    Ok(out)
}

impl Build {
    fn build(self, folder: &Path, entry: &str) -> Result<Built> {
        let modules = npm(BUILDER)?.join("node_modules");
        let builder = modules.join(".bin").join(BUILDER.0);
        let package = folder.join("package");
        let to = folder.join("built");
        let _ = std::fs::remove_dir_all(&to);
        std::fs::create_dir_all(&to)?;
        let bundle = |arguments: &[&str], to: &Path| -> Result<()> {
            run(Command::new(&builder)
                .current_dir(&package)
                .args([
                    "--platform=node",
                    "--sourcemap=external",
                    "--log-level=error",
                ])
                .args(arguments)
                .arg(format!(
                    "--{}={}",
                    if to.extension().is_some() {
                        "outfile"
                    } else {
                        "outdir"
                    },
                    to.display()
                )))
        };
        let bundled = to.join("bundle.js");
        match self {
            Self::Bundled(arguments) => {
                let fixed = [entry, "--bundle", "--packages=external"];
                bundle(&[&fixed, arguments].concat(), &bundled)?;
            }
            Self::Minified => {
                let fixed = [entry, "--bundle", "--packages=external", "--format=esm"];
                let plain = to.join("plain.mjs");
                bundle(&fixed, &plain)?;
                let program = npm(MINIFIER)?.join("node_modules/.bin").join(MINIFIER.0);
                run(Command::new(program)
                    .current_dir(&to)
                    .args(["plain.mjs", "--module", "--compress", "--mangle"])
                    .args([
                        "--source-map",
                        "content='plain.mjs.map',filename='bundle.js'",
                    ])
                    .args(["--output", "bundle.js"]))?;
                std::fs::remove_file(plain)?;
            }
            Self::Apart => {
                // Of the kind that it begins with: others may be the same again.
                let kind = entry.rsplit('.').next().unwrap_or_default();
                let files = sources(folder)?.into_keys();
                let files: Vec<String> = files
                    .filter(|name| name.ends_with(&format!(".{kind}")))
                    .map(|name| name.trim_start_matches("package/").to_owned())
                    .collect();
                let files: Vec<&str> = files.iter().map(String::as_str).collect();
                bundle(&[&files[..], &["--minify", "--outbase=."]].concat(), &to)?;
            }
            Self::Chunks => {
                let kind = entry.rsplit('.').next().unwrap_or_default();
                let files = sources(folder)?.into_keys();
                let some: Vec<String> = files
                    .filter(|name| name.ends_with(&format!(".{kind}")))
                    .map(|name| name.trim_start_matches("package/").to_owned())
                    .step_by(CHUNKED)
                    .filter(|name| name != entry)
                    .collect();
                let mut files: Vec<&str> = vec![entry];
                files.extend(some.iter().map(String::as_str));
                let fixed = [
                    "--bundle",
                    "--splitting",
                    "--packages=external",
                    "--format=esm",
                    "--minify",
                    "--outbase=.",
                ];
                bundle(&[&files[..], &fixed].concat(), &to)?;
            }
        }
        let mut files = Vec::new();
        let mut rest = vec![to.clone()];
        while let Some(folder) = rest.pop() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    rest.push(path);
                } else if path.extension().is_some_and(|end| end != "map") {
                    let mut map = path.clone().into_os_string();
                    map.push(".map");
                    let map = PathBuf::from(map);
                    files.push((
                        std::fs::read_to_string(&path)?,
                        relative(&std::fs::read(&map)?, &map, folder_of(&package))?,
                    ));
                }
            }
        }
        Ok(Built { files })
    }
}

fn folder_of(package: &Path) -> &Path {
    package.parent().unwrap_or(package)
}

/// The map with paths as they are from the folder on.
fn relative(map: &[u8], at: &Path, folder: &Path) -> Result<Vec<u8>> {
    let mut map: serde_json::Value = serde_json::from_slice(map)?;
    let from = at.parent().context("a map in a folder")?;
    if let Some(sources) = map
        .get_mut("sources")
        .and_then(|sources| sources.as_array_mut())
    {
        for source in sources {
            let path = from.join(source.as_str().unwrap_or_default());
            let mut parts: Vec<std::path::Component<'_>> = Vec::new();
            for part in path.components() {
                match part {
                    std::path::Component::ParentDir => {
                        parts.pop();
                    }
                    std::path::Component::CurDir => {}
                    other => parts.push(other),
                }
            }
            let path: PathBuf = parts.into_iter().collect();
            let path = path.strip_prefix(folder).unwrap_or(&path);
            *source = path.to_string_lossy().into_owned().into();
        }
    }
    Ok(serde_json::to_vec(&map)?)
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().context("a builder cannot be run")?;
    if !output.status.success() {
        bail!("not built: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

impl Source {
    fn of(text: &str) -> Option<Self> {
        let allocator = Allocator::default();
        let parsed = Parser::new(&allocator, text, SourceType::mjs()).parse();
        if parsed.panicked {
            return None;
        }
        let comments = parsed.program.comments.iter().map(|comment| comment.span);
        // Which file something is in is no part of what it does.
        let moves = parsed.program.body.iter().filter(|statement| {
            matches!(
                statement,
                Statement::ImportDeclaration(_)
                    | Statement::ExportAllDeclaration(_)
                    | Statement::ExportFromDeclaration(_)
                    | Statement::ExportNamedDeclaration(_)
            )
        });
        let blank: Vec<Span> = comments.chain(moves.map(GetSpan::span)).collect();
        let defining: Vec<Span> = parsed
            .program
            .body
            .iter()
            .filter(|statement| defines(statement))
            .map(GetSpan::span)
            .collect();
        // Nor is what a variable is called.
        let semantic = SemanticBuilder::new().build(&parsed.program).semantic;
        let mut variables = Variables {
            scoping: semantic.scoping(),
            spans: Vec::new(),
            words: Vec::new(),
        };
        variables.visit_program(&parsed.program);
        let mut bare = text.as_bytes().to_vec();
        for (spans, byte) in [
            (variables.spans, b'_'),
            (variables.words, b' '),
            (blank, b' '),
        ] {
            for span in spans {
                let part = bare.get_mut(span.start as usize..span.end as usize);
                part.unwrap_or_default().fill(b' ');
                if let Some(first) = bare.get_mut(span.start as usize) {
                    *first = byte;
                }
            }
        }
        let mut finder = Finder {
            open: vec![Self {
                end: text.len(),
                name: "(file)".to_owned(),
                ..Self::default()
            }],
            pending: None,
        };
        finder.visit_program(&parsed.program);
        let mut whole = finder.open.pop()?;
        whole.read(&bare);
        whole.own = whole.beside(&bare, &defining);
        whole.defined = defining
            .iter()
            .map(|span| (span.start as usize, span.end as usize))
            .collect();
        Some(whole)
    }

    /// The text of a file beside the statements that only define functions: one
    /// more of these is no change of the file.
    fn beside(&self, bare: &[u8], defining: &[Span]) -> String {
        let mut bare = bare.to_vec();
        let mut fill = |from: usize, to: usize| {
            bare.get_mut(from..to).unwrap_or_default().fill(b' ');
        };
        for inner in &self.inner {
            fill(inner.start, inner.end);
        }
        for span in defining {
            fill(span.start as usize, span.end as usize);
        }
        let text = String::from_utf8_lossy(&bare).into_owned();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Takes the texts, without comments and white space.
    fn read(&mut self, bare: &[u8]) {
        let dense = |from: usize, to: usize| -> String {
            let bytes = bare.get(from..to).unwrap_or_default();
            let text = String::from_utf8_lossy(bytes);
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        self.whole = dense(self.start, self.end);
        let mut from = self.start;
        for inner in &mut self.inner {
            self.own.push_str(&dense(from, inner.start));
            self.own.push('\u{1}');
            from = inner.end;
            inner.read(bare);
        }
        self.own.push_str(&dense(from, self.end));
    }

    /// The function that begins at a place.
    fn find(&self, at: usize) -> Option<&Self> {
        if self.start == at && !self.inner.iter().any(|inner| inner.start == at) {
            return Some(self);
        }
        let inner = self
            .inner
            .iter()
            .find(|inner| inner.start <= at && at < inner.end);
        inner.and_then(|inner| inner.find(at))
    }

    /// The function that a place lies in; a statement that only defines one is
    /// this one.
    fn at(&self, at: usize) -> usize {
        let defined = self
            .defined
            .iter()
            .find(|(from, to)| (*from..*to).contains(&at));
        if let Some((from, to)) = defined {
            let within = |inner: &&Self| (*from..*to).contains(&inner.start);
            let starts = |inner: &&Self| inner.start <= at && at < inner.end;
            let all = || self.inner.iter().filter(within);
            if let Some(inner) = all().find(starts) {
                return inner.at(at);
            }
            if let Some(first) = all().next() {
                return first.start;
            }
        }
        let inner = self
            .inner
            .iter()
            .find(|inner| inner.start <= at && at < inner.end);
        inner.map_or(self.start, |inner| inner.at(at))
    }
}

/// Whether a statement of a file defines functions and does nothing else.
fn defines(statement: &Statement<'_>) -> bool {
    let of = |declaration: &VariableDeclaration<'_>| {
        let is_function = |one: &VariableDeclarator<'_>| {
            matches!(
                one.init,
                Some(Expression::FunctionExpression(_) | Expression::ArrowFunctionExpression(_))
            )
        };
        declaration.declarations.iter().all(is_function)
    };
    match statement {
        Statement::FunctionDeclaration(_) => true,
        Statement::VariableDeclaration(declaration) => of(declaration),
        Statement::ExportDeclaration(export) => match &export.declaration {
            Declaration::FunctionDeclaration(_) => true,
            Declaration::VariableDeclaration(declaration) => of(declaration),
            _ => false,
        },
        _ => false,
    }
}

struct Variables<'s> {
    scoping: &'s Scoping,
    spans: Vec<Span>,
    words: Vec<Span>,
}

impl<'a> Visit<'a> for Variables<'_> {
    fn visit_identifier_reference(&mut self, id: &IdentifierReference<'a>) {
        let reference = id
            .reference_id
            .get()
            .map(|id| self.scoping.get_reference(id));
        if reference.is_some_and(|reference| reference.symbol_id().is_some()) {
            self.spans.push(id.span);
        }
    }

    fn visit_binding_identifier(&mut self, id: &BindingIdentifier<'a>) {
        self.spans.push(id.span);
    }

    // Where a method is kept is no part of what it does.
    fn visit_method_definition(&mut self, method: &MethodDefinition<'a>) {
        if method.r#static {
            let start = method.span.start;
            self.words.push(Span::new(start, start + 6));
        }
        walk::walk_method_definition(self, method);
    }
}

struct Finder {
    open: Vec<Source>,
    /// Where the name of the next function begins, and the name.
    pending: Option<(usize, String)>,
}

impl Finder {
    fn within(&mut self, span: Span, name: Option<&str>, walk: impl FnOnce(&mut Self)) {
        let (start, key) = self
            .pending
            .take()
            .unwrap_or((span.start as usize, String::new()));
        self.open.push(Source {
            start: start.min(span.start as usize),
            end: span.end as usize,
            name: name.map_or(key, str::to_owned),
            ..Source::default()
        });
        walk(self);
        if let Some(done) = self.open.pop()
            && let Some(outer) = self.open.last_mut()
        {
            outer.inner.push(done);
        }
    }
}

impl<'a> Visit<'a> for Finder {
    fn visit_function(&mut self, function: &Function<'a>, flags: oxc_syntax::scope::ScopeFlags) {
        let name = function.id.as_ref().map(|id| id.name.as_str());
        self.within(function.span, name, |this| {
            walk::walk_function(this, function, flags)
        });
    }

    fn visit_arrow_function_expression(&mut self, arrow: &ArrowFunctionExpression<'a>) {
        self.within(arrow.span, None, |this| {
            walk::walk_arrow_function_expression(this, arrow);
        });
    }

    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        if let (BindingPattern::BindingIdentifier(id), Some(init)) =
            (&declarator.id, &declarator.init)
            && matches!(
                init,
                Expression::FunctionExpression(_) | Expression::ArrowFunctionExpression(_)
            )
        {
            self.pending = Some((init.span().start as usize, id.name.to_string()));
        }
        walk::walk_variable_declarator(self, declarator);
        self.pending = None;
    }

    fn visit_method_definition(&mut self, method: &MethodDefinition<'a>) {
        let name = method
            .key
            .name()
            .map(|name| name.to_string())
            .unwrap_or_default();
        self.pending = Some((method.span.start as usize, name));
        let flags = oxc_syntax::scope::ScopeFlags::Function;
        self.visit_function(&method.value, flags);
        self.pending = None;
    }

    fn visit_object_property(&mut self, property: &ObjectProperty<'a>) {
        if matches!(
            property.value,
            Expression::FunctionExpression(_) | Expression::ArrowFunctionExpression(_)
        ) {
            let name = property
                .key
                .name()
                .map(|name| name.to_string())
                .unwrap_or_default();
            self.pending = Some((property.span.start as usize, name));
        }
        walk::walk_object_property(self, property);
        self.pending = None;
    }
}

/// What is another, and what is which.
#[derive(Debug, Default)]
struct Truth {
    changed: [BTreeSet<Place>; 2],
    pairs: BTreeMap<Place, Place>,
}

impl Truth {
    fn of(before: &Sources, after: &Sources) -> Self {
        let mut out = Self::default();
        for (name, source) in before {
            match after.get(name) {
                Some(other) => out.pair(name, &source.root, &other.root),
                None => out.all(0, name, &source.root),
            }
        }
        for (name, source) in after {
            if !before.contains_key(name) {
                out.all(1, name, &source.root);
            }
        }
        out.moved(before, after);
        out
    }

    /// What is gone in one place and there in another is neither.
    fn moved(&mut self, before: &Sources, after: &Sources) {
        let mut gone: BTreeMap<String, Vec<Place>> = BTreeMap::new();
        let [ones, others] = &self.changed;
        let own = |sources: &Sources, (file, at): &Place| {
            let found = sources.get(file)?.root.find(*at)?;
            (found.own.len() > 20).then(|| format!("{} {}", found.name, found.own))
        };
        for place in ones.iter().filter(|place| !self.pairs.contains_key(*place)) {
            if let Some(own) = own(before, place) {
                gone.entry(own).or_default().push(place.clone());
            }
        }
        let paired: BTreeSet<&Place> = self.pairs.values().collect();
        let mut pairs: Vec<(Place, Place)> = Vec::new();
        for place in others.iter().filter(|place| !paired.contains(place)) {
            let one = own(after, place).and_then(|own| gone.get_mut(&own)?.pop());
            pairs.extend(one.map(|one| (one, place.clone())));
        }
        for (one, other) in pairs {
            let [ones, others] = &mut self.changed;
            ones.remove(&one);
            others.remove(&other);
            self.pairs.insert(one, other);
        }
    }

    fn all(&mut self, side: usize, file: &str, source: &Source) {
        if let Some(changed) = self.changed.get_mut(side) {
            changed.insert((file.to_owned(), source.start));
        }
        for inner in &source.inner {
            self.all(side, file, inner);
        }
    }

    fn pair(&mut self, file: &str, one: &Source, other: &Source) {
        let place = |source: &Source| (file.to_owned(), source.start);
        self.pairs.insert(place(one), place(other));
        if one.own != other.own {
            let [ones, others] = &mut self.changed;
            ones.insert(place(one));
            others.insert(place(other));
        }
        let texts = |source: &Source| -> Vec<String> {
            let inner = source.inner.iter();
            inner
                .map(|inner| format!("{} {}", inner.name, inner.whole))
                .collect()
        };
        for op in capture_diff_slices(Algorithm::Myers, &texts(one), &texts(other)) {
            let (ones, others) = (op.old_range(), op.new_range());
            let mut ones: Vec<&Source> = one.inner.get(ones).unwrap_or_default().iter().collect();
            let mut others: Vec<&Source> =
                other.inner.get(others).unwrap_or_default().iter().collect();
            if matches!(op, DiffOp::Equal { .. }) {
                for (one, other) in ones.into_iter().zip(others) {
                    self.pair(file, one, other);
                }
                continue;
            }
            // Those with the same name first, then the others in their order.
            for named in [true, false] {
                ones.retain(|one| {
                    let at = others.iter().position(|other| match named {
                        true => !one.name.is_empty() && one.name == other.name,
                        false => one.name.is_empty() && other.name.is_empty(),
                    });
                    if let Some(at) = at {
                        self.pair(file, one, others.remove(at));
                    }
                    at.is_none()
                });
            }
            for one in ones {
                self.all(0, file, one);
            }
            for other in others {
                self.all(1, file, other);
            }
        }
    }
}

/// The functions of a build, and of what each was made.
fn places(built: &Built, sources: &Sources) -> Result<(Functions, Vec<Option<Place>>)> {
    let mut all = Functions::default();
    let mut places = Vec::new();
    for (node, (text, map)) in built.files.iter().enumerate() {
        let functions = source_functions("built.js", text).context("a build cannot be parsed")?;
        let names: serde_json::Value = serde_json::from_slice(map)?;
        let names: Vec<String> =
            serde_json::from_value(names.get("sources").cloned().unwrap_or_default())?;
        let mut ranges: Vec<(u32, Option<Place>)> = Vec::new();
        decoded(map, text, |(start, _), source, (line, column)| {
            let name = names.get(source);
            let place = name.and_then(|name| Some((name, sources.get(name)?)));
            let place =
                place.map(|(name, file)| (name.clone(), file.root.at(file.byte(line, column))));
            ranges.push((start, place));
        })?;
        for function in &functions.list {
            let start = u32::try_from(function.start)?;
            let after = ranges.partition_point(|(from, _)| *from <= start);
            // The mapping of its first token, or of the one before.
            let range = after.checked_sub(1).and_then(|at| ranges.get(at));
            places.push(range.and_then(|(_, place)| place.clone()));
        }
        all.append(node, functions);
    }
    Ok((all, places))
}

#[derive(Debug, Default)]
struct Score {
    functions: usize,
    changed: usize,
    found: usize,
    told: usize,
    right: usize,
    pairs: usize,
    paired: usize,
}

impl Score {
    fn of(
        (before, old): (&Built, &Sources),
        (after, new): (&Built, &Sources),
        truth: &Truth,
    ) -> Result<Self> {
        let (ones, from) = places(before, old)?;
        let (others, to) = places(after, new)?;
        let matching = Matching::of(&ones.list, &others.list);
        let told = differences(&ones, &others, &matching);
        let place = |places: &[Option<Place>], at: u32| places.get(at as usize).cloned().flatten();
        let mut out = Self {
            functions: others.list.len(),
            ..Self::default()
        };
        let [changed, gone] = [&told.changed, &told.changed];
        let there = |places: &[Option<Place>]| -> BTreeSet<Place> {
            places.iter().flatten().cloned().collect()
        };
        // What one build left out and the other did not is rightly new.
        let (old_there, new_there) = (there(&from), there(&to));
        let back: BTreeMap<&Place, &Place> = truth
            .pairs
            .iter()
            .map(|(one, other)| (other, one))
            .collect();
        let shaken = |place: &Place, is_new: bool| match is_new {
            true => back.get(place).is_some_and(|one| !old_there.contains(*one)),
            false => truth
                .pairs
                .get(place)
                .is_some_and(|one| !new_there.contains(one)),
        };
        let first: BTreeSet<Place> = changed
            .iter()
            .map(|(one, _)| *one)
            .chain(told.gone.iter().copied())
            .filter_map(|at| place(&from, at))
            .filter(|place| !shaken(place, false))
            .collect();
        let second: BTreeSet<Place> = gone
            .iter()
            .map(|(_, other)| *other)
            .chain(told.new.iter().copied())
            .filter_map(|at| place(&to, at))
            .filter(|place| !shaken(place, true))
            .collect();
        let show = std::env::var_os("DIFF_WRONG").is_some();
        for (side, told, there, changed) in [
            ("-", &first, there(&from), &truth.changed[0]),
            ("+", &second, there(&to), &truth.changed[1]),
        ] {
            let changed: BTreeSet<&Place> = changed.intersection(&there).collect();
            out.changed += changed.len();
            out.told += told.len();
            out.found += changed
                .iter()
                .filter(|place| told.contains(**place))
                .count();
            out.right += told.iter().filter(|place| changed.contains(place)).count();
            if show {
                let sources = if side == "-" { old } else { new };
                let text = |place: &Place| {
                    let file = sources.get(&place.0);
                    let text = file.and_then(|file| file.text.get(place.1..));
                    text.unwrap_or_default()
                        .chars()
                        .take(160)
                        .collect::<String>()
                };
                for place in told.iter().filter(|place| !changed.contains(place)) {
                    println!("false {side} {} {} {:?}", place.0, place.1, text(place));
                }
                for place in changed.iter().filter(|place| !told.contains(**place)) {
                    println!("missed {side} {} {} {:?}", place.0, place.1, text(place));
                }
            }
        }
        if show {
            let text = |built: &Built, list: &Functions, at: u32| {
                let function = list.list.get(at as usize)?;
                let (text, _) = built.files.get(function.node)?;
                let range =
                    usize::try_from(function.start).ok()?..usize::try_from(function.end).ok()?;
                Some(text.get(range)?.chars().take(700).collect::<String>())
            };
            for (one, other) in &told.changed {
                let wrong =
                    place(&from, *one).is_some_and(|place| !truth.changed[0].contains(&place));
                if wrong {
                    println!("pair < {:?}", text(before, &ones, *one).unwrap_or_default());
                    println!(
                        "pair > {:?}",
                        text(after, &others, *other).unwrap_or_default()
                    );
                }
            }
        }
        for (one, at) in from.iter().zip(0u32..) {
            let Some(right) = one.as_ref().and_then(|one| truth.pairs.get(one)) else {
                continue;
            };
            if !there(&to).contains(right) {
                continue;
            }
            out.pairs += 1;
            let other = matching.to.get(at as usize).copied().flatten();
            if other.and_then(|other| place(&to, other)).as_ref() == Some(right) {
                out.paired += 1;
            }
        }
        Ok(out)
    }

    fn add(&mut self, other: &Self) {
        self.functions += other.functions;
        self.changed += other.changed;
        self.found += other.found;
        self.told += other.told;
        self.right += other.right;
        self.pairs += other.pairs;
        self.paired += other.paired;
    }

    fn row(&self, name: &str, builds: &str) -> Vec<String> {
        let share = |part: usize, all: usize| percent(part as u64, all as u64);
        vec![
            name.to_owned(),
            builds.to_owned(),
            self.functions.to_string(),
            self.changed.to_string(),
            self.told.to_string(),
            share(self.right, self.told),
            share(self.found, self.changed),
            share(self.paired, self.pairs),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn what_is_exported_is_compared() {
        let of = |text: &str| Source::of(text).unwrap();
        let one = of("export function f(a) { return a + 1; }\nexport { f as g };\n");
        let other = of("export function f(b) { return b + 2; }\n");
        let inner = |source: &Source| source.inner[0].own.clone();
        assert_ne!(inner(&one), inner(&other));
        assert_eq!(one.own, other.own);
        // One more function beside them is no change of the file.
        let more = of("export function f(a) { return a + 1; }\nexport const h = () => 3;\n");
        assert_eq!(one.own, more.own);
        let more = of("export function f(a) { return a + 1; }\nstart(3);\n");
        assert_ne!(one.own, more.own);
    }
}
