//! Whether what somebody says of a tool is true.

mod case;
mod kinds;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use assay_artifact::{Environment, FetchError, OpenError, Source, Tree, open};
use assay_model::{CLAIMS_SCHEMA, Claim, Claims, Dossier, Effect, Finding, History, Search};

pub(crate) use case::name_has_version;
pub use case::{CASE_SCHEMA, Case, CaseError};

use crate::history::{Asked, HistoryError, HistoryOptions, history};
use crate::notes::{Notes, NotesFrom, in_trees};
use crate::observe::{ObserveError, ObserveOptions, Target, Trial, observe, usual_settings};
use crate::vet::{Stage, VetError, VetOptions, Witness, fetched, of_artifacts, timed};
use case::Said;
use kinds::Told;

/// How many samples of a range are read between releases that are alike.
const SAMPLES: usize = 3;
/// The most runs of one experiment.
const RUNS: usize = 240;

/// What checking is told beside the case.
#[derive(Debug, Clone)]
pub struct ClaimsOptions {
    /// How versions are vetted.
    pub vet: VetOptions,
    /// The folder of the case file, in which its release notes lie.
    pub folder: PathBuf,
    /// How tools are run, and a folder for their recordings; none where
    /// nothing may be run.
    pub observe: Option<(assay_observe::Launcher, PathBuf)>,
}

/// Why a case could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum ClaimsError {
    /// A version could not be examined for a reason that is not its own.
    #[error(transparent)]
    Vet(#[from] VetError),
    /// A version could not be run for a reason that is not its own.
    #[error(transparent)]
    Observe(#[from] ObserveError),
}

/// What is asked of a version once, or why it cannot be had.
pub(crate) type Had<T> = Result<T, String>;
/// What was had already, by what was asked.
type Known<T> = Mutex<BTreeMap<Vec<String>, Had<Arc<T>>>>;
/// What runs of a source showed.
type Effects = (String, Arc<Seen>);

/// What an experiment showed.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    effects: Vec<Effect>,
    /// How many differences were left open.
    unsettled: usize,
}

/// Tests the claims of a case.
pub(crate) struct Checker<'c> {
    options: &'c ClaimsOptions,
    environment: &'c dyn Environment,
    witness: &'c dyn Witness,
    cancelled: &'c Arc<AtomicBool>,
    dossiers: Known<Dossier>,
    histories: Known<History>,
    effects: Known<Seen>,
}

/// Checks the claims of a case, in their order.
///
/// # Errors
/// When no confined process can be started, or the user interrupted. A
/// version that cannot be had makes its claims untestable.
pub fn check(
    case: &Case,
    options: &ClaimsOptions,
    environment: &dyn Environment,
    witness: &dyn Witness,
    cancelled: &Arc<AtomicBool>,
) -> Result<Claims, ClaimsError> {
    let checker = Checker {
        options,
        environment,
        witness,
        cancelled,
        dossiers: Mutex::default(),
        histories: Mutex::default(),
        effects: Mutex::default(),
    };
    let mut claims = Vec::new();
    for said in &case.claims {
        let Some(kind) = said.kind() else { continue };
        witness.message(&format!("claim {}", said.id.get_ref()));
        let Told {
            outcome,
            corrections,
            evidence,
            reason,
        } = (kind.check)(&checker, said)?;
        claims.push(Claim {
            id: said.id.get_ref().clone(),
            says: said.says.clone(),
            who: said.who.clone(),
            source: said.source.clone(),
            when: said.when.clone(),
            against: said
                .against
                .iter()
                .map(|one| one.get_ref().clone())
                .collect(),
            subject: said.about(),
            test: (kind.words)(said),
            outcome,
            corrections,
            evidence,
            reason,
        });
    }
    Ok(Claims {
        schema: CLAIMS_SCHEMA.to_owned(),
        assay: env!("CARGO_PKG_VERSION").to_owned(),
        title: case.title.clone(),
        claims,
    })
}

