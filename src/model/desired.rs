//! What the manifest asks for, one user at a time: templates expanded, layers
//! merged, every value checked. Tokens may still be references.

use super::{AppName, Group, GroupId, Link, Secret, UserName};
use std::collections::BTreeMap;
use std::fmt;

/// All that one user should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredUser {
    /// The account.
    pub name: UserName,
    /// Menu groups: those declared that a link of this user stands in.
    pub groups: BTreeMap<GroupId, Group>,
    /// The links the manifest names for this user.
    pub links: BTreeMap<AppName, Wanted>,
}

impl DesiredUser {
    /// Where the tokens of this user come from; none that is kept or literal.
    pub fn token_references(&self) -> impl Iterator<Item = String> {
        self.links.values().filter_map(|wanted| {
            let Wanted::Link(link) = wanted else {
                return None;
            };
            match &link.token {
                DesiredToken::Known { reference, .. } | DesiredToken::Unknown { reference, .. } => {
                    reference.key()
                }
                DesiredToken::None | DesiredToken::Keep => None,
            }
        })
    }
}

/// What the manifest says about one app of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// It should be there, just like this.
    Link(Box<DesiredLink>),
    /// `absent`: it should not be there, whoever made it.
    Absent,
}

/// A whole desired link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredLink {
    /// The fields of the userconfig.
    pub link: Link,
    /// Its token.
    pub token: DesiredToken,
}

/// What the manifest says about a link's token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DesiredToken {
    /// None is declared, so none is on disk.
    None,
    /// `keep`: the one on disk stays.
    Keep,
    /// A reference and the token it stands for.
    Known {
        /// Where it came from.
        reference: TokenRef,
        /// The token.
        secret: Secret,
    },
    /// A reference that could not be resolved here: not compared, never
    /// written.
    Unknown {
        /// Where it would come from.
        reference: TokenRef,
        /// Why there is no value, in words that hold no secret.
        why: String,
    },
}

/// Where a token comes from. The reference is public, the value never is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenRef {
    /// `{ secret: NAME }`: a name in the secrets files.
    Secret(String),
    /// `{ env: NAME }`: an environment variable.
    Env(String),
    /// `{ file: PATH }`: a file below the manifest's folder.
    File(String),
    /// Text in the manifest itself; the reference does not say which.
    Literal,
}

impl TokenRef {
    /// What a reference is remembered by: its own text. A literal has none,
    /// since the word does not say which token it is.
    pub fn key(&self) -> Option<String> {
        match self {
            Self::Secret(_) | Self::Env(_) | Self::File(_) => Some(self.to_string()),
            Self::Literal => None,
        }
    }
}

impl fmt::Display for TokenRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(name) => write!(f, "secret {name}"),
            Self::Env(name) => write!(f, "env {name}"),
            Self::File(path) => write!(f, "file {path}"),
            Self::Literal => f.write_str("literal"),
        }
    }
}
