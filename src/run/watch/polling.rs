//! What to say where the kernel gives no notices: why, how that is mended, and
//! what it costs.

use crate::report::{Event, Notice};
use crate::watch::Blind;
use std::time::Duration;

/// Folders that other programs may want to watch too.
const SPARE: usize = 8192;

pub(super) fn notice(why: &Blind, users: usize) -> Notice {
    let cost = "folders are looked at every 2 s, or less often if that takes long; a file that is \
                written in place is found by the next full round only";
    let notice = Notice::new(Event::Polling, format!("{why}: {cost}"));
    let setting = match why {
        Blind::Watches => "fs.inotify.max_user_watches",
        Blind::Instances => "fs.inotify.max_user_instances",
        Blind::Other(_) => return notice,
    };
    let value = match why {
        Blind::Watches => 2 * users + SPARE,
        Blind::Instances | Blind::Other(_) => 1024,
    };
    notice.hint(format!(
        "sysctl -w {setting}={value}, also in /etc/sysctl.d, and then restart the watch"
    ))
}

/// What a look at so many folders costs.
pub(super) fn cost(folders: usize, took: Duration, rest: Duration) -> Notice {
    let (took, rest) = (took.as_secs_f64() * 1000.0, rest.as_secs_f64());
    let message =
        format!("a look at {folders} folders took {took:.1} ms; the next one is in {rest:.0} s");
    Notice::new(Event::Polling, message).number("folders", folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_setting_and_a_value_that_does() {
        let hint = |why| notice(&why, 100_000).hint;
        assert_eq!(
            hint(Blind::Watches).as_deref(),
            Some(
                "sysctl -w fs.inotify.max_user_watches=208192, also in /etc/sysctl.d, and then \
                 restart the watch"
            )
        );
        assert!(hint(Blind::Instances).is_some_and(|h| h.contains("max_user_instances=1024")));
        assert_eq!(hint(Blind::Other("asked for".to_owned())), None);
    }
}
