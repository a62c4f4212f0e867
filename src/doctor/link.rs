//! One link: whether its three files make one that works.

use super::files::{File, Owners};
use super::finding::{Finding, Mend};
use super::icon::Icons;
use super::rule::Rule;
use super::visit::Visit;
use crate::model::{
    ActualLink, AppName, FileKind, FoundToken, Icon, Lies, Link, STOCK_GROUPS, Secret, UserConfig,
};
use crate::plan::{Address, Place};

/// Where links go that name no group.
const HOME: &str = "preferences";

/// What the panel takes for something else in a label (`cpanel-links.md` 1.6).
const TRAPS: [char; 5] = ['\'', '[', ']', '~', '}'];

/// Most characters of a value that are shown.
const SHOWN: usize = 64;

/// A link that is looked at.
pub(super) struct Case<'a> {
    pub(super) visit: &'a Visit<'a>,
    pub(super) app: &'a AppName,
    pub(super) link: &'a ActualLink,
    pub(super) files: Owners,
}

impl Case<'_> {
    /// All that is wrong with it but for its menu entry's content.
    pub(super) fn check(&self, icons: &mut Icons, findings: &mut Vec<Finding>) {
        let ActualLink {
            userconfig,
            adminconfig,
            menu,
        } = self.link;
        for file in [
            File::of(FileKind::Userconfig, userconfig),
            File::of(FileKind::Adminconfig, adminconfig),
            File::of(FileKind::Menu, menu),
        ] {
            file.check(&self.address(), self.visit, self.files, findings);
        }
        if userconfig.is_absent() && self.visit.is_whole() {
            self.check_orphan(findings);
        }
        if let Some(config) = userconfig.value() {
            self.check_fields(&config.link, icons, findings);
            findings.extend(self.other_name(config));
        }
    }

    fn address(&self) -> Address {
        Address::Link(self.visit.actual.name.clone(), self.app.clone())
    }

    fn at(&self, kind: FileKind, rule: Rule, found: impl Into<String>) -> Finding {
        let place = Place::File(self.address(), kind);
        Finding::new(rule, place, found).mended_by(Mend::Apply)
    }

    /// What is left of a link whose userconfig is gone.
    fn check_orphan(&self, findings: &mut Vec<Finding>) {
        let found = "its link's userconfig is missing";
        match &self.link.adminconfig {
            Lies::File(_) | Lies::Broken(_) => {
                // It is told of as what it is: nobody reads it.
                let is_file = |f: &Finding| f.place == self.place(FileKind::Adminconfig);
                findings.retain(|f| !(is_file(f) && f.rule == Rule::AdminconfigUnreadable));
                let finding = self.at(FileKind::Adminconfig, Rule::SecretOrphan, found);
                findings.push(finding.mended_by(self.visit.mend_of_orphan(&self.address())));
            }
            Lies::Absent | Lies::Obstacle(_) => {}
        }
        match &self.link.menu {
            Lies::File(entry) if entry.value.entry.is_hidden() => {
                let found = format!("a menu entry that is switched off; {found}");
                let finding = self.at(FileKind::Menu, Rule::Leftover, found);
                findings.push(finding.mended_by(self.visit.mend_of_orphan(&self.address())));
            }
            Lies::File(_) => {
                let finding = self.at(FileKind::Menu, Rule::MenuOrphan, found);
                findings.push(finding.mended_by(self.visit.mend_of_orphan(&self.address())));
            }
            // Told of as what it is.
            Lies::Absent | Lies::Broken(_) | Lies::Obstacle(_) => {}
        }
    }

    fn place(&self, kind: FileKind) -> Place {
        Place::File(self.address(), kind)
    }

    fn check_fields(&self, link: &Link, icons: &mut Icons, findings: &mut Vec<Finding>) {
        let config = FileKind::Userconfig;
        let logs_in = is_given(link.autologin_token_url.as_deref());
        if !logs_in && !is_given(link.url.as_deref()) {
            let found = "both are missing or empty";
            findings.push(self.at(config, Rule::NoDestination, found));
        }
        if logs_in {
            findings.extend(self.token());
        }
        if link.autologin_token_url.as_deref().is_some_and(is_plain) {
            let found = "autologin_token_url begins with http://";
            findings.push(self.at(config, Rule::PlainLogin, found));
        }
        if !link.hide && self.link.menu.is_absent() && self.visit.is_whole() {
            findings.push(self.at(FileKind::Menu, Rule::LinkNotShown, "it is missing"));
        }
        let label = link.label.as_deref().and_then(traps);
        findings.extend(label.map(|found| self.at(config, Rule::Label, found)));
        let damage = |icon: &Icon| icons.damage(icon);
        if let Some(damage) = link.icon.as_ref().and_then(damage) {
            findings.push(damaged_icon(self.visit, self.address(), config, &damage));
        }
        findings.extend(self.unknown_group(link));
    }

    /// `app` and `user` need not be stated; where they are, they are sent as
    /// they stand. No apply compares them, so none mends this.
    fn other_name(&self, config: &UserConfig) -> Option<Finding> {
        let user = self.visit.actual.name.as_str();
        let stated = [
            ("user", config.stated_user.as_deref(), user),
            ("app", config.stated_app.as_deref(), self.app.as_str()),
        ];
        let others = stated
            .into_iter()
            .filter_map(|(key, stated, own)| Some((key, stated.filter(|text| *text != own)?)));
        let others: Vec<String> = others
            .map(|(key, stated)| format!("`{key}` is `{}`", short(stated)))
            .collect();
        let place = self.place(FileKind::Userconfig);
        let found = format!("{}: remove the link and make it again", others.join(", "));
        (!others.is_empty()).then(|| Finding::new(Rule::OtherName, place, found))
    }

    /// Automatic log-in needs a token.
    fn token(&self) -> Option<Finding> {
        let kind = FileKind::Adminconfig;
        match &self.link.adminconfig {
            Lies::Absent if self.link.is_visible() => Some(self.at(
                kind,
                Rule::AdminconfigMissing,
                "it is missing, and the link has an autologin_token_url",
            )),
            Lies::File(found) if is_empty(&found.value.token) => Some(self.at(
                kind,
                Rule::TokenMissing,
                "it holds no token, and the link has an autologin_token_url",
            )),
            // One that does not show hurts nobody; the others are told of as
            // what they are.
            Lies::Absent | Lies::File(_) | Lies::Broken(_) | Lies::Obstacle(_) => None,
        }
    }

    fn unknown_group(&self, link: &Link) -> Option<Finding> {
        // An empty text and 0 mean "no group" to the panel.
        let id = link
            .group_id
            .as_deref()
            .filter(|id| !matches!(*id, "" | "0"))?;
        let groups = &self.visit.actual.groups;
        let is_known = !self.visit.is_whole()
            || id == HOME
            || STOCK_GROUPS.contains(&id)
            || groups.keys().any(|known| known.as_str() == id);
        let found = || format!("group_id is `{}`", short(id));
        let place = self.place(FileKind::Userconfig);
        (!is_known).then(|| Finding::new(Rule::GroupUnknown, place, found()))
    }
}

