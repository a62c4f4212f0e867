//! A plan in every form that was asked for: on standard output, in files, and
//! as what GitHub Actions takes up.

use super::world::{Github, Plain};
use super::{Exit, Stop, World, output};
use crate::cli::{Format, OutArgs, Output};
use crate::plan::{Digest, Plan};
use crate::report::{self, Header, MarkdownOptions, TextOptions};
use std::io::Write;
use std::path::PathBuf;

/// Most bytes of a step's summary. GitHub shows nothing of a longer one, so
/// that what earlier commands of the step wrote counts too.
const SUMMARY_BYTES: u64 = 1024 * 1024;
/// Most bytes of a character.
const CHARACTER: u64 = 4;
/// Fewest characters that a plan is told in.
const SUMMARY_LEAST: usize = 2000;

/// What a plan is shown with.
pub(super) struct Show {
    pub(super) header: Header,
    pub(super) options: TextOptions,
    pub(super) digest: Digest,
    /// The root, where it is on this host: nothing is written below it.
    pub(super) root: Option<PathBuf>,
}

impl Show {
    /// Shows a plan, and writes it to the files that were asked for.
    ///
    /// # Errors
    /// One of those files cannot be written, or must not be; the latter before
    /// anything is shown.
    pub(super) fn plan(
        self,
        plan: &Plan,
        format: Format,
        outputs: &OutArgs,
        world: &mut World<'_>,
    ) -> Result<Exit, Stop> {
        let files = outputs.out.iter().map(|output| output.file.as_path());
        output::check(files, self.root.as_deref())?;
        let header = Header {
            digest: Some(self.digest),
            ..self.header
        };
        let markdown = MarkdownOptions {
            limit: usize::try_from(outputs.markdown_limit).unwrap_or(usize::MAX),
            skip_empty: outputs.skip_empty,
            text: self.options,
        };
        let write = |format, out: &mut dyn Write| match format {
            Format::Text => report::plan(plan, &header, &self.options, out),
            Format::Json => report::json(plan, &header, out),
            Format::Markdown => report::markdown(plan, &header, &markdown, out),
            Format::Html => report::html(plan, &header, out),
            Format::Gitlab => report::terraform_report(plan, out),
        };
        let result = write(format, &mut world.out);
        if let Some(github) = world.github.clone() {
            tell_github(plan, &header, (self.digest, self.options), &github, world)?;
            match report::notices(plan, &mut world.err) {
                // The plan says it too.
                Ok(()) | Err(_) => {}
            }
        }
        for Output { format, file } in &outputs.out {
            output::write(file, |out| write(*format, &mut Plain::new(Box::new(out))))?;
        }
        Ok(world.written(result))
    }
}

/// Gives GitHub Actions the outputs and the summary of the step.
fn tell_github(
    plan: &Plan,
    header: &Header,
    (digest, text): (Digest, TextOptions),
    github: &Github,
    world: &mut World<'_>,
) -> Result<(), Stop> {
    if let Some(file) = &github.output {
        output::append(file, |out| report::outputs(plan, digest, out))?;
    }
    if let Some(file) = &github.summary {
        let room = SUMMARY_BYTES.saturating_sub(output::length(file)) / CHARACTER;
        let limit = usize::try_from(room).unwrap_or(usize::MAX);
        if limit < SUMMARY_LEAST {
            world.tell("note: the summary of this step is full; the plan is not in it");
            return Ok(());
        }
        let options = MarkdownOptions {
            limit,
            skip_empty: false,
            text,
        };
        output::append(file, |out| report::markdown(plan, header, &options, out))?;
    }
    Ok(())
}
