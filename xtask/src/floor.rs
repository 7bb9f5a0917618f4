//! What reading a subject costs at the least: decompressing and hashing its
//! bytes and parsing its code, in one thread, with the same libraries.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use assay_artifact::{Fetched, JOB_OPEN, Limits, open, serve_open};
use assay_confine::{Emit, JobError, Launcher, Store};
use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use sha2::{Digest, Sha256};

/// The parser recurses; address space costs nothing.
const STACK: usize = 2 << 30;
/// Beyond it, `assay` does not parse either.
const LARGEST: usize = 64 << 20;

/// A subject's bytes and code, got ready outside of what is timed.
#[derive(Debug)]
pub(crate) struct Material {
    artifacts: Vec<Vec<u8>>,
    modules: Vec<(String, SourceType)>,
}

/// One measurement, by part.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Floor {
    pub(crate) decompress: Duration,
    /// SHA-256 of the decompressed bytes.
    pub(crate) hash: Duration,
    /// SHA-256 of the artifacts as distributed.
    pub(crate) hash_artifact: Duration,
    pub(crate) parse: Duration,
    pub(crate) semantic: Duration,
}

impl Floor {
    pub(crate) fn total(&self) -> Duration {
        [
            self.decompress,
            self.hash,
            self.hash_artifact,
            self.parse,
            self.semantic,
        ]
        .iter()
        .sum()
    }
}

impl Material {
    pub(crate) fn of(fetched: &Fetched) -> Result<Self> {
        let mut artifacts = Vec::new();
        let mut modules = Vec::new();
        for artifact in &fetched.artifacts {
            let tree = open(
                &artifact.path,
                &artifact.file_name,
                &Limits::default(),
                &Launcher::InProcess(serve),
                &Arc::new(AtomicBool::new(false)),
            )?;
            for node in &tree.nodes {
                let kind = node.record.kind.as_str();
                if !matches!(kind, "javascript" | "typescript") {
                    continue;
                }
                let bytes = tree.store.bytes(node.place).unwrap_or_default();
                if let Ok(text) = std::str::from_utf8(bytes)
                    && text.len() <= LARGEST
                {
                    modules.push((text.to_owned(), kind == "typescript"));
                }
            }
            let bytes = std::fs::read(&artifact.path)
                .with_context(|| format!("{} cannot be read", artifact.path.display()))?;
            artifacts.push(bytes);
        }
        let modules = deep(move || {
            modules
                .into_iter()
                .filter_map(|(text, types)| {
                    let source_type = understood(&text, types)?;
                    Some((text, source_type))
                })
                .collect()
        })?;
        Ok(Self { artifacts, modules })
    }

    /// One file of code, which is not packed.
    pub(crate) fn of_text(text: &str) -> Result<Self> {
        let code = text.to_owned();
        let modules = deep(move || {
            let source_type = understood(&code, false);
            source_type.map(|source_type| vec![(code, source_type)])
        })?;
        Ok(Self {
            artifacts: vec![text.as_bytes().to_vec()],
            modules: modules.context("the text is no JavaScript")?,
        })
    }

    /// Number and size of the modules that are parsed.
    pub(crate) fn code(&self) -> (usize, u64) {
        let size = self.modules.iter().map(|(text, _)| text.len() as u64).sum();
        (self.modules.len(), size)
    }

    pub(crate) fn measure(&self) -> Result<Floor> {
        let mut floor = Floor::default();
        for artifact in &self.artifacts {
            let start = Instant::now();
            std::hint::black_box(Sha256::digest(artifact));
            floor.hash_artifact += start.elapsed();
            if artifact.starts_with(&[0x1f, 0x8b]) {
                decompress(artifact, &mut floor)?;
            }
        }
        deep(|| {
            for (text, source_type) in &self.modules {
                let allocator = Allocator::default();
                let start = Instant::now();
                let parsed = Parser::new(&allocator, text, *source_type).parse();
                floor.parse += start.elapsed();
                let start = Instant::now();
                std::hint::black_box(SemanticBuilder::new().build(&parsed.program));
                floor.semantic += start.elapsed();
            }
        })?;
        Ok(floor)
    }
}

/// Decompresses and hashes piece by piece, so that no memory is touched that
/// need not be.
fn decompress(artifact: &[u8], floor: &mut Floor) -> Result<()> {
    let mut decoder = flate2::bufread::MultiGzDecoder::new(artifact);
    let mut buffer = vec![0; 256 << 10];
    let mut hasher = Sha256::new();
    loop {
        let start = Instant::now();
        let count = decoder.read(&mut buffer)?;
        let end = Instant::now();
        floor.decompress += end.duration_since(start);
        if count == 0 {
            break;
        }
        hasher.update(buffer.get(..count).unwrap_or_default());
        floor.hash += end.elapsed();
    }
    std::hint::black_box(hasher.finalize());
    Ok(())
}

/// The kind of source as which the parser takes a text.
fn understood(text: &str, types: bool) -> Option<SourceType> {
    let attempts = if types {
        [SourceType::ts(), SourceType::tsx(), SourceType::ts()]
    } else {
        [
            SourceType::unambiguous().with_jsx(true),
            SourceType::cjs(),
            SourceType::ts(),
        ]
    };
    attempts.into_iter().find(|source_type| {
        let allocator = Allocator::default();
        !Parser::new(&allocator, text, *source_type).parse().panicked
    })
}

/// Runs work that recurses deeply.
pub(crate) fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T> {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work)?
            .join()
            .map_err(|_| anyhow::anyhow!("the parser stopped on an internal error"))
    })
}

fn serve(
    name: &str,
    input: &str,
    store: &Store,
    emit: &mut Emit<'_>,
) -> Result<Box<serde_json::value::RawValue>, JobError> {
    if name == JOB_OPEN {
        serve_open(input, store, emit)
    } else {
        Err(JobError(format!("no job is named {name}")))
    }
}

/// The JavaScript in the artifacts of a subject, with its paths.
pub(crate) fn scripts(fetched: &Fetched) -> Result<Vec<(String, String)>> {
    let mut scripts = Vec::new();
    for artifact in &fetched.artifacts {
        let tree = open(
            &artifact.path,
            &artifact.file_name,
            &Limits::default(),
            &Launcher::InProcess(serve),
            &Arc::new(AtomicBool::new(false)),
        )?;
        for node in &tree.nodes {
            if node.record.kind == "javascript"
                && let Some(bytes) = tree.store.bytes(node.place)
                && let Ok(text) = std::str::from_utf8(bytes)
            {
                scripts.push((node.record.path.clone(), text.to_owned()));
            }
        }
    }
    Ok(scripts)
}

/// The kinds of the nodes of a file, as opening tells them.
#[cfg(test)]
pub(crate) fn kinds(path: &std::path::Path) -> Result<Vec<String>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let tree = open(
        path,
        &name,
        &Limits::default(),
        &Launcher::InProcess(serve),
        &Arc::new(AtomicBool::new(false)),
    )?;
    let kinds = tree
        .nodes
        .iter()
        .map(|node| node.record.kind.as_str().to_owned());
    Ok(kinds.collect())
}
