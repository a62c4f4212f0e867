//! Undo: a run's changes, planned back. What the run found is brought back
//! where the files are still as the run left them; what somebody changed since
//! then stays.
//!
//! | files now | files before the run | outcome |
//! |---|---|---|
//! | as the run found them | any | in sync |
//! | neither as found nor as left | any | blocked |
//! | as the run left them | kept no more | blocked |
//! | as the run left them | none | remove |
//! | as the run left them | visible without fields or token, or one does not parse | blocked |
//! | none, as the run left them | some | create |
//! | visible, as the run left them | hidden | hide |
//! | as the run left them | anything else | replace |
//!
//! A group that the run made goes if the links in it go too; where one stays,
//! or may, it is blocked.
//!
//! Modes and owners are not brought back: they are what they must be, whatever
//! the run found.

use super::address::Address;
use super::between::{Access, Planner};
use super::blocked::Why;
use super::change::{
    Change, FileChange, GroupAction, GroupChange, LinkAction, LinkAfter, LinkChange, TokenAfter,
    Touch,
};
use super::group;
use super::link::Outcome;
use super::origin::{Origin, Restore};
use super::reason::Reason;
use crate::model::{
    ActualGroup, ActualLink, ActualUser, AppName, FileKind, FoundToken, Group, GroupId, Lies, Link,
    MenuEntry, UserName,
};
use std::collections::BTreeSet;

/// What a run did to one link or group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undoable {
    /// The files as the run found them.
    pub found: Found,
    /// What bringing them back does to each file.
    pub touch: Touch,
    /// How the files are now.
    pub now: Now,
    /// Whether it was recorded as ours when the run found it.
    pub was_owned: bool,
    /// Whether nothing wrote or recorded it since.
    pub is_last: bool,
    /// The reference of the token it had then, where that is known.
    pub token: Option<String>,
    /// Why this host does not let its token go where it would go.
    pub refusal: Option<String>,
}

/// The files of a link or group as a run found them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Of a link.
    Link(AppName, Box<ActualLink>),
    /// Of a menu group.
    Group(GroupId, Box<ActualGroup>),
}

impl Undoable {
    /// Where the token would be posted of what is brought back, if there is
    /// one.
    pub fn autologin_url(&self) -> Option<&str> {
        match &self.found {
            Found::Link(_, found) => {
                let fields = found.userconfig.value()?;
                fields.link.autologin_token_url.as_deref()
            }
            Found::Group(..) => None,
        }
    }
}

impl Found {
    fn address(&self, user: &UserName) -> Address {
        match self {
            Self::Link(app, _) => Address::Link(user.clone(), app.clone()),
            Self::Group(id, _) => Address::Group(user.clone(), id.clone()),
        }
    }

    /// When it is planned among what its user gets back: a group that comes
    /// back may hold the links in it, and one that a run made goes with the
    /// last link in it.
    fn turn(&self) -> u8 {
        match self {
            Self::Group(_, found) if found.userconfig.is_absent() && found.menu.is_absent() => 2,
            Self::Link(..) => 1,
            Self::Group(..) => 0,
        }
    }
}

/// The files of a link or group, held against a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Now {
    /// As the run left them.
    AsLeft,
    /// As the run found them: nothing is to be brought back.
    AsFound,
    /// Neither; the first file that is not as the run left it.
    Changed(FileKind),
    /// As the run left them, but what it found is kept no more; why.
    Lost(String),
}

