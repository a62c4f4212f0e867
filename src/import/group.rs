//! Menu groups: declared where they are the same for every user that they
//! would be given to.

use super::candidate::broken;
use super::yaml;
use crate::model::{ActualGroup, ActualUser, FileKind, Group, GroupId, UserName};
use std::collections::BTreeMap;

/// Most ways to have a group that are told apart. Users who have it in yet
/// another way are only counted.
const WAYS: usize = 16;

/// How the users with a link in a group have it.
#[derive(Debug, Default)]
pub(super) struct GroupSurvey {
    /// Each way, in the order of its first user; `None` is not there, or not
    /// whole.
    ways: Vec<(Option<Group>, Users)>,
    rest: Users,
}

/// Users of whom the first are named.
#[derive(Debug, Default)]
struct Users {
    count: usize,
    first: Vec<UserName>,
}

impl Users {
    /// Most that are named.
    const NAMED: usize = 10;

    fn add(&mut self, user: &UserName) {
        self.count += 1;
        if self.first.len() < Self::NAMED {
            self.first.push(user.clone());
        }
    }

    /// All users of some ways. Each names its own first ones, so the first
    /// of all are among them.
    fn all<'u>(parts: impl Iterator<Item = &'u Self>) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.count += part.count;
            all.first.extend(part.first.iter().cloned());
        }
        all.first.sort();
        all.first.truncate(Self::NAMED);
        all
    }

    /// The names, and how many more there are.
    fn names(&self) -> String {
        let mut names: Vec<_> = self.first.iter().map(ToString::to_string).collect();
        if self.count > names.len() {
            names.push(format!("and {} more", self.count - names.len()));
        }
        names.join(", ")
    }
}

/// What a group is once all users are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum GroupFound {
    /// The same for all users with a link in it.
    Same(Group),
    /// Some have it in another way, or not at all: how most of those have it
    /// who have it, and a text about the users.
    Differs(Option<Group>, String),
    /// Nobody has it: it is one of the panel's own, or none.
    Nowhere,
}

/// A group that is not declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OddGroup {
    /// Why not.
    pub(super) why: String,
    /// How it could be declared.
    pub(super) line: Option<String>,
}

impl GroupSurvey {
    /// Counts a user with a link in the group. Users come in the order of
    /// their names.
    pub(super) fn add(&mut self, user: &UserName, found: Option<&Group>) {
        let known = self.ways.iter_mut().find(|(way, _)| way.as_ref() == found);
        if let Some((_, users)) = known {
            users.add(user);
        } else if self.ways.len() < WAYS {
            let mut users = Users::default();
            users.add(user);
            self.ways.push((found.cloned(), users));
        } else {
            self.rest.add(user);
        }
    }

    /// What it is once all are counted.
    pub(super) fn found(&self) -> GroupFound {
        match self.ways.as_slice() {
            [] | [(None, _)] => return GroupFound::Nowhere,
            [(Some(group), _)] => return GroupFound::Same(group.clone()),
            [_, _, ..] => {}
        }
        let users = self.ways.iter().map(|(_, users)| users.count);
        let all = users.sum::<usize>() + self.rest.count;
        let there = self.ways.iter().filter(|(way, _)| way.is_some());
        // Of several that are as many, the first.
        let most = there.clone().rev().max_by_key(|(_, users)| users.count);
        let have = Users::all(there.map(|(_, users)| users).chain([&self.rest]));
        let verb = |count| if count == 1 { "has" } else { "have" };
        let why = if have.count * 2 < all {
            let (count, verb, names) = (have.count, verb(have.count), have.names());
            format!("only {count} of {all} users with a link in it {verb} it whole: {names}")
        } else {
            let is_other = |way: &&(Option<Group>, Users)| most.is_none_or(|most| way.0 != most.0);
            let others = self.ways.iter().filter(is_other).map(|(_, users)| users);
            let others = Users::all(others.chain([&self.rest]));
            let (count, verb, names) = (others.count, verb(others.count), others.names());
            format!(
                "{count} of {all} users with a link in it {verb} it in another way, or not \
                 whole: {names}"
            )
        };
        GroupFound::Differs(most.and_then(|(way, _)| way.clone()), why)
    }
}

/// The groups of a user that are not whole, and why that is said. `named` are
/// those that links to be taken over stand in: `None` where one is not as it
/// would be written. That another is there, in use or not, is nothing odd.
pub fn broken_groups(
    actual: &ActualUser,
    named: &BTreeMap<GroupId, Option<Group>>,
) -> BTreeMap<GroupId, String> {
    let groups = actual.groups.iter().filter_map(|(id, group)| {
        let ActualGroup { userconfig, menu } = group;
        let files = [
            broken(FileKind::Userconfig, userconfig),
            broken(FileKind::Menu, menu),
        ];
        let mut why: Vec<_> = files.into_iter().flatten().collect();
        if why.is_empty() && matches!(named.get(id), Some(None)) {
            why.push("a manifest that declares it would change it".to_owned());
        }
        (!why.is_empty()).then(|| (id.clone(), why.join("; ")))
    });
    groups.collect()
}

/// A group as it is declared; `None` where it lacks what a declared one has.
pub(super) fn line(id: &GroupId, group: &Group) -> Option<String> {
    let Group { label, order } = group;
    let (label, order) = (label.as_deref()?, order.as_ref()?);
    order.as_str().parse::<i64>().ok()?;
    let (id, label) = (yaml::text(id.as_str()), yaml::text(label));
    Some(format!("{id}: {{ label: {label}, order: {order} }}"))
}

/// A manifest that declares just this group, for the loader to judge; `None`
/// where it cannot be declared.
pub fn group_document(id: &GroupId, group: &Group) -> Option<String> {
    let line = line(id, group)?;
    let link = "{ label: x, implements: \"\", url: \"https://x.example/\" }";
    Some(format!(
        "version: 1\ngroups:\n  {line}\nusers: {{ x: {{ links: {{ x: {link} }} }} }}\n"
    ))
}
