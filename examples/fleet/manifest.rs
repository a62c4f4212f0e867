//! The manifest of a fleet, as people would write it by hand or by a script
//! from their billing system.

use super::apps::{APPS, App, GROUPS, Login, address, group_of, icon_of, login_address, order_of};
use super::links::{Account, Wanted};
use super::{Fleet, Form};
use std::fmt::Write as _;

/// What stands once: the apps' templates and the groups.
pub(super) fn shared(fleet: &Fleet, text: &mut String) {
    if fleet.groups > 0 {
        text.push_str("groups:\n");
        for (id, label, order) in GROUPS.iter().take(fleet.groups) {
            writeln!(text, "  {id}: {{ label: {label}, order: {order} }}").unwrap();
        }
    }
    if fleet.form == Form::Template {
        text.push_str("apps:\n");
        for (at, app) in APPS.iter().take(fleet.links).enumerate() {
            writeln!(text, "  {}:", app.name).unwrap();
            let plan = match app.login {
                Login::TokenAndPlan => "&plan={{ vars.plan | urlencode }}",
                Login::Token | Login::None => "",
            };
            let url = format!("{}{{{{ user }}}}{plan}", address(app));
            let token = "{{ user }}/{{ app }}";
            fields(fleet, (at, app), (app.label, &url, token), text);
        }
    }
}

/// One account and its links.
pub(super) fn account(fleet: &Fleet, account: &Account, text: &mut String) {
    writeln!(text, "  {}:", account.name).unwrap();
    match fleet.form {
        Form::Template => {
            let has_plan = |wanted: &Wanted| wanted.app.login == Login::TokenAndPlan;
            if account.links.iter().any(has_plan) {
                writeln!(text, "    vars: {{ plan: {} }}", account.plan).unwrap();
            }
            text.push_str("    links:\n");
            for wanted in &account.links {
                own_fields(wanted, text);
            }
        }
        Form::Spelled => {
            text.push_str("    links:\n");
            for (at, wanted) in account.links.iter().enumerate() {
                spelled(fleet, account, (at, wanted), text);
            }
        }
    }
}

/// What is a link's own, beside its app's template.
fn own_fields(wanted: &Wanted, text: &mut String) {
    let mut own = Vec::new();
    if let Some(id) = &wanted.link.subscriber_unique_id {
        own.push(format!("subscriber_unique_id: \"{id}\""));
    }
    if let Some(label) = &wanted.own_label {
        own.push(format!("label: {label}"));
    }
    if wanted.link.hide {
        own.push("hide: true".to_owned());
    }
    let fields = match own.join(", ") {
        none if none.is_empty() => "{}".to_owned(),
        some => format!("{{ {some} }}"),
    };
    writeln!(text, "      {}: {fields}", wanted.app.name).unwrap();
}

/// A link with all of its fields.
fn spelled(fleet: &Fleet, account: &Account, (at, wanted): (usize, &Wanted), text: &mut String) {
    let (app, link) = (wanted.app, &wanted.link);
    writeln!(text, "      {}:", app.name).unwrap();
    let of = |field: &Option<String>| field.clone().unwrap();
    let token = format!("{}/{}", account.name, app.name);
    let mut all = String::new();
    fields(
        fleet,
        (at, app),
        (&of(&link.label), &of(&link.url), &token),
        &mut all,
    );
    if let Some(id) = &link.subscriber_unique_id {
        writeln!(all, "    subscriber_unique_id: \"{id}\"").unwrap();
    }
    if link.hide {
        all.push_str("    hide: true\n");
    }
    for line in all.lines() {
        writeln!(text, "    {line}").unwrap();
    }
}

/// The fields that a template has, and a spelled-out link too.
fn fields(
    fleet: &Fleet,
    (at, app): (usize, &App),
    (label, url, token): (&str, &str, &str),
    text: &mut String,
) {
    writeln!(text, "    label: {label}").unwrap();
    writeln!(text, "    implements: \"{}\"", app.implements).unwrap();
    writeln!(text, "    url: \"{url}\"").unwrap();
    if app.login != Login::None {
        writeln!(text, "    autologin_token_url: {}", login_address(app)).unwrap();
        writeln!(text, "    token: {{ secret: \"{token}\" }}").unwrap();
    }
    writeln!(text, "    group_id: {}", group_of(fleet, at)).unwrap();
    writeln!(text, "    order: {}", order_of(at)).unwrap();
    if let Some((icon, _)) = icon_of(fleet, at) {
        writeln!(text, "    icon: icons/{icon}.png").unwrap();
    }
}
