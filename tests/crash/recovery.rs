//! After whatever happened: what lies there keeps every promise, the next run
//! finishes, and the one after that writes nothing.

use crate::invariants::violations;
use crate::sandbox::Sandbox;
use crate::tree::Tree;
use crate::world::World;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, OnceLock};

/// How the interrupted run is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Next {
    /// By the next apply.
    Apply,
    /// By `recover`, where the binary has it, and then by an apply.
    Recover,
}

/// Judges what is left of a world's applies. Most points of a run leave the
/// same state as the point before: the promises are checked each time, but
/// each state is recovered from once.
#[derive(Debug)]
pub(crate) struct Judge<'w> {
    world: &'w World,
    met: Mutex<BTreeSet<u64>>,
}

impl<'w> Judge<'w> {
    pub(crate) fn of(world: &'w World) -> Self {
        Self {
            world,
            met: Mutex::default(),
        }
    }

    /// How many states were recovered from.
    pub(crate) fn states(&self) -> usize {
        self.met.lock().unwrap().len()
    }

    /// Everything that is wrong now, and with the runs that follow.
    pub(crate) fn check(&self, sandbox: &Sandbox, next: Next) -> Vec<String> {
        let tree = sandbox.tree();
        let next = if has_recover(sandbox) {
            next
        } else {
            Next::Apply
        };
        let mut found = named("left behind", violations(self.world, &tree));
        if self.met.lock().unwrap().insert(state(&tree, next)) {
            found.extend(follow(self.world, sandbox, next));
        }
        found
    }
}

/// What an apply finds, times left out.
fn state(tree: &Tree, next: Next) -> u64 {
    let mut hasher = DefaultHasher::new();
    next.hash(&mut hasher);
    for (path, node) in &tree.0 {
        (path, node.mode, &node.bytes).hash(&mut hasher);
    }
    hasher.finish()
}

/// Everything that is wrong with the runs that follow.
fn follow(world: &World, sandbox: &Sandbox, next: Next) -> Vec<String> {
    let mut found = Vec::new();
    if next == Next::Recover {
        let outcome = sandbox.run(&["recover", "--root=root"]);
        if outcome.code != Some(0) {
            found.push(format!("recover: {}", outcome.shown()));
        }
        found.extend(named("recovered", violations(world, &sandbox.tree())));
    }
    let outcome = sandbox.apply();
    if outcome.code != Some(0) {
        found.push(format!("the next apply: {}", outcome.shown()));
    }
    let tree = sandbox.tree();
    let mut wrong = violations(world, &tree);
    wrong.extend(world.after().live_differences(&tree));
    found.extend(named("after the next apply", wrong));
    let outcome = sandbox.apply();
    if outcome.code != Some(0) {
        found.push(format!("the apply after that: {}", outcome.shown()));
    }
    let changed = tree.differences(&sandbox.tree());
    found.extend(named("an apply without work", changed));
    found
}

fn named(when: &str, found: Vec<String>) -> Vec<String> {
    found
        .into_iter()
        .map(|violation| format!("{when}: {violation}"))
        .collect()
}

fn has_recover(sandbox: &Sandbox) -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| sandbox.run(&["recover", "--help"]).code == Some(0))
}
