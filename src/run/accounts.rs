//! What a server says of its accounts, for the top of a plan: from its own list
//! or from a snapshot. A plan is a plan without it too.

use crate::plan::{Plan, Server};
use crate::report::Header;
use crate::snapshot::{Snapshot, SnapshotError};
use crate::store::{AccountList, RealDisk, Store, StoreError};
use std::convert::Infallible;

/// Puts into a plan's header what the server of a store says. Where it has no
/// list that is not known; where its list cannot be used a note says why.
pub(super) fn on_server(plan: &Plan, store: &Store<RealDisk>, header: &mut Header) {
    match store.account_list() {
        Ok(list) => header.server = list.map(|list| of_list(plan, store, &list)),
        Err(error) => header.notes.push(unusable(&error)),
    }
}

fn of_list(plan: &Plan, store: &Store<RealDisk>, list: &AccountList) -> Server {
    let look = |user: &_| Ok::<_, Infallible>(store.customer(list, user));
    match Server::of(plan, list.names().len(), look) {
        Ok(server) => server,
        Err(never) => match never {},
    }
}

/// What a snapshot says of the server it was taken on, if that had a list.
///
/// # Errors
/// None in a snapshot that was checked.
pub(super) fn in_snapshot(
    plan: &Plan,
    snapshot: &Snapshot,
) -> Result<Option<Server>, SnapshotError> {
    let accounts = snapshot.about().accounts;
    accounts
        .map(|accounts| Server::of(plan, accounts, |user| snapshot.customer(user)))
        .transpose()
}

/// Why a list that is there cannot be used, and what that means.
pub(super) fn unusable(error: &StoreError) -> String {
    let why = match error {
        StoreError::Io(error) => error.text(),
        other => other.to_string(),
    };
    format!("how many accounts the server has is not known: {why}")
}
