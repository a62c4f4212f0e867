//! Another program that rewrites, deletes and makes link files while applies
//! run: none of its versions is lost. It swaps its files in, so it knows what
//! it displaced itself; whatever else is gone, an apply has taken, and must
//! have kept. And what an apply took for good it must have planned against.

use crate::render;
use crate::sandbox::{Outcome, Sandbox};
use crate::sweep::{say, tries_all};
use crate::tree::Tree;
use crate::world::{MODES, World, version};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// In the label or token of each version that the other program writes.
const MARK: &str = "foreign-";

/// What the other program does next; from a seed, so that a run can be
/// repeated as far as two processes allow.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Knuth's multiplier; the low bits are poor.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 40).unwrap() % sides
    }
}

/// The other program.
struct Writer {
    root: PathBuf,
    /// Where it makes its files ready.
    desk: PathBuf,
    links: Vec<(&'static str, String)>,
    dice: Dice,
    /// The versions that came back into its hands.
    returned: BTreeSet<usize>,
    written: usize,
}

impl Writer {
    /// Does so many things to the links.
    fn write(&mut self, count: usize) {
        for _ in 0..count {
            let (user, app) = self.links[self.dice.roll(self.links.len())].clone();
            let kind = self.dice.roll(3);
            let path = path(&self.root, user, &app, kind);
            // Links that are there more often than not can be replaced.
            if self.dice.roll(5) == 0 {
                self.delete(&path);
            } else {
                self.put(&path, user, &app, kind);
            }
            let pause = self.dice.roll(600);
            thread::sleep(Duration::from_micros(pause.try_into().unwrap()));
        }
    }

    fn put(&mut self, path: &Path, user: &str, app: &str, kind: usize) {
        self.written += 1;
        let mark = format!("{MARK}{:06}", self.written);
        let files = render::link(user, app, &version((user, app), &mark, "one", &mark));
        let desk = self.desk.join("mine");
        fs::write(&desk, &files[kind]).unwrap();
        fs::set_permissions(&desk, fs::Permissions::from_mode(MODES[kind])).unwrap();
        loop {
            if is_moved(&desk, path, RenameFlags::EXCHANGE) {
                return self.take_back(&desk);
            }
            if is_moved(&desk, path, RenameFlags::NOREPLACE) {
                return;
            }
        }
    }

    fn delete(&mut self, path: &Path) {
        let desk = self.desk.join("gone");
        if is_moved(path, &desk, RenameFlags::NOREPLACE) {
            self.take_back(&desk);
        }
    }

    /// Reads what was displaced.
    fn take_back(&mut self, desk: &Path) {
        let bytes = fs::read(desk).unwrap();
        self.returned.extend(number(&bytes));
        fs::remove_file(desk).unwrap();
    }
}

/// Renames, unless the state of the target forbids it.
fn is_moved(from: &Path, to: &Path, flags: RenameFlags) -> bool {
    match renameat_with(CWD, from, CWD, to, flags) {
        Ok(()) => true,
        Err(Errno::NOENT | Errno::EXIST) => false,
        Err(error) => panic!("cannot rename `{}`: {error}", to.display()),
    }
}

fn path(root: &Path, user: &str, app: &str, kind: usize) -> PathBuf {
    root.join(
        [
            format!("links/{user}/{app}.userconfig"),
            format!("links/{user}/{app}.adminconfig"),
            format!("dynamicui/{user}/dynamicui_{app}.conf"),
        ][kind]
            .as_str(),
    )
}

/// Which of the other program's versions these bytes are.
fn number(bytes: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(bytes);
    let (_, rest) = text.split_once(MARK)?;
    rest.get(..6)?.parse().ok()
}

/// Six links in two versions of the manifest, so that there is always
/// something to do.
fn worlds() -> [World; 2] {
    ["Odd", "Even"].map(|label| {
        let mut world = World::default();
        for user in ["alba", "bruno", "carla"] {
            world.add_group(user, Some("Acme Hosting"));
            for app in ["ours", "shared"] {
                let old = version((user, app), "Before", "one", "old");
                world.add_link(user, app, Some(old), |_| {
                    version((user, app), label, "one", label)
                });
            }
        }
        world
    })
}

/// What the applies did, as they tell it.
#[derive(Default)]
struct Tally {
    applies: usize,
    undisturbed: usize,
    reported: usize,
    violations: Vec<String>,
}

impl Tally {
    fn add(&mut self, outcome: &Outcome, tree: &Tree) {
        self.applies += 1;
        let count = |word: &str| outcome.stdout.matches(word).count();
        self.reported += count("changed by someone else");
        self.undisturbed += usize::from(outcome.code == Some(0));
        if !matches!(outcome.code, Some(0 | 1)) || outcome.stderr.contains("panicked") {
            self.violations.push(outcome.shown());
        }
        if outcome.code == Some(1) && !outcome.says_why() {
            self.violations
                .push(format!("no reason: {}", outcome.shown()));
        }
        self.check_planned(outcome, tree);
    }

