mod dossier;

pub(crate) use dossier::*;

use std::path::PathBuf;
use std::time::Duration;

use assay_artifact::{Deps, PlatformChoice, Source};
use assay_model::Severity;
use assay_observe::is_label;
use assay_review::{NotesFrom, usual_settings};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Shows what an AI coding tool does, with evidence that anyone can reproduce.
#[derive(Debug, Parser)]
#[command(name = "assay", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  assay demo                              see a result in seconds, offline
  assay vet npm:NAME@VERSION              vet a tool from the npm registry
  assay vet pypi:NAME==VERSION            or from PyPI
  assay vet ./extension.vsix --output D   a file; keep the dossier in D
  assay observe npm:NAME@VERSION          run it in a sandbox, and record it
  assay diff npm:NAME@OLD npm:NAME@NEW    what is another in a newer version
  assay history npm:NAME --behaviour B    since when, and until when, it does B
  assay watch TOOLS.toml                  newer versions than the approved ones
  assay claims check CASE.toml            whether what somebody says is true
  assay dossier npm:NAME --output D       all that is known, and the verdict
  assay init DIR                          policies to begin with
  assay reproduce D FINDING-ID            do one finding again
  assay explain covert.channel            what a behaviour means

Exit status: 0 nothing at or above --fail-on, 1 something is, 2 not done;
of a verdict 0 allowed, 1 denied, 3 not enough evidence.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Fetch a tool, open it, and report what it does and what was not read
    Vet(Box<VetArgs>),
    /// Do one finding of a dossier again from the artifact, and compare
    Reproduce(Box<ReproduceArgs>),
    /// Run a tool in a sandbox, and record what it does
    Observe(Box<ObserveArgs>),
    /// Tell what is another in one version of a tool than in an earlier one
    Diff(Box<DiffArgs>),
    /// Tell since when, and until when, releases of a tool do something
    History(Box<HistoryArgs>),
    /// Tell which tools of a list have a newer version, and what differs in it
    Watch(Box<WatchArgs>),
    /// Test what somebody says of a tool
    Claims(Box<ClaimsArgs>),
    /// Gather all that is known of a tool, answer the four questions, and ask
    /// policy
    Dossier(Box<DossierArgs>),
    /// Ask policy what it says of a dossier
    Verdict(Box<VerdictArgs>),
    /// Write a dossier as a page, or in another form
    Report(Box<ReportArgs>),
    /// Hold tools against each other, side by side
    Compare(Box<CompareArgs>),
    /// Check, test, explain and replay policies
    Policy(Box<PolicyArgs>),
    /// Bring a database of known weaknesses up to date
    Osv(OsvArgs),
    /// Write a configuration folder to begin with
    Init(InitArgs),
    /// Seal a dossier folder with a key
    Seal(SealArgs),
    /// Check the seal of a dossier folder, offline
    Verify(VerifyArgs),
    /// Make and show keys for seals
    Key(KeyArgs),
    /// Explain a behaviour, or list all of them
    Explain(ExplainArgs),
    /// Vet a small toy tool that carries a concealed check, offline
    Demo(Box<DemoArgs>),
    /// List the container formats that are opened
    Formats,
    /// Print the JSON Schema of what a command writes with `--format json`
    Schema(SchemaArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

/// The form of the result on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A summary for people; all of it with --verbose
    Text,
    /// One JSON object, see `assay schema`
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// Markdown
    Markdown,
}

/// The severity from which on the exit status is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Never,
    Low,
    Medium,
    High,
    Critical,
}

impl FailOn {
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            Self::Never => None,
            Self::Low => Some(Severity::Low),
            Self::Medium => Some(Severity::Medium),
            Self::High => Some(Severity::High),
            Self::Critical => Some(Severity::Critical),
        }
    }
}

/// Which ordinary dependencies are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DepsChoice {
    None,
    All,
}

