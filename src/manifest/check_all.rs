//! Every link of a manifest held against the rules, by many threads at once.

use super::expand::Expansion;
use super::findings::Findings;
use super::merge::Manifest;
use super::part::UserPart;
use super::problem::{At, Finding};
use super::token_hosts::{Hosts, check_hosts};
use crate::model::UserName;
use crate::spread::Spread;

/// Users whose links are checked in one go.
const PORTION: usize = 256;

/// Checks every link of the manifest. `named` is how many links its files
/// name, those included that could not be kept.
pub(super) fn check_all(manifest: &Manifest, named: usize, findings: &mut Findings) {
    let users: Vec<_> = manifest.users.iter().collect();
    // Findings of one portion say nothing of the links of another.
    let before = findings.clone();
    let check = |users: &[_]| Checked::of(manifest, users, &before);
    let spread = if users.len() > PORTION {
        Spread::over_processors()
    } else {
        Spread::alone()
    };
    let mut hosts = Hosts::default();
    spread.each(&users, PORTION, check, |checked| {
        findings.absorb(checked.findings);
        hosts.absorb(checked.hosts);
    });
    let suspects = hosts.suspects();
    if !suspects.is_empty() {
        let expansions = users.iter().flat_map(|(user, part)| {
            let links = part.links.iter();
            links.filter_map(|(app, link)| Expansion::new(manifest, user, part, app, link))
        });
        let read = expansions.filter(|expansion| !expansion.is_unread(&before));
        check_hosts(read, &suspects, findings);
    }
    if named == 0 {
        let at = At::key(0, &[]);
        let message = "the manifest names no link at all";
        findings.push(
            Finding::error("empty-manifest", at, message).hint(
                "an empty manifest never means \"hide everything\"; name links under `users`",
            ),
        );
    }
}

/// What came of checking some users' links.
struct Checked {
    findings: Findings,
    hosts: Hosts,
}

impl Checked {
    fn of(manifest: &Manifest, users: &[(&UserName, &UserPart)], before: &Findings) -> Self {
        let mut checked = Self {
            findings: Findings::default(),
            hosts: Hosts::default(),
        };
        for (user, part) in users {
            for (app, link) in &part.links {
                let Some(expansion) = Expansion::new(manifest, user, part, app, link) else {
                    continue;
                };
                if expansion.is_unread(before) {
                    continue;
                }
                let token = expansion.token();
                expansion.check(&token, &mut checked.findings);
                checked.hosts.add(&expansion, &token);
            }
        }
        checked
    }
}
