//! The JSON Schema for editors, held against the validator: it never refuses
//! what the validator accepts, and the file in `examples/` is the newest.

mod mutations;

use crate::support::Sandbox;
use cplinks::manifest::{HostPolicy, OwnerCheck, load, schema};
use jsonschema::Validator;
use serde_json::{Value, json};
use std::path::Path;

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn as_json(yaml: &str) -> Value {
    serde_yaml::from_str(yaml).unwrap()
}

/// Whether the validator takes a text, without its folder.
fn is_accepted(yaml: &str) -> bool {
    let loaded = load(
        &["-".into()],
        yaml.as_bytes(),
        OwnerCheck::Off,
        &HostPolicy::default(),
    );
    loaded.manifest.is_some()
}

#[test]
fn the_schema_in_the_examples_is_what_the_binary_prints() {
    let sandbox = Sandbox::new();
    let printed = sandbox.run(&["schema"]).expect(0).stdout;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/cplinks.schema.json");
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(
        kept == printed,
        "write `cplinks schema` to {}",
        path.display()
    );
}

/// That feature of a JSON library, which any dependency could switch on for
/// all of them, makes numbers a private map in every other format.
#[test]
fn numbers_are_written_as_numbers() {
    assert_eq!(serde_yaml::to_string(&json!(1)).unwrap(), "1\n");
}

#[test]
fn every_example_follows_the_schema() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for name in [
        "minimal.yaml",
        "acme/10-links.yaml",
        "acme/20-users-berlin.yaml",
    ] {
        let text = std::fs::read_to_string(examples.join(name)).unwrap();
        let problems: Vec<String> = validator()
            .iter_errors(&as_json(&text))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(problems.is_empty(), "{name}: {problems:?}");
    }
    for path in ["minimal.yaml", "acme"] {
        let loaded = load(
            &[examples.join(path)],
            std::io::empty(),
            OwnerCheck::Off,
            &HostPolicy::default(),
        );
        assert!(loaded.manifest.is_some(), "{path}: {:?}", loaded.problems);
    }
}

/// Who refuses a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// The schema, and so the validator.
    Both,
    /// The validator alone: it needs templates, layers, or a rule that no
    /// schema can state.
    OnlyValidator,
}

use Seen::{Both, OnlyValidator};

/// A link's field, and who refuses it.
const FIELDS: &[(&str, Seen)] = &[
    ("lable: L", Both),
    ("label: [L]", Both),
    ("label: { a: b }", Both),
    ("url: [x]", Both),
    ("order: 100000", Both),
    ("order: -100000", Both),
    ("order: 1.5", Both),
    ("order: x", Both),
    ("order: true", Both),
    ("order: []", Both),
    ("order: \"1e3\"", Both),
    ("hide: \"yes\"", Both),
    ("hide: 2", Both),
    ("hide: \"true\"", Both),
    ("hide: []", Both),
    ("token: {}", Both),
    ("token: 12", Both),
    ("token: true", Both),
    ("token: [a]", Both),
    ("token: { secret: a, env: CPLINKS_B }", Both),
    ("token: { exec: a }", Both),
    ("token: { secret: [a] }", Both),
    ("token: { secret: null }", Both),
    ("icon: {}", Both),
    ("base64_png_image: []", Both),
    ("order: \"017\"", OnlyValidator),
    ("order: \"100000\"", OnlyValidator),
    ("label: \"\"", OnlyValidator),
    ("label: \"O'Brien\"", OnlyValidator),
    ("label: null", OnlyValidator),
    ("label: \"{{ nope }}\"", OnlyValidator),
    ("url: x", OnlyValidator),
    ("url: \"https://localhost/\"", OnlyValidator),
    ("token: { env: HOME }", OnlyValidator),
    ("token: { file: /etc/shadow }", OnlyValidator),
    ("icon: nowhere.png", OnlyValidator),
    ("base64_png_image: aa", OnlyValidator),
    ("group_id: a/b", OnlyValidator),
    ("implements: a b", OnlyValidator),
    ("autologin_token_url: https://a.example/", OnlyValidator),
];

