//! What the menu entries of a user say: each against its own link or group,
//! and all of them against each other.

use super::finding::{Finding, Mend};
use super::icon::Icons;
use super::link::{damaged_icon, short};
use super::rule::Rule;
use super::size;
use super::visit::Visit;
use crate::model::{FileKind, Icon, MenuEntry, MenuFile};
use crate::plan::{Address, Place};
use std::collections::BTreeMap;

/// The key by which the panel tells entries apart.
const FILE: &str = "file";
/// The key that switches an entry off.
const IF: &str = "if";

/// An entry that parses.
pub(super) struct Entry<'a> {
    pub(super) address: Address,
    pub(super) menu: &'a MenuFile,
    /// What its link or group makes it, where that can be read.
    wanted: Option<MenuEntry>,
    /// The icon of its link, where that has one.
    icon: Option<&'a Icon>,
    /// Whether there is a userconfig at all.
    has_config: bool,
}

impl Entry<'_> {
    /// The `file` it should have.
    fn own_file(&self) -> String {
        match &self.address {
            Address::Link(_, app) => app.to_string(),
            Address::Group(_, id) => format!("group_{id}"),
        }
    }

    pub(super) fn is_link(&self) -> bool {
        matches!(self.address, Address::Link(..))
    }

    pub(super) fn at(&self, rule: Rule, found: impl Into<String>) -> Finding {
        let place = Place::File(self.address.clone(), FileKind::Menu);
        Finding::new(rule, place, found)
    }
}

/// Looks at all entries of a user.
pub(super) fn check(visit: &Visit<'_>, icons: &mut Icons, findings: &mut Vec<Finding>) {
    let entries = entries(visit);
    let mut count_of: BTreeMap<&str, usize> = BTreeMap::new();
    for file in entries
        .iter()
        .filter_map(|entry| entry.menu.entry.fields.get(FILE))
    {
        *count_of.entry(file).or_default() += 1;
    }
    for entry in &entries {
        let file = entry.menu.entry.fields.get(FILE);
        let times = file.and_then(|file| count_of.get(file.as_str())).copied();
        findings.extend(wrong_file(
            visit,
            entry,
            file.map(String::as_str),
            times.unwrap_or(0),
        ));
        let icon = entry.menu.entry.icon.as_ref();
        let damage = icon.and_then(|icon| icons.damage(icon));
        findings.extend(differs(entry, damage.is_some()));
        if let Some(mut damage) = damage {
            if entry.icon.is_none() {
                // An apply keeps what it is not told to replace.
                damage.push_str("; declare an `icon` for it");
            }
            let address = entry.address.clone();
            findings.push(damaged_icon(visit, address, FileKind::Menu, &damage));
        }
    }
    size::check(&entries, findings);
}

fn entries<'a>(visit: &Visit<'a>) -> Vec<Entry<'a>> {
    let actual = visit.actual;
    let user = &actual.name;
    let links = actual.links.iter().filter_map(|(app, link)| {
        let config = link.userconfig.value().map(|found| &found.link);
        Some(Entry {
            address: Address::Link(user.clone(), app.clone()),
            menu: link.menu.value()?,
            wanted: config.map(|link| MenuEntry::of_link(app, link)),
            icon: config.and_then(|link| link.icon.as_ref()),
            has_config: !link.userconfig.is_absent(),
        })
    });
    let groups = actual.groups.iter().filter_map(|(id, group)| {
        let config = group.userconfig.value().map(|found| &found.group);
        Some(Entry {
            address: Address::Group(user.clone(), id.clone()),
            menu: group.menu.value()?,
            wanted: config.map(|group| MenuEntry::of_group(id, group)),
            icon: None,
            has_config: !group.userconfig.is_absent(),
        })
    });
    links.chain(groups).collect()
}

/// An entry that has another one's `file`, or none. Of two with the same one
/// it is the one whose name is another.
fn wrong_file(
    visit: &Visit<'_>,
    entry: &Entry<'_>,
    file: Option<&str>,
    times: usize,
) -> Option<Finding> {
    if file == Some(entry.own_file().as_str()) {
        return None;
    }
    let found = file.map_or("it has none".to_owned(), |file| {
        format!("it is `{}`", short(file))
    });
    let rule = if times > 1 {
        Rule::MenuFileTwice
    } else {
        Rule::MenuFile
    };
    let mend = if entry.has_config || !entry.is_link() {
        Mend::Apply
    } else {
        visit.mend_of_orphan(&entry.address)
    };
    Some(entry.at(rule, found).mended_by(mend))
}

/// An entry that is not what its own userconfig makes it. An icon that is
/// damaged is told of as that.
fn differs(entry: &Entry<'_>, is_icon_damaged: bool) -> Vec<Finding> {
    let Some(wanted) = &entry.wanted else {
        return Vec::new();
    };
    let found = &entry.menu.entry;
    let mut findings = Vec::new();
    let is_switch_wrong = wanted.is_hidden() != found.is_hidden();
    if is_switch_wrong {
        let text = if found.is_hidden() {
            "its link is not hidden, and its menu entry is switched off"
        } else {
            "its link is hidden, and its menu entry shows"
        };
        findings.push(entry.at(Rule::HideDiffers, text).mended_by(Mend::Apply));
    }
    let mut keys: Vec<&str> = MenuEntry::KEYS
        .into_iter()
        .filter(|key| *key != FILE && (*key != IF || !is_switch_wrong))
        .filter(|key| wanted.fields.get(*key) != found.fields.get(*key))
        .collect();
    let has_its_icon = match entry.icon {
        Some(icon) => found.icon.as_ref() == Some(icon),
        None => found.icon.is_some() || !entry.is_link(),
    };
    if !has_its_icon && !is_icon_damaged {
        keys.push("base64_png_image");
    }
    if !keys.is_empty() {
        let text = format!("it differs in {}", keys.join(", "));
        findings.push(entry.at(Rule::MenuDiffers, text).mended_by(Mend::Apply));
    }
    findings
}
