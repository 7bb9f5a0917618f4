//! What a vendor's release notes say of what is new.
//!
//! Notes are held against findings by what stands in both: names, hosts,
//! paths, and words of the behaviour by their stems. Every match names what it
//! was made by; where nothing matches, nothing is guessed.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use assay_analyze::behaviour;
use assay_artifact::{
    Environment, FetchError, FetchOptions, Progress, Tree, compare_versions, document, read_regular,
};
use assay_model::{
    Change, Disclosed, Disclosure, Finding, FindingChange, NameKind, NotedLine, ReleaseNotes,
    StillThere,
};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use rust_stemmers::{Algorithm, Stemmer};
use serde::Deserialize;
use serde_json::Value;

use crate::diff::kind_of;

/// Where release notes come from, where the user says so.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum NotesFrom {
    /// A file of this machine.
    File(PathBuf),
    /// An http or https address.
    Address(String),
}

impl From<String> for NotesFrom {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&str> for NotesFrom {
    fn from(text: &str) -> Self {
        let scheme = text
            .split_once("://")
            .map(|(scheme, _)| scheme.to_lowercase());
        match scheme.as_deref() {
            Some("http" | "https") => Self::Address(text.to_owned()),
            _ => Self::File(PathBuf::from(text)),
        }
    }
}

/// The largest release notes, in bytes.
const LARGEST: u64 = 16 << 20;
/// How much of a line is told.
const SHOWN: usize = 240;
/// The shortest word of a name that counts as one.
const SHORTEST: usize = 3;

/// Release notes, by lines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notes {
    source: String,
    lines: Vec<Line>,
    /// Versions that there is a section for: as written, and as a version.
    versions: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) text: String,
    /// Which of the versions its section is of.
    version: Option<usize>,
    /// Its clauses, and whether each says that something is gone or not done.
    clauses: Vec<(String, bool)>,
    stems: Vec<String>,
}

/// The name of a file that holds release notes.
fn is_notes(path: &str) -> bool {
    let path = path.to_lowercase();
    let name = path.rsplit(['/', '!']).next().unwrap_or_default();
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    let stem = stem.replace(['-', '_'], "");
    matches!(
        stem.as_str(),
        "changelog" | "changes" | "history" | "news" | "releasenotes" | "releases" | "whatsnew"
    ) && matches!(ending, "" | "md" | "markdown" | "txt" | "rst" | "json")
}

/// The release notes in an artifact: its own, and not those of something that
/// lies in it.
pub(crate) fn in_trees<'t>(trees: impl Iterator<Item = &'t Tree>) -> Option<Notes> {
    let mut found: Option<(usize, &str, &[u8])> = None;
    for tree in trees {
        for node in &tree.nodes {
            let path = node.record.path.as_str();
            let wanted = is_notes(path)
                && !node.container
                && !path.contains("node_modules/")
                && node.record.bytes <= LARGEST;
            let depth = path.split(['/', '!']).count();
            if !wanted || found.is_some_and(|(known, _, _)| known <= depth) || depth > 4 {
                continue;
            }
            found = tree
                .store
                .bytes(node.place)
                .map(|bytes| (depth, path, bytes))
                .or(found);
        }
    }
    let (_, path, bytes) = found?;
    Notes::read(path, &String::from_utf8_lossy(bytes))
}

/// The version that a heading is of, as it is written and as a version.
fn version_of(heading: &str) -> Option<(String, String)> {
    let words = heading.split(|c: char| c.is_whitespace() || "[](){},:;=\"'`*".contains(c));
    words
        .filter(|word| !word.is_empty())
        .take(6)
        .find_map(|word| {
            // @scope/name@1.2.3, name-v1.2.3, v1.2.3, 1.2.3
            let word = word.trim_end_matches('.');
            let tail = word.rsplit('@').next().unwrap_or(word);
            let starts = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
            let after_v = |text: &str| {
                text.match_indices(['v', 'V']).find_map(|(at, _)| {
                    let before = text.get(..at).unwrap_or_default();
                    let rest = text.get(at.saturating_add(1)..).unwrap_or_default();
                    let alone = !before.ends_with(|c: char| c.is_ascii_alphanumeric());
                    (alone && starts(rest)).then(|| rest.to_owned())
                })
            };
            let version = if starts(tail) {
                tail.to_owned()
            } else {
                after_v(tail)?
            };
            let dotted = version.contains('.')
                && version
                    .split('.')
                    .next()
                    .is_some_and(|first| first.bytes().all(|b| b.is_ascii_digit()));
            dotted.then(|| (version.clone(), version))
        })
}

