//! Trying many points on all cores, and saying what came of it: how many were
//! tried, how many were reached, how many violations.

use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many violations are shown.
const SHOWN: usize = 10;

/// What came of one point.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    /// Whether the fault struck.
    pub(crate) is_reached: bool,
    /// What was wrong.
    pub(crate) violations: Vec<String>,
}

/// The points that are tried, and how many there are.
#[derive(Debug)]
pub(crate) struct Sample<P> {
    pub(crate) points: Vec<P>,
    total: usize,
}

/// Says a line that is seen without `--nocapture` too.
pub(crate) fn say(line: &str) {
    writeln!(std::io::stderr(), "crash: {line}").ok();
}

/// Whether every point is tried.
pub(crate) fn tries_all() -> bool {
    std::env::var_os("CPLINKS_CRASH").is_some_and(|value| value == "all")
}

/// About so many of them, evenly spread, unless all are asked for.
pub(crate) fn sample<P>(all: Vec<P>, most: usize) -> Sample<P> {
    let total = all.len();
    let step = if tries_all() {
        1
    } else {
        all.len().div_ceil(most).max(1)
    };
    // Not the first of each step: the first points of a run are all alike.
    let points = all.into_iter().skip(step / 2).step_by(step).collect();
    Sample { points, total }
}

/// Tries each point, and fails if one was not reached or something was wrong.
///
/// # Panics
/// When there are violations, or points that were not reached.
pub(crate) fn sweep<P: Sync>(
    title: &str,
    sample: &Sample<P>,
    name: impl Fn(&P) -> String,
    try_point: impl Fn(usize, &P) -> Tried + Sync,
) {
    let Sample { points, total } = sample;
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(point) = points.get(index) else {
                        return;
                    };
                    let tried = try_point(index, point);
                    outcomes.lock().unwrap().push((index, tried));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap();
    outcomes.sort_by_key(|(index, _)| *index);
    let missed: Vec<_> = outcomes
        .iter()
        .filter(|(_, tried)| !tried.is_reached)
        .map(|(index, _)| format!("not reached: {}", name(&points[*index])))
        .collect();
    let violations: Vec<_> = outcomes
        .iter()
        .flat_map(|(index, tried)| tried.violations.iter().map(move |v| (index, v)))
        .map(|(index, violation)| format!("{}: {violation}", name(&points[*index])))
        .collect();
    say(&format!(
        "{title}: {} of {total} points tried, {} not reached, {} violations",
        points.len(),
        missed.len(),
        violations.len()
    ));
    let shown: Vec<_> = violations.iter().chain(&missed).take(SHOWN).collect();
    assert!(shown.is_empty(), "{title}: {shown:#?}");
}
