use anstyle::{AnsiColor, Effects, Style as Ansi};
use assay_model::{Reading, Severity};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Whether and how text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences may be written.
    pub colour: bool,
}

impl Style {
    fn paint(self, style: Ansi, text: &str) -> String {
        if self.colour {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// A text that stands out.
    #[must_use]
    pub fn strong(self, text: &str) -> String {
        self.paint(Ansi::new().effects(Effects::BOLD), text)
    }

    /// A text that stands back.
    #[must_use]
    pub fn faint(self, text: &str) -> String {
        self.paint(Ansi::new().effects(Effects::DIMMED), text)
    }

    /// A text in the colour of a severity.
    #[must_use]
    pub fn severity(self, severity: Severity, text: &str) -> String {
        let style = match severity {
            Severity::Critical | Severity::High => AnsiColor::Red.on_default(),
            Severity::Medium => AnsiColor::Yellow.on_default(),
            Severity::Low => AnsiColor::Cyan.on_default(),
            Severity::Info => Ansi::new(),
        };
        self.paint(style.effects(Effects::BOLD), text)
    }

    pub(crate) fn reading(self, reading: Reading, text: &str) -> String {
        let style = match reading {
            Reading::Parsed => AnsiColor::Green.on_default(),
            Reading::Lexical | Reading::Strings => AnsiColor::Cyan.on_default(),
            Reading::Container | Reading::Data => Ansi::new().effects(Effects::DIMMED),
            Reading::Unread => AnsiColor::Yellow.on_default(),
        };
        self.paint(style, text)
    }
}

/// Breaks a text at spaces so that no line is wider than `width` columns, the
/// first indented by `first`, the others by `rest`. A word that is wider than
/// a line is broken.
#[must_use]
pub fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let mut out = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split(' ') {
        let mut word = word;
        loop {
            let gap = usize::from(!empty);
            let room = width.saturating_sub(line.width().saturating_add(gap));
            if word.width() <= room {
                if !empty {
                    line.push(' ');
                }
                line.push_str(word);
                empty = false;
                break;
            }
            if !empty {
                out.push_str(line.trim_end());
                out.push('\n');
                rest.clone_into(&mut line);
                empty = true;
                continue;
            }
            let (head, tail) = split_at_width(word, room.max(8));
            line.push_str(head);
            out.push_str(&line);
            out.push('\n');
            rest.clone_into(&mut line);
            if tail.is_empty() {
                break;
            }
            word = tail;
        }
    }
    if !empty {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn split_at_width(word: &str, width: usize) -> (&str, &str) {
    let mut used = 0usize;
    for (at, c) in word.char_indices() {
        used = used.saturating_add(c.width().unwrap_or(0));
        if used > width && at > 0 {
            return word.split_at(at);
        }
    }
    (word, "")
}
