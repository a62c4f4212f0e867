//! Laws of all four kinds of file: what is written is read back as it was,
//! writing it again gives the same bytes, and values nobody here understands
//! keep theirs.

use super::menu::Pictured;
use super::{adminconfig, group, menu, userconfig};
use crate::model::{
    AdminConfig, AppName, Group, GroupConfig, Icon, Link, MenuEntry, MenuFile, Order, Secret,
    UserConfig, UserName,
};
use crate::model::{DesiredToken, FoundToken, GroupId, TokenRef};
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

/// The spellings of a value that are worth a try, and one that is another.
fn respelled(raw: &str, how: usize) -> String {
    let bare = raw.trim_matches('"');
    match how {
        1 => bare.to_owned(),
        2 => format!("\"{bare} \""),
        3 => raw.replace('/', "\\/"),
        4 => "null".to_owned(),
        5 => "\"0\"".to_owned(),
        6 => raw.replacen('a', "\\u0061", 1),
        _ => raw.to_owned(),
    }
}

/// A file with its keys in another order, one of its values spelled in another
/// way, one left out or given twice.
fn shuffled(bytes: &[u8], seed: u64, how: usize) -> Vec<u8> {
    let is_array = bytes.first() == Some(&b'[');
    let text = std::str::from_utf8(bytes).unwrap();
    let inner = text.trim().trim_matches(['[', ']']);
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(inner).unwrap();
    let mut pairs: Vec<_> = object
        .iter()
        .map(|(key, value)| {
            (
                serde_json::Value::from(key.as_str()).to_string(),
                value.to_string(),
            )
        })
        .collect();
    let count = pairs.len().max(1);
    let at =
        |salt: u64| usize::try_from(seed.rotate_left(7).wrapping_mul(salt) >> 8).unwrap() % count;
    if !pairs.is_empty() {
        pairs.rotate_left(at(3));
        pairs.swap(at(5), at(11));
        let chosen = at(13);
        match how {
            7 => drop(pairs.remove(chosen)),
            8 => pairs.push(pairs[chosen].clone()),
            _ => pairs[chosen].1 = respelled(&pairs[chosen].1, how),
        }
    }
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(key, value)| format!("{key}:{value}"))
        .collect();
    let object = format!("{{{}}}", pairs.join(",\n"));
    let whole = if is_array {
        format!("[{object}]")
    } else {
        object
    };
    whole.into_bytes()
}

proptest! {
    /// What is told without decoding is what decoding tells.
    #[test]
    fn a_yes_of_the_bytes_is_never_wrong(link in link(), seed in any::<u64>(), how in 0_usize..9) {
        let user = UserName::parse("alice").unwrap();
        let app = AppName::parse("ACME").unwrap();
        let bytes = shuffled(&userconfig::render(&user, &app, &link, None), seed, how);
        if userconfig::says(&bytes, &user, &app, &link) {
            let read = userconfig::parse(&bytes).unwrap();
            prop_assert_eq!(&read.link, &link);
            prop_assert!(read.stated_app.is_none_or(|stated| stated == "ACME"));
            prop_assert!(read.stated_user.is_none_or(|stated| stated == "alice"));
        }
        let entry = MenuEntry::of_link(&app, &link);
        let bytes = shuffled(&menu::render(&entry, Pictured::Yes, None), seed, how);
        if menu::is_of_link(&bytes, &app, &link) {
            let read = menu::parse(&bytes).unwrap().entry;
            prop_assert_eq!(&read.fields, &entry.fields);
            prop_assert!(read.icon.is_some());
            prop_assert!(entry.icon.is_none() || read.icon == entry.icon);
        }
    }

    #[test]
    fn a_yes_to_a_token_or_a_group_is_never_wrong(
        tokens in proptest::array::uniform2(option::of(text())),
        label in option::of(text()),
        order in option::of(order()),
        seed in any::<u64>(),
        how in 0_usize..9,
    ) {
        let [wanted, there] = tokens.map(|token| token.map(Secret::new));
        for there in [wanted.clone(), there] {
            let bytes = shuffled(&adminconfig::render(there.as_ref(), None), seed, how);
            let known = wanted.clone().map_or(DesiredToken::None, |secret| DesiredToken::Known {
                reference: TokenRef::Literal,
                secret,
            });
            if adminconfig::says(&bytes, &known) {
                prop_assert_eq!(adminconfig::parse(&bytes).unwrap().token, FoundToken::from(wanted.clone()));
            }
            if adminconfig::says(&bytes, &DesiredToken::Keep) {
                prop_assert!(adminconfig::parse(&bytes).unwrap().token.is_there());
            }
            let (reference, why) = (TokenRef::Literal, String::new());
            if adminconfig::says(&bytes, &DesiredToken::Unknown { reference, why }) {
                prop_assert!(adminconfig::parse(&bytes).is_ok());
            }
        }
        let id = GroupId::parse("acme").unwrap();
        let group = Group { label, order };
        let bytes = shuffled(&group::render(&group, None), seed, how);
        if group::says(&bytes, &group) {
            prop_assert_eq!(&group::parse(&bytes).unwrap().group, &group);
        }
        let entry = MenuEntry::of_group(&id, &group);
        let bytes = shuffled(&menu::render(&entry, Pictured::No, None), seed, how);
        if menu::is_of_group(&bytes, &id, &group) {
            prop_assert_eq!(&menu::parse(&bytes).unwrap().entry.fields, &entry.fields);
        }
    }
}

