//! The reference model: what must lie on disk after an apply, as plain maps,
//! written from the fact sheet and not from the product.

use super::disk::files;
use super::world::{Cell, Disk, Fields, LOGIN, Lies, Say, Token, UNKNOWN, World, token};
use crate::support::Sandbox;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

type Texts<'k> = BTreeMap<&'k str, String>;

/// What becomes of one link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Not one byte of it changes, and that is right.
    LeftAlone,
    /// Not one byte of it changes, and the run says so.
    Blocked,
    /// All of it is as the manifest says.
    AsSaid,
    /// It is hidden, and otherwise as it was.
    Hidden,
    /// It is gone.
    Gone,
}

/// What must become of a link.
pub(super) fn fate(world: &World, user: &str, app: &str, cell: &Cell) -> Fate {
    let is_obstructed = cell
        .disk
        .as_ref()
        .is_some_and(|disk| disk.has(Lies::Folder));
    let is_there = cell.disk.as_ref().is_some_and(|disk| {
        [disk.u, disk.a, disk.d]
            .iter()
            .any(|lies| *lies != Lies::Absent)
    });
    match &cell.say {
        Some(_) if is_obstructed => Fate::Blocked,
        Some(Say::Absent) => Fate::Gone,
        Some(Say::Link(_, Token::Keep)) => match &cell.disk {
            Some(Disk {
                a: Lies::Good,
                token: Some(_),
                ..
            }) => Fate::AsSaid,
            Some(_) | None => Fate::Blocked,
        },
        Some(Say::Link(..)) => Fate::AsSaid,
        None => {
            let is_managed = !(world.ignores_b && app.starts_with('B'));
            let is_asked = world.unlisted == "hide-all" && world.named().contains(user);
            match &cell.disk {
                Some(disk) if is_there && is_managed && is_asked => {
                    if is_obstructed || disk.u == Lies::Broken {
                        Fate::Blocked
                    } else {
                        Fate::Hidden
                    }
                }
                Some(_) | None => Fate::LeftAlone,
            }
        }
    }
}

/// Perl's idea of what was not given.
fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty() && *text != "0")
}

/// The keys of a menu entry that follow from a link's fields.
pub(super) fn menu(app: &str, fields: &Fields) -> Texts<'static> {
    let description = format!("$LANG{{'{}'}}", given(&fields.label).unwrap_or(app));
    let order = fields.order.filter(|order| *order != 0).unwrap_or(99_999);
    let mut entry: Texts<'static> = [
        ("type", "image"),
        ("subtype", "img"),
        ("imgtype", "icon"),
        ("file", app),
        ("target", "_blank"),
        ("description", &description),
        ("itemdesc", &description),
        ("group", fields.group.unwrap_or("preferences")),
        ("implements", given(fields.implements).unwrap_or(app)),
    ]
    .map(|(key, text)| (key, text.to_owned()))
    .into();
    entry.insert("url", format!("integration/index.html?app={app}"));
    entry.insert("itemorder", order.to_string());
    if fields.hide {
        entry.insert("if", "0".to_owned());
    }
    entry
}

fn userconfig(fields: &Fields) -> Texts<'static> {
    let mut texts: Texts<'static> = [
        ("label", fields.label.as_str()),
        ("implements", fields.implements),
        ("url", &fields.url),
    ]
    .map(|(key, text)| (key, text.to_owned()))
    .into();
    if let Some(id) = &fields.login {
        texts.insert("autologin_token_url", LOGIN.to_owned());
        texts.insert("subscriber_unique_id", id.clone());
    }
    if let Some(group) = fields.group {
        texts.insert("group_id", group.to_owned());
    }
    if let Some(order) = fields.order {
        texts.insert("order", order.to_string());
    }
    if fields.hide {
        texts.insert("hide", "1".to_owned());
    }
    texts
}

/// Everything about a link's files that must not change.
pub(super) fn untouched(sandbox: &Sandbox, user: &str, app: &str) -> String {
    let files = files(user, app).into_iter().map(|file| {
        let path = sandbox.path("root").join(&file);
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            return format!("{file} absent");
        };
        let bytes = if metadata.is_file() {
            fs::read(&path).unwrap()
        } else {
            Vec::new()
        };
        let times = (
            metadata.mtime(),
            metadata.mtime_nsec(),
            metadata.ctime_nsec(),
        );
        format!(
            "{file} {} {} {times:?} {bytes:?}",
            metadata.mode(),
            metadata.ino()
        )
    });
    files.collect::<Vec<_>>().join("\n")
}

