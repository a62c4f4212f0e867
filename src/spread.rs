//! Work spread over threads, with results in the order of what was given:
//! which thread was faster can never be told from them. It knows nothing of
//! what is done.

use crate::process;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, RecvError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Threads to do a piece of work with.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    threads: usize,
}

impl Spread {
    /// So many threads at most; fewer where there is less to do, where each
    /// could not have its files open, or the system has none to give, which
    /// makes the work slower and nothing else.
    pub fn over(threads: usize) -> Self {
        let threads = threads.min(process::spare_files() / OPEN_EACH).max(1);
        Self { threads }
    }

    /// This thread alone.
    pub fn alone() -> Self {
        Self::over(1)
    }

    /// As many threads as there are processors.
    pub fn over_processors() -> Self {
        let processors = thread::available_parallelism();
        processors.map_or_else(|_| Self::alone(), |count| Self::over(count.get()))
    }

    /// No more than so many of them.
    #[must_use]
    pub fn at_most(self, threads: usize) -> Self {
        Self {
            threads: self.threads.min(threads).max(1),
        }
    }

    /// How many parts are begun at most before the result of the first is
    /// taken.
    pub fn ahead(self) -> usize {
        AHEAD * self.threads
    }

    /// Does a piece of work with each part of `items`, at most `size` long, and
    /// gives the results to `take` in order, before much more is begun.
    pub fn each<T: Sync, R: Send>(
        self,
        items: &[T],
        size: usize,
        work: impl Fn(&[T]) -> R + Sync,
        mut take: impl FnMut(R),
    ) {
        let size = size.max(1);
        let count = items.len().div_ceil(size);
        let threads = self.threads.min(count);
        if threads < 2 {
            return items.chunks(size).map(work).for_each(take);
        }
        let work = |index: usize| {
            let start = index.saturating_mul(size);
            let rest = items.get(start..).unwrap_or_default();
            work(rest.get(..size).unwrap_or(rest))
        };
        let (order, orders) = channel();
        let orders = Mutex::new(orders);
        thread::scope(|scope| {
            // Dropped at the end of this, which ends the threads.
            let order = order;
            let ahead = Self { threads }.ahead();
            let begin = |index| match order.send(index) {
                // It is heard as long as `orders` is there.
                Ok(()) | Err(_) => {}
            };
            (0..count.min(ahead)).for_each(begin);
            let (done, results) = channel();
            for _ in 0..threads {
                let (orders, work, done) = (&orders, &work, done.clone());
                let thread = thread::Builder::new();
                if thread
                    .spawn_scoped(scope, move || follow(orders, work, &done))
                    .is_err()
                {
                    break;
                }
            }
            drop(done);
            let mut early = BTreeMap::new();
            for next in 0..count {
                let result = loop {
                    if let Some(result) = early.remove(&next) {
                        break result;
                    }
                    match results.recv() {
                        Ok((index, result)) => {
                            early.insert(index, result);
                        }
                        // There is no thread.
                        Err(RecvError) => break Ok(work(next)),
                    }
                };
                take(result.unwrap_or_else(|panic| resume_unwind(panic)));
                if next + ahead < count {
                    begin(next + ahead);
                }
            }
        });
    }
}

/// Does something in a thread of its own while something else is done in this
/// one, and gives what came of both; one after the other where the system has
/// no thread to give.
pub fn beside<A: Send, B>(other: impl Fn() -> A + Sync, here: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, &other);
        let of_here = here();
        let of_other = match thread {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => other(),
        };
        (of_other, of_here)
    })
}

/// Files that one thread may have open: a user's two folders, a file in one of
/// them, and one that is only looked at.
const OPEN_EACH: usize = 4;

/// How many pieces for each thread are begun before the first of their results
/// is taken: some of them take longer than others.
const AHEAD: usize = 8;

/// What a thread does: one piece after another, as they are given out.
fn follow<R>(
    orders: &Mutex<Receiver<usize>>,
    work: &impl Fn(usize) -> R,
    done: &Sender<(usize, thread::Result<R>)>,
) {
    let next = || orders.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(index) = next() {
        // Who waits for the result has to know.
        let result = catch_unwind(AssertUnwindSafe(|| work(index)));
        if done.send((index, result)).is_err() {
            return;
        }
    }
}

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
                    thread::yield_now();
                }
                part.to_vec()
            };
            spread.each(&items, 7, slow, |part| all.extend(part));
            assert_eq!(all, items);
        }
    }

    #[test]
    fn a_panic_in_any_thread_is_one_of_whoever_asked() {
        let items: Vec<usize> = (0..1000).collect();
        let work = |part: &[usize]| assert!(!part.contains(&500), "the work fails");
        let asked = catch_unwind(|| Spread::over(4).each(&items, 1, work, |()| {}));
        assert_eq!(asked.unwrap_err().downcast_ref(), Some(&"the work fails"));
    }

    #[test]
    fn results_are_taken_before_much_more_is_begun() {
        let items: Vec<usize> = (0..10_000).collect();
        let spread = Spread::over(16).at_most(2);
        let begun = AtomicUsize::new(0);
        let mut taken = 0;
        let count = |part: &[usize]| {
            begun.fetch_add(part.len(), Ordering::Relaxed);
            part.len()
        };
        spread.each(&items, 10, count, |part| {
            assert!(begun.load(Ordering::Relaxed) - taken <= 10 * spread.ahead());
            taken += part;
        });
        assert_eq!(taken, items.len());
    }
}
