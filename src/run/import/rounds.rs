//! The two rounds of an import over all users: what they share is counted,
//! then everything is written.

use super::super::signal::Signals;
use super::super::{Exit, Stop};
use super::advised;
use super::judge::Judge;
use super::place::Stage;
use crate::import::{MANIFEST, Notes, Pages, Survey, Templates, manifest, secret_line};
use crate::model::{AppName, Icon, UserName};
use crate::plan::Owned;
use anyhow::anyhow;
use std::collections::{BTreeMap, BTreeSet};

/// Most bytes of a manifest file, and of a secrets file, that are read.
const MAX_FILE: usize = 64 * 1024 * 1024;

/// An import that goes on.
pub(super) struct Import<'a> {
    pub(super) judge: Judge<'a>,
    /// Those in scope.
    pub(super) users: Vec<UserName>,
    pub(super) owned: Owned,
    pub(super) signals: &'a Signals,
}

/// What was written, as numbers.
pub(super) struct Written {
    pub(super) users: usize,
    pub(super) links: usize,
    pub(super) templates: (usize, usize),
    pub(super) icons: usize,
    pub(super) tokens: usize,
}

impl Import<'_> {
    /// The first round.
    pub(super) fn survey(&mut self) -> Result<(Survey, Notes), Stop> {
        let mut survey = Survey::default();
        let mut listed: BTreeMap<&UserName, BTreeSet<AppName>> = BTreeMap::new();
        let ours: BTreeSet<&UserName> = self.owned.users().collect();
        for user in &self.users {
            check_signals(self.signals)?;
            let imported = self.judge.user(user);
            if ours.contains(user) {
                let apps = imported.taken().map(|(app, _)| app.clone()).collect();
                listed.insert(user, apps);
            }
            survey.add(&imported);
        }
        let leaves_owned = ours.iter().any(|user| {
            let apps = listed.get(user);
            let mut ours = self.owned.apps(user);
            ours.any(|app| apps.is_none_or(|apps| !apps.contains(app)))
        });
        let has_whmcs = survey
            .taken_apps()
            .any(|app| app.as_str().starts_with("WHMCS_"));
        let notes = Notes {
            leaves_owned,
            has_whmcs,
        };
        Ok((survey, notes))
    }

    /// The second round.
    pub(super) fn write(
        &mut self,
        templates: &Templates,
        notes: Notes,
        stage: &mut Stage,
    ) -> Result<Written, Stop> {
        let text = manifest(templates, notes);
        if text.len() > MAX_FILE {
            return Err(too_much("the templates of all apps"));
        }
        stage.write(MANIFEST, text.as_bytes())?;
        let mut shared_icons = templates.icons();
        let mut written = Written {
            users: 0,
            links: 0,
            templates: templates.counts(),
            icons: shared_icons.len(),
            tokens: 0,
        };
        let header = "# Tokens by USER/APP, for `--secrets`. Keep it out of Git.\n";
        stage.secret(header)?;
        let mut secret_bytes = header.len();
        let mut pages = Pages::new(templates);
        for user in &self.users {
            check_signals(self.signals)?;
            let imported = self.judge.user(user);
            for (_, fields) in imported.taken() {
                written.links += 1;
                if let Some(icon) = &fields.link.icon
                    && let Some(file) = shared_icons.remove(&*icon.hash())
                {
                    stage.write(&file, &png(icon)?)?;
                }
            }
            for (app, token) in imported.tokens() {
                let line = secret_line(user, app, token);
                secret_bytes += line.len();
                stage.secret(&line)?;
                written.tokens += 1;
            }
            written.users += usize::from(imported.taken().next().is_some());
            put(pages.add(&imported), &mut pages, stage)?;
        }
        put(pages.end(), &mut pages, stage)?;
        written.icons += pages.icons().len();
        if written.tokens == 0 {
            // A file with nothing in it is no map.
            stage.secret("{}\n")?;
        }
        if secret_bytes > MAX_FILE {
            return Err(too_much("the tokens"));
        }
        if !shared_icons.is_empty() {
            return Err(advised(
                anyhow!("links changed while they were read"),
                "run it again",
            ));
        }
        Ok(written)
    }
}

/// A signal ends it before anything is in its place.
fn check_signals(signals: &Signals) -> Result<(), Stop> {
    match signals.seen() {
        None => Ok(()),
        Some(signal) => Err(Stop {
            exit: Exit::Interrupted(signal),
            error: anyhow!("interrupted by signal {signal}; nothing was written"),
            hint: None,
        }),
    }
}

fn too_much(what: &str) -> Stop {
    advised(
        anyhow!("{what} are more than the 64 MiB that one file may have"),
        "import in parts, to several folders, with --user",
    )
}

/// Writes a page that is full, and the icons that were named since the last.
fn put(
    page: Option<(String, String)>,
    pages: &mut Pages<'_>,
    stage: &mut Stage,
) -> Result<(), Stop> {
    if let Some((name, text)) = page {
        if text.len() > MAX_FILE {
            return Err(too_much("the links of one user"));
        }
        stage.write(&name, text.as_bytes())?;
    }
    for (name, icon) in pages.icons().take_fresh() {
        stage.write(&name, &png(&icon)?)?;
    }
    Ok(())
}

/// The bytes of an icon that was checked.
fn png(icon: &Icon) -> anyhow::Result<Vec<u8>> {
    match icon {
        Icon::Image(bytes) => Ok(bytes.to_vec()),
        Icon::Damaged(_) => Err(anyhow!("links changed while they were read")),
    }
}
