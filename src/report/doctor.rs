//! Findings as text: rule, place, what was found, and the command that mends
//! it, as a line to be pasted. No command here removes a file, and none names
//! a place in a way in which its name could become a command.

use super::escape::escaped;
use super::hold::flags;
use super::shell::shell_word;
use super::style::{BOLD, DIM, RED, YELLOW, styled};
use super::text::counted;
use crate::doctor::{Finding, Grade, Mend, Tally};
use crate::plan::{Address, Place};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A finding, and where its place is on the disk.
#[derive(Debug, Clone, Copy)]
pub struct FindingLine<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// The root, as it was given.
    pub root: &'a Path,
    /// Whether commands have to name the root.
    pub is_default_root: bool,
    /// Its place, below the root.
    pub below: &'a Path,
    /// Where its content would be moved aside, below the root.
    pub aside: &'a Path,
}

impl FindingLine<'_> {
    /// The place's whole path, for people; not byte for byte.
    fn shown(&self) -> String {
        escaped(&joined(self.root, self.below).to_string_lossy()).into_owned()
    }

    /// A call of a function of WHM for the group that it is about.
    fn call_group(&self, function: &str) -> Option<String> {
        let Place::File(Address::Group(user, id), _) = &self.finding.place else {
            return None;
        };
        let root = self.root_flag();
        Some(format!(
            "cplinks call {function} user={user} group_id={id}{root}"
        ))
    }

    /// The command that mends it, as a shell takes it.
    pub(super) fn mend(&self) -> Option<String> {
        let path = || self.word(self.below);
        let named = |owner: (u32, Option<u32>)| match owner {
            (0, Some(0)) => "root:root".to_owned(),
            (0, None) => "root".to_owned(),
            (0, Some(gid)) => format!("root:{gid}"),
            (uid, Some(gid)) => format!("{uid}:{gid}"),
            (uid, None) => uid.to_string(),
        };
        let command = match self.finding.mend.as_ref()? {
            Mend::Permit { owner, mode } => {
                let chown = owner.map(|of| format!("chown -h {} -- {}", named(of), path()));
                let chmod = mode.map(|mode| format!("chmod {mode:04o} -- {}", path()));
                let both: Vec<String> = chown.into_iter().chain(chmod).collect();
                both.join(" && ")
            }
            Mend::Aside => {
                let (aside, path) = (self.word(self.aside), path());
                format!(
                    "(umask 077; mkdir -p -- {aside}) && mv --backup=numbered -t {aside} -- {path}"
                )
            }
            Mend::MakeFolder(gid) => {
                let path = path();
                let chown = gid.map(|gid| format!(" && chown -h root:{gid} -- {path}"));
                format!("mkdir -m 0750 -- {path}{}", chown.unwrap_or_default())
            }
            Mend::RemoveLink => {
                let Place::File(address, _) = &self.finding.place else {
                    return None;
                };
                let (user, app) = (address.user(), address.thing());
                let call = "cplinks call remove_integration_link";
                format!("{call} user={user} app={app}{}", self.root_flag())
            }
            Mend::RemoveGroup => self.call_group("remove_integration_group")?,
            Mend::MakeGroup { label, order } => {
                let call = self.call_group("create_integration_group")?;
                // `@` alone would name a file.
                let at = if label.starts_with('@') { "@" } else { "" };
                let word = |text: String| shell_word(text.as_ref());
                let (label, order) = (format!("label={at}{label}"), format!("order={order}"));
                format!("{call} {} {}", word(label), word(order))
            }
            Mend::Apply => {
                let place = &self.finding.place;
                let user = place.user().map(|user| format!(" --user {user}"));
                let app = place.app().map(|app| format!(" --app {app}"));
                let scope = user.into_iter().chain(app).collect::<String>();
                format!("cplinks apply MANIFEST{scope}{}", self.root_flag())
            }
            Mend::Recover => format!("cplinks recover{}", self.root_flag()),
            Mend::Resume(pause) => format!("cplinks resume{}{}", flags(pause), self.root_flag()),
        };
        Some(command)
    }

    fn root_flag(&self) -> String {
        if self.is_default_root {
            return String::new();
        }
        format!(" --root {}", self.word(Path::new("")))
    }

    /// A path below the root as a word of a shell, and of no option.
    fn word(&self, below: &Path) -> String {
        let root = if self.root.to_string_lossy().starts_with('-') {
            PathBuf::from(".").join(self.root)
        } else {
            self.root.to_owned()
        };
        shell_word(joined(&root, below).as_os_str())
    }
}

/// An empty path would leave a slash at the end.
fn joined(root: &Path, below: &Path) -> PathBuf {
    if below.as_os_str().is_empty() {
        root.to_owned()
    } else {
        root.join(below)
    }
}

/// Writes one finding.
///
/// # Errors
/// Those of `out`.
pub fn finding(line: &FindingLine<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Finding { rule, found, .. } = line.finding;
    let style = match rule.grade() {
        Grade::Error => RED,
        Grade::Warning => YELLOW,
        Grade::Note => DIM,
    };
    let title = styled(
        style,
        format_args!("{}[{}]", rule.grade().name(), rule.id()),
    );
    writeln!(out, "{title}: {}", rule.means())?;
    writeln!(out, " --> {}", line.shown())?;
    writeln!(out, "  = found: {}", escaped(found))?;
    if let Some(mend) = line.mend() {
        writeln!(out, "  = mend: {mend}")?;
    }
    writeln!(out)
}

/// Writes what was found in numbers.
///
/// # Errors
/// Those of `out`.
pub fn tally(tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
    let Tally {
        users,
        links,
        groups,
        rules,
        is_cut_short,
        needs_manifest,
    } = tally;
    let counts: Vec<String> = Grade::ALL
        .into_iter()
        .map(|grade| (grade, tally.of(grade)))
        .filter(|(_, count)| *count > 0)
        .map(|(grade, count)| counted(count, grade.name(), &format!("{}s", grade.name())))
        .collect();
    let counts = if counts.is_empty() {
        "nothing found".to_owned()
    } else {
        counts.join(", ")
    };
    let looked = if *is_cut_short {
        "links were not looked at".to_owned()
    } else {
        let links = counted(*links, "link", "links");
        let groups = counted(*groups, "group", "groups");
        format!(
            "{}, {links} and {groups} looked at",
            counted(*users, "user", "users")
        )
    };
    writeln!(
        out,
        "{}",
        styled(BOLD, format_args!("Doctor: {counts}; {looked}"))
    )?;
    if rules.len() > 1 {
        let by_rule = rules
            .iter()
            .map(|(rule, count)| format!("{} {count}", rule.id()));
        let by_rule: Vec<String> = by_rule.collect();
        writeln!(out, "by rule: {}", by_rule.join(" · "))?;
    }
    if *needs_manifest {
        writeln!(
            out,
            "note: MANIFEST has to name the link, or nothing is mended; what `cplinks import` \
             wrote as a comment is not named until its `# ` is gone"
        )?;
    }
    Ok(())
}
