//! `cplinks apply`: the examples end to end, read back by a reader of the
//! tests' own, and who may say yes.

mod beside;
pub(crate) mod modes;
mod owners;
mod prompt;
mod race;
mod secrets;
mod signals;
mod tree;

use crate::support::{Outcome, Sandbox};
use serde_json::{Value, json};

const ACME: [&str; 5] = ["apply", "examples/acme", "--root", "root", "--yes"];
const SECRETS: [&str; 2] = ["--secrets", "examples/acme-secrets.yaml"];

fn acme(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    sandbox.run(&[&ACME[..], &SECRETS, more].concat())
}

/// A manifest of one user with one link, and more fields of it.
fn one_link(more: &str) -> String {
    format!(
        "version: 1\nusers:\n  alice:\n    links:\n      ACME: \
         {{ label: Acme, implements: '', url: 'https://x.example/'{more} }}\n"
    )
}

fn apply(sandbox: &Sandbox, manifest: &str, more: &[&str]) -> Outcome {
    sandbox.write("links.yaml", manifest);
    let arguments = ["apply", "links.yaml", "--root", "root", "--yes"];
    sandbox.run(&[&arguments, more].concat())
}

/// A file as the independent reader sees it; icons by their length.
fn read(sandbox: &Sandbox, file: &str) -> Value {
    let mut value: Value = serde_json::from_str(&sandbox.read(file)).unwrap();
    let object = if value.is_array() {
        &mut value[0]
    } else {
        &mut value
    };
    if let Some(icon) = object.get_mut("base64_png_image") {
        *icon = json!(icon.as_str().unwrap().len());
    }
    value
}

#[test]
fn a_second_apply_changes_nothing_and_keeps_no_run() {
    let sandbox = Sandbox::with_examples();
    acme(&sandbox, &[]).expect(0);
    let after = sandbox.fingerprint();
    acme(&sandbox, &[]).expect(0).says("Plan: no changes");
    assert_eq!(sandbox.fingerprint(), after);
    acme(&sandbox, &["--expand", "--owners", "keep"]).expect(0);
    assert_eq!(sandbox.fingerprint(), after);
}

#[test]
fn what_is_written_is_what_the_fact_sheet_says() {
    let sandbox = Sandbox::with_examples();
    acme(&sandbox, &[]).expect(0);
    let icon = json!(892);
    assert_eq!(
        read(&sandbox, "root/links/lindenst/ACME_support.userconfig"),
        json!({
            "app": "ACME_support",
            "autologin_token_url": "https://sso.acme.example/cpanel/support",
            "base64_png_image": icon,
            "group_id": "acme",
            "implements": "support",
            "label": "Support Tickets",
            "order": "20",
            "subscriber_unique_id": "20098",
            "url": "https://my.acme.example/support?user=lindenst",
            "user": "lindenst",
        })
    );
    assert_eq!(
        read(&sandbox, "root/links/lindenst/ACME_support.adminconfig"),
        json!({ "token": "placeholder-lindenst-support" })
    );
    assert_eq!(
        read(&sandbox, "root/links/lindenst/ACME_backups.adminconfig"),
        json!({ "token": null })
    );
    assert_eq!(
        read(
            &sandbox,
            "root/dynamicui/lindenst/dynamicui_ACME_support.conf"
        ),
        json!([{
            "type": "image",
            "subtype": "img",
            "imgtype": "icon",
            "file": "ACME_support",
            "url": "integration/index.html?app=ACME_support",
            "target": "_blank",
            "description": "$LANG{'Support Tickets'}",
            "itemdesc": "$LANG{'Support Tickets'}",
            "group": "acme",
            "itemorder": "20",
            "implements": "support",
            "base64_png_image": icon,
            "width": "48",
            "height": "48",
        }])
    );
    // An empty `implements` is stored as it is and shown as the app.
    let status = "kaffeeha/ACME_status";
    let userconfig = read(&sandbox, &format!("root/links/{status}.userconfig"));
    assert_eq!(userconfig["implements"], "");
    let menu = read(
        &sandbox,
        "root/dynamicui/kaffeeha/dynamicui_ACME_status.conf",
    );
    assert_eq!(menu[0]["implements"], "ACME_status");
    assert_eq!(
        read(&sandbox, "root/links/lindenst/group_acme.userconfig"),
        json!({ "label": "Acme Hosting", "order": "1" })
    );
    assert_eq!(
        read(
            &sandbox,
            "root/dynamicui/lindenst/dynamicui_group_acme.conf"
        ),
        json!([{
            "type": "image",
            "subtype": "img",
            "imgtype": "icon",
            "file": "group_acme",
            "group": "acme",
            "groupdesc": "$LANG{'Acme Hosting'}",
            "description": "$LANG{'Acme Hosting'}",
            "grouporder": "1",
            "width": "48",
            "height": "48",
        }])
    );
}

