#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| assay_fuzz::open_as("bzip2", data));
