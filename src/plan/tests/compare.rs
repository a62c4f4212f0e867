//! What is a difference and what is only another spelling: values are
//! compared, never bytes.

use super::world::{Files, World, as_is, wanted_with};
use crate::model::{Icon, Order};

#[track_caller]
fn check(files: Files, expect: &str) {
    World::of(as_is(), files).check(expect);
}

const FIELDS: &str = "replace alice/ACME U-- adopt fields";
const MENU: &str = "replace alice/ACME --D adopt menu";

#[test]
fn numbers_and_their_texts_are_equal() {
    check(Files::equal().u_text(r#""10""#, "10"), "1 in sync");
    check(Files::equal().u_text(r#""10""#, r#""010""#), "1 in sync");
    check(Files::equal().d_text(r#""10""#, "10"), "1 in sync");
    check(Files::equal().u_text(r#""10""#, "11"), FIELDS);
    check(Files::equal().u_text(r#""10""#, "10.0"), FIELDS);
    check(Files::equal().u_text(r#""10""#, "1e1"), FIELDS);
    check(Files::equal().d_text(r#""10""#, "11"), MENU);
    // An id is text: its spelling is its value.
    let mut world = World::of(
        wanted_with(|d| d.link.subscriber_unique_id = Some("1.10".to_owned())),
        Files::equal().u_text(r#""order""#, r#""subscriber_unique_id":1.10,"order""#),
    );
    world.check("1 in sync");
    world.put(
        "alice",
        "ACME",
        Files::equal().u_text(r#""order""#, r#""subscriber_unique_id":"1.1","order""#),
    );
    world.check(FIELDS);
}

#[test]
fn a_link_that_does_not_say_hide_shows() {
    for value in [r#""0""#, "0", "false", r#""""#, "null"] {
        let said = format!(r#""hide":{value},"order""#);
        check(Files::equal().u_text(r#""order""#, &said), "1 in sync");
    }
    for value in [r#""1""#, "1", "true", r#""yes""#, r#""00""#] {
        let said = format!(r#""hide":{value},"order""#);
        check(
            Files::equal().u_text(r#""order""#, &said),
            "replace alice/ACME U-- adopt fields unhide",
        );
    }
}

#[test]
fn an_empty_text_is_not_an_absent_key_but_null_is() {
    let with = |value: &str| {
        let said = format!(r#""group_id":{value},"order""#);
        Files::equal().u_text(r#""order""#, &said)
    };
    check(with("null"), "1 in sync");
    check(with(r#""""#), FIELDS);
    World::of(wanted_with(|d| d.link.order = None), Files::equal())
        .check("replace alice/ACME U-D adopt fields");
}

#[test]
fn app_and_user_may_be_missing_but_not_wrong() {
    let with = |keys: &str| Files::equal().u_text(r#""order""#, &format!(r#"{keys},"order""#));
    check(with(r#""app":"ACME","user":"alice""#), "1 in sync");
    check(with(r#""app":"ACME""#), "1 in sync");
    check(with(r#""user":"bob""#), FIELDS);
    check(with(r#""app":"acme""#), FIELDS);
}

#[test]
fn keys_we_do_not_know_are_no_difference() {
    check(
        Files::equal()
            .u_text(r#""order""#, r#""x":[1.10,{"y":null}],"order""#)
            .a_text("}", r#","legacy":"s"}"#)
            .d_text(r#""type""#, r#""extra":true,"type""#),
        "1 in sync",
    );
    // A derived key that should not be there is one, though.
    check(
        Files::equal().d_text(r#""type""#, r#""grouporder":"1","type""#),
        MENU,
    );
}

#[test]
fn key_order_white_space_and_escapes_are_no_difference() {
    let files = Files::equal()
        .u_text("\n", " ")
        .u_text("https://", r"https:\/\/")
        .u_text("Billing", r"\u0042illing")
        .d_text("Billing", r"B\u0069lling")
        .d_text(r#""width":48,"#, "\t\n");
    check(files, "1 in sync");
}

#[test]
fn icons_are_compared_as_the_bytes_they_mean() {
    let icon = |text: &str| wanted_with(|d| d.link.icon = Some(Icon::from_disk(text)));
    let files = |u: &str, d: &str| {
        let said = format!(r#""base64_png_image":"{u}","order""#);
        Files::equal()
            .u_text(r#""order""#, &said)
            .d_text(r#""AAAA""#, &format!(r#""{d}""#))
    };
    for (u, d) in [
        ("+/8=", "+/8="),
        ("+/8", "+/\\n8="),
        ("%2b%2f8%3d", "%2B%2F8%3D"),
        ("+ / 8 =", "+/8="),
    ] {
        World::of(icon("+/8="), files(u, d)).check("1 in sync");
    }
    World::of(icon("+/8="), files("AAAA", "+/8=")).check(FIELDS);
    World::of(icon("+/8="), files("+/8=", "AAAA")).check(MENU);
    // A plus that became a space is another image, or none at all.
    World::of(icon("+/8="), files(" /8=", "+/8=")).check(FIELDS);
}

#[test]
fn a_link_without_an_icon_takes_any_that_is_there_but_not_none() {
    check(Files::equal().d_text("AAAA", "!damaged!"), "1 in sync");
    check(
        Files::equal().d_text(r#""base64_png_image":"AAAA","#, ""),
        MENU,
    );
    // One in its fields is one that nobody declares.
    check(
        Files::equal().u_text(r#""order""#, r#""base64_png_image":"AAAA","order""#),
        FIELDS,
    );
}

#[test]
fn a_menu_entry_follows_its_link_with_the_quirks_of_the_panel() {
    let order = |order| wanted_with(move |d| d.link.order = Some(Order::from(order)));
    World::of(
        order(0),
        Files::equal()
            .u_text(r#""10""#, r#""0""#)
            .d_text(r#""itemorder":"10""#, r#""itemorder":99999"#),
    )
    .check("1 in sync");
    World::of(
        wanted_with(|d| d.link.implements = Some(String::new())),
        Files::equal()
            .u_text(r#""implements":"billing""#, r#""implements":"""#)
            .d_text(r#""implements":"billing""#, r#""implements":"ACME""#),
    )
    .check("1 in sync");
    World::of(
        wanted_with(|d| d.link.group_id = Some("domains".to_owned())),
        Files::equal(),
    )
    .check("replace alice/ACME U-D adopt fields");
    check(Files::equal().d_text("_blank", "_self"), MENU);
    check(
        Files::equal().d_text(r#""type""#, r#""if":"1","type""#),
        MENU,
    );
}
