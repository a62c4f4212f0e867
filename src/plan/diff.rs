//! How the two versions of one link differ, for the eye. Nothing is decided
//! from it; tokens are words here, never values.

use super::change::{FileChange, LinkAction, LinkChange, TokenAfter};
use super::link::shown_icon;
use crate::model::{ActualLink, Field, FieldValue, FileKind, FoundToken, Icon, Lies, Link};

/// One field before and after; `None` is a key that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDiff<'a> {
    /// Which field.
    pub field: Field,
    /// On disk.
    pub before: Option<FieldValue<'a>>,
    /// As it will be.
    pub after: Option<FieldValue<'a>>,
}

/// What happens to the token, without the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenDiff {
    /// It stays, or there is none before and after.
    Same,
    /// There was none, there will be one.
    Added,
    /// Another one.
    Changed,
    /// It goes.
    Dropped,
    /// It could not be resolved here.
    NotCompared,
}

/// All differences of one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkDiff<'a> {
    /// Fields that differ; for a new link, all that it has.
    pub fields: Vec<FieldDiff<'a>>,
    /// The token.
    pub token: TokenDiff,
    /// Menu entry keys that differ, with both texts. Only where the entry is
    /// not already explained by the fields.
    pub menu: Vec<(String, Option<String>, Option<String>)>,
    /// The icons of the menu entry, where they differ and the fields' do not.
    pub menu_icon: Option<(Option<&'a Icon>, Option<&'a Icon>)>,
    /// Files that are written although they were missing or broken, and why.
    pub broken: Vec<(FileKind, String)>,
    /// Keys we do not know in files that are rewritten: kept.
    pub kept: Vec<(FileKind, String)>,
}

impl LinkChange {
    /// How the two versions differ, for the eye.
    pub fn diff(&self) -> LinkDiff<'_> {
        of_link(self)
    }
}

/// The differences of a change.
fn of_link(change: &LinkChange) -> LinkDiff<'_> {
    let empty = LinkDiff {
        fields: Vec::new(),
        token: TokenDiff::Same,
        menu: Vec::new(),
        menu_icon: None,
        broken: Vec::new(),
        kept: Vec::new(),
    };
    match &change.action {
        LinkAction::Create { after } => LinkDiff {
            fields: fields(None, &after.link),
            token: change.token_diff(),
            ..empty
        },
        LinkAction::Remove { .. } => empty,
        LinkAction::Replace { before, after } | LinkAction::Hide { before, after } => {
            let touch = change.touch;
            let mut diff = empty;
            if let (Some(found), FileChange::Write) = (before.userconfig.value(), touch.userconfig)
            {
                diff.fields = fields(Some(&found.link), &after.link);
            } else if before.userconfig.value().is_none() && touch.userconfig == FileChange::Write {
                diff.fields = fields(None, &after.link);
            }
            diff.token = change.token_diff();
            menu(before, change, &mut diff);
            files(before, change, &mut diff);
            diff
        }
    }
}

impl LinkChange {
    /// What becomes of the token, without the rest of the diff.
    pub fn token_diff(&self) -> TokenDiff {
        match &self.action {
            LinkAction::Create { after } => match &after.token {
                TokenAfter::Keep | TokenAfter::None => TokenDiff::Same,
                TokenAfter::Set { .. } | TokenAfter::Restore { .. } => TokenDiff::Added,
                TokenAfter::NotCompared { .. } => TokenDiff::NotCompared,
            },
            LinkAction::Remove { .. } => TokenDiff::Same,
            LinkAction::Replace { before, after } | LinkAction::Hide { before, after } => {
                token(before, &after.token)
            }
        }
    }
}

fn fields<'a>(before: Option<&'a Link>, after: &'a Link) -> Vec<FieldDiff<'a>> {
    Field::ALL
        .into_iter()
        .map(|field| FieldDiff {
            field,
            before: before.and_then(|b| b.value(field)),
            after: after.value(field),
        })
        .filter(|diff| diff.before != diff.after)
        .collect()
}

fn token(before: &ActualLink, after: &TokenAfter) -> TokenDiff {
    let found = before.adminconfig.value().map(|a| &a.token);
    let found = found.unwrap_or(&FoundToken::None);
    match (found, after) {
        (_, TokenAfter::NotCompared { .. }) => TokenDiff::NotCompared,
        (_, TokenAfter::Keep) | (FoundToken::None, TokenAfter::None) => TokenDiff::Same,
        (
            FoundToken::Seen(found),
            TokenAfter::Set { secret, .. } | TokenAfter::Restore { secret, .. },
        ) if found == secret => TokenDiff::Same,
        (
            FoundToken::Seen(_) | FoundToken::Unseen,
            TokenAfter::Set { .. } | TokenAfter::Restore { .. },
        ) => TokenDiff::Changed,
        (FoundToken::None, TokenAfter::Set { .. } | TokenAfter::Restore { .. }) => TokenDiff::Added,
        (FoundToken::Seen(_) | FoundToken::Unseen, TokenAfter::None) => TokenDiff::Dropped,
    }
}

fn menu<'a>(before: &'a ActualLink, change: &'a LinkChange, diff: &mut LinkDiff<'a>) {
    let (Some(found), Some(after)) = (before.menu.value(), change.action.after()) else {
        return;
    };
    if change.touch.menu != FileChange::Write {
        return;
    }
    if diff.fields.is_empty() {
        let keys: std::collections::BTreeSet<_> = found
            .entry
            .fields
            .keys()
            .chain(after.menu.fields.keys())
            .collect();
        for key in keys {
            let texts = (found.entry.fields.get(key), after.menu.fields.get(key));
            if texts.0 != texts.1 {
                let (before, after) = (texts.0.cloned(), texts.1.cloned());
                diff.menu.push((key.clone(), before, after));
            }
        }
    }
    let shown = shown_icon(&before.menu);
    let field_says_so = diff.fields.iter().any(|f| f.field == Field::Icon);
    if let Some(icon) = &after.menu.icon
        && shown != Some(icon)
        && !field_says_so
    {
        diff.menu_icon = Some((shown, Some(icon)));
    }
}

fn files(before: &ActualLink, change: &LinkChange, diff: &mut LinkDiff<'_>) {
    fn look<T>(
        kind: FileKind,
        lies: &Lies<T>,
        change: FileChange,
        kept: impl Fn(&T) -> Vec<String>,
        diff: &mut LinkDiff<'_>,
    ) {
        if change != FileChange::Write {
            return;
        }
        match lies {
            Lies::Absent => diff.broken.push((kind, "is missing".to_owned())),
            Lies::Broken(found) => diff.broken.push((kind, found.value.clone())),
            Lies::File(found) => {
                for key in kept(&found.value) {
                    diff.kept.push((kind, key));
                }
            }
            Lies::Obstacle(_) => {}
        }
    }
    let touch = change.touch;
    look(
        FileKind::Userconfig,
        &before.userconfig,
        touch.userconfig,
        |u| u.unknown.keys().cloned().collect(),
        diff,
    );
    look(
        FileKind::Adminconfig,
        &before.adminconfig,
        touch.adminconfig,
        |a| a.unknown.keys().cloned().collect(),
        diff,
    );
    look(
        FileKind::Menu,
        &before.menu,
        touch.menu,
        |d| {
            let sizes = ["width", "height"];
            let unknown = |key: &&String| !sizes.contains(&key.as_str());
            d.kept.keys().filter(unknown).cloned().collect()
        },
        diff,
    );
    if change.origin.restored().is_some() {
        // They become what the run found, keys and all.
        diff.kept.clear();
    }
}
