//! The menu entry (`dynamicui_*.conf`): what the customer sees. It is derived
//! from the link or group and never declared on its own; without it a link
//! does not show, and `hide` hides nothing.

use super::{AppName, Group, GroupId, Icon, Link, Order};
use std::collections::BTreeMap;

/// Where entries without an `order` go: the end.
const LAST: &str = "99999";

/// The keys of a menu entry that follow from the link, as text, and its icon.
/// Width, height and keys we do not know are not here: they are kept as they
/// lie on disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MenuEntry {
    /// Key to value; numbers as their canonical text.
    pub fields: BTreeMap<String, String>,
    /// The icon. On the desired side `None` means "whatever is there".
    pub icon: Option<Icon>,
}

impl MenuEntry {
    /// All keys that [`MenuEntry::of_link`] and [`MenuEntry::of_group`] may
    /// set. One that is on disk but not derived is a difference.
    pub const KEYS: [&'static str; 14] = [
        "type",
        "subtype",
        "imgtype",
        "file",
        "url",
        "target",
        "description",
        "itemdesc",
        "group",
        "groupdesc",
        "grouporder",
        "itemorder",
        "implements",
        "if",
    ];

    /// The entry `cPanel` makes of a link (`cpanel-links.md` 1.5), with its
    /// quirk that an empty text or `0` counts as "not given" here.
    pub fn of_link(app: &AppName, link: &Link) -> Self {
        Self {
            fields: together(Self::keys_of_link(app, link)),
            icon: link.icon.clone(),
        }
    }

    /// The keys of [`MenuEntry::of_link`], each with its value in parts.
    pub fn keys_of_link<'a>(
        app: &'a AppName,
        link: &'a Link,
    ) -> impl Iterator<Item = (&'static str, [&'a str; 3])> {
        let app = app.as_str();
        let description = described(given(link.label.as_deref()).unwrap_or(app));
        let order = link.order.as_ref().filter(|o| !o.is_zero());
        let group = given(link.group_id.as_deref()).unwrap_or("preferences");
        let implements = given(link.implements.as_deref()).unwrap_or(app);
        let own = [
            // Every character an app name may have stands for itself in a URL.
            ("url", ["integration/index.html?app=", app, ""]),
            ("target", alone("_blank")),
            ("description", description),
            ("itemdesc", description),
            ("group", alone(group)),
            ("itemorder", alone(order.map_or(LAST, Order::as_str))),
            ("implements", alone(implements)),
        ];
        let hidden = link.hide.then_some(("if", alone("0")));
        image("", app).into_iter().chain(own).chain(hidden)
    }

    /// The entry `cPanel` makes of a menu group.
    pub fn of_group(id: &GroupId, group: &Group) -> Self {
        Self {
            fields: together(Self::keys_of_group(id, group)),
            icon: None,
        }
    }

    /// The keys of [`MenuEntry::of_group`], each with its value in parts.
    pub fn keys_of_group<'a>(
        id: &'a GroupId,
        group: &'a Group,
    ) -> impl Iterator<Item = (&'static str, [&'a str; 3])> {
        let id = id.as_str();
        let description = described(given(group.label.as_deref()).unwrap_or(id));
        let order = group.order.as_ref().filter(|o| !o.is_zero());
        let own = [
            ("group", alone(id)),
            ("description", description),
            ("groupdesc", description),
            ("grouporder", alone(order.map_or(LAST, Order::as_str))),
        ];
        image("group_", id).into_iter().chain(own)
    }

    /// Whether the panel leaves the entry out.
    pub fn is_hidden(&self) -> bool {
        self.fields.get("if").is_some_and(|v| v == "0")
    }
}

fn together<'a>(
    keys: impl Iterator<Item = (&'static str, [&'a str; 3])>,
) -> BTreeMap<String, String> {
    keys.map(|(key, parts)| (key.to_owned(), parts.concat()))
        .collect()
}

fn image<'a>(prefix: &'a str, name: &'a str) -> [(&'static str, [&'a str; 3]); 4] {
    [
        ("type", alone("image")),
        ("subtype", alone("img")),
        ("imgtype", alone("icon")),
        ("file", [prefix, name, ""]),
    ]
}

fn alone(text: &str) -> [&str; 3] {
    [text, "", ""]
}

fn described(label: &str) -> [&str; 3] {
    ["$LANG{'", label, "'}"]
}

/// Perl's idea of truth, for texts.
fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|t| !t.is_empty() && *t != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_or_zero_counts_as_not_given() {
        let app = AppName::parse("Acme").unwrap();
        let link = Link {
            label: Some("0".into()),
            implements: Some(String::new()),
            group_id: Some(String::new()),
            order: Some(Order::from(0)),
            ..Link::default()
        };
        let fields = MenuEntry::of_link(&app, &link).fields;
        assert_eq!(fields["description"], "$LANG{'Acme'}");
        assert_eq!(fields["implements"], "Acme");
        assert_eq!(fields["group"], "preferences");
        assert_eq!(fields["itemorder"], "99999");
        assert!(!fields.contains_key("if"));
    }

    #[test]
    fn every_derived_key_is_in_the_list_of_compared_keys() {
        let hidden = Link {
            hide: true,
            ..Link::default()
        };
        let link = MenuEntry::of_link(&AppName::parse("a").unwrap(), &hidden);
        let group = MenuEntry::of_group(&GroupId::parse("g").unwrap(), &Group::default());
        let mut keys: Vec<_> = link.fields.keys().chain(group.fields.keys()).collect();
        keys.sort();
        keys.dedup();
        let mut listed = MenuEntry::KEYS.to_vec();
        listed.sort_unstable();
        assert_eq!(keys, listed);
    }
}
