//! Where an import writes: everything is made in a private folder first, and
//! takes its place when all of it is whole. No file is replaced unasked.
#![expect(
    clippy::disallowed_methods,
    reason = "the folder and the secrets file that are named to import, which are no links"
)]

use super::super::Stop;
use super::{advised, tell};
use crate::import::{MANIFEST, is_header};
use anyhow::{Context as _, anyhow};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Whether files that differ are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    /// They stay, and nothing is written.
    Kept,
    /// `--force`.
    Replaced,
}

/// The real path of something that need not be there.
///
/// # Errors
/// The folder that it is in is not there.
pub(super) fn real(path: &Path) -> anyhow::Result<PathBuf> {
    let of_parent = || {
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            Some(_) | None => Path::new("."),
        };
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        Ok(fs::canonicalize(parent)?.join(name))
    };
    let real = match fs::canonicalize(path) {
        Ok(real) => Ok(real),
        Err(error) if error.kind() == io::ErrorKind::NotFound => of_parent(),
        Err(error) => Err(error),
    };
    real.with_context(|| format!("cannot write `{}`", path.display()))
}

/// The files of an import before they take their place.
pub(super) struct Stage {
    /// Where they go.
    folder: PathBuf,
    /// The folder that they are written in, for its owner alone.
    private: PathBuf,
    /// Their paths below the folder, in the order they were written.
    files: BTreeSet<String>,
    /// The tokens: the file in the making and where it goes.
    secrets: Option<(BufWriter<File>, PathBuf, PathBuf)>,
}

/// What became of the files.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Placed {
    /// Files that were not there.
    pub(super) new: usize,
    /// Files that were replaced or removed.
    pub(super) replaced: usize,
}

impl Stage {
    /// Makes the private folder: in the folder where that is there, so that
    /// it is on its file system, else beside it.
    ///
    /// # Errors
    /// Those of the file system.
    pub(super) fn begin(folder: &Path, secrets: Option<&Path>) -> anyhow::Result<Self> {
        let private = if folder.is_dir() {
            folder.join(format!(".import.{}", std::process::id()))
        } else {
            beside(folder)
        };
        let failed = || format!("cannot make `{}`", folder.display());
        DirBuilder::new()
            .mode(0o700)
            .create(&private)
            .with_context(failed)?;
        let mut stage = Self {
            folder: folder.to_owned(),
            private,
            files: BTreeSet::new(),
            secrets: None,
        };
        DirBuilder::new()
            .create(stage.new_folder())
            .with_context(failed)?;
        if let Some(path) = secrets {
            let staged = beside(path);
            let file = File::options()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&staged);
            let file = file.with_context(|| format!("cannot write `{}`", path.display()))?;
            stage.secrets = Some((BufWriter::new(file), staged, path.to_owned()));
        }
        Ok(stage)
    }

    /// What the folder will be, or what will be in it.
    fn new_folder(&self) -> PathBuf {
        self.private.join("new")
    }

    /// Writes a file of the manifest.
    ///
    /// # Errors
    /// Those of the file system.
    pub(super) fn write(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.new_folder().join(name);
        let write = || {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            let mut file = File::options().write(true).create_new(true).open(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        self.files.insert(name.to_owned());
        write().with_context(|| format!("cannot write `{}`", self.folder.join(name).display()))
    }

    /// Writes a line of the secrets file, if there is to be one.
    ///
    /// # Errors
    /// Those of the file system.
    pub(super) fn secret(&mut self, line: &str) -> anyhow::Result<()> {
        let Some((out, _, path)) = &mut self.secrets else {
            return Ok(());
        };
        out.write_all(line.as_bytes())
            .with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// Puts everything in its place: the tokens first, so that no manifest
    /// stands without them.
    ///
    /// # Errors
    /// A file is there and differs, and none is to be replaced: then nothing
    /// is. Or those of the file system.
    pub(super) fn place(&mut self, existing: Existing) -> Result<Placed, Stop> {
        if let Some((out, _, path)) = &mut self.secrets {
            let synced = out.flush().and_then(|()| out.get_ref().sync_all());
            synced.with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        let secrets = self.secrets.as_ref();
        let moves = secrets.map(|(_, staged, path)| (staged.clone(), path.clone()));
        let is_new_folder = !self.folder.is_dir();
        let files = self.files.iter().filter(|_| !is_new_folder);
        let files = files.map(|name| (self.new_folder().join(name), self.folder.join(name)));
        let mut todo = Vec::new();
        for (staged, path) in moves.into_iter().chain(files) {
            match lies(&staged, &path)? {
                Lies::Same => {}
                Lies::Nothing => todo.push((staged, path, RenameFlags::NOREPLACE)),
                Lies::Other => todo.push((staged, path, RenameFlags::empty())),
            }
        }
        let stale = self.stale()?;
        let differing = todo.iter().filter(|(.., flags)| flags.is_empty());
        let differing: Vec<_> = differing.map(|(_, path, _)| path).chain(&stale).collect();
        if let (Some(first), Existing::Kept) = (differing.first(), existing) {
            let more = differing.len() - 1;
            let others = if more == 0 {
                String::new()
            } else {
                format!(", and {more} more")
            };
            let error = anyhow!(
                "`{}` is there and would not stay as it is{others}",
                first.display()
            );
            let has_secrets = secrets.is_some_and(|(.., path)| path == *first);
            return Err(advised(
                error,
                tell::in_the_way(has_secrets, differing.len()),
            ));
        }
        let mut placed = Placed {
            new: todo.len() - (differing.len() - stale.len()),
            replaced: differing.len(),
        };
        for (staged, path, flags) in &todo {
            move_to(staged, path, *flags)?;
        }
        for path in &stale {
            fs::remove_file(path).with_context(|| format!("cannot remove `{}`", path.display()))?;
        }
        if is_new_folder {
            placed.new += self.files.len();
            move_to(&self.new_folder(), &self.folder, RenameFlags::NOREPLACE)?;
        }
        Ok(placed)
    }

    /// Files of users that an earlier import wrote and this one does not.
    fn stale(&self) -> anyhow::Result<Vec<PathBuf>> {
        let users = self.folder.join("users");
        let mut stale = Vec::new();
        let entries = match fs::read_dir(&users) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(stale),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot list `{}`", users.display()));
            }
        };
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list `{}`", users.display()))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let number = name.strip_suffix(".yaml").unwrap_or_default();
            let is_page = number.len() >= 4 && number.bytes().all(|b| b.is_ascii_digit());
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if is_page && is_file && !self.files.contains(&format!("users/{name}")) {
                let mut start = Vec::new();
                let file = File::open(entry.path());
                let read = file.and_then(|file| file.take(256).read_to_end(&mut start));
                read.with_context(|| format!("cannot read `{}`", entry.path().display()))?;
                if is_header(&start) {
                    stale.push(entry.path());
                }
            }
        }
        stale.sort();
        Ok(stale)
    }
}

