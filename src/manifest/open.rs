//! Opening what a manifest is made of, and what it names: regular files only,
//! bounded, never a FIFO that hangs, and never outside its folder, whatever
//! links lie on the way.
#![expect(
    clippy::disallowed_methods,
    reason = "one of the two places that open files; the other is store::disk"
)]

use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What is to be done about a file that others could change.
pub(super) const OWN_IT: &str = "make it owned by root and writable for root alone";

/// Whether files that others could have written are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OwnerCheck {
    /// They are read.
    #[default]
    Off,
    /// They are refused: root would act on what others wrote.
    Strict,
}

/// Why something was not read. The path is the caller's to name.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The system's answer.
    #[error("cannot be read: {0}")]
    Io(String),
    /// A folder, FIFO, socket or device.
    #[error("is {0}, not a regular file")]
    NotAFile(&'static str),
    /// Too large.
    #[error("is larger than {0} bytes")]
    TooLarge(u64),
    /// A link leads out of the folder.
    #[error("leads out of its folder through a symbolic link")]
    Outside,
    /// Others could have written it.
    #[error("could be changed by others: {path} has the owner {uid} and the mode {mode:04o}")]
    Unsafe {
        /// The file or the folder on the way to it.
        path: PathBuf,
        /// Its owner.
        uid: u32,
        /// Its permission bits.
        mode: u32,
    },
}

impl OpenError {
    /// The next step, for people.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unsafe { .. } => Some(OWN_IT.to_owned()),
            Self::Io(_) | Self::NotAFile(_) | Self::TooLarge(_) | Self::Outside => None,
        }
    }
}

impl From<std::io::Error> for OpenError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

/// Reads a file that the person at the command line named.
pub(crate) fn read_file(path: &Path, limit: u64, owners: OwnerCheck) -> Result<Vec<u8>, OpenError> {
    check_owners(path, owners)?;
    // NONBLOCK, so that a FIFO without a writer does not hang.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = rustix::fs::open(path, flags, Mode::empty()).map_err(std::io::Error::from)?;
    read_open(File::from(file), path, limit, owners)
}

/// Reads a file by a path that a manifest states: below `folder`, also after
/// following links, as a Kubernetes volume needs them.
pub(super) fn read_below(
    folder: &Path,
    path: &Path,
    limit: u64,
    owners: OwnerCheck,
) -> Result<Vec<u8>, OpenError> {
    let real = Border::of(folder)?.resolve(path)?;
    read_resolved(&real, &folder.join(path), limit, owners)
}

/// Reads a file whose real path is known; `named` is how it was given.
pub(super) fn read_resolved(
    real: &Path,
    named: &Path,
    limit: u64,
    owners: OwnerCheck,
) -> Result<Vec<u8>, OpenError> {
    check_owners(named, owners)?;
    let flags =
        OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NOFOLLOW;
    let file = rustix::fs::open(real, flags, Mode::empty()).map_err(std::io::Error::from)?;
    read_open(File::from(file), real, limit, owners)
}

/// The real path of a folder that nothing below it may lead out of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Border(PathBuf);

impl Border {
    /// That of this folder.
    ///
    /// # Errors
    /// It has no real path.
    pub(super) fn of(folder: &Path) -> Result<Self, OpenError> {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        Ok(Self(std::fs::canonicalize(folder)?))
    }

    /// The real path of something below it, whatever links lie on the way.
    ///
    /// # Errors
    /// It has none, or leads out of the folder.
    pub(super) fn resolve(&self, path: &Path) -> Result<PathBuf, OpenError> {
        let real = std::fs::canonicalize(self.0.join(path))?;
        if real.starts_with(&self.0) {
            Ok(real)
        } else {
            Err(OpenError::Outside)
        }
    }
}

fn read_open(
    file: File,
    path: &Path,
    limit: u64,
    owners: OwnerCheck,
) -> Result<Vec<u8>, OpenError> {
    let metadata = file.metadata()?;
    check_regular(&metadata)?;
    // What is open now is what counts, whatever lay there when the way to it
    // was looked at.
    check_owner(path, &metadata, owners)?;
    if metadata.len() > limit {
        return Err(OpenError::TooLarge(limit));
    }
    // Just as much as it takes: a snapshot may be most of the memory used.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    // It may grow while it is read.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(OpenError::TooLarge(limit));
    }
    Ok(bytes)
}

