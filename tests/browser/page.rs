//! What a person meets who opens the page of a plan.

use crate::chromium::{Browser, installed};
use crate::world::{USERS, World};
use serde_json::json;
use std::path::Path;

/// The rows that show, each as its action, its app and its users.
const ROWS: &str = "[...document.querySelectorAll('details.row')]
    .filter((row) => row.checkVisibility())
    .map((row) => row.querySelector('summary').textContent.replace(/\\s+/g, ' ').trim())";

/// A browser with the page open, or none where there is no browser.
fn opened(fragment: &str) -> Option<(Browser, World)> {
    let name = installed()?;
    let world = World::new();
    let mut browser = Browser::start(name);
    browser.open(&world.page(), fragment);
    Some((browser, world))
}

fn rows(browser: &mut Browser) -> Vec<String> {
    let rows = browser.value(ROWS);
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row.as_str().unwrap().to_owned()).collect()
}

fn type_into(browser: &mut Browser, name: &str, text: &str) {
    browser.value(&format!(
        "(() => {{ const input = document.querySelector('input[name={name}]');
            input.value = '{text}';
            input.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
    ));
}

#[test]
fn the_page_loads_in_silence_and_asks_for_nothing() {
    let Some((mut browser, _world)) = opened("") else {
        return;
    };
    assert_eq!(browser.console, Vec::<String>::new());
    assert_eq!(
        browser.value("performance.getEntriesByType('resource').length"),
        0
    );
    let title = browser.value("document.title");
    assert_eq!(title, "cplinks: plan of root");
}

#[test]
fn no_label_of_a_disk_runs_as_script() {
    let Some((mut browser, _world)) = opened("") else {
        return;
    };
    browser.value("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
    let shown = browser.value("document.body.textContent");
    assert!(shown.as_str().unwrap().contains("<img src=x onerror="));
    assert_eq!(browser.value("typeof window.owned"), "undefined");
    let strange = "document.querySelectorAll('img, iframe, body script:not([type]):not(:last-of-type), [onerror], [onload], a:not([href^=\"#\"])').length";
    assert_eq!(browser.value(strange), 0);
    // Even where markup got in, the policy of the page would stop it.
    browser.value(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.owned=2\">')",
    );
    browser.value("new Promise((done) => setTimeout(done, 200))");
    assert_eq!(browser.value("typeof window.owned"), "undefined");
    let console = browser.console.join("\n");
    assert!(console.contains("Content Security Policy"), "{console}");
}

#[test]
fn the_dangerous_rows_come_first() {
    let Some((mut browser, _world)) = opened("") else {
        return;
    };
    let rows = rows(&mut browser);
    let of = |text: &str| rows.iter().position(|row| row.contains(text)).expect(text);
    let token = of("token: sso.acme.example → sso.acme-login.example");
    assert!(rows[0].starts_with("- remove ACME_old for 3 users: user00, user01, user02"));
    assert!(of("- hide ACME_evil0 for user07") < token, "{rows:?}");
    assert!(
        token < of("~ replace ACME_billing for 37 users"),
        "{rows:?}"
    );
    assert!(of("~ replace") < of("+ create ACME_status for 40 users"));
    let top =
        browser.value("document.querySelector('.hosts tr.alarm').getBoundingClientRect().bottom");
    assert!(
        top.as_f64().unwrap() < 900.0,
        "not on the first screen: {top}"
    );
    // The host leads to its rows.
    browser.value("document.querySelector('.hosts tr.alarm a').click()");
    browser.value("new Promise((done) => setTimeout(done, 50))");
    let found = self::rows(&mut browser);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("for user23"), "{found:?}");
}

#[test]
fn filters_find_rows_by_user_app_action_and_text() {
    let Some((mut browser, _world)) = opened("") else {
        return;
    };
    let all = rows(&mut browser).len();
    // A user that no summary names.
    type_into(&mut browser, "user", "user31");
    let found = rows(&mut browser);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|row| !row.contains("user31")), "{found:?}");
    type_into(&mut browser, "app", "status");
    let found = rows(&mut browser);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("+ create ACME_status"), "{found:?}");
    let output = browser.value("document.querySelector('output').value");
    assert_eq!(output, format!("1 of {all} rows"));
    browser.value("document.querySelector('button[type=reset]').click()");
    browser.value("new Promise((done) => setTimeout(done, 50))");
    assert_eq!(rows(&mut browser).len(), all);
    type_into(&mut browser, "text", "ACME-LOGIN");
    let found = rows(&mut browser);
    assert_eq!(found.len(), 1, "{found:?}");
    type_into(&mut browser, "text", "");
    browser.value("document.querySelector('input[value=hide]').click()");
    let found = rows(&mut browser);
    assert!(found.iter().all(|row| row.starts_with("- hide")) && !found.is_empty());
    assert_eq!(browser.console, Vec::<String>::new());
}

