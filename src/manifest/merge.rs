//! Several files to one manifest: what may be given once, what merges, and
//! the names of everything.

use super::check;
use super::findings::Findings;
use super::icons::Icons;
use super::layer::{Layer, Reader, finding};
use super::part::{LinkPart, Shared, UserPart};
use super::policy::HostPolicy;
use super::problem::{At, Finding, show};
use super::settings::Settings;
use super::sorted::Sorted;
use super::template::{Vars, is_variable};
use super::values::{Entries, Text};
use super::wire::{GroupFields, LinkEntry, Links, ManifestFile, UserFields};
use crate::model::{AppName, Group, GroupId, NameError, Order, UserName};
use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// All files as one manifest, every name and every single value checked.
/// Templates are not expanded: that happens for one link at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    pub(super) settings: Settings,
    pub(super) defaults: Option<Layer>,
    pub(super) apps: BTreeMap<AppName, Layer>,
    pub(super) groups: BTreeMap<GroupId, Group>,
    pub(super) users: BTreeMap<UserName, UserPart>,
    /// The folder of each source.
    pub(super) folders: Vec<PathBuf>,
}

impl Manifest {
    /// The keys that every link of an app is given by its template or by the
    /// defaults, by the names they are written under; what the one gives and
    /// the other takes away is among them.
    pub fn given(&self, app: &AppName) -> BTreeSet<&'static str> {
        let layers = [self.defaults.as_ref(), self.apps.get(app)];
        layers
            .into_iter()
            .flatten()
            .flat_map(Layer::names)
            .collect()
    }

    /// Whether it says anything of a link, also that it should be absent.
    pub fn names(&self, user: &UserName, app: &AppName) -> bool {
        let part = self.users.get(user);
        part.is_some_and(|part| part.links.contains_key(app))
    }

    /// Whether it says anything of an account.
    pub fn has_user(&self, user: &UserName) -> bool {
        self.users.contains_key(user)
    }

    /// The rules for the whole manifest.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The accounts it names.
    pub fn users(&self) -> impl ExactSizeIterator<Item = &UserName> {
        self.users.keys()
    }

    /// How many links it names, `absent` ones too.
    pub fn links(&self) -> usize {
        self.users.values().map(|user| user.links.len()).sum()
    }

    /// How many templates it has.
    pub fn templates(&self) -> usize {
        self.apps.len()
    }

    /// The apps it names anywhere, links of users included.
    pub fn apps(&self) -> impl Iterator<Item = &AppName> {
        self.apps
            .keys()
            .chain(self.users.values().flat_map(|user| user.links.keys()))
    }
}

/// Merges files in the order in which they were given, each with the index of
/// its source: a source that does not parse has none.
pub(super) fn merge<F: Borrow<ManifestFile>>(
    files: Vec<(usize, F)>,
    folders: Vec<PathBuf>,
    icons: &Icons,
    policy: &HostPolicy,
    findings: &mut Findings,
) -> Manifest {
    let settings = merge_settings(&files, policy, findings);
    let mut merging = Merging {
        reader: Reader {
            settings: &settings,
            icons,
            findings,
            literal_tokens: (0, None),
        },
        defaults: None,
        apps: BTreeMap::new(),
        groups: BTreeMap::new(),
        users: BTreeMap::new(),
        shared: BTreeMap::new(),
        unmanaged: BTreeMap::new(),
    };
    // Each file is dropped as soon as it is merged, where it is not borrowed.
    for (source, file) in files {
        merging.add(source, file.borrow());
    }
    merging.finish_shared();
    merging.finish_tokens();
    merging.finish_unmanaged();
    merging.finish_twins();
    let Merging {
        defaults,
        apps,
        groups,
        users,
        ..
    } = merging;
    Manifest {
        defaults,
        apps,
        groups: groups
            .into_iter()
            .map(|(id, (_, group))| (id, group))
            .collect(),
        users,
        folders,
        settings,
    }
}

