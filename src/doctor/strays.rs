//! What lies in a user's folders and belongs to no link or group that we
//! handle: whether the panel takes it for something, and whether it may hold a
//! token.

use super::finding::{Finding, Mend};
use super::rule::Rule;
use super::visit::Visit;
use crate::model::{Stray, StrayKind};
use crate::plan::{Place, Tree};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

const USERCONFIG: &[u8] = b".userconfig";
const ADMINCONFIG: &[u8] = b".adminconfig";
const GROUP: &[u8] = b"group_";
const MENU: &[u8] = b"dynamicui_";
const MENU_END: &[u8] = b".conf";
const TEMPORARY: &[u8] = b".tmp.";

/// Looks at both folders.
///
/// | tree | name | rule |
/// |---|---|---|
/// | `links` | `.tmp.….userconfig`, not of a group | `listed-leftover` |
/// | `links` | any other `….userconfig` | `odd-name` |
/// | `links` | `….adminconfig` beside such a one | nothing |
/// | `dynamicui` | `dynamicui_….conf` of such a one | nothing |
/// | `dynamicui` | any other `dynamicui_…` | `menu-leftover` |
/// | both | anything else | `leftover` |
///
/// Where its name says that it may hold a token, and others may read it, it is
/// `token-exposed` instead of nothing or `leftover`.
pub(super) fn check(visit: &Visit<'_>, findings: &mut Vec<Finding>) {
    let user = &visit.actual.name;
    let [links, menu] = visit.strays;
    for stray in links {
        let place = Place::Stray(Tree::Links, user.clone(), stray.name.clone());
        findings.extend(in_links(stray, place, links));
    }
    for stray in menu {
        let place = Place::Stray(Tree::Menu, user.clone(), stray.name.clone());
        // Of one that was not read it is not known which names are in it.
        let is_known = visit.is_whole();
        findings.extend(is_known.then(|| in_menu(stray, place, links)).flatten());
    }
}

fn in_links(stray: &Stray, place: Place, links: &[Stray]) -> Option<Finding> {
    let name = stray.name.as_bytes();
    let is_temporary = name.starts_with(TEMPORARY);
    if name.ends_with(USERCONFIG) && !(is_temporary && is_of_group(name)) {
        let rule = if is_temporary {
            Rule::ListedLeftover
        } else {
            Rule::OddName
        };
        let finding = Finding::new(rule, place, words(stray));
        return Some(if is_temporary {
            finding.mended_by(Mend::Aside)
        } else {
            finding
        });
    }
    if let Some(finding) = exposed(stray, place.clone()) {
        return Some(finding);
    }
    let stem = name.strip_suffix(ADMINCONFIG);
    if !is_temporary && stem.is_some_and(|stem| has_config(links, stem)) {
        return None;
    }
    Some(Finding::new(Rule::Leftover, place, words(stray)).mended_by(Mend::Aside))
}

fn in_menu(stray: &Stray, place: Place, links: &[Stray]) -> Option<Finding> {
    let name = stray.name.as_bytes();
    let Some(rest) = name.strip_prefix(MENU) else {
        return Some(Finding::new(Rule::Leftover, place, words(stray)).mended_by(Mend::Aside));
    };
    let stem = rest.strip_suffix(MENU_END);
    if stem.is_some_and(|stem| has_config(links, stem)) {
        return None;
    }
    Some(Finding::new(Rule::MenuLeftover, place, words(stray)).mended_by(Mend::Aside))
}

/// A temporary file's name goes on with a hexadecimal number and a dot.
fn is_of_group(name: &[u8]) -> bool {
    let rest = name.strip_prefix(TEMPORARY).unwrap_or(name);
    let dot = rest.iter().position(|byte| *byte == b'.');
    let rest = dot.and_then(|dot| rest.get(dot + 1..));
    rest.is_some_and(|rest| rest.starts_with(GROUP))
}

/// Whether the panel knows a link or group by that name, which we do not
/// handle.
fn has_config(links: &[Stray], stem: &[u8]) -> bool {
    let wanted = [stem, USERCONFIG].concat();
    links
        .iter()
        .any(|stray| stray.name == OsStr::from_bytes(&wanted))
}

/// A copy of a token, by its name, that others may read. Where it lies no
/// panel needs it, so it is moved to where nobody else comes.
fn exposed(stray: &Stray, place: Place) -> Option<Finding> {
    let name = stray.name.as_bytes();
    let is_secret = name
        .windows(ADMINCONFIG.len())
        .any(|part| part == ADMINCONFIG);
    match stray.kind {
        StrayKind::File { mode } if is_secret && mode & 0o077 != 0 => {
            let found = format!("a copy by its name, mode {mode:04o}");
            Some(Finding::new(Rule::TokenExposed, place, found).mended_by(Mend::Aside))
        }
        StrayKind::File { .. } | StrayKind::Other(_) => None,
    }
}

/// What a stray is.
pub(super) fn words(stray: &Stray) -> String {
    match stray.kind {
        StrayKind::File { mode } => format!("a file, mode {mode:04o}"),
        StrayKind::Other(kind) => format!("a {kind}"),
    }
}
