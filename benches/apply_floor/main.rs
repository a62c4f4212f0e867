//! What an apply costs over the least that its files cost: the binary makes
//! 10,000 new links, and beside it a floor program writes, syncs and renames
//! the same bytes in the same batches and syncs the same folders, with as many
//! threads, and rsync copies them, syncing each. All are cold processes that
//! run in turn in one run, so that a noisy machine is noisy to all; only
//! ratios mean anything.
//!
//! ```sh
//! cargo bench --bench apply_floor              # each ratio, and the medians
//! cargo bench --bench apply_floor -- --check   # exit 1 if a bound is missed
//! cargo bench --bench apply_floor -- --smoke   # few links: only that it runs
//! ```
//! `--users N` is another number of users, with two links each; `--pairs N`
//! another number of pairs.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that measures, and stops where it cannot"
)]

mod drift;
#[path = "../../examples/fleet/mod.rs"]
mod fleet;
mod floor;
mod world;

use floor::Payload;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use world::World;

/// The most that an apply may take, in times of the floor.
const LIMIT: f64 = 1.5;

/// The most that the repair of one link of a hundred may take, in times of a
/// plan that finds nothing to do.
const REPAIR: f64 = 0.15;

/// The least that rsync takes, in times of an apply.
const RSYNC: f64 = 3.0;

/// What is measured.
#[derive(Debug, Clone, Copy)]
struct Plan {
    users: usize,
    pairs: usize,
    is_checked: bool,
    is_smoke: bool,
}

