//! A user's files held against what is wanted as bytes, before any of them is
//! decoded: most are just as wanted.

use super::{Fetched, Listing, Raw, RawFiles};
use crate::codec;
use crate::model::{Account, ActualUser, AppName, DesiredLink, FileKind, Group, GroupId, Wanted};
use crate::plan::{Address, AsWanted, Glance};
use crate::store::Store;
use crate::store::buffer::Buffer;
use crate::store::disk::Disk;
use crate::store::read::Seen;

/// What came of holding a user's files against what is wanted.
pub enum Met {
    /// All that is named is just as wanted, and the rest is left alone.
    AsWanted(AsWanted),
    /// Something may be to do, or cannot be told so quickly: here is all of it.
    Whole(Box<ActualUser>),
}

/// Tells of a file of a link or group that is just as wanted whether its bytes
/// are all right in another way too.
pub type AlsoRight<'a> = &'a dyn Fn(&Address, FileKind, &[u8]) -> bool;

/// Holds one user's files against what is wanted.
pub(in crate::store) fn meet_user<D: Disk>(
    store: &Store<D>,
    account: Account,
    glance: &Glance<'_>,
    also: Option<AlsoRight<'_>>,
    buffer: &mut Buffer,
) -> Met {
    let user = glance.user();
    let listing = Listing::of(store, user);
    let mut fetched = Fetched::default();
    buffer.clear();
    match listing.as_wanted((glance, also), &account, &mut fetched, buffer) {
        Some(found) => Met::AsWanted(found),
        None => Met::Whole(Box::new(listing.decoded(user, account, fetched, buffer))),
    }
}

impl<D: Disk> Listing<'_, D> {
    /// What the user has, if it surely is just as wanted; what was read for
    /// that goes into `fetched` and its bytes into `buffer`.
    fn as_wanted<'g>(
        &self,
        (glance, also): (&'g Glance<'_>, Option<AlsoRight<'_>>),
        account: &Account,
        fetched: &mut Fetched<'g>,
        buffer: &mut Buffer,
    ) -> Option<AsWanted> {
        if !glance.is_right_account(account, &self.in_links.folder, &self.in_menu.folder) {
            return None;
        }
        let wanted = glance.desired();
        let is_named = |app: &AppName| wanted.links.contains_key(app);
        let (mut foreign, mut ours_left) = (0, 0);
        for app in self.links.keys().filter(|app| !is_named(app)) {
            if !glance.is_left_alone(app) {
                return None;
            }
            if glance.is_owned(app) {
                ours_left += 1;
            } else {
                foreign += 1;
            }
        }
        for (id, group) in &wanted.groups {
            let files = self.fetch(self.groups.get(id)?, buffer);
            let address = || Address::Group(glance.user().clone(), id.clone());
            let is_right = is_right_group(glance, id, group, (&files, buffer))
                && are_also_right(also, address, (&files, buffer));
            fetched.groups.push((id, files));
            if !is_right {
                return None;
            }
        }
        for (app, link) in &wanted.links {
            let (link, names) = match (link, self.links.get(app)) {
                (Wanted::Absent, None) => continue,
                (Wanted::Absent, Some(_)) | (Wanted::Link(_), None) => return None,
                (Wanted::Link(link), Some(names)) => (link, names),
            };
            let files = self.fetch(names, buffer);
            let address = || Address::Link(glance.user().clone(), app.clone());
            let is_right = is_right_link(glance, app, link, (&files, buffer))
                && are_also_right(also, address, (&files, buffer));
            fetched.links.push((app, files));
            if !is_right {
                return None;
            }
        }
        Some(AsWanted {
            foreign,
            ours_left,
            strays: self.strays.len(),
        })
    }
}

/// Whether a file is there with the right mode and owner, and its bytes say
/// what they should.
fn is_right(
    glance: &Glance<'_>,
    file: FileKind,
    (raw, buffer): (&Raw, &Buffer),
    says: impl FnOnce(&[u8]) -> bool,
) -> bool {
    match raw {
        Ok(Seen::File(extent)) => {
            glance.is_right_owner(file, extent.ownership) && says(extent.bytes(buffer))
        }
        Ok(Seen::Absent | Seen::Obstacle(_)) | Err(_) => false,
    }
}

fn is_right_link(
    glance: &Glance<'_>,
    app: &AppName,
    DesiredLink { link, token }: &DesiredLink,
    (files, buffer): (&RawFiles, &Buffer),
) -> bool {
    let userconfig = (&files.userconfig, buffer);
    let adminconfig = (&files.adminconfig, buffer);
    let menu = (&files.menu, buffer);
    is_right(glance, FileKind::Userconfig, userconfig, |bytes| {
        codec::userconfig::says(bytes, glance.user(), app, link)
    }) && is_right(glance, FileKind::Adminconfig, adminconfig, |bytes| {
        codec::adminconfig::says(bytes, token)
    }) && is_right(glance, FileKind::Menu, menu, |bytes| {
        codec::menu::is_of_link(bytes, app, link)
    })
}

fn is_right_group(
    glance: &Glance<'_>,
    id: &GroupId,
    group: &Group,
    (files, buffer): (&RawFiles, &Buffer),
) -> bool {
    let (userconfig, menu) = ((&files.userconfig, buffer), (&files.menu, buffer));
    is_right(glance, FileKind::Userconfig, userconfig, |bytes| {
        codec::group::says(bytes, group)
    }) && is_right(glance, FileKind::Menu, menu, |bytes| {
        codec::menu::is_of_group(bytes, id, group)
    })
}

/// Asks of each file that is there, and known to be right.
fn are_also_right(
    also: Option<AlsoRight<'_>>,
    address: impl FnOnce() -> Address,
    (files, buffer): (&RawFiles, &Buffer),
) -> bool {
    let Some(also) = also else { return true };
    let address = address();
    let RawFiles {
        userconfig,
        adminconfig,
        menu,
    } = files;
    let is_right = |file, raw: &Raw| match raw {
        Ok(Seen::File(extent)) => also(&address, file, extent.bytes(buffer)),
        Ok(Seen::Absent | Seen::Obstacle(_)) | Err(_) => true,
    };
    is_right(FileKind::Userconfig, userconfig)
        && is_right(FileKind::Adminconfig, adminconfig)
        && is_right(FileKind::Menu, menu)
}
