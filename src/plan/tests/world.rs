//! The worlds of these tables: users with links whose files are given as
//! text, and a plan printed so that a row can hold it.

use super::shown::shown;
use crate::codec::{self, FormatError};
use crate::model::{
    Account, ActualGroup, ActualLink, ActualUser, AppName, DesiredLink, DesiredToken, DesiredUser,
    Folder, Found, Group, GroupId, Lies, Link, Obstacle, Order, Ownership, Secret, Stamp, TokenRef,
    UserName, Wanted,
};
use crate::plan::Found as Undone;
use crate::plan::{
    Allowances, AppRules, FileOwner, Holds, Limits, Now, Owned, Plan, Planner, Policy, Scope,
    Touch, Undoable, UnknownTokens, Unlisted, UserDrift,
};
use std::collections::BTreeMap;

pub(super) fn user(text: &str) -> UserName {
    UserName::parse(text).unwrap()
}

pub(super) fn app(text: &str) -> AppName {
    AppName::parse(text).unwrap()
}

pub(super) fn group(text: &str) -> GroupId {
    GroupId::parse(text).unwrap()
}

/// What lies at a path, before it is read.
#[derive(Clone)]
pub(super) enum Put {
    Absent,
    Text(String, Ownership),
    Obstacle(Obstacle),
}

impl Put {
    pub(super) fn text(text: &str, mode: u32) -> Self {
        let root = Ownership {
            mode,
            uid: 0,
            gid: 0,
        };
        Self::Text(text.to_owned(), root)
    }

    pub(super) fn read<T>(&self, parse: impl Fn(&[u8]) -> Result<T, FormatError>) -> Lies<T> {
        match self {
            Self::Absent => Lies::Absent,
            Self::Obstacle(obstacle) => Lies::Obstacle(obstacle.clone()),
            Self::Text(text, ownership) => {
                let stamp = Stamp {
                    sha256: [0; 32],
                    ownership: *ownership,
                };
                match parse(text.as_bytes()) {
                    Ok(value) => Lies::File(Found { value, stamp }),
                    Err(why) => Lies::Broken(Found {
                        value: why.to_string(),
                        stamp,
                    }),
                }
            }
        }
    }
}

/// The three files of a link.
#[derive(Clone)]
pub(super) struct Files {
    pub(super) u: Put,
    pub(super) a: Put,
    pub(super) d: Put,
}

impl Files {
    /// Those of [`wanted`] for `alice/ACME`, as cPanel itself would have
    /// written them: no `app`, no `user`, and an icon of its own.
    pub(super) fn equal() -> Self {
        Self {
            u: Put::text(USERCONFIG, 0o644),
            a: Put::text(r#"{"token":"abc"}"#, 0o600),
            d: Put::text(MENU, 0o644),
        }
    }

    pub(super) fn hidden() -> Self {
        Self::equal()
            .u_text(r#""order""#, r#""hide":"1","order""#)
            .d_text(r#""type""#, r#""if":"0","type""#)
    }

    pub(super) fn u(self, u: Put) -> Self {
        Self { u, ..self }
    }

    pub(super) fn a(self, a: Put) -> Self {
        Self { a, ..self }
    }

    pub(super) fn d(self, d: Put) -> Self {
        Self { d, ..self }
    }

    pub(super) fn u_text(self, from: &str, to: &str) -> Self {
        let u = replaced(&self.u, from, to);
        self.u(u)
    }

    pub(super) fn a_text(self, from: &str, to: &str) -> Self {
        let a = replaced(&self.a, from, to);
        self.a(a)
    }

    pub(super) fn d_text(self, from: &str, to: &str) -> Self {
        let d = replaced(&self.d, from, to);
        self.d(d)
    }

    /// The same link of another app.
    pub(super) fn of_app(self, app: &str) -> Self {
        self.d_text("ACME", app)
    }

    pub(super) fn read(self) -> ActualLink {
        let Self { u, a, d } = self;
        ActualLink {
            userconfig: u.read(codec::userconfig::parse),
            adminconfig: a.read(codec::adminconfig::parse),
            menu: d.read(codec::menu::parse),
        }
    }
}

#[track_caller]
fn replaced(put: &Put, from: &str, to: &str) -> Put {
    match put {
        Put::Text(text, ownership) => {
            assert!(text.contains(from), "{from} is not in {text}");
            Put::Text(text.replace(from, to), *ownership)
        }
        Put::Absent | Put::Obstacle(_) => panic!("no text to replace {from} in"),
    }
}

const USERCONFIG: &str = r#"{"label":"Billing","implements":"billing",
    "url":"https://x.example/","order":"10"}"#;

const MENU: &str = r#"[{"type":"image","subtype":"img","imgtype":"icon","file":"ACME",
    "url":"integration/index.html?app=ACME","target":"_blank","description":"$LANG{'Billing'}",
    "itemdesc":"$LANG{'Billing'}","group":"preferences","itemorder":"10",
    "implements":"billing","base64_png_image":"AAAA","width":48,"height":null}]"#;

/// The link that [`Files::equal`] holds.
pub(super) fn wanted() -> DesiredLink {
    DesiredLink {
        link: Link {
            label: Some("Billing".to_owned()),
            implements: Some("billing".to_owned()),
            url: Some("https://x.example/".to_owned()),
            order: Some(Order::from(10)),
            ..Link::default()
        },
        token: known("abc"),
    }
}

/// [`wanted`] with something else about it.
pub(super) fn wanted_with(change: impl FnOnce(&mut DesiredLink)) -> Wanted {
    let mut desired = wanted();
    change(&mut desired);
    Wanted::Link(Box::new(desired))
}