impl DepsChoice {
    pub(crate) fn deps(self) -> Deps {
        match self {
            Self::None => Deps::None,
            Self::All => Deps::All,
        }
    }
}

/// Flags for the form of a result.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Result")]
pub(crate) struct FormArgs {
    /// Form of the result on standard output
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
    /// Write the dossier folder here: whole, or not at all
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Replace a dossier of another subject there
    #[arg(long, requires = "output")]
    pub(crate) replace: bool,
    /// Show all findings, evidence and coverage
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// Flags of every command that reports.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Result")]
pub(crate) struct OutputArgs {
    #[command(flatten)]
    pub(crate) form: FormArgs,
    /// Exit with 1 when a finding is at or above this severity
    #[arg(long, value_enum, default_value = "high")]
    pub(crate) fail_on: FailOn,
}

/// What an observed run is told.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay observe npm:NAME@VERSION              by the recipe for the package
  assay observe npm:NAME -- --print 'say hi'  with these arguments
  assay observe -- python3 -c 'print(1)'      a command of this machine
  assay observe npm:NAME --output D           keep the recording in D
  assay observe npm:NAME --experiment         what of the host changes what it sends
  assay observe --experiment --mount tool.py -- /usr/bin/python3 /path/to/tool.py
  assay observe npm:NAME --force FINDING      what a branch would send

Exit status: 0 nothing concealed, 1 something is, 2 not done or not finished")]
pub(crate) struct ObserveArgs {
    #[arg(
        help = "npm:NAME[@VERSION|TAG|RANGE] or pypi:NAME[==VERSION]; nothing for a command of this machine",
        required_unless_present_any = ["command", "self_test"]
    )]
    pub(crate) source: Option<Source>,
    /// The command, or the arguments of the tool, after `--`
    #[arg(last = true, value_name = "ARGUMENT")]
    pub(crate) command: Vec<String>,
    /// Try to get out of the sandbox, and print a line for each attempt
    #[arg(long, conflicts_with_all = ["source", "command"])]
    pub(crate) self_test: bool,
    /// What the tool is asked to do
    #[arg(
        long,
        value_name = "TEXT",
        default_value_t = usual_settings().prompt
    )]
    pub(crate) prompt: String,
    /// What the model says, turn after turn
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
    /// A variable of its environment
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub(crate) environment: Vec<(String, String)>,
    /// Another server than the vendor's, where the recipe knows how to name it
    #[arg(long, value_name = "URL", value_parser = address)]
    pub(crate) base_url: Option<String>,
    /// The host's time zone
    #[arg(long, value_name = "ZONE", default_value_t = usual_settings().zone, value_parser = zone)]
    pub(crate) zone: String,
    /// The date and time at which the run begins, as 2027-01-02T03:30:00Z;
    /// the real one if it is not given
    #[arg(long, value_name = "TIME", value_parser = clock)]
    pub(crate) clock: Option<String>,
    /// A flag or setting that servers answer with, beside the model's words
    #[arg(long = "flag", value_name = "NAME=VALUE", value_parser = flag)]
    pub(crate) flags: Vec<(String, String)>,
    /// The host's name
    #[arg(long, value_name = "NAME", default_value_t = usual_settings().host_name, value_parser = label)]
    pub(crate) host_name: String,
    /// The user's name
    #[arg(long, value_name = "NAME", default_value_t = usual_settings().user, value_parser = label)]
    pub(crate) user: String,
    /// A file or folder of this machine that is there, at the same absolute
    /// path, for reading
    #[arg(long = "mount", value_name = "PATH")]
    pub(crate) mounts: Vec<PathBuf>,
    /// Find out by many runs what of the host changes what it does: analyse
    /// it, and vary what it was found to compare with, and more
    #[arg(long, help_heading = "Experiment")]
    pub(crate) experiment: bool,
    #[arg(
        long = "factor",
        value_name = "NAME=VALUE",
        value_parser = factor,
        help_heading = "Experiment",
        help = format!("Vary this; without --experiment nothing else: {}", factor_names())
    )]
    pub(crate) factors: Vec<(String, String)>,
    /// Turn each condition of this finding either way in a copy of the tool,
    /// and show what it then sends: forced, not observed
    #[arg(long, value_name = "FINDING", help_heading = "Experiment")]
    pub(crate) force: Option<String>,
    #[command(flatten)]
    pub(crate) trial: TrialArgs,
    /// Seconds until it is ended
    #[arg(long, value_name = "SECONDS", default_value_t = usual_settings().seconds, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) time: u64,
    /// MiB of memory, of all its processes, from which on it is ended
    #[arg(long, value_name = "MIB", default_value_t = usual_settings().memory, value_parser = clap::value_parser!(u64).range(16..=1_048_576))]
    pub(crate) memory: u64,
    /// Form of the result on standard output
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: ObserveFormat,
    /// Keep the recording in this folder, which is empty or not there
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Show all that was seen
    #[arg(short, long)]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) download: DownloadArgs,
}

