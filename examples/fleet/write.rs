//! A fleet in a folder: `manifest/` with its icons, `secrets.yaml`, `root/`.
//! The modes are those of a real server, the owner is who runs this.

use super::apps::ICONS;
use super::links::Account;
use super::tree::{self, File};
use super::{Fleet, Root, Written, manifest};
use anyhow::{Context as _, bail};
use cplinks::model::FileKind;
use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::thread;

/// The largest manifest file that cplinks reads, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;

/// What one thread wrote under the root.
#[derive(Debug, Default)]
struct Part {
    files: usize,
    bytes: usize,
    drifted: usize,
}

impl Fleet {
    /// Writes it into a folder, which is made if it is not there.
    ///
    /// # Errors
    /// Something lies in the folder, the options do not go together, or a call
    /// failed.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<Written> {
        if self.files > self.users {
            bail!(
                "a manifest of {} files needs as many accounts, and there are {}",
                self.files,
                self.users
            );
        }
        claim(folder)?;
        let manifest_bytes = self.write_manifest(folder)?;
        let root = self.write_root(&folder.join("root"))?;
        Ok(Written {
            folder: folder.to_owned(),
            users: self.users,
            links: self.users * self.links,
            foreign: match self.root {
                Root::Filled => self.users * self.foreign,
                Root::Empty => 0,
            },
            drifted: root.drifted,
            manifest_files: self.files,
            manifest_bytes,
            files: root.files,
            bytes: root.bytes,
        })
    }

    /// The manifest, its icons and the secrets file. Gives the manifest's
    /// bytes.
    fn write_manifest(&self, folder: &Path) -> anyhow::Result<usize> {
        let icons = folder.join("manifest/icons");
        fs::create_dir_all(&icons).with_context(|| format!("cannot make {}", icons.display()))?;
        for (name, bytes) in ICONS.iter().take(self.icons) {
            write_file(&icons.join(format!("{name}.png")), bytes, 0o644)?;
        }
        let width = self.files.to_string().len().max(3);
        let mut secrets = String::new();
        let mut total = 0;
        for file in 0..self.files {
            let mut text = String::from("version: 1\n");
            if file == 0 {
                manifest::shared(self, &mut text);
            }
            text.push_str("users:\n");
            for number in self.accounts_of(file) {
                let account = Account::new(self, number);
                manifest::account(self, &account, &mut text);
                for wanted in &account.links {
                    if let Some(token) = &wanted.token {
                        let (user, app) = (&account.name, wanted.app.name);
                        writeln!(secrets, "{user}/{app}: \"{token}\"")?;
                    }
                }
            }
            let path = folder.join(format!("manifest/{file:0width$}.yaml"));
            if text.len() > LARGEST {
                bail!(
                    "{} would have {} bytes and cplinks reads at most {LARGEST}; give more --files",
                    path.display(),
                    text.len()
                );
            }
            total += text.len();
            write_file(&path, text.as_bytes(), 0o644)?;
        }
        write_file(&folder.join("secrets.yaml"), secrets.as_bytes(), 0o600)?;
        Ok(total)
    }

    /// The accounts of one file of the manifest, by their numbers.
    fn accounts_of(&self, file: usize) -> std::ops::Range<usize> {
        let first = |file| file * self.users / self.files;
        first(file)..first(file + 1)
    }

    /// The tree, by as many threads as there are processors.
    fn write_root(&self, root: &Path) -> anyhow::Result<Part> {
        make_folder(root, 0o751)?;
        if self.root == Root::Empty {
            return Ok(Part::default());
        }
        for tree in ["links", "dynamicui"] {
            make_folder(&root.join(tree), 0o751)?;
        }
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let parts = thread::scope(|scope| {
            let numbers = |first| (first..self.users).step_by(threads);
            let begin = |first| scope.spawn(move || self.write_accounts(root, numbers(first)));
            let threads: Vec<_> = (0..threads).map(begin).collect();
            let parts = threads.into_iter().map(|thread| thread.join().unwrap());
            parts.collect::<anyhow::Result<Vec<_>>>()
        })?;
        Ok(parts.iter().fold(Part::default(), |all, part| Part {
            files: all.files + part.files,
            bytes: all.bytes + part.bytes,
            drifted: all.drifted + part.drifted,
        }))
    }

    fn write_accounts(
        &self,
        root: &Path,
        numbers: impl Iterator<Item = usize>,
    ) -> anyhow::Result<Part> {
        let mut part = Part::default();
        for number in numbers {
            let account = Account::new(self, number);
            let links = root.join("links").join(&account.name);
            let menu = root.join("dynamicui").join(&account.name);
            for folder in [&links, &menu] {
                make_folder(folder, 0o750)?;
            }
            let (files, drifted) = tree::files(self, account, number);
            part.drifted += drifted;
            for File {
                kind,
                name,
                bytes,
                mode,
            } in files
            {
                let folder = match kind {
                    FileKind::Userconfig | FileKind::Adminconfig => &links,
                    FileKind::Menu => &menu,
                };
                write_file(&folder.join(name), &bytes, mode)?;
                part.files += 1;
                part.bytes += bytes.len();
            }
        }
        Ok(part)
    }
}

/// Makes the folder, or takes one that nothing lies in.
fn claim(folder: &Path) -> anyhow::Result<()> {
    let shown = folder.display();
    match fs::read_dir(folder) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                bail!("{shown} is not empty; name a new folder, nothing is overwritten");
            }
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            fs::create_dir(folder).with_context(|| format!("cannot make {shown}"))
        }
        Err(error) => Err(error).with_context(|| format!("cannot list {shown}")),
    }
}

fn make_folder(path: &Path, mode: u32) -> anyhow::Result<()> {
    let make = || {
        fs::create_dir(path)?;
        fs::set_permissions(path, Permissions::from_mode(mode))
    };
    make().with_context(|| format!("cannot make {}", path.display()))
}

fn write_file(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    let write = || {
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(bytes)?;
        // What the umask took away.
        file.set_permissions(Permissions::from_mode(mode))
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
