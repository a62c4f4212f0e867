//! An apply that holds every transition, killed at each of its system calls:
//! what is left keeps every promise, and the next apply finishes.

use crate::invariants::half_done;
use crate::recovery::{Judge, Next};
use crate::sandbox::{Outcome, Sandbox};
use crate::strace::{self, Call, Fault, WISHES, Wish};
use crate::sweep::{Tried, sample, say, sweep};
use crate::tree::Tree;
use crate::world::World;
use std::sync::atomic::{AtomicUsize, Ordering};

fn name(call: &Call) -> String {
    call.to_string()
}

/// Every other point is met by `recover` first.
fn next(index: usize) -> Next {
    if index.is_multiple_of(2) {
        Next::Apply
    } else {
        Next::Recover
    }
}

#[test]
fn killed_at_any_call_every_promise_holds_and_the_next_apply_finishes() {
    if !strace::is_usable("SIGKILL at every call") {
        return;
    }
    let world = World::of_all_transitions();
    let judge = Judge::of(&world);
    let points = sample(strace::calls(&Sandbox::of(&world)), 60);
    sweep("SIGKILL", &points, name, |index, call| {
        let sandbox = Sandbox::of(&world);
        let (_, is_reached) = strace::strike(&sandbox, call, Fault::Kill);
        Tried {
            is_reached,
            violations: judge.check(&sandbox, next(index)),
        }
    });
    say(&format!(
        "of these, {} left different states",
        judge.states()
    ));
}

#[test]
fn killed_while_groups_go_no_link_is_left_in_one_that_went() {
    if !strace::is_usable("SIGKILL while groups go") {
        return;
    }
    let (earlier, world) = World::of_groups_that_go();
    let judge = Judge::of(&world);
    let calls = strace::calls(&Sandbox::after(&earlier, &world));
    let points = sample(calls, 60);
    sweep("SIGKILL while groups go", &points, name, |index, call| {
        let sandbox = Sandbox::after(&earlier, &world);
        let (_, is_reached) = strace::strike(&sandbox, call, Fault::Kill);
        Tried {
            is_reached,
            violations: judge.check(&sandbox, next(index)),
        }
    });
    assert!(judge.states() > 1, "killed too early or too late");
}

#[test]
fn killed_while_it_undoes_every_promise_holds_and_the_next_undo_finishes() {
    if !strace::is_usable("SIGKILL of an undo") {
        return;
    }
    let world = World::of_whole_links();
    let back = world.reversed();
    let judge = Judge::of(&back);
    let points = sample(strace::calls(&Sandbox::undoing(&world)), 60);
    sweep("SIGKILL of an undo", &points, name, |index, call| {
        let sandbox = Sandbox::undoing(&world);
        let (_, is_reached) = strace::strike(&sandbox, call, Fault::Kill);
        Tried {
            is_reached,
            violations: judge.check(&sandbox, next(index)),
        }
    });
    assert!(judge.states() > 1, "killed too early or too late");
}

#[test]
fn killed_again_while_it_recovers_every_promise_still_holds() {
    if !strace::is_usable("SIGKILL twice") {
        return;
    }
    let world = World::of_all_transitions();
    let judge = Judge::of(&world);
    let calls = strace::calls(&Sandbox::of(&world));
    // Pairs of calls are too many to try them all.
    let points = sample(calls.iter().step_by(5).cloned().collect(), 25);
    let second = AtomicUsize::new(0);
    sweep(
        "SIGKILL, then SIGKILL again",
        &points,
        name,
        |index, call| {
            let sandbox = Sandbox::of(&world);
            let (_, is_reached) = strace::strike(&sandbox, call, Fault::Kill);
            // Another call for each, all over the run.
            let other = &calls[(index * 7919) % calls.len()];
            let (_, is_reached_again) = strace::strike(&sandbox, other, Fault::Kill);
            second.fetch_add(usize::from(is_reached_again), Ordering::Relaxed);
            Tried {
                is_reached,
                violations: judge.check(&sandbox, next(index)),
            }
        },
    );
    let second = second.into_inner();
    say(&format!("of these, {second} were killed the second time"));
    assert!(second > points.points.len() / 4);
}

#[test]
fn asked_to_end_at_any_call_it_leaves_nothing_half_done() {
    if !strace::is_usable("SIGTERM, SIGINT and SIGHUP at every call") {
        return;
    }
    let world = World::of_all_transitions();
    let judge = Judge::of(&world);
    let mut calls = strace::calls(&Sandbox::of(&world));
    // Whoever has ended is asked in vain.
    calls.retain(|call| call.name != "exit_group");
    let points = calls.into_iter().flat_map(|call| {
        let asked = WISHES.map(|wish| (call.clone(), wish));
        asked.into_iter()
    });
    // Three for each call: a step that is no multiple of three meets them all.
    let points = sample(points.collect(), 37);
    let name = |(call, wish): &(Call, Wish)| format!("SIG{} at {call}", wish.name);
    let title = "SIGTERM, SIGINT, SIGHUP";
    sweep(title, &points, name, |index, (call, wish)| {
        let sandbox = Sandbox::of(&world);
        let (outcome, is_reached) = strace::strike(&sandbox, call, Fault::Ask(*wish));
        let mut violations = end_of(&world, &sandbox.tree(), &outcome, *wish);
        violations.extend(judge.check(&sandbox, next(index)));
        Tried {
            is_reached,
            violations,
        }
    });
}

/// What is wrong with how it ended.
fn end_of(world: &World, tree: &Tree, outcome: &Outcome, wish: Wish) -> Vec<String> {
    let is_complete = world.after().live_differences(tree).is_empty();
    match outcome.code {
        // It came too late to stop anything.
        Some(0) if is_complete => Vec::new(),
        Some(code) if code == 128 + wish.number => half_done(world, tree),
        _ => vec![format!("it ended with {}", outcome.shown())],
    }
}