pub(super) fn as_is() -> Wanted {
    wanted_with(|_| {})
}

pub(super) fn known(token: &str) -> DesiredToken {
    DesiredToken::Known {
        reference: TokenRef::Secret("alice/ACME".to_owned()),
        secret: Secret::new(token.to_owned()),
    }
}

pub(super) fn unknown() -> DesiredToken {
    DesiredToken::Unknown {
        reference: TokenRef::Secret("alice/ACME".to_owned()),
        why: "no secrets file was given".to_owned(),
    }
}

/// Everything a plan is made from.
#[derive(Debug)]
pub(super) struct World {
    desired: BTreeMap<UserName, DesiredUser>,
    actual: BTreeMap<UserName, ActualUser>,
    pub(super) owned: Owned,
    pub(super) policy: Policy,
}

impl World {
    /// Nobody, and the rules of a plain `apply`, but keeping what is unlisted.
    pub(super) fn new() -> Self {
        Self {
            desired: BTreeMap::new(),
            actual: BTreeMap::new(),
            owned: Owned::default(),
            policy: Policy {
                unlisted: Unlisted::Keep,
                apps: AppRules::default(),
                scope: Scope::default(),
                limits: Limits::BUILT_IN,
                allowances: Allowances::default(),
                owner: FileOwner::Keep,
                unknown_tokens: UnknownTokens::Block,
                holds: Holds::default(),
            },
        }
    }

    /// All of it, one user after the other.
    pub(super) fn add_to(&self, planner: &mut Planner<'_>) {
        for actual in self.actual.values() {
            let desired = self.desired.get(&actual.name);
            planner.add(desired, actual, &UserDrift::default());
        }
    }

    /// `alice/ACME`, wanted and there.
    pub(super) fn of(wanted: Wanted, files: Files) -> Self {
        let mut world = Self::new();
        world.want("alice", "ACME", wanted);
        world.put("alice", "ACME", files);
        world
    }

    pub(super) fn desired(&mut self, name: &str) -> &mut DesiredUser {
        self.actual(name);
        self.desired
            .entry(user(name))
            .or_insert_with(|| DesiredUser {
                name: user(name),
                groups: BTreeMap::new(),
                links: BTreeMap::new(),
            })
    }

    pub(super) fn actual(&mut self, name: &str) -> &mut ActualUser {
        let ownership = Ownership {
            mode: 0o750,
            uid: 0,
            gid: 1000,
        };
        self.actual.entry(user(name)).or_insert_with(|| ActualUser {
            name: user(name),
            account: Account::NotAsked,
            links_folder: Folder::Present(ownership),
            menu_folder: Folder::Present(ownership),
            links: BTreeMap::new(),
            groups: BTreeMap::new(),
            strays: Vec::new(),
        })
    }

    pub(super) fn want(&mut self, user: &str, app_name: &str, wanted: Wanted) -> &mut Self {
        self.desired(user).links.insert(app(app_name), wanted);
        self
    }

    pub(super) fn put(&mut self, user: &str, app_name: &str, files: Files) -> &mut Self {
        let link = files.read();
        self.actual(user).links.insert(app(app_name), link);
        self
    }

    pub(super) fn own(&mut self, name: &str, app_name: &str) -> &mut Self {
        self.owned.insert(user(name), app(app_name));
        self
    }

    pub(super) fn want_group(&mut self, name: &str, id: &str, label: &str) -> &mut Self {
        let wanted = Group {
            label: Some(label.to_owned()),
            order: Some(Order::from(1)),
        };
        self.desired(name).groups.insert(group(id), wanted);
        self
    }

    pub(super) fn put_group(&mut self, name: &str, id: &str, u: &Put, d: &Put) -> &mut Self {
        let actual = ActualGroup {
            userconfig: u.read(codec::group::parse),
            menu: d.read(codec::menu::parse),
        };
        self.actual(name).groups.insert(group(id), actual);
        self
    }

    pub(super) fn plan(&self) -> Plan {
        Plan::between(
            self.desired.values(),
            self.actual.values(),
            &self.owned,
            &self.policy,
        )
    }

    /// The plan of one user, of whom something drifted.
    pub(super) fn plan_with_drift(&self, name: &str, drift: &UserDrift) -> Plan {
        let name = user(name);
        let mut planner = Planner::new(&self.owned, &self.policy);
        planner.add(self.desired.get(&name), &self.actual[&name], drift);
        planner.finish()
    }

    /// The plan of one user back from a run that found this, and left things
    /// as they are; in one line.
    pub(super) fn undone(&self, name: &str, found: Vec<Undone>) -> String {
        let undoable = |found| Undoable {
            found,
            touch: Touch::default(),
            now: Now::AsLeft,
            was_owned: true,
            is_last: true,
            token: None,
            refusal: None,
        };
        let mut planner = Planner::of_run(&self.owned, &self.policy);
        let found = found.into_iter().map(undoable).collect();
        planner.undo(&self.actual[&user(name)], found);
        shown(&planner.finish())
    }

    /// The plan in one line; see [`shown`].
    #[track_caller]
    pub(super) fn check(&self, expect: &str) {
        assert_eq!(shown(&self.plan()), expect);
        // The order in which users are given is no input.
        let backwards = Plan::between(
            self.desired.values().rev(),
            self.actual.values().rev(),
            &self.owned,
            &self.policy,
        );
        assert_eq!(backwards, self.plan());
    }
}
