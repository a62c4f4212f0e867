//! While something is paused nothing of it changes, whatever is asked for; and
//! once it is over all comes out as if it had never been.

use super::generate::world;
use super::model::untouched;
use super::world::{Order, World};
use super::{ALLOW, config, cplinks, in_process};
use crate::support::Sandbox;
use cplinks::run::Exit;
use proptest::prelude::*;

/// What is paused: users and apps.
type Globs = (&'static str, Option<&'static str>);

fn globs() -> impl Strategy<Value = Globs> {
    let users = prop::sample::select(vec!["ann", "{ann,bob}", "zed", "*"]);
    let apps = prop::sample::select(vec![None, Some("A_*"), Some("B_three")]);
    (users, apps)
}

fn is_paused((users, apps): Globs, user: &str, app: &str) -> bool {
    let user = users == "*" || users.contains(user);
    user && apps.is_none_or(|apps| app.starts_with(apps.trim_end_matches('*')))
}

fn pause(sandbox: &Sandbox, (users, apps): Globs) {
    let root = sandbox.path("root");
    let pause = ["cplinks", "pause", "--root", root.to_str().unwrap()];
    let why = ["--for", "1h", "--reason", "by hand", "--user", users];
    let apps = apps.map_or_else(Vec::new, |apps| vec!["--app", apps]);
    let (exit, text) = in_process(&[&pause[..], &why, &apps].concat());
    assert_eq!(exit, Exit::Done, "{text}");
}

fn live(sandbox: &Sandbox) -> String {
    sandbox.tree("root/links") + &sandbox.tree("root/dynamicui")
}

/// Users may leave the manifest whole between the two.
const ALLOW_GONE: [&str; 2] = ["--allow-user-gone", "99"];

fn apply(sandbox: &Sandbox) {
    let allowed = [&["--yes"], &ALLOW[..], &ALLOW_GONE].concat();
    let (exit, text) = cplinks(sandbox, "apply", &allowed);
    assert!(matches!(exit, Exit::Done | Exit::Failed), "{exit:?} {text}");
}

/// Two worlds: what the first asks for was applied, and what the second asks
/// for is applied while something is paused, and again afterwards.
fn check(first: &World, second: &World, globs: Globs) -> Result<(), TestCaseError> {
    let begin = || {
        let sandbox = first.sandbox();
        apply(&sandbox);
        sandbox.write("links.yaml", second.manifest(Order::Forth));
        sandbox
    };
    let (sandbox, other) = (begin(), begin());
    prop_assert_eq!(live(&sandbox), live(&other));
    pause(&sandbox, globs);
    let cells = || {
        let cells = first.cells.keys().chain(second.cells.keys());
        cells.filter(|(user, app)| is_paused(globs, user, app))
    };
    let files = || cells().map(|(u, a)| untouched(&sandbox, u, a));
    let before: Vec<_> = files().collect();
    apply(&sandbox);
    prop_assert_eq!(files().collect::<Vec<_>>(), before);
    let (_, text) = cplinks(&sandbox, "plan", &[]);
    prop_assert!(text.contains("Plan: no changes"), "{}", text);

    let root = sandbox.path("root");
    let resume = [
        "cplinks",
        "resume",
        "--all",
        "--root",
        root.to_str().unwrap(),
    ];
    let (exit, text) = in_process(&resume);
    prop_assert_eq!(exit, Exit::Done, "{}", text);
    apply(&sandbox);
    apply(&other);
    prop_assert_eq!(live(&sandbox), live(&other));
    Ok(())
}

proptest! {
    // Each case is five applies.
    #![proptest_config(ProptestConfig { cases: config().cases / 4, ..config() })]

    #[test]
    fn what_is_paused_stays_and_comes_out_as_if_it_had_not_been(
        first in world(),
        second in world(),
        globs in globs(),
    ) {
        check(&first, &second, globs)?;
    }
}