fn merge_settings<F: Borrow<ManifestFile>>(
    files: &[(usize, F)],
    policy: &HostPolicy,
    findings: &mut Findings,
) -> Settings {
    let mut first: Option<(usize, Settings)> = None;
    for (source, file) in files {
        let (source, file) = (*source, file.borrow());
        check_version(source, file, findings);
        let Some(wire) = &file.settings else { continue };
        let settings = Settings::read(source, wire, policy, findings);
        match &first {
            None => first = Some((source, settings)),
            Some((before, _)) => findings.push(given_twice(source, *before, &["settings"])),
        }
    }
    first.map_or_else(|| Settings::of_host(policy), |(_, settings)| settings)
}

fn check_version(source: usize, file: &ManifestFile, findings: &mut Findings) {
    match &file.version {
        Some(Text(version)) if **version == *"1" => {}
        Some(Text(version)) => {
            let at = At::value(source, &["version"]);
            let message = format!("unknown manifest version {}", show(version));
            findings
                .push(Finding::error("version", at, message).hint("this cplinks reads version 1"));
        }
        None => {
            let at = At::key(source, &[]);
            findings.push(
                Finding::error("version", at, "the manifest does not state its version")
                    .hint("begin it with `version: 1`"),
            );
        }
    }
}

fn given_twice(source: usize, before: usize, path: &[&str]) -> Finding {
    let message = format!("`{}` is given twice", path.join("."));
    Finding::error("given-twice", At::key(source, path), message)
        .label("again here")
        .also(At::key(before, path), "first given here")
}

struct Merging<'a> {
    reader: Reader<'a>,
    defaults: Option<Layer>,
    apps: BTreeMap<AppName, Layer>,
    groups: BTreeMap<GroupId, (usize, Group)>,
    users: BTreeMap<UserName, UserPart>,
    /// The users whom several sources name; what `users` has of them does not
    /// count until the end.
    shared: BTreeMap<UserName, Shared>,
    /// Apps that links name and `settings` leaves out, and the first link.
    unmanaged: BTreeMap<AppName, At>,
}

