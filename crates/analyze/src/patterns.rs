//! The behaviours' patterns, compiled once.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::behaviours::{ALL, Behaviour};

/// A pattern with what may stand around it.
#[derive(Debug, Clone, Copy)]
struct Glob {
    behaviour: &'static Behaviour,
    core: &'static str,
    /// What must follow, in this order, on the same line.
    rest: &'static str,
    open_start: bool,
    open_end: bool,
}

impl Glob {
    fn new(behaviour: &'static Behaviour, pattern: &'static str) -> Self {
        let core = pattern.strip_prefix('*').unwrap_or(pattern);
        let open_start = core.len() < pattern.len();
        let trimmed = core.strip_suffix('*').unwrap_or(core);
        let (first, rest) = trimmed.split_once('*').unwrap_or((trimmed, ""));
        Self {
            behaviour,
            core: first,
            rest,
            open_start,
            open_end: trimmed.len() < core.len(),
        }
    }

    fn fits(&self, text: &str, start: usize, end: usize) -> bool {
        if !(self.open_start || start == 0) {
            return false;
        }
        // In the middle of a word it is part of another: `skillSwitch`.
        let letter = |b: Option<&u8>| b.is_some_and(u8::is_ascii_lowercase);
        let before = start.checked_sub(1).and_then(|at| text.as_bytes().get(at));
        if letter(self.core.as_bytes().first()) && before.is_some_and(u8::is_ascii_alphabetic) {
            return false;
        }
        match self.end(text.as_bytes(), end) {
            Some(end) => self.open_end || end == text.len(),
            None => false,
        }
    }

    /// Where the pattern ends, given where its first part does.
    fn end(&self, text: &[u8], first: usize) -> Option<usize> {
        if self.rest.is_empty() {
            return Some(first);
        }
        let line = text.get(first..text.len().min(first.saturating_add(400)))?;
        let line = line.split(|b| *b == b'\n').next()?;
        let mut at = 0usize;
        let mut parts = self.rest.split('*').peekable();
        while let Some(part) = parts.next() {
            let mut found = None;
            for hit in memchr::memmem::find_iter(line.get(at..)?, part.as_bytes()) {
                let end = at.saturating_add(hit).saturating_add(part.len());
                // The last part must not end inside of a word.
                if parts.peek().is_some() || !line.get(end).is_some_and(|b| is_word(*b)) {
                    found = Some(end);
                    break;
                }
            }
            at = found?;
        }
        Some(first.saturating_add(at))
    }
}

/// The words that patterns of names are made of, so that a name that code
/// puts together can be told.
pub(crate) fn words() -> &'static [&'static str] {
    static WORDS: OnceLock<Vec<&'static str>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let mut words: Vec<&str> = ALL
            .iter()
            .flat_map(|behaviour| behaviour.calls.iter().chain(behaviour.variables))
            .flat_map(|pattern| pattern.split(['.', '(', ')', ' ', '?', '*']))
            .chain(["process", "env", "require", "constructor"])
            .filter(|word| !word.is_empty())
            .collect();
        words.sort_unstable();
        words.dedup();
        words
    })
}

/// The compiled patterns of all behaviours.
pub(crate) struct Patterns {
    calls: FxHashMap<&'static str, Vec<&'static Behaviour>>,
    /// What calls and members of unknown objects end in.
    members: FxHashSet<&'static str>,
    methods: FxHashSet<&'static str>,
    call_prefixes: Vec<(&'static str, &'static Behaviour)>,
    variables: Vec<Glob>,
    texts: Vec<Glob>,
    text_search: Option<AhoCorasick>,
    hosts: Vec<(&'static str, bool, &'static Behaviour)>,
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// The patterns, compiled at first use.
pub(crate) fn patterns() -> &'static Patterns {
    static PATTERNS: OnceLock<Patterns> = OnceLock::new();
    PATTERNS.get_or_init(Patterns::compile)
}

