//! In what a run differs from the plain ones, beyond that in which these
//! differ among themselves.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::view::{ORDER, Turn, View, What};

/// The longest line that is compared token by token, in tokens.
const TOKENS: usize = 1500;
/// How much of a line is kept, in characters.
const LINE: usize = 300;
/// The longest line in which what differs by itself is told from the rest, in
/// tokens.
const NOISY: usize = 400;
/// How many lines of a field are paired.
const LINES: usize = 200;
/// How many parts of a line are told apart.
const EDITS: usize = 64;
/// From which share of common words on, in hundredths, two lines are taken
/// for one that was changed.
const NEAR: usize = 60;
/// By how many milliseconds a wait must be longer or shorter than any of the
/// plain ones, and by how many times their range.
const WAIT: u64 = 60;
const RANGES: u64 = 3;

/// A part that is other than on the plain host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    pub(super) what: What,
    pub(super) field: String,
    pub(super) kind: Kind,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) line_before: String,
    /// The line with this part alone changed.
    pub(super) line_after: String,
    /// The line as it was seen.
    pub(super) shown: String,
}

/// In what a part differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// In what stands there.
    Text,
    /// In the order of the same lines.
    Order,
    /// In how often the same line stands there.
    Repeats,
    /// In how often something is done.
    Count,
    /// In how long the tool waits.
    Wait,
}

impl Part {
    pub(super) fn same_as(&self, other: &Self) -> bool {
        (&self.field, self.kind, &self.before, &self.after)
            == (&other.field, other.kind, &other.before, &other.after)
    }

    /// Whether both are of the same place, which says something else.
    pub(super) fn same_place(&self, other: &Self) -> bool {
        (&self.field, self.kind, &self.before) == (&other.field, other.kind, &other.before)
            && self.after != other.after
    }
}

/// The parts in which a run differs from the plain ones, where these agree.
/// Lines are told apart by what they say first, and by where they stand only
/// if they are the same: one more item of a list would else change all that
/// follow. `timed` where it was run alone, as the plain ones were.
pub(super) fn parts(plain: &[View], changed: &View, timed: bool) -> Vec<Part> {
    let Some((base, repeats)) = plain.split_first() else {
        return Vec::new();
    };
    let mut out = Vec::new();
    let all: BTreeSet<&(What, String)> = base.fields.keys().chain(changed.fields.keys()).collect();
    for field in all {
        let lines = |view: &View| -> Option<Vec<String>> {
            match (view.fields.get(field), field.0) {
                (Some(lines), _) => Some(lines.clone()),
                (None, What::Count) => Some(vec!["0".to_owned()]),
                (None, What::Contacts | What::Local) => Some(Vec::new()),
                // What comes or goes in a request that is sent either way;
                // of others it is told how often they are sent.
                (None, What::Said) if is_sent(base, changed, &field.1) => Some(Vec::new()),
                (None, _) => None,
            }
        };
        if let (Some(before), Some(after)) = (lines(base), lines(changed)) {
            let repeats: Vec<Vec<String>> = repeats.iter().filter_map(lines).collect();
            of_field(field, &before, &repeats, &after, &mut out);
        }
    }
    if timed {
        waits(plain, changed, &mut out);
        turns(plain, changed, &mut out);
    }
    out
}

