//! What the panel makes of files that we refuse: it reads what no careful
//! reader would (`cpanel-links.md` 1.4), and a file that stops it stops more
//! than one link.

use super::json;
use crate::model::{FileKind, Reading};
use serde_json::value::RawValue;

/// How the panel reads a file that we cannot.
///
/// Of the values nothing is looked at: a number that is too large or half a
/// surrogate pair counts as read.
pub fn reading(kind: FileKind, bytes: &[u8]) -> Reading {
    match kind {
        FileKind::Userconfig | FileKind::Adminconfig => match parse::<&RawValue>(bytes) {
            Some(value) if value.get().starts_with('{') => Reading::Reads,
            Some(_) => Reading::OtherShape,
            None => Reading::Fails,
        },
        FileKind::Menu => {
            // Comments come after that.
            let first = bytes.iter().find(|b| !b.is_ascii_whitespace());
            if !first.is_some_and(|b| matches!(b, b'[' | b'{')) {
                return Reading::Fails;
            }
            let relaxed = relaxed(bytes);
            match parse::<Vec<&RawValue>>(&relaxed).as_deref() {
                Some([entry]) if entry.get().starts_with('{') => Reading::Reads,
                Some(_) => Reading::OtherShape,
                None if parse::<&RawValue>(&relaxed).is_some() => Reading::OtherShape,
                None => Reading::Fails,
            }
        }
    }
}

/// Whether the icon in a file that we can read is base64 with spaces in it,
/// as an unescaped `+` becomes one.
pub fn has_spaced_icon(kind: FileKind, bytes: &[u8]) -> bool {
    let object = match kind {
        FileKind::Userconfig => json::parse_object(bytes),
        FileKind::Menu => json::parse_single(bytes),
        FileKind::Adminconfig => return false,
    };
    let icon = object.ok().and_then(|mut object| object.remove(json::ICON));
    let text = icon.and_then(|raw| json::as_text(&raw));
    text.is_some_and(|text| text.contains(' '))
}

fn parse<'b, T: serde::Deserialize<'b>>(bytes: &'b [u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

/// JSON without what only a relaxed reader takes: comments from `#` to the
/// end of the line, a comma before a closing bracket, and tabs in texts.
fn relaxed(bytes: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied();
    // The last sign that is no white space.
    let mut last = b'[';
    // Where a comma stands that may be left out, if nothing followed it.
    let mut comma = None;
    while let Some(byte) = rest.next() {
        if byte == b'#' {
            // The line break may go too: outside texts it means nothing.
            rest.by_ref().find(|b| *b == b'\n');
            continue;
        }
        let at = out.len();
        out.push(byte);
        match byte {
            _ if byte.is_ascii_whitespace() => continue,
            b'"' => push_text(&mut rest, &mut out),
            b']' | b'}' => {
                if let Some(at) = comma {
                    out.remove(at);
                }
            }
            _ => {}
        }
        let may_go = byte == b',' && !matches!(last, b'[' | b'{' | b',');
        comma = may_go.then_some(at);
        last = byte;
    }
    out
}

/// A text up to its closing quote.
fn push_text(rest: &mut impl Iterator<Item = u8>, out: &mut Vec<u8>) {
    let mut is_escaped = false;
    for byte in rest {
        out.push(if byte == b'\t' { b' ' } else { byte });
        match byte {
            b'"' if !is_escaped => return,
            b'\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: FileKind, text: &str, expect: Reading) {
        assert_eq!(reading(kind, text.as_bytes()), expect, "{text:?}");
    }

    #[test]
    fn the_panel_reads_menu_entries_that_are_nearly_json() {
        for text in [
            r#"[{"a":1},]"#,
            "[{\"a\":1, # one\n}]",
            "[{\"a\":\"x\ty # no comment, ]\"}]",
            r#"[{"a":"\",]","a":2}]"#,
            "[{\"a\":1e999 , } ,\n#end\n]\n",
            "[# first\n{}]",
        ] {
            check(FileKind::Menu, text, Reading::Reads);
        }
        for text in ["{}", "[]", "[1]", "[{},{}]", "[[{}]]"] {
            check(FileKind::Menu, text, Reading::OtherShape);
        }
        for text in [
            "",
            " \n",
            "[{",
            "[,]",
            "[{\"a\":1,,}]",
            "# [\n[{}]",
            "a=>1,",
            "\"x\"",
            "[{}] x",
            "\u{feff}[{}]",
            "[{\"a\":\"\\\"}]",
        ] {
            check(FileKind::Menu, text, Reading::Fails);
        }
        assert_eq!(
            reading(FileKind::Menu, b"[{\"a\":\"\xff\"}]"),
            Reading::Fails
        );
    }

    #[test]
    fn in_the_other_files_it_reads_only_json() {
        for kind in [FileKind::Userconfig, FileKind::Adminconfig] {
            check(kind, r#"{"a":1,"a":2}"#, Reading::Reads);
            check(kind, "[]", Reading::OtherShape);
            check(kind, "null", Reading::OtherShape);
            check(kind, r#"{"a":1,}"#, Reading::Fails);
            check(kind, "{} # x", Reading::Fails);
            check(kind, "", Reading::Fails);
        }
    }

    #[test]
    fn spaces_in_an_icon_are_seen() {
        let spaced = br#"{"base64_png_image":"aa bb","label":"x"}"#;
        assert!(has_spaced_icon(FileKind::Userconfig, spaced));
        assert!(!has_spaced_icon(FileKind::Adminconfig, spaced));
        let plain = br#"{"base64_png_image":"aa\nbb","label":"x y"}"#;
        assert!(!has_spaced_icon(FileKind::Userconfig, plain));
        let entry = br#"[{"base64_png_image":"aa\u0020bb"}]"#;
        assert!(has_spaced_icon(FileKind::Menu, entry));
    }
}
