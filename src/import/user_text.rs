//! One user as lines of YAML: a line for each link, and a comment for each
//! that is left.

use super::candidate::Fields;
use super::entry::{Slot, map};
use super::icons::UserIcons;
use super::user::{ImportedUser, Standing};
use super::yaml::{comment, text};
use crate::model::{AppName, Field, GroupId, Icon};
use std::collections::BTreeMap;

/// What a link has of a key before it says anything itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inherited {
    /// Nothing.
    Nothing,
    /// Just this.
    This(String),
    /// Something that is not known here: the link has to say what it has.
    Something,
}

/// Where the icons of links go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IconForm {
    /// To files beside the text.
    File,
    /// Into the text itself.
    Inline,
}

/// Writes users.
#[derive(Debug)]
pub(super) struct UserText {
    form: IconForm,
    /// The files that were named; none where icons are in the text.
    pub(super) icons: UserIcons,
}

/// What is asked for what a link inherits.
pub(super) type Inherits<'a> = dyn Fn(&AppName, Slot) -> Inherited + 'a;

impl UserText {
    /// Most stray files and broken groups that are named.
    const STRAYS: usize = 10;

    /// Names files for icons.
    pub(super) fn with_files() -> Self {
        Self {
            form: IconForm::File,
            icons: UserIcons::default(),
        }
    }

    /// Is complete by itself.
    pub(super) fn inline() -> Self {
        Self {
            form: IconForm::Inline,
            icons: UserIcons::default(),
        }
    }

    /// Adds a user, and says whether any link of it is named.
    pub(super) fn push(
        &mut self,
        user: &ImportedUser,
        inherits: &Inherits<'_>,
        out: &mut String,
    ) -> bool {
        let name = text(user.name.as_str()).into_owned();
        strays(&name, &user.strays, out);
        broken_groups(&name, &user.broken_groups, out);
        if user.links.is_empty() {
            return false;
        }
        let is_named = user.taken().next().is_some();
        // A user of whom nothing is taken over is a comment as a whole, from
        // which the `# ` can be taken away.
        let mark = if is_named { "  " } else { "  # " };
        out.extend([mark, &name, ":\n", mark, "  links:\n"]);
        let left = if is_named { "      # " } else { "  #     " };
        for (app, standing) in &user.links {
            let key = text(app.as_str()).into_owned();
            match standing {
                Standing::Taken(fields) => {
                    let entry = self.entry(app, fields, inherits);
                    out.extend(["      ", &key, ": ", &entry, "\n"]);
                }
                Standing::Left(fields, why) => {
                    let why = comment(why);
                    out.extend(["      # ", &key, " is left as it is: ", &why, "\n"]);
                    let Some(fields) = fields else { continue };
                    let entry = self.entry(app, fields, inherits);
                    out.extend([left, &key, ": ", &entry, "\n"]);
                }
            }
        }
        is_named
    }

    /// What a link says beyond what it inherits.
    fn entry(&mut self, app: &AppName, fields: &Fields, inherits: &Inherits<'_>) -> String {
        let mut entries = Vec::new();
        for slot in Slot::ALL {
            let value = slot.of(fields);
            let is_said = match inherits(app, slot) {
                Inherited::Nothing => value.is_none(),
                Inherited::This(inherited) => value.as_deref() == Some(inherited.as_str()),
                Inherited::Something => false,
            };
            if is_said {
                continue;
            }
            let entry = match (slot, &fields.link.icon, value) {
                (_, _, None) => (slot.name(), slot.nothing().to_owned()),
                (Slot::Field(Field::Icon), Some(icon), Some(_)) => self.icon(app, icon),
                (Slot::Field(_) | Slot::Token, _, Some(value)) => {
                    (slot.name(), slot.yaml(&value).into_owned())
                }
            };
            entries.push(entry);
        }
        map(&entries)
    }

    fn icon(&mut self, app: &AppName, icon: &Icon) -> (&'static str, String) {
        match self.form {
            IconForm::File => {
                let path = self.icons.path(app, icon);
                (Slot::Field(Field::Icon).name(), text(&path).into_owned())
            }
            IconForm::Inline => (Field::Icon.name(), text(&icon.to_base64()).into_owned()),
        }
    }
}

/// Groups of a user that are not whole, a comment for each.
fn broken_groups(user: &str, groups: &BTreeMap<GroupId, String>, out: &mut String) {
    for (id, why) in groups.iter().take(UserText::STRAYS) {
        let (id, why) = (id.as_str(), comment(why));
        out.extend([
            "  # ",
            user,
            ": the group ",
            id,
            " is left alone: ",
            &why,
            "\n",
        ]);
    }
    if groups.len() > UserText::STRAYS {
        let more = (groups.len() - UserText::STRAYS).to_string();
        out.extend(["  # ", user, ": and ", &more, " more groups like these\n"]);
    }
}

/// Files that belong to no link, in one comment.
fn strays(user: &str, names: &[String], out: &mut String) {
    if names.is_empty() {
        return;
    }
    let shown = names.iter().take(UserText::STRAYS);
    let mut shown: Vec<_> = shown.map(|name| comment(name)).collect();
    if names.len() > UserText::STRAYS {
        shown.push(format!("and {} more", names.len() - UserText::STRAYS));
    }
    let shown = shown.join(", ");
    out.extend([
        "  # ",
        user,
        ": files of no link are left alone: ",
        &shown,
        "\n",
    ]);
}
