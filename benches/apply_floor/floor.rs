//! The floor: the least that making these files live costs, with what the
//! promise needs and nothing else. It reads no manifest, compares nothing,
//! takes no lock and remembers nothing; no program that stages and syncs in
//! this order does less.

use rustix::fs::{Mode, OFlags, fchmod, fsync, mkdirat, openat, renameat};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Links in a batch, as in the store.
const BATCH: usize = 256;
/// Threads that stage and sync, as many as in the store.
const SYNCING: usize = 32;
/// The names that a link's files begin or end with, and their modes.
const MODES: [u32; 3] = [0o644, 0o600, 0o644];

/// A link's three files.
#[derive(Debug)]
struct Link {
    user: String,
    app: String,
    files: [Vec<u8>; 3],
}

impl Link {
    fn names(&self) -> [String; 3] {
        let app = &self.app;
        [
            format!("{app}.userconfig"),
            format!("{app}.adminconfig"),
            format!("dynamicui_{app}.conf"),
        ]
    }
}

/// All that the floor writes.
#[derive(Debug)]
pub(crate) struct Payload {
    links: Vec<Link>,
    /// Bytes of the journal, over all batches.
    journal: usize,
}

impl Payload {
    /// What an apply to an empty root left, in its order.
    pub(crate) fn of_apply(root: &Path) -> Self {
        let mut links = Vec::new();
        for user in names(&root.join("links")) {
            let folder = root.join("links").join(&user);
            for name in names(&folder) {
                let Some(app) = name.strip_suffix(".userconfig") else {
                    continue;
                };
                let mut link = Link {
                    user: user.clone(),
                    app: app.to_owned(),
                    files: Default::default(),
                };
                let [u, a, d] = link.names();
                let menu = root.join("dynamicui").join(&user);
                link.files = [folder.join(u), folder.join(a), menu.join(d)]
                    .map(|path| fs::read(path).unwrap());
                links.push(link);
            }
        }
        let journal = root.join(".cplinks/runs/000001/journal");
        let journal = fs::read(journal).unwrap().len();
        Self { links, journal }
    }

    /// Writes it into one file, which is read faster than many.
    pub(crate) fn write(&self, path: &Path) {
        let mut bytes = Vec::new();
        let mut put = |part: &[u8]| {
            let length = u32::try_from(part.len()).unwrap();
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(part);
        };
        put(self.journal.to_string().as_bytes());
        for link in &self.links {
            put(link.user.as_bytes());
            put(link.app.as_bytes());
            link.files.iter().for_each(|file| put(file));
        }
        fs::write(path, bytes).unwrap();
    }

    /// Reads it back.
    pub(crate) fn read(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap();
        let mut rest = bytes.as_slice();
        let mut take = || {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_le_bytes(*length)).unwrap();
            let (part, after) = after.split_at(length);
            rest = after;
            Some(part.to_vec())
        };
        let mut text = || Some(String::from_utf8(take()?).unwrap());
        let journal = text().unwrap().parse().unwrap();
        let mut links = Vec::new();
        while let Some(user) = text() {
            let app = text().unwrap();
            let files = [(); 3].map(|()| text().unwrap().into_bytes());
            links.push(Link { user, app, files });
        }
        Self { links, journal }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn open_folder(parent: &OwnedFd, name: &str) -> OwnedFd {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(parent, name, flags, Mode::empty()).unwrap()
}

fn make_folder(parent: &OwnedFd, name: &str, mode: u32) -> OwnedFd {
    mkdirat(parent, name, Mode::RWXU).unwrap();
    let folder = open_folder(parent, name);
    fchmod(&folder, Mode::from_raw_mode(mode)).unwrap();
    folder
}

/// Makes all files live.
pub(crate) fn run(payload: &Payload, root: &Path) {
    let root: OwnedFd = File::open(root).unwrap().into();
    let work = make_folder(&root, ".floor", 0o700);
    let stage = make_folder(&work, "stage", 0o700);
    let trees = ["links", "dynamicui"].map(|tree| make_folder(&root, tree, 0o751));
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR;
    let mut journal: File = openat(&work, "journal", flags, mode).unwrap().into();
    for folder in [&root, &work] {
        fsync(folder).unwrap();
    }
    let batches = payload.links.len().div_ceil(BATCH);
    let entry = vec![b'-'; payload.journal / batches];
    for batch in payload.links.chunks(BATCH) {
        stage_files(&stage, batch);
        journal.write_all(&entry).unwrap();
        fsync(&journal).unwrap();
        make_live(&stage, &trees, batch);
    }
    fsync(&journal).unwrap();
}

/// Does all of it at once, and comes back when all is done.
fn each<T: Sync>(items: &[T], act: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let follow = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            act(item);
        }
    };
    thread::scope(|scope| {
        for _ in 0..SYNCING.min(items.len()) {
            scope.spawn(follow);
        }
    });
}

/// All at once, and back when each is on the disk.
fn sync_each<F: AsFd + Sync>(files: &[F]) {
    each(files, |file| fsync(file).unwrap());
}

/// All files of a batch, each made and synced by one thread, as in the store.
fn stage_files(stage: &OwnedFd, batch: &[Link]) {
    let mut files = Vec::new();
    for (index, link) in batch.iter().enumerate() {
        for ((name, bytes), mode) in link.names().iter().zip(&link.files).zip(MODES) {
            files.push((format!("{index}-{name}"), bytes, mode));
        }
    }
    each(&files, |(name, bytes, mode)| {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let private = Mode::RUSR | Mode::WUSR;
        let mut file: File = openat(stage, name.as_str(), flags, private).unwrap().into();
        file.write_all(bytes).unwrap();
        fchmod(&file, Mode::from_raw_mode(*mode)).unwrap();
        fsync(&file).unwrap();
    });
    fsync(stage).unwrap();
}

/// The users' folders, then the configurations and tokens of all links, synced
/// before any menu entry may show, and these synced too.
fn make_live(stage: &OwnedFd, trees: &[OwnedFd; 2], batch: &[Link]) {
    let users: BTreeSet<&str> = batch.iter().map(|link| link.user.as_str()).collect();
    let mut folders = Vec::new();
    for user in users {
        let both = trees.each_ref().map(|tree| {
            let is_made = mkdirat(tree, user, Mode::RWXU).is_ok();
            let folder = open_folder(tree, user);
            if is_made {
                fchmod(&folder, Mode::from_raw_mode(0o750)).unwrap();
            }
            folder
        });
        folders.push((user, both));
    }
    for tree in trees {
        fsync(tree).unwrap();
    }
    let folders_of = |link: &Link| {
        let place = folders.binary_search_by_key(&link.user.as_str(), |(user, _)| user);
        &folders[place.unwrap()].1
    };
    for (index, link) in batch.iter().enumerate() {
        let [links, _] = folders_of(link);
        let [u, a, _] = link.names();
        for name in [u, a] {
            renameat(stage, format!("{index}-{name}"), links, &name).unwrap();
        }
    }
    let links: Vec<_> = folders.iter().map(|(_, [links, _])| links).collect();
    sync_each(&links);
    for (index, link) in batch.iter().enumerate() {
        let [_, menu] = folders_of(link);
        let [_, _, d] = link.names();
        renameat(stage, format!("{index}-{d}"), menu, &d).unwrap();
    }
    let menus: Vec<_> = folders.iter().map(|(_, [_, menu])| menu).collect();
    sync_each(&menus);
}
