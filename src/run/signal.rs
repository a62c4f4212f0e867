//! The signals that end a run early: the first is a wish, which is asked for
//! between links; the second ends the process at once, and what it leaves is
//! put in order by the next run.

use super::world::is_ignored;
use anyhow::Context as _;
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What is added to a signal's number to make an exit code of it.
const BASE: i32 = 128;

/// The signals of a run, from the moment it may be half done.
#[derive(Debug)]
pub(super) struct Signals {
    /// The first that came; 0 is none.
    seen: Arc<AtomicUsize>,
    registered: Vec<SigId>,
}

impl Signals {
    /// Listens from now on, also for a terminal that is closed, unless whoever
    /// started this wants it to outlast that, as `nohup` does.
    pub(super) fn listen() -> anyhow::Result<Self> {
        let hangup = (!is_ignored(SIGHUP)).then_some(SIGHUP);
        Self::listen_to([SIGINT, SIGTERM].into_iter().chain(hangup))
    }

    /// The same for a watch, to which a hangup is a wish to look anew.
    pub(super) fn listen_but_to_hangups() -> anyhow::Result<Self> {
        Self::listen_to([SIGINT, SIGTERM])
    }

    fn listen_to(wishes: impl IntoIterator<Item = i32>) -> anyhow::Result<Self> {
        let (seen, is_second) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let mut signals = Self {
            seen,
            registered: Vec::new(),
        };
        for signal in wishes {
            let number = usize::try_from(signal).context("a signal has a number")?;
            // In this order: the first signal finds nothing to end, and only
            // then says that it was there.
            let registered = [
                flag::register_conditional_shutdown(signal, BASE + signal, Arc::clone(&is_second)),
                flag::register_usize(signal, Arc::clone(&signals.seen), number),
                flag::register(signal, Arc::clone(&is_second)),
            ];
            for registered in registered {
                let registered = registered.context("cannot listen to signals")?;
                signals.registered.push(registered);
            }
        }
        Ok(signals)
    }

    /// The signal that came, if one did.
    pub(super) fn seen(&self) -> Option<u8> {
        match self.seen.load(Ordering::Relaxed) {
            0 => None,
            number => u8::try_from(number).ok(),
        }
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for registered in self.registered.drain(..) {
            signal_hook::low_level::unregister(registered);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_signal_is_only_seen() {
        let signals = Signals::listen().unwrap();
        assert_eq!(signals.seen(), None);
        signal_hook::low_level::raise(SIGTERM).unwrap();
        assert_eq!(signals.seen(), Some(15));
    }
}
