//! The entries of a snapshot, checked as they come.

use super::error::SnapshotError;
use super::lines::Line;
use super::mark::Salt;
use super::restore::{Restoration, parse_app, parse_group, parse_user, restore_listed};
use super::wire::{self, Entry, Image, Totals};
use crate::model::{Icon, UserName};
use crate::plan::Owned;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;

/// Users, token references, and links and groups of ours: each takes more
/// memory than the few bytes that it may be in the text.
const MAX_ENTRIES: usize = 2_000_000;

/// How every line of a user begins.
const USER: &[u8] = br#"{"user":{"name":""#;

/// Where a user's line is.
#[derive(Debug, Clone, Copy)]
pub(super) struct UserLine {
    /// Counted from 1.
    pub(super) number: u32,
    /// In bytes.
    pub(super) start: u32,
    pub(super) length: u32,
}

/// The name in a user's line, which stands first and never needs an escape.
pub(super) fn name_of(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(USER)?;
    rest.split(|b| *b == b'"').next()
}

/// What was read so far.
pub(super) struct Contents {
    salt: Salt,
    pub(super) users: Vec<UserLine>,
    pub(super) images: BTreeMap<Image, Icon>,
    pub(super) owned: Owned,
    totals: Totals,
    /// Links and groups of ours.
    ours: usize,
    /// Users that the server's list of accounts has.
    listed: usize,
    last: Option<UserName>,
}

impl Contents {
    pub(super) fn new(salt: Salt) -> Self {
        Self {
            salt,
            users: Vec::new(),
            images: BTreeMap::new(),
            owned: Owned::default(),
            totals: Totals::default(),
            ours: 0,
            listed: 0,
            last: None,
        }
    }

    pub(super) fn add(&mut self, line: Line<'_>) -> Result<(), SnapshotError> {
        let limit = |count: usize, what| {
            if count > MAX_ENTRIES {
                let (line, limit) = (line.number, MAX_ENTRIES);
                return Err(SnapshotError::TooMuch { line, limit, what });
            }
            Ok(())
        };
        match line.json()? {
            Entry::Reference { reference, host } => {
                self.totals.references += 1;
                limit(self.totals.references, "token references")?;
                if self.owned.insert_token_host(reference, host).is_some() {
                    return Err(line.value("the same token reference twice".to_owned()));
                }
            }
            Entry::Image { sha256, base64 } => {
                let bytes = STANDARD.decode(&base64);
                let bytes = bytes.map_err(|_| line.value("an icon that is no base64".into()))?;
                let icon = Icon::Image(bytes.into());
                self.image(Image::Image(sha256), icon, line)?;
            }
            Entry::DamagedImage { sha256, text } => {
                self.image(Image::Damaged(sha256), Icon::Damaged(text), line)?;
            }
            Entry::User(user) => {
                self.totals.users += 1;
                self.ours += user.owned_links.len() + user.owned_groups.len();
                limit(self.totals.users, "users")?;
                limit(self.ours, "links and groups of cplinks' own")?;
                self.user(user, line)?;
            }
            Entry::End(_) => {
                return Err(SnapshotError::Layout {
                    line: line.number,
                    expected: "an entry, since a comma ends it",
                });
            }
        }
        Ok(())
    }

    fn image(&mut self, image: Image, icon: Icon, line: Line<'_>) -> Result<(), SnapshotError> {
        let (Image::Image(stated) | Image::Damaged(stated)) = &image;
        if *stated != icon.hash() {
            return Err(line.value("an icon that does not have its hash".to_owned()));
        }
        self.totals.images += 1;
        if self.images.insert(image, icon).is_some() {
            return Err(line.value("the same icon twice".to_owned()));
        }
        Ok(())
    }

    fn user(&mut self, mut user: wire::User, line: Line<'_>) -> Result<(), SnapshotError> {
        let bad = |what| line.value(what);
        let name = parse_user(&user.name).map_err(bad)?;
        // By the name alone is it found again.
        if name_of(line.text) != Some(name.as_str().as_bytes()) {
            return Err(bad("a user whose name does not stand first".to_owned()));
        }
        if self.last.as_ref().is_some_and(|last| *last >= name) {
            return Err(bad(format!(
                "the user `{name}` twice, or not in the order of names"
            )));
        }
        for (app, written) in &user.owned_links {
            let app = parse_app(app).map_err(bad)?;
            let wire::Written { host, reference } = written;
            let (host, reference) = (host.clone(), reference.clone());
            self.owned
                .insert_written(name.clone(), app, host, reference);
        }
        for id in &user.owned_groups {
            let id = parse_group(id).map_err(bad)?;
            self.owned.insert_group(name.clone(), id);
        }
        if let Some(listed) = user.listed.take() {
            self.listed += 1;
            restore_listed(*listed).map_err(bad)?;
        }
        let restoration = Restoration {
            salt: self.salt,
            images: &self.images,
            desired: None,
        };
        restoration.user(user).map_err(bad)?;
        let number = |number: usize| u32::try_from(number).map_err(|_| bad("too far".to_owned()));
        self.users.push(UserLine {
            number: number(line.number)?,
            start: number(line.start)?,
            length: number(line.text.len())?,
        });
        self.last = Some(name);
        Ok(())
    }

    /// The last entry says how many there were, and the head how many of them
    /// are accounts of the server.
    pub(super) fn end(&self, line: Line<'_>, accounts: Option<usize>) -> Result<(), SnapshotError> {
        match line.json()? {
            Entry::End(_) if self.listed != accounts.unwrap_or(0) => {
                Err(line.value("another number of accounts than its head says".to_owned()))
            }
            Entry::End(totals) if totals == self.totals => Ok(()),
            Entry::End(_) => Err(line.value("other numbers of entries than there are".to_owned())),
            Entry::Reference { .. }
            | Entry::Image { .. }
            | Entry::DamagedImage { .. }
            | Entry::User(_) => Err(SnapshotError::Layout {
                line: line.number,
                expected: "an entry with a comma behind it, or the end",
            }),
        }
    }
}
