//! `cplinks pause` and `cplinks resume`: have cplinks leave links alone for a
//! while, where a person works on them by hand, and end that.

use super::target::{Ground, globs, who};
use super::{Exit, Stop, World, record};
use crate::cli::{DEFAULT_ROOT, Owners, PauseArgs, PausedArgs, ResumeArgs, RootArgs};
use crate::plan::{GlobSet, Pause};
use crate::report::{escaped, flags, pause_in_words, shell_quoted};
use crate::store::{RealDisk, Store};
use anyhow::anyhow;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// The second that it is, since 1970: a pause that ends in it is over. Before
/// 1970 the clock is wrong, and no pause is over.
pub(super) fn now() -> u64 {
    UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs())
}

pub(super) fn run(args: &PauseArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let paused = Paused::of(&args.paused)?;
    let store = open(&args.at)?;
    let lock = store.lock_exclusive(timeout(&args.at))?;
    let now = now();
    // The second in hand is not counted, so that it never lasts less than was
    // asked for.
    let until = now
        .saturating_add(1)
        .saturating_add(args.duration.seconds());
    let pause = Pause {
        number: 0,
        users: paused.users,
        apps: paused.apps,
        since: now,
        until,
        who: who(),
        reason: args.reason.as_str().to_owned(),
    };
    let (mut ledger, _) = record::open(&store, &lock)?;
    if ledger.pauses(now)?.len() >= Pause::MOST {
        return Err(Stop {
            exit: Exit::Failed,
            error: anyhow!(
                "{} pauses are in force, which is the most there may be",
                Pause::MOST
            ),
            hint: Some("end some with `cplinks resume`, or use wider globs".to_owned()),
        });
    }
    ledger.add_pause(&pause, now)?;
    let words = pause_in_words(&pause);
    let line = words.replacen('p', "P", 1);
    let end = resume_command(&pause, &args.at.root);
    let result =
        writeln!(world.out, "{line}").and_then(|()| writeln!(world.out, "To end it before: {end}"));
    Ok(world.written(result))
}

pub(super) fn resume(args: &ResumeArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let paused = Paused::of(&args.paused)?;
    let store = open(&args.at)?;
    let lock = store.lock_exclusive(timeout(&args.at))?;
    // One that was cut off while it wrote the state left it unreadable.
    record::mend_under(&store, &lock)?;
    let now = now();
    let pauses = record::reading_ledger(&store)?.pauses(now)?;
    let (ended, others): (Vec<Pause>, Vec<Pause>) = pauses
        .into_iter()
        .partition(|pause| args.all || paused.is(pause));
    if ended.is_empty() {
        return Err(none_matches(&paused, &others, args, world));
    }
    let (mut ledger, _) = record::open(&store, &lock)?;
    let numbers: Vec<u64> = ended.iter().map(|pause| pause.number).collect();
    ledger.end_pauses(&numbers, now)?;
    let result = ended
        .iter()
        .try_for_each(|pause| writeln!(world.out, "No longer {}", pause_in_words(pause)));
    Ok(world.written(result))
}

/// Tells which pauses there are, each with the command that ends it.
fn none_matches(
    paused: &Paused,
    others: &[Pause],
    args: &ResumeArgs,
    world: &mut World<'_>,
) -> Stop {
    for pause in others {
        world.tell(&pause_in_words(pause));
        let end = resume_command(pause, &args.at.root);
        world.tell(&format!("  to end it: {end}"));
    }
    let (error, hint) = if others.is_empty() {
        (anyhow!("nothing is paused"), None)
    } else {
        let pause = paused.as_pause();
        let made = match flags(&pause).trim_start() {
            "" => "of everything".to_owned(),
            flags => format!("with just {flags}"),
        };
        (
            anyhow!("no pause was made {made}"),
            Some("give the globs of one of those above, or --all".to_owned()),
        )
    };
    Stop {
        exit: Exit::Failed,
        error,
        hint,
    }
}

/// What a pause is made of, or is known by.
struct Paused {
    users: GlobSet,
    apps: GlobSet,
}

impl Paused {
    fn of(args: &PausedArgs) -> Result<Self, Stop> {
        let most = Pause::MOST_GLOBS;
        if args.user.len() + args.app.len() > most {
            return Err(anyhow!("a pause is of at most {most} globs; use wider ones").into());
        }
        for (flag, texts) in [("user", &args.user), ("app", &args.app)] {
            for text in texts {
                if text.is_empty() || text.contains(char::is_control) {
                    let text = text.escape_debug();
                    return Err(anyhow!("--{flag} `{text}` matches no name there can be").into());
                }
            }
        }
        Ok(Self {
            users: globs("user", &args.user)?,
            apps: globs("app", &args.app)?,
        })
    }

    /// Whether a pause was made with just these globs, in any order.
    fn is(&self, pause: &Pause) -> bool {
        let same = |ours: &GlobSet, theirs: &GlobSet| {
            let texts = |globs: &GlobSet| globs.texts().map(str::to_owned).collect::<BTreeSet<_>>();
            texts(ours) == texts(theirs)
        };
        same(&self.users, &pause.users) && same(&self.apps, &pause.apps)
    }

    /// One with these globs, to be told and not to be kept.
    fn as_pause(&self) -> Pause {
        Pause {
            number: 0,
            users: self.users.clone(),
            apps: self.apps.clone(),
            since: 0,
            until: 0,
            who: String::new(),
            reason: String::new(),
        }
    }
}

/// The command that ends a pause, as a shell takes it.
pub(super) fn resume_command(pause: &Pause, root: &Path) -> String {
    let command = format!("cplinks resume{}", flags(pause));
    if root == Path::new(DEFAULT_ROOT) {
        return command;
    }
    let root = root.display().to_string();
    format!("{command} --root {}", shell_quoted(&escaped(&root)))
}

fn open(at: &RootArgs) -> Result<Store<RealDisk>, Stop> {
    Ground::at(&at.root, Owners::Auto, false).open(at)
}

fn timeout(at: &RootArgs) -> Duration {
    Duration::from_secs(at.lock_timeout)
}
