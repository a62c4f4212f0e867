//! Files that are named on the command line: a plan is written to one whole,
//! or not at all, and read again.
#![expect(
    clippy::disallowed_methods,
    reason = "the files that are named with --out, --output and --plan, which are no links"
)]

use super::{Exit, Stop};
use anyhow::{Context as _, anyhow};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Opens no pipe that nobody reads, and writes to none that is full.
const NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();

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
        Ok(_) | Err(_) => replace(path, Mode::Masked(0o666), content),
    };
    written
        .with_context(|| format!("cannot write `{}`", path.display()))
        .map_err(|error| Stop {
            exit: Exit::Failed,
            error,
            hint: Some("the file is given with --out; nothing was applied".to_owned()),
        })
}

/// Writes a file that others read, whatever the mask of the process (0644):
/// figures and health of a service.
///
/// # Errors
/// Those of the file and of `content`; a pipe takes nothing just now.
pub(super) fn write_public(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    let written = match fs::metadata(path) {
        // To a pipe that nobody reads it would wait for ever.
        Ok(found) if !found.is_file() => File::options()
            .write(true)
            .custom_flags(NONBLOCK)
            .open(path)
            .and_then(|file| fill(file, content)),
        Ok(_) | Err(_) => replace(path, Mode::Exactly(0o644), content),
    };
    written.with_context(|| format!("cannot write `{}`", path.display()))
}

/// Writes a file that is for its owner alone (0600). What is no regular file,
/// such as a pipe, is written to as it is.
///
/// # Errors
/// Those of the file and of `content`.
pub(super) fn write_private<E: From<io::Error>>(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), E> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => fill(File::options().write(true).open(path)?, content),
        Ok(_) | Err(_) => replace(path, Mode::Masked(0o600), content),
    }
}

/// Whether a path, which need not be there, is below a folder.
///
/// # Errors
/// The folder that it is in is not there.
pub(super) fn is_below(path: &Path, folder: &Path) -> io::Result<bool> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    // A link in its place is followed when it is written.
    let real = fs::canonicalize(path).or_else(|_| fs::canonicalize(parent))?;
    Ok(real.starts_with(fs::canonicalize(folder)?))
}

/// Refuses files that are asked for and could not be what is asked for: one
/// below the root, where only links may lie, and one that two forms go to, of
/// which the second would replace the first.
pub(super) fn check<'f>(
    files: impl Iterator<Item = &'f Path>,
    root: Option<&Path>,
) -> Result<(), Stop> {
    let mut met = BTreeSet::new();
    for file in files {
        // What there is no place for is told when it is written.
        if let Some(root) = root
            && is_below(file, root).unwrap_or(false)
        {
            return Err(anyhow!(
                "`{}` is below the root, where only links may lie",
                file.display()
            )
            .into());
        }
        // Pipes and devices take whatever comes.
        let takes_all = fs::metadata(file).is_ok_and(|found| !found.is_file());
        if !takes_all && !met.insert(real_name(file)) {
            return Err(Stop {
                exit: Exit::Failed,
                error: anyhow!("two forms would go to the file `{}`", file.display()),
                hint: Some("give each of them a file of its own".to_owned()),
            });
        }
    }
    Ok(())
}

/// Whether two paths are one file, which need not be there.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    real_name(one) == real_name(other)
}

/// By what a file is known, however it is spelled; it need not be there.
fn real_name(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            Some(_) | None => Path::new("."),
        };
        let folder = fs::canonicalize(folder).ok();
        let name = folder.zip(path.file_name());
        name.map_or_else(|| path.to_owned(), |(folder, name)| folder.join(name))
    })
}

/// What a file is called while it is written here and after: in its folder as
/// it is given, and as it really is.
pub(super) fn names_of(path: &Path) -> Vec<PathBuf> {
    let given = std::path::absolute(path).ok();
    let folder = given.as_deref().and_then(Path::parent);
    let real = folder.and_then(|folder| fs::canonicalize(folder).ok());
    let real = real
        .zip(path.file_name())
        .map(|(folder, name)| folder.join(name));
    let names = given.into_iter().chain(real);
    names
        .flat_map(|name| beside(&name).into_iter().chain([name]))
        .collect()
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

/// How many bytes a file has; none where it is not there yet.
pub(super) fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}

/// The mode of a new file.
#[derive(Clone, Copy)]
enum Mode {
    /// Narrowed by the mask of the process.
    Masked(u32),
    /// Whatever the mask.
    Exactly(u32),
}

/// Replaces a file by a new one.
fn replace<E: From<io::Error>>(
    path: &Path,
    mode: Mode,
    content: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), E> {
    // A link in its place goes on pointing to it.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let beside = beside(&path)?;
    let mut options = File::options();
    options.write(true).create_new(true).mode(match mode {
        Mode::Masked(mode) => mode,
        Mode::Exactly(_) => 0o600,
    });
    let file = options.open(&beside).or_else(|error| {
        if error.kind() != io::ErrorKind::AlreadyExists {
            return Err(error);
        }
        // Left by one that was killed and had our number, as each has that is
        // the first of a container.
        fs::remove_file(&beside)?;
        options.open(&beside)
    })?;
    match mode {
        Mode::Masked(_) => {}
        Mode::Exactly(mode) => file.set_permissions(fs::Permissions::from_mode(mode))?,
    }
    let replaced = fill(file, content).and_then(|()| Ok(fs::rename(&beside, &path)?));
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

fn fill<E: From<io::Error>>(
    file: File,
    content: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), E> {
    let mut out = BufWriter::new(file);
    content(&mut out)?;
    Ok(out.flush()?)
}
