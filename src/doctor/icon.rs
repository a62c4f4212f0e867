//! Whether an icon draws anything. Icons that are merely large or animated do.

use crate::model::{Icon, PngError};
use std::collections::BTreeMap;

/// How many icons are remembered: thousands of links share one, and a server
/// where each has its own must not fill the memory.
const REMEMBERED: usize = 1024;

/// Icons that were looked at, by hash.
#[derive(Debug, Default)]
pub(super) struct Icons(BTreeMap<String, Option<String>>);

impl Icons {
    /// What is wrong with an icon, in words that follow it; `None` if it can
    /// be drawn.
    pub(super) fn damage(&mut self, icon: &Icon) -> Option<String> {
        let hash = icon.hash().into_owned();
        if let Some(known) = self.0.get(&hash) {
            return known.clone();
        }
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        let damage = match icon {
            Icon::Damaged(_) => Some("is no base64".to_owned()),
            Icon::Image(bytes) => Icon::from_png(bytes.to_vec())
                .err()
                .filter(is_damage)
                .map(|error| error.to_string()),
        };
        self.0.insert(hash, damage.clone());
        damage
    }
}

/// Whether a browser would show a gap. The others are only more than an icon
/// should be.
fn is_damage(error: &PngError) -> bool {
    match error {
        PngError::Empty
        | PngError::Signature
        | PngError::Truncated(_)
        | PngError::Crc(_)
        | PngError::Palette(_)
        | PngError::Pixels(_) => true,
        PngError::TooLarge(_)
        | PngError::Trailing(_)
        | PngError::Animated
        | PngError::SideChunk(_)
        | PngError::Excess
        | PngError::Dimensions(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::neutral_icon;

    #[test]
    fn only_what_cannot_be_drawn_is_damaged() {
        let mut icons = Icons::default();
        assert_eq!(icons.damage(&neutral_icon()), None);
        let Icon::Image(whole) = neutral_icon() else {
            panic!("it is an image");
        };
        let mut cut = whole.to_vec();
        cut.truncate(40);
        let mut long = whole.to_vec();
        long.push(0);
        for (icon, expect) in [
            (Icon::Image(cut.into()), Some("is cut off after 40 bytes")),
            (Icon::Image(long.into()), None),
            (Icon::Damaged("%".to_owned()), Some("is no base64")),
            (
                Icon::Image(b"GIF89a".to_vec().into()),
                Some("is not a PNG (its first bytes are not a PNG's)"),
            ),
        ] {
            // Twice: the second time it is remembered.
            assert_eq!(icons.damage(&icon).as_deref(), expect);
            assert_eq!(icons.damage(&icon).as_deref(), expect);
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut icons = Icons::default();
        for n in 0..3 * REMEMBERED {
            icons.damage(&Icon::Damaged(n.to_string()));
            assert!(icons.0.len() <= REMEMBERED);
        }
    }
}
