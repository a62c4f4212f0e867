//! See `cplinks_fuzz::report`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cplinks_fuzz::bounded(data, cplinks_fuzz::report::check));
