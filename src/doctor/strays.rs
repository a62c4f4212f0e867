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
const MENU: &[u8] = b"dynamicui_";
const MENU_END: &[u8] = b".conf";
const TEMPORARY: &[u8] = b".tmp.";

/// Looks at both folders.
///
/// | tree | name | rule |
/// |---|---|---|
/// | `links` | `.tmp.….userconfig` | `listed-leftover` |
/// | `links` | any other `….userconfig` | `odd-name` |
/// | `links` | `….adminconfig` beside such a one | nothing |
/// | `dynamicui` | `dynamicui_….conf` of such a one | nothing |
/// | `dynamicui` | any other `dynamicui_…` | `menu-leftover` |
/// | both | anything else | `leftover` |
///
/// Where its name says that it may hold a token, and others may read it, it is
/// `token-exposed` instead of nothing or `leftover`.
pub(super) fn check(visit: &Visit<'_>, may_swap_links: bool, findings: &mut Vec<Finding>) {
    let user = &visit.actual.name;
    let [links, menu] = visit.strays;
    for stray in links {
        let place = Place::Stray(Tree::Links, user.clone(), stray.name.clone());
        findings.extend(in_links(stray, place, links, may_swap_links));
    }
    for stray in menu {
        let place = Place::Stray(Tree::Menu, user.clone(), stray.name.clone());
        // Of one that was not read it is not known which names are in it.
        let is_known = visit.is_whole();
        findings.extend(is_known.then(|| in_menu(stray, place, links)).flatten());
    }
}

fn in_links(stray: &Stray, place: Place, links: &[Stray], may_swap: bool) -> Option<Finding> {
    let name = stray.name.as_bytes();
    let is_temporary = name.starts_with(TEMPORARY);
    if name.ends_with(USERCONFIG) {
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
    let stem = name.strip_suffix(ADMINCONFIG).filter(|_| !is_temporary);
    let is_in_use = stem.is_some_and(|stem| has_config(links, stem));
    match exposed(stray, place.clone()) {
        // The panel needs it where it is.
        Some(mut finding) if is_in_use => {
            let (owner, mode) = (None, Some(0o600));
            finding.mend = (!may_swap).then_some(Mend::Permit { owner, mode });
            return Some(finding);
        }
        Some(finding) => return Some(finding),
        None if is_in_use => return None,
        None => {}
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

/// Whether the panel knows a link or group by that name, which we do not
/// handle.
fn has_config(links: &[Stray], stem: &[u8]) -> bool {
    let wanted = [stem, USERCONFIG].concat();
    links
        .iter()
        .any(|stray| stray.name == OsStr::from_bytes(&wanted))
}

/// What holds a token by its name, and others may read it. A copy is moved to
/// where nobody else comes.
fn exposed(stray: &Stray, place: Place) -> Option<Finding> {
    let name = stray.name.as_bytes();
    let is_secret = name
        .windows(ADMINCONFIG.len())
        .any(|part| part == ADMINCONFIG);
    match stray.kind {
        StrayKind::File { mode } if is_secret && mode & 0o077 != 0 => {
            let found = format!("by its name it holds a token, mode {mode:04o}");
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UserName;

    /// The rules that strays of one user break, each with whether a command
    /// mends it.
    fn check(links: &[(&str, u32)], menu: &[(&str, u32)], expect: &[(&str, bool)]) {
        let strays = |names: &[(&str, u32)]| -> Vec<Stray> {
            let stray = |(name, mode): &(&str, u32)| Stray {
                name: name.into(),
                kind: StrayKind::File { mode: *mode },
            };
            names.iter().map(stray).collect()
        };
        let user = UserName::parse("ann").unwrap();
        let (links, menu) = (strays(links), strays(menu));
        let place = |tree, stray: &Stray| Place::Stray(tree, user.clone(), stray.name.clone());
        let of_links = links
            .iter()
            .filter_map(|stray| in_links(stray, place(Tree::Links, stray), &links, false));
        let of_menu = menu
            .iter()
            .filter_map(|stray| in_menu(stray, place(Tree::Menu, stray), &links));
        let found: Vec<(&str, bool)> = of_links
            .chain(of_menu)
            .map(|finding| (finding.rule.id(), finding.mend.is_some()))
            .collect();
        assert_eq!(found, expect, "{links:?} {menu:?}");
    }

    #[test]
    fn a_name_decides_who_reads_it() {
        let listed = ("listed-leftover", true);
        check(&[(".tmp.3fa9.Shop.userconfig", 0o644)], &[], &[listed]);
        check(&[(".tmp.3fa9.group_x.userconfig", 0o644)], &[], &[listed]);
        let leftover = ("leftover", true);
        for name in [".tmp.3fa9.Shop.adminconfig", "x.adminconfig~", "notes"] {
            check(&[(name, 0o600)], &[], &[leftover]);
        }
        let exposed = ("token-exposed", true);
        check(&[(".tmp.3fa9.Shop.adminconfig", 0o644)], &[], &[exposed]);
        check(&[("x.adminconfig~", 0o640)], &[], &[exposed]);
        let live = ("menu-leftover", true);
        for name in ["dynamicui_", "dynamicui_x.conf~", "dynamicui_a b.conf"] {
            check(&[], &[(name, 0o644)], &[live]);
        }
        for name in [".tmp.1.dynamicui_x.conf", "x.conf", "Dynamicui_x.conf"] {
            check(&[], &[(name, 0o644)], &[leftover]);
        }
    }

    #[test]
    fn the_files_of_a_link_with_an_odd_name_are_left_alone() {
        let odd = ("odd-name", false);
        let files = |mode| [("a b.userconfig", 0o644), ("a b.adminconfig", mode)];
        let menu = [("dynamicui_a b.conf", 0o644)];
        check(&files(0o600), &menu, &[odd]);
        check(&files(0o644), &menu, &[odd, ("token-exposed", true)]);
        let [config, admin] = files(0o644).map(|(name, mode)| Stray {
            name: name.into(),
            kind: StrayKind::File { mode },
        });
        let user = UserName::parse("ann").unwrap();
        let place = || Place::Stray(Tree::Links, user.clone(), admin.name.clone());
        let links = [config, admin.clone()];
        // It stays where the panel reads it.
        let chmod = Mend::Permit {
            owner: None,
            mode: Some(0o600),
        };
        let finding = in_links(&admin, place(), &links, false).unwrap();
        assert_eq!(finding.mend, Some(chmod));
        let finding = in_links(&admin, place(), &links, true).unwrap();
        assert_eq!(finding.mend, None);
        let group = [("group_a b.userconfig", 0o644)];
        check(&group, &[("dynamicui_group_a b.conf", 0o644)], &[odd]);
        check(&group, &menu, &[odd, ("menu-leftover", true)]);
    }
}
