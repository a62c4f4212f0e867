//! The eyes on real folders: what becomes a hint, and what does not.

#![expect(
    clippy::disallowed_methods,
    reason = "a test that makes and changes files as anybody would"
)]

use super::*;
use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

struct Scene {
    folder: tempfile::TempDir,
    inbox: Arc<Inbox>,
    eyes: Eyes,
}

fn name(name: &str) -> UserName {
    UserName::parse(name).unwrap()
}

impl Scene {
    fn new(users: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        for made in ["root/links", "root/dynamicui", "root/.cplinks", "in"] {
            make(&top.join(made));
        }
        for user in users {
            make(&top.join("root/links").join(user));
            make(&top.join("root/dynamicui").join(user));
        }
        let inbox = Arc::new(Inbox::default());
        let own = vec![top.join("in/metrics")];
        let mut eyes = Eyes::open(&top.join("root"), own, Arc::clone(&inbox)).unwrap();
        let users: Vec<_> = users.iter().map(|user| name(user)).collect();
        eyes.set_users(&users).unwrap();
        let inputs = BTreeSet::from([top.join("in")]);
        assert!(eyes.set_inputs(&inputs, &BTreeSet::new()).unwrap());
        Self {
            folder,
            inbox,
            eyes,
        }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(below)
    }

    /// What came in, up to a fence.
    fn seen(&self) -> Hints {
        let before = self.inbox.fences();
        drop(fs::File::open(self.path("root")).unwrap());
        self.inbox.wait_for_fence(before, Duration::from_secs(20));
        assert!(self.inbox.fences() > before, "the fence was not seen");
        self.inbox.wait(Duration::ZERO)
    }

    fn users(&self) -> Vec<String> {
        let hints = self.seen();
        hints.users.iter().map(ToString::to_string).collect()
    }
}

fn make(path: &Path) {
    fs::DirBuilder::new().recursive(true).create(path).unwrap();
}

#[test]
fn what_happens_below_a_user_is_about_that_user() {
    let scene = Scene::new(&["ann", "bob"]);
    let file = scene.path("root/links/ann/billing.userconfig");
    fs::write(&file, "x").unwrap();
    assert_eq!(scene.users(), ["ann"]);
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    fs::write(scene.path("root/dynamicui/bob/dynamicui_a.conf"), "x").unwrap();
    assert_eq!(scene.users(), ["ann", "bob"]);
    fs::rename(&file, scene.path("root/links/bob/new")).unwrap();
    assert_eq!(scene.users(), ["ann", "bob"]);
    fs::remove_file(scene.path("root/links/bob/new")).unwrap();
    assert_eq!(scene.users(), ["bob"]);
}

#[test]
fn reading_wakes_nobody() {
    let scene = Scene::new(&["ann"]);
    fs::write(scene.path("root/links/ann/a"), "x").unwrap();
    fs::write(scene.path("in/manifest.yaml"), "x").unwrap();
    assert!(scene.seen().inputs);
    for _ in 0..100 {
        fs::read(scene.path("root/links/ann/a")).unwrap();
        fs::read(scene.path("in/manifest.yaml")).unwrap();
        assert_eq!(
            fs::read_dir(scene.path("root/links/ann")).unwrap().count(),
            1
        );
    }
    let hints = scene.seen();
    assert!(hints.when.is_none(), "{hints:?}");
}

#[test]
fn a_folder_that_comes_or_goes_is_watched_anew() {
    let mut scene = Scene::new(&["ann"]);
    fs::rename(scene.path("root/links/ann"), scene.path("gone")).unwrap();
    let hints = scene.seen();
    assert_eq!(hints.folders, BTreeSet::from([(Tree::Links, name("ann"))]));
    scene.eyes.renew(hints.folders).unwrap();
    // What is not there is no user's any more.
    fs::write(scene.path("gone/a"), "x").unwrap();
    assert!(scene.seen().when.is_none());
    make(&scene.path("root/links/ann"));
    let hints = scene.seen();
    assert_eq!(hints.users.len(), 1);
    scene.eyes.renew(hints.folders).unwrap();
    fs::write(scene.path("root/links/ann/a"), "x").unwrap();
    assert_eq!(scene.users(), ["ann"]);
    // A stranger's folder is seen, and not watched.
    make(&scene.path("root/links/eve"));
    let hints = scene.seen();
    scene.eyes.renew(hints.folders).unwrap();
    fs::write(scene.path("root/links/eve/a"), "x").unwrap();
    assert!(scene.seen().when.is_none());
}

