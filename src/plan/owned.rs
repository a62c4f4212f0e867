//! What is ours: written by cplinks and recorded in the state. Says nothing
//! of what lies on disk now.

use super::address::Address;
use crate::model::{AppName, GroupId, TokenRef, UserName};
use std::collections::{BTreeMap, BTreeSet};

/// The links and groups cplinks has a record of writing, and where tokens
/// went. Empty, everything on disk is foreign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owned {
    /// Each link with how it was last written.
    links: BTreeMap<UserName, BTreeMap<AppName, Written>>,
    groups: BTreeMap<UserName, BTreeSet<GroupId>>,
    /// The host that a token was last posted to, by the text of its
    /// reference. Never the token, nor anything made from it.
    token_hosts: BTreeMap<String, String>,
}

/// How a link was last written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Written {
    host: Option<String>,
    token: Option<String>,
}

impl Owned {
    /// Records a link as ours.
    pub fn insert(&mut self, user: UserName, app: AppName) {
        self.insert_with_host(user, app, None);
    }

    /// Records a link as ours, with the auto-login host it was written with.
    pub fn insert_with_host(&mut self, user: UserName, app: AppName, host: Option<String>) {
        self.insert_written(user, app, host, None);
    }

    /// Records a link as ours, with the auto-login host and the reference of
    /// the token it was written with.
    pub fn insert_written(
        &mut self,
        user: UserName,
        app: AppName,
        host: Option<String>,
        token: Option<String>,
    ) {
        let written = Written { host, token };
        // They come user by user, so that most are of the last one.
        match self.links.last_entry() {
            Some(mut last) if *last.key() == user => last.get_mut().insert(app, written),
            Some(_) | None => self.links.entry(user).or_default().insert(app, written),
        };
    }

    /// Records a group as ours.
    pub fn insert_group(&mut self, user: UserName, id: GroupId) {
        self.groups.entry(user).or_default().insert(id);
    }

    /// Records the host that the token behind a reference was posted to, and
    /// gives the one that was recorded before.
    pub fn insert_token_host(&mut self, reference: String, host: String) -> Option<String> {
        self.token_hosts.insert(reference, host)
    }

    /// All references with the host that their token was last posted to.
    pub fn token_hosts(&self) -> impl Iterator<Item = (&str, &str)> {
        let hosts = self.token_hosts.iter();
        hosts.map(|(reference, host)| (reference.as_str(), host.as_str()))
    }

    /// Whether the link is ours.
    pub fn has(&self, user: &UserName, app: &AppName) -> bool {
        self.links
            .get(user)
            .is_some_and(|apps| apps.contains_key(app))
    }

    /// Whether the group is ours.
    pub fn has_group(&self, user: &UserName, id: &GroupId) -> bool {
        self.groups.get(user).is_some_and(|ids| ids.contains(id))
    }

    /// Whether the link or group is ours.
    pub fn has_address(&self, address: &Address) -> bool {
        match address {
            Address::Link(user, app) => self.has(user, app),
            Address::Group(user, id) => self.has_group(user, id),
        }
    }

    /// The auto-login host a link was last written with, if it had one.
    pub fn host(&self, user: &UserName, app: &AppName) -> Option<&str> {
        self.links.get(user)?.get(app)?.host.as_deref()
    }

    /// The reference of the token a link was last written with, where that is
    /// known.
    pub fn token(&self, user: &UserName, app: &AppName) -> Option<&str> {
        self.links.get(user)?.get(app)?.token.as_deref()
    }

    /// The host that the token behind a reference went to; `None` also for
    /// literal tokens, which no reference tells apart.
    pub fn token_host(&self, reference: &TokenRef) -> Option<&str> {
        self.token_host_of(&reference.key()?)
    }

    /// The host that the token behind the text of a reference went to.
    pub fn token_host_of(&self, reference: &str) -> Option<&str> {
        self.token_hosts.get(reference).map(String::as_str)
    }

    /// The apps we own of a user.
    pub fn apps(&self, user: &UserName) -> impl Iterator<Item = &AppName> {
        self.links.get(user).into_iter().flat_map(BTreeMap::keys)
    }

    /// The groups we own of a user.
    pub fn groups(&self, user: &UserName) -> impl Iterator<Item = &GroupId> {
        self.groups.get(user).into_iter().flatten()
    }

    /// All users we own groups of. One may outlive the links that stood in it.
    pub fn users_with_groups(&self) -> impl Iterator<Item = &UserName> {
        self.groups.keys()
    }

    /// All users we own links of.
    pub fn users(&self) -> impl ExactSizeIterator<Item = &UserName> {
        self.links.keys()
    }
}
