//! One link: what is wanted against what is there.
//!
//! | wanted | on disk | outcome |
//! |---|---|---|
//! | link | none of the three files | create |
//! | link, equal | all of it | in sync |
//! | link, `hide`, differs | visible | hide |
//! | link, differs | anything else | replace |
//! | `absent` | none of the three files | in sync |
//! | `absent` | any of them | remove |
//! | unlisted, to hide | visible or not marked hidden | hide |
//! | unlisted, to remove | any of them | remove |
//! | any | something that is no file | blocked |

use super::blocked::Why;
use super::change::{FileChange, LinkAction, LinkAfter, LinkChange, TokenAfter, Touch};
use super::origin::Origin;
use super::policy::{FileOwner, UnknownTokens};
use super::reason::Reason;
use crate::model::{
    ActualLink, AppName, DesiredLink, DesiredToken, FileKind, FoundToken, Icon, Lies, MenuEntry,
    MenuFile, Ownership, UserName,
};
use std::collections::BTreeSet;

/// What comes of comparing one link.
pub(super) enum Outcome {
    /// Nothing to do.
    InSync {
        /// Its token could not be resolved, so it was not compared.
        token_not_compared: bool,
    },
    /// Something to do.
    Change(Box<LinkChange>),
    /// Something to do that cannot be done.
    Blocked(Why),
}

/// What a link is compared under.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    pub(super) owner: FileOwner,
    pub(super) unknown_tokens: UnknownTokens,
}

/// Whether a file's mode or owner is not what it must be.
pub(super) fn is_wrong_ownership(kind: FileKind, found: Ownership, owner: FileOwner) -> bool {
    found.mode != kind.mode() || is_wrong_owner(found, owner)
}

/// Whether a file belongs to somebody else than it must; never where owners
/// are left alone.
pub fn is_wrong_owner(found: Ownership, owner: FileOwner) -> bool {
    match owner {
        FileOwner::Keep => false,
        FileOwner::Root => (found.uid, found.gid) != (0, 0),
    }
}

fn ownership_differs<T>(kind: FileKind, lies: &Lies<T>, rules: Rules) -> bool {
    lies.stamp()
        .is_some_and(|stamp| is_wrong_ownership(kind, stamp.ownership, rules.owner))
}

fn write_if(needed: bool) -> FileChange {
    if needed {
        FileChange::Write
    } else {
        FileChange::Keep
    }
}

/// Whether a menu entry on disk is what it should be. A wanted entry without
/// an icon takes any icon, but not none.
pub(super) fn menu_matches(wanted: &MenuEntry, found: &MenuFile, icon: WantedIcon) -> bool {
    let icon_matches = match (icon, &wanted.icon) {
        (WantedIcon::None, _) => true,
        (WantedIcon::Some, Some(icon)) => found.entry.icon.as_ref() == Some(icon),
        (WantedIcon::Some, None) => found.entry.icon.is_some(),
    };
    icon_matches && wanted.fields == found.entry.fields
}

/// Whether entries of this kind carry an icon: links do, groups do not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum WantedIcon {
    Some,
    None,
}

/// Compares a link the manifest declares.
pub(super) fn declared(
    user: &UserName,
    app: &AppName,
    desired: &DesiredLink,
    actual: Option<&ActualLink>,
    is_owned: bool,
    rules: Rules,
) -> Outcome {
    if let Some((file, obstacle)) = actual.and_then(ActualLink::obstacle) {
        return Outcome::Blocked(Why::Obstacle(file, obstacle.clone()));
    }
    let after = |token| LinkAfter {
        link: desired.link.clone(),
        token,
        menu: MenuEntry::of_link(app, &desired.link),
    };
    let change = |action, touch, reasons| {
        Outcome::Change(Box::new(LinkChange {
            user: user.clone(),
            app: app.clone(),
            action,
            touch,
            reasons,
            is_owned,
            owned_token: None,
            origin: Origin::Wanted,
        }))
    };
    let Some(actual) = actual else {
        return match token_after(&desired.token, &FoundToken::None, rules) {
            Err(why) => Outcome::Blocked(why),
            Ok((token, _)) => change(
                LinkAction::Create {
                    after: after(token),
                },
                Touch {
                    userconfig: FileChange::Write,
                    adminconfig: FileChange::Write,
                    menu: FileChange::Write,
                },
                BTreeSet::from([Reason::New]),
            ),
        };
    };

    let (token, token_differs) = match compare_token(desired, actual, rules) {
        Ok(compared) => compared,
        Err(why) => return Outcome::Blocked(why),
    };
    let is_not_compared = matches!(token, TokenAfter::NotCompared { .. });
    let after = after(token);
    let (touch, mut reasons) = differences(user, app, &after, token_differs, actual, rules);
    if touch == Touch::default() {
        return Outcome::InSync {
            token_not_compared: is_not_compared,
        };
    }
    if !is_owned {
        reasons.insert(Reason::Adopt);
    }
    let before = actual.clone();
    if desired.link.hide && actual.is_visible() {
        reasons.insert(Reason::DeclaredHidden);
        change(LinkAction::Hide { before, after }, touch, reasons)
    } else {
        if !desired.link.hide && is_marked_hidden(actual) {
            reasons.insert(Reason::Unhide);
        }
        change(LinkAction::Replace { before, after }, touch, reasons)
    }
}

