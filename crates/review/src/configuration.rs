//! The configuration folder of an organisation: its policies, contracts, own
//! profiles, and who and what there is.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use assay_artifact::read_regular;
use assay_attest::{RegistryKey, Root, registry_keys};
use assay_guard::{Organisation, Policies, PolicyError, STARTERS, Table, TableError};
use assay_model::{Contract, PolicyFile, Sha256, Vendor};
use sha2::Digest;

use crate::claims::CaseError;
use crate::contracts::read_contract;
use crate::regions::Regions;
use crate::vendors::{read_vendor, vendors};

/// How large a file of a configuration may be.
const LARGEST: u64 = 4 << 20;
/// How many files of a kind there may be.
const MOST: usize = 4096;

/// What an organisation has written.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Where it lies; the starters alone if it is nowhere.
    pub folder: Option<PathBuf>,
    /// Who and what there is.
    pub organisation: Organisation,
    /// The policies: names and texts.
    pub policies: Vec<(String, String)>,
    /// Tables of cases: names and texts.
    pub tables: Vec<(String, String)>,
    /// The contracts.
    pub contracts: Vec<Contract>,
    /// Profiles: its own before those that come with Assay.
    pub vendors: Vec<Vendor>,
    /// How many of these are its own.
    pub own_vendors: usize,
    /// Where hosts are: what it says before what comes with Assay.
    pub regions: Regions,
    /// Whose signatures of how something was built and published are trusted.
    pub signers: Signers,
}

/// Whose signatures of how something was built and published are trusted.
#[derive(Debug, Clone)]
pub struct Signers {
    /// The root for statements of Sigstore.
    pub root: Root,
    /// The keys of registries.
    pub keys: Vec<RegistryKey>,
}

