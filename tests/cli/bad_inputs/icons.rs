//! Icons: files out of reach, and pictures that are none, are too much, or
//! are damaged on the way.

use super::png::{compressed, whole, with_chunk, with_size};
use super::{Refused, Row, Warned, check, link, row};
use crate::support::Sandbox;
use base64::Engine as _;

pub(super) fn rows() -> Vec<Row> {
    let inline = |text: &str| link("base64_png_image", &format!("\"{text}\""));
    let plain = base64::engine::general_purpose::STANDARD.encode(busy());
    let good = || inline(&plain);
    let path = |text: &str| link("icon", text);
    vec![
        row("I1", path("../../../etc/shadow"), Refused("icon"), good()),
        row("I1", path("/etc/passwd"), Refused("icon"), good()),
        row("I1", path("a/../../b.png"), Refused("icon"), good()),
        row("I1x", path("\"\""), Refused("icon"), path("null")),
        row("I1x", path("\"a\\0.png\""), Refused("icon"), good()),
        row("I1x", path("nowhere.png"), Refused("icon"), good()),
        row(
            "I1x",
            link("icon", "a.png\n        base64_png_image: aa"),
            Refused("icon"),
            good(),
        ),
        row(
            "I8",
            inline(&plain.replace('+', " ")),
            Refused("icon"),
            inline(&plain.replace('+', "%2B")),
        ),
        row(
            "I8",
            inline(&plain.replace('+', "%2B").replacen("%2B", "%2", 1)),
            Refused("icon"),
            inline(&plain.replace('+', "%2b")),
        ),
        row(
            "I8",
            inline(&plain.replace('+', "%252B")),
            Refused("icon"),
            inline(&plain.replace('/', "%2F")),
        ),
        row(
            "I8",
            inline(&plain.replace('+', "-").replace('/', "_")),
            Refused("icon"),
            inline(plain.trim_end_matches('=')),
        ),
        row("I8", inline(""), Refused("icon"), inline(&wrapped(&plain))),
        row(
            "I8",
            inline("===="),
            Refused("icon"),
            inline(&format!(" {plain} ")),
        ),
        row(
            "I8x",
            inline(&plain[..plain.len() / 2]),
            Refused("icon"),
            good(),
        ),
        row("I8x", inline("aGVsbG8="), Refused("icon"), good()),
        row(
            "I8x",
            inline(&base64::engine::general_purpose::STANDARD.encode(whole(32, 32))),
            Warned("icon-size"),
            good(),
        ),
    ]
}

/// An icon whose base64 holds every character that gets lost on the way.
fn busy() -> Vec<u8> {
    let icon = cplinks::model::neutral_icon();
    let text = icon.to_base64();
    assert!(text.contains('+') && text.contains('/') && text.ends_with('='));
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap()
}

fn wrapped(plain: &str) -> String {
    let lines: Vec<&str> = plain
        .as_bytes()
        .chunks(60)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    lines.join(" ")
}

#[test]
fn icons_out_of_reach_and_damaged_base64_are_refused() {
    check(&rows());
}

#[test]
fn every_accepted_spelling_writes_the_same_bytes() {
    let plain = base64::engine::general_purpose::STANDARD.encode(busy());
    let spellings = [
        plain.clone(),
        plain.replace('+', "%2B"),
        wrapped(&plain),
        plain.trim_end_matches('=').to_owned(),
    ];
    for text in spellings {
        let sandbox = Sandbox::with_root();
        sandbox.write("m.yaml", link("base64_png_image", &format!("\"{text}\"")));
        sandbox
            .run(&["apply", "m.yaml", "--root", "root", "--yes"])
            .expect(0);
        let written = sandbox.read("root/links/alice/A.userconfig");
        let written: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(written["base64_png_image"], plain);
    }
}

/// Runs `validate` on an icon with little memory, and within a few seconds.
#[track_caller]
fn check_file(bytes: &[u8], says: &str) {
    let sandbox = Sandbox::new();
    sandbox.write("m.yaml", link("icon", "i.png"));
    sandbox.write("i.png", bytes);
    let start = std::time::Instant::now();
    let outcome = sandbox
        .shell("ulimit -v 100000; cplinks validate m.yaml || echo refused")
        .says(says);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    let is_refused = outcome.stdout.contains("refused\n");
    assert_eq!(
        is_refused,
        !says.contains("is valid"),
        "{}",
        outcome.shown()
    );
}

