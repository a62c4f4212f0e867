//! A plan that was saved as JSON and approved, read again: by what it is
//! known, what it is limited to, and what has moved since.

use super::FORMAT_VERSION;
use super::change::Entry;
use crate::plan::{GlobSet, Plan, Scope};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// A plan that somebody approved.
#[derive(Debug)]
pub struct Approved {
    /// By what it is known.
    pub digest: String,
    /// What it is limited to.
    pub scope: Scope,
    changes: BTreeMap<String, Change>,
}

/// Why a file is no plan that can be carried out.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum ApprovedError {
    /// It is no JSON of this shape.
    #[error("it is no plan as `cplinks plan --format json` writes it: {0}")]
    Shape(String),
    /// A newer cplinks wrote it.
    #[error("it has the format {found}, this cplinks knows {FORMAT_VERSION}")]
    Format {
        /// What it says.
        found: String,
    },
    /// Of one link or group it tells two things; who read it may have seen
    /// either.
    #[error("it has two changes of {0}")]
    Twice(String),
    /// It holds what is no glob.
    #[error("its scope has {0}, which is no glob: {1}")]
    Scope(String, String),
}

#[derive(Deserialize)]
struct File {
    format_version: String,
    digest: String,
    x_cplinks: About,
    resource_changes: Vec<Change>,
}

#[derive(Deserialize)]
struct About {
    scope: Globs,
}

#[derive(Deserialize)]
struct Globs {
    user: Vec<String>,
    app: Vec<String>,
    exclude_user: Vec<String>,
    exclude_app: Vec<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Change {
    address: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(rename = "change")]
    sides: Sides,
    x_cplinks: Own,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Sides {
    actions: Vec<String>,
    before: Option<Map<String, Value>>,
    after: Option<Map<String, Value>>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Own {
    action: String,
    in_digest: bool,
}

impl Approved {
    /// Reads a saved plan.
    ///
    /// # Errors
    /// It is none, or one of a format that is not known here.
    pub fn parse(bytes: &[u8]) -> Result<Self, ApprovedError> {
        let shape = |error: serde_json::Error| ApprovedError::Shape(error.to_string());
        let file: File = serde_json::from_slice(bytes).map_err(shape)?;
        let major = |version: &str| version.split('.').next().map(str::to_owned);
        if major(&file.format_version) != major(FORMAT_VERSION) {
            return Err(ApprovedError::Format {
                found: file.format_version,
            });
        }
        let globs = |globs: &[String]| {
            GlobSet::parse(globs.iter().map(String::as_str))
                .map_err(|(glob, why)| ApprovedError::Scope(glob, why))
        };
        let scope = file.x_cplinks.scope;
        let mut changes = BTreeMap::new();
        let counted = |change: &Change| change.x_cplinks.in_digest;
        for change in file.resource_changes.into_iter().filter(counted) {
            if let Some(change) = changes.insert(change.address.clone(), change) {
                return Err(ApprovedError::Twice(change.address));
            }
        }
        Ok(Self {
            digest: file.digest,
            scope: Scope {
                users: globs(&scope.user)?,
                apps: globs(&scope.app)?,
                exclude_users: globs(&scope.exclude_user)?,
                exclude_apps: globs(&scope.exclude_app)?,
            },
            changes,
        })
    }

    /// What is another thing in this plan than in the approved one, a line for
    /// each change that was added, dropped or altered.
    pub fn moved(&self, plan: &Plan) -> Vec<String> {
        let mut moved = Vec::new();
        let mut met = BTreeSet::new();
        let changes = plan
            .changes
            .iter()
            .filter(|change| change.changes_content());
        for change in changes {
            let address = change.address().to_string();
            let now = serde_json::to_value(Entry::of(change)).ok();
            let now: Option<Change> = now.and_then(|now| serde_json::from_value(now).ok());
            match (self.changes.get(&address), now) {
                (None, Some(now)) => {
                    let action = now.x_cplinks.action;
                    moved.push(format!("{address}: {action} was not in the approved plan"));
                }
                (Some(approved), Some(now)) => moved.extend(altered(approved, &now)),
                (_, None) => moved.push(format!("{address}: cannot be compared")),
            }
            met.insert(address);
        }
        let dropped = self
            .changes
            .iter()
            .filter(|(address, _)| !met.contains(*address));
        let held: BTreeSet<String> = plan
            .held
            .iter()
            .map(|held| format!("{}/{}", held.user(), held.thing()))
            .collect();
        let blocked: BTreeSet<String> = plan
            .blocked
            .iter()
            .filter_map(|blocked| Some(blocked.address.as_ref()?.to_string()))
            .collect();
        moved.extend(dropped.map(|(address, change)| {
            let action = &change.x_cplinks.action;
            if held.contains(address) {
                return format!("{address}: {action} was approved, and waits");
            }
            if blocked.contains(address) {
                return format!("{address}: {action} was approved, and is blocked");
            }
            format!("{address}: {action} was approved, and is no longer to be done")
        }));
        moved
    }
}

fn altered(approved: &Change, now: &Change) -> Vec<String> {
    let address = &now.address;
    let mut lines = Vec::new();
    let (was, is) = (&approved.x_cplinks.action, &now.x_cplinks.action);
    if was != is {
        lines.push(format!("{address}: {was} was approved, now it is {is}"));
    }
    // What tools that know Terraform's plans decide by.
    let words = |change: &Change| {
        let actions = change.sides.actions.join(" ");
        format!("{} {} {actions}", change.kind, change.name)
    };
    let (was, is) = (words(approved), words(now));
    if was != is {
        lines.push(format!("{address}: `{was}` was approved, now it is `{is}`"));
    }
    for (side, was, is) in [
        ("is on disk", &approved.sides.before, &now.sides.before),
        ("is wanted", &approved.sides.after, &now.sides.after),
    ] {
        let empty = Map::new();
        let (was, is) = (
            was.as_ref().unwrap_or(&empty),
            is.as_ref().unwrap_or(&empty),
        );
        let keys: BTreeSet<_> = was.keys().chain(is.keys()).collect();
        for key in keys.into_iter().filter(|key| *key != "token") {
            let (was, is) = (was.get(key), is.get(key));
            if was != is {
                let (was, is) = (shown(was), shown(is));
                lines.push(format!(
                    "{address}: {key} that {side} was {was}, now it is {is}"
                ));
            }
        }
    }
    lines
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "absent".to_owned(), ToString::to_string)
}
