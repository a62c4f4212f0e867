//! The `cplinks` binary: the process's streams and its exit code. Everything
//! else is in the library.
#![forbid(unsafe_code)]

use cplinks::run::{World, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut world = World::of_process();
    world.prepare_process();
    ExitCode::from(run(std::env::args_os(), &mut world).code())
}
