//! Arguments of what decides: dossiers, policies, seals.

use std::path::PathBuf;

use assay_artifact::Source;
use clap::{Args, Subcommand, ValueEnum};

use super::{DownloadArgs, FetchArgs, HistoryFormat, LimitArgs, TrialArgs};

/// Where the organisation's configuration is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Policy")]
pub(crate) struct ConfigArgs {
    /// The configuration folder, see `assay init`; the usual policies if it is
    /// not given
    #[arg(long, value_name = "DIR", env = "ASSAY_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// A database of addresses (MMDB), for hosts of which no table says where
    /// they are
    #[arg(long, value_name = "FILE")]
    pub(crate) mmdb: Option<PathBuf>,
    /// Resolve names by this machine, to look them up there
    #[arg(long, requires = "mmdb")]
    pub(crate) resolve: bool,
}

/// What policy is asked beside the tool.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Policy")]
pub(crate) struct AskArgs {
    /// Who: user:NAME or device:NAME
    #[arg(long = "as", value_name = "WHO", default_value = "user:anyone", value_parser = principal)]
    pub(crate) principal: assay_guard::Principal,
    /// What: use, install or send; may be given more than once, and then all
    /// must be allowed
    #[arg(long = "action", value_name = "ACTION", default_values = ["use", "install"])]
    pub(crate) actions: Vec<Action>,
    /// Where
    #[arg(long, value_name = "NAME")]
    pub(crate) site: Option<String>,
    /// With which model
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// Whose
    #[arg(long, value_name = "NAME")]
    pub(crate) provider: Option<String>,
    /// On which repository
    #[arg(long, value_name = "NAME")]
    pub(crate) repository: Option<String>,
    /// Which kind of data; may be given more than once, and `none` for none
    #[arg(long = "data", value_name = "CLASS")]
    pub(crate) data: Vec<String>,
    /// When, as 2027-01-31 or 2027-01-31T12:00:00Z; now if it is not given
    #[arg(long = "at", value_name = "TIME", value_parser = time)]
    pub(crate) at: Option<String>,
}

/// An action that policy is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Action {
    Use,
    Install,
    Send,
}

impl Action {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Use => "use",
            Self::Install => "install",
            Self::Send => "send",
        }
    }
}

fn principal(text: &str) -> Result<assay_guard::Principal, String> {
    assay_guard::Principal::try_from(text.to_owned())
}

fn time(text: &str) -> Result<String, String> {
    let day = text.get(..10).is_some_and(assay_model::is_date);
    match day && (text.len() == 10 || text.ends_with('Z')) {
        true => Ok(text.to_owned()),
        false => Err("a time is written as 2027-01-31 or 2027-01-31T12:00:00Z".to_owned()),
    }
}

/// Flags of what gathers.
#[derive(Debug, Args)]
#[command(override_usage = "assay dossier [OPTIONS] --output <DIR> <SOURCE>")]
#[command(after_help = "\
Examples:
  assay dossier npm:NAME@VERSION --output D                what its code can do, and the verdict
  assay dossier npm:NAME --output D --observe              and what runs send, and whether opt-outs work
  assay dossier npm:NAME --output D --experiment           and what of the host changes it
  assay history npm:NAME --behaviour B --format json > h.json
  assay dossier npm:NAME --output D --history h.json --config policy

