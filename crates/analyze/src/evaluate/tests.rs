use super::*;

/// Evaluates expressions after some statements.
fn values(setup: &str, expressions: &[&str]) -> Answer {
    let mut parts = vec![Part::Text(setup.into())];
    for (index, expression) in expressions.iter().enumerate() {
        parts.push(Part::Text("\n;".into()));
        parts.push(Part::Tools);
        parts.push(Part::Text(
            format!(".site({index}, () => ({expression}));").into(),
        ));
    }
    let sites = u32::try_from(expressions.len()).unwrap();
    engine::run(&Program::new(&parts, sites))
}

fn one(setup: &str, expression: &str) -> Yield {
    match values(setup, &[expression]) {
        Answer::Sites(mut sites) => sites.remove(0),
        Answer::Whole(whole) => whole,
        Answer::Parts(_) | Answer::Tried(_) => panic!("it has no parts"),
    }
}

fn text(setup: &str, expression: &str) -> String {
    match one(setup, expression) {
        Yield::Value(Value::Text(text)) => text,
        other => panic!("{expression} gives {other:?}"),
    }
}

#[test]
fn stand_ins_do_as_the_platform_does() {
    for (expression, expected) in [
        ("atob('aGk=')", "hi"),
        ("btoa('hi')", "aGk="),
        ("Buffer.from('aGk', 'base64').toString()", "hi"),
        ("Buffer.from('6869', 'hex').toString('latin1')", "hi"),
        ("Buffer.from([104, 105]).toString('utf8')", "hi"),
        ("new Buffer('aGk=', 'base64').toString()", "hi"),
        ("Buffer('hi').toString('base64')", "aGk="),
        ("Buffer.from('IJ').map((b) => b ^ 0x21).toString()", "hk"),
        (
            "Buffer.concat([Buffer.from('h'), Buffer.from('i')]).toString()",
            "hi",
        ),
        ("Buffer.from('ahib').slice(1, 3).toString()", "hi"),
        ("Buffer.alloc(2, 'h').fill('i', 1).toString()", "hi"),
        ("String(Buffer.from('0102', 'hex').readUInt16LE(0))", "513"),
        ("new TextDecoder().decode(new Uint8Array([104, 105]))", "hi"),
        (
            "new TextDecoder('utf-16le').decode(Uint8Array.of(104, 0, 105, 0))",
            "hi",
        ),
        (
            "Buffer.from(new TextEncoder().encode('é')).toString('hex')",
            "c3a9",
        ),
        (
            "require('zlib').inflateSync(Buffer.from('eJzLyAQAATsA0g==', 'base64')).toString()",
            "hi",
        ),
        (
            "require('node:zlib').gunzipSync(Buffer.from('H4sIAAAAAAACA8vIBACsKpPYAgAAAA==', 'base64')).toString()",
            "hi",
        ),
        (
            "require('crypto').createHash('sha256').update('abc').digest('hex').slice(0, 8)",
            "ba7816bf",
        ),
        ("unescape('%68%69')", "hi"),
        ("[...new Set(['h', 'i'])].join('')", "hi"),
        ("String.fromCharCode(...[107, 108].map((c) => c - 3))", "hi"),
        (
            "(26729n).toString(16).match(/../g).map((h) => String.fromCharCode(parseInt(h, 16))).join('')",
            "hi",
        ),
    ] {
        assert_eq!(text("", expression), expected, "{expression}");
    }
}

#[test]
fn values_come_out_as_they_are() {
    let list =
        |items: &[&str]| Value::List(items.iter().map(|i| Value::Text((*i).to_owned())).collect());
    for (expression, expected) in [
        ("['a', 'b']", list(&["a", "b"])),
        ("new Set(['a', 'b'])", list(&["a", "b"])),
        (
            "new Map([['a', 'b']])",
            Value::List(vec![list(&["a", "b"])]),
        ),
        (
            "Buffer.from('ff00', 'hex')",
            Value::Bytes("\u{ff}\0".to_owned()),
        ),
        ("/a.b/", Value::Text("a.b".to_owned())),
        (
            "({ a: 1, b: [true, null] })",
            Value::Record(vec![
                ("a".to_owned(), Value::Number(1.0)),
                (
                    "b".to_owned(),
                    Value::List(vec![Value::Bool(true), Value::Nil]),
                ),
            ]),
        ),
        (
            "12345678901234567890n",
            Value::Text("12345678901234567890".to_owned()),
        ),
        ("new TextDecoder()", Value::Other),
        ("new (class A { b = 'c' })()", Value::Other),
        (
            "Object.assign(Object.create(null), { a: 'b' })",
            Value::Record(vec![("a".to_owned(), Value::Text("b".to_owned()))]),
        ),
        ("() => 1", Value::Other),
        ("Symbol()", Value::Other),
        ("NaN", Value::Other),
        ("'\\ud800'", Value::Other),
        (
            "Promise.resolve('x').then((x) => x).constructor",
            Value::Other,
        ),
    ] {
        assert_eq!(one("", expression), Yield::Value(expected), "{expression}");
    }
}

