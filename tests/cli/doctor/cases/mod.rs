//! One way at least in which each rule finds something: a healthy server, what
//! is done to it, and all that is found then.

mod files;
mod says;

use crate::support::Sandbox;

/// Something that is wrong.
pub(super) struct Case {
    /// What is done to the server.
    pub(super) spoil: fn(&Sandbox),
    /// All that is found, as rule and path.
    pub(super) found: &'static [&'static str],
}

/// All cases.
pub(super) fn cases() -> impl Iterator<Item = &'static Case> {
    files::CASES.iter().chain(says::CASES)
}

fn remove(sandbox: &Sandbox, name: &str) {
    std::fs::remove_file(sandbox.path(name)).unwrap();
}

fn put(sandbox: &Sandbox, name: &str, content: &str) {
    sandbox.write(name, content);
}

fn put_with(sandbox: &Sandbox, name: &str, content: &str, mode: u32) {
    sandbox.write(name, content).set_mode(name, mode);
}

fn set_mode(sandbox: &Sandbox, name: &str, mode: u32) {
    sandbox.set_mode(name, mode);
}

fn make_folder(sandbox: &Sandbox, name: &str, mode: u32) {
    sandbox.folder(name).set_mode(name, mode);
}
