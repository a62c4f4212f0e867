//! See `cplinks_fuzz::icon`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cplinks_fuzz::bounded(data, cplinks_fuzz::icon::check));
