//! The handshake, driven: what the machine asks for is done by a border that
//! knows files, the network and time. The order is the machine's alone.

use crate::model::FormFields;
use crate::report::{LoginAnswer, LoginTry};
use crate::whm::login::{CallFailure, Ending, Posting, Reply, Step};
use std::time::Duration;

/// What a handshake needs of the world. An error ends it with no ending: a
/// signal, or a refusal that is not the endpoint's.
pub(super) trait Border {
    /// What ends it.
    type Stop;

    /// The time since it began.
    fn elapsed(&mut self) -> Duration;

    /// Reads the adminconfig of this moment; the text is why it cannot be read.
    fn read_admin(&mut self) -> Result<Result<FormFields, String>, Self::Stop>;

    /// Posts the form.
    fn post(&mut self, posting: &Posting) -> Result<Result<Reply, CallFailure>, Self::Stop>;

    /// Lets time pass.
    fn wait(&mut self, duration: Duration) -> Result<(), Self::Stop>;

    /// Takes note of a try that is over, and of the ending if it was the last.
    fn tell(&mut self, done: LoginTry, ending: Option<&Ending>);
}

/// Drives a handshake to its end.
pub(super) fn drive<B: Border>(mut step: Step, border: &mut B) -> Result<Ending, B::Stop> {
    let mut began = Duration::ZERO;
    loop {
        step = match step {
            Step::Read(reading) => {
                began = border.elapsed();
                let number = reading.number();
                let step = reading.read(border.read_admin()?);
                match &step {
                    // Nothing is posted: the try is over.
                    Step::End(ending) => {
                        let done = done(number, began, border);
                        border.tell(done, Some(ending));
                    }
                    Step::Read(_) | Step::Post(_) | Step::Wait(_) => {}
                }
                step
            }
            Step::Post(posting) => {
                let reply = border.post(&posting)?;
                let mut done = done(posting.number(), began, border);
                done.answer = reply.as_ref().ok().map(answer);
                // Without an answer nobody knows how much of it arrived.
                let count = posting.form().fields().count();
                done.fields = done.answer.as_ref().map(|_| count);
                let step = posting.answered(reply);
                match &step {
                    Step::Wait(waiting) => {
                        done.retry = Some(waiting.duration());
                        border.tell(done, None);
                    }
                    Step::End(ending) => border.tell(done, Some(ending)),
                    Step::Read(_) | Step::Post(_) => border.tell(done, None),
                }
                step
            }
            Step::Wait(waiting) => {
                border.wait(waiting.duration())?;
                waiting.over()
            }
            Step::End(ending) => return Ok(ending),
        };
    }
}

fn done<B: Border>(number: u8, began: Duration, border: &mut B) -> LoginTry {
    LoginTry {
        number,
        began,
        took: border.elapsed().saturating_sub(began),
        fields: None,
        answer: None,
        retry: None,
    }
}

