//! One menu group: its two files.

use super::files::{File, Owners};
use super::finding::{Finding, Mend};
use super::link::traps;
use super::rule::Rule;
use super::visit::Visit;
use crate::model::{ActualGroup, FileKind, Group, GroupId, Lies};
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
            let finding = at(kind, Rule::GroupIncomplete, "it is missing");
            let mend = mend(visit, id, group).unwrap_or(Mend::Apply);
            findings.push(finding.mended_by(mend));
        }
    }
    let label = userconfig
        .value()
        .and_then(|found| found.group.label.as_deref());
    if let Some(found) = label.and_then(traps) {
        findings.push(at(FileKind::Userconfig, Rule::Label, &found));
    }
}

/// What mends a group of which one file is missing, without a manifest: its
/// menu entry follows from its fields, and an entry without fields that no
/// link stands in is of no use.
fn mend(visit: &Visit<'_>, id: &GroupId, group: &ActualGroup) -> Option<Mend> {
    match &group.userconfig {
        Lies::File(found) => {
            let Group { label, order } = &found.value.group;
            let label = label.as_deref().filter(|label| traps(label).is_none())?;
            Some(Mend::MakeGroup {
                label: label.to_owned(),
                order: order.as_ref()?.as_str().to_owned(),
            })
        }
        Lies::Absent => {
            let mut links = visit.actual.links.values();
            let is_used = links.any(|link| match &link.userconfig {
                Lies::Absent => false,
                Lies::File(found) => found.value.link.group_id.as_deref() == Some(id.as_str()),
                Lies::Broken(_) | Lies::Obstacle(_) => true,
            });
            (!is_used).then_some(Mend::RemoveGroup)
        }
        Lies::Broken(_) | Lies::Obstacle(_) => None,
    }
}
