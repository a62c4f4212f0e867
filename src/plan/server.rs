//! What a server says of the accounts that a plan touches. Beside the plan and
//! not of it: nothing is decided from it, and no digest holds it.

use super::value::Plan;
use crate::model::{Customer, Reseller, UserName};
use std::collections::BTreeMap;

/// A server's accounts, as far as a plan touches them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Server {
    /// How many accounts it has.
    pub accounts: usize,
    /// How many of them the plan touches. A plan may touch users that are none
    /// of them too.
    pub touched: usize,
    /// The owners of those that are touched, with how many each has. Accounts
    /// whose owner is not known are in none.
    pub resellers: BTreeMap<Reseller, usize>,
}

impl Server {
    /// Looks up each account that a plan touches in a server's list of so many
    /// accounts; `look` gives `None` for what is not in it.
    ///
    /// # Errors
    /// Those of `look`.
    pub fn of<E>(
        plan: &Plan,
        accounts: usize,
        mut look: impl FnMut(&UserName) -> Result<Option<Customer>, E>,
    ) -> Result<Self, E> {
        let mut server = Self {
            accounts,
            ..Self::default()
        };
        for user in plan.touched() {
            let Some(Customer { reseller }) = look(user)? else {
                continue;
            };
            server.touched += 1;
            if let Some(reseller) = reseller {
                *server.resellers.entry(reseller).or_default() += 1;
            }
        }
        Ok(server)
    }
}
