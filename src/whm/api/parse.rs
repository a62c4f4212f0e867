//! From parameters to a request. Everything that is wrong is found at once, by
//! the rules that hold for a manifest's values.
//!
//! | given | taken as |
//! |---|---|
//! | a parameter that the function needs, missing or empty | refused; `implements` may be empty |
//! | one that may be left out, empty | left out |
//! | one twice, or one that the function does not take | refused |
//! | a token as text | refused |

use super::parameter::{Parameter, Value};
use super::reading::Reading;
use super::refused::{Called, Flaw, Refused};
use super::request::{Request, Wish};
use crate::manifest::{FieldRules, HostPolicy, nearest};
use crate::model::{
    AppName, DesiredLink, DesiredToken, Field, Function, Group, GroupId, TokenRef, UserName,
};
use crate::plan::Call;
use std::collections::BTreeMap;

/// A request, and what should be known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// What is asked for.
    pub request: Request,
    /// What is accepted and may be a mistake all the same.
    pub warnings: Vec<Flaw>,
}

impl Request {
    /// Reads a call: the function's name and its parameters, in any order.
    /// `host` is what this host allows.
    ///
    /// # Errors
    /// There is no such function, or parameters are wrong.
    pub fn parse<N: AsRef<str>>(
        function: &str,
        parameters: impl IntoIterator<Item = (N, Value)>,
        host: &HostPolicy,
    ) -> Result<Parsed, Refused> {
        let Some(function) = Function::parse(function) else {
            return Err(Refused::Unknown(Called::new(function)));
        };
        let mut reading = Reading {
            function,
            rules: FieldRules::of_host(host),
            values: BTreeMap::new(),
            flaws: Vec::new(),
            warnings: Vec::new(),
        };
        reading.take(parameters);
        let request = reading.request();
        match request {
            Some(request) if reading.flaws.is_empty() => Ok(Parsed {
                request,
                warnings: reading.warnings,
            }),
            Some(_) | None => Err(Refused::Parameters(reading.flaws)),
        }
    }
}

impl Reading {
    /// Sorts the parameters by name, and looks for those that are missing.
    fn take<N: AsRef<str>>(&mut self, parameters: impl IntoIterator<Item = (N, Value)>) {
        let (needed, others) = Parameter::of(self.function);
        for (index, (name, value)) in parameters.into_iter().enumerate() {
            let name = name.as_ref();
            let known = Parameter::parse(name)
                .filter(|parameter| needed.contains(parameter) || others.contains(parameter));
            let Some(parameter) = known else {
                self.flaws
                    .push(unknown(self.function, index + 1, name, (needed, others)));
                continue;
            };
            if self.values.insert(parameter, value).is_some() {
                self.flaws.push(Flaw::of(parameter, "is given twice"));
            }
        }
        for parameter in needed {
            match self.values.get(parameter) {
                None => {
                    let message = format!("is missing, and {} needs it", self.function);
                    self.flaws.push(Flaw::of(*parameter, message));
                }
                Some(value) if is_empty(value) && *parameter != Parameter::Implements => {
                    self.values.remove(parameter);
                    self.flaws.push(Flaw::of(*parameter, "is empty"));
                }
                Some(_) => {}
            }
        }
        for parameter in others {
            if self.values.get(parameter).is_some_and(is_empty) {
                self.values.remove(parameter);
            }
        }
    }

    /// What is asked for; `None` where a part of it cannot be read.
    fn request(&mut self) -> Option<Request> {
        self.version();
        let user = self.name(Parameter::User, UserName::parse);
        let call = match self.function {
            Function::ListLinks => return user.map(Request::ListLinks),
            Function::ListGroups => return user.map(Request::ListGroups),
            Function::GetLink => return self.address(user).map(Request::Get),
            Function::CreateLink => {
                let app = self.name(Parameter::App, AppName::parse);
                let link = self.link();
                self.token().zip(app).map(|(secret, app)| {
                    let token = DesiredToken::Known {
                        reference: TokenRef::Literal,
                        secret,
                    };
                    Call::CreateLink(app, Box::new(DesiredLink { link, token }))
                })
            }
            Function::UpdateToken => {
                let app = self.name(Parameter::App, AppName::parse);
                let token = self.token();
                app.zip(token)
                    .map(|(app, token)| Call::UpdateToken(app, token))
            }
            Function::RemoveLink => {
                let app = self.name(Parameter::App, AppName::parse);
                app.map(Call::RemoveLink)
            }
            Function::CreateGroup => {
                let id = self.name(Parameter::GroupId, GroupId::parse);
                let label = self.field(Parameter::Label, Field::Label);
                let order = self.read(Parameter::Order, |text| {
                    FieldRules::group_order(text).map(|order| (order, None))
                });
                id.map(|id| Call::CreateGroup(id, Group { label, order }))
            }
            Function::RemoveGroup => {
                let id = self.name(Parameter::GroupId, GroupId::parse);
                id.map(Call::RemoveGroup)
            }
        };
        user.zip(call)
            .map(|(user, call)| Request::Change(Wish { user, call }))
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Text(text) | Value::Read(text) => text.is_empty(),
        Value::Secret(secret) => secret.expose().is_empty(),
    }
}

/// What is said of something that is no parameter. Its name is not repeated:
/// a token without its name before it looks like one.
fn unknown(
    function: Function,
    number: usize,
    name: &str,
    (needed, others): (&[Parameter], &[Parameter]),
) -> Flaw {
    let names: Vec<&str> = needed
        .iter()
        .chain(others)
        .map(|parameter| parameter.name())
        .collect();
    let flaw = Flaw::at(number, format!("is none that {function} takes"));
    match nearest(name, names.iter().copied()) {
        Some(near) => flaw.hint(format!("did you mean `{near}`?")),
        None => flaw.hint(format!("it takes {}", names.join(", "))),
    }
}
