//! How menus will look, as far as the plan tells: of each user the groups and
//! links that change, in the panel's order. Links that are as wanted are only
//! counted by a plan, so they are not here, and the page says so. Users with
//! the same menu share a picture.

use super::blast::counted;
use super::escape::{escape_html, push};
use super::icon::{self, Icons};
use super::rows::Users;
use crate::model::{GroupId, Icon, MenuEntry};
use crate::plan::{Change, GroupAction, Plan};
use crate::report::escape::escaped;
use crate::report::text::fold::{self, Key};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Most different menus that are told apart.
const MOST_KEPT: usize = 1000;
/// Most menus that are shown.
const MOST_SHOWN: usize = 24;
/// Bytes of all menus.
const ROOM: usize = 500_000;
/// Characters of a label.
const MOST_LABEL: usize = 128;

/// One group of a menu.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Heading {
    /// Groups of which the plan tells nothing come last: where the panel puts
    /// them is not known here.
    is_unknown: bool,
    order: i64,
    id: String,
    label: String,
}

/// One link of a menu.
#[derive(Debug)]
struct Item {
    order: i64,
    app: String,
    label: String,
    is_hidden: bool,
    icon: Option<Icon>,
}

/// Users whose menus are equal.
struct Menu<'p> {
    /// The changes of the first of them.
    changes: &'p [Change],
    users: Users<'p>,
}

/// Writes the previews.
pub(super) fn write(plan: &Plan, icons: &mut Icons, out: &mut dyn Write) -> io::Result<()> {
    let mut menus: Vec<Menu<'_>> = Vec::new();
    let mut index: BTreeMap<Key, usize> = BTreeMap::new();
    let mut left_out = 0;
    for changes in plan.changes.chunk_by(|a, b| a.user() == b.user()) {
        let Some(first) = changes.first() else {
            continue;
        };
        let groups = groups(changes);
        if groups.iter().all(|(_, items)| items.is_empty()) {
            continue;
        }
        let place = match index.entry(key(&groups)) {
            std::collections::btree_map::Entry::Occupied(entry) => *entry.get(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                if menus.len() == MOST_KEPT {
                    left_out += 1;
                    continue;
                }
                entry.insert(menus.len());
                menus.push(Menu {
                    changes,
                    users: Users::default(),
                });
                menus.len() - 1
            }
        };
        if let Some(menu) = menus.get_mut(place) {
            menu.users.add(first.user());
        }
    }
    if menus.is_empty() {
        return Ok(());
    }
    menus.sort_by_key(|menu| std::cmp::Reverse(menu.users.count));
    write_all(&menus, left_out, icons, out)
}

fn write_all(
    menus: &[Menu<'_>],
    mut left_out: usize,
    icons: &mut Icons,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "<section id=\"menus\"><h2>Menus after the plan</h2>\n<p class=\"dim\">Only what this plan creates, replaces or hides; links that stay as they are are not in a plan, so they are missing here. Hidden links are greyed.</p>\n<div class=\"menus\">"
    )?;
    let mut room = ROOM;
    for (at, menu) in menus.iter().enumerate() {
        let text = if at < MOST_SHOWN {
            figure(menu, icons)
        } else {
            String::new()
        };
        if text.is_empty() || text.len() > room {
            left_out += menu.users.count;
            continue;
        }
        room -= text.len();
        out.write_all(text.as_bytes())?;
    }
    writeln!(out, "</div>")?;
    if left_out > 0 {
        let users = counted(left_out, "user has", "users have");
        writeln!(
            out,
            "<p class=\"alarm\">{users} other menus, which are not shown: the ones above are those that most users share.</p>"
        )?;
    }
    writeln!(out, "</section>")
}

