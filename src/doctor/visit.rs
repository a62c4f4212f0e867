//! One user, looked at whole: the order in which the rules are asked, and what
//! of their answers is in scope.

use super::finding::{Finding, Mend};
use super::icon::Icons;
use super::rule::Rule;
use super::{files, folders, group, link, menu, strays};
use crate::model::{Account, ActualUser, FileKind, Folder, Icon, Lies, Look, Stray};
use crate::plan::{Address, FileOwner, Place, Scope, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// Second looks at single files.
pub type Looks = BTreeMap<(Address, FileKind), Look>;

/// What was found of one user.
#[derive(Debug, Clone, Copy)]
pub struct Visit<'a> {
    /// Its files and folders.
    pub actual: &'a ActualUser,
    /// What lies in its folders beside them, by tree: `links`, `dynamicui`.
    pub strays: &'a [Vec<Stray>; 2],
    /// A second look at what [`Doctor::doubtful`] names.
    pub looks: &'a Looks,
    /// What is cplinks' own of it.
    pub owned: &'a BTreeSet<Address>,
}

impl Visit<'_> {
    /// Whether both folders were read. What lies in one that was not is not
    /// known, so nothing may be called missing.
    pub(super) fn is_whole(&self) -> bool {
        let folders = trees(self.actual);
        let mut folders = folders.iter().map(|(_, folder)| folder);
        !folders.any(|folder| matches!(folder, Folder::Obstacle(_)))
    }

    /// What mends a link whose userconfig is gone. One that is cplinks' own is
    /// put right with the token that it has, which may be the only copy.
    pub(super) fn mend_of_orphan(&self, address: &Address) -> Mend {
        if self.owned.contains(address) {
            Mend::Apply
        } else {
            Mend::RemoveLink
        }
    }
}

/// Judges users, one after the other. It remembers nothing of them but the
/// icons it saw last.
#[derive(Debug)]
pub struct Doctor {
    owner: FileOwner,
    may_swap_folders: bool,
    scope: Scope,
    icons: Icons,
}

impl Doctor {
    /// One that compares owners where they are set. `may_swap_folders` says
    /// that others than root can put other folders in place of users'.
    pub fn new(owner: FileOwner, may_swap_folders: bool, scope: Scope) -> Self {
        Self {
            owner,
            may_swap_folders,
            scope,
            icons: Icons::default(),
        }
    }

    /// The files of a user that are worth a second look: those that we cannot
    /// read, and those whose icon cannot be drawn.
    pub fn doubtful(&mut self, actual: &ActualUser) -> Vec<(Address, FileKind)> {
        let user = &actual.name;
        let mut doubtful = Vec::new();
        for (app, link) in &actual.links {
            let address = || Address::Link(user.clone(), app.clone());
            let config = link.userconfig.value().and_then(|u| u.link.icon.as_ref());
            let entry = link.menu.value().and_then(|menu| menu.entry.icon.as_ref());
            for (kind, is_broken, icon) in [
                (FileKind::Userconfig, is_broken(&link.userconfig), config),
                (FileKind::Adminconfig, is_broken(&link.adminconfig), None),
                (FileKind::Menu, is_broken(&link.menu), entry),
            ] {
                if is_broken || self.is_damaged(icon) {
                    doubtful.push((address(), kind));
                }
            }
        }
        for (id, group) in &actual.groups {
            let icon = group.menu.value().and_then(|menu| menu.entry.icon.as_ref());
            for (kind, is_broken, icon) in [
                (FileKind::Userconfig, is_broken(&group.userconfig), None),
                (FileKind::Menu, is_broken(&group.menu), icon),
            ] {
                if is_broken || self.is_damaged(icon) {
                    doubtful.push((Address::Group(user.clone(), id.clone()), kind));
                }
            }
        }
        doubtful
    }

    fn is_damaged(&mut self, icon: Option<&Icon>) -> bool {
        icon.is_some_and(|icon| self.icons.damage(icon).is_some())
    }

    /// All that is wrong with one user, in the order of the places.
    pub fn visit(&mut self, visit: &Visit<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let actual = visit.actual;
        if actual.account == Account::Missing {
            // Its links are nobody's, whatever else is wrong with them.
            for (tree, folder) in trees(actual) {
                if *folder != Folder::Absent {
                    let place = Place::Folder(tree, actual.name.clone());
                    let found = "no account of this name is in the host's database";
                    let finding = Finding::new(Rule::NoAccount, place, found);
                    findings.push(finding.mended_by(Mend::Aside));
                }
            }
        } else {
            let files = files::Owners {
                owner: self.owner,
                may_swap_links: self.may_swap(actual, &actual.links_folder),
                may_swap_menu: self.may_swap(actual, &actual.menu_folder),
            };
            folders::check(actual, self.owner, self.may_swap_folders, &mut findings);
            for (app, link) in &actual.links {
                let link = link::Case {
                    visit,
                    app,
                    link,
                    files,
                };
                link.check(&mut self.icons, &mut findings);
            }
            for (id, group) in &actual.groups {
                group::check(visit, id, group, files, &mut findings);
            }
            menu::check(visit, &mut self.icons, &mut findings);
            strays::check(visit, files.may_swap_links, &mut findings);
        }
        findings.extend(gone(visit));
        findings.retain(|finding| self.is_in_scope(finding));
        findings.sort_by(|one, other| (&one.place, one.rule).cmp(&(&other.place, other.rule)));
        findings
    }

    /// Whether somebody else than root could put another file into a user's
    /// folder, so that a command comes to something else than was looked at.
    fn may_swap(&self, actual: &ActualUser, folder: &Folder) -> bool {
        self.may_swap_folders || folders::lets_others_write(actual, folder, self.owner)
    }

    /// What is about no app is left out where only some apps are asked for.
    fn is_in_scope(&self, finding: &Finding) -> bool {
        match finding.place.app() {
            Some(app) => self.scope.has_app(app),
            None => self.scope.has_all_apps(),
        }
    }
}

/// The user's folders.
pub(super) fn trees(actual: &ActualUser) -> [(Tree, &Folder); 2] {
    [
        (Tree::Links, &actual.links_folder),
        (Tree::Menu, &actual.menu_folder),
    ]
}

fn is_broken<T>(lies: &Lies<T>) -> bool {
    matches!(lies, Lies::Broken(_))
}

/// What is cplinks' own and is not there.
fn gone(visit: &Visit<'_>) -> Vec<Finding> {
    let actual = visit.actual;
    let is_there = |address: &Address| match address {
        Address::Link(_, app) => actual.links.contains_key(app),
        Address::Group(_, id) => actual.groups.contains_key(id),
    };
    let owned = visit.owned.iter();
    let gone = owned.filter(|of| visit.is_whole() && !is_there(of));
    let finding = |address: &Address| {
        let place = Place::File(address.clone(), FileKind::Userconfig);
        let found = "cplinks wrote or adopted it, and none of its files is there";
        Finding::new(Rule::OwnedGone, place, found).mended_by(Mend::Apply)
    };
    gone.map(finding).collect()
}
