use std::collections::BTreeSet;

use assay_model::{
    ClaimFacts, ClaimOutcome, Clause, ClauseOutcome, Confidence, Contract, ContractFacts, Coverage,
    CoverageFacts, DataKind, EffectFacts, EgressFacts, Facts, FindingFacts, Gap, Grade,
    Observation, Parts, Party, Purl, Reading, Run, RunFacts, Severity, SupplyFacts, ToolFacts,
    VulnerabilityFacts, version_number,
};

/// Why a dossier cannot be put to policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    /// It is of another form than this program writes.
    #[error(
        "the dossier is of the form {found:?}, and this program reads {wanted:?}: make it again with `assay dossier`"
    )]
    Schema {
        /// What it is.
        found: String,
        /// What is read.
        wanted: &'static str,
    },
    /// A part is of another subject than the code.
    #[error("{what} of {other} cannot decide about the code of {code}")]
    OtherSubject {
        /// Which part.
        what: &'static str,
        /// Of what it is.
        other: String,
        /// Of what the code is.
        code: String,
    },
}

/// Whether a source without a version, as `npm:NAME`, is of a package.
fn is_of(source: &str, purl: &Purl) -> bool {
    let named = source.split_once(':').is_some_and(|(kind, name)| {
        kind == purl.kind && name.eq_ignore_ascii_case(&purl.full_name())
    });
    // Files and folders have no history.
    named || source.eq_ignore_ascii_case(&purl.full_name())
}

/// What policy is asked with, out of all that is known of a subject. `product`
/// is its name and vendor by the profile, `contract` the contract under which
/// it is used with what came of its clauses.
///
/// # Errors
/// When the parts do not go together.
pub fn facts(
    parts: &Parts,
    product: Option<(&str, &str)>,
    contract: Option<(&Contract, &[Clause])>,
) -> Result<Facts, FactsError> {
    let dossier = &parts.dossier;
    if dossier.schema != assay_model::DOSSIER_SCHEMA {
        return Err(FactsError::Schema {
            found: dossier.schema.clone(),
            wanted: assay_model::DOSSIER_SCHEMA,
        });
    }
    if let Some(observation) = &parts.observation {
        if observation.schema != assay_model::OBSERVATION_SCHEMA {
            return Err(FactsError::Schema {
                found: observation.schema.clone(),
                wanted: assay_model::OBSERVATION_SCHEMA,
            });
        }
        let runs = match &observation.subject {
            Some(run) if run.sha256 == dossier.subject.sha256 => None,
            Some(run) => Some(format!("{} ({})", run.purl, run.sha256)),
            None => Some(format!(
                "{}, of which no artifact is known",
                observation.source
            )),
        };
        if let Some(other) = runs {
            return Err(FactsError::OtherSubject {
                what: "runs",
                other,
                code: format!("{} ({})", dossier.subject.purl, dossier.subject.sha256),
            });
        }
    }
    if let Some(supply) = &parts.supply
        && supply.sha256 != dossier.subject.sha256.to_string()
    {
        return Err(FactsError::OtherSubject {
            what: "supply chain",
            other: supply.sha256.clone(),
            code: format!("{} ({})", dossier.subject.purl, dossier.subject.sha256),
        });
    }
    let purl = &dossier.subject.purl;
    if let Some(history) = &parts.history
        && !is_of(&history.source, purl)
    {
        return Err(FactsError::OtherSubject {
            what: "history",
            other: history.source.clone(),
            code: purl.to_string(),
        });
    }
    // Of what claims were tested with, some has to be of the package or of one
    // of its own: `NAME-linux-x64`.
    let name = purl.full_name().to_ascii_lowercase();
    let evidence = parts.claims.iter().flat_map(|claims| &claims.claims);
    let sources: BTreeSet<&str> = evidence
        .flat_map(|claim| &claim.evidence)
        .map(|evidence| evidence.source.as_str())
        .collect();
    let of_it = |source: &&str| {
        let source = source.to_ascii_lowercase();
        let named = source
            .split_once(':')
            .map_or(source.as_str(), |(_, name)| name);
        let rest = named.strip_prefix(name.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['@', '=', '-', '/', ' ']))
    };
    if let Some(first) = sources.iter().next()
        && !sources.iter().any(of_it)
    {
        return Err(FactsError::OtherSubject {
            what: "claims",
            other: (*first).to_owned(),
            code: purl.to_string(),
        });
    }
    let version = purl.version.clone().unwrap_or_default();
    let number = version_number(&version);
    let tool = ToolFacts {
        name: product.map_or_else(|| purl.full_name(), |(name, _)| name.to_owned()),
        package: purl.package(),
        vendor: product.map(|(_, vendor)| vendor.to_owned()),
        number: number.map(|(number, _)| number),
        prerelease: number.is_some_and(|(_, before)| before),
        version,
    };
    // What it needs may run scripts when it is installed as well.
    let mut runs = parts.observation.iter().flat_map(|seen| &seen.runs);
    let installs = runs.any(|run| run.installation().is_some());
    let profiled = dossier
        .profile
        .as_ref()
        .is_some_and(|profile| profile.hosts > 0);
    Ok(Facts {
        tool,
        findings: Some(of_findings(parts)),
        coverage: Some(of_coverage(&dossier.coverage)),
        runs: of_runs(parts),
        effects: of_effects(parts),
        egress: of_egress(parts, profiled),
        supply: parts.supply.as_ref().map(|supply| SupplyFacts {
            signature: supply.signature.state.name().to_owned(),
            provenance: supply.provenance.state.name().to_owned(),
            install_script: !supply.install_scripts.is_empty() || installs,
            licence: supply.licence.clone(),
            maintainers: count(supply.maintainers.len()),
        }),
        vulnerabilities: of_vulnerabilities(parts),
        contract: contract.map(|(contract, clauses)| of_contract(contract, clauses)),
        claims: of_claims(parts),
    })
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

