//! Lines: bytes to the line and column that an editor shows, and the parser's
//! own lines and columns back to bytes. The two count different things as the
//! end of a line, so a table is one or the other.

/// Characters between two marks on one line. Manifests that a program wrote
/// may be a single line of many megabytes.
const STRIDE: usize = 1024;

/// Marks all over a text, so that no look-up counts through much of it.
pub(super) struct Lines {
    marks: Vec<Mark>,
}

/// A byte, and the line and column it stands at, both from 1.
#[derive(Debug, Clone, Copy)]
struct Mark {
    byte: usize,
    line: usize,
    column: usize,
}

impl Lines {
    /// Lines as editors and `grep -n` count them.
    pub(super) fn of(text: &str) -> Self {
        Self::split(text, |c, _| c == '\n')
    }

    /// Lines as YAML 1.1 counts them: it also breaks at a lone CR, at NEL and
    /// at the Unicode separators.
    pub(super) fn of_parser(text: &str) -> Self {
        Self::split(text, |c, next| match c {
            '\r' => next != Some('\n'),
            c => matches!(c, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}'),
        })
    }

    fn split(text: &str, is_break: fn(char, Option<char>) -> bool) -> Self {
        let mut here = Mark {
            byte: 0,
            line: 1,
            column: 1,
        };
        let mut marks = vec![here];
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            here.byte += c.len_utf8();
            here.column += 1;
            let ends_line = is_break(c, chars.peek().copied());
            if ends_line {
                here.line += 1;
                here.column = 1;
            }
            if ends_line || here.column.is_multiple_of(STRIDE) {
                marks.push(here);
            }
        }
        Self { marks }
    }

    /// The line and column of a byte, both from 1, columns in characters.
    pub(super) fn position(&self, text: &str, byte: usize) -> (usize, usize) {
        let after = self.marks.partition_point(|mark| mark.byte <= byte);
        let Some(mark) = self.marks.get(after.saturating_sub(1)) else {
            return (1, 1);
        };
        let between = text.get(mark.byte..byte).unwrap_or_default();
        (mark.line, mark.column + between.chars().count())
    }

    /// The byte at a line and column, both from 1, columns in characters.
    pub(super) fn byte(&self, text: &str, line: usize, column: usize) -> Option<usize> {
        let wanted = (line, column);
        let is_before = |mark: &Mark| (mark.line, mark.column) <= wanted;
        let after = self.marks.partition_point(is_before);
        let mark = self.marks.get(after.checked_sub(1)?)?;
        if mark.line != line {
            return None;
        }
        let rest = text.get(mark.byte..)?;
        let offset = rest
            .char_indices()
            .nth(column - mark.column)
            .map_or(rest.len(), |(at, _)| at);
        Some(mark.byte + offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parser_breaks_lines_where_editors_do_not() {
        let text = "a\r\nb\rc\u{85}d\u{2028}e\nf";
        let parser = Lines::of_parser(text);
        for (line, expect) in ["a", "b", "c", "d", "e", "f"].into_iter().enumerate() {
            let byte = parser.byte(text, line + 1, 1).unwrap();
            assert!(text[byte..].starts_with(expect), "line {line}");
        }
        assert_eq!(parser.byte(text, 7, 1), None);
        let byte = text.find('e').unwrap();
        assert_eq!(Lines::of(text).position(text, byte), (2, 7));
    }

    #[test]
    fn every_character_of_a_long_line_is_found_again() {
        let text = format!("x\n{}\nend", "aé😀".repeat(2 * STRIDE));
        let lines = Lines::of(&text);
        for (at, _) in text.char_indices() {
            let (line, column) = lines.position(&text, at);
            assert_eq!(lines.byte(&text, line, column), Some(at));
        }
        assert_eq!(lines.position(&text, text.len()), (3, 4));
    }
}
