//! The first round: what the links of each app share, without keeping them.

use super::entry::{Slot, fill};
use super::group::{self, GroupFound, GroupSurvey, OddGroup};
use super::templates::{Shared, Templates};
use super::user::ImportedUser;
use super::vote::Vote;
use crate::model::{AppName, Group, GroupId, UserName};
use std::collections::{BTreeMap, BTreeSet};

/// What was counted.
#[derive(Debug, Default)]
pub struct Survey {
    apps: BTreeMap<AppName, AppSurvey>,
    groups: BTreeMap<GroupId, GroupSurvey>,
    all_apps: BTreeSet<AppName>,
    taken: usize,
    left: usize,
    examples: Vec<(UserName, AppName, String)>,
}

#[derive(Debug, Default)]
struct AppSurvey {
    links: usize,
    /// Values as they are, and as templates.
    votes: BTreeMap<Slot, (Vote, Vote)>,
}

impl Survey {
    /// Most links of which is kept why they are left.
    const EXAMPLES: usize = 10;

    /// Counts one user.
    pub fn add(&mut self, user: &ImportedUser) {
        self.all_apps.extend(user.links.keys().cloned());
        for (app, fields) in user.taken() {
            self.taken += 1;
            let app = self.apps.entry(app.clone()).or_default();
            app.links += 1;
            for slot in Slot::ALL {
                let value = slot.of(fields);
                let (plain, templated) = app.votes.entry(slot).or_default();
                plain.add(value.as_deref());
                let template = value.and_then(|value| slot.templated(&value, &user.name));
                templated.add(template.as_deref());
            }
        }
        for (app, why) in user.left() {
            self.left += 1;
            if self.examples.len() < Self::EXAMPLES {
                let example = (user.name.clone(), app.clone(), why.to_owned());
                self.examples.push(example);
            }
        }
        for (id, found) in &user.groups {
            let known = self.groups.entry(id.clone()).or_default();
            known.add(&user.name, found.as_ref());
        }
    }

    /// How many links are taken over, and how many left.
    pub fn counts(&self) -> (usize, usize) {
        (self.taken, self.left)
    }

    /// The first links that are left, and why.
    pub fn examples(&self) -> &[(UserName, AppName, String)] {
        &self.examples
    }

    /// All apps that were met.
    pub fn apps(&self) -> &BTreeSet<AppName> {
        &self.all_apps
    }

    /// The apps of which a link is taken over.
    pub fn taken_apps(&self) -> impl Iterator<Item = &AppName> {
        self.apps.keys()
    }

    /// The templates that follow. `is_valid` says whether a group may be
    /// declared.
    pub fn templates(self, is_valid: &mut dyn FnMut(&GroupId, &Group) -> bool) -> Templates {
        let apps = self.apps.into_iter().filter_map(|(app, survey)| {
            // One link shares nothing with another.
            let shared = (survey.links > 1).then(|| shared(&survey))?;
            (!shared.is_empty()).then_some((app, shared))
        });
        let apps = apps.collect();
        let (mut groups, mut odd_groups) = (BTreeMap::new(), BTreeMap::new());
        for (id, survey) in self.groups {
            match survey.found() {
                GroupFound::Same(group) if is_valid(&id, &group) => {
                    groups.insert(id, group);
                }
                GroupFound::Same(_) => {
                    let why = "a manifest cannot declare it as it lies there".to_owned();
                    odd_groups.insert(id, OddGroup { why, line: None });
                }
                GroupFound::Differs(most, why) => {
                    let most = most.filter(|group| is_valid(&id, group));
                    let line = most.and_then(|group| group::line(&id, &group));
                    odd_groups.insert(id, OddGroup { why, line });
                }
                GroupFound::Nowhere => {}
            }
        }
        Templates {
            apps,
            groups,
            odd_groups,
        }
    }
}

/// What more than half of an app's links have.
fn shared(survey: &AppSurvey) -> Shared {
    let votes = survey.votes.iter();
    let shared = votes.filter_map(|(slot, (plain, templated))| {
        let plain = plain.winner().filter(|_| slot.is_shared());
        let value = templated.winner().or(plain)?;
        Some((*slot, value.to_owned()))
    });
    shared.collect()
}

impl Templates {
    /// What a user's link inherits.
    pub(super) fn inherited(&self, user: &UserName, app: &AppName, slot: Slot) -> Option<String> {
        let value = self.apps.get(app)?.get(&slot)?;
        Some(match slot {
            // The names in a token's reference are for the loader to fill in.
            Slot::Token => value.clone(),
            Slot::Field(_) => fill(value, user),
        })
    }
}
