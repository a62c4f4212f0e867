//! Whole pages: what stands where, and what no text can do. What a browser
//! makes of them is in `tests/browser`.

mod size;

use super::html;
use crate::model::{Group, GroupId, Icon, Lies, Link, Obstacle, Order, Wanted, neutral_icon};
use crate::report::text::tests::{APP, World, app, known, link, on_disk};

fn page(world: &World) -> String {
    let mut out = Vec::new();
    html(&world.plan(), &world.header, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What is between two texts.
#[track_caller]
fn between<'p>(page: &'p str, start: &str, end: &str) -> &'p str {
    let (_, rest) = page.split_once(start).expect(start);
    rest.split_once(end).expect(end).0
}

/// The page's words, without markup, symbols and script.
fn words(page: &str) -> String {
    let (_, body) = page.split_once("</script>").unwrap();
    let (body, _) = body.split_once("<svg class=\"symbols\"").unwrap();
    let mut out = String::new();
    let mut is_tag = false;
    for character in body.replace("</p>", "\n").replace("</tr>", "\n").chars() {
        match character {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                out.push(' ');
            }
            c if !is_tag => out.push(c),
            _ => {}
        }
    }
    let lines = out.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.join(" ")
    });
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// A link with automatic log-in at a host.
fn login(host: &str) -> Link {
    Link {
        autologin_token_url: Some(format!("https://{host}/sso")),
        subscriber_unique_id: Some("1".to_owned()),
        ..link("Billing")
    }
}

