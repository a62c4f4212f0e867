//! The auto-login handshake: what happens when a customer clicks a link, from
//! its files to the URL that the browser is sent to (`cpanel-links.md` 3). A
//! machine that does nothing itself: it says what to do next, and is told what
//! came of it.
//!
//! | step | what comes | next |
//! |---|---|---|
//! | begin | no userconfig that can be read | end, nowhere |
//! | begin | no `autologin_token_url`, a `url` | end, at `url` |
//! | begin | neither | end, nowhere |
//! | begin | `autologin_token_url` | read, try 1 |
//! | read, try n | no adminconfig that can be read | the call failed |
//! | read, try n | an adminconfig | post |
//! | post | no connection, or no 2xx | the call failed |
//! | post | a body that is no JSON object | the call failed |
//! | post | an object with a `redirect_url` | end, logged in |
//! | post | no `redirect_url`, no `retry` | end, at the answer's or the link's `url` |
//! | post | no `redirect_url`, `retry` = r | wait min(\|int r\|, 60) seconds, after try 3 too |
//! | wait, try n < 3 | it is over | read, try n + 1 |
//! | wait, try 3 | it is over | end, at the answer's or the link's `url` |
//! | the call failed | the link has a `url` | end, there |
//! | the call failed | it has none | end, nowhere |
//!
//! Each step is a type of its own, and takes only what may come of it.

mod answer;
mod destination;
mod echo;
mod form;
mod machine;

pub use answer::{Media, Reply};
pub use destination::{Destination, ValueKind, web_url};
pub use form::{Disclosure, Form, FormField, Origin, TokenSent};
pub use machine::{
    CallFailure, Ending, LONGEST_WAIT, NoLogin, Posting, Reading, Step, TRIES, Waiting, begin,
};
