//! `cplinks validate`: a manifest on its own.

use super::load::{UsualPolicy, load};
use super::{Exit, Stop, World};
use crate::cli::ValidateArgs;
use crate::manifest::OwnerCheck;
use std::io::Write as _;

pub(super) fn run(args: &ValidateArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let owners = if args.manifest.host.strict_owners {
        OwnerCheck::Strict
    } else {
        OwnerCheck::Off
    };
    let usual = UsualPolicy::NotAsked;
    let Some(loaded) = load(&args.manifest, owners, usual, &args.out, world)? else {
        return Ok(Exit::Failed);
    };
    let users = loaded.manifest.users().len();
    let result = writeln!(
        world.out,
        "The manifest is valid: {}, {} and {} in {}.",
        counted(users, "user"),
        counted(loaded.manifest.links(), "link"),
        counted(loaded.manifest.templates(), "app template"),
        counted(loaded.files, "file"),
    );
    Ok(world.written(result))
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
