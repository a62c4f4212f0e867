//! What waits, and the pauses that are in force. They stand beside the
//! changes, since a tool that counts those is about what is done.

use crate::plan::{Change, Held, Hold, Pause, Plan, Waiting};
use crate::report::hold::{held_by, when};
use serde::Serialize;

/// A change that waits.
#[derive(Serialize)]
pub(super) struct HeldEntry<'p> {
    address: String,
    user: &'p str,
    /// `cplinks_link`, `cplinks_group` or `cplinks_folder`.
    r#type: &'static str,
    /// What would be done.
    action: &'static str,
    reasons: Vec<&'static str>,
    why: WhyEntry<'p>,
}

/// Why it waits.
#[derive(Serialize)]
struct WhyEntry<'p> {
    hold: &'static str,
    /// The number of the pause, and when it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pause: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'p str>,
}

impl<'p> WhyEntry<'p> {
    fn of(hold: &'p Hold) -> Self {
        let name = hold.name();
        match hold {
            Hold::Paused {
                pause,
                until,
                reason,
            } => Self {
                hold: name,
                pause: Some(*pause),
                until: Some(when(*until)),
                reason: Some(reason),
            },
            Hold::Contested | Hold::Refused | Hold::UserGone => Self {
                hold: name,
                pause: None,
                until: None,
                reason: None,
            },
        }
    }
}

impl<'p> HeldEntry<'p> {
    pub(super) fn of(held: &'p Held) -> Self {
        let (kind, reasons) = match &held.what {
            Waiting::Change(change) => {
                let kind = match change {
                    Change::Link(_) => "cplinks_link",
                    Change::Group(_) => "cplinks_group",
                };
                (kind, change.reasons().iter().map(|r| r.name()).collect())
            }
            Waiting::Folder(_) => ("cplinks_folder", Vec::new()),
        };
        let user = held.user().as_str();
        Self {
            address: format!("{user}/{}", held.thing()),
            user,
            r#type: kind,
            action: held.verb().name(),
            reasons,
            why: WhyEntry::of(&held.why),
        }
    }
}

/// A pause that is in force.
#[derive(Serialize)]
pub(super) struct PauseEntry<'p> {
    number: u64,
    /// Globs; none of them is all.
    user: Vec<&'p str>,
    app: Vec<&'p str>,
    since: String,
    until: String,
    by: &'p str,
    reason: &'p str,
    /// How many changes it holds.
    held: usize,
}

impl<'p> PauseEntry<'p> {
    pub(super) fn of(pause: &'p Pause, plan: &Plan) -> Self {
        Self {
            number: pause.number,
            user: pause.users.texts().collect(),
            app: pause.apps.texts().collect(),
            since: when(pause.since),
            until: when(pause.until),
            by: &pause.who,
            reason: &pause.reason,
            held: held_by(plan, pause),
        }
    }
}
