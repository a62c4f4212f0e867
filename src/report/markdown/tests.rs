//! Fences, code spans and limits.

use super::*;
use crate::plan::{Digest, Scope, Unlisted};

fn header() -> Header {
    Header {
        title: "plan of".to_owned(),
        root: "/root".to_owned(),
        unlisted: Some(Unlisted::HideOwned),
        scope: Scope::default(),
        ledger: true,
        notes: Vec::new(),
        server: None,
        digest: None::<Digest>,
    }
}

#[test]
fn a_fence_is_longer_than_any_run_inside() {
    for (text, fence) in [("a", "```"), ("a ``` b", "````"), ("`````\n``", "``````")] {
        let mut page = Page {
            text: String::new(),
            limit: 1000,
        };
        let rows = Rows {
            text: text.to_owned(),
            is_torn: false,
        };
        assert!(page.fenced(&rows, Detail::All).is_ok());
        assert_eq!(page.text, format!("\n{fence}text\n{text}\n{fence}\n"));
    }
}

#[test]
fn a_code_span_holds_whatever_is_in_it() {
    for (text, span) in [
        ("@org/team #1", "`@org/team #1`"),
        ("a`b", "`` a`b ``"),
        ("``", "``` `` ```"),
        ("\n<!-- x", "`\\n<!-- x`"),
    ] {
        assert_eq!(code(text), span);
    }
}

#[test]
fn a_page_is_never_longer_than_its_limit() {
    let mut page = Page {
        text: String::new(),
        limit: 5,
    };
    assert!(page.push("äöü").is_ok());
    assert!(page.push("äöü").is_err());
    assert!(page.push("äö").is_ok());
    assert_eq!(page.text, "äöüäö");
}

#[test]
fn where_nothing_is_left_to_cut_a_part_is_shown() {
    let mut header = header();
    header.notes = vec!["x".repeat(5000)];
    let options = MarkdownOptions {
        limit: 2000,
        skip_empty: false,
        text: TextOptions {
            expand: false,
            width: 100,
        },
    };
    let plan = Plan::between([], [], &crate::plan::Owned::default(), &policy());
    let mut out = Vec::new();
    markdown(&plan, &header, &options, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.chars().count() <= 2000);
    assert!(text.starts_with(MARKER), "{text}");
}

fn policy() -> crate::plan::Policy {
    crate::plan::Policy {
        unlisted: Unlisted::Keep,
        apps: crate::plan::AppRules::default(),
        scope: Scope::default(),
        limits: crate::plan::Limits::BUILT_IN,
        allowances: crate::plan::Allowances::default(),
        owner: crate::plan::FileOwner::Keep,
        unknown_tokens: crate::plan::UnknownTokens::NotCompared,
        holds: crate::plan::Holds::default(),
    }
}
