//! The hosts that tokens would newly go to, named on top of each form.

use crate::support::{Outcome, Sandbox};

/// What stands behind `links: { A: ` of one user.
fn manifest(link: &str) -> String {
    format!(
        "version: 1\nusers:\n  alice: {{ links: {{ A: {{ label: L, implements: '', \
         url: 'https://a.example/'{link} }} }} }}\n"
    )
}

fn plan(sandbox: &Sandbox, format: &str) -> Outcome {
    let plan = ["plan", "m.yaml", "--root", "root", "--format", format];
    sandbox.run(&plan).expect(0)
}

const LOGIN: &str = ", subscriber_unique_id: s, autologin_token_url: \
                     'https://Thief.example/x', token: { secret: t }";

/// A link without auto-login that is to get it, and the same in a plan.
fn gains_a_login() -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", manifest(""));
    let apply = ["apply", "m.yaml", "--root", "root", "--yes"];
    sandbox.run(&apply).expect(0);
    sandbox.write("m.yaml", manifest(LOGIN));
    sandbox
}

#[test]
fn a_link_that_gets_its_first_token_names_the_host_in_every_form() {
    let sandbox = gains_a_login();
    plan(&sandbox, "text")
        .says("Plan: 1 to replace\n")
        .says("tokens would newly go to thief.example\n");
    plan(&sandbox, "markdown")
        .says("- Auto-login hosts that tokens would newly go to: `thief.example`\n");
    plan(&sandbox, "json").says("\"new_token_hosts\":[\"thief.example\"]");
    plan(&sandbox, "html")
        .says("<a href=\"#text=thief.example\">thief.example</a></th><td>·</td><td>1</td>")
        .is_silent_about("No token would be posted");
    // Once it is there it is not new any more.
    sandbox.write("secrets.yaml", "t: one-token\n");
    let apply = ["apply", "m.yaml", "--root", "root", "--yes"];
    sandbox
        .run(&[&apply[..], &["--secrets", "secrets.yaml"]].concat())
        .expect(0);
    sandbox.write("m.yaml", manifest(LOGIN).replace("label: L", "label: M"));
    plan(&sandbox, "text")
        .says("Plan: 1 to replace\n")
        .is_silent_about("newly go");
    plan(&sandbox, "html").says("No token would be posted to a host");
}
