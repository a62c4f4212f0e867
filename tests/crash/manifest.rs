//! What a world wants, as a manifest and its secrets.

use crate::render::{Shows, Version, sso, url};
use crate::world::{Unlisted, Wanted, World};
use std::collections::BTreeSet;
use std::fmt::Write as _;

impl World {
    /// The manifest that asks for it.
    pub(crate) fn manifest(&self) -> String {
        let unlisted = match self.unlisted {
            Unlisted::Hide => "hide-owned",
            Unlisted::Remove => "remove-owned",
        };
        let mut text = format!(
            "version: 1\n\
             settings: {{ ignore: [\"WHMCS_*\"], unlisted: {unlisted} }}\n"
        );
        text.push_str(
            "defaults: { group_id: acme, implements: billing, subscriber_unique_id: \"7\", \
             order: 10, icon: acme.png }\n\
             groups: { acme: { label: Acme Hosting, order: 1 } }\n\
             users:\n",
        );
        let named = self.items.iter().filter(|item| item.wanted.is_some());
        let users: BTreeSet<_> = named.map(|item| item.user).collect();
        for user in users {
            writeln!(text, "  {user}:\n    links:").unwrap();
            for item in self.items.iter().filter(|item| item.user == user) {
                if let Some(wanted) = &item.wanted {
                    let fields = wanted_fields(&item.name, wanted);
                    writeln!(text, "      {}: {fields}", item.name).unwrap();
                }
            }
        }
        text
    }

    /// The tokens it needs.
    pub(crate) fn secrets(&self) -> String {
        let tokens = self.items.iter().filter_map(|item| match &item.wanted {
            Some(Wanted::Link(Version {
                login: Some((_, token)),
                ..
            })) => Some(format!("{}: {token}\n", item.address())),
            _ => None,
        });
        tokens.collect()
    }
}

fn wanted_fields(app: &str, wanted: &Wanted) -> String {
    let Wanted::Link(version) = wanted else {
        return "absent".to_owned();
    };
    let mut text = format!("{{ label: {}, url: {:?}", version.label, url(app));
    if let Some((end, _)) = &version.login {
        let secret = "{ secret: \"{{ user }}/{{ app }}\" }";
        write!(
            text,
            ", autologin_token_url: {:?}, token: {secret}",
            sso(end)
        )
        .unwrap();
    }
    if version.shows == Shows::No {
        text.push_str(", hide: true");
    }
    text.push_str(" }");
    text
}
