//! Texts as words of a shell, for commands that people paste.

use super::escape::is_deceptive;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;

/// A text as one word of a shell.
pub fn shell_quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A name on a disk as one word of a shell, byte for byte, that is also safe
/// to show.
///
/// Where a byte of it cannot be shown (a line break, an escape, half a
/// character, what a pipeline takes for a command) the word is written `$'…'`,
/// which `bash`, `zsh` and `ksh` read. A shell that does not finds no file by
/// the name that it makes of it.
pub fn shell_word(name: &OsStr) -> String {
    let is_shown = |text: &&str| !text.chars().any(is_deceptive) && !text.contains("##");
    if let Some(text) = name.to_str().filter(is_shown) {
        return shell_quoted(text);
    }
    let mut word = String::from("$'");
    for byte in name.as_bytes() {
        match byte {
            // Always three digits, so that what follows is no part of it.
            b'\'' | b'\\' | b'#' => write!(word, "\\{byte:03o}").ok(),
            b' '..=b'~' => {
                word.push(char::from(*byte));
                Some(())
            }
            _ => write!(word, "\\{byte:03o}").ok(),
        };
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_word_whatever_is_in_it() {
        for (name, expect) in [
            (
                &b"links/ann/Shop.userconfig"[..],
                "links/ann/Shop.userconfig",
            ),
            (b"a b", "'a b'"),
            (b"a'b;$(id)", r"'a'\''b;$(id)'"),
            (b"", "''"),
            ("größe".as_bytes(), "'größe'"),
            (b"a\n'b\\", r"$'a\012\047b\134'"),
            (b"\xff\x1b[2J1", r"$'\377\033[2J1'"),
            ("a\u{202e}b".as_bytes(), r"$'a\342\200\256b'"),
            (b"##vso[x]", r"$'\043\043vso[x]'"),
        ] {
            assert_eq!(shell_word(OsStr::from_bytes(name)), expect);
        }
    }
}
