//! From a checked manifest to what is wanted of one user.

use super::expand::{ExpandedToken, Expansion};
use super::merge::Manifest;
use super::tokens::Tokens;
use crate::model::{DesiredLink, DesiredToken, DesiredUser, TokenRef, UserName, Wanted};
use std::collections::BTreeMap;

impl Manifest {
    /// What one user should have; `None` if the manifest does not name the
    /// user. Tokens that `tokens` does not know stay references.
    pub fn desired(&self, user: &UserName, tokens: &Tokens) -> Option<DesiredUser> {
        let (user, part) = self.users.get_key_value(user)?;
        let mut links = BTreeMap::new();
        for (app, link) in &part.links {
            let wanted = match Expansion::new(self, user, part, app, link) {
                None => Wanted::Absent,
                Some(expansion) => {
                    let expanded = expansion.expand();
                    Wanted::Link(Box::new(DesiredLink {
                        link: expanded.link,
                        token: self.look_up(expanded.token, tokens),
                    }))
                }
            };
            links.insert(app.clone(), wanted);
        }
        let present = links.values().filter_map(|wanted| match wanted {
            Wanted::Link(link) => Some(&link.link),
            Wanted::Absent => None,
        });
        Some(DesiredUser {
            name: user.clone(),
            groups: self.groups_of(present),
            links,
        })
    }

    fn look_up(&self, token: ExpandedToken, tokens: &Tokens) -> DesiredToken {
        let (reference, source) = match token {
            ExpandedToken::None => return DesiredToken::None,
            ExpandedToken::Keep => return DesiredToken::Keep,
            ExpandedToken::Literal(secret) => {
                return DesiredToken::Known {
                    reference: TokenRef::Literal,
                    secret,
                };
            }
            ExpandedToken::Reference(reference, source) => (reference, source),
        };
        let looked_up = match self.folders.get(source) {
            Some(folder) => tokens.look_up(&reference, folder),
            None => Err("its manifest has no folder".to_owned()),
        };
        match looked_up {
            Ok(secret) => DesiredToken::Known { reference, secret },
            Err(why) => DesiredToken::Unknown { reference, why },
        }
    }
}
