//! The one rule that is about all links together: a token goes to one host.
//!
//! There are hundreds of thousands of tokens, and hardly ever one that goes to
//! two hosts. So of each only a number is remembered at first; those whose
//! numbers go to several hosts are looked at once more, word by word.

use super::check;
use super::expand::{ExpandedToken, Expansion};
use super::findings::Findings;
use super::merge::Manifest;
use super::problem::{Finding, show};
use crate::model::TokenRef;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Component, PathBuf};

/// Which token a reference means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Token<'r> {
    /// A file is told by its place: the same path in two folders is two
    /// tokens, and the same file by two paths is one.
    File(PathBuf),
    Named(Cow<'r, TokenRef>),
}

impl Token<'_> {
    /// A number that it shares with few others, if with any.
    fn number(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }

    fn into_owned(self) -> Token<'static> {
        match self {
            Self::File(path) => Token::File(path),
            Self::Named(reference) => Token::Named(Cow::Owned(reference.into_owned())),
        }
    }
}

/// A link's token and the URL that it is posted to; `None` for a link without.
fn token_and_url<'m, 'e>(
    expansion: &Expansion<'m>,
    token: &'e ExpandedToken,
) -> Option<(Token<'e>, Cow<'m, str>)> {
    let ExpandedToken::Reference(reference, source) = token else {
        return None;
    };
    let url = expansion.autologin_token_url()?;
    let token = match token_file(expansion.manifest(), reference, *source) {
        Some(file) => Token::File(file),
        None => Token::Named(Cow::Borrowed(reference)),
    };
    Some((token, url))
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
    /// The number of each host, which count from 0.
    known: BTreeMap<String, usize>,
    /// The host of each URL, where it can be told: most links of an app have
    /// the same one.
    urls: BTreeMap<String, Option<usize>>,
    /// Each token with its host.
    pairs: Vec<(u64, usize)>,
}

impl Hosts {
    /// Adds a link, if its token goes somewhere that can be told.
    pub(super) fn add(&mut self, expansion: &Expansion<'_>, token: &ExpandedToken) {
        let Some((token, url)) = token_and_url(expansion, token) else {
            return;
        };
        let known = self.urls.get(&*url).copied();
        let host = known.unwrap_or_else(|| {
            let host = check::host_of_url(&url).map(|host| self.number_of(host));
            self.urls.insert(url.into_owned(), host);
            host
        });
        self.pairs.extend(host.map(|host| (token.number(), host)));
    }

    fn number_of(&mut self, host: String) -> usize {
        let next = self.known.len();
        *self.known.entry(host).or_insert(next)
    }

    /// Adds those of other links.
    pub(super) fn absorb(&mut self, other: Self) {
        let numbers: BTreeMap<usize, usize> = other
            .known
            .into_iter()
            .map(|(host, theirs)| (theirs, self.number_of(host)))
            .collect();
        let pairs = other.pairs.into_iter();
        let ours = pairs.filter_map(|(token, host)| Some((token, *numbers.get(&host)?)));
        self.pairs.extend(ours);
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
    let mut hosts: BTreeMap<Token<'static>, (String, Expansion<'m>)> = BTreeMap::new();
    for expansion in expansions {
        let expanded = expansion.token();
        let Some((token, url)) = token_and_url(&expansion, &expanded) else {
            continue;
        };
        if !suspects.contains(&token.number()) {
            continue;
        }
        let Some(host) = check::host_of_url(&url) else {
            continue;
        };
        let token = token.into_owned();
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
    expanded: &ExpandedToken,
    (known, before): (&str, &Expansion<'_>),
    (host, expansion): (&str, &Expansion<'_>),
) -> Option<Finding> {
    let ExpandedToken::Reference(reference, _) = expanded else {
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
        let of = |pairs: &[(u64, &str)]| {
            let mut hosts = Hosts::default();
            for (token, host) in pairs {
                let host = hosts.number_of((*host).to_owned());
                hosts.pairs.push((*token, host));
            }
            hosts
        };
        let mut hosts = of(&[(7, "a"), (1, "a"), (2, "b"), (7, "a"), (2, "b")]);
        // Numbered the other way round.
        hosts.absorb(of(&[(3, "b"), (1, "c"), (3, "a"), (3, "c"), (2, "b")]));
        hosts.absorb(of(&[(7, "a"), (9, "b")]));
        assert!(hosts.suspects().into_iter().eq([1, 3]));
    }

    #[test]
    fn a_token_has_one_number() {
        let token = |name: &str| Token::Named(Cow::Owned(TokenRef::Secret(name.to_owned())));
        assert_eq!(token("a/b").number(), token("a/b").number());
        assert_ne!(token("a/b").number(), token("a/c").number());
        let file = Token::File(PathBuf::from("a/b"));
        assert_ne!(file.number(), token("a/b").number());
    }
}
