//! Whatever is given, it is read without a panic, and no token is repeated.

use super::{Parameter, Request, Value};
use crate::manifest::HostPolicy;
use crate::model::{Function, Secret};
use proptest::prelude::*;

/// Names of parameters, right, nearly right and wrong.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(&Parameter::ALL[..]).prop_map(|p| p.name().to_owned()),
        1 => "[a-z_.]{0,8}",
        1 => any::<String>(),
        1 => "canary-[a-z]{1,4}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => any::<String>().prop_map(Value::Text),
        4 => "[a-z0-9:/.]{0,12}".prop_map(Value::Text),
        1 => "canary-[a-z]{1,4}".prop_map(|text| Value::Secret(Secret::new(text))),
        1 => any::<String>().prop_map(|text| Value::Secret(Secret::new(format!("canary-{text}")))),
    ]
}

proptest! {
    #[test]
    fn every_call_is_read_or_refused_in_words(
        function in prop::sample::select(&Function::ALL[..]),
        parameters in proptest::collection::vec((name(), value()), 0..14),
    ) {
        let host = HostPolicy::default();
        match Request::parse(function.name(), parameters.clone(), &host) {
            Ok(parsed) => {
                prop_assert_eq!(parsed.request.function(), function);
                let said = format!("{:?}", parsed.request);
                prop_assert!(!said.contains("canary"), "{}", said);
            }
            Err(refused) => {
                let said = format!("{refused} {refused:?}");
                prop_assert!(!said.contains("canary"), "{}", said);
            }
        }
    }
}

#[test]
fn every_function_takes_the_version_and_none_takes_one_parameter_twice() {
    for function in Function::ALL {
        assert_eq!(Function::parse(function.name()), Some(function));
        let (needed, others) = Parameter::of(function);
        let mut all: Vec<Parameter> = needed.iter().chain(others).copied().collect();
        assert!(all.contains(&Parameter::ApiVersion) && needed.contains(&Parameter::User));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count, "{function}");
    }
    for parameter in Parameter::ALL {
        assert_eq!(Parameter::parse(parameter.name()), Some(parameter));
    }
}
