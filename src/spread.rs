//! Work spread over threads, with results in the order of what was given:
//! which thread was faster can never be told from them. It knows nothing of
//! what is done.

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Threads to do a piece of work with.
pub struct Spread {
    /// `None` does it all in this thread.
    pool: Option<ThreadPool>,
}

impl Spread {
    /// So many threads; none where the system has none to give, which makes
    /// the work slower and nothing else.
    pub fn over(threads: usize) -> Self {
        Self {
            pool: ThreadPoolBuilder::new().num_threads(threads).build().ok(),
        }
    }

    /// This thread alone.
    pub fn alone() -> Self {
        Self { pool: None }
    }

    /// As many threads as there are processors.
    pub fn over_processors() -> Self {
        let processors = std::thread::available_parallelism();
        processors.map_or_else(|_| Self::alone(), |count| Self::over(count.get()))
    }

    /// Does a piece of work with each part of `items`, at most `size` long, and
    /// gives the results to `take` in order, before much more is begun.
    pub fn each<T: Sync, R: Send>(
        &self,
        items: &[T],
        size: usize,
        work: impl Fn(&[T]) -> R + Sync,
        mut take: impl FnMut(R),
    ) {
        let size = size.max(1);
        let Some(pool) = &self.pool else {
            return items.chunks(size).map(work).for_each(take);
        };
        let ahead = size * AHEAD * pool.current_num_threads();
        for part in items.chunks(ahead) {
            let results: Vec<R> = pool.install(|| part.par_chunks(size).map(&work).collect());
            results.into_iter().for_each(&mut take);
        }
    }
}

/// How many pieces for each thread are done before their results are taken:
/// some of them take longer than others.
const AHEAD: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn results_come_in_order_whoever_was_faster() {
        let items: Vec<usize> = (0..1000).collect();
        for spread in [Spread::alone(), Spread::over(1), Spread::over(16)] {
            let mut all = Vec::new();
            let slow = |part: &[usize]| {
                if part.first().is_some_and(|first| first % 3 == 0) {
                    std::thread::yield_now();
                }
                part.to_vec()
            };
            spread.each(&items, 7, slow, |part| all.extend(part));
            assert_eq!(all, items);
        }
    }

    #[test]
    fn results_are_taken_before_much_more_is_begun() {
        let items: Vec<usize> = (0..10_000).collect();
        let spread = Spread::over(2);
        let begun = AtomicUsize::new(0);
        let mut taken = 0;
        let count = |part: &[usize]| {
            begun.fetch_add(part.len(), Ordering::Relaxed);
            part.len()
        };
        spread.each(&items, 10, count, |part| {
            assert!(begun.load(Ordering::Relaxed) - taken <= 10 * AHEAD * 2);
            taken += part;
        });
        assert_eq!(taken, items.len());
    }
}
