//! What an effect is taken for.

use assay_model::{ControlOutcome, Grade};
use assay_text::differs;

use super::compare::{Kind, Part, tokens};
use super::view::What;

/// A factor with its value, as far as grading asks.
pub(super) struct Taken<'f> {
    pub(super) name: &'f str,
    pub(super) value: &'f str,
    pub(super) plain: &'f str,
    /// Whether it is what the tool is told, and no fact of the host: another
    /// conversation, another answer of a server.
    pub(super) told: bool,
}

/// The kind of difference, in words, and the grade.
pub(super) fn grade(
    part: &Part,
    factors: &[Taken<'_>],
    controls: &[ControlOutcome],
) -> (&'static str, Grade) {
    let (words, hidden, form) = match part.kind {
        // A kind of request that else is not made says something by itself.
        Kind::Count if part.before == "0" || part.after == "0" => {
            ("whether it is sent", false, false)
        }
        Kind::Count => ("how often it is sent", false, true),
        Kind::Wait => ("how long it waits", false, true),
        Kind::Order => ("order", false, true),
        // A blank line more stands where a section was left out: whether it
        // is a sign shows in whether any other value brings it about.
        Kind::Repeats => ("how often a line stands there", false, true),
        Kind::Text if part.what == What::Form => ("how the same is written", false, true),
        Kind::Text => {
            let difference = differs(&part.line_before, &part.line_after);
            let (hidden, form) = (difference.is_hidden(), difference.is_form());
            (difference.words(), hidden, form)
        }
    };
    // What stays on the host or names whom it turned to is no text that
    // somebody reads past.
    let open = matches!(part.what, What::Local | What::Contacts);
    // A form that hangs on the very value of one factor, whatever another is.
    let is_own_value = controls.is_empty() || controls.contains(&ControlOutcome::Unchanged);
    let form = form && !factors.iter().all(|factor| factor.told);
    let grade = if factors.iter().any(|factor| is_own(part, factor)) {
        Grade::Expected
    } else if open || is_for_a_plain_terminal(part, factors) {
        Grade::Visible
    } else if hidden || form && is_own_value {
        Grade::Concealed
    } else {
        Grade::Visible
    };
    (words, grade)
}

/// Whether a text is ASCII alone where the terminal is one that is known to
/// show no more.
fn is_for_a_plain_terminal(part: &Part, factors: &[Taken<'_>]) -> bool {
    let plain = |factor: &Taken<'_>| {
        matches!(factor.name, "terminal" | "env:TERM")
            && matches!(factor.value, "dumb" | "linux" | "vt100" | "ansi")
    };
    part.kind == Kind::Text
        && part.after.is_ascii()
        && !part.before.is_ascii()
        && factors.iter().all(plain)
}

/// Whether a part is the factor's own value, or follows from it: words of the
/// value in place of words of the plain one, the digits of a date or time and
/// the names of days and months where the zone is another.
fn is_own(part: &Part, factor: &Taken<'_>) -> bool {
    // A server that the factor names is asked.
    let host = factor.value.split("://").nth(1).unwrap_or(factor.value);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    if part.kind == Kind::Count
        && host.contains('.')
        && part.field.split(' ').any(|word| word == host)
    {
        return true;
    }
    if part.kind != Kind::Text {
        return false;
    }
    let words = |text: &str| -> Vec<String> {
        let all = tokens(text).into_iter();
        all.filter(|token| token.starts_with(char::is_alphanumeric))
            .map(str::to_lowercase)
            .collect()
    };
    let of = |text: &str, whole: &str| {
        let whole = words(whole);
        words(text).iter().all(|word| whole.contains(word))
    };
    let (before, after) = (words(&part.before), words(&part.after));
    let carried = !after.is_empty()
        && of(&part.after, factor.value)
        && of(&part.before, factor.plain)
        && part.before != part.after;
    let of_time = matches!(factor.name, "tz" | "env:TZ" | "clock")
        && part.what == What::Said
        && !before.is_empty()
        && before.len() == after.len()
        && before.iter().zip(&after).all(|(a, b)| {
            a == b || is_name_of_time(a) && is_name_of_time(b) || is_moment(a) && is_moment(b)
        })
        && (before.iter().any(|word| is_name_of_time(word)) || in_a_time(part));
    // How a language writes numbers, and what it puts around what is quoted.
    let of_language = matches!(
        factor.name,
        "locale" | "env:LANG" | "env:LC_ALL" | "env:LC_NUMERIC"
    ) && [&part.line_after, &part.shown].into_iter().any(|after| {
        is_number_written(&part.line_before, after)
            || is_quoted(&part.line_before, after, factor.value)
    });
    carried || of_time || of_language
}

/// What languages put around what is quoted, beside `"` and English `\u{201c}`
/// and `\u{201d}`. Source: Unicode CLDR, delimiters.
const QUOTES: &[(&str, &[char])] = &[
    ("bg", &['\u{201e}', '\u{201c}']),
    ("ca", &['\u{ab}', '\u{bb}']),
    ("cs", &['\u{201e}', '\u{201c}']),
    ("da", &['\u{201d}', '\u{bb}', '\u{ab}']),
    ("de", &['\u{201e}', '\u{201c}', '\u{ab}', '\u{bb}']),
    ("el", &['\u{ab}', '\u{bb}']),
    ("es", &['\u{ab}', '\u{bb}']),
    ("et", &['\u{201e}', '\u{201c}']),
    ("fa", &['\u{ab}', '\u{bb}']),
    ("fi", &['\u{201d}']),
    ("fr", &['\u{ab}', '\u{bb}']),
    ("he", &['\u{201d}']),
    ("hr", &['\u{201e}', '\u{201d}']),
    ("hu", &['\u{201e}', '\u{201d}']),
    ("is", &['\u{201e}', '\u{201c}']),
    ("it", &['\u{ab}', '\u{bb}']),
    ("ja", &['\u{300c}', '\u{300d}']),
    ("lt", &['\u{201e}', '\u{201c}']),
    ("nb", &['\u{ab}', '\u{bb}']),
    ("no", &['\u{ab}', '\u{bb}']),
    ("pl", &['\u{201e}', '\u{201d}']),
    ("pt", &['\u{ab}', '\u{bb}']),
    ("ro", &['\u{201e}', '\u{201d}']),
    ("ru", &['\u{ab}', '\u{bb}']),
    ("sk", &['\u{201e}', '\u{201c}']),
    ("sl", &['\u{201e}', '\u{201c}']),
    ("sr", &['\u{201e}', '\u{201c}', '\u{201d}']),
    ("sv", &['\u{201d}']),
    ("uk", &['\u{ab}', '\u{bb}']),
    ("zh", &['\u{300c}', '\u{300d}']),
];

/// Whether nothing is another but the marks of quotations, and these are now
/// those of the language.
fn is_quoted(before: &str, after: &str, locale: &str) -> bool {
    let language = locale.split(['_', '-', '.']).next().unwrap_or(locale);
    let known = QUOTES.iter().find(|(name, _)| *name == language);
    let Some((_, own)) = known else { return false };
    let english = |c: char| matches!(c, '"' | '\u{201c}' | '\u{201d}');
    // French has spaces inside.
    let inner = |c: char| matches!(c, '\u{a0}' | '\u{202f}');
    let without = |text: &str| -> String {
        let kept = text.chars();
        kept.filter(|c| !english(*c) && !own.contains(c) && !inner(*c))
            .collect()
    };
    let marks = |text: &str| text.chars().filter(|c| english(*c)).count();
    let now = after.chars().filter(|c| own.contains(c)).count();
    before != after && without(before) == without(after) && now >= 2 && marks(before) >= 2
}

/// Whether nothing is another but what stands between the digits of a number:
/// `1,234.5` and `1.234,5`.
fn is_number_written(before: &str, after: &str) -> bool {
    let marks = |c: char| {
        matches!(
            c,
            '.' | ',' | '\'' | ' ' | '\u{a0}' | '\u{202f}' | '\u{2019}'
        )
    };
    let (one, other) = (
        before.chars().collect::<Vec<_>>(),
        after.chars().collect::<Vec<_>>(),
    );
    let inside = |text: &[char], at: usize| {
        let digit = |at: Option<usize>| {
            at.and_then(|at| text.get(at))
                .is_some_and(char::is_ascii_digit)
        };
        digit(at.checked_sub(1)) && digit(at.checked_add(1))
    };
    let (mut a, mut b, mut differs) = (0, 0, false);
    loop {
        match (one.get(a), other.get(b)) {
            (None, None) => return differs,
            (Some(x), Some(y)) if x == y => (a, b) = (a + 1, b + 1),
            (Some(x), Some(y))
                if marks(*x) && marks(*y) && inside(&one, a) && inside(&other, b) =>
            {
                (a, b, differs) = (a + 1, b + 1, true);
            }
            (Some(x), _) if marks(*x) && inside(&one, a) => (a, differs) = (a + 1, true),
            (_, Some(y)) if marks(*y) && inside(&other, b) => (b, differs) = (b + 1, true),
            _ => return false,
        }
    }
}

/// A number, or two of them as in `22T19`.
fn is_moment(word: &str) -> bool {
    word.split(['t', 'T', 'z', 'Z']).all(is_number)
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Names of days and months in English, and halves of the day.
fn is_name_of_time(word: &str) -> bool {
    const NAMES: &[&str] = &[
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let short = |name: &&&str| name.get(..3) == Some(word);
    matches!(word, "am" | "pm") || NAMES.contains(&word) || NAMES.iter().any(|name| short(&name))
}

/// Whether the number that is another stands in a date or time: short, or a
/// year, and next to a separator with another such number behind it.
fn in_a_time(part: &Part) -> bool {
    let line = part.line_after.as_str();
    let changed = tokens(line);
    let before = tokens(&part.line_before);
    let is_part = |token: &str| {
        is_number(token)
            && (token.len() <= 2 || token.len() == 4 && ("1900".."2200").contains(&token))
    };
    let is_part = |token: &str| {
        token
            .split(['t', 'T', 'z', 'Z'])
            .all(|part| part.is_empty() || is_part(part))
    };
    let separates = |token: &str| matches!(token, "-" | "/" | ":" | "." | "T");
    let at = changed.iter().zip(&before).position(|(a, b)| a != b);
    let Some(at) = at else { return false };
    // `Sunday, November 22, 2026`
    let is_name = |token: &&str| is_name_of_time(&token.to_lowercase());
    let is_word = |token: &&&str| token.starts_with(char::is_alphanumeric);
    let front = changed.get(..at).unwrap_or_default();
    let rest = changed.get(at.saturating_add(1)..).unwrap_or_default();
    let front: Vec<&&str> = front.iter().rev().filter(is_word).take(2).collect();
    let next = rest.iter().find(is_word);
    let named = front.into_iter().chain(next).any(is_name);
    if named && changed.get(at).is_some_and(|token| is_part(token)) {
        return true;
    }
    let token = |at: Option<usize>| at.and_then(|at| changed.get(at)).copied().unwrap_or("");
    let beside = |step: fn(usize, usize) -> Option<usize>| {
        separates(token(step(at, 1)))
            && !token(step(at, 2)).is_empty()
            && is_part(token(step(at, 2)))
    };
    if !is_part(token(Some(at))) || !beside(usize::checked_add) && !beside(usize::checked_sub) {
        return false;
    }
    // What points separate is a date only with its year, and else a version
    // or an address.
    let points = |step: fn(usize, usize) -> Option<usize>| token(step(at, 1)) == ".";
    if !points(usize::checked_add) && !points(usize::checked_sub) {
        return true;
    }
    let run = |step: fn(usize, usize) -> Option<usize>| {
        let mut out = Vec::new();
        let mut place = at;
        while let Some(mark) = step(place, 1).filter(|mark| token(Some(*mark)) == ".") {
            match step(mark, 1).filter(|part| is_number(token(Some(*part)))) {
                Some(part) if !token(Some(part)).is_empty() => {
                    out.push(token(Some(part)));
                    place = part;
                }
                _ => break,
            }
        }
        out
    };
    let (mut whole, after) = (run(usize::checked_sub), run(usize::checked_add));
    whole.reverse();
    whole.push(token(Some(at)));
    whole.extend(after);
    let is_year = |text: &&str| text.len() == 4;
    whole.len() == 3 && (whole.first().is_some_and(is_year) || whole.last().is_some_and(is_year))
}

#[cfg(test)]
mod tests {
    use assay_model::{ControlOutcome, Grade};

    use super::{Taken, grade};
    use crate::experiment::compare::parts;
    use crate::experiment::view::View;

    fn graded(
        before: &str,
        after: &str,
        factor: (&str, &str, &str),
        control: ControlOutcome,
    ) -> Vec<Grade> {
        let view = |text: &str| {
            let mut out = View::default();
            out.body(
                "model POST /v1 1",
                serde_json::json!({ "s": text }).to_string().as_bytes(),
            );
            out
        };
        let taken = [Taken {
            name: factor.0,
            value: factor.1,
            plain: factor.2,
            told: false,
        }];
        parts(&[view(before), view(before)], &view(after), false)
            .iter()
            .map(|part| grade(part, &taken, &[control]).1)
            .collect()
    }

    #[test]
    fn what_follows_from_a_factor_is_expected_and_what_does_not_is_not() {
        let tz = ("tz", "Asia/Tokyo", "Etc/UTC");
        let user = ("user", "kim", "dev");
        let unchanged = ControlOutcome::Unchanged;
        let cases = [
            (
                "It is 2026-11-22 now",
                "It is 2026-11-23 now",
                tz,
                Grade::Expected,
            ),
            (
                "It is 2026-11-22T10:04 now",
                "It is 2026-11-22T19:04 now",
                tz,
                Grade::Expected,
            ),
            (
                "On Sunday at home",
                "On Monday at home",
                tz,
                Grade::Expected,
            ),
            (
                "zone Etc/UTC here",
                "zone Asia/Tokyo here",
                tz,
                Grade::Expected,
            ),
            (
                "in /home/dev/x it is",
                "in /home/kim/x it is",
                user,
                Grade::Expected,
            ),
            (
                "Today is Sunday, November 22, 2026 here",
                "Today is Saturday, January 2, 2027 here",
                ("clock", "2027-01-02T12:00:00Z", ""),
                Grade::Expected,
            ),
            (
                "Today is November 22, 2026 here",
                "Today is November 22, 2027 here",
                ("clock", "2027-11-22T12:00:00Z", ""),
                Grade::Expected,
            ),
            (
                "at most 4096 here",
                "at most 4097 here",
                ("clock", "2027-11-22T12:00:00Z", ""),
                Grade::Concealed,
            ),
            // What a language puts around what is quoted, and no other marks.
            (
                "read \u{201c}it\u{201d} now",
                "read \u{201e}it\u{201c} now",
                ("locale", "de_DE.UTF-8", "C.UTF-8"),
                Grade::Expected,
            ),
            (
                "read \"it\" now",
                "read \u{ab}\u{a0}it\u{a0}\u{bb} now",
                ("locale", "fr_FR.UTF-8", "C.UTF-8"),
                Grade::Expected,
            ),
            (
                "it's so",
                "it\u{2019}s so",
                ("locale", "fr_FR.UTF-8", "C.UTF-8"),
                Grade::Concealed,
            ),
            (
                "read \"it\" now",
                "read \u{201e}it\u{201c} now",
                ("locale", "ja_JP.UTF-8", "C.UTF-8"),
                Grade::Concealed,
            ),
            // What a terminal cannot show is not sent either.
            (
                "it\u{2019}s so",
                "it's so",
                ("env:TERM", "dumb", "xterm"),
                Grade::Visible,
            ),
            (
                "it's so",
                "it\u{2019}s so",
                ("env:TERM", "xterm-256color", "xterm"),
                Grade::Concealed,
            ),
            // Neither is of a time.
            (
                "the request 4417 here",
                "the request 4418 here",
                tz,
                Grade::Concealed,
            ),
            (
                "id 8c1a-4417-bb here",
                "id 8c1a-4418-bb here",
                tz,
                Grade::Concealed,
            ),
            (
                "It's time to go",
                "It\u{2019}s time to go",
                tz,
                Grade::Concealed,
            ),
            ("On 2026-11-22 go", "On 2026/11/22 go", tz, Grade::Concealed),
            // A letter of the value is not the value.
            ("we sai hello here", "we sia hello here", tz, Grade::Visible),
            (
                "speak plainly here",
                "speak wildly here",
                user,
                Grade::Visible,
            ),
        ];
        for (before, after, factor, wanted) in cases {
            let found = graded(before, after, factor, unchanged);
            assert!(
                !found.is_empty() && found.iter().all(|grade| *grade == wanted),
                "{after}: {found:?}"
            );
        }
    }

    #[test]
    fn a_form_that_any_other_value_brings_about_is_no_channel_but_a_look_alike_is() {
        let base = ("base-url", "http://api.a.example", "");
        let of = |before, after, control| graded(before, after, base, control);
        let (same, unchanged) = (ControlOutcome::Same, ControlOutcome::Unchanged);
        assert_eq!(
            of("a, b and c", "a; b and c", unchanged),
            [Grade::Concealed]
        );
        assert_eq!(of("a, b and c", "a; b and c", same), [Grade::Visible]);
        assert_eq!(of("it's so", "it\u{2019}s so", same), [Grade::Concealed]);
    }

    #[test]
    fn a_form_that_hangs_on_a_server_s_answer_alone_tells_it_nothing() {
        let view = |text: &str| {
            let mut out = View::default();
            out.body(
                "model POST /v1 1",
                format!("{{\"s\":\"{text}\"}}").as_bytes(),
            );
            out
        };
        let taken = |name, told| Taken {
            name,
            value: "true",
            plain: "",
            told,
        };
        let of = |after: &str, factors: &[Taken<'_>]| {
            let plain = [view("a, b and c"), view("a, b and c")];
            let found = parts(&plain, &view(after), false);
            grade(&found[0], factors, &[ControlOutcome::Unchanged]).1
        };
        let (flag, zone) = (|| taken("flag:x", true), || taken("tz", false));
        assert_eq!(of("a; b and c", &[flag()]), Grade::Visible);
        assert_eq!(of("a; b and c", &[flag(), zone()]), Grade::Concealed);
        assert_eq!(of("a, b\u{a0}and c", &[flag()]), Grade::Concealed);
    }

    #[test]
    fn how_a_language_writes_numbers_is_expected_of_it_alone() {
        let unchanged = ControlOutcome::Unchanged;
        for (before, after) in [
            ("1,234.5 files", "1.234,5 files"),
            ("12,345 files", "12\u{202f}345 files"),
            ("1,234 files", "1234 files"),
        ] {
            let of = |factor| graded(before, after, factor, unchanged);
            let is = |grades: &[Grade], grade| grades.iter().all(|known| *known == grade);
            assert!(is(
                &of(("locale", "de_DE.UTF-8", "C.UTF-8")),
                Grade::Expected
            ));
            assert!(!is(&of(("user", "kim", "dev")), Grade::Expected));
        }
        let dash = graded(
            "a-b",
            "a/b",
            ("locale", "de_DE.UTF-8", "C.UTF-8"),
            unchanged,
        );
        assert_eq!(dash, [Grade::Concealed]);
    }
}
