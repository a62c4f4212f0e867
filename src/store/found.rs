//! What a finished run found, read back from its folder and held against what
//! is there now. Reads only.

use super::Store;
use super::disk::Disk;
use super::error::StoreError;
use super::key::RunKey;
use super::read::sha256;
use super::record::{ChangeRecord, FileRecord, RunRecord};
use crate::codec::{self, FormatError};
use crate::model::{ActualGroup, ActualLink, ActualUser, FileKind, Found, Lies, Ownership, Stamp};
use crate::plan::{self, Address, FileChange, Now, Touch, Undoable};

/// A link of which nothing is there.
const NO_LINK: ActualLink = ActualLink {
    userconfig: Lies::Absent,
    adminconfig: Lies::Absent,
    menu: Lies::Absent,
};
/// A group of which nothing is there.
const NO_GROUP: ActualGroup = ActualGroup {
    userconfig: Lies::Absent,
    menu: Lies::Absent,
};

impl<D: Disk> Store<D> {
    /// What it takes to bring one change of a run back, where `actual` is what
    /// lies there now.
    pub fn undoable(
        &self,
        run: &RunRecord,
        change: &ChangeRecord,
        actual: &ActualUser,
    ) -> Undoable {
        let past = Past {
            store: self,
            run,
            change,
        };
        let (found, now) = match &change.address {
            Address::Link(_, app) => {
                let live = actual.links.get(app).unwrap_or(&NO_LINK);
                let now = past.now(&[
                    (FileKind::Userconfig, look(&live.userconfig)),
                    (FileKind::Adminconfig, look(&live.adminconfig)),
                    (FileKind::Menu, look(&live.menu)),
                ]);
                let (found, now) = read_back(live, now, |live| past.link(live));
                (plan::Found::Link(app.clone(), found), now)
            }
            Address::Group(_, id) => {
                let live = actual.groups.get(id).unwrap_or(&NO_GROUP);
                let now = past.now(&[
                    (FileKind::Userconfig, look(&live.userconfig)),
                    (FileKind::Menu, look(&live.menu)),
                ]);
                let (found, now) = read_back(live, now, |live| past.group(live));
                (plan::Found::Group(id.clone(), found), now)
            }
        };
        Undoable {
            found,
            touch: Touch {
                userconfig: past.touch(FileKind::Userconfig),
                adminconfig: past.touch(FileKind::Adminconfig),
                menu: past.touch(FileKind::Menu),
            },
            now,
            was_owned: change.was_ours,
            is_last: false,
            token: change.old_token_reference.clone(),
            refusal: None,
        }
    }
}

/// What a run found, if it is to be brought back and its bytes are still kept.
fn read_back<T: Clone>(
    live: &T,
    now: Now,
    read: impl FnOnce(&T) -> Result<T, StoreError>,
) -> (Box<T>, Now) {
    match now {
        Now::AsLeft => match read(live) {
            Ok(found) => (Box::new(found), now),
            Err(error) => (Box::new(live.clone()), Now::Lost(error.to_string())),
        },
        Now::AsFound | Now::Changed(_) | Now::Lost(_) => (Box::new(live.clone()), now),
    }
}

/// What lies at a name now, as far as it is compared.
enum Look<'a> {
    Nothing,
    File(&'a Stamp),
    Other,
}

fn look<T>(lies: &Lies<T>) -> Look<'_> {
    match (lies, lies.stamp()) {
        (_, Some(stamp)) => Look::File(stamp),
        (Lies::Absent, None) => Look::Nothing,
        (Lies::File(_) | Lies::Broken(_) | Lies::Obstacle(_), None) => Look::Other,
    }
}

impl Look<'_> {
    /// Modes and owners are not compared: they are put right, not brought back.
    fn is(&self, version: Option<super::Version>, key: &RunKey) -> bool {
        match (self, version) {
            (Self::Nothing, None) => true,
            (Self::File(stamp), Some(version)) => key.fingerprint(stamp) == version.fingerprint,
            (Self::Nothing | Self::Other, _) | (Self::File(_), None) => false,
        }
    }
}