#[test]
fn a_link_to_the_page_carries_a_filter() {
    let Some((mut browser, world)) = opened("#user=user23&action=replace") else {
        return;
    };
    let found = rows(&mut browser);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("sso.acme-login.example"), "{found:?}");
    assert_eq!(
        browser.value("document.querySelector('[name=user]').value"),
        "user23"
    );
    type_into(&mut browser, "user", "user01");
    assert_eq!(
        browser.value("location.hash"),
        "#user=user01&action=replace"
    );
    browser.open(&world.page(), "#s-hide");
    assert!(rows(&mut browser).len() > 4, "an anchor is no filter");
}

#[test]
fn an_opened_row_lists_all_of_its_users() {
    let Some((mut browser, _world)) = opened("#app=status") else {
        return;
    };
    browser.value("document.querySelector('details.row.create:not([hidden])').open = true");
    browser.value("new Promise((done) => setTimeout(done, 50))");
    let users = browser
        .value("document.querySelector('details.row.create:not([hidden]) .users').textContent");
    let users = users.as_str().unwrap();
    assert!(users.starts_with(&format!("all {USERS} users")), "{users}");
    assert!(
        users.contains("user00, user01, ") && users.ends_with("user39"),
        "{users}"
    );
}

#[test]
fn keys_do_what_a_mouse_does() {
    let Some((mut browser, _world)) = opened("") else {
        return;
    };
    let all = rows(&mut browser).len();
    let focused = "document.activeElement.textContent.replace(/\\s+/g, ' ')";
    browser.press("j");
    let first = browser.value(focused);
    assert!(first.as_str().unwrap().starts_with("- remove"), "{first}");
    browser.press("j");
    let second = browser.value(focused);
    assert!(second.as_str().unwrap().starts_with("- hide"), "{second}");
    browser.press("k");
    assert_eq!(browser.value(focused), first);
    browser.press("/");
    assert_eq!(browser.value("document.activeElement.name"), "text");
    for key in ["l", "o", "g", "i", "n"] {
        browser.press(key);
    }
    assert!(rows(&mut browser).len() < all);
    browser.press("Escape");
    browser.value("new Promise((done) => setTimeout(done, 50))");
    assert_eq!(rows(&mut browser).len(), all);
}

#[test]
fn icons_are_pictures_of_menu_size_on_light_and_on_dark() {
    let Some((mut browser, _world)) = opened("#app=billing&action=replace") else {
        return;
    };
    let sizes = browser.value(
        "[...document.querySelectorAll('details.row.replace:not([hidden]) .icons svg')]
            .map((icon) => icon.getBoundingClientRect())
            .map((box) => [box.width, box.height])",
    );
    // Two rows: before and after, on light and on dark.
    assert_eq!(sizes, json!(vec![[48, 48]; 8]));
    let missing = "[...document.querySelectorAll('use')]
        .filter((use) => !document.querySelector(use.getAttribute('href') + ' image')).length";
    assert_eq!(browser.value(missing), 0);
    let natural = browser.value(
        "Promise.all([...document.querySelectorAll('symbol image')].map(async (image) => {
            const picture = new Image();
            picture.src = image.getAttribute('href');
            await picture.decode();
            return [picture.naturalWidth, picture.naturalHeight];
        }))",
    );
    let natural = natural.as_array().unwrap();
    assert!(natural.len() >= 4, "{natural:?}");
    assert!(
        natural.iter().all(|size| *size == json!([48, 48])),
        "{natural:?}"
    );
    let backs = browser.value(
        "['light', 'dark'].map((name) =>
            getComputedStyle(document.querySelector('.swatch .' + name)).backgroundColor)",
    );
    assert_eq!(backs, json!(["rgb(255, 255, 255)", "rgb(27, 32, 39)"]));
}

#[test]
fn it_follows_the_reader_into_the_dark_and_onto_paper() {
    let Some((mut browser, _world)) = opened("") else {
        return;
    };
    let back = "getComputedStyle(document.body).backgroundColor";
    let mut pictures = Vec::new();
    let mut backs = Vec::new();
    for scheme in ["light", "dark"] {
        browser.set_scheme(scheme);
        backs.push(browser.value(back));
        let picture = browser.screenshot(1200, 2400);
        let mut reader = png::Decoder::new(std::io::Cursor::new(&picture))
            .read_info()
            .unwrap();
        assert_eq!((reader.info().width, reader.info().height), (1200, 2400));
        while reader.next_row().unwrap().is_some() {}
        keep(&format!("{scheme}.png"), &picture);
        pictures.push(picture);
    }
    assert_ne!(backs[0], backs[1]);
    assert_ne!(pictures[0], pictures[1]);
    let paper = browser.print();
    assert!(paper.starts_with(b"%PDF-"));
    keep("paper.pdf", &paper);
    let folded = "document.querySelectorAll('details.row.create[open]').length";
    assert_eq!(
        browser.value(folded),
        0,
        "rows are as they were before printing"
    );
    assert_eq!(browser.console, Vec::<String>::new());
}

/// Keeps a picture where that is asked for.
fn keep(name: &str, bytes: &[u8]) {
    if let Some(folder) = std::env::var_os("CPLINKS_SCREENSHOTS") {
        std::fs::write(Path::new(&folder).join(name), bytes).unwrap();
    }
}
