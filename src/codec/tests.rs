//! Laws of all four kinds of file: what is written is read back as it was,
//! writing it again gives the same bytes, and values nobody here understands
//! keep theirs.

use super::menu::Pictured;
use super::{adminconfig, group, menu, userconfig};
use crate::model::{
    AdminConfig, AppName, Group, GroupConfig, Icon, Link, MenuEntry, MenuFile, Order, Secret,
    UserConfig, UserName,
};
use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Any text: quotes, control characters, and what lies beyond the BMP.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,12}",
        r#"["\\/\x00-\x1f\x7f'<>&%$]{0,6}"#,
        proptest::collection::vec(any::<char>(), 0..6).prop_map(String::from_iter),
    ]
}

/// Values no type of ours could hold without changing them.
const EXACT: [&str; 12] = [
    "1.10",
    "123456789012345678901234567890",
    "1e3",
    "-0",
    r#""\u00e9\/""#,
    r#""\ud83d\ude00""#,
    "null",
    "true",
    r#"{"b":1,"a":[1.0,{}]}"#,
    "[ 1,\n\t2 ]",
    r#""""#,
    "{}",
];

/// Unknown keys, with the exact text of their values.
fn unknown() -> impl Strategy<Value = BTreeMap<String, String>> {
    let key = text().prop_map(|text| format!("x{text}"));
    btree_map(
        key,
        prop::sample::select(&EXACT[..]).prop_map(str::to_owned),
        0..4,
    )
}

fn order() -> impl Strategy<Value = Order> {
    prop_oneof![
        any::<i64>().prop_map(Order::from),
        text().prop_map(|text| Order::from_disk(&text)),
    ]
}

fn icon() -> impl Strategy<Value = Icon> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..40).prop_map(|b| Icon::Image(b.into())),
        text().prop_map(|text| Icon::from_disk(&text)),
    ]
}

prop_compose! {
    fn link()(
        texts in proptest::array::uniform6(option::of(text())),
        order in option::of(order()),
        hide in any::<bool>(),
        icon in option::of(icon()),
    ) -> Link {
        let [label, implements, url, autologin_token_url, subscriber_unique_id, group_id] = texts;
        Link { label, implements, url, autologin_token_url, subscriber_unique_id, group_id, order, hide, icon }
    }
}

proptest! {
    #[test]
    fn a_userconfig_is_read_back_as_it_was_written(link in link(), unknown in unknown()) {
        let user = UserName::parse("alice").unwrap();
        let app = AppName::parse("ACME").unwrap();
        let file = UserConfig {
            link,
            stated_app: Some("ACME".to_owned()),
            stated_user: Some("alice".to_owned()),
            unknown,
        };
        let bytes = userconfig::render(&user, &app, &file.link, Some(&file));
        let read = userconfig::parse(&bytes).unwrap();
        prop_assert_eq!(&read, &file);
        prop_assert_eq!(userconfig::render(&user, &app, &read.link, Some(&read)), bytes);
    }

    #[test]
    fn an_adminconfig_is_read_back_as_it_was_written(token in option::of(text()), unknown in unknown()) {
        let unknown = unknown.into_iter().map(|(key, raw)| (key, Secret::new(raw))).collect();
        let file = AdminConfig { token: token.map(Secret::new).into(), unknown };
        let bytes = adminconfig::render(file.token.seen(), Some(&file));
        let read = adminconfig::parse(&bytes).unwrap();
        prop_assert_eq!(&read, &file);
        prop_assert_eq!(adminconfig::render(read.token.seen(), Some(&read)), bytes);
    }

    #[test]
    fn a_group_is_read_back_as_it_was_written(
        label in option::of(text()),
        order in option::of(order()),
        unknown in unknown(),
    ) {
        let file = GroupConfig { group: Group { label, order }, unknown };
        let bytes = group::render(&file.group, Some(&file));
        let read = group::parse(&bytes).unwrap();
        prop_assert_eq!(&read, &file);
        prop_assert_eq!(group::render(&read.group, Some(&read)), bytes);
    }

    #[test]
    fn a_menu_entry_is_read_back_as_it_was_written(link in link(), kept in unknown()) {
        let app = AppName::parse("ACME").unwrap();
        let wanted = MenuEntry::of_link(&app, &link);
        let before = MenuFile { entry: MenuEntry::default(), kept };
        let bytes = menu::render(&wanted, Pictured::Yes, Some(&before));
        let read = menu::parse(&bytes).unwrap();
        prop_assert_eq!(&read.entry.fields, &wanted.fields);
        prop_assert_eq!(&read.kept, &before.kept);
        match &wanted.icon {
            Some(icon) => prop_assert_eq!(read.entry.icon.as_ref(), Some(icon)),
            None => prop_assert!(read.entry.icon.is_some()),
        }
        prop_assert_eq!(menu::render(&wanted, Pictured::Yes, Some(&read)), bytes);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        for open in ["", "{", "[{", "{\"token\":", "[{\"if\":"] {
            let bytes = [open.as_bytes(), &bytes].concat();
            // Whether it parses does not matter here.
            drop((userconfig::parse(&bytes), adminconfig::parse(&bytes)));
            drop((group::parse(&bytes), menu::parse(&bytes)));
        }
    }
}

/// Reads an object with one unknown key and gives what is written for it.
fn kept(value: &str) -> String {
    let text = format!(r#"{{"label":"L","x-foreign":{value}}}"#);
    let read = userconfig::parse(text.as_bytes()).unwrap();
    let user = UserName::parse("alice").unwrap();
    let app = AppName::parse("ACME").unwrap();
    let bytes = userconfig::render(&user, &app, &read.link, Some(&read));
    String::from_utf8(bytes).unwrap()
}

#[test]
fn unknown_values_are_kept_to_the_byte() {
    for value in EXACT {
        let line = format!("   \"x-foreign\" : {value}\n}}\n");
        let written = kept(value);
        assert!(written.ends_with(&line), "{value} became {written}");
        assert_eq!(kept(value), written);
    }
}

#[test]
fn a_whole_file_has_sorted_keys_text_values_and_a_final_line_break() {
    let read = userconfig::parse(
        br#"{"zz":1.10,"order":7,"label":"Caf\u00e9 \/","hide":true,"aa":"\u00e9\/"}"#,
    )
    .unwrap();
    let user = UserName::parse("alice").unwrap();
    let app = AppName::parse("ACME").unwrap();
    let bytes = userconfig::render(&user, &app, &read.link, Some(&read));
    insta::assert_snapshot!(String::from_utf8(bytes).unwrap(), @r#"
    {
       "aa" : "\u00e9\/",
       "app" : "ACME",
       "hide" : "1",
       "label" : "Café /",
       "order" : "7",
       "user" : "alice",
       "zz" : 1.10
    }
    "#);
}
