//! The rows of a plan in their order: what is taken away first, then tokens that
//! go to another host, then what is blocked, then the rest; groups before links, unless they go, each sorted by
//! address.

use super::by_name;
use super::create;
use super::fold::{self, Face, Fold};
use super::line::{self, Line};
use super::row::{self, Verb};
use super::{TextOptions, counted};
use crate::model::{Link, UserName};
use crate::plan::{Blocked, Change, FolderMend, Held, LinkAction, Plan, Waiting, Why};
use crate::report::escape::escaped;
use crate::report::hold;
use crate::report::style::{DIM, styled};
use std::io::{self, Write};

/// How many missing accounts are named.
const NAMED_MISSING: usize = 10;

/// Whether a body has rows that stand for several users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Body {
    /// Each row is one change.
    Plain,
    /// At least one row is folded.
    Folded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Group,
    Link,
    /// An existing link whose token would be posted to another host.
    Moved,
}

/// What comes after what is blocked.
const CONSTRUCTIVE: [(Verb, Kind); 4] = [
    (Verb::Replace, Kind::Group),
    (Verb::Replace, Kind::Link),
    (Verb::Create, Kind::Group),
    (Verb::Create, Kind::Link),
];

/// Writes all rows.
pub(super) fn write(plan: &Plan, options: &TextOptions, out: &mut dyn Write) -> io::Result<Body> {
    let first = write_alarming(plan, options, out)?;
    let second = write_rest(plan, options, out)?;
    let third = write_held(plan, options, out)?;
    let bodies = [first, second, third];
    let folded = bodies.into_iter().find(|body| *body == Body::Folded);
    Ok(folded.unwrap_or(Body::Plain))
}

