//! From arguments to what they say, with the one rule that clap cannot hold:
//! it would take a root from the environment for one on the command line.

use super::Cli;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{CommandFactory as _, Error, FromArgMatches as _};
use std::ffi::OsString;

impl Cli {
    /// Reads a command line, and the environment where it may say more.
    ///
    /// # Errors
    /// What is wrong with it; help and version too, which are no errors.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Error> {
        let mut command = Self::command();
        let matches = command.try_get_matches_from_mut(arguments)?;
        if let Some(("plan", plan)) = matches.subcommand()
            && plan.contains_id("against")
            && plan.value_source("root") == Some(ValueSource::CommandLine)
        {
            let words = "the argument '--against <FILE>' cannot be used with '--root <DIR>'";
            let plan = command.find_subcommand_mut("plan");
            let error = plan.map(|plan| plan.error(ErrorKind::ArgumentConflict, words));
            return Err(error.unwrap_or_else(|| Error::raw(ErrorKind::ArgumentConflict, words)));
        }
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}
