#![no_main]
//! Any text as a program for the interpreter: it ends within its limits.
libfuzzer_sys::fuzz_target!(|text: &str| {
    let begin = std::time::Instant::now();
    assay_analyze::fuzz_evaluate(text);
    assert!(begin.elapsed() < std::time::Duration::from_secs(60));
});
