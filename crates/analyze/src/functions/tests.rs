use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_minifier::{CompressOptions, MangleOptions, Minifier, MinifierOptions};
use oxc_parser::Parser;
use oxc_span::SourceType;

use super::{Functions, Matching, differences, source_functions};

fn functions(text: &str) -> Functions {
    source_functions("x.js", text).unwrap_or_else(|| panic!("cannot be parsed: {text}"))
}

/// How many functions changed, are new and are gone, and how many are but
/// rearranged.
fn told(before: &str, after: &str) -> (usize, usize, usize, usize) {
    let (one, other) = (functions(before), functions(after));
    let matching = Matching::of(&one.list, &other.list);
    let told = differences(&one, &other, &matching);
    (
        told.changed.len(),
        told.new.len(),
        told.gone.len(),
        told.rearranged.len(),
    )
}

#[test]
fn tables_of_names_are_the_same_in_a_function_and_without_one() {
    let table = "var Kind; (function (Kind) { Kind['One'] = 'one'; Kind['Two'] = 'two'; })(Kind || (Kind = {}));";
    let arrow = "var k;(n=>{n.One='one',n.Two='two'})(k||(k={}));";
    let without = "var k,n;(n=k||(k={})).One='one',n.Two='two';";
    let more = "var k,n;(n=k||(k={})).One='one',n.Two='two',n.Three='three';";
    assert_eq!(told(table, arrow), (0, 0, 0, 0));
    // It is put into a variable on the way.
    assert_eq!(told(table, without), (0, 0, 0, 1));
    assert_eq!(told(arrow, without), (0, 0, 0, 1));
    assert_eq!(told(table, more), (0, 1, 0, 1));
    assert_eq!(
        told(table, &without.replace("'two'", "'zwei'")),
        (1, 0, 0, 1)
    );
}

#[test]
fn a_function_is_the_same_under_a_field_and_beside_it() {
    let beside = "function make() { let v; function set(a) { v = a; tell('set', a); } function get() { return v ?? ask('get'); } return { set, get }; }";
    let under = "function m(){let n;return{set:function(a){n=a,tell('set',a)},get:function(){return n??ask('get')}}}";
    let (changed, new, gone, _) = told(beside, under);
    assert_eq!((changed, new, gone), (0, 0, 0));
    let other = under.replace("tell('set',a)", "tell('put',a)");
    let (changed, new, gone, _) = told(beside, &other);
    assert_eq!((changed, new, gone), (1, 0, 0));
}

#[test]
fn what_may_hide_something_is_rearranged_at_least() {
    let cases = [
        // A member that another build took out of its table.
        (
            "const log = { debug: (...a) => console.debug(...a), no: 1 }; function f() { log.debug(log.no); }",
            "const d=(...a)=>console.debug(...a);function f(){d(1)}",
        ),
        (
            "const h = { deny(q) { q.a(); }, allow(q) { q.b(); } }; export const f = (q) => h.deny(q);",
            "const h = { deny(q) { q.a(); }, allow(q) { q.b(); } }; export const f = (q) => h.allow(q);",
        ),
        // Which of two values goes where.
        (
            "export function f() { const key = read('k'); const name = tell(); sign(key); return send(name); }",
            "export function f() { const key = read('k'); const name = tell(); sign(name); return send(key); }",
        ),
        // What was put in, under another branch.
        (
            "function asked(q) { return q.yes === true && q.user === 'me'; } export function f(q) { if (!asked(q)) throw new Error('no'); return run(q.text); }",
            "export function f(q) { if (q.yes === true && q.user === 'me') throw new Error('no'); return run(q.text); }",
        ),
        ("q.tag`one`;", "q.tag`two`;"),
        (
            "export const f = async (p) => await p;",
            "export const f = async (p) => await import(p);",
        ),
        ("export { run } from 'one';", "export { run } from 'two';"),
        ("import a from '/one/x.js';", "import a from '/two/x.js';"),
        (
            "(function (t) { t.a = 'b'; })(T);",
            "(function (t, x = globalThis.post(key)) { t.a = 'b'; })(T);",
        ),
    ];
    for (before, after) in cases {
        assert_ne!(told(before, after), (0, 0, 0, 0), "{before}\n{after}");
    }
}

#[test]
fn what_hands_on_an_export_is_no_new_function() {
    let module = "function f(a) { return g('one', a); }\nfunction h(a) { return g('two', a); }\n";
    let handed = "hand(mod, { f: () => f, h: () => h });\n";
    let (one, other) = (functions(module), functions(&format!("{module}{handed}")));
    let matching = Matching::of(&one.list, &other.list);
    let told = differences(&one, &other, &matching);
    // The call that hands them on.
    assert_eq!(told.new.len(), 1);
    // What does something is new, however little it is.
    for more in ["() => f()", "() => 1", "() => f.x", "(a) => !a"] {
        let handed = format!("hand(mod, {more});\n");
        let other = functions(&format!("{module}{handed}"));
        let matching = Matching::of(&one.list, &other.list);
        assert_eq!(differences(&one, &other, &matching).new.len(), 2, "{more}");
    }
}

