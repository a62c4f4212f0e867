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

/// Holds that it finds nothing to do in a world, and that it would find it if
/// there were: one that says nothing may have compared nothing.
fn checked(name: &'static str, program: Program, world: &World) -> Rival {
    let said = program.said();
    let is_named = [".userconfig", ".adminconfig", "dynamicui_"]
        .iter()
        .any(|word| said.contains(word));
    assert!(!is_named, "{name} finds something to do: {said}");
    let (path, _, text) = world.files().last().unwrap();
    let aside = world.path("aside");
    fs::rename(&path, &aside).unwrap();
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    let name_of_file = path.file_name().unwrap().to_str().unwrap();
    let said = program.said();
    assert!(
        said.contains(name_of_file),
        "{name} does not find what differs: {said}"
    );
    fs::rename(aside, path).unwrap();
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
    Some(checked("rsync -nac", program, world))
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
    let program = program.arg(world.root());
    Some(checked("Perl, JSON::XS", program, world))
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
    policy.push_str("}\n");
    let file = world.path("policy.cf");
    fs::write(&file, policy).unwrap();
    // It reads no policy that others may change.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    // No locks: else it would do nothing the second time.
    let program = Program::new("cf-agent").args(["-n", "-K", "-f"]).arg(file);
    Some(checked("cf-agent -n", program, world))
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
    Some(checked("puppet apply --noop", program, world))
}
