//! Every row of the table of the module's page.

use super::*;
use crate::model::FormShape;
use crate::whm::login::Media;

fn fields(pairs: &[(&str, &str)]) -> FormFields {
    let value = |text: &str| FormValue {
        text: Secret::new(text.to_owned()),
        shape: FormShape::Plain,
    };
    let pairs = pairs.iter();
    pairs.map(|(k, v)| ((*k).to_owned(), value(v))).collect()
}

/// What comes of one try.
#[derive(Clone, Copy)]
enum Comes {
    NoAdmin,
    NoAnswer,
    Status(u16),
    Body(&'static str),
}
use Comes::{Body, NoAdmin, NoAnswer, Status};

const LINK: &[(&str, &str)] = &[
    ("autologin_token_url", "https://sso.example/"),
    ("label", "Shop"),
];
const URL: (&str, &str) = ("url", "https://shop.example/");

fn reply(status: u16, body: &str) -> Reply {
    Reply {
        status,
        media: Media::Json,
        body: Ok(Zeroizing::new(body.as_bytes().to_owned())),
    }
}

/// Goes through all steps and writes them down.
fn story(userconfig: Result<FormFields, String>, tries: &[Comes]) -> String {
    let mut told = Vec::new();
    let mut step = begin(userconfig);
    let mut tries = tries.iter();
    loop {
        step = match step {
            Step::Read(reading) => {
                told.push(format!("read {}", reading.number()));
                let comes = tries.next().expect("no more tries than are told of");
                let admin = match comes {
                    NoAdmin => Err("is missing".to_owned()),
                    NoAnswer | Status(_) | Body(_) => Ok(fields(&[("token", "canary")])),
                };
                match (reading.read(admin), comes) {
                    (Step::Post(posting), NoAnswer) => {
                        told.push(format!("post {}", posting.number()));
                        posting.answered(Err(CallFailure::NoAnswer {
                            why: "refused".to_owned(),
                            hint: None,
                        }))
                    }
                    (Step::Post(posting), Status(status)) => {
                        told.push(format!("post {}", posting.number()));
                        let body = "{\"redirect_url\":\"https://in.example/\"}";
                        posting.answered(Ok(reply(*status, body)))
                    }
                    (Step::Post(posting), Body(body)) => {
                        told.push(format!("post {}", posting.number()));
                        posting.answered(Ok(reply(200, body)))
                    }
                    (step, _) => step,
                }
            }
            Step::Post(_) => unreachable_step(),
            Step::Wait(waiting) => {
                told.push(format!("wait {}", waiting.duration().as_secs()));
                waiting.over()
            }
            Step::End(ending) => {
                assert_eq!(tries.next().map(|_| ()), None, "a try was not made");
                let at = |destination: &Destination| match destination {
                    Destination::Url(_) => destination.masked().unwrap().into_owned(),
                    Destination::Echo => "hidden".to_owned(),
                    Destination::NoUrl(kind) => kind.name().to_owned(),
                };
                told.push(match &ending {
                    Ending::LoggedIn(destination) => format!("in: {}", at(destination)),
                    Ending::NoLogin { destination, why } => {
                        let at = destination
                            .as_ref()
                            .map_or_else(|| "nowhere".to_owned(), at);
                        format!("{why:?}: {at}")
                    }
                });
                return told.join(", ");
            }
        };
    }
}

fn unreachable_step() -> Step {
    panic!("a form is only posted after an adminconfig was read")
}

#[track_caller]
fn check(link: &[(&str, &str)], tries: &[Comes], expect: &str) {
    assert_eq!(story(Ok(fields(link)), tries), expect);
}

#[test]
fn before_the_first_try() {
    let missing = story(Err("is missing".to_owned()), &[]);
    assert_eq!(missing, "NoUserconfig(\"is missing\"): nowhere");
    check(&[URL], &[], "NoEndpoint: https://shop.example/");
    check(
        &[("autologin_token_url", ""), URL],
        &[],
        "NoEndpoint: https://shop.example/",
    );
    check(&[], &[], "NoEndpoint: nowhere");
    check(&[("url", "")], &[], "NoEndpoint: nowhere");
}

#[test]
fn an_answer_with_a_redirect_url_ends_it() {
    let given = "{\"redirect_url\":\"https://in.example/?token=x\",\"retry\":5}";
    check(
        LINK,
        &[Body(given)],
        "read 1, post 1, in: https://in.example/?token=***",
    );
    check(
        LINK,
        &[Body("{\"redirect_url\":\"/in\"}")],
        "read 1, post 1, NoWebUrl: a text",
    );
    check(
        LINK,
        &[Body("{\"redirect_url\":\"https://canary.example/\"}")],
        "read 1, post 1, in: hidden",
    );
}

#[test]
fn a_call_that_fails_is_not_tried_again() {
    for (comes, told, why) in [
        (NoAdmin, "read 1", "NoAdminconfig(\"is missing\")"),
        (
            NoAnswer,
            "read 1, post 1",
            "NoAnswer { why: \"refused\", hint: None }",
        ),
        (Status(500), "read 1, post 1", "Status(500)"),
        (Status(302), "read 1, post 1", "Status(302)"),
        (Status(199), "read 1, post 1", "Status(199)"),
        (Body("<html>"), "read 1, post 1", "NotJson"),
        (Body("[]"), "read 1, post 1", "NotAnObject"),
    ] {
        check(LINK, &[comes], &format!("{told}, Call({why}): nowhere"));
        check(
            &[LINK, &[URL]].concat(),
            &[comes],
            &format!("{told}, Call({why}): https://shop.example/"),
        );
    }
    // The link's own URL counts, whatever an earlier answer said.
    check(
        &[LINK, &[URL]].concat(),
        &[
            Body("{\"url\":\"https://evil.example/\",\"retry\":1}"),
            Status(500),
        ],
        "read 1, post 1, wait 1, read 2, post 2, Call(Status(500)): https://shop.example/",
    );
}

#[test]
fn any_2xx_is_an_answer() {
    for status in [200, 201, 299] {
        check(
            LINK,
            &[Status(status)],
            "read 1, post 1, in: https://in.example/",
        );
    }
}

#[test]
fn without_retry_an_answer_without_redirect_url_is_the_last() {
    check(LINK, &[Body("{}")], "read 1, post 1, NoRedirect: nowhere");
    check(
        &[LINK, &[URL]].concat(),
        &[Body("{\"retry\":0,\"redirect_url\":\"\"}")],
        "read 1, post 1, NoRedirect: https://shop.example/",
    );
    check(
        &[LINK, &[URL]].concat(),
        &[Body("{\"url\":\"https://other.example/\"}")],
        "read 1, post 1, NoRedirect: https://other.example/",
    );
    check(
        &[LINK, &[URL]].concat(),
        &[Body("{\"url\":null}")],
        "read 1, post 1, NoRedirect: nowhere",
    );
}

#[test]
fn retry_waits_and_tries_again_three_times_in_all() {
    let again = Body("{\"retry\":2}");
    check(
        LINK,
        &[
            again,
            again,
            Body("{\"redirect_url\":\"https://in.example/\"}"),
        ],
        "read 1, post 1, wait 2, read 2, post 2, wait 2, read 3, post 3, in: https://in.example/",
    );
    check(
        &[LINK, &[URL]].concat(),
        &[again, Body("{\"retry\":-90}"), again],
        "read 1, post 1, wait 2, read 2, post 2, wait 60, read 3, post 3, wait 2, \
         TriesUsed: https://shop.example/",
    );
    check(
        LINK,
        &[again, NoAdmin],
        "read 1, post 1, wait 2, read 2, Call(NoAdminconfig(\"is missing\")): nowhere",
    );
    // What an answer says of `url` stays until another says more.
    check(
        LINK,
        &[
            Body("{\"url\":\"https://a.example/\",\"retry\":1}"),
            Body("{}"),
        ],
        "read 1, post 1, wait 1, read 2, post 2, NoRedirect: https://a.example/",
    );
}

#[test]
fn each_try_sends_what_the_adminconfig_holds_by_then() {
    let Step::Read(reading) = begin(Ok(fields(LINK))) else {
        panic!("there is an endpoint");
    };
    assert_eq!(reading.endpoint(), "https://sso.example/");
    let body = |posting: &Posting| String::from_utf8(posting.form().body().to_vec()).unwrap();
    let Step::Post(first) = reading.read(Ok(fields(&[("token", "old1")]))) else {
        panic!("there is a token");
    };
    assert_eq!(body(&first), "attempt=1&label=Shop&token=old1");
    assert_eq!(first.endpoint(), "https://sso.example/");
    let Step::Wait(waiting) = first.answered(Ok(reply(200, "{\"retry\":1}"))) else {
        panic!("it asks for another try");
    };
    let Step::Read(reading) = waiting.over() else {
        panic!("there are three tries");
    };
    let Step::Post(second) = reading.read(Ok(fields(&[("token", "new1")]))) else {
        panic!("there is a token");
    };
    assert_eq!(body(&second), "attempt=2&label=Shop&token=new1");
    // A token that was sent before may come back later.
    let echo = "{\"redirect_url\":\"https://in.example/old1\"}";
    let Step::End(Ending::LoggedIn(destination)) = second.answered(Ok(reply(200, echo))) else {
        panic!("it has a redirect_url");
    };
    assert_eq!(destination.masked(), None);
}

#[test]
fn a_body_that_came_in_part_counts_only_with_a_2xx() {
    let cut = |status| Reply {
        body: Err(CallFailure::TooLong(9)),
        ..reply(status, "")
    };
    for (status, expect) in [
        (200, CallFailure::TooLong(9)),
        (404, CallFailure::Status(404)),
    ] {
        let Step::Read(reading) = begin(Ok(fields(LINK))) else {
            panic!("there is an endpoint");
        };
        let Step::Post(posting) = reading.read(Ok(FormFields::new())) else {
            panic!("an empty adminconfig is one");
        };
        let Step::End(Ending::NoLogin { why, .. }) = posting.answered(Ok(cut(status))) else {
            panic!("it failed");
        };
        assert_eq!(why, NoLogin::Call(expect));
    }
}
