//! Switches.
use crate::ir::Ir;
use crate::raw::{Notes, Raw};

pub(crate) fn collect(_ir: &Ir<'_>, _offset: u64, _notes: &mut Notes) -> bool {
    false
}

/// What is found only in packages that nobody uses is there, and no more.
pub(crate) fn uncalled(raws: &mut [Raw]) {
    for raw in raws {
        let of_services = matches!(raw.behaviour.as_str(), "egress.telemetry" | "control.remote-flag");
        if of_services && raw.whose.uncalled >= raw.count {
            raw.severity = assay_model::Severity::Info;
            raw.confidence = assay_model::Confidence::Low;
            raw.title = format!(
                "part of {}, to which nothing outside of the package refers: {}",
                raw.whose.packages.join(", "),
                raw.title
            );
        }
    }
}
