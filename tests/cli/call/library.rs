//! The same from a program: a call parsed and planned without a disk, and
//! carried out on a store.

use super::{FILES, LINK, LOGIN, TOKEN, URL, fields};
use crate::support::Sandbox;
use cplinks::apply::apply;
use cplinks::manifest::HostPolicy;
use cplinks::model::{Account, ActualUser, Folder, Function, Secret, UserName};
use cplinks::plan::{Change, LinkAction, Owned, Plan, RecordAfter};
use cplinks::report::{ResponseForm, response};
use cplinks::store::{RunHeader, RunKind, Store};
use cplinks::whm::api::{Bounds, Data, Refused, Request, Response, Value, Wish};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// The parameters of [`LINK`], with the token as a secret.
fn parameters() -> Vec<(String, Value)> {
    let given = LINK.iter().copied().chain([URL, LOGIN]);
    let split = given.map(|parameter| parameter.split_once('=').unwrap());
    let parameter = |(name, value): (&str, &str)| {
        let value = match name {
            "token" => Secret::new(TOKEN.to_owned()).into(),
            _ => value.into(),
        };
        (name.to_owned(), value)
    };
    split.map(parameter).collect()
}

fn wish(function: &str, parameters: Vec<(String, Value)>) -> Wish {
    let parsed = Request::parse(function, parameters, &HostPolicy::default()).unwrap();
    assert_eq!(parsed.warnings, []);
    match parsed.request {
        Request::Change(wish) => wish,
        other => panic!("{other:?}"),
    }
}

fn nothing() -> ActualUser {
    ActualUser {
        name: UserName::parse("alice").unwrap(),
        account: Account::NotAsked,
        links_folder: Folder::Absent,
        menu_folder: Folder::Absent,
        links: BTreeMap::new(),
        groups: BTreeMap::new(),
        strays: Vec::new(),
    }
}

#[test]
fn a_call_is_planned_without_a_disk() {
    let wish = wish("create_integration_link", parameters());
    assert_eq!(wish.call.function(), Function::CreateLink);
    assert!(!format!("{wish:?}").contains(TOKEN));
    let bounds = Bounds::default();
    let mut owned = Owned::default();
    let plan = wish.plan(&nothing(), &owned, &bounds).unwrap();
    let is_created = |plan: &Plan| match plan.changes.as_slice() {
        [Change::Link(link)] => matches!(link.action, LinkAction::Create { .. }),
        _ => false,
    };
    assert!(is_created(&plan));
    assert_eq!(plan.changes[0].record_after(), RecordAfter::AsBefore);
    assert!(!plan.changes[0].is_ours_after());
    // Gone from the disk, and recorded as ours: so it stays.
    let wanted = wish.address();
    let (user, app) = match &wanted {
        cplinks::plan::Address::Link(user, app) => (user.clone(), app.clone()),
        cplinks::plan::Address::Group(..) => panic!("{wanted}"),
    };
    owned.insert(user, app);
    let plan = wish.plan(&nothing(), &owned, &bounds).unwrap();
    assert!(is_created(&plan) && plan.changes[0].is_ours_after());
    assert!(plan.unrecorded.is_empty() && plan.guards.refusals.is_empty());
}

#[test]
fn an_account_that_cannot_be_used_is_refused() {
    let wish = wish("create_integration_link", parameters());
    for (account, expect) in [
        (Account::Missing, "there is no account alice on this host"),
        (
            Account::LookupFailed("no answer".to_owned()),
            "alice: the account could not be looked up: no answer",
        ),
    ] {
        let actual = ActualUser {
            account,
            ..nothing()
        };
        let refused = wish.plan(&actual, &Owned::default(), &Bounds::default());
        assert_eq!(refused.unwrap_err().to_string(), expect);
        if actual.account == Account::Missing {
            assert_eq!(Data::of_links(&actual).unwrap_err().to_string(), expect);
        }
    }
}

#[test]
fn a_token_is_a_secret_and_nothing_else_is() {
    let given = |name: &str, value: Value| {
        let mut parameters = parameters();
        let found = parameters.iter_mut().find(|(known, _)| known == name);
        found.unwrap().1 = value;
        let host = HostPolicy::default();
        Request::parse("create_integration_link", parameters, &host).unwrap_err()
    };
    let text = given("token", Value::from(TOKEN));
    assert_eq!(
        text.to_string(),
        "`token`: is given as text, and a token is a secret"
    );
    let secret = given("label", Secret::new("canary-label".to_owned()).into());
    let expect = "`label`: is given as a secret, which only a token is";
    assert_eq!(secret.to_string(), expect);
    for refused in [text, secret] {
        assert!(matches!(&refused, Refused::Parameters(flaws) if flaws.len() == 1));
        assert!(!format!("{refused:?}").contains("canary"));
    }
}

#[test]
fn a_call_is_carried_out_on_a_store() {
    let sandbox = Sandbox::with_root();
    let store = Store::open(&sandbox.path("root")).unwrap();
    let wish = wish("create_integration_link", parameters());
    let lock = store.lock_exclusive(Duration::from_secs(10)).unwrap();
    store.recover(&lock).unwrap();
    let actual = store.read_user(&wish.user, Account::NotAsked);
    let plan = wish
        .plan(&actual, &Owned::default(), &Bounds::default())
        .unwrap();
    let header = RunHeader {
        kind: RunKind::Call(wish.call.function()),
        started: 1_800_000_000,
        who: "a program".to_owned(),
        revision: None,
        digest: None,
    };
    let report = apply(&plan, &store, &lock, &header, &|| false, &mut |_, _| {}).unwrap();
    assert!(report.is_done(), "{report:?}");
    drop(lock);
    let answer = Response::done(wish.call.function(), Data::of_change(&wish.call));
    let mut written = Vec::new();
    response(&answer, ResponseForm::Json, &mut written).unwrap();
    let expect = json!({ "metadata": {
        "command": "create_integration_link", "reason": "OK", "result": 1, "version": 1,
    } });
    let answer: serde_json::Value = serde_json::from_slice(&written).unwrap();
    assert_eq!(answer, expect);
    assert_eq!(fields(&sandbox, FILES[1]), json!({ "token": TOKEN }));
    // The command line goes on from there.
    sandbox
        .run(&["history", "--root", "root"])
        .expect(0)
        .says("a program  call create_integration_link");
    sandbox
        .run(&["list", "--root", "root"])
        .expect(0)
        .says("ACME_billing  foreign");
    sandbox.run(&["undo", "--root", "root", "--yes"]).expect(0);
    assert!(!sandbox.path(FILES[0]).exists());
}