fn of_findings(parts: &Parts) -> FindingFacts {
    let mut out = FindingFacts::default();
    for finding in &parts.dossier.findings {
        let name = &finding.behaviour;
        out.behaviours.insert(name.clone());
        if finding.confidence >= Confidence::Medium {
            out.likely.insert(name.clone());
            if finding.party != Party::Third {
                out.own.insert(name.clone());
                if finding.severity >= Severity::High {
                    out.grave.insert(name.clone());
                }
            }
        }
        if finding.demonstrated.is_some() {
            out.demonstrated.insert(name.clone());
        }
        match finding.severity {
            Severity::Critical => out.critical += 1,
            Severity::High => out.high += 1,
            Severity::Medium => out.medium += 1,
            Severity::Low => out.low += 1,
            Severity::Info => {}
        }
    }
    out
}

fn of_coverage(coverage: &Coverage) -> CoverageFacts {
    let (mut read, mut unread, mut machine) = (0_u64, 0_u64, 0_u64);
    let mut gaps = BTreeSet::new();
    let mut not_fetched = 0;
    for entry in &coverage.entries {
        let name = entry.gap.and_then(|gap| serde_json::to_value(gap).ok());
        gaps.extend(name.and_then(|name| name.as_str().map(str::to_owned)));
        if entry.gap == Some(Gap::NotFetched) {
            not_fetched += 1;
        }
        let sum = match entry.reading {
            Reading::Parsed | Reading::Lexical => &mut read,
            Reading::Strings if entry.gap == Some(Gap::MachineCode) => &mut machine,
            Reading::Strings | Reading::Unread => &mut unread,
            Reading::Container | Reading::Data => continue,
        };
        *sum = sum.saturating_add(entry.bytes);
    }
    let share = |part: u64, whole: u64| (u128::from(part) * 100, u128::from(whole.max(1)));
    let (part, whole) = share(read, read.saturating_add(unread));
    let opaque = unread.saturating_add(machine);
    let (hidden, all) = share(opaque, read.saturating_add(opaque));
    CoverageFacts {
        read: u64::try_from(part / whole).unwrap_or(0),
        opaque: u64::try_from(hidden.div_ceil(all)).unwrap_or(100),
        gaps,
        not_fetched,
    }
}

/// Runs of the tool as it is, without those of its installing.
fn plain_runs(observation: &Observation) -> impl Iterator<Item = &Run> {
    observation.runs.iter().filter(|run| run.factors.is_empty())
}

fn of_runs(parts: &Parts) -> Option<RunFacts> {
    let observation = parts.observation.as_ref()?;
    // Where the tool was never run as it is, nobody looked.
    plain_runs(observation).next()?;
    let mut out = RunFacts {
        runs: count(observation.of_tool().count()),
        ..RunFacts::default()
    };
    for run in &observation.runs {
        let plain = run.factors.is_empty();
        if plain && run.hosts.iter().any(|host| host.provider.is_some()) {
            out.reached_model += 1;
        }
        if plain {
            out.limits += count(run.limits.len());
        }
        // What a factor of the server asked for was asked for, and what was
        // forced did not happen.
        let asks = |name: &String| {
            name.starts_with("force:")
                || ["call", "instructions", "message"].contains(&name.as_str())
        };
        let told = !run.factors.keys().any(asks);
        let left = run.canaries.iter().filter(|left| told && !left.asked);
        for left in left {
            out.unasked += 1;
            out.unasked_to.insert(left.host.clone());
        }
    }
    Some(out)
}

