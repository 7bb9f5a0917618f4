//! Two texts as lines that came, went and stayed.

use assay_model::{Change, CodeLine};
use assay_text::skeleton;
use similar::{ChangeTag, TextDiff};

/// How many lines that stayed are shown beside those that did not.
const AROUND: usize = 3;
/// How many lines are shown of one function.
const LINES: usize = 400;
/// What stands for lines that are not shown.
const LEFT_OUT: &str = "...";

/// The lines that differ, with some around them; all of the second text where
/// there is no first, and the other way round.
pub(super) fn between(before: &str, after: &str) -> Vec<CodeLine> {
    let line = |change: Option<Change>, text: &str| CodeLine {
        change,
        text: told_apart(text.trim_end_matches(['\r', '\n'])),
    };
    let mut out: Vec<CodeLine> = match (before.is_empty(), after.is_empty()) {
        (true, _) => after
            .lines()
            .map(|text| line(Some(Change::New), text))
            .collect(),
        (_, true) => before
            .lines()
            .map(|text| line(Some(Change::Gone), text))
            .collect(),
        (false, false) => {
            let diff = TextDiff::from_lines(before, after);
            let mut out = Vec::new();
            for (number, group) in diff.grouped_ops(AROUND).iter().enumerate() {
                if number > 0 {
                    out.push(line(None, LEFT_OUT));
                }
                for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                    let tag = match change.tag() {
                        ChangeTag::Delete => Some(Change::Gone),
                        ChangeTag::Insert => Some(Change::New),
                        ChangeTag::Equal => None,
                    };
                    out.push(line(tag, change.value()));
                }
            }
            out
        }
    };
    if out.len() > LINES {
        out.truncate(LINES);
        out.push(line(None, LEFT_OUT));
    }
    out
}

/// Code in which what looks like something else is an escape: the same code.
fn told_apart(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let mut buffer = [0; 4];
        let one = &*c.encode_utf8(&mut buffer);
        if !c.is_ascii() && skeleton(one).is_ascii() {
            out.push_str(&c.escape_unicode().to_string());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use assay_model::Change;

    use super::between;

    #[test]
    fn what_stayed_is_shown_only_around_what_did_not() {
        let before: String = (0..40).map(|n| format!("line {n}\n")).collect();
        let after = before.replace("line 20\n", "line twenty\n");
        let lines = between(&before, &after);
        let told: Vec<(Option<Change>, &str)> = lines
            .iter()
            .map(|line| (line.change, line.text.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (None, "line 17"),
                (None, "line 18"),
                (None, "line 19"),
                (Some(Change::Gone), "line 20"),
                (Some(Change::New), "line twenty"),
                (None, "line 21"),
                (None, "line 22"),
                (None, "line 23"),
            ]
        );
        let look_alike = between("", "'\u{2019}' \u{4e2d}\n");
        assert_eq!(look_alike[0].text, "'\\u{2019}' \u{4e2d}");
        assert!(
            between("", "a\nb\n")
                .iter()
                .all(|line| line.change == Some(Change::New))
        );
    }
}
