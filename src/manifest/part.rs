//! What a manifest says about one user: from one file, or put together from
//! several.

use super::layer::Layer;
use super::sorted::Sorted;
use super::template::Vars;
use crate::model::AppName;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the manifest says about one user. There are a hundred thousand of
/// these: no room is kept to grow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct UserPart {
    /// The first source that names the user.
    pub(super) source: usize,
    pub(super) vars: Vars,
    pub(super) links: Sorted<AppName, LinkPart>,
}

/// What the manifest says about one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LinkPart {
    pub(super) source: usize,
    /// `None` is `absent`.
    pub(super) layer: Option<Layer>,
}

/// A user whom several sources name, while they are merged.
#[derive(Debug, Default)]
pub(super) struct Shared {
    source: usize,
    /// The variables, each with the last source that gave it.
    vars: BTreeMap<Arc<str>, (Arc<str>, usize)>,
    links: BTreeMap<AppName, LinkPart>,
}

impl Shared {
    /// The source that gave a variable before, which another gives now.
    pub(super) fn add_var(
        &mut self,
        name: &Arc<str>,
        value: &Arc<str>,
        source: usize,
    ) -> Option<usize> {
        let given = (Arc::clone(value), source);
        let before = self.vars.insert(Arc::clone(name), given);
        before.map(|(_, source)| source)
    }

    /// The source that names a link already; otherwise it is added.
    pub(super) fn add_link(&mut self, app: AppName, link: LinkPart) -> Option<usize> {
        if let Some(before) = self.links.get(&app) {
            return Some(before.source);
        }
        self.links.insert(app, link);
        None
    }
}

impl From<UserPart> for Shared {
    fn from(part: UserPart) -> Self {
        let UserPart {
            source,
            vars,
            links,
        } = part;
        let vars = vars.into_iter();
        Self {
            source,
            vars: vars.map(|(name, value)| (name, (value, source))).collect(),
            links: links.into_iter().collect(),
        }
    }
}

impl From<Shared> for UserPart {
    fn from(shared: Shared) -> Self {
        let Shared {
            source,
            vars,
            links,
        } = shared;
        let vars = vars.into_iter();
        Self {
            source,
            vars: vars.map(|(name, (value, _))| (name, value)).collect(),
            links: links.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_source_of_a_variable_and_the_first_of_a_link_are_told() {
        let name: Arc<str> = "plan".into();
        let app = |text| AppName::parse(text).unwrap();
        let link = |source| LinkPart {
            source,
            layer: None,
        };
        let part = UserPart {
            source: 3,
            vars: Vars::from_iter([(Arc::clone(&name), "a".into())]),
            links: Sorted::from_iter([(app("B"), link(3))]),
        };
        let mut shared = Shared::from(part);
        assert_eq!(shared.add_var(&name, &"b".into(), 4), Some(3));
        assert_eq!(shared.add_var(&name, &"c".into(), 5), Some(4));
        assert_eq!(shared.add_var(&"other".into(), &"d".into(), 5), None);
        assert_eq!(shared.add_link(app("B"), link(4)), Some(3));
        assert_eq!(shared.add_link(app("A"), link(4)), None);
        let part = UserPart::from(shared);
        assert_eq!(part.source, 3);
        assert_eq!(part.vars.get("plan").map(|value| &**value), Some("c"));
        let links: Vec<_> = part.links.iter().map(|(app, _)| app.as_str()).collect();
        assert_eq!(links, ["A", "B"]);
        assert_eq!(part.links.get(&app("B")), Some(&link(3)));
    }
}
