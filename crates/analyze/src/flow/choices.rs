//! What the branches of a choice produce.

use assay_text::{Difference, differs};

use super::names::{CalleeKind, rewrites, turns};
use super::{Choice, Flow};
use crate::ir::{Bin, Key, List, Op, Target, V};
use crate::resolve::{HOLE, Known};

impl<'a> Flow<'_, '_, 'a> {
    /// What a field of an object in a variable may be: what is written here,
    /// and what the object had at first.
    pub(super) fn field_choice(&self, assign: V, targets: List, value: V) -> Option<Choice> {
        let mut outputs = Vec::new();
        self.outputs(value, 4, &mut outputs);
        let [Target::Member { object, name }] = self.ir.targets(targets) else {
            return self.rewritten(assign, value, true);
        };
        let name = *name;
        if let Op::Object(list) = self.ir.op(self.r.held(*object)) {
            for prop in self.ir.props(list) {
                if prop.key == Key::Name(name) {
                    self.outputs(prop.value, 4, &mut outputs);
                }
            }
        }
        self.choice(assign, outputs)
            .or_else(|| self.rewritten(assign, value, true))
    }

    /// The texts that a value may be: each with holes where it is not
    /// constant.
    pub(super) fn outputs(&self, value: V, depth: u32, out: &mut Vec<String>) {
        if depth == 0 || out.len() >= 16 {
            return;
        }
        match self.ir.op(value) {
            Op::Cond { yes, no, .. } => {
                self.outputs(yes, depth - 1, out);
                self.outputs(no, depth - 1, out);
            }
            Op::Pass(inner) => self.outputs(inner, depth - 1, out),
            Op::Logical { left, right, .. } => {
                self.outputs(left, depth - 1, out);
                self.outputs(right, depth - 1, out);
            }
            Op::Nil => out.push(String::new()),
            Op::Num(number) => out.push(format!("{number}")),
            Op::Bool(_) | Op::Func(_) => {}
            Op::Object(list) => {
                let fields: Vec<String> = self
                    .ir
                    .props(list)
                    .iter()
                    .take(64)
                    .map(|prop| match prop.key {
                        Key::Name(name) => format!("{}:", self.ir.names.get(name)),
                        Key::Computed(key) => {
                            format!("{}:", self.r.text(key).unwrap_or(HOLE.to_string()))
                        }
                        Key::Spread => HOLE.to_string(),
                    })
                    .collect();
                out.push(fields.join(" "));
            }
            Op::Array(list) => {
                let parts: Vec<String> = self
                    .ir
                    .list(list)
                    .iter()
                    .take(64)
                    .map(|part| self.part(*part))
                    .collect();
                out.push(parts.join(", "));
            }
            Op::Index { object, .. } => self.entries(object, out),
            Op::Call { callee, .. }
                if matches!(self.ir.op(callee), Op::Member { name, .. }
                    if matches!(self.ir.names.get(name), "get" | "charAt" | "at")) =>
            {
                if let Op::Member { object, .. } = self.ir.op(callee) {
                    self.entries(object, out);
                }
            }
            _ => {
                let shape = self.r.imagined(value);
                if !shape.is_empty() || matches!(self.ir.op(value), Op::Str(_)) {
                    out.push(shape);
                }
            }
        }
    }

    /// A part of a list in words: a text, a variable's name, a nested list.
    pub(super) fn part(&self, value: V) -> String {
        match self.ir.op(value) {
            Op::Array(list) => {
                let parts = self.ir.list(list).iter().take(8);
                parts
                    .map(|part| self.part(*part))
                    .collect::<Vec<_>>()
                    .join(" ")
            }
            Op::Object(_) => HOLE.to_string(),
            _ => match self.r.text(value) {
                Some(text) => text,
                None => {
                    let (start, end) = self.ir.span(value);
                    let text = self.ir.text.get(start as usize..end as usize);
                    text.unwrap_or_default().chars().take(64).collect()
                }
            },
        }
    }

