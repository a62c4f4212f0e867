//! What is asked for, once every parameter has been held against its rules.

use crate::model::{Function, UserName};
use crate::plan::{Address, Call};

/// A call that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// One that changes something.
    Change(Wish),
    /// `list_integration_links`: which links a user has.
    ListLinks(UserName),
    /// `list_integration_groups`: which menu groups a user has.
    ListGroups(UserName),
    /// `get_integration_link_user_config`: the fields of a link; those of a
    /// menu group where the app is `group_` and its id.
    Get(Address),
}

/// A change that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Whose menu it is about.
    pub user: UserName,
    /// What is asked for.
    pub call: Call,
}

impl Request {
    /// The function that was called.
    pub fn function(&self) -> Function {
        match self {
            Self::Change(wish) => wish.call.function(),
            Self::ListLinks(_) => Function::ListLinks,
            Self::ListGroups(_) => Function::ListGroups,
            Self::Get(_) => Function::GetLink,
        }
    }

    /// Whose links it is about.
    pub fn user(&self) -> &UserName {
        match self {
            Self::Change(wish) => &wish.user,
            Self::ListLinks(user) | Self::ListGroups(user) => user,
            Self::Get(address) => address.user(),
        }
    }
}

impl Wish {
    /// The link or group that it is about.
    pub fn address(&self) -> Address {
        self.call.address(&self.user)
    }
}
