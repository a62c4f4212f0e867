//! What a plan costs that finds nothing to do: against what people compare
//! files with today, against the least that reading the same files takes, and
//! as it grows. What is compared runs in turn in one run, so that a noisy
//! machine is noisy to all of them; only ratios mean anything.
//!
//! ```sh
//! cargo bench --bench noop              # all of it, up to 300,000 links
//! cargo bench --bench noop -- --check   # exit 1 if a bound is missed
//! cargo bench --bench noop -- --smoke   # few links: only that it runs
//! ```
//! `--links N` is another largest number of links, `--in FOLDER` another place
//! for the files; `rivals`, `growth`, `showing` and `start` are the parts of it
//! that may be asked for alone. `benches/README.md` has the bounds.
#![expect(
    clippy::unwrap_used,
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
mod floor;
mod measures;
mod rivals;
mod table;
mod world;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use table::{Judge, Table};

/// A part of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Rivals,
    Growth,
    Showing,
    Start,
}

impl Part {
    const ALL: [Self; 4] = [Self::Rivals, Self::Growth, Self::Showing, Self::Start];

    fn of(word: &str) -> Option<Self> {
        match word {
            "rivals" => Some(Self::Rivals),
            "growth" => Some(Self::Growth),
            "showing" => Some(Self::Showing),
            "start" => Some(Self::Start),
            _ => None,
        }
    }
}

/// What is measured.
#[derive(Debug, Clone)]
struct Plan {
    /// All of them, if none is named.
    parts: Vec<Part>,
    /// More links than this are left out.
    most: usize,
    folder: PathBuf,
    is_checked: bool,
    is_smoke: bool,
}

impl Plan {
    fn of(arguments: &[String]) -> Result<Self, String> {
        let mut plan = Self {
            parts: Vec::new(),
            most: 300_000,
            folder: env!("CARGO_TARGET_TMPDIR").into(),
            is_checked: false,
            is_smoke: false,
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                // What cargo says to every benchmark.
                "--bench" => {}
                "--check" => plan.is_checked = true,
                "--smoke" => plan.is_smoke = true,
                "--links" => {
                    let number = rest.next().and_then(|value| value.parse().ok());
                    let number = number.filter(|links| *links >= 3_000);
                    plan.most = number.ok_or("--links takes a number from 3000 on")?;
                }
                "--in" => plan.folder = rest.next().ok_or("--in takes a folder")?.into(),
                other => {
                    let part = Part::of(other);
                    plan.parts.push(part.ok_or_else(|| {
                        format!(
                            "`{other}` is none of --check, --smoke, --links N, --in FOLDER, \
                             rivals, growth, showing and start"
                        )
                    })?);
                }
            }
        }
        if plan.parts.is_empty() {
            plan.parts = Part::ALL.into();
        }
        Ok(plan)
    }

    /// A number of links: this one, or a few that stand for it.
    fn links(&self, links: usize) -> Option<usize> {
        if self.is_smoke {
            return Some(links.ilog10() as usize * 30);
        }
        if links > self.most {
            println!("\nLEFT OUT: {links} links, by --links {}", self.most);
            return None;
        }
        Some(links)
    }

    /// How often a round is repeated.
    fn rounds(&self, rounds: usize) -> usize {
        if self.is_smoke { 1 } else { rounds }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(|word| word.to_str()).collect();
    match words.as_slice() {
        [Some("--child"), ..] => child::run(&arguments[1..]),
        [Some("--floor"), Some(root), Some(names)] => {
            println!("{}", floor::read_files(Path::new(root), Path::new(names)));
        }
        [Some("--plan"), Some(manifest), Some(secrets), Some(root)] => {
            let [manifest, secrets, root] = [manifest, secrets, root].map(Path::new);
            println!("{}", floor::plan(manifest, secrets, root));
        }
        [Some("--yaml"), Some(path)] => floor::read_yaml(Path::new(path)),
        _ => {
            let words = words.into_iter().map(|word| word.unwrap_or("?").to_owned());
            return match Plan::of(&words.collect::<Vec<_>>()) {
                Ok(plan) => measure(&plan),
                Err(error) => {
                    println!("error: {error}");
                    ExitCode::FAILURE
                }
            };
        }
    }
    ExitCode::SUCCESS
}

fn measure(plan: &Plan) -> ExitCode {
    let judge = if plan.is_smoke {
        Judge::None
    } else {
        Judge::Each
    };
    let table = &mut Table { judge, missed: 0 };
    println!(
        "on {} processors; each ratio is the median of those of one run",
        std::thread::available_parallelism().map_or(1, usize::from)
    );
    for part in &plan.parts {
        match part {
            Part::Rivals => measures::against_rivals(plan, table),
            Part::Growth => measures::growth(plan, table),
            Part::Showing => measures::showing(plan, table),
            Part::Start => measures::start(plan, table),
        }
    }
    if plan.is_smoke {
        println!("\nit runs; so few links say nothing of the ratios");
        return ExitCode::SUCCESS;
    }
    println!("\n{} bounds are missed", table.missed);
    if plan.is_checked && table.missed > 0 {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
