//! Icons that would fill the memory are refused with little of it.
//!
//! A binary of its own with one test in it, since the heap that is measured is
//! that of the whole process.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test, which may panic and write files"
)]

#[path = "cli/bad_inputs/png.rs"]
mod png_files;

use cplinks::run::{Exit, World, run};
use peak_alloc::PeakAlloc;
use png_files::{compressed, whole, with_chunk, with_size};
use std::ffi::OsString;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// The most that any of them may take, in megabytes.
const MOST: f32 = 16.0;

#[test]
fn no_icon_takes_sixteen_megabytes_to_refuse() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("m.yaml");
    let link = "{ implements: '', label: L, url: 'https://a.example/', icon: i.png }";
    let text = format!("version: 1\nusers: {{ alice: {{ links: {{ A: {link} }} }} }}\n");
    std::fs::write(&manifest, text).unwrap();
    let vast = whole(20_000, 20_000);
    let small = whole(48, 48);
    let bomb = [b"Comment\0\0".as_slice(), &compressed(&vast)].concat();
    let profile = [b"icc\0\0".as_slice(), &compressed(&vast)].concat();
    let icons = [
        (
            "50,000 by 50,000",
            with_size(&small, 50_000, 50_000),
            Exit::Failed,
        ),
        (
            "400 MB of pixels",
            with_size(&vast, 1024, 1024),
            Exit::Failed,
        ),
        ("as it says itself", vast, Exit::Failed),
        (
            "a comment",
            with_chunk(&small, *b"zTXt", bomb),
            Exit::Failed,
        ),
        (
            "a profile",
            with_chunk(&small, *b"iCCP", profile),
            Exit::Failed,
        ),
        ("10 MB", vec![0x89; 10 << 20], Exit::Failed),
        // The neighbours.
        ("the largest", whole(1024, 1024), Exit::Done),
        ("a plain one", small, Exit::Done),
    ];
    for (what, icon, expect) in icons {
        std::fs::write(folder.path().join("i.png"), &icon).unwrap();
        drop(icon);
        HEAP.reset_peak_usage();
        let before = HEAP.current_usage_as_mb();
        let words = ["cplinks".into(), "validate".into(), manifest.clone().into()];
        let exit = run(
            words.into_iter().map(|word: OsString| word),
            &mut World {
                stdin: Box::new(std::io::empty()),
                out: Box::new(std::io::sink()),
                err: Box::new(std::io::sink()),
                is_interactive: false,
                shows_progress: false,
                colored: (false, false),
                github: None,
            },
        );
        let took = HEAP.peak_usage_as_mb() - before;
        assert_eq!(exit, expect, "{what}");
        assert!(took < MOST, "{what}: {took} MB");
    }
}
