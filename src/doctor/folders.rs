//! A user's folders: what lies in their place, who may use them, and whether
//! there is one in each tree.

use super::files;
use super::finding::{Finding, Mend};
use super::permit::{self, Wanted};
use super::rule::Rule;
use super::visit::trees;
use crate::model::{Account, ActualUser, Folder, Obstacle};
use crate::plan::{FileOwner, Place, Shield};

/// The mode of a user's folder (`cpanel-links.md` 1.1).
const MODE: u32 = 0o750;

/// Looks at both folders.
pub(super) fn check(
    actual: &ActualUser,
    owner: FileOwner,
    may_be_swapped: bool,
    findings: &mut Vec<Finding>,
) {
    let owner = wanted_owner(actual, owner);
    for (tree, folder) in trees(actual) {
        let place = Place::Folder(tree, actual.name.clone());
        match folder {
            Folder::Absent => {}
            Folder::Present(found) => {
                let wanted = Wanted {
                    mode: MODE,
                    owner,
                    shield: Shield::Write,
                    may_be_swapped,
                };
                findings.extend(permit::check(place, *found, wanted));
            }
            Folder::Obstacle(obstacle @ Obstacle::Unsafe { .. }) => {
                let finding = files::obstacle(place, obstacle);
                let gid = owner.and_then(|(_, gid)| gid);
                findings.push(finding.mended_by(Mend::Permit {
                    owner: Some((0, gid)),
                    mode: Some(MODE),
                }));
            }
            Folder::Obstacle(obstacle) => findings.push(files::obstacle(place, obstacle)),
        }
    }
    findings.extend(alone(actual, owner));
    if let Account::LookupFailed(why) = &actual.account {
        let place = Place::Folder(trees(actual)[0].0, actual.name.clone());
        let found = format!("the look-up failed: {why}");
        findings.push(Finding::new(Rule::AccountNotKnown, place, found));
    }
}

/// A folder in one tree and none in the other: the panel makes both together.
fn alone(actual: &ActualUser, owner: Option<(u32, Option<u32>)>) -> Option<Finding> {
    let [(tree, first), (other_tree, second)] = trees(actual);
    let missing = match (first, second) {
        (Folder::Present(_), Folder::Absent) => other_tree,
        (Folder::Absent, Folder::Present(_)) => tree,
        (
            Folder::Absent | Folder::Present(_) | Folder::Obstacle(_),
            Folder::Absent | Folder::Present(_) | Folder::Obstacle(_),
        ) => return None,
    };
    let place = Place::Folder(missing, actual.name.clone());
    let found = "it is not there, and in the other tree it is";
    let mend = Mend::MakeFolder(owner.and_then(|(_, gid)| gid));
    Some(Finding::new(Rule::FolderAlone, place, found).mended_by(mend))
}

/// Whether others than root could put something else into a folder.
pub(super) fn lets_others_write(actual: &ActualUser, folder: &Folder, owner: FileOwner) -> bool {
    match folder {
        Folder::Present(found) => permit::lets_others_write(*found, wanted_owner(actual, owner)),
        Folder::Obstacle(_) => true,
        Folder::Absent => false,
    }
}

/// Root and the account's group, where owners are compared; the group only
/// where the account is known.
fn wanted_owner(actual: &ActualUser, owner: FileOwner) -> Option<(u32, Option<u32>)> {
    let gid = match &actual.account {
        Account::Known { gid } => Some(*gid),
        Account::NotAsked | Account::Missing | Account::LookupFailed(_) => None,
    };
    match owner {
        FileOwner::Keep => None,
        FileOwner::Root => Some((0, gid)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Ownership, UserName};
    use std::collections::BTreeMap;

    fn folder(mode: u32, gid: u32) -> Folder {
        Folder::Present(Ownership { mode, uid: 0, gid })
    }

    /// The rules that find something, and what mends it.
    fn found(account: Account, folders: [Folder; 2]) -> Vec<(Rule, Option<Mend>)> {
        let [links_folder, menu_folder] = folders;
        let actual = ActualUser {
            name: UserName::parse("ann").unwrap(),
            account,
            links_folder,
            menu_folder,
            links: BTreeMap::new(),
            groups: BTreeMap::new(),
            strays: Vec::new(),
        };
        let mut findings = Vec::new();
        check(&actual, FileOwner::Root, false, &mut findings);
        let parts = findings.into_iter().map(|f| (f.rule, f.mend));
        parts.collect()
    }

    #[test]
    fn a_look_up_that_failed_is_not_a_missing_account_and_gives_no_group() {
        let failed = || Account::LookupFailed("no answer".to_owned());
        assert_eq!(
            found(failed(), [folder(0o750, 7), folder(0o750, 8)]),
            [(Rule::AccountNotKnown, None)]
        );
        assert_eq!(
            found(failed(), [folder(0o750, 7), Folder::Absent]),
            [
                (Rule::FolderAlone, Some(Mend::MakeFolder(None))),
                (Rule::AccountNotKnown, None)
            ]
        );
    }

    #[test]
    fn a_known_account_gives_the_group() {
        let known = || Account::Known { gid: 7 };
        assert_eq!(found(known(), [folder(0o750, 7), folder(0o750, 7)]), []);
        let owner = Some((0, Some(7)));
        let mend = Mend::Permit { owner, mode: None };
        assert_eq!(
            found(known(), [folder(0o750, 7), folder(0o750, 8)]),
            [(Rule::Owner, Some(mend))]
        );
        assert_eq!(
            found(known(), [Folder::Absent, folder(0o750, 7)]),
            [(Rule::FolderAlone, Some(Mend::MakeFolder(Some(7))))]
        );
        let unsafe_one = Folder::Obstacle(Obstacle::Unsafe {
            mode: 0o777,
            uid: 9,
        });
        let mode = Some(0o750);
        assert_eq!(
            found(known(), [unsafe_one, folder(0o750, 7)]),
            [(Rule::OthersCanWrite, Some(Mend::Permit { owner, mode }))]
        );
    }
}
