//! `cplinks plan`, and `validate` where the same is asked of it: what it says,
//! how it ends, and that it writes nothing at all.

mod by_name;
mod hosts;
mod html;
mod outputs;
mod reach;
mod secrets;
mod streams;

use crate::support::{Outcome, Sandbox};
use std::fs;
use std::os::unix::fs::symlink;

const ACME: [&str; 4] = ["plan", "examples/acme", "--root", "root"];
const SECRETS: [&str; 2] = ["--secrets", "examples/acme-secrets.yaml"];

fn acme(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    sandbox.run(&[&ACME, more].concat())
}

/// A root with links of one user, all in sync with `links.yaml`.
fn sandbox_with_links(count: usize) -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.write("links.yaml", manifest(0..count, "Label", ""));
    sandbox
        .run(&["apply", "links.yaml", "--root", "root", "--yes"])
        .expect(0);
    sandbox
}

/// A manifest of so many links of `alice`, with a label and more fields each.
fn manifest(numbers: std::ops::Range<usize>, label: &str, more: &str) -> String {
    let links: Vec<String> = numbers
        .map(|number| format!("      App{number}: {{ label: {label} {number}, implements: '', url: 'https://x.example/'{more} }}\n"))
        .collect();
    format!(
        "version: 1\nusers:\n  alice:\n    links:\n{}",
        links.concat()
    )
}

fn plan(sandbox: &Sandbox, manifest: &str, more: &[&str]) -> Outcome {
    sandbox.write("new.yaml", manifest);
    sandbox.run(&[&["plan", "new.yaml", "--root", "root"], more].concat())
}

