//! Pauses and what waits for them, in words that every form shares. Times are
//! absolute and in UTC, so that a plan reads the same whenever it is read.

use super::escape::escaped;
use super::shell::shell_quoted;
use super::text::counted;
use crate::plan::{GlobSet, Held, Hold, Pause, Plan};
use jiff::Timestamp;

/// How many globs of a kind a line names.
const NAMED: usize = 3;

/// A time in seconds since 1970, in UTC.
pub fn when(seconds: u64) -> String {
    let timestamp = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    timestamp.map_or_else(|| format!("{seconds} s after 1970"), |t| t.to_string())
}

/// The flags that a pause was made with, each with its space before it, as a
/// shell takes them; empty for a pause of everything. What a terminal would
/// not show stands as an escape.
pub fn flags(pause: &Pause) -> String {
    flags_of(pause, usize::MAX)
}

fn flags_of(pause: &Pause, most: usize) -> String {
    let flags = |name: &str, globs: &GlobSet| {
        let all = globs.texts().count();
        let named = globs.texts().take(most);
        let flags = named.map(|glob| format!(" --{name} {}", shell_quoted(&escaped(glob))));
        let more = (all > most).then(|| format!(" and {} more", all.saturating_sub(most)));
        flags.chain(more).collect::<Vec<_>>().concat()
    };
    flags("user", &pause.users) + &flags("app", &pause.apps)
}

/// What a pause is, in one line: `paused until … by root: why (--user 'a*')`.
pub fn pause_in_words(pause: &Pause) -> String {
    let until = when(pause.until);
    format!("paused until {until} {}", by_whom(pause))
}

/// Who paused what, and why.
fn by_whom(pause: &Pause) -> String {
    let flags = flags_of(pause, NAMED);
    let of = match flags.trim_start() {
        "" => "everything",
        flags => flags,
    };
    let (who, reason) = (escaped(&pause.who), escaped(&pause.reason));
    format!("by {who}: {reason} ({of})")
}

/// Why something waits, as its row says it. Who paused it stands on top.
pub(super) fn why(hold: &Hold) -> String {
    match hold {
        Hold::Paused { until, .. } => format!("paused until {}", when(*until)),
        Hold::Contested => "contested: somebody else keeps undoing it".to_owned(),
        Hold::Refused => "refused by a guard".to_owned(),
        Hold::UserGone => "its user is not in the manifest any more".to_owned(),
    }
}

/// What tells one hold from another.
pub(super) fn key(hold: &Hold) -> String {
    match hold {
        Hold::Paused {
            pause,
            until,
            reason,
        } => format!("{pause} {until} {reason}"),
        Hold::Contested | Hold::Refused | Hold::UserGone => hold.name().to_owned(),
    }
}

/// How many changes a pause holds.
pub(super) fn held_by(plan: &Plan, pause: &Pause) -> usize {
    let is_its = |held: &&Held| match &held.why {
        Hold::Paused { pause: number, .. } => *number == pause.number,
        Hold::Contested | Hold::Refused | Hold::UserGone => false,
    };
    plan.held.iter().filter(is_its).count()
}

/// A line for each thing that holds something: how much, and what it is.
pub fn waiting(plan: &Plan) -> Vec<String> {
    let paused = plan
        .pauses
        .iter()
        .map(|pause| (held_by(plan, pause), pause_in_words(pause)));
    let others = [Hold::Contested, Hold::Refused, Hold::UserGone].map(|hold| {
        let held = plan.held.iter().filter(|held| held.why == hold);
        (held.count(), why(&hold))
    });
    paused
        .chain(others)
        .filter(|(held, _)| *held > 0)
        .map(|(held, words)| format!("{}: {words}", changes_wait(held)))
        .collect()
}

/// A line for each change that waits: `alice/ACME: replace, paused until …`.
pub fn held(plan: &Plan) -> impl Iterator<Item = String> {
    plan.held.iter().map(|held| {
        let (user, thing, verb) = (held.user(), held.thing(), held.verb().name());
        format!("{user}/{thing}: {verb}, {}", why(&held.why))
    })
}

/// A line for each pause that is in force, with all there is to say of it.
pub(super) fn pauses(plan: &Plan) -> impl Iterator<Item = String> {
    plan.pauses.iter().map(|pause| {
        let (since, until) = (when(pause.since), when(pause.until));
        let waits = match held_by(plan, pause) {
            0 => "nothing waits".to_owned(),
            held => changes_wait(held),
        };
        format!(
            "paused since {since} until {until} {}: {waits}",
            by_whom(pause)
        )
    })
}

/// `1 change waits`, `2 changes wait`.
pub fn changes_wait(count: usize) -> String {
    let waits = if count == 1 { "waits" } else { "wait" };
    format!("{} {waits}", counted(count, "change", "changes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(users: &[&str], apps: &[&str]) -> Pause {
        let globs = |globs: &[&str]| GlobSet::parse(globs.iter().copied()).unwrap();
        Pause {
            number: 1,
            users: globs(users),
            apps: globs(apps),
            since: 0,
            until: 1_795_330_800,
            who: "root".to_owned(),
            reason: "ticket\u{1b}[2J 7".to_owned(),
        }
    }

    #[test]
    fn a_pause_is_told_in_one_line_that_moves_no_cursor() {
        for (users, apps, expect) in [
            (&[][..], &[][..], "(everything)"),
            (&["acme*"], &[], "(--user 'acme*')"),
            (&["alice"], &["A_{b,c}"], "(--user alice --app 'A_{b,c}')"),
            (
                &["it's", "a\u{202e}"],
                &[],
                r"(--user 'it'\''s' --user 'a\u{202e}')",
            ),
            (
                &["a", "b", "c", "d", "e"],
                &["f"],
                "(--user a --user b --user c and 2 more --app f)",
            ),
        ] {
            let expect =
                format!("paused until 2026-11-22T07:00:00Z by root: ticket\\u{{1b}}[2J 7 {expect}");
            assert_eq!(pause_in_words(&pause(users, apps)), expect);
        }
        let all = flags(&pause(&["a", "b", "c", "d"], &[]));
        assert_eq!(all, " --user a --user b --user c --user d");
    }

    #[test]
    fn a_time_that_is_none_is_still_told() {
        assert_eq!(when(0), "1970-01-01T00:00:00Z");
        assert_eq!(when(u64::MAX), "18446744073709551615 s after 1970");
    }
}
