//! The one rule that is about all links together: a token goes to one host.
//!
//! There are hundreds of thousands of tokens, and hardly ever one that goes to
//! two hosts. So of each only a number is remembered at first; those whose
//! numbers go to several hosts are looked at once more, word by word.

use super::check;
use super::expand::{Expanded, ExpandedToken, Expansion};
use super::findings::Findings;
use super::merge::Manifest;
use super::problem::{Finding, show};
use crate::model::TokenRef;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Component, PathBuf};

/// Where one link's token goes.
pub(super) struct TokenHost {
    token: u64,
    host: String,
}

impl TokenHost {
    /// `None` for a link whose token goes nowhere that can be told.
    pub(super) fn of(expansion: &Expansion<'_>, expanded: &Expanded) -> Option<Self> {
        let (token, host) = token_and_host(expansion, expanded)?;
        Some(Self {
            token: token.number(),
            host,
        })
    }
}

/// Which token a reference means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Token {
    /// A file is told by its place: the same path in two folders is two
    /// tokens, and the same file by two paths is one.
    File(PathBuf),
    Named(TokenRef),
}

impl Token {
    /// A number that it shares with few others, if with any.
    fn number(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

fn token_and_host(expansion: &Expansion<'_>, expanded: &Expanded) -> Option<(Token, String)> {
    let Expanded { link, token } = expanded;
    let (ExpandedToken::Reference(reference, source), Some(url)) =
        (token, &link.autologin_token_url)
    else {
        return None;
    };
    let (host, _) = check::url(url);
    let token = match token_file(expansion.manifest(), reference, *source) {
        Some(file) => Token::File(file),
        None => Token::Named(reference.clone()),
    };
    Some((token, host?))
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

/// The hosts that tokens go to, as numbers.
#[derive(Default)]
pub(super) struct Hosts {
    /// The number of each host.
    known: BTreeMap<String, usize>,
    /// Each token with its host.
    pairs: Vec<(u64, usize)>,
}

impl Hosts {
    pub(super) fn add(&mut self, tokens: impl IntoIterator<Item = TokenHost>) {
        for TokenHost { token, host } in tokens {
            let next = self.known.len();
            let host = *self.known.entry(host).or_insert(next);
            self.pairs.push((token, host));
        }
    }

    /// The tokens that may go to two hosts. Two tokens of one number are among
    /// them too.
    pub(super) fn suspects(mut self) -> BTreeSet<u64> {
        self.pairs.sort_unstable();
        self.pairs.dedup();
        let neighbours = self.pairs.iter().zip(self.pairs.iter().skip(1));
        let same = neighbours.filter(|((a, _), (b, _))| a == b);
        same.map(|((token, _), _)| *token).collect()
    }
}

/// A token is posted to one host only: the same reference with two hosts is
/// a mistake or a theft.
pub(super) fn check_hosts<'m>(
    expansions: impl Iterator<Item = Expansion<'m>>,
    suspects: &BTreeSet<u64>,
    findings: &mut Findings,
) {
    // The host that each token goes to, and the first link that says so.
    let mut hosts: BTreeMap<Token, (String, Expansion<'m>)> = BTreeMap::new();
    for expansion in expansions {
        let expanded = expansion.expand();
        let Some((token, host)) = token_and_host(&expansion, &expanded) else {
            continue;
        };
        if !suspects.contains(&token.number()) {
            continue;
        }
        let Some((known, before)) = hosts.get(&token) else {
            hosts.insert(token, (host, expansion));
            continue;
        };
        if *known != host {
            findings.extend(two_hosts(&expanded, (known, before), (&host, &expansion)));
        }
    }
}

fn two_hosts(
    expanded: &Expanded,
    (known, before): (&str, &Expansion<'_>),
    (host, expansion): (&str, &Expansion<'_>),
) -> Option<Finding> {
    let ExpandedToken::Reference(reference, _) = &expanded.token else {
        return None;
    };
    let message = format!(
        "the token {} would go to two hosts: {} and {}",
        show(&reference.to_string()),
        show(known),
        show(host)
    );
    let (at, first) = (expansion.autologin_place()?, before.autologin_place()?);
    Some(Finding::error("two-hosts", at, message).also(first, "the first host"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_goes_to_two_hosts_is_suspect_and_who_goes_to_one_twice_is_not() {
        let of = |(token, host): (u64, &str)| TokenHost {
            token,
            host: host.to_owned(),
        };
        let mut hosts = Hosts::default();
        hosts.add([(7, "a"), (1, "a"), (2, "b"), (7, "a"), (2, "b")].map(of));
        hosts.add([(3, "b"), (1, "c"), (3, "a"), (3, "c"), (9, "a")].map(of));
        assert!(hosts.suspects().into_iter().eq([1, 3]));
    }

    #[test]
    fn a_token_has_one_number() {
        let token = |name: &str| Token::Named(TokenRef::Secret(name.to_owned()));
        assert_eq!(token("a/b").number(), token("a/b").number());
        assert_ne!(token("a/b").number(), token("a/c").number());
        let file = Token::File(PathBuf::from("a/b"));
        assert_ne!(file.number(), token("a/b").number());
    }
}