Exit status: 0 allowed, 1 denied, 3 not enough evidence, 2 not done")]
pub(crate) struct DossierArgs {
    #[arg(help = "npm:NAME[@VERSION|TAG|RANGE], pypi:NAME[==VERSION], a file or a folder")]
    pub(crate) source: Source,
    /// Write the dossier folder here: whole, or not at all
    #[arg(long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Replace a dossier of another subject there
    #[arg(long)]
    pub(crate) replace: bool,
    /// Run it in a sandbox, three times as it is and once with each documented
    /// opt-out
    #[arg(long, help_heading = "Evidence", conflicts_with = "observation")]
    pub(crate) observe: bool,
    /// The same, and find out by experiment what of the host changes what it
    /// sends
    #[arg(long, help_heading = "Evidence", conflicts_with = "observation")]
    pub(crate) experiment: bool,
    /// What `assay observe --format json` wrote
    #[arg(long, value_name = "FILE", help_heading = "Evidence")]
    pub(crate) observation: Option<PathBuf>,
    /// What `assay history --format json` wrote
    #[arg(long, value_name = "FILE", help_heading = "Evidence")]
    pub(crate) history: Option<PathBuf>,
    /// What `assay claims check --format json` wrote; may be given more than
    /// once
    #[arg(long, value_name = "FILE", help_heading = "Evidence")]
    pub(crate) claims: Vec<PathBuf>,
    /// Known weaknesses: a folder or an archive with entries of OSV, see
    /// `assay osv update`
    #[arg(long, value_name = "DIR", help_heading = "Evidence")]
    pub(crate) osv: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
    /// Form of the verdict on standard output
    #[arg(long, value_enum, default_value = "text", help_heading = "Result")]
    pub(crate) format: VerdictFormat,
    #[command(flatten)]
    pub(crate) trial: TrialArgs,
    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// The form of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerdictFormat {
    /// For people
    Text,
    /// One JSON object
    Json,
}

/// Flags of what asks policy.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay verdict D --config policy
  assay verdict D --config policy --as user:kim --action send --data source --model M

Exit status: 0 allowed, 1 denied, 3 not enough evidence, 2 not done")]
pub(crate) struct VerdictArgs {
    /// A dossier folder, or the JSON of `assay vet`
    pub(crate) dossier: PathBuf,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
    /// Write verdict and reports into the folder
    #[arg(long)]
    pub(crate) write: bool,
    /// Form of the verdict on standard output
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: VerdictFormat,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// One page that needs nothing else
    Html,
    /// Markdown: findings and coverage
    Markdown,
    /// SARIF 2.1.0
    Sarif,
    /// CycloneDX 1.6
    Cyclonedx,
    /// A risk assessment in the order in which regulators ask
    Assessment,
}

/// Flags of what writes a report.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay report D > report.html
  assay report D --format cyclonedx --output bom.cdx.json")]
