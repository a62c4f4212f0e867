//! A call of WHM's API, planned: at most one change, to just the link or group
//! that it names. Whatever it does, whose that is stays as it is recorded.
//!
//! | call | on disk | outcome |
//! |---|---|---|
//! | a link, a group | as they are compared with a manifest | create, replace, hide, in sync |
//! | remove | none of its files | in sync |
//! | remove | any of them | remove |
//! | a token | no fields, or ones that do not parse | blocked |
//! | a token | the same one, with the right mode | in sync |
//! | a token | anything else | replace, of that one file |
//!
//! Folders are not put right and no guard is asked: a call names one thing, by
//! hand.

use super::address::Address;
use super::between::{Access, Planner};
use super::blocked::Why;
use super::change::{
    FileChange, GroupChange, LinkAction, LinkAfter, LinkChange, TokenAfter, Touch,
};
use super::group;
use super::guard::GuardCheck;
use super::link::{self, Outcome, Rules, is_wrong_ownership};
use super::origin::Origin;
use super::owned::Owned;
use super::policy::Policy;
use super::reason::Reason;
use super::value::Plan;
use crate::model::{
    ActualGroup, ActualLink, ActualUser, AppName, DesiredLink, FileKind, FoundToken, Function,
    Group, GroupId, Lies, MenuEntry, Secret, TokenRef, UserName,
};
use std::collections::BTreeSet;

/// What a call asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// The link is there, just like this.
    CreateLink(AppName, Box<DesiredLink>),
    /// The link is not there.
    RemoveLink(AppName),
    /// The link has this token, and is as it is otherwise.
    UpdateToken(AppName, Secret),
    /// The group is there, just like this.
    CreateGroup(GroupId, Group),
    /// The group is not there. Links in it stay as they are.
    RemoveGroup(GroupId),
}

impl Call {
    /// The function that asks for it.
    pub fn function(&self) -> Function {
        match self {
            Self::CreateLink(..) => Function::CreateLink,
            Self::RemoveLink(_) => Function::RemoveLink,
            Self::UpdateToken(..) => Function::UpdateToken,
            Self::CreateGroup(..) => Function::CreateGroup,
            Self::RemoveGroup(_) => Function::RemoveGroup,
        }
    }

    /// What it is about.
    pub fn address(&self, user: &UserName) -> Address {
        match self {
            Self::CreateLink(app, _) | Self::RemoveLink(app) | Self::UpdateToken(app, _) => {
                Address::Link(user.clone(), app.clone())
            }
            Self::CreateGroup(id, _) | Self::RemoveGroup(id) => {
                Address::Group(user.clone(), id.clone())
            }
        }
    }
}

impl Plan {
    /// Plans what a call asks for of one user. Of `policy` count the rules for
    /// apps, owners and pauses.
    pub fn of_call(call: &Call, actual: &ActualUser, owned: &Owned, policy: &Policy) -> Self {
        let mut planner = Planner::of_run(owned, policy);
        planner.call(call, actual);
        Self {
            guards: GuardCheck::default(),
            ..planner.finish()
        }
    }
}

