//! The memory of a process and its descendants, from `/proc`.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

const INTERVAL: Duration = Duration::from_millis(20);

/// The highest sums seen, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Peak {
    /// Proportional set sizes: memory shared between processes counts once.
    pub(crate) pss: u64,
    /// The same, but with all of the anonymous shared memory, also the part
    /// that no living process has mapped at that time.
    pub(crate) whole: u64,
    /// How often memory was looked at.
    pub(crate) samples: u64,
    /// How often a living process did not let itself be looked at; then the
    /// peak is a lower bound.
    pub(crate) hidden: u64,
}

/// Watches a process until it is stopped.
#[derive(Debug)]
pub(crate) struct Sampler {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Peak>,
}

impl Sampler {
    pub(crate) fn start(pid: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut peak = Peak::default();
            while !stopped.load(Ordering::Relaxed) {
                sample(pid, &mut peak);
                std::thread::sleep(INTERVAL);
            }
            peak
        });
        Self { stop, thread }
    }

    pub(crate) fn stop(self) -> Peak {
        self.stop.store(true, Ordering::Relaxed);
        // A sampler that failed has seen nothing.
        self.thread.join().unwrap_or_default()
    }
}

fn sample(root: u32, peak: &mut Peak) {
    let (mut pss, mut shared_pss) = (0u64, 0u64);
    let mut shared = BTreeMap::new();
    let mut left = vec![root];
    while let Some(pid) = left.pop() {
        let folder = format!("/proc/{pid}");
        let folder = Path::new(&folder);
        let Ok(tasks) = std::fs::read_dir(folder.join("task")) else {
            continue;
        };
        for task in tasks.flatten() {
            let children = std::fs::read_to_string(task.path().join("children"));
            let children = children.unwrap_or_default();
            left.extend(
                children
                    .split_whitespace()
                    .filter_map(|word| word.parse::<u32>().ok()),
            );
        }
        match std::fs::read_to_string(folder.join("smaps_rollup")) {
            Ok(text) => {
                pss = pss.saturating_add(field(&text, "Pss:"));
                shared_pss = shared_pss.saturating_add(field(&text, "Pss_Shmem:"));
            }
            // One that ended meanwhile has no memory left.
            Err(_) if !folder.join("task").exists() => {}
            Err(error) if error.raw_os_error() == Some(3) => {}
            Err(_) => peak.hidden = peak.hidden.saturating_add(1),
        }
        let Ok(files) = std::fs::read_dir(folder.join("fd")) else {
            continue;
        };
        for file in files.flatten() {
            let named = std::fs::read_link(file.path()).unwrap_or_default();
            if named.to_string_lossy().starts_with("/memfd:")
                && let Ok(meta) = std::fs::metadata(file.path())
            {
                shared.insert((meta.dev(), meta.ino()), meta.blocks().saturating_mul(512));
            }
        }
    }
    let shared: u64 = shared.values().sum();
    peak.samples = peak.samples.saturating_add(1);
    peak.pss = peak.pss.max(pss);
    peak.whole = peak.whole.max(
        pss.saturating_sub(shared_pss)
            .saturating_add(shared.max(shared_pss)),
    );
}

/// A field of `smaps_rollup`, in bytes.
fn field(text: &str, name: &str) -> u64 {
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse::<u64>().ok())
        .unwrap_or(0)
        .saturating_mul(1024)
}
