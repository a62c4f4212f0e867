//! A root with one user, alice, and short words for what she should have.

use crate::apply::{Report, apply};
use crate::model::{
    Account, ActualLink, AppName, DesiredLink, DesiredToken, DesiredUser, Group, GroupId, Link,
    Secret, TokenRef, UserName, Wanted,
};
use crate::plan::{
    Allowances, AppRules, FileOwner, Holds, Limits, Owned, Plan, Policy, Scope, UnknownTokens,
    Unlisted,
};
use crate::store::faulty::Faulty;
use crate::store::testing::{Fixture, header, user};
use crate::store::{Disk, Recovery, Store};
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) fn app(name: &str) -> AppName {
    AppName::parse(name).unwrap()
}

/// What alice should have of one app.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    app: AppName,
    link: Option<DesiredLink>,
}

/// A link with this label, app `a`, and no token.
pub(super) fn link(label: &str) -> Wish {
    Wish {
        app: app("a"),
        link: Some(DesiredLink {
            link: Link {
                label: Some(label.to_owned()),
                ..Link::default()
            },
            token: DesiredToken::None,
        }),
    }
}

/// No app `a`.
pub(super) fn absent() -> Wish {
    Wish {
        app: app("a"),
        link: None,
    }
}

impl Wish {
    fn with(mut self, change: impl FnOnce(&mut DesiredLink)) -> Self {
        change(self.link.as_mut().unwrap());
        self
    }

    fn reference(&self) -> TokenRef {
        TokenRef::Secret(format!("alice/{}", self.app))
    }

    pub(super) fn app(mut self, name: &str) -> Self {
        self.app = app(name);
        self
    }

    pub(super) fn token(self, secret: &str) -> Self {
        let reference = self.reference();
        let secret = Secret::new(secret.to_owned());
        self.with(|l| l.token = DesiredToken::Known { reference, secret })
    }

    pub(super) fn unknown_token(self) -> Self {
        let reference = self.reference();
        let why = "no secrets were given".to_owned();
        self.with(|l| l.token = DesiredToken::Unknown { reference, why })
    }

    pub(super) fn keep_token(self) -> Self {
        self.with(|l| l.token = DesiredToken::Keep)
    }

    pub(super) fn url(self, url: &str) -> Self {
        self.with(|l| l.link.autologin_token_url = Some(url.to_owned()))
    }

    pub(super) fn hide(self) -> Self {
        self.with(|l| l.link.hide = true)
    }

    pub(super) fn group(self, id: &str) -> Self {
        self.with(|l| l.link.group_id = Some(id.to_owned()))
    }
}

/// The token on disk.
pub(super) fn token(link: &ActualLink) -> Option<String> {
    let token = link.adminconfig.value()?.token.seen()?;
    Some(token.expose().to_owned())
}

/// What a plan of these wishes for each of these users would be now. Links on
/// disk are nobody's, groups are ours.
pub(super) fn plan_on<D: Disk>(store: &Store<D>, users: &[UserName], wishes: &[Wish]) -> Plan {
    let groups: BTreeMap<_, _> = wishes
        .iter()
        .filter_map(|wish| wish.link.as_ref()?.link.group_id.as_deref())
        .map(|id| {
            let group = Group {
                label: Some(format!("Group {id}")),
                order: Some(1.into()),
            };
            (GroupId::parse(id).unwrap(), group)
        })
        .collect();
    let wanted = |wish: &Wish| match &wish.link {
        Some(link) => Wanted::Link(Box::new(link.clone())),
        None => Wanted::Absent,
    };
    let desired = users.iter().map(|name| DesiredUser {
        name: name.clone(),
        groups: groups.clone(),
        links: wishes
            .iter()
            .map(|wish| (wish.app.clone(), wanted(wish)))
            .collect(),
    });
    let desired: Vec<_> = desired.collect();
    let policy = Policy {
        unlisted: Unlisted::RemoveOwned,
        apps: AppRules::default(),
        scope: Scope::default(),
        limits: Limits::BUILT_IN,
        allowances: Allowances::default(),
        owner: FileOwner::Keep,
        unknown_tokens: UnknownTokens::NotCompared,
        holds: Holds::default(),
    };
    let actual = users
        .iter()
        .map(|name| store.read_user(name, Account::NotAsked));
    let actual: Vec<_> = actual.collect();
    let mut owned = Owned::default();
    for user in &actual {
        for id in user.groups.keys() {
            owned.insert_group(user.name.clone(), id.clone());
        }
    }
    let plan = Plan::between(&desired, &actual, &owned, &policy);
    assert_eq!(plan.blocked, []);
    plan
}

/// A root, and its store on a disk that can fail.
pub(super) struct World {
    pub(super) fixture: Fixture,
    pub(super) disk: Faulty,
    pub(super) store: Store<Faulty>,
}

impl World {
    pub(super) fn new() -> Self {
        let fixture = Fixture::new();
        let disk = Faulty::default();
        let store = fixture.store_on(disk.clone());
        Self {
            fixture,
            disk,
            store,
        }
    }

    /// What a plan of these wishes would be now.
    pub(super) fn plan(&self, wishes: &[Wish]) -> Plan {
        self.plan_for(&[user("alice")], wishes)
    }

    /// The same for each of these users.
    pub(super) fn plan_for(&self, users: &[UserName], wishes: &[Wish]) -> Plan {
        plan_on(&self.store, users, wishes)
    }

    pub(super) fn apply(&self, plan: &Plan) -> Report {
        self.apply_until(plan, &|| false)
    }

    /// Applies until it is interrupted.
    pub(super) fn apply_until(&self, plan: &Plan, interrupt: &dyn Fn() -> bool) -> Report {
        let lock = self.store.lock_exclusive(Duration::ZERO).unwrap();
        let heard = &mut |_, _| {};
        apply(plan, &self.store, &lock, &header(), interrupt, heard).unwrap()
    }

    /// Puts an interrupted run in order.
    pub(super) fn recover(&self) -> Recovery {
        let lock = self.store.lock_exclusive(Duration::ZERO).unwrap();
        self.store.recover(&lock).unwrap()
    }

    /// Recovers, plans and applies.
    pub(super) fn round(&self, wishes: &[Wish]) -> Report {
        self.recover();
        self.apply(&self.plan(wishes))
    }

    /// Alice's link `a` as it lies there.
    pub(super) fn shown(&self) -> ActualLink {
        let actual = self.store.read_user(&user("alice"), Account::NotAsked);
        actual.links[&app("a")].clone()
    }

    /// Where the first edit of the second run stages a file.
    pub(super) fn staged(&self, name: &str) -> String {
        let staged = format!(".cplinks/runs/000002/stage/000001-{name}");
        self.fixture.path(&staged).display().to_string()
    }
}
