//! PNGs made for the tests, whole and broken in one way each.

use std::io::Write as _;

/// A grey square or stripe, whole.
pub(super) fn whole(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    let row = vec![0x80; width as usize];
    let mut stream = writer.stream_writer().unwrap();
    for _ in 0..height {
        stream.write_all(&row).unwrap();
    }
    stream.finish().unwrap();
    writer.finish().unwrap();
    bytes
}

/// The chunks of a PNG: kind and content.
pub(super) fn chunks(png: &[u8]) -> Vec<([u8; 4], Vec<u8>)> {
    let mut rest = &png[8..];
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        let kind = rest[4..8].try_into().unwrap();
        chunks.push((kind, rest[8..8 + length].to_vec()));
        rest = &rest[12 + length..];
    }
    chunks
}

/// A PNG of chunks, each with a checksum that is right.
pub(super) fn assembled(chunks: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in chunks {
        let length = u32::try_from(content.len()).unwrap();
        png.extend(length.to_be_bytes());
        let body = [&kind[..], content].concat();
        png.extend(&body);
        png.extend(crc32fast::hash(&body).to_be_bytes());
    }
    png
}

/// A PNG whose header says something else than its pixels.
pub(super) fn with_size(png: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut chunks = chunks(png);
    let header = &mut chunks[0].1;
    header[..4].copy_from_slice(&width.to_be_bytes());
    header[4..8].copy_from_slice(&height.to_be_bytes());
    assembled(&chunks)
}

/// A PNG with one more chunk behind its header.
pub(super) fn with_chunk(png: &[u8], kind: [u8; 4], content: Vec<u8>) -> Vec<u8> {
    let mut chunks = chunks(png);
    chunks.insert(1, (kind, content));
    assembled(&chunks)
}

/// The compressed pixels of a PNG.
pub(super) fn compressed(png: &[u8]) -> Vec<u8> {
    let is_pixels = |(kind, _): &([u8; 4], Vec<u8>)| kind == b"IDAT";
    let pixels = chunks(png).into_iter().filter(is_pixels);
    pixels.flat_map(|(_, content)| content).collect()
}
