//! Links as they lie on disk, for the eye: a row each, or one of them with
//! all that is known. Of a token only whether there is one.

use super::row::field_name;
use super::value::Shown;
use crate::model::{ActualLink, AppName, Field, FieldValue, FoundToken, Lies, UserName};
use crate::report::escape::escaped;
use crate::report::style::{BOLD, DIM, RED, styled};
use std::io::{self, Write};

/// Whose a link is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// cplinks has no record of writing it.
    Foreign,
    /// It is cplinks' own.
    Ours {
        /// The run that last wrote or recorded it, where that is known.
        run: Option<String>,
    },
}

impl Whose {
    /// The word for it.
    pub(in crate::report) fn name(&self) -> &'static str {
        match self {
            Self::Foreign => "foreign",
            Self::Ours { .. } => "ours",
        }
    }
}

/// A link on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLink<'a> {
    /// Whose menu it is in.
    pub user: &'a UserName,
    /// The app.
    pub app: &'a AppName,
    /// Its files.
    pub link: &'a ActualLink,
    /// Whether it is cplinks' own.
    pub whose: Whose,
}

impl FoundLink<'_> {
    /// How it is, in one word.
    pub(in crate::report) fn state(&self) -> &'static str {
        let ActualLink {
            userconfig,
            adminconfig,
            menu,
        } = self.link;
        if self.link.obstacle().is_some() {
            "blocked"
        } else if userconfig.file().is_none()
            || adminconfig.file().is_none()
            || menu.file().is_none()
        {
            "broken"
        } else if self.link.is_visible() {
            "shows"
        } else {
            "hidden"
        }
    }
}

/// Writes a row for each link of one user.
///
/// # Errors
/// Those of `out`.
pub fn found_rows(links: &[FoundLink<'_>], out: &mut dyn Write) -> io::Result<()> {
    let apps = links.iter().map(|link| link.app.as_str().len());
    let width = apps.max().unwrap_or(0);
    for found in links {
        let user = found.user;
        let address = format!("{user}/{:width$}", found.app.as_str());
        let state = format!("{:7}", found.state());
        let state = match found.state() {
            "blocked" | "broken" => styled(RED, state),
            _ => state,
        };
        let fields = found.link.userconfig.value();
        let label = fields.and_then(|u| u.link.value(Field::Label));
        let label = label.map(|label| Shown::field(Field::Label, &label).line());
        let label = label.unwrap_or_else(|| styled(DIM, "(no label)"));
        writeln!(out, "{address}  {:7}  {state}  {label}", found.whose.name())?;
    }
    Ok(())
}

/// Writes all that is known of one link.
///
/// # Errors
/// Those of `out`.
pub fn found(found: &FoundLink<'_>, out: &mut dyn Write) -> io::Result<()> {
    let FoundLink {
        user,
        app,
        link,
        whose,
    } = found;
    let line = match whose {
        Whose::Foreign => "foreign".to_owned(),
        Whose::Ours { run: Some(run) } => format!("ours, last written or recorded by run {run}"),
        Whose::Ours { run: None } => "ours".to_owned(),
    };
    let address = styled(BOLD, format_args!("{user}/{app}"));
    writeln!(out, "{address}  {}, {}", found.state(), escaped(&line))?;
    if let Some(config) = link.userconfig.value() {
        for field in Field::ALL {
            if let Some(value) = config.link.value(field) {
                row(field_name(field), &Shown::field(field, &value).line(), out)?;
            }
        }
    }
    let token = match link.adminconfig.value().map(|admin| &admin.token) {
        Some(FoundToken::Seen(_) | FoundToken::Unseen) => "has one",
        Some(FoundToken::None) => "none",
        None => "not known",
    };
    row("token", token, out)?;
    if let Some(icon) = link.menu.value().and_then(|menu| menu.entry.icon.as_ref()) {
        let icon = FieldValue::Icon(icon);
        row("menu icon", &Shown::field(Field::Icon, &icon).line(), out)?;
    }
    row("userconfig", &file(&link.userconfig), out)?;
    row("adminconfig", &file(&link.adminconfig), out)?;
    row("menu entry", &file(&link.menu), out)
}

fn row(name: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {name:20}  {text}")
}

/// What lies in the place of a file.
fn file<T>(lies: &Lies<T>) -> String {
    let ownership = lies.stamp().map(|stamp| stamp.ownership);
    let ownership = ownership.map(|o| format!("mode {:04o}, owner {}:{}", o.mode, o.uid, o.gid));
    let ownership = ownership.unwrap_or_default();
    match lies {
        Lies::Absent => "is missing".to_owned(),
        Lies::File(_) => ownership,
        Lies::Broken(found) => format!("{ownership}; {}", escaped(&found.value)),
        Lies::Obstacle(obstacle) => escaped(&obstacle.to_string()).into_owned(),
    }
}
