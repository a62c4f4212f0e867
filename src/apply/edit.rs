//! From a change of the plan to an edit of files: the bytes, the version each
//! file must still have, and what the order of the steps depends on. Pure.

use super::edits::OldBytes;
use crate::codec::{self, menu::Pictured};
use crate::model::{
    ActualLink, AppName, FileKind, FoundToken, GroupId, Lies, MenuEntry, Secret, Stamp, TokenRef,
    UserName, url_host,
};
use crate::plan::{
    Address, Change, FileChange, GroupAction, GroupChange, LinkAction, LinkAfter, LinkChange,
    TokenAfter, Touch,
};
use crate::store::{
    After, Edit, Facts, FileEdit, Manner, Note, Pair, Shows, Start, Trio, Verb, needs_menu, sha256,
};
use std::collections::BTreeSet;
use thiserror::Error;
use zeroize::Zeroizing;

/// Why a change cannot be made an edit. A plan made for `apply` holds none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum EditError {
    /// The plan was made without this token.
    #[error("its token ({0}) is not known here, so nothing of it is written")]
    Token(TokenRef),
    /// The token is to stay, but the file that holds it has to be written.
    #[error("its token is to stay as it is, but there is none that could be read")]
    Keep,
    /// The bytes that a run kept are not what they were.
    #[error("the {kind} that is to come back cannot be had: {why}", kind = .0.name(), why = .1)]
    Old(FileKind, String),
    /// A file is to be written that the change says nothing about.
    #[error("something that is removed has a file to write")]
    Remove,
}

/// Makes an edit of a change.
///
/// # Errors
/// The plan was not made for `apply`, or old bytes are not there.
pub(super) fn of_change(change: &Change, old: &OldBytes<'_>) -> Result<Edit, EditError> {
    match change {
        Change::Group(group) => of_group(change, group, old),
        Change::Link(link) => of_link(change, link, old),
    }
}

fn of_group(change: &Change, group: &GroupChange, old: &OldBytes<'_>) -> Result<Edit, EditError> {
    let (before, after) = (group.action.before(), group.action.after());
    let address = change.address();
    let userconfig = || match (group.origin.restored(), after) {
        (Some(restore), _) => old_bytes(
            &address,
            FileKind::Userconfig,
            &restore.files.userconfig,
            old,
        ),
        (None, Some(after)) => {
            let before = before.and_then(|b| b.userconfig.value());
            Ok(plain(codec::group::render(after, before)))
        }
        (None, None) => Err(EditError::Remove),
    };
    let menu = || match (group.origin.restored(), after) {
        (Some(restore), _) => old_bytes(&address, FileKind::Menu, &restore.files.menu, old),
        (None, Some(after)) => {
            let entry = MenuEntry::of_group(&group.id, after);
            let before = before.and_then(|b| b.menu.value());
            Ok(plain(codec::menu::render(&entry, Pictured::No, before)))
        }
        (None, None) => Err(EditError::Remove),
    };
    let (userconfig, menu) = (
        after_of(group.touch.userconfig, userconfig)?,
        after_of(group.touch.menu, menu)?,
    );
    Ok(Edit {
        address: change.address(),
        files: Trio {
            userconfig: FileEdit {
                before: before.and_then(|b| stamp(&b.userconfig)),
                after: userconfig,
            },
            adminconfig: FileEdit::default(),
            menu: FileEdit {
                before: before.and_then(|b| stamp(&b.menu)),
                after: menu,
            },
        },
        manner: Manner::Group,
        needs: match &group.action {
            GroupAction::Create { .. } | GroupAction::Replace { .. } => BTreeSet::new(),
            GroupAction::Remove { leaving, .. } => leaving
                .iter()
                .map(|app| Address::Link(group.user.clone(), app.clone()))
                .collect(),
        },
        note: Note {
            verb: match group.action {
                GroupAction::Create { .. } => Verb::Create,
                GroupAction::Replace { .. } => Verb::Replace,
                GroupAction::Remove { .. } => Verb::Remove,
            },
            token_reference: None,
            autologin_host: None,
            old_token_reference: None,
            was_ours: change.is_owned(),
            is_ours: change.is_ours_after(),
        },
    })
}

