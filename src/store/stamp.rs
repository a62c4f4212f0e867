//! What tells without reading whether something in a folder came, went or was
//! replaced: a file written in place leaves no mark on its folder.

use super::Store;
use super::disk::{Disk, Reach, Stat};
use super::layout::{STATE, WORK};
use crate::model::UserName;
use crate::plan::Tree;
use std::ffi::OsStr;

/// A folder or file as it was at one moment. Two that are equal are of the
/// same one, unchanged, as far as the clock of the file system is fine enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    changed: (i64, u64),
}

impl Stamp {
    fn of(stat: &Stat) -> Self {
        Self {
            device: stat.device,
            inode: stat.inode,
            size: stat.size,
            changed: stat.changed,
        }
    }
}

impl<D: Disk> Store<D> {
    /// One of a user's two folders, or whatever lies there; `None` where
    /// nothing can be seen.
    pub fn stamp(&self, tree: Tree, user: &UserName) -> Option<Stamp> {
        let parent = self.tree(tree).ok()??;
        let stat = self.disk.stat(&parent, user.as_str().as_ref());
        stat.ok().as_ref().map(Stamp::of)
    }

    /// The ledger's database; `None` where there is none.
    pub fn state_stamp(&self) -> Option<Stamp> {
        let work = self.disk.open_dir(&self.root, WORK.as_ref(), Reach::Full);
        let stat = self.disk.stat(&work.ok()?, STATE.as_ref());
        stat.ok().as_ref().map(Stamp::of)
    }

    /// What tells the root from any other folder: its device and its number
    /// there.
    pub fn identity(&self) -> (u64, u64) {
        (self.root_stat.device, self.root_stat.inode)
    }

    /// Opens the root once more and does nothing with it: who watches the root
    /// is told so after all that was told before.
    pub fn knock(&self) {
        drop(self.disk.open_dir(&self.root, OsStr::new("."), Reach::Full));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::Fixture;

    #[test]
    fn a_stamp_changes_with_the_names_in_a_folder() {
        let fixture = Fixture::new();
        let store = fixture.store();
        let ann = UserName::parse("ann").unwrap();
        assert_eq!(store.stamp(Tree::Links, &ann), None);
        assert_eq!(store.state_stamp(), None);
        fixture.make_dir("links");
        fixture.make_dir("links/ann");
        fixture.write("links/ann/a.userconfig", b"{}");
        let before = store.stamp(Tree::Links, &ann);
        assert!(before.is_some());
        assert_eq!(store.stamp(Tree::Links, &ann), before);
        fixture.write("links/ann/b.userconfig", b"{}");
        assert_ne!(store.stamp(Tree::Links, &ann), before);
        store.knock();
    }
}