/// Requests that came in another order, where in all runs one was begun after
/// the other was here: what is sent side by side overtakes by chance. Nor is
/// it told where the first of them came earlier or later than it ever did on
/// the plain host: then a timer may be what overtook.
fn turns(plain: &[View], changed: &View, out: &mut Vec<Part>) {
    let Some(base) = plain.first() else { return };
    let all = || plain.iter().chain([changed]);
    let of = |view: &View, name: &str| view.turns.iter().find(|turn| turn.name == name).cloned();
    let names: Vec<&str> = base.turns.iter().map(|turn| turn.name.as_str()).collect();
    let names = names
        .into_iter()
        .filter(|name| all().all(|view| of(view, name).is_some()));
    let names: Vec<&str> = names.take(LINES).collect();
    let follows = |view: &View, one: &str, other: &str| {
        let times = of(view, one).zip(of(view, other));
        times.is_some_and(|(one, other)| one.at <= other.since)
    };
    let mut moved = BTreeSet::new();
    for (at, one) in names.iter().enumerate() {
        for other in names.iter().skip(at.saturating_add(1)) {
            let always = plain.iter().all(|view| follows(view, one, other));
            if always && follows(changed, other, one) {
                moved.extend([*one, *other]);
            }
        }
    }
    let turns = |view: &View| -> Vec<Turn> {
        let moved = view
            .turns
            .iter()
            .filter(|turn| moved.contains(turn.name.as_str()));
        moved.cloned().collect()
    };
    let begun = |view: &View| turns(view).first().map(|turn| turn.at / 1000);
    let known: Vec<u64> = plain.iter().filter_map(begun).collect();
    if begun(changed).is_none_or(|now| strays(&known, now) != Ordering::Equal) {
        return;
    }
    let order = |view: &View| {
        let turns = turns(view);
        let names: Vec<&str> = turns.iter().map(|turn| turn.name.as_str()).collect();
        excerpt(&names.join(", "))
    };
    let (before, after) = (order(base), order(changed));
    out.push(Part {
        what: What::Order,
        field: "order of requests".to_owned(),
        kind: Kind::Order,
        line_before: before.clone(),
        line_after: after.clone(),
        shown: after.clone(),
        before,
        after,
    });
}

