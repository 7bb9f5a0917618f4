use std::path::Path;

use anyhow::{Context, Result, bail};
use assay_artifact::SystemEnvironment;
use assay_review::{NotesFrom, osv_ecosystems, osv_update};

use crate::Outcome;
use crate::args::{OsvArgs, OsvCommand, OsvUpdateArgs};
use crate::output;
use crate::progress::Screen;

/// The largest archive that is read from a folder, in bytes.
const LARGEST: u64 = 2 << 30;

pub(crate) fn osv(args: &OsvArgs) -> Result<Outcome> {
    match &args.command {
        OsvCommand::Update(args) => update(args),
    }
}

fn update(args: &OsvUpdateArgs) -> Result<Outcome> {
    let known = osv_ecosystems();
    let wanted: Vec<&str> = match args.ecosystem.is_empty() {
        true => known.clone(),
        false => args.ecosystem.iter().map(String::as_str).collect(),
    };
    if let Some(name) = wanted.iter().find(|name| !known.contains(name)) {
        bail!(
            "{name} is no ecosystem that is looked up: {}",
            known.join(", ")
        );
    }
    let fetch = super::vet_options(&args.download)?.fetch;
    let cancelled = super::interruptible()?;
    let screen = Screen::new();
    for name in wanted {
        let archive = match NotesFrom::from(args.from.as_str()) {
            NotesFrom::Address(base) => {
                let address = format!("{}/{name}/all.zip", base.trim_end_matches('/'));
                let got = assay_artifact::document(
                    &address,
                    &fetch,
                    &SystemEnvironment,
                    &screen,
                    &cancelled,
                );
                got.with_context(|| format!("{name} stays as it was"))?
            }
            NotesFrom::File(folder) => read(&folder.join(name).join("all.zip"))?,
        };
        let (entries, newest) = osv_update(&args.folder, name, &archive)
            .with_context(|| format!("{name} stays as it was"))?;
        output::say(&format!(
            "{name}: {entries} entries, the newest of {newest}"
        ));
    }
    screen.finish();
    Ok(Outcome::Clean)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    assay_artifact::read_regular(path, LARGEST)
        .with_context(|| format!("{} cannot be read", path.display()))
}
