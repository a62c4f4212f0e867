//! A menu group of one user.

use super::Order;

/// The groups every panel has (`group_id` of `create_integration_link`).
pub const STOCK_GROUPS: [&str; 9] = [
    "files",
    "databases",
    "domains",
    "email",
    "metrics",
    "security",
    "software",
    "advanced",
    "pref",
];

/// What `create_integration_group` stores: label and order. Desired groups
/// have both; on disk either may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// The heading over the group's icons.
    pub label: Option<String>,
    /// The group's place in the menu.
    pub order: Option<Order>,
}
