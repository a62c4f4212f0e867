//! An account's file of the server (`/var/cpanel/users/U`): `KEY=value`
//! lines, of which only the owner is read. It is never written.

use crate::model::Reseller;

/// The key of the line that names the owner.
const OWNER: &[u8] = b"OWNER=";

/// Whose account it is. `None` where no line says it, two say different
/// things, or it is no name.
pub fn reseller(bytes: &[u8]) -> Option<Reseller> {
    let mut values = bytes
        .split(|b| *b == b'\n')
        .filter_map(|line| line.strip_prefix(OWNER));
    let first = values.next()?;
    if values.any(|other| other != first) {
        return None;
    }
    Reseller::parse(std::str::from_utf8(first).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_one_line_that_holds_a_name() {
        for (text, expect) in [
            ("DNS=a.example\nOWNER=alice\nRS=jupiter\n", Some("alice")),
            ("OWNER=root", Some("root")),
            ("OWNER=alice\nOWNER=alice\n", Some("alice")),
            ("OWNER=alice\nOWNER=bob\n", None),
            ("", None),
            ("XOWNER=alice\n OWNER=alice\nowner=alice\n", None),
            ("OWNER=\n", None),
            ("OWNER=a b\n", None),
            ("OWNER=../x\n", None),
            ("OWNER=alice\r\n", None),
            ("OWNER=nobody\n", None),
        ] {
            let found = reseller(text.as_bytes());
            assert_eq!(found.as_ref().map(Reseller::as_str), expect, "{text:?}");
        }
        assert_eq!(reseller(b"OWNER=\xff\xfe\n"), None);
    }
}
