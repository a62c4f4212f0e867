//! Showing a plan takes memory that does not grow with its changes: each form
//! is written as it is made, and what it keeps on the way is bounded.
//!
//! A binary of its own with one test in it, since the heap that is measured is
//! that of the whole process.
#![expect(clippy::unwrap_used, reason = "a test, which may panic")]

use cplinks::model::{
    Account, ActualLink, ActualUser, AdminConfig, AppName, Customer, DesiredLink, DesiredToken,
    DesiredUser, Folder, Found, Lies, Link, MenuEntry, MenuFile, Ownership, Reseller, Stamp,
    TokenRef, UserConfig, UserName, Wanted, neutral_icon,
};
use cplinks::plan::{
    Allowances, AppRules, FileOwner, Holds, Intent, Limits, Owned, Plan, Planner, Policy, Scope,
    Server, UnknownTokens, Unlisted, UserDrift,
};
use cplinks::report::{self, Header, MarkdownOptions, TextOptions};
use peak_alloc::PeakAlloc;
use std::convert::Infallible;
use std::io::{self, Write};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Changes of each user.
const EACH: usize = 4;
/// Users of the smaller plan: enough that everything that is bounded is full,
/// so that what grows from there on grows with the changes. Not more, since
/// these take a debug build twenty seconds, and 300,000 changes two minutes.
const USERS: usize = 2_500;
/// How many times as large the larger plan is.
const TIMES: usize = 4;

/// A link that no other user has: every row of it is another text, and the
/// name of its user is in it.
fn link(user: usize, app: &str, text: &str) -> Link {
    Link {
        label: Some(format!("{text} {app} {user}")),
        implements: Some("billing".to_owned()),
        url: Some(format!("https://my.acme.example/{text}/{app}?user={user}")),
        autologin_token_url: Some("https://sso.acme.example/cpanel".to_owned()),
        subscriber_unique_id: Some(user.to_string()),
        ..Link::default()
    }
}

fn found<T>(value: T, mode: u32) -> Lies<T> {
    let ownership = Ownership {
        mode,
        uid: 0,
        gid: 0,
    };
    let sha256 = [0; 32];
    let stamp = Stamp { sha256, ownership };
    Lies::File(Found { value, stamp })
}

fn on_disk(app: &AppName, link: Link) -> ActualLink {
    let mut entry = MenuEntry::of_link(app, &link);
    entry.icon = Some(neutral_icon());
    let userconfig = UserConfig {
        link,
        ..UserConfig::default()
    };
    let menu = MenuFile {
        entry,
        ..MenuFile::default()
    };
    ActualLink {
        userconfig: found(userconfig, 0o644),
        adminconfig: found(AdminConfig::default(), 0o600),
        menu: found(menu, 0o644),
    }
}

/// A user with a link to create, one to replace, one to hide and one to remove.
fn user(number: usize) -> (DesiredUser, ActualUser) {
    let name = UserName::parse(&format!("user{number:07}")).unwrap();
    let folder = Folder::Present(Ownership {
        mode: 0o750,
        uid: 0,
        gid: 0,
    });
    let mut desired = DesiredUser {
        name: name.clone(),
        groups: [].into(),
        links: [].into(),
    };
    let mut actual = ActualUser {
        name,
        account: Account::NotAsked,
        links_folder: folder.clone(),
        menu_folder: folder,
        links: [].into(),
        groups: [].into(),
        strays: Vec::new(),
    };
    for action in ["create", "replace", "hide", "remove"] {
        let app = AppName::parse(&format!("ACME_{action}")).unwrap();
        let mut wanted = link(number, action, "new");
        wanted.hide = action == "hide";
        if action != "create" {
            let before = link(number, action, "old");
            actual.links.insert(app.clone(), on_disk(&app, before));
        }
        let reference = TokenRef::Secret(format!("{number}/{action}"));
        let why = "no secrets file was given".to_owned();
        let token = DesiredToken::Unknown { reference, why };
        let wanted = match action {
            "remove" => Wanted::Absent,
            _ => Wanted::Link(Box::new(DesiredLink {
                link: wanted,
                token,
            })),
        };
        desired.links.insert(app, wanted);
    }
    (desired, actual)
}