fn of_link(change: &Change, link: &LinkChange, old: &OldBytes<'_>) -> Result<Edit, EditError> {
    let before = link.action.before();
    let facts = facts(link);
    // To leave the menu and come back, it needs an entry to come back with.
    let menu_stays =
        link.touch.menu == FileChange::Keep && before.is_some_and(|b| b.menu.stamp().is_some());
    let touch = Touch {
        menu: if menu_stays && needs_menu(facts) {
            FileChange::Write
        } else {
            link.touch.menu
        },
        ..link.touch
    };
    let bytes = match link.action.after() {
        Some(after) => {
            let mut bytes = render(&link.user, &link.app, before, after, touch)?;
            if let Some(restore) = link.origin.restored() {
                bring_back(
                    &change.address(),
                    link.touch,
                    &restore.files,
                    old,
                    &mut bytes,
                )?;
            }
            bytes
        }
        None if [touch.userconfig, touch.adminconfig, touch.menu].contains(&FileChange::Write) => {
            return Err(EditError::Remove);
        }
        None => Trio::default(),
    };
    let file = |before, touch, bytes| FileEdit {
        before,
        after: match touch {
            FileChange::Keep => After::Keep,
            FileChange::Write => After::Write(bytes),
            FileChange::Remove => After::Remove,
        },
    };
    Ok(Edit {
        address: change.address(),
        files: Trio {
            userconfig: file(
                before.and_then(|b| stamp(&b.userconfig)),
                touch.userconfig,
                bytes.userconfig,
            ),
            adminconfig: file(
                before.and_then(|b| stamp(&b.adminconfig)),
                touch.adminconfig,
                bytes.adminconfig,
            ),
            menu: file(before.and_then(|b| stamp(&b.menu)), touch.menu, bytes.menu),
        },
        manner: Manner::Link(facts),
        needs: needed_group(&link.action)
            .map(|id| Address::Group(link.user.clone(), id))
            .into_iter()
            .collect(),
        note: note(change, &link.action),
    })
}

/// What the journal says beside the files. The reference and the host are
/// public; the token is not among them.
fn note(change: &Change, action: &LinkAction) -> Note {
    let after = action.after();
    let token_reference = after.and_then(|after| match &after.token {
        TokenAfter::Set { reference, .. } | TokenAfter::NotCompared { reference } => {
            Some(reference.to_string())
        }
        TokenAfter::Restore { reference, .. } => reference.clone(),
        TokenAfter::Keep | TokenAfter::None => None,
    });
    let url = after.and_then(|after| after.link.autologin_token_url.as_deref());
    let host = url.and_then(url_host);
    Note {
        verb: match action {
            LinkAction::Create { .. } => Verb::Create,
            LinkAction::Replace { .. } => Verb::Replace,
            LinkAction::Hide { .. } => Verb::Hide,
            LinkAction::Remove { .. } => Verb::Remove,
        },
        token_reference,
        autologin_host: host,
        old_token_reference: match change {
            Change::Link(link) => link.owned_token.clone(),
            Change::Group(_) => None,
        },
        was_ours: change.is_owned(),
        is_ours: change.is_ours_after(),
    }
}

pub(super) type Bytes = Zeroizing<Vec<u8>>;

fn plain(bytes: Vec<u8>) -> Bytes {
    Zeroizing::new(bytes)
}

fn after_of(
    touch: FileChange,
    bytes: impl FnOnce() -> Result<Bytes, EditError>,
) -> Result<After, EditError> {
    Ok(match touch {
        FileChange::Keep => After::Keep,
        FileChange::Write => After::Write(bytes()?),
        FileChange::Remove => After::Remove,
    })
}

/// Puts what a run replaced in the place of what would be rendered. A file
/// that run left alone may have to be written all the same, to leave the menu
/// and come back; it is rendered.
fn bring_back(
    address: &Address,
    touch: Touch,
    found: &ActualLink,
    old: &OldBytes<'_>,
    bytes: &mut Trio<Bytes>,
) -> Result<(), EditError> {
    let ActualLink {
        userconfig,
        adminconfig,
        menu,
    } = found;
    if touch.userconfig == FileChange::Write {
        bytes.userconfig = old_bytes(address, FileKind::Userconfig, userconfig, old)?;
    }
    if touch.adminconfig == FileChange::Write {
        bytes.adminconfig = old_bytes(address, FileKind::Adminconfig, adminconfig, old)?;
    }
    if touch.menu == FileChange::Write {
        bytes.menu = old_bytes(address, FileKind::Menu, menu, old)?;
    }
    Ok(())
}

/// The bytes a run replaced, if they still are those that were planned with.
fn old_bytes<T>(
    address: &Address,
    kind: FileKind,
    found: &Lies<T>,
    old: &OldBytes<'_>,
) -> Result<Bytes, EditError> {
    let bytes = old(address, kind).map_err(|why| EditError::Old(kind, why))?;
    match found.stamp() {
        Some(stamp) if stamp.sha256 == sha256(&bytes) => Ok(bytes),
        Some(_) | None => {
            let why = "it is not what the run kept".to_owned();
            Err(EditError::Old(kind, why))
        }
    }
}

