//! Which of a user's links a manifest may name without a change: those of
//! which a plan says that they are in sync.

use super::candidate::Candidate;
use crate::model::{ActualUser, AppName, DesiredLink, DesiredUser, Group, GroupId, Wanted};
use crate::plan::{
    Address, Allowances, AppRules, Blocked, Change, FileOwner, Holds, Limits, Owned, Plan, Policy,
    Reason, Scope, UnknownTokens, Unlisted,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a plan says of the links of one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sifted {
    /// Links that an apply would not leave as they are, and why.
    pub left: BTreeMap<AppName, String>,
    /// The groups that the other links stand in: just as they lie there, or
    /// `None` where a manifest that declares them would change something.
    pub groups: BTreeMap<GroupId, Option<Group>>,
}

/// Asks a plan what it would do to the links of one user, each wanted as it
/// lies there. `candidates` says what is left already.
pub fn sift(
    actual: &ActualUser,
    candidates: &BTreeMap<AppName, Candidate>,
    desired: BTreeMap<AppName, DesiredLink>,
    owner: FileOwner,
) -> Sifted {
    let mut wanted = DesiredUser {
        name: actual.name.clone(),
        groups: BTreeMap::new(),
        links: desired
            .into_iter()
            .map(|(app, link)| (app, Wanted::Link(Box::new(link))))
            .collect(),
    };
    let is_whole = |app: &AppName| {
        let candidate = candidates.get(app);
        candidate.is_some_and(|candidate| candidate.left.is_empty())
    };
    let plan = plan(&wanted, actual, owner);
    let left = match whole_user(&plan) {
        Some(why) => {
            let apps = wanted.links.keys().cloned();
            apps.map(|app| (app, why.clone())).collect()
        }
        None => links(&plan, &is_whole),
    };
    wanted
        .links
        .retain(|app, _| is_whole(app) && !left.contains_key(app));
    wanted.groups = groups(&wanted, actual);
    let named = group_ids(&wanted);
    let changed = changed_groups(&self::plan(&wanted, actual, owner));
    let groups = named.into_iter().map(|id| {
        let group = wanted.groups.get(&id).cloned();
        let group = group.filter(|_| !changed.contains(&id));
        (id, group)
    });
    Sifted {
        groups: groups.collect(),
        left,
    }
}

fn plan(wanted: &DesiredUser, actual: &ActualUser, owner: FileOwner) -> Plan {
    let policy = Policy {
        unlisted: Unlisted::Keep,
        apps: AppRules::default(),
        scope: Scope::default(),
        limits: Limits::BUILT_IN,
        allowances: Allowances::default(),
        owner,
        // Those that have to be given: what else is there to do?
        unknown_tokens: UnknownTokens::NotCompared,
        holds: Holds::default(),
    };
    Plan::between([wanted], [actual], &Owned::default(), &policy)
}

/// Why nothing of a user can be named without a change.
fn whole_user(plan: &Plan) -> Option<String> {
    if !plan.missing_accounts.is_empty() {
        return Some("the host has no such account".to_owned());
    }
    if let Some(blocked) = plan.blocked.iter().find(|b| b.address.is_none()) {
        return Some(blocked.why.to_string());
    }
    let mend = plan.folders.first()?;
    let tree = mend.tree.name();
    let (found, wanted) = mend.mode;
    Some(if found == wanted {
        format!("the user's folder in `{tree}` has another owner than it must have")
    } else {
        format!("the user's folder in `{tree}` has the mode {found:04o}, not {wanted:04o}")
    })
}

/// Why links cannot be named without a change. What blocks one that is not
/// whole was said already.
fn links(plan: &Plan, is_whole: &dyn Fn(&AppName) -> bool) -> BTreeMap<AppName, String> {
    let mut left = BTreeMap::new();
    for change in &plan.changes {
        match change {
            Change::Group(_) => {}
            Change::Link(change) => {
                let reasons = change.reasons.iter().filter(|r| **r != Reason::Adopt);
                let reasons: Vec<_> = reasons.map(|reason| reason.name()).collect();
                let why = format!("an apply would rewrite it [{}]", reasons.join(", "));
                left.insert(change.app.clone(), why);
            }
        }
    }
    for Blocked { address, why, .. } in &plan.blocked {
        match address {
            Some(Address::Link(_, app)) if is_whole(app) => {
                left.insert(app.clone(), why.to_string());
            }
            Some(Address::Link(..) | Address::Group(..)) | None => {}
        }
    }
    left
}

/// The groups that a user's links stand in.
fn group_ids(wanted: &DesiredUser) -> BTreeSet<GroupId> {
    let links = wanted.links.values().filter_map(|wanted| match wanted {
        Wanted::Link(link) => link.link.group_id.as_deref(),
        Wanted::Absent => None,
    });
    links.filter_map(|id| GroupId::parse(id).ok()).collect()
}

/// Those of them that are there.
fn groups(wanted: &DesiredUser, actual: &ActualUser) -> BTreeMap<GroupId, Group> {
    let groups = group_ids(wanted).into_iter().filter_map(|id| {
        let found = actual.groups.get(&id)?.userconfig.value()?;
        Some((id, found.group.clone()))
    });
    groups.collect()
}

fn changed_groups(plan: &Plan) -> BTreeSet<GroupId> {
    let changes = plan.changes.iter().map(Change::address);
    let blocked = plan.blocked.iter().filter_map(|b| b.address.clone());
    let addresses = changes.chain(blocked);
    addresses
        .filter_map(|address| match address {
            Address::Group(_, id) => Some(id),
            Address::Link(..) => None,
        })
        .collect()
}
