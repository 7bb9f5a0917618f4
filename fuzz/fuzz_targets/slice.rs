#![no_main]
//! Slices of any text: cutting them out neither fails nor takes long, and
//! gives the same each time.
libfuzzer_sys::fuzz_target!(|text: &str| {
    let begin = std::time::Instant::now();
    let once = assay_analyze::analyze_source("input.js", text);
    let again = assay_analyze::analyze_source("input.js", text);
    assert_eq!(format!("{once:?}"), format!("{again:?}"));
    assert!(begin.elapsed() < std::time::Duration::from_secs(60));
});