impl Plan {
    fn of(arguments: &[String]) -> Result<Self, String> {
        let mut plan = Self {
            users: 5_000,
            pairs: 5,
            is_checked: false,
            is_smoke: false,
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut number = || {
                let value = rest.next().and_then(|value| value.parse().ok());
                value.filter(|value| *value > 0)
            };
            match argument.as_str() {
                // What cargo says to every benchmark.
                "--bench" => {}
                "--check" => plan.is_checked = true,
                "--smoke" => (plan.users, plan.pairs, plan.is_smoke) = (200, 1, true),
                "--users" => plan.users = number().ok_or("--users takes a number")?,
                "--pairs" => plan.pairs = number().ok_or("--pairs takes a number")?,
                other => {
                    return Err(format!(
                        "`{other}` is none of --check, --smoke, --users N and --pairs N"
                    ));
                }
            }
        }
        Ok(plan)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [command, payload, root] = arguments.as_slice()
        && command == "--floor"
    {
        floor::run(&Payload::read(Path::new(payload)), Path::new(root));
        return ExitCode::SUCCESS;
    }
    match Plan::of(&arguments) {
        Ok(plan) => measure(plan),
        Err(error) => {
            println!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(plan: Plan) -> ExitCode {
    let world = World::new(plan.users);
    let disk = world.file_system();
    println!(
        "{} new links of {} users on {disk}, {} processors",
        plan.users * 2,
        plan.users,
        std::thread::available_parallelism().map_or(1, usize::from)
    );
    if disk == "tmpfs" && !plan.is_smoke {
        println!("error: nothing is synced on tmpfs; give another CARGO_TARGET_DIR");
        return ExitCode::FAILURE;
    }
    // Not timed: it is what the floor takes its bytes from.
    let first = world.root("first");
    apply(&world, &first);
    let payload = world.path("payload");
    Payload::of_apply(&first).write(&payload);

    let has_rsync = has_rsync();
    println!("pair   apply    floor   ratio    rsync   ratio");
    let (mut ratios, mut of_rsync) = (Vec::new(), Vec::new());
    for pair in 1..=plan.pairs {
        let [a, b, c] =
            ["apply", "floor", "rsync"].map(|name| world.root(&format!("{name}-{pair}")));
        let ours = || apply(&world, &a);
        let least = || run_floor(&payload, &b);
        let theirs = || run_rsync(&first, &c);
        let runs: [&dyn Fn(); 3] = [&ours, &least, &theirs];
        let count = if has_rsync { 3 } else { 2 };
        let mut order: Vec<usize> = (0..count).collect();
        // Whoever comes second may find the disk busier.
        if pair % 2 == 0 {
            order.reverse();
        }
        let mut times = [0.0; 3];
        for index in order {
            times[index] = timed(runs[index]).as_secs_f64();
        }
        world::check_same(&a, &b);
        let [of_apply, of_floor, rsync] = times;
        let ratio = of_apply / of_floor;
        print!("{pair:>4}  {of_apply:>5.2} s  {of_floor:>5.2} s  {ratio:>5.2}");
        ratios.push(ratio);
        if has_rsync {
            world::check_same(&a, &c);
            let ratio = rsync / of_apply;
            print!("  {rsync:>5.2} s  {ratio:>5.2}");
            of_rsync.push(ratio);
        }
        println!();
    }
    let repairs = measure_repairs(&world, &first, plan.pairs);
    if plan.is_smoke {
        println!("all left the same files; so few links say nothing of the ratio");
        return ExitCode::SUCCESS;
    }
    let mut exit = ExitCode::SUCCESS;
    let mut must = |is_so: bool, what: &str| {
        if plan.is_checked && !is_so {
            println!("error: {what}");
            exit = ExitCode::FAILURE;
        }
    };
    let to_floor = median(ratios);
    println!("apply / floor: median {to_floor:.2}, at most {LIMIT} is promised");
    must(
        to_floor <= LIMIT,
        &format!("an apply takes more than {LIMIT} times its floor"),
    );
    if has_rsync {
        let to_rsync = median(of_rsync);
        println!("rsync / apply: median {to_rsync:.2}, at least {RSYNC} is promised");
        must(
            to_rsync >= RSYNC,
            &format!("an apply is not {RSYNC} times as fast as rsync"),
        );
    }
    let repair = median(repairs);
    println!("repair of 1 % / plan: median {repair:.2}, at most {REPAIR} is promised");
    must(
        repair <= REPAIR,
        &format!("a repair of 1 % takes more than {REPAIR} plans"),
    );
    exit
}

/// What a repair of drift takes more than an apply without any, in plans.
fn measure_repairs(world: &World, root: &Path, rounds: usize) -> Vec<f64> {
    println!("round   plan   apply of nothing   of 1 % drift   ratio");
    let mut ratios = Vec::new();
    for round in 1..=rounds {
        let plan = timed(|| run_cplinks(world, "plan", root)).as_secs_f64();
        let idle = timed(|| apply(world, root)).as_secs_f64();
        assert!(drift::meddle(root) > 0, "nothing drifted");
        let repair = timed(|| apply(world, root)).as_secs_f64();
        let times = drift::Round { plan, idle, repair };
        let ratio = times.ratio();
        println!("{round:>5}  {plan:>5.2} s  {idle:>12.2} s  {repair:>14.2} s  {ratio:>5.2}");
        ratios.push(ratio);
    }
    ratios
}

/// The middle one; of an even number, the larger of the two.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Whether rsync is installed; if not, says that it is left out.
fn has_rsync() -> bool {
    let why = match Command::new("rsync").arg("--help").output() {
        Ok(output) if String::from_utf8_lossy(&output.stdout).contains("--fsync") => return true,
        Ok(_) => "it is older than 3.2.4 and knows no --fsync".to_owned(),
        Err(error) => error.to_string(),
    };
    println!("SKIPPED rsync: {why} (apt-get install rsync)");
    false
}

/// What was written before is on the disk by then, so nobody waits for it.
fn timed(run: impl FnOnce()) -> Duration {
    rustix::fs::sync();
    let start = Instant::now();
    run();
    start.elapsed()
}

fn apply(world: &World, root: &Path) {
    run_cplinks(world, "apply", root);
}

fn run_cplinks(world: &World, verb: &str, root: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cplinks"));
    command
        .current_dir(world.path("."))
        .args([verb, "fleet/manifest"])
        .args((verb == "apply").then_some("--yes"))
        .args(["--secrets", "fleet/secrets.yaml"])
        .args(["--owners", "keep", "--root"])
        .arg(root);
    run_child(&mut command);
}

fn run_floor(payload: &Path, root: &Path) {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.arg("--floor").arg(payload).arg(root);
    run_child(&mut command);
}

/// The same files copied as durably, each synced.
fn run_rsync(from: &Path, root: &Path) {
    let mut command = Command::new("rsync");
    command.args(["-ac", "--fsync"]);
    command.args(["links", "dynamicui"].map(|tree| from.join(tree)));
    command.arg(root);
    run_child(&mut command);
}

fn run_child(command: &mut Command) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let command = command.env_clear().env("PATH", path).stdin(Stdio::null());
    let output = command.stdout(Stdio::null()).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
}
