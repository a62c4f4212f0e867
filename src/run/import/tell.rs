//! What an import says when it is done, or when there is nothing to do.

use super::super::Stop;
use super::advised;
use super::place::Placed;
use super::rounds::Written;
use crate::cli::ImportArgs;
use crate::import::Survey;
use crate::report::escaped;
use anyhow::anyhow;

/// Nothing can be taken over. A manifest without a link is none.
pub(super) fn nothing(survey: &Survey) -> Stop {
    let left = survey.counts().1;
    if left == 0 {
        return anyhow!("there is no link to import").into();
    }
    let mut error = format!("none of the {left} links can be taken over as it is");
    for (user, app, why) in survey.examples() {
        error.extend(["; ", user.as_str(), "/", app.as_str(), ": ", why]);
    }
    advised(
        anyhow!(error),
        "name what you want in a manifest of your own; `cplinks plan` shows what would be rewritten",
    )
}

/// What to do where files differ; the secrets file is the first of them.
pub(super) fn in_the_way(has_secrets: bool, differing: usize) -> &'static str {
    match (has_secrets, differing) {
        (true, 1) => "name another file with --write-secrets, or replace it with --force",
        (true, _) => {
            "import to a new folder and name another file with --write-secrets, or replace them \
             with --force"
        }
        (false, 1) => "import to a new folder, or replace it with --force",
        (false, _) => "import to a new folder, or replace them with --force",
    }
}

/// What was written, for people.
pub(super) fn summary(
    args: &ImportArgs,
    written: &Written,
    placed: &Placed,
    left: usize,
) -> String {
    let count = |n: usize, one: &str| {
        let s = if n == 1 { "" } else { "s" };
        format!("{n} {one}{s}")
    };
    let Written {
        users,
        links,
        templates: (apps, groups),
        icons,
        tokens,
    } = written;
    let folder = args.folder.display().to_string();
    let folder = escaped(&folder);
    let mut lines = vec![format!(
        "Import: {} of {} in `{folder}` · {} · {} · {}",
        count(*links, "link"),
        count(*users, "user"),
        count(*apps, "app template"),
        count(*groups, "menu group"),
        count(*icons, "icon"),
    )];
    if left > 0 {
        let links = count(left, "link");
        lines.push(format!(
            "{links} left as found; a comment beside each says why"
        ));
    }
    let tokens = count(*tokens, "token");
    lines.push(match &args.write_secrets {
        Some(path) => format!("{tokens} in `{}`", escaped(&path.display().to_string())),
        None => format!("{tokens} named, none written (--write-secrets FILE)"),
    });
    lines.push(match placed {
        Placed {
            new: 0,
            replaced: 0,
        } => "nothing to write: all of it is there".to_owned(),
        Placed { new, replaced: 0 } => format!("{} written", count(*new, "file")),
        Placed { new, replaced } => format!(
            "{} written, {} replaced or removed",
            count(*new, "file"),
            replaced
        ),
    });
    lines.push(String::new());
    lines.join("\n")
}
