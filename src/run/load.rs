//! Loading a manifest and the policy that it is held against, and showing
//! what is wrong with them.

use super::world::WIDTH;
use super::{Exit, Stop, World, output};
use crate::cli::{DEFAULT_POLICY, HostArgs, ManifestArgs, ProblemFormat, ProblemOutput};
use crate::manifest::{
    self, HostPolicy, Loaded, LoadedPolicy, Manifest, OwnerCheck, Presence, Problem, SecretsError,
    Severity, Source,
};
use crate::report;
use std::path::Path;

impl From<SecretsError> for Stop {
    fn from(error: SecretsError) -> Self {
        Self {
            exit: Exit::Failed,
            hint: error.hint(),
            error: error.into(),
        }
    }
}

/// A manifest without errors.
pub(super) struct Valid {
    pub(super) manifest: Manifest,
    /// How many texts it came from.
    pub(super) files: usize,
    pub(super) policy: HostPolicy,
    /// The policy's path, if there is a policy.
    pub(super) policy_path: Option<String>,
}

/// Whether the policy in its usual place counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UsualPolicy {
    /// If it is there.
    Asked,
    /// Only one that is named: what is checked need not be for this host.
    NotAsked,
}

/// Loads a manifest, and the policy that it is held against, and shows what
/// is wrong with them; `None` if they cannot be used. The problems of the
/// manifest go to the files of `outputs` too.
pub(super) fn load(
    args: &ManifestArgs,
    owners: OwnerCheck,
    usual: UsualPolicy,
    outputs: &[ProblemOutput],
    world: &mut World<'_>,
) -> Result<Option<Valid>, Stop> {
    output::check(outputs.iter().map(|output| output.file.as_path()), None)?;
    let Some((policy, policy_path)) = load_policy(&args.host, owners, usual, world) else {
        return Ok(None);
    };
    let Loaded {
        sources,
        mut problems,
        manifest,
    } = manifest::load(&args.manifest, &mut world.stdin, owners, &policy);
    if args.strict {
        for problem in &mut problems {
            problem.severity = Severity::Error;
        }
    }
    show_problems(&problems, &sources, world);
    for ProblemOutput { format, file } in outputs {
        output::write(file, |out| match format {
            ProblemFormat::Sarif => report::sarif(&problems, &sources, out),
            ProblemFormat::Codequality => report::code_quality(&problems, &sources, out),
        })?;
    }
    let is_refused = problems.iter().any(|p| p.severity == Severity::Error);
    let valid = manifest.filter(|_| !is_refused).map(|manifest| Valid {
        manifest,
        files: sources.len(),
        policy,
        policy_path,
    });
    Ok(valid)
}

/// Loads the policy, and says where it lies if there is one; `None` if it
/// cannot be used, which was shown.
pub(super) fn load_policy(
    args: &HostArgs,
    owners: OwnerCheck,
    usual: UsualPolicy,
    world: &mut World<'_>,
) -> Option<(HostPolicy, Option<String>)> {
    let (path, presence) = match (&args.policy, usual) {
        (Some(path), _) => (path.as_path(), Presence::Required),
        (None, UsualPolicy::Asked) => (Path::new(DEFAULT_POLICY), Presence::Optional),
        (None, UsualPolicy::NotAsked) => return Some((HostPolicy::default(), None)),
    };
    // Root obeys the policy, so it must be root's wherever it lies.
    let owners = if rustix::process::geteuid().is_root() {
        OwnerCheck::Strict
    } else {
        owners
    };
    let LoadedPolicy {
        sources,
        problems,
        policy,
    } = manifest::load_policy(path, presence, owners);
    show_problems(&problems, &sources, world);
    let path = sources.first().map(|source| source.name.clone());
    policy.map(|policy| (policy, path))
}

fn show_problems(problems: &[Problem], sources: &[Source], world: &mut World<'_>) {
    match report::problems(problems, sources, WIDTH, &mut world.err) {
        // The exit code says it too.
        Ok(()) | Err(_) => {}
    }
    if world.github.is_some() {
        match report::annotations(problems, sources, &mut world.err) {
            Ok(()) | Err(_) => {}
        }
    }
}
