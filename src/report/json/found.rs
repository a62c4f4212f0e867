//! Links as they lie on disk, as JSON: one object for each. Of a token only
//! whether there is one.

use super::change::Fields;
use super::write_value;
use crate::model::{FileKind, Lies};
use crate::report::text::{FoundLink, Whose};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes one link.
///
/// # Errors
/// Those of `out`.
pub fn found_json(found: &FoundLink<'_>, out: &mut dyn Write) -> io::Result<()> {
    let FoundLink {
        user,
        app,
        link,
        whose,
    } = found;
    let run = match whose {
        Whose::Foreign => None,
        Whose::Ours { run } => run.as_deref(),
    };
    let config = link
        .userconfig
        .value()
        .map(|config| Fields::of(&config.link));
    let token = link.adminconfig.value().map(|admin| admin.token.is_there());
    let icon = link.menu.value().and_then(|menu| menu.entry.icon.as_ref());
    let files = [
        (FileKind::Userconfig, file(&link.userconfig)),
        (FileKind::Adminconfig, file(&link.adminconfig)),
        (FileKind::Menu, file(&link.menu)),
    ];
    let files: Value = files
        .into_iter()
        .map(|(kind, file)| (key(kind).to_owned(), file))
        .collect();
    let value = json!({
        "user": user.as_str(),
        "app": app.as_str(),
        "state": found.state(),
        "owned": matches!(whose, Whose::Ours { .. }),
        "run": run,
        "fields": config,
        "has_token": token,
        "menu_icon": icon.map(|icon| format!("sha256:{}", icon.hash())),
        "files": files,
    });
    write_value(&value, out)
}

fn key(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Userconfig => "userconfig",
        FileKind::Adminconfig => "adminconfig",
        FileKind::Menu => "menu",
    }
}

/// What lies in the place of a file.
fn file<T>(lies: &Lies<T>) -> Value {
    let (state, why) = match lies {
        Lies::Absent => ("absent", None),
        Lies::File(_) => ("file", None),
        Lies::Broken(found) => ("broken", Some(found.value.clone())),
        Lies::Obstacle(obstacle) => ("blocked", Some(obstacle.to_string())),
    };
    let ownership = lies.stamp().map(|stamp| stamp.ownership);
    json!({
        "state": state,
        "why": why,
        "mode": ownership.map(|o| format!("{:04o}", o.mode)),
        "uid": ownership.map(|o| o.uid),
        "gid": ownership.map(|o| o.gid),
    })
}
