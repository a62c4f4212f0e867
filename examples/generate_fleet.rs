//! Writes a fleet for tests and benchmarks: a manifest and the tree of the
//! server that it is about, of any size, the same for the same options.
//!
//! ```sh
//! cargo run --release --example generate_fleet -- --users 1000 --drift 1% fleet
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "it makes test data, and stops where it cannot"
)]

#[path = "fleet/mod.rs"]
mod fleet;

use clap::Parser;
use fleet::Fleet;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Write a manifest, its secrets and the tree of its server into a new folder
///
/// `FOLDER/manifest` is the manifest, `FOLDER/secrets.yaml` holds its tokens
/// and `FOLDER/root` is the server's `/var/cpanel/integration`. Without drift
/// a plan of them has no changes. Nothing is synced to the disk, and nothing
/// is written into a folder that is not empty.
#[derive(Debug, Parser)]
#[command(name = "generate_fleet", term_width = 90)]
struct Args {
    /// The folder, new or empty
    folder: PathBuf,
    #[command(flatten)]
    fleet: Fleet,
}

fn main() -> ExitCode {
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    // Nobody is left to be told that it could not be told.
    run(std::env::args_os(), &mut out, &mut err).unwrap_or(ExitCode::FAILURE)
}

/// What the example does with these arguments, the first of which is its name.
pub(crate) fn run(
    arguments: impl IntoIterator<Item = OsString>,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<ExitCode> {
    let Args { folder, fleet } = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) if error.use_stderr() => {
            write!(err, "{error}")?;
            return Ok(ExitCode::FAILURE);
        }
        Err(help) => {
            write!(out, "{help}")?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    match fleet.write(&folder) {
        Ok(written) => {
            write!(out, "{written}")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            writeln!(err, "error: {error:#}")?;
            Ok(ExitCode::FAILURE)
        }
    }
}
