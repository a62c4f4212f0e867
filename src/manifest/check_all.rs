//! Every link of a manifest held against the rules, by many threads at once,
//! and the one rule that is about all of them: a token goes to one host.

use super::check;
use super::expand::{Expanded, ExpandedToken, Expansion};
use super::findings::Findings;
use super::merge::{Manifest, UserPart};
use super::problem::{At, Finding, show};
use crate::model::{TokenRef, UserName};
use crate::spread::Spread;
use std::collections::BTreeMap;
use std::path::{Component, PathBuf};

/// Users whose links are checked in one go.
const PORTION: usize = 256;

/// Checks every link of the manifest. `named` is how many links its files
/// name, those included that could not be kept.
pub(super) fn check_all(manifest: &Manifest, named: usize, findings: &mut Findings) {
    let users: Vec<_> = manifest.users.iter().collect();
    // Findings of one portion say nothing of the links of another.
    let before = findings.clone();
    let check = |users: &[_]| Checked::of(manifest, users, &before);
    let spread = if users.len() > PORTION {
        Spread::over_processors()
    } else {
        Spread::alone()
    };
    let mut hosts = Hosts::new();
    spread.each(&users, PORTION, check, |checked| {
        findings.absorb(checked.findings);
        for host in checked.hosts {
            check_one_host(host, &mut hosts, findings);
        }
    });
    if named == 0 {
        let at = At::key(0, &[]);
        let message = "the manifest names no link at all";
        findings.push(
            Finding::error("empty-manifest", at, message).hint(
                "an empty manifest never means \"hide everything\"; name links under `users`",
            ),
        );
    }
}

/// What came of checking some users' links.
struct Checked<'m> {
    findings: Findings,
    hosts: Vec<TokenHost<'m>>,
}

impl<'m> Checked<'m> {
    fn of(
        manifest: &'m Manifest,
        users: &[(&'m UserName, &'m UserPart)],
        before: &Findings,
    ) -> Self {
        let mut checked = Self {
            findings: Findings::default(),
            hosts: Vec::new(),
        };
        for (user, part) in users {
            for (app, link) in &part.links {
                let Some(expansion) = Expansion::new(manifest, user, part, app, link) else {
                    continue;
                };
                if expansion.is_unread(before) {
                    continue;
                }
                let expanded = expansion.expand();
                expansion.check(&expanded, &mut checked.findings);
                checked.hosts.extend(TokenHost::of(expansion, expanded));
            }
        }
        checked
    }
}

/// Where one link's token goes.
struct TokenHost<'m> {
    reference: TokenRef,
    /// The file that it is in. A file is told by its place: the same path in
    /// two folders is two tokens.
    file: Option<PathBuf>,
    host: String,
    expansion: Expansion<'m>,
}

impl<'m> TokenHost<'m> {
    fn of(expansion: Expansion<'m>, expanded: Expanded) -> Option<Self> {
        let (ExpandedToken::Reference(reference, source), Some(url)) =
            (expanded.token, expanded.link.autologin_token_url)
        else {
            return None;
        };
        let (host, _) = check::url(&url);
        Some(Self {
            file: token_file(expansion.manifest(), &reference, source),
            host: host?,
            reference,
            expansion,
        })
    }
}

/// Where a token file lies, by the text alone.
fn token_file(manifest: &Manifest, reference: &TokenRef, source: usize) -> Option<PathBuf> {
    let TokenRef::File(path) = reference else {
        return None;
    };
    if path.starts_with(super::tokens::CREDENTIALS) {
        return None;
    }
    let folder = manifest.folders.get(source)?;
    let is_step = |part: &Component<'_>| *part != Component::CurDir;
    Some(folder.join(path).components().filter(is_step).collect())
}

/// The host that each token goes to, and the first link that says so.
type Hosts<'m> = BTreeMap<(TokenRef, Option<PathBuf>), (String, Expansion<'m>)>;

/// A token is posted to one host only: the same reference with two hosts is
/// a mistake or a theft.
fn check_one_host<'m>(of: TokenHost<'m>, hosts: &mut Hosts<'m>, findings: &mut Findings) {
    let TokenHost {
        reference,
        file,
        host,
        expansion,
    } = of;
    let key = match file {
        // The same file by two paths is one token.
        Some(file) => (TokenRef::File(String::new()), Some(file)),
        None => (reference.clone(), None),
    };
    let Some((known, before)) = hosts.get(&key) else {
        hosts.insert(key, (host, expansion));
        return;
    };
    if *known == host {
        return;
    }
    let message = format!(
        "the token {} would go to two hosts: {} and {}",
        show(&reference.to_string()),
        show(known),
        show(&host)
    );
    if let (Some(at), Some(before)) = (expansion.autologin_place(), before.autologin_place()) {
        let finding = Finding::error("two-hosts", at, message).also(before, "the first host");
        findings.push(finding);
    }
}
