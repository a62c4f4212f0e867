//! One menu group: its two files.

use super::files::{File, Owners};
use super::finding::{Finding, Mend};
use super::link::traps;
use super::rule::Rule;
use super::visit::Visit;
use crate::model::{ActualGroup, FileKind, GroupId};
use crate::plan::{Address, Place};

/// All that is wrong with it but for its menu entry's content.
pub(super) fn check(
    visit: &Visit<'_>,
    id: &GroupId,
    group: &ActualGroup,
    owners: Owners,
    findings: &mut Vec<Finding>,
) {
    let address = Address::Group(visit.actual.name.clone(), id.clone());
    let at = |kind, rule, found: &str| {
        Finding::new(rule, Place::File(address.clone(), kind), found).mended_by(Mend::Apply)
    };
    let ActualGroup { userconfig, menu } = group;
    for file in [
        File::of(FileKind::Userconfig, userconfig),
        File::of(FileKind::Menu, menu),
    ] {
        file.check(&address, visit, owners, findings);
    }
    for (kind, is_absent) in [
        (FileKind::Userconfig, userconfig.is_absent()),
        (FileKind::Menu, menu.is_absent()),
    ] {
        if is_absent && visit.is_whole() {
            findings.push(at(kind, Rule::GroupIncomplete, "it is missing"));
        }
    }
    let label = userconfig
        .value()
        .and_then(|found| found.group.label.as_deref());
    if let Some(found) = label.and_then(traps) {
        findings.push(at(FileKind::Userconfig, Rule::Label, &found));
    }
}