/// How an experiment is made.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Experiment")]
pub(crate) struct TrialArgs {
    /// How many factors stand together in every combination
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=3))]
    pub(crate) strength: u8,
    /// Try long lists whole instead of some of their values
    #[arg(long)]
    pub(crate) sweep: bool,
    /// How many runs are done at a time; waits are compared where it is 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) jobs: u8,
    /// The most runs
    #[arg(long, value_name = "N", default_value_t = 600, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    pub(crate) runs: u32,
}

/// The form of what was observed on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ObserveFormat {
    /// A summary for people; all of it with --verbose
    Text,
    /// One JSON object
    Json,
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !text.contains('\0') => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("a variable is NAME=VALUE".to_owned()),
    }
}

fn factor(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| "a factor is NAME=VALUE".to_owned())?;
    let Some((kind, _)) = assay_observe::kind(name) else {
        return Err(format!("a factor is one of {}", factor_names()));
    };
    let value = (kind.value)(value).ok_or_else(|| format!("{value} cannot be {}", kind.about))?;
    Ok((name.to_owned(), value))
}

/// The names of all factors.
fn factor_names() -> String {
    let names = assay_observe::KINDS.iter().map(|kind| match kind.name {
        name if name.ends_with(':') => format!("{name}NAME"),
        name => name.to_owned(),
    });
    names.collect::<Vec<_>>().join(", ")
}

/// A name as of a host or a user: it becomes part of paths.
fn label(text: &str) -> Result<String, String> {
    if is_label(text) {
        return Ok(text.to_owned());
    }
    Err("a name is of 1 to 63 letters, digits, '-', '_' and '.'".to_owned())
}

fn flag(text: &str) -> Result<(String, String), String> {
    variable(text).map_err(|_| "a flag is NAME=VALUE".to_owned())
}

fn clock(text: &str) -> Result<String, String> {
    let clock = assay_observe::kind("clock").and_then(|(kind, _)| (kind.value)(text));
    clock.ok_or_else(|| "a time is written as in 2027-01-02T03:30:00Z".to_owned())
}

fn address(text: &str) -> Result<String, String> {
    match text.split_once("://") {
        Some(("http" | "https", host)) if !host.is_empty() => Ok(text.to_owned()),
        _ => Err("an address begins with http:// or https://".to_owned()),
    }
}

fn zone(text: &str) -> Result<String, String> {
    let zones = std::path::Path::new("/usr/share/zoneinfo");
    let known = !zones.is_dir() || zones.join(text).is_file();
    if text.split('/').all(is_label) && known {
        return Ok(text.to_owned());
    }
    Err("a time zone is a name as in Europe/Berlin".to_owned())
}

