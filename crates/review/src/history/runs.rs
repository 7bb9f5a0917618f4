//! Runs of the releases at the borders of a behaviour: what was sent, beside
//! what the code held.

use std::collections::BTreeSet;
use std::path::PathBuf;

use assay_artifact::FetchError;
use assay_model::{Finding, Presence, ReleaseRecord, Sent};
use assay_observe::Launcher;

use super::{HistoryError, Reader, of_version};
use crate::claims::of_itself;
use crate::demonstrate::CHANNEL;
use crate::observe::{ObserveError, ObserveOptions, Target, Trial, observe, usual_settings};
use crate::vet::vet;

/// How releases are run.
#[derive(Debug, Clone)]
pub struct Runs {
    /// How the recorder is started.
    pub launcher: Launcher,
    /// A folder for recordings, which are not kept.
    pub folder: PathBuf,
    /// The experiment. Where it names no factors, they come from the analysis
    /// of the release and from what the others at the borders look at.
    pub trial: Trial,
}

/// The most releases that are run.
pub(super) const MOST: usize = 8;

/// The versions at the borders of what was asked for, in the order of their
/// behaviours.
pub(super) fn borders(behaviours: &[Presence]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for presence in behaviours {
        let versions = [
            &presence.not_in_before,
            &presence.first,
            &presence.last,
            &presence.not_in_after,
        ];
        for version in versions.into_iter().flatten() {
            if !out.contains(version) {
                out.push(version.clone());
            }
        }
    }
    out
}

impl Reader<'_> {
    /// Runs the releases at the borders.
    pub(super) fn run(
        &self,
        runs: &Runs,
        borders: &[String],
        records: &mut [ReleaseRecord],
    ) -> Result<(), HistoryError> {
        let borders = borders.get(..MOST.min(borders.len())).unwrap_or_default();
        // What one of them looks at is varied in all, or it would not be known
        // that the others do not.
        let mut own: Vec<Vec<Finding>> = Vec::new();
        for version in borders {
            let findings = match runs.trial.named.is_empty() {
                true => self.findings(version)?,
                false => Vec::new(),
            };
            own.push(findings);
        }
        let channels: Vec<&Finding> = own
            .iter()
            .flatten()
            .filter(|finding| finding.behaviour == CHANNEL)
            .collect();
        for (number, (version, findings)) in borders.iter().zip(&own).enumerate() {
            let ids: BTreeSet<&str> = findings.iter().map(|one| one.id.as_str()).collect();
            let others = channels
                .iter()
                .filter(|one| !ids.contains(one.id.as_str()))
                .map(|one| (*one).clone());
            let mut trial = runs.trial.clone();
            trial.findings = trial
                .named
                .is_empty()
                .then(|| findings.iter().cloned().chain(others).collect());
            self.witness
                .message(&format!("{version}: runs in the sandbox"));
            let mut sent = self.sent(version, runs, number, trial)?;
            for effect in &mut sent.effects {
                effect.finding = effect.finding.take().filter(|id| ids.contains(id.as_str()));
            }
            if let Some(record) = records.iter_mut().find(|one| one.version == *version) {
                record.sent = Some(sent);
            }
        }
        Ok(())
    }

    fn findings(&self, version: &str) -> Result<Vec<Finding>, HistoryError> {
        let source = of_version(self.source, version);
        let dossier = vet(
            &source,
            &self.options.vet,
            self.environment,
            self.witness,
            self.cancelled,
        );
        // A release that cannot be had says so when it is run.
        Ok(of_itself(dossier)?.map_or_else(|_| Vec::new(), |dossier| dossier.findings))
    }

    fn sent(
        &self,
        version: &str,
        runs: &Runs,
        number: usize,
        trial: Trial,
    ) -> Result<Sent, HistoryError> {
        let output = runs.folder.join(number.to_string());
        std::fs::create_dir_all(&output).map_err(ObserveError::Io)?;
        let options = ObserveOptions {
            fetch: self.options.vet.fetch.clone(),
            launcher: runs.launcher.clone(),
            output,
            keep: false,
            settings: usual_settings(),
            experiment: Some(trial),
            build: self.options.vet.build.clone(),
        };
        let source = of_version(self.source, version);
        let observed = observe(
            Target::Source(&source),
            &options,
            self.environment,
            self.witness,
            self.cancelled,
        );
        Ok(match observed {
            Ok(observation) => {
                let made = observation.experiment.unwrap_or_default();
                Sent {
                    runs: observation.runs.len() as u64,
                    effects: observation.effects,
                    open: made.open as u64,
                    problem: made.limits.join("; "),
                }
            }
            Err(ObserveError::Interrupted) => return Err(ObserveError::Interrupted.into()),
            Err(ObserveError::Fetch(FetchError::Cancelled)) => {
                return Err(FetchError::Cancelled.into());
            }
            Err(error) => Sent {
                problem: error.to_string(),
                ..Sent::default()
            },
        })
    }
}
