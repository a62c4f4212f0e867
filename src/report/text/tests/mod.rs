//! Whole plans as text. Each is made by the planner from two small sides, so
//! that it is a plan that can be.

mod groups;
mod laws;
mod rows;

use super::{Header, TextOptions, plan as write_plan};
use crate::model::{
    Account, ActualGroup, ActualLink, ActualUser, AdminConfig, AppName, DesiredLink, DesiredToken,
    DesiredUser, FileKind, Folder, Found, Group, GroupConfig, GroupId, Lies, Link, MenuEntry,
    MenuFile, Ownership, Secret, Stamp, TokenRef, UserConfig, UserName, Wanted, neutral_icon,
};
use crate::plan::{
    Allowances, AppRules, FileOwner, Holds, Limits, Owned, Plan, Policy, Scope, UnknownTokens,
    Unlisted,
};
use std::collections::BTreeMap;

pub(in crate::report) const APP: &str = "ACME_billing";

pub(in crate::report) fn link(label: &str) -> Link {
    Link {
        label: Some(label.to_owned()),
        implements: Some("billing".to_owned()),
        url: Some("https://billing.acme.example/account".to_owned()),
        ..Link::default()
    }
}

pub(in crate::report) fn app(name: &str) -> AppName {
    AppName::parse(name).unwrap()
}

fn stamp(kind: FileKind) -> Stamp {
    Stamp {
        sha256: [0; 32],
        ownership: Ownership {
            mode: kind.mode(),
            uid: 0,
            gid: 0,
        },
    }
}

fn found<T>(kind: FileKind, value: T) -> Lies<T> {
    Lies::File(Found {
        value,
        stamp: stamp(kind),
    })
}

fn set_mode<T>(lies: &mut Lies<T>, mode: u32) {
    if let Lies::File(found) = lies {
        found.stamp.ownership.mode = mode;
    }
}

/// A link as it lies on disk once it was applied.
pub(in crate::report) fn on_disk(name: &str, link: &Link, token: Option<&str>) -> ActualLink {
    let mut entry = MenuEntry::of_link(&app(name), link);
    entry.icon.get_or_insert_with(neutral_icon);
    ActualLink {
        userconfig: found(
            FileKind::Userconfig,
            UserConfig {
                link: link.clone(),
                ..UserConfig::default()
            },
        ),
        adminconfig: found(
            FileKind::Adminconfig,
            AdminConfig {
                token: token.map(|t| Secret::new(t.to_owned())).into(),
                ..AdminConfig::default()
            },
        ),
        menu: found(
            FileKind::Menu,
            MenuFile {
                entry,
                ..MenuFile::default()
            },
        ),
    }
}

/// A group as it lies on disk once it was applied.
pub(in crate::report) fn group_on_disk(id: &GroupId, group: Group) -> ActualGroup {
    let entry = MenuEntry::of_group(id, &group);
    ActualGroup {
        userconfig: found(
            FileKind::Userconfig,
            GroupConfig {
                group,
                ..GroupConfig::default()
            },
        ),
        menu: found(
            FileKind::Menu,
            MenuFile {
                entry,
                ..MenuFile::default()
            },
        ),
    }
}

fn broken<T>(kind: FileKind, why: &str) -> Lies<T> {
    Lies::Broken(Found {
        value: why.to_owned(),
        stamp: stamp(kind),
    })
}

pub(in crate::report) fn known(token: &str) -> DesiredToken {
    DesiredToken::Known {
        reference: TokenRef::Secret("alice/ACME_billing".to_owned()),
        secret: Secret::new(token.to_owned()),
    }
}

/// Both sides, and what else a plan is made from.
pub(in crate::report) struct World {
    pub(in crate::report) desired: BTreeMap<UserName, DesiredUser>,
    pub(in crate::report) actual: BTreeMap<UserName, ActualUser>,
    pub(in crate::report) owned: Owned,
    pub(in crate::report) unlisted: Unlisted,
    options: TextOptions,
    pub(in crate::report) header: Header,
}

impl World {
    pub(in crate::report) fn new() -> Self {
        Self {
            desired: BTreeMap::new(),
            actual: BTreeMap::new(),
            owned: Owned::default(),
            unlisted: Unlisted::HideOwned,
            options: TextOptions {
                expand: false,
                width: 100,
            },
            header: Header {
                title: "plan of".to_owned(),
                root: "/var/cpanel/integration".to_owned(),
                unlisted: Some(Unlisted::HideOwned),
                scope: Scope::default(),
                ledger: true,
                notes: Vec::new(),
                server: None,
                digest: None,
            },
        }
    }

    pub(in crate::report) fn user(&mut self, name: &str) -> (&mut DesiredUser, &mut ActualUser) {
        let name = UserName::parse(name).unwrap();
        let desired = self.desired.entry(name.clone());
        let desired = desired.or_insert_with(|| DesiredUser {
            name: name.clone(),
            groups: BTreeMap::new(),
            links: BTreeMap::new(),
        });
        let folder = Folder::Present(Ownership {
            mode: 0o750,
            uid: 0,
            gid: 1001,
        });
        let actual = self.actual.entry(name.clone());
        let actual = actual.or_insert_with(|| ActualUser {
            name,
            account: Account::NotAsked,
            links_folder: folder.clone(),
            menu_folder: folder,
            links: BTreeMap::new(),
            groups: BTreeMap::new(),
            strays: Vec::new(),
        });
        (desired, actual)
    }

    pub(in crate::report) fn want_with(
        &mut self,
        user: &str,
        name: &str,
        link: Link,
        token: DesiredToken,
    ) {
        let wanted = Wanted::Link(Box::new(DesiredLink { link, token }));
        self.user(user).0.links.insert(app(name), wanted);
    }

    pub(in crate::report) fn want(&mut self, user: &str, name: &str, link: Link) {
        self.want_with(user, name, link, DesiredToken::None);
    }

    pub(in crate::report) fn have(&mut self, user: &str, name: &str, link: ActualLink) {
        self.user(user).1.links.insert(app(name), link);
    }

    pub(in crate::report) fn own(&mut self, user: &str, name: &str) {
        self.owned.insert(UserName::parse(user).unwrap(), app(name));
    }

    /// A link of ours that changes from one version to another.
    pub(in crate::report) fn change(&mut self, user: &str, before: &Link, after: Link) {
        self.have(user, APP, on_disk(APP, before, None));
        self.own(user, APP);
        self.want(user, APP, after);
    }

    pub(in crate::report) fn plan(&self) -> Plan {
        let policy = Policy {
            unlisted: self.unlisted,
            apps: AppRules::default(),
            scope: Scope::default(),
            limits: Limits::BUILT_IN,
            allowances: Allowances::default(),
            owner: FileOwner::Keep,
            unknown_tokens: UnknownTokens::NotCompared,
            holds: Holds::default(),
        };
        Plan::between(
            self.desired.values(),
            self.actual.values(),
            &self.owned,
            &policy,
        )
    }

    fn styled_text(&self) -> String {
        let mut out = Vec::new();
        write_plan(&self.plan(), &self.header, &self.options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn text(&self) -> String {
        let text = self.styled_text();
        anstream::adapter::strip_str(&text).to_string()
    }
}
