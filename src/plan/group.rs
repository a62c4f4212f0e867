//! One menu group: what is wanted against what is there.
//!
//! | wanted | on disk | outcome |
//! |---|---|---|
//! | group | neither of its files | create |
//! | group, equal | all of it | in sync |
//! | group, differs | anything else | replace |
//! | unlisted, ours, to remove | no link will name it | remove |
//! | unlisted, otherwise | anything | left alone |
//! | any | something that is no file | blocked |

use super::blocked::Why;
use super::change::{FileChange, GroupAction, GroupChange, LinkAfter, Touch};
use super::link::{WantedIcon, is_wrong_ownership, menu_matches, remove};
use super::origin::Origin;
use super::policy::FileOwner;
use super::reason::Reason;
use crate::model::{
    ActualGroup, ActualLink, ActualUser, AppName, DesiredUser, FileKind, Group, GroupId, Lies,
    MenuEntry, Stamp, UserName, Wanted,
};
use std::collections::BTreeSet;

/// Compares a group the manifest declares. `Ok(None)` is in sync.
pub(super) fn declared(
    user: &UserName,
    id: &GroupId,
    desired: &Group,
    actual: Option<&ActualGroup>,
    is_owned: bool,
    owner: FileOwner,
) -> Result<Option<GroupChange>, Why> {
    let change = |action, touch, reasons| {
        Some(GroupChange {
            user: user.clone(),
            id: id.clone(),
            action,
            touch,
            reasons,
            is_owned,
            origin: Origin::Wanted,
        })
    };
    let Some(actual) = actual else {
        let touch = Touch {
            userconfig: FileChange::Write,
            adminconfig: FileChange::Keep,
            menu: FileChange::Write,
        };
        let after = desired.clone();
        return Ok(change(
            GroupAction::Create { after },
            touch,
            BTreeSet::from([Reason::New]),
        ));
    };
    check_obstacles(actual)?;
    let ActualGroup { userconfig, menu } = actual;
    let entry = MenuEntry::of_group(id, desired);
    let wrong_mode = |kind, stamp: &Stamp| is_wrong_ownership(kind, stamp.ownership, owner);
    let u_mode = userconfig
        .stamp()
        .is_some_and(|s| wrong_mode(FileKind::Userconfig, s));
    let d_mode = menu.stamp().is_some_and(|s| wrong_mode(FileKind::Menu, s));
    let fields = userconfig.value().is_some_and(|u| u.group != *desired);
    let u_broken = userconfig.value().is_none();
    let d_broken = matches!(menu, Lies::Broken(_));
    let menu_differs = !menu
        .value()
        .is_some_and(|found| menu_matches(&entry, found, WantedIcon::None));
    let write_u = u_mode || fields || u_broken;
    let write_d = d_mode || menu_differs;
    if !write_u && !write_d {
        return Ok(None);
    }
    let reasons = [
        (Reason::Adopt, !is_owned),
        (Reason::Fields, fields),
        (Reason::Mode, u_mode || d_mode),
        (Reason::Broken, u_broken || d_broken),
        (Reason::Menu, menu_differs && !fields && !d_broken),
    ];
    let file = |write| {
        if write {
            FileChange::Write
        } else {
            FileChange::Keep
        }
    };
    let touch = Touch {
        userconfig: file(write_u),
        adminconfig: FileChange::Keep,
        menu: file(write_d),
    };
    let action = GroupAction::Replace {
        before: Box::new(actual.clone()),
        after: desired.clone(),
    };
    let reasons = reasons
        .into_iter()
        .filter_map(|(reason, is_so)| is_so.then_some(reason))
        .collect();
    Ok(change(action, touch, reasons))
}

fn check_obstacles(actual: &ActualGroup) -> Result<(), Why> {
    let ActualGroup { userconfig, menu } = actual;
    if let Some(obstacle) = userconfig.obstacle() {
        return Err(Why::Obstacle(FileKind::Userconfig, obstacle.clone()));
    }
    if let Some(obstacle) = menu.obstacle() {
        return Err(Why::Obstacle(FileKind::Menu, obstacle.clone()));
    }
    Ok(())
}

