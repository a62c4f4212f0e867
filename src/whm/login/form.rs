//! What one try posts: the fields, and the bytes they become.

use crate::model::{FormFields, FormShape, FormValue, Icon, Secret};
use std::collections::BTreeMap;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

/// Where a field comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The userconfig, which the customer may read too.
    Link,
    /// The adminconfig: a secret.
    Admin,
    /// The handshake itself.
    Attempt,
}

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// What is sent.
    pub value: FormValue,
    /// Where it comes from.
    pub origin: Origin,
}

/// Keys of a userconfig whose values are shown wherever links are.
const HARMLESS: [&str; 8] = [
    "app",
    "group_id",
    "hide",
    "implements",
    "label",
    "order",
    "subscriber_unique_id",
    "user",
];

/// How much of a field may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disclosure<'a> {
    /// Nothing, not even how long it is.
    Nothing,
    /// Only its length in bytes: nobody knows what the key means.
    Length(usize),
    /// A URL, without its secret parts.
    Url(&'a str),
    /// An image.
    Icon(Icon),
    /// All of it.
    Text(&'a str),
}

impl FormField {
    /// How much of it may be shown, as the field of this name.
    pub fn disclosure(&self, name: &str) -> Disclosure<'_> {
        let text = self.value.text.expose();
        match (self.origin, name) {
            // An empty text is no secret, and what one looks for.
            (Origin::Admin, _) if !text.is_empty() => Disclosure::Nothing,
            (Origin::Link, "url") => Disclosure::Url(text),
            (Origin::Link, "base64_png_image") => Disclosure::Icon(Icon::from_disk(text)),
            (Origin::Link, name) if !HARMLESS.contains(&name) => Disclosure::Length(text.len()),
            (Origin::Link | Origin::Admin | Origin::Attempt, _) => Disclosure::Text(text),
        }
    }
}

/// What a form carries as the link's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenSent {
    /// A token.
    Token,
    /// An empty text: the adminconfig says that there is none.
    Empty,
    /// Nothing: the adminconfig does not speak of one.
    Nothing,
}

/// What one try posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    fields: BTreeMap<String, FormField>,
}

impl Form {
    /// Puts together what is sent: the link's keys, over them those of the
    /// adminconfig, over all the number of the try.
    pub(super) fn new(link: &FormFields, admin: FormFields, attempt: u8) -> Self {
        let of = |origin| move |(name, value)| (name, FormField { value, origin });
        let link = link.clone().into_iter().map(of(Origin::Link));
        let mut fields: BTreeMap<_, _> = link.collect();
        fields.extend(admin.into_iter().map(of(Origin::Admin)));
        let number = FormValue {
            text: Secret::new(attempt.to_string()),
            shape: FormShape::Plain,
        };
        fields.extend([of(Origin::Attempt)(("attempt".to_owned(), number))]);
        Self { fields }
    }

    /// The fields by name, in the order in which they are sent.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &FormField)> {
        self.fields
            .iter()
            .map(|(name, field)| (name.as_str(), field))
    }

    /// The names of fields that a form cannot carry as what they are.
    pub fn nested(&self) -> impl Iterator<Item = &str> {
        let is_nested = |field: &FormField| field.value.shape == FormShape::Nested;
        self.fields()
            .filter(move |(_, field)| is_nested(field))
            .map(|(name, _)| name)
    }

    /// What it carries as the token, which only the adminconfig can hold.
    pub fn token(&self) -> TokenSent {
        let token = self.fields.get("token");
        let token = token.filter(|field| field.origin == Origin::Admin);
        match token.map(|field| field.value.text.expose()) {
            None => TokenSent::Nothing,
            Some("") => TokenSent::Empty,
            Some(_) => TokenSent::Token,
        }
    }

    /// The secrets in it.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let admin = self.fields().filter(|(_, f)| f.origin == Origin::Admin);
        admin.map(|(_, field)| &field.value.text)
    }

    /// The bytes that are posted, form-encoded. They are wiped when they are
    /// dropped, and were never moved: they are counted before they are written.
    pub fn body(&self) -> Zeroizing<Vec<u8>> {
        let length = self.pieces().map(str::len).sum();
        let mut body = Zeroizing::new(Vec::with_capacity(length));
        for piece in self.pieces() {
            body.extend_from_slice(piece.as_bytes());
        }
        body
    }

    fn pieces(&self) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .enumerate()
            .flat_map(|(n, (name, field))| {
                let separator = if n == 0 { "" } else { "&" };
                std::iter::once(separator)
                    .chain(byte_serialize(name.as_bytes()))
                    .chain(std::iter::once("="))
                    .chain(byte_serialize(field.value.text.expose().as_bytes()))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> FormFields {
        let value = |text: &str| FormValue {
            text: Secret::new(text.to_owned()),
            shape: FormShape::Plain,
        };
        let pairs = pairs.iter();
        pairs.map(|(k, v)| ((*k).to_owned(), value(v))).collect()
    }

    #[test]
    fn the_adminconfig_wins_over_the_link_and_the_try_over_both() {
        let link = fields(&[("attempt", "9"), ("label", "a b"), ("token", "old")]);
        let admin = fields(&[("attempt", "8"), ("token", "new+&=%ü")]);
        let form = Form::new(&link, admin, 2);
        let body = form.body();
        assert_eq!(
            std::str::from_utf8(&body).unwrap(),
            "attempt=2&label=a+b&token=new%2B%26%3D%25%C3%BC"
        );
        // Nothing was moved while it was written.
        assert_eq!(body.capacity(), body.len());
        let read: Vec<_> = url::form_urlencoded::parse(&body).collect();
        assert_eq!(read[2], ("token".into(), "new+&=%ü".into()));
    }

    #[test]
    fn what_is_not_known_to_be_harmless_is_not_shown() {
        let link = fields(&[
            ("label", "Shop"),
            ("url", "https://a.example/"),
            ("note", "canary"),
        ]);
        let form = Form::new(
            &link,
            fields(&[("token", "canary"), ("label2", "canary")]),
            1,
        );
        let shown: Vec<_> = form
            .fields()
            .map(|(name, field)| (name, field.disclosure(name)))
            .collect();
        assert_eq!(
            shown,
            [
                ("attempt", Disclosure::Text("1")),
                ("label", Disclosure::Text("Shop")),
                ("label2", Disclosure::Nothing),
                ("note", Disclosure::Length(6)),
                ("token", Disclosure::Nothing),
                ("url", Disclosure::Url("https://a.example/")),
            ]
        );
        // What is empty has nothing to hide.
        let form = Form::new(&FormFields::new(), fields(&[("token", "")]), 1);
        let (name, field) = form.fields().last().unwrap();
        assert_eq!(field.disclosure(name), Disclosure::Text(""));
        // An adminconfig may hold any name.
        let form = Form::new(&FormFields::new(), fields(&[("url", "canary")]), 1);
        let (name, field) = form.fields().last().unwrap();
        assert_eq!(field.disclosure(name), Disclosure::Nothing);
    }
    #[test]
    fn only_an_adminconfig_holds_a_token() {
        for (link, admin, expect) in [
            (&[][..], &[("token", "canary")][..], TokenSent::Token),
            (&[], &[("token", "")], TokenSent::Empty),
            (&[("token", "old")], &[("token", "")], TokenSent::Empty),
            (&[("token", "old")], &[("other", "x")], TokenSent::Nothing),
        ] {
            let form = Form::new(&fields(link), fields(admin), 1);
            assert_eq!(form.token(), expect, "{link:?} {admin:?}");
        }
    }
}