/// Whether a line is but a version, with its date at most.
fn is_bare_version(line: &str) -> bool {
    const MONTHS: &[&str] = &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let line = line.trim().trim_matches(['*', '_']);
    let Some((written, _)) = version_of(line) else {
        return false;
    };
    let rest = line.replacen(&written, "", 1);
    // The package may be named before it.
    let rest = match line.split_once(char::is_whitespace) {
        Some((name, after)) if after.trim_start_matches(['v', 'V']).starts_with(&written) => {
            let is_name = name
                .chars()
                .all(|c| c.is_ascii_lowercase() || "-_@/.".contains(c));
            if is_name {
                rest.replacen(name, "", 1)
            } else {
                rest
            }
        }
        _ => rest,
    };
    rest.split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .all(|word| {
            let word = word.to_lowercase();
            matches!(word.as_str(), "v" | "version" | "release" | "released")
                || MONTHS.iter().any(|month| word.starts_with(month))
        })
}

/// Whether a heading's list is of what is gone.
fn lists_gone(heading: &str) -> bool {
    let word = heading
        .trim()
        .trim_end_matches(':')
        .trim_matches(['*', '_'])
        .to_lowercase();
    ["removed", "removals", "removal"].iter().any(|start| {
        word.split(|c: char| !c.is_alphanumeric())
            .any(|word| word == *start)
    })
}

impl Notes {
    /// Gets and reads release notes.
    ///
    /// # Errors
    /// When they cannot be had, or are none.
    pub(crate) fn get(
        from: &NotesFrom,
        options: &FetchOptions,
        environment: &dyn Environment,
        progress: &dyn Progress,
        cancelled: &AtomicBool,
    ) -> Result<Self, FetchError> {
        let (name, bytes) = match from {
            NotesFrom::File(path) => {
                let name = path.display().to_string();
                let bytes = read_regular(path, LARGEST).map_err(|error| FetchError::Config {
                    place: name.clone(),
                    problem: error.to_string(),
                })?;
                (name, bytes)
            }
            NotesFrom::Address(address) => {
                let bytes = document(address, options, environment, progress, cancelled)?;
                (address.clone(), bytes)
            }
        };
        let notes = Self::read(&name, &String::from_utf8_lossy(&bytes));
        notes.ok_or_else(|| FetchError::Config {
            place: name,
            problem: "there are no release notes in it".to_owned(),
        })
    }

    /// Reads release notes: Markdown or plain text with a heading for each
    /// version, or the releases of GitHub as JSON; nothing where there is none
    /// in it.
    pub(crate) fn read(source: &str, text: &str) -> Option<Self> {
        let mut notes = Self {
            source: source.to_owned(),
            ..Self::default()
        };
        let dense: String = text.split_whitespace().take(2).collect();
        if dense.starts_with("[{") || dense.starts_with("{\"") {
            let releases = match serde_json::from_str::<Value>(text).ok()? {
                Value::Array(all) => all,
                one => vec![one],
            };
            for release in &releases {
                let field = |name: &str| release.get(name).and_then(Value::as_str);
                let is_draft = release.get("draft") == Some(&Value::Bool(true));
                let named = [field("tag_name"), field("name")];
                let version = named.into_iter().flatten().find_map(version_of);
                if let (Some(version), Some(body), false) = (version, field("body"), is_draft) {
                    let at = notes.section(version);
                    notes.text(body, Some(at));
                }
            }
        } else if !text.contains('\0') {
            notes.text(text, None);
        }
        let says = |line: &Line| line.text.chars().any(char::is_alphabetic);
        notes.lines.iter().any(says).then_some(notes)
    }

    fn section(&mut self, version: (String, String)) -> usize {
        self.versions.push(version);
        self.versions.len().saturating_sub(1)
    }