fn figure(menu: &Menu<'_>, icons: &mut Icons) -> String {
    let mut out = format!(
        "<figure class=\"menu\"><figcaption><b>{}</b>: {}</figcaption>\n",
        counted(menu.users.count, "user", "users"),
        escape_html(&menu.users.names())
    );
    for (heading, items) in groups(menu.changes) {
        if items.is_empty() {
            continue;
        }
        out.push_str("<h3>");
        out.push_str(&escape_html(&shown(&heading.label)));
        out.push_str("</h3>\n<ul>");
        for item in items {
            let class = if item.is_hidden {
                " class=\"hidden-link\""
            } else {
                ""
            };
            push(&mut out, format_args!("<li{class}>"));
            icons.push(item.icon.as_ref(), &mut out);
            push(
                &mut out,
                format_args!("<span>{}</span>", escape_html(&shown(&item.label))),
            );
            if item.is_hidden {
                out.push_str("<em>hidden</em>");
            }
            out.push_str("</li>");
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</figure>\n");
    out
}

fn shown(label: &str) -> String {
    let cut: String = label.chars().take(MOST_LABEL).collect();
    let more = if cut.len() < label.len() { "…" } else { "" };
    format!("{}{more}", escaped(&cut))
}

/// The groups and links of one user's changes, in the panel's order.
fn groups(changes: &[Change]) -> Vec<(Heading, Vec<Item>)> {
    let mut known: BTreeMap<&str, Heading> = BTreeMap::new();
    let mut items: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    for change in changes {
        match change {
            Change::Group(group) => match &group.action {
                GroupAction::Create { after } | GroupAction::Replace { after, .. } => {
                    let entry = MenuEntry::of_group(&group.id, after);
                    known.insert(group.id.as_str(), heading(&group.id, &entry));
                }
                GroupAction::Remove { .. } => {}
            },
            Change::Link(link) => {
                let Some(after) = link.action.after() else {
                    continue;
                };
                let group = after.menu.fields.get("group").cloned();
                items
                    .entry(group.unwrap_or_default())
                    .or_default()
                    .push(Item {
                        order: order(&after.menu, "itemorder"),
                        app: link.app.to_string(),
                        label: label(&after.menu, link.app.as_str()),
                        is_hidden: after.menu.is_hidden(),
                        icon: icon::after(change),
                    });
            }
        }
    }
    let mut groups: Vec<(Heading, Vec<Item>)> = items
        .into_iter()
        .map(|(id, mut items)| {
            items.sort_by(|a, b| (a.order, &a.app).cmp(&(b.order, &b.app)));
            let heading = known.remove(id.as_str()).unwrap_or_else(|| Heading {
                is_unknown: true,
                order: 0,
                label: format!("group {id}"),
                id,
            });
            (heading, items)
        })
        .collect();
    groups.sort_by(|(a, _), (b, _)| a.cmp(b));
    groups
}

fn heading(id: &GroupId, entry: &MenuEntry) -> Heading {
    Heading {
        is_unknown: false,
        order: order(entry, "grouporder"),
        label: label(entry, id.as_str()),
        id: id.to_string(),
    }
}

/// A place in a menu; a text that is no number is put last.
fn order(entry: &MenuEntry, key: &str) -> i64 {
    let text = entry.fields.get(key);
    text.and_then(|t| t.parse().ok()).unwrap_or(i64::MAX)
}

/// What a menu entry says under its icon: the text between the quotes that the
/// panel translates.
fn label(entry: &MenuEntry, name: &str) -> String {
    let text = entry.fields.get("description").map_or(name, String::as_str);
    let inner = text
        .strip_prefix("$LANG{'")
        .and_then(|t| t.strip_suffix("'}"));
    inner.unwrap_or(text).to_owned()
}

fn key(groups: &[(Heading, Vec<Item>)]) -> Key {
    let mut texts = Vec::new();
    for (heading, items) in groups {
        texts.push(format!("{heading:?}"));
        for item in items {
            let icon = item.icon.as_ref().map(Icon::hash);
            let (label, is_hidden) = (&item.label, item.is_hidden);
            texts.push(format!("{label:?} {is_hidden} {icon:?}"));
        }
    }
    fold::key(texts.iter().map(String::as_str))
}