#[test]
fn nothing_of_the_host_is_there() {
    for name in [
        "process",
        "Date",
        "performance",
        "console",
        "fetch",
        "setTimeout",
        "navigator",
        "document",
        "window",
        "WebSocket",
        "std",
        "os",
        "WeakRef",
        "print",
        "load",
        "module",
    ] {
        assert_eq!(text("", &format!("typeof {name}")), "undefined", "{name}");
        let reached = format!("typeof [].constructor.constructor('return this')().{name}");
        assert_eq!(text("", &reached), "undefined", "{name}");
    }
    for refused in [
        "Math.random()",
        "require('fs').readFileSync",
        "require('child_process').execSync('id')",
        "'' + require('node:os')",
        "require('left-pad')",
        "import('fs') && require('os')",
        "(() => { try { return require('left-pad') } catch { return 'x' } })()",
        "(() => { try { return Math.random() } finally { return 'x' } })()",
    ] {
        assert_eq!(one("", refused), Yield::Outside, "{refused}");
    }
    assert!(matches!(one("", "process.env.HOME"), Yield::Threw(_)));
}

#[test]
fn limits_hold() {
    for (setup, expression, limit) in [
        ("", "(() => { for (;;) {} })()", "steps"),
        (
            "",
            "(() => { try { for (;;) {} } catch { return 'caught' } })()",
            "steps",
        ),
        (
            "",
            "(() => { for (;;) { try { for (;;) {} } finally { continue } } })()",
            "steps",
        ),
        ("function f() { return f() + 1 }", "f()", "nesting"),
        ("", "'x'.repeat(1 << 29)", "memory"),
        (
            "",
            "(() => { const a = []; for (;;) a.push(new Uint8Array(1 << 20)) })()",
            "memory",
        ),
        ("", "({ get a() { for (;;) {} } })", "steps"),
        (
            "",
            "(() => { new Proxy([], { get() { for (;;) {} } })[0] })()",
            "steps",
        ),
        ("", "/(a+)+$/.exec('a'.repeat(64) + 'b')", "steps"),
    ] {
        match one(setup, expression) {
            Yield::Limit(what) => assert!(what.contains(limit), "{expression}: {what}"),
            other => panic!("{expression} gives {other:?}"),
        }
    }
    // A program that does not come as far as its sites.
    assert_eq!(
        values("for (;;) {}", &["1", "2"]),
        Answer::Whole(Yield::Limit("the limit on steps".to_owned()))
    );
    // One bad site leaves the others.
    let Answer::Sites(sites) = values("", &["1", "(() => { for (;;) {} })()", "nope", "2"]) else {
        panic!("the whole failed");
    };
    assert_eq!(sites[0], Yield::Value(Value::Number(1.0)));
    assert!(matches!(&sites[1], Yield::Limit(_)));
    assert!(matches!(&sites[2], Yield::Threw(what) if what.contains("nope")));
    assert_eq!(sites[3], Yield::Value(Value::Number(2.0)));
}

#[test]
fn hostile_results_stay_inside() {
    for expression in [
        "({ get a() { throw 'no' } })",
        "({ toString() { throw 1 }, valueOf: 3 })",
        "new Proxy({}, { ownKeys() { throw {} } })",
        "new Proxy(function () {}, {})",
        "Object.create(null, { a: { enumerable: true, get: null } })",
        "(() => { const a = []; a.push(a); return a })()",
        "Array.from({ length: 60000 }, () => 'x')",
        "new Error('x')",
        "(() => { throw { get message() { throw 1 } } })()",
        "(() => { Array.isArray = () => true; String.prototype.charCodeAt = null; return Buffer.from('x') })()",
        "(() => { Object.prototype.get = () => 1; return [1] })()",
        "(async () => { await new Promise(() => {}) })()",
        "(function* () { for (;;) yield 1 })()",
        "new Array(1e9)",
    ] {
        // What comes out does not matter; that it comes out does.
        let _ = one("", expression);
    }
    // A slice cannot name what registers values.
    assert!(matches!(
        one("for (const n of Object.getOwnPropertyNames(globalThis)) if (n.startsWith('tools')) globalThis[n].site(0, () => 'forged');", "'true'"),
        Yield::Value(Value::Text(text)) if text == "true"
    ));
}

#[test]
fn the_same_gives_the_same() {
    let all = "[Object.keys({ b: 1, a: 2 }), [3, 1, 2].sort(), new Set([2, 1])]";
    assert_eq!(one("", all), one("", all));
}

#[test]
fn the_platform_comes_whatever_leads_out() {
    for name in ["globalThis", "process", "Promise"] {
        let parts = [
            Part::Tools,
            Part::Text(format!(".outside({name:?});\n").into()),
            Part::Tools,
            Part::Text(".site(0, () => Buffer.from('aGk=', 'base64').toString())".into()),
        ];
        let answers = here(&[Program::new(&parts, 1)]);
        let expected = Answer::Sites(vec![Yield::Value(Value::Text("hi".to_owned()))]);
        assert_eq!(answers, [expected], "{name}");
    }
}