/// Whether the link is switched off, in its fields or in its menu entry.
fn is_marked_hidden(actual: &ActualLink) -> bool {
    actual.userconfig.value().is_some_and(|u| u.link.hide)
        || actual.menu.value().is_some_and(|d| d.entry.is_hidden())
}

/// Which files must be written for an existing link, and why.
fn differences(
    user: &UserName,
    app: &AppName,
    after: &LinkAfter,
    token_differs: bool,
    actual: &ActualLink,
    rules: Rules,
) -> (Touch, BTreeSet<Reason>) {
    let mut reasons = BTreeSet::new();
    let mut note = |reason, is_so: bool| {
        if is_so {
            reasons.insert(reason);
        }
        is_so
    };
    let ActualLink {
        userconfig,
        adminconfig,
        menu,
    } = actual;

    let u_mode = note(
        Reason::Mode,
        ownership_differs(FileKind::Userconfig, userconfig, rules),
    );
    let a_mode = note(
        Reason::Mode,
        ownership_differs(FileKind::Adminconfig, adminconfig, rules),
    );
    let d_mode = note(Reason::Mode, ownership_differs(FileKind::Menu, menu, rules));
    let u_broken = note(Reason::Broken, userconfig.value().is_none());
    let a_broken = note(Reason::Broken, adminconfig.value().is_none());
    let d_broken = note(Reason::Broken, matches!(menu, Lies::Broken(_)));
    let fields = userconfig.value().is_some_and(|u| {
        let stated_wrong = |stated: &Option<String>, truth: &str| {
            stated.as_deref().is_some_and(|stated| stated != truth)
        };
        u.link != after.link
            || stated_wrong(&u.stated_app, app.as_str())
            || stated_wrong(&u.stated_user, user.as_str())
    });
    let fields = note(Reason::Fields, fields);
    let token = note(Reason::Token, token_differs);

    let menu_differs = !menu
        .value()
        .is_some_and(|found| menu_matches(&after.menu, found, WantedIcon::Some));
    // The entry is at fault of its own only where it does not follow from the
    // fields it stands beside; otherwise it just follows the change of those.
    let is_own_fault = match (menu.value(), userconfig.value()) {
        (Some(found), Some(u)) => {
            let implied = MenuEntry::of_link(app, &u.link);
            !menu_matches(&implied, found, WantedIcon::Some)
        }
        (Some(_), None) => false,
        (None, _) => menu.is_absent(),
    };
    note(Reason::Menu, menu_differs && is_own_fault);

    let touch = Touch {
        userconfig: write_if(u_mode || u_broken || fields),
        adminconfig: write_if(a_mode || a_broken || token),
        menu: write_if(d_mode || d_broken || menu_differs),
    };
    (touch, reasons)
}

/// Decides the token of an existing link: what it will be, and whether that
/// is another one.
fn compare_token(
    desired: &DesiredLink,
    actual: &ActualLink,
    rules: Rules,
) -> Result<(TokenAfter, bool), Why> {
    let found = match &actual.adminconfig {
        Lies::File(found) => &found.value.token,
        Lies::Broken(found) if desired.token == DesiredToken::Keep => {
            return Err(Why::KeepBroken(found.value.clone()));
        }
        Lies::Absent | Lies::Broken(_) | Lies::Obstacle(_) => &FoundToken::None,
    };
    // Nothing is written for it unless something else differs. An apply would
    // not know whether it has to be, so there it blocks.
    if let (Lies::File(_), DesiredToken::Unknown { reference, .. }, UnknownTokens::NotCompared) =
        (&actual.adminconfig, &desired.token, rules.unknown_tokens)
    {
        let reference = reference.clone();
        return Ok((TokenAfter::NotCompared { reference }, false));
    }
    token_after(&desired.token, found, rules)
}

