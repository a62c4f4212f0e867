//! Whether bytes are a real still PNG: whole, undamaged, of a sane size.
//! The panel checks only the type, so a damaged icon would reach customers.
//! Not for drawing: pixels are decoded row by row and thrown away.

use std::io::Cursor;
use thiserror::Error;

/// Largest icon accepted, in bytes of PNG.
pub const MAX_ICON_BYTES: usize = 1024 * 1024;
/// Largest icon accepted, in pixels a side.
pub const MAX_ICON_SIDE: u32 = 1024;
/// Largest chunk beside the pixels, in bytes: a page of text in a comment can
/// inflate to hundreds of megabytes in whatever shows the icon.
const MAX_SIDE_CHUNK: usize = 64 * 1024;
/// What the decoder may allocate; a row of the widest icon is far below it.
const DECODER_MEMORY: usize = 4 * 1024 * 1024;

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PngSize {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// Why bytes are not an icon.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PngError {
    /// No bytes at all.
    #[error("is empty")]
    Empty,
    /// Over [`MAX_ICON_BYTES`].
    #[error("is {0} bytes, the limit is {MAX_ICON_BYTES}")]
    TooLarge(usize),
    /// Another format.
    #[error("is not a PNG (its first bytes are not a PNG's)")]
    Signature,
    /// Cut off inside a chunk, or no `IEND`.
    #[error("is cut off after {0} bytes")]
    Truncated(usize),
    /// A chunk whose checksum does not match.
    #[error("is damaged: the {0} chunk fails its checksum")]
    Crc(String),
    /// Something follows the end of the image.
    #[error("has {0} bytes after the end of the image")]
    Trailing(usize),
    /// An animation.
    #[error("is an animated PNG, icons stand still")]
    Animated,
    /// Much beside the pixels, such as a comment or a colour profile.
    #[error("has a {0} chunk of more than {MAX_SIDE_CHUNK} bytes")]
    SideChunk(String),
    /// More pixels than its size has room for.
    #[error("holds more pixels than its size says")]
    Excess,
    /// Over [`MAX_ICON_SIDE`], or without a side.
    #[error("is {}×{} pixels, sides of 1 to {MAX_ICON_SIDE} are accepted", .0.width, .0.height)]
    Dimensions(PngSize),
    /// The palette is no list of colours; its length in bytes.
    #[error("has a palette of {0} bytes, three for each of 1 to 256 colours are accepted")]
    Palette(usize),
    /// The chunks are whole but the pixels are not.
    #[error("does not decode: {0}")]
    Pixels(String),
}

/// Longest palette, in bytes.
const MAX_PALETTE: usize = 3 * 256;

/// The size a PNG's header states, without looking further.
pub(super) fn stated_size(bytes: &[u8]) -> Option<PngSize> {
    let rest = bytes.strip_prefix(SIGNATURE)?;
    let header = rest.get(4..16)?;
    let header = header.strip_prefix(b"IHDR")?;
    let (width, height) = header.split_first_chunk::<4>()?;
    Some(PngSize {
        width: u32::from_be_bytes(*width),
        height: u32::from_be_bytes(*height.first_chunk::<4>()?),
    })
}

/// Checks everything: signature, the checksum of every chunk, the end, the
/// size, and that every row decodes. Memory stays below a few megabytes
/// whatever the bytes claim.
///
/// # Errors
/// The first thing that is wrong.
pub(super) fn check(bytes: &[u8]) -> Result<PngSize, PngError> {
    if bytes.is_empty() {
        return Err(PngError::Empty);
    }
    if bytes.len() > MAX_ICON_BYTES {
        return Err(PngError::TooLarge(bytes.len()));
    }
    check_chunks(bytes)?;
    let size = stated_size(bytes).ok_or(PngError::Signature)?;
    let sides = 1..=MAX_ICON_SIDE;
    if !sides.contains(&size.width) || !sides.contains(&size.height) {
        return Err(PngError::Dimensions(size));
    }
    decode(bytes).map_err(|error| PngError::Pixels(error.to_string()))?;
    check_excess(bytes, size)?;
    Ok(size)
}

/// The decoder stops behind the last row, whatever follows it. So the same
/// pixels under a header of one row more must not decode.
fn check_excess(bytes: &[u8], size: PngSize) -> Result<(), PngError> {
    let mut taller = bytes.to_vec();
    if let Some(height) = taller.get_mut(20..24) {
        height.copy_from_slice(&(size.height + 1).to_be_bytes());
    }
    let crc = taller.get(12..29).map(crc32fast::hash).unwrap_or_default();
    if let Some(checksum) = taller.get_mut(29..33) {
        checksum.copy_from_slice(&crc.to_be_bytes());
    }
    match decode(&taller) {
        Ok(()) => Err(PngError::Excess),
        Err(_) => Ok(()),
    }
}

fn check_chunks(bytes: &[u8]) -> Result<(), PngError> {
    let mut rest = bytes.strip_prefix(SIGNATURE).ok_or(PngError::Signature)?;
    loop {
        let truncated = PngError::Truncated(bytes.len());
        let (length, tail) = rest.split_first_chunk::<4>().ok_or(truncated.clone())?;
        let length = u32::from_be_bytes(*length) as usize;
        let body = tail
            .get(..length.saturating_add(4))
            .ok_or(truncated.clone())?;
        let (crc, after) = tail
            .get(body.len()..)
            .and_then(<[u8]>::split_first_chunk::<4>)
            .ok_or(truncated)?;
        let kind = body.get(..4).unwrap_or(body);
        if crc32fast::hash(body) != u32::from_be_bytes(*crc) {
            return Err(PngError::Crc(kind.escape_ascii().to_string()));
        }
        let is_pixels = kind == b"IDAT";
        if !is_pixels && length > MAX_SIDE_CHUNK {
            return Err(PngError::SideChunk(kind.escape_ascii().to_string()));
        }
        match kind {
            b"acTL" => return Err(PngError::Animated),
            // The decoder trusts it to be whole.
            b"PLTE" if length == 0 || !length.is_multiple_of(3) || length > MAX_PALETTE => {
                return Err(PngError::Palette(length));
            }
            b"IEND" if after.is_empty() => return Ok(()),
            b"IEND" => return Err(PngError::Trailing(after.len())),
            _ => rest = after,
        }
    }
}

/// Decodes every row.
fn decode(bytes: &[u8]) -> Result<(), png::DecodingError> {
    let limits = png::Limits {
        bytes: DECODER_MEMORY,
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    // Looks at the palette too, which browsers need.
    decoder.set_transformations(png::Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info()?;
    while reader.next_row()?.is_some() {}
    reader.finish()
}
