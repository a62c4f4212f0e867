//! A finding: one thing that is wrong at one place, and what mends it.

use super::rule::Rule;
use crate::plan::{Pause, Place};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub rule: Rule,
    /// Where.
    pub place: Place,
    /// What was found, in words; no value of a link is in it but names and
    /// numbers, and never anything of a token.
    pub found: String,
    /// What mends it; `None` where a person has to look first, or where no
    /// command could do no harm.
    pub mend: Option<Mend>,
}

impl Finding {
    /// One that no command mends.
    pub(super) fn new(rule: Rule, place: Place, found: impl Into<String>) -> Self {
        Self {
            rule,
            place,
            found: found.into(),
            mend: None,
        }
    }

    pub(super) fn mended_by(mut self, mend: Mend) -> Self {
        self.mend = Some(mend);
        self
    }
}

/// A command that mends a finding at its place, and does no harm where it is
/// pasted twice, too late or without a look. None removes a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// Owner, group and mode of the place are set.
    Permit {
        /// Owner and group by number, where they are wrong; the group may not
        /// be known.
        owner: Option<(u32, Option<u32>)>,
        /// Permission bits, where they are wrong.
        mode: Option<u32>,
    },
    /// The place's content is moved to where no panel reads it, and kept.
    Aside,
    /// The folder is made, with this group if it is known.
    MakeFolder(Option<u32>),
    /// What is left of the link is removed as the panel would; a copy stays in
    /// the run.
    RemoveLink,
    /// What is left of the group is removed as the panel would; a copy stays in
    /// the run.
    RemoveGroup,
    /// The group is made again as its fields say.
    MakeGroup {
        /// Its heading.
        label: String,
        /// Its place in the menu.
        order: String,
    },
    /// A manifest is applied that names the link, or the user's links.
    Apply,
    /// What was cut off is put in order.
    Recover,
    /// The pause is ended.
    Resume(Pause),
}
