//! Menu groups: declared where they are the same for every user that they
//! would be given to.

use super::yaml;
use crate::model::{Group, GroupId};

/// What is known of a group after all users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum GroupSurvey {
    /// The same for all users with a link in it.
    Same(Group),
    /// Some have it in another way, or not at all.
    Differs,
    /// Nobody has it: it is one of the panel's own, or none.
    Nowhere,
}

impl GroupSurvey {
    /// What it is once another user is known.
    pub(super) fn and(self, found: Option<&Group>) -> Self {
        match (self, found) {
            (Self::Same(group), Some(found)) if group == *found => Self::Same(group),
            (Self::Nowhere, None) => Self::Nowhere,
            (Self::Same(_) | Self::Differs | Self::Nowhere, _) => Self::Differs,
        }
    }

    /// What it is when one user is known.
    pub(super) fn of(found: Option<&Group>) -> Self {
        found.map_or(Self::Nowhere, |group| Self::Same(group.clone()))
    }
}

/// A group as it is declared; `None` where it lacks what a declared one has.
pub(super) fn line(id: &GroupId, group: &Group) -> Option<String> {
    let Group { label, order } = group;
    let (label, order) = (label.as_deref()?, order.as_ref()?);
    order.as_str().parse::<i64>().ok()?;
    let (id, label) = (yaml::text(id.as_str()), yaml::text(label));
    Some(format!("{id}: {{ label: {label}, order: {order} }}"))
}

/// A manifest that declares just this group, for the loader to judge; `None`
/// where it cannot be declared.
pub fn group_document(id: &GroupId, group: &Group) -> Option<String> {
    let line = line(id, group)?;
    let link = "{ label: x, implements: \"\", url: \"https://x.example/\" }";
    Some(format!(
        "version: 1\ngroups:\n  {line}\nusers: {{ x: {{ links: {{ x: {link} }} }} }}\n"
    ))
}
