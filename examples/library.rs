//! cplinks as a library: a plan without a disk, and the functions of WHM API 1
//! on a root. Run it with `cargo run --example library`.
#![expect(
    clippy::disallowed_methods,
    reason = "the library reads no clock of its own: who uses it brings the time"
)]

use anyhow::{Context as _, bail};
use cplinks::apply::apply;
use cplinks::manifest::{HostPolicy, OwnerCheck, Tokens, load};
use cplinks::model::{Account, ActualUser, Folder, Function, Secret, UserName};
use cplinks::plan::{Owned, Plan, Policy, Scope};
use cplinks::report::{self, Header, ResponseForm, TextOptions};
use cplinks::store::{RunHeader, RunKind, Store};
use cplinks::whm::api::{Bounds, Data, Request, Response, Value};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MANIFEST: &str = r#"
version: 1
groups:
  acme: { label: Acme Support, order: 1 }
apps:
  ACME_billing:
    implements: billing
    label: Billing
    url: "https://my.acme.example/account?user={{ user }}"
    group_id: acme
users:
  alice: { links: { ACME_billing: {} } }
  bob: { links: { ACME_billing: { label: Invoices } } }
"#;

/// Plans what two new customers should have. Nothing is read and nothing is
/// written: what is there is a value like what is wanted.
fn plan_without_a_disk(out: &mut dyn Write) -> anyhow::Result<()> {
    let host = HostPolicy::default();
    let stdin = [PathBuf::from("-")];
    let loaded = load(&stdin, MANIFEST.as_bytes(), OwnerCheck::Off, &host);
    let Some(manifest) = loaded.manifest else {
        bail!("the manifest has {} problems", loaded.problems.len());
    };
    let tokens = Tokens::default();
    let users = manifest.users();
    let desired: Vec<_> = users
        .filter_map(|user| manifest.desired(user, &tokens))
        .collect();
    let actual: Vec<_> = desired.iter().map(|user| nothing(&user.name)).collect();
    let settings = manifest.settings();
    let policy = Policy::of_rules(settings.unlisted, settings.apps.clone(), settings.limits);
    let plan = Plan::between(&desired, &actual, &Owned::default(), &policy);
    let header = Header {
        title: "plan of".to_owned(),
        root: "no disk at all".to_owned(),
        unlisted: Some(settings.unlisted),
        scope: Scope::default(),
        ledger: true,
        notes: Vec::new(),
        server: None,
        digest: None,
    };
    let options = TextOptions {
        expand: true,
        width: 100,
    };
    report::plan(&plan, &header, &options, out)?;
    Ok(())
}

/// A user of whom there is nothing yet.
fn nothing(user: &UserName) -> ActualUser {
    ActualUser {
        name: user.clone(),
        account: Account::NotAsked,
        links_folder: Folder::Absent,
        menu_folder: Folder::Absent,
        links: BTreeMap::new(),
        groups: BTreeMap::new(),
        strays: Vec::new(),
    }
}

/// Calls one of the eight functions on a root, as `cplinks call` does.
fn call(
    root: &Path,
    function: Function,
    parameters: Vec<(&str, Value)>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let parsed = Request::parse(function.name(), parameters, &HostPolicy::default())?;
    let store = Store::open(root)?;
    let read = |user: &UserName| store.read_user(user, Account::NotAsked);
    let data = match &parsed.request {
        Request::ListLinks(user) => Data::of_links(&read(user))?,
        Request::ListGroups(user) => Data::of_groups(&read(user))?,
        Request::Get(address) => Data::of_userconfig(address, &store.read_userconfig(address))?,
        Request::Change(wish) => {
            let lock = store.lock_exclusive(Duration::from_secs(10))?;
            store.recover(&lock)?;
            // What is recorded as ours: a call leaves the record as it is.
            let plan = wish.plan(&read(&wish.user), &Owned::default(), &Bounds::default())?;
            let started = SystemTime::now().duration_since(UNIX_EPOCH)?;
            let header = RunHeader {
                kind: RunKind::Call(function),
                started: started.as_secs(),
                who: "the example".to_owned(),
                revision: None,
                digest: None,
            };
            let report = apply(&plan, &store, &lock, &header, &|| false, &mut |_, _| {})?;
            if !report.is_done() {
                bail!("it did not come out: {:?}", report.outcomes);
            }
            Data::of_change(&wish.call)
        }
    };
    let answer = Response::done(function, data);
    report::response(&answer, ResponseForm::Json, out)?;
    Ok(())
}

/// Runs the example; calls go to the folder `root`, which must be there.
pub(crate) fn run(root: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    plan_without_a_disk(out)?;
    writeln!(out)?;
    let alice = || ("user", Value::from("alice"));
    let billing = || ("app", Value::from("ACME_billing"));
    let link = vec![
        alice(),
        billing(),
        ("implements", Value::from("billing")),
        ("label", Value::from("Billing")),
        ("subscriber_unique_id", Value::from("1234")),
        // A token is a secret from the moment it is read: here is none.
        ("token", Secret::new("an example".to_owned()).into()),
        ("url", Value::from("https://my.acme.example/account")),
    ];
    call(root, Function::CreateLink, link, out)?;
    let one = vec![alice(), billing()];
    call(root, Function::GetLink, one, out)?;
    call(root, Function::ListLinks, vec![alice()], out)?;
    let one = vec![alice(), billing()];
    call(root, Function::RemoveLink, one, out)?;
    call(root, Function::ListLinks, vec![alice()], out)
}

#[cfg_attr(
    test,
    expect(dead_code, reason = "a test calls `run` with a folder of its own")
)]
fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("a folder for the calls")?;
    run(folder.path(), &mut std::io::stdout())
}