#[test]
fn what_minifiers_do_is_no_difference() {
    for (one, other) in [
        (
            "function f(a) { if (a) return 'x'; return g(); }",
            "function h(b){return b?'x':g()}",
        ),
        (
            "function f(a, b) { if (!a) { if (b !== 1) { g(); } } }",
            "function f(a,b){a||b===1||g()}",
        ),
        (
            "function f(a, b) { if (a || b) { return true; } return false; }",
            "function f(a,b){return!(!a&&!b)}",
        ),
        (
            "const NAME = 'tool'; function f(a) { const b = a.x; return 'is ' + NAME + b; }",
            "function f(n){return `is tool${n.x}`}",
        ),
        (
            "function f(a) { return a?.b?.(1) ?? a.c; }",
            "function f(a){var b,c;return(c=(b=a==null?void 0:a.b)==null?void 0:b.call(a,1))!=null?c:a.c}",
        ),
        (
            "function f(a) { switch (a) { case 1: return 'x'; default: return null; } }",
            "function f(a){return a===1?'x':null}",
        ),
        (
            "function f(a) { while (true) { if (a()) { break; } b(); } }",
            "function f(a){for(;!a();)b()}",
        ),
        (
            "function f() { return typeof a !== 'undefined' && 60 * 60 * 1000 < b; }",
            "function f(){return typeof a<'u'&&b>36e5}",
        ),
        (
            "import { readFile } from 'fs'; function f(a) { return readFile(a); }",
            "var q=r(require('fs'));function f(a){return(0,q.readFile)(a)}",
        ),
        (
            "class A { #x = 1; get() { return this.#x; } }",
            "class B{#a=1;get(){return this.#a}}",
        ),
    ] {
        assert_eq!(told(one, other), (0, 0, 0, 0), "{one}\n{other}");
    }
}

#[test]
fn what_a_function_does_is_a_difference() {
    for (one, other) in [
        (
            "function f(a) { if (a) g(); }",
            "function f(a) { if (!a) g(); }",
        ),
        (
            "function f(a) { return true; }",
            "function f(a) { return false; }",
        ),
        (
            "function f(a) { return a === 1 && g(a); }",
            "function f(a) { return a === 1 || g(a); }",
        ),
        (
            "function f(a) { return a ? x() : y(); }",
            "function f(a) { return a ? y() : x(); }",
        ),
        (
            "function f(a) { send('a\u{2019}', a); }",
            "function f(a) { send('a\\'', a); }",
        ),
        (
            "function f(a) { return a < 3; }",
            "function f(a) { return a <= 3; }",
        ),
        (
            "function f(a) { a.open(); }",
            "function f(a) { a.close(); }",
        ),
        (
            "function f(a) { return a + 1; }",
            "function f(a) { return a + 2; }",
        ),
        (
            "async function f(a) { await g(a); }",
            "async function f(a) { g(a); }",
        ),
        (
            "function f(a) { try { g(a); } catch { } }",
            "function f(a) { g(a); }",
        ),
        (
            "function f(x) { return h(); function h() { return 1; } }",
            "function f(x) { return h(); function h() { return x.run(x.env); } }",
        ),
        (
            "function f(u) { if (u.role == 'x') return false; return check(u); }",
            "function f(u) { if (u.role == 'x') return true; return check(u); }",
        ),
        (
            "f = (u) => u.admin ? true : check(u);",
            "f = (u) => u.admin ? false : check(u);",
        ),
        (
            "function f(x) { return x.sig === ''; }",
            "function f(x) { return x.sig === x.other; }",
        ),
        (
            "export const VERIFY = true;",
            "export const VERIFY = false;",
        ),
        (
            "import { safe } from './s'; function f(x) { return safe(x); }",
            "import { unsafe } from './s'; function f(x) { return unsafe(x); }",
        ),
        ("class A { @auth m() { a(); } }", "class A { m() { a(); } }"),
        (
            "function f(a, b) { send(a); }",
            "function f(a, b) { send(b); }",
        ),
        (
            "function f() { const a = g(), b = h(); send(a, b); send(a, b, a); }",
            "function f() { const a = g(), b = h(); send(a, b); send(a, b, b); }",
        ),
        (
            "const g = () => one(1), h = () => two(2); function f(a) { g(h(a)); }",
            "const g = () => one(1), h = () => two(2); function f(a) { h(g(a)); }",
        ),
        (
            "const g = () => one(1), h = () => two(2); function f(a) { return g(a); }",
            "const g = () => one(1), h = () => two(2); function f(a) { return h(a); }",
        ),
        (
            "function f(a) { for (const b of a) g(b); }",
            "function f(a) { for (const b in a) g(b); }",
        ),
    ] {
        let (changed, new, gone, rearranged) = told(one, other);
        assert_eq!(changed + rearranged, 1, "{one}\n{other}");
        assert_eq!((new, gone), (0, 0), "{one}\n{other}");
    }
}

