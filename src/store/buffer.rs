//! Room for the bytes of files, used for one file after another: to ask the
//! system for memory costs as much as to read a small file. Knows nothing of
//! what is in it, and so takes all of it for a secret.

use std::ops::Range;
use zeroize::Zeroizing;

/// A larger room is given back as soon as it is empty, in bytes: few users
/// have so much.
const MOST_KEPT: usize = 1024 * 1024;

/// Bytes of files, one after another. All of its memory is wiped when it is
/// given back.
#[derive(Default)]
pub struct Buffer {
    /// As long as there is room.
    bytes: Zeroizing<Vec<u8>>,
    /// How much of it is filled.
    length: usize,
}

impl Buffer {
    /// With room for so many bytes.
    pub fn with_room(bytes: usize) -> Self {
        Self {
            bytes: Zeroizing::new(vec![0; bytes]),
            length: 0,
        }
    }

    /// How many bytes are in it.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Some of the bytes in it; empty where they are not there.
    pub(super) fn get(&self, range: Range<usize>) -> &[u8] {
        let filled = self.bytes.get(..self.length).unwrap_or_default();
        filled.get(range).unwrap_or_default()
    }

    /// Room behind what is in it, for just so many bytes.
    pub(super) fn room(&mut self, count: usize) -> &mut [u8] {
        let needed = self.length.saturating_add(count);
        if needed > self.bytes.len() {
            // Growing in place would leave a copy behind that nobody wipes,
            // and it may be a token's.
            let mut larger = Self::with_room(needed.max(self.bytes.len().saturating_mul(2)));
            for (to, from) in larger.bytes.iter_mut().zip(self.get(0..self.length)) {
                *to = *from;
            }
            self.bytes = larger.bytes;
        }
        self.bytes.get_mut(self.length..needed).unwrap_or_default()
    }

    /// So many bytes of the room are filled now.
    pub(super) fn fill(&mut self, count: usize) {
        self.length = self.length.saturating_add(count).min(self.bytes.len());
    }

    /// Keeps no more than so many bytes of it.
    pub(super) fn cut(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// Empties it. What was in it stays in memory until something else takes
    /// its place, or all is wiped.
    pub(super) fn clear(&mut self) {
        self.length = 0;
        if self.bytes.len() > MOST_KEPT {
            *self = Self::default();
        }
    }

    /// How many bytes of memory it takes.
    #[cfg(test)]
    pub(super) fn into_room(self) -> usize {
        self.bytes.len()
    }

    /// What is in it, alone.
    pub(super) fn into_bytes(mut self) -> Zeroizing<Vec<u8>> {
        self.bytes.truncate(self.length);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(buffer: &mut Buffer, bytes: &[u8]) {
        buffer.room(bytes.len()).copy_from_slice(bytes);
        buffer.fill(bytes.len());
    }

    #[test]
    fn what_is_in_it_stays_when_it_grows() {
        let mut buffer = Buffer::with_room(2);
        add(&mut buffer, b"ab");
        add(&mut buffer, b"cdef");
        assert_eq!(buffer.get(0..2), b"ab");
        assert_eq!(buffer.get(2..6), b"cdef");
        assert_eq!(buffer.get(2..7), b"");
        assert_eq!(*buffer.into_bytes(), b"abcdef");
    }

    #[test]
    fn nothing_of_what_was_in_it_is_given_later() {
        let mut buffer = Buffer::default();
        add(&mut buffer, b"secret");
        buffer.clear();
        assert_eq!((buffer.len(), buffer.get(0..6)), (0, &b""[..]));
        add(&mut buffer, b"x");
        assert_eq!(*buffer.into_bytes(), b"x");
    }

    #[test]
    fn much_room_is_given_back() {
        let mut buffer = Buffer::with_room(8);
        add(&mut buffer, &vec![1; MOST_KEPT]);
        assert_eq!(buffer.bytes.len(), MOST_KEPT);
        buffer.clear();
        assert_eq!(buffer.bytes.len(), MOST_KEPT);
        add(&mut buffer, &vec![1; MOST_KEPT + 1]);
        buffer.clear();
        assert_eq!(buffer.bytes.len(), 0);
    }
}