/// Flags of every command that gets artifacts.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Artifacts")]
pub(crate) struct DownloadArgs {
    /// Use downloads of earlier runs only, and no network
    #[arg(long)]
    pub(crate) offline: bool,
    /// Folder for downloads and earlier results
    #[arg(long, value_name = "DIR", env = "ASSAY_CACHE_DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
    /// Also use a project's .npmrc, which may name other registries
    #[arg(long, value_name = "FILE")]
    pub(crate) project_npmrc: Option<PathBuf>,
    /// Largest artifact that is downloaded, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 2048, value_parser = clap::value_parser!(u64).range(1..=MIBS))]
    pub(crate) max_download: u64,
}

/// Flags of every command that may match rules of the user.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct RuleArgs {
    /// YARA rules to match with every node: a file, or a folder of .yar and
    /// .yara files; may be given more than once
    #[cfg(feature = "yara")]
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) yara: Vec<PathBuf>,
}

impl RuleArgs {
    /// The files and folders that are named.
    #[cfg(feature = "yara")]
    pub(crate) fn paths(&self) -> &[PathBuf] {
        &self.yara
    }

    /// The files and folders that are named: none in this build.
    #[cfg(not(feature = "yara"))]
    pub(crate) fn paths(&self) -> &[PathBuf] {
        &[]
    }
}

/// Flags of every command that chooses the artifacts of a subject.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Artifacts")]
pub(crate) struct FetchArgs {
    /// Platform whose packages are read: host, all, or OS-CPU[-LIBC] as in
    /// linux-x64, darwin-arm64, win32-x64, linux-x64-musl
    #[arg(long, default_value = "host", value_name = "PLATFORM")]
    pub(crate) platform: PlatformChoice,
    /// Ordinary dependencies: none, or all, resolved by npm or pip
    #[arg(long, value_enum, default_value = "none")]
    pub(crate) deps: DepsChoice,
    /// A vendor profile (TOML) beside those that come with Assay; it goes
    /// first, and one that names a single tool counts for any package
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: Option<PathBuf>,
    /// Use no earlier result; downloads are still taken from the cache
    #[arg(long)]
    pub(crate) no_cache: bool,
    #[command(flatten)]
    pub(crate) download: DownloadArgs,
}

/// The longest time that can be given: a year.
const SECONDS: u64 = 366 * 24 * 3600;
/// The least memory with which a confined process reads small files, in MiB.
const LEAST_MEMORY: u64 = 64;
/// The most memory that can be given: 64 GiB.
const MIBS: u64 = 64 << 10;

/// How much reading hostile bytes may cost.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits (reaching one is an entry in the coverage)")]
pub(crate) struct LimitArgs {
    /// Containers inside one another
    #[arg(long, value_name = "N", default_value_t = 24)]
    pub(crate) max_depth: u32,
    /// Nodes of one artifact
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    pub(crate) max_nodes: u32,
    /// Decoded size of one node, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 2048, value_parser = clap::value_parser!(u64).range(1..=MIBS))]
    pub(crate) max_node_bytes: u64,
    /// Decoded size of all nodes of one artifact, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 4096, value_parser = clap::value_parser!(u64).range(1..=MIBS))]
    pub(crate) max_total_bytes: u64,
    /// Decoded bytes per compressed byte; a thirty-second of it for an artifact
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_ratio: u64,
    /// Time for opening one artifact, in seconds
    #[arg(long, value_name = "S", default_value_t = 300, value_parser = clap::value_parser!(u64).range(..=SECONDS))]
    pub(crate) max_open_time: u64,
    /// Time for reading one artifact, in seconds; what is left is read as text
    #[arg(long, value_name = "S", default_value_t = 1800, value_parser = clap::value_parser!(u64).range(..=SECONDS))]
    pub(crate) max_analyze_time: u64,
    /// Time for reading one node, in seconds
    #[arg(long, value_name = "S", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=SECONDS))]
    pub(crate) node_time: u64,
    /// Private memory of one confined process, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 4096, value_parser = clap::value_parser!(u64).range(LEAST_MEMORY..=MIBS))]
    pub(crate) memory: u64,
}

