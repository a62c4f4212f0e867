//! Findings as they come in: the same one at the same place is counted, not
//! repeated, and what nobody could read in one sitting is counted as well.

use super::problem::{At, Finding, Severity, Spot, nearest};
use std::collections::BTreeMap;

/// Most findings that are kept. A report shows a hundred; a manifest that a
/// program wrote may break one rule a million times.
const KEPT: usize = 2000;

/// Most words that a similar one is looked for, in one load: each is compared
/// with all names of its kind.
const HINTS: usize = 100;

/// Findings as they come in. A template's value is looked at once for each
/// link it serves: the same rule broken at the same place is one finding that
/// counts the links.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Findings {
    list: Vec<Finding>,
    repeats: Vec<usize>,
    index: BTreeMap<Key, usize>,
    more: More,
    hints: BTreeMap<(String, String), Option<String>>,
}

/// What makes two findings the same one.
type Key = (&'static str, &'static str, At);

/// The key of a finding at a place.
fn key(finding: &Finding, at: &At) -> Key {
    let at = finding.about.as_ref().unwrap_or(at);
    (finding.rule, finding.aspect, at.clone())
}

/// Findings that were counted only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct More {
    errors: usize,
    warnings: usize,
}

impl Findings {
    pub(super) fn push(&mut self, finding: Finding) {
        self.add(finding, 0);
    }

    fn add(&mut self, finding: Finding, repeats: usize) {
        if let Some((Spot::Path(at), _)) = finding.spots.first() {
            // What is not even a text breaks every rule for texts.
            if finding.rule != "wrong-type" && self.is_unread(at) {
                return;
            }
            let key = key(&finding, at);
            if let Some(known) = self.index.get(&key).and_then(|&i| self.repeats.get_mut(i)) {
                *known += 1 + repeats;
                return;
            }
            if !self.is_full() {
                self.index.insert(key, self.list.len());
            }
        }
        if self.is_full() {
            match finding.severity {
                Severity::Error => self.more.errors += 1,
                Severity::Warning => self.more.warnings += 1,
            }
            return;
        }
        self.list.push(finding);
        self.repeats.push(repeats);
    }

    pub(super) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.push(finding);
        }
    }

    /// Takes over all of another reader's findings.
    pub(super) fn absorb(&mut self, other: Self) {
        for (finding, repeats) in other.list.into_iter().zip(other.repeats) {
            self.add(finding, repeats);
        }
        self.more.errors += other.more.errors;
        self.more.warnings += other.more.warnings;
    }

    /// Takes over what another pass over the same document found in addition.
    pub(super) fn absorb_new(&mut self, other: Self) {
        for finding in other.list {
            let is_known = match finding.spots.first() {
                Some((Spot::Path(at), _)) => self.index.contains_key(&key(&finding, at)),
                _ => self.list.contains(&finding),
            };
            if !is_known && !self.is_full() {
                self.push(finding);
            }
        }
    }

    /// Whether something else stands at a place than should, or more than was
    /// kept.
    pub(super) fn is_unread(&self, at: &At) -> bool {
        let is_found = |rule, aspect| self.index.contains_key(&(rule, aspect, at.clone()));
        is_found("wrong-type", "") || is_found("text", TOO_LONG)
    }

    /// How many there are, those included that are counted only.
    pub(super) fn count(&self) -> usize {
        self.list.len() + self.more.errors + self.more.warnings
    }

    fn is_full(&self) -> bool {
        self.list.len() >= KEPT
    }

    /// The name most like a word, of one kind of names. Each word is looked
    /// up once, and only so many are: a hint is not worth minutes.
    pub(super) fn nearest<'a>(
        &mut self,
        kind: &str,
        word: &str,
        among: impl IntoIterator<Item = &'a str>,
    ) -> Option<String> {
        let key = (kind.to_owned(), word.to_owned());
        if let Some(known) = self.hints.get(&key) {
            return known.clone();
        }
        if self.hints.len() >= HINTS {
            return None;
        }
        let near = nearest(word, among).map(str::to_owned);
        self.hints.insert(key, near.clone());
        near
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        let rest = self.more.finding();
        self.list
            .into_iter()
            .zip(self.repeats)
            .map(|(mut finding, repeats)| {
                if repeats > 0 {
                    let times = if repeats == 1 { "time" } else { "times" };
                    finding.message = format!("{} (and {repeats} more {times})", finding.message);
                }
                finding
            })
            .chain(rest)
            .collect()
    }
}

/// The aspect of a finding about a text that was not kept.
pub(super) const TOO_LONG: &str = "too-long";

impl More {
    /// One finding for all that were only counted, as bad as the worst.
    fn finding(self) -> Option<Finding> {
        let count = self.errors + self.warnings;
        if count == 0 {
            return None;
        }
        let what = if count == 1 {
            "problem is"
        } else {
            "problems are"
        };
        let message = format!("{count} more {what} not listed");
        let finding = Finding::without_place("too-many", message);
        let severity = if self.errors > 0 {
            Severity::Error
        } else {
            Severity::Warning
        };
        Some(Finding {
            severity,
            ..finding
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warning(name: &str) -> Finding {
        Finding::warning("rule", At::key(0, &[name]), "m")
    }

    #[test]
    fn an_error_behind_too_many_warnings_is_still_an_error() {
        let mut findings = Findings::default();
        findings.extend((0..KEPT + 5).map(|i| warning(&i.to_string())));
        findings.push(Finding::error("other", At::key(0, &["x"]), "m"));
        let mut all = Findings::default();
        all.absorb(findings);
        assert_eq!(all.count(), KEPT + 6);
        let all = all.into_vec();
        assert_eq!(all.len(), KEPT + 1);
        let last = all.last().unwrap();
        assert_eq!(last.severity, Severity::Error);
        assert_eq!(last.message, "6 more problems are not listed");
    }

    #[test]
    fn a_finding_that_comes_again_is_counted() {
        let mut findings = Findings::default();
        findings.extend([warning("a"), warning("a"), warning("a")]);
        let mut second = Findings::default();
        second.extend([warning("a"), warning("b")]);
        findings.absorb_new(second);
        let messages: Vec<_> = findings.into_vec().into_iter().map(|f| f.message).collect();
        assert_eq!(messages, ["m (and 2 more times)", "m"]);
    }

    #[test]
    fn only_so_many_words_are_compared() {
        let mut findings = Findings::default();
        for i in 0..HINTS {
            findings.nearest("app", &format!("app_{i}"), ["app_x"]);
        }
        assert_eq!(findings.nearest("app", "app_new", ["app_ne"]), None);
        let near = findings.nearest("app", "app_1", []);
        assert_eq!(near.as_deref(), Some("app_x"), "the first answer is kept");
    }
}
