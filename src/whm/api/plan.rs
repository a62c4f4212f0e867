//! What a wish changes of what is there, or why nothing is changed.

use super::refused::Refused;
use super::request::Wish;
use crate::manifest::HostPolicy;
use crate::model::{Account, ActualUser};
use crate::plan::{
    Address, Call, FileOwner, Hold, Holds, Limits, Owned, Pause, Plan, Policy, UnknownTokens,
    Unlisted,
};

/// What a wish is held against.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// What this host allows. The default allows what hosts without a policy
    /// do.
    pub host: HostPolicy,
    /// Who should own files.
    pub owner: FileOwner,
    /// The pauses that are in force.
    pub paused: Vec<Pause>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            host: HostPolicy::default(),
            owner: FileOwner::Keep,
            paused: Vec::new(),
        }
    }
}

impl Wish {
    /// Plans it: no change where all is as asked for, else just one. `owned`
    /// is what is recorded as ours; what a call changes stays as it is recorded.
    ///
    /// # Errors
    /// It cannot be done, must not be done, or waits.
    pub fn plan(
        &self,
        actual: &ActualUser,
        owned: &Owned,
        bounds: &Bounds,
    ) -> Result<Plan, Refused> {
        check_account(actual)?;
        self.check_host(actual, &bounds.host)?;
        let policy = Policy {
            owner: bounds.owner,
            unknown_tokens: UnknownTokens::Block,
            holds: Holds {
                paused: bounds.paused.clone(),
                ..Holds::default()
            },
            ..Policy::of_rules(Unlisted::Keep, bounds.host.apps.clone(), Limits::BUILT_IN)
        };
        let plan = Plan::of_call(&self.call, actual, owned, &policy);
        let address = self.address();
        if let Some(blocked) = plan.blocked.first() {
            let why = blocked.why.clone();
            return Err(match &blocked.address {
                Some(address) => Refused::Blocked(address.clone(), why),
                None => Refused::BlockedUser(blocked.user.clone(), why),
            });
        }
        match plan.held.first().map(|held| &held.why) {
            None => Ok(plan),
            Some(hold) => Err(refused_by(hold, address, &plan.pauses)),
        }
    }

    /// A new token goes where the link says, which this host may not allow:
    /// then the link is not one that it would let anybody make.
    fn check_host(&self, actual: &ActualUser, host: &HostPolicy) -> Result<(), Refused> {
        let Call::UpdateToken(app, _) = &self.call else {
            return Ok(());
        };
        let found = actual.links.get(app);
        let fields = found.and_then(|link| link.userconfig.value());
        let url = fields.and_then(|found| found.link.autologin_token_url.as_deref());
        match url.and_then(|url| host.refuses_autologin(url)) {
            None => Ok(()),
            Some(why) => Err(Refused::Host(self.address(), why)),
        }
    }
}

/// Whether the host has the account, as far as it was asked.
pub(super) fn check_account(actual: &ActualUser) -> Result<(), Refused> {
    match &actual.account {
        Account::Missing => Err(Refused::NoAccount(actual.name.clone())),
        Account::NotAsked | Account::Known { .. } | Account::LookupFailed(_) => Ok(()),
    }
}

fn refused_by(hold: &Hold, address: Address, pauses: &[Pause]) -> Refused {
    let pause = match hold {
        Hold::Paused { pause, .. } => pauses.iter().find(|known| known.number == *pause),
        Hold::Contested | Hold::Refused | Hold::UserGone => None,
    };
    match pause {
        Some(pause) => Refused::Paused(address, Box::new(pause.clone())),
        None => Refused::Held(address),
    }
}
