use std::path::Path;

use anyhow::{Context, Result, bail};
use assay_guard::{Recorded, STARTERS, Table};
use assay_model::Outcome as Decided;
use assay_report::escape_terminal as escape;
use assay_review::Configuration;

use super::rulebook::Rulebook;
use crate::Outcome;
use crate::args::{ConfigArgs, ExplainPolicyArgs, InitArgs, PolicyArgs, PolicyCommand, ReplayArgs};
use crate::output;

pub(crate) fn policy(args: &PolicyArgs) -> Result<Outcome> {
    match &args.command {
        PolicyCommand::Check(args) => check(args),
        PolicyCommand::Test(args) => test(args),
        PolicyCommand::Explain(args) => explain(args),
        PolicyCommand::Replay(args) => replay(args),
        PolicyCommand::Starters { name } => starters(name.as_deref()),
        PolicyCommand::Schema => {
            output::print(assay_guard::SCHEMA)?;
            Ok(Outcome::Clean)
        }
        PolicyCommand::Version { version } => {
            let Some((number, before)) = assay_model::version_number(version) else {
                bail!("{version} has no numbers that sort; policies name it by resource.version");
            };
            let note = if before {
                "  (before that release)"
            } else {
                ""
            };
            output::print(&format!("{number}{note}\n"))?;
            Ok(Outcome::Clean)
        }
    }
}

fn check(args: &ConfigArgs) -> Result<Outcome> {
    let Rulebook {
        configuration,
        policies,
        ..
    } = Rulebook::read(args)?;
    // Tables are part of what is checked.
    configuration.tables()?;
    let now = super::dossier::now();
    let mut warnings = policies.warnings(now.get(..10).unwrap_or(&now));
    let known: Vec<&str> = assay_analyze::behaviours()
        .iter()
        .map(|behaviour| behaviour.id)
        .collect();
    warnings.extend(policies.unknown_behaviours(&known));
    warnings.extend(policies.unknown_names());
    let mut out = String::new();
    for warning in &warnings {
        out.push_str(&format!("{}\n", escape(&warning.to_string())));
    }
    out.push_str(&format!(
        "{} rules in {} files hold against the schema, {} contracts, {} own profiles\n",
        policies.len(),
        configuration.policies.len(),
        configuration.contracts.len(),
        configuration.own_vendors
    ));
    if policies.is_empty() {
        bail!(
            "there are no rules, so that everything is denied; `assay init` writes some to begin with"
        );
    }
    output::print(&out)?;
    Ok(Outcome::Clean)
}

fn test(args: &ConfigArgs) -> Result<Outcome> {
    let mut failed = 0_usize;
    let mut cases = 0_usize;
    let mut out = String::new();
    let mut run = |name: &str, table: &Table, policies: &assay_guard::Policies| -> Result<()> {
        for case in &table.cases {
            cases += 1;
            let came = case.run(policies)?;
            if !came.wrong.is_empty() {
                failed += 1;
                out.push_str(&format!(
                    "FAILED  {}: {}\n",
                    escape(name),
                    escape(&case.name)
                ));
                for wrong in &came.wrong {
                    out.push_str(&format!("  {}\n", escape(wrong)));
                }
            }
        }
        Ok(())
    };
    if args.config.is_some() {
        let rulebook = Rulebook::read(args)?;
        for (name, table) in rulebook.configuration.tables()? {
            run(&name, &table, &rulebook.policies)?;
        }
    } else {
        let organisation = assay_guard::Organisation::read(assay_guard::ORGANISATION)
            .map_err(anyhow::Error::msg)?;
        for starter in STARTERS {
            let files = [(format!("{}.cedar", starter.name), starter.text.to_owned())];
            let policies = assay_guard::Policies::read(&files, &organisation, &[])?;
            run(starter.name, &Table::read(starter.table)?, &policies)?;
        }
    }
    out.push_str(&format!("{cases} cases, {failed} failed\n"));
    output::print(&out)?;
    if cases == 0 {
        bail!("there are no cases: write some into tests/ of the configuration");
    }
    Ok(if failed > 0 {
        Outcome::Found
    } else {
        Outcome::Clean
    })
}

