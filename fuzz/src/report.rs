//! A plan of links whose texts are the input, in every form. A manifest could
//! hold few of them, but a disk any: each is shown, and none breaks out. The
//! tokens are in no form.

use crate::{shown, texts, world};
use cplinks::model::{
    ActualLink, AppName, DesiredLink, DesiredToken, DesiredUser, Field, FieldValue, Group, Icon,
    Lies, Link, Obstacle, Order, Secret, TokenRef, Wanted, masked,
};
use cplinks::plan::{
    AppRules, Hold, Holds, Intent, Limits, Owned, Pause, Plan, Policy, Scope, Unlisted,
};
use cplinks::report::{
    self, Header, MarkdownOptions, TextOptions, escaped, shell_quoted, terraform_report,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Plans with the texts, and writes every form.
pub fn check(data: &[u8]) {
    let texts: Vec<String> = texts(data).collect();
    for text in &texts {
        shown::terminal(&escaped(text));
        shown::terminal(&escaped(&shell_quoted(text)));
    }
    // One form of each kind for an input: its length chooses.
    let choice = data.len();
    let unlisted = match choice % 2 {
        0 => Unlisted::HideAll,
        _ => Unlisted::RemoveOwned,
    };
    let plan = plan(&texts, unlisted);
    let root = texts.first().map_or("", String::as_str);
    let header = Header {
        unlisted: Some(unlisted),
        digest: Some(plan.digest(Intent::Manifest(unlisted), &Scope::default())),
        ..world::header(root, texts.iter().take(2).cloned().collect())
    };
    forms(&plan, &header, choice / 2);
}

fn forms(plan: &Plan, header: &Header, choice: usize) {
    let text = TextOptions {
        expand: choice % 2 == 0,
        width: 100,
    };
    let written = output(|out| report::plan(plan, header, &text, out));
    shown::terminal(&written);
    let limit = match choice % 3 {
        0 => 60_000,
        1 => 2_000,
        _ => 300,
    };
    let options = MarkdownOptions {
        limit,
        skip_empty: false,
        text,
    };
    let written = output(|out| report::markdown(plan, header, &options, out));
    assert!(written.chars().count() <= limit);
    shown::markdown(&written);
    let written = output(|out| report::json(plan, header, out));
    let read = shown::json(&written);
    reads_back(plan, &read);
    // Its style and script take longest, and are always the same.
    if choice % 4 == 0 {
        shown::html(&output(|out| report::html(plan, header, out)));
    }
    shown::json(&output(|out| terraform_report(plan, out)));
    for line in report::waiting(plan).into_iter().chain(report::held(plan)) {
        shown::terminal(&line);
    }
    let notices = output(|out| report::notices(plan, out));
    assert!(
        notices.lines().all(|line| line.starts_with("::notice ")),
        "{notices}"
    );
    let digest = header.digest.expect("there is one");
    let outputs = output(|out| report::outputs(plan, digest, out));
    assert_eq!(outputs.lines().count(), 6, "{outputs}");
}

/// The JSON of a link has its texts just as they are.
fn reads_back(plan: &Plan, read: &Value) {
    let changes = read["resource_changes"].as_array().expect("a list");
    assert_eq!(changes.len(), plan.changes.len());
    for (change, read) in plan.changes.iter().zip(changes) {
        assert_eq!(
            read["address"].as_str(),
            Some(change.address().to_string().as_str())
        );
        let cplinks::plan::Change::Link(link) = change else {
            continue;
        };
        let Some(after) = link.action.after() else {
            continue;
        };
        for field in Field::ALL {
            let Some(FieldValue::Text(text)) = after.link.value(field) else {
                continue;
            };
            let text = match field {
                Field::Url | Field::AutologinTokenUrl => masked(&text).into_owned(),
                _ => text.into_owned(),
            };
            let read = &read["change"]["after"][field.name()];
            assert_eq!(read.as_str(), Some(text.as_str()), "{field:?}");
        }
    }
}

/// What is written, in which no token is.
fn output(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("there is room");
    let text = String::from_utf8(out).expect("it is text");
    assert!(!text.contains(world::CANARY), "{text}");
    text
}

/// A link whose texts begin at one of those that are given.
fn link(texts: &[String], from: usize) -> Link {
    let text = |at: usize| texts.get((from + at) % texts.len()).cloned();
    Link {
        label: text(0),
        implements: text(1),
        url: text(2),
        autologin_token_url: text(3),
        subscriber_unique_id: text(4),
        group_id: text(5),
        order: text(6).map(|text| Order::from_disk(&text)),
        hide: from % 2 == 1,
        icon: text(7).map(|text| Icon::from_disk(&text)),
    }
}

/// A link on a disk, of which not every file is sound.
fn there(user: &DesiredUser, app: &AppName, texts: &[String], at: usize) -> ActualLink {
    let token = Secret::new(format!("{}{at}", world::CANARY));
    let mut files = world::written(&user.name, app, &link(texts, at), Some(&token));
    let text = texts.get(at % texts.len()).cloned().unwrap_or_default();
    match at % 4 {
        1 => {
            if let Lies::File(found) = &mut files.userconfig {
                let raw = cplinks::codec::quote(&text);
                found.value.unknown.insert(text, raw);
            }
        }
        2 => files.menu = Lies::Obstacle(Obstacle::Unreadable(text)),
        _ => {}
    }
    files
}

fn plan(texts: &[String], unlisted: Unlisted) -> Plan {
    let name = world::user("alice");
    let wanted = |at: usize| {
        Wanted::Link(Box::new(DesiredLink {
            link: link(texts, at),
            token: DesiredToken::Known {
                reference: TokenRef::Secret(texts.first().cloned().unwrap_or_default()),
                secret: Secret::new(format!("{}wanted", world::CANARY)),
            },
        }))
    };
    let apps = ["A", "B", "C", "D", "E", "F"].map(world::app);
    let [a, b, c, d, e, f] = &apps;
    let group = Group {
        label: texts.last().cloned(),
        order: None,
    };
    let desired = DesiredUser {
        name: name.clone(),
        groups: BTreeMap::from([(world::group_id("acme"), group)]),
        links: BTreeMap::from([
            (a.clone(), wanted(0)),
            (b.clone(), wanted(1)),
            (c.clone(), wanted(2)),
            (d.clone(), Wanted::Absent),
        ]),
    };
    let links = [b, c, d, e, f].into_iter().enumerate();
    let links = links.map(|(at, app)| (app.clone(), there(&desired, app, texts, at + 3)));
    let actual = world::actual(&name, links.collect(), BTreeMap::new());
    let mut owned = Owned::default();
    for app in [b, c, d, e] {
        let host = texts.first().cloned();
        owned.insert_with_host(name.clone(), app.clone(), host);
    }
    let reason = texts.last().cloned().unwrap_or_default();
    let holds = Holds {
        paused: vec![Pause {
            number: 1,
            users: cplinks::plan::GlobSet::default(),
            apps: cplinks::plan::GlobSet::parse(["F"]).expect("a glob"),
            since: 0,
            until: 1,
            who: reason.clone(),
            reason,
        }],
        exact: BTreeMap::from([(
            cplinks::plan::Address::Link(name.clone(), e.clone()),
            Hold::Contested,
        )]),
        users_gone: false,
    };
    let policy = Policy {
        holds,
        ..Policy::of_rules(unlisted, AppRules::default(), Limits::BUILT_IN)
    };
    Plan::between(&[desired], &[actual], &owned, &policy)
}
