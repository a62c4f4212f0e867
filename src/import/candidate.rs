//! What a link on disk says, as far as a manifest can say it too: a
//! *candidate* to be taken over. It may still be refused by the loader or by a
//! plan.

use super::entry::Slot;
use crate::model::{
    ActualLink, ActualUser, AppName, FileKind, FoundToken, Icon, Lies, Link, Secret,
};
use std::collections::BTreeMap;

/// The fields of a link and its token, as a manifest would have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// All that the userconfig holds, but for an icon that is none. Where it
    /// has no `implements` there is an empty one: a manifest has to have it.
    pub link: Link,
    /// What is known of the token.
    pub token: Token,
}

impl Fields {
    /// Most bytes of all values of a link that is left: more than a manifest
    /// may hold, so what is longer helps nobody.
    const LONGEST: usize = 16 * 1024;

    /// Whether it is worth a comment.
    pub(super) fn is_short(&self) -> bool {
        let lengths = Slot::ALL.into_iter().filter_map(|slot| slot.of(self));
        lengths.map(|value| value.len()).sum::<usize>() <= Self::LONGEST
    }
}

/// What is known of the token of a link. No text of a manifest ever holds one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// There is none, and none is needed.
    None,
    /// This one; a secrets file may hold it.
    Known(Secret),
    /// One is needed and is not known here, or may not be written: it is
    /// named, and has to be given.
    Asked,
}

/// A link on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What it says; `None` where that cannot be read.
    pub fields: Option<Fields>,
    /// All reasons why it is left as it is; none as long as nothing speaks
    /// against it.
    pub left: Vec<String>,
}

/// Icons that were looked at, by hash: thousands of links share one.
#[derive(Debug, Default)]
pub struct IconChecks(BTreeMap<String, Option<String>>);

impl IconChecks {
    /// Why an icon cannot stand in a manifest; `None` if it can.
    fn refusal(&mut self, icon: &Icon) -> Option<String> {
        let look = || match icon {
            Icon::Damaged(_) => Some("its icon is no base64".to_owned()),
            Icon::Image(bytes) => Icon::from_png(bytes.to_vec())
                .err()
                .map(|error| format!("its icon {error}")),
        };
        self.0
            .entry(icon.hash().into_owned())
            .or_insert_with(look)
            .clone()
    }
}

/// All links of a user that are asked for. `check_token` says why a token
/// cannot stand in a secrets file.
pub fn candidates(
    actual: &ActualUser,
    is_asked: &dyn Fn(&AppName) -> bool,
    icons: &mut IconChecks,
    check_token: &dyn Fn(&Secret) -> Result<(), String>,
) -> BTreeMap<AppName, Candidate> {
    let links = actual.links.iter().filter(|(app, _)| is_asked(app));
    let links = links.map(|(app, link)| (app.clone(), candidate(link, icons, check_token)));
    links.collect()
}

fn candidate(
    actual: &ActualLink,
    icons: &mut IconChecks,
    check_token: &dyn Fn(&Secret) -> Result<(), String>,
) -> Candidate {
    let files = [
        broken(FileKind::Userconfig, &actual.userconfig),
        broken(FileKind::Adminconfig, &actual.adminconfig),
        broken(FileKind::Menu, &actual.menu),
    ];
    let mut left: Vec<_> = files.into_iter().flatten().collect();
    let Some(found) = actual.userconfig.value() else {
        return Candidate { fields: None, left };
    };
    let mut link = found.link.clone();
    link.implements.get_or_insert_default();
    let refusal = link.icon.as_ref().and_then(|icon| icons.refusal(icon));
    if refusal.is_some() {
        link.icon = None;
    }
    left.extend(refusal);
    let token = token(actual, &link, check_token, &mut left);
    Candidate {
        fields: Some(Fields { link, token }),
        left,
    }
}

/// The token of a link that can be read. What speaks against it is added.
fn token(
    actual: &ActualLink,
    link: &Link,
    check_token: &dyn Fn(&Secret) -> Result<(), String>,
    left: &mut Vec<String>,
) -> Token {
    let is_needed = link
        .autologin_token_url
        .as_deref()
        .is_some_and(|url| !url.is_empty());
    match actual.adminconfig.value().map(|found| &found.token) {
        Some(FoundToken::Seen(token)) => match check_token(token) {
            Ok(()) => return Token::Known(token.clone()),
            Err(why) => left.extend([why, "another has to be given".to_owned()]),
        },
        Some(FoundToken::None | FoundToken::Unseen) | None if !is_needed => return Token::None,
        Some(FoundToken::None) => left.push("it has no token, which auto-login needs".to_owned()),
        Some(FoundToken::Unseen) | None => left.push("its token has to be given".to_owned()),
    }
    Token::Asked
}

/// Why a file of a link or group is no file to take over.
pub(super) fn broken<T>(kind: FileKind, lies: &Lies<T>) -> Option<String> {
    let why = match lies {
        Lies::File(_) => return None,
        Lies::Absent => "is missing".to_owned(),
        Lies::Broken(found) => found.value.clone(),
        Lies::Obstacle(obstacle) => obstacle.to_string(),
    };
    Some(format!("its {} {why}", kind.name()))
}
