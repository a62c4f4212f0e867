//! What a run sees of the process around it: its streams, and whether a
//! person sits at them.
#![expect(
    clippy::disallowed_methods,
    reason = "asks whether GitHub Actions runs this and which signals are ignored, and nothing of \
              what is done"
)]

use super::Exit;
use crate::cli::Color;
use crate::process;
use crate::report::escaped;
use anstream::adapter::StripBytes;
use anstream::{AutoStream, ColorChoice};
use clap::error::{ContextKind, ContextValue};
use std::io::{self, IsTerminal as _, Read, Write};
use std::path::PathBuf;

/// Columns to which long lines are cut: the same everywhere, so that output
/// does not depend on who runs the command.
pub(super) const WIDTH: usize = 100;

/// The streams of a run.
pub struct World<'w> {
    /// Standard input.
    pub stdin: Box<dyn Read + 'w>,
    /// Data, and nothing else.
    pub out: Box<dyn Write + 'w>,
    /// Everything else.
    pub err: Box<dyn Write + 'w>,
    /// Whether a person can be asked.
    pub is_interactive: bool,
    /// Whether a person sees on `err` how far a long run is.
    pub shows_progress: bool,
    /// Whether `out` and `err` show colour unless `--color` says otherwise.
    pub colored: (bool, bool),
    /// Where GitHub Actions takes things up, if it runs this.
    pub github: Option<Github>,
}

/// What GitHub Actions gives a step.
#[derive(Debug, Clone, Default)]
pub struct Github {
    /// The file of the step's outputs.
    pub output: Option<PathBuf>,
    /// The file of the step's summary.
    pub summary: Option<PathBuf>,
}

impl Github {
    fn of_process() -> Option<Self> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        if variable("GITHUB_ACTIONS")? != "true" {
            return None;
        }
        Some(Self {
            output: variable("GITHUB_OUTPUT").map(PathBuf::from),
            summary: variable("GITHUB_STEP_SUMMARY").map(PathBuf::from),
        })
    }
}

/// How much data is put together before it is written, in bytes.
const BUFFER: usize = 64 * 1024;

impl World<'static> {
    /// The process's own streams. Data is buffered: a plan may be a million
    /// lines.
    pub fn of_process() -> Self {
        let out_choice = AutoStream::choice(&io::stdout());
        let err_choice = AutoStream::choice(&io::stderr());
        Self {
            stdin: Box::new(io::stdin()),
            out: Box::new(io::BufWriter::with_capacity(BUFFER, io::stdout())),
            err: Box::new(io::stderr()),
            is_interactive: io::stdin().is_terminal() && io::stderr().is_terminal(),
            shows_progress: io::stderr().is_terminal(),
            colored: (
                out_choice != ColorChoice::Never,
                err_choice != ColorChoice::Never,
            ),
            github: Github::of_process(),
        }
    }
}

impl World<'_> {
    /// Makes the process itself fit for secrets, and for as many files as it
    /// may have. For the program; who uses the library decides for itself.
    pub fn prepare_process(&mut self) {
        process::open_all_files();
        // Without it such a write ends the process, and the next run mends it.
        process::outlive_large_files().ok();
        if let Err(error) = process::keep_memory_private() {
            let error = io::Error::from(error);
            self.tell(&format!(
                "warning: a crash may leave tokens in a core dump: {error}"
            ));
        }
    }
}

const DEL: u8 = 0x7f;

/// Whether a byte that stands in no style is surely part of none: most data
/// is of these alone, and a plan may have hundreds of megabytes of them.
fn is_shown(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n')
}

/// A stream that shows no colour. Everything is written with styles; this
/// takes them out.
pub(super) struct Plain<'w> {
    stream: Box<dyn Write + 'w>,
    state: StripBytes,
}

impl<'w> Plain<'w> {
    pub(super) fn new(stream: Box<dyn Write + 'w>) -> Self {
        Self {
            stream,
            state: StripBytes::new(),
        }
    }