    pub(super) fn choice(&self, at: V, outputs: Vec<String>) -> Option<Choice> {
        let mut outputs = outputs;
        outputs.dedup();
        let mut distinct: Vec<String> = Vec::new();
        for output in outputs {
            if !distinct.contains(&output) {
                distinct.push(output);
            }
        }
        // Nothing but a hole says nothing about what is sent.
        distinct.retain(|output| output.chars().any(|c| c != HOLE) || output.is_empty());
        if distinct.len() < 2 {
            return None;
        }
        let mut least: Option<Difference> = None;
        // A part that is not known counts as a word.
        let worded: Vec<String> = distinct.iter().map(|t| t.replace(HOLE, "X")).collect();
        for (index, a) in worded.iter().enumerate() {
            for b in worded.iter().skip(index.saturating_add(1)) {
                // A mark of yes or no says nothing before something is made
                // of it.
                let difference = if is_mark(a) && is_mark(b) && a.parse::<f64>() != b.parse() {
                    Difference::Meaning
                } else {
                    differs(a, b)
                };
                if difference != Difference::Same {
                    least = Some(least.map_or(difference, |d| d.min(difference)));
                }
            }
        }
        Some(Choice {
            at,
            outputs: distinct,
            difference: least?,
        })
    }

    pub(super) fn choice_of(&self, at: V, values: &[V]) -> Option<Choice> {
        self.choice_between(at, values)
            .or_else(|| self.replaced(at, values))
            .or_else(|| self.altered(at, values))
            .or_else(|| self.entry_or_name(at, values))
    }

    /// A choice between something and the same in another order or form.
    pub(super) fn altered(&self, at: V, values: &[V]) -> Option<Choice> {
        let &[first, second] = values else {
            return None;
        };
        let of = |difference, other: String| {
            Some(Choice {
                at,
                outputs: vec!["as it is".to_owned(), other],
                difference,
            })
        };
        if let (
            Op::Call { callee, args },
            Op::Call {
                callee: same,
                args: others,
            },
        ) = (self.ir.op(first), self.ir.op(second))
            && self.callee_kind(callee) == CalleeKind::Flattens
            && self.source(callee) == self.source(same)
            && let ([one, ..], [other, ..]) = (self.ir.list(args), self.ir.list(others))
            && self.source(*one) == self.source(*other)
            && args.len.max(others.len) == 3
        {
            return self.choice(at, vec!["{ }".to_owned(), "{}".to_owned()]);
        }
        for (one, other) in [(first, second), (second, first)] {
            let (base, how) = self.peeled(one);
            let (plain, other_how) = self.peeled(other);
            if how.is_empty() || self.source(base) != self.source(plain) {
                continue;
            }
            if matches!(self.ir.op(base), Op::Str(_) | Op::Num(_)) || self.source(base).is_empty() {
                continue;
            }
            let only: Vec<&str> = how
                .iter()
                .copied()
                .filter(|method| {
                    !other_how.contains(method) || matches!(*method, "normalize" | "bit" | "end")
                })
                .collect();
            let shown = only.join(", ");
            if only.iter().any(|method| turns(method)) {
                return of(Difference::Order, shown);
            }
            if only.contains(&"normalize") {
                return self.choice(at, vec!["e\u{301}".to_owned(), "\u{e9}".to_owned()]);
            }
            if only.iter().any(|method| rewrites(method)) {
                return of(
                    Difference::Punctuation,
                    format!("in another form ({shown})"),
                );
            }
            if only.contains(&"bit") || only.contains(&"end") {
                return of(Difference::Digits, "with another end".to_owned());
            }
        }
        None
    }