/// Plans the removal of a group of ours that the user is no longer to have.
/// `changed` are the links that this plan changes or removes: all others stay
/// as they lie on disk. `Ok(None)` where a link names the group, or may.
pub(super) fn unlisted(
    desired: Option<&DesiredUser>,
    actual: &ActualUser,
    id: &GroupId,
    changed: &BTreeSet<AppName>,
) -> Result<Option<GroupChange>, Why> {
    let Some(group) = actual.groups.get(id) else {
        return Ok(None);
    };
    // Those that are blocked too: once they can be written they stand in it.
    let is_wanted = desired.is_some_and(|desired| {
        desired.groups.contains_key(id)
            || desired.links.iter().any(|(app, wanted)| match wanted {
                Wanted::Link(link) => {
                    let entry = MenuEntry::of_link(app, &link.link);
                    link.link.group_id.as_deref() == Some(id.as_str()) || is_in(&entry, id)
                }
                Wanted::Absent => false,
            })
    });
    match leaving(actual, id, changed) {
        Some(leaving) if !is_wanted => {
            removal(actual, id, group, leaving, Reason::Unlisted, true).map(Some)
        }
        Some(_) | None => Ok(None),
    }
}

/// The links that stand in a group, or may, if all of them are among those
/// that leave it.
pub(super) fn leaving(
    actual: &ActualUser,
    id: &GroupId,
    changed: &BTreeSet<AppName>,
) -> Option<BTreeSet<AppName>> {
    let named = actual.links.iter().filter(|(_, link)| may_name(link, id));
    let named = named.map(|(app, _)| changed.get(app).cloned());
    named.collect()
}

/// Plans the removal of a group, once these links have left it.
pub(super) fn removal(
    actual: &ActualUser,
    id: &GroupId,
    group: &ActualGroup,
    leaving: BTreeSet<AppName>,
    reason: Reason,
    is_owned: bool,
) -> Result<GroupChange, Why> {
    check_obstacles(group)?;
    Ok(GroupChange {
        user: actual.name.clone(),
        id: id.clone(),
        touch: Touch {
            userconfig: remove(&group.userconfig),
            adminconfig: FileChange::Keep,
            menu: remove(&group.menu),
        },
        action: GroupAction::Remove {
            before: Box::new(group.clone()),
            leaving,
        },
        reasons: BTreeSet::from([reason]),
        is_owned,
        origin: Origin::Wanted,
    })
}

/// Whether a link will stand in the group.
pub(super) fn will_name(after: &LinkAfter, id: &GroupId) -> bool {
    after.link.group_id.as_deref() == Some(id.as_str()) || is_in(&after.menu, id)
}

fn is_in(entry: &MenuEntry, id: &GroupId) -> bool {
    entry.fields.get("group").is_some_and(|g| g == id.as_str())
}

/// Whether the fields of a link on disk say that it stands in the group.
pub(super) fn stands_in(link: &ActualLink, id: &GroupId) -> bool {
    let fields = link.userconfig.value();
    fields.is_some_and(|found| found.link.group_id.as_deref() == Some(id.as_str()))
}

/// Whether a link on disk stands in the group, shown or hidden. A file that
/// cannot be read may say anything.
fn may_name(link: &ActualLink, id: &GroupId) -> bool {
    let in_fields = match &link.userconfig {
        Lies::Absent => false,
        Lies::File(found) => found.value.link.group_id.as_deref() == Some(id.as_str()),
        Lies::Broken(_) | Lies::Obstacle(_) => true,
    };
    let in_menu = match &link.menu {
        Lies::Absent => false,
        Lies::File(found) => is_in(&found.value.entry, id),
        Lies::Broken(_) | Lies::Obstacle(_) => true,
    };
    in_fields || in_menu
}
