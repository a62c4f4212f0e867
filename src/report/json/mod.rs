//! A plan as JSON, shaped like Terraform's, so that tools that read those
//! plans read ours. What Terraform has no word for stands under `x_cplinks`.
//! Its schema is `plan.schema.json`, which `cplinks schema --plan` prints.
//!
//! Changes are written one by one, each on a line of its own; nothing of the
//! document is held whole. No token is in it, and nothing made from one.

mod approved;
mod change;
mod doctor;
mod found;
mod held;
mod login;
mod string;

pub use approved::{Approved, ApprovedError};
pub use doctor::{finding_json, findings_json, tally_json};
pub use found::found_json;
pub use login::{LoginStory, login_json};

use super::reach::{self, Touched};
use super::text::Header;
use crate::plan::{
    Blocked, Change, FolderMend, GroupAction, GuardCheck, LinkAction, Plan, Reason, Server,
    Unlisted,
};
use change::Entry;
use held::{HeldEntry, PauseEntry};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
pub(super) use string::Plain;

/// The version of this shape: the second number grows when something is
/// added, the first when something changes its meaning.
pub const FORMAT_VERSION: &str = "1.1";

/// The JSON Schema of a plan.
pub const PLAN_SCHEMA: &str = include_str!("plan.schema.json");

/// Writes a plan as JSON.
///
/// # Errors
/// Those of `out`.
pub fn json(plan: &Plan, header: &Header, out: &mut dyn Write) -> io::Result<()> {
    let is_refused = !plan.guards.refusals.is_empty();
    let mut object = Object::begin(out)?;
    object.key("format_version", &FORMAT_VERSION)?;
    object.key("x_cplinks", &About::of(header))?;
    object.key("digest", &header.digest.map(|digest| digest.to_string()))?;
    object.key("applyable", &(!plan.is_empty() && !is_refused))?;
    object.key("complete", &plan.blocked.is_empty())?;
    object.key("errored", &false)?;
    object.key("summary", &Summary::of(plan))?;
    object.key(
        "blast_radius",
        &BlastRadius::of(plan, header.server.as_ref()),
    )?;
    object.key("guards", &Guards::of(&plan.guards))?;
    object.list("blocked", plan.blocked.iter().map(BlockedEntry::of))?;
    object.list("folders", plan.folders.iter().map(FolderEntry::of))?;
    let missing = plan.missing_accounts.iter().map(ToString::to_string);
    object.list("missing_accounts", missing)?;
    object.list("held", plan.held.iter().map(HeldEntry::of))?;
    object.list(
        "pauses",
        plan.pauses.iter().map(|pause| PauseEntry::of(pause, plan)),
    )?;
    object.list("resource_changes", plan.changes.iter().map(Entry::of))?;
    object.end()
}

/// The outermost object, written key by key.
struct Object<'o> {
    out: &'o mut dyn Write,
    comma: &'static str,
}

impl<'o> Object<'o> {
    fn begin(out: &'o mut dyn Write) -> io::Result<Self> {
        write!(out, "{{")?;
        Ok(Self { out, comma: "" })
    }

    fn name(&mut self, name: &str) -> io::Result<()> {
        write!(self.out, "{}\n\"{name}\": ", self.comma)?;
        self.comma = ",";
        Ok(())
    }

    fn key(&mut self, name: &str, value: &impl Serialize) -> io::Result<()> {
        self.name(name)?;
        write_value(value, self.out)
    }

    fn list<T: Serialize>(&mut self, name: &str, items: impl Iterator<Item = T>) -> io::Result<()> {
        self.name(name)?;
        write!(self.out, "[")?;
        let mut comma = "";
        // An item comes in hundreds of pieces, and what they go to is not known
        // here: they are put together first.
        let mut line = Vec::new();
        for item in items {
            line.clear();
            writeln!(line, "{comma}")?;
            comma = ",";
            write_value(&item, &mut line)?;
            self.out.write_all(&line)?;
        }
        write!(self.out, "]")
    }

    fn end(self) -> io::Result<()> {
        writeln!(self.out, "\n}}")
    }
}

/// A value on one line, spelt as all JSON here: nothing in it deceives a reader
/// of the raw text, or is a pipeline's command.
pub(crate) fn json_line(value: &impl Serialize) -> io::Result<String> {
    let mut line = Vec::new();
    write_value(value, &mut line)?;
    String::from_utf8(line).map_err(io::Error::other)
}

fn write_value<W: Write + ?Sized>(value: &impl Serialize, out: &mut W) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, Plain);
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// What the plan was made of.
#[derive(Serialize)]
struct About<'h> {
    version: &'static str,
    title: &'h str,
    root: &'h str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unlisted: Option<&'static str>,
    scope: Scope<'h>,
    notes: &'h [String],
}

/// What the plan is limited to: globs, as the flags of the same names take
/// them.
#[derive(Serialize)]
struct Scope<'h> {
    user: Vec<&'h str>,
    app: Vec<&'h str>,
    exclude_user: Vec<&'h str>,
    exclude_app: Vec<&'h str>,
}

impl<'h> About<'h> {
    fn of(header: &'h Header) -> Self {
        let scope = &header.scope;
        Self {
            version: env!("CARGO_PKG_VERSION"),
            title: &header.title,
            root: &header.root,
            unlisted: header.unlisted.map(Unlisted::name),
            scope: Scope {
                user: scope.users.texts().collect(),
                app: scope.apps.texts().collect(),
                exclude_user: scope.exclude_users.texts().collect(),
                exclude_app: scope.exclude_apps.texts().collect(),
            },
            notes: &header.notes,
        }
    }
}

