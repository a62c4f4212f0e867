//! From a change of the plan to an edit of files: the bytes, the version each
//! file must still have, and what the order of the steps depends on. Pure.

use crate::codec::{self, menu::Pictured};
use crate::model::{
    ActualLink, AppName, GroupId, Lies, MenuEntry, Secret, Stamp, TokenRef, UserName,
};
use crate::plan::{
    Change, FileChange, GroupAction, GroupChange, LinkAction, LinkAfter, LinkChange, TokenAfter,
    Touch,
};
use crate::store::{
    After, Edit, Facts, FileEdit, Manner, Note, Pair, Shows, Start, Trio, Verb, needs_menu,
};
use thiserror::Error;
use url::Url;
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
    /// A file is to be written that the change says nothing about.
    #[error("a link that is removed has a file to write")]
    Remove,
}

/// Makes an edit of a change.
///
/// # Errors
/// The plan was not made for `apply`.
pub(super) fn of_change(change: &Change) -> Result<Edit, EditError> {
    match change {
        Change::Group(group) => Ok(of_group(change, group)),
        Change::Link(link) => of_link(change, link),
    }
}

fn of_group(change: &Change, group: &GroupChange) -> Edit {
    let (before, after) = (group.action.before(), group.action.after());
    let userconfig = || {
        let before = before.and_then(|b| b.userconfig.value());
        codec::group::render(after, before)
    };
    let menu = || {
        let entry = MenuEntry::of_group(&group.id, after);
        let before = before.and_then(|b| b.menu.value());
        codec::menu::render(&entry, Pictured::No, before)
    };
    Edit {
        address: change.address(),
        files: Trio {
            userconfig: FileEdit {
                before: before.and_then(|b| stamp(&b.userconfig)),
                after: after_of(group.touch.userconfig, || plain(userconfig())),
            },
            adminconfig: FileEdit::default(),
            menu: FileEdit {
                before: before.and_then(|b| stamp(&b.menu)),
                after: after_of(group.touch.menu, || plain(menu())),
            },
        },
        manner: Manner::Group,
        needs_group: None,
        note: Note {
            verb: match group.action {
                GroupAction::Create { .. } => Verb::Create,
                GroupAction::Replace { .. } => Verb::Replace,
            },
            token_reference: None,
            autologin_host: None,
            was_ours: change.is_owned(),
            is_ours: change.is_ours_after(),
        },
    }
}

fn of_link(change: &Change, link: &LinkChange) -> Result<Edit, EditError> {
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
        Some(after) => render(&link.user, &link.app, before, after, touch)?,
        None if [touch.userconfig, touch.adminconfig, touch.menu].contains(&FileChange::Write) => {
            return Err(EditError::Remove);
        }
        None => Trio::default(),
    };
    let file = |before, touch, bytes| FileEdit {
        before,
        after: after_of(touch, || bytes),
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
        needs_group: needed_group(&link.action),
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
        TokenAfter::Keep | TokenAfter::None | TokenAfter::Restore { .. } => None,
    });
    let url = after.and_then(|after| after.link.autologin_token_url.as_deref());
    let host = url.and_then(|url| Some(Url::parse(url).ok()?.host_str()?.to_owned()));
    Note {
        verb: match action {
            LinkAction::Create { .. } => Verb::Create,
            LinkAction::Replace { .. } => Verb::Replace,
            LinkAction::Hide { .. } => Verb::Hide,
            LinkAction::Remove { .. } => Verb::Remove,
        },
        token_reference,
        autologin_host: host,
        was_ours: change.is_owned(),
        is_ours: change.is_ours_after(),
    }
}

type Bytes = Zeroizing<Vec<u8>>;

fn plain(bytes: Vec<u8>) -> Bytes {
    Zeroizing::new(bytes)
}

fn after_of(touch: FileChange, bytes: impl FnOnce() -> Bytes) -> After {
    match touch {
        FileChange::Keep => After::Keep,
        FileChange::Write => After::Write(bytes()),
        FileChange::Remove => After::Remove,
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
            TokenAfter::Set { secret, .. } | TokenAfter::Restore { secret } => Some(secret),
            TokenAfter::None => None,
            TokenAfter::Keep => found.ok_or(EditError::Keep)?.token.as_ref(),
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
    let both_change = match (before, after) {
        (Some(before), Some(after)) => pair_changes(before, after, link.touch),
        (None, _) | (_, None) => false,
    };
    Facts {
        before: shows(was_visible),
        after: shows(is_visible),
        pair: if both_change {
            Pair::Changes
        } else {
            Pair::Holds
        },
        start: if is_whole {
            Start::Whole
        } else {
            Start::Broken
        },
    }
}

/// Whether auto-login URL and token both change. What cannot be read counts
/// as another one.
fn pair_changes(before: &ActualLink, after: &LinkAfter, touch: Touch) -> bool {
    let url_changes = before
        .userconfig
        .value()
        .is_none_or(|u| u.link.autologin_token_url != after.link.autologin_token_url);
    let new: Option<&Secret> = match &after.token {
        TokenAfter::Set { secret, .. } | TokenAfter::Restore { secret } => Some(secret),
        TokenAfter::None => None,
        // The token on disk was declared for the new URL too.
        TokenAfter::Keep | TokenAfter::NotCompared { .. } => return false,
    };
    let token_changes = match &before.adminconfig {
        Lies::File(found) => found.value.token.as_ref() != new,
        Lies::Broken(_) => true,
        Lies::Absent | Lies::Obstacle(_) => return false,
    };
    url_changes && token_changes && touch.adminconfig == FileChange::Write
}