impl Drop for Stage {
    /// Takes away what did not take its place. What cannot be removed is
    /// hidden from every manifest, and harms nothing.
    fn drop(&mut self) {
        let new = self.new_folder();
        for name in &self.files {
            fs::remove_file(new.join(name)).ok();
        }
        for folder in ["users/icons", "users", "icons", ""] {
            fs::remove_dir(new.join(folder)).ok();
        }
        fs::remove_dir(&self.private).ok();
        if let Some((_, staged, _)) = &self.secrets {
            fs::remove_file(staged).ok();
        }
    }
}

/// What lies where a file goes.
enum Lies {
    Nothing,
    Same,
    Other,
}

fn lies(staged: &Path, path: &Path) -> anyhow::Result<Lies> {
    let look = || match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Some(Lies::Nothing)),
        Err(error) => Err(error),
        Ok(found) if !found.is_file() => Ok(None),
        Ok(found) if found.len() != fs::metadata(staged)?.len() => Ok(Some(Lies::Other)),
        Ok(_) => {
            let files = (File::open(staged)?, File::open(path)?);
            let (staged, there) = (BufReader::new(files.0), BufReader::new(files.1));
            let mut bytes = staged.bytes().zip(there.bytes());
            let is_same = bytes.all(|pair| matches!(pair, (Ok(a), Ok(b)) if a == b));
            Ok(Some(if is_same { Lies::Same } else { Lies::Other }))
        }
    };
    let found: io::Result<_> = look();
    let found = found.with_context(|| format!("cannot read `{}`", path.display()))?;
    found.ok_or_else(|| anyhow!("`{}` is there and is no regular file", path.display()))
}

/// Moves a file or folder that is whole to its place, durably.
fn move_to(staged: &Path, path: &Path, flags: RenameFlags) -> anyhow::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("/"));
    let moved = || {
        fs::create_dir_all(parent)?;
        renameat_with(CWD, staged, CWD, path, flags)?;
        File::open(parent)?.sync_all()
    };
    let moved: io::Result<()> = moved();
    moved.with_context(|| format!("cannot write `{}`", path.display()))
}

/// A hidden name in the same folder.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or(MANIFEST.as_ref());
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}", std::process::id()));
    path.with_file_name(hidden)
}
