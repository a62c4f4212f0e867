//! See `cplinks_fuzz::manifest`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cplinks_fuzz::bounded(
    data,
    cplinks_fuzz::manifest::check
));