pub(crate) struct ReportArgs {
    /// A dossier folder, or the JSON of `assay vet`
    pub(crate) dossier: PathBuf,
    /// Its form
    #[arg(long, value_enum, default_value = "html")]
    pub(crate) format: ReportFormat,
    /// Write it here; standard output if it is not given
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

/// Flags of what compares tools.
#[derive(Debug, Args)]
#[command(override_usage = "assay compare [OPTIONS] <TOOL> <TOOL>...")]
#[command(after_help = "\
Examples:
  assay compare D1 D2 --config policy
  assay compare npm:ONE npm:OTHER")]
pub(crate) struct CompareArgs {
    #[arg(required = true, num_args = 2.., value_name = "TOOL", help = "Dossier folders, or sources as npm:NAME, which are vetted")]
    pub(crate) tools: Vec<String>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
    /// Form of the result on standard output
    #[arg(long, value_enum, default_value = "text", help_heading = "Result")]
    pub(crate) format: HistoryFormat,
    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// Commands on policies.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay policy check --config policy
  assay policy test --config policy
  assay policy explain D --config policy
  assay policy replay --from policy --to changed D requests.jsonl")]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    pub(crate) command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Hold all policies of a configuration against the schema, and tell what
    /// their authors may not have meant
    Check(ConfigArgs),
    /// Decide the cases in tests/ of a configuration; those of the starters
    /// without one
    Test(ConfigArgs),
    /// Tell which rule and which fact decide
    Explain(Box<ExplainPolicyArgs>),
    /// Tell what other policies would have decided of dossiers and of recorded
    /// requests
    Replay(Box<ReplayArgs>),
    /// List the policies to begin with, or print one
    Starters {
        /// Which
        name: Option<String>,
    },
    /// Print the schema that policies are written against
    Schema,
    /// Print a version as the number that policies compare
    Version {
        /// As 2.1.91
        version: String,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay policy explain D --config policy --site main")]
pub(crate) struct ExplainPolicyArgs {
    /// A dossier folder, or the JSON of `assay vet`
    pub(crate) dossier: PathBuf,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay policy replay --from policy --to changed D requests.jsonl

A recorded request is a line of JSON with `facts` and `ask`, as tables of cases have them:
  {\"facts\": {\"tool\": {...}}, \"ask\": {\"action\": \"send\", \"now\": \"2026-11-23\", ...}}

Exit status: 0 nothing is decided otherwise, 1 something is, 2 not done")]
pub(crate) struct ReplayArgs {
    /// Dossier folders, and files of recorded requests (*.jsonl)
    #[arg(required = true)]
    pub(crate) what: Vec<PathBuf>,
    /// The configuration folder as it is
    #[arg(long, value_name = "DIR")]
    pub(crate) from: PathBuf,
    /// The configuration folder as it would be
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay init policy
  assay init policy --policy baseline --policy ban")]
pub(crate) struct InitArgs {
    /// The folder: a new or an empty one
    pub(crate) folder: PathBuf,
    /// Which policies, see `assay policy starters`; the usual ones if none is
    /// given
    #[arg(long = "policy", value_name = "NAME")]
    pub(crate) policies: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay osv update weaknesses
  assay osv update weaknesses --ecosystem npm --from https://mirror.example/osv/
  assay dossier npm:NAME --output D --osv weaknesses")]
pub(crate) struct OsvArgs {
    #[command(subcommand)]
    pub(crate) command: OsvCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OsvCommand {
    /// Fetch all entries of some ecosystems into a folder, in place of those
    /// that were fetched before
    Update(Box<OsvUpdateArgs>),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay osv update weaknesses
  assay osv update weaknesses --ecosystem npm --from /media/osv")]
pub(crate) struct OsvUpdateArgs {
    /// The folder
    pub(crate) folder: PathBuf,
    /// Which, as OSV names them; all that are looked up if none is given
    #[arg(long, value_name = "NAME")]
    pub(crate) ecosystem: Vec<String>,
    /// Where from: an address or a folder that has ECOSYSTEM/all.zip
    #[arg(long, value_name = "PLACE", default_value = assay_review::OSV_EXPORT)]
    pub(crate) from: String,
    #[command(flatten)]
    pub(crate) download: DownloadArgs,
}

/// Where the passphrase of a key is from.
#[derive(Debug, Clone, Args)]
pub(crate) struct PassphraseArgs {
    /// A file whose first line is the passphrase; asked for at the terminal if
    /// it is not given and ASSAY_PASSPHRASE is not set
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay seal D --key review.pem

A time stamp (RFC 3161) of the seal goes beside it, for those who trust whoever made it:
  openssl ts -query -data D/seal.dsse.json -sha256 -cert -out q.tsq
  curl -H 'content-type: application/timestamp-query' --data-binary @q.tsq URL > D/seal.tsr")]
pub(crate) struct SealArgs {
    /// The dossier folder
    pub(crate) folder: PathBuf,
    /// The key, see `assay key new`
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// Replace the seal that is there
    #[arg(long)]
    pub(crate) replace: bool,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay verify D --trust trust.toml

Exit status: 0 the seal stands, 1 it does not, 2 not done")]
pub(crate) struct VerifyArgs {
    /// The dossier folder
    pub(crate) folder: PathBuf,
    /// The keys whose seals are accepted; trust.toml of the configuration if
    /// it is not given
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay key new review.pem
  assay key show review.pem --name Review >> trust.toml")]
pub(crate) struct KeyArgs {
    #[command(subcommand)]
    pub(crate) command: KeyCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key, under a passphrase, in a new file
    New {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Print the public half of a key, as an entry of trust.toml
    Show {
        /// The file
        file: PathBuf,
        /// Whose it is
        #[arg(long, default_value = "NAME")]
        name: String,
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
}
