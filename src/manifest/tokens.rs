//! Where tokens come from: secrets files, environment variables, files. Only
//! references ever leave this module, and the tokens themselves as `Secret`.
#![expect(
    clippy::disallowed_methods,
    reason = "reads the environment variables that the manifest names and the design allows"
)]

use super::budget::{Budget, ENTRY, OVER_BUDGET};
use super::layer::{MAX_TOKEN, check_token};
use super::look::{Look, Shape, look};
use super::open::{self, OWN_IT, OpenError, OwnerCheck};
use super::policy::HostPolicy;
use super::problem::show;
use crate::model::{Secret, TokenRef};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;
use zeroize::Zeroizing;

/// How a token file's path says that it lies in the folder in which systemd
/// passes credentials.
pub(super) const CREDENTIALS: &str = "$CREDENTIALS_DIRECTORY/";
/// Largest token file, in bytes.
const MAX_TOKEN_FILE: u64 = 64 * 1024;
/// Largest secrets file, in bytes.
const MAX_SECRETS_FILE: u64 = 64 * 1024 * 1024;

/// Why secrets files could not be read. Never holds a value.
#[derive(Debug, Error)]
pub enum SecretsError {
    /// The file itself.
    #[error("the secrets file {} {error}", shown(.path))]
    Open {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        error: OpenError,
    },
    /// What is in it.
    #[error("the secrets file {}{place} is not a map of names to tokens: {why}", shown(.path))]
    Content {
        /// Which file.
        path: PathBuf,
        /// `:line:column`, where it is known.
        place: String,
        /// What is wrong, without the value.
        why: String,
    },
    /// One name with two tokens.
    #[error("the secret {name} is in the secrets file {} and in one before it", shown(.path))]
    Twice {
        /// The name.
        name: String,
        /// The second file.
        path: PathBuf,
    },
}

impl SecretsError {
    /// The next step, for people.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Open {
                error: OpenError::Unsafe { .. },
                ..
            } => Some(OWN_IT.to_owned()),
            Self::Open { .. } | Self::Content { .. } | Self::Twice { .. } => None,
        }
    }
}

/// A secrets file's path. Where the secrets themselves were given in its
/// place, which is an easy mistake with an environment variable, not a word
/// of them.
fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    if text.contains(['\n', '{', '"']) || text.contains(": ") {
        "(what was given is no path)".to_owned()
    } else {
        show(&text)
    }
}

/// All secrets that were given for this run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Shared, since there may be one for each of a hundred thousand users.
    secrets: Arc<BTreeMap<String, Secret>>,
    has_files: bool,
    /// Whether token files that others could change are refused.
    owners: OwnerCheck,
    /// What the host allows: the folders that absolute paths may lead into.
    host: HostPolicy,
}

impl Tokens {
    /// Reads secrets files: YAML or JSON maps of name to token. `owners` holds
    /// for them and for all token files that are looked up later.
    ///
    /// # Errors
    /// The first file that cannot be read, that others could change, that is
    /// no such map, or that repeats a name.
    pub fn load(paths: &[PathBuf], owners: OwnerCheck) -> Result<Self, SecretsError> {
        Self::of(paths.iter().map(|p| (p, Self::read(p, owners))), owners)
    }

    /// The bytes of one secrets file.
    pub(super) fn read(
        path: &Path,
        owners: OwnerCheck,
    ) -> Result<Zeroizing<Vec<u8>>, SecretsError> {
        let bytes = open::read_file(path, MAX_SECRETS_FILE, owners);
        bytes
            .map(Zeroizing::new)
            .map_err(|error| SecretsError::Open {
                path: path.to_owned(),
                error,
            })
    }

    /// The secrets in these files.
    pub(super) fn of<'p>(
        files: impl Iterator<Item = (&'p PathBuf, Result<Zeroizing<Vec<u8>>, SecretsError>)>,
        owners: OwnerCheck,
    ) -> Result<Self, SecretsError> {
        let mut secrets = BTreeMap::new();
        let mut has_files = false;
        for (path, bytes) in files {
            has_files = true;
            for (name, secret) in parse(path, &bytes?)? {
                if secrets.insert(name.clone(), secret).is_some() {
                    return Err(SecretsError::Twice {
                        name: show(&name),
                        path: path.clone(),
                    });
                }
            }
        }
        Ok(Self {
            secrets: Arc::new(secrets),
            has_files,
            owners,
            host: HostPolicy::default(),
        })
    }

    /// Lets token files come from the folders that the host's policy lists.
    #[must_use]
    pub fn allowed_by(self, host: &HostPolicy) -> Self {
        Self {
            host: host.clone(),
            ..self
        }
    }

