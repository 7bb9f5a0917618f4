use assay_model::Role;

use super::group::{beside, is_declaration};
use super::join::{File, Joined, Kind, join};
use super::*;

/// Files by their names; the first imports the others.
fn joined(files: &[(&str, &str)]) -> Joined {
    let files: Vec<File<'_>> = files
        .iter()
        .map(|(name, text)| File {
            text,
            kind: match name.rsplit('.').next() {
                Some("ts" | "tsx") => Kind::TypeScript,
                Some("json") => Kind::Json,
                _ => Kind::JavaScript,
            },
            imports: files
                .iter()
                .enumerate()
                .map(|(number, (name, _))| (format!("./{name}"), number))
                .collect(),
        })
        .collect();
    join(&files)
}

/// The joined text on one line, which can be parsed.
fn text(files: &[(&str, &str)]) -> String {
    let joined = joined(files);
    assert_eq!(joined.left_out, Vec::<usize>::new(), "all are joined");
    let allocator = oxc_allocator::Allocator::default();
    let typescript = files.iter().any(|(name, _)| name.ends_with(".ts"));
    let kind = if typescript {
        oxc_span::SourceType::ts()
    } else {
        oxc_span::SourceType::unambiguous().with_jsx(true)
    };
    let parsed = oxc_parser::Parser::new(&allocator, &joined.text, kind).parse();
    assert!(
        parsed.diagnostics.is_empty(),
        "{:?}\n{}",
        parsed.diagnostics,
        joined.text
    );
    joined.text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn has(files: &[(&str, &str)], wanted: &[&str]) {
    let text = text(files);
    for part in wanted {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

#[test]
fn named_default_and_namespace_imports_become_names() {
    has(
        &[
            (
                "a.js",
                "import d, { f, g as h } from './b.js';\nimport * as ns from './b.js';\nd(f, h(ns.f), ns['g'], { f, ns });",
            ),
            (
                "b.js",
                "export function f() {}\nconst g = 1;\nexport { g };\nexport default class Own {}",
            ),
        ],
        &[
            "Own$m1(f$m1, g$m1(f$m1), g$m1, { f: f$m1, ns: $exports$m1 });",
            "const $exports$m1 = { \"default\": Own$m1, \"f\": f$m1, \"g\": g$m1 };",
            "function f$m1() {} const g$m1 = 1; class Own$m1 {}",
        ],
    );
}

#[test]
fn defaults_without_a_name_get_one() {
    has(
        &[
            (
                "a.js",
                "import d from './b.js'; import e from './c.js'; import f from './d.js'; d(e, f);",
            ),
            ("b.js", "export default function () { return 1 }\n(2);"),
            ("c.js", "export default { a: 1 };"),
            ("d.js", "const own = 1; export default own;"),
        ],
        &[
            "default$m1(default$m2, own$m3);",
            "const default$m1 = function () { return 1 }; (2);",
            "const default$m2 = { a: 1 };",
        ],
    );
}

#[test]
fn re_exports_are_followed_and_cycles_end() {
    has(
        &[
            (
                "a.js",
                "import { f, g, k, all } from './b.js'; f(g, k, all.g);",
            ),
            (
                "b.js",
                "export { f0 as f } from './c.js'; export * from './d.js'; export * as all from './d.js'; export * from './e.js';",
            ),
            ("c.js", "export { f1 as f0 } from './d.js';"),
            (
                "d.js",
                "export const f1 = 1, g = 2; export * from './b.js';",
            ),
            ("e.js", "import { q } from './b.js'; export { q as k };"),
        ],
        // Nothing is what exports itself.
        &["f1$m3(g$m3, $exports$m1.q, g$m3);"],
    );
}

#[test]
fn what_comes_from_other_packages_stays() {
    has(
        &[
            (
                "a.js",
                "import { x } from './b.js'; import * as os from 'os'; x(os.type());",
            ),
            (
                "b.js",
                "import d, { a, b as c } from 'pkg'; export { x, y as default } from 'pkg'; export * as z from 'pkg'; d(a, c);",
            ),
        ],
        &[
            "x$e$m1(os$m0.type());",
            "import * as os$m0 from 'os';",
            "import d$m1, { a as a$m1, b as c$m1 } from 'pkg';",
            "import { x as x$e$m1, y as default$e$m1 } from 'pkg';",
            "import * as z$e$m1 from 'pkg';",
            "d$m1(a$m1, c$m1);",
        ],
    );
}

#[test]
fn names_are_changed_where_they_stand_for_two_things() {
    has(
        &[
            (
                "a.js",
                "import './b.js'; const { p, q: r = p, s = 1, ...t } = o(); let u; ({ u, p: u } = { p, r }); export { s, t, u };",
            ),
            (
                "b.js",
                "function inner(p) { return { p }; } inner(<Tag a={inner}/>); function Tag() {}",
            ),
        ],
        &[
            "const { p: p$m0, q: r$m0 = p$m0, s: s$m0 = 1, ...t$m0 } = o();",
            "({ u: u$m0, p: u$m0 } = { p: p$m0, r: r$m0 });",
            "function inner$m1(p) { return { p }; } inner$m1(<Tag$m1 a={inner$m1}/>);",
        ],
    );
}

#[test]
fn imports_at_run_time() {
    has(
        &[
            (
                "a.js",
                "const { f } = await import('./b.js'); const n = await import('./b.js'); f(n.g, (await import('./b.js')).g); import('./b.js').then(({ g }) => g(1)); import('./b.js').then((m) => m.f());",
            ),
            ("b.js", "export function f() {} export const g = 1;"),
        ],
        &[
            "f$m1(g$m1, g$m1);",
            "Promise.resolve($exports$m1).then(({ g }) => g$m1(1));",
            ".then((m) => f$m1());",
        ],
    );
}

#[test]
fn required_names_become_those_of_the_other_file() {
    has(
        &[
            (
                "a.js",
                "const { a: q, b } = require('./b.js'); const x = require('./b.js'); q(b, x.a, (0, x.c)(1), require('./b.js').d, x);",
            ),
            (
                "b.js",
                "'use strict';\nexports.d = exports.c = void 0;\nfunction a() {}\nmodule.exports.a = a;\nexports.b = function () {};\nexports.c = (n) => exports.b(n);\nObject.defineProperty(exports, 'd', { enumerable: true, get: function () { return a; } });",
            ),
        ],
        &[
            "a$m1(b$e$m1, a$m1, (0, c$e$m1)(1), a$m1, $exports$m1);",
            "var b$e$m1 = $exports$m1.b = function () {};",
            "var c$e$m1 = $exports$m1.c = (n) => b$e$m1(n);",
            "var $exports$m1 = { \"d\": a$m1 };",
        ],
    );
}

#[test]
fn a_whole_module_may_be_a_function_or_an_object() {
    has(
        &[
            (
                "a.js",
                "const f = require('./f.js'); const { g, h, i, j } = require('./o.js'); f(g, h, i, j, f.extra);",
            ),
            (
                "f.js",
                "module.exports = function (x) { return x; };\nmodule.exports.extra = 1;",
            ),
            (
                "o.js",
                "function g() {}\nmodule.exports = { g, async h(x) { return x; }, i: () => 1, ...require('./s.js') };",
            ),
            ("s.js", "exports.j = class {};"),
        ],
        &[
            "whole$m1(g$m2, h$e$m2, i$e$m2, j$e$m3, extra$e$m1);",
            "var whole$m1 = $exports$m1 = function (x) { return x; };",
            "$exports$m2 = { g: g$m2, h: h$e$m2 = async function (x) { return x; }, i: i$e$m2 = () => 1, ...$exports$m3 };",
        ],
    );
}

#[test]
fn what_compilers_make_of_modules_is_read() {
    has(
        &[
            (
                "a.js",
                "const x_1 = __importStar(require('./star.js')); const y_1 = __importDefault(require('./bundler.js')); (0, x_1.f)(y_1.default, y_1.k);",
            ),
            (
                "star.js",
                "Object.defineProperty(exports, '__esModule', { value: true }); __exportStar(require('./leaf.js'), exports);",
            ),
            ("leaf.js", "exports.f = f; function f() {}"),
            (
                "bundler.js",
                "var own_exports = {}; __export(own_exports, { default: () => main, k: () => k }); module.exports = __toCommonJS(own_exports); function main() {} var k = 1;",
            ),
        ],
        &["(0, f$m2)(main$m3, k$m3);"],
    );
}

#[test]
fn types_and_values_of_typescript() {
    has(
        &[
            (
                "a.ts",
                "import type { T } from './b.ts'; import { f, type T as U } from './b.ts'; import w = require('./w.ts'); const x: T = f<U>(w()); export default x;",
            ),
            (
                "b.ts",
                "export interface T { t: T } export const f = <X,>(x: X): T => x as any;",
            ),
            ("w.ts", "function w() {} export = w;"),
        ],
        &[
            "const x$m0: T$m1 = f$m1<T$m1>(w$m2());",
            "interface T$m1 { t: T$m1 }",
        ],
    );
}

#[test]
fn data_becomes_a_value() {
    has(
        &[
            (
                "a.js",
                "import data, { list } from './b.json'; import own from './c.js'; use(data, list, data.list, own);",
            ),
            ("b.json", "{ \"list\": [1, 2] }"),
            ("c.js", "module.exports = require('./b.json').list;"),
        ],
        &[
            "const $exports$m1 = { \"list\": [1, 2] }",
            "use($exports$m1, $exports$m1.list, $exports$m1.list, $exports$m1.list);",
        ],
    );
}

#[test]
fn what_cannot_be_joined_is_left_out() {
    let joined = joined(&[
        (
            "a.js",
            "import { f } from './b.js'; import { g } from './c.js'; f(g);",
        ),
        ("b.js", "export const f = 1; return;"),
        ("c.js", "export const g = 1;"),
    ]);
    assert_eq!(joined.left_out, [1]);
    assert!(
        joined.text.contains("import { f as f$m0 } from './b.js';"),
        "{}",
        joined.text
    );
    assert!(joined.text.contains("f$m0(g$m2);"), "{}", joined.text);
}

#[test]
fn every_place_leads_back() {
    let files = [
        (
            "a.js",
            "import { value as v } from './b.js';\nsend(v, other);\n",
        ),
        (
            "b.js",
            "#!/usr/bin/env node\nexport const value = 'kept';\n",
        ),
    ];
    let joined = joined(&files);
    let back = |wanted: &str| {
        let start = joined.text.find(wanted).expect("it is in the joined text");
        let (file, start, len) = joined.origin(start, wanted.len()).expect("an origin");
        files[file].1[start..start + len].to_owned()
    };
    assert_eq!(back("send(value$m1, other)"), "send(v, other)");
    assert_eq!(back("value$m1, other"), "v, other");
    assert_eq!(back("'kept'"), "'kept'");
    assert_eq!(back("value$m1 = 'kept'"), "value = 'kept'");
    // Every byte has an origin in a file, within it.
    for at in 0..joined.text.len() {
        let (file, start, len) = joined.origin(at, 1).expect("an origin");
        assert!(start + len <= files[file].1.len());
    }
}

#[test]
fn paths_lead_to_files_of_the_same_container() {
    assert_eq!(
        beside("package/lib/a.js", "./b").as_deref(),
        Some("package/lib/b")
    );
    assert_eq!(
        beside("package/lib/a.js", "../b/").as_deref(),
        Some("package/b")
    );
    assert_eq!(beside("package/lib/a.js", "..").as_deref(), Some("package"));
    assert_eq!(
        beside("x.tgz!a.js", "./b.js").as_deref(),
        Some("x.tgz!b.js")
    );
    assert_eq!(beside("x.tgz!a.js", "../b.js"), None);
    assert_eq!(beside("a.js", "../b.js"), None);
    assert!(is_declaration("lib/a.d.ts"));
}

#[test]
fn relative_names_are_found_in_code() {
    let code = br#"import a from "./a"; const b = require('../b.js'); import(`./c`);
        import d from "pkg"; log("./a", ".hidden", "..."); export * from '.';"#;
    assert_eq!(specifiers(code), ["./a", "../b.js", ".", "./c"]);
}

/// What joining a package shows, with its own places.
fn linked(files: &[(&str, &str)]) -> Linked {
    let imports: Vec<Vec<(String, usize)>> = files
        .iter()
        .map(|_| {
            files
                .iter()
                .enumerate()
                .map(|(index, (name, _))| (format!("./{name}"), index + 10))
                .collect()
        })
        .collect();
    let parts: Vec<Part<'_>> = files
        .iter()
        .zip(&imports)
        .enumerate()
        .map(|(index, ((path, text), imports))| Part {
            index: index + 10,
            path,
            kind: if path.ends_with(".json") {
                "json"
            } else {
                "javascript"
            },
            bytes: text.as_bytes(),
            imports,
        })
        .collect();
    link(&parts, &mut crate::evaluate::here)
}

const PLACE: &str =
    "export const place = () => Intl.DateTimeFormat().resolvedOptions().timeZone;\n";
const CHOICE: &str = "import { place } from './place.js';\nexport function mark() {\n  return place() === 'Asia/Tokyo' ? '\\u2019' : \"'\";\n}\n";
const SAY: &str = "\u{feff}import * as style from './choice.js';\nexport const prompt = () => `Please don${style.mark()}t change what is there.`;\n";

#[test]
fn a_channel_over_three_files_is_found_with_the_places_of_each() {
    let linked = linked(&[("say.js", SAY), ("choice.js", CHOICE), ("place.js", PLACE)]);
    assert_eq!(linked.detail, "");
    let channel = linked
        .raws
        .iter()
        .find(|raw| raw.behaviour == "covert.channel")
        .expect("a channel");
    let place = &channel.places[0];
    assert_eq!(place.node, Some(10));
    assert_eq!(place.line, 2);
    let texts = [("say.js", SAY), ("choice.js", CHOICE), ("place.js", PLACE)];
    let said = |role: Role| {
        let step = place
            .path
            .iter()
            .find(|step| step.role == role)
            .expect("a step");
        let node = step.node.as_deref().unwrap_or("say.js");
        let text = texts
            .iter()
            .find(|(name, _)| *name == node)
            .expect("a file")
            .1;
        let start = step.span.start as usize;
        let end = start + step.span.len as usize;
        (node, text[start..end].to_owned())
    };
    assert_eq!(said(Role::Source).0, "place.js");
    assert!(said(Role::Source).1.starts_with("Intl.DateTimeFormat()"));
    assert_eq!(said(Role::Choice).0, "choice.js");
    assert!(
        said(Role::Choice).1.contains("'\\u2019'"),
        "{:?}",
        said(Role::Choice)
    );
    assert_eq!(said(Role::Sink).0, "say.js");
    assert!(said(Role::Sink).1.starts_with("`Please don"));
    // The same thing in one file has the same name.
    let one = format!(
        "{PLACE}{}{}",
        CHOICE.split_once('\n').expect("an import").1,
        "export const prompt = () => `Please don${mark()}t change what is there.`;"
    );
    let alone = crate::analyze_source("one.js", &one);
    assert!(
        alone
            .iter()
            .any(|finding| finding.behaviour == "covert.channel" && finding.key == channel.key)
    );
}

#[test]
fn what_one_file_shows_is_not_told_again() {
    let one = format!(
        "{PLACE}export const prompt = () => `Please don${{place() === 'Asia/Tokyo' ? '\\u2019' : \"'\"}}t change what is there.`;\n"
    );
    let alone = crate::analyze_source("one.js", &one);
    assert!(
        alone
            .iter()
            .any(|finding| finding.behaviour == "covert.channel")
    );
    let linked = linked(&[
        ("a.js", "import { prompt } from './one.js'; prompt();"),
        ("one.js", &one),
    ]);
    assert!(linked.raws.is_empty(), "{:?}", linked.raws);
}

/// Python files, joined; the names that they import others by are given.
fn python(files: &[(&str, &str)], names: &[(&str, usize)]) -> String {
    let files: Vec<File<'_>> = files
        .iter()
        .map(|(_, text)| File {
            text,
            kind: Kind::Python,
            imports: names
                .iter()
                .map(|(name, number)| ((*name).to_owned(), *number))
                .collect(),
        })
        .collect();
    let joined = join(&files);
    assert_eq!(joined.left_out, Vec::<usize>::new(), "all are joined");
    let kind = ruff_python_ast::PySourceType::Python;
    let parsed = ruff_python_parser::parse_unchecked_source(&joined.text, kind);
    assert!(
        parsed.errors().is_empty(),
        "{:?}\n{}",
        parsed.errors(),
        joined.text
    );
    joined.text.replace(PYTHON, "$m")
}

#[test]
fn imports_of_python_become_names() {
    let text = python(
        &[
            (
                "pkg/main.py",
                "from __future__ import annotations\nimport os\nfrom . import leaf\nfrom .leaf import f as g, LIST\nimport pkg.leaf\n\ndef run(os_name, f=g):\n    global state\n    state = leaf.f(g(LIST), key=lambda g: g)\n    return [pkg.leaf.LIST for x in os.environ if x], other.h()\n\nfrom pkg import other\n",
            ),
            (
                "pkg/leaf.py",
                "import os, sys as system\nLIST = [1]\n\nclass Own:\n    LIST = LIST\n\n    def f(self, LIST):\n        return LIST + self.LIST\n\ndef f(x):\n    try:\n        return os.name\n    except OSError as error:\n        raise Own from error\n",
            ),
            (
                "pkg/other.py",
                "from .leaf import *\n\ndef h():\n    return f(LIST)\n",
            ),
        ],
        &[(".", 9), (".leaf", 1), ("pkg.leaf", 1), ("pkg.other", 2)],
    );
    for wanted in [
        "pass\nimport os as os$m0\n",
        "def run$m0(os_name, f=f$m1):\n    global state$m0\n",
        "state$m0 = f$m1(f$m1(LIST$m1), key=lambda g: g)\n",
        "return [LIST$m1 for x in os$m0.environ if x], h$m2()\n",
        "import os as os$m1, sys as system$m1\nLIST$m1 = [1]\n",
        "class Own$m1:\n    LIST = LIST$m1\n",
        "def f(self, LIST):\n        return LIST + self.LIST\n",
        "def f$m1(x):\n    try:\n        return os$m1.name\n",
        "raise Own$m1 from error\n",
        "def h$m2():\n    return f$m1(LIST$m1)\n",
    ] {
        assert!(text.contains(wanted), "{wanted:?} is not in:\n{text}");
    }
}

#[test]
fn modules_of_python_are_found_in_code() {
    let code = b"import os, a.b as c\nfrom .x import (y,  # why\n    z as w,\n)\nif 1: from .. import q\nfrom p import *\n";
    let mut names = python_specifiers(code);
    names.sort();
    assert_eq!(
        names,
        ["..", "..q", ".x", ".x.y", ".x.z", "a.b", "os", "p", "p.*"]
    );
}

#[test]
fn a_channel_over_python_files_is_found() {
    let texts = [
        (
            "pkg/place.py",
            "import time\n\ndef place():\n    return time.tzname[0]\n",
        ),
        (
            "pkg/say.py",
            "from .place import place\n\ndef prompt():\n    mark = '\\u2019' if place() == 'CST' else \"'\"\n    return f'Please don{mark}t change what is there.'\n",
        ),
    ];
    let imports = [Vec::new(), vec![(".place".to_owned(), 0usize)]];
    let parts: Vec<Part<'_>> = texts
        .iter()
        .zip(&imports)
        .enumerate()
        .map(|(index, ((path, text), imports))| Part {
            index,
            path,
            kind: "python",
            bytes: text.as_bytes(),
            imports,
        })
        .collect();
    let linked = link(&parts, &mut crate::evaluate::here);
    assert_eq!(linked.detail, "");
    let channel = linked
        .raws
        .iter()
        .find(|raw| raw.behaviour == "covert.channel")
        .expect("a channel");
    let path = &channel.places[0].path;
    let source = path
        .iter()
        .find(|step| step.role == Role::Source)
        .expect("a source");
    assert_eq!(source.node.as_deref(), Some("pkg/place.py"));
    assert!(source.excerpt.starts_with("time.tzname"), "{source:?}");
}
