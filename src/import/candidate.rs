//! What a link on disk says, as far as a manifest can say it too: a
//! *candidate* to be taken over. It may still be refused by the loader or by a
//! plan.

use crate::model::{
    ActualLink, ActualUser, AppName, FileKind, FoundToken, Icon, Lies, Link, Secret,
};
use std::collections::BTreeMap;

/// The fields of a link and its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// All that the userconfig holds.
    pub link: Link,
    /// The token, where there is one. No text of a manifest ever holds it.
    pub token: Option<Secret>,
}

/// A link on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What it says; `None` where that cannot be read.
    pub fields: Option<Fields>,
    /// Why it is left as it is; `None` as long as nothing speaks against it.
    pub left: Option<String>,
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
        self.0.entry(icon.hash()).or_insert_with(look).clone()
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
    let Some(found) = actual.userconfig.value() else {
        let left = broken(FileKind::Userconfig, &actual.userconfig);
        return Candidate { fields: None, left };
    };
    let token = match actual.adminconfig.value().map(|a| &a.token) {
        Some(FoundToken::Seen(token)) => Some(token.clone()),
        Some(FoundToken::None | FoundToken::Unseen) | None => None,
    };
    let left = broken(FileKind::Adminconfig, &actual.adminconfig)
        .or_else(|| broken(FileKind::Menu, &actual.menu))
        .or_else(|| {
            found
                .link
                .icon
                .as_ref()
                .and_then(|icon| icons.refusal(icon))
        })
        .or_else(|| check_token(token.as_ref()?).err());
    Candidate {
        fields: Some(Fields {
            link: found.link.clone(),
            token,
        }),
        left,
    }
}

/// Why a file of a link is no file to take over.
fn broken<T>(kind: FileKind, lies: &Lies<T>) -> Option<String> {
    let why = match lies {
        Lies::File(_) => return None,
        Lies::Absent => "is missing".to_owned(),
        Lies::Broken(found) => found.value.clone(),
        Lies::Obstacle(obstacle) => obstacle.to_string(),
    };
    Some(format!("its {} {why}", kind.name()))
}
