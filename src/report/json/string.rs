//! How texts are spelt in JSON: what could deceive a reader of the raw file
//! is escaped, as control characters are anyway.

use crate::report::escape::{is_deceptive, is_plain};
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// Everything on one line, without blanks.
pub(in crate::report) struct Plain;

impl Formatter for Plain {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if is_plain(fragment) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut last = ' ';
        for character in fragment.chars() {
            // Two signs in a row begin a command of some pipelines, wherever
            // they stand in a log.
            if is_deceptive(character) || (last, character) == ('#', '#') {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            } else {
                let mut bytes = [0; 4];
                writer.write_all(character.encode_utf8(&mut bytes).as_bytes())?;
            }
            last = character;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize as _;

    #[test]
    fn nothing_deceives_or_commands_and_all_of_it_is_read_back() {
        let text = "a##vso[task.x]b \u{202e}c\u{e0041} ###teamcity[ \"\n";
        let mut out = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut out, Plain);
        text.serialize(&mut serializer).unwrap();
        let shown = String::from_utf8(out).unwrap();
        assert_eq!(
            shown,
            r#""a#\u0023vso[task.x]b \u202ec\udb40\udc41 #\u0023\u0023teamcity[ \"\n""#
        );
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
    }
}
