//! `apply --expect` and `apply --plan`: only the plan that was approved.

use super::{Exit, Stop, World};
use crate::cli::ApplyArgs;
use crate::manifest::{self, OwnerCheck};
use crate::plan::{Plan, Why};
use crate::report::{self, Approved};
use anyhow::{Context as _, anyhow};

/// How many digits a digest has.
const DIGITS: usize = 64;
/// Largest saved plan, in bytes.
const MAX_PLAN: u64 = 2 * 1024 * 1024 * 1024;
/// How much of what moved is told.
const SHOWN: usize = 100;

/// The plan that was approved.
pub(super) struct Pin {
    digest: String,
    /// All of it, where it was saved.
    pub(super) approved: Option<Approved>,
}

impl Pin {
    /// What the arguments say; `None` where anything may be applied.
    pub(super) fn of(args: &ApplyArgs) -> Result<Option<Self>, Stop> {
        let approved = args.plan.as_ref().map(|path| {
            let bytes = manifest::read_file(path, MAX_PLAN, OwnerCheck::Off)
                .with_context(|| format!("cannot read `{}`", path.display()))?;
            Approved::parse(&bytes)
                .with_context(|| format!("`{}` cannot be applied", path.display()))
        });
        let approved = approved.transpose()?;
        let digest = match (&args.expect, &approved) {
            (Some(digest), _) => digest.clone(),
            (None, Some(approved)) => approved.digest.clone(),
            (None, None) => return Ok(None),
        };
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digest.len() != DIGITS || !digest.bytes().all(is_digit) {
            return Err(Stop {
                exit: Exit::Failed,
                error: anyhow!("`{digest}` is no digest, which has {DIGITS} digits of 0-9 and a-f"),
                hint: Some("`plan` prints it in its last line".to_owned()),
            });
        }
        Ok(Some(Self { digest, approved }))
    }

    /// Refuses any other plan, and says what has moved and what waits.
    pub(super) fn check(
        &self,
        digest: &str,
        plan: &Plan,
        world: &mut World<'_>,
    ) -> Result<(), Stop> {
        let moved = match &self.approved {
            Some(approved) => approved.moved(plan),
            None => Vec::new(),
        };
        if digest == self.digest && moved.is_empty() {
            return Ok(());
        }
        tell_held(plan, world);
        for line in moved.iter().take(SHOWN) {
            world.tell(&format!("moved: {}", report::escaped(line)));
        }
        if moved.len() > SHOWN {
            world.tell(&format!("moved: … and {} more", moved.len() - SHOWN));
        }
        if digest == self.digest {
            // Whoever read the file approved something else.
            return Err(Stop {
                exit: Exit::Stale,
                error: anyhow!(
                    "the changes in the saved plan are not those of its digest, nothing was \
                     applied: the file was edited"
                ),
                hint: Some("make the plan again, and approve that".to_owned()),
            });
        }
        if self.approved.is_some() && moved.is_empty() {
            world.tell(
                "moved: something that is not shown: a menu entry, a masked part of a URL, where \
                 a token comes from, or the rule for unlisted links",
            );
        }
        Err(Stop {
            exit: Exit::Stale,
            error: anyhow!(
                "the plan is another one than was approved, nothing was applied: its digest is \
                 {digest}, {} was approved",
                self.digest
            ),
            hint: Some(hint(plan)),
        })
    }
}

/// What to do about another plan. One that was made without secrets holds
/// links that no apply can write without their tokens: to approve the plan
/// that leaves them out is seldom what is meant.
fn hint(plan: &Plan) -> String {
    let without = plan
        .blocked
        .iter()
        .filter(|blocked| matches!(blocked.why, Why::TokenUnknown { .. }))
        .count();
    match without {
        0 => "look at the new plan, and approve that".to_owned(),
        1 => "1 link is blocked, since its token is not known here: give that, or look at the \
              new plan and approve that"
            .to_owned(),
        _ => format!(
            "{without} links are blocked, since their tokens are not known here: give those, or \
             look at the new plan and approve that"
        ),
    }
}

/// Says what is not in a plan since it waits, and for what: it may have been
/// approved.
fn tell_held(plan: &Plan, world: &mut World<'_>) {
    for line in report::waiting(plan) {
        world.tell(&line);
    }
    for line in report::held(plan).take(SHOWN) {
        world.tell(&format!("waits: {line}"));
    }
    if plan.held.len() > SHOWN {
        world.tell(&format!("waits: … and {} more", plan.held.len() - SHOWN));
    }
}