#[test]
fn pictures_that_are_not_whole_are_refused() {
    let good = busy();
    check_file(&good, "The manifest is valid");
    check_file(b"", "is empty");
    check_file(&vec![0; 10 * 1024 * 1024], "is larger than 1048576 bytes");
    check_file(&good[..good.len() / 2], "is cut off after");
    check_file(&good[..good.len() - 1], "is cut off after");
    let mut damaged = good.clone();
    damaged[good.len() / 2] ^= 1;
    check_file(&damaged, "fails its checksum");
    check_file(&[&good[..], b"<?php"].concat(), "has 5 bytes after the end");
    check_file(b"GIF89a", "is not a PNG");
    check_file(b"<svg/>", "is not a PNG");
    let animated = with_chunk(&good, *b"acTL", vec![0, 0, 0, 1, 0, 0, 0, 0]);
    check_file(&animated, "is an animated PNG");
    check_file(&with_size(&good, 0, 48), "is 0×48 pixels");
    check_file(&with_size(&good, 48, 64), "does not decode");
    check_file(&whole(1024, 1024), "The manifest is valid");
    check_file(&whole(1025, 1024), "is 1025×1024 pixels");
}

#[test]
fn pictures_that_would_fill_the_memory_are_refused_early() {
    let good = busy();
    check_file(&with_size(&good, 50_000, 50_000), "is 50000×50000 pixels");
    // 400 MB of pixels behind a header that promises one megabyte.
    let vast = whole(20_000, 20_000);
    assert!(vast.len() < 1_000_000, "{}", vast.len());
    let says = "holds more pixels than its size says";
    check_file(&with_size(&vast, 1024, 1024), says);
    check_file(&with_size(&whole(48, 49), 48, 48), says);
    // The same behind a text chunk, which nobody needs to inflate.
    let text = [b"Comment\0\0".as_slice(), &compressed(&vast)].concat();
    check_file(
        &with_chunk(&good, *b"zTXt", text),
        "has a zTXt chunk of more than",
    );
    let profile = [b"icc\0\0".as_slice(), &compressed(&vast)].concat();
    check_file(
        &with_chunk(&good, *b"iCCP", profile),
        "has a iCCP chunk of more than",
    );
    let comment = with_chunk(&good, *b"tEXt", b"Comment\0drawn by hand".to_vec());
    check_file(&comment, "The manifest is valid");
}

#[test]
fn an_icon_that_is_no_file_of_the_manifests_folder_is_refused_without_waiting() {
    for (prepare, says) in [
        ("ln -s ../outside.png m/i.png", "leads out of its folder"),
        (
            "mkdir m/sub; rmdir m/sub; ln -s .. m/sub; ln -s sub/outside.png m/i.png",
            "leads out of its folder",
        ),
        ("ln -s /etc/passwd m/i.png", "leads out of its folder"),
        ("mkfifo m/i.png", "is a FIFO"),
        ("mkdir m/i.png", "is a folder"),
        ("ln -s i.png m/i.png", "cannot be read"),
        (
            "cp outside.png m/j.png; ln -s j.png m/i.png",
            "The manifest is valid",
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("m/m.yaml", link("icon", "i.png"));
        sandbox.write("outside.png", busy());
        sandbox.shell(prepare).expect(0);
        sandbox
            .shell("timeout 5 cplinks validate m || true")
            .expect(0)
            .says(says);
    }
}

#[test]
fn a_device_is_no_icon() {
    let sandbox = Sandbox::new();
    sandbox.write("m.yaml", link("icon", "i.png"));
    let made = sandbox.shell("mknod i.png c 1 5 2>/dev/null && echo made || true");
    if !made.stdout.contains("made") {
        eprintln!("SKIPPED: only root can make a device");
        return;
    }
    sandbox
        .shell("timeout 5 cplinks validate m.yaml || true")
        .says("is a device");
}

#[test]
fn an_icon_that_goes_away_after_the_plan_stops_the_apply() {
    for (away, back) in [
        ("mv i.png gone", "mv gone i.png"),
        ("mv i.png gone; mkfifo i.png", "rm i.png; mv gone i.png"),
        ("mv i.png gone; mkdir i.png", "rmdir i.png; mv gone i.png"),
    ] {
        let sandbox = Sandbox::with_root();
        sandbox.write("m.yaml", link("icon", "i.png"));
        sandbox.write("i.png", busy());
        let plan = ["plan", "m.yaml", "--root", "root", "--out", "json=p.json"];
        sandbox.run(&plan).expect(0);
        sandbox.shell(away).expect(0);
        let apply = "timeout -s KILL 5 cplinks apply m.yaml --root root --plan p.json || echo $?";
        let outcome = sandbox.shell(apply).says("error[icon]");
        assert!(outcome.stdout.ends_with("1\n"), "{}", outcome.shown());
        assert!(!sandbox.path("root/links").exists());
        sandbox.shell(back).expect(0);
        sandbox.shell(apply).expect(0).says("1 created");
    }
}
