//! Drift: what lies on disk against the fingerprints of what we wrote. Pure;
//! the words for what comes of it are the plan's.
//!
//! | what we left | on disk | drift |
//! |---|---|---|
//! | any file of it | none of the files | gone |
//! | a file | the same meaning | none |
//! | a file | another meaning, nothing, no JSON | changed, missing, broken |
//! | no file | nothing, no JSON | none: a broken file stays where it is hidden |
//! | no file | a file | added |
//! | not known | any file, nothing | not known |
//! | a file with the right mode | another mode | that |
//! | any file | something else, another owner than root where owners are set | that |

use super::fingerprint::{
    Fingerprints, Likeness, Maker, adminconfig_text, group_text, menu_text, userconfig_text,
    wrong_mode,
};
use super::key::Key;
use crate::model::{
    ActualGroup, ActualLink, ActualUser, AppName, FileKind, Folder, Lies, Ownership,
};
use crate::plan::{
    Address, Departure, Drift, FileDrift, FileOwner, Tree, UserDrift, is_wrong_owner,
};
use std::collections::BTreeMap;

/// Compares what we own of one user: `left` is all of it that is looked at,
/// with what we left. Without a key nothing is known of that.
pub(super) fn of_user(
    key: Option<&Key>,
    left: &BTreeMap<Address, Fingerprints>,
    actual: &ActualUser,
    owner: FileOwner,
) -> UserDrift {
    let mut result = UserDrift::default();
    let drift = |address, departure| Drift {
        user: actual.name.clone(),
        address,
        departure,
    };
    for (tree, folder) in [
        (Tree::Links, &actual.links_folder),
        (Tree::Menu, &actual.menu_folder),
    ] {
        match folder {
            Folder::Obstacle(obstacle) if !left.is_empty() => {
                let departure = Departure::Folder(tree, obstacle.clone());
                result.drifts.push(drift(None, departure));
                return result;
            }
            Folder::Obstacle(_) | Folder::Absent | Folder::Present(_) => {}
        }
    }
    for (address, prints) in left {
        let key = key.filter(|_| !prints.are_unknown());
        let look = Look { key, prints, owner };
        let files = match address {
            Address::Link(_, app) => {
                let found = actual.links.get(app);
                found.map(|link| look.at_link(address, app, link))
            }
            Address::Group(_, id) => {
                let found = actual.groups.get(id);
                found.map(|group| look.at_group(address, group))
            }
        };
        match files {
            None => result
                .drifts
                .push(drift(Some(address.clone()), Departure::Gone)),
            Some(files) if !files.is_empty() => {
                let departure = Departure::Files(files);
                result.drifts.push(drift(Some(address.clone()), departure));
            }
            Some(_) if key.is_none() => {
                result.unknown.insert(address.clone());
            }
            Some(_) => result.same += 1,
        }
    }
    result
}

type Files = Vec<(FileKind, FileDrift)>;

/// All that there is to say of some files, one after the other.
fn in_order<const N: usize>(files: [(FileKind, Vec<FileDrift>); N]) -> Files {
    let each = |(file, drifts): (FileKind, Vec<FileDrift>)| {
        drifts.into_iter().map(move |drift| (file, drift))
    };
    files.into_iter().flat_map(each).collect()
}

/// What one link or group is looked at with.
struct Look<'l> {
    /// `None` where it is not known what was written.
    key: Option<&'l Key>,
    prints: &'l Fingerprints,
    owner: FileOwner,
}

impl Look<'_> {
    fn at_link(&self, address: &Address, app: &AppName, link: &ActualLink) -> Files {
        let ActualLink {
            userconfig,
            adminconfig,
            menu,
        } = link;
        let maker = self.key.map(|key| Maker::new(key, address));
        let maker = maker.as_ref();
        let fields = |found: &_| userconfig_text(address.user(), app, found);
        let (u, a, d) = (FileKind::Userconfig, FileKind::Adminconfig, FileKind::Menu);
        in_order([
            (u, self.at_file(u, userconfig, maker, fields)),
            (a, self.at_file(a, adminconfig, maker, adminconfig_text)),
            (d, self.at_file(d, menu, maker, menu_text)),
        ])
    }

    fn at_group(&self, address: &Address, group: &ActualGroup) -> Files {
        let ActualGroup { userconfig, menu } = group;
        let maker = self.key.map(|key| Maker::new(key, address));
        let maker = maker.as_ref();
        let (u, d) = (FileKind::Userconfig, FileKind::Menu);
        in_order([
            (u, self.at_file(u, userconfig, maker, group_text)),
            (d, self.at_file(d, menu, maker, menu_text)),
        ])
    }

    fn at_file<T, B: AsRef<[u8]>>(
        &self,
        kind: FileKind,
        lies: &Lies<T>,
        maker: Option<&Maker<'_>>,
        text: impl FnOnce(&T) -> B,
    ) -> Vec<FileDrift> {
        let Some(maker) = maker else {
            // Nothing of ours is ever left where something else lies.
            return match lies {
                Lies::Obstacle(obstacle) => vec![FileDrift::Obstacle(obstacle.clone())],
                Lies::Absent | Lies::File(_) | Lies::Broken(_) => Vec::new(),
            };
        };
        let mode = |stamp| wrong_mode(kind, stamp).map(FileDrift::Mode);
        let (content, mode) = match (lies, self.prints.of(kind)) {
            (Lies::Obstacle(obstacle), _) => (Some(FileDrift::Obstacle(obstacle.clone())), None),
            (Lies::Absent | Lies::Broken(_), None) => (None, None),
            (Lies::Absent, Some(_)) => (Some(FileDrift::Missing), None),
            (Lies::Broken(found), Some(_)) => {
                let broken = FileDrift::Broken(found.value.clone());
                (Some(broken), mode(&found.stamp))
            }
            (Lies::File(found), None) => (Some(FileDrift::Added), mode(&found.stamp)),
            (Lies::File(found), Some(print)) => match maker.compare(kind, print, found, text) {
                Likeness::Same => (None, None),
                Likeness::OtherMode => (None, mode(&found.stamp)),
                Likeness::Other => (Some(FileDrift::Changed), mode(&found.stamp)),
            },
        };
        let owner = lies
            .stamp()
            .map(|stamp| stamp.ownership)
            .filter(|found| is_wrong_owner(*found, self.owner))
            .map(|Ownership { uid, gid, .. }| FileDrift::Owner { uid, gid });
        [content, mode, owner].into_iter().flatten().collect()
    }
}