/// Whether the request that a field is of is among those of both runs.
fn is_sent(one: &View, other: &View, field: &str) -> bool {
    let is_of = |name: &&String| {
        field
            .strip_prefix(name.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    one.requests
        .intersection(&other.requests)
        .any(|name| is_of(&name))
}

/// Whether a time is longer or shorter than any of the plain ones, and by more
/// than these differ; in milliseconds.
fn strays(known: &[u64], time: u64) -> Ordering {
    let (least, most) = (known.iter().min(), known.iter().max());
    let (Some(least), Some(most)) = (least, most) else {
        return Ordering::Equal;
    };
    let far = WAIT.max(most.saturating_sub(*least).saturating_mul(RANGES));
    if time > most.saturating_add(far) {
        Ordering::Greater
    } else if time.saturating_add(far) < *least {
        Ordering::Less
    } else {
        Ordering::Equal
    }
}

fn waits(plain: &[View], changed: &View, out: &mut Vec<Part>) {
    for (name, wait) in &changed.waits {
        let known = plain.iter().filter_map(|view| view.waits.get(name));
        let known: Vec<u64> = known.copied().collect();
        let (Some(least), Some(most)) = (known.iter().min(), known.iter().max()) else {
            continue;
        };
        let after = match strays(&known, *wait) {
            Ordering::Greater => "longer",
            Ordering::Less => "shorter",
            Ordering::Equal => continue,
        };
        out.push(Part {
            what: What::Said,
            field: format!("wait before {name}"),
            kind: Kind::Wait,
            before: "as long as on the plain host".to_owned(),
            after: after.to_owned(),
            line_before: format!("{least} to {most} ms"),
            line_after: format!("{wait} ms"),
            shown: format!("{wait} ms"),
        });
    }
}

fn of_field(
    field: &(What, String),
    lines: &[String],
    repeats: &[Vec<String>],
    others: &[String],
    out: &mut Vec<Part>,
) {
    let same = repeats.iter().all(|repeat| repeat.as_slice() == lines);
    if lines == others {
        return;
    }
    let part = |kind, before: &str, after: &str| Part {
        what: field.0,
        field: field.1.clone(),
        kind,
        before: excerpt(before),
        after: excerpt(after),
        line_before: excerpt(before),
        line_after: excerpt(after),
        shown: excerpt(after),
    };
    match (field.0, lines, others) {
        (What::Count, [before], [after]) => {
            if same {
                out.push(part(Kind::Count, before, after));
            }
            return;
        }
        (What::Order, [before], [after]) if same && reordered(before, after) => {
            out.push(part(Kind::Order, before, after));
            return;
        }
        _ => {}
    }
    let known: BTreeSet<&String> = lines.iter().collect();
    let new: BTreeSet<&String> = others.iter().collect();
    let sets: Vec<BTreeSet<&String>> = repeats
        .iter()
        .map(|repeat| repeat.iter().collect())
        .collect();
    if known == new {
        // How many items of a list there are is told of the list: of the order
        // of their fields it tells nothing.
        let counts = field.1.ends_with(ORDER) && lines.len() != others.len();
        if same && !counts {
            out.push(rearranged(lines, others, part));
        }
        return;
    }
    let all_told = beside_noise(
        lines,
        repeats,
        others,
        |before, after, (from, to), alone| {
            out.push(Part {
                line_before: before.to_owned(),
                line_after: alone,
                shown: after.to_owned(),
                ..part(Kind::Text, from, to)
            });
        },
    );
    if all_told {
        return;
    }
    // Lines that nobody sees: with as many others, whatever these say.
    let blank = |lines: &[String]| lines.iter().filter(|line| line.trim().is_empty()).count();
    let (before, after) = (blank(lines), blank(others));
    let settled = repeats.iter().all(|repeat| blank(repeat) == before);
    let as_many = lines.len() - before == others.len() - after;
    if settled && before != after && as_many && field.0 == What::Said {
        out.push(Part {
            line_before: String::new(),
            line_after: String::new(),
            ..part(
                Kind::Repeats,
                &format!("{before} times"),
                &format!("{after} times"),
            )
        });
    }
    let gone: Vec<&String> = unique(lines)
        .filter(|line| !new.contains(line) && sets.iter().all(|set| set.contains(line)))
        .take(LINES)
        .collect();
    let mut come: Vec<&String> = unique(others)
        .filter(|line| !known.contains(line) && sets.iter().all(|set| !set.contains(line)))
        .take(LINES)
        .collect();
    let mut alone = Vec::new();
    // Names and paths are other ones, and never the same one changed.
    let whole = matches!(field.0, What::Contacts | What::Local);
    for before in gone {
        let nearest = come
            .iter()
            .enumerate()
            .map(|(at, after)| (similarity(before, after), at))
            .max_by_key(|(share, at)| (*share, usize::MAX.saturating_sub(*at)));
        match nearest {
            // The one line of a field is the same line whatever it says.
            Some((share, at))
                if !whole && (share >= NEAR || lines.len() == 1 && others.len() == 1) =>
            {
                let after = come.remove(at);
                edits(before, after, &BTreeSet::new(), |from, to, alone| {
                    out.push(Part {
                        line_before: before.clone(),
                        line_after: alone,
                        shown: after.clone(),
                        ..part(Kind::Text, from, to)
                    });
                });
            }
            _ => alone.push(before),
        }
    }
    // What only comes where the plain runs differ anyway is no effect.
    if alone.is_empty() && sets.iter().any(|set| *set != known) {
        return;
    }
    let first = |lines: &[&String]| {
        let line = lines.iter().find(|line| !line.trim().is_empty());
        line.or(lines.first())
            .map_or("", |line| line.as_str())
            .to_owned()
    };
    // What only goes or only comes is told once.
    if !alone.is_empty() || !come.is_empty() {
        out.push(part(Kind::Text, &first(&alone), &first(&come)));
    }
}

/// What changes in lines of which a part differs by itself: a time of day, an
/// id. The same lines are those in the same place, where all runs have as
/// many; what is another in any two plain runs tells nothing. Whether lines
/// came or went too, and all of them have been told.
fn beside_noise(
    lines: &[String],
    repeats: &[Vec<String>],
    others: &[String],
    mut add: impl FnMut(&str, &str, (&str, &str), String),
) -> bool {
    let many = |list: &[String]| list.len() == lines.len();
    if !repeats.iter().all(|repeat| many(repeat)) {
        return false;
    }
    let aligned = match many(others) {
        true => None,
        false => match beside(lines, repeats, others, &mut add) {
            Some(aligned) => Some(aligned),
            None => return false,
        },
    };
    let all_told = aligned.is_some();
    let others = aligned.as_deref().unwrap_or(others);
    for (at, (before, after)) in lines.iter().zip(others).enumerate() {
        let again: Vec<&String> = repeats.iter().filter_map(|repeat| repeat.get(at)).collect();
        let differs = again.iter().any(|line| *line != before);
        if !differs || before == after || again.contains(&after) {
            continue;
        }
        if let Some(noise) = noise(before, &again) {
            edits(before, after, &noise, |from, to, alone| {
                add(before, after, (from, to), alone);
            });
        }
    }
    all_told
}

/// Where there are more lines or fewer: tells which come or go, if all others
/// find their own, and gives the lines with those in their places.
fn beside(
    lines: &[String],
    repeats: &[Vec<String>],
    others: &[String],
    add: &mut impl FnMut(&str, &str, (&str, &str), String),
) -> Option<Vec<String>> {
    let settled = |at: usize| repeats.iter().all(|repeat| repeat.get(at) == lines.get(at));
    // All of them the same, or nothing is told.
    if (0..lines.len()).all(settled) {
        return None;
    }
    let fits = |at: usize, other: &String| match (settled(at), lines.get(at)) {
        (true, Some(line)) => line == other,
        // As near as it is to itself in the plain runs.
        (false, Some(line)) => {
            let again = repeats.iter().filter_map(|repeat| repeat.get(at));
            let least = again.map(|again| similarity(line, again)).min();
            similarity(line, other) >= least.unwrap_or(NEAR).min(NEAR)
        }
        _ => false,
    };
    let most = lines.len().abs_diff(others.len());
    let mut out = Vec::with_capacity(lines.len());
    let mut extra: Vec<(bool, String)> = Vec::new();
    let (mut at, mut next) = (0, 0);
    while at < lines.len() || next < others.len() {
        match (lines.get(at), others.get(next)) {
            (Some(_), Some(other)) if fits(at, other) => {
                out.push(other.clone());
                at += 1;
                next += 1;
            }
            (_, Some(other)) if others.len() > lines.len() => {
                extra.push((true, other.clone()));
                next += 1;
            }
            (Some(line), _) if others.len() < lines.len() => {
                // Of what differs by itself enough must stay to know it by.
                let again: Vec<&String> = repeats.iter().filter_map(|run| run.get(at)).collect();
                let fixed = |noise: BTreeSet<usize>| noise.len() * 2 < tokens(line).len();
                if !settled(at) && !noise(line, &again).is_some_and(fixed) {
                    return None;
                }
                extra.push((false, line.clone()));
                out.push(line.clone());
                at += 1;
            }
            _ => return None,
        }
        if extra.len() > most {
            return None;
        }
    }
    for (comes, line) in extra {
        match comes {
            true => add("", &line, ("", &line), line.clone()),
            false => add(&line, "", (&line, ""), String::new()),
        }
    }
    Some(out)
}

/// The tokens of a line that are others in one of its repeats, with those
/// beside which something comes or goes; nothing where it is too long.
fn noise(line: &str, repeats: &[&String]) -> Option<BTreeSet<usize>> {
    let one = tokens(line);
    let mut out = BTreeSet::new();
    for repeat in repeats {
        let other = tokens(repeat);
        if one.len() > NOISY || other.len() > NOISY {
            return None;
        }
        for (start, end, _, _) in aligned(&one, &other) {
            if start == end {
                out.extend([start.saturating_sub(1), start]);
            }
            out.extend(start..end);
        }
    }
    Some(out)
}

/// The fields in which the plain runs differ among themselves: which, in how
/// many ways, and of how much that is.
pub(super) fn varying(plain: &[View]) -> Vec<String> {
    let Some((base, repeats)) = plain.split_first() else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (field, lines) in &base.fields {
        let again = repeats.iter().filter_map(|view| view.fields.get(field));
        let mut ways: BTreeSet<&Vec<String>> = again.collect();
        ways.insert(lines);
        if ways.len() < 2 {
            continue;
        }
        let same = |line: &&String| ways.iter().all(|way| way.contains(line));
        let other: Vec<&String> = lines.iter().filter(|line| !same(line)).collect();
        let mut masked = String::new();
        for line in &other {
            let again: Vec<&String> = repeats
                .iter()
                .filter_map(|view| {
                    let at = lines.iter().position(|known| *known == **line)?;
                    view.fields.get(field)?.get(at)
                })
                .collect();
            let all = tokens(line);
            match noise(line, &again) {
                Some(noise) => {
                    masked.extend(noise.iter().filter_map(|at| all.get(*at)).copied());
                }
                None => masked.push_str(line),
            }
        }
        let told = format!(
            "{}: {} values in {} plain runs",
            field.1,
            ways.len(),
            plain.len()
        );
        // In some it is only how many lines there are.
        out.push(match masked.chars().count() {
            0 => told,
            count => format!("{told}; {count} characters, {:.0} bits", bits(&masked)),
        });
    }
    out
}

/// The entropy of a text by how often its characters come (Shannon, Bell
/// Syst. Tech. J. 27, 1948), in bits.
fn bits(text: &str) -> f64 {
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    for c in text.chars() {
        *counts.entry(c).or_default() += 1;
    }
    let all = text.chars().count() as f64;
    let of = |count: &usize| -(*count as f64) * (*count as f64 / all).log2();
    counts.values().map(of).sum()
}

fn unique(lines: &[String]) -> impl Iterator<Item = &String> {
    let mut seen = BTreeSet::new();
    lines.iter().filter(move |line| seen.insert(*line))
}

/// Whether two lists have the same names in another order.
fn reordered(before: &str, after: &str) -> bool {
    let names = |line: &str| {
        let mut all: Vec<String> = line.split(", ").map(str::to_owned).collect();
        all.sort();
        all
    };
    names(before) == names(after)
}

/// The same lines in another order, or other numbers of them.
fn rearranged(
    lines: &[String],
    others: &[String],
    part: impl Fn(Kind, &str, &str) -> Part,
) -> Part {
    let count = |lines: &[String]| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for line in lines {
            *counts.entry(line.clone()).or_default() += 1;
        }
        counts
    };
    let (before, after) = (count(lines), count(others));
    let other = before
        .iter()
        .find(|(line, times)| after.get(*line) != Some(*times));
    if let Some((line, times)) = other {
        let now = after.get(line).copied().unwrap_or(0);
        return Part {
            line_before: excerpt(line),
            line_after: excerpt(line),
            ..part(
                Kind::Repeats,
                &format!("{times} times"),
                &format!("{now} times"),
            )
        };
    }
    let at = lines.iter().zip(others).position(|(a, b)| a != b);
    let from = |lines: &[String]| {
        let from = lines.iter().skip(at.unwrap_or(0)).take(3);
        from.map(|line| line.chars().take(LINE / 3).collect())
            .collect::<Vec<String>>()
            .join(" | ")
    };
    part(Kind::Order, &from(lines), &from(others))
}

fn excerpt(line: &str) -> String {
    let line = line.strip_suffix('\r').unwrap_or(line);
    line.chars().take(LINE).collect()
}

/// The share of words that two lines have in common, in hundredths; of lines
/// without words that of characters.
fn similarity(one: &str, other: &str) -> usize {
    let words = |line| {
        let mut all = tokens(line);
        if all
            .iter()
            .any(|token| token.starts_with(char::is_alphanumeric))
        {
            all.retain(|token| token.starts_with(char::is_alphanumeric));
        }
        all
    };
    let (a, b) = (words(one), words(other));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for token in &a {
        *counts.entry(token).or_default() += 1;
    }
    let mut common = 0usize;
    for token in &b {
        if let Some(count) = counts.get_mut(token).filter(|count| **count > 0) {
            *count -= 1;
            common += 1;
        }
    }
    let most = a.len().max(b.len()).max(1);
    (common * 100).checked_div(most).unwrap_or(0)
}

/// Words, and every other character by itself.
pub(super) fn tokens(line: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let len = if first.is_alphanumeric() {
            rest.find(|c: char| !c.is_alphanumeric())
                .unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, further) = rest.split_at(len);
        out.push(token);
        rest = further;
    }
    out
}

