//! URLs without what is masked in them, and the mark by which one that is
//! wanted is known as the same.
//!
//! The mark is a salted SHA-256 of the whole URL. Leaving masked parts out
//! altogether would make a plan call a changed key equal, which the plan on
//! the server does not; a keyed hash would be no better, since the key would
//! have to be in the file.

use super::wire::Url;
use crate::model::masked;
use sha2::{Digest as _, Sha256};

/// What the marks of one snapshot are made with, so that no table made in
/// advance and no other snapshot tells what is behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 16]);

impl Salt {
    pub(super) fn hex(self) -> String {
        hex(&self.0)
    }

    pub(super) fn from_hex(text: &str) -> Option<Self> {
        unhex(text).map(Self)
    }

    /// A URL as a snapshot holds it.
    pub(super) fn redact(self, url: &str) -> Url {
        let shown = masked(url);
        if shown == url {
            Url::Plain(shown.into_owned())
        } else {
            Url::Masked {
                masked: shown.into_owned(),
                mark: self.mark(url),
            }
        }
    }

    /// The URL to plan with. Where something is masked it is the wanted one if
    /// that has the mark, and else a text that is shown as the real one would
    /// be, and is equal to no other.
    pub(super) fn restore(self, url: &Url, wanted: Option<&str>) -> String {
        match url {
            Url::Plain(text) => text.clone(),
            Url::Masked { masked, mark } => match wanted {
                Some(wanted) if self.mark(wanted) == *mark => wanted.to_owned(),
                // Somebody wants the very stars.
                Some(wanted) if wanted == masked => masked.replacen("***", "****", 1),
                Some(_) | None => masked.clone(),
            },
        }
    }

    fn mark(self, url: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(url.as_bytes());
        hex(&hash.finalize())
    }
}

/// Bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = |byte: &u8| [byte >> 4, byte & 15];
    let digits = bytes.iter().flat_map(digits);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

/// Reads so many bytes from hexadecimal.
pub(super) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() == N * 2)?;
    let bytes = digits.chunks_exact(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    });
    let bytes: Option<Vec<u8>> = bytes.collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SALT: Salt = Salt([7; 16]);

    #[test]
    fn what_is_masked_is_not_there_and_known_again() {
        let url = "https://u:canary@x.example/?a=1&token=canary";
        let Url::Masked { masked, mark } = SALT.redact(url) else {
            panic!("something is masked in {url}");
        };
        assert_eq!(masked, "https://***@x.example/?a=1&token=***");
        let stored = Url::Masked { masked, mark };
        assert_eq!(SALT.restore(&stored, Some(url)), url);
        let other = "https://u:canary@x.example/?a=1&token=other";
        for wanted in [None, Some(other), Some("")] {
            let shown = SALT.restore(&stored, wanted);
            assert_eq!(shown, "https://***@x.example/?a=1&token=***");
        }
        assert_ne!(SALT.redact(url), Salt([8; 16]).redact(url));
        assert_eq!(
            SALT.redact("https://x.example/?a=1"),
            Url::Plain("https://x.example/?a=1".to_owned())
        );
    }

    #[test]
    fn the_stars_themselves_are_equal_to_nothing() {
        let stored = SALT.redact("https://x.example/?key=canary");
        let stars = "https://x.example/?key=***";
        let restored = SALT.restore(&stored, Some(stars));
        assert_ne!(restored, stars);
        assert_eq!(masked(&restored), stars);
        // Stars on the disk are no secret.
        let stored = SALT.redact(stars);
        assert_eq!(SALT.restore(&stored, Some(stars)), stars);
    }

    proptest! {
        #[test]
        fn what_is_masked_once_is_shown_the_same_again(
            url in r"(https?:)?//([a-z:@]{0,6}@)?x\.example/(\?|#|;|&|[a-z]{1,3}=|token=|key=|%3D|%26|next=https%3A%2F%2Fy%2F%3Fkey%3D|\*|/){0,8}",
        ) {
            let once = masked(&url).into_owned();
            prop_assert_eq!(masked(&once), once.as_str());
        }

        #[test]
        fn hexadecimal_is_read_back(bytes in proptest::array::uniform16(any::<u8>())) {
            prop_assert_eq!(unhex::<16>(&hex(&bytes)), Some(bytes));
            prop_assert_eq!(unhex::<15>(&hex(&bytes)), None);
        }
    }
}