#[test]
fn members_that_change_places_are_told() {
    let class = "class A { allow() { return true; } deny() { return false; } }";
    let other = "class A { allow() { return false; } deny() { return true; } }";
    let (changed, _, _, rearranged) = told(class, other);
    assert!(changed + rearranged > 0);
}

/// A small program with functions of all kinds.
const PROGRAM: &str = r##"
import { readFile } from "node:fs/promises";
import os from "node:os";
const HOST = "https://api.example.com";
const LIMITS = { calls: 12, wait: 60 * 1000 };
export class Client {
  #token = null;
  constructor(options = {}) {
    this.options = { retries: 3, ...options };
    this.queue = [];
  }
  get ready() {
    return this.#token !== null && this.queue.length < LIMITS.calls;
  }
  async login(user) {
    if (!user) {
      throw new Error("no user");
    }
    const answer = await fetch(`${HOST}/login`, { method: "POST", body: JSON.stringify({ user }) });
    if (!answer.ok) {
      return false;
    }
    const { token } = await answer.json();
    this.#token = token ?? "none";
    return true;
  }
  async send(text, { model = "large", times } = {}) {
    for (let attempt = 0; attempt < this.options.retries; attempt++) {
      try {
        const answer = await fetch(HOST + "/messages", {
          method: "POST",
          headers: { authorization: "Bearer " + this.#token },
          body: JSON.stringify({ model, text }),
        });
        if (answer.status === 429) {
          await new Promise((done) => setTimeout(done, LIMITS.wait));
          continue;
        }
        return await answer.text();
      } catch (error) {
        console.error("failed", attempt, error?.message ?? "unknown");
      }
    }
    return null;
  }
}
export async function settings(path) {
  const text = await readFile(path, "utf8");
  const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
  const out = {};
  for (const line of lines) {
    const [key, ...rest] = line.split("=");
    out[key.trim()] = rest.join("=").trim();
  }
  return out;
}
export function describe(kind) {
  switch (kind) {
    case "host":
      return os.hostname();
    case "user":
      return os.userInfo().username;
    default:
      return "";
  }
}
"##;

fn minified(text: &str, compress: bool) -> String {
    let allocator = Allocator::default();
    let mut program = Parser::new(&allocator, text, SourceType::mjs())
        .parse()
        .program;
    let options = MinifierOptions {
        mangle: Some(MangleOptions::default()),
        compress: compress.then(CompressOptions::smallest),
        ..MinifierOptions::default()
    };
    let made = Minifier::new(options).minify(&allocator, &mut program);
    Codegen::new()
        .with_options(CodegenOptions::minify())
        .with_scoping(made.scoping)
        .build(&program)
        .code
}

#[test]
fn a_program_is_the_same_under_other_settings() {
    for compress in [false, true] {
        let other = minified(PROGRAM, compress);
        assert!(other.len() < PROGRAM.len() * 3 / 4, "{other}");
        for (a, b) in functions(PROGRAM).list.iter().zip(&functions(&other).list) {
            assert_eq!(a.uses, b.uses, "{} {}", a.name, b.name);
        }
        assert_eq!(told(PROGRAM, &other), (0, 0, 0, 0), "{other}");
    }
}

#[test]
fn the_one_function_that_changed_is_told_whatever_was_done_to_the_rest() {
    let changed = PROGRAM.replace("answer.status === 429", "answer.status === 503");
    let more = format!("{PROGRAM}\nexport function added() {{ return os.networkInterfaces(); }}\n");
    for compress in [false, true] {
        assert_eq!(told(PROGRAM, &minified(&changed, compress)), (1, 0, 0, 0));
        assert_eq!(told(PROGRAM, &minified(&more, compress)), (0, 1, 0, 0));
        assert_eq!(told(&minified(&more, compress), PROGRAM), (0, 0, 1, 0));
    }
}

#[test]
fn what_a_child_says_of_its_functions_is_not_believed() {
    let lie = super::Found {
        list: vec![super::Function {
            node: 7,
            parent: Some(9),
            start: 0,
            end: 1,
            name: String::new(),
            own: 1,
            bag: 1,
            uses: 0,
            foreign: 0,
            under: None,
            hands_on: false,
            size: 1,
            atoms: vec![3, 1, 2],
            refs: vec![0, 5, u32::MAX],
            party: assay_model::Party::First,
            package: String::new(),
        }],
        named: Vec::new(),
    };
    let mut functions = Functions::default();
    functions.add(2, lie);
    let one = &functions.list[0];
    assert_eq!((one.node, one.parent), (2, None));
    assert_eq!((&one.atoms, &one.refs), (&vec![1, 2, 3], &vec![0]));
}