/// A whole document, and who refuses it.
const DOCUMENTS: &[(&str, Seen)] = &[
    ("null", Both),
    ("[]", Both),
    ("text", Both),
    ("{}", Both),
    ("{ version: 2, users: USERS }", Both),
    ("{ version: [1], users: USERS }", Both),
    ("{ users: USERS }", Both),
    ("{ version: 1, users: [] }", Both),
    ("{ version: 1, users: { alice: null } }", Both),
    ("{ version: 1, users: { alice: {} } }", Both),
    ("{ version: 1, users: { alice: { links: null } } }", Both),
    (
        "{ version: 1, users: { alice: { links: { A: null } } } }",
        Both,
    ),
    (
        "{ version: 1, users: { alice: { links: { A: there } } } }",
        Both,
    ),
    ("{ version: 1, users: { a/b: { links: {} } } }", Both),
    (
        "{ version: 1, users: { alice: { links: { a.b: absent } } } }",
        Both,
    ),
    ("{ version: 1, users: USERS, user: {} }", Both),
    ("{ version: 1, users: USERS, apps: { B: absent } }", Both),
    ("{ version: 1, users: USERS, apps: [] }", Both),
    (
        "{ version: 1, users: USERS, groups: { g: { order: 1 } } }",
        Both,
    ),
    (
        "{ version: 1, users: USERS, groups: { g: { label: G, order: 0 } } }",
        Both,
    ),
    (
        "{ version: 1, users: USERS, groups: { g: { label: null } } }",
        Both,
    ),
    (
        "{ version: 1, users: USERS, settings: { unlisted: hide } }",
        Both,
    ),
    (
        "{ version: 1, users: USERS, settings: { unlisted: null } }",
        Both,
    ),
    (
        "{ version: 1, users: USERS, settings: { manage: A } }",
        Both,
    ),
    (
        "{ version: 1, users: USERS, settings: { manage: [null] } }",
        Both,
    ),
    (
        "{ version: 1, users: USERS, settings: { guards: { hide: 20 } } }",
        Both,
    ),
    (
        "{ version: 1, users: USERS, settings: { guards: { hid: 20% } } }",
        Both,
    ),
    ("{ version: 1, users: USERS, settings: [] }", Both),
    (
        "{ version: 1, users: { alice: { links: {}, vars: { a: null } } } }",
        Both,
    ),
    (
        "{ version: 1, users: { alice: { links: {}, vars: { a b: c } } } }",
        Both,
    ),
    ("{ version: 1.0, users: USERS }", OnlyValidator),
    ("{ version: 1 }", OnlyValidator),
    ("{ version: 1, users: {} }", OnlyValidator),
    (
        "{ version: 1, users: { root: { links: {} } } }",
        OnlyValidator,
    ),
    (
        "{ version: 1, users: { alice: { links: { group_x: absent } } } }",
        OnlyValidator,
    ),
    (
        "{ version: 1, users: USERS, settings: { guards: { hide: 101% } } }",
        OnlyValidator,
    ),
    (
        "{ version: 1, users: USERS, settings: { ignore: [A] } }",
        OnlyValidator,
    ),
];

#[test]
fn what_the_schema_refuses_the_validator_refuses() {
    let validator = validator();
    let users =
        "{ alice: { links: { A: { implements: \"\", label: L, url: \"https://a.example/\" } } } }";
    let good = format!("{{ version: 1, users: {users} }}");
    assert!(validator.is_valid(&as_json(&good)) && is_accepted(&good));
    let with_field = |field: &str| {
        let (name, _) = field.split_once(':').unwrap();
        let kept = [
            ("implements", "\"\""),
            ("label", "L"),
            ("url", "\"https://a.example/\""),
        ];
        let kept = kept.iter().filter(|(other, _)| *other != name);
        let fields: Vec<String> = kept
            .map(|(name, value)| format!("{name}: {value}, "))
            .collect();
        let fields = fields.concat();
        format!("{{ version: 1, users: {{ alice: {{ links: {{ A: {{ {fields}{field} }} }} }} }} }}")
    };
    let fields = FIELDS.iter().map(|(field, seen)| (with_field(field), seen));
    let documents = DOCUMENTS
        .iter()
        .map(|(text, seen)| (text.replace("USERS", users), seen));
    let mut failures = Vec::new();
    for (text, seen) in fields.chain(documents) {
        let by_schema = !validator.is_valid(&as_json(&text));
        let by_validator = !is_accepted(&text);
        if (by_schema, by_validator) != (*seen == Both, true) {
            failures.push(format!(
                "{text}: refused by the schema {by_schema}, the validator {by_validator}"
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