/// Each part of a line that is another, with the line in which it alone is,
/// but for tokens that differ by themselves.
fn edits(
    before: &str,
    after: &str,
    noise: &BTreeSet<usize>,
    mut add: impl FnMut(&str, &str, String),
) {
    let (one, other) = (tokens(before), tokens(after));
    if one.len() > TOKENS || other.len() > TOKENS {
        add(before, after, after.to_owned());
        return;
    }
    let mut done = 0;
    for (start, end, from, to) in aligned(&one, &other) {
        let (gone, come) = (
            one.get(start..end).unwrap_or_default(),
            other.get(from..to).unwrap_or_default(),
        );
        // A separator and the number behind it are two changes.
        let kind = |token: &&str| token.starts_with(char::is_alphanumeric);
        let paired = gone.len() == come.len() && gone.iter().map(kind).eq(come.iter().map(kind));
        let steps: Vec<(usize, usize, String)> = if paired {
            let pairs = gone.iter().zip(come).enumerate();
            pairs
                .filter(|(_, (from, to))| from != to)
                .map(|(at, (_, to))| (start + at, start + at + 1, (*to).to_owned()))
                .collect()
        } else {
            vec![(start, end, come.concat())]
        };
        for (start, end, come) in steps {
            let by_itself = (start..end).all(|at| noise.contains(&at))
                && (start < end || noise.contains(&start));
            if by_itself {
                continue;
            }
            let gone = one.get(start..end).unwrap_or_default().concat();
            let head = one.get(..start).unwrap_or_default().concat();
            let tail = one.get(end..).unwrap_or_default().concat();
            add(&gone, &come, format!("{head}{come}{tail}"));
            done += 1;
        }
        if done > EDITS {
            break;
        }
    }
}

