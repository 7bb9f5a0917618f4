//! How the cost of `assay vet` grows with the size of a bundle.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::builder::Builder;
use crate::floor::{Floor, Material, scripts};
use crate::table::{bytes, seconds, table};
use crate::tool::{Run, Tool};

/// Where the modules come from: packages with much code, of fixed versions.
const SOURCES: [&str; 6] = [
    "npm:@qwen-code/qwen-code@0.24.4",
    "npm:opencode-ai@1.18.33",
    "npm:cline@3.0.65",
    "npm:webpack@5.99.9",
    "npm:eslint@9.27.0",
    "npm:moment-timezone@0.5.48",
];
const MEGABYTE: usize = 1_000_000;
/// Sizes of the bundles, in megabytes.
const SIZES: [usize; 4] = [1, 3, 10, 30];
/// Modules are of a size that also the smallest bundle has several of.
const MODULE: std::ops::Range<usize> = 20_000..500_000;
const RUNS: usize = 3;
/// By how much the ratio to the floor may grow from one size to another thirty
/// times as large, and still be called near linear.
const TARGET: f64 = 1.25;

pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode> {
    let mut write = false;
    let mut program: Option<PathBuf> = None;
    let mut left = arguments.iter();
    while let Some(argument) = left.next() {
        match *argument {
            "--write" => write = true,
            "--assay" => program = Some(left.next().context("--assay needs a value")?.into()),
            _ => bail!("{argument} is not known"),
        }
    }
    let tool = Tool::of(program.as_deref())?;
    let Some(modules) = modules(&Builder::get()?)? else {
        println!("skipped: needs a registry");
        return Ok(ExitCode::SUCCESS);
    };
    let folder = tempfile::tempdir()?;
    let mut rows = Vec::new();
    let mut measured: Vec<Measured> = Vec::new();
    for size in SIZES {
        let (text, count) = bundle(&modules, size.saturating_mul(MEGABYTE))?;
        let path = folder.path().join(format!("bundle-{size}.js"));
        std::fs::write(&path, &text)?;
        let one = Measured::of(&tool, &path.display().to_string(), &text)?;
        rows.push(one.row(size, count, measured.last()));
        measured.push(one);
    }
    let (Some(first), Some(last)) = (measured.first(), measured.last()) else {
        bail!("nothing was measured");
    };
    let growth = last.ratio() / first.ratio();
    let time = last.per_megabyte() / first.per_megabyte();
    let memory = last.memory_per_megabyte() / first.memory_per_megabyte();
    let head = [
        "bundle",
        "modules",
        "parsed",
        "time",
        "per MB",
        "exponent",
        "floor",
        "exponent",
        "ratio",
        "peak memory",
        "per MB",
    ];
    let text = format!(
        "{}\nFrom the smallest bundle to the largest, the ratio to the floor grows {growth:.2} times (target {TARGET}: \
         {}), the time per megabyte {time:.2} times, that of the floor {:.2} times, the memory per megabyte \
         {memory:.2} times.\n",
        table(&head, &rows),
        if growth <= TARGET {
            "reached"
        } else {
            "MISSED"
        },
        time / growth,
    );
    println!("{text}");
    if write {
        let stamp = crate::eval::stamp("bench scale --write", program.as_deref())?;
        let head = format!(
            "# The cost of `assay vet` by the size of a bundle\n\n{stamp} On {} processors. A bundle joins distinct \
             modules of real packages, each minified, as functions in a table; a larger one has all of a smaller one. \
             Time is the best of {RUNS} runs without results kept; the floor is what hashing, parsing and scoping the \
             same text takes in one thread. The exponents tell how time, and floor, grew from the size before: 1 is \
             linear. *Parsed* is how much of the bundle the coverage calls parsed. Reading a text costs more per byte \
             the more there is of it, as less of it fits into caches; what the analysis adds to that is the ratio, and \
             its growth is held against the target.\n\n",
            std::thread::available_parallelism().map_or(1, usize::from),
        );
        let folder = crate::root()?.join("docs/eval");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("scale.md"), format!("{head}{text}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Distinct modules, minified, in an order that is the same each time and
/// mixes the packages; `None` where the registry is not reached.
fn modules(builder: &Builder) -> Result<Option<Vec<String>>> {
    let mut known = BTreeSet::new();
    let mut texts = Vec::new();
    for source in SOURCES {
        let Some(fetched) = Tool::fetched(source)? else {
            return Ok(None);
        };
        for (path, text) in scripts(&fetched)? {
            let digest: [u8; 32] = Sha256::digest(&text).into();
            if MODULE.contains(&text.len()) && !path.contains(".map!") && known.insert(digest) {
                texts.push((digest, text));
            }
        }
    }
    texts.sort();
    let folder = tempfile::tempdir()?;
    let to = folder.path().join("module.js");
    let wanted = SIZES.iter().max().copied().unwrap_or(0);
    let wanted = wanted.saturating_mul(MEGABYTE);
    let mut modules = Vec::new();
    let mut size = 0_usize;
    let mut minified = BTreeSet::new();
    for (_, text) in texts {
        if size > wanted {
            break;
        }
        // What cannot be a module of this kind (it waits outside of
        // functions) is left out.
        if builder.minify(&text, Some("cjs"), false, &to).is_err() {
            continue;
        }
        let text = std::fs::read_to_string(&to)?;
        if minified.insert(Sha256::digest(&text)) {
            size = size.saturating_add(text.len());
            modules.push(text);
        }
    }
    Ok(Some(modules))
}

/// The first modules as one bundle of about this size, and how many they are.
fn bundle(modules: &[String], size: usize) -> Result<(String, usize)> {
    let mut text = String::from("var modules={");
    let mut count = 0_usize;
    for module in modules {
        if text.len() >= size {
            break;
        }
        let module = match module.split_once('\n') {
            Some((first, rest)) if first.starts_with("#!") => rest,
            _ => module,
        };
        text.push_str(&format!(
            "{count}:function(exports,require,module){{{module}\n}},"
        ));
        count = count.saturating_add(1);
    }
    if text.len() < size {
        bail!(
            "the packages have {} of modules, not {}",
            bytes(text.len() as u64),
            bytes(size as u64)
        );
    }
    text.push_str(
        "},loaded={};function load(id){var known=loaded[id];if(known)return known.exports;\
         var module=loaded[id]={exports:{}};modules[id](module.exports,load,module);\
         return module.exports}load(0);\n",
    );
    Ok((text, count))
}

/// What one bundle costs.
#[derive(Debug)]
struct Measured {
    size: f64,
    time: Duration,
    floor: Duration,
    memory: u64,
    parsed: u64,
}

impl Measured {
    #[expect(
        clippy::cast_precision_loss,
        reason = "sizes in bytes, shown as megabytes"
    )]
    fn of(tool: &Tool, path: &str, text: &str) -> Result<Self> {
        let material = Material::of_text(text)?;
        // Once for nothing: pages of files and programs come from the disk.
        let warm = tool.vet(path, false)?;
        let mut runs: Vec<Run> = Vec::new();
        let mut floors: Vec<Floor> = Vec::new();
        for _ in 0..RUNS {
            floors.push(material.measure()?);
            runs.push(tool.vet(path, false)?);
        }
        let time = runs.iter().map(|run| run.wall).min();
        let floor = floors.iter().map(Floor::total).min();
        let peak = tool.vet(path, true)?.peak.context("no memory was seen")?;
        Ok(Self {
            size: text.len() as f64 / 1e6,
            time: time.unwrap_or_default(),
            floor: floor.unwrap_or_default(),
            memory: peak.whole,
            parsed: warm.dossier.coverage.parsed.bytes,
        })
    }

    fn ratio(&self) -> f64 {
        self.time.as_secs_f64() / self.floor.as_secs_f64()
    }

    fn per_megabyte(&self) -> f64 {
        self.time.as_secs_f64() / self.size
    }

    #[expect(clippy::cast_precision_loss, reason = "bytes, shown as megabytes")]
    fn memory_per_megabyte(&self) -> f64 {
        self.memory as f64 / self.size
    }

    fn row(&self, size: usize, modules: usize, before: Option<&Self>) -> Vec<String> {
        let exponent = |of: fn(&Self) -> Duration| {
            before.map_or_else(
                || "-".to_owned(),
                |before| {
                    let grown = of(self).as_secs_f64() / of(before).as_secs_f64();
                    format!("{:.2}", grown.ln() / (self.size / before.size).ln())
                },
            )
        };
        vec![
            format!("{size} MB"),
            modules.to_string(),
            bytes(self.parsed),
            seconds(self.time),
            format!("{:.3} s", self.per_megabyte()),
            exponent(|one| one.time),
            seconds(self.floor),
            exponent(|one| one.floor),
            format!("{:.2}", self.ratio()),
            bytes(self.memory),
            format!("{:.1} MB", self.memory_per_megabyte() / 1e6),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_bundle_begins_like_a_smaller_one() {
        let modules: Vec<String> = (0..40)
            .map(|at| format!("exports.value{at}=function(){{return {at}}};"))
            .collect();
        let (small, few) = bundle(&modules, 500).unwrap();
        let (large, many) = bundle(&modules, 1500).unwrap();
        assert!(few < many && small.len() >= 500 && large.len() >= 1500);
        let same = small.bytes().zip(large.bytes()).take_while(|(a, b)| a == b);
        assert!(same.count() >= 500);
        assert_eq!(Material::of_text(&small).unwrap().code().0, 1);
        assert!(bundle(&modules, 1_000_000).is_err());
    }
}
