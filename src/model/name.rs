//! Names that become path components: parsed once, so that a component can
//! never be `..`, hold a `/`, or take a reserved prefix.
//!
//! The rules are those of `cPanel` itself for creating a link
//! (`create_integration_link`, `app` and `user`), made stricter where a name
//! would be a trap: a leading dash is an option to the next tool, a leading
//! dot hides, and longer names would not fit the suffixes.

use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// Longest app name and group id, in bytes; with the suffixes this stays far
/// below the file system's 255.
const MAX_APP: usize = 64;
/// Longest account name, in bytes. New accounts have at most 16, restored
/// ones may have more.
const MAX_USER: usize = 200;

/// System accounts that never own integration links.
const SYSTEM_USERS: &[&str] = &[
    "adm",
    "bin",
    "cpanel",
    "cpanelphpmyadmin",
    "cpanelroundcube",
    "daemon",
    "ftp",
    "games",
    "halt",
    "lp",
    "mail",
    "mailnull",
    "named",
    "nobody",
    "operator",
    "root",
    "shutdown",
    "sshd",
    "sync",
    "system",
    "systemd-network",
    "toor",
];

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing between the quotes.
    #[error("is empty")]
    Empty,
    /// Too long once the file suffixes are added.
    #[error("is {length} bytes long, the limit is {limit}")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The longest allowed.
        limit: usize,
    },
    /// A character that is not allowed in this kind of name.
    #[error("holds {}, only {allowed} are allowed", show_char(*.character))]
    Character {
        /// The first such character.
        character: char,
        /// What is allowed, in words.
        allowed: &'static str,
    },
    /// Starts with something another program would take for an option, a
    /// hidden file, or a parent folder.
    #[error("starts with `{start}`")]
    Start {
        /// The character it starts with.
        start: char,
    },
    /// `group_` in any case: the prefix of the files of menu groups.
    #[error("starts with `group_`, the prefix reserved for menu groups")]
    GroupPrefix,
    /// `root` and its like: accounts of the system.
    #[error("is a system account, which has no customer menu")]
    SystemUser,
}

fn show_char(character: char) -> String {
    match character {
        ' ' => "a space".to_owned(),
        c if c.is_control() || !c.is_ascii() => format!("U+{:04X}", u32::from(c)),
        c => format!("`{c}`"),
    }
}

fn check(
    text: &str,
    limit: usize,
    is_allowed: fn(char) -> bool,
    allowed: &'static str,
) -> Result<(), NameError> {
    let Some(start) = text.chars().next() else {
        return Err(NameError::Empty);
    };
    if let Some(character) = text.chars().find(|&c| !is_allowed(c)) {
        return Err(NameError::Character { character, allowed });
    }
    if matches!(start, '-' | '.') {
        return Err(NameError::Start { start });
    }
    if text.len() > limit {
        return Err(NameError::TooLong {
            length: text.len(),
            limit,
        });
    }
    Ok(())
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

fn check_word(text: &str) -> Result<(), NameError> {
    check(text, MAX_APP, is_word, "ASCII letters, digits, `_` and `-`")?;
    let prefix = text.as_bytes().get(..6);
    if prefix.is_some_and(|p| p.eq_ignore_ascii_case(b"group_")) {
        return Err(NameError::GroupPrefix);
    }
    Ok(())
}

fn check_user(text: &str) -> Result<(), NameError> {
    check(
        text,
        MAX_USER,
        |c| is_word(c) || c == '.',
        "ASCII letters, digits, `_`, `-` and `.`",
    )?;
    if SYSTEM_USERS.iter().any(|s| s.eq_ignore_ascii_case(text)) {
        return Err(NameError::SystemUser);
    }
    Ok(())
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// The text is shared by all copies of a name: one app is that of a
        /// hundred thousand links.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text, exactly as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name_type! {
    /// A `cPanel` account (`user` in the WHM API).
    UserName
}
name_type! {
    /// An application's name (`app` in the WHM API); case-sensitive.
    AppName
}
name_type! {
    /// A menu group's id (`group_id` in the WHM API), without the `group_`
    /// that its files carry.
    GroupId
}

impl UserName {
    /// Parses an account name. Letters, digits, `_`, `-` and `.`: valid for
    /// the file system, not a rule of style, since restored accounts may not
    /// follow today's rules.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check_user(text)?;
        Ok(Self(Arc::from(text)))
    }

    /// [`UserName::parse`] of a text that is kept elsewhere too.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub(crate) fn parse_shared(text: &Arc<str>) -> Result<Self, NameError> {
        check_user(text)?;
        Ok(Self(Arc::clone(text)))
    }
}

impl AppName {
    /// Parses an app name by the rules for creating a link.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check_word(text)?;
        Ok(Self(Arc::from(text)))
    }

    /// [`AppName::parse`] of a text that is kept elsewhere too.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub(crate) fn parse_shared(text: &Arc<str>) -> Result<Self, NameError> {
        check_word(text)?;
        Ok(Self(Arc::clone(text)))
    }
}

impl GroupId {
    /// Parses the id of a menu group.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check_word(text)?;
        Ok(Self(Arc::from(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_app(text: &str, expect: &str) {
        let outcome = AppName::parse(text).map_or_else(|e| e.to_string(), |n| n.to_string());
        assert_eq!(outcome, expect, "app {text:?}");
    }

    fn check_account(text: &str, expect: &str) {
        let outcome = UserName::parse(text).map_or_else(|e| e.to_string(), |n| n.to_string());
        assert_eq!(outcome, expect, "user {text:?}");
    }

    #[test]
    fn names_that_could_leave_their_folder_or_fool_a_tool_are_refused() {
        let allowed = "only ASCII letters, digits, `_` and `-` are allowed";
        check_app("", "is empty");
        check_app("a/b", &format!("holds `/`, {allowed}"));
        check_app("a\0b", &format!("holds U+0000, {allowed}"));
        check_app("a\nb", &format!("holds U+000A, {allowed}"));
        check_app("a ", &format!("holds a space, {allowed}"));
        check_app(" a", &format!("holds a space, {allowed}"));
        check_app("..", &format!("holds `.`, {allowed}"));
        check_app("-rf", "starts with `-`");
        check_app(
            "group_x",
            "starts with `group_`, the prefix reserved for menu groups",
        );
        check_app(
            "GROUP_x",
            "starts with `group_`, the prefix reserved for menu groups",
        );
        check_app(&"a".repeat(65), "is 65 bytes long, the limit is 64");
        check_app(&"a".repeat(64), &"a".repeat(64));
        check_app("WHMCS_billing-2", "WHMCS_billing-2");
        check_app("groupx", "groupx");
        check_account(".", "starts with `.`");
        check_account("..", "starts with `.`");
        check_account("-x", "starts with `-`");
        check_account(
            "../../etc/cron.d/x",
            "holds `/`, only ASCII letters, digits, `_`, `-` and `.` are allowed",
        );
        check_account("Root", "is a system account, which has no customer menu");
        check_account("nobody", "is a system account, which has no customer menu");
        check_account("0123", "0123");
        check_account("1e3", "1e3");
        check_account("no", "no");
        check_account("rooted", "rooted");
    }
}
