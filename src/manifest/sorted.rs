//! A map that is put together once and then only read: its entries in order,
//! side by side. A manifest has hundreds of thousands of maps of few entries,
//! and a tree has room for eleven in its smallest node.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::iter::Map;
use std::slice;

/// Entries in the order of their keys, each key once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sorted<K, V>(Box<[(K, V)]>);

/// What a reference to an entry is read as.
type Parts<'m, K, V> = fn(&'m (K, V)) -> (&'m K, &'m V);

impl<K, V> Sorted<K, V> {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> Map<slice::Iter<'_, (K, V)>, Parts<'_, K, V>> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V> Sorted<K, V> {
    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let found = self
            .0
            .binary_search_by(|(known, _)| known.borrow().cmp(key));
        let (_, value) = self.0.get(found.ok()?)?;
        Some(value)
    }

    pub(super) fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }
}

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Self(Box::default())
    }
}

impl<K, V> From<BTreeMap<K, V>> for Sorted<K, V> {
    fn from(map: BTreeMap<K, V>) -> Self {
        Self(map.into_iter().collect())
    }
}

/// Of entries with one key the first is kept.
impl<K: Ord, V> FromIterator<(K, V)> for Sorted<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut entries: Vec<(K, V)> = entries.into_iter().collect();
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries.dedup_by(|(again, _), (first, _)| again == first);
        Self(entries.into_boxed_slice())
    }
}

impl<K, V> IntoIterator for Sorted<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_vec().into_iter()
    }
}

impl<'m, K, V> IntoIterator for &'m Sorted<K, V> {
    type Item = (&'m K, &'m V);
    type IntoIter = Map<slice::Iter<'m, (K, V)>, Parts<'m, K, V>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_the_tree_of_the_same_entries_does() {
        let entries = [("c", 1), ("a", 2), ("c", 3), ("b", 4), ("a", 5)];
        let sorted: Sorted<&str, i32> = entries.into_iter().collect();
        let mut tree = BTreeMap::new();
        for (key, value) in entries {
            tree.entry(key).or_insert(value);
        }
        assert_eq!(sorted, Sorted::from(tree.clone()));
        assert!(sorted.iter().eq(tree.iter()));
        assert!(sorted.keys().eq(tree.keys()));
        assert!(sorted.values().eq(tree.values()));
        assert_eq!(sorted.len(), tree.len());
        for key in ["", "a", "b", "bb", "c", "d"] {
            assert_eq!(sorted.get(key), tree.get(key), "{key}");
            assert_eq!(sorted.contains_key(key), tree.contains_key(key), "{key}");
        }
        assert!(sorted.into_iter().eq(tree));
    }
}
