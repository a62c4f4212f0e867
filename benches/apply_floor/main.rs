//! What an apply costs over the least that its files cost: the binary makes
//! 10,000 new links, and beside it a floor program writes, syncs and renames
//! the same bytes in the same batches and syncs the same folders. Both are cold
//! processes, in pairs in one run, so that a noisy machine is noisy to both;
//! only the ratio means anything.
//!
//! ```sh
//! cargo bench --bench apply_floor              # pairs, each ratio, the median
//! cargo bench --bench apply_floor -- --check   # exit 1 if the median is over 1.3
//! cargo bench --bench apply_floor -- --smoke   # few links: only that it runs
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that measures, and stops where it cannot"
)]

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
const LIMIT: f64 = 1.3;

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

    println!("pair   apply    floor   ratio");
    let mut ratios = Vec::new();
    for pair in 1..=plan.pairs {
        let (a, b) = (
            world.root(&format!("apply-{pair}")),
            world.root(&format!("floor-{pair}")),
        );
        // Whoever comes second may find the disk busier.
        let (of_apply, of_floor) = if pair % 2 == 1 {
            let first = timed(|| apply(&world, &a));
            (first, timed(|| run_floor(&payload, &b)))
        } else {
            let first = timed(|| run_floor(&payload, &b));
            (timed(|| apply(&world, &a)), first)
        };
        world::check_same(&a, &b);
        let [of_apply, of_floor] = [of_apply, of_floor].map(|time| time.as_secs_f64());
        let ratio = of_apply / of_floor;
        println!("{pair:>4}  {of_apply:>5.2} s  {of_floor:>5.2} s  {ratio:>5.2}");
        ratios.push(ratio);
    }
    if plan.is_smoke {
        println!("both left the same files; so few links say nothing of the ratio");
        return ExitCode::SUCCESS;
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    println!("median ratio {median:.2}, at most {LIMIT} is promised");
    if plan.is_checked && median > LIMIT {
        println!("error: an apply takes more than {LIMIT} times its floor");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// What was written before is on the disk by then, so nobody waits for it.
fn timed(run: impl FnOnce()) -> Duration {
    rustix::fs::sync();
    let start = Instant::now();
    run();
    start.elapsed()
}

fn apply(world: &World, root: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cplinks"));
    command
        .current_dir(world.path("."))
        .args(["apply", "fleet/manifest", "--yes"])
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

fn run_child(command: &mut Command) {
    let command = command.env_clear().stdin(Stdio::null());
    let output = command.stdout(Stdio::null()).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
}