/// | wanted | none found | one seen | one that cannot be seen |
/// |---|---|---|---|
/// | none | same | differs | differs |
/// | `keep` | blocked | same | same |
/// | one that is known | differs | compared | not compared |
/// | one that is not known | not compared | not compared | not compared |
fn token_after(
    desired: &DesiredToken,
    found: &FoundToken,
    rules: Rules,
) -> Result<(TokenAfter, bool), Why> {
    match desired {
        DesiredToken::None => Ok((TokenAfter::None, found.is_there())),
        DesiredToken::Keep if found.is_there() => Ok((TokenAfter::Keep, false)),
        DesiredToken::Keep => Err(Why::NothingToKeep),
        DesiredToken::Known { reference, secret } => {
            let set = || TokenAfter::Set {
                reference: reference.clone(),
                secret: secret.clone(),
            };
            Ok(match found {
                FoundToken::None => (set(), true),
                FoundToken::Seen(found) => (set(), found != secret),
                FoundToken::Unseen => {
                    let reference = reference.clone();
                    (TokenAfter::NotCompared { reference }, false)
                }
            })
        }
        DesiredToken::Unknown { reference, why } => match rules.unknown_tokens {
            UnknownTokens::NotCompared => Ok((
                TokenAfter::NotCompared {
                    reference: reference.clone(),
                },
                true,
            )),
            UnknownTokens::Block => Err(Why::TokenUnknown {
                reference: reference.clone(),
                why: why.clone(),
            }),
        },
    }
}

/// What a removal does to one file.
pub(super) fn remove<T>(lies: &Lies<T>) -> FileChange {
    if lies.is_absent() {
        FileChange::Keep
    } else {
        FileChange::Remove
    }
}

/// Plans the removal of whatever there is of a link.
pub(super) fn removal(
    user: &UserName,
    app: &AppName,
    actual: Option<&ActualLink>,
    is_owned: bool,
    reason: Reason,
) -> Outcome {
    let Some(actual) = actual else {
        return Outcome::InSync {
            token_not_compared: false,
        };
    };
    if let Some((file, obstacle)) = actual.obstacle() {
        return Outcome::Blocked(Why::Obstacle(file, obstacle.clone()));
    }
    Outcome::Change(Box::new(LinkChange {
        user: user.clone(),
        app: app.clone(),
        touch: Touch {
            userconfig: remove(&actual.userconfig),
            adminconfig: remove(&actual.adminconfig),
            menu: remove(&actual.menu),
        },
        action: LinkAction::Remove {
            before: actual.clone(),
        },
        reasons: BTreeSet::from([reason]),
        is_owned,
        owned_token: None,
        origin: Origin::Wanted,
    }))
}

/// Plans the hiding of a link the manifest does not name. All of it stays as
/// it is, but for the switch in its fields and in its menu entry.
pub(super) fn hiding(
    user: &UserName,
    app: &AppName,
    actual: &ActualLink,
    is_owned: bool,
) -> Outcome {
    if let Some((file, obstacle)) = actual.obstacle() {
        return Outcome::Blocked(Why::Obstacle(file, obstacle.clone()));
    }
    let mut link = match &actual.userconfig {
        Lies::File(found) => found.value.link.clone(),
        Lies::Broken(found) => return Outcome::Blocked(Why::HideBroken(found.value.clone())),
        Lies::Absent | Lies::Obstacle(_) => crate::model::Link::default(),
    };
    let userconfig = write_if(actual.userconfig.value().is_some_and(|u| !u.link.hide));
    link.hide = true;
    let menu = match &actual.menu {
        Lies::File(found) => {
            let mut entry = found.value.entry.clone();
            entry.fields.insert("if".to_owned(), "0".to_owned());
            entry
        }
        Lies::Absent | Lies::Broken(_) | Lies::Obstacle(_) => MenuEntry::of_link(app, &link),
    };
    let touch = Touch {
        userconfig,
        adminconfig: FileChange::Keep,
        menu: write_if(actual.is_visible()),
    };
    if touch == Touch::default() {
        return Outcome::InSync {
            token_not_compared: false,
        };
    }
    Outcome::Change(Box::new(LinkChange {
        user: user.clone(),
        app: app.clone(),
        action: LinkAction::Hide {
            before: actual.clone(),
            after: LinkAfter {
                link,
                token: TokenAfter::Keep,
                menu,
            },
        },
        touch,
        reasons: BTreeSet::from([Reason::Unlisted]),
        is_owned,
        owned_token: None,
        origin: Origin::Wanted,
    }))
}

/// The icon a menu entry shows after a change, for people.
pub(super) fn shown_icon(menu: &Lies<MenuFile>) -> Option<&Icon> {
    menu.value().and_then(|found| found.entry.icon.as_ref())
}
