//! Each kind of row in a whole plan, to be read by eye; the words and marks
//! must carry the meaning, since colour is stripped here.

use super::*;
use crate::model::{Icon, Obstacle, Order};
use crate::plan::GlobSet;

#[test]
fn no_changes_are_said_in_a_line() {
    let mut world = World::new();
    world.change("alice", &link("Billing"), link("Billing"));
    insta::assert_snapshot!(world.text(), @r"
Plan: no changes
1 in sync
plan of /var/cpanel/integration · unlisted: hide-owned
");
}

#[test]
fn rows_come_with_what_is_taken_away_on_top() {
    let mut world = World::new();
    world.header.ledger = true;
    // Many links in sync, so that no guard refuses.
    for user in 0..10 {
        world.change(&format!("u{user}"), &link("Billing"), link("Billing"));
    }
    world.change("alice", &link("Biling"), link("Billing"));
    world.want("alice", "ACME_new", link("New"));
    world.have(
        "alice",
        "ACME_gone",
        on_disk("ACME_gone", &link("Gone"), None),
    );
    world
        .user("alice")
        .0
        .links
        .insert(app("ACME_gone"), Wanted::Absent);
    world.have("alice", "ACME_old", on_disk("ACME_old", &link("Old"), None));
    world.own("alice", "ACME_old");
    world.have("alice", "WHMCS_x", on_disk("WHMCS_x", &link("X"), None));
    world.have("bob", APP, on_disk(APP, &link("Foreign"), None));
    world.want("bob", APP, link("Billing"));
    let mut blocked = on_disk(APP, &link("Billing"), None);
    blocked.adminconfig = Lies::Obstacle(Obstacle::Directory);
    world.have("carol", APP, blocked);
    world.want("carol", APP, link("Billing"));
    let group = Group {
        label: Some("Acme Support".to_owned()),
        order: Some(Order::from(1)),
    };
    let id = GroupId::parse("acme").unwrap();
    let mut grouped = link("Help");
    grouped.group_id = Some("acme".to_owned());
    world.want("dave", "ACME_help", grouped.clone());
    world
        .user("dave")
        .0
        .groups
        .insert(id.clone(), group.clone());
    world.want("erin", "ACME_help", grouped);
    world.user("erin").0.groups.insert(id.clone(), group);
    let before = Group {
        label: Some("Acme".to_owned()),
        order: None,
    };
    let before = group_on_disk(&id, before);
    world.user("erin").1.groups.insert(id, before);
    world.user("erin").1.strays.push("x.bak".to_owned());
    world.user("frank").1.account = Account::Missing;
    world.user("grace").1.account = Account::LookupFailed("timed\nout".to_owned());
    world.user("alice").1.menu_folder = Folder::Present(Ownership {
        mode: 0o755,
        uid: 0,
        gid: 1001,
    });
    insta::assert_snapshot!(world.text(), @r#"
Plan: 3 to create, 2 to replace (1 adopted), 1 to hide, 1 to remove, 1 group to create, 1 group to replace, 1 folder to mend, 2 blocked
10 in sync · 1 foreign left alone · 1 stray file
touches 4 of 17 accounts looked at
by app: ACME_billing 2 to replace · ACME_help 2 to create · menu groups 1 to create, 1 to replace ·
    ACME_gone 1 to remove · ACME_new 1 to create … and 1 more app
plan of /var/cpanel/integration · unlisted: hide-owned

- remove   alice/ACME_gone [declared-absent]
- hide     alice/ACME_old [unlisted]
    hide  false → true
! blocked  carol/ACME_billing: its adminconfig is a directory
! blocked  grace: the account could not be looked up: timed\nout
~ replace  erin/group:acme [adopt, fields]
    label  "Acme" → "Acme Support"
    order  (none) → 1
~ replace  alice/ACME_billing [fields]
    label  "Biling" → "Billing"
~ replace  bob/ACME_billing [adopt, fields]
    label  "Foreign" → "Billing"
+ create   dave/group:acme [new]
    label  "Acme Support"
    order  1
+ create   alice/ACME_new [new]
    label       "New"
    implements  "billing"
    url         "https://billing.acme.example/account"
+ create   ACME_help on 2 users: dave, erin [new]
    label       "Help"
    implements  "billing"
    url         "https://billing.acme.example/account"
    group_id    "acme"
~ mend     alice: folder in `dynamicui` mode 0755 → 0750
  skip     1 account of the manifest not on this host: frank

guards: hide 2 of 15 (13 %, limit 30 %) · replace 2 of 15 (13 %, limit 50 %)
use --expand to list each
Plan: 3 to create, 2 to replace (1 adopted), 1 to hide, 1 to remove, 1 group to create, 1 group to replace, 1 folder to mend, 2 blocked
"#);
}

#[test]
fn every_kind_of_difference_has_a_line() {
    let mut world = World::new();
    let image = |fill: u8| Icon::Image(vec![fill; 2100].into());
    let mut before = link("Billing");
    before.subscriber_unique_id = Some("123".to_owned());
    before.group_id = Some("software".to_owned());
    before.order = Some(Order::from(99));
    before.icon = Some(image(1));
    let mut after = before.clone();
    after.subscriber_unique_id = Some("0123".to_owned());
    after.group_id = None;
    after.order = Some(Order::from(10));
    after.hide = true;
    after.icon = Some(image(2));
    after.url = Some("https://bücher.example/".to_owned());
    after.autologin_token_url = Some("https://sso.example/?key=s3cret".to_owned());
    let mut actual = on_disk(APP, &before, Some("old"));
    set_mode(&mut actual.adminconfig, 0o644);
    if let Lies::File(found) = &mut actual.userconfig {
        found
            .value
            .unknown
            .insert("x\ny".to_owned(), "1".to_owned());
        found.value.stated_user = Some("mallory".to_owned());
    }
    world.have("alice", APP, actual);
    world.want_with("alice", APP, after, known("new"));

    let mut menu_only = on_disk(APP, &link("Billing"), None);
    if let Lies::File(found) = &mut menu_only.menu {
        found
            .value
            .entry
            .fields
            .insert("itemorder".to_owned(), "1".to_owned());
        found
            .value
            .entry
            .fields
            .insert("if".to_owned(), "0".to_owned());
    }
    world.have("bob", APP, menu_only);
    world.own("bob", APP);
    world.want_with("bob", APP, link("Billing"), known("added"));

    let mut damaged = on_disk(APP, &link("Billing"), None);
    damaged.adminconfig = Lies::Absent;
    damaged.menu = broken(FileKind::Menu, "is not valid JSON (line 1, column 4)");
    world.have("carol", APP, damaged);
    world.own("carol", APP);
    let unknown = DesiredToken::Unknown {
        reference: TokenRef::Secret("x".to_owned()),
        why: "no secrets were given".to_owned(),
    };
    world.want_with("carol", APP, link("Billing"), unknown);
    let mut iconed = link("Billing");
    iconed.icon = Some(image(3));
    let mut other_picture = on_disk(APP, &iconed, None);
    if let Lies::File(found) = &mut other_picture.menu {
        found.value.entry.icon = Some(image(4));
    }
    world.have("dave", APP, other_picture);
    world.own("dave", APP);
    world.want("dave", APP, iconed);
    insta::assert_snapshot!(world.text(), @r#"
Plan: 3 to replace, 1 to hide; refused by guard new-host
1 token not compared
touches 4 of 4 accounts looked at · tokens would newly go to sso.example
plan of /var/cpanel/integration · unlisted: hide-owned

- hide     alice/ACME_billing [adopt, fields, token, mode, declared-hidden]
    user                  "mallory" → "alice"
    url                   "https://billing.acme.example/account" → "https://bücher.example/" (xn--bcher-kva.example)
    autologin_token_url   (none) → "https://sso.example/?key=***"
    subscriber_unique_id  "123" → "0123"
    group_id              "software" → (none)
    order                 99 → 10
    hide                  false → true
    icon                  not a PNG 2.1 KB aa34d2… → not a PNG 2.1 KB 9df93d…
    token                 (changed)
    mode                  adminconfig 0644 → 0600
    keeps                 unknown key "x\ny" of its userconfig
~ replace  bob/ACME_billing [token, menu, unhide]
    token  (added)
    menu   if "0" → (none)
    menu   itemorder "1" → "99999"
~ replace  carol/ACME_billing [token, broken]
    token   not compared
    broken  adminconfig is missing
    broken  menu entry is not valid JSON (line 1, column 4)
~ replace  dave/ACME_billing [menu]
    menu  icon not a PNG 2.1 KB 74eef5… → not a PNG 2.1 KB 40d05a…

! refused by guard new-host: the token of 1 link would be posted to another host than before
    alice/ACME_billing: (no auto-login) → sso.example
hint: if these hosts are meant, list them under autologin_hosts in the host's policy, or let it through once with --allow-new-host 1
hint: tokens that are not known here are not compared; --secrets FILE gives secrets
Plan: 3 to replace, 1 to hide; refused by guard new-host
"#);
}

#[test]
fn a_long_url_is_shown_one_version_above_the_other() {
    let mut world = World::new();
    let with = |url: &str| Link {
        url: Some(url.to_owned()),
        ..link("Billing")
    };
    world.change(
        "alice",
        &with("https://billing.acme.example/account?user=alice"),
        with("https://billing.acme.example/konto?user=alice"),
    );
    insta::assert_snapshot!(world.text(), @r#"
Plan: 1 to replace
touches 1 of 1 account looked at
plan of /var/cpanel/integration · unlisted: hide-owned

~ replace  alice/ACME_billing [fields]
    url  - "https://billing.acme.example/account?user=alice"
                                         ^^^^^^^
         + "https://billing.acme.example/konto?user=alice"
                                         ^^^^^

guards: replace 1 of 1 (shares count from 10 links on)
Plan: 1 to replace
"#);
}

#[test]
fn identical_changes_are_one_row_and_creates_say_what_differs() {
    let mut world = World::new();
    for user in ["alice", "bob", "carol", "dave", "erin"] {
        world.change(user, &link("Biling"), link("Billing"));
        let mut new = link("Upgrade");
        new.url = Some(format!("https://up.acme.example/?user={user}"));
        new.group_id = (user == "bob").then(|| "software".to_owned());
        world.want(user, "ACME_up", new);
    }
    world.change("frank", &link("Bill"), link("Billing"));
    let mut elsewhere = link("Upgrade");
    elsewhere.url = Some("https://evil.example/?user=frank".to_owned());
    world.want("frank", "ACME_up", elsewhere);
    insta::assert_snapshot!(world.text(), @r#"
Plan: 6 to create, 6 to replace
touches 6 of 6 accounts looked at
by app: ACME_billing 6 to replace · ACME_up 6 to create
plan of /var/cpanel/integration · unlisted: hide-owned

~ replace  ACME_billing on 5 users: alice, bob, carol and 2 more [fields]
    label  "Biling" → "Billing"
~ replace  frank/ACME_billing [fields]
    label  "Bill" → "Billing"
+ create   ACME_up on 5 users: alice, bob, carol and 2 more [new]
    label       "Upgrade"
    implements  "billing"
    url         "https://up.acme.example/?user=alice" (alice; 4 others differ)
    group_id    (none) (alice; 1 other differs)
+ create   frank/ACME_up [new]
    label       "Upgrade"
    implements  "billing"
    url         "https://evil.example/?user=frank"

guards: replace 6 of 6 (shares count from 10 links on)
use --expand to list each
Plan: 6 to create, 6 to replace
"#);
    world.options.expand = true;
    let expanded = world.text();
    assert_eq!(expanded.matches("~ replace").count(), 6);
    assert_eq!(expanded.matches("+ create").count(), 6);
    assert!(!expanded.contains("--expand"));
}

#[test]
fn a_refusal_names_the_first_and_the_flag() {
    let mut world = World::new();
    for user in 0..14 {
        world.have(
            &format!("u{user:02}"),
            APP,
            on_disk(APP, &link("Billing"), None),
        );
        world.own(&format!("u{user:02}"), APP);
    }
    world.want("u00", APP, link("Billing"));
    insta::assert_snapshot!(world.text(), @r"
Plan: 13 to hide; refused by guard hide
1 in sync
touches 13 of 14 accounts looked at
plan of /var/cpanel/integration · unlisted: hide-owned

- hide     ACME_billing on 13 users: u01, u02, u03 and 10 more [unlisted]
    hide  false → true

! refused by guard hide: 13 of 14 links would be hidden or removed, the limit is 30 %
    u01/ACME_billing
    u02/ACME_billing
    u03/ACME_billing
    u04/ACME_billing
    u05/ACME_billing
    u06/ACME_billing
    u07/ACME_billing
    u08/ACME_billing
    u09/ACME_billing
    u10/ACME_billing
    … and 3 more
hint: let it through once with --allow-hide 13
use --expand to list each
Plan: 13 to hide; refused by guard hide
");
}

#[test]
fn an_empty_manifest_is_refused_without_a_flag() {
    insta::assert_snapshot!(World::new().text(), @r"
Plan: no changes; refused by guard empty
plan of /var/cpanel/integration · unlisted: hide-owned
! refused by guard empty: the manifest names no link at all
hint: a manifest without any link is never carried out; check that all of its files were given
Plan: no changes; refused by guard empty
");
}

#[test]
fn the_header_says_under_what_the_plan_was_made() {
    let mut world = World::new();
    world.change("alice", &link("Billing"), link("Billing"));
    world.header.ledger = false;
    world.header.scope.users = GlobSet::parse(["al*\u{1b}"]).unwrap();
    world.header.notes = vec!["an interrupted run was found".to_owned()];
    insta::assert_snapshot!(world.text(), @r"
Plan: no changes
1 in sync
plan of /var/cpanel/integration · unlisted: hide-owned · only --user al*\u{1b}
note: unlisted links are not hidden yet: there is no record of what cplinks owns
note: an interrupted run was found
");
}

#[test]
fn hostile_text_stays_in_its_line() {
    let mut world = World::new();
    let hostile = "\u{1b}[2J\n::error::x\u{202e}\u{200b}\r##[group]";
    world.change("alice", &link("Billing"), link(hostile));
    insta::assert_snapshot!(world.text(), @r#"
Plan: 1 to replace
touches 1 of 1 account looked at
plan of /var/cpanel/integration · unlisted: hide-owned

~ replace  alice/ACME_billing [fields]
    label  - "Billing"
              ^^^^^^^
           + "\u{1b}[2J\n::error::x\u{202e}\u{200b}\r#\u{23}[group]"
              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

guards: replace 1 of 1 (shares count from 10 links on)
Plan: 1 to replace
"#);
}

/// What is masked may differ, and then it is not the same change.
#[test]
fn urls_that_differ_only_where_they_are_masked_are_told_apart() {
    let keyed = |key: &str| Link {
        url: Some(format!("https://a.example/?key={key}")),
        ..link("Billing")
    };
    // Changed, in a file that can be read and in one that cannot.
    let mut world = World::new();
    for (user, key) in [("alice", "s3a"), ("bob", "s3b"), ("carol", "s3b")] {
        world.change(user, &keyed("s3old"), keyed(key));
    }
    for (user, key) in [("dave", "s3a"), ("erin", "s3b"), ("frank", "s3b")] {
        let mut torn = on_disk(APP, &link("Billing"), None);
        torn.userconfig = broken(FileKind::Userconfig, "it is no JSON");
        world.have(user, APP, torn);
        world.own(user, APP);
        world.want(user, APP, keyed(key));
    }
    let text = world.text();
    assert!(!text.contains("s3"), "{text}");
    for row in [
        "~ replace  alice/ACME_billing [",
        "~ replace  ACME_billing on 2 users: bob, carol [",
        "~ replace  dave/ACME_billing [",
        "~ replace  ACME_billing on 2 users: erin, frank [",
    ] {
        assert!(text.contains(row), "no {row:?} in {text}");
    }
    // New: one row, which says how many differ from what it shows.
    let mut world = World::new();
    for (user, key) in [("alice", "s3a"), ("bob", "s3b"), ("carol", "s3b")] {
        world.want(user, APP, keyed(key));
    }
    insta::assert_snapshot!(world.text(), @r#"
Plan: 3 to create
touches 3 of 3 accounts looked at
plan of /var/cpanel/integration · unlisted: hide-owned

+ create   ACME_billing on 3 users: alice, bob, carol [new]
    label       "Billing"
    implements  "billing"
    url         "https://a.example/?key=***" (alice; 2 others differ)

use --expand to list each
Plan: 3 to create
"#);
}
