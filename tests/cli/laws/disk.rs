//! The root of a world, written as other tools might have written it.

use super::world::{Disk, LOGIN, Lies, UNKNOWN, token};
use crate::support::Sandbox;
use serde_json::{Value, json};

/// The names of a link's three files, below the root.
pub(super) fn files(user: &str, app: &str) -> [String; 3] {
    [
        format!("links/{user}/{app}.userconfig"),
        format!("links/{user}/{app}.adminconfig"),
        format!("dynamicui/{user}/dynamicui_{app}.conf"),
    ]
}

pub(super) fn put(sandbox: &Sandbox, user: &str, app: &str, disk: &Disk) {
    let fields = &disk.fields;
    let number = |n: i64| {
        if disk.loose {
            json!(n)
        } else {
            json!(n.to_string())
        }
    };
    let mut u = vec![
        ("label", json!(fields.label)),
        ("implements", json!(fields.implements)),
        ("url", json!(fields.url)),
    ];
    if let Some(id) = &fields.login {
        u.push(("autologin_token_url", json!(LOGIN)));
        u.push(("subscriber_unique_id", json!(id)));
    }
    if let Some(group) = fields.group {
        u.push(("group_id", json!(group)));
    }
    if let Some(order) = fields.order {
        u.push(("order", number(order)));
    }
    match (fields.hide, disk.loose) {
        (true, true) => u.push(("hide", json!(true))),
        (hide, false) => u.push(("hide", json!(if hide { "1" } else { "0" }))),
        (false, true) => u.extend([("app", json!(app)), ("user", json!(user))]),
    }
    let d = super::model::menu(app, fields)
        .into_iter()
        .map(|(key, value)| {
            let value = match value.parse::<i64>() {
                Ok(n) if disk.loose && key == "itemorder" => json!(n),
                _ => json!(value),
            };
            (key, value)
        });
    let d: Vec<_> = d
        .chain([("base64_png_image", json!("AAAA")), ("width", json!(64))])
        .collect();
    let a = vec![("token", json!(disk.token.map(token)))];
    let modes = if disk.odd_modes {
        [0o600, 0o644, 0o666]
    } else {
        [0o644, 0o600, 0o644]
    };
    let texts = [
        object(&u, disk.unknown),
        object(&a, disk.unknown),
        format!("[{}]", object(&d, disk.unknown)),
    ];
    let lies = [disk.u, disk.a, disk.d];
    for (((file, text), lies), mode) in files(user, app).iter().zip(texts).zip(lies).zip(modes) {
        let file = format!("root/{file}");
        match lies {
            Lies::Absent => {}
            Lies::Folder => {
                sandbox.folder(&file);
            }
            Lies::Good => {
                sandbox.write(&file, text).set_mode(&file, mode);
            }
            Lies::Broken => {
                sandbox
                    .write(&file, &text[..text.len() - 2])
                    .set_mode(&file, mode);
            }
        }
    }
}

fn object(entries: &[(&str, Value)], unknown: bool) -> String {
    let mut entries: Vec<_> = entries
        .iter()
        .map(|(key, value)| format!("{}:{value}", json!(key)))
        .collect();
    if unknown {
        entries.push(UNKNOWN.to_owned());
    }
    format!("{{{}}}", entries.join(","))
}

pub(super) fn put_group(sandbox: &Sandbox, user: &str, lies: Lies, is_same: bool) {
    let label = if is_same { "Group" } else { "Another" };
    let u = format!("root/links/{user}/group_grp.userconfig");
    let d = format!("root/dynamicui/{user}/dynamicui_group_grp.conf");
    match lies {
        Lies::Absent | Lies::Folder => {}
        Lies::Good => {
            sandbox.write(&u, format!(r#"{{"order":3,"label":"{label}"}}"#));
        }
        Lies::Broken => {
            sandbox.write(&u, "");
        }
    }
    let text = format!(
        r#"[{{"type":"image","subtype":"img","imgtype":"icon","file":"group_grp","group":"grp",
        "groupdesc":"$LANG{{'{label}'}}","description":"$LANG{{'{label}'}}","grouporder":"3"}}]"#
    );
    sandbox.write(&d, text);
}