impl LimitArgs {
    pub(crate) fn limits(&self) -> assay_artifact::Limits {
        let mib = |count: u64| count.saturating_mul(1 << 20);
        assay_artifact::Limits {
            depth: self.max_depth,
            nodes: self.max_nodes,
            node_bytes: mib(self.max_node_bytes),
            total_bytes: mib(self.max_total_bytes),
            ratio: self.max_ratio,
            time: Duration::from_secs(self.max_open_time),
            memory: mib(self.memory),
        }
    }

    pub(crate) fn budget(&self) -> assay_analyze::Budget {
        assay_analyze::Budget {
            memory: self.memory.saturating_mul(1 << 20),
            node_time: Duration::from_secs(self.node_time),
            time: Duration::from_secs(self.max_analyze_time),
            workers: std::thread::available_parallelism()
                .map_or(2, usize::from)
                .min(16),
            ..assay_analyze::Budget::default()
        }
    }
}

#[derive(Debug, Args)]
// Made by clap, it would name flags whose variables are set.
#[command(override_usage = "assay vet [OPTIONS] <SOURCE>")]
#[command(after_help = "\
Examples:
  assay vet npm:left-pad@1.3.0
  assay vet npm:@scope/tool@^2 --platform all --deps all
  assay vet pypi:tool==1.2 --format json > tool.json
  assay vet ./tool.vsix --output dossiers/tool --fail-on medium
  assay vet ./checkout --offline
  assay vet ./tool.whl --yara rules/

The registry, its credentials and the proxy come from your npm and pip
configuration. Nothing of the tool is run, but by --observe in a sandbox.")]
pub(crate) struct VetArgs {
    #[arg(
        help = "npm:NAME[@VERSION|TAG|RANGE], pypi:NAME[==VERSION], a file (VSIX, \
                plugin, wheel, executable, image archive), or a folder"
    )]
    pub(crate) source: Source,
    /// Also run it in a sandbox, and find out by experiment what of the host
    /// changes what it sends; what comes of it stands in the findings
    #[arg(long, help_heading = "Experiment")]
    pub(crate) observe: bool,
    #[command(flatten)]
    pub(crate) trial: TrialArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// Flags of what compares two versions.
#[derive(Debug, Args)]
#[command(override_usage = "assay diff [OPTIONS] <BEFORE> <AFTER>")]
#[command(after_help = "\
Examples:
  assay diff npm:NAME@1.0.0 npm:NAME@1.1.0
  assay diff ./approved.tgz npm:NAME --fail-on high
  assay diff npm:NAME@1.0.0 npm:NAME@1.1.0 --format markdown --functions 100

Findings are the same where they are about the same. Functions of JavaScript
and TypeScript are told apart by what they do, whatever a minifier, another
bundler or a move into an executable did to their names and form.

Exit status: 0 nothing new or changed at or above --fail-on, 1 something is,
2 not done")]
pub(crate) struct DiffArgs {
    /// What is compared with: any source that vet takes
    pub(crate) before: Source,
    /// What is looked at
    pub(crate) after: Source,
    /// Exit with 1 where a new or changed finding is at least this severe
    #[arg(long, value_enum, default_value = "never", value_name = "SEVERITY")]
    pub(crate) fail_on: FailOn,
    /// How many functions are shown with their code, those that matter most
    /// first
    #[arg(long, value_name = "N", default_value_t = 40)]
    pub(crate) functions: u16,
    /// Show functions of third parties too
    #[arg(long)]
    pub(crate) third_party: bool,
    /// Release notes that what is new is held against: a file, or an http or
    /// https address; Markdown, plain text, or GitHub's releases as JSON
    /// [default: those in the package]
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) notes: Option<NotesFrom>,
    /// Form of the result on standard output
    #[arg(long, value_enum, default_value = "text", help_heading = "Result")]
    pub(crate) format: Format,
    /// Show all of it, and whole lines of code
    #[arg(short, long, help_heading = "Result")]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// Flags of what looks at the releases of a tool.