fn stamp<T>(lies: &Lies<T>) -> Option<Stamp> {
    lies.stamp().cloned()
}

/// The bytes of the files that are written; none for the others.
fn render(
    user: &UserName,
    app: &AppName,
    before: Option<&ActualLink>,
    after: &LinkAfter,
    touch: Touch,
) -> Result<Trio<Bytes>, EditError> {
    let mut bytes = Trio::default();
    // Not only where the token would be written: a URL changed beside a token
    // nobody knows could hand it to another host.
    if let TokenAfter::NotCompared { reference } = &after.token {
        return Err(EditError::Token(reference.clone()));
    }
    if touch.userconfig == FileChange::Write {
        let before = before.and_then(|b| b.userconfig.value());
        bytes.userconfig = plain(codec::userconfig::render(user, app, &after.link, before));
    }
    if touch.adminconfig == FileChange::Write {
        let found = before.and_then(|b| b.adminconfig.value());
        let token = match &after.token {
            TokenAfter::Set { secret, .. } | TokenAfter::Restore { secret, .. } => Some(secret),
            TokenAfter::None => None,
            TokenAfter::Keep => match &found.ok_or(EditError::Keep)?.token {
                FoundToken::None => None,
                FoundToken::Seen(secret) => Some(secret),
                FoundToken::Unseen => return Err(EditError::Keep),
            },
            TokenAfter::NotCompared { reference } => {
                return Err(EditError::Token(reference.clone()));
            }
        };
        bytes.adminconfig = codec::adminconfig::render(token, found);
    }
    if touch.menu == FileChange::Write {
        let before = before.and_then(|b| b.menu.value());
        bytes.menu = plain(codec::menu::render(&after.menu, Pictured::Yes, before));
    }
    Ok(bytes)
}

/// The group a link must not be written without. Hiding one takes it out of
/// the menu, and that waits for nothing.
fn needed_group(action: &LinkAction) -> Option<GroupId> {
    match action {
        LinkAction::Create { after } | LinkAction::Replace { after, .. } => {
            GroupId::parse(after.link.group_id.as_deref()?).ok()
        }
        LinkAction::Hide { .. } | LinkAction::Remove { .. } => None,
    }
}

fn facts(link: &LinkChange) -> Facts {
    let (before, after) = (link.action.before(), link.action.after());
    let shows = |is_visible| if is_visible { Shows::Yes } else { Shows::No };
    let was_visible = before.is_some_and(ActualLink::is_visible);
    let is_visible = match (link.touch.menu, after) {
        (FileChange::Keep, _) => was_visible,
        (FileChange::Write, Some(after)) => !after.menu.is_hidden(),
        (FileChange::Write, None) | (FileChange::Remove, _) => false,
    };
    let is_whole =
        before.is_some_and(|b| b.userconfig.value().is_some() && b.adminconfig.value().is_some());
    let pair = match (before, after) {
        (Some(before), Some(after)) => pair(before, after, link.touch),
        (None, _) | (_, None) => Pair::Holds,
    };
    Facts {
        before: shows(was_visible),
        after: shows(is_visible),
        pair,
        start: if is_whole {
            Start::Whole
        } else {
            Start::Broken
        },
    }
}

/// What becomes of auto-login URL and token together. What cannot be read
/// counts as another one.
fn pair(before: &ActualLink, after: &LinkAfter, touch: Touch) -> Pair {
    let url = &after.link.autologin_token_url;
    let url_changes = before
        .userconfig
        .value()
        .is_none_or(|u| u.link.autologin_token_url != *url);
    match touch.adminconfig {
        FileChange::Write if url_changes && token_changes(before, after) => Pair::Changes,
        // Without a URL there is nobody that a token could go to.
        FileChange::Keep if url_changes && url.is_some() => Pair::UrlAlone,
        FileChange::Write | FileChange::Keep | FileChange::Remove => Pair::Holds,
    }
}

/// Whether there is a file for the token now, and it gets another token.
fn token_changes(before: &ActualLink, after: &LinkAfter) -> bool {
    let new: Option<&Secret> = match &after.token {
        TokenAfter::Set { secret, .. } | TokenAfter::Restore { secret, .. } => Some(secret),
        TokenAfter::None => None,
        // The token on disk was declared for the new URL too.
        TokenAfter::Keep | TokenAfter::NotCompared { .. } => return false,
    };
    match &before.adminconfig {
        Lies::File(found) => match &found.value.token {
            FoundToken::None => new.is_some(),
            FoundToken::Seen(secret) => new != Some(secret),
            FoundToken::Unseen => true,
        },
        Lies::Broken(_) => true,
        Lies::Absent | Lies::Obstacle(_) => false,
    }
}