    /// Adds a text; `outer` is the version that all of it is of.
    fn text(&mut self, text: &str, outer: Option<usize>) {
        let stemmer = Stemmer::create(Algorithm::English);
        // With the line that each begins in, from 0.
        let mut headings: Vec<(usize, u8, String)> = Vec::new();
        let mut open: Option<(usize, u8, String)> = None;
        // What a reader sees of each line: no comment, and no title of a link.
        let mut seen: BTreeMap<usize, String> = BTreeMap::new();
        let mut starts: Vec<usize> = vec![0];
        starts.extend(text.match_indices('\n').map(|(at, _)| at.saturating_add(1)));
        let line_at = |at: usize| {
            starts
                .partition_point(|start| *start <= at)
                .saturating_sub(1)
        };
        for (event, range) in Parser::new(text).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    open = Some((line_at(range.start), level as u8, String::new()));
                }
                Event::End(TagEnd::Heading(_)) => headings.extend(open.take()),
                Event::Text(part) | Event::Code(part) => {
                    if let Some((_, _, heading)) = &mut open {
                        heading.push_str(&part);
                    }
                    for (line, part) in (line_at(range.start)..).zip(part.lines()) {
                        seen.entry(line).or_default().push_str(part);
                    }
                }
                _ => {}
            }
        }
        let mut headings = headings.into_iter().peekable();
        let (mut version, mut level, mut gone) = (outer, 0u8, false);
        for (at, line) in text.lines().enumerate() {
            if let Some((_, depth, heading)) = headings.next_if(|(line, _, _)| *line == at) {
                gone = lists_gone(&heading);
                match version_of(&heading) {
                    Some(found) if outer.is_none() => {
                        version = Some(self.section(found));
                        level = depth;
                    }
                    _ if outer.is_none() && depth <= level => version = None,
                    _ => {}
                }
            } else if outer.is_none() && is_bare_version(line) {
                version = version_of(line).map(|found| self.section(found));
                level = 6;
                gone = false;
            } else if line.trim().starts_with("**") && line.trim().ends_with("**") {
                gone = lists_gone(line);
            }
            let Some(text) = seen.remove(&at).filter(|text| !text.trim().is_empty()) else {
                continue;
            };
            self.lines.push(Line {
                number: (at as u64).saturating_add(1),
                clauses: clauses(&text, gone, &stemmer),
                stems: stems(&text, &stemmer),
                text: text.trim().to_owned(),
                version,
            });
        }
    }

    /// The lines of the sections after one version and up to another, in the
    /// order of a kind of package, and these sections; all lines where there
    /// are no sections, or no versions to choose by.
    pub(crate) fn between(
        &self,
        kind: &str,
        before: Option<&str>,
        after: Option<&str>,
    ) -> (Vec<&Line>, Vec<String>) {
        let Some(after) = after.filter(|_| !self.versions.is_empty()) else {
            return (self.lines.iter().collect(), Vec::new());
        };
        let compared = |one: &str, other: &str| compare_versions(kind, &full(one), &full(other));
        // The other way round it is what the newer one had.
        let (from, to) = match before.map(|before| (before, compared(before, after))) {
            Some((before, Some(Ordering::Greater))) => (Some(after), before),
            Some((before, _)) => (Some(before), after),
            None => (None, after),
        };
        let is_in = |version: &str| {
            let up_to = compared(version, to).is_some_and(|is| is != Ordering::Greater);
            let beyond = match from {
                Some(from) => compared(version, from) == Some(Ordering::Greater),
                None => compared(version, to) == Some(Ordering::Equal),
            };
            up_to && beyond
        };
        let wanted: BTreeSet<usize> = self
            .versions
            .iter()
            .enumerate()
            .filter(|(_, (_, version))| is_in(version))
            .map(|(at, _)| at)
            .collect();
        let lines = self.lines.iter();
        let lines = lines.filter(|line| line.version.is_some_and(|at| wanted.contains(&at)));
        let mut sections: Vec<String> = Vec::new();
        for (_, (written, _)) in self
            .versions
            .iter()
            .enumerate()
            .filter(|(at, _)| wanted.contains(at))
        {
            if !sections.contains(written) {
                sections.push(written.clone());
            }
        }
        (lines.collect(), sections)
    }

    /// Whether nothing in them is divided by versions.
    pub(crate) fn is_undivided(&self) -> bool {
        self.versions.is_empty()
    }

    /// The same, under another name.
    pub(crate) fn named(self, source: &str) -> Self {
        Self {
            source: source.to_owned(),
            ..self
        }
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    fn noted(&self, line: &Line, by: String) -> NotedLine {
        let version = line.version.and_then(|at| self.versions.get(at));
        NotedLine {
            number: line.number,
            version: version.map(|(written, _)| written.clone()),
            says: line.text.chars().take(SHOWN).collect(),
            by,
        }
    }

    /// Holds what is new against the notes of the versions in between, and
    /// what they say is gone against what is still there.
    pub(crate) fn hold(
        &self,
        changes: &mut [FindingChange],
        now: &[Finding],
        package: &str,
        kind: &str,
        (before, after): (Option<&str>, Option<&str>),
    ) -> ReleaseNotes {
        let (lines, sections) = self.between(kind, before, after);
        let stemmer = Stemmer::create(Algorithm::English);
        let own: BTreeSet<String> = stems(package, &stemmer).into_iter().collect();
        for change in changes.iter_mut() {
            let is_new = change.change == Change::New
                || change.change == Change::Changed && !change.added.is_empty();
            if !is_new || change.finding.behaviour == "custom.rule" {
                continue;
            }
            let marks = marks(&change.finding, &change.added, &own, &stemmer);
            change.disclosure = Some(self.disclosure(&marks, &lines));
        }
        let changed: BTreeSet<&str> = changes
            .iter()
            .map(|change| change.finding.id.as_str())
            .collect();
        let mut still_there: Vec<StillThere> = Vec::new();
        let gone: Vec<&&Line> = lines.iter().filter(|line| line.may_deny()).collect();
        for finding in now
            .iter()
            .filter(|finding| !changed.contains(finding.id.as_str()))
        {
            let named = marks(finding, &[], &own, &stemmer)
                .into_iter()
                .filter(|mark| matches!(mark, Mark::Name(_) | Mark::Host(_)));
            for mark in named {
                let line = gone
                    .iter()
                    .find(|line| mark.is_in(line).is_some() && line.denies(&mark));
                let known = still_there.iter().any(|one| one.key == finding.key);
                if let Some(line) = line.filter(|_| !known) {
                    still_there.push(StillThere {
                        finding: finding.id.clone(),
                        key: finding.key.clone(),
                        line: self.noted(line, mark.words()),
                    });
                }
            }
        }
        ReleaseNotes {
            source: self.source.clone(),
            sections,
            lines: lines.len() as u64,
            undivided: self.is_undivided() || after.is_none(),
            lacks_last: !self.is_undivided()
                && after.is_some_and(|after| self.between(kind, None, Some(after)).1.is_empty()),
            still_there,
        }
    }

    fn disclosure(&self, marks: &[Mark], lines: &[&Line]) -> Disclosure {
        let mut best: Option<(Disclosed, NotedLine)> = None;
        // What names it best comes first.
        for mark in marks {
            for line in lines {
                let Some(by) = mark.is_in(line) else { continue };
                if line.denies(mark) {
                    return Disclosure {
                        state: Disclosed::Contradicted,
                        line: Some(self.noted(line, by)),
                    };
                }
                if best.is_none() {
                    best = Some((Disclosed::Disclosed, self.noted(line, by)));
                }
            }
        }
        match best {
            Some((state, line)) => Disclosure {
                state,
                line: Some(line),
            },
            None => Disclosure {
                state: Disclosed::Undisclosed,
                line: None,
            },
        }
    }
}

