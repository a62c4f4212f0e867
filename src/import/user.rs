//! One user as it is imported.

use super::candidate::{Candidate, Fields, Token};
use super::sift::Sifted;
use crate::model::{AppName, Group, GroupId, Link, Secret, UserName, masked};
use std::collections::BTreeMap;

/// What becomes of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The manifest names it.
    Taken(Fields),
    /// It stays foreign: a comment says why, and what it says if that is
    /// known and no longer than helps anybody.
    Left(Option<Fields>, String),
}

/// All that is imported of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedUser {
    /// The account.
    pub name: UserName,
    /// The links that the scope covers.
    pub links: BTreeMap<AppName, Standing>,
    /// The groups that the links stand in which are taken over; `None` where
    /// one is not there, or not as a declared one would be.
    pub groups: BTreeMap<GroupId, Option<Group>>,
    /// Files that belong to no link.
    pub strays: Vec<String>,
    /// Groups that are not whole, and why; see [`super::broken_groups`].
    pub broken_groups: BTreeMap<GroupId, String>,
}

impl ImportedUser {
    /// Puts together what was found out of a user's links.
    pub fn new(
        name: UserName,
        candidates: BTreeMap<AppName, Candidate>,
        mut sifted: Sifted,
    ) -> Self {
        let links = candidates.into_iter().map(|(app, candidate)| {
            let Candidate { fields, mut left } = candidate;
            left.extend(sifted.left.remove(&app));
            let standing = match fields {
                Some(fields) if left.is_empty() => Standing::Taken(fields),
                fields => {
                    let fields = fields.filter(Fields::is_short);
                    Standing::Left(fields, left.join("; "))
                }
            };
            (app, standing)
        });
        Self {
            name,
            links: links.collect(),
            groups: sifted.groups,
            strays: Vec::new(),
            broken_groups: BTreeMap::new(),
        }
    }

    /// The same for a stream that anybody may read: a link whose URLs have
    /// parts that are never shown is left, and nothing of it is told.
    #[must_use]
    pub fn to_be_shown(mut self) -> Self {
        for standing in self.links.values_mut() {
            *standing = match standing {
                Standing::Taken(fields) if has_secret(&fields.link) => Standing::Left(
                    None,
                    "a part of its URL is secret and not shown; `cplinks import` writes it".into(),
                ),
                Standing::Left(Some(fields), why) if has_secret(&fields.link) => {
                    Standing::Left(None, std::mem::take(why))
                }
                Standing::Taken(_) | Standing::Left(..) => continue,
            };
        }
        self
    }

    /// The same where none of the links may be named, for this reason.
    #[must_use]
    pub fn left_whole(mut self, why: &str) -> Self {
        for standing in self.links.values_mut() {
            if let Standing::Taken(fields) = standing {
                let fields = Some(fields.clone()).filter(Fields::is_short);
                *standing = Standing::Left(fields, why.to_owned());
            }
        }
        self
    }

    /// The links that are taken over.
    pub fn taken(&self) -> impl Iterator<Item = (&AppName, &Fields)> {
        self.links.iter().filter_map(|(app, link)| match link {
            Standing::Taken(fields) => Some((app, fields)),
            Standing::Left(..) => None,
        })
    }

    /// The tokens of all links that stand in the manifest, those in comments
    /// too: it names them alike.
    pub fn tokens(&self) -> impl Iterator<Item = (&AppName, &Secret)> {
        self.links.iter().filter_map(|(app, link)| match link {
            Standing::Taken(fields) | Standing::Left(Some(fields), _) => match &fields.token {
                Token::Known(token) => Some((app, token)),
                Token::None | Token::Asked => None,
            },
            Standing::Left(None, _) => None,
        })
    }

    /// The links that stay as they are, and why.
    pub fn left(&self) -> impl Iterator<Item = (&AppName, &str)> {
        self.links.iter().filter_map(|(app, link)| match link {
            Standing::Taken(_) => None,
            Standing::Left(_, why) => Some((app, why.as_str())),
        })
    }
}

fn has_secret(link: &Link) -> bool {
    let urls = [&link.url, &link.autologin_token_url];
    urls.into_iter().flatten().any(|url| masked(url) != *url)
}
