//! The key of a run, and what it makes of a file: a *fingerprint*, which tells
//! versions apart and helps nobody to guess what a file holds, not even one
//! who knows all of it but a short token.

use super::read::sha256;
use crate::model::{Ownership, Stamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// Length of a key, in bytes.
pub(super) const KEY_BYTES: usize = 32;
/// The length HMAC pads a key to.
const BLOCK_BYTES: usize = 64;

/// The random key of one run.
#[derive(Clone, PartialEq, Eq)]
pub struct RunKey(Zeroizing<[u8; KEY_BYTES]>);

impl fmt::Debug for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RunKey(…)")
    }
}

impl RunKey {
    pub(super) fn new(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        Self(bytes)
    }

    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; KEY_BYTES] = bytes.try_into().ok()?;
        Some(Self(Zeroizing::new(bytes)))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0[..]
    }

    /// The fingerprint of the version of a file that was read.
    pub fn fingerprint(&self, stamp: &Stamp) -> Fingerprint {
        self.of_digest(&stamp.sha256)
    }

    /// The fingerprint of a file with these bytes.
    pub fn of_bytes(&self, bytes: &[u8]) -> Fingerprint {
        self.of_digest(&sha256(bytes))
    }

    /// HMAC-SHA-256 of the file's SHA-256: of a file that is not read again
    /// nothing else is known.
    fn of_digest(&self, digest: &[u8; 32]) -> Fingerprint {
        Fingerprint(hmac_sha256(&self.0[..], digest))
    }
}

/// A key of at most a block is padded with zeros, which is how it is defined.
fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut padded = Zeroizing::new([0; BLOCK_BYTES]);
    for (to, from) in padded.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new((&*padded).into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// What tells one version of a file from another, under one run's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint(pub(super) [u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // At once: each version in a journal is spelt so.
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        let digits = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
        f.write_str(&digits.collect::<String>())
    }
}

impl Fingerprint {
    /// Reads what `Display` writes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| {
            let digit = char::from(byte).to_digit(16)?;
            u8::try_from(digit).ok()
        };
        let mut bytes = [0; 32];
        let pairs = text.as_bytes().chunks(2);
        if text.len() != 2 * bytes.len() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            let [high, low] = *pair else { return None };
            *byte = digit(high)? * 16 + digit(low)?;
        }
        Some(Self(bytes))
    }
}

/// One version of a file: what it holds, and who may do what with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// What it holds.
    pub fingerprint: Fingerprint,
    /// Its mode and owner.
    pub ownership: Ownership,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: &[u8], message: &[u8], expect: &str) {
        let outcome = Fingerprint(hmac_sha256(key, message));
        assert_eq!(outcome.to_string(), expect);
        assert_eq!(Fingerprint::parse(expect), Some(outcome));
    }

    #[test]
    fn it_is_the_hmac_of_rfc_4231() {
        check(
            &[0x0b; 20],
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        );
        check(
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        );
        check(
            &[0xaa; 20],
            &[0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        );
    }

    #[test]
    fn what_is_no_fingerprint_is_refused() {
        for text in ["", "00", &"0".repeat(63), &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(Fingerprint::parse(text), None, "{text}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let key = RunKey::new(Zeroizing::new([7; KEY_BYTES]));
        assert_eq!(format!("{key:?}"), "RunKey(…)");
    }
}
