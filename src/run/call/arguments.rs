//! From `key=value` to parameters: values that are to be read are read. No
//! text of a token is taken, nor repeated in any way.

use super::super::World;
use crate::manifest::{OwnerCheck, read_file, read_stream};
use crate::model::{Function, MAX_ICON_BYTES, Secret};
use crate::whm::api::{Flaw, Parameter, Value};
use std::ffi::OsString;
use std::path::Path;
use zeroize::Zeroizing;

/// Most bytes that a value may be read from; a rule of its own holds it to
/// fewer.
const MAX_VALUE: u64 = 64 * 1024;
/// Most bytes of an icon: percent-escaped base64 of the largest there may be.
const MAX_ICON: u64 = MAX_ICON_BYTES as u64 * 5;

/// Reads all parameters.
///
/// # Errors
/// Everything that is wrong with how they are given.
pub(super) fn read(
    function: &str,
    arguments: &[OsString],
    owners: OwnerCheck,
    world: &mut World<'_>,
) -> Result<Vec<(String, Value)>, Vec<Flaw>> {
    let mut reading = Reading {
        function: Function::parse(function),
        owners,
        world,
        is_input_read: false,
    };
    let mut parameters = Vec::new();
    let mut flaws = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        match reading.parameter(index + 1, argument) {
            Ok(parameter) => parameters.push(parameter),
            Err(flaw) => flaws.push(flaw),
        }
    }
    if flaws.is_empty() {
        Ok(parameters)
    } else {
        Err(flaws)
    }
}

struct Reading<'r, 'w> {
    function: Option<Function>,
    owners: OwnerCheck,
    world: &'r mut World<'w>,
    is_input_read: bool,
}

impl Reading<'_, '_> {
    fn parameter(&mut self, number: usize, argument: &OsString) -> Result<(String, Value), Flaw> {
        let text = argument
            .to_str()
            .ok_or_else(|| Flaw::at(number, "is not UTF-8"))?;
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| Flaw::at(number, "has no `=`").hint("write KEY=VALUE"))?;
        let parameter = Parameter::parse(name);
        if parameter == Some(Parameter::Token) && !is_read(value) {
            return Err(refused_token());
        }
        let value = match (parameter, value.strip_prefix('@')) {
            (_, None) => Value::Text(value.to_owned()),
            // An `@` that stands for itself begins a text.
            (_, Some(rest)) if rest.starts_with('@') => Value::Text(rest.to_owned()),
            (Some(parameter), Some(from)) if self.takes(parameter) => self.read(parameter, from)?,
            // Nothing is read for what the function does not take.
            (Some(_) | None, Some(_)) => Value::Text(String::new()),
        };
        Ok((name.to_owned(), value))
    }

    fn takes(&self, parameter: Parameter) -> bool {
        self.function.is_some_and(|function| {
            let (needed, others) = Parameter::of(function);
            needed.contains(&parameter) || others.contains(&parameter)
        })
    }

    /// Reads a value, without one line break at its end.
    fn read(&mut self, parameter: Parameter, from: &str) -> Result<Value, Flaw> {
        let most = match parameter {
            Parameter::Icon => MAX_ICON,
            _ => MAX_VALUE,
        };
        let (bytes, what) = match from {
            "-" if self.is_input_read => {
                let message = "standard input is read once, for another parameter";
                return Err(Flaw::of(parameter, message));
            }
            "-" => {
                self.is_input_read = true;
                (read_stream(&mut self.world.stdin, most), "standard input")
            }
            "" => {
                let message = "a file is missing behind the `@`";
                return Err(Flaw::of(parameter, message));
            }
            path => (read_file(Path::new(path), most, self.owners), "the file"),
        };
        let bytes = bytes.map_err(|error| Flaw {
            hint: error.hint(),
            ..Flaw::of(parameter, format!("{what} {error}"))
        })?;
        let bytes = Zeroizing::new(bytes);
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| Flaw::of(parameter, format!("{what} is not UTF-8")))?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text).to_owned();
        Ok(match parameter {
            Parameter::Token => Value::Secret(Secret::new(text)),
            _ => Value::Read(text),
        })
    }
}

/// Whether a value says where it is to be read from.
fn is_read(value: &str) -> bool {
    value.starts_with('@') && !value.starts_with("@@")
}

/// What is said of a token as text: not a character of it.
fn refused_token() -> Flaw {
    let message = "no token is taken from the command line, where others can read it";
    Flaw::of(Parameter::Token, message)
        .hint("write token=@FILE, or token=@- for standard input; this one is known by now")
}
