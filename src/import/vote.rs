//! Whether more than half of many values are the same one, without keeping
//! them all: a *vote* holds a few candidates, as Misra and Gries do.

use std::collections::BTreeMap;

/// Most candidates at a time. A value is found for certain where it is more
/// than half and one in this many of all.
const CANDIDATES: usize = 64;

/// Values that were counted. `None` is a vote for "not there".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Vote {
    all: usize,
    /// Never more than a value's true count.
    counts: BTreeMap<Option<String>, usize>,
}

impl Vote {
    /// Counts one value.
    pub(super) fn add(&mut self, value: Option<&str>) {
        self.all += 1;
        let value = value.map(str::to_owned);
        if self.counts.len() < CANDIDATES || self.counts.contains_key(&value) {
            *self.counts.entry(value).or_default() += 1;
        } else {
            self.counts.retain(|_, count| {
                *count -= 1;
                *count > 0
            });
        }
    }

    /// The value that more than half are, if it is a text.
    pub(super) fn winner(&self) -> Option<&str> {
        let most = self.counts.iter().find(|(_, count)| **count * 2 > self.all);
        most.and_then(|(value, _)| value.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn winner<'a>(values: impl IntoIterator<Item = Option<&'a str>>) -> Option<String> {
        let mut vote = Vote::default();
        for value in values {
            vote.add(value);
        }
        vote.winner().map(str::to_owned)
    }

    #[test]
    fn only_what_is_more_than_half_wins() {
        assert_eq!(winner([]), None);
        assert_eq!(winner([Some("a"), Some("b")]), None);
        assert_eq!(
            winner([Some("a"), Some("b"), Some("a")]),
            Some("a".to_owned())
        );
        assert_eq!(winner([Some("a"), None, None]), None);
    }

    #[test]
    fn a_winner_is_found_among_thousands_that_are_kept_nowhere() {
        let others: Vec<String> = (0..4_000).map(|n| n.to_string()).collect();
        let mixed = others
            .iter()
            .flat_map(|other| [Some("a"), Some(other.as_str())]);
        let more = std::iter::repeat_n(Some("a"), 200);
        assert_eq!(winner(mixed.clone().chain(more)), Some("a".to_owned()));
        assert_eq!(winner(mixed), None);
        let mut vote = Vote::default();
        for other in &others {
            vote.add(Some(other));
        }
        assert!(vote.counts.len() <= CANDIDATES);
    }
}
