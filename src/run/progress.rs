//! How far a long apply is, for a person at a terminal: one line that is
//! written over, some times a second at most, and taken away at the end. A log
//! or a pipe gets none of it, and nothing is decided from it.

use std::io::Write;
use std::time::{Duration, Instant};

/// Most applies are over before; their outcome says it all.
const QUIET: Duration = Duration::from_secs(1);
/// Time between two lines.
const PACE: Duration = Duration::from_millis(250);

/// The line, or that nobody wants one.
pub(super) struct Progress<'w> {
    /// What is under way.
    doing: &'static str,
    err: Option<&'w mut dyn Write>,
    /// When the next one may be written.
    next: Instant,
    /// Columns of the one that stands there.
    width: usize,
}

impl<'w> Progress<'w> {
    /// Of an apply that begins now, or an undo: `doing` says which. `None` is a
    /// stream that no person looks at.
    pub(super) fn new(doing: &'static str, err: Option<&'w mut dyn Write>, now: Instant) -> Self {
        Self {
            doing,
            err,
            next: now + QUIET,
            width: 0,
        }
    }

    /// Hears how many changes are over, out of how many.
    pub(super) fn hear(&mut self, now: Instant, done: usize, total: usize) {
        if now < self.next || done >= total {
            return;
        }
        self.next = now + PACE;
        self.write(&format!("{}: {done} of {total} changes", self.doing));
    }

    /// Takes the line away, so that the next one stands in its place.
    pub(super) fn clear(mut self) {
        if self.width > 0 {
            self.write("");
        }
    }

    /// Writes over the line with blanks and not with a control sequence, which
    /// a stream without colour would take out.
    fn write(&mut self, text: &str) {
        let Some(err) = &mut self.err else { return };
        let width = self.width;
        let start = if text.is_empty() { "\r" } else { "" };
        let written = write!(err, "\r{text:width$}{start}").and_then(|()| err.flush());
        match written {
            Ok(()) => self.width = text.len(),
            // Whoever looked is gone; the apply goes on all the same.
            Err(_) => self.err = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written when so much is heard after so many milliseconds.
    fn check(heard: &[(u64, usize)], total: usize, expect: &str) {
        let mut written = Vec::new();
        let start = Instant::now();
        let mut progress = Progress::new("Applying", Some(&mut written), start);
        for (after, done) in heard {
            progress.hear(start + Duration::from_millis(*after), *done, total);
        }
        progress.clear();
        assert_eq!(String::from_utf8(written).unwrap(), expect, "{heard:?}");
    }

    #[test]
    fn a_short_apply_shows_nothing() {
        check(&[(0, 0), (500, 256), (999, 512), (5000, 1000)], 1000, "");
    }

    #[test]
    fn a_long_one_shows_a_line_at_a_time_and_leaves_none() {
        check(
            &[(999, 1), (1000, 2), (1100, 3), (1249, 4), (1250, 5)],
            1000,
            "\rApplying: 2 of 1000 changes\rApplying: 5 of 1000 changes\
             \r                           \r",
        );
    }

    #[test]
    fn a_shorter_line_leaves_nothing_of_the_longer_one() {
        check(
            &[(1000, 10), (2000, 9)],
            20,
            "\rApplying: 10 of 20 changes\rApplying: 9 of 20 changes \
             \r                         \r",
        );
    }

    #[test]
    fn an_undo_is_not_called_an_apply() {
        let mut written = Vec::new();
        let start = Instant::now();
        let mut progress = Progress::new("Undoing", Some(&mut written), start);
        progress.hear(start + QUIET, 1, 9);
        assert_eq!(written, b"\rUndoing: 1 of 9 changes");
    }

    #[test]
    fn a_stream_that_is_gone_is_written_to_once() {
        struct Gone(usize);
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                self.0 += 1;
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let mut gone = Gone(0);
        let start = Instant::now();
        let mut progress = Progress::new("Applying", Some(&mut gone), start);
        progress.hear(start + QUIET, 1, 9);
        progress.hear(start + QUIET + PACE, 2, 9);
        progress.clear();
        assert_eq!(gone.0, 1);
        let mut nobody = Progress::new("Undoing", None, start);
        nobody.hear(start + QUIET, 1, 9);
        nobody.clear();
    }
}
