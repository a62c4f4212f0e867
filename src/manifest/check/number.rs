//! Numbers that are written as text: plain decimals in their range, so that
//! no reader takes them for octal, hexadecimal or a time of day.

use super::super::problem::show;
use super::Breach;
use crate::plan::Percent;

fn decimal(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (digits == "0" && digits == text || !digits.starts_with('0'));
    if is_plain { text.parse().ok() } else { None }
}

fn order(text: &str, range: std::ops::RangeInclusive<i64>) -> Result<i64, Breach> {
    decimal(text).filter(|n| range.contains(n)).ok_or_else(|| {
        let (least, most) = (range.start(), range.end());
        let message = format!(
            "the order {} is not a plain integer from {least} to {most}",
            show(text)
        );
        Breach::error("order", message)
    })
}

/// A link's `order`.
pub(in super::super) fn link_order(text: &str) -> Result<(i64, Option<Breach>), Breach> {
    let order = order(text, -99_999..=99_999)?;
    let zero = (order == 0).then(|| {
        Breach::warning(
            "order-zero",
            "the panel takes the order 0 for \"not given\" and shows the link last",
        )
    });
    Ok((order, zero))
}

/// A group's `order`.
pub(in super::super) fn group_order(text: &str) -> Result<i64, Breach> {
    order(text, 1..=99_999)
}

/// A share, such as `20%`.
pub(in super::super) fn percent(text: &str) -> Result<Percent, Breach> {
    let digits = text
        .strip_suffix('%')
        .map(|t| t.strip_suffix(' ').unwrap_or(t));
    digits
        .and_then(decimal)
        .and_then(|n| u8::try_from(n).ok())
        .filter(|n| *n <= 100)
        .map(Percent)
        .ok_or_else(|| {
            Breach::error(
                "guard",
                format!("{} is not a share from 0% to 100%", show(text)),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_decimals_in_range_are_orders() {
        for text in [
            "1:30",
            "017",
            "0o17",
            "0x1F",
            "NaN",
            ".inf",
            "9223372036854775808",
            "1.5",
            "",
            "-",
            "+1",
            "-0",
            "1_000",
            " 1",
            "100000",
            "-100000",
            "1e3",
            "٣",
        ] {
            assert!(link_order(text).is_err(), "{text:?}");
        }
        for (text, value) in [
            ("0", 0),
            ("10", 10),
            ("-1", -1),
            ("99999", 99_999),
            ("-99999", -99_999),
        ] {
            assert_eq!(link_order(text).unwrap().0, value);
        }
        assert!(link_order("0").unwrap().1.is_some());
        assert!(group_order("0").is_err());
        assert_eq!(group_order("1"), Ok(1));
    }

    #[test]
    fn shares_are_whole_percents() {
        assert_eq!(percent("20%"), Ok(Percent(20)));
        assert_eq!(percent("20 %"), Ok(Percent(20)));
        for text in ["20", "101%", "-1%", "1.5%", "%", "020%"] {
            assert!(percent(text).is_err(), "{text:?}");
        }
    }
}