#[test]
fn a_user_that_leaves_is_watched_no_longer() {
    let mut scene = Scene::new(&["ann", "bob"]);
    scene.eyes.set_users(&[name("bob"), name("cat")]).unwrap();
    assert_eq!(scene.eyes.len(), 4);
    fs::write(scene.path("root/links/ann/a"), "x").unwrap();
    assert!(scene.seen().when.is_none());
    // One without folders is waited for.
    make(&scene.path("root/dynamicui/cat"));
    let hints = scene.seen();
    scene.eyes.renew(hints.folders).unwrap();
    fs::write(scene.path("root/dynamicui/cat/a"), "x").unwrap();
    assert_eq!(scene.users(), ["cat"]);
}

#[test]
fn a_tree_or_root_that_moves_means_everything() {
    let scene = Scene::new(&["ann"]);
    fs::rename(scene.path("root/links"), scene.path("old")).unwrap();
    let why = scene.seen().rebuild.unwrap();
    assert_eq!(why, "the folder links came or went");
    let scene = Scene::new(&["ann"]);
    fs::remove_dir(scene.path("root/.cplinks")).unwrap();
    let why = scene.seen().rebuild.unwrap();
    assert_eq!(why, "the folder .cplinks came or went");
    let scene = Scene::new(&["ann"]);
    fs::rename(scene.path("root"), scene.path("old")).unwrap();
    let hints = scene.inbox.wait(Duration::from_secs(20));
    assert_eq!(
        hints.rebuild.as_deref(),
        Some("the root was moved or removed")
    );
}

#[test]
fn our_own_folder_and_files_are_not_looked_at() {
    let scene = Scene::new(&["ann"]);
    make(&scene.path("root/.cplinks/runs/1"));
    fs::write(scene.path("root/.cplinks/runs/1/journal"), "x").unwrap();
    fs::write(scene.path("in/metrics"), "x").unwrap();
    let hints = scene.seen();
    assert!(hints.when.is_none(), "{hints:?}");
}

#[test]
fn links_and_folders_beside_the_manifest_are_seen() {
    let mut scene = Scene::new(&[]);
    make(&scene.path("in/..1"));
    symlink("..1", scene.path("in/..data")).unwrap();
    assert!(scene.seen().inputs);
    symlink("..2", scene.path("in/..data_tmp")).unwrap();
    fs::rename(scene.path("in/..data_tmp"), scene.path("in/..data")).unwrap();
    assert!(scene.seen().inputs);
    let wanted = BTreeSet::from([scene.path("in"), scene.path("")]);
    scene.eyes.set_inputs(&wanted, &BTreeSet::new()).unwrap();
    fs::rename(scene.path("in"), scene.path("gone")).unwrap();
    let hints = scene.seen();
    assert_eq!(hints.input_folders, BTreeSet::from([scene.path("in")]));
    make(&scene.path("in"));
    let hints = scene.seen();
    scene
        .eyes
        .set_inputs(&wanted, &hints.input_folders)
        .unwrap();
    fs::write(scene.path("in/manifest.yaml"), "x").unwrap();
    assert!(scene.seen().inputs);
}

#[test]
fn a_folder_that_was_not_there_is_not_taken_for_watched() {
    let mut scene = Scene::new(&[]);
    let wanted = BTreeSet::from([scene.path("in"), scene.path("later")]);
    let nothing = BTreeSet::new();
    assert!(!scene.eyes.set_inputs(&wanted, &nothing).unwrap());
    make(&scene.path("later"));
    assert!(scene.eyes.set_inputs(&wanted, &nothing).unwrap());
    fs::write(scene.path("later/manifest.yaml"), "x").unwrap();
    assert!(scene.seen().inputs);
}

#[test]
fn who_writes_a_manifest_is_known_until_it_is_closed() {
    use std::io::Write as _;
    let scene = Scene::new(&[]);
    let path = scene.path("in/manifest.yaml");
    let mut file = fs::File::create(&path).unwrap();
    assert!(scene.seen().writing.is_empty());
    writeln!(file, "half").unwrap();
    assert_eq!(scene.seen().writing, BTreeSet::from([path.clone()]));
    // Whether somebody looked in between or not.
    assert_eq!(scene.seen().writing, BTreeSet::from([path.clone()]));
    drop(file);
    assert!(scene.seen().writing.is_empty());
    // What takes its place is whole; and a log beside it is no manifest.
    let mut file = fs::File::options().append(true).open(&path).unwrap();
    writeln!(file, "half").unwrap();
    fs::write(scene.path("new"), "x").unwrap();
    fs::rename(scene.path("new"), &path).unwrap();
    let mut log = fs::File::create(scene.path("in/log")).unwrap();
    writeln!(log, "all the time").unwrap();
    assert!(scene.seen().writing.is_empty());
    drop((file, log));
}
