//! The texts of an imported manifest: what all users share in one file, the
//! users themselves in *pages* of a thousand.

use super::entry::Slot;
use super::group::{self, OddGroup};
use super::icons::{USERS, UserIcons};
use super::templates::Templates;
use super::user::ImportedUser;
use super::user_text::{Inherited, UserText};
use super::yaml::text;
use crate::model::{AppName, Field};

/// The name of the file that all users share.
pub const MANIFEST: &str = "manifest.yaml";

/// How every file begins.
const HEADER: &str = "# Written by `cplinks import` from what was on disk.";

/// Whether a text is one that an import wrote.
pub fn is_header(text: &[u8]) -> bool {
    text.starts_with(HEADER.as_bytes())
}

/// What has to be said beside the links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Notes {
    /// Links that cplinks owns are not in the manifest: without a word they
    /// would be hidden.
    pub leaves_owned: bool,
    /// Links are named that another program makes.
    pub has_whmcs: bool,
}

/// The file that all users share.
pub fn manifest(templates: &Templates, notes: Notes) -> String {
    let mut out = format!("{HEADER}\n# The users are in `{USERS}`; all files are one manifest.\n");
    if notes.has_whmcs {
        out.push_str(
            "# By their names, WHMCS made the links that begin with WHMCS_, and may write them \
             anew.\n# To leave them to it, import with --exclude-app 'WHMCS_*'.\n",
        );
    }
    out.push_str("version: 1\n");
    if notes.leaves_owned {
        out.push_str(
            "\nsettings:\n  # Links that cplinks wrote are not in these files; the default would \
             hide them.\n  unlisted: keep\n",
        );
    }
    groups(templates, &mut out);
    let icons = templates.icons();
    for (n, (app, shared)) in templates.apps.iter().enumerate() {
        if n == 0 {
            out.push_str("\napps:\n");
        }
        out.extend(["  ", &*text(app.as_str()), ":\n"]);
        for slot in Slot::ALL {
            let Some(value) = shared.get(&slot) else {
                continue;
            };
            let value = match (slot, icons.get(value.as_str())) {
                (Slot::Field(Field::Icon), Some(path)) => path,
                (Slot::Field(_) | Slot::Token, _) => value,
            };
            out.extend(["    ", slot.name(), ": ", &*slot.yaml(value), "\n"]);
        }
    }
    out
}

fn groups(templates: &Templates, out: &mut String) {
    let declared = templates.groups.iter();
    let lines: Vec<_> = declared
        .filter_map(|(id, found)| group::line(id, found))
        .collect();
    if lines.is_empty() && templates.odd_groups.is_empty() {
        return;
    }
    out.push_str("\ngroups:\n");
    for line in lines {
        out.extend(["  ", &line, "\n"]);
    }
    for (id, OddGroup { why, line }) in &templates.odd_groups {
        let id = id.as_str();
        out.extend(["  # The group ", id, " is left as it is: ", why, ".\n"]);
        if let Some(line) = line {
            out.extend(["  # ", line, "\n"]);
        }
    }
}

/// The files of users in the making.
#[derive(Debug)]
pub struct Pages<'t> {
    templates: &'t Templates,
    text: UserText,
    page: String,
    users: usize,
    named: usize,
    number: usize,
}

impl<'t> Pages<'t> {
    /// Most users in a file.
    const USERS: usize = 1_000;
    /// Most bytes, but for the last user: far below what a manifest may have.
    const BYTES: usize = 8 * 1024 * 1024;

    /// Starts with no user.
    pub fn new(templates: &'t Templates) -> Self {
        Self {
            templates,
            text: UserText::with_files(),
            page: String::new(),
            users: 0,
            named: 0,
            number: 0,
        }
    }

    /// The icons that users' own links name.
    pub fn icons(&mut self) -> &mut UserIcons {
        &mut self.text.icons
    }

    /// Adds a user; users come in the order of their names. Gives a file that
    /// is full, with its name.
    pub fn add(&mut self, user: &ImportedUser) -> Option<(String, String)> {
        let is_full = self.users == Self::USERS || self.page.len() >= Self::BYTES;
        let full = if is_full { self.end() } else { None };
        self.push(user);
        full
    }

    /// The file in hand, with its name; `None` where there is nothing for it.
    pub fn end(&mut self) -> Option<(String, String)> {
        let page = std::mem::take(&mut self.page);
        let (users, named) = (self.users, self.named);
        (self.users, self.named) = (0, 0);
        if page.is_empty() {
            return None;
        }
        self.number += 1;
        let name = format!("{USERS}/{:04}.yaml", self.number);
        let count = if users == 1 {
            "1 user"
        } else {
            &format!("{users} users")
        };
        Some((
            name,
            format!("{HEADER}\n# {count}, {named} of them named.\nversion: 1\n\nusers:\n{page}"),
        ))
    }

    fn push(&mut self, user: &ImportedUser) {
        if user.links.is_empty() && user.strays.is_empty() && user.broken_groups.is_empty() {
            return;
        }
        let templates = self.templates;
        let inherits = |app: &AppName, slot| match templates.inherited(&user.name, app, slot) {
            Some(value) => Inherited::This(value),
            None => Inherited::Nothing,
        };
        self.users += 1;
        let is_named = self.text.push(user, &inherits, &mut self.page);
        self.named += usize::from(is_named);
    }
}