fn of_effects(parts: &Parts) -> Option<EffectFacts> {
    let observation = parts.observation.as_ref()?;
    let made = observation.experiment.as_ref()?;
    plain_runs(observation).next()?;
    let mut out = EffectFacts {
        open: count(made.open),
        covered: match made.combinations {
            0 => 100,
            all => count(made.covered.saturating_mul(100) / all),
        },
        ..EffectFacts::default()
    };
    for effect in observation
        .effects
        .iter()
        .filter(|effect| !effect.is_forced())
    {
        match effect.grade {
            Grade::Concealed => {
                out.concealed += 1;
                out.factors.extend(effect.factors.keys().cloned());
            }
            Grade::Visible => out.visible += 1,
            Grade::Expected => {}
        }
    }
    Some(out)
}

fn of_egress(parts: &Parts, profiled: bool) -> Option<EgressFacts> {
    // Where nothing was run, nobody knows where data go.
    parts.observation.as_ref()?;
    let leaves = &parts.answers.as_ref()?.leaves;
    let mut out = EgressFacts::default();
    let mut undocumented = BTreeSet::new();
    for flow in &leaves.flows {
        out.contacted.insert(flow.host.clone());
        match &flow.country.code {
            Some(code) => out.regions.insert(code.clone()),
            None => out.regions_unknown.insert(flow.host.clone()),
        };
        if flow.documented == Some(false) {
            undocumented.insert(flow.host.clone());
        }
        let telemetry = flow.data.get(&DataKind::Telemetry).copied().unwrap_or(0);
        out.telemetry_bytes = out.telemetry_bytes.saturating_add(telemetry);
    }
    for flow in &leaves.possible {
        out.named.insert(flow.host.clone());
        if flow.documented == Some(false) {
            undocumented.insert(flow.host.clone());
        }
    }
    out.undocumented = profiled.then_some(undocumented);
    Some(out)
}

fn of_vulnerabilities(parts: &Parts) -> Option<VulnerabilityFacts> {
    let known = parts.supply.as_ref()?.vulnerabilities.as_ref()?;
    // Where nothing of the subject could be looked up, nobody looked.
    if known.looked_up == 0 {
        return None;
    }
    let mut out = VulnerabilityFacts {
        looked_up: known.looked_up,
        not_looked_up: count(known.not_looked_up.len()),
        ..VulnerabilityFacts::default()
    };
    for found in &known.found {
        out.ids.insert(found.id.clone());
        match found.severity {
            Some(Severity::Critical) => out.critical += 1,
            Some(Severity::High) => out.high += 1,
            Some(Severity::Medium) => out.medium += 1,
            Some(Severity::Low | Severity::Info) => out.low += 1,
            None => out.unrated += 1,
        }
    }
    Some(out)
}

fn of_contract(contract: &Contract, clauses: &[Clause]) -> ContractFacts {
    let with = |outcome| -> BTreeSet<String> {
        let clauses = clauses.iter().filter(|clause| clause.outcome == outcome);
        clauses.map(|clause| clause.about.clone()).collect()
    };
    ContractFacts {
        name: contract.name.clone(),
        ends: contract.ends.clone(),
        retention_days: contract.retention_days,
        regions: contract
            .regions
            .clone()
            .map(|regions| regions.into_iter().collect()),
        audit: contract.audit,
        training: contract.training,
        broken: with(ClauseOutcome::Broken),
        untested: with(ClauseOutcome::Untested),
    }
}

fn of_claims(parts: &Parts) -> Option<ClaimFacts> {
    if parts.claims.is_empty() {
        return None;
    }
    let mut out = ClaimFacts::default();
    for claim in parts.claims.iter().flat_map(|claims| &claims.claims) {
        let names = match claim.outcome {
            ClaimOutcome::Confirmed => &mut out.confirmed,
            ClaimOutcome::Refuted => &mut out.refuted,
            ClaimOutcome::Untestable => &mut out.untestable,
        };
        names.insert(claim.id.clone());
    }
    Some(out)
}
