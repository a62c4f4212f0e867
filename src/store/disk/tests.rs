//! Files that many threads make, and files that fail half way.

use super::*;
use crate::store::faulty::{Fault, Faulty};
use crate::store::testing::scratch;

fn open(path: &Path) -> Dir {
    let top = RealDisk.open_top().unwrap();
    let path = path.strip_prefix("/").unwrap();
    path.iter().fold(top, |dir, name| {
        RealDisk.open_dir(&dir, name, Reach::Full).unwrap()
    })
}

#[test]
fn each_of_many_files_is_made_whole_or_has_its_error_at_its_place() {
    for count in [1, SYNCED_IN_TURN - 1, SYNCED_IN_TURN, 300] {
        let scratch = scratch();
        let dir = open(scratch.path());
        let name = |index: usize| format!("{index:03}");
        let is_taken = |index: &usize| index % 7 == 3;
        for index in (0..count).filter(is_taken) {
            let file = RealDisk.create_file(&dir, &name(index)).unwrap();
            RealDisk.write(&file, b"theirs").unwrap();
        }
        let mode = |index: usize| {
            if index.is_multiple_of(2) {
                0o644
            } else {
                0o600
            }
        };
        let named: Vec<_> = (0..count).map(|index| (name(index), index)).collect();
        let new = |(name, index): &(String, usize)| (name.clone(), name.repeat(*index));
        let texts: Vec<_> = named.iter().map(new).collect();
        let files = texts.iter().enumerate();
        let files: Vec<_> = files
            .map(|(index, (name, text))| NewFile {
                name,
                bytes: text.as_bytes(),
                mode: mode(index),
                owner: None,
            })
            .collect();
        let outcomes = RealDisk.each_waiting(&files, |new| RealDisk.make_durable(&dir, new));
        assert_eq!(outcomes.len(), count);
        for (index, outcome) in outcomes.into_iter().enumerate() {
            let file = RealDisk.open_file(&dir, &name(index)).unwrap();
            let held = RealDisk.read(&file, 4096).unwrap();
            if is_taken(&index) {
                assert_eq!(outcome.unwrap_err().source, Errno::EXIST);
                assert_eq!(*held, b"theirs");
            } else {
                let stat = outcome.unwrap();
                assert_eq!(stat.mode, mode(index));
                assert_eq!(stat, RealDisk.stat_open(&file.0).unwrap());
                assert_eq!(*held, files[index].bytes);
            }
        }
    }
}

#[test]
fn a_file_is_made_on_the_disk_or_not_at_all() {
    let scratch = scratch();
    let dir = open(scratch.path());
    let disk: Faulty = Faulty::default();
    let file = NewFile {
        name: "new",
        bytes: b"text",
        mode: 0o600,
        owner: None,
    };
    let verbs = |calls: Vec<String>| -> Vec<String> {
        let calls = calls.iter();
        calls
            .filter_map(|call| call.split(' ').next().map(str::to_owned))
            .collect()
    };
    let mut failed = 0;
    loop {
        disk.arm(failed, Fault::Once(Errno::IO));
        let outcome = disk.make_durable(&dir, &file);
        if !disk.disarm() {
            break;
        }
        disk.take_calls();
        let names = RealDisk.list(&dir).unwrap();
        assert_eq!((outcome.is_ok(), names.len()), (false, 0), "call {failed}");
        failed += 1;
    }
    let expect = ["create", "write", "chmod", "stat", "sync"];
    assert_eq!(verbs(disk.take_calls()), expect);
}

#[test]
fn each_of_many_syncs_has_its_own_outcome_at_its_own_place() {
    let scratch = scratch();
    let dir = open(scratch.path());
    for count in [0, 1, SYNCED_IN_TURN - 1, SYNCED_IN_TURN, 300] {
        let handle = |index: usize| {
            if index % 7 == 3 {
                // What cannot be synced.
                let (fd, _) = std::io::pipe().unwrap();
                return Handle::simulated(fd.into(), index.to_string().into());
            }
            let name = format!("{count}-{index}");
            RealDisk.create_file(&dir, &name).unwrap().0
        };
        let handles: Vec<Handle> = (0..count).map(handle).collect();
        let handles: Vec<&Handle> = handles.iter().collect();
        let outcomes = RealDisk.sync_each(&handles);
        assert_eq!(outcomes.len(), count);
        for (index, outcome) in outcomes.into_iter().enumerate() {
            let path = outcome.err().map(|error| error.path);
            let expect = (index % 7 == 3).then(|| PathBuf::from(index.to_string()));
            assert_eq!(path, expect, "{index} of {count}");
        }
    }
}
