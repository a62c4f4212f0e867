//! Modes and owners: what others than root could read or change.

use super::finding::{Finding, Mend};
use super::rule::Rule;
use crate::model::Ownership;
use crate::plan::{Place, Shield};

/// What a place should be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Permission bits.
    pub(super) mode: u32,
    /// Owner, and group if it is known; `None` where owners are left alone.
    pub(super) owner: Option<(u32, Option<u32>)>,
    /// What others must be kept from.
    pub(super) shield: Shield,
    /// Whether somebody may put another thing in its place before a command
    /// comes to it, so that none is safe.
    pub(super) may_be_swapped: bool,
}

/// Compares what a place is with what it should be.
///
/// | others may | wrong is | rule |
/// |---|---|---|
/// | not read it | any right of others, an owner who is not root | `token-exposed` |
/// | not change it | a right of others to write, an owner who is not root | `others-can-write` |
/// | | any other mode | `mode` |
/// | | any other owner or group | `owner` |
pub(super) fn check(place: Place, found: Ownership, wanted: Wanted) -> Option<Finding> {
    let owner = wanted
        .owner
        .filter(|(uid, gid)| found.uid != *uid || gid.is_some_and(|gid| found.gid != gid));
    let mode = (found.mode != wanted.mode).then_some(wanted.mode);
    let is_others = wanted.owner.is_some_and(|(uid, _)| found.uid != uid);
    let lets = |bits: u32| found.mode & bits != 0 || is_others;
    let rule = match wanted.shield {
        Shield::Read if lets(0o077) => Rule::TokenExposed,
        Shield::Write if lets(0o022) => Rule::OthersCanWrite,
        Shield::Read | Shield::Write | Shield::Above => match (mode, owner) {
            (Some(_), _) => Rule::Mode,
            (None, Some(_)) => Rule::Owner,
            (None, None) => return None,
        },
    };
    let mode_text = mode.map(|mode| format!("mode {:04o}, {mode:04o} was expected", found.mode));
    let owner_text = owner.map(|(uid, gid)| {
        let (has, group) = (
            found.gid,
            gid.map_or("the account's".to_owned(), |g| g.to_string()),
        );
        format!("owner {}:{has}, {uid}:{group} was expected", found.uid)
    });
    let texts: Vec<String> = mode_text.into_iter().chain(owner_text).collect();
    let finding = Finding::new(rule, place, texts.join("; "));
    if wanted.may_be_swapped {
        return Some(finding);
    }
    Some(finding.mended_by(Mend::Permit { owner, mode }))
}

/// Whether others than root could put something else into a folder.
pub(super) fn lets_others_write(found: Ownership, owner: Option<(u32, Option<u32>)>) -> bool {
    found.mode & 0o022 != 0 || owner.is_some_and(|(uid, _)| found.uid != uid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_one(found: (u32, u32, u32), wanted: (u32, Shield, bool), expect: &str) {
        let (mode, uid, gid) = found;
        let owner = wanted.2.then_some((0, Some(7)));
        let finding = check(
            Place::Root,
            Ownership { mode, uid, gid },
            Wanted {
                mode: wanted.0,
                owner,
                shield: wanted.1,
                may_be_swapped: false,
            },
        );
        let shown = finding.map(|f| format!("{}: {} {:?}", f.rule.id(), f.found, f.mend));
        let expect = (!expect.is_empty()).then(|| expect.to_owned());
        assert_eq!(shown, expect, "{found:?}");
    }

    #[test]
    fn what_others_could_do_decides_how_bad_it_is() {
        let (read, write, above) = (Shield::Read, Shield::Write, Shield::Above);
        check_one((0o600, 9, 9), (0o600, read, false), "");
        check_one((0o600, 0, 7), (0o600, read, true), "");
        check_one(
            (0o640, 9, 9),
            (0o600, read, false),
            "token-exposed: mode 0640, 0600 was expected Some(Permit { owner: None, mode: Some(384) })",
        );
        check_one(
            (0o600, 9, 7),
            (0o600, read, true),
            "token-exposed: owner 9:7, 0:7 was expected Some(Permit { owner: Some((0, Some(7))), mode: None })",
        );
        check_one(
            (0o400, 0, 7),
            (0o600, read, true),
            "mode: mode 0400, 0600 was expected Some(Permit { owner: None, mode: Some(384) })",
        );
        check_one(
            (0o664, 9, 9),
            (0o644, write, false),
            "others-can-write: mode 0664, 0644 was expected Some(Permit { owner: None, mode: Some(420) })",
        );
        check_one(
            (0o644, 0, 9),
            (0o644, write, true),
            "owner: owner 0:9, 0:7 was expected Some(Permit { owner: Some((0, Some(7))), mode: None })",
        );
        check_one(
            (0o666, 9, 9),
            (0o600, above, false),
            "mode: mode 0666, 0600 was expected Some(Permit { owner: None, mode: Some(384) })",
        );
    }
}
