//! From `key=value` to parameters: values that are to be read are read. No
//! text of a token is taken, nor repeated in any way.

use super::super::World;
use crate::manifest::{OwnerCheck, read_file, read_stream};
use crate::model::{MAX_ICON_BYTES, Secret};
use crate::whm::api::{Flaw, Parameter, Place, Value};
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
    arguments: &[OsString],
    owners: OwnerCheck,
    world: &mut World<'_>,
) -> Result<Vec<(String, Value)>, Vec<Flaw>> {
    let mut reading = Reading {
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
        let place = parameter.map_or(Place::Number(number), Place::Parameter);
        let value = match (parameter, value.strip_prefix('@')) {
            (Some(Parameter::Token), None) => {
                return Err(refused_token());
            }
            // An `@` that stands for itself begins a text.
            (Some(Parameter::Token), Some(rest)) if rest.starts_with('@') => {
                return Err(refused_token());
            }
            (Some(Parameter::Token), Some(from)) => {
                let text = self.read(from, place, MAX_VALUE)?;
                Value::Secret(Secret::new(text.to_string()))
            }
            (_, None) => Value::Text(value.to_owned()),
            (_, Some(rest)) if rest.starts_with('@') => Value::Text(rest.to_owned()),
            // Nothing is read for what the function does not take.
            (None, Some(_)) => Value::Text(String::new()),
            (Some(parameter), Some(from)) => {
                let most = match parameter {
                    Parameter::Icon => MAX_ICON,
                    _ => MAX_VALUE,
                };
                let text = self.read(from, place, most)?;
                Value::Text(text.to_string())
            }
        };
        Ok((name.to_owned(), value))
    }

    /// Reads a value, without one line break at its end.
    fn read(&mut self, from: &str, place: Place, most: u64) -> Result<Zeroizing<String>, Flaw> {
        let flaw = |message: String| Flaw {
            place,
            message,
            hint: None,
        };
        let (bytes, what) = match from {
            "-" if self.is_input_read => {
                return Err(flaw(
                    "standard input is read once, for another parameter".to_owned(),
                ));
            }
            "-" => {
                self.is_input_read = true;
                (read_stream(&mut self.world.stdin, most), "standard input")
            }
            "" => return Err(flaw("a file is missing behind the `@`".to_owned())),
            path => (read_file(Path::new(path), most, self.owners), "the file"),
        };
        let bytes = bytes.map_err(|error| {
            let hint = error.hint();
            Flaw {
                hint,
                ..flaw(format!("{what} {error}"))
            }
        })?;
        let bytes = Zeroizing::new(bytes);
        let text = std::str::from_utf8(&bytes).map_err(|_| flaw(format!("{what} is not UTF-8")))?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        Ok(Zeroizing::new(text.to_owned()))
    }
}

/// What is said of a token as text: not a character of it.
fn refused_token() -> Flaw {
    let message = "no token is taken from the command line, where others can read it";
    Flaw::of(Parameter::Token, message)
        .hint("write token=@FILE, or token=@- for standard input; this one is known by now")
}
