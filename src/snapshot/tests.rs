//! What is written is read back, but for what is redacted: whatever was found,
//! and whatever somebody else made of the text.

use super::{About, Salt, Snapshot, Writer};
use crate::model::{
    Account, ActualGroup, ActualLink, ActualUser, AdminConfig, AppName, Customer, Folder, Found,
    FoundToken, Group, GroupConfig, GroupId, Icon, Lies, Link, MenuEntry, MenuFile, Obstacle,
    Order, Ownership, Reseller, Secret, Stamp, UserConfig, UserName,
};
use crate::plan::{FileOwner, GlobSet, Owned, Pause};
use jiff::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn user(name: &str) -> UserName {
    UserName::parse(name).unwrap()
}

fn app(name: &str) -> AppName {
    AppName::parse(name).unwrap()
}

fn group(name: &str) -> GroupId {
    GroupId::parse(name).unwrap()
}

fn about() -> About {
    About {
        cplinks: "0.0.0".to_owned(),
        taken: Timestamp::from_second(1_800_000_000).unwrap(),
        host: "web1 \"\u{1b}".to_owned(),
        root: "/var/cpanel/integration".to_owned(),
        owners: FileOwner::Root,
        policy: Some("/etc/p.yaml".to_owned()),
        accounts: Some(customers().len()),
        has_record: false,
        pauses: vec![Pause {
            number: 3,
            users: GlobSet::parse(["acme*", "{a,b}"]).unwrap(),
            apps: GlobSet::default(),
            since: 1_799_999_000,
            until: 1_800_001_000,
            who: "root".to_owned(),
            reason: "a \"ticket\" \u{202e}".to_owned(),
        }],
    }
}

/// What the server's list says, of the first users.
fn customers() -> [Customer; 2] {
    let reseller = Some(Reseller::parse("root").unwrap());
    [Customer { reseller }, Customer { reseller: None }]
}

/// The document of some users, who come in the order of their names.
fn written(users: &[ActualUser], owned: &Owned) -> String {
    let mut text = Vec::new();
    let mut writer = Writer::start(&mut text, &about(), Salt([3; 16]), owned).unwrap();
    let customers = customers();
    for (at, user) in users.iter().enumerate() {
        writer.user(user, owned, customers.get(at)).unwrap();
    }
    writer.finish().unwrap();
    String::from_utf8(text).unwrap()
}

fn ownership(mode: u32) -> Ownership {
    Ownership {
        mode,
        uid: 7,
        gid: u32::MAX,
    }
}

/// A file as it is found, and as it is read back: without its hash.
fn found<T>(value: T, sha256: [u8; 32]) -> Lies<T> {
    let ownership = ownership(0o4755);
    Lies::File(Found {
        value,
        stamp: Stamp { sha256, ownership },
    })
}

fn broken<T>(sha256: [u8; 32]) -> Lies<T> {
    Lies::Broken(Found {
        value: "is empty".to_owned(),
        stamp: Stamp {
            sha256,
            ownership: ownership(0),
        },
    })
}

/// How a user is, before it is redacted and after.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Before,
    After,
}

impl Side {
    fn pick<T>(self, before: T, after: T) -> T {
        match self {
            Self::Before => before,
            Self::After => after,
        }
    }

    fn hash(self) -> [u8; 32] {
        self.pick([9; 32], [0; 32])
    }

    fn unknown(self) -> BTreeMap<String, String> {
        let value = self.pick("\"canary\"", "null").to_owned();
        BTreeMap::from([("x \u{7f}".to_owned(), value)])
    }

    fn menu(self, icon: Option<Icon>) -> Lies<MenuFile> {
        let url = self.pick("/x?token=canary", "/x?token=***").to_owned();
        let fields = [("if", "0"), ("url", &url), ("itemorder", "x")];
        let entry = MenuEntry {
            fields: fields.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
            icon,
        };
        let kept = self.unknown();
        found(MenuFile { entry, kept }, self.hash())
    }

    fn links(self) -> BTreeMap<AppName, ActualLink> {
        let icons = [
            None,
            Some(Icon::Image(b"picture".to_vec().into())),
            Some(Icon::Damaged("picture".to_owned())),
            Some(Icon::Damaged(String::new())),
        ];
        let tokens = [
            FoundToken::None,
            self.pick(
                FoundToken::Seen(Secret::new("canary".to_owned())),
                FoundToken::Unseen,
            ),
        ];
        let url = self.pick(
            "https://canary@x.example/?key=canary",
            "https://***@x.example/?key=***",
        );
        let mut links = BTreeMap::new();
        for (i, icon) in icons.into_iter().enumerate() {
            let text = |text: &str| (i != 0).then(|| text.to_owned());
            let userconfig = UserConfig {
                link: Link {
                    label: text("Ünïcode \u{0} \\ \" 😀"),
                    implements: text(""),
                    url: text(url),
                    autologin_token_url: text("not masked"),
                    subscriber_unique_id: text("007"),
                    group_id: text("g"),
                    order: text("1.5").map(|order| Order::from_disk(&order)),
                    hide: i == 1,
                    icon: icon.clone(),
                },
                stated_app: text("other"),
                stated_user: text("other"),
                unknown: self.unknown(),
            };
            let unknown = self.unknown().into_iter();
            let adminconfig = AdminConfig {
                token: tokens[i % 2].clone(),
                unknown: unknown.map(|(k, v)| (k, Secret::new(v))).collect(),
            };
            let link = ActualLink {
                userconfig: found(userconfig, self.hash()),
                adminconfig: found(adminconfig, self.hash()),
                menu: self.menu(icon),
            };
            links.insert(app(&format!("Whole{i}")), link);
        }
        for (i, obstacle) in obstacles().into_iter().enumerate() {
            let link = ActualLink {
                userconfig: Lies::Absent,
                adminconfig: broken(self.hash()),
                menu: Lies::Obstacle(obstacle),
            };
            links.insert(app(&format!("Obstacle{i}")), link);
        }
        links
    }