/// An icon that cannot be drawn, in the file of that kind.
pub(super) fn damaged_icon(
    visit: &Visit<'_>,
    address: Address,
    kind: FileKind,
    damage: &str,
) -> Finding {
    let look = visit.looks.get(&(address.clone(), kind));
    let rule = match look {
        Some(look) if look.has_spaced_icon => Rule::IconPlus,
        Some(_) | None => Rule::IconDamaged,
    };
    let place = Place::File(address, kind);
    Finding::new(rule, place, format!("base64_png_image {damage}")).mended_by(Mend::Apply)
}

/// Which characters of a label the panel takes for something else.
pub(super) fn traps(label: &str) -> Option<String> {
    let found: Vec<String> = TRAPS
        .iter()
        .filter(|trap| label.contains(**trap))
        .map(|trap| format!("`{trap}`"))
        .collect();
    (!found.is_empty()).then(|| format!("the label holds {}", found.join(" and ")))
}

/// The start of a text that may be of any length.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => text.get(..end).unwrap_or(text).to_owned() + "…",
        None => text.to_owned(),
    }
}

fn is_plain(url: &str) -> bool {
    let scheme = url.trim_start().get(..7);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

fn is_given(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

fn is_empty(token: &FoundToken) -> bool {
    !token.is_there() || token.seen().map(Secret::expose) == Some("")
}
