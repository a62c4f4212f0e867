//! The log of a watch, on standard error. Whoever reads that may stop to do
//! so: a watch must not stop with them, so what nobody takes is lost and
//! counted.

use crate::cli::LogFormat;
use crate::report::{self, Event, LogForm, Notice};
use crate::run::World;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::time::{Duration, Instant};

/// How long to wait for who reads. A reader that is only slow, or is started
/// again, misses nothing.
const PATIENCE: Duration = Duration::from_secs(2);
/// A pipe that takes anything takes so many bytes without a wait.
const PART: usize = 4096;

/// The log, and what of it nobody took.
#[derive(Debug)]
pub(super) struct Log {
    form: LogForm,
    lost: u64,
    /// Whether the last line ends in the middle.
    is_torn: bool,
}

impl Log {
    pub(super) fn new(format: LogFormat) -> Self {
        let form = match format {
            LogFormat::Human => LogForm::Human,
            LogFormat::Json => LogForm::Json,
        };
        Self {
            form,
            lost: 0,
            is_torn: false,
        }
    }

    /// Writes one notice; `time` is when it was.
    pub(super) fn say(&mut self, notice: &Notice, time: &str, world: &mut World<'_>) {
        let lost = self.lost;
        // Who waited in vain once does not wait again until somebody reads:
        // else each line would take that long.
        if lost > 0 && !takes_more(Duration::ZERO) {
            self.lost += 1;
            return;
        }
        let mut text = Vec::new();
        if self.is_torn {
            text.push(b'\n');
        }
        let rendered = if lost > 0 {
            let message = format!("{lost} notices were lost here, since nobody read this log");
            let missing = Notice::new(Event::Failed, message).number("lost", lost);
            report::log(&missing, self.form, time, &mut text)
        } else {
            Ok(())
        };
        let rendered = rendered.and_then(|()| report::log(notice, self.form, time, &mut text));
        // It is rendered into memory.
        if rendered.is_err() {
            return;
        }
        for (index, part) in text.chunks(PART).enumerate() {
            if !takes_more(PATIENCE) {
                self.is_torn = index > 0 || self.is_torn;
                self.lost += 1;
                return;
            }
            match world.err.write_all(part).and_then(|()| world.err.flush()) {
                // Where there is nobody to tell, the figures have to do.
                Ok(()) | Err(_) => {}
            }
        }
        (self.lost, self.is_torn) = (0, false);
    }
}

/// Whether standard error takes a part at once, or within so long. One that
/// is closed or broken takes it too: to write it fails, and does not wait.
fn takes_more(patience: Duration) -> bool {
    let stderr = std::io::stderr();
    let begin = Instant::now();
    loop {
        let left = patience.saturating_sub(begin.elapsed());
        let Ok(timeout) = Timespec::try_from(left) else {
            return true;
        };
        match poll(&mut [PollFd::new(&stderr, PollFlags::OUT)], Some(&timeout)) {
            Ok(ready) => return ready > 0,
            Err(Errno::INTR) => {}
            // Where that cannot be asked, it is written as it always was.
            Err(_) => return true,
        }
    }
}
