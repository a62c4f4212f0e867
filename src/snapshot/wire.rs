//! The entries of a snapshot as they are written: mirrors of the model with
//! the names people know. Nothing here is checked but shapes and sizes.

use crate::plan::{GlobSet, Pause};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// The version of the form.
pub(super) const VERSION: u64 = 1;
/// Links, groups, or keys of one file that a user may have.
pub(super) const MAX_OF_USER: usize = 10_000;

/// The version alone: of another one nothing else is known.
#[derive(Deserialize)]
pub(super) struct Versioned {
    pub(super) version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    pub(super) version: u64,
    pub(super) cplinks: String,
    pub(super) taken: String,
    pub(super) host: String,
    pub(super) root: String,
    pub(super) owners: Owners,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) policy: Option<String>,
    /// Accounts in the server's own list, all of which are users here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) accounts: Option<usize>,
    pub(super) record: bool,
    /// An older cplinks does not know them, and so refuses a snapshot that has
    /// some: its plan would be another one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) pauses: Vec<Paused>,
    pub(super) salt: String,
}

/// A pause. Times are in seconds since 1970.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Paused {
    number: u64,
    users: Vec<String>,
    apps: Vec<String>,
    since: u64,
    until: u64,
    who: String,
    reason: String,
}

impl Paused {
    pub(super) fn of(pause: &Pause) -> Self {
        let texts = |globs: &GlobSet| globs.texts().map(str::to_owned).collect();
        Self {
            number: pause.number,
            users: texts(&pause.users),
            apps: texts(&pause.apps),
            since: pause.since,
            until: pause.until,
            who: pause.who.clone(),
            reason: pause.reason.clone(),
        }
    }

    /// The pause; else the glob that is none, and why.
    pub(super) fn pause(self) -> Result<Pause, String> {
        if self.users.len() + self.apps.len() > Pause::MOST_GLOBS {
            return Err(format!("a pause of more than {} globs", Pause::MOST_GLOBS));
        }
        let globs = |globs: &[String]| {
            let parsed = GlobSet::parse(globs.iter().map(String::as_str));
            parsed.map_err(|(glob, why)| format!("the glob `{glob}` of a pause is none: {why}"))
        };
        Ok(Pause {
            number: self.number,
            users: globs(&self.users)?,
            apps: globs(&self.apps)?,
            since: self.since,
            until: self.until,
            who: self.who,
            reason: self.reason,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Owners {
    Keep,
    Set,
}

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Entry {
    /// Where the token behind a reference was posted.
    Reference {
        reference: String,
        host: String,
    },
    Image {
        sha256: String,
        base64: String,
    },
    DamagedImage {
        sha256: String,
        text: String,
    },
    User(User),
    End(Totals),
}

/// How many entries of each kind there are.
#[derive(Serialize, Deserialize, Default, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Totals {
    pub(super) references: usize,
    pub(super) images: usize,
    pub(super) users: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    /// First, so that a user is found by how the line begins.
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<Account>,
    /// What the server's own list of accounts says, if it has the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) listed: Option<Box<Listed>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) links_folder: Option<Folder>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) menu_folder: Option<Folder>,
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "map"
    )]
    pub(super) links: BTreeMap<String, Link>,
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "map"
    )]
    pub(super) groups: BTreeMap<String, Group>,
    #[serde(default, skip_serializing_if = "is_nought")]
    pub(super) strays: usize,
    /// App to how it was last written.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "map"
    )]
    pub(super) owned_links: BTreeMap<String, Written>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) owned_groups: Vec<String>,
}

/// An account in the server's own list.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reseller: Option<String>,
}

/// How a link of ours was last written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    /// Its auto-login host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) host: Option<String>,
    /// The reference of its token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Account {
    Known { gid: u32 },
    Missing,
    LookupFailed(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Folder {
    Present(Ownership),
    Obstacle(Obstacle),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ownership {
    /// Octal, as people write modes.
    pub(super) mode: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Obstacle {
    Symlink,
    Directory,
    Special(String),
    TooLarge(u64),
    Unsafe { mode: String, uid: u32 },
    Unreadable(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Link {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) userconfig: Option<Box<Lies<Fields>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) adminconfig: Option<Box<Lies<Admin>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) menu: Option<Box<Lies<Menu>>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) userconfig: Option<Box<Lies<GroupFields>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) menu: Option<Box<Lies<Menu>>>,
}

/// What lies at a path where anything does.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Lies<T> {
    File { owner: Ownership, content: T },
    Broken { owner: Ownership, why: String },
    Obstacle(Obstacle),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) implements: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<Url>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) autologin_token_url: Option<Url>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) subscriber_unique_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) group_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) order: Option<String>,
    #[serde(default, skip_serializing_if = "is_no")]
    pub(super) hide: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) base64_png_image: Option<Image>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) app: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unknown_keys: Vec<String>,
}

/// A URL; in an object where something in it is masked.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Url {
    Plain(String),
    Masked { masked: String, mark: String },
}

/// An icon, by the hash of its picture.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Image {
    Image(String),
    Damaged(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Admin {
    /// Whether there is one.
    pub(super) token: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unknown_keys: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Menu {
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "map"
    )]
    pub(super) fields: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) base64_png_image: Option<Image>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) kept_keys: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupFields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) order: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unknown_keys: Vec<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_nought(count: &usize) -> bool {
    *count == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_no(value: &bool) -> bool {
    !*value
}

/// A map of at most [`MAX_OF_USER`] entries, none of them twice: a short text
/// must not become much memory, and which of two counts is anybody's guess.
fn map<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, T>, D::Error> {
    struct Map<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Map<T> {
        type Value = BTreeMap<String, T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some((key, value)) = entries.next_entry::<String, T>()? {
                if map.len() == MAX_OF_USER {
                    return Err(A::Error::custom(format_args!(
                        "more than {MAX_OF_USER} in one object"
                    )));
                }
                if map.insert(key, value).is_some() {
                    return Err(A::Error::custom("the same key twice"));
                }
            }
            Ok(map)
        }
    }
    deserializer.deserialize_map(Map(PhantomData))
}