fn plan(users: usize) -> Plan {
    let (owned, policy) = (
        Owned::default(),
        Policy {
            unlisted: Unlisted::Keep,
            apps: AppRules::default(),
            scope: Scope::default(),
            limits: Limits::BUILT_IN,
            allowances: Allowances::default(),
            owner: FileOwner::Keep,
            unknown_tokens: UnknownTokens::NotCompared,
            holds: Holds::default(),
        },
    );
    let mut planner = Planner::new(&owned, &policy);
    for number in 0..users {
        let (desired, actual) = user(number);
        planner.add(Some(&desired), &actual, &UserDrift::default());
    }
    let plan = planner.finish();
    assert_eq!(plan.changes.len(), users * EACH);
    assert_eq!(plan.blocked.len(), 0);
    plan
}

fn header(plan: &Plan) -> Header {
    let scope = Scope::default();
    let resellers = ["alice", "bob", "root"].map(|name| Reseller::parse(name).unwrap());
    let mut next = resellers.into_iter().cycle();
    let server = Server::of(plan, plan.counts.users, |_| {
        let reseller = next.next();
        Ok::<_, Infallible>(Some(Customer { reseller }))
    });
    Header {
        title: "plan of".to_owned(),
        root: "/var/cpanel/integration".to_owned(),
        unlisted: Some(Unlisted::Keep),
        scope: scope.clone(),
        ledger: true,
        notes: Vec::new(),
        server: server.ok(),
        digest: Some(plan.digest(Intent::Manifest(Unlisted::Keep), &scope)),
    }
}

/// Writes a plan in one form.
type Form<'p> = &'p dyn Fn(&mut dyn Write) -> io::Result<()>;

/// Most bytes of the heap that showing a plan takes beside the plan, by form.
fn peaks(users: usize) -> Vec<(&'static str, usize)> {
    let plan = &plan(users);
    let header = &header(plan);
    let text = |expand| TextOptions { expand, width: 100 };
    // The summary of a step under GitHub Actions is of this form too, with a
    // limit that needs a larger plan to be reached.
    let markdown = &MarkdownOptions {
        limit: 60_000,
        skip_empty: false,
        text: text(false),
    };
    let forms: [(_, Form<'_>); 6] = [
        ("text", &|out| report::plan(plan, header, &text(false), out)),
        ("text, expanded", &|out| {
            report::plan(plan, header, &text(true), out)
        }),
        ("json", &|out| report::json(plan, header, out)),
        ("markdown", &|out| {
            report::markdown(plan, header, markdown, out)
        }),
        ("html", &|out| report::html(plan, header, out)),
        ("gitlab", &|out| report::terraform_report(plan, out)),
    ];
    let forms = forms.into_iter().map(|(form, write)| {
        HEAP.reset_peak_usage();
        let before = HEAP.current_usage();
        write(&mut io::sink()).unwrap();
        (form, HEAP.peak_usage() - before)
    });
    forms.collect()
}

/// Of all forms but Markdown the two peaks were equal to the byte when this was
/// written; that one's differed by a hundredth, as its last row is cut
/// elsewhere. What is kept of each change, be it a number, is over the bound:
/// the larger plan has 30,000 changes more.
#[test]
fn no_form_of_a_plan_takes_more_memory_for_more_changes() {
    let few = peaks(USERS);
    let many = peaks(USERS * TIMES);
    for ((form, few), (_, many)) in few.into_iter().zip(many) {
        let bound = few + few / 20 + 16 * 1024;
        assert!(many <= bound, "{form}: {few} bytes became {many}");
    }
}
