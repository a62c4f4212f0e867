//! The lines of a snapshot's text, each bounded and named where it is wrong.

use super::error::SnapshotError;
use serde::de::DeserializeOwned;

/// The longest line, in bytes: an entry takes some more memory than its text.
pub(super) const MAX_LINE: usize = 16 * 1024 * 1024;

/// The lines of a text, one by one.
pub(super) struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    number: usize,
}

/// A line without its line break.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'t> {
    pub(super) text: &'t [u8],
    /// Counted from 1.
    pub(super) number: usize,
    /// Its first byte.
    pub(super) start: usize,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t [u8]) -> Self {
        Self {
            text,
            at: 0,
            number: 0,
        }
    }

    pub(super) fn next(&mut self) -> Result<Line<'t>, SnapshotError> {
        self.number += 1;
        let (number, start) = (self.number, self.at);
        let rest = self.text.get(start..).unwrap_or_default();
        let Some(length) = rest.iter().position(|b| *b == b'\n') else {
            return Err(SnapshotError::Cut(number));
        };
        if length > MAX_LINE {
            let (limit, what) = (MAX_LINE, "bytes");
            return Err(SnapshotError::TooMuch {
                line: number,
                limit,
                what,
            });
        }
        self.at = start + length + 1;
        Ok(Line {
            text: rest.get(..length).unwrap_or_default(),
            number,
            start,
        })
    }

    pub(super) fn expect(
        &mut self,
        text: &[u8],
        expected: &'static str,
    ) -> Result<(), SnapshotError> {
        let line = self.next()?;
        if line.text == text {
            return Ok(());
        }
        Err(SnapshotError::Layout {
            line: line.number,
            expected,
        })
    }

    pub(super) fn expect_end(&self) -> Result<(), SnapshotError> {
        if self.at == self.text.len() {
            return Ok(());
        }
        Err(SnapshotError::Layout {
            line: self.number + 1,
            expected: "nothing: the snapshot ended above",
        })
    }
}

impl Line<'_> {
    pub(super) fn json<T: DeserializeOwned>(self) -> Result<T, SnapshotError> {
        serde_json::from_slice(self.text).map_err(|error| {
            let text = error.to_string();
            let why = text.rsplit_once(" at line ").map_or(&*text, |(why, _)| why);
            SnapshotError::Json {
                line: self.number,
                column: error.column(),
                why: why.chars().take(200).collect(),
            }
        })
    }

    pub(super) fn value(self, what: String) -> SnapshotError {
        SnapshotError::Value {
            line: self.number,
            what,
        }
    }
}
