//! URLs with what looks like a secret taken out: user-info and the values of
//! parameters with a telling name. It works on the text as it is written,
//! since what lies on a disk need be no URL. Tokens are not its business:
//! those are kept out by their type, never searched for.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// What stands in place of a secret.
const MASK: &str = "***";

/// Words in a parameter's name that tell of a secret, one by one.
const WORDS: [&str; 23] = [
    "token",
    "key",
    "secret",
    "sig",
    "signature",
    "password",
    "passwd",
    "pwd",
    "pass",
    "auth",
    "authorization",
    "apikey",
    "jwt",
    "credential",
    "bearer",
    "hmac",
    "otp",
    "session",
    "sid",
    "ticket",
    "assertion",
    "sso",
    "cookie",
];

/// Endings that tell even without a separator: `accesstoken`.
const ENDINGS: [&str; 12] = [
    "token",
    "secret",
    "password",
    "passwd",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "signature",
    "phrase",
    "sessid",
    "samlresponse",
];

/// How often a text may be percent-encoded over and over.
const DECODINGS: usize = 3;

/// A URL as it may be shown.
pub fn masked(url: &str) -> Cow<'_, str> {
    let (authority_done, rest) = mask_user_info(url);
    let Some(start) = rest.find(['?', '#', ';']) else {
        return match authority_done {
            Some(front) => Cow::Owned(front + rest),
            None => Cow::Borrowed(url),
        };
    };
    let (path, parameters) = rest.split_at(start);
    let mut out = authority_done.unwrap_or_default();
    out.push_str(path);
    for parameter in parameters.split_inclusive(['#', '&']) {
        mask_parameter(parameter, &mut out);
    }
    if out == url {
        Cow::Borrowed(url)
    } else {
        Cow::Owned(out)
    }
}

/// Masks what stands before an `@` in the authority. Returns the text up to
/// the `@` if there was any, and what follows.
fn mask_user_info(url: &str) -> (Option<String>, &str) {
    let Some((front, authority, _)) = split_authority(url) else {
        return (None, url);
    };
    // The last `@` counts.
    let Some(at) = authority.rfind('@') else {
        return (None, url);
    };
    let (_, rest) = url.split_at(front.len() + at);
    (Some(format!("{front}{MASK}")), rest)
}

/// The host as it is written, without user-info and port.
pub fn written_host(url: &str) -> Option<&str> {
    let (_, authority, _) = split_authority(url)?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, h)| h);
    let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit());
    match host.rsplit_once(':') {
        Some((name, port)) if is_port(port) => Some(name),
        _ => Some(host),
    }
}

/// Cuts a URL into what stands before its authority, the authority, and the
/// rest. As browsers do, any number of slashes of either kind opens one, and
/// white space among them is skipped.
fn split_authority(url: &str) -> Option<(&str, &str, &str)> {
    let is_slash = |c: char| matches!(c, '/' | '\\' | '\t' | '\n' | '\r');
    let after_scheme = url.split_once(':').map_or(url, |(scheme, rest)| {
        let is_scheme = !scheme.contains(['/', '\\', '?', '#']);
        if is_scheme { rest } else { url }
    });
    let opened = after_scheme.trim_start_matches(is_slash);
    if opened.len() == after_scheme.len() {
        return None;
    }
    let end = opened.find(['/', '\\', '?', '#']).unwrap_or(opened.len());
    let (front, _) = url.split_at(url.len() - opened.len());
    let (authority, rest) = opened.split_at(end);
    Some((front, authority, rest))
}

/// Masks one parameter with the `#` or `&` that ends it. `?` and `;` may end a
/// parameter or stand in a value, so both are tried, and what is masked is
/// masked to the end.
fn mask_parameter(parameter: &str, out: &mut String) {
    let body = parameter.trim_end_matches(['#', '&']);
    let (_, ending) = parameter.split_at(body.len());
    for piece in body.split_inclusive(['?', ';']) {
        match piece.split_once('=') {
            Some((name, value)) if !value.is_empty() && (is_telling(name) || holds_one(value)) => {
                out.push_str(name);
                out.push('=');
                out.push_str(MASK);
                break;
            }
            _ => out.push_str(piece),
        }
    }
    out.push_str(ending);
}

/// A text without its percent-escapes, however often they were laid on.
fn decoded(text: &str) -> String {
    (0..DECODINGS).fold(text.to_owned(), |text, _| {
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    })
}

/// Whether a value is a URL that has a secret of its own.
fn holds_one(value: &str) -> bool {
    let value = decoded(value);
    value.contains(['?', '&', '#', ';']) && value.contains('=') && masked(&value) != value
}