impl Merging<'_> {
    fn push(&mut self, finding: Finding) {
        self.reader.findings.push(finding);
    }

    fn add(&mut self, source: usize, file: &ManifestFile) {
        if let Some(fields) = &file.defaults {
            let layer = self.reader.layer(source, &["defaults"], fields);
            match &self.defaults {
                None => self.defaults = Some(layer),
                Some(before) => {
                    let finding = given_twice(source, before.source, &["defaults"]);
                    self.push(finding);
                }
            }
        }
        for (text, fields) in &file.groups.0 {
            self.add_group(source, text, fields);
        }
        for (text, fields) in &file.apps.0 {
            let path: [&str; 2] = ["apps", text];
            let app = self.name(source, &path, "app", text, AppName::parse_shared);
            // What stands below a bad name is looked at all the same.
            let layer = self.reader.layer(source, &path, fields);
            let Some(app) = app else { continue };
            match self.apps.get(&app).map(|before| before.source) {
                None => {
                    self.apps.insert(app, layer);
                }
                Some(before) => self.push(given_twice(source, before, &path)),
            }
        }
        for (text, fields) in &file.users.0 {
            let path: [&str; 2] = ["users", text];
            let user = self.name(source, &path, "user", text, UserName::parse_shared);
            self.add_user(source, text, user.as_ref(), fields);
        }
    }

    fn name<T>(
        &mut self,
        source: usize,
        path: &[&str],
        what: &str,
        text: &Arc<str>,
        parse: fn(&Arc<str>) -> Result<T, NameError>,
    ) -> Option<T> {
        parse(text)
            .map_err(|error| {
                let message = format!("the {what} name {} {error}", show(text));
                self.push(Finding::error("name", At::key(source, path), message));
            })
            .ok()
    }

    fn add_group(&mut self, source: usize, text: &Arc<str>, fields: &GroupFields) {
        let path: [&str; 2] = ["groups", text];
        let id = self.name(source, &path, "group", text, |text| GroupId::parse(text));
        let label = fields
            .label
            .as_ref()
            .map(|Text(label)| label.as_ref().to_owned());
        if let Some(label) = &label {
            for breach in check::label(label) {
                let at = At::value(source, &["groups", text, "label"]);
                self.push(finding(breach, at));
            }
        } else {
            let message = format!("the group {} has no label", show(text));
            self.push(Finding::error("required", At::key(source, &path), message));
        }
        let order = fields.order.as_ref().and_then(|Text(order)| {
            check::group_order(order)
                .map_err(|breach| {
                    self.push(finding(
                        breach,
                        At::value(source, &["groups", text, "order"]),
                    ));
                })
                .ok()
        });
        let group = Group {
            label,
            order: order.map(Order::from),
        };
        let Some(id) = id else { return };
        match self.groups.get(&id).map(|(before, _)| *before) {
            None => {
                self.groups.insert(id, (source, group));
            }
            Some(before) => self.push(given_twice(source, before, &path)),
        }
    }

    /// Adds a user's part; one whose name is none is only looked at.
    fn add_user(
        &mut self,
        source: usize,
        name: &str,
        user: Option<&UserName>,
        fields: &UserFields,
    ) {
        // Most users stand in one source, whose entries are in order already.
        let mut before = user.and_then(|user| self.take_known(user));
        let vars = self.read_vars(source, name, fields, before.as_mut());
        let links = self.read_links(source, name, fields, before.as_mut());
        let Some(user) = user else { return };
        if let Some(shared) = before {
            self.shared.insert(user.clone(), shared);
        } else {
            let part = UserPart {
                source,
                vars,
                links,
            };
            self.users.insert(user.clone(), part);
        }
    }

    /// What sources before this one say about a user.
    fn take_known(&mut self, user: &UserName) -> Option<Shared> {
        let shared = self.shared.remove(user);
        shared.or_else(|| {
            self.users
                .get_mut(user)
                .map(|part| std::mem::take(part).into())
        })
    }

    fn finish_shared(&mut self) {
        for (user, shared) in std::mem::take(&mut self.shared) {
            self.users.insert(user, shared.into());
        }
    }

    /// The variables of a user, where no source before gave any.
    fn read_vars(
        &mut self,
        source: usize,
        name: &str,
        fields: &UserFields,
        mut before: Option<&mut Shared>,
    ) -> Vars {
        for (var, Text(value)) in &fields.vars.0 {
            let path: [&str; 4] = ["users", name, "vars", var];
            if !is_variable(var) {
                let message = format!("{} cannot name a variable", show(var));
                let finding = Finding::error("name", At::key(source, &path), message)
                    .hint("use letters, digits and `_`, beginning with no digit");
                self.push(finding);
            }
            let before = before.as_mut();
            if let Some(before) = before.and_then(|shared| shared.add_var(var, value, source)) {
                self.push(given_twice(source, before, &path));
            }
        }
        if before.is_some() {
            return Vars::default();
        }
        let vars = fields.vars.0.iter();
        vars.map(|(var, Text(value))| (Arc::clone(var), Arc::clone(value)))
            .collect()
    }

    /// The links of a user, where no source before named any.
    fn read_links(
        &mut self,
        source: usize,
        name: &str,
        fields: &UserFields,
        mut before: Option<&mut Shared>,
    ) -> Sorted<AppName, LinkPart> {
        let Some(Links(Entries(entries))) = &fields.links else {
            let place = At::value(source, &["users", name]);
            if self.reader.findings.is_unread(&place) {
                return Sorted::default();
            }
            let message = format!("the user {} has no `links`", show(name));
            let finding = Finding::error("required", At::key(source, &["users", name]), message)
                .hint("write `links: {}` for a user that should have no links");
            self.push(finding);
            return Sorted::default();
        };
        let mut links = Vec::with_capacity(entries.len());
        for (text, entry) in entries {
            let path: [&str; 4] = ["users", name, "links", text];
            let Some((app, link)) = self.read_link(source, &path, text, entry) else {
                continue;
            };
            match before.as_mut() {
                None => links.push((app, link)),
                Some(shared) => {
                    if let Some(before) = shared.add_link(app, link) {
                        self.push(given_twice(source, before, &path));
                    }
                }
            }
        }
        links.into_iter().collect()
    }

    /// One link as one source has it; `None` if its name is none.
    fn read_link(
        &mut self,
        source: usize,
        path: &[&str],
        text: &Arc<str>,
        entry: &LinkEntry,
    ) -> Option<(AppName, LinkPart)> {
        let app = self.name(source, path, "app", text, AppName::parse_shared);
        let layer = match entry {
            LinkEntry::Absent => None,
            LinkEntry::Fields(fields) => Some(self.reader.layer(source, path, fields)),
        };
        let app = app?;
        let settings = self.reader.settings;
        if !(settings.host.apps.allow(&app) && settings.apps.allow(&app)) {
            self.unmanaged
                .entry(app.clone())
                .or_insert_with(|| At::key(source, path));
        }
        Some((app, LinkPart { source, layer }))
    }

    /// One error for each app that may not be managed, at its template if it
    /// has one: the links of a thousand users are right again with it.
    fn finish_unmanaged(&mut self) {
        for (app, link) in std::mem::take(&mut self.unmanaged) {
            let at = match self.apps.get(&app) {
                Some(layer) => At::key(layer.source, &["apps", app.as_str()]),
                None => link,
            };
            self.check_managed(&app, at);
        }
    }

    /// Apps of one user whose files a person would take for each other.
    fn finish_twins(&mut self) {
        for (user, part) in &self.users {
            // Of two names that differ in case alone, one has a capital.
            let has_capital = |app: &AppName| app.as_str().bytes().any(|b| b.is_ascii_uppercase());
            if part.links.len() < 2 || !part.links.keys().any(has_capital) {
                continue;
            }
            let mut known: BTreeMap<String, &AppName> = BTreeMap::new();
            for (app, link) in &part.links {
                let Some(twin) = known.insert(app.as_str().to_ascii_lowercase(), app) else {
                    continue;
                };
                let path = ["users", user.as_str(), "links", app.as_str()];
                let message = format!(
                    "the apps {} and {} differ only in case",
                    show(app.as_str()),
                    show(twin.as_str())
                );
                let finding = Finding::warning("case", At::key(link.source, &path), message);
                self.reader.findings.push(finding);
            }
        }
    }

    fn check_managed(&mut self, app: &AppName, at: At) {
        let settings = self.reader.settings;
        let (whose, hint) = if !settings.host.apps.allow(app) {
            let hint = "the policy of this host decides which apps any manifest may name";
            ("the policy of this host", hint)
        } else if !settings.apps.allow(app) {
            ("`settings`", "see `manage` and `ignore` in `settings`")
        } else {
            return;
        };
        let message = format!(
            "the app {} is outside what {whose} lets cplinks manage",
            show(app.as_str())
        );
        self.push(Finding::error("unmanaged-app", at, message).hint(hint));
    }

    /// One warning for all tokens that stand in the manifest as text.
    fn finish_tokens(&mut self) {
        if let (count, Some(at)) = std::mem::take(&mut self.reader.literal_tokens) {
            let message = match count {
                1 => "a token stands in the manifest as text".to_owned(),
                _ => format!("{count} tokens stand in the manifest as text, the first is here"),
            };
            let hint = "write `{ secret: NAME }` and give the secrets with --secrets";
            self.push(Finding::warning("token-literal", at, message).hint(hint));
        }
    }
}