#[derive(Debug, Args)]
#[command(override_usage = "assay history [OPTIONS] <SOURCE>")]
#[command(after_help = "\
Examples:
  assay history npm:NAME --from 1.0.0 --to 1.9.0 --behaviour covert.channel
  assay history npm:NAME --from 1.0.0 --finding covert.channel-0123456789ab
  assay history pypi:NAME --all --format json > history.json
  assay history npm:NAME --behaviour covert.channel --observe

Without --all releases are read by halves: a behaviour that came and went
between two releases that are alike is not seen, unless a sample meets it.
What was read is kept, so that the next question about it costs nothing, and
one that was broken off goes on.

Exit status: 0 done, 2 not done")]
pub(crate) struct HistoryArgs {
    /// npm:NAME or pypi:NAME
    pub(crate) source: Source,
    /// The first version; it need not have been published
    #[arg(long, value_name = "VERSION")]
    pub(crate) from: Option<String>,
    /// The last version
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: Option<String>,
    /// A behaviour to look for, see assay explain; may be given more than once
    /// [default: all]
    #[arg(long, value_name = "BEHAVIOUR")]
    pub(crate) behaviour: Vec<String>,
    /// A finding to look for, by its id; may be given more than once
    #[arg(long, value_name = "ID")]
    pub(crate) finding: Vec<String>,
    /// Read every release
    #[arg(long, conflicts_with = "bisect")]
    pub(crate) all: bool,
    /// Read few releases: by halves, until those that differ are next to each
    /// other; this is what is done by itself
    #[arg(long)]
    pub(crate) bisect: bool,
    /// How many releases are read besides between those that are alike
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(0..=1000), conflicts_with = "all")]
    pub(crate) samples: u16,
    /// Also versions that say that they are not final
    #[arg(long)]
    pub(crate) prereleases: bool,
    /// Run the releases at the borders in the sandbox too, and tell what of
    /// the host changes what they send; a quarter of an hour for each, or less
    /// with --factor
    #[arg(long, help_heading = "Experiment")]
    pub(crate) observe: bool,
    /// Vary this and nothing else, as assay observe --factor does
    #[arg(
        long = "factor",
        value_name = "NAME=VALUE",
        value_parser = factor,
        help_heading = "Experiment",
        requires = "observe"
    )]
    pub(crate) factors: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) trial: TrialArgs,
    /// Form of the result on standard output
    #[arg(long, value_enum, default_value = "text", help_heading = "Result")]
    pub(crate) format: HistoryFormat,
    /// Show which releases were read
    #[arg(short, long, help_heading = "Result")]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// Flags of what looks for newer versions.
#[derive(Debug, Args)]
#[command(override_usage = "assay watch [OPTIONS] <LIST>")]
#[command(after_help = "\
The list is TOML:

  [[tool]]
  source = \"npm:NAME\"
  approved = \"1.2.3\"
  notes = \"https://...\"   # release notes, if the package holds none

Examples:
  assay watch tools.toml
  assay watch tools.toml --fail-on high --format markdown > news.md

For cron and CI. What was read is kept, so that only new versions cost.

Exit status: 0 nothing is newer, or with --fail-on nothing so severe is new or
changed; 1 something is; 2 not done, also where one tool could not be looked
at")]
pub(crate) struct WatchArgs {
    /// The list of tools with their approved versions
    pub(crate) list: PathBuf,
    /// Exit with 1 only where a new or changed finding is at least this severe
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,
    /// How many functions are shown with their code for each tool
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) functions: u16,
    /// Form of the result on standard output
    #[arg(long, value_enum, default_value = "text", help_heading = "Result")]
    pub(crate) format: HistoryFormat,
    /// Show all of it, and whole lines of code
    #[arg(short, long, help_heading = "Result")]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// Commands on case files.