    /// The token a reference stands for; `folder` is that of the manifest
    /// that holds the reference.
    ///
    /// # Errors
    /// Why there is none, in words that hold no secret.
    pub fn look_up(&self, reference: &TokenRef, folder: &Path) -> Result<Secret, String> {
        match reference {
            TokenRef::Secret(name) => self.secrets.get(name).cloned().ok_or_else(|| {
                if self.has_files {
                    "the secrets files do not hold it".to_owned()
                } else {
                    "no secrets were given (--secrets FILE)".to_owned()
                }
            }),
            TokenRef::Env(name) => {
                let value = std::env::var_os(name).ok_or("the variable is not set")?;
                let text = value
                    .into_string()
                    .map_err(|_| "the variable is not UTF-8")?;
                check(text)
            }
            TokenRef::File(path) => self.read_token(path, folder),
            TokenRef::Literal => Err("it stands in the manifest".to_owned()),
        }
    }

    fn read_token(&self, path: &str, folder: &Path) -> Result<Secret, String> {
        let read =
            |folder: &Path, path| open::read_below(folder, path, MAX_TOKEN_FILE, self.owners);
        let bytes = if let Some(name) = path.strip_prefix(CREDENTIALS) {
            let folder = std::env::var_os("CREDENTIALS_DIRECTORY")
                .ok_or("$CREDENTIALS_DIRECTORY is not set")?;
            read(Path::new(&folder), Path::new(name))
        } else if let Some((folder, rest)) = self.host.below_secrets(path) {
            read(folder, rest)
        } else {
            read(folder, Path::new(path))
        };
        let bytes = Zeroizing::new(bytes.map_err(|error| match error {
            OpenError::Unsafe { .. } => format!("the file {error}; {OWN_IT}"),
            OpenError::Io(_)
            | OpenError::NotAFile(_)
            | OpenError::TooLarge(_)
            | OpenError::Outside => format!("the file {error}"),
        })?);
        let text = std::str::from_utf8(&bytes).map_err(|_| "the file is not UTF-8")?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        check(text.to_owned())
    }
}

fn check(text: String) -> Result<Secret, String> {
    let secret = Secret::new(text);
    check_token(secret.expose())?;
    Ok(secret)
}

fn parse(path: &Path, bytes: &[u8]) -> Result<BTreeMap<String, Secret>, SecretsError> {
    let refuse = |place: String, why: &str| SecretsError::Content {
        path: path.to_owned(),
        place,
        why: why.to_owned(),
    };
    let text = std::str::from_utf8(bytes).map_err(|_| refuse(String::new(), "it is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // The parser's message may quote a value: only our own words and the
    // place are passed on.
    let refuse_error = |error: serde_yaml::Error| {
        let place = error
            .location()
            .map(|at| format!(":{}:{}", at.line(), at.column()))
            .unwrap_or_default();
        let said = error.to_string();
        let known = [REPEATED, NO_TEXT, TOO_LONG, OVER_BUDGET]
            .into_iter()
            .find(|why| said.contains(why));
        let why = match known {
            Some(OVER_BUDGET) => "YAML aliases repeat too much",
            Some(why) => why,
            None => "every value must be a text, and the file one map",
        };
        refuse(place, why)
    };
    // Asked for as text, `null`, `true` and what has a tag are texts like any
    // other; asked for as anything, 0123 and 1e3 lose their spelling. So both
    // are done where one of them may be there, or something is wrong. A file
    // that says nothing is no map, but is read as one without names.
    let entries = serde_yaml::Deserializer::from_str(text)
        .deserialize_map(SecretsVisitor(Budget::of_document(text)));
    let is_sure = |entries: &BTreeMap<String, Secret>| {
        !text.contains('!')
            && !entries.is_empty()
            && entries
                .values()
                .all(|token| is_surely_token(token.expose()))
    };
    if !entries.as_ref().is_ok_and(is_sure) {
        look(
            serde_yaml::Deserializer::from_str(text),
            SecretsLook(Budget::of_document(text)),
        )
        .map_err(refuse_error)?;
    }
    let entries = entries.map_err(refuse_error)?;
    for (name, secret) in &entries {
        check_token(secret.expose())
            .map_err(|why| refuse(String::new(), &format!("{}: {why}", show(name))))?;
    }
    Ok(entries)
}

/// Whether what was read as a text, without a tag, can be a token: it is not
/// too long and none of `null`, `true` and their like.
fn is_surely_token(text: &str) -> bool {
    const LONGEST_WORD: usize = "false".len();
    let is_no_word = text.len() > LONGEST_WORD || text.bytes().any(|byte| byte.is_ascii_digit());
    is_no_word && text.len() <= MAX_TOKEN
}

const REPEATED: &str = "a name is given twice";
const NO_TEXT: &str = "a value is nothing, a boolean, a list, a map or has a tag; put quotes around a token that looks like one of these";
const TOO_LONG: &str = "a token is longer than 16384 bytes";

/// Looks at every value once: only texts and numbers are tokens.
struct SecretsLook(Budget);

impl<'de> Look<'de> for SecretsLook {
    type Value = ();

    fn map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            self.0.spend(ENTRY + name.len())?;
            map.next_value_seed(ValueLook(&mut self.0))?;
        }
        Ok(())
    }

    fn other<E: Error>(self, _: Shape<'_>) -> Result<(), E> {
        Err(E::custom("no map"))
    }
}

