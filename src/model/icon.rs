//! An icon as the files hold it: base64 text that means a PNG's bytes.

use super::png::{self, PngError, PngSize};
use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// Standard alphabet; padding may be missing, as `cPanel` accepts it so.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The icon of a menu entry whose link declares none; drawn for this project.
pub fn neutral_icon() -> Icon {
    Icon::Image(Picture::from(include_bytes!("neutral.png").to_vec()))
}

/// The bytes of an image, shared by all who hold it: one picture may be that
/// of a hundred thousand links.
#[derive(Clone)]
pub struct Picture(Arc<Shared>);

struct Shared {
    bytes: Box<[u8]>,
    base64: OnceLock<String>,
    hash: OnceLock<String>,
    described: OnceLock<String>,
}

impl Deref for Picture {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0.bytes
    }
}

impl From<Vec<u8>> for Picture {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Shared {
            bytes: bytes.into(),
            base64: OnceLock::new(),
            hash: OnceLock::new(),
            described: OnceLock::new(),
        }))
    }
}

impl PartialEq for Picture {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || **self == **other
    }
}

impl Eq for Picture {}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// An icon, compared as decoded bytes: how the base64 was wrapped, padded or
/// percent-escaped is no difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Icon {
    /// The decoded bytes. Desired icons are checked PNGs; on disk they may be
    /// anything that was valid base64.
    Image(Picture),
    /// Text that is no base64, as the file holds it. Only on disk.
    Damaged(String),
}

impl Icon {
    /// Reads what a file holds and never fails: percent-escapes are undone
    /// once if there are any, then white space, then base64.
    pub fn from_disk(text: &str) -> Self {
        decode(text).map_or_else(|| Self::Damaged(text.to_owned()), |b| Self::Image(b.into()))
    }

    /// Reads an icon that a manifest holds as text, by the same one rule, and
    /// checks that it is a whole PNG.
    ///
    /// # Errors
    /// `None` when the text is no base64; otherwise what is wrong with the
    /// image.
    pub fn from_base64(text: &str) -> Result<(Self, PngSize), Option<PngError>> {
        // No valid icon is longer: 4/3 of the bytes, tripled by escapes.
        if text.len() > png::MAX_ICON_BYTES * 5 {
            return Err(Some(PngError::TooLarge(text.len() / 4 * 3)));
        }
        let bytes = decode(text).ok_or(None)?;
        Self::from_png(bytes).map_err(Some)
    }

    /// Takes the bytes of a PNG file after checking all of it.
    ///
    /// # Errors
    /// What is wrong with the image.
    pub fn from_png(bytes: Vec<u8>) -> Result<(Self, PngSize), PngError> {
        let size = png::check(&bytes)?;
        Ok((Self::Image(bytes.into()), size))
    }

    /// Whether these bytes are its.
    pub fn is(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Image(own) => **own == *bytes,
            Self::Damaged(_) => false,
        }
    }

    /// The text that is written: plain base64 with padding, unwrapped.
    pub fn to_base64(&self) -> String {
        match self {
            Self::Image(bytes) => base64::engine::general_purpose::STANDARD.encode(&**bytes),
            Self::Damaged(text) => text.clone(),
        }
    }

    /// The text of [`Icon::to_base64`], made once for all who share the
    /// picture. For those that many links are compared with.
    pub fn base64(&self) -> &str {
        match self {
            Self::Image(picture) => picture.0.base64.get_or_init(|| self.to_base64()),
            Self::Damaged(text) => text,
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Image(bytes) => bytes,
            Self::Damaged(text) => text.as_bytes(),
        }
    }

    /// SHA-256 of the bytes, in hexadecimal; worked out once for all who share
    /// the picture.
    pub fn hash(&self) -> Cow<'_, str> {
        match self {
            Self::Image(picture) => {
                let hash = picture.0.hash.get_or_init(|| hash(self.bytes()));
                Cow::Borrowed(hash)
            }
            Self::Damaged(_) => Cow::Owned(hash(self.bytes())),
        }
    }

    /// One line for people, in place of the base64: size, kind, bytes, hash.
    /// Written once for all who share the picture.
    pub fn describe(&self) -> Cow<'_, str> {
        match self {
            Self::Image(picture) => {
                let described = picture.0.described.get_or_init(|| self.described());
                Cow::Borrowed(described)
            }
            Self::Damaged(_) => Cow::Owned(self.described()),
        }
    }

    fn described(&self) -> String {
        let bytes = self.bytes();
        let mut hash = self.hash().into_owned();
        hash.truncate(6);
        let length = describe_length(bytes.len());
        match (self, png::stated_size(bytes)) {
            (Self::Damaged(_), _) => format!("damaged base64 {length} {hash}…"),
            (Self::Image(_), Some(PngSize { width, height })) => {
                format!("{width}×{height} PNG {length} {hash}…")
            }
            (Self::Image(_), None) => format!("not a PNG {length} {hash}…"),
        }
    }
}

fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut hex, byte| {
        for digit in [byte >> 4, byte & 15] {
            hex.extend(char::from_digit(u32::from(digit), 16));
        }
        hex
    })
}

fn describe_length(bytes: usize) -> String {
    if bytes < 1000 {
        format!("{bytes} B")
    } else {
        // Tenths of a kilobyte, rounded; integers, so the same on all machines.
        let tenths = (bytes + 50) / 100;
        format!("{}.{} KB", tenths / 10, tenths % 10)
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut stripped: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                stripped.push(u8::try_from(high * 16 + low).ok()?);
            }
            byte => stripped.push(byte),
        }
    }
    stripped.retain(|b| !b.is_ascii_whitespace());
    if stripped.is_empty() {
        return None;
    }
    LENIENT.decode(&stripped).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn neutral() -> Vec<u8> {
        include_bytes!("neutral.png").to_vec()
    }

    fn refusal(bytes: Vec<u8>) -> String {
        Icon::from_png(bytes).map_or_else(|e| e.to_string(), |(_, s)| format!("{s:?}"))
    }

    #[test]
    fn our_own_neutral_icon_is_a_whole_48_pixel_png() {
        assert_eq!(refusal(neutral()), "PngSize { width: 48, height: 48 }");
    }

    #[test]
    fn every_cut_of_a_png_is_refused() {
        let whole = neutral();
        for length in 0..whole.len() {
            assert!(
                Icon::from_png(whole[..length].to_vec()).is_err(),
                "cut at {length}"
            );
        }
    }

    #[test]
    fn every_flipped_byte_is_refused() {
        let whole = neutral();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x40;
            assert!(Icon::from_png(damaged).is_err(), "flipped at {at}");
        }
    }

    #[test]
    fn what_follows_the_image_is_refused() {
        let mut bytes = neutral();
        bytes.extend_from_slice(b"<?php");
        assert_eq!(refusal(bytes), "has 5 bytes after the end of the image");
    }

    /// The decoder takes a palette for whole colours, and panics where one is
    /// cut.
    #[test]
    fn a_palette_is_of_whole_colours() {
        let chunk = |kind: &[u8; 4], body: &[u8]| {
            let length = u32::try_from(body.len()).unwrap().to_be_bytes();
            let named = [&kind[..], body].concat();
            let crc = crc32fast::hash(&named).to_be_bytes();
            [&length[..], &named, &crc].concat()
        };
        // One pixel, which is the first colour of the palette.
        let header = [0, 0, 0, 1, 0, 0, 0, 1, 8, 3, 0, 0, 0];
        let pixels = [
            0x78, 0x01, 0x01, 2, 0, 0xfd, 0xff, 0, 0, 0x00, 0x02, 0x00, 0x01,
        ];
        let of_palette = |length: usize| {
            let signature = b"\x89PNG\r\n\x1a\n".to_vec();
            let palette = chunk(b"PLTE", &vec![7; length]);
            let parts = [
                signature,
                chunk(b"IHDR", &header),
                palette,
                chunk(b"IDAT", &pixels),
                chunk(b"IEND", &[]),
            ];
            refusal(parts.concat())
        };
        for length in [3, 6, 768] {
            assert_eq!(of_palette(length), "PngSize { width: 1, height: 1 }");
        }
        for length in [0, 1, 4, 49, 767, 769, 771] {
            let expect = format!(
                "has a palette of {length} bytes, three for each of 1 to 256 colours are accepted"
            );
            assert_eq!(of_palette(length), expect);
        }
    }

    #[test]
    fn spellings_of_one_icon_are_equal() {
        let plain = Icon::Image(neutral().into()).to_base64();
        let wrapped = plain
            .as_bytes()
            .chunks(60)
            .map(|c| String::from_utf8_lossy(c).into_owned())
            .collect::<Vec<_>>()
            .join("\n ");
        let upper = plain
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D");
        let lower = plain
            .replace('+', "%2b")
            .replace('/', "%2f")
            .replace('=', "%3d");
        let bare = plain.trim_end_matches('=').to_owned();
        for text in [wrapped, upper, lower, bare] {
            assert_eq!(Icon::from_disk(&text), Icon::from_disk(&plain));
            assert_eq!(Icon::from_base64(&text).unwrap().0.to_base64(), plain);
        }
    }

    #[test]
    fn text_that_is_no_base64_is_refused_and_kept_as_it_is() {
        for text in ["", "   ", "a%2", "a%zz=", "ab-_", "====", "aaa=a"] {
            assert_eq!(Icon::from_base64(text), Err(None), "{text:?}");
            assert_eq!(Icon::from_disk(text), Icon::Damaged(text.to_owned()));
        }
    }

    #[test]
    fn a_plus_read_as_a_space_is_found() {
        let plain = Icon::Image(neutral().into()).to_base64();
        assert!(plain.contains('+'), "the fixture must hold a plus");
        assert!(Icon::from_base64(&plain.replace('+', " ")).is_err());
    }
}
