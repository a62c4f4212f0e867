//! Opening the root, one component at a time and without following a link, so
//! that what is held open is what the path names and nothing else.

use super::Owners;
use super::disk::{Dir, Disk, PathError, Reach, Stat};
use super::error::StoreError;
use super::owners::{OwnersCheck, Sticky, is_unsafe};
use super::read::{SeenDir, open_dir};
use crate::model::Obstacle;
use rustix::io::Errno;
use std::io;
use std::path::{Component, Path};

/// Opens the root.
///
/// # Errors
/// The first component that is missing, a link, no directory or unsafe.
pub(super) fn open_root<D: Disk>(
    disk: &D,
    path: &Path,
    owners: Owners,
) -> Result<(Dir, Stat), StoreError> {
    let absolute = std::path::absolute(path).map_err(|error| absolute_error(path, &error))?;
    let names: Vec<_> = absolute
        .components()
        .filter(|c| matches!(c, Component::Normal(_) | Component::ParentDir))
        .map(Component::as_os_str)
        .collect();
    let mut dir = disk.open_top()?;
    let mut stat = disk.stat_open(&dir.0)?;
    for (index, name) in names.iter().enumerate() {
        check_owner(&dir, &stat, owners.check, Sticky::Safe)?;
        let reach = if index + 1 == names.len() {
            Reach::Full
        } else {
            Reach::Pass
        };
        let here = dir.path().join(name);
        match open_dir(disk, &dir, name, reach)? {
            SeenDir::Dir(next, seen) => (dir, stat) = (next, seen),
            SeenDir::Absent => {
                return Err(StoreError::Missing {
                    root: absolute,
                    missing: here,
                });
            }
            SeenDir::Obstacle(Obstacle::Symlink) => return Err(StoreError::Link(here)),
            SeenDir::Obstacle(obstacle) => {
                return Err(StoreError::NotADirectory {
                    path: here,
                    obstacle,
                });
            }
        }
    }
    check_owner(&dir, &stat, owners.check, Sticky::Unsafe)?;
    Ok((dir, stat))
}

/// Refuses a directory in which others could put something of theirs.
///
/// # Errors
/// Names the directory, its owner and its mode.
pub(super) fn check_owner(
    dir: &Dir,
    stat: &Stat,
    check: OwnersCheck,
    sticky: Sticky,
) -> Result<(), StoreError> {
    if is_unsafe(stat, check, sticky) {
        return Err(StoreError::Unsafe {
            path: dir.path().to_owned(),
            mode: stat.mode,
            uid: stat.uid,
        });
    }
    Ok(())
}

fn absolute_error(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Io(PathError {
        path: path.to_owned(),
        verb: "find",
        // Without a number only for the empty path.
        source: error
            .raw_os_error()
            .map_or(Errno::NOENT, Errno::from_raw_os_error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::disk::RealDisk;
    use crate::store::testing::scratch;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn check(path: &Path, owners: OwnersCheck, expect: &str) {
        let owners = Owners {
            check: owners,
            ..Owners::default()
        };
        let outcome = match open_root(&RealDisk, path, owners) {
            Ok(_) => "open".to_owned(),
            Err(error) => format!("{error} | {}", error.hint().unwrap_or_default()),
        };
        assert_eq!(outcome, expect);
    }

    fn make_dir(path: &Path, mode: u32) {
        std::fs::DirBuilder::new().create(path).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_link_anywhere_in_the_path_is_refused_by_name() {
        let scratch = scratch();
        let top = scratch.path();
        make_dir(&top.join("real"), 0o755);
        make_dir(&top.join("real/root"), 0o751);
        symlink("real", top.join("link")).unwrap();
        symlink("real/root", top.join("last")).unwrap();
        check(&top.join("real/root"), OwnersCheck::Off, "open");
        check(&top.join("real/../real/root/"), OwnersCheck::Off, "open");
        for (path, named) in [("link/root", "link"), ("last", "last"), ("last/", "last")] {
            let named = top.join(named);
            let named = named.display();
            check(
                &top.join(path),
                OwnersCheck::Off,
                &format!(
                    "`{named}` is a symbolic link, and the root is opened without following any | \
                     pass the real path, `realpath {named}` prints that of the link"
                ),
            );
        }
    }

    #[test]
    fn a_missing_root_comes_with_the_command_that_makes_it() {
        let scratch = scratch();
        let root = scratch.path().join("root");
        check(
            &root,
            OwnersCheck::Off,
            &format!(
                "the root `{0}` does not exist | mkdir -m 0751 {0}",
                root.display()
            ),
        );
        let below = root.join("x");
        check(
            &below,
            OwnersCheck::Off,
            &format!(
                "the root `{0}` does not exist | mkdir -p -m 0751 {0}",
                below.display()
            ),
        );
    }

    #[test]
    fn a_root_that_is_a_file_is_refused() {
        let scratch = scratch();
        let root = scratch.path().join("root");
        std::os::unix::net::UnixListener::bind(&root).unwrap();
        check(
            &root,
            OwnersCheck::Off,
            &format!(
                "`{}` is a socket, a directory was expected | ",
                root.display()
            ),
        );
    }

    #[test]
    fn a_directory_that_others_may_write_is_refused_when_strict() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let scratch = scratch();
        let top = scratch.path();
        make_dir(&top.join("wide"), 0o775);
        make_dir(&top.join("wide/root"), 0o751);
        let unsafe_mode = |path: &Path, mode: &str| {
            format!(
                "`{0}` belongs to user 0 and has mode {mode}, it must belong to root and be \
                 writable only by root | chown root {0} && chmod go-w {0}",
                path.display()
            )
        };
        let wide = top.join("wide");
        let root = wide.join("root");
        check(&root, OwnersCheck::Off, "open");
        check(&root, OwnersCheck::Strict, &unsafe_mode(&wide, "0775"));
        std::fs::set_permissions(&wide, std::fs::Permissions::from_mode(0o1777)).unwrap();
        check(&root, OwnersCheck::Strict, "open");
        std::fs::set_permissions(&root, std::fs::Permissions::from_mode(0o1777)).unwrap();
        check(&root, OwnersCheck::Strict, &unsafe_mode(&root, "1777"));
    }
}