    fn boxed(stream: Box<dyn Write + 'w>) -> Box<dyn Write + 'w> {
        Box::new(Self::new(stream))
    }
}

impl Write for Plain<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.state == StripBytes::new() && bytes.iter().copied().all(is_shown) {
            self.stream.write_all(bytes)?;
            return Ok(bytes.len());
        }
        // What takes styles out takes DEL for one, and a label may hold it.
        for piece in bytes.split_inclusive(|byte| *byte == DEL) {
            let (piece, del) = match piece.strip_suffix(&[DEL]) {
                Some(rest) => (rest, &[DEL][..]),
                None => (piece, &[][..]),
            };
            for part in self.state.strip_next(piece) {
                self.stream.write_all(part)?;
            }
            self.stream.write_all(del)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl World<'_> {
    /// Follows `--color`; `auto` is what the streams are.
    pub(super) fn set_color(&mut self, color: Color) {
        let (out, err) = match color {
            Color::Auto => self.colored,
            Color::Always => (true, true),
            Color::Never => (false, false),
        };
        let nothing = || -> Box<dyn Write> { Box::new(io::sink()) };
        if !out {
            self.out = Plain::boxed(std::mem::replace(&mut self.out, nothing()));
        }
        if !err {
            self.err = Plain::boxed(std::mem::replace(&mut self.err, nothing()));
        }
    }

    /// What a failed write of data means: a reader that has seen enough is
    /// no failure.
    pub(super) fn written(&mut self, result: io::Result<()>) -> Exit {
        match result {
            Ok(()) => Exit::Done,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Err(error) => {
                // What is still to be written would fail in the same way, and
                // be told again.
                self.out = Box::new(io::sink());
                self.tell(&format!(
                    "error: standard output cannot be written: {error}"
                ));
                Exit::Failed
            }
        }
    }

    /// Writes a line for people, after all data that was written before it:
    /// in a log that takes both, an error stands below the plan that it is
    /// about. Where even that fails there is nobody to tell, and the exit code
    /// has to do.
    pub(super) fn tell(&mut self, line: &str) {
        match self.out.flush() {
            // Told when all data is written, by the last flush.
            Ok(()) | Err(_) => {}
        }
        match writeln!(self.err, "{line}") {
            Ok(()) | Err(_) => {}
        }
    }

    /// Writes an error, what caused it, and what to do.
    pub(super) fn error(&mut self, error: &anyhow::Error, hint: Option<&str>) {
        self.tell(&format!("error: {}", escaped(&error.to_string())));
        for cause in error.chain().skip(1) {
            self.tell(&format!("  caused by: {}", escaped(&cause.to_string())));
        }
        if let Some(hint) = hint {
            self.tell(&format!("hint: {}", escaped(hint)));
        }
    }

    /// What clap says: help and version are data, the rest is an error.
    pub(super) fn usage(&mut self, mut error: clap::Error) -> Exit {
        escape_given(&mut error);
        let text = error.render().ansi().to_string();
        if error.use_stderr() {
            self.tell(text.trim_end());
            return Exit::Failed;
        }
        let result = self.out.write_all(text.as_bytes());
        let flushed = result.and_then(|()| self.out.flush());
        self.written(flushed)
    }
}

/// Escapes what an error tells of the arguments: a line break in one of them
/// would let it begin a line, and be a command of a pipeline.
fn escape_given(error: &mut clap::Error) {
    let escape = |text: &String| escaped(text).into_owned();
    let given = error.context().filter_map(|(kind, value)| match value {
        ContextValue::String(text) => Some((kind, ContextValue::String(escape(text)))),
        ContextValue::Strings(texts) => {
            let texts = texts.iter().map(escape).collect();
            Some((kind, ContextValue::Strings(texts)))
        }
        // Numbers, switches, and what clap has put in styles itself.
        _ => None,
    });
    let given: Vec<_> = given.collect();
    let is_odd = error.context().any(|(kind, value)| {
        let escaped = given.iter().find(|(other, _)| *other == kind);
        escaped.is_some_and(|(_, escaped)| escaped != value)
    });
    for (kind, value) in given {
        error.insert(kind, value);
    }
    if is_odd {
        // A tip has the argument in it, and is styled already.
        error.insert(ContextKind::Suggested, ContextValue::None);
    }
}

/// Whether whoever started this process wants it to ignore a signal. Where the
/// system does not say, nobody does.
pub(super) fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").ok();
    status.is_some_and(|status| names_ignored(&status, signal))
}

/// Whether the mask of ignored signals in a process's status holds this one.
fn names_ignored(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let bit = u32::try_from(signal).ok().and_then(|n| n.checked_sub(1));
    let bit = bit.and_then(|bit| 1_u64.checked_shl(bit));
    mask.zip(bit).is_some_and(|(mask, bit)| mask & bit != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_signal_is_one_bit_of_the_mask() {
        let status = "Name:\tx\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000001001\nSigCgt:\t0\n";
        for (signal, expect) in [(1, true), (13, true), (2, false), (0, false), (99, false)] {
            assert_eq!(names_ignored(status, signal), expect, "{signal}");
        }
        assert!(!names_ignored("SigIgn:\tno number\n", 1));
        assert!(!names_ignored("", 1));
    }

    #[test]
    fn only_styles_are_taken_out() {
        for text in [
            "a\u{7f}b",
            "\u{7f}",
            "\u{7f}\u{7f}x",
            "é \u{85} \u{9b} \u{202e} \u{1f600}",
            "a\tb\r\nc",
        ] {
            let styled = format!("\u{1b}[1;31m{text}\u{1b}[0m");
            for size in [1, 2, 3, styled.len()] {
                let mut plain = Vec::new();
                let mut stream = Plain::new(Box::new(&mut plain));
                for piece in styled.as_bytes().chunks(size) {
                    stream.write_all(piece).unwrap();
                }
                drop(stream);
                assert_eq!(String::from_utf8_lossy(&plain), text, "in pieces of {size}");
            }
        }
    }
}