/// A link as manifests have them.
fn ordinary() -> (UserName, AppName, Link) {
    let link = Link {
        label: Some("Billing & more".into()),
        implements: Some(String::new()),
        url: Some("https://billing.acme.example/account?user=alice".into()),
        autologin_token_url: Some("https://billing.acme.example/sso".into()),
        subscriber_unique_id: Some("0123".into()),
        group_id: Some("acme".into()),
        order: Some(Order::from(-7)),
        hide: false,
        icon: Some(crate::model::neutral_icon()),
    };
    (
        UserName::parse("alice").unwrap(),
        AppName::parse("ACME_billing").unwrap(),
        link,
    )
}

#[test]
fn an_ordinary_file_is_told_by_its_bytes_in_either_form() {
    let (user, app, plain) = ordinary();
    for link in [
        Link {
            hide: true,
            icon: None,
            ..plain.clone()
        },
        plain,
    ] {
        let token = DesiredToken::Known {
            reference: TokenRef::Literal,
            secret: Secret::new("s3cr3t/x".into()),
        };
        let entry = MenuEntry::of_link(&app, &link);
        let fields = userconfig::render(&user, &app, &link, None);
        let secret = adminconfig::render(Some(&Secret::new("s3cr3t/x".into())), None);
        let menu = menu::render(&entry, Pictured::Yes, None);
        let says = |fields: &[u8], secret: &[u8], menu: &[u8]| {
            [
                userconfig::says(fields, &user, &app, &link),
                adminconfig::says(secret, &token),
                menu::is_of_link(menu, &app, &link),
            ]
        };
        assert_eq!(says(&fields, &secret, &menu), [true; 3]);
        // As the panel writes them: in any order, and no `app` or `user`.
        let fields = shuffled(&fields, 7, 0);
        let text = String::from_utf8(fields).unwrap();
        let text = text.replace("\"app\":\"ACME_billing\",", "");
        let menu = shuffled(&menu, 7, 0);
        assert_eq!(says(text.as_bytes(), &secret, &menu), [true; 3]);
    }
}

#[test]
fn no_flipped_byte_is_taken_for_what_is_wanted() {
    let (user, app, link) = ordinary();
    let entry = MenuEntry::of_link(&app, &link);
    let fields = userconfig::render(&user, &app, &link, None);
    let menu = menu::render(&entry, Pictured::Yes, None);
    for with in [b' ', b'0', b'"', b'\\', b'x', b'\n', b',', 0xff] {
        let flipped = |bytes: &[u8], at: usize| {
            let mut bytes = bytes.to_vec();
            bytes[at] = with;
            bytes
        };
        for at in 0..fields.len() {
            let bytes = flipped(&fields, at);
            if userconfig::says(&bytes, &user, &app, &link) {
                let read = userconfig::parse(&bytes).unwrap();
                assert_eq!(read.link, link, "{at} {with}");
            }
        }
        for at in 0..menu.len() {
            let bytes = flipped(&menu, at);
            if menu::is_of_link(&bytes, &app, &link) {
                let read = menu::parse(&bytes).unwrap();
                assert_eq!(read.entry, entry, "{at} {with}");
            }
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
