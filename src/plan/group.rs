//! One menu group: what is wanted against what is there. Create and replace
//! only; groups that nothing declares are left alone.

use super::change::{FileChange, GroupAction, GroupChange, Reason, Touch, Why};
use super::link::{WantedIcon, is_wrong_ownership, menu_matches};
use super::policy::FileOwner;
use crate::model::{ActualGroup, FileKind, Group, GroupId, Lies, MenuEntry, UserName};
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
            restore: None,
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
    let ActualGroup { userconfig, menu } = actual;
    if let Some(obstacle) = userconfig.obstacle() {
        return Err(Why::Obstacle(FileKind::Userconfig, obstacle.clone()));
    }
    if let Some(obstacle) = menu.obstacle() {
        return Err(Why::Obstacle(FileKind::Menu, obstacle.clone()));
    }
    let entry = MenuEntry::of_group(id, desired);
    let wrong_mode = |kind, stamp| is_wrong_ownership(kind, stamp, owner);
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