impl Planner<'_> {
    /// Plans one user's part of a run back.
    pub fn undo(&mut self, actual: &ActualUser, changes: Vec<Undoable>) {
        let user = &actual.name;
        if !self.policy.scope.has_user(user) {
            return;
        }
        self.plan.counts.users += 1;
        self.held_before = self.plan.held.len();
        for (app, link) in &actual.links {
            let is_undone =
                |change: &Undoable| matches!(&change.found, Found::Link(of, _) if of == app);
            if self.owned.has(user, app) || changes.iter().any(is_undone) {
                self.tally.in_reach += 1;
                self.tally.showing += usize::from(link.is_visible());
            }
        }
        if changes.is_empty() {
            return;
        }
        match self.access(actual, true) {
            Access::Whole => {}
            Access::Gone | Access::Blocked => return,
        }
        let first = self.plan.changes.len();
        let mut changes = changes;
        changes.sort_by_key(|change| change.found.turn());
        for change in changes {
            let Undoable {
                found,
                touch,
                now,
                was_owned,
                is_last,
                token,
                refusal,
            } = change;
            if now == Now::AsFound && is_last && !was_owned {
                // There is nothing to write, but it is not ours any more.
                let address = found.address(user);
                if self.owned.has_address(&address) {
                    self.forget(address);
                }
            }
            let back = Back {
                user,
                touch,
                now,
                was_owned,
                token,
                refusal,
            };
            match found {
                Found::Link(app, found) => self.undo_link(&back, &app, found, actual),
                Found::Group(id, found) => self.undo_group(&back, &id, found, actual, first),
            }
        }
    }

    fn undo_link(
        &mut self,
        back: &Back<'_>,
        app: &AppName,
        found: Box<ActualLink>,
        actual: &ActualUser,
    ) {
        // The scope and the rules for apps are about links; groups follow no app.
        if !self.policy.scope.has_app(app) {
            return;
        }
        let is_owned = self.owned.has(back.user, app);
        let outcome = if self.policy.apps.allow(app) {
            back.link(app, found, actual.links.get(app), is_owned)
        } else {
            Outcome::Blocked(Why::NotManaged)
        };
        self.add_outcome(Address::Link(back.user.clone(), app.clone()), outcome, true);
    }

    fn undo_group(
        &mut self,
        back: &Back<'_>,
        id: &GroupId,
        found: Box<ActualGroup>,
        actual: &ActualUser,
        first: usize,
    ) {
        if !self.policy.scope.has_all_apps() {
            return;
        }
        let is_owned = self.owned.has_group(back.user, id);
        let left = self.links_out_of(id, first);
        match back.group(id, found, actual, &left, is_owned) {
            Ok(None) => self.plan.counts.in_sync += 1,
            Ok(Some(change)) => self.push_group(change),
            Err(why) => self.block(Address::Group(back.user.clone(), id.clone()), why),
        }
    }

    /// Links that do not stand in a group any more once the changes from
    /// `first` on are done, and those that wait.
    fn links_out_of(&self, id: &GroupId, first: usize) -> BTreeSet<AppName> {
        let changes = self.plan.changes.iter().skip(first);
        let held = self.held_here().map(|(change, _)| change);
        let links = changes.chain(held).filter_map(|change| match change {
            Change::Link(link) => {
                let after = link.action.after();
                let is_out = after.is_none_or(|after| !group::will_name(after, id));
                is_out.then(|| link.app.clone())
            }
            Change::Group(_) => None,
        });
        links.collect()
    }
}

/// What bringing one link or group back is decided from.
struct Back<'a> {
    user: &'a UserName,
    touch: Touch,
    now: Now,
    was_owned: bool,
    token: Option<String>,
    refusal: Option<String>,
}

