//! The lines below a row: a name and what is to be said about it. Names stand
//! in one column; a value may take several lines.

use crate::report::style::{DIM, styled};
use std::io::{self, Write};

/// How far lines are indented.
const INDENT: usize = 4;

/// One name with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::report) struct Line {
    /// A field, or what kind of thing it is; ours, or a key from a closed set.
    pub(in crate::report) name: &'static str,
    /// The value, one element for each line of output.
    pub(in crate::report) text: Vec<String>,
}

impl Line {
    pub(in crate::report) fn new(name: &'static str, text: impl Into<String>) -> Self {
        Self {
            name,
            text: vec![text.into()],
        }
    }
}

/// The width of the column of names.
pub(super) fn name_width(names: impl IntoIterator<Item = &'static str>) -> usize {
    names.into_iter().map(str::len).max().unwrap_or(0)
}

/// The room to the right of a column of names.
pub(super) fn room(width: usize, name_width: usize) -> usize {
    width.saturating_sub(INDENT + name_width + 2)
}

/// Writes lines with their names in one column.
pub(super) fn write(lines: &[Line], out: &mut dyn Write) -> io::Result<()> {
    let column = name_width(lines.iter().map(|line| line.name));
    for line in lines {
        let mut name = line.name;
        for text in &line.text {
            // Padded by hand: a style's bytes would count as width.
            let padding = " ".repeat(column - name.len().min(column));
            let name_shown = if name.is_empty() {
                String::new()
            } else {
                styled(DIM, name)
            };
            writeln!(out, "{:INDENT$}{name_shown}{padding}  {text}", "")?;
            name = "";
        }
    }
    Ok(())
}
