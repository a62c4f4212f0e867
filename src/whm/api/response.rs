//! What is answered. How it is written down is not decided here.

use super::plan::check_account;
use super::refused::{Called, Refused};
use crate::codec;
use crate::model::{ActualUser, AppName, Folder, Function, GroupId, Lies};
use crate::plan::{Address, Call, Tree, Why};
use std::collections::BTreeMap;

/// The answer to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The function that was called.
    pub command: Called,
    /// What it gives, or why it does not.
    pub outcome: Result<Data, String>,
}

/// What a function gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// Nothing: `create_integration_link`, `create_integration_group`.
    Omitted,
    /// A null: the functions that remove something, or set a token.
    Null,
    /// Links, in the order of their names.
    Links(Vec<AppName>),
    /// Menu groups, in the order of their names.
    Groups(Vec<GroupId>),
    /// The keys of a userconfig, each with the exact text of its value in
    /// JSON.
    UserConfig(BTreeMap<String, String>),
}

impl Response {
    /// The answer to something that was refused or went wrong.
    pub fn refused(command: impl Into<Called>, reason: impl Into<String>) -> Self {
        Self {
            command: command.into(),
            outcome: Err(reason.into()),
        }
    }

    /// The answer to something that was done.
    pub fn done(function: Function, data: Data) -> Self {
        Self {
            command: function.into(),
            outcome: Ok(data),
        }
    }
}

impl Data {
    /// What is given for a change that is carried out.
    pub fn of_change(call: &Call) -> Self {
        match call {
            Call::CreateLink(..) | Call::CreateGroup(..) => Self::Omitted,
            Call::RemoveLink(_) | Call::RemoveGroup(_) | Call::UpdateToken(..) => Self::Null,
        }
    }

    /// The links of a user. As in the panel a link is there if the file of its
    /// fields is.
    ///
    /// # Errors
    /// There is no such account, or its folder cannot be read.
    pub fn of_links(actual: &ActualUser) -> Result<Self, Refused> {
        check_readable(actual)?;
        let links = actual.links.iter();
        let links = links.filter(|(_, link)| !link.userconfig.is_absent());
        Ok(Self::Links(links.map(|(app, _)| app.clone()).collect()))
    }

    /// The menu groups of a user, by the same rule.
    ///
    /// # Errors
    /// There is no such account, or its folder cannot be read.
    pub fn of_groups(actual: &ActualUser) -> Result<Self, Refused> {
        check_readable(actual)?;
        let groups = actual.groups.iter();
        let groups = groups.filter(|(_, group)| !group.userconfig.is_absent());
        Ok(Self::Groups(groups.map(|(id, _)| id.clone()).collect()))
    }

    /// The keys of a link or group, as they lie in its userconfig. The
    /// documented `app` and `user` are added to those of a link where the file
    /// does not state them. A key `token`, which does not belong there, is left
    /// out.
    ///
    /// # Errors
    /// There is no such file, it cannot be read, or does not parse.
    pub fn of_userconfig(address: &Address, file: &Lies<Vec<u8>>) -> Result<Self, Refused> {
        let broken = |why: &dyn ToString| Refused::Broken(address.clone(), why.to_string());
        let bytes = match file {
            Lies::File(found) => &found.value,
            Lies::Absent => return Err(Refused::NotThere(address.clone())),
            Lies::Broken(found) => return Err(broken(&found.value)),
            Lies::Obstacle(obstacle) => return Err(broken(obstacle)),
        };
        let mut keys = codec::keys(bytes).map_err(|error| broken(&error))?;
        keys.remove("token");
        if let Address::Link(user, app) = address {
            for (key, name) in [("app", app.as_str()), ("user", user.as_str())] {
                keys.entry(key.to_owned())
                    .or_insert_with(|| codec::quote(name));
            }
        }
        Ok(Self::UserConfig(keys))
    }
}

/// A folder that cannot be read is not an empty one.
fn check_readable(actual: &ActualUser) -> Result<(), Refused> {
    check_account(actual)?;
    match &actual.links_folder {
        Folder::Obstacle(obstacle) => {
            let why = Why::Folder(Tree::Links, obstacle.clone());
            Err(Refused::BlockedUser(actual.name.clone(), why))
        }
        Folder::Absent | Folder::Present(_) => Ok(()),
    }
}