/// One change of a run, to be read back.
struct Past<'a, D: Disk> {
    store: &'a Store<D>,
    run: &'a RunRecord,
    change: &'a ChangeRecord,
}

impl<D: Disk> Past<'_, D> {
    fn record(&self, kind: FileKind) -> Option<&FileRecord> {
        self.change.files.iter().find(|file| file.kind == kind)
    }

    fn now(&self, live: &[(FileKind, Look<'_>)]) -> Now {
        let key = &self.run.key;
        let version = |kind, which: fn(&FileRecord) -> Option<super::Version>| {
            self.record(kind).and_then(which)
        };
        let changed = live
            .iter()
            .find(|(kind, look)| !look.is(version(*kind, |file| file.after), key));
        let is_as_found = live
            .iter()
            .all(|(kind, look)| look.is(version(*kind, |file| file.before), key));
        match changed {
            _ if is_as_found => Now::AsFound,
            None => Now::AsLeft,
            Some((kind, _)) => Now::Changed(*kind),
        }
    }

    fn touch(&self, kind: FileKind) -> FileChange {
        let Some(file) = self.record(kind) else {
            return FileChange::Keep;
        };
        let content = |version: Option<super::Version>| version.map(|v| v.fingerprint);
        match (content(file.before), content(file.after)) {
            (before, after) if before == after => FileChange::Keep,
            (Some(_), _) => FileChange::Write,
            (None, _) => FileChange::Remove,
        }
    }

    fn link(&self, live: &ActualLink) -> Result<ActualLink, StoreError> {
        let ActualLink {
            userconfig,
            adminconfig,
            menu,
        } = live;
        Ok(ActualLink {
            userconfig: self.file(FileKind::Userconfig, userconfig, codec::userconfig::parse)?,
            adminconfig: self.file(
                FileKind::Adminconfig,
                adminconfig,
                codec::adminconfig::parse,
            )?,
            menu: self.file(FileKind::Menu, menu, codec::menu::parse)?,
        })
    }

    fn group(&self, live: &ActualGroup) -> Result<ActualGroup, StoreError> {
        let ActualGroup { userconfig, menu } = live;
        Ok(ActualGroup {
            userconfig: self.file(FileKind::Userconfig, userconfig, codec::group::parse)?,
            menu: self.file(FileKind::Menu, menu, codec::menu::parse)?,
        })
    }

    /// A file as the run found it. One that it left alone is still live.
    fn file<T: Clone>(
        &self,
        kind: FileKind,
        live: &Lies<T>,
        parse: impl FnOnce(&[u8]) -> Result<T, FormatError>,
    ) -> Result<Lies<T>, StoreError> {
        match self.touch(kind) {
            FileChange::Keep => return Ok(live.clone()),
            FileChange::Remove => return Ok(Lies::Absent),
            FileChange::Write => {}
        }
        let Self { store, run, change } = self;
        let before = self.record(kind).and_then(|file| file.before);
        let bytes = store.old_bytes(&run.id, &change.address, kind)?;
        let (Some(bytes), Some(before)) = (bytes, before) else {
            return Err(self.damaged(kind, "is not there"));
        };
        if run.key.of_bytes(&bytes) != before.fingerprint {
            return Err(self.damaged(kind, "is not what the run kept"));
        }
        let stamp = Stamp {
            sha256: sha256(&bytes),
            ownership: Ownership {
                mode: kind.mode(),
                ..before.ownership
            },
        };
        Ok(match parse(&bytes) {
            Ok(value) => Lies::File(Found { value, stamp }),
            Err(error) => Lies::Broken(Found {
                value: error.to_string(),
                stamp,
            }),
        })
    }

    fn damaged(&self, kind: FileKind, why: &str) -> StoreError {
        StoreError::Damaged {
            path: self
                .store
                .old_path(&self.run.id, &self.change.address, kind),
            why: why.to_owned(),
        }
    }
}
