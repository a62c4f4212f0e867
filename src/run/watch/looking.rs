//! What is looked at: the manifest read again, the users it is about, and the
//! folders in which changes show.

use super::inputs::News;
use super::keeper::Keeper;
use crate::manifest::ChangedUsers;
use crate::model::UserName;
use crate::report::{Event, Notice};
use crate::run::{World, pause, record};
use crate::watch::Cause;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// After all folders were watched anew, at least so long nothing of the kind.
const REST: Duration = Duration::from_millis(200);
/// And for each time unit it took, so many.
const SPACING: u32 = 4;
/// How often folders beside the manifest are looked for that go just then.
const TRIES: usize = 3;

impl Keeper<'_> {
    /// Reads manifest, policy and secrets; who they are news to.
    pub(super) fn read_inputs(&mut self, world: &mut World<'_>) -> ChangedUsers {
        let nobody = ChangedUsers::Users(BTreeSet::new());
        match self.inputs.read() {
            News::Same => {
                self.say_manifest_read(None, world);
                nobody
            }
            News::Good(changed) => {
                self.say_manifest_read(Some(&changed), world);
                let ours = std::mem::take(&mut self.ours);
                self.set_users(ours);
                changed
            }
            News::Broken(problems) => {
                self.say_manifest_broken(problems, world);
                nobody
            }
        }
    }

    /// Looks at these users, and at those that the manifest names.
    pub(super) fn set_users(&mut self, ours: BTreeSet<UserName>) {
        let Some(good) = &self.inputs.good else {
            return;
        };
        let named = good.manifest.users().chain(&ours);
        let users = named.filter(|user| self.scope.has_user(user));
        let users: BTreeSet<&UserName> = users.collect();
        let is_same = users.len() == self.users.len() && users.iter().copied().eq(&self.users);
        if !is_same {
            self.users = users.into_iter().cloned().collect();
        }
        self.ours = ours;
        if !is_same
            && !self.is_first_opening
            && let Err(blind) = self.sight.set_users(&self.users)
        {
            self.must_reopen = Some(blind.to_string());
        }
    }

    /// Watches the folders in which the manifest's changes show; `anew` those
    /// that came or went. Where one goes just then, its nearest parent is to be
    /// watched in its place: so it is asked again.
    pub(super) fn watch_inputs(&mut self, anew: &BTreeSet<PathBuf>, world: &mut World<'_>) {
        for _ in 0..TRIES {
            let (folders, is_cut_off) = self.inputs.folders();
            self.say_cut_off(is_cut_off, world);
            match self.sight.set_inputs(folders, anew) {
                Ok(true) => return,
                Ok(false) => {}
                Err(blind) => {
                    self.must_reopen.get_or_insert(blind.to_string());
                    return;
                }
            }
        }
        // They come and go all the time: the next round sees to it.
        self.agenda.note_inputs(self.clock.now());
    }

    /// Watches everything from the beginning: the first time, or since what
    /// was watched is not what the paths name any more.
    pub(super) fn open_eyes(&mut self, world: &mut World<'_>) {
        let begin = self.clock.now();
        let is_first = std::mem::take(&mut self.is_first_opening);
        if let Some(why) = self.must_reopen.take()
            && !is_first
        {
            let notice = Notice::new(Event::Rescan, format!("{why}: folders are watched anew"));
            self.teller.say(&notice, world);
        }
        self.watch_inputs(&BTreeSet::new(), world);
        match self.sight.open(&self.users) {
            Ok(None) => {
                self.teller.forget(Event::Polling, "");
            }
            Ok(Some(why)) => {
                let notice = super::polling::notice(&why, self.users.len());
                self.teller.say_once("", &notice, world);
            }
            Err(why) => {
                // Asked for notices or nothing: the timer is left.
                let notice = Notice::new(Event::Failed, why.to_string())
                    .hint("only the full round on its timer is left; --watcher auto polls");
                self.teller.say_once("watcher", &notice, world);
            }
        }
        // Those that went while the eyes were being opened.
        self.watch_inputs(&BTreeSet::new(), world);
        self.pulse.is_watched = self.sight.has_eyes();
        let now = self.clock.now();
        let cost = now.saturating_sub(begin);
        self.reopen_at = now + REST.max(cost.saturating_mul(SPACING));
    }

    /// A pause that begins or ends is news to those it is about; which those
    /// are, a round over everything finds out.
    pub(super) fn take_pauses(&mut self) {
        let Ok(store) = self.ground.open(&self.args.at) else {
            return;
        };
        let stamp = store.state_stamp();
        if stamp == self.paused.0 {
            return;
        }
        // In the middle of a write it cannot be read; the end of the write is
        // told of too.
        let pauses =
            record::reading_ledger(&store).and_then(|ledger| Ok(ledger.pauses(pause::now())?));
        let Ok(pauses) = pauses else { return };
        let is_news = pauses != self.paused.1;
        self.paused = (stamp, pauses);
        if is_news {
            self.agenda
                .note_everything(Cause::Changes, self.clock.now());
        }
    }
}
