//! What all targets hold their inputs against, made once: two hosts, the
//! secrets of one, and users of whom something is there.

use cplinks::codec::{adminconfig, menu, userconfig};
use cplinks::manifest::{HostPolicy, OwnerCheck, Presence, Tokens, load_policy};
use cplinks::model::{
    Account, ActualGroup, ActualLink, ActualUser, AppName, DesiredToken, Folder, Found, Group,
    GroupConfig, GroupId, Lies, Link, MenuEntry, MenuFile, Ownership, Secret, Stamp, UserName,
};
use cplinks::plan::Scope;
use cplinks::report::Header;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

/// A token that no output may hold.
pub(crate) const CANARY: &str = "c4n4ry-7f3a91d0";

const POLICY: &str = r#"
manage: ["A*", "group*"]
ignore: ["AB*"]
guards: { hide: 10% }
autologin_hosts: [billing.acme.example, 127.0.0.1]
env: [TOKEN]
secrets: [/etc/cplinks/secrets]
"#;

struct World {
    hosts: [HostPolicy; 2],
    tokens: [Tokens; 2],
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let policy = load_policy(
        &write("policy", POLICY),
        Presence::Required,
        OwnerCheck::Off,
    );
    let secrets = format!("alice/ACME_billing: {CANARY}-1\nb: {CANARY}-2\n");
    let secrets = write("secrets.yaml", &secrets);
    World {
        hosts: [
            HostPolicy::default(),
            policy.policy.expect("the policy is right"),
        ],
        tokens: [
            Tokens::default(),
            Tokens::load(&[secrets], OwnerCheck::Off).expect("the secrets are right"),
        ],
    }
});

/// Makes it all, so that no input is charged with it.
pub(crate) fn prepare() {
    LazyLock::force(&WORLD);
}

/// A host without a policy, and one with a strict one.
pub(crate) fn hosts() -> &'static [HostPolicy; 2] {
    &WORLD.hosts
}

/// No secrets, and some.
pub(crate) fn tokens() -> &'static [Tokens; 2] {
    &WORLD.tokens
}

pub(crate) fn user(name: &str) -> UserName {
    UserName::parse(name).expect("a name")
}

pub(crate) fn app(name: &str) -> AppName {
    AppName::parse(name).expect("a name")
}

pub(crate) fn group_id(name: &str) -> GroupId {
    GroupId::parse(name).expect("a name")
}

/// A user of whom this is there.
pub(crate) fn actual(
    name: &UserName,
    links: BTreeMap<AppName, ActualLink>,
    groups: BTreeMap<GroupId, ActualGroup>,
) -> ActualUser {
    let folder = Folder::Present(ownership(0o750));
    ActualUser {
        name: name.clone(),
        account: Account::NotAsked,
        links_folder: folder.clone(),
        menu_folder: folder,
        links,
        groups,
        strays: Vec::new(),
    }
}

/// A file with this content and the right mode.
pub(crate) fn file<T>(value: T, mode: u32) -> Lies<T> {
    Lies::File(Found {
        value,
        stamp: Stamp {
            sha256: [0; 32],
            ownership: ownership(mode),
        },
    })
}

fn ownership(mode: u32) -> Ownership {
    Ownership {
        mode,
        uid: 0,
        gid: 0,
    }
}

/// The three files of a link as they are read once they are written, which
/// goes through their bytes.
pub(crate) fn written(
    user: &UserName,
    app: &AppName,
    link: &Link,
    token: Option<&Secret>,
) -> ActualLink {
    let read = "what is written is read";
    let fields = userconfig::render(user, app, link, None);
    let admin = adminconfig::render(token, None);
    let entry = menu::render(&MenuEntry::of_link(app, link), menu::Pictured::Yes, None);
    ActualLink {
        userconfig: file(userconfig::parse(&fields).expect(read), 0o644),
        adminconfig: file(adminconfig::parse(&admin).expect(read), 0o600),
        menu: file(menu::parse(&entry).expect(read), 0o644),
    }
}

/// The two files of a group, in the same way.
pub(crate) fn written_group(id: &GroupId, group: &Group) -> ActualGroup {
    let read = "what is written is read";
    let fields = cplinks::codec::group::render(group, None);
    let entry = menu::render(&MenuEntry::of_group(id, group), menu::Pictured::No, None);
    let config: GroupConfig = cplinks::codec::group::parse(&fields).expect(read);
    let entry: MenuFile = menu::parse(&entry).expect(read);
    ActualGroup {
        userconfig: file(config, 0o644),
        menu: file(entry, 0o644),
    }
}

/// The token that is written for what is wanted.
pub(crate) fn token_of(token: &DesiredToken) -> Option<Secret> {
    match token {
        DesiredToken::None => None,
        DesiredToken::Keep | DesiredToken::Unknown { .. } => Some(Secret::new("kept".to_owned())),
        DesiredToken::Known { secret, .. } => Some(secret.clone()),
    }
}

/// What stands above a plan.
pub(crate) fn header(root: &str, notes: Vec<String>) -> Header {
    Header {
        title: "plan of".to_owned(),
        root: root.to_owned(),
        unlisted: None,
        scope: Scope::default(),
        ledger: true,
        notes,
        server: None,
        digest: None,
    }
}