impl Patterns {
    fn compile() -> Self {
        let mut calls: FxHashMap<&str, Vec<&Behaviour>> = FxHashMap::default();
        let mut call_prefixes = Vec::new();
        let (mut variables, mut texts, mut hosts) = (Vec::new(), Vec::new(), Vec::new());
        for behaviour in ALL.iter().copied() {
            for call in behaviour.calls {
                match call.strip_suffix('*') {
                    Some(prefix) => call_prefixes.push((prefix, behaviour)),
                    None => calls.entry(call).or_default().push(behaviour),
                }
            }
            variables.extend(behaviour.variables.iter().map(|p| Glob::new(behaviour, p)));
            texts.extend(behaviour.texts.iter().map(|p| Glob::new(behaviour, p)));
            hosts.extend(behaviour.hosts.iter().map(|host| {
                let bare = host.strip_prefix("*.").unwrap_or(host);
                (bare, bare.len() < host.len(), behaviour)
            }));
        }
        let text_search = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(texts.iter().map(|glob| glob.core))
            .ok();
        let ends = |called: bool| -> FxHashSet<&'static str> {
            calls
                .keys()
                .filter(|name| name.starts_with("?.") && name.ends_with("()") == called)
                .filter_map(|name| name.trim_end_matches("()").rsplit('.').next())
                .collect()
        };
        Self {
            members: ends(false),
            methods: ends(true),
            calls,
            call_prefixes,
            variables,
            texts,
            text_search,
            hosts,
        }
    }

    /// The behaviours that a canonical name shows.
    pub(crate) fn call(&self, name: &str) -> Vec<&'static Behaviour> {
        let mut found = self.calls.get(name).cloned().unwrap_or_default();
        for (prefix, behaviour) in &self.call_prefixes {
            if name.starts_with(prefix) {
                found.push(*behaviour);
            }
        }
        found
    }

    /// Whether no behaviour can be shown by a canonical name.
    pub(crate) fn none(&self, name: &str) -> bool {
        !self.calls.contains_key(name)
            && !self
                .call_prefixes
                .iter()
                .any(|(prefix, _)| name.starts_with(prefix))
    }

    /// Whether any behaviour names a property of unknown objects that ends so.
    pub(crate) fn ends_member(&self, last: &str) -> bool {
        self.members.contains(last)
    }

    /// The same of methods.
    pub(crate) fn ends_method(&self, last: &str) -> bool {
        self.methods.contains(last)
    }

    /// Whether any behaviour names a member of unknown objects like this.
    pub(crate) fn any_member(&self, name: &str) -> bool {
        self.calls.contains_key(name)
    }

    /// The behaviours that reading a variable shows.
    pub(crate) fn variable(&self, name: &str) -> Vec<&'static Behaviour> {
        self.variables
            .iter()
            .filter(|glob| {
                name.match_indices(glob.core)
                    .any(|(at, core)| glob.fits(name, at, at.saturating_add(core.len())))
            })
            .map(|glob| glob.behaviour)
            .collect()
    }

    /// The first fact about the host that variables tell whose names hold a
    /// word.
    pub(crate) fn variable_with(&self, word: &str) -> Option<&'static Behaviour> {
        let fits = |glob: &&Glob| glob.core.split('_').any(|part| part == word);
        let behaviours = self
            .variables
            .iter()
            .filter(fits)
            .map(|glob| glob.behaviour);
        behaviours.into_iter().find(|b| b.source.is_some())
    }

    /// The behaviours that a whole constant text shows, each with the pattern
    /// that matched.
    pub(crate) fn text(&self, text: &str) -> Vec<(&'static Behaviour, &'static str)> {
        let mut found: Vec<(&Behaviour, &str)> = Vec::new();
        let Some(search) = &self.text_search else {
            return found;
        };
        for hit in search.find_overlapping_iter(text) {
            if let Some(glob) = self.texts.get(hit.pattern().as_usize())
                && glob.fits(text, hit.start(), hit.end())
                && !found.iter().any(|(b, _)| b.id == glob.behaviour.id)
            {
                found.push((glob.behaviour, glob.core));
            }
        }
        found
    }

    /// Where patterns occur in text without structure, as words.
    pub(crate) fn search(
        &self,
        bytes: &[u8],
        mut found: impl FnMut(&'static Behaviour, &'static str, usize, usize),
    ) {
        let Some(search) = &self.text_search else {
            return;
        };
        let word = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|b| is_word(*b));
        for hit in search.find_overlapping_iter(bytes) {
            if let Some(glob) = self.texts.get(hit.pattern().as_usize())
                // Short words occur everywhere in running text.
                && glob.core.len().saturating_add(glob.rest.len()) >= 5
                && let Some(end) = glob.end(bytes, hit.end())
            {
                // A border of words is asked for only where the pattern has a
                // word at its border.
                let first = glob.core.bytes().next().is_some_and(is_word);
                let last = glob.core.bytes().last().is_some_and(is_word);
                let start_fine = !first || !word(hit.start().checked_sub(1));
                let end_fine = !last || !glob.rest.is_empty() || !word(Some(end));
                if start_fine && end_fine {
                    found(glob.behaviour, glob.core, hit.start(), end);
                }
            }
        }
    }

    /// The behaviours that a host shows.
    pub(crate) fn host(&self, host: &str) -> Vec<&'static Behaviour> {
        self.hosts
            .iter()
            .filter(|(bare, subdomains, _)| {
                host == *bare
                    || (*subdomains
                        && host
                            .strip_suffix(bare)
                            .is_some_and(|front| front.ends_with('.')))
            })
            .map(|(_, _, behaviour)| *behaviour)
            .collect()
    }
}