    /// What is left of a value when what changes its order or form is taken
    /// off, and the names of what was.
    pub(super) fn peeled(&self, value: V) -> (V, Vec<&'a str>) {
        let mut at = value;
        let mut how = Vec::new();
        for _ in 0..12 {
            at = match self.ir.op(at) {
                Op::Pass(inner) => inner,
                // `[...list]`
                Op::Array(list) => match self.ir.list(list) {
                    [only] => *only,
                    _ => break,
                },
                Op::Call { callee, args } => {
                    let Op::Member { object, name } = self.ir.op(callee) else {
                        break;
                    };
                    let method = self.ir.names.get(name);
                    let first = self.ir.list(args).first();
                    match method {
                        "fromEntries" | "entries" | "from" | "freeze" if first.is_some() => {
                            *first.unwrap_or(&object)
                        }
                        "reduce" | "get" | "at" | "charAt" => break,
                        _ if turns(method)
                            || rewrites(method)
                            || matches!(method, "normalize" | "split" | "slice" | "concat") =>
                        {
                            how.push(method);
                            object
                        }
                        _ => break,
                    }
                }
                Op::Binary {
                    op: Bin::BitAnd | Bin::BitOr | Bin::Xor,
                    left,
                    right,
                } if matches!(self.r.known(right), Some(Known::Number(_))) => {
                    how.push("bit");
                    left
                }
                Op::Binary {
                    op: Bin::Add,
                    left,
                    right,
                } if self
                    .r
                    .text(right)
                    .is_some_and(|end| end.chars().count() <= 2 && !end.trim().is_empty())
                    && matches!(self.ir.op(left), Op::Call { .. }) =>
                {
                    how.push("end");
                    left
                }
                _ => break,
            };
        }
        (at, how)
    }

    /// The text of the module where a value stands.
    pub(super) fn source(&self, value: V) -> &'a str {
        let (start, end) = self.ir.span(value);
        self.ir
            .text
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    /// A choice between entries of a table and their own names:
    /// `far ? letters[c] : c`.
    pub(super) fn entry_or_name(&self, at: V, values: &[V]) -> Option<Choice> {
        let &[first, second] = values else {
            return None;
        };
        [(first, second), (second, first)]
            .into_iter()
            .find_map(|(entry, name)| {
                let Op::Index { object, key } = self.ir.op(entry) else {
                    return None;
                };
                if self.source(key) != self.source(name) {
                    return None;
                }
                let Op::Object(list) = self.ir.op(self.r.held(object)) else {
                    return None;
                };
                self.ir.props(list).iter().take(64).find_map(|prop| {
                    let Key::Name(key) = prop.key else {
                        return None;
                    };
                    let outputs = vec![self.ir.names.get(key).to_owned(), self.r.text(prop.value)?];
                    self.choice(at, outputs)
                        .filter(|choice| choice.difference != Difference::Meaning)
                })
            })
    }

    /// A choice between functions: what is chosen is what they give.
    pub(super) fn functions_choice(&self, at: V, values: &[V]) -> Option<Choice> {
        let returns: Option<Vec<V>> = values
            .iter()
            .map(|value| {
                let func = self.ir.func(self.r.function(*value)?)?;
                match func.returns.as_slice() {
                    [only] => Some(*only),
                    _ => None,
                }
            })
            .collect();
        self.choice_of(at, &returns?)
    }

    /// What a choice between values produces, where all of it is constant.
    pub(super) fn choice_between(&self, at: V, values: &[V]) -> Option<Choice> {
        self.choice(at, self.produced(values))
    }

    /// The same, where some of it is no ASCII: most choices are of it, and
    /// comparing what they produce takes long.
    pub(crate) fn unusual_choice(&self, at: V, values: &[V]) -> Option<Choice> {
        self.unusual(at, self.produced(values))
    }

    pub(super) fn produced(&self, values: &[V]) -> Vec<String> {
        let mut outputs = Vec::new();
        for value in values {
            self.outputs(*value, 6, &mut outputs);
        }
        outputs
    }

    pub(super) fn unusual(&self, at: V, outputs: Vec<String>) -> Option<Choice> {
        // The mark of a hole is no ASCII either.
        let usual = |output: &String| output.chars().all(|c| c.is_ascii() || c == HOLE);
        if outputs.iter().all(usual) {
            return None;
        }
        self.choice(at, outputs)
    }

