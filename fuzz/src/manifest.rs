//! A manifest, read from standard input on a host without a policy and on one
//! with a strict one. Either something is wrong with it, at places that are in
//! it, or it is whole; and when all that it wants is written and read again,
//! nothing is left to do.

use crate::{problems, world};
use cplinks::codec::{adminconfig, menu, userconfig};
use cplinks::manifest::{Loaded, Manifest, OwnerCheck, Severity, Tokens, load};
use cplinks::model::{
    DesiredLink, DesiredToken, DesiredUser, Field, FieldValue, Secret, TokenRef, Wanted,
};
use cplinks::plan::{Owned, Plan, Policy};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Loads the text, and holds what comes of it to the law.
pub fn check(data: &[u8]) {
    for host in world::hosts() {
        let loaded = load(&[PathBuf::from("-")], data, OwnerCheck::Off, host);
        let is_wrong = loaded
            .problems
            .iter()
            .any(|p| p.severity == Severity::Error);
        assert_eq!(is_wrong, loaded.manifest.is_none(), "{:?}", loaded.problems);
        let outputs = problems::written(&loaded.problems, &loaded.sources);
        let Some(manifest) = &loaded.manifest else {
            continue;
        };
        for tokens in world::tokens() {
            converges(manifest, tokens);
        }
        tells_no_secret(&loaded, manifest, &outputs);
    }
}

/// What is wanted, once it is written, is not wanted any more.
fn converges(manifest: &Manifest, tokens: &Tokens) {
    let users: Vec<DesiredUser> = manifest
        .users()
        .map(|user| manifest.desired(user, tokens).expect("it names this user"))
        .collect();
    let actual: Vec<_> = users
        .iter()
        .map(|user| {
            let links = user.links.iter().filter_map(|(app, wanted)| match wanted {
                Wanted::Absent => None,
                Wanted::Link(link) => {
                    keeps_the_rules(link);
                    let token = world::token_of(&link.token);
                    is_known_at_a_glance(user, app, link, token.as_ref());
                    let files = world::written(&user.name, app, &link.link, token.as_ref());
                    Some((app.clone(), files))
                }
            });
            let links: BTreeMap<_, _> = links.collect();
            let groups = user.groups.iter();
            let groups = groups.map(|(id, group)| (id.clone(), world::written_group(id, group)));
            world::actual(&user.name, links, groups.collect())
        })
        .collect();
    let settings = manifest.settings();
    let policy = Policy::of_rules(settings.unlisted, settings.apps.clone(), settings.limits);
    let plan = Plan::between(&users, &actual, &Owned::default(), &policy);
    assert!(plan.is_empty(), "{:?}", plan.changes);
    let nothing: Vec<_> = users
        .iter()
        .map(|user| world::actual(&user.name, BTreeMap::new(), BTreeMap::new()))
        .collect();
    Plan::between(&users, &nothing, &Owned::default(), &policy);
}

/// What no accepted link may be like.
fn keeps_the_rules(link: &DesiredLink) {
    let link = &link.link;
    let label = link.label.as_deref().expect("a link has a label");
    assert!((1..=128).contains(&label.chars().count()), "{label:?}");
    assert!(!label.chars().any(|c| c.is_control() || "'<>".contains(c)));
    for field in [Field::Url, Field::AutologinTokenUrl] {
        let Some(FieldValue::Text(url)) = link.value(field) else {
            continue;
        };
        let scheme = url.split(':').next().expect("a first part");
        let scheme = scheme.to_ascii_lowercase();
        assert!(["http", "https"].contains(&scheme.as_str()), "{url:?}");
        assert!(!url.chars().any(|c| c.is_control() || c.is_whitespace()));
    }
    assert!(link.url.is_some() || link.autologin_token_url.is_some());
}

/// The bytes that are written are known again without being decoded, unless
/// something in them is escaped.
fn is_known_at_a_glance(
    user: &DesiredUser,
    app: &cplinks::model::AppName,
    link: &DesiredLink,
    token: Option<&Secret>,
) {
    let bytes = userconfig::render(&user.name, app, &link.link, None);
    if !bytes.contains(&b'\\') {
        assert!(userconfig::says(&bytes, &user.name, app, &link.link));
    }
    let bytes = adminconfig::render(token, None);
    if !bytes.contains(&b'\\') {
        assert!(adminconfig::says(&bytes, &link.token));
    }
    let entry = cplinks::model::MenuEntry::of_link(app, &link.link);
    let bytes = menu::render(&entry, menu::Pictured::Yes, None);
    if !bytes.contains(&b'\\') {
        assert!(menu::is_of_link(&bytes, app, &link.link));
    }
}

/// A token that stands in the manifest is in nothing that is said of it.
fn tells_no_secret(loaded: &Loaded, manifest: &Manifest, outputs: &[String]) {
    // Shorter ones, and ones that stand elsewhere too, are in our own words
    // by chance.
    const LONG: usize = 16;
    let [no_tokens, _] = world::tokens();
    let text = loaded.sources.first().map_or("", |source| &source.text);
    for user in manifest.users() {
        let desired = manifest
            .desired(user, no_tokens)
            .expect("it names this user");
        for wanted in desired.links.values() {
            let Wanted::Link(link) = wanted else { continue };
            let DesiredToken::Known {
                reference: TokenRef::Literal,
                secret,
            } = &link.token
            else {
                continue;
            };
            let secret = secret.expose();
            if secret.len() >= LONG && text.matches(secret).count() == 1 {
                assert!(!outputs.iter().any(|output| output.contains(secret)));
            }
        }
    }
}