/// Writes the rows of what waits.
pub(in crate::report) fn write_held(
    plan: &Plan,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<Body> {
    let mut rows = Rows::new(options, out);
    rows.write_held(&plan.held)?;
    Ok(rows.body)
}

/// Writes the rows to read first: what is taken away, tokens that go to
/// another host, and what is blocked.
fn write_alarming(plan: &Plan, options: &TextOptions, out: &mut dyn Write) -> io::Result<Body> {
    let mut rows = Rows::new(options, out);
    rows.write_taken(plan)?;
    rows.write_changes(plan, Verb::Replace, Kind::Moved)?;
    rows.write_blocked(&plan.blocked)?;
    Ok(rows.body)
}

/// Writes the rows of what is taken away, and of what is blocked.
pub(in crate::report) fn write_taken(
    plan: &Plan,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<Body> {
    let mut rows = Rows::new(options, out);
    rows.write_taken(plan)?;
    rows.write_blocked(&plan.blocked)?;
    Ok(rows.body)
}

/// Writes the rows of links that are replaced and whose token would go to
/// another host.
pub(in crate::report) fn write_moved(
    plan: &Plan,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<Body> {
    let mut rows = Rows::new(options, out);
    rows.write_changes(plan, Verb::Replace, Kind::Moved)?;
    Ok(rows.body)
}

/// Writes all other rows.
pub(in crate::report) fn write_rest(
    plan: &Plan,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<Body> {
    let mut rows = Rows::new(options, out);
    for (verb, kind) in CONSTRUCTIVE {
        rows.write_changes(plan, verb, kind)?;
    }
    rows.write_folders(&plan.folders)?;
    rows.write_missing(&plan.missing_accounts)?;
    Ok(rows.body)
}

struct Rows<'o> {
    options: &'o TextOptions,
    out: &'o mut dyn Write,
    body: Body,
}

impl<'o> Rows<'o> {
    fn new(options: &'o TextOptions, out: &'o mut dyn Write) -> Self {
        Self {
            options,
            out,
            body: Body::Plain,
        }
    }

    fn write_taken(&mut self, plan: &Plan) -> io::Result<()> {
        self.write_changes(plan, Verb::Remove, Kind::Link)?;
        self.write_changes(plan, Verb::Remove, Kind::Group)?;
        self.write_changes(plan, Verb::Hide, Kind::Link)
    }

    fn write_changes(&mut self, plan: &Plan, verb: Verb, kind: Kind) -> io::Result<()> {
        let options = *self.options;
        let changes = plan
            .changes
            .iter()
            .filter(|change| Verb::of(change) == verb && kind_of(change) == kind);
        self.write_folds(
            changes,
            Change::user,
            |change| face(change, options.width),
            |fold, out| write_change(fold, options.width, out),
        )
    }

    fn write_blocked(&mut self, blocked: &[Blocked]) -> io::Result<()> {
        let about = |b: &Blocked| b.address.as_ref().map(crate::plan::Address::thing);
        self.write_folds(
            blocked.iter(),
            |b| &b.user,
            |b| Face {
                key: fold::key([about(b).unwrap_or_default().as_str(), &same_why(&b.why)]),
                slots: Vec::new(),
            },
            |fold, out| {
                let about = subject(fold, about(fold.first).as_deref());
                let why = if fold.users > 1 {
                    shared_why(&fold.first.why)
                } else {
                    fold.first.why.to_string()
                };
                let mark = Verb::Blocked.mark();
                writeln!(out, "{mark}  {about}: {}", escaped(&why))
            },
        )
    }

    fn write_folders(&mut self, folders: &[FolderMend]) -> io::Result<()> {
        self.write_folds(
            folders.iter(),
            |mend| &mend.user,
            |mend| Face {
                key: fold::key([folder(mend).as_str()]),
                slots: Vec::new(),
            },
            |fold, out| {
                let mark = Verb::Mend.mark();
                let about = subject(fold, None);
                writeln!(out, "{mark}  {about}: {}", folder(fold.first))
            },
        )
    }

    fn write_held(&mut self, held: &[Held]) -> io::Result<()> {
        self.write_folds(
            held.iter(),
            Held::user,
            |held| {
                let (thing, deed) = (held.thing(), held_deed(held));
                let hold = hold::key(&held.why);
                Face {
                    key: fold::key([thing.as_str(), &deed, &hold]),
                    slots: Vec::new(),
                }
            },
            |fold, out| {
                let (mark, held) = (Verb::Wait.mark(), fold.first);
                let thing = match &held.what {
                    Waiting::Change(change) => Some(change.address().thing()),
                    Waiting::Folder(_) => None,
                };
                let about = subject(fold, thing.as_deref());
                let (deed, why) = (held_deed(held), hold::why(&held.why));
                writeln!(out, "{mark}  {about}: {deed}, {}", escaped(&why))
            },
        )
    }

    fn write_missing(&mut self, missing: &[UserName]) -> io::Result<()> {
        if missing.is_empty() {
            return Ok(());
        }
        let most = if self.options.expand {
            missing.len()
        } else {
            NAMED_MISSING
        };
        let named: Vec<&str> = missing.iter().take(most).map(UserName::as_str).collect();
        let more = match missing.len().saturating_sub(most) {
            0 => String::new(),
            more => {
                self.body = Body::Folded;
                format!(" and {more} more")
            }
        };
        writeln!(
            self.out,
            "{}  {} of the manifest not on this host: {}{more}",
            Verb::Skip.mark(),
            counted(missing.len(), "account", "accounts"),
            named.join(", "),
        )
    }

    /// Writes rows folded, or as they come where each is wanted: then nothing
    /// is kept of any.
    fn write_folds<'p, T: 'p>(
        &mut self,
        rows: impl Iterator<Item = &'p T> + Clone,
        user: impl Fn(&'p T) -> &'p UserName,
        face: impl Fn(&'p T) -> Face<'p>,
        write: impl Fn(&Fold<'p, T>, &mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.options.expand {
            for row in rows {
                write(&Fold::single(row, user(row)), self.out)?;
            }
            return Ok(());
        }
        let Self { out, body, .. } = self;
        fold::fold(rows, user, face, |fold| {
            if fold.users > 1 {
                *body = Body::Folded;
            }
            write(fold, *out)
        })
    }
}

fn kind_of(change: &Change) -> Kind {
    match change {
        Change::Group(_) => Kind::Group,
        Change::Link(link) => match &link.action {
            LinkAction::Replace { .. } if link.new_token_host().is_some() => Kind::Moved,
            LinkAction::Create { .. }
            | LinkAction::Replace { .. }
            | LinkAction::Hide { .. }
            | LinkAction::Remove { .. } => Kind::Link,
        },
    }
}

/// What is done once it waits no more.
pub(in crate::report) fn held_deed(held: &Held) -> String {
    let verb = held.verb().name();
    match &held.what {
        Waiting::Change(change) => format!("{verb} {}", row::bare_reasons(change)),
        Waiting::Folder(mend) => format!("{verb} the {}", folder(mend)),
    }
}

/// What makes two blocked links one row: not the name of the token, since
/// each link has a token of its own.
pub(in crate::report) fn same_why(why: &Why) -> String {
    if let Why::TokenUnknown { reference: _, why } = why {
        return why.clone();
    }
    why.to_string()
}

/// Why several links are blocked.
pub(in crate::report) fn shared_why(why: &Why) -> String {
    if let Why::TokenUnknown { reference: _, why } = why {
        return format!("their tokens are not known here: {why}");
    }
    why.to_string()
}

/// The whole hash of the icon a change ends with. The few digits that lines
/// show could be made equal for two pictures.
pub(in crate::report) fn icon_hash(change: &Change) -> Option<String> {
    match change {
        Change::Group(_) => None,
        Change::Link(link) => Some(link.action.after()?.menu.icon.as_ref()?.hash().into_owned()),
    }
}

/// The URLs that a change changes, as they are. What lines mask of them may
/// differ, and the key is only hashed. A file that cannot be read has none.
pub(in crate::report) fn masked_urls(change: &Change) -> Vec<String> {
    let Change::Link(link) = change else {
        return Vec::new();
    };
    let (Some(before), Some(after)) = (link.action.before(), link.action.after()) else {
        return Vec::new();
    };
    let before = before.userconfig.value().map(|found| urls(&found.link));
    let before = before.unwrap_or_default();
    before
        .into_iter()
        .zip(urls(&after.link))
        .filter(|(before, after)| before != after)
        .flat_map(|(before, after)| [before, after])
        .map(Option::unwrap_or_default)
        .map(str::to_owned)
        .collect()
}

fn urls(link: &Link) -> [Option<&str>; 2] {
    [link.url.as_deref(), link.autologin_token_url.as_deref()]
}

/// Creates are one row where they serve the same app for the same reasons and
/// lead to the same hosts; what changes a link only where it is all the same
/// but for the user's name; everything else only where it is all the same.
fn face(change: &Change, width: usize) -> Face<'_> {
    let (thing, reasons) = (change.address().thing(), row::reasons(change));
    let mut lines = Vec::new();
    let mut slots = Vec::new();
    let mut key = vec![thing, reasons];
    key.extend(icon_hash(change));
    match change {
        Change::Link(link) => match &link.action {
            LinkAction::Create { after } => {
                key.extend(create::origins(&after.link));
                // A link that is made hidden is another thing.
                key.push(after.link.hide.to_string());
                slots = create::slots(after);
            }
            LinkAction::Replace { .. } | LinkAction::Hide { .. } => {
                lines = row::lines(change, width);
                match by_name::texts(link) {
                    Some(texts) => {
                        key.extend(texts);
                        let own = lines.extract_if(.., |line| by_name::is_of(line.name));
                        slots = fold::slots(&own.collect::<Vec<_>>());
                    }
                    None => key.extend(masked_urls(change)),
                }
            }
            LinkAction::Remove { .. } => lines = row::lines(change, width),
        },
        Change::Group(_) => lines = row::lines(change, width),
    }
    for Line { name, text } in lines {
        key.push(name.to_owned());
        key.extend(text);
    }
    Face {
        key: fold::key(key.iter().map(String::as_str)),
        slots,
    }
}

/// What a row is about: an address, or an app or group and its users.
fn subject<T>(fold: &Fold<'_, T>, thing: Option<&str>) -> String {
    let slash = thing.map(|thing| format!("/{thing}")).unwrap_or_default();
    match (fold.named.first(), fold.users) {
        (Some(user), 1) => format!("{user}{slash}"),
        (_, users) => {
            let thing = thing
                .map(|thing| format!("{thing} on "))
                .unwrap_or_default();
            format!("{thing}{users} users: {}", fold.names())
        }
    }
}

fn write_change(fold: &Fold<'_, Change>, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let change = fold.first;
    let about = subject(fold, Some(&change.address().thing()));
    let (mark, reasons) = (Verb::of(change).mark(), row::reasons(change));
    writeln!(out, "{mark}  {about} {reasons}")?;
    let mut lines = row::lines(change, width);
    for (name, count) in &fold.differing {
        let others = match Verb::of(change) {
            Verb::Create => counted(*count, "other differs", "others differ"),
            Verb::Replace
            | Verb::Hide
            | Verb::Remove
            | Verb::Blocked
            | Verb::Mend
            | Verb::Wait
            | Verb::Skip => {
                let others = counted(*count, "other", "others");
                format!("{others}, each by its name")
            }
        };
        let note = styled(DIM, format_args!("({}; {others})", change.user()));
        match lines.iter_mut().find(|line| line.name == *name) {
            Some(line) => {
                if let Some(text) = line.text.last_mut() {
                    text.push(' ');
                    text.push_str(&note);
                }
            }
            None => lines.push(Line::new(name, format!("{} {note}", styled(DIM, "(none)")))),
        }
    }
    line::write(&lines, out)
}

pub(in crate::report) fn folder(mend: &FolderMend) -> String {
    let FolderMend {
        user: _,
        tree,
        mode: (found, wanted),
        owner,
    } = mend;
    let mut parts = Vec::new();
    if found != wanted {
        parts.push(format!("mode {found:04o} → {wanted:04o}"));
    }
    if let Some((found, wanted)) = owner
        && found != wanted
    {
        let pair = |(uid, gid): &(u32, u32)| format!("{uid}:{gid}");
        parts.push(format!("owner {} → {}", pair(found), pair(wanted)));
    }
    format!("folder in `{}` {}", tree.name(), parts.join(", "))
}
