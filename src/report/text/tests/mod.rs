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
    Allowances, AppRules, FileOwner, Limits, Owned, Plan, Policy, Scope, UnknownTokens, Unlisted,
};
use std::collections::BTreeMap;

const APP: &str = "ACME_billing";

fn link(label: &str) -> Link {
    Link {
        label: Some(label.to_owned()),
        implements: Some("billing".to_owned()),
        url: Some("https://billing.acme.example/account".to_owned()),
        ..Link::default()
    }
}

fn app(name: &str) -> AppName {
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
fn on_disk(name: &str, link: &Link, token: Option<&str>) -> ActualLink {
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
fn group_on_disk(id: &GroupId, group: Group) -> ActualGroup {
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

fn known(token: &str) -> DesiredToken {
    DesiredToken::Known {
        reference: TokenRef::Secret("alice/ACME_billing".to_owned()),
        secret: Secret::new(token.to_owned()),
    }
}

/// Both sides, and what else a plan is made from.
struct World {
    desired: BTreeMap<UserName, DesiredUser>,
    actual: BTreeMap<UserName, ActualUser>,
    owned: Owned,
    unlisted: Unlisted,
    options: TextOptions,
    header: Header,
}

impl World {
    fn new() -> Self {
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
                digest: None,
            },
        }
    }

    fn user(&mut self, name: &str) -> (&mut DesiredUser, &mut ActualUser) {
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

    fn want_with(&mut self, user: &str, name: &str, link: Link, token: DesiredToken) {
        let wanted = Wanted::Link(Box::new(DesiredLink { link, token }));
        self.user(user).0.links.insert(app(name), wanted);
    }

    fn want(&mut self, user: &str, name: &str, link: Link) {
        self.want_with(user, name, link, DesiredToken::None);
    }

    fn have(&mut self, user: &str, name: &str, link: ActualLink) {
        self.user(user).1.links.insert(app(name), link);
    }

    fn own(&mut self, user: &str, name: &str) {
        self.owned.insert(UserName::parse(user).unwrap(), app(name));
    }

    /// A link of ours that changes from one version to another.
    fn change(&mut self, user: &str, before: &Link, after: Link) {
        self.have(user, APP, on_disk(APP, before, None));
        self.own(user, APP);
        self.want(user, APP, after);
    }

    fn plan(&self) -> Plan {
        let policy = Policy {
            unlisted: self.unlisted,
            apps: AppRules::default(),
            scope: Scope::default(),
            limits: Limits::BUILT_IN,
            allowances: Allowances::default(),
            owner: FileOwner::Keep,
            unknown_tokens: UnknownTokens::NotCompared,
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
