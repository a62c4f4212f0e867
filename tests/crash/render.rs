//! The bytes of a link's and a group's files, written down here a second time
//! from the format's description, so that the binary is not its own judge.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

/// The icon that all links of the tests have.
pub(crate) const ICON: &[u8] = include_bytes!("../../examples/acme/icons/billing.png");

/// One version of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) label: String,
    /// The last part of the auto-login URL, and the token posted there; `None`
    /// for a plain link.
    pub(crate) login: Option<(&'static str, String)>,
    pub(crate) shows: Shows,
}

/// Whether it is in the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shows {
    Yes,
    No,
}

/// The auto-login URL that ends so.
pub(crate) fn sso(end: &str) -> String {
    format!("https://sso.acme.example/{end}")
}

/// What a link's files hold: userconfig, adminconfig, menu entry.
pub(crate) fn link(user: &str, app: &str, version: &Version) -> [Vec<u8>; 3] {
    [
        userconfig(user, app, version),
        adminconfig(version.login.as_ref().map(|(_, token)| token.as_str())),
        menu(app, version),
    ]
}

fn userconfig(user: &str, app: &str, version: &Version) -> Vec<u8> {
    let mut pairs = vec![("app", app.to_owned())];
    if let Some((end, _)) = &version.login {
        pairs.push(("autologin_token_url", sso(end)));
    }
    pairs.extend([
        ("base64_png_image", STANDARD.encode(ICON)),
        ("group_id", "acme".to_owned()),
    ]);
    if version.shows == Shows::No {
        pairs.push(("hide", "1".to_owned()));
    }
    pairs.extend([
        ("implements", "billing".to_owned()),
        ("label", version.label.clone()),
        ("order", "10".to_owned()),
        ("subscriber_unique_id", "7".to_owned()),
        ("url", url(app)),
        ("user", user.to_owned()),
    ]);
    format!("{}\n", object(&pairs, 0)).into_bytes()
}

/// Where a link leads without auto-login.
pub(crate) fn url(app: &str) -> String {
    format!("https://my.acme.example/{app}")
}

fn adminconfig(token: Option<&str>) -> Vec<u8> {
    match token {
        Some(token) => format!("{}\n", object(&[("token", token.to_owned())], 0)).into_bytes(),
        None => b"{\n   \"token\" : null\n}\n".to_vec(),
    }
}

fn menu(app: &str, version: &Version) -> Vec<u8> {
    let description = format!("$LANG{{'{}'}}", version.label);
    let mut pairs = vec![
        ("base64_png_image", STANDARD.encode(ICON)),
        ("description", description.clone()),
        ("file", app.to_owned()),
        ("group", "acme".to_owned()),
        ("height", "48".to_owned()),
    ];
    if version.shows == Shows::No {
        pairs.push(("if", "0".to_owned()));
    }
    pairs.extend([
        ("imgtype", "icon".to_owned()),
        ("implements", "billing".to_owned()),
        ("itemdesc", description),
        ("itemorder", "10".to_owned()),
        ("subtype", "img".to_owned()),
        ("target", "_blank".to_owned()),
        ("type", "image".to_owned()),
        ("url", format!("integration/index.html?app={app}")),
        ("width", "48".to_owned()),
    ]);
    list_of(&pairs)
}

/// What a group's two files hold: userconfig and menu entry.
pub(crate) fn group(id: &str, label: &str) -> [Vec<u8>; 2] {
    let config = object(&[("label", label.to_owned()), ("order", "1".to_owned())], 0);
    let description = format!("$LANG{{'{label}'}}");
    let pairs = [
        ("description", description.clone()),
        ("file", format!("group_{id}")),
        ("group", id.to_owned()),
        ("groupdesc", description),
        ("grouporder", "1".to_owned()),
        ("height", "48".to_owned()),
        ("imgtype", "icon".to_owned()),
        ("subtype", "img".to_owned()),
        ("type", "image".to_owned()),
        ("width", "48".to_owned()),
    ];
    [format!("{config}\n").into_bytes(), list_of(&pairs)]
}

fn list_of(pairs: &[(&str, String)]) -> Vec<u8> {
    format!("[\n   {}\n]\n", object(pairs, 3)).into_bytes()
}

/// An object of texts that need no escapes, at a depth of so many spaces.
fn object(pairs: &[(&str, String)], depth: usize) -> String {
    let mut text = String::from("{");
    for (index, (key, value)) in pairs.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let indent = depth + 3;
        write!(text, "{comma}\n{:indent$}\"{key}\" : \"{value}\"", "").unwrap();
    }
    write!(text, "\n{:depth$}}}", "").unwrap();
    text
}