fn answer(reply: &Reply) -> LoginAnswer {
    LoginAnswer {
        status: reply.status,
        media: reply.media,
        bytes: reply.body.as_ref().ok().map(|body| body.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::form::parse;
    use crate::report;
    use crate::whm::login::{Media, begin};
    use std::collections::VecDeque;
    use zeroize::Zeroizing;

    /// A world in which time passes only when it is let pass, or where a call
    /// takes some.
    struct Simulated {
        now: Duration,
        tokens: VecDeque<&'static str>,
        answers: VecDeque<&'static str>,
        posted: Vec<String>,
        told: Vec<u8>,
        /// The wait in which a signal comes, from 0.
        signal_at: Option<usize>,
        waits: usize,
    }

    impl Border for Simulated {
        type Stop = &'static str;

        fn elapsed(&mut self) -> Duration {
            self.now
        }

        fn read_admin(&mut self) -> Result<Result<FormFields, String>, &'static str> {
            let token = self.tokens.pop_front().ok_or("no more tokens")?;
            Ok(parse(token.as_bytes()).map_err(|error| error.to_string()))
        }

        fn post(&mut self, posting: &Posting) -> Result<Result<Reply, CallFailure>, &'static str> {
            let body = posting.form().body();
            self.posted.push(String::from_utf8(body.to_vec()).unwrap());
            self.now += Duration::from_millis(250);
            let body = self.answers.pop_front().ok_or("no more answers")?;
            Ok(Ok(Reply {
                status: 200,
                media: Media::Json,
                body: Ok(Zeroizing::new(body.as_bytes().to_owned())),
            }))
        }

        fn wait(&mut self, duration: Duration) -> Result<(), &'static str> {
            if self.signal_at == Some(self.waits) {
                return Err("a signal");
            }
            self.waits += 1;
            self.now += duration;
            Ok(())
        }

        fn tell(&mut self, done: LoginTry, ending: Option<&Ending>) {
            report::login_try(&done, ending, &mut self.told).unwrap();
        }
    }

    const LINK: &str = r#"{"autologin_token_url":"https://sso.example/","label":"Shop"}"#;

    fn world(tokens: &[&'static str], answers: &[&'static str]) -> Simulated {
        Simulated {
            now: Duration::ZERO,
            tokens: tokens.iter().copied().collect(),
            answers: answers.iter().copied().collect(),
            posted: Vec::new(),
            told: Vec::new(),
            signal_at: None,
            waits: 0,
        }
    }

    fn told(world: Simulated) -> String {
        String::from_utf8(world.told).unwrap()
    }

    fn first() -> Step {
        begin(Ok(parse(LINK.as_bytes()).unwrap()))
    }

    #[test]
    fn tries_are_as_far_apart_as_the_answers_ask() {
        let (old, new) = (r#"{"token":"old1"}"#, r#"{"token":"new1"}"#);
        let mut world = world(
            &[old, new, new],
            &[
                r#"{"retry":90}"#,
                r#"{"retry":"7"}"#,
                r#"{"redirect_url":"https://in.example/"}"#,
            ],
        );
        let ending = drive(first(), &mut world).unwrap();
        assert!(matches!(ending, Ending::LoggedIn(_)));
        assert_eq!(
            world.posted,
            [
                "attempt=1&label=Shop&token=old1",
                "attempt=2&label=Shop&token=new1",
                "attempt=3&label=Shop&token=new1",
            ]
        );
        insta::assert_snapshot!(told(world), @r"
         0.000 s  try 1 of 3: 3 fields posted, status 200, application/json, 12 bytes, asks to be tried again in 60 s (took 0.250 s)
        60.250 s  try 2 of 3: 3 fields posted, status 200, application/json, 13 bytes, asks to be tried again in 7 s (took 0.250 s)
        67.500 s  try 3 of 3: 3 fields posted, status 200, application/json, 38 bytes, has a redirect_url (took 0.250 s)
        ");
    }

    #[test]
    fn it_waits_after_the_last_try_too() {
        let token = r#"{"token":"abcd"}"#;
        let mut world = world(&[token; 3], &[r#"{"retry":60}"#; 3]);
        let ending = drive(first(), &mut world).unwrap();
        assert!(matches!(
            ending,
            Ending::NoLogin {
                destination: None,
                ..
            }
        ));
        assert_eq!(world.now, Duration::from_millis(180_750));
        assert_eq!(world.waits, 3);
    }

    #[test]
    fn an_adminconfig_that_breaks_meanwhile_ends_it() {
        let mut world = world(&[r#"{"token":"abcd"}"#, "{"], &[r#"{"retry":1}"#]);
        drive(first(), &mut world).unwrap();
        insta::assert_snapshot!(told(world), @r"
        0.000 s  try 1 of 3: 3 fields posted, status 200, application/json, 11 bytes, asks to be tried again in 1 s (took 0.250 s)
        1.250 s  try 2 of 3: nothing posted (took 0.000 s)
        ");
    }

    #[test]
    fn a_signal_in_a_wait_ends_it_without_another_try() {
        let token = r#"{"token":"abcd"}"#;
        let mut world = world(&[token; 3], &[r#"{"retry":60}"#; 3]);
        world.signal_at = Some(1);
        assert_eq!(drive(first(), &mut world), Err("a signal"));
        assert_eq!(world.posted.len(), 2);
    }
}