#[test]
fn what_is_dangerous_stands_on_top() {
    let mut world = World::new();
    for user in 0..10 {
        world.change(&format!("u{user}"), &link("Billing"), link("Billing"));
    }
    world.change("alice", &link("Biling"), link("Billing"));
    world.want("alice", "ACME_new", link("New"));
    let gone = on_disk("ACME_gone", &link("Gone"), None);
    world.have("alice", "ACME_gone", gone);
    let links = &mut world.user("alice").0.links;
    links.insert(app("ACME_gone"), Wanted::Absent);
    world.have("bob", "ACME_old", on_disk("ACME_old", &link("Old"), None));
    world.own("bob", "ACME_old");
    world.have(
        "eve",
        APP,
        on_disk(APP, &login("sso.example"), Some("T0KEN")),
    );
    world.own("eve", APP);
    world.want_with("eve", APP, login("evil.example"), known("T0KEN"));
    let mut blocked = on_disk(APP, &link("Billing"), None);
    blocked.adminconfig = Lies::Obstacle(Obstacle::Directory);
    world.have("carol", APP, blocked);
    world.want("carol", APP, link("Billing"));
    let page = page(&world);
    assert!(!page.contains("T0KEN"));
    insta::assert_snapshot!(words(&page), @r"
Plan: 1 to create, 2 to replace, 1 to hide, 1 to remove, 1 blocked; refused by guard new-host
plan of /var/cpanel/integration · unlisted: hide-owned
10 in sync
1 remove
1 hide
1 token to another host
1 blocked
1 replace
1 create
! refused by guard new-host: the token of 1 link would be posted to another host than before
eve/ACME_billing: sso.example → evil.example
hint: if these hosts are meant, list them under autologin_hosts in the host&#39;s policy, or let it through once with --allow-new-host 1
What it means for customers
Touches 3 of 14 accounts looked at
Hosts that tokens would newly go to host from another host first token of a link
evil.example 1 sso.example → evil.example ·
Links by app and action app remove hide token to another host blocked replace create
ACME_gone 1 · · · · ·
ACME_old · 1 · · · ·
ACME_billing · · 1 1 1 ·
ACME_new · · · · · 1
User App Text Action remove hide blocked replace create mend Clear Open all / text j k next, previous Esc clear
Without its script this page has no filter and names three users of a row; everything else is here.
Removed links 1
- remove ACME_gone for alice [declared-absent]
48×48 PNG 658 B 37bb0c…
Hidden links 1
- hide ACME_old for bob [unlisted] hide
48×48 PNG 658 B 37bb0c…
hide false → true
Replaced links whose token goes to another host 1
~ replace ACME_billing for eve [fields] autologin_token_url token: sso.example → evil.example
48×48 PNG 658 B 37bb0c…
autologin_token_url &quot;https://sso.example/sso&quot; → &quot;https://evil.example/sso&quot;
Blocked: left as it is 1
! blocked ACME_billing for carol
why its adminconfig is a directory
Replaced links 1
~ replace ACME_billing for alice [fields] label
48×48 PNG 658 B 37bb0c…
label &quot;Biling&quot; → &quot;Billing&quot;
New links 1
+ create ACME_new for alice [new]
48×48 PNG 658 B 37bb0c…
label &quot;New&quot;
implements &quot;billing&quot;
url &quot;https://billing.acme.example/account&quot;
Menus after the plan
Only what this plan creates, replaces or hides; links that stay as they are are not in a plan, so they are missing here. Hidden links are greyed.
1 user : alice
group preferences
Billing New
1 user : bob
group preferences
Old hidden
1 user : eve
group preferences
Billing
cplinks 0.1.0. No token is on this page.
");
}

#[test]
fn an_empty_plan_is_a_page_that_says_so() {
    let mut world = World::new();
    world.change("alice", &link("Billing"), link("Billing"));
    let page = page(&world);
    assert!(page.contains("<h1>Plan: no changes</h1>"), "{page}");
    assert!(page.contains("<p>Touches <b>0 of 1 account looked at</b></p>"));
    assert!(!page.contains("<details"));
    assert!(page.contains("{\"users\":[\n],\"complete\":true}"));
}

#[test]
fn no_text_of_a_disk_or_a_manifest_becomes_markup_or_script() {
    let hostile = [
        "<img src=x onerror=alert(1)>",
        "</script><script>alert(1)</script>",
        "<!-- <script>",
        "\" onmouseover=\"alert(1)",
        "' autofocus onfocus='alert(1)",
        "]]></style><style>*{display:none}",
        "&lt;b&gt;",
        "{{7*7}}\u{2028}\u{2029}\u{202e}",
    ];
    for text in hostile {
        let mut world = World::new();
        world.header.root = format!("/root/{text}");
        world.header.notes = vec![text.to_owned()];
        let everywhere = Link {
            label: Some(text.to_owned()),
            implements: Some(text.to_owned()),
            url: Some(format!("javascript:alert('{text}')")),
            autologin_token_url: Some(format!("https://x.example/{text}")),
            subscriber_unique_id: Some(text.to_owned()),
            group_id: Some(text.to_owned()),
            order: Some(Order::from_disk(text)),
            hide: false,
            icon: Some(Icon::from_disk(text)),
        };
        let mut found = on_disk(APP, &everywhere, Some("T0KEN"));
        if let (Lies::File(userconfig), Lies::File(menu)) = (&mut found.userconfig, &mut found.menu)
        {
            userconfig
                .value
                .unknown
                .insert(text.to_owned(), "1".to_owned());
            userconfig.value.stated_user = Some(text.to_owned());
            menu.value.kept.insert(text.to_owned(), "1".to_owned());
        }
        world.have("alice", APP, found);
        world.want("alice", APP, link("Billing"));
        world.want("bob", APP, everywhere);
        let page = page(&world);
        // Every tag and attribute of the page is one of ours.
        assert!(!page.contains(text), "{text:?} in {page}");
        assert_eq!(page.matches("<script").count(), 2, "{text:?}");
        assert_eq!(page.matches("</script").count(), 2, "{text:?}");
        assert_eq!(page.matches("<style").count(), 1, "{text:?}");
        for tag in [
            "<img",
            "<!--",
            "<iframe",
            "<a href=\"java",
            "<base",
            "<link",
        ] {
            assert!(!page.contains(tag), "{tag} of {text:?}");
        }
        for attribute in [" onerror=\"", " onmouseover=\"", " onfocus='", " style="] {
            assert!(!page.contains(attribute), "{attribute} of {text:?}");
        }
        assert!(!page.contains(['\u{2028}', '\u{2029}', '\u{202e}']));
        assert!(!page.contains("T0KEN"));
    }
}

#[test]
fn a_page_loads_nothing_and_runs_one_script() {
    let mut world = World::new();
    world.want("alice", APP, link("Billing"));
    let page = page(&world);
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    for part in ["default-src 'none'", "img-src data:", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    let script = between(&page, "<script>", "</script>");
    assert!(policy.contains(&format!("script-src '{}'", super::hash(script))));
    let style = between(&page, "<style>", "</style>");
    assert!(policy.contains(&format!("style-src '{}'", super::hash(style))));
    for attribute in ["src=", "@import", "url("] {
        assert!(!page.contains(attribute), "{attribute}");
    }
    let references = page.split("href=\"").skip(1);
    for reference in references {
        let is_inside = reference.starts_with('#') || reference.starts_with("data:image/png;");
        assert!(is_inside, "{}", &reference[..40]);
    }
}

#[test]
fn no_secret_of_a_url_is_on_the_page() {
    let mut world = World::new();
    let mut before = login("sso.example");
    before.url = Some("https://u:pa55@a.example/?key=S3CRET&x=1".to_owned());
    let mut after = before.clone();
    after.url = Some("https://u:pa55@a.example/?key=0THER&x=1".to_owned());
    world.have("alice", APP, on_disk(APP, &before, Some("T0KEN")));
    world.want_with("alice", APP, after, known("T0KEN2"));
    let page = page(&world);
    for secret in ["S3CRET", "0THER", "pa55", "T0KEN"] {
        assert!(!page.contains(secret), "{secret}");
    }
    assert!(page.contains("differs only in what is masked"), "{page}");
}

#[test]
fn an_icon_is_on_the_page_once_however_often_it_shows() {
    let mut world = World::new();
    for user in ["alice", "bob", "carol"] {
        world.want(user, APP, link(&format!("Billing of {user}")));
        world.want(user, "ACME_other", link("Other"));
    }
    let page = page(&world);
    assert_eq!(page.matches("data:image/png;base64,").count(), 1);
    let base64 = neutral_icon().to_base64();
    assert!(page.contains(&format!("base64,{base64}\"")));
    // Two rows on light and dark, and two links in each of three menus.
    assert_eq!(page.matches("<use href=\"#i0\"/>").count(), 2 * 2 + 2 * 3);
}

#[test]
fn what_is_no_png_is_never_shown_as_a_picture() {
    let mut world = World::new();
    let mut before = link("Billing");
    before.icon = Some(Icon::Image(b"<svg onload=alert(1)>".to_vec().into()));
    world.have("alice", APP, on_disk(APP, &before, None));
    let mut after = before.clone();
    after.icon = Some(neutral_icon());
    world.want("alice", APP, after);
    let page = page(&world);
    assert_eq!(page.matches("data:image/png;base64,").count(), 1);
    assert!(page.contains("not a PNG 21 B"), "{page}");
}

#[test]
fn menus_show_groups_and_links_in_order_and_hidden_ones_grey() {
    let mut world = World::new();
    let item = |label: &str, group: &str, order: i64, hide: bool| Link {
        group_id: Some(group.to_owned()),
        order: Some(Order::from(order)),
        hide,
        ..link(label)
    };
    for user in ["alice", "bob"] {
        for (id, order) in [("late", 20), ("early", 3)] {
            let group = Group {
                label: Some(format!("Group {id}")),
                order: Some(Order::from(order)),
            };
            let groups = &mut world.user(user).0.groups;
            groups.insert(GroupId::parse(id).unwrap(), group);
        }
        world.want(user, "A", item("Second", "early", 10, false));
        world.want(user, "B", item("First", "early", 9, false));
        world.want(user, "C", item("Third", "late", 1, true));
        world.want(user, "D", item("Fourth", "files", 1, false));
    }
    let page = page(&world);
    let menus = between(&page, "<section id=\"menus\">", "</section>");
    assert_eq!(menus.matches("<figure").count(), 1, "{menus}");
    assert!(menus.contains("<b>2 users</b>: alice, bob"), "{menus}");
    let mut places = Vec::new();
    for text in [
        "Group early",
        "First",
        "Second",
        "Group late",
        "<li class=\"hidden-link\">",
        "Third",
        "<em>hidden</em>",
        "group files",
        "Fourth",
    ] {
        places.push(menus.find(text).expect(text));
    }
    assert!(places.is_sorted(), "{places:?} in {menus}");
}

#[test]
fn no_row_hides_a_host_an_icon_or_a_reason_behind_another() {
    let mut world = World::new();
    for user in 0..50 {
        let user = format!("user{user:02}");
        let mut before = link("Billing");
        before.url = Some(format!("https://old.example/?user={user}"));
        let mut after = before.clone();
        after.url = Some(format!("https://new.example/?user={user}"));
        if user == "user41" {
            after.url = Some("https://new.evil.example/?user=user41".to_owned());
        }
        if user == "user42" {
            after.icon = Some(neutral_icon());
            before.icon = Some(Icon::from_disk("aaaa"));
        }
        world.change(&user, &before, after);
    }
    let page = page(&world);
    let section = between(&page, "id=\"s-replace\"", "</section>");
    assert_eq!(section.matches("<details class=\"row").count(), 3);
    assert!(section.contains("<b>48 users</b>: user00, user01, user02 and 45 more"));
    assert!(section.contains("new.evil.example"), "{section}");
    // Of those that differ in no more than a user's own address some are shown.
    assert!(
        section.contains("18 others differ in these fields"),
        "{section}"
    );
}

#[test]
fn every_user_can_be_looked_up() {
    let mut world = World::new();
    for user in ["alice", "bob", "carol", "dave", "erin"] {
        world.want(user, APP, link("Billing"));
    }
    world.want("dave", "ACME_other", link("Other"));
    let page = page(&world);
    let data = between(&page, "id=\"data\">", "</script>");
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let expect = serde_json::json!({
        "users": [["alice", 0], "bob", "carol", ["dave", 0, 1], ["erin", 0]],
        "complete": true,
    });
    assert_eq!(data, expect);
}