struct ValueLook<'b>(&'b mut Budget);

impl<'de> DeserializeSeed<'de> for ValueLook<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        look(from, self)
    }
}

impl Look<'_> for ValueLook<'_> {
    type Value = ();

    fn other<E: Error>(self, shape: Shape<'_>) -> Result<(), E> {
        match shape {
            Shape::Text(text) if text.len() > MAX_TOKEN => Err(E::custom(TOO_LONG)),
            Shape::Text(text) => self.0.spend(text.len()),
            Shape::Number(_) => Ok(()),
            Shape::Null | Shape::Bool(_) | Shape::List | Shape::Map | Shape::Tag => {
                Err(E::custom(NO_TEXT))
            }
        }
    }
}

struct SecretsVisitor(Budget);

impl<'de> Visitor<'de> for SecretsVisitor {
    type Value = BTreeMap<String, Secret>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of names to tokens")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut secrets = BTreeMap::new();
        // As text, so that a token such as 0123 or 1e3 keeps its spelling.
        while let Some((name, token)) = map.next_entry::<String, String>()? {
            self.0.spend(ENTRY + name.len() + token.len())?;
            if secrets.insert(name, Secret::new(token)).is_some() {
                return Err(Error::custom(REPEATED));
            }
        }
        Ok(secrets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&[(&str, &str)], &str>) {
        let read = parse(Path::new("s.yaml"), text.as_bytes());
        match (read, expect) {
            (Ok(tokens), Ok(expect)) => {
                let tokens: Vec<_> = tokens.iter().map(|(n, t)| (&**n, t.expose())).collect();
                assert_eq!(tokens, expect, "{text:.80?}");
            }
            (Err(error), Err(expect)) => {
                let said = error.to_string();
                assert!(said.contains(expect), "{text:.80?}: {said}");
            }
            (read, _) => panic!("{text:.80?}: {read:?}"),
        }
    }

    #[test]
    fn tokens_keep_their_spelling() {
        for token in [
            "0123",
            "1e3",
            "1.10",
            "0x1F",
            "no",
            "yes",
            "12345678901234567890123",
        ] {
            check(&format!("t: {token}\n"), Ok(&[("t", token)]));
        }
        check(
            "\"t\": \"null\"\nu: 'true'\n",
            Ok(&[("t", "null"), ("u", "true")]),
        );
        check("t: &a x\nu: *a\n", Ok(&[("t", "x"), ("u", "x")]));
        check("t: !!str 1\n", Ok(&[("t", "1")]));
    }

    #[test]
    fn what_is_no_text_is_no_token() {
        for token in [
            "null", "~", "", "true", "FALSE", "!x y", "[a]", "{ a: b }", "!!null x",
        ] {
            check(&format!("a: b\nt: {token}\n"), Err(":2:"));
        }
        check("{\"t\": null}", Err("nothing, a boolean"));
        check("t: \"\"\n", Err("`t`: the token is empty"));
        check("t: x\nt: y\n", Err(REPEATED));
        check("x\n", Err("the file one map"));
        for nothing in ["", "# t: x\n", "---\n", "---\n...\n", "\u{feff}\n"] {
            check(nothing, Err("the file one map"));
        }
        check("{}\n", Ok(&[]));
    }

    #[test]
    fn no_secrets_file_is_read_into_more_than_four_times_its_size() {
        let long = "x".repeat(15_000);
        let many: Vec<String> = (0..60_000).map(|i| format!("t{i}: *a")).collect();
        let many = many.join("\n");
        check(
            &format!("a: &a {long}\n{many}"),
            Err("aliases repeat too much"),
        );
        check(
            &format!("a: {}\n", "x".repeat(16 * 1024 + 1)),
            Err(TOO_LONG),
        );
    }
}