#[test]
fn the_plan_of_the_examples_is_the_table_of_their_readme() {
    let outcome = acme(&Sandbox::with_examples(), &SECRETS).expect(0);
    assert_eq!(outcome.stderr, "");
    insta::assert_snapshot!(outcome.stdout, @r#"
Plan: 16 to create, 4 to replace (4 adopted), 1 to hide, 1 to remove, 5 groups to create, 1 group to replace
5 in sync (5 adopted) · 15 foreign left alone · 1 stray file
touches 7 of 8 accounts looked at · tokens would newly go to sso.acme.example
by app: ACME_billing 4 to create, 2 to replace · ACME_support 4 to create, 2 to replace ·
    menu groups 5 to create, 1 to replace · ACME_upgrade 3 to create · ACME_backups 2 to create
    … and 3 more apps
plan of root · unlisted: hide-owned
note: unlisted links are not hidden yet: there is no record of what cplinks owns

- remove   harborcf/ACME_billing_old [declared-absent]
- hide     northsea/ACME_domains [adopt, fields, declared-hidden]
    hide  false → true
~ replace  harborcf/group:acme [adopt, fields]
    label  "Acme" → "Acme Hosting"
    order  5 → 1
~ replace  brightwd/ACME_support [adopt, token]
    token  (added)
~ replace  harborcf/ACME_billing [adopt, fields]
    label  "Billing" → "Billing & Invoices"
    url    - "https://www.acme.example/clientarea?user=harborcf"
                      ^^^              ^^^^^^^^^^
           + "https://my.acme.example/billing?user=harborcf"
                      ^^              ^^^^^^^
~ replace  harborcf/ACME_support [adopt, menu]
    broken  menu entry is missing
~ replace  northsea/ACME_billing [adopt, token, broken]
    token   (added)
    broken  adminconfig is missing
+ create   group:acme on 5 users: kaffeeha, lindenst, museumhv and 2 more [new]
    label  "Acme Hosting"
    order  1
+ create   ACME_status on 2 users: harborcf, kaffeeha [new]
    label       "Service Status"
    implements  ""
    url         "https://status.acme.example/"
    group_id    "acme"
    order       90
    icon        48×48 PNG 694 B a6cc43…
+ create   ACME_upgrade on 3 users: harborcf, kaffeeha, lindenst [new]
    label                 "Upgrade Business 50 GB" (harborcf; 1 other differs)
    implements            "upgrade"
    url                   "https://my.acme.example/upgrade?user=harborcf&from=Business%2050%20GB" (harborcf; 2 others differ)
    autologin_token_url   "https://sso.acme.example/cpanel/upgrade"
    subscriber_unique_id  "10422" (harborcf; 2 others differ)
    group_id              "acme"
    order                 30
    icon                  48×48 PNG 507 B 161331…
    token                 (added)
+ create   ACME_billing on 4 users: kaffeeha, lindenst, museumhv and 1 more [new]
    label                 "Rechnungen" (kaffeeha; 3 others differ)
    implements            "billing"
    url                   "https://my.acme.example/billing?user=kaffeeha" (kaffeeha; 3 others differ)
    autologin_token_url   "https://sso.acme.example/cpanel/billing"
    subscriber_unique_id  "20113" (kaffeeha; 3 others differ)
    group_id              "acme"
    order                 10
    icon                  48×48 PNG 330 B f70c7c…
    token                 (added)
+ create   ACME_support on 3 users: kaffeeha, lindenst, museumhv [new]
    label                 "Hilfe & Kontakt" (kaffeeha; 2 others differ)
    implements            "support"
    url                   "https://my.acme.example/support?user=kaffeeha" (kaffeeha; 2 others differ)
    autologin_token_url   "https://sso.acme.example/cpanel/support"
    subscriber_unique_id  "20113" (kaffeeha; 2 others differ)
    group_id              "acme"
    order                 20
    icon                  48×48 PNG 667 B e0d86c…
    token                 (added)
+ create   ACME_backups on 2 users: lindenst, northsea [new]
    label       "Off-site Backups"
    implements  ""
    url         "https://backups.acme.example/restore?user=lindenst" (lindenst; 1 other differs)
    group_id    "files"
    order       50
    icon        48×48 PNG 714 B 7824f5…
+ create   lindenst/ACME_domains [new]
    label                 "Register a Domain"
    implements            ""
    url                   "https://my.acme.example/domains?user=lindenst"
    autologin_token_url   "https://sso.acme.example/cpanel/domains"
    subscriber_unique_id  "20127"
    group_id              "domains"
    order                 50
    icon                  48×48 PNG 730 B d9d21c…
    token                 (added)
+ create   spreeufr/ACME_support [new]
    label       "Agency Help Desk"
    implements  "support"
    url         "https://agency.acme.example/desk?account=spreeufr"
    group_id    "acme"
    order       20
    icon        48×48 PNG 667 B e0d86c…

guards: hide 2 of 8 (shares count from 10 links on) · replace 4 of 9 (shares count from 10 links on)
use --expand to list each
Plan: 16 to create, 4 to replace (4 adopted), 1 to hide, 1 to remove, 5 groups to create, 1 group to replace
digest: 1060248d3a2a6a0b1ca17ef8fa241c4132eeb69a005dadd3e5bc57eb74408e51
"#);
}

#[test]
fn plan_and_validate_write_nothing() {
    let sandbox = Sandbox::with_examples();
    let before = sandbox.fingerprint();
    let check = |before: &str| {
        acme(&sandbox, &SECRETS).expect(0);
        acme(&sandbox, &["--detailed-exitcode", "--expand"]).expect(2);
        acme(&sandbox, &["--color", "always", "--strict"]);
        sandbox.run(&["validate", "examples/acme"]).expect(0);
        assert_eq!(sandbox.fingerprint(), before);
    };
    check(&before);
    // Nor with the lock of an earlier apply to take.
    sandbox
        .folder("root/.cplinks")
        .write("root/.cplinks/lock", "");
    sandbox
        .set_mode("root/.cplinks", 0o700)
        .set_mode("root/.cplinks/lock", 0o600);
    check(&sandbox.fingerprint());
}

#[test]
fn a_plan_is_made_where_nothing_may_be_written() {
    let sandbox = Sandbox::with_examples();
    let alone = acme(&sandbox, &SECRETS).expect(0).stdout;
    sandbox.set_mode("root", 0o555);
    assert_eq!(acme(&sandbox, &SECRETS).expect(0).stdout, alone);
    sandbox.set_mode("root", 0o751);
}

#[test]
fn without_secrets_tokens_are_not_compared() {
    let outcome = acme(&Sandbox::with_examples(), &[])
        .expect(0)
        .says("token                 not compared")
        .says("hint: tokens that are not known here are not compared; --secrets FILE gives secrets")
        .is_silent_about("placeholder");
    assert!(outcome.stdout.contains("tokens not compared"));
}

#[test]
fn exit_codes_say_whether_changes_are_pending() {
    let sandbox = sandbox_with_links(3);
    let same = manifest(0..3, "Label", "");
    let more = manifest(0..4, "Label", "");
    plan(&sandbox, &same, &[])
        .expect(0)
        .says("Plan: no changes");
    plan(&sandbox, &same, &["--detailed-exitcode"]).expect(0);
    plan(&sandbox, &more, &[])
        .expect(0)
        .says("Plan: 1 to create");
    plan(&sandbox, &more, &["--detailed-exitcode"]).expect(2);
    plan(&sandbox, "version: 2\n", &["--detailed-exitcode"]).expect(1);
    plan(&sandbox, &same, &["--no-such-flag"]).expect(1);
    let group = manifest(0..3, "Label", ", group_id: acme");
    let group = group.replace("users:", "groups:\n  acme: { label: A, order: 1 }\nusers:");
    plan(&sandbox, &group, &["--detailed-exitcode", "--app", "App1"]).expect(2);
}

#[test]
fn a_wrong_mode_is_pending_too() {
    let sandbox = sandbox_with_links(1);
    let same = manifest(0..1, "Label", "");
    sandbox.set_mode("root/links/alice/App0.adminconfig", 0o644);
    plan(&sandbox, &same, &["--detailed-exitcode"])
        .expect(2)
        .says("~ replace  alice/App0 [mode]");
    sandbox.set_mode("root/links/alice/App0.adminconfig", 0o600);
    sandbox.set_mode("root/dynamicui/alice", 0o755);
    plan(&sandbox, &same, &["--detailed-exitcode"])
        .expect(2)
        .says("1 folder to mend");
}

#[test]
fn a_guard_refuses_in_plan_already_and_lets_through_by_number() {
    let sandbox = sandbox_with_links(10);
    let hidden = manifest(0..4, "Label", ", hide: true");
    let all = format!(
        "{hidden}{}",
        manifest(4..10, "Label", "")
            .split_once("links:\n")
            .unwrap()
            .1
    );
    let refused = plan(&sandbox, &all, &["--detailed-exitcode"])
        .expect(3)
        .says(
            "! refused by guard hide: 4 of 10 links would be hidden or removed, the limit is 30 %",
        )
        .says("hint: let it through once with --allow-hide 4")
        .says("    alice/App3\n");
    // Refused, and shown whole all the same.
    assert!(refused.stdout.contains("4 to hide"));
    plan(&sandbox, &all, &["--allow-hide", "3"]).expect(3);
    plan(&sandbox, &all, &["--allow-replace", "10"]).expect(3);
    plan(&sandbox, &all, &["--allow-hide", "4"]).expect(0);
    let renamed = manifest(0..10, "New", "");
    plan(&sandbox, &renamed, &[])
        .expect(3)
        .says("hint: let it through once with --allow-replace 10");
    plan(&sandbox, &renamed, &["--allow-replace", "10"]).expect(0);
    // A whole manifest without a link is not even valid.
    let empty = "version: 1\nusers:\n  alice:\n    links: {}\n";
    plan(&sandbox, empty, &["--allow-hide", "10"])
        .expect(1)
        .says("the manifest names no link at all");
}

#[test]
fn a_writers_lock_stops_a_plan() {
    let sandbox = sandbox_with_links(1);
    let lock = fs::File::open(sandbox.path("root/.cplinks/lock")).unwrap();
    lock.lock().unwrap();
    let same = manifest(0..1, "Label", "");
    plan(&sandbox, &same, &["--lock-timeout", "0"])
        .expect(5)
        .says("root/.cplinks/lock` is locked by process")
        .says("hint: wait for it, or give it longer with --lock-timeout");
    lock.unlock().unwrap();
    lock.lock_shared().unwrap();
    plan(&sandbox, &same, &["--lock-timeout", "0"]).expect(0);
}

#[test]
fn a_scope_limits_the_plan_and_is_printed() {
    let sandbox = Sandbox::with_examples();
    let secrets = |more: &[&str]| acme(&sandbox, &[&SECRETS, more].concat());
    secrets(&["--user", "north*", "--exclude-app", "ACME_b*"])
        .expect(0)
        .says(" · only --user north* --exclude-app ACME_b*")
        .says("Plan: 1 to hide\n")
        .is_silent_about("harborcf");
    secrets(&[
        "--user",
        "north*",
        "--user",
        "berg*",
        "--exclude-user",
        "northsea",
    ])
    .expect(0)
    .says("Plan: no changes")
    .says("2 in sync");
    secrets(&["--app", "ACME_billing_old"])
        .expect(0)
        .says("Plan: 1 to remove\n");
    for (flag, kind) in [
        ("--user", "user in the manifest matches nob*dy"),
        ("--exclude-user", "user in the manifest matches nob*dy"),
        ("--app", "app in the manifest or on disk matches nob*dy"),
        (
            "--exclude-app",
            "app in the manifest or on disk matches nob*dy",
        ),
    ] {
        secrets(&[flag, "nob*dy"]).expect(1).says(kind);
        secrets(&[flag, "["])
            .expect(1)
            .says(&format!("error: {flag} [ is not a glob"));
    }
}

#[test]
fn a_user_without_a_link_may_be_looked_at_alone() {
    let sandbox = sandbox_with_links(1);
    let both = manifest(0..1, "Label", "") + "  bob: { links: {} }\n";
    plan(&sandbox, &both, &["--user", "bob"])
        .expect(0)
        .says("Plan: no changes");
}

#[test]
fn hide_all_hides_managed_links_whoever_wrote_them() {
    let sandbox = sandbox_with_links(3);
    let two = manifest(0..2, "Label", "");
    let all = two.replace("users:", "settings: { unlisted: hide-all }\nusers:");
    plan(&sandbox, &all, &[])
        .expect(0)
        .says("Plan: 1 to hide\n")
        .says("- hide     alice/App2 [unlisted]");
    let ignored = all.replace("hide-all", "hide-all, ignore: ['*2']");
    plan(&sandbox, &ignored, &[])
        .expect(0)
        .says("Plan: no changes")
        .says("1 of cplinks' own not named and left alone");
    let managed = all.replace("hide-all", "hide-all, manage: ['App[01]']");
    plan(&sandbox, &managed, &[])
        .expect(0)
        .says("Plan: no changes")
        .says("1 of cplinks' own not named and left alone");
    // By default only what is ours is hidden, as long as that is known.
    plan(&sandbox, &two, &[])
        .expect(0)
        .says("Plan: 1 to hide\n");
    fs::remove_dir_all(sandbox.path("root/.cplinks")).unwrap();
    plan(&sandbox, &two, &[]).expect(0).says("Plan: no changes");
}

#[test]
fn what_cannot_be_handled_is_blocked_and_the_rest_is_planned() {
    let sandbox = Sandbox::with_examples();
    let file = sandbox.path("root/links/brightwd/ACME_support.userconfig");
    fs::remove_file(&file).unwrap();
    symlink("/etc/hostname", &file).unwrap();
    acme(&sandbox, &SECRETS)
        .expect(0)
        .says("1 blocked")
        .says("its userconfig is a symbolic link, which is never followed")
        .says("~ replace  harborcf/ACME_billing");
    let folder = sandbox.path("root/dynamicui/harborcf");
    fs::rename(&folder, sandbox.path("elsewhere")).unwrap();
    symlink("../../elsewhere", &folder).unwrap();
    acme(&sandbox, &SECRETS)
        .expect(0)
        .says("2 blocked")
        .says("the user's folder in `dynamicui` is a symbolic link, which is never followed");
}
