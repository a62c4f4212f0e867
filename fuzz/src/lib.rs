//! What is done with one input of each target, and what must hold then. A
//! target looks for a panic, for more time or memory than an input may take,
//! and for an answer that breaks the law that stands in its module.
//!
//! | target | input | law |
//! |---|---|---|
//! | [`manifest`] | a manifest | wrong or whole; what it wants, once written, is what it wants |
//! | [`disk`] | a file of a server | what is compared without decoding agrees with what is decoded |
//! | [`icon`] | a PNG, or base64 | what is accepted is whole, and is written as it was read |
//! | [`saved_plan`] | a saved plan | nothing but the plan itself is taken for it |
//! | [`call`] | the arguments of `call` | the answer reads back, and no token is in it |
//! | [`report`] | texts of links | no report lets one break out |
//! | [`problems`] | texts of problems | neither does what is said of a manifest |

pub mod call;
pub mod disk;
pub mod icon;
pub mod manifest;
pub mod problems;
pub mod report;
pub mod saved_plan;

mod shown;
mod world;

use peak_alloc::PeakAlloc;
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Most processor time that one input may take, on all threads together. What
/// is measured is slower than the release: it counts what it runs through.
const MOST_TIME: Duration = Duration::from_secs(1);
/// Most bytes that may be in use for one input, those of the fuzzer among
/// them.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// Holds one input to its bounds. Processor time is not that of the wall, so
/// that a machine with other work fails no input.
pub fn bounded(data: &[u8], check: fn(&[u8])) {
    world::prepare();
    MEMORY.reset_peak_usage();
    let before = processor_time();
    check(data);
    let taken = processor_time().saturating_sub(before);
    assert!(taken < MOST_TIME, "it took {taken:?}");
    let peak = MEMORY.peak_usage();
    assert!(peak < MOST_BYTES, "it held {peak} bytes");
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.try_into().expect("no time is negative"),
        time.tv_nsec
            .try_into()
            .expect("no part of a second is negative"),
    )
}

/// The texts of an input: it is cut where a byte stands that is in no UTF-8.
/// A text may hold every other.
fn texts(data: &[u8]) -> impl Iterator<Item = String> {
    pieces(data).map(|piece| String::from_utf8_lossy(piece).into_owned())
}

/// The same, as bytes.
fn pieces(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|byte| *byte == 0xff)
}
