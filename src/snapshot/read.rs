//! Reading a snapshot. All of it is checked once, line by line; then its text
//! is kept, and each user is made of its line when it is asked for, so that
//! memory is that of the file and of the icons, and not of all users decoded.

use super::about::About;
use super::contents::{Contents, UserLine, name_of};
use super::error::SnapshotError;
use super::lines::{Line, Lines};
use super::mark::Salt;
use super::restore::{Restoration, restore_listed};
use super::wire::{self, Entry, Image, Owners, VERSION, Versioned};
use crate::model::{Account, ActualUser, Customer, DesiredUser, Folder, Icon, UserName};
use crate::plan::{FileOwner, Owned, Pause};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The largest snapshot, in bytes: some 800,000 links.
pub const MAX_SNAPSHOT: u64 = 1024 * 1024 * 1024;

/// A snapshot that was read and checked.
pub struct Snapshot {
    about: About,
    salt: Salt,
    text: Vec<u8>,
    /// The lines of users, in the order of their names.
    users: Vec<UserLine>,
    images: BTreeMap<Image, Icon>,
    owned: Owned,
}

impl Snapshot {
    /// Reads and checks the whole of it.
    ///
    /// # Errors
    /// The first line that is not as cplinks writes it.
    pub fn parse(text: Vec<u8>) -> Result<Self, SnapshotError> {
        let mut lines = Lines::of(&text);
        lines.expect(b"{", "`{` alone, the first line of a snapshot")?;
        let (about, salt) = read_head(&mut lines)?;
        lines.expect(br#""entries":["#, "`\"entries\":[`")?;
        let mut contents = Contents::new(salt);
        loop {
            let line = lines.next()?;
            let Some(entry) = line.text.strip_suffix(b",") else {
                contents.end(line, about.accounts)?;
                break;
            };
            contents.add(Line {
                text: entry,
                ..line
            })?;
        }
        lines.expect(b"]", "`]` alone")?;
        lines.expect(b"}", "`}` alone, the last line of a snapshot")?;
        lines.expect_end()?;
        let Contents {
            users,
            images,
            owned,
            ..
        } = contents;
        Ok(Self {
            about,
            salt,
            text,
            users,
            images,
            owned,
        })
    }

    /// What it says of itself.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// What was ours there.
    pub fn owned(&self) -> &Owned {
        &self.owned
    }

    /// How many users it holds.
    pub fn users(&self) -> usize {
        self.users.len()
    }

    /// One user as it was found, where `desired` is what is wanted of it.
    /// `owners` says whether accounts count. One that is not in the snapshot
    /// had no folder; where accounts were looked up, it has no account.
    ///
    /// # Errors
    /// None in what [`Snapshot::parse`] has checked.
    pub fn user(
        &self,
        name: &UserName,
        desired: Option<&DesiredUser>,
        owners: FileOwner,
    ) -> Result<ActualUser, SnapshotError> {
        let mut actual = match self.find(name) {
            None => ActualUser {
                name: name.clone(),
                account: Account::Missing,
                links_folder: Folder::Absent,
                menu_folder: Folder::Absent,
                links: BTreeMap::new(),
                groups: BTreeMap::new(),
                strays: Vec::new(),
            },
            Some(found) => {
                let (line, user) = self.entry(found)?;
                let restoration = Restoration {
                    salt: self.salt,
                    images: &self.images,
                    desired,
                };
                restoration.user(user).map_err(|what| line.value(what))?
            }
        };
        match owners {
            FileOwner::Keep => actual.account = Account::NotAsked,
            FileOwner::Root => {}
        }
        Ok(actual)
    }

    /// What the server's own list of accounts said of a user; `None` if it had
    /// none of that name.
    ///
    /// # Errors
    /// None in what [`Snapshot::parse`] has checked.
    pub fn customer(&self, name: &UserName) -> Result<Option<Customer>, SnapshotError> {
        let Some(found) = self.find(name) else {
            return Ok(None);
        };
        let (line, user) = self.entry(found)?;
        let customer = user
            .listed
            .map(|listed| restore_listed(*listed))
            .transpose();
        customer.map_err(|what| line.value(what))
    }

    fn entry(&self, found: UserLine) -> Result<(Line<'_>, wire::User), SnapshotError> {
        let line = self.line(found);
        match line.json()? {
            Entry::User(user) => Ok((line, user)),
            Entry::Reference { .. }
            | Entry::Image { .. }
            | Entry::DamagedImage { .. }
            | Entry::End(_) => Err(line.value("no user".to_owned())),
        }
    }

    fn find(&self, name: &UserName) -> Option<UserLine> {
        let wanted = name.as_str().as_bytes();
        let found = self
            .users
            .binary_search_by(|line| name_of(self.line(*line).text).cmp(&Some(wanted)));
        found.ok().and_then(|at| self.users.get(at).copied())
    }

    fn line(&self, line: UserLine) -> Line<'_> {
        let start = line.start as usize;
        let text = self.text.get(start..start + line.length as usize);
        Line {
            text: text.unwrap_or_default(),
            number: line.number as usize,
            start,
        }
    }
}

fn read_head(lines: &mut Lines<'_>) -> Result<(About, Salt), SnapshotError> {
    let line = lines.next()?;
    let line = line
        .text
        .strip_prefix(br#""snapshot":"#)
        .and_then(|text| text.strip_suffix(b","))
        .map(|text| Line { text, ..line })
        .ok_or(SnapshotError::Layout {
            line: line.number,
            expected: "`\"snapshot\":{…},`",
        })?;
    let Versioned { version } = line.json()?;
    if version != VERSION {
        return Err(SnapshotError::Version(version));
    }
    let head: wire::Head = line.json()?;
    let taken: Timestamp = head
        .taken
        .parse()
        .map_err(|_| line.value("its time is none".to_owned()))?;
    let salt = Salt::from_hex(&head.salt).ok_or_else(|| line.value("its salt is none".into()))?;
    if head.pauses.len() > Pause::MOST {
        return Err(line.value(format!("more than {} pauses", Pause::MOST)));
    }
    let pauses = head.pauses.into_iter().map(wire::Paused::pause).collect();
    let pauses: Result<Vec<_>, _> = pauses;
    let about = About {
        cplinks: head.cplinks,
        taken,
        host: head.host,
        root: head.root,
        owners: match head.owners {
            Owners::Keep => FileOwner::Keep,
            Owners::Set => FileOwner::Root,
        },
        policy: head.policy,
        accounts: head.accounts,
        has_record: head.record,
        pauses: pauses.map_err(|what| line.value(what))?,
    };
    Ok((about, salt))
}
