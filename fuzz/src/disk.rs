//! A file as it may lie on a server, read as each kind. The same bytes are
//! compared with a link that is wanted, without being decoded: where that says
//! that they are as wanted, so must what is decoded. A second file in the
//! input is the link that is wanted; else it is the one that is there.

use crate::{pieces, shown, world};
use cplinks::codec::{self, adminconfig, form, group, menu, panel, userconfig};
use cplinks::model::Function;
use cplinks::model::{AppName, UserName};
use cplinks::model::{
    DesiredToken, FileKind, Group, Link, MenuEntry, MenuFile, Order, Reading, Secret, TokenRef,
    UserConfig,
};
use cplinks::report::{ResponseForm, response};
use cplinks::whm::api::{Data, Response};

/// Reads the first piece, and holds it against what the second wants.
pub fn check(data: &[u8]) {
    let mut pieces = pieces(data);
    let bytes = pieces.next().unwrap_or_default();
    let other = pieces
        .next()
        .and_then(|other| userconfig::parse(other).ok());
    let (user, app) = (world::user("alice"), world::app("A"));
    fields(bytes, other.as_ref().map(|other| &other.link), &user, &app);
    token(bytes);
    entry(bytes, other.as_ref().map(|other| &other.link), &app);
    of_group(bytes);
    form_of(bytes);
    keys(bytes);
    codec::account::reseller(bytes);
    for kind in [FileKind::Userconfig, FileKind::Adminconfig, FileKind::Menu] {
        let is_read = match kind {
            FileKind::Userconfig | FileKind::Adminconfig => userconfig::parse(bytes).is_ok(),
            FileKind::Menu => menu::parse(bytes).is_ok(),
        };
        let reading = panel::reading(kind, bytes);
        assert!(
            !is_read || reading == Reading::Reads,
            "{kind:?} {reading:?}"
        );
        panel::has_spaced_icon(kind, bytes);
    }
}

fn fields(bytes: &[u8], other: Option<&Link>, user: &UserName, app: &AppName) {
    let found = userconfig::parse(bytes);
    let own = found.as_ref().ok().map(|found| &found.link);
    let nothing = Link::default();
    for wanted in own.into_iter().chain(other).chain([&nothing]) {
        if !userconfig::says(bytes, user, app, wanted) {
            continue;
        }
        let found = found.as_ref().expect("what says something is read");
        assert_eq!(found.link, *wanted, "it says something else");
        assert!(found.unknown.is_empty());
        let is_own = |stated: Option<&String>, name: &str| stated.is_none_or(|s| s == name);
        assert!(is_own(found.stated_app.as_ref(), app.as_str()));
        assert!(is_own(found.stated_user.as_ref(), user.as_str()));
    }
    let Ok(found) = &found else { return };
    for before in [None, Some(found)] {
        let written = userconfig::render(user, app, &found.link, before);
        let again = userconfig::parse(&written).expect("what is written is read");
        let stated = UserConfig {
            link: found.link.clone(),
            stated_app: Some(app.to_string()),
            stated_user: Some(user.to_string()),
            unknown: before.map(|b| b.unknown.clone()).unwrap_or_default(),
        };
        assert_eq!(again, stated);
        let twice = userconfig::render(user, app, &again.link, Some(&again));
        assert_eq!(twice, written, "it is not written the same twice");
    }
}

fn token(bytes: &[u8]) {
    let found = adminconfig::parse(bytes);
    let seen = found
        .as_ref()
        .ok()
        .and_then(|found| found.token.seen().cloned());
    let known = |secret| DesiredToken::Known {
        reference: TokenRef::Literal,
        secret,
    };
    let mut wanted = vec![
        DesiredToken::None,
        DesiredToken::Keep,
        known(Secret::new("t".to_owned())),
    ];
    wanted.extend(seen.clone().map(known));
    for wanted in &wanted {
        if !adminconfig::says(bytes, wanted) {
            continue;
        }
        let found = found.as_ref().expect("what says something is read");
        assert!(found.unknown.is_empty());
        match wanted {
            DesiredToken::None => assert!(!found.token.is_there()),
            DesiredToken::Keep => assert!(found.token.is_there()),
            DesiredToken::Known { secret, .. } => assert_eq!(found.token.seen(), Some(secret)),
            DesiredToken::Unknown { .. } => {}
        }
    }
    let Ok(found) = &found else { return };
    let written = adminconfig::render(seen.as_ref(), Some(found));
    let again = adminconfig::parse(&written).expect("what is written is read");
    assert_eq!(&again, found);
}

