//! The HTML report in a real browser: Chromium without a window, spoken to
//! over a pair of pipes. Pages load without a word on the console, filters and
//! keys work, icons have their size, and no label runs as script.
//!
//! Without a `chromium` the tests say on standard error that they were
//! skipped. `CPLINKS_SCREENSHOTS=DIR` keeps the pictures they make.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "helpers of tests, which may panic, start programs and write files"
)]

mod chromium;
mod page;
mod world;
