//! What people compare files with today, made to compare those of a world. A
//! tool that is not installed is left out, aloud.

use crate::child::Program;
use crate::world::World;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Another tool, and how it compares.
pub(crate) struct Rival {
    pub(crate) name: &'static str,
    pub(crate) program: Program,
}

/// Whether a program can be started; if not, says that it is left out.
fn is_there(name: &str, arguments: &[&str], package: &str) -> bool {
    let tried = Command::new(name)
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    let why = match tried {
        Ok(output) if output.status.success() => return true,
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    println!("SKIPPED {name}: {why} (apt-get install {package})");
    false
}

/// Runs it once, and holds that it found nothing to do: it says none of this.
fn checked(name: &'static str, program: Program, silent_about: &str) -> Rival {
    let output = program.output();
    for said in [output.stdout, output.stderr] {
        let said = String::from_utf8_lossy(&said).into_owned();
        let is_silent = match silent_about {
            "" => said.is_empty(),
            word => !said.contains(word),
        };
        assert!(is_silent, "{name} finds something to do: {said}");
    }
    Rival { name, program }
}

/// rsync with checksums, against a ready-made tree of the very same files.
pub(crate) fn rsync(world: &World) -> Option<Rival> {
    if !is_there("rsync", &["--version"], "rsync") {
        return None;
    }
    let ready = world.path("ready");
    let copy = Program::new("cp").arg("-a").arg(world.root()).arg(&ready);
    copy.output();
    let program = Program::new("rsync").arg("-naci");
    let program = program.arg(slashed(&ready)).arg(slashed(&world.root()));
    Some(checked("rsync -nac", program, ""))
}

/// What is in a folder, and not the folder.
fn slashed(path: &Path) -> String {
    format!("{}/", path.display())
}

/// A script with the fastest JSON parser of Perl.
pub(crate) fn perl(world: &World) -> Option<Rival> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/noop/compare.pl");
    if !is_there("perl", &["-MJSON::XS", "-e", "1"], "libjson-xs-perl") {
        return None;
    }
    let program = Program::new("perl").arg(script).arg(world.desired());
    Some(checked("Perl, JSON::XS", program.arg(world.root()), ""))
}

/// `CFEngine`, with a promise for each file.
pub(crate) fn cf_agent(world: &World) -> Option<Rival> {
    if !is_there("cf-agent", &["-V"], "cfengine3") {
        return None;
    }
    let mut policy = String::from(
        "body common control { bundlesequence => { \"main\" }; }\n\
         body perms m(mode) { mode => \"$(mode)\"; rxdirs => \"false\"; }\n\
         bundle agent main\n{\nfiles:\n",
    );
    for (path, mode, text) in world.files() {
        let text = text.replace('\\', "\\\\").replace('"', "\\\"");
        let path = path.display();
        writeln!(
            policy,
            "\"{path}\" create => \"true\", content => \"{text}\", perms => m(\"{mode}\");"
        )
        .unwrap();
    }
    let file = world.path("policy.cf");
    fs::write(&file, policy).unwrap();
    // It reads no policy that others may change.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    // No locks: else it would do nothing the second time.
    let program = Program::new("cf-agent").args(["-n", "-K", "-f"]).arg(file);
    Some(checked("cf-agent -n", program, "Should"))
}

/// Puppet, with a resource for each file.
pub(crate) fn puppet(world: &World) -> Option<Rival> {
    if !is_there("puppet", &["--version"], "puppet") {
        return None;
    }
    let mut manifest = String::new();
    for (path, mode, text) in world.files() {
        let text = text.replace('\\', "\\\\").replace('\'', "\\'");
        let path = path.display();
        writeln!(
            manifest,
            "file {{ '{path}': ensure => file, mode => '{mode}', content => '{text}' }}"
        )
        .unwrap();
    }
    let file = world.path("site.pp");
    fs::write(&file, manifest).unwrap();
    let program = Program::new("puppet").args(["apply", "--noop"]).arg(file);
    Some(checked("puppet apply --noop", program, "(noop)"))
}
