//! Links that stand beside a manifest that is there already, as lines to be
//! added to it: each is whole by itself, whatever its template says.

use super::user::ImportedUser;
use super::user_text::{Inherited, UserText};
use crate::model::AppName;
use std::collections::BTreeSet;

/// The lines in the making.
#[derive(Debug)]
pub struct Extra {
    text: UserText,
    /// Comments that came before the first link that is named.
    before: String,
    is_named: bool,
}

impl Default for Extra {
    fn default() -> Self {
        Self {
            text: UserText::inline(),
            before: String::new(),
            is_named: false,
        }
    }
}

impl Extra {
    /// Adds a user, and gives the text that can be written now. `inherits`
    /// says which keys the manifest gives a link of an app.
    pub fn add(
        &mut self,
        user: &ImportedUser,
        inherits: &dyn Fn(&AppName) -> BTreeSet<&'static str>,
    ) -> String {
        let mut text = std::mem::take(&mut self.before);
        let inherited = |app: &AppName, slot: super::entry::Slot| {
            let given = inherits(app);
            if slot.names().iter().any(|name| given.contains(name)) {
                Inherited::Something
            } else {
                Inherited::Nothing
            }
        };
        let is_named = self.text.push(user, &inherited, &mut text);
        match (self.is_named, is_named) {
            (true, _) => text,
            (false, true) => {
                self.is_named = true;
                format!("version: 1\nusers:\n{text}")
            }
            (false, false) => {
                self.before = text;
                String::new()
            }
        }
    }

    /// What is left to be written. A text without a link is a manifest that
    /// names none, with comments.
    pub fn end(self) -> String {
        if self.is_named {
            return String::new();
        }
        let nobody = if self.before.is_empty() { " {}" } else { "" };
        format!("version: 1\nusers:{nobody}\n{}", self.before)
    }
}
