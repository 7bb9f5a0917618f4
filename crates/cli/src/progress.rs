use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use assay_analyze::Watch;
use assay_artifact::Progress;
use assay_report::escape_terminal;
use assay_review::{Stage, Witness};
use indicatif::{ProgressBar, ProgressStyle};

/// Progress on standard error: bars on a terminal, messages everywhere.
pub(crate) struct Screen {
    bar: Option<ProgressBar>,
    stage: Mutex<Option<Stage>>,
    /// Prints how long stages took, for benchmarks.
    timings: bool,
}

impl Screen {
    pub(crate) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            bar,
            stage: Mutex::new(None),
            timings: std::env::var_os("ASSAY_TIMINGS").is_some(),
        }
    }

    /// Takes the bar away before the result is printed.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn bytes(&self, message: String, done: u64, total: Option<u64>) {
        let Some(bar) = &self.bar else {
            return;
        };
        if let Some(total) = total {
            bar.set_length(total);
            if let Ok(style) = ProgressStyle::with_template(
                "{msg} [{bar:24}] {bytes}/{total_bytes} {bytes_per_sec}",
            ) {
                bar.set_style(style.progress_chars("=> "));
            }
        }
        bar.set_message(message);
        bar.set_position(done);
    }
}

impl Progress for Screen {
    fn download(&self, name: &str, done: u64, total: Option<u64>) {
        self.bytes(format!("fetching {}", escape_terminal(name)), done, total);
    }

    fn message(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(escape_terminal(text)),
            None => crate::output::say(&escape_terminal(text)),
        }
    }
}

impl Watch for Screen {
    fn analyzed(&self, done: u64, total: u64) {
        self.bytes("reading".to_owned(), done, Some(total));
    }
}

impl Witness for Screen {
    fn begin(&self, stage: Stage, name: &str) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = Some(stage);
        if let Some(bar) = &self.bar {
            bar.set_style(ProgressStyle::default_spinner());
            let what = match stage {
                Stage::Fetch => "resolving",
                Stage::Open => "opening",
                Stage::Analyze => "reading",
            };
            bar.set_message(format!("{what} {}", escape_terminal(name)));
        }
    }

    fn end(&self, stage: Stage, took: Duration) {
        if self.timings {
            crate::output::say(&format!("timing {stage:?} {}", took.as_millis()));
        }
    }
}