impl Planner<'_> {
    fn call(&mut self, call: &Call, actual: &ActualUser) {
        match self.access(actual, false) {
            Access::Whole => {}
            Access::Gone | Access::Blocked => return,
        }
        self.plan.counts.users += 1;
        let user = &actual.name;
        let rules = Rules {
            owner: self.policy.owner,
            unknown_tokens: self.policy.unknown_tokens,
        };
        match call {
            Call::CreateLink(app, desired) => self.call_link(actual, app, |found, is_owned| {
                link::declared(user, app, desired, found, is_owned, rules)
            }),
            Call::UpdateToken(app, token) => {
                self.call_link(actual, app, |found, is_owned| match found {
                    Some(found) => with_token(user, (app, found), token, is_owned, rules),
                    None => Outcome::Blocked(Why::NoLink),
                });
            }
            Call::RemoveLink(app) => self.call_link(actual, app, |found, is_owned| {
                link::removal(user, app, found, is_owned, Reason::DeclaredAbsent)
            }),
            Call::CreateGroup(id, group) => self.call_group(actual, id, |found, is_owned| {
                group::declared(user, id, group, found, is_owned, rules.owner)
            }),
            Call::RemoveGroup(id) => self.call_group(actual, id, |found, is_owned| {
                let Some(found) = found else { return Ok(None) };
                // The links in it stay, as they do where the panel removes it.
                let (leaving, reason) = (BTreeSet::new(), Reason::DeclaredAbsent);
                group::removal(actual, id, found, leaving, reason, is_owned).map(Some)
            }),
        }
    }

    fn call_link(
        &mut self,
        actual: &ActualUser,
        app: &AppName,
        compare: impl FnOnce(Option<&ActualLink>, bool) -> Outcome,
    ) {
        let user = &actual.name;
        let address = Address::Link(user.clone(), app.clone());
        if !self.policy.apps.allow(app) {
            return self.block(address, Why::NotManaged);
        }
        let mut outcome = compare(actual.links.get(app), self.owned.has(user, app));
        if let Outcome::Change(change) = &mut outcome {
            change.origin = Origin::Called;
            change.reasons.remove(&Reason::Adopt);
        }
        self.add_outcome(address, outcome, true);
    }

    fn call_group(
        &mut self,
        actual: &ActualUser,
        id: &GroupId,
        compare: impl FnOnce(Option<&ActualGroup>, bool) -> Result<Option<GroupChange>, Why>,
    ) {
        let user = &actual.name;
        match compare(actual.groups.get(id), self.owned.has_group(user, id)) {
            Ok(None) => self.plan.counts.in_sync += 1,
            Ok(Some(mut change)) => {
                change.origin = Origin::Called;
                change.reasons.remove(&Reason::Adopt);
                self.push_group(change);
            }
            Err(why) => self.block(Address::Group(user.clone(), id.clone()), why),
        }
    }
}

/// Plans another token for a link that is there. Only the file of the token is
/// written, whatever else may be wrong.
fn with_token(
    user: &UserName,
    (app, found): (&AppName, &ActualLink),
    token: &Secret,
    is_owned: bool,
    rules: Rules,
) -> Outcome {
    if let Some((file, obstacle)) = found.obstacle() {
        return Outcome::Blocked(Why::Obstacle(file, obstacle.clone()));
    }
    let link = match &found.userconfig {
        Lies::File(fields) => fields.value.link.clone(),
        Lies::Broken(fields) => {
            let why = fields.value.clone();
            return Outcome::Blocked(Why::Unreadable(FileKind::Userconfig, why));
        }
        Lies::Absent | Lies::Obstacle(_) => return Outcome::Blocked(Why::NoLink),
    };
    let is_same = match &found.adminconfig {
        Lies::File(file) => {
            let seen = match &file.value.token {
                FoundToken::Seen(seen) => seen == token,
                FoundToken::None | FoundToken::Unseen => false,
            };
            seen && !is_wrong_ownership(FileKind::Adminconfig, file.stamp.ownership, rules.owner)
        }
        Lies::Absent | Lies::Broken(_) | Lies::Obstacle(_) => false,
    };
    if is_same {
        return Outcome::InSync {
            token_not_compared: false,
        };
    }
    let menu = match found.menu.value() {
        Some(menu) => menu.entry.clone(),
        None => MenuEntry::of_link(app, &link),
    };
    Outcome::Change(Box::new(LinkChange {
        user: user.clone(),
        app: app.clone(),
        action: LinkAction::Replace {
            before: found.clone(),
            after: LinkAfter {
                link,
                token: TokenAfter::Set {
                    reference: TokenRef::Literal,
                    secret: token.clone(),
                },
                menu,
            },
        },
        touch: Touch {
            adminconfig: FileChange::Write,
            ..Touch::default()
        },
        reasons: BTreeSet::from([Reason::Token]),
        is_owned,
        owned_token: None,
        origin: Origin::Called,
    }))
}