/// A file's object as texts, without what another spelling may leave out.
fn read(sandbox: &Sandbox, file: &str, user: &str, app: &str) -> BTreeMap<String, String> {
    let value: Value = serde_json::from_str(&sandbox.read(file)).unwrap();
    let object = if value.is_array() { &value[0] } else { &value };
    let mut texts = BTreeMap::new();
    for (key, value) in object.as_object().unwrap() {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Bool(is_so) => u8::from(*is_so).to_string(),
            Value::Null => continue,
            other => other.to_string(),
        };
        texts.insert(key.clone(), text);
    }
    assert!(
        texts.remove("app").is_none_or(|stated| stated == app),
        "{file}"
    );
    assert!(
        texts.remove("user").is_none_or(|stated| stated == user),
        "{file}"
    );
    if texts.get("hide").is_some_and(|hide| hide == "0") {
        texts.remove("hide");
    }
    texts
}

fn mode(sandbox: &Sandbox, name: &str) -> u32 {
    let metadata = fs::symlink_metadata(sandbox.path(name)).unwrap();
    metadata.permissions().mode() & 0o7777
}

/// Holds one link on disk against the model. `kept` says whether the file
/// that was there parsed and held a key that must have been kept.
#[track_caller]
fn check_file(
    sandbox: &Sandbox,
    (user, app): (&str, &str),
    file: &str,
    expect: &Texts<'_>,
    kept: bool,
) {
    let file = format!("root/{file}");
    let mut found = read(sandbox, &file, user, app);
    let text = sandbox.read(&file).replace(" : ", ":");
    assert_eq!(
        text.contains(UNKNOWN),
        kept,
        "unknown keys of {file}: {text}"
    );
    found.remove("x_keep");
    if file.starts_with("root/dynamicui/") {
        let icon = found.remove("base64_png_image");
        assert!(icon.is_some_and(|icon| !icon.is_empty()), "{file}");
        assert!(found.remove("width").is_some(), "{file}");
        found.remove("height");
    }
    let expect: BTreeMap<String, String> = expect
        .iter()
        .map(|(key, text)| ((*key).to_owned(), text.clone()))
        .collect();
    assert_eq!(found, expect, "{file}");
}

/// Holds a link that should be as the manifest says against the files.
#[track_caller]
pub(super) fn check_as_said(sandbox: &Sandbox, user: &str, app: &str, cell: &Cell) {
    let Some(Say::Link(fields, wanted)) = &cell.say else {
        panic!("only a link is as the manifest says");
    };
    let [u, a, d] = files(user, app);
    let kept = |lies: fn(&Disk) -> Lies| {
        let disk = cell.disk.as_ref();
        disk.is_some_and(|disk| disk.unknown && lies(disk) == Lies::Good)
    };
    let place = (user, app);
    check_file(sandbox, place, &u, &userconfig(fields), kept(|disk| disk.u));
    check_file(sandbox, place, &d, &menu(app, fields), kept(|disk| disk.d));
    let number = match wanted {
        Token::None => None,
        Token::Secret(number) => Some(*number),
        Token::Keep => cell.disk.as_ref().and_then(|disk| disk.token),
    };
    let tokens: Texts<'_> = number
        .map(|number| ("token", token(number)))
        .into_iter()
        .collect();
    check_file(sandbox, place, &a, &tokens, kept(|disk| disk.a));
    for (file, expect) in [(&u, 0o644), (&a, 0o600), (&d, 0o644)] {
        assert_eq!(mode(sandbox, &format!("root/{file}")), expect, "{file}");
    }
    for tree in ["links", "dynamicui"] {
        assert_eq!(mode(sandbox, &format!("root/{tree}/{user}")), 0o750);
    }
    if fields.group == Some("grp") {
        let texts = read(
            sandbox,
            &format!("root/links/{user}/group_grp.userconfig"),
            user,
            app,
        );
        let expect = [("label", "Group"), ("order", "3")];
        assert_eq!(
            texts,
            expect.map(|(k, v)| (k.to_owned(), v.to_owned())).into()
        );
        let entry = format!("root/dynamicui/{user}/dynamicui_group_grp.conf");
        let entry = read(sandbox, &entry, user, app);
        assert_eq!(entry["groupdesc"], "$LANG{'Group'}");
        assert_eq!(entry["grouporder"], "3");
    }
}

/// Holds a link that should be hidden, and otherwise as it was.
#[track_caller]
pub(super) fn check_hidden(sandbox: &Sandbox, user: &str, app: &str, disk: &Disk) {
    let [u, _, d] = files(user, app);
    if disk.u == Lies::Good {
        let fields = Fields {
            hide: true,
            ..disk.fields.clone()
        };
        check_file(sandbox, (user, app), &u, &userconfig(&fields), disk.unknown);
    }
    let shown = match disk.d {
        Lies::Absent | Lies::Folder => return,
        Lies::Good | Lies::Broken => read(sandbox, &format!("root/{d}"), user, app),
    };
    assert_eq!(shown["if"], "0", "{d}");
    if disk.d == Lies::Good {
        let fields = Fields {
            hide: true,
            ..disk.fields.clone()
        };
        check_file(sandbox, (user, app), &d, &menu(app, &fields), disk.unknown);
    }
}
