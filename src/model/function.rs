//! The functions of WHM API 1 for integration links, by their names.

use std::fmt;

/// One of the eight functions that `cPanel` documents for links and groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// Makes a menu group, or rewrites it.
    CreateGroup,
    /// Makes a link, or rewrites it.
    CreateLink,
    /// Gives the fields of a link.
    GetLink,
    /// Lists the menu groups of a user.
    ListGroups,
    /// Lists the links of a user.
    ListLinks,
    /// Removes a menu group.
    RemoveGroup,
    /// Removes a link.
    RemoveLink,
    /// Gives a link another token.
    UpdateToken,
}

impl Function {
    /// All functions, in the order of their names.
    pub const ALL: [Self; 8] = [
        Self::CreateGroup,
        Self::CreateLink,
        Self::GetLink,
        Self::ListGroups,
        Self::ListLinks,
        Self::RemoveGroup,
        Self::RemoveLink,
        Self::UpdateToken,
    ];

    /// The function's name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateGroup => "create_integration_group",
            Self::CreateLink => "create_integration_link",
            Self::GetLink => "get_integration_link_user_config",
            Self::ListGroups => "list_integration_groups",
            Self::ListLinks => "list_integration_links",
            Self::RemoveGroup => "remove_integration_group",
            Self::RemoveLink => "remove_integration_link",
            Self::UpdateToken => "update_integration_link_token",
        }
    }

    /// The function with this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|function| function.name() == name)
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
