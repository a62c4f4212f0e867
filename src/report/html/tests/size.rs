//! How large pages get: a page stays below its limit whatever the plan, and
//! says what it leaves out.

use super::{html, page};
use crate::model::Icon;
use crate::plan::{Change, LinkAction, Plan};
use crate::report::html::rows::Collected;
use crate::report::html::section::{Section, Source};
use crate::report::text::tests::{World, app, link};
use std::io::{self, Write};

/// The limit that a page must stay below.
const LIMIT: usize = 10_000_000;

/// A sink that counts.
#[derive(Default)]
struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn size(world: &World, plan: &Plan) -> usize {
    let mut counter = Counter::default();
    html(plan, &world.header, &mut counter).unwrap();
    counter.0
}

/// So many changes, all as one but for their users and what `vary` does.
fn many(world: &World, count: usize, mut vary: impl FnMut(usize, &mut Change)) -> Plan {
    let mut plan = world.plan();
    let model = plan.changes[0].clone();
    plan.changes = (0..count)
        .map(|at| {
            let mut change = model.clone();
            if let Change::Link(link) = &mut change {
                link.user =
                    crate::model::UserName::parse(&format!("customer{:06}", at / 3)).unwrap();
                link.app = app(&format!("ACME_{}", at % 3));
            }
            vary(at, &mut change);
            change
        })
        .collect();
    plan
}

#[test]
fn a_page_of_ten_thousand_equal_changes_is_small() {
    let mut world = World::new();
    world.change("alice", &link("Biling"), link("Billing"));
    let size = size(&world, &many(&world, 10_000, |_, _| {}));
    assert!(size < 200_000, "{size}");
}

#[test]
fn three_hundred_thousand_different_changes_stay_below_the_limit() {
    let mut world = World::new();
    world.change("alice", &link("Biling"), link("Billing"));
    let plan = many(&world, 300_000, |at, change| {
        let Change::Link(link) = change else { return };
        let LinkAction::Replace { after, .. } = &mut link.action else {
            return;
        };
        // Every tenth leads to a host of its own, so that it needs a row.
        let host = if at % 10 == 0 { at } else { 0 };
        after.link.url = Some(format!("https://h{host}.example/?user={at}"));
    });
    let size = size(&world, &plan);
    assert!(size < LIMIT, "{size}");
    assert!(size > 1_000_000, "{size}");
}

#[test]
fn endless_texts_and_icons_stay_below_the_limit() {
    let mut world = World::new();
    let mut before = link(&"\"<".repeat(100_000));
    before.icon = Some(Icon::Damaged("x".repeat(2_000_000)));
    for user in 0..400 {
        let mut found = before.clone();
        found.implements = Some(format!("{user}{}", "&".repeat(20_000)));
        world.change(&format!("user{user}"), &found, link("Billing"));
    }
    let page = page(&world);
    assert!(page.len() < LIMIT, "{}", page.len());
    assert!(page.contains("more changes of this kind not listed"));
}

#[test]
fn no_more_is_kept_of_many_different_changes_than_of_some() {
    let mut world = World::new();
    world.change("alice", &link("Biling"), link("Billing"));
    let plan = many(&world, 5000, |at, change| {
        let Change::Link(link) = change else { return };
        let LinkAction::Replace { after, .. } = &mut link.action else {
            return;
        };
        after.link.url = Some(format!("https://h{at}.example/"));
    });
    let mut collected = Collected::default();
    let ids: Vec<_> = plan.changes.iter().map(Source::Change).collect();
    let ids: Vec<_> = ids.into_iter().map(|s| collected.add(s)).collect();
    let rows = collected.section(Section::Replace).unwrap();
    assert_eq!(
        (rows.kept.len(), rows.left_out, rows.changes),
        (1000, 4000, 5000)
    );
    assert_eq!(ids[..2], [Some(0), Some(1)]);
    assert_eq!(ids[4999], None);
}
