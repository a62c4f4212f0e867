//! A place in a menu: an integer that the files hold as text.

use std::fmt;

/// A link's or a group's `order`. Integers are canonical (`007`, `"7"` and
/// `7` are equal); text that is no integer, which only a file on disk can
/// hold, is kept as it is and equals nothing else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order(Box<str>);

impl Order {
    /// The value as a menu file holds it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads what a file holds.
    pub fn from_disk(text: &str) -> Self {
        let text = text.trim();
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", text),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Self(text.into());
        }
        match digits.trim_start_matches('0') {
            "" => Self("0".into()),
            digits => Self(format!("{sign}{digits}").into()),
        }
    }

    /// Whether `cPanel` takes it for "not given" in the menu entry: `0`, and an
    /// empty text, which only a file on disk can hold.
    pub fn is_zero(&self) -> bool {
        matches!(&*self.0, "" | "0")
    }
}

impl From<i64> for Order {
    fn from(value: i64) -> Self {
        Self(value.to_string().into())
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_integer_are_equal_and_other_text_is_kept() {
        for (text, expect) in [
            ("7", "7"),
            ("007", "7"),
            ("-0", "0"),
            ("-12", "-12"),
            (" 5 ", "5"),
            ("1.5", "1.5"),
            ("", ""),
            ("-", "-"),
            ("first", "first"),
        ] {
            assert_eq!(Order::from_disk(text).as_str(), expect, "{text:?}");
        }
    }
}
