//! Whom a manifest that changed is about: a round after an edit needs to read
//! again only what lies on disk for them.

#[cfg(test)]
mod tests;

use super::layer::Layer;
use super::merge::Manifest;
use super::part::{LinkPart, UserPart};
use crate::model::{AppName, UserName};
use std::collections::BTreeSet;

/// The users for whom something else may be wanted than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangedUsers {
    /// What holds for all of them changed: settings, the host's policy,
    /// defaults, groups.
    Everybody,
    /// These, and nobody else. Users that are new or gone are among them.
    Users(BTreeSet<UserName>),
}

impl Manifest {
    /// The users for whom this manifest may want something else than `before`
    /// did. Whoever is not named is wanted just the same links and groups,
    /// given the same tokens; what secrets, variables and token files hold is
    /// not looked at.
    pub fn changed_since(&self, before: &Self) -> ChangedUsers {
        if self.settings != before.settings
            || self.groups != before.groups
            || !self.is_same_layer(self.defaults.as_ref(), before, before.defaults.as_ref())
        {
            return ChangedUsers::Everybody;
        }
        let templates: BTreeSet<&AppName> = self.apps.keys().chain(before.apps.keys()).collect();
        let changed_apps: BTreeSet<&AppName> = templates
            .into_iter()
            .filter(|app| !self.is_same_layer(self.apps.get(app), before, before.apps.get(app)))
            .collect();
        let is_changed = |user: &UserName, part: &UserPart| match before.users.get(user) {
            None => true,
            Some(was) => {
                let has_template = |(app, link): (&AppName, &LinkPart)| {
                    link.layer.is_some() && changed_apps.contains(app)
                };
                !self.is_same_user(part, before, was) || part.links.iter().any(has_template)
            }
        };
        let users = self.users.iter();
        let changed = users.filter(|(user, part)| is_changed(user, part));
        let gone = before.users.keys();
        let gone = gone.filter(|user| !self.users.contains_key(*user));
        let all = changed.map(|(user, _)| user).chain(gone);
        ChangedUsers::Users(all.cloned().collect())
    }

    fn is_same_user(&self, part: &UserPart, before: &Self, was: &UserPart) -> bool {
        let is_same_link = |((app, link), (app_before, link_before)): (
            (&AppName, &LinkPart),
            (&AppName, &LinkPart),
        )| {
            let layers = (link.layer.as_ref(), link_before.layer.as_ref());
            app == app_before && self.is_same_layer(layers.0, before, layers.1)
        };
        part.vars == was.vars
            && part.links.len() == was.links.len()
            && part.links.iter().zip(&was.links).all(is_same_link)
    }

    /// Whether two layers say the same: their values, and the folder that
    /// token files are looked for in. A source's index says nothing, since
    /// another file in front moves it.
    fn is_same_layer(&self, layer: Option<&Layer>, before: &Self, was: Option<&Layer>) -> bool {
        match (layer, was) {
            (None, None) => true,
            (Some(layer), Some(was)) => {
                layer.has_values_of(was)
                    && self.folders.get(layer.source) == before.folders.get(was.source)
            }
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
}
