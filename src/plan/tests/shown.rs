//! A plan printed so that one row of a table can hold it.

use crate::plan::{Change, FileChange, GroupAction, Hold, LinkAction, Plan, Touch};

/// A plan in one line: the verb, the address, a letter for each file that is
/// written (small: removed), the reasons; then what stands beside.
pub(super) fn shown(plan: &Plan) -> String {
    let mut parts: Vec<String> = plan.changes.iter().map(shown_change).collect();
    for mend in &plan.folders {
        let (found, wanted) = mend.mode;
        let owner = mend.owner.map_or_else(String::new, |(found, wanted)| {
            format!(" {found:?} to {wanted:?}")
        });
        let tree = mend.tree.name();
        parts.push(format!(
            "mend {} {tree} {found:04o} to {wanted:04o}{owner}",
            mend.user
        ));
    }
    for held in &plan.held {
        let (verb, user) = (held.verb().name(), held.user());
        let why = match &held.why {
            Hold::Paused { until, .. } => format!("until {until}"),
            Hold::Contested | Hold::Refused | Hold::UserGone => held.why.name().to_owned(),
        };
        parts.push(format!("held {verb} {user}/{} {why}", held.thing()));
    }
    for blocked in &plan.blocked {
        let address = blocked
            .address
            .as_ref()
            .map_or_else(|| blocked.user.to_string(), ToString::to_string);
        parts.push(format!("blocked {address}: {}", blocked.why));
    }
    for name in &plan.missing_accounts {
        parts.push(format!("no account {name}"));
    }
    for (count, what) in [
        (plan.counts.in_sync, "in sync"),
        (plan.counts.foreign, "foreign"),
        (plan.counts.ours_left, "of ours left"),
        (plan.counts.tokens_not_compared, "not compared"),
        (plan.counts.strays, "strays"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    for refusal in &plan.guards.refusals {
        let (count, of) = (refusal.count, refusal.of);
        parts.push(format!("refused {} {count}/{of}", refusal.guard.name()));
    }
    parts.join("; ")
}

fn shown_change(change: &Change) -> String {
    let (verb, touch) = match change {
        Change::Link(link) => {
            let verb = match &link.action {
                LinkAction::Create { .. } => "create",
                LinkAction::Replace { .. } => "replace",
                LinkAction::Hide { .. } => "hide",
                LinkAction::Remove { .. } => "remove",
            };
            (verb, link.touch)
        }
        Change::Group(group) => {
            let verb = match &group.action {
                GroupAction::Create { .. } => "create",
                GroupAction::Replace { .. } => "replace",
                GroupAction::Remove { .. } => "remove",
            };
            (verb, group.touch)
        }
    };
    let reasons: Vec<_> = change.reasons().iter().map(|r| r.name()).collect();
    format!(
        "{verb} {} {} {}",
        change.address(),
        shown_touch(touch),
        reasons.join(" ")
    )
}

fn shown_touch(touch: Touch) -> String {
    let letter = |change, written: char| match change {
        FileChange::Keep => '-',
        FileChange::Write => written,
        FileChange::Remove => written.to_ascii_lowercase(),
    };
    [
        letter(touch.userconfig, 'U'),
        letter(touch.adminconfig, 'A'),
        letter(touch.menu, 'D'),
    ]
    .iter()
    .collect()
}