/// Whether a parameter's name looks like that of a secret: any of its words,
/// split at signs and at capitals, without a number or a plural at the end; or
/// the ending of the whole.
fn is_telling(name: &str) -> bool {
    let name = decoded(name);
    let bare = |word: &str| {
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let word = word.to_ascii_lowercase();
        word.strip_suffix('s').map_or(word.clone(), str::to_owned)
    };
    let is_word = |word: &str| {
        let bare = bare(word);
        let lower = word.to_ascii_lowercase();
        WORDS.contains(&bare.as_str())
            || WORDS.contains(&lower.as_str())
            || ENDINGS.iter().any(|ending| bare.ends_with(ending))
    };
    name.split(|c: char| !c.is_alphanumeric())
        .any(|part| is_word(part) || camel_words(part).any(is_word))
}

/// `accessToken` as `access` and `Token`.
fn camel_words(part: &str) -> impl Iterator<Item = &str> {
    let mut starts: Vec<usize> = part
        .char_indices()
        .filter(|(_, c)| c.is_ascii_uppercase())
        .map(|(at, _)| at)
        .collect();
    starts.insert(0, 0);
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([part.len()]).collect();
    starts
        .into_iter()
        .zip(ends)
        .filter_map(|(start, end)| part.get(start..end))
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expect: &str) {
        assert_eq!(masked(url), expect, "{url:?}");
    }

    #[test]
    fn no_common_name_of_a_secret_is_missed() {
        for name in [
            "access_key_id",
            "api-key-v2",
            "apiKey1",
            "keys[]",
            "key[0]",
            "token2",
            "tokens",
            "accesskey",
            "privatekey",
            "passphrase",
            "bearer",
            "hmac",
            "otp",
            "id_token_hint",
            "session",
            "PHPSESSID",
            "ticket",
            "SAMLResponse",
            "tok%2565n",
            "authCode",
            "sso",
        ] {
            let url = format!("https://a.example/?{name}=S3&x=1");
            assert_eq!(masked(&url), format!("https://a.example/?{name}=***&x=1"));
        }
        check(
            "https://a.example/?next=https%3A%2F%2Fx%2F%3Ftoken%3DS3",
            "https://a.example/?next=***",
        );
        check(
            "https://a.example/x;token=S3",
            "https://a.example/x;token=***",
        );
        for url in [
            "https://a.example/?keyword=x&author=y&user=z",
            "https://a.example/?page=https%3A%2F%2Fx%2F%3Fa%3D1",
        ] {
            check(url, url);
        }
    }

    #[test]
    fn values_of_parameters_with_a_telling_name_are_masked() {
        check(
            "https://a.example/?token=abc&b=1",
            "https://a.example/?token=***&b=1",
        );
        check(
            "https://a.example/?a=1;sig=y&Api_Key=x#z",
            "https://a.example/?a=1;sig=***&Api_Key=***#z",
        );
        check(
            "/x?sso_token=1&x-api-key=2&accessToken=3",
            "/x?sso_token=***&x-api-key=***&accessToken=***",
        );
        check(
            "https://a.example/#access_token=abc",
            "https://a.example/#access_token=***",
        );
        check(
            "https://a.example/?to%6ben=abc",
            "https://a.example/?to%6ben=***",
        );
        check(
            "https://a.example/?x[token]=abc==",
            "https://a.example/?x[token]=***",
        );
        check("?token=abc=def;x?y", "?token=***");
        check("/#/route?token=a&b=c", "/#/route?token=***&b=c");
    }

    #[test]
    fn other_parameters_and_texts_stay_as_they_are() {
        for text in [
            "https://a.example/account?user=alice&monkey=1&keyboard=2&design=3",
            "https://a.example/token=abc",
            "https://a.example/?token=",
            "https://a.example/@alice?next=a@b",
            "mailto:a@b.example",
            "not a URL",
            "",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn user_info_is_masked_as_browsers_read_it() {
        check("https://u:p@a.example/x", "https://***@a.example/x");
        check("https://u@p@a.example", "https://***@a.example");
        check(r"https:\\u:p@a.example", r"https:\\***@a.example");
        check("//u:p@a.example/?key=1", "//***@a.example/?key=***");
        assert_eq!(written_host("https://u:p@[::1]:80/"), Some("[::1]"));
        assert_eq!(written_host("https://a.example:80"), Some("a.example"));
        check("https:/\tu:p@a.example", "https:/\t***@a.example");
    }
}