/// Reads everything from a stream.
pub(crate) fn read_stream(stream: impl std::io::Read, limit: u64) -> Result<Vec<u8>, OpenError> {
    let mut bytes = Vec::new();
    stream.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(OpenError::TooLarge(limit));
    }
    Ok(bytes)
}

fn check_regular(metadata: &std::fs::Metadata) -> Result<(), OpenError> {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    let what = if kind.is_file() {
        return Ok(());
    } else if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    };
    Err(OpenError::NotAFile(what))
}

/// Whether a path is a folder.
pub(super) fn is_folder(path: &Path) -> Result<bool, OpenError> {
    Ok(std::fs::metadata(path)?.is_dir())
}

/// All manifest files below a folder, in path order: `*.yaml` and `*.yml`.
/// Hidden files and folders are left out: `.git`, and the generations behind
/// the links of a Kubernetes volume.
pub(super) fn list(folder: &Path) -> Result<Vec<PathBuf>, OpenError> {
    let mut files = Vec::new();
    list_into(folder, &mut files, &mut |_| Listing::GoOn)?;
    files.sort();
    Ok(files)
}

/// Whether a listing goes into more folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    /// Into all of them.
    GoOn,
    /// It ends, with the files found so far.
    End,
}

/// Lists like [`list`], in no order and as far as it can be done: what was
/// found before an error counts. `enter` is shown each folder first.
pub(super) fn list_into(
    folder: &Path,
    files: &mut Vec<PathBuf>,
    enter: &mut dyn FnMut(&Path) -> Listing,
) -> Result<(), OpenError> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        match enter(&folder) {
            Listing::GoOn => {}
            Listing::End => return Ok(()),
        }
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            // A link to a folder is not gone into: it could lead in a circle.
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
                files.push(path);
            }
        }
    }
    Ok(())
}

/// Links that are followed on the way to a manifest.
pub(super) const MAX_LINKS: usize = 40;

/// Whether nothing at all lies at a path. A link that leads nowhere is
/// something: it should lead somewhere.
pub(super) fn is_absent(path: &Path) -> Result<bool, OpenError> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Whether only root can have written a file: it, every folder above it and
/// every link on the way belong to root and are not writable for others. A
/// sticky folder counts as safe, as with OpenSSH's rule.
pub(super) fn check_owners(path: &Path, owners: OwnerCheck) -> Result<(), OpenError> {
    match owners {
        OwnerCheck::Off => return Ok(()),
        OwnerCheck::Strict => {}
    }
    // The way as it is named comes first: a link in a folder of somebody else
    // can be turned to any file of root's.
    check_way(&std::path::absolute(path)?, MAX_LINKS)?;
    check_way(&std::fs::canonicalize(path)?, 0)
}

fn check_way(path: &Path, links_left: usize) -> Result<(), OpenError> {
    for path in path.ancestors() {
        let metadata = std::fs::symlink_metadata(path)?;
        check_owner(path, &metadata, OwnerCheck::Strict)?;
        if metadata.is_symlink() && links_left > 0 {
            let folder = path.parent().unwrap_or(Path::new("/"));
            let target = folder.join(std::fs::read_link(path)?);
            check_way(&target, links_left - 1)?;
        }
    }
    Ok(())
}

/// Whether only root can have written one thing, whatever lies on the way.
fn check_owner(
    path: &Path,
    metadata: &std::fs::Metadata,
    owners: OwnerCheck,
) -> Result<(), OpenError> {
    let mode = metadata.mode() & 0o7777;
    let is_sticky_folder = metadata.is_dir() && mode & 0o1000 != 0;
    // A link's own mode says nothing.
    let is_writable = mode & 0o022 != 0 && !is_sticky_folder && !metadata.is_symlink();
    match owners {
        OwnerCheck::Strict if metadata.uid() != 0 || is_writable => Err(OpenError::Unsafe {
            path: path.to_owned(),
            uid: metadata.uid(),
            mode,
        }),
        OwnerCheck::Strict | OwnerCheck::Off => Ok(()),
    }
}
