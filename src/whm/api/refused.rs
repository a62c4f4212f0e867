//! Why a call is refused, in words for `metadata.reason`. Nothing here holds a
//! token, nor a text that may be a misspelt one.

use super::parameter::Parameter;
use crate::manifest::{Breach, nearest};
use crate::model::{Function, UserName};
use crate::plan::{Address, Pause, Why};
use std::fmt;
use thiserror::Error;

/// Longest name of a function that is repeated in a reason, in bytes.
const MAX_NAME: usize = 64;

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    /// There is no such function.
    #[error("there is no function {name}; {others}", name = .0, others = functions(.0))]
    Unknown(Called),
    /// Parameters that are wrong or missing: all of them.
    #[error("{}", joined(.0))]
    Parameters(Vec<Flaw>),
    /// The host has no such account.
    #[error("there is no account {0} on this host")]
    NoAccount(UserName),
    /// There is no such link or group.
    #[error("there is no {kind} {0}", kind = kind(.0))]
    NotThere(Address),
    /// The link or group cannot be handled.
    #[error("{0}: {1}")]
    Blocked(Address, Why),
    /// Nothing of the user can be handled.
    #[error("{0}: {1}")]
    BlockedUser(UserName, Why),
    /// The file that holds the fields does not parse, or cannot be read.
    #[error("{0}: its userconfig {1}")]
    Broken(Address, String),
    /// This host does not let the token go where it would go.
    #[error("{0}: {1}")]
    Host(Address, String),
    /// A person works on it by hand.
    #[error("{0} is paused by {who}: {reason}", who = .1.who, reason = .1.reason)]
    Paused(Address, Box<Pause>),
    /// Something waits that only a watch has wait.
    #[error("{0} waits")]
    Held(Address),
}

/// The name by which a function was called: only what looks like one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called(String);

impl Called {
    /// Takes a name. What is no word is not repeated: it may be a parameter
    /// that was put in the wrong place, and a secret.
    pub fn new(text: &str) -> Self {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_name = (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(is_part);
        Self(if is_name { text } else { "?" }.to_owned())
    }
}

impl From<Function> for Called {
    fn from(function: Function) -> Self {
        Self(function.name().to_owned())
    }
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the value of a parameter, or in that it is missing.
    Parameter(Parameter),
    /// In what was given in this place, from 1, and is no parameter.
    Number(usize),
}

/// One thing that is wrong, or that should be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Where.
    pub place: Place,
    /// What, in one phrase.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Flaw {
    /// A flaw of a parameter.
    pub fn of(parameter: Parameter, message: impl Into<String>) -> Self {
        Self {
            place: Place::Parameter(parameter),
            message: message.into(),
            hint: None,
        }
    }

    /// A flaw of what was given in a place, from 1.
    pub fn at(number: usize, message: impl Into<String>) -> Self {
        Self {
            place: Place::Number(number),
            message: message.into(),
            hint: None,
        }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// A rule of manifests that a value breaks.
    pub(super) fn broken(parameter: Parameter, breach: Breach) -> Self {
        Self {
            place: Place::Parameter(parameter),
            message: breach.message,
            hint: breach.hint.map(str::to_owned),
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Parameter(parameter) => write!(f, "`{}`: ", parameter.name())?,
            Place::Number(number) => write!(f, "parameter {number}: ")?,
        }
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

fn joined(flaws: &[Flaw]) -> String {
    let flaws: Vec<String> = flaws.iter().map(Flaw::to_string).collect();
    flaws.join("; ")
}

fn kind(address: &Address) -> &'static str {
    match address {
        Address::Link(..) => "link",
        Address::Group(..) => "group",
    }
}

/// Which functions there are, the most likely one first.
fn functions(called: &Called) -> String {
    let names = Function::ALL.map(Function::name);
    let all = format!("the functions are {}", names.join(", "));
    match nearest(&called.0, names) {
        Some(near) => format!("did you mean `{near}`? {all}"),
        None => all,
    }
}
