//! A new folder in a live tree: made privately and moved to its place, so that
//! nobody sees it with another owner or mode than it is to have.

use super::disk::{Dir, Disk, PathError, Reach};
use rustix::io::Errno;

/// Who made a folder that was not there a moment ago.
pub(super) enum Maker {
    /// We, who have it open.
    Us(Dir),
    /// Somebody who was faster.
    SomeoneElse,
}

/// Owner and mode a new folder gets before anyone can see it.
pub(super) struct Birth {
    /// Its user and group; `None` leaves them as the system sets them.
    pub(super) owner: Option<(u32, u32)>,
    /// Its exact permission bits.
    pub(super) mode: u32,
}

/// Makes a folder privately and moves it to its place. Somebody else may have
/// made it meanwhile; then it is theirs that is used.
///
/// # Errors
/// A call failed, and nothing is at its place.
pub(super) fn bear<D: Disk>(
    disk: &D,
    nursery: (&Dir, &str),
    place: (&Dir, &str),
    birth: &Birth,
) -> Result<Maker, PathError> {
    let (nursery_dir, private) = nursery;
    match disk.make_dir(nursery_dir, private) {
        Ok(()) => {}
        Err(error) if error.source == Errno::EXIST => {}
        Err(error) => return Err(error),
    }
    let prepare = || -> Result<Dir, PathError> {
        let dir = disk.open_dir(nursery_dir, private.as_ref(), Reach::Full)?;
        if let Some((uid, gid)) = birth.owner {
            disk.chown(&dir.0, uid, gid)?;
        }
        // Exact, whatever the umask took away.
        disk.chmod(&dir.0, birth.mode)?;
        // Not synced: what happens to one folder reaches the disk in order
        // (ext4, XFS, Btrfs), so it is never at its place with another owner
        // or mode. A sync for each new user would be two of seven.
        disk.rename_new(nursery, place)?;
        Ok(dir.moved_to(place.0, place.1))
    };
    match prepare() {
        Ok(dir) => Ok(Maker::Us(dir)),
        Err(error) => {
            // Empty and ours; if it stays, it does so in the run's folder.
            disk.remove_dir(nursery_dir, private).ok();
            if error.source == Errno::EXIST {
                Ok(Maker::SomeoneElse)
            } else {
                Err(error)
            }
        }
    }
}
