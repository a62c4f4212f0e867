//! The files of an account under a root, in bytes: those that its links and
//! groups should have, less what drifted, and those of foreign links.

use super::apps::groups;
use super::dice::{Dice, Purpose, Share};
use super::drift::Drift;
use super::links::{Account, Wanted};
use super::{Fleet, cpanel};
use cplinks::codec::menu::Pictured;
use cplinks::codec::{adminconfig, group, menu, userconfig};
use cplinks::model::{AppName, FileKind, MenuEntry, Secret, UserName};

/// A file to be written.
#[derive(Debug)]
pub(super) struct File {
    pub(super) kind: FileKind,
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) mode: u32,
}

/// All files of an account, and how many of its links drifted.
pub(super) fn files(fleet: &Fleet, mut account: Account, number: usize) -> (Vec<File>, usize) {
    let mut files = Vec::new();
    let mut drifted = 0;
    let drifts = &mut Dice::new(fleet.seed, Purpose::Drift, number);
    let bytes = &mut Dice::new(fleet.seed, Purpose::Bytes, number);
    let user = UserName::parse(&account.name).unwrap();
    for (id, wanted) in groups(fleet) {
        let entry = MenuEntry::of_group(&id, &wanted);
        let config = group::render(&wanted, None);
        let menu = menu::render(&entry, Pictured::No, None);
        let mut group = [
            file(
                FileKind::Userconfig,
                format!("group_{id}.userconfig"),
                config,
            ),
            file(FileKind::Menu, format!("dynamicui_group_{id}.conf"), menu),
        ];
        rewrite(&mut group, fleet.cpanel, bytes);
        files.extend(group);
    }
    for wanted in &mut account.links {
        let drift = drifts.hits(fleet.drift).then(|| {
            drifted += 1;
            Drift::strike(wanted, drifts)
        });
        let mut link = link(&user, wanted);
        rewrite(&mut link, fleet.cpanel, bytes);
        files.extend(struck(link, drift));
    }
    for wanted in &account.foreign {
        let mut link = link(&user, wanted);
        rewrite(&mut link, Share::ALL, bytes);
        files.extend(link);
    }
    (files, drifted)
}

/// The files of a link.
fn link(user: &UserName, wanted: &Wanted) -> [File; 3] {
    let app = AppName::parse(wanted.app.name).unwrap();
    let token = wanted.token.clone().map(Secret::new);
    let entry = MenuEntry::of_link(&app, &wanted.link);
    [
        file(
            FileKind::Userconfig,
            format!("{app}.userconfig"),
            userconfig::render(user, &app, &wanted.link, None),
        ),
        file(
            FileKind::Adminconfig,
            format!("{app}.adminconfig"),
            adminconfig::render(token.as_ref(), None).to_vec(),
        ),
        file(
            FileKind::Menu,
            format!("dynamicui_{app}.conf"),
            menu::render(&entry, Pictured::Yes, None),
        ),
    ]
}

fn file(kind: FileKind, name: String, bytes: Vec<u8>) -> File {
    File {
        kind,
        name,
        bytes,
        mode: kind.mode(),
    }
}

/// Writes a share of files as `cPanel` does.
fn rewrite(files: &mut [File], share: Share, dice: &mut Dice) {
    for file in files {
        if dice.hits(share) {
            file.bytes = cpanel::rewrite(&file.bytes, file.kind, dice);
        }
    }
}

/// What is left of a link's files.
fn struck(mut link: [File; 3], drift: Option<Drift>) -> Vec<File> {
    let [config, admin, _] = &mut link;
    match drift {
        Some(Drift::Absent) => return Vec::new(),
        Some(Drift::Broken) => config.bytes.truncate(config.bytes.len() / 2),
        Some(Drift::Mode) => admin.mode = 0o644,
        Some(Drift::Label | Drift::Url | Drift::Hide | Drift::Token | Drift::NoMenu) | None => {}
    }
    let is_left = |file: &File| drift != Some(Drift::NoMenu) || file.kind != FileKind::Menu;
    link.into_iter().filter(is_left).collect()
}