fn explain(args: &ExplainPolicyArgs) -> Result<Outcome> {
    let rulebook = Rulebook::read(&args.config)?;
    let mut parts = assay_review::read_parts(&args.dossier)?;
    let decided = super::dossier::decided(&mut parts, &rulebook, &args.ask)?;
    output::print(&assay_report::verdict(
        &decided.verdict,
        &output::view(true),
    ))?;
    Ok(super::dossier::status(decided.verdict.outcome))
}

fn replay(args: &ReplayArgs) -> Result<Outcome> {
    let (before, after) = (
        Rulebook::of(Configuration::read(&args.from)?)?,
        Rulebook::of(Configuration::read(&args.to)?)?,
    );
    let mut out = String::new();
    let (mut all, mut other) = (0_usize, 0_usize);
    let mut held = |what: &str, was: Decided, is: Decided, by: &[String]| {
        all += 1;
        if was != is {
            other += 1;
            out.push_str(&format!("{}: {was} -> {is}\n", escape(what)));
            for rule in by {
                out.push_str(&format!("  {}\n", escape(rule)));
            }
        }
    };
    for path in &args.what {
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            for (number, line) in super::written(path)?.lines().enumerate() {
                if line.trim().is_empty() {
                    continue;
                }
                let place = || format!("{}:{}", path.display(), number + 1);
                let one: Recorded = serde_json::from_str(line)
                    .with_context(|| format!("{} is no recorded request", place()))?;
                let was = one.explained(&before.policies)?;
                let is = one.explained(&after.policies)?;
                let what = format!(
                    "{}  {} {} {}",
                    place(),
                    one.ask.principal,
                    one.ask.action,
                    one.facts.tool.name
                );
                held(&what, was.outcome, is.outcome, &rules(&is));
            }
            continue;
        }
        let mut parts = assay_review::read_parts(path)?;
        let was = super::dossier::decided(&mut parts, &before, &args.ask)?.verdict;
        let is = super::dossier::decided(&mut parts, &after, &args.ask)?.verdict;
        let by: Vec<String> = is.decisions.iter().flat_map(rules).collect();
        held(&shown(path), was.outcome, is.outcome, &by);
    }
    out.push_str(&format!("{all} decided again, {other} otherwise\n"));
    output::print(&out)?;
    Ok(if other > 0 {
        Outcome::Found
    } else {
        Outcome::Clean
    })
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// The rules by which something was decided.
fn rules(decision: &assay_model::Decision) -> Vec<String> {
    let reasons = decision.reasons.iter().map(|reason| {
        let kind = if reason.forbids { "forbids" } else { "permits" };
        format!("{kind} {} ({})", reason.rule, reason.place)
    });
    let undecided = decision
        .undecided
        .iter()
        .map(|one| format!("not decided {} ({})", one.rule, one.way_out));
    reasons.chain(undecided).collect()
}

fn starters(name: Option<&str>) -> Result<Outcome> {
    let text = match name {
        Some(name) => match assay_guard::starter(name) {
            Some(starter) => starter.text.to_owned(),
            None => {
                bail!("no policy to begin with is named {name}; `assay policy starters` lists them")
            }
        },
        None => STARTERS
            .iter()
            .map(|starter| {
                let usual = if starter.usual { "usual" } else { "" };
                format!("{:15} {usual:6} {}\n", starter.name, starter.about)
            })
            .collect(),
    };
    output::print(&text)?;
    Ok(Outcome::Clean)
}

pub(crate) fn init(args: &InitArgs) -> Result<Outcome> {
    let names: Vec<&str> = args.policies.iter().map(String::as_str).collect();
    if let Some(name) = names
        .iter()
        .find(|name| assay_guard::starter(name).is_none())
    {
        bail!("no policy to begin with is named {name}; `assay policy starters` lists them");
    }
    let files = assay_review::init(&args.folder, &names)?;
    for file in files {
        output::print(&format!("{}\n", args.folder.join(file).display()))?;
    }
    output::say(&format!(
        "Next: assay policy check --config {}",
        args.folder.display()
    ));
    Ok(Outcome::Clean)
}