#[derive(Debug, Args)]
pub(crate) struct ClaimsArgs {
    #[command(subcommand)]
    pub(crate) command: ClaimsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClaimsCommand {
    /// Test the claims of a case file
    Check(Box<ClaimsCheckArgs>),
    /// Start a case file, with an example of each kind of test
    New(ClaimsNewArgs),
}

/// Flags of what tests claims.
#[derive(Debug, Args)]
#[command(override_usage = "assay claims check [OPTIONS] <CASE>")]
#[command(after_help = "\
Examples:
  assay claims new case.toml
  assay claims check case.toml
  assay claims check case.toml --observe --format markdown > case.md

Each claim ends confirmed, refuted or untestable, with evidence or with the
reason; one that is right but for a detail is confirmed with a correction.

Exit status: 0 done, whatever the claims came to; 2 not done, as where the
case file is wrong")]
pub(crate) struct ClaimsCheckArgs {
    /// The case file, see assay claims new
    pub(crate) case: PathBuf,
    /// Run tools in the sandbox for claims about what they send; a few minutes
    /// for each
    #[arg(long)]
    pub(crate) observe: bool,
    /// Form of the result on standard output
    #[arg(long, value_enum, default_value = "text", help_heading = "Result")]
    pub(crate) format: HistoryFormat,
    /// Show all evidence
    #[arg(short, long, help_heading = "Result")]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// Flags of what starts a case.
#[derive(Debug, Args)]
pub(crate) struct ClaimsNewArgs {
    /// The file to make; none for standard output
    pub(crate) file: Option<PathBuf>,
}

/// The form of a history on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HistoryFormat {
    /// For people; the releases that were read with --verbose
    Text,
    /// One JSON object
    Json,
    /// Markdown
    Markdown,
}

#[derive(Debug, Args)]
#[command(override_usage = "assay reproduce [OPTIONS] <DOSSIER> <FINDING>")]
#[command(after_help = "\
Example:
  assay reproduce dossiers/tool covert.channel-0123456789ab

Exit status: 0 the same, 1 different or no longer found, 2 not done, as where
the artifact is another one than the dossier's. Taken from the dossier are
hashes, spans and names; nothing in it is run. The artifact comes from the
download cache or the registry, and its hash is checked. With --output, or as
SARIF or Markdown, the result is a dossier of the one finding as found now.")]
pub(crate) struct ReproduceArgs {
    /// A dossier folder or its dossier.json, or where `observe --output` put
    /// an observation
    pub(crate) dossier: PathBuf,
    /// The id of a finding or of an effect, or a unique beginning of it
    pub(crate) finding: String,
    /// Run the command that an observation names, with the files that it names,
    /// in the sandbox: for observations of your own
    #[arg(long)]
    pub(crate) command: bool,
    /// Write a shell script here that shows an effect without Assay
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
    /// The artifact, when it came from a file or folder and not a registry
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) artifact: Option<Source>,
    #[command(flatten)]
    pub(crate) form: FormArgs,
    /// Exit with 1 only when a finding at or above this severity is different
    /// [default: any]
    #[arg(long, value_enum, help_heading = "Result")]
    pub(crate) fail_on: Option<FailOn>,
    #[command(flatten)]
    pub(crate) download: DownloadArgs,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A behaviour, such as covert.channel; without it all are listed
    pub(crate) behaviour: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    pub(crate) form: FormArgs,
    /// Exit with 1 when a finding is at or above this severity; it is known
    /// that there is one
    #[arg(long, value_enum, default_value = "never", help_heading = "Result")]
    pub(crate) fail_on: FailOn,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// The command
    #[arg(default_value = "vet", value_parser = clap::builder::PossibleValuesParser::new(assay_report::SCHEMAS))]
    pub(crate) command: String,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}
