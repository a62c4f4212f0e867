//! Writing a snapshot, one user after the other: nothing of a user is kept
//! but the hashes of icons that were written.

use super::about::About;
use super::error::WriteError;
use super::lines::MAX_LINE;
use super::mark::Salt;
use super::redact::Redaction;
use super::wire::{self, Entry, Image, MAX_OF_USER, Owners, Totals, VERSION};
use crate::model::{ActualUser, Customer, Icon};
use crate::plan::{FileOwner, Owned};
use crate::report::json_line;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// A snapshot that is being written.
pub struct Writer<'w> {
    out: &'w mut dyn Write,
    salt: Salt,
    /// Icons that were written already.
    images: BTreeSet<Image>,
    totals: Totals,
}

impl<'w> Writer<'w> {
    /// Begins with what the snapshot says of itself, and where tokens went.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn start(
        out: &'w mut dyn Write,
        about: &About,
        salt: Salt,
        owned: &Owned,
    ) -> io::Result<Self> {
        let About {
            cplinks,
            taken,
            host,
            root,
            owners,
            policy,
            accounts,
            has_record,
            pauses,
        } = about;
        let head = wire::Head {
            version: VERSION,
            cplinks: cplinks.clone(),
            taken: taken.to_string(),
            host: host.clone(),
            root: root.clone(),
            owners: match owners {
                FileOwner::Keep => Owners::Keep,
                FileOwner::Root => Owners::Set,
            },
            policy: policy.clone(),
            accounts: *accounts,
            record: *has_record,
            pauses: pauses.iter().map(wire::Paused::of).collect(),
            salt: salt.hex(),
        };
        let head = json_line(&head)?;
        write!(out, "{{\n\"snapshot\":{head},\n\"entries\":[\n")?;
        let mut writer = Self {
            out,
            salt,
            images: BTreeSet::new(),
            totals: Totals::default(),
        };
        for (reference, host) in owned.token_hosts() {
            writer.totals.references += 1;
            let (reference, host) = (reference.to_owned(), host.to_owned());
            writer.entry(&Entry::Reference { reference, host })?;
        }
        Ok(writer)
    }

    /// Adds a user, what is ours of it, and what the server's list of accounts
    /// says if it has the user, behind the icons that no user
    /// before it had. Users come in the order of their names.
    ///
    /// # Errors
    /// Those of the stream, and when there is more of the user than a reader
    /// takes.
    pub fn user(
        &mut self,
        actual: &ActualUser,
        owned: &Owned,
        customer: Option<&Customer>,
    ) -> Result<(), WriteError> {
        let mut icons: Vec<(Image, Icon)> = Vec::new();
        let known = &mut self.images;
        let mut see = |image: &Image, icon: &Icon| {
            if known.insert(image.clone()) {
                icons.push((image.clone(), icon.clone()));
            }
        };
        let mut redaction = Redaction {
            salt: self.salt,
            see: &mut see,
        };
        let mut user = redaction.user(actual, owned);
        user.listed = customer.map(|customer| {
            let reseller = customer.reseller.as_ref().map(ToString::to_string);
            Box::new(wire::Listed { reseller })
        });
        let most = user.links.len().max(user.groups.len());
        let most = most.max(user.owned_links.len());
        if most > MAX_OF_USER {
            return Err(WriteError::TooMuch {
                user: actual.name.clone(),
                limit: MAX_OF_USER,
                what: "links or groups",
            });
        }
        for (image, icon) in icons {
            self.totals.images += 1;
            self.entry(&match image {
                Image::Image(sha256) => Entry::Image {
                    sha256,
                    base64: icon.to_base64(),
                },
                Image::Damaged(sha256) => Entry::DamagedImage {
                    sha256,
                    text: icon.to_base64(),
                },
            })?;
        }
        let line = json_line(&Entry::User(user))?;
        if line.len() >= MAX_LINE {
            return Err(WriteError::TooMuch {
                user: actual.name.clone(),
                limit: MAX_LINE,
                what: "bytes in its files",
            });
        }
        self.totals.users += 1;
        writeln!(self.out, "{line},")?;
        Ok(())
    }

    /// Writes the end, without which a snapshot is not whole.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn finish(self) -> io::Result<()> {
        let end = json_line(&Entry::End(self.totals))?;
        write!(self.out, "{end}\n]\n}}\n")?;
        self.out.flush()
    }

    fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        let line = json_line(entry)?;
        writeln!(self.out, "{line},")
    }
}