/// A case to begin with: a claim of each kind, as comments.
#[must_use]
pub fn new_case() -> String {
    let mut out = format!(
        "# A case: what somebody says of a tool, and how it is tested.\n\
         # assay claims check FILE\n\n\
         schema = \"{CASE_SCHEMA}\"\n\
         title = \"what this is about\"\n\n\
         # Each claim has an id, what it says in your own words, who said it, and a\n\
         # test; where and when it was said, and the claims that it contradicts\n\
         # (against = [\"id\"]), where that is known. Take the comment signs away from\n\
         # what you need.\n"
    );
    for kind in kinds::ALL {
        out.push_str(&format!("\n# {}: {}\n#\n", kind.name, kind.what));
        for line in kind.example.lines() {
            out.push_str(format!("# {line}").trim_end());
            out.push('\n');
        }
    }
    out
}

/// Where a finding is.
pub(crate) fn place(finding: &Finding) -> String {
    match finding.evidence.first() {
        Some(evidence) if evidence.line > 0 => {
            format!("{}:{}:{}", evidence.node, evidence.line, evidence.column)
        }
        Some(evidence) => format!("{} byte {}", evidence.node, evidence.span.start),
        None => "nowhere".to_owned(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An error of the version itself as a reason; any other stays one.
pub(crate) fn of_itself<T>(result: Result<T, VetError>) -> Result<Had<T>, VetError> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(VetError::Fetch(FetchError::Cancelled)) => Err(VetError::Fetch(FetchError::Cancelled)),
        Err(VetError::Analyze(error)) => Err(VetError::Analyze(error)),
        Err(VetError::Open(OpenError::Process(error))) => {
            Err(VetError::Open(OpenError::Process(error)))
        }
        Err(error) => Ok(Err(format!("it cannot be had: {error}"))),
    }
}

impl Checker<'_> {
    fn vet_options(&self, said: &Said) -> VetOptions {
        let mut options = self.options.vet.clone();
        let platform = said.platform.as_ref();
        if let Some(platform) = platform.and_then(|name| name.parse().ok()) {
            options.fetch.platform = platform;
        }
        options
    }

    /// The dossier of a claim's subject at a version.
    fn dossier(&self, said: &Said, version: &str) -> Result<Had<Arc<Dossier>>, ClaimsError> {
        let Some(source) = said.at_version(version) else {
            return Ok(Err(format!("'{version}' is no version")));
        };
        let platform = said.platform.clone().unwrap_or_default();
        let key = vec![source.to_string(), platform];
        if let Some(known) = lock(&self.dossiers).get(&key) {
            return Ok(known.clone());
        }
        let options = self.vet_options(said);
        let made = fetched(
            &source,
            &options,
            self.environment,
            self.witness,
            self.cancelled,
        )
        .and_then(|fetched| {
            of_artifacts(&source, &fetched, &options, self.witness, self.cancelled)
        });
        let made = of_itself(made)?.map(Arc::new);
        lock(&self.dossiers).insert(key, made.clone());
        Ok(made)
    }

    /// When a behaviour was there, over the versions that are looked at.
    fn history(&self, said: &Said, behaviour: &str) -> Result<Had<Arc<History>>, ClaimsError> {
        let Some(source) = said.package() else {
            return Ok(Err("its subject is no package".to_owned()));
        };
        let (from, to) = match said
            .within
            .as_ref()
            .map(|within| within.get_ref().as_slice())
        {
            Some([from, to]) => (Some(from.clone()), Some(to.clone())),
            _ => (said.from.clone(), said.to.clone()),
        };
        let key: Vec<String> = [Some(source.to_string()), from.clone(), to.clone()]
            .into_iter()
            .chain([said.platform.clone(), Some(behaviour.to_owned())])
            .map(Option::unwrap_or_default)
            .collect();
        if let Some(known) = lock(&self.histories).get(&key) {
            return Ok(known.clone());
        }
        let options = HistoryOptions {
            vet: self.vet_options(said),
            from,
            to,
            asked: vec![Asked::Behaviour(behaviour.to_owned())],
            search: Search::Bisect,
            samples: SAMPLES,
            prereleases: false,
            runs: None,
        };
        let told = history(
            &source,
            &options,
            self.environment,
            self.witness,
            self.cancelled,
        );
        let told = match told {
            Ok(history) => Ok(Arc::new(history)),
            Err(HistoryError::Vet(error)) => of_itself(Err(error))?,
            Err(HistoryError::Observe(error)) => return Err(error.into()),
            Err(HistoryError::Fetch(error)) => of_itself(Err(VetError::Fetch(error)))?,
            Err(error) => Err(error.to_string()),
        };
        lock(&self.histories).insert(key, told.clone());
        Ok(told)
    }

    /// The release notes of a version: those that the case names, or those in
    /// the package.
    fn notes(
        &self,
        said: &Said,
        version: &str,
        named: Option<&str>,
    ) -> Result<Had<Notes>, ClaimsError> {
        let Some(source) = said.at_version(version) else {
            return Ok(Err(format!("'{version}' is no version")));
        };
        let Some(named) = named else {
            let trees = match self.trees(said, &source)? {
                Ok(trees) => trees,
                Err(reason) => return Ok(Err(reason)),
            };
            return Ok(in_trees(trees.iter()).ok_or_else(|| {
                format!(
                    "there are no release notes in {source}, and the case names none: notes = \"FILE or URL\""
                )
            }));
        };
        // Of what is no version nothing can be told.
        if let Err(reason) = self.dossier(said, version)? {
            return Ok(Err(reason));
        }
        let unread = |error: &dyn std::fmt::Display| {
            Ok(Err(format!(
                "its release notes {named} cannot be read: {error}"
            )))
        };
        let mut from = NotesFrom::from(named);
        if let NotesFrom::File(_) = from {
            let folder = self.options.folder.canonicalize();
            let path = self.options.folder.join(named).canonicalize();
            let (folder, path) = match (folder, path) {
                (Ok(folder), Ok(path)) => (folder, path),
                (Err(error), _) | (_, Err(error)) => return unread(&error),
            };
            if !path.starts_with(&folder) {
                let reason = format!("its release notes {named} do not lie beside the case");
                return Ok(Err(reason));
            }
            from = NotesFrom::File(path);
        }
        let fetch = &self.options.vet.fetch;
        match Notes::get(&from, fetch, self.environment, self.witness, self.cancelled) {
            // As the case names them.
            Ok(notes) => Ok(Ok(notes.named(named))),
            Err(FetchError::Cancelled) => Err(VetError::Fetch(FetchError::Cancelled).into()),
            Err(error) => unread(&error),
        }
    }

    /// The opened artifacts of a source.
    fn trees(&self, said: &Said, source: &Source) -> Result<Had<Vec<Tree>>, ClaimsError> {
        let options = self.vet_options(said);
        let fetched = fetched(
            source,
            &options,
            self.environment,
            self.witness,
            self.cancelled,
        );
        let fetched = match of_itself(fetched)? {
            Ok(fetched) => fetched,
            Err(reason) => return Ok(Err(reason)),
        };
        let mut trees = Vec::new();
        for artifact in &fetched.artifacts {
            let tree = timed(self.witness, Stage::Open, &artifact.file_name, || {
                open(
                    &artifact.path,
                    &artifact.file_name,
                    &options.limits,
                    &options.launcher,
                    self.cancelled,
                )
            });
            match of_itself(tree.map_err(VetError::Open))? {
                Ok(tree) => trees.push(tree),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        Ok(Ok(trees))
    }

    /// Where a name stands as text, whatever it is there.
    fn stands(
        &self,
        said: &Said,
        version: &str,
        name: &str,
    ) -> Result<Had<Option<String>>, ClaimsError> {
        let Some(source) = said.at_version(version) else {
            return Ok(Err(format!("'{version}' is no version")));
        };
        let trees = match self.trees(said, &source)? {
            Ok(trees) => trees,
            Err(reason) => return Ok(Err(reason)),
        };
        let found = trees.iter().find_map(|tree| {
            let has = |node: &&assay_artifact::Node| {
                let bytes = tree.store.bytes(node.place).unwrap_or_default();
                !node.container && memchr::memmem::find(bytes, name.as_bytes()).is_some()
            };
            tree.nodes
                .iter()
                .find(has)
                .map(|node| node.record.path.clone())
        });
        Ok(Ok(found))
    }

    /// What factors change in runs.
    fn effects(
        &self,
        said: &Said,
        version: &str,
        factors: &BTreeMap<String, String>,
    ) -> Result<Had<Effects>, ClaimsError> {
        let Some(source) = said.at_version(version) else {
            return Ok(Err(format!("'{version}' is no version")));
        };
        let name = source.to_string();
        let Some((launcher, scratch)) = &self.options.observe else {
            let named: Vec<String> = factors
                .iter()
                .map(|(name, value)| format!("--factor {name}={value}"))
                .collect();
            return Ok(Err(format!(
                "it takes runs of the tool in the sandbox: --observe, or assay observe {name} --experiment {}",
                named.join(" ")
            )));
        };
        let mut key = vec![name.clone()];
        key.extend(
            factors
                .iter()
                .map(|(name, value)| format!("{name}={value}")),
        );
        if let Some(known) = lock(&self.effects).get(&key) {
            return Ok(known.clone().map(|effects| (name, effects)));
        }
        let number = lock(&self.effects).len();
        let output = scratch.join(number.to_string());
        let made = std::fs::create_dir_all(&output);
        let options = ObserveOptions {
            fetch: self.options.vet.fetch.clone(),
            launcher: launcher.clone(),
            output,
            keep: false,
            settings: usual_settings(),
            experiment: Some(Trial {
                named: factors.clone().into_iter().collect(),
                findings: None,
                sweep: false,
                strength: 2,
                jobs: 2,
                runs: RUNS,
            }),
            build: self.options.vet.build.clone(),
        };
        let told = match made {
            Ok(()) => self.observed(&source, &options)?,
            Err(error) => Err(format!("there is no folder for recordings: {error}")),
        };
        lock(&self.effects).insert(key, told.clone());
        Ok(told.map(|effects| (name, effects)))
    }

    fn observed(
        &self,
        source: &Source,
        options: &ObserveOptions,
    ) -> Result<Had<Arc<Seen>>, ClaimsError> {
        let observed = observe(
            Target::Source(source),
            options,
            self.environment,
            self.witness,
            self.cancelled,
        );
        Ok(match observed {
            Ok(observation) => match &observation.experiment {
                Some(experiment) => Ok(Arc::new(Seen {
                    unsettled: experiment.unsettled,
                    effects: observation.effects,
                })),
                None => Err(observation.notes.join("; ")),
            },
            Err(ObserveError::Fetch(FetchError::Cancelled)) => {
                return Err(ObserveError::Fetch(FetchError::Cancelled).into());
            }
            Err(error) => Err(format!("it cannot be run here: {error}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, kinds, new_case};

    fn wrong(text: &str) -> (usize, String) {
        match Case::read(text) {
            Ok(_) => panic!("{text}"),
            Err(error) => (error.line, error.what),
        }
    }

    #[test]
    fn the_example_of_every_kind_is_a_claim() {
        let mut names = Vec::new();
        for kind in kinds::ALL {
            let text = format!("schema = \"assay.case/1\"\ntitle = \"t\"\n{}", kind.example);
            let case = Case::read(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert_eq!(case.claims.len(), 1);
            assert_eq!(case.claims[0].kind().map(|kind| kind.name), Some(kind.name));
            for field in kind.needs {
                assert!(kind.takes.contains(field), "{}: {field}", kind.name);
            }
            names.push(kind.name);
        }
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/claims/kinds");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                entry
                    .unwrap()
                    .file_name()
                    .to_string_lossy()
                    .replace(".rs", "")
            })
            .filter(|name| name != "mod")
            .collect();
        files.sort();
        names.sort_unstable();
        assert_eq!(names, files);
    }

    #[test]
    fn a_new_case_says_what_there_is_and_needs_a_claim() {
        let text = new_case();
        assert_eq!(wrong(&text).1, "there is no [[claim]] in it");
        let started: String = text
            .lines()
            .map(|line| line.strip_prefix("# ").unwrap_or(line))
            .filter(|line| !line.ends_with(':') && !line.starts_with('#'))
            .skip_while(|line| !line.starts_with("[[claim]]"))
            .take_while(|line| !line.is_empty())
            .map(|line| format!("{line}\n"))
            .collect();
        let whole = format!("schema = \"assay.case/1\"\ntitle = \"t\"\n{started}");
        assert!(Case::read(&whole).is_ok(), "{whole}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let head = "schema = \"assay.case/1\"\ntitle = \"t\"\n";
        let claim = |more: &str, test: &str| {
            format!(
                "{head}[[claim]]\nid = \"a\"\nsays = \"s\"\nwho = \"w\"\n{more}\n[claim.test]\n{test}\n"
            )
        };
        let code = "subject = \"npm:small-tool\"\nversion = \"1.0.0\"";
        for (text, line, word) in [
            (format!("{head}colour = 1\n"), 3, "colour"),
            (
                "schema = \"assay.case/9\"\ntitle = \"t\"\n".to_owned(),
                1,
                "assay.case/1",
            ),
            (claim(code, "kind = \"hearsay\""), 10, "hearsay"),
            (claim(code, "kind = \"behaviour\""), 9, "needs 'behaviour'"),
            (
                claim(code, "kind = \"behaviour\"\nbehaviour = \"no.such\""),
                11,
                "no.such",
            ),
            (
                claim(
                    code,
                    "kind = \"behaviour\"\nbehaviour = \"covert.channel\"\nwords = []",
                ),
                9,
                "takes no 'words'",
            ),
            (
                claim("", "kind = \"behaviour\"\nbehaviour = \"covert.channel\""),
                8,
                "subject",
            ),
            (
                claim(
                    "subject = \"npm:small-tool\"",
                    "kind = \"behaviour\"\nbehaviour = \"covert.channel\"",
                ),
                4,
                "versions",
            ),
            (
                claim(
                    "subject = \"npm:small-tool@1.0.0\"\nversion = \"1.0.0\"",
                    "kind = \"concealed\"\nentries = 1",
                ),
                7,
                "version",
            ),
            (
                claim(
                    "subject = \"npm:small-tool\"\nfrom = \"1.0.0\"",
                    "kind = \"concealed\"\nentries = 1",
                ),
                9,
                "one 'version'",
            ),
            (
                claim(
                    &format!("{code}\nfrom = \"1.0.0\""),
                    "kind = \"behaviour\"\nbehaviour = \"covert.channel\"",
                ),
                4,
                "only one",
            ),
            (
                claim(
                    "subject = \"npm:small-tool\"\nfrom = \"1.0.0\"\nwithin = [\"1\"]",
                    "kind = \"behaviour\"\nbehaviour = \"covert.channel\"",
                ),
                9,
                "within",
            ),
            (
                claim(
                    "against = [\"b\"]",
                    "kind = \"untestable\"\nwhy = \"motive\"",
                ),
                7,
                "no claim 'b'",
            ),
            (
                claim("", "kind = \"untestable\"\nwhy = \"spite\""),
                10,
                "spite",
            ),
            (claim("", "kind = \"untestable\"\nwhy = 3"), 10, "string"),
        ] {
            let (at, what) = wrong(&text);
            assert!(what.contains(word), "{what}\n{text}");
            assert_eq!(at, line, "{what}\n{text}");
        }
    }
}
