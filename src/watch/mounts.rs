//! New file systems: what is mounted over a folder hides it without a notice
//! from the folder, but the kernel tells whenever its table of mounts changes.
#![expect(
    clippy::disallowed_methods,
    reason = "reads the kernel's table of mounts, no file of anybody's"
)]

use super::inbox::Inbox;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The kernel's table.
const TABLE: &str = "/proc/self/mountinfo";
/// How much of it is read.
const MOST: u64 = 16 * 1024 * 1024;

/// Tells the inbox whenever a file system comes or goes below one of these
/// folders, or above it. It does so from a thread of its own until the
/// process ends; where there is no table nothing is told, and the timed full
/// round has to do.
pub fn watch_mounts(folders: Vec<PathBuf>, inbox: Arc<Inbox>) {
    let Ok(table) = open(TABLE, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()) else {
        return;
    };
    let mut table = std::fs::File::from(table);
    let Some(mut known) = read(&mut table, &folders) else {
        return;
    };
    let watching = move || loop {
        let mut waits = [PollFd::new(&table, PollFlags::PRI)];
        match poll(&mut waits, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return,
        }
        match read(&mut table, &folders) {
            Some(now) if now == known => {}
            Some(now) => {
                known = now;
                let why = "a file system was mounted or unmounted there".to_owned();
                inbox.put(|hints| hints.rebuild = Some(why));
            }
            None => return,
        }
    };
    // Without it, new file systems are seen by the next timed round.
    match std::thread::Builder::new()
        .name("mounts".to_owned())
        .spawn(watching)
    {
        Ok(_) | Err(_) => {}
    }
}

fn read(table: &mut std::fs::File, folders: &[PathBuf]) -> Option<BTreeSet<Vec<u8>>> {
    table.seek(SeekFrom::Start(0)).ok()?;
    let mut text = Vec::new();
    table.take(MOST).read_to_end(&mut text).ok()?;
    Some(relevant(&text, folders))
}

/// The lines of mounts that have to do with these folders. A line begins with
/// numbers, of which the first is another one for each mount; the fifth word
/// is where it is mounted, with spaces as `\040`.
fn relevant(table: &[u8], folders: &[PathBuf]) -> BTreeSet<Vec<u8>> {
    let concerns = |line: &&[u8]| {
        let Some(at) = line.split(|b| *b == b' ').nth(4) else {
            return false;
        };
        let at = PathBuf::from(std::ffi::OsStr::from_bytes(&unescaped(at)));
        let is_near = |folder: &PathBuf| at.starts_with(folder) || folder.starts_with(&at);
        at != Path::new("/") && folders.iter().any(is_near)
    };
    let lines = table.split(|b| *b == b'\n').filter(concerns);
    lines.map(<[u8]>::to_vec).collect()
}

/// `\040` and its like as the bytes they stand for.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        let number = tail.get(..3).and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 8).ok()
        });
        match number {
            Some(byte) if *first == b'\\' => {
                bytes.push(byte);
                rest = tail.get(3..).unwrap_or_default();
            }
            Some(_) | None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mounts_that_have_to_do_with_the_folders_count() {
        let table = b"22 1 8:1 / / rw - ext4 /dev/a rw\n\
            31 22 8:2 / /var rw - ext4 /dev/b rw\n\
            32 22 8:3 / /home rw - ext4 /dev/c rw\n\
            40 31 0:9 / /var/cpanel/integration/links/a\\040b rw - tmpfs t rw\n";
        let folders = [PathBuf::from("/var/cpanel/integration")];
        let found = relevant(table, &folders);
        let ids: Vec<_> = found
            .iter()
            .map(|line| String::from_utf8_lossy(&line[..2]).into_owned())
            .collect();
        assert_eq!(ids, ["31", "40"]);
        assert_eq!(unescaped(b"a\\040b\\134"), b"a b\\");
        assert_eq!(unescaped(b"a\\04"), b"a\\04");
    }
}
