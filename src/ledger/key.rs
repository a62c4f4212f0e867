//! The key that fingerprints are made with. Without it nothing in the state
//! helps to guess a token.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// A key; it has no `Debug` that could print it.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Zeroizing<[u8; Self::LENGTH]>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// How long a key is, in bytes.
    pub const LENGTH: usize = 32;

    /// Takes the bytes of a key; `None` if there are more or fewer.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; Self::LENGTH] = bytes.try_into().ok()?;
        Some(Self(Zeroizing::new(bytes)))
    }

    /// HMAC-SHA-256 over several parts, each with its length before it, so
    /// that no two lists of parts make the same message.
    pub(super) fn hmac(&self, parts: &[&[u8]]) -> [u8; 32] {
        // A key of any length is one, so this never fails; and if it did, the
        // result would match nothing.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&*self.0) else {
            return [0; 32];
        };
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// What tells this key from another, and nothing else about it. The number
    /// is that of the way fingerprints are made: those of another way count
    /// as made with another key.
    pub(super) fn check(&self) -> [u8; 32] {
        self.hmac(&[b"cplinks: which key is this, 2"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_exactly_its_length_and_is_never_shown() {
        assert!(Key::parse(&[1; 31]).is_none());
        assert!(Key::parse(&[1; 33]).is_none());
        let key = Key::parse(&[1; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "Key(…)");
    }

    #[test]
    fn parts_are_told_apart_and_so_are_keys() {
        let key = Key::parse(&[1; 32]).unwrap();
        let other = Key::parse(&[2; 32]).unwrap();
        assert_ne!(key.hmac(&[b"ab", b"c"]), key.hmac(&[b"a", b"bc"]));
        assert_ne!(key.hmac(&[b"a"]), other.hmac(&[b"a"]));
        assert_ne!(key.check(), other.check());
    }
}