/// Ranges of tokens of which one takes the place of the other, by the longest
/// common subsequence.
fn aligned(one: &[&str], other: &[&str]) -> Vec<(usize, usize, usize, usize)> {
    let width = other.len() + 1;
    let mut table = vec![0u16; (one.len() + 1) * width];
    let index = |a: usize, b: usize| a * width + b;
    let get = |table: &[u16], a: usize, b: usize| table.get(index(a, b)).copied().unwrap_or(0);
    for (a, x) in one.iter().enumerate().rev() {
        for (b, y) in other.iter().enumerate().rev() {
            let best = if x == y {
                get(&table, a + 1, b + 1).saturating_add(1)
            } else {
                get(&table, a + 1, b).max(get(&table, a, b + 1))
            };
            if let Some(cell) = table.get_mut(index(a, b)) {
                *cell = best;
            }
        }
    }
    let mut out = Vec::new();
    let (mut a, mut b) = (0, 0);
    let (mut start, mut from) = (0, 0);
    let mut flush = |start: usize, a: usize, from: usize, b: usize| {
        if start < a || from < b {
            out.push((start, a, from, b));
        }
    };
    while a < one.len() && b < other.len() {
        if one.get(a) == other.get(b) {
            flush(start, a, from, b);
            a += 1;
            b += 1;
            (start, from) = (a, b);
        } else if get(&table, a + 1, b) >= get(&table, a, b + 1) {
            a += 1;
        } else {
            b += 1;
        }
    }
    flush(start, one.len(), from, other.len());
    out
}

