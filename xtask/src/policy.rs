//! The time of decisions and of verdicts, with 200 policies.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use assay_guard::{Ask, Organisation, Policies, Principal, VerdictAsk, facts, verdict};
use assay_model::{
    Confidence, Coverage, DOSSIER_SCHEMA, Dossier, EffectFacts, Facts, Finding, Integrity, Layer,
    Parts, Party, Purl, RunFacts, Severity, Sha256, Subject, SupplyFacts, VulnerabilityFacts,
};

use crate::table::table;

/// How many policies there are.
const POLICIES: usize = 200;
/// How many findings a dossier has.
const FINDINGS: usize = 300;
/// How often each is measured.
const ROUNDS: usize = 5;
const TARGET_DECIDE: Duration = Duration::from_micros(50);
const TARGET_VERDICT: Duration = Duration::from_millis(5);

/// Measures both on one core.
pub(crate) fn run() -> Result<ExitCode> {
    let (files, organisation) = policies();
    let began = Instant::now();
    let policies = Policies::read(&files, &organisation, &[])?;
    let read = began.elapsed();
    let parts = parts();
    let mut known: Facts = facts(&parts, Some(("Example CLI", "Other Vendor")), None)?;
    known.runs = Some(RunFacts::default());
    known.effects = Some(EffectFacts::default());
    known.supply = Some(SupplyFacts::default());
    known.vulnerabilities = Some(VulnerabilityFacts::default());
    let ask = Ask {
        principal: Principal::User("user-7".to_owned()),
        action: "send".to_owned(),
        now: "2026-11-23T12:00:00Z".to_owned(),
        site: Some("main".to_owned()),
        model: Some("Hosted Model".to_owned()),
        provider: Some("own".to_owned()),
        repository: Some("repository-3".to_owned()),
        data_classes: Some(["source".to_owned()].into()),
    };
    let prepared = policies.prepare(&known)?;
    println!("{}: {:?}", POLICIES, prepared.decide(&ask)?.outcome);
    let decide = best(2000, || prepared.decide(&ask).map(|_| ()))?;
    // The floor: what any decision has to read once is written once.
    let floor = best(2000, || {
        black_box(serde_json::to_vec(&ask)?);
        Ok::<(), serde_json::Error>(())
    })?;
    let whole = best(50, || {
        let mut flat = facts(&parts, Some(("Example CLI", "Other Vendor")), None)?;
        flat.runs.clone_from(&known.runs);
        flat.effects.clone_from(&known.effects);
        flat.supply.clone_from(&known.supply);
        flat.vulnerabilities.clone_from(&known.vulnerabilities);
        let wanted = VerdictAsk {
            ask: ask.clone(),
            actions: vec!["use".to_owned(), "install".to_owned()],
            subject: String::new(),
            sha256: Sha256([0; 32]),
            assay: String::new(),
            files: Vec::new(),
        };
        black_box(verdict(&policies, &flat, wanted)?);
        anyhow::Ok(())
    })?;
    let micros = |time: Duration| format!("{:.1} us", time.as_secs_f64() * 1e6);
    let rows = [
        ("reading the policies", read, None),
        ("a decision", decide, Some(TARGET_DECIDE)),
        ("writing what is asked as JSON (floor)", floor, None),
        ("a verdict on 300 findings", whole, Some(TARGET_VERDICT)),
    ];
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|(name, time, target)| {
            vec![
                (*name).to_owned(),
                micros(*time),
                target.map_or_else(String::new, |target| {
                    let word = if *time <= target { "reached" } else { "MISSED" };
                    format!("{} ({word})", micros(target))
                }),
            ]
        })
        .collect();
    print!("{}", table(&["what", "best", "at most"], &rows));
    println!(
        "a decision takes {:.1} times the floor",
        decide.as_secs_f64() / floor.as_secs_f64()
    );
    Ok(ExitCode::SUCCESS)
}