/// A version with as many parts as npm's have.
fn full(version: &str) -> String {
    let digits = version
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(version.len());
    let (front, rest) = version.split_at_checked(digits).unwrap_or((version, ""));
    match front.trim_end_matches('.').matches('.').count() {
        0 => format!("{front}.0.0{rest}"),
        1 => format!("{front}.0{rest}"),
        _ => version.to_owned(),
    }
}

/// The stems of the words of a text; words written together are told apart by
/// their capitals.
fn stems(text: &str, stemmer: &Stemmer) -> Vec<String> {
    let mut out = Vec::new();
    for part in text.split(|c: char| !c.is_alphanumeric()) {
        let mut word = String::new();
        let mut last_lower = false;
        for c in part.chars() {
            if c.is_uppercase() && last_lower && !word.is_empty() {
                out.push(stemmer.stem(&word.to_lowercase()).into_owned());
                word.clear();
            }
            last_lower = c.is_lowercase() || c.is_ascii_digit();
            word.push(c);
        }
        if !word.is_empty() {
            out.push(stemmer.stem(&word.to_lowercase()).into_owned());
        }
    }
    out
}

/// Something by which a line names a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Mark {
    /// It stands there as it is, as a whole word.
    Name(String),
    /// It stands there as a host.
    Host(String),
    /// A path of an address.
    Path(String),
    /// These stems follow each other there.
    Phrase(String, Vec<String>),
    /// All of these stems are in it.
    Words(Vec<String>),
}

