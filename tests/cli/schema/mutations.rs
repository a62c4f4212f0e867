//! The bundled manifest with something dropped, renamed or retyped at random:
//! what the schema refuses of that, the validator refuses.

use super::{as_json, is_accepted, validator};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;

/// One thing that goes wrong in a document.
#[derive(Debug, Clone)]
enum Mutation {
    Drop,
    Rename(String),
    Retype(Value),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let values = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-100_001_i64..100_001).prop_map(Value::from),
        prop_oneof![Just(0.5), Just(1.0), Just(1e300)].prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        prop_oneof![
            Just("absent"),
            Just("keep"),
            Just("20%"),
            Just("{{ user }}"),
            Just("1")
        ]
        .prop_map(Value::from),
        Just(json!([])),
        Just(json!(["x", 1, null])),
        Just(json!({})),
        Just(json!({ "secret": "x" })),
        Just(json!({ "links": {} })),
    ];
    prop_oneof![
        Just(Mutation::Drop),
        "[A-Za-z_./ -]{0,10}|label|links|token".prop_map(Mutation::Rename),
        values.prop_map(Mutation::Retype),
    ]
}

/// Applies a mutation to the `nth` value below another, counted depth first.
fn mutate(value: &mut Value, nth: &mut usize, mutation: &Mutation) -> bool {
    match value {
        Value::Object(map) => {
            for key in map.keys().cloned().collect::<Vec<_>>() {
                if *nth == 0 {
                    match mutation {
                        Mutation::Drop => drop(map.remove(&key)),
                        Mutation::Rename(name) => {
                            let value = map.remove(&key).unwrap();
                            map.insert(name.clone(), value);
                        }
                        Mutation::Retype(value) => drop(map.insert(key, value.clone())),
                    }
                    return true;
                }
                *nth -= 1;
                if mutate(&mut map[&key], nth, mutation) {
                    return true;
                }
            }
            false
        }
        Value::Array(items) => {
            for item in items {
                if *nth == 0 {
                    if let Mutation::Retype(value) = mutation {
                        *item = value.clone();
                    }
                    return true;
                }
                *nth -= 1;
                if mutate(item, nth, mutation) {
                    return true;
                }
            }
            false
        }
        _ => false,
    }
}

/// The bundled manifest without icons, which lie in a folder.
fn example() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme/10-links.yaml");
    let mut manifest = as_json(&std::fs::read_to_string(path).unwrap());
    for app in manifest["apps"].as_object_mut().unwrap().values_mut() {
        app.as_object_mut().unwrap().remove("icon");
    }
    manifest
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutation_that_the_schema_refuses_the_validator_refuses(
        places in proptest::collection::vec((0_usize..160, mutation()), 1..4),
    ) {
        let mut manifest = example();
        for (mut nth, mutation) in places {
            mutate(&mut manifest, &mut nth, &mutation);
        }
        let yaml = serde_yaml::to_string(&manifest).unwrap();
        // What YAML makes of it is what an editor would see.
        if !validator().is_valid(&as_json(&yaml)) {
            prop_assert!(!is_accepted(&yaml), "{}", yaml);
        }
    }
}

#[test]
fn the_example_without_icons_is_accepted() {
    let yaml = serde_yaml::to_string(&example()).unwrap();
    assert!(is_accepted(&yaml), "{yaml}");
}
