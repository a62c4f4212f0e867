//! See `cplinks_fuzz::call`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cplinks_fuzz::bounded(data, cplinks_fuzz::call::check));
