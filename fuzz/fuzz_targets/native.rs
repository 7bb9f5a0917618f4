#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| assay_analyze::fuzz_native(data));
