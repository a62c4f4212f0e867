//! What somebody changed on the disk behind the manifest's back: one thing at
//! one link, each of which takes one change to put right.

use super::dice::Dice;
use super::links::{Wanted, token};

/// What was done to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drift {
    /// All of its files are gone.
    Absent,
    /// It has another label.
    Label,
    /// It leads elsewhere.
    Url,
    /// It is hidden, or shows although it should not.
    Hide,
    /// It has another token, if it has one at all; else another label.
    Token,
    /// Its menu entry is gone, so that it does not show.
    NoMenu,
    /// Its userconfig is cut in the middle.
    Broken,
    /// Everybody may read its token.
    Mode,
}

/// All of them, each as likely as the others.
const ALL: [Drift; 8] = [
    Drift::Absent,
    Drift::Label,
    Drift::Url,
    Drift::Hide,
    Drift::Token,
    Drift::NoMenu,
    Drift::Broken,
    Drift::Mode,
];

impl Drift {
    /// Does something to a link: to its fields here, to its files where they
    /// are written.
    pub(super) fn strike(wanted: &mut Wanted, dice: &mut Dice) -> Self {
        let drift = *dice.pick(&ALL);
        let link = &mut wanted.link;
        match (drift, &mut wanted.token) {
            (Self::Token, Some(secret)) => *secret = token(dice),
            (Self::Label, _) | (Self::Token, None) => {
                link.label = Some(format!("Old {}", wanted.app.label));
            }
            (Self::Url, _) => link.url = Some("https://old.acme.example/".to_owned()),
            (Self::Hide, _) => link.hide = !link.hide,
            (Self::Absent | Self::NoMenu | Self::Broken | Self::Mode, _) => {}
        }
        drift
    }
}
