//! Bytes that are no UTF-8: refused with the offset of the first of them.

use super::{app, has_place};
use crate::support::Sandbox;

#[test]
fn what_is_not_utf8_is_refused_with_its_offset() {
    let good = app("A");
    let at = good.find("label: L").unwrap() + "label: ".len();
    let with = |bytes: &[u8]| [&good.as_bytes()[..at], bytes, &good.as_bytes()[at..]].concat();
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(good.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let rows: [(&str, Vec<u8>, usize, &str); 6] = [
        ("Latin-1", with(b"\xff"), at, "save the file as UTF-8"),
        ("UTF-16", utf16, 0, "it looks like UTF-16"),
        ("overlong", with(b"\xc0\xaf"), at, "0xC0"),
        ("lone surrogate", with(b"\xed\xa0\x80"), at, "0xED"),
        ("beyond Unicode", with(b"\xf4\x90\x80\x80"), at, "0xF4"),
        (
            "cut character",
            [good.as_bytes(), b"\xe2\x82"].concat(),
            good.len(),
            "0xE2",
        ),
    ];
    for (name, bytes, offset, says) in rows {
        let sandbox = Sandbox::with_root();
        sandbox.write("m.yaml", bytes);
        let outcome = sandbox
            .run(&["apply", "m.yaml", "--root", "root", "--yes"])
            .expect(1)
            .says("error[encoding]")
            .says(&format!("at offset {offset} "))
            .says(says);
        assert!(has_place(&outcome.stderr, "m.yaml"), "{name}");
        assert_eq!(
            outcome.stderr.matches("error[").count(),
            1,
            "{}",
            outcome.shown()
        );
    }
}

#[test]
fn a_file_that_is_not_utf8_hides_no_problem_of_another() {
    let sandbox = Sandbox::new();
    sandbox.write("all/a.yaml", b"version: 1\n# \xff\n");
    sandbox.write("all/b.yaml", app("A").replace("label", "lable"));
    sandbox
        .run(&["validate", "all"])
        .expect(1)
        .says("error[encoding]")
        .says("error[unknown-key]: unknown key `lable`\n --> all/b.yaml:5:28");
}