/// The least time of one of so many, over some rounds.
fn best<E>(times: u32, mut work: impl FnMut() -> Result<(), E>) -> Result<Duration, E> {
    let mut least = Duration::MAX;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for _ in 0..times {
            work()?;
        }
        least = least.min(began.elapsed() / times);
    }
    Ok(least)
}

/// The starters, and rules of the kinds that an organisation has many of.
fn policies() -> (Vec<(String, String)>, Organisation) {
    let mut files: Vec<(String, String)> = assay_guard::STARTERS
        .iter()
        .filter(|starter| starter.usual)
        .map(|starter| (format!("{}.cedar", starter.name), starter.text.to_owned()))
        .collect();
    let has: usize = files
        .iter()
        .map(|(_, text)| text.matches("@id(").count())
        .sum();
    let mut text = String::new();
    for number in has..POLICIES {
        let rule = match number % 4 {
            0 => format!(
                "forbid (principal in Assay::Team::\"team-{number}\", action, resource in Assay::Product::\"Tool {number}\") when {{ context.now >= datetime(\"2026-07-10\") }};"
            ),
            1 => format!(
                "forbid (principal, action, resource == Assay::Tool::\"npm:tool-{number}\") when {{ resource.number >= {number} && resource.number <= 2000001000197 }};"
            ),
            2 => format!(
                "forbid (principal, action == Assay::Action::\"send\", resource) when {{ context.repository in Assay::RepositoryGroup::\"group-{number}\" && context.dataClasses.contains(\"class-{number}\") }};"
            ),
            _ => format!(
                "permit (principal in Assay::Team::\"team-{number}\", action, resource) when {{ resource.findings.high == 0 && context.model in Assay::Vendor::\"Lab {number}\" }};"
            ),
        };
        text.push_str(&format!("@id(\"rule-{number}\")\n{rule}\n"));
    }
    files.push(("many.cedar".to_owned(), text));
    let mut organisation =
        String::from("[site.main]\n[model.\"Hosted Model\"]\nvendor = \"Lab 3\"\n[provider.own]\n");
    for number in 0..POLICIES {
        organisation.push_str(&format!("[team.team-{number}]\n[user.user-{number}]\nteams = [\"team-{number}\"]\n[repository-group.group-{number}]\n[repository.repository-{number}]\ngroups = [\"group-{number}\"]\n"));
    }
    let organisation = Organisation::read(&organisation).unwrap_or_default();
    (files, organisation)
}

fn parts() -> Parts {
    let purl = Purl::new("npm", "example-cli", Some("2.1.90"));
    let findings = (0..FINDINGS).map(|number| Finding {
        id: format!("behaviour-{number:012x}"),
        behaviour: format!("behaviour.{}", number % 40),
        severity: match number % 3 {
            0 => Severity::Info,
            1 => Severity::Low,
            _ => Severity::Medium,
        },
        confidence: Confidence::Medium,
        layer: Layer::Client,
        party: Party::First,
        packages: Vec::new(),
        title: format!("does thing {number}"),
        key: format!("host-{number}.example.com"),
        occurrences: 1,
        evidence: Vec::new(),
        demonstrated: None,
    });
    Parts::of(Dossier {
        schema: DOSSIER_SCHEMA.to_owned(),
        assay: String::new(),
        source: "npm:example-cli".to_owned(),
        subject: Subject {
            purl: purl.clone(),
            sha256: Sha256([0; 32]),
            platform: "linux-x64".to_owned(),
            artifacts: vec![assay_model::ArtifactRecord {
                purl,
                role: assay_model::ArtifactRole::Main,
                sha256: Sha256([0; 32]),
                bytes: 1,
                integrity: Integrity::Unpublished {
                    reason: String::new(),
                },
            }],
        },
        findings: findings.collect(),
        coverage: Coverage::default(),
        attribution: assay_model::Attribution::default(),
        profile: None,
        confinement: Vec::new(),
    })
}
