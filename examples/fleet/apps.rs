//! What the company of a fleet offers to all of its customers: apps, their
//! addresses, menu groups and pictures; and what another system offers them.

use super::Fleet;
use Login::{None as Plain, Token, TokenAndPlan};
use cplinks::model::{Group, GroupId, Order};

/// An app, as a hosting company offers it to all of its customers.
#[derive(Debug)]
pub(super) struct App {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) implements: &'static str,
    /// The end of its addresses.
    pub(super) page: &'static str,
    pub(super) login: Login,
}

/// Whether an app logs a customer in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Login {
    /// With the customer's token.
    Token,
    /// With the token, and the plain address tells what the customer pays for.
    TokenAndPlan,
    /// It is a plain link.
    None,
}

const fn app(
    name: &'static str,
    label: &'static str,
    implements: &'static str,
    page: &'static str,
    login: Login,
) -> App {
    App {
        name,
        label,
        implements,
        page,
        login,
    }
}

/// What the company offers, in the order in which accounts get it.
pub(super) const APPS: [App; 20] = [
    app("ACME_billing", "Billing", "billing", "billing", Token),
    app("ACME_support", "Support", "support", "tickets", Token),
    app("ACME_status", "Network Status", "", "status", Plain),
    app("ACME_upgrade", "Upgrade", "upgrade", "plans", TokenAndPlan),
    app("ACME_profile", "Manage Profile", "", "profile", Token),
    app("ACME_invoices", "Invoice History", "", "invoices", Token),
    app("ACME_emails", "Email History", "", "emails", Token),
    app("ACME_domains", "Domains", "", "domains", Token),
    app("ACME_transfer", "Transfer a Domain", "", "transfer", Token),
    app("ACME_docs", "Help & Answers", "", "docs?lang=en", Plain),
    app("ACME_backups", "Backups", "", "backups", Token),
    app("ACME_ssl", "Certificates", "", "ssl", Token),
    app("ACME_dns", "DNS", "", "dns", Token),
    app("ACME_builder", "Website Builder", "", "builder", Token),
    app("ACME_news", "Aktuelles für Sie", "", "news", Plain),
    app("ACME_downloads", "Downloads", "", "downloads", Token),
    app("ACME_affiliate", "Recommend us", "", "affiliate", Token),
    app("ACME_addons", "Add-ons", "", "addons", TokenAndPlan),
    app("ACME_monitor", "Uptime", "", "monitor", Token),
    app("ACME_contact", "Contact", "", "contact", Plain),
];

/// What another billing system offers the same customers.
pub(super) const FOREIGN: [App; 8] = [
    app(
        "WHMCS_clientarea_profile",
        "Manage Profile",
        "",
        "clientarea.php?action=details",
        Token,
    ),
    app(
        "WHMCS_clientarea_emails",
        "View Email History",
        "",
        "clientarea.php?action=emails",
        Token,
    ),
    app(
        "WHMCS_clientarea_invoices",
        "View Invoice History",
        "",
        "clientarea.php?action=invoices",
        Token,
    ),
    app(
        "WHMCS_clientarea_tickets",
        "View Support Tickets",
        "support",
        "supporttickets.php",
        Token,
    ),
    app(
        "WHMCS_clientarea_submit_ticket",
        "Open Ticket",
        "",
        "submitticket.php",
        Token,
    ),
    app(
        "WHMCS_clientarea_upgrade",
        "Upgrade/Downgrade",
        "upgrade",
        "clientarea.php?action=services",
        Token,
    ),
    app(
        "WHMCS_clientarea_downloads",
        "Downloads",
        "",
        "downloads.php",
        Token,
    ),
    app(
        "WHMCS_clientarea_announcements",
        "News & Announcements",
        "",
        "announcements.php",
        Token,
    ),
];

/// The pictures of the bundled example, by the name of their files.
pub(super) const ICONS: [(&str, &[u8]); 6] = [
    ("billing", include_bytes!("../acme/icons/billing.png")),
    ("support", include_bytes!("../acme/icons/support.png")),
    ("status", include_bytes!("../acme/icons/status.png")),
    ("upgrade", include_bytes!("../acme/icons/upgrade.png")),
    ("domains", include_bytes!("../acme/icons/domains.png")),
    ("backups", include_bytes!("../acme/icons/backups.png")),
];

/// The company's menu groups: id, label, order.
pub(super) const GROUPS: [(&str, &str, u32); 3] = [
    ("acme", "Acme Hosting", 1),
    ("acme_help", "Help from Acme", 2),
    ("acme_more", "More from Acme", 3),
];

/// Where links go that are in no group of the company's: one of `cPanel`'s.
pub(super) const USUAL_GROUP: &str = "software";

/// Where an app is, up to the account's name.
pub(super) fn address(app: &App) -> String {
    let mark = if app.page.contains('?') { '&' } else { '?' };
    format!("https://my.acme.example/{}{mark}user=", app.page)
}

/// Where an app logs customers in.
pub(super) fn login_address(app: &App) -> String {
    format!("https://sso.acme.example/cpanel/{}", app.page)
}

/// The group of an app's links, by the app's place.
pub(super) fn group_of(fleet: &Fleet, at: usize) -> &'static str {
    match fleet.groups {
        0 => USUAL_GROUP,
        count => GROUPS[at % count].0,
    }
}

/// The place of an app's links in the menu.
pub(super) fn order_of(at: usize) -> Order {
    Order::from(10 * (i64::try_from(at).unwrap() + 1))
}

/// The picture of an app's links, by the app's place: the apps that come
/// first have one.
pub(super) fn icon_of(fleet: &Fleet, at: usize) -> Option<(&'static str, &'static [u8])> {
    ICONS.iter().take(fleet.icons).nth(at).copied()
}

/// The menu groups that an account's links are in, which take them in turn.
pub(super) fn groups(fleet: &Fleet) -> impl Iterator<Item = (GroupId, Group)> {
    let count = fleet.groups.min(fleet.links);
    GROUPS.iter().take(count).map(|(id, label, order)| {
        let group = Group {
            label: Some((*label).to_owned()),
            order: Some(Order::from(i64::from(*order))),
        };
        (GroupId::parse(id).unwrap(), group)
    })
}
