//! What a simulated disk holds. Changes of folders that were not synced are
//! kept in a list, and a power cut leaves any part of that list that a
//! journaling file system (ext4, XFS, Btrfs) could: each rename whole or not
//! at all, those of one live folder or of one name in their order, all others
//! in any. What was not synced of a file's bytes is lost, torn or there.

use rustix::io::Errno;
use std::collections::{BTreeMap, BTreeSet};

/// The number of a file or folder.
pub(super) type Ino = u64;

/// Whether a call counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It changes nothing.
    Looks,
    /// It changes something, or brings it to the disk.
    Mutates,
}

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    Dir,
    File,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    Dir {
        seen: BTreeMap<String, Ino>,
        durable: BTreeMap<String, Ino>,
        /// A user's folder, or one above it.
        is_live: bool,
    },
    File {
        seen: Vec<u8>,
        durable: Vec<u8>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Node {
    pub(super) mode: u32,
    content: Content,
}

impl Node {
    pub(super) fn is_dir(&self) -> bool {
        matches!(self.content, Content::Dir { .. })
    }

    pub(super) fn data(&self) -> &[u8] {
        match &self.content {
            Content::File { seen, .. } => seen,
            Content::Dir { .. } => &[],
        }
    }

    fn names(&self) -> &BTreeMap<String, Ino> {
        match &self.content {
            Content::Dir { seen, .. } => seen,
            Content::File { .. } => panic!("a file has no names"),
        }
    }
}

/// One change of folders: what each name is from then on.
type Change = Vec<(Ino, String, Option<Ino>)>;

#[derive(Debug, Clone)]
pub(super) struct State {
    nodes: BTreeMap<Ino, Node>,
    pending: Vec<Change>,
}

impl State {
    /// The number of `/`.
    pub(super) const TOP: Ino = 0;

    pub(super) fn with_root(name: &str) -> Self {
        let dir = |mode, names: &[(&str, Ino)]| {
            let names: BTreeMap<_, _> = names.iter().map(|(n, i)| ((*n).to_owned(), *i)).collect();
            Node {
                mode,
                content: Content::Dir {
                    seen: names.clone(),
                    durable: names,
                    is_live: true,
                },
            }
        };
        Self {
            nodes: BTreeMap::from([(Self::TOP, dir(0o755, &[(name, 1)])), (1, dir(0o751, &[]))]),
            pending: Vec::new(),
        }
    }

    pub(super) fn node(&self, ino: Ino) -> &Node {
        &self.nodes[&ino]
    }

    pub(super) fn names(&self, ino: Ino) -> impl Iterator<Item = &str> {
        self.node(ino).names().keys().map(String::as_str)
    }

    pub(super) fn find(&self, at: Ino, name: &str) -> Result<Ino, Errno> {
        self.node(at).names().get(name).copied().ok_or(Errno::NOENT)
    }

    fn change(&mut self, change: Change) {
        for (at, name, ino) in &change {
            let Content::Dir { seen, .. } = &mut self.nodes.get_mut(at).unwrap().content else {
                panic!("a file has no names");
            };
            match ino {
                Some(ino) => seen.insert(name.clone(), *ino),
                None => seen.remove(name),
            };
        }
        self.pending.push(change);
    }

    pub(super) fn make(
        &mut self,
        at: Ino,
        name: &str,
        made: Made,
        mode: u32,
    ) -> Result<Ino, Errno> {
        if self.find(at, name).is_ok() {
            return Err(Errno::EXIST);
        }
        let ino = self.nodes.keys().next_back().unwrap() + 1;
        let content = match made {
            Made::File => Content::File {
                seen: Vec::new(),
                durable: Vec::new(),
            },
            // Live folders are made in a run's and moved from there.
            Made::Dir => Content::Dir {
                seen: BTreeMap::new(),
                durable: BTreeMap::new(),
                is_live: name.starts_with("new-"),
            },
        };
        self.nodes.insert(ino, Node { mode, content });
        self.change(vec![(at, name.to_owned(), Some(ino))]);
        Ok(ino)
    }

    pub(super) fn append(&mut self, ino: Ino, bytes: &[u8]) {
        if let Content::File { seen, .. } = &mut self.nodes.get_mut(&ino).unwrap().content {
            seen.extend(bytes);
        }
    }

    pub(super) fn set_mode(&mut self, ino: Ino, mode: u32) {
        self.nodes.get_mut(&ino).unwrap().mode = mode;
    }

    pub(super) fn rename(&mut self, from: (Ino, &str), to: (Ino, &str)) -> Result<(), Errno> {
        let ino = self.find(from.0, from.1)?;
        if self.find(to.0, to.1).is_ok() {
            return Err(Errno::EXIST);
        }
        self.change(vec![
            (from.0, from.1.to_owned(), None),
            (to.0, to.1.to_owned(), Some(ino)),
        ]);
        Ok(())
    }

    pub(super) fn exchange(&mut self, from: (Ino, &str), to: (Ino, &str)) -> Result<(), Errno> {
        let (one, two) = (self.find(from.0, from.1)?, self.find(to.0, to.1)?);
        self.change(vec![
            (from.0, from.1.to_owned(), Some(two)),
            (to.0, to.1.to_owned(), Some(one)),
        ]);
        Ok(())
    }

    /// What an exchange must not be: both files written over.
    pub(super) fn swap_bytes(&mut self, from: (Ino, &str), to: (Ino, &str)) -> Result<(), Errno> {
        let (one, two) = (self.find(from.0, from.1)?, self.find(to.0, to.1)?);
        let bytes = [one, two].map(|ino| self.node(ino).data().to_vec());
        for (ino, bytes) in [two, one].into_iter().zip(bytes) {
            if let Content::File { seen, .. } = &mut self.nodes.get_mut(&ino).unwrap().content {
                *seen = bytes;
            }
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, at: Ino, name: &str) -> Result<(), Errno> {
        self.find(at, name)?;
        self.change(vec![(at, name.to_owned(), None)]);
        Ok(())
    }

    /// Brings a file's bytes or a folder's names to the disk, and all that
    /// those depend on.
    pub(super) fn sync(&mut self, ino: Ino) {
        if let Content::File { seen, durable } = &mut self.nodes.get_mut(&ino).unwrap().content {
            durable.clone_from(seen);
            return;
        }
        let mut wanted: BTreeSet<usize> = BTreeSet::new();
        for (place, change) in self.pending.iter().enumerate().rev() {
            let is_here = change.iter().any(|(at, ..)| *at == ino);
            let is_needed = wanted.iter().any(|later| self.depends(*later, place));
            if is_here || is_needed {
                wanted.insert(place);
            }
        }
        self.keep(&wanted);
        let mut place = 0;
        self.pending.retain(|_| {
            place += 1;
            !wanted.contains(&(place - 1))
        });
    }

    /// Whether a pending change cannot reach the disk without an earlier one.
    fn depends(&self, later: usize, earlier: usize) -> bool {
        let is_live =
            |ino: Ino| matches!(self.node(ino).content, Content::Dir { is_live: true, .. });
        self.pending[later].iter().any(|(at, name, _)| {
            self.pending[earlier]
                .iter()
                .any(|(other, before, _)| at == other && (name == before || is_live(*at)))
        })
    }

    fn keep(&mut self, places: &BTreeSet<usize>) {
        for place in places {
            for (at, name, ino) in self.pending[*place].clone() {
                if let Content::Dir { durable, .. } = &mut self.nodes.get_mut(&at).unwrap().content
                {
                    match ino {
                        Some(ino) => durable.insert(name, ino),
                        None => durable.remove(&name),
                    };
                }
            }
        }
    }

    /// The same, with all of it on the disk.
    pub(super) fn settled(&self) -> Self {
        let mut settled = self.clone();
        settled.pending.clear();
        for node in settled.nodes.values_mut() {
            match &mut node.content {
                Content::Dir { seen, durable, .. } => durable.clone_from(seen),
                Content::File { seen, durable } => durable.clone_from(seen),
            }
        }
        settled
    }

    /// What is left when only these pending changes and this much of the
    /// bytes that were not synced reached the disk.
    fn cut(&self, kept: &BTreeSet<usize>, torn: Torn) -> Self {
        let mut left = self.clone();
        left.keep(kept);
        left.pending.clear();
        for node in left.nodes.values_mut() {
            match &mut node.content {
                Content::Dir { seen, durable, .. } => seen.clone_from(durable),
                Content::File { seen, durable } => {
                    match torn {
                        Torn::Lost => {}
                        Torn::Half => {
                            let start = if seen.starts_with(durable) {
                                durable.len()
                            } else {
                                0
                            };
                            let half = start + (seen.len() - start) / 2;
                            *durable = seen[..half].to_vec();
                        }
                        Torn::Whole => durable.clone_from(seen),
                    }
                    seen.clone_from(durable);
                }
            }
        }
        left
    }

    /// What a power cut can leave: all of it, or a sample of so many that
    /// holds the two extremes.
    pub(super) fn after_power_cut(&self, most: usize) -> Vec<Self> {
        let count = self.pending.len();
        let everything: BTreeSet<usize> = (0..count).collect();
        let mut sets = BTreeSet::from([BTreeSet::new(), everything]);
        let is_sampled = count >= usize::BITS as usize - 1 || 1 << count > 4 * most;
        let tries = if is_sampled { 4 * most } else { 1 << count };
        // Any fixed sequence will do.
        let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
        for number in 0..tries {
            let mut kept = BTreeSet::new();
            for place in 0..count {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let is_in = if is_sampled {
                    random >> 63 == 1
                } else {
                    number >> place & 1 == 1
                };
                let is_possible = (0..place)
                    .all(|earlier| kept.contains(&earlier) || !self.depends(place, earlier));
                if is_in && is_possible {
                    kept.insert(place);
                }
            }
            sets.insert(kept);
            if sets.len() >= most {
                break;
            }
        }
        let mut seen = BTreeSet::new();
        sets.iter()
            .flat_map(|kept| [Torn::Whole, Torn::Lost, Torn::Half].map(|torn| self.cut(kept, torn)))
            .filter(|state| seen.insert(state.everything("")))
            .collect()
    }

    /// Everything below a path: its path, its mode, and a file's bytes.
    pub(super) fn everything(&self, below: &str) -> Vec<(String, u32, Option<Vec<u8>>)> {
        let mut found = Vec::new();
        let at = below
            .split('/')
            .filter(|name| !name.is_empty())
            .fold(Self::TOP, |at, name| self.find(at, name).unwrap());
        self.collect(at, "", &mut found);
        found
    }

    fn collect(&self, at: Ino, path: &str, found: &mut Vec<(String, u32, Option<Vec<u8>>)>) {
        for (name, ino) in self.node(at).names() {
            let (node, path) = (self.node(*ino), format!("{path}{name}"));
            if node.is_dir() {
                found.push((format!("{path}/"), node.mode, None));
                self.collect(*ino, &format!("{path}/"), found);
            } else {
                found.push((path, node.mode, Some(node.data().to_vec())));
            }
        }
    }
}

/// What is left of bytes that were not synced.
#[derive(Debug, Clone, Copy)]
enum Torn {
    Lost,
    Half,
    Whole,
}