    /// A choice between a value and the same value with one text replaced by
    /// another, or in another form: what is chosen is the two texts.
    pub(super) fn replaced(&self, at: V, values: &[V]) -> Option<Choice> {
        values
            .iter()
            .find_map(|value| self.rewritten(at, *value, values.len() > 1))
    }

    /// What a call of a method changes in the text that it is called on.
    pub(super) fn rewritten(&self, at: V, value: V, whole: bool) -> Option<Choice> {
        let Op::Call { callee, args } = self.ir.op(value) else {
            return None;
        };
        let Op::Member { object, name } = self.ir.op(callee) else {
            return None;
        };
        let args = self.ir.list(args);
        let (from, to) = match (self.ir.names.get(name), args) {
            ("replace" | "replaceAll", [from, to, ..]) => {
                let from = match self.ir.op(*from) {
                    Op::Regex(pattern) => literal_of(self.ir.names.get(pattern))?,
                    _ => self.r.text(*from)?,
                };
                let to = match self.r.function(*to).and_then(|func| self.ir.func(func)) {
                    Some(func) => match func.returns.as_slice() {
                        [only] => self.r.text(*only)?,
                        _ => return None,
                    },
                    None => self.r.text(*to)?,
                };
                (from, to)
            }
            // `text.split("-").join("/")`
            ("join", [to]) => {
                let Op::Call { callee, args } = self.ir.op(object) else {
                    return None;
                };
                let Op::Member { name, .. } = self.ir.op(callee) else {
                    return None;
                };
                let [from] = self.ir.list(args) else {
                    return None;
                };
                if self.ir.names.get(name) != "split" {
                    return None;
                }
                (self.r.text(*from)?, self.r.text(*to)?)
            }
            ("toUpperCase" | "toLocaleUpperCase", []) if whole => ("a".into(), "A".into()),
            ("toLowerCase" | "toLocaleLowerCase", []) if whole => ("A".into(), "a".into()),
            _ => return None,
        };
        self.choice(at, vec![from, to])
    }

    /// The outputs of a table that is looked up, where some are no ASCII.
    pub(crate) fn unusual_table(&self, at: V, object: V) -> Option<Choice> {
        self.unusual(at, self.held_by(object)?)
    }

    /// The outputs of a table that is looked up.
    pub(super) fn table(&self, at: V, object: V) -> Option<Choice> {
        self.choice(at, self.held_by(object)?)
    }

    pub(super) fn held_by(&self, object: V) -> Option<Vec<String>> {
        let mut outputs = Vec::new();
        self.entries(object, &mut outputs);
        // Large tables of texts are dictionaries, not choices.
        (outputs.len() <= 16).then_some(outputs)
    }

