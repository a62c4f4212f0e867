//! Every form says the same, whatever texts it holds.

use super::*;
use crate::model::Function;
use crate::whm::api::Called;
use proptest::prelude::*;
use serde_json::{Value, json};

const FORMS: [ResponseForm; 3] = [
    ResponseForm::Json,
    ResponseForm::JsonPretty,
    ResponseForm::Yaml,
];

fn written(response: &Response, form: ResponseForm) -> String {
    let mut out = Vec::new();
    super::response(response, form, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What a form says, read by the library for it.
fn read(response: &Response, form: ResponseForm) -> Value {
    let text = written(response, form);
    match form {
        ResponseForm::Json | ResponseForm::JsonPretty => serde_json::from_str(&text).unwrap(),
        ResponseForm::Yaml => serde_yaml::from_str(&text).unwrap(),
    }
}

#[track_caller]
fn check(response: &Response, expect: &Value) {
    for form in FORMS {
        assert_eq!(read(response, form), *expect, "{form:?}");
    }
}

fn keys(keys: &[(&str, &str)]) -> Data {
    let keys = keys
        .iter()
        .map(|(key, raw)| ((*key).to_owned(), (*raw).to_owned()));
    Data::UserConfig(keys.collect())
}

#[test]
fn each_answer_has_its_envelope() {
    let metadata = |function: Function| json!({ "command": function.name(), "reason": "OK", "result": 1, "version": 1 });
    let function = Function::CreateLink;
    let done = Response::done(function, Data::Omitted);
    check(&done, &json!({ "metadata": metadata(function) }));
    let function = Function::RemoveLink;
    let done = Response::done(function, Data::Null);
    check(
        &done,
        &json!({ "data": null, "metadata": metadata(function) }),
    );
    let function = Function::ListLinks;
    for (apps, expect) in [
        (vec![], json!([])),
        (vec!["a", "no"], json!([{ "app": "a" }, { "app": "no" }])),
    ] {
        let apps = apps.into_iter().map(|app| AppName::parse(app).unwrap());
        let done = Response::done(function, Data::Links(apps.collect()));
        let expect = json!({ "data": { "links": expect }, "metadata": metadata(function) });
        check(&done, &expect);
    }
    let function = Function::ListGroups;
    let ids = vec![GroupId::parse("whmcs").unwrap()];
    let done = Response::done(function, Data::Groups(ids));
    let links = json!({ "links": [{ "group": "whmcs" }] });
    check(
        &done,
        &json!({ "data": links, "metadata": metadata(function) }),
    );
    let refused = Response::refused(Called::new("no_such_function"), "why: not");
    let metadata =
        json!({ "command": "no_such_function", "reason": "why: not", "result": 0, "version": 1 });
    check(&refused, &json!({ "metadata": metadata }));
}

/// A reader of YAML looks no further than 1,024 characters for the end of a key.
#[test]
fn a_long_key_is_read_back() {
    for length in [999, 1000, 1001, 1024, 5000] {
        for key in ["k".repeat(length), "é\n".repeat(length / 2)] {
            let raw = r#"{"b":[1,{"c":"d"}]}"#;
            let done = Response::done(Function::GetLink, keys(&[(&key, raw), ("z", "1")]));
            let expect = serde_json::from_str::<Value>(raw).unwrap();
            let text = written(&done, ResponseForm::Yaml);
            let read = read(&done, ResponseForm::Yaml);
            assert_eq!(read["data"]["userconfig"][&key], expect, "{text}");
            assert_eq!(read["data"]["userconfig"]["z"], 1, "{text}");
        }
    }
}

#[test]
fn the_forms_are_those_of_the_command_line() {
    let data = keys(&[("label", r#""B & \"S\"""#), ("n", "1.10"), ("x", "[1,{}]")]);
    let done = Response::done(Function::GetLink, data);
    insta::assert_snapshot!(written(&done, ResponseForm::Json), @r#"{"data":{"userconfig":{"label":"B & \"S\"","n":1.10,"x":[1,{}]}},"metadata":{"command":"get_integration_link_user_config","reason":"OK","result":1,"version":1}}"#);
    insta::assert_snapshot!(written(&done, ResponseForm::JsonPretty), @r#"
    {
       "data" : {
          "userconfig" : {
             "label" : "B & \"S\"",
             "n" : 1.10,
             "x" : [
                1,
                {}
             ]
          }
       },
       "metadata" : {
          "command" : "get_integration_link_user_config",
          "reason" : "OK",
          "result" : 1,
          "version" : 1
       }
    }
    "#);
    insta::assert_snapshot!(written(&done, ResponseForm::Yaml), @r#"
    ---
    data:
      userconfig:
        label: "B & \"S\""
        "n": 1.10
        x:
          - 1
          - {}
    metadata:
      command: get_integration_link_user_config
      reason: OK
      result: 1
      version: 1
    "#);
}

#[test]
fn values_keep_what_they_are() {
    let raw = r#"{"b":[1.10,-7,1e3,null,true,{}],"a":"\u00e9\/\ud83d\ude00"}"#;
    let done = Response::done(Function::GetLink, keys(&[("x", raw), ("y", "[]")]));
    let expect: Value = serde_json::from_str(raw).unwrap();
    for form in FORMS {
        let said = read(&done, form);
        assert_eq!(said["data"]["userconfig"]["x"], expect, "{form:?}");
        assert_eq!(said["data"]["userconfig"]["y"], json!([]));
        let text = written(&done, form);
        assert!(text.contains("1.10") && text.contains("1e3"), "{text}");
    }
}

proptest! {
    #[test]
    fn every_text_comes_back_and_none_deceives(
        texts in proptest::collection::vec(any::<String>(), 1..5),
        mean in "[:#\\[\u{202e}\u{1b}\n\r\u{85}\u{2028} a-]{0,12}",
    ) {
        let texts: Vec<String> = texts.into_iter().chain([mean]).collect();
        let data = Data::UserConfig(
            texts
                .iter()
                .map(|text| (format!("k{text}"), crate::codec::quote(text)))
                .collect(),
        );
        let done = Response::done(Function::GetLink, data);
        for form in FORMS {
            let said = read(&done, form);
            for text in &texts {
                let found = &said["data"]["userconfig"][format!("k{text}")];
                prop_assert_eq!(found, &json!(text));
            }
            let out = written(&done, form);
            prop_assert!(!out.contains('\u{202e}') && !out.contains('\u{1b}'), "{}", out);
            for line in out.lines() {
                prop_assert!(!line.trim_start().starts_with("::"), "{}", out);
            }
        }
        let refused = Response::refused(Function::GetLink, texts.concat());
        for form in FORMS {
            prop_assert_eq!(&read(&refused, form)["metadata"]["reason"], &json!(texts.concat()));
        }
    }
}
