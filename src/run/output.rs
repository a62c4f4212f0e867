//! Files that are named on the command line: a plan is written to one whole,
//! or not at all, and read again.
#![expect(
    clippy::disallowed_methods,
    reason = "the files that are named with --out and --plan, which are no links"
)]

use super::{Exit, Stop};
use anyhow::Context as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

/// Writes a file. A regular one is replaced when the new one is whole; what is
/// not, such as a pipe, is written to.
pub(super) fn write(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Stop> {
    let written = match fs::metadata(path) {
        Ok(found) if !found.is_file() => File::options()
            .write(true)
            .open(path)
            .and_then(|file| fill(file, content)),
        Ok(_) | Err(_) => replace(path, content),
    };
    written
        .with_context(|| format!("cannot write `{}`", path.display()))
        .map_err(|error| Stop {
            exit: Exit::Failed,
            error,
            hint: Some("the file is given with --out; nothing was applied".to_owned()),
        })
}

/// Adds to a file that others write too.
pub(super) fn append(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Stop> {
    let appended = File::options().append(true).create(true).open(path);
    let appended = appended.and_then(|file| fill(file, content));
    appended
        .with_context(|| format!("cannot write `{}`", path.display()))
        .map_err(Stop::from)
}

/// Reads a file of at most so many bytes.
pub(super) fn read(path: &Path, limit: u64) -> anyhow::Result<Vec<u8>> {
    let read = || {
        let mut bytes = Vec::new();
        let file = File::open(path)?;
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error: io::Error| {
        anyhow::Error::new(error).context(format!("cannot read `{}`", path.display()))
    })
}

fn replace(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // A link in its place goes on pointing to it.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let beside = beside(&path)?;
    let file = File::options().write(true).create_new(true).open(&beside)?;
    let replaced = fill(file, content).and_then(|()| fs::rename(&beside, &path));
    if replaced.is_err() {
        // The error that matters is the one before.
        fs::remove_file(&beside).ok();
    }
    replaced
}

/// A name of our own in the same folder.
fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}", std::process::id()));
    Ok(path.with_file_name(hidden))
}

fn fill(file: File, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    content(&mut out)?;
    out.flush()
}
