//! Numbers that look random and are the same for the same seed, on every
//! machine. Each account has dice of its own for each purpose, so that neither
//! the number of accounts nor any other option changes what one of them is.

use std::fmt;
use std::str::FromStr;

/// What dice are thrown for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// What an account and its links are.
    Links = 1,
    /// What somebody changed on the disk.
    Drift = 2,
    /// How files are written.
    Bytes = 3,
}

/// A row of numbers (`SplitMix64`).
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// Those of one account, for one purpose.
    pub(super) fn new(seed: u64, purpose: Purpose, account: usize) -> Self {
        let mut dice = Self(seed);
        for part in [purpose as u64, account as u64] {
            dice.0 = dice.roll() ^ part;
        }
        dice
    }

    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `sides`, which is not 0.
    pub(super) fn below(&mut self, sides: usize) -> usize {
        // No remainder is as large as `sides`, so it fits.
        usize::try_from(self.roll() % sides as u64).unwrap()
    }

    /// Whether what happens to this share of all happens now.
    pub(super) fn hits(&mut self, share: Share) -> bool {
        self.roll() % u64::from(Share::ALL.0) < u64::from(share.0)
    }

    /// One of several.
    pub(super) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Puts things in another order.
    pub(super) fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.below(last + 1));
        }
    }
}

/// A part of all, in millionths; written in percent, as `12.5%`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share(u32);

impl Share {
    /// Nothing of it.
    pub(crate) const NONE: Self = Self(0);
    /// All of it.
    pub(crate) const ALL: Self = Self(1_000_000);

    /// So many percent, at most 100.
    pub(crate) const fn percent(percent: u32) -> Self {
        assert!(percent <= 100, "a share is at most all");
        Self(percent * 10_000)
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let number = text.strip_suffix('%')?;
            let (whole, rest) = number.split_once('.').unwrap_or((number, "0"));
            let are_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
            if !are_digits(whole) || !are_digits(rest) || !(1..=4).contains(&rest.len()) {
                return None;
            }
            let whole: u32 = whole.parse().ok()?;
            let rest: u32 = format!("{rest:0<4}").parse().ok()?;
            let share = whole.checked_mul(10_000)?.checked_add(rest)?;
            (share <= Self::ALL.0).then_some(Self(share))
        };
        parse().ok_or_else(|| "give percent from 0% to 100%, such as 1% or 0.05%".to_owned())
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 10_000, self.0 % 10_000);
        let rest = format!(".{rest:04}");
        let rest = rest.trim_end_matches('0').trim_end_matches('.');
        write!(f, "{whole}{rest}%")
    }
}