impl Back<'_> {
    fn link(
        &self,
        app: &AppName,
        found: Box<ActualLink>,
        actual: Option<&ActualLink>,
        is_owned: bool,
    ) -> Outcome {
        match &self.now {
            Now::AsFound => {
                return Outcome::InSync {
                    token_not_compared: false,
                };
            }
            Now::Changed(kind) => return Outcome::Blocked(Why::ChangedSince(*kind)),
            Now::Lost(why) => return Outcome::Blocked(Why::Lost(why.clone())),
            Now::AsLeft => {}
        }
        let change = |action, origin| {
            Outcome::Change(Box::new(LinkChange {
                user: self.user.clone(),
                app: app.clone(),
                action,
                touch: self.touch,
                reasons: BTreeSet::from([Reason::Undo]),
                is_owned,
                owned_token: None,
                origin,
            }))
        };
        if !found.is_there() {
            return match actual {
                // A run that made nothing of it has nothing to bring back.
                None => Outcome::InSync {
                    token_not_compared: false,
                },
                Some(before) => change(
                    LinkAction::Remove {
                        before: before.clone(),
                    },
                    Origin::Wanted,
                ),
            };
        }
        if let Some(why) = unfit(&found) {
            return Outcome::Blocked(why);
        }
        if let Some(why) = &self.refusal {
            return Outcome::Blocked(Why::HostRefused(why.clone()));
        }
        let after = self.after(app, &found);
        let hides = !found.is_visible();
        let origin = Origin::Restored(Restore {
            files: found,
            was_owned: self.was_owned,
        });
        match actual {
            None => change(LinkAction::Create { after }, origin),
            Some(before) if hides && before.is_visible() => {
                let before = before.clone();
                change(LinkAction::Hide { before, after }, origin)
            }
            Some(before) => {
                let before = before.clone();
                change(LinkAction::Replace { before, after }, origin)
            }
        }
    }

    fn after(&self, app: &AppName, found: &ActualLink) -> LinkAfter {
        let link = match found.userconfig.value() {
            Some(userconfig) => userconfig.link.clone(),
            None => Link::default(),
        };
        let token = found.adminconfig.value().map(|a| &a.token);
        LinkAfter {
            token: match (self.touch.adminconfig, token) {
                (FileChange::Keep, _) | (FileChange::Write, Some(FoundToken::Unseen)) => {
                    TokenAfter::Keep
                }
                (FileChange::Write, Some(FoundToken::Seen(secret))) => TokenAfter::Restore {
                    secret: secret.clone(),
                    reference: self.token.clone(),
                },
                (FileChange::Write, Some(FoundToken::None) | None) | (FileChange::Remove, _) => {
                    TokenAfter::None
                }
            },
            menu: match found.menu.value() {
                Some(menu) => menu.entry.clone(),
                None => MenuEntry::of_link(app, &link),
            },
            link,
        }
    }

    fn group(
        &self,
        id: &GroupId,
        found: Box<ActualGroup>,
        actual: &ActualUser,
        left: &BTreeSet<AppName>,
        is_owned: bool,
    ) -> Result<Option<GroupChange>, Why> {
        match &self.now {
            Now::AsFound => return Ok(None),
            Now::Changed(kind) => return Err(Why::ChangedSince(*kind)),
            Now::Lost(why) => return Err(Why::Lost(why.clone())),
            Now::AsLeft => {}
        }
        let after = group_of(&found)?;
        let action = match (actual.groups.get(id), after) {
            (None, None) => return Ok(None),
            (None, Some(after)) => GroupAction::Create { after },
            (Some(before), Some(after)) => GroupAction::Replace {
                before: Box::new(before.clone()),
                after,
            },
            (Some(before), None) => {
                let leaving = group::leaving(actual, id, left).ok_or(Why::GroupStays)?;
                let reason = Reason::Undo;
                return group::removal(actual, id, before, leaving, reason, is_owned).map(Some);
            }
        };
        Ok(Some(GroupChange {
            user: self.user.clone(),
            id: id.clone(),
            action,
            touch: self.touch,
            reasons: BTreeSet::from([Reason::Undo]),
            is_owned,
            origin: Origin::Restored(Restore {
                files: found,
                was_owned: self.was_owned,
            }),
        }))
    }
}

/// Why files must not come back as they were: what shows must be whole.
fn unfit(found: &ActualLink) -> Option<Why> {
    let ActualLink {
        userconfig,
        adminconfig,
        menu,
    } = found;
    let broken = broken(FileKind::Userconfig, userconfig)
        .or_else(|| broken(FileKind::Adminconfig, adminconfig))
        .or_else(|| broken(FileKind::Menu, menu));
    let missing = [
        (FileKind::Userconfig, userconfig.is_absent()),
        (FileKind::Adminconfig, adminconfig.is_absent()),
    ];
    let missing = missing.into_iter().find(|(_, is_missing)| *is_missing);
    match (broken, missing) {
        (Some(why), _) => Some(why),
        (None, Some((kind, _))) if found.is_visible() => Some(Why::WasIncomplete(kind)),
        (None, _) => None,
    }
}

fn broken<T>(kind: FileKind, lies: &Lies<T>) -> Option<Why> {
    match lies {
        Lies::Broken(found) => Some(Why::WasBroken(kind, found.value.clone())),
        Lies::Obstacle(obstacle) => Some(Why::WasBroken(kind, obstacle.to_string())),
        Lies::Absent | Lies::File(_) => None,
    }
}

/// The group that comes back; `None` where there was none.
fn group_of(found: &ActualGroup) -> Result<Option<Group>, Why> {
    let ActualGroup { userconfig, menu } = found;
    let broken = broken(FileKind::Userconfig, userconfig).or_else(|| broken(FileKind::Menu, menu));
    match (broken, userconfig, menu.is_absent()) {
        (Some(why), ..) => Err(why),
        (None, Lies::File(found), false) => Ok(Some(found.value.group.clone())),
        (None, Lies::File(_), true) => Err(Why::WasIncomplete(FileKind::Menu)),
        (None, _, true) => Ok(None),
        (None, _, false) => Err(Why::WasIncomplete(FileKind::Userconfig)),
    }
}