impl Mark {
    fn words(&self) -> String {
        match self {
            Self::Name(name) => format!("the name {name}"),
            Self::Host(host) => format!("the host {host}"),
            Self::Path(path) => format!("the path {path}"),
            Self::Phrase(words, _) => format!("the words '{words}'"),
            Self::Words(words) => format!("the words {}", words.join(", ")),
        }
    }

    /// Whether a line has it, and as what.
    fn is_in(&self, line: &Line) -> Option<String> {
        let is = match self {
            Self::Phrase(_, wanted) => line
                .stems
                .windows(wanted.len().max(1))
                .any(|stems| stems == wanted),
            Self::Words(wanted) => wanted.iter().all(|word| line.stems.contains(word)),
            _ => self.stands_in(&line.text),
        };
        is.then(|| self.words())
    }

    /// Whether it stands in a text as it is.
    fn stands_in(&self, text: &str) -> bool {
        match self {
            Self::Name(name) | Self::Path(name) => stands(text, name, &['_']),
            Self::Host(host) => {
                let host = host.strip_prefix("*.").unwrap_or(host);
                stands(text, host, &['-', '_', '@', '=', '%'])
            }
            Self::Phrase(..) | Self::Words(_) => false,
        }
    }
}

/// Whether a text stands in another as a whole, with nothing around it that
/// belongs to such a name: no letter, no digit, none of `more`, and nothing
/// that looks like one of these or changes it.
fn stands(text: &str, name: &str, more: &[char]) -> bool {
    // Marks of quotation, dashes and the scripts that write no spaces.
    let apart = |c: char| matches!(c, '\u{2010}'..='\u{205e}' | '\u{2e80}'..);
    let belongs = |c: char| {
        c.is_ascii_alphanumeric()
            || more.contains(&c)
            || !c.is_ascii() && !c.is_whitespace() && !apart(c)
    };
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let mut after = text
                .get(at.saturating_add(name.len())..)
                .unwrap_or_default()
                .chars();
            let first = after.next();
            let second = after.next();
            // A dot or a dash that goes on with a name belongs to it, one at
            // the end of a sentence does not.
            let joins =
                first.is_some_and(|c| matches!(c, '.' | '-')) && second.is_some_and(belongs);
            !before.is_some_and(|c| belongs(c) || c == '.') && !first.is_some_and(belongs) && !joins
        })
}

/// By what notes would name a finding, what says most first.
fn marks(
    finding: &Finding,
    added: &[String],
    own: &BTreeSet<String>,
    stemmer: &Stemmer,
) -> Vec<Mark> {
    let mut out = Vec::new();
    let key = finding.key.as_str();
    let kind = kind_of(finding);
    let is_host = matches!(kind, Some(NameKind::Host))
        || finding.behaviour.starts_with("egress.") && key.contains('.');
    let is_name = key.chars().count() > 1 && key.chars().any(char::is_alphabetic);
    if is_host {
        out.push(Mark::Host(key.to_owned()));
    } else if kind.is_some() && is_name {
        out.push(Mark::Name(key.to_owned()));
    }
    if is_host {
        for evidence in &finding.evidence {
            let path = evidence
                .note
                .split_once("://")
                .and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
            let path = path.map(|path| path.trim_end_matches('/'));
            if let Some(path) = path.filter(|path| path.matches('/').count() >= 2) {
                out.push(Mark::Path(path.to_owned()));
            }
        }
    }
    // Of what a variable is compared with, words like 'false' tell nothing.
    let concealed = finding.behaviour.starts_with("conceal.");
    for entry in added
        .iter()
        .filter(|entry| concealed && entry.len() > SHORTEST)
    {
        let host = entry.contains('.') && !entry.contains(['/', ' ']);
        out.push(if host {
            Mark::Host(entry.clone())
        } else {
            Mark::Name(entry.clone())
        });
    }
    // A name is also told by its words, without those of the package.
    if matches!(kind, Some(NameKind::Variable | NameKind::Flag)) {
        let mut words: Vec<String> = stems(key, stemmer)
            .into_iter()
            .filter(|word| word.len() >= SHORTEST && !own.contains(word))
            .collect();
        words.sort();
        words.dedup();
        if words.len() >= 2 {
            out.push(Mark::Words(words));
        }
    }
    let told_by = behaviour(&finding.behaviour).map_or(&[][..], |known| known.told_by);
    for words in told_by {
        out.push(Mark::Phrase((*words).to_owned(), stems(words, stemmer)));
    }
    out
}

