//! Which links of a user can be taken over: asked of the loader, with the
//! policy of this host, and then of a plan.

use crate::import::{
    Candidate, Fields, IconChecks, ImportedUser, Sifted, Token, broken_groups, candidates,
    document, sift,
};
use crate::manifest::{self, HostPolicy, Loaded, Manifest, OwnerCheck, Problem, Severity, Tokens};
use crate::model::{ActualUser, AppName, DesiredLink, Group, GroupId, Secret, UserName, Wanted};
use crate::plan::{FileOwner, Scope};
use crate::store::{Accounts, RealDisk, Store};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What links are judged by.
pub(in crate::run) struct Judge<'a> {
    pub(in crate::run) store: &'a Store<RealDisk>,
    pub(in crate::run) accounts: Accounts,
    pub(in crate::run) owner: FileOwner,
    pub(in crate::run) policy: &'a HostPolicy,
    pub(in crate::run) scope: &'a Scope,
    /// Settings that hold for what is written, as [`crate::import::settings`] gives them.
    pub(in crate::run) settings: String,
    pub(in crate::run) icons: IconChecks,
}

impl Judge<'_> {
    /// Reads one user.
    pub(in crate::run) fn user(&mut self, user: &UserName) -> ImportedUser {
        let actual = self.read(user);
        let mut imported = self.links(&actual, &|_| true);
        // Where only some apps are asked for, strays are not about them.
        if self.scope.has_all_apps() {
            imported.broken_groups = broken_groups(&actual, &imported.groups);
            imported.strays = actual.strays;
        }
        imported
    }

    /// Reads what lies on disk of a user.
    pub(in crate::run) fn read(&self, user: &UserName) -> ActualUser {
        self.store.read_user(user, self.accounts.look_up(user))
    }

    /// Judges those links of a user that are asked for and in scope.
    pub(in crate::run) fn links(
        &mut self,
        actual: &ActualUser,
        is_asked: &dyn Fn(&AppName) -> bool,
    ) -> ImportedUser {
        let user = &actual.name;
        let is_asked = |app: &AppName| self.scope.has_app(app) && is_asked(app);
        let check_token = |token: &Secret| manifest::check_token(token.expose());
        let mut found = candidates(actual, &is_asked, &mut self.icons, &check_token);
        let desired = self.desired(user, &mut found);
        let sifted = if desired.is_empty() {
            Sifted::default()
        } else {
            sift(actual, &found, desired, self.owner)
        };
        ImportedUser::new(user.clone(), found, sifted)
    }

    /// Whether a manifest may declare a group.
    pub(in crate::run) fn is_valid_group(&self, id: &GroupId, group: &Group) -> bool {
        let text = crate::import::group_document(id, group);
        text.is_some_and(|text| self.load(&text).is_ok())
    }

    /// What a manifest of the candidates asks for. Those that it may not hold
    /// are left.
    fn desired(
        &self,
        user: &UserName,
        found: &mut BTreeMap<AppName, Candidate>,
    ) -> BTreeMap<AppName, DesiredLink> {
        let open = found
            .iter()
            .filter_map(|(app, candidate)| Some((app, candidate.fields.as_ref()?)));
        let open: BTreeMap<_, _> = open.collect();
        if open.is_empty() {
            return BTreeMap::new();
        }
        // Most users have nothing wrong with them.
        if let Ok(manifest) = self.load(&document(&self.settings, user, &open)) {
            return links(&manifest, user, &open);
        }
        let mut desired = BTreeMap::new();
        let mut refused = BTreeMap::new();
        for (app, fields) in open {
            let one = BTreeMap::from([(app, fields)]);
            match self.load(&document(&self.settings, user, &one)) {
                Ok(manifest) => desired.extend(links(&manifest, user, &one)),
                Err(why) => {
                    refused.insert(app.clone(), why);
                }
            }
        }
        for (app, refusal) in refused {
            let Some(candidate) = found.get_mut(&app) else {
                continue;
            };
            candidate.left.push(refusal.why());
            if let Some(fields) = &mut candidate.fields
                && fields.token != Token::None
                && refusal.forbids_token()
            {
                fields.token = Token::Asked;
            }
        }
        desired
    }

    /// Loads a text as a manifest, or says what is wrong with it.
    fn load(&self, text: &str) -> Result<Manifest, Refusal> {
        let stdin = [PathBuf::from("-")];
        let Loaded {
            problems, manifest, ..
        } = manifest::load(&stdin, text.as_bytes(), OwnerCheck::Off, self.policy);
        let errors = problems.into_iter();
        let errors = errors.filter(|problem| problem.severity == Severity::Error);
        manifest.ok_or_else(|| Refusal(errors.collect()))
    }
}

/// The errors of a text that does not load.
struct Refusal(Vec<Problem>);

impl Refusal {
    /// Rules by which the host's policy, or the settings of the manifest that
    /// there is, forbid an app, or the host that its token goes to.
    const FORBIDDEN: [&'static str; 2] = ["unmanaged-app", "autologin-host"];

    fn why(&self) -> String {
        let errors = self.0.iter().map(|problem| problem.message.as_str());
        let errors: Vec<_> = errors.collect();
        format!("no manifest may hold it: {}", errors.join("; "))
    }

    /// Whether the token is not to be written anywhere either.
    fn forbids_token(&self) -> bool {
        let mut rules = self.0.iter().map(|problem| problem.rule);
        rules.any(|rule| Self::FORBIDDEN.contains(&rule))
    }
}

/// The links of a user, with the icons that no text of the manifest held.
fn links(
    manifest: &Manifest,
    user: &UserName,
    found: &BTreeMap<&AppName, &Fields>,
) -> BTreeMap<AppName, DesiredLink> {
    let desired = manifest.desired(user, &Tokens::default());
    let links = desired.into_iter().flat_map(|desired| desired.links);
    let links = links.filter_map(|(app, wanted)| match wanted {
        Wanted::Link(mut link) => {
            link.link.icon.clone_from(&found.get(&app)?.link.icon);
            Some((app, *link))
        }
        Wanted::Absent => None,
    });
    links.collect()
}
