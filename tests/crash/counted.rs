//! What a plan asks of the kernel, which never depends on the machine: nothing
//! about a user that it is not about.

use crate::fleet::{Fleet, Share};
use crate::sandbox::Sandbox;
use crate::strace::{self, Call};
use std::fs;

/// The calls of a plan that finds nothing to do, for so many users with so
/// many links each.
fn calls(users: usize, links: usize, more: &[&str]) -> (Sandbox, Vec<Call>) {
    let sandbox = Sandbox::new();
    let fleet = Fleet {
        users,
        links,
        groups: 0,
        icons: 0,
        cpanel: Share::percent(50),
        ..Fleet::default()
    };
    fleet.write(&sandbox.path("fleet")).unwrap();
    let arguments = [
        "plan",
        "fleet/manifest",
        "--secrets=fleet/secrets.yaml",
        "--root=fleet/root",
        "--detailed-exitcode",
    ];
    let arguments: Vec<_> = arguments.iter().chain(more).copied().collect();
    let (outcome, calls) = strace::calls_of(&sandbox, &arguments);
    outcome.expect(0);
    (sandbox, calls)
}

#[test]
fn a_plan_of_one_user_looks_at_no_other() {
    if !strace::is_usable("calls of a plan of one user") {
        return;
    }
    let (sandbox, all) = calls(12, 2, &[]);
    let links = fs::read_dir(sandbox.path("fleet/root/links")).unwrap();
    let users = links.map(|user| user.unwrap().file_name().into_string().unwrap());
    let users: Vec<_> = users.collect();
    // What is read names users too, but not what is opened.
    let named = |calls: &[Call]| -> Vec<_> {
        let mut named = users.clone();
        named.retain(|user| {
            let user = format!("\"{user}\"");
            let names = |call: &Call| call.name != "read" && call.line.contains(&user);
            calls.iter().any(names)
        });
        named
    };
    assert_eq!(named(&all), users);
    let one = users[4].clone();
    let (_, calls) = calls(12, 2, &[&format!("--user={one}")]);
    assert_eq!(named(&calls), [one]);
}
