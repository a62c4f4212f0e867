//! Folders to watch, in real folders. Where a test changes something, it says
//! so: one of the watched folders must have got another entry.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests make folders of manifests"
)]

use super::*;
use crate::manifest::{HostPolicy, OwnerCheck, Reload};
use std::os::unix::fs::symlink;
use tempfile::TempDir;

const MANIFEST: &str = "version: 1\nusers: { alice: { links: { B: { implements: x, label: B, url: 'https://a.example/' } } } }\n";

struct Place {
    _folder: TempDir,
    root: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        Self {
            _folder: folder,
            root,
        }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn link(&self, path: &str, target: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
    }

    /// What is watched, by paths below this place.
    fn watched(&self, arguments: &[&str]) -> Vec<String> {
        let arguments: Vec<_> = arguments.iter().map(|path| self.at(path)).collect();
        let mut loader = Loader::default();
        let policy = HostPolicy::default();
        let Reload::Loaded(loaded) = loader.load(&arguments, &b""[..], OwnerCheck::Off, &policy)
        else {
            panic!("the first load is new");
        };
        self.shown(&loader.folders_to_watch(&arguments, loaded.manifest.as_ref()))
    }

    fn shown(&self, folders: &Folders) -> Vec<String> {
        assert!(!folders.is_cut_off);
        let paths = folders.paths.iter();
        let below = paths.map(|path| path.strip_prefix(&self.root).expect("outside"));
        below.map(|path| path.display().to_string()).collect()
    }
}

#[test]
fn of_a_file_its_folder_is_watched() {
    let place = Place::new();
    place.write("etc/a.yaml", MANIFEST);
    place.write("etc/other/b.yaml", MANIFEST);
    assert_eq!(place.watched(&["etc/a.yaml"]), ["etc"]);
}

#[test]
fn of_a_folder_all_that_are_looked_into_are_watched() {
    let place = Place::new();
    place.write("m/a.yaml", MANIFEST);
    place.write("m/deep/er/notes.txt", "");
    place.write("m/.git/x.yaml", "");
    place.write("elsewhere/x.yaml", MANIFEST);
    place.link("m/link", "../elsewhere");
    assert_eq!(place.watched(&["m"]), ["m", "m/deep", "m/deep/er"]);
}

#[test]
fn a_kubernetes_volume_is_watched_where_its_link_is_swapped() {
    let place = Place::new();
    place.write("m/..2026_1/a.yaml", MANIFEST);
    place.link("m/..data", "..2026_1");
    place.link("m/a.yaml", "..data/a.yaml");
    assert_eq!(place.watched(&["m"]), ["m", "m/..2026_1"]);
    assert_eq!(place.watched(&["m/a.yaml"]), ["m", "m/..2026_1"]);
    place.write("m/..2026_2/a.yaml", MANIFEST);
    fs::remove_file(place.at("m/..data")).unwrap();
    place.link("m/..data", "..2026_2");
    assert_eq!(place.watched(&["m"]), ["m", "m/..2026_2"]);
}

#[test]
fn a_link_on_the_way_is_watched_where_it_lies_and_where_it_leads() {
    let place = Place::new();
    place.write("releases/42/links/a.yaml", MANIFEST);
    place.link("srv/current", "../releases/42");
    let expect = ["releases/42/links", "srv"];
    assert_eq!(place.watched(&["srv/current/links"]), expect);
    assert_eq!(place.watched(&["srv/current/links/a.yaml"]), expect);
    let absolute = place.at("srv/current").display().to_string();
    place.link("etc/cplinks", &absolute);
    assert_eq!(
        place.watched(&["etc/cplinks/links"]),
        ["etc", "releases/42/links", "srv"]
    );
}

#[test]
fn what_is_missing_is_watched_where_it_can_come_back() {
    let place = Place::new();
    assert_eq!(place.watched(&["m/a.yaml"]), [""]);
    fs::create_dir(place.at("m")).unwrap();
    assert_eq!(place.watched(&["m/a.yaml"]), ["m"]);
    place.link("m/a.yaml", "../later/a.yaml");
    assert_eq!(place.watched(&["m/a.yaml"]), ["", "m"]);
    // What is no folder is none to look into.
    place.write("file", "");
    assert_eq!(place.watched(&["file/a.yaml"]), [""]);
}

#[test]
fn links_in_a_circle_lead_nowhere() {
    let place = Place::new();
    place.link("a", "b");
    place.link("b", "a");
    assert_eq!(place.watched(&["a/m.yaml"]), [""]);
}

#[test]
fn icons_and_token_files_are_watched_where_they_lie() {
    let place = Place::new();
    let text = "version: 1
apps:
  B: { implements: x, label: B, url: 'https://a.example/', icon: icons/b.png, token: { file: 'tokens/{{ user }}/t' } }
users:
  alice: { links: { B: {} } }
  bob: { links: { B: { token: { file: bob/t } } } }
  carol: { links: { B: { icon: null, token: keep } } }
";
    place.write("m/a.yaml", text);
    let neutral = include_bytes!("../../model/neutral.png");
    fs::create_dir(place.at("m/icons")).unwrap();
    fs::write(place.at("m/icons/b.png"), neutral).unwrap();
    place.write("m/tokens/alice/t", "x");
    assert_eq!(
        place.watched(&["m/a.yaml"]),
        ["m", "m/icons", "m/tokens/alice"]
    );
    // The icon of a manifest that is wrong is watched all the same.
    fs::remove_file(place.at("m/icons/b.png")).unwrap();
    assert_eq!(place.watched(&["m/a.yaml"]), ["m", "m/icons"]);
}

#[test]
fn a_manifest_leads_to_no_folder_outside_its_own() {
    let place = Place::new();
    let text = MANIFEST.replace("label: B", "label: B, icon: out/b.png");
    place.write("m/a.yaml", &text);
    place.write("secret/b.png", "");
    place.link("m/out", "../secret");
    assert_eq!(place.watched(&["m/a.yaml"]), ["m"]);
    let text = MANIFEST.replace("label: B", "label: B, icon: ../secret/b.png");
    place.write("m/a.yaml", &text);
    assert_eq!(place.watched(&["m/a.yaml"]), ["m"]);
}

#[test]
fn policy_and_secrets_are_watched_where_they_lie_or_come() {
    let place = Place::new();
    place.write("run/secrets.json", "{}");
    place.link("etc/cplinks/secrets.json", "../../run/secrets.json");
    let paths = [
        place.at("etc/cplinks/secrets.json"),
        place.at("etc/policy/policy.yaml"),
    ];
    let folders = folders_of_files(paths.iter().map(PathBuf::as_path));
    assert_eq!(place.shown(&folders), ["etc", "etc/cplinks", "run"]);
}

#[test]
fn no_manifest_takes_more_than_its_share_of_watches() {
    let mut ways = Ways::default();
    for i in 0..MAX_FOLDERS {
        ways.watch(&PathBuf::from(format!("/{i}")));
    }
    ways.watch(Path::new("/0"));
    assert!(!ways.folders.is_cut_off, "it is watched already");
    ways.watch(Path::new("/one-more"));
    assert!(ways.folders.is_cut_off);
    assert_eq!(ways.folders.paths.len(), MAX_FOLDERS);
}
