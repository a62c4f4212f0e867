//! What a watch of many users costs: to begin, to keep, while nothing happens,
//! and to repair one link of one user. Beside the many, the same is measured
//! with a thousandth of them or so: what a repair costs must not depend on who
//! else is watched, so only the ratio means anything on another machine.
//!
//! ```sh
//! cargo bench --bench watch              # 100,000 users against 1,000
//! cargo bench --bench watch -- --smoke   # few users: only that it runs
//! ```
//! `--users N` is another number, `--in FOLDER` another place for the root.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    reason = "a program that measures, and stops where it cannot"
)]

mod child;
#[path = "../../examples/fleet/mod.rs"]
mod fleet;
mod opened;
mod world;

use child::Watch;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use world::World;

/// The most that a repair among the many may take, in times of one among few.
const LIMIT: f64 = 1.5;
/// What the kernel lets one account watch.
const WATCHES: &str = "/proc/sys/fs/inotify/max_user_watches";
/// Folders that are watched besides those of users.
const OTHERS: usize = 50;

/// What is measured.
#[derive(Debug, Clone)]
struct Plan {
    users: usize,
    few: usize,
    repairs: usize,
    idle: Duration,
    folder: PathBuf,
    is_smoke: bool,
}

impl Plan {
    fn of(arguments: &[String]) -> Result<Self, String> {
        let mut plan = Self {
            users: 100_000,
            few: 1_000,
            repairs: 20,
            idle: Duration::from_secs(30),
            folder: env!("CARGO_TARGET_TMPDIR").into(),
            is_smoke: false,
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                // What cargo says to every benchmark.
                "--bench" => {}
                "--smoke" => {
                    (plan.users, plan.few, plan.is_smoke) = (1_000, 200, true);
                    (plan.repairs, plan.idle) = (3, Duration::from_secs(1));
                }
                "--users" => {
                    let number = rest.next().and_then(|value| value.parse().ok());
                    let number = number.filter(|users| *users >= 1_000);
                    plan.users = number.ok_or("--users takes a number from 1000 on")?;
                }
                "--in" => plan.folder = rest.next().ok_or("--in takes a folder")?.into(),
                other => {
                    return Err(format!(
                        "`{other}` is none of --smoke, --users N and --in FOLDER"
                    ));
                }
            }
        }
        Ok(plan)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match Plan::of(&arguments) {
        Ok(plan) => measure(&plan),
        Err(error) => {
            println!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(plan: &Plan) -> ExitCode {
    let watches = fs::read_to_string(WATCHES).unwrap();
    let watches: usize = watches.trim().parse().unwrap();
    println!("the kernel lets {watches} folders be watched; each user has two");
    let few = run(plan, plan.few, "inotify");
    let many = if 2 * plan.users + OTHERS <= watches {
        run(plan, plan.users, "inotify")
    } else {
        // With room for what others on this machine watch.
        let less = (watches / 2).saturating_sub(OTHERS) / 10_000 * 10_000;
        println!(
            "{} users are more than that: polled, and {less} watched",
            plan.users
        );
        // Between two looks at so many folders there is a rest of many seconds.
        let repairs = plan.repairs.min(2);
        let polled = Plan {
            repairs,
            ..plan.clone()
        };
        run(&polled, plan.users, "poll");
        run(plan, less, "inotify")
    };
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    println!(
        "\n{:<46}{:>12.2}",
        "a repair, many / few",
        ratio(many.repair, few.repair)
    );
    println!(
        "{:<46}{:>12.2}",
        "its round, many / few",
        many.round / few.round
    );
    println!(
        "{:<46}{:>12.2}",
        "memory, watch / apply",
        many.memory as f64 / many.of_apply as f64
    );
    if plan.is_smoke {
        println!("it runs; so few users say nothing of the ratios");
        return ExitCode::SUCCESS;
    }
    let mut exit = ExitCode::SUCCESS;
    let mut must = |is_so: bool, what: &str| {
        if !is_so {
            println!("error: {what}");
            exit = ExitCode::FAILURE;
        }
    };
    must(
        ratio(many.repair, few.repair) <= LIMIT,
        "a repair depends on who else is watched",
    );
    must(many.idle == 0, "it is not idle when nothing happens");
    // Some more or less: what is asked of the state depends on its size.
    let most = few.opened.map(|opened| opened + opened / 2);
    must(
        many.opened <= most || most.is_none(),
        "a repair opens more files where more users are watched",
    );
    exit
}

/// What was measured of one watch.
struct Figures {
    repair: Duration,
    /// Of the last of them, the round alone, in seconds.
    round: f64,
    idle: u64,
    /// Files opened in one repair; `None` without `strace`.
    opened: Option<usize>,
    /// In KiB.
    memory: u64,
    of_apply: u64,
}

fn run(plan: &Plan, users: usize, how: &str) -> Figures {
    let world = World::new(users, &plan.folder);
    println!("\n{users} users by {how}, on {}", world.file_system());
    let row = |what: &str, value: f64, unit: &str| println!("  {what:<44}{value:>12.1} {unit}");
    let (took, _) = child::apply(&world);
    row("an apply of all", took.as_secs_f64(), "s");
    let (took, of_apply) = child::apply(&world);
    row("an apply with nothing to do", took.as_secs_f64(), "s");
    row("  its most memory", mib(of_apply), "MiB");

    let watch = Watch::start(&world, how);
    let took = watch.wait_until_quiet(&world);
    row("a watch, until all was looked at", took.as_secs_f64(), "s");
    let memory = watch.memory("VmRSS");
    row("  its memory then", mib(memory), "MiB");
    row("  its most memory", mib(watch.memory("VmHWM")), "MiB");
    std::thread::sleep(Duration::from_secs(1));
    let before = watch.ticks();
    std::thread::sleep(plan.idle);
    let idle = watch.ticks() - before;
    row(
        &format!("  on a processor in {} idle seconds", plan.idle.as_secs()),
        idle as f64,
        "ticks",
    );

    let mut repairs: Vec<_> = (0..plan.repairs)
        .map(|n| repair(&world, &watch, n))
        .collect();
    repairs.sort();
    let repair_time = repairs[repairs.len() / 2];
    let round = child::figure(&world, "cplinks_watch_last_round_seconds ");
    row(
        "from a foreign edit to its repair, median",
        ms(repair_time),
        "ms",
    );
    row("  slowest", ms(repairs[repairs.len() - 1]), "ms");
    row("  of the last, the round alone", round * 1000.0, "ms");
    let opened = opened::count(&world, &watch, || {
        repair(&world, &watch, plan.repairs);
    });
    match opened {
        Ok(count) => row("  files opened meanwhile", count as f64, ""),
        Err(ref why) => println!("  SKIPPED: files opened meanwhile: {why}"),
    }

    let mut edits: Vec<_> = (0..3).map(|n| edit(&world, &watch, n)).collect();
    edits.sort();
    row(
        "from an edit of the manifest to live, median",
        ms(edits[1]),
        "ms",
    );
    row("  memory at the end", mib(watch.memory("VmRSS")), "MiB");
    row(
        "  how often notices were lost",
        child::figure(&world, "cplinks_watch_lost_events_total "),
        "",
    );
    Figures {
        repair: repair_time,
        round,
        idle,
        opened: opened.ok(),
        memory,
        of_apply,
    }
}

/// Somebody else edits a link: how long it takes until it is repaired.
fn repair(world: &World, watch: &Watch, nth: usize) -> Duration {
    // Each another, so that nothing is contested; all over the names.
    let user = (nth * 7_919 + 101) % world.users.len();
    let path = world.userconfig(&world.users[user]);
    let before = fs::read_to_string(&path).unwrap();
    // Not in place, which polling does not see; and not from beside the
    // secrets, or they would be read again too.
    let new = world.path("root/new");
    let label = "\"label\" : \"";
    fs::write(&new, before.replace(label, &format!("{label}Foreign "))).unwrap();
    let begin = Instant::now();
    fs::rename(new, &path).unwrap();
    let end = watch.wait_for_change();
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
    end - begin
}

/// One file of the manifest changes for one user: how long until it is live.
fn edit(world: &World, watch: &Watch, nth: usize) -> Duration {
    let file = 50 + nth;
    let begin = Instant::now();
    let user = world.relabel(file, "Edited");
    let end = watch.wait_for_change();
    let now = fs::read_to_string(world.userconfig(&user)).unwrap();
    assert!(now.contains("\"Edited\""), "{now}");
    end - begin
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