    /// The texts that a table holds: a list, the characters of a short text,
    /// an object, a map of pairs.
    pub(super) fn entries(&self, object: V, out: &mut Vec<String>) {
        match self.r.known(object) {
            Some(Known::List(list)) if !list.iter().any(|k| matches!(k, Known::List(_))) => {
                out.extend(list.into_iter().filter_map(Known::text));
            }
            Some(Known::Text(text)) if text.chars().count() <= 64 => {
                out.extend(text.chars().map(|c| c.to_string()));
            }
            _ => {
                let held = self.r.held(object);
                match self.ir.op(held) {
                    Op::Object(list) => {
                        let props = self.ir.props(list).iter();
                        out.extend(props.filter_map(|prop| self.r.text(prop.value)));
                    }
                    Op::Array(list) => {
                        let values = self.ir.list(list).iter();
                        out.extend(values.filter_map(|value| self.r.text(*value)));
                    }
                    Op::New { args, .. } => {
                        let Some(first) = self.ir.list(args).first() else {
                            return;
                        };
                        let Op::Array(pairs) = self.ir.op(self.r.held(*first)) else {
                            return;
                        };
                        for pair in self.ir.list(pairs).iter().take(17) {
                            if let Op::Array(pair) = self.ir.op(*pair)
                                && let [_, value] = self.ir.list(pair)
                            {
                                out.extend(self.r.text(*value));
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// What stands in the code as a list of texts.
    pub(super) fn plain_list(&self, value: V) -> Option<Vec<String>> {
        match self.r.known(value)? {
            Known::List(list) if list.len() <= 10_000 => {
                let texts: Option<Vec<String>> = list.into_iter().map(Known::text).collect();
                texts.filter(|texts| !texts.is_empty())
            }
            Known::Text(text) => Some(vec![text]),
            _ => None,
        }
    }

    /// Whether a text goes to whoever sits at the terminal, or into an error.
    pub(super) fn is_shown(&self, text: V) -> bool {
        let mut at = self.ir.user(text);
        for _ in 0..4 {
            match self.ir.op(at) {
                Op::Call { callee, .. } | Op::New { callee, .. } => {
                    return match self.r.canon(callee) {
                        Some(canon) => {
                            let name = self.r.canon_text(canon);
                            name.starts_with("console.")
                                || name.ends_with(".stdout.write")
                                || name.ends_with(".stderr.write")
                                || name.ends_with("Error")
                        }
                        None => false,
                    };
                }
                Op::Pass(_) | Op::Throw(_) => at = self.ir.user(at),
                _ => return false,
            }
        }
        false
    }

    /// Whether what a method is called on takes what is sent: headers, a
    /// request, a socket, a query.
    pub(super) fn is_outgoing(&self, object: V, method: &str) -> bool {
        if matches!(method, "setHeader" | "setRequestHeader" | "appendHeader") {
            return true;
        }
        if let Some(canon) = self.r.canon(object) {
            let name = self.r.canon_text(canon);
            return [
                "new Headers",
                "new FormData",
                "new URLSearchParams",
                "new WebSocket",
                "new XMLHttpRequest",
                "http.request",
                "https.request",
                "http2.connect",
                "net.connect",
                "net.createConnection",
                "tls.connect",
                "dgram.createSocket",
            ]
            .iter()
            .any(|front| name.starts_with(front))
                || name.ends_with(".searchParams")
                || name.ends_with(".stdin");
        }
        match self.ir.op(object) {
            Op::Member {
                object: whole,
                name,
            } => {
                let named = self.ir.names.get(name);
                // `this.socket`: what the class puts there.
                let held = || {
                    let home = self.ir.func(self.ir.owner(whole)).map(|func| func.home);
                    let writes = home.and_then(|home| self.ir.field_writes.get(&(home, name)));
                    let mut writes = writes.into_iter().flatten();
                    writes.any(|value| {
                        !matches!(self.ir.op(*value), Op::Member { .. })
                            && self.is_outgoing(*value, method)
                    })
                };
                matches!(named, "headers" | "searchParams" | "stdin")
                    || matches!(self.ir.op(whole), Op::This) && held()
            }
            _ => false,
        }
    }

    /// Whether a call of another package takes an address of a service, and so
    /// sends there what it is given beside.
    pub(super) fn sends_abroad(&self, callee: V, args: List) -> bool {
        let Some(canon) = self.r.canon(callee) else {
            return false;
        };
        let name = self.r.canon_text(canon);
        let verb = name.rsplit(['.', '/']).next().unwrap_or_default();
        let imported = self.r.is_module(canon);
        let sends = imported
            || matches!(
                verb,
                "post" | "get" | "put" | "patch" | "delete" | "request" | "fetch" | "send" | "head"
            );
        sends
            && self.ir.list(args).iter().take(2).any(|arg| {
                let shape = self.r.shape(*arg);
                let address = ["http://", "https://", "ws://", "wss://"]
                    .iter()
                    .any(|scheme| shape.starts_with(scheme));
                address
                    || matches!(self.ir.op(self.r.held(*arg)), Op::Object(list)
                        if self.ir.props(list).iter().any(|prop| matches!(prop.key, Key::Name(name)
                            if matches!(self.ir.names.get(name), "url" | "uri" | "baseURL"))))
            })
    }

    /// Further constants of `x === "a" || x === "b"`, given one comparison with
    /// what it compares with.
    pub(super) fn alternatives(&self, comparison: V, other: V, texts: &mut Vec<String>) {
        let compared = match self.ir.op(comparison) {
            Op::Binary { left, right, .. } if right == other => left,
            Op::Binary { right, .. } => right,
            Op::Call { callee, .. } => match self.ir.op(callee) {
                Op::Member { object, .. } => object,
                _ => return,
            },
            _ => return,
        };
        let mut top = comparison;
        while let user = self.ir.user(top)
            && let Op::Logical { .. } | Op::Pass(_) = self.ir.op(user)
        {
            top = user;
        }
        let mut todo = vec![top];
        for _ in 0..256 {
            let Some(at) = todo.pop() else {
                return;
            };
            match self.ir.op(at) {
                Op::Logical { left, right, .. } => todo.extend([left, right]),
                Op::Pass(inner) => todo.push(inner),
                Op::Binary {
                    op: Bin::Equal,
                    left,
                    right,
                } => {
                    for (side, with) in [(left, right), (right, left)] {
                        if let Op::Str(name) = self.ir.op(side)
                            && self.is_same(with, compared)
                        {
                            let text = self.ir.names.get(name).to_owned();
                            if text.len() >= 2 && !texts.contains(&text) {
                                texts.push(text);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether two values are reads of the same variable, or of the same thing
    /// of the host.
    fn is_same(&self, one: V, other: V) -> bool {
        let (one, other) = (self.passed(one), self.passed(other));
        match (self.ir.op(one), self.ir.op(other)) {
            _ if one == other => true,
            (Op::Var(one), Op::Var(other)) => one == other,
            (
                Op::Member {
                    object: a,
                    name: one,
                },
                Op::Member {
                    object: b,
                    name: other,
                },
            ) => one == other && self.is_same(a, b),
            _ => self
                .r
                .canon(one)
                .is_some_and(|canon| self.r.canon(other) == Some(canon)),
        }
    }

    /// What is in parentheses.
    fn passed(&self, value: V) -> V {
        match self.ir.op(value) {
            Op::Pass(inner) => inner,
            _ => value,
        }
    }

    /// Whether the constant parts of a value are running text.
    pub(super) fn reads_as_text(&self, value: V) -> bool {
        let shape = self.r.shape(value);
        let words = shape
            .split(|c: char| c.is_whitespace() || c == HOLE)
            .filter(|word| {
                word.chars().filter(|c| c.is_alphabetic()).count() >= 2
                    && word.chars().all(|c| {
                        c.is_alphabetic()
                            || matches!(c, '\'' | ',' | '.' | ':' | '!' | '?' | '-' | '’')
                    })
            })
            .count();
        words >= 2 && !shape.contains("://") && !shape.starts_with(['/', '<', '{'])
    }
}

/// Whether a field is by its name what a model is told before all else.
pub(super) fn is_prompt(name: &str) -> bool {
    matches!(
        name,
        "system" | "instructions" | "systemPrompt" | "system_prompt" | "systemInstruction"
    )
}

/// Whether an output is a small number.
pub(super) fn is_mark(output: &str) -> bool {
    output
        .parse::<f64>()
        .is_ok_and(|number| number.fract() == 0.0 && number.abs() < 100.0)
}

/// The text that a regular expression of plain characters matches.
pub(super) fn literal_of(pattern: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                c if c.is_alphanumeric() => return None,
                c => out.push(c),
            },
            '[' | ']' | '(' | ')' | '{' | '}' | '*' | '+' | '?' | '|' | '^' | '$' | '.' => {
                return None;
            }
            c => out.push(c),
        }
    }
    Some(out)
}