#[cfg(test)]
mod tests {
    use super::{Kind, parts};
    use crate::experiment::view::{Turn, View};

    fn view(json: &str) -> View {
        let mut out = View::default();
        out.body("model POST /v1 1", json.as_bytes());
        out
    }

    fn told(before: &str, after: &str) -> Vec<(Kind, String, String)> {
        let plain = [view(before), view(before)];
        parts(&plain, &view(after), true)
            .into_iter()
            .map(|part| (part.kind, part.before, part.after))
            .collect()
    }

    #[test]
    fn what_stands_beside_each_other_is_told_apart() {
        let found = told(
            r#"{"s":"On 2026-11-22 at home"}"#,
            r#"{"s":"On 2026/11/23 at home"}"#,
        );
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(_, before, after)| (before.as_str(), after.as_str()))
            .collect();
        assert_eq!(found, [("-", "/"), ("-", "/"), ("22", "23")]);
    }

    /// A run of requests, each with when it was begun and here.
    fn sent(turns: &[(&str, u64, u64)]) -> View {
        let turn = |(name, since, at): &(&str, u64, u64)| Turn {
            name: (*name).to_owned(),
            since: *since * 1000,
            at: *at * 1000,
        };
        View {
            turns: turns.iter().map(turn).collect(),
            ..View::default()
        }
    }

    #[test]
    fn requests_that_change_places_are_told_where_none_overtakes() {
        let told = |plain: &[View], changed: &View| -> Vec<(String, String)> {
            let parts = parts(plain, changed, true);
            parts.into_iter().map(|p| (p.before, p.after)).collect()
        };
        let first = sent(&[("a 1", 1, 5), ("b 1", 6, 9), ("c 1", 10, 14)]);
        let again = sent(&[("a 1", 2, 6), ("b 1", 7, 9), ("c 1", 10, 15)]);
        let plain = [first, again.clone()];
        let swapped = sent(&[("b 1", 1, 5), ("a 1", 6, 9), ("c 1", 10, 14)]);
        let is = [("a 1, b 1".to_owned(), "b 1, a 1".to_owned())];
        assert_eq!(told(&plain, &swapped), is);
        // Not what comes and goes, nor in any order, nor what was under way
        // at the same time, nor what came when a timer had run out.
        let fewer = sent(&[("b 1", 1, 5), ("c 1", 10, 14)]);
        let aside = sent(&[("b 1", 1, 5), ("a 1", 4, 9), ("c 1", 10, 14)]);
        let late = sent(&[("b 1", 301, 305), ("a 1", 306, 309), ("c 1", 310, 314)]);
        for other in [again, fewer, aside, late] {
            assert_eq!(told(&plain, &other), []);
        }
        let any = [plain.to_vec(), vec![swapped.clone()]].concat();
        assert_eq!(told(&any, &swapped), []);
    }

    #[test]
    fn order_repeats_and_form_are_told() {
        let kinds = |before, after| -> Vec<Kind> {
            told(before, after).into_iter().map(|part| part.0).collect()
        };
        assert_eq!(
            kinds(r#"{"a":["x","y"]}"#, r#"{"a":["y","x"]}"#),
            [Kind::Order]
        );
        assert_eq!(
            kinds(r#"{"a":"x\n\ny"}"#, r#"{"a":"x\n\n\ny"}"#),
            [Kind::Repeats]
        );
        assert_eq!(
            kinds(r#"{"a":"x\n\ny"}"#, r#"{"a":"z\n\n\ny"}"#),
            [Kind::Repeats, Kind::Text]
        );
        assert_eq!(kinds(r#"{"a":1}"#, r#"{"a": 1}"#), [Kind::Text]);
        assert_eq!(kinds(r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#), [Kind::Order]);
        assert_eq!(kinds(r#"{"a":1}"#, r#"{"a":1.0}"#), [Kind::Text]);
        assert_eq!(kinds(r#"{"a":1}"#, r#"{"a":1}"#), []);
    }

    #[test]
    fn waits_count_only_beyond_the_usual_range() {
        let at = |wait| {
            let mut view = View::default();
            view.waits.insert("model 1".to_owned(), wait);
            view
        };
        let plain = [at(10), at(30), at(15)];
        assert_eq!(parts(&plain, &at(85), true), []);
        let found = parts(&plain, &at(200), true);
        assert_eq!(
            (found[0].kind, found[0].after.as_str()),
            (Kind::Wait, "longer")
        );
        assert_eq!(parts(&plain, &at(200), false), []);
    }
}