fn entry(bytes: &[u8], other: Option<&Link>, app: &AppName) {
    let found = menu::parse(bytes);
    let own = found.as_ref().ok().map(link_of);
    let nothing = Link::default();
    for wanted in own.as_ref().into_iter().chain(other).chain([&nothing]) {
        if !menu::is_of_link(bytes, app, wanted) {
            continue;
        }
        let found = found.as_ref().expect("what is of a link is read");
        let derived = MenuEntry::of_link(app, wanted);
        assert_eq!(found.entry.fields, derived.fields);
        assert!(derived.icon.is_none() || derived.icon == found.entry.icon);
        assert!(
            found
                .kept
                .keys()
                .all(|key| ["height", "width"].contains(&key.as_str()))
        );
    }
    let Ok(found) = &found else { return };
    let written = menu::render(&found.entry, menu::Pictured::No, Some(found));
    let again = menu::parse(&written).expect("what is written is read");
    assert_eq!(again.entry.fields, found.entry.fields);
    assert_eq!(again.kept, found.kept);
}

/// The link that an entry may be of.
fn link_of(found: &MenuFile) -> Link {
    let field = |key: &str| found.entry.fields.get(key).cloned();
    Link {
        label: field("description"),
        implements: field("implements"),
        group_id: field("group"),
        order: field("itemorder").map(|text| Order::from_disk(&text)),
        hide: found.entry.is_hidden(),
        icon: found.entry.icon.clone(),
        ..Link::default()
    }
}

fn of_group(bytes: &[u8]) {
    let found = group::parse(bytes);
    let id = world::group_id("acme");
    let own = found.as_ref().ok().map(|found| found.group.clone());
    for wanted in own.into_iter().chain([Group::default()]) {
        if group::says(bytes, &wanted) {
            let found = found.as_ref().expect("what says something is read");
            assert_eq!(found.group, wanted);
            assert!(found.unknown.is_empty());
        }
        if menu::is_of_group(bytes, &id, &wanted) {
            let found = menu::parse(bytes).expect("what is of a group is read");
            assert_eq!(found.entry.fields, MenuEntry::of_group(&id, &wanted).fields);
        }
    }
    let Ok(found) = &found else { return };
    let written = group::render(&found.group, Some(found));
    assert_eq!(group::parse(&written).as_ref(), Ok(found));
}

/// What an auto-login sends is what the file says, key by key.
fn form_of(bytes: &[u8]) {
    let sent = form::parse(bytes);
    if let Ok(found) = userconfig::parse(bytes) {
        let sent = sent.expect("it parses");
        let text = |key: &str| sent.get(key).map(|value| value.text.expose().to_owned());
        assert_eq!(
            text("label").unwrap_or_default(),
            found.link.label.unwrap_or_default()
        );
    }
}

/// What `get_integration_link_user_config` answers reads back.
fn keys(bytes: &[u8]) {
    let Ok(keys) = codec::keys(bytes) else { return };
    let expect: serde_json::Map<String, serde_json::Value> = keys
        .iter()
        .map(|(key, raw)| (key.clone(), serde_json::from_str(raw).expect("it is JSON")))
        .collect();
    let answer = Response::done(Function::GetLink, Data::UserConfig(keys));
    for form in [ResponseForm::Json, ResponseForm::JsonPretty] {
        let mut out = Vec::new();
        response(&answer, form, &mut out).expect("there is room");
        let text = String::from_utf8(out).expect("it is text");
        let read = shown::json(&text);
        assert_eq!(
            read["data"]["userconfig"],
            serde_json::Value::Object(expect.clone())
        );
    }
    let mut out = Vec::new();
    response(&answer, ResponseForm::Yaml, &mut out).expect("there is room");
    let text = String::from_utf8(out).expect("it is text");
    shown::no_command(&text);
    let read: serde_yaml::Value = match serde_yaml::from_str(&text) {
        Ok(read) => read,
        // Numbers keep their spelling, and this reader takes no integer of more
        // than 64 bits. Others do.
        Err(error) => return assert!(has_long_number(&text), "it is YAML: {error}"),
    };
    let read = &read["data"]["userconfig"];
    for (key, value) in &expect {
        if let Some(text) = value.as_str() {
            assert_eq!(read[key.as_str()].as_str(), Some(text), "{key:?}");
        }
    }
}

/// Whether a number may be too large for 64 bits.
fn has_long_number(text: &str) -> bool {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit());
    numbers.any(|digits| digits.len() > 18)
}