impl Signers {
    /// Those that come with Assay.
    ///
    /// # Errors
    /// When they are broken, which tests rule out.
    pub fn shipped() -> Result<Self, ConfigurationError> {
        let form = |path: &str, why: String| ConfigurationError::Form {
            path: path.into(),
            why,
        };
        Ok(Self {
            root: Root::shipped().map_err(|why| form("trusted_root.json", why.to_string()))?,
            keys: registry_keys(None).map_err(|why| form("registry-keys.toml", why))?,
        })
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written")]
    Write {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// There is no such folder.
    #[error("{0} is no folder; `assay init {0}` writes one to begin with")]
    Absent(PathBuf),
    /// There is something already.
    #[error("{0} is there already; name a folder that is not, or an empty one")]
    There(PathBuf),
    /// A file is not what it should be.
    #[error("{path}: {why}")]
    Form {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// What comes with Assay cannot be read.
    #[error("what comes with Assay cannot be read: {0}")]
    Own(#[from] CaseError),
    /// The policies cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A table of cases cannot be used.
    #[error("{name}: {source}")]
    Table {
        /// Which.
        name: String,
        /// What is wrong.
        source: TableError,
    },
}

impl Configuration {
    /// The starters that are usual, with what comes with Assay.
    ///
    /// # Errors
    /// When what comes with Assay is broken, which tests rule out.
    pub fn usual() -> Result<Self, ConfigurationError> {
        let usual = STARTERS.iter().filter(|starter| starter.usual);
        Ok(Self {
            policies: usual
                .map(|starter| (format!("{}.cedar", starter.name), starter.text.to_owned()))
                .collect(),
            ..Self::shipped()?
        })
    }

    /// What comes with Assay, without any policy.
    fn shipped() -> Result<Self, ConfigurationError> {
        Ok(Self {
            folder: None,
            organisation: Organisation::default(),
            policies: Vec::new(),
            tables: Vec::new(),
            contracts: Vec::new(),
            vendors: vendors()?,
            own_vendors: 0,
            regions: Regions::shipped()?,
            signers: Signers::shipped()?,
        })
    }

    /// Reads a configuration folder.
    ///
    /// # Errors
    /// With the file, and where in it, of the first thing that is wrong. None
    /// is left out for that.
    pub fn read(folder: &Path) -> Result<Self, ConfigurationError> {
        if !folder.is_dir() {
            return Err(ConfigurationError::Absent(folder.to_owned()));
        }
        let form = |path: PathBuf, why: String| ConfigurationError::Form { path, why };
        let mut out = Self {
            folder: Some(folder.to_owned()),
            policies: texts(&folder.join("policies"), "cedar")?,
            tables: texts(&folder.join("tests"), "toml")?,
            ..Self::shipped()?
        };
        let path = folder.join("organisation.toml");
        if is_there(&path) {
            out.organisation = Organisation::read(&text(&path)?).map_err(|why| form(path, why))?;
        }
        for (name, text) in texts(&folder.join("contracts"), "toml")? {
            let contract = read_contract(&text);
            let path = || folder.join("contracts").join(&name);
            out.contracts
                .push(contract.map_err(|error| form(path(), error.to_string()))?);
        }
        let mut own = Vec::new();
        for (name, text) in texts(&folder.join("vendors"), "toml")? {
            let vendor = read_vendor(&text);
            let path = || folder.join("vendors").join(&name);
            own.push(vendor.map_err(|error| form(path(), error.to_string()))?);
        }
        out.own_vendors = own.len();
        out.vendors.splice(0..0, own);
        let path = folder.join("regions.toml");
        if is_there(&path) {
            let own = Regions::read(&text(&path)?);
            let own = own.map_err(|error| form(path, error.to_string()))?;
            out.regions = own.over(out.regions);
        }
        let path = folder.join("trusted_root.json");
        if is_there(&path) {
            out.signers.root =
                Root::read(&text(&path)?).map_err(|why| form(path, why.to_string()))?;
        }
        let path = folder.join("registry-keys.toml");
        if is_there(&path) {
            out.signers.keys = registry_keys(Some(&text(&path)?)).map_err(|why| form(path, why))?;
        }
        Ok(out)
    }

    /// Its policies, to be asked.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub fn policies(&self) -> Result<Policies, PolicyError> {
        Policies::read(&self.policies, &self.organisation, &self.vendors)
    }

    /// Its tables of cases.
    ///
    /// # Errors
    /// When one of them is none.
    pub fn tables(&self) -> Result<Vec<(String, Table)>, ConfigurationError> {
        let tables = self.tables.iter().map(|(name, text)| {
            let table = Table::read(text);
            let table = table.map_err(|source| ConfigurationError::Table {
                name: name.clone(),
                source,
            })?;
            Ok((name.clone(), table))
        });
        tables.collect()
    }

    /// The files of its policies with their digests.
    #[must_use]
    pub fn files(&self) -> Vec<PolicyFile> {
        let files = self.policies.iter().map(|(name, text)| PolicyFile {
            name: name.clone(),
            sha256: Sha256(sha2::Sha256::digest(text.as_bytes()).into()),
        });
        files.collect()
    }
}

/// Whether there is something of a name: also a link that leads nowhere, which
/// is an error when it is read.
pub(crate) fn is_there(path: &Path) -> bool {
    !matches!(fs::symlink_metadata(path), Err(error) if error.kind() == std::io::ErrorKind::NotFound)
}

/// The files of a folder with an ending, by name; none where there is no
/// folder.
fn texts(folder: &Path, ending: &str) -> Result<Vec<(String, String)>, ConfigurationError> {
    let refused = |source| ConfigurationError::Read {
        path: folder.to_owned(),
        source,
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(refused(error)),
    };
    let mut out = Vec::new();
    for entry in entries {
        let path = entry.map_err(refused)?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let hidden = name.starts_with('.');
        // A rule that lies where nobody looks would be thought to hold.
        let meant = path
            .extension()
            .is_some_and(|known| known != ending && known.eq_ignore_ascii_case(ending));
        if !hidden && (meant || path.is_dir()) {
            return Err(ConfigurationError::Form {
                why: if meant {
                    format!("its name has to end with .{ending}, in small letters")
                } else {
                    "it is a folder: what is in it is not read, move its files up".to_owned()
                },
                path,
            });
        }
        if !hidden && path.extension().is_some_and(|known| known == ending) {
            if out.len() >= MOST {
                return Err(ConfigurationError::Form {
                    path: folder.to_owned(),
                    why: format!("there are more than {MOST} files in it"),
                });
            }
            out.push((name, text(&path)?));
        }
    }
    out.sort();
    Ok(out)
}

fn text(path: &Path) -> Result<String, ConfigurationError> {
    let refused = |source| ConfigurationError::Read {
        path: path.to_owned(),
        source,
    };
    let bytes = read_regular(path, LARGEST).map_err(refused)?;
    String::from_utf8(bytes).map_err(|_| ConfigurationError::Form {
        path: path.to_owned(),
        why: "it is no UTF-8".to_owned(),
    })
}

/// An `organisation.toml` to begin with.
const ORGANISATION: &str = r#"# Who and what there is. Policies name them: Assay::Team::"platform",
# Assay::Site::"main", Assay::RepositoryGroup::"regulated", and so on.

[team.platform]

# [user.kim]
# teams = ["platform"]

[site.main]

# [device.laptop-7]
# site = "main"
# managed = true

[repository-group.regulated]

# [repository.ledger]
# groups = ["regulated"]

# Models that you run yourself:
# [model."Our Coder 32B"]
# vendor = "NAME OF THE VENDOR'S PROFILE"
# open-weights = true
# self-hosted = true

# [provider.own]
# host = "models.example.com"
# self-hosted = true
"#;

/// A contract to begin with.
const CONTRACT: &str = r#"# What you and a vendor agreed on. Rename this file to NAME.toml when it is
# filled in; clauses that are left out are not there.

name = "Frame agreement"
vendor = "NAME OF THE VENDOR'S PROFILE"   # or: packages = ["npm:NAME*"]
begins = "2026-01-01"
ends = "2027-12-31"
retention-days = 30
regions = ["EU"]
audit = true
training = false
telemetry = false
sub-processors = ["*.example.com"]
source = "where it lies"
"#;

/// A table of cases to begin with.
const CASES: &str = r#"# Cases that your policies must decide: `assay policy test`.

[base.ask]
principal = "user:anyone"
action = "use"
now = "2026-11-23"

[base.facts.tool]
name = "Example CLI"
package = "npm:example-cli"
version = "1.0.0"
number = 1000000000000

[[case]]
name = "what an experiment showed to be concealed is denied"
expect = "denied"
facts = { effects = { concealed = 1 } }
"#;

/// Where hosts are, to begin with.
const REGIONS: &str = r#"# Where hosts are of which you know it, before the table that comes with Assay.

# [[host]]
# host = "*.gateway.example.com"
# country = "DE"
# source = "contract of 2026-01-31"
# date = "2026-01-31"
"#;

/// What is in a configuration folder.
const READ_ME: &str = "\
# Configuration of Assay

- `organisation.toml`: who and what there is: teams, users, sites, devices, repositories, models.
- `policies/*.cedar`: the policies, in Cedar; `assay.cedarschema` is the schema that they are written against. `assay policy check`.
- `tests/*.toml`: cases that the policies must decide. `assay policy test`.
- `contracts/*.toml`: what you agreed on with vendors; its clauses are tested against what was measured.
- `vendors/*.toml`: profiles of vendors, before those that come with Assay.
- `regions.toml`: where hosts are.
- `trusted_root.json`, `registry-keys.toml`: whose signatures of how a package was built and published are trusted, in place of those that come with Assay.
- `trust.toml`: the keys whose seals you accept. `assay key show` prints the line.
";

/// Keys that are trusted, to begin with.
const TRUST: &str = "\
# The keys whose seals you accept; `assay key show` prints an entry.

# [[key]]
# name = \"Security review\"
# public = \"-----BEGIN PUBLIC KEY-----...\"
# from = \"2026-01-01\"
# until = \"2027-12-31\"

# Whose time stamps (RFC 3161) you accept:
# [[stamper]]
# name = \"Authority\"
# certificate = \"-----BEGIN CERTIFICATE-----...\"
";

/// Writes a configuration folder to begin with: the usual policies, or those
/// that are named.
///
/// # Errors
/// When there is something already, or nothing can be written.
pub fn init(folder: &Path, starters: &[&str]) -> Result<Vec<PathBuf>, ConfigurationError> {
    match fs::read_dir(folder).map(|mut entries| entries.next().is_some()) {
        Ok(true) => return Err(ConfigurationError::There(folder.to_owned())),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(ConfigurationError::Read {
                path: folder.to_owned(),
                source: error,
            });
        }
        _ => {}
    }
    let mut files: Vec<(String, &str)> = vec![
        ("README.md".to_owned(), READ_ME),
        ("organisation.toml".to_owned(), ORGANISATION),
        ("contracts/example.toml.txt".to_owned(), CONTRACT),
        ("regions.toml".to_owned(), REGIONS),
        ("trust.toml".to_owned(), TRUST),
        ("tests/cases.toml".to_owned(), CASES),
        ("policies/assay.cedarschema".to_owned(), assay_guard::SCHEMA),
    ];
    for starter in STARTERS {
        let named = starters.contains(&starter.name);
        if named || starters.is_empty() && starter.usual {
            files.push((format!("policies/{}.cedar", starter.name), starter.text));
        }
    }
    let mut out = Vec::new();
    for (name, text) in files {
        let path = folder.join(&name);
        let refused = |source| ConfigurationError::Write {
            path: path.clone(),
            source,
        };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(refused)?;
        }
        let mut file = fs::File::create_new(&path).map_err(refused)?;
        file.write_all(text.as_bytes()).map_err(refused)?;
        out.push(PathBuf::from(name));
    }
    fs::create_dir_all(folder.join("vendors")).map_err(|source| ConfigurationError::Write {
        path: folder.join("vendors"),
        source,
    })?;
    Ok(out)
}