#[test]
fn a_hidden_link_keeps_its_files_and_has_its_entry_switched_off() {
    let sandbox = Sandbox::with_examples();
    let token = sandbox.read("root/links/northsea/ACME_domains.adminconfig");
    acme(&sandbox, &[]).expect(0);
    assert_eq!(
        sandbox.read("root/links/northsea/ACME_domains.adminconfig"),
        token
    );
    let userconfig = read(&sandbox, "root/links/northsea/ACME_domains.userconfig");
    assert_eq!(userconfig["hide"], "1");
    let menu = read(
        &sandbox,
        "root/dynamicui/northsea/dynamicui_ACME_domains.conf",
    );
    assert_eq!(menu[0]["if"], "0");
    // And comes back.
    let manifest = sandbox.read("examples/acme/10-links.yaml");
    let shown = manifest.replace("ACME_domains: { hide: true }", "ACME_domains: {}");
    sandbox.write("examples/acme/10-links.yaml", shown);
    acme(&sandbox, &[])
        .expect(0)
        .says("~ replace  northsea/ACME_domains [fields, unhide]")
        .says("Apply: 1 replaced, 0 failed");
    let userconfig = read(&sandbox, "root/links/northsea/ACME_domains.userconfig");
    assert_eq!(userconfig.get("hide"), None);
    let menu = read(
        &sandbox,
        "root/dynamicui/northsea/dynamicui_ACME_domains.conf",
    );
    assert_eq!(menu[0].get("if"), None);
}

#[test]
fn the_byte_form_is_that_of_cpanel_with_sorted_keys() {
    let sandbox = Sandbox::with_root();
    apply(&sandbox, &one_link(", order: 7"), &[]).expect(0);
    insta::assert_snapshot!(sandbox.read("root/links/alice/ACME.userconfig"), @r#"
    {
       "app" : "ACME",
       "implements" : "",
       "label" : "Acme",
       "order" : "7",
       "url" : "https://x.example/",
       "user" : "alice"
    }
    "#);
    let adminconfig = sandbox.read("root/links/alice/ACME.adminconfig");
    assert_eq!(adminconfig, "{\n   \"token\" : null\n}\n");
}

#[test]
fn a_refused_plan_is_not_carried_out() {
    let sandbox = Sandbox::with_root();
    let links: Vec<String> = (0..10)
        .map(|n| {
            format!("      App{n}: {{ label: L, implements: '', url: 'https://x.example/' }}\n")
        })
        .collect();
    let manifest = format!(
        "version: 1\nusers:\n  alice:\n    links:\n{}",
        links.concat()
    );
    apply(&sandbox, &manifest, &[]).expect(0);
    let renamed = manifest.replace("label: L", "label: New");
    sandbox.write("links.yaml", &renamed);
    let before = sandbox.tree("root");
    apply(&sandbox, &renamed, &[])
        .expect(3)
        .is_silent_about("Apply:");
    apply(&sandbox, &renamed, &["--allow-replace", "9"]).expect(3);
    assert_eq!(sandbox.tree("root"), before);
    apply(&sandbox, &renamed, &["--allow-replace", "10"])
        .expect(0)
        .says("Apply: 10 replaced, 0 failed");
}

#[test]
fn an_outcome_that_cannot_be_shown_is_an_error_and_the_links_are_made() {
    let lines = |count: usize| {
        let link =
            |n| format!("      L{n}: {{ label: L, implements: '', url: 'https://a.example/' }}\n");
        let links: String = (0..count).map(link).collect();
        format!("version: 1\nusers:\n  alice:\n    links:\n{links}")
    };
    // The plan fits in a buffer, and does not.
    for count in [1, 500] {
        let sandbox = Sandbox::with_root();
        sandbox.write("links.yaml", lines(count));
        let apply = "cplinks apply links.yaml --root root --yes";
        sandbox
            .shell(&format!("{apply} > /dev/full"))
            .expect(1)
            .says("error: standard output cannot be written: No space left on device")
            .is_silent_about("panicked");
        let made = sandbox.names("root/links").matches(".userconfig").count();
        assert_eq!(made, count);
        // They are recorded, and the run is over.
        let once = sandbox.fingerprint();
        sandbox
            .shell(apply)
            .expect(0)
            .says("Plan: no changes")
            .is_silent_about("adopt");
        assert_eq!(sandbox.fingerprint(), once);
        // A reader that went away has seen enough.
        sandbox.write("links.yaml", lines(count + 1));
        let line = format!("set +e; {apply} | true; echo ${{PIPESTATUS[0]}}");
        let outcome = sandbox.shell(&line).expect(0);
        assert_eq!(
            (outcome.stdout.as_str(), outcome.stderr.as_str()),
            ("0\n", "")
        );
    }
}