/// The plan in numbers.
#[derive(Default, Serialize)]
struct Summary {
    create: usize,
    replace: usize,
    hide: usize,
    remove: usize,
    adopt: usize,
    groups_create: usize,
    groups_replace: usize,
    groups_remove: usize,
    folders: usize,
    blocked: usize,
    held: usize,
    in_sync: usize,
    in_sync_adopted: usize,
    foreign: usize,
    ours_left_alone: usize,
    tokens_not_compared: usize,
    stray_files: usize,
    users: usize,
}

impl Summary {
    fn of(plan: &Plan) -> Self {
        let counts = &plan.counts;
        let mut summary = Self {
            folders: plan.folders.len(),
            blocked: plan.blocked.len(),
            held: plan.held.len(),
            in_sync: counts.in_sync,
            in_sync_adopted: counts.adopted,
            foreign: counts.foreign,
            ours_left_alone: counts.ours_left,
            tokens_not_compared: counts.tokens_not_compared,
            stray_files: counts.strays,
            users: counts.users,
            ..Self::default()
        };
        for change in &plan.changes {
            let count = match change {
                Change::Link(link) => match &link.action {
                    LinkAction::Create { .. } => &mut summary.create,
                    LinkAction::Replace { .. } => &mut summary.replace,
                    LinkAction::Hide { .. } => &mut summary.hide,
                    LinkAction::Remove { .. } => &mut summary.remove,
                },
                Change::Group(group) => match &group.action {
                    GroupAction::Create { .. } => &mut summary.groups_create,
                    GroupAction::Replace { .. } => &mut summary.groups_replace,
                    GroupAction::Remove { .. } => &mut summary.groups_remove,
                },
            };
            *count += 1;
            summary.adopt += usize::from(change.reasons().contains(&Reason::Adopt));
        }
        summary
    }
}

/// What it means for customers.
#[derive(Serialize)]
struct BlastRadius<'p> {
    accounts: usize,
    accounts_looked_at: usize,
    /// Absent where the server does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts_on_server: Option<usize>,
    apps: BTreeMap<&'p str, Touched>,
    new_token_hosts: BTreeSet<String>,
    resellers: BTreeMap<&'p str, usize>,
    reseller_not_known: usize,
}

impl<'p> BlastRadius<'p> {
    fn of(plan: &'p Plan, server: Option<&'p Server>) -> Self {
        let resellers = server.map(|server| &server.resellers).into_iter().flatten();
        Self {
            accounts: reach::accounts(plan),
            accounts_looked_at: plan.counts.users,
            accounts_on_server: server.map(|server| server.accounts),
            apps: reach::by_app(plan),
            new_token_hosts: reach::new_hosts(plan),
            resellers: resellers
                .map(|(reseller, accounts)| (reseller.as_str(), *accounts))
                .collect(),
            reseller_not_known: reach::without_reseller(plan, server),
        }
    }
}

/// What the guards say.
#[derive(Serialize)]
struct Guards<'p> {
    refused: Vec<RefusalEntry<'p>>,
    headroom: Vec<HeadroomEntry>,
}

#[derive(Serialize)]
struct RefusalEntry<'p> {
    guard: &'static str,
    why: String,
    count: usize,
    of: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    flag: Option<&'static str>,
    first: &'p [String],
}

#[derive(Serialize)]
struct HeadroomEntry {
    guard: &'static str,
    count: usize,
    of: usize,
    limit_percent: u8,
}

impl<'p> Guards<'p> {
    fn of(check: &'p GuardCheck) -> Self {
        let refused = check.refusals.iter().map(|refusal| RefusalEntry {
            guard: refusal.guard.name(),
            why: refusal.to_string(),
            count: refusal.count,
            of: refusal.of,
            flag: refusal.guard.flag(),
            first: &refusal.first,
        });
        let headroom = check.headroom.iter().map(|headroom| HeadroomEntry {
            guard: headroom.guard.name(),
            count: headroom.count,
            of: headroom.of,
            limit_percent: headroom.limit.0,
        });
        Self {
            refused: refused.collect(),
            headroom: headroom.collect(),
        }
    }
}

/// Something that is not handled.
#[derive(Serialize)]
struct BlockedEntry {
    user: String,
    /// Absent where it is all of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    why: String,
}

impl BlockedEntry {
    fn of(blocked: &Blocked) -> Self {
        Self {
            user: blocked.user.to_string(),
            address: blocked.address.as_ref().map(ToString::to_string),
            why: blocked.why.to_string(),
        }
    }
}

/// A user's folder whose mode or owner is put right.
#[derive(Serialize)]
struct FolderEntry {
    user: String,
    tree: &'static str,
    mode: [String; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<[(u32, u32); 2]>,
}

impl FolderEntry {
    fn of(mend: &FolderMend) -> Self {
        let mode = |mode: u32| format!("{mode:04o}");
        Self {
            user: mend.user.to_string(),
            tree: mend.tree.name(),
            mode: [mode(mend.mode.0), mode(mend.mode.1)],
            owner: mend.owner.map(|(found, wanted)| [found, wanted]),
        }
    }
}
