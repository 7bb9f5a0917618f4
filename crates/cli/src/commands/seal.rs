use std::path::Path;

use anyhow::{Context, Result, bail};
use assay_attest::{Key, Trust};

use crate::Outcome;
use crate::args::{KeyArgs, KeyCommand, PassphraseArgs, SealArgs, VerifyArgs};
use crate::output;

/// The variable of the environment with the passphrase of a key.
const PASSPHRASE: &str = "ASSAY_PASSPHRASE";

fn passphrase(args: &PassphraseArgs, again: bool) -> Result<String> {
    if let Some(file) = &args.passphrase_file {
        let text = super::written(file)?;
        return Ok(text.lines().next().unwrap_or_default().to_owned());
    }
    if let Ok(text) = std::env::var(PASSPHRASE) {
        return Ok(text);
    }
    let asked = |what: &str| {
        rpassword::prompt_password(what).context(
            "there is no terminal to ask for the passphrase; use --passphrase-file or ASSAY_PASSPHRASE",
        )
    };
    let first = asked("Passphrase of the key: ")?;
    if again && asked("The same again: ")? != first {
        bail!("the passphrases are not the same");
    }
    Ok(first)
}

pub(crate) fn key(args: &KeyArgs) -> Result<Outcome> {
    match &args.command {
        KeyCommand::New {
            file,
            passphrase: words,
        } => {
            let key = Key::new()?;
            key.write(file, &passphrase(words, true)?)?;
            output::say(&format!("the key {} is in {}", key.id(), file.display()));
        }
        KeyCommand::Show {
            file,
            name,
            passphrase: words,
        } => {
            let key = Key::read(file, &passphrase(words, false)?)?;
            let name = serde_json::to_string(name)?;
            output::print(&format!(
                "# {}\n[[key]]\nname = {name}\npublic = \"\"\"\n{}\"\"\"\n",
                key.id(),
                key.public()?
            ))?;
        }
    }
    Ok(Outcome::Clean)
}

pub(crate) fn seal(args: &SealArgs) -> Result<Outcome> {
    // What it is about is told by the dossier in it.
    let parts = assay_review::read_parts(&args.folder)?;
    let key = Key::read(&args.key, &passphrase(&args.passphrase, false)?)?;
    let about = parts.dossier.subject.purl.to_string();
    let files = assay_attest::seal(
        &args.folder,
        &key,
        &about,
        env!("CARGO_PKG_VERSION"),
        &super::dossier::now(),
        args.replace,
    )?;
    output::say(&format!(
        "{files} files of {} are sealed by the key {}",
        args.folder.display(),
        key.id()
    ));
    Ok(Outcome::Clean)
}

pub(crate) fn verify(args: &VerifyArgs) -> Result<Outcome> {
    let file = match (&args.trust, &args.config.config) {
        (Some(file), _) => file.clone(),
        (None, Some(folder)) => folder.join("trust.toml"),
        (None, None) => bail!(
            "no key is trusted: name a list of keys with --trust, or a configuration with --config"
        ),
    };
    let trust = Trust::read(&super::written(&file)?)
        .with_context(|| format!("{} cannot be used", file.display()))?;
    if !Path::new(&args.folder).is_dir() {
        bail!("{} is no folder", args.folder.display());
    }
    let checked = assay_attest::verify_seal(&args.folder, &trust, &super::dossier::now())?;
    let mut out = String::new();
    let escape = assay_report::escape_terminal;
    match (&checked.by, checked.stands()) {
        (Some(name), true) => {
            out.push_str(&format!(
                "SEALED  {} files, by {}, about {}, at {}\n",
                checked.files,
                escape(name),
                escape(&checked.about),
                escape(&checked.at)
            ));
        }
        _ => out.push_str("NOT SEALED\n"),
    }
    for wrong in &checked.wrong {
        out.push_str(&format!("  {}\n", escape(wrong)));
    }
    for note in &checked.notes {
        out.push_str(&format!("  note: {}\n", escape(note)));
    }
    output::print(&out)?;
    Ok(match checked.stands() {
        true => Outcome::Clean,
        false => Outcome::Found,
    })
}
