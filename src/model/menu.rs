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
        let app = app.as_str();
        let description = described(given(link.label.as_deref()).unwrap_or(app));
        let order = link.order.as_ref().filter(|o| !o.is_zero());
        let mut fields = image(app);
        for (key, value) in [
            // Every character an app name may have stands for itself in a URL.
            ("url", format!("integration/index.html?app={app}")),
            ("target", "_blank".to_owned()),
            ("description", description.clone()),
            ("itemdesc", description),
            (
                "group",
                given(link.group_id.as_deref())
                    .unwrap_or("preferences")
                    .to_owned(),
            ),
            ("itemorder", order.map_or(LAST, Order::as_str).to_owned()),
            (
                "implements",
                given(link.implements.as_deref()).unwrap_or(app).to_owned(),
            ),
        ] {
            fields.insert(key.to_owned(), value);
        }
        if link.hide {
            fields.insert("if".to_owned(), "0".to_owned());
        }
        Self {
            fields,
            icon: link.icon.clone(),
        }
    }

    /// The entry `cPanel` makes of a menu group.
    pub fn of_group(id: &GroupId, group: &Group) -> Self {
        let description = described(given(group.label.as_deref()).unwrap_or(id.as_str()));
        let order = group.order.as_ref().filter(|o| !o.is_zero());
        let mut fields = image(&format!("group_{id}"));
        for (key, value) in [
            ("group", id.as_str().to_owned()),
            ("description", description.clone()),
            ("groupdesc", description),
            ("grouporder", order.map_or(LAST, Order::as_str).to_owned()),
        ] {
            fields.insert(key.to_owned(), value);
        }
        Self { fields, icon: None }
    }

    /// Whether the panel leaves the entry out.
    pub fn is_hidden(&self) -> bool {
        self.fields.get("if").is_some_and(|v| v == "0")
    }
}

fn image(file: &str) -> BTreeMap<String, String> {
    [
        ("type", "image"),
        ("subtype", "img"),
        ("imgtype", "icon"),
        ("file", file),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .collect()
}

fn described(label: &str) -> String {
    format!("$LANG{{'{label}'}}")
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