    /// Whatever this run replaced for good is in its plan: the label of each
    /// configuration that it keeps as old was shown as what is there before,
    /// or its link is reported.
    fn check_planned(&mut self, outcome: &Outcome, tree: &Tree) {
        let Some(run) = run_of(outcome) else { return };
        let kept = format!("{run}/old/");
        for (path, node) in tree.ours() {
            let name = path.strip_prefix(&kept);
            let Some(address) = name.and_then(|name| name.strip_suffix(".userconfig")) else {
                continue;
            };
            let Some(version) = node.bytes.as_deref().and_then(number) else {
                continue;
            };
            let mark = format!("{MARK}{version:06}");
            if !outcome.stdout.contains(&mark) && !outcome.reports(address) {
                self.violations
                    .push(format!("{mark} was replaced and never planned against"));
            }
        }
    }
}

/// The folder of the run, as the report names it.
fn run_of(outcome: &Outcome) -> Option<String> {
    let (_, rest) = outcome.stdout.rsplit_once(".cplinks/runs/")?;
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some(format!(".cplinks/runs/{number}"))
}

#[test]
fn no_version_that_another_program_writes_is_lost() {
    let count = if tries_all() { 20_000 } else { 1_000 };
    let worlds = worlds();
    let sandbox = Sandbox::of(&worlds[0]);
    fs::create_dir(sandbox.path("desk")).unwrap();
    let links = worlds[0]
        .items
        .iter()
        .filter(|i| !i.name.starts_with("group_"));
    let mut writer = Writer {
        root: sandbox.root(),
        desk: sandbox.path("desk"),
        links: links.map(|item| (item.user, item.name.clone())).collect(),
        dice: Dice(42),
        returned: BTreeSet::new(),
        written: 0,
    };
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let writing = scope.spawn(|| writer.write(count));
        while !writing.is_finished() {
            sandbox.set_manifest(&worlds[tally.applies % 2]);
            let outcome = sandbox.apply();
            let kept = Tree::read(&sandbox.path("root/.cplinks"));
            tally.add(&outcome, &kept.below(".cplinks"));
        }
    });
    let lost = lost(&writer, &sandbox.tree());
    say(&format!(
        "foreign writer: {count} updates, {} applies ({} undisturbed), \
         {} times reported as changed by someone else, {} lost",
        tally.applies,
        tally.undisturbed,
        tally.reported,
        lost.len()
    ));
    assert_eq!(lost, Vec::<usize>::new());
    assert_eq!(tally.violations, Vec::<String>::new());
    assert!(
        tally.reported > 0,
        "no update came between a plan and its apply"
    );
    sandbox.apply().expect(0);
    let tree = sandbox.tree();
    sandbox.apply().expect(0);
    assert_eq!(tree.differences(&sandbox.tree()), Vec::<String>::new());
}

/// Versions that are neither live, nor kept, nor were displaced by their own
/// writer.
fn lost(writer: &Writer, tree: &Tree) -> Vec<usize> {
    let found: BTreeSet<usize> = tree
        .0
        .values()
        .filter_map(|node| number(node.bytes.as_deref()?))
        .collect();
    (1..=writer.written)
        .filter(|version| !writer.returned.contains(version) && !found.contains(version))
        .collect()
}