    fn groups(self) -> BTreeMap<GroupId, ActualGroup> {
        let config = GroupConfig {
            group: Group {
                label: Some("G".to_owned()),
                order: Some(Order::from(3)),
            },
            unknown: self.unknown(),
        };
        let whole = ActualGroup {
            userconfig: found(config, self.hash()),
            menu: self.menu(None),
        };
        let part = ActualGroup {
            userconfig: broken(self.hash()),
            menu: Lies::Absent,
        };
        [(group("g"), whole), (group("h"), part)].into()
    }

    fn users(self) -> Vec<ActualUser> {
        let accounts = [
            Account::NotAsked,
            Account::Known { gid: 0 },
            Account::Missing,
            Account::LookupFailed("no \u{1b} answer".to_owned()),
        ];
        let folders = obstacles().into_iter().map(Folder::Obstacle);
        let folders = folders.chain([Folder::Absent, Folder::Present(ownership(0o750))]);
        let users = folders.enumerate().map(|(i, folder)| ActualUser {
            name: user(&format!("user{i}")),
            account: accounts[i % 4].clone(),
            links_folder: folder.clone(),
            menu_folder: folder,
            links: self.links(),
            groups: self.groups(),
            strays: vec![self.pick("canary", "").to_owned(); i],
        });
        users.collect()
    }
}

fn obstacles() -> Vec<Obstacle> {
    vec![
        Obstacle::Symlink,
        Obstacle::Directory,
        Obstacle::Special("FIFO"),
        Obstacle::TooLarge(u64::MAX),
        Obstacle::Unsafe {
            mode: 0o777,
            uid: 12,
        },
        Obstacle::Unreadable("Input/output error".to_owned()),
    ]
}

fn owned() -> Owned {
    let mut owned = Owned::default();
    let (host, reference) = ("sso.example".to_owned(), "secret x/y".to_owned());
    owned.insert_written(user("user1"), app("A"), Some(host), Some(reference));
    owned.insert(user("user1"), app("B"));
    owned.insert_group(user("user2"), group("g"));
    owned.insert_token_host("secret x/y".to_owned(), "sso.example".to_owned());
    owned
}

#[test]
fn all_that_may_be_found_is_read_back_but_for_what_is_redacted() {
    let text = written(&Side::Before.users(), &owned());
    assert!(!text.contains("canary"), "{text}");
    // Of both spellings and kinds, and used by every user.
    assert_eq!(text.matches("\"sha256\"").count(), 3);
    let snapshot = Snapshot::parse(text.into_bytes()).unwrap();
    assert_eq!(snapshot.about(), &about());
    assert_eq!(snapshot.owned(), &owned());
    let expected = Side::After.users();
    assert_eq!(snapshot.users(), expected.len());
    for user in &expected {
        let read = |owner| snapshot.user(&user.name, None, owner).unwrap();
        assert_eq!(&read(FileOwner::Root), user);
        assert_eq!(read(FileOwner::Keep).account, Account::NotAsked);
    }
    let listed = expected.iter().map(|user| snapshot.customer(&user.name));
    let listed: Vec<_> = listed.map(Result::unwrap).collect();
    let [first, second] = customers();
    assert_eq!(listed[..3], [Some(first), Some(second), None]);
    assert_eq!(snapshot.customer(&user("nobody-here")), Ok(None));
    let nobody = snapshot
        .user(&user("nobody-here"), None, FileOwner::Root)
        .unwrap();
    assert_eq!(nobody.account, Account::Missing);
    assert_eq!(nobody.links_folder, Folder::Absent);
}

#[test]
fn what_a_reader_would_not_take_is_not_written() {
    let link = &Side::Before.links()[&app("Obstacle0")];
    let mut many = Side::Before.users().remove(0);
    let links = (0..=10_000).map(|i| (app(&format!("a{i}")), link.clone()));
    many.links = links.collect();
    let (owned, mut text) = (Owned::default(), Vec::new());
    let mut writer = Writer::start(&mut text, &about(), Salt([3; 16]), &owned).unwrap();
    let error = writer.user(&many, &owned, None).unwrap_err().to_string();
    assert_eq!(
        error,
        "the user `user0` has more than 10000 links or groups"
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(
        at in any::<prop::sample::Index>(),
        length in 0_usize..40,
        text in r#"[\x00-\x7f]{0,6}|[0-9]{1,25}|[{}\[\]",:]{1,4}|null|true|\\ud800"#,
    ) {
        let document = written(&Side::Before.users()[..2], &owned());
        let at = at.index(document.len());
        let end = (at + length).min(document.len());
        let changed = [&document.as_bytes()[..at], text.as_bytes(), &document.as_bytes()[end..]];
        // Whether it is still one does not matter; what it gives must be whole.
        if let Ok(snapshot) = Snapshot::parse(changed.concat()) {
            for name in ["user0", "user1"] {
                prop_assert!(snapshot.user(&user(name), None, FileOwner::Root).is_ok());
            }
        }
    }
}
