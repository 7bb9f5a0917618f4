use std::io::Write;
use std::path::{Path, PathBuf};

use assay_analyze::{Budget, Rules};
use assay_artifact::{Artifact, Declared, Limits};
use assay_model::{Attribution, CoverageEntry, Finding};
use serde::{Deserialize, Serialize};
use sha2::Digest;

/// What is kept of one artifact's examination.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) findings: Vec<Finding>,
    pub(crate) coverage: Vec<CoverageEntry>,
    pub(crate) attribution: Attribution,
    pub(crate) declared: Declared,
    pub(crate) confinement: Vec<String>,
}

/// Where one artifact's result is kept. The name is a hash of everything that
/// the result depends on, so a result is never out of date.
pub(crate) struct Results {
    file: PathBuf,
}

impl Results {
    pub(crate) fn new(
        folder: &Path,
        build: &str,
        artifact: &Artifact,
        limits: &Limits,
        budget: &Budget,
        rules: Option<&Rules>,
    ) -> Self {
        let mut hash = sha2::Sha256::new();
        for part in [
            build.to_owned(),
            artifact.sha256.to_string(),
            artifact.purl.to_string(),
            artifact.file_name.clone(),
            format!("{:?}", artifact.role),
            format!("{limits:?}"),
            format!("{budget:?}"),
            rules
                .map(|rules| rules.digest().to_owned())
                .unwrap_or_default(),
        ] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let name: [u8; 32] = hash.finalize().into();
        Self {
            file: folder.join(format!("{}.json", hex::encode(name))),
        }
    }

    pub(crate) fn load(&self) -> Option<Kept> {
        let bytes = std::fs::read(&self.file).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    pub(crate) fn store(&self, kept: &Kept) -> std::io::Result<()> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(std::io::BufWriter::new(&mut file), kept)?;
        file.flush()?;
        file.persist(&self.file).map_err(|error| error.error)?;
        Ok(())
    }
}
