//! Markdown tables and numbers in them.

use std::fmt::Write;
use std::time::Duration;

/// A Markdown table.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = String::new();
    let line = |out: &mut String, cells: &mut dyn Iterator<Item = &str>| {
        out.push('|');
        for cell in cells {
            // Writing to a string cannot fail.
            let _ = write!(out, " {} |", cell.replace('|', "\\|").replace('\n', " "));
        }
        out.push('\n');
    };
    line(&mut out, &mut head.iter().copied());
    line(&mut out, &mut head.iter().map(|_| "---"));
    for row in rows {
        line(&mut out, &mut row.iter().map(String::as_str));
    }
    out
}

/// Seconds with two places.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// Bytes as a person reads them.
#[expect(
    clippy::cast_precision_loss,
    reason = "shown with one place, where the loss is not seen"
)]
pub(crate) fn bytes(count: u64) -> String {
    let count = count as f64;
    if count >= 1e9 {
        format!("{:.2} GB", count / 1e9)
    } else if count >= 1e6 {
        format!("{:.1} MB", count / 1e6)
    } else if count >= 1e3 {
        format!("{:.1} kB", count / 1e3)
    } else {
        format!("{count:.0} B")
    }
}

/// A share in percent.
#[expect(
    clippy::cast_precision_loss,
    reason = "shown with one place, where the loss is not seen"
)]
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    format!("{:.1}%", part as f64 * 100.0 / whole as f64)
}