/// Stems of words that say that something is gone.
const GONE: &[&str] = &["remov", "drop", "delet", "retir", "discontinu", "gone"];
/// Stems of words that say that something comes, also in the place of another.
const COMES: &[&str] = &[
    "ad", "add", "new", "introduc", "support", "allow", "use", "replac", "instead", "favor",
    "favour", "for", "since", "to",
];
/// What a tool may be said not to do any more.
const DONE: &[&str] = &[
    "read", "send", "sent", "collect", "use", "transmit", "store", "report", "track", "includ",
    "contact", "connect", "check", "log", "share", "upload", "call",
];
/// How many words after a negation the verb may come.
const REACH: usize = 8;
/// How many words a clause has at most that goes on with a list.
const ITEM: usize = 3;

/// The clauses of a line, and whether each says that something is gone or not
/// done; `gone` where the line stands in a list of what is.
fn clauses(line: &str, gone: bool, stemmer: &Stemmer) -> Vec<(String, bool)> {
    let lower = line.to_lowercase();
    let all = stems(line, stemmer);
    let fixed = all
        .first()
        .is_some_and(|word| matches!(word.as_str(), "fix" | "bug"));
    let not_done = is_not_done(&all);
    let mut cuts: Vec<usize> = Vec::new();
    for cut in [
        ", ",
        "; ",
        ": ",
        ". ",
        " in favo",
        " instead",
        " and ",
        " but ",
        " replaced by ",
    ] {
        cuts.extend(lower.match_indices(cut).map(|(at, _)| at));
    }
    cuts.sort_unstable();
    let mut out: Vec<(String, bool)> = Vec::new();
    let mut from = 0;
    for to in cuts.into_iter().chain([line.len()]) {
        let Some(clause) = line.get(from..to.max(from)) else {
            continue;
        };
        from = to.max(from);
        let words = stems(clause, stemmer);
        let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let reverted = out.is_empty() && words.first().is_some_and(|word| word == "revert");
        let listed = match out.last() {
            None => gone,
            Some((_, before)) => *before && words.len() <= ITEM,
        };
        let denies = !fixed
            && (reverted
                || has(GONE)
                || is_not_done(&words)
                || (listed || not_done && has(DONE)) && !has(COMES));
        out.push((clause.to_owned(), denies));
    }
    out
}

/// Whether words say that something is not done: no longer reads, is never
/// sent, does not collect.
fn is_not_done(words: &[String]) -> bool {
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let after = |at: usize| match (word(at), word(at.saturating_add(1))) {
        ("no", "longer") => Some(at.saturating_add(2)),
        ("never" | "not", _) => Some(at.saturating_add(1)),
        ("doesn" | "don" | "isn" | "aren", "t") => Some(at.saturating_add(2)),
        _ => None,
    };
    (0..words.len()).filter_map(after).any(|at| {
        let mut near = words.iter().skip(at).take(REACH);
        near.any(|word| DONE.contains(&word.as_str()))
    })
}

impl Line {
    /// Whether it may say of something that it is gone or not done.
    fn may_deny(&self) -> bool {
        self.clauses.iter().any(|(_, denies)| *denies)
    }

    /// Whether it says of what it names that it is gone or not done.
    fn denies(&self, mark: &Mark) -> bool {
        match mark {
            // The words may be spread over the line.
            Mark::Phrase(..) | Mark::Words(_) => self.clauses.iter().all(|(_, denies)| *denies),
            _ => {
                let mut of = self.clauses.iter().filter(|(text, _)| mark.stands_in(text));
                of.any(|(_, denies)| *denies)
            }
        }
    }
}

#[cfg(test)]
mod tests;
