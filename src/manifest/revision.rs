//! The commit that a manifest was checked out from, for the record of a run.
//! It is read from git's own files and no command is run: a repository may
//! bring settings that make git run others. What is not understood is no
//! revision; nothing depends on it.
#![expect(
    clippy::disallowed_methods,
    reason = "git's files are no manifest's: nothing of them is obeyed, and nothing but a commit is shown"
)]

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Most that is read of one of git's files. A packed list of branches and tags
/// may be long.
const MAX_FILE: u64 = 16 * 1024 * 1024;
/// How many references may lead to each other.
const MAX_HOPS: usize = 5;

/// The commit of the first of these paths that lies in a work tree.
pub fn revision(manifest: &[PathBuf]) -> Option<String> {
    let paths = manifest.iter().filter(|path| *path != Path::new("-"));
    paths.into_iter().find_map(|path| commit(path))
}

fn commit(path: &Path) -> Option<String> {
    let path = fs::canonicalize(path).ok()?;
    let git = path.ancestors().find_map(git_folder)?;
    // A second work tree keeps its HEAD apart, and the branches with the first.
    let common = match read(&git.join("commondir")) {
        Some(text) => git.join(text.trim_end()),
        None => git.clone(),
    };
    let mut text = read(&git.join("HEAD"))?;
    for _ in 0..MAX_HOPS {
        let line = text.trim_end();
        let Some(name) = line.strip_prefix("ref: ") else {
            return is_commit(line).then(|| line.to_owned());
        };
        if !is_reference(name) {
            return None;
        }
        text = match read(&git.join(name)).or_else(|| read(&common.join(name))) {
            Some(text) => text,
            None => packed(&read(&common.join("packed-refs"))?, name)?,
        };
    }
    None
}

/// Where git keeps what it knows of a work tree with this top folder.
fn git_folder(top: &Path) -> Option<PathBuf> {
    let git = top.join(".git");
    let metadata = fs::metadata(&git).ok()?;
    if metadata.is_dir() {
        return Some(git);
    }
    let text = read(&git)?;
    Some(top.join(text.trim_end().strip_prefix("gitdir: ")?))
}

/// The commit of a reference in git's list of them: `COMMIT NAME` a line.
fn packed(list: &str, name: &str) -> Option<String> {
    list.lines().find_map(|line| {
        let (commit, of) = line.split_once(' ')?;
        (of == name).then(|| commit.to_owned())
    })
}

fn is_reference(name: &str) -> bool {
    name.starts_with("refs/") && name.split('/').all(|part| !["", ".", ".."].contains(&part))
}

/// SHA-1 or SHA-256, in hexadecimal.
fn is_commit(text: &str) -> bool {
    [40, 64].contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn read(path: &Path) -> Option<String> {
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    let file = fs::File::open(path).ok()?;
    file.take(MAX_FILE).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "1111111111111111111111111111111111111111";
    const TWO: &str = "2222222222222222222222222222222222222222";

    /// A work tree of these files of git's, with a manifest in it.
    fn check(files: &[(&str, &str)], expect: Option<&str>) {
        let top = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = top.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let manifest = top.path().join("tree/links/acme.yaml");
        fs::create_dir_all(manifest.parent().unwrap()).unwrap();
        fs::write(&manifest, "version: 1\n").unwrap();
        let found = revision(&[PathBuf::from("-"), manifest]);
        assert_eq!(found.as_deref(), expect, "{files:?}");
    }

    #[test]
    fn the_commit_is_found_where_git_keeps_it() {
        let head = ("tree/.git/HEAD", "ref: refs/heads/main\n");
        let packed =
            format!("# pack-refs\n{TWO} refs/heads/other\n{ONE} refs/heads/main\n^{TWO}\n");
        check(
            &[head, ("tree/.git/refs/heads/main", &format!("{ONE}\n"))],
            Some(ONE),
        );
        check(&[head, ("tree/.git/packed-refs", &packed)], Some(ONE));
        check(&[("tree/.git/HEAD", &format!("{TWO}\n"))], Some(TWO));
        check(
            &[
                ("tree/.git", "gitdir: ../main/.git/worktrees/tree\n"),
                ("main/.git/worktrees/tree/HEAD", "ref: refs/heads/side\n"),
                ("main/.git/worktrees/tree/commondir", "../..\n"),
                ("main/.git/refs/heads/side", TWO),
            ],
            Some(TWO),
        );
    }

    #[test]
    fn what_is_not_understood_is_no_revision() {
        check(&[("tree/.git/HEAD", "ref: refs/heads/none\n")], None);
        check(
            &[("tree/.git/HEAD", "ref: ../../secret\n"), ("secret", ONE)],
            None,
        );
        check(
            &[
                ("tree/.git/HEAD", "ref: refs/../../secret\n"),
                ("tree/secret", ONE),
            ],
            None,
        );
        check(
            &[("tree/.git/HEAD", "a secret of forty characters, not hex. .")],
            None,
        );
        let round = ("tree/.git/refs/heads/main", "ref: refs/heads/main");
        check(&[("tree/.git/HEAD", "ref: refs/heads/main"), round], None);
        check(&[("tree/.git", "nothing of the kind")], None);
    }
}
