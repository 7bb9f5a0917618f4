use anyhow::Result;
use std::process::ExitCode;
pub(crate) fn measure(only: Option<&str>) -> Result<ExitCode> {
    // probe: FILE SUBJECT
    let (file, subject) = only.and_then(|o| o.split_once(',')).unwrap_or_default();
    let text = std::fs::read_to_string(file)?;
    let start = std::time::Instant::now();
    let parts = assay_analyze::attribute_source("x.js", &text, None, subject).unwrap_or_default();
    println!("{:?}", start.elapsed());
    for p in &parts {
        println!("{} {} {:?} {} {}", p.start, p.end, p.party, p.package.as_deref().unwrap_or("-"), p.by);
    }
    Ok(ExitCode::SUCCESS)
}
