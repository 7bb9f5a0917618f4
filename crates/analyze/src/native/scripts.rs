//! Scripts that an executable carries as text.

use assay_model::{Confidence, Severity};

use super::texts::Text;
use crate::raw::{Notes, Raw};

/// The shortest text that is looked at as a script.
pub(super) const SHORTEST: usize = 120;
/// The longest one that is read.
const LONGEST: usize = 8 << 20;
/// How many are read of one executable, and how much of them together.
const MOST: usize = 600;
const MOST_BYTES: usize = 24 << 20;
/// From how many on they are the library of a runtime: there for whatever
/// program it runs.
const LIBRARY: usize = 40;

/// The language of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    JavaScript,
    Python,
    Shell,
    PowerShell,
}

impl Language {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::JavaScript => "JavaScript",
            Self::Python => "Python",
            Self::Shell => "shell",
            Self::PowerShell => "PowerShell",
        }
    }
}

/// The scripts of one executable.
#[derive(Debug, Default)]
pub(super) struct Scripts {
    found: Vec<(usize, String, Language)>,
    bytes: usize,
    /// Whether there were more than are read.
    pub(super) more: bool,
}

impl Scripts {
    /// Takes a text that looks like a script.
    pub(super) fn take(&mut self, text: &Text<'_>) {
        // Two bytes a character: the places would be others.
        if text.scale != 1 || text.text.len() < SHORTEST {
            return;
        }
        let Some(language) = language(&text.text) else {
            return;
        };
        let bytes = self.bytes.saturating_add(text.text.len());
        if text.text.len() > LONGEST || self.found.len() >= MOST || bytes > MOST_BYTES {
            self.more = true;
            return;
        }
        // The same text may be cut out twice.
        if self.found.iter().any(|(start, known, _)| {
            *start <= text.start
                && start.saturating_add(known.len()) >= text.start.saturating_add(text.text.len())
        }) {
            return;
        }
        self.bytes = bytes;
        self.found
            .push((text.start, text.text.clone().into_owned(), language));
    }

    /// Has all of them read, and tells how many of each language there were.
    pub(super) fn read(
        self,
        reader: &mut dyn FnMut(Language, &str) -> Option<Vec<Raw>>,
        notes: &mut Notes,
    ) -> Vec<(Language, usize)> {
        let mut read: Vec<(usize, Language, Vec<Raw>)> = Vec::new();
        for (start, text, language) in self.found {
            if let Some(raws) = reader(language, &text) {
                read.push((start, language, raws));
            }
        }
        let library = read.len() >= LIBRARY;
        let mut counts: Vec<(Language, usize)> = Vec::new();
        for (start, language, raws) in read {
            match counts.iter_mut().find(|(known, _)| *known == language) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => counts.push((language, 1)),
            }
            note(start, language, raws, library, notes);
        }
        counts
    }
}

/// Notes what a script shows at its place in the executable.
fn note(start: usize, language: Language, raws: Vec<Raw>, library: bool, notes: &mut Notes) {
    let offset = start as u64;
    let inside = if library {
        format!(
            "in {} inside of the executable, one of many scripts of a runtime",
            language.name()
        )
    } else {
        format!("in {} inside of the executable", language.name())
    };
    for raw in raws {
        let (severity, confidence) = if library {
            (raw.severity.min(Severity::Low), Confidence::Low)
        } else {
            (raw.severity, raw.confidence)
        };
        for mut place in raw.places {
            place.start = place.start.saturating_add(offset);
            (place.line, place.column) = (0, 0);
            for step in &mut place.path {
                step.span.start = step.span.start.saturating_add(offset);
            }
            place.note = if place.note.is_empty() {
                inside.clone()
            } else {
                format!("{}; {inside}", place.note)
            };
            let place = || place;
            notes.add(
                &raw.behaviour,
                &raw.key,
                &raw.title,
                (severity, confidence),
                place,
            );
        }
    }
}

/// How much of a text tells its language.
const TELLING: usize = 32 << 10;

/// The language that a text looks like; its reader decides.
pub(super) fn language(text: &str) -> Option<Language> {
    let mut end = text.len().min(TELLING);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let text = text.get(..end)?;
    let first = text.lines().next().unwrap_or_default();
    let first = first.get(..first.len().min(200)).unwrap_or_default();
    if first.starts_with("#!") {
        if first.contains("python") {
            return Some(Language::Python);
        }
        if first.contains("node") || first.contains("bun") || first.contains("deno") {
            return Some(Language::JavaScript);
        }
        if first.ends_with("sh") || first.contains("sh ") {
            return Some(Language::Shell);
        }
        if first.contains("pwsh") {
            return Some(Language::PowerShell);
        }
    }
    let count = |words: &[&str]| words.iter().filter(|word| text.contains(**word)).count();
    if text.contains('$')
        && count(&[
            "$env:",
            "param(",
            "Param(",
            "Write-Host",
            "Write-Output",
            "New-Object",
            "-ErrorAction",
            "Set-StrictMode",
            "Get-Item",
            "Get-Content",
            "Test-Path",
            "Join-Path",
            "Invoke-",
            "Start-Process",
            "$_.",
            " -eq ",
            "[System.",
            "Add-Type",
        ]) >= 3
    {
        return Some(Language::PowerShell);
    }
    let lines = |fits: fn(&str) -> bool| text.lines().take(400).filter(|line| fits(line)).count();
    if lines(|line| {
        let line = line.trim_end();
        (line.starts_with("import ") || line.starts_with("from ") && line.contains(" import "))
            && !line.ends_with(';')
            && !line.contains(" from ")
            || line.starts_with("def ") && line.ends_with(':')
            || line.starts_with("class ") && line.ends_with(':')
            || line.starts_with("if __name__")
    }) >= 2
    {
        return Some(Language::Python);
    }
    let looks = text.contains('(')
        && text.contains(')')
        && (text.contains('{') || text.contains("=>"))
        && (text.contains(';') || text.contains('\n'));
    (looks
        && count(&[
            "function",
            "=>",
            "const ",
            "let ",
            "var ",
            "require(",
            "return",
            "module.exports",
            "export ",
            "import ",
            "async ",
            "await ",
            "typeof ",
            "process.",
            "console.",
            "new ",
            "===",
        ]) >= 3)
        .then_some(Language::JavaScript)
}
