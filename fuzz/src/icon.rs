//! An icon, as bytes and as base64. An icon that is accepted is a still PNG
//! of an allowed size from its first byte to its last, and its bytes come back
//! from what is written.

use cplinks::manifest::FieldRules;
use cplinks::model::{Icon, MAX_ICON_BYTES, MAX_ICON_SIDE};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const END: &[u8] = b"\0\0\0\0IEND\xaeB`\x82";

/// Checks the bytes as they are, with right check sums, and as base64.
pub fn check(data: &[u8]) {
    image(data);
    // A check sum is not guessed: without this, hardly a chunk is looked into.
    image(&with_right_sums(data));
    let text = String::from_utf8_lossy(data);
    let lenient = Icon::from_disk(&text);
    let written = lenient.to_base64();
    assert_eq!(written, lenient.base64());
    assert_eq!(
        Icon::from_disk(&written),
        lenient,
        "it is read back as another"
    );
    assert!(!lenient.describe().chars().any(char::is_control));
    let strict = FieldRules::icon(&text);
    if let Ok((icon, _)) = Icon::from_base64(&text) {
        assert_eq!(icon, lenient, "two readers, two icons");
        let (accepted, _) = strict.expect("an icon that is whole keeps the rules");
        assert_eq!(accepted, icon);
    } else {
        assert!(strict.is_err());
    }
}

fn image(bytes: &[u8]) {
    let Ok((icon, size)) = Icon::from_png(bytes.to_vec()) else {
        return;
    };
    assert!(bytes.len() <= MAX_ICON_BYTES);
    assert!(bytes.starts_with(SIGNATURE) && bytes.ends_with(END));
    for side in [size.width, size.height] {
        assert!((1..=MAX_ICON_SIDE).contains(&side), "{size:?}");
    }
    assert!(icon.is(bytes));
    let text = icon.to_base64();
    assert_eq!(Icon::from_disk(&text), icon);
    let (again, _) = Icon::from_base64(&text).expect("what is written is accepted");
    assert_eq!(again, icon);
}

/// The same chunks, each with the check sum that it should have.
fn with_right_sums(data: &[u8]) -> Vec<u8> {
    let mut bytes = data.to_vec();
    let mut at = SIGNATURE.len();
    while let Some(length) = bytes.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().expect("four bytes"));
        let Ok(length) = usize::try_from(length) else {
            break;
        };
        let sum = at + 8 + length;
        let Some(chunk) = bytes.get(at + 4..sum) else {
            break;
        };
        let right = crc32fast::hash(chunk).to_be_bytes();
        let Some(place) = bytes.get_mut(sum..sum + 4) else {
            break;
        };
        place.copy_from_slice(&right);
        at = sum + 4;
    }
    bytes
}
