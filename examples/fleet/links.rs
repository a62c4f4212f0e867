//! What each account of a fleet has: its name, its links, its tokens. The
//! fields of a link are written down here in full, and not taken from the
//! manifest, so that a plan of the two is a test of both.

use super::Fleet;
use super::apps::Login::{None as Plain, Token, TokenAndPlan};
use super::apps::{APPS, App, FOREIGN, ICONS, address, group_of, icon_of, login_address, order_of};
use super::dice::{Dice, Purpose, Share};
use cplinks::model::{Icon, Link, Order};

/// How account names begin.
const STEMS: [&str; 16] = [
    "alpinehs", "bergmann", "brightwd", "cedarlab", "dunesrv", "eastpier", "fernhill", "harborcf",
    "ironoak", "lakeside", "museumhv", "northsea", "oldmill", "pixelbar", "riverbnk", "suntrade",
];

/// What a customer pays for, and how that is spelled in an address.
const PLANS: [(&str, &str); 4] = [
    ("starter", "starter"),
    ("business 2", "business%202"),
    ("agency+", "agency%2B"),
    ("reseller", "reseller"),
];

/// Links with a label of their own, and links that are declared hidden.
const LABELLED: Share = Share::percent(3);
const HIDDEN: Share = Share::percent(2);

/// An account: all that is its own.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) name: String,
    /// What it pays for.
    pub(super) plan: &'static str,
    encoded_plan: &'static str,
    /// The number under which the billing system knows it.
    pub(super) subscriber: String,
    /// What the manifest asks for.
    pub(super) links: Vec<Wanted>,
    /// What somebody else wrote.
    pub(super) foreign: Vec<Wanted>,
}

/// A link that should be.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) app: &'static App,
    pub(super) link: Link,
    /// A label that is not its app's.
    pub(super) own_label: Option<String>,
    pub(super) token: Option<String>,
}

impl Account {
    /// One of the accounts of a fleet, by its number.
    pub(super) fn new(fleet: &Fleet, number: usize) -> Self {
        let dice = &mut Dice::new(fleet.seed, Purpose::Links, number);
        let (plan, encoded_plan) = *dice.pick(&PLANS);
        let mut account = Self {
            name: format!("{}{number}", dice.pick(&STEMS)),
            plan,
            encoded_plan,
            subscriber: format!("{}", 10_000 + number),
            links: Vec::new(),
            foreign: Vec::new(),
        };
        for (at, app) in APPS.iter().take(fleet.links).enumerate() {
            let wanted = account.wanted(fleet, (at, app), dice);
            account.links.push(wanted);
        }
        for app in FOREIGN.iter().take(fleet.foreign) {
            let wanted = account.foreign(app, dice);
            account.foreign.push(wanted);
        }
        account
    }

    fn wanted(&self, fleet: &Fleet, (at, app): (usize, &'static App), dice: &mut Dice) -> Wanted {
        let own_label = dice
            .hits(LABELLED)
            .then(|| format!("{} for {}", app.label, self.name));
        let hide = dice.hits(HIDDEN);
        let login = app.login != Plain;
        let user = &self.name;
        let plan = match app.login {
            TokenAndPlan => format!("&plan={}", self.encoded_plan),
            Token | Plain => String::new(),
        };
        let link = Link {
            label: own_label.clone().or_else(|| Some(app.label.to_owned())),
            implements: Some(app.implements.to_owned()),
            url: Some(format!("{}{user}{plan}", address(app))),
            autologin_token_url: login.then(|| login_address(app)),
            subscriber_unique_id: login.then(|| self.subscriber.clone()),
            group_id: Some(group_of(fleet, at).to_owned()),
            order: Some(order_of(at)),
            hide,
            icon: icon_of(fleet, at).map(|(_, bytes)| Icon::Image(bytes.to_vec().into())),
        };
        Wanted {
            app,
            link,
            own_label,
            token: login.then(|| token(dice)),
        }
    }

    fn foreign(&self, app: &'static App, dice: &mut Dice) -> Wanted {
        let link = Link {
            label: Some(app.label.to_owned()),
            implements: Some(app.implements.to_owned()),
            url: Some(format!("https://whmcs.acme.example/{}", app.page)),
            autologin_token_url: Some(
                "https://whmcs.acme.example/oauth/token.php?scope=clientarea%3Asso".to_owned(),
            ),
            subscriber_unique_id: Some(format!("{}.{:x}", self.subscriber, dice.roll())),
            group_id: Some("whmcs".to_owned()),
            order: Some(Order::from(1)),
            hide: false,
            icon: Some(Icon::Image(dice.pick(&ICONS).1.to_vec().into())),
        };
        Wanted {
            app,
            link,
            own_label: None,
            token: Some(token(dice)),
        }
    }
}

/// A new secret.
pub(super) fn token(dice: &mut Dice) -> String {
    format!("{:016x}{:016x}", dice.roll(), dice.roll())
}
