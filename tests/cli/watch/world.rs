//! A watch under test: a root with a few users, the running binary, and what
//! it lets others know. All waits have a deadline, and who waits in vain shows
//! the log.

use crate::support::Sandbox;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What must follow within two seconds has that long, on a machine that may
/// be busy with other tests.
pub(super) const PROMPT: Duration = Duration::from_secs(8);
/// Where only that it happens matters.
pub(super) const LONG: Duration = Duration::from_secs(60);
/// No timer ends a wait with this: all that is seen is seen by itself.
pub(super) const NEVER: [&str; 2] = ["--every", "365d"];

/// The users of the usual manifest.
pub(super) const USERS: [&str; 3] = ["alice", "bob", "carol"];
/// Their apps.
pub(super) const APPS: [&str; 2] = ["Billing", "Support"];

/// A manifest of these users, each with both apps.
pub(super) fn manifest_of(users: &[&str], label: &str) -> String {
    let users: Vec<_> = users
        .iter()
        .map(|user| format!("  {user}: {{ links: {{ Billing: {{}}, Support: {{}} }} }}\n"))
        .collect();
    format!(
        "version: 1\n\
         defaults: {{ implements: '', label: {label}, url: 'https://a.example/' }}\n\
         apps: {{ Billing: {{}}, Support: {{}} }}\n\
         users:\n{}",
        users.concat()
    )
}

/// The usual manifest.
pub(super) fn manifest(label: &str) -> String {
    manifest_of(&USERS, label)
}

/// A root with nothing in it, and the usual manifest in the folder `conf`.
pub(super) fn usual() -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.write("conf/m.yaml", manifest("Old"));
    sandbox
}

/// The same, applied.
pub(super) fn applied() -> Sandbox {
    let sandbox = usual();
    sandbox
        .run(&["apply", "conf", "--root", "root", "--yes"])
        .expect(0);
    sandbox
}

/// A file of a link, which has its label in it.
pub(super) fn userconfig(user: &str, app: &str) -> String {
    format!("root/links/{user}/{app}.userconfig")
}

/// A link's menu entry.
pub(super) fn dynamicui(user: &str, app: &str) -> String {
    format!("root/dynamicui/{user}/dynamicui_{app}.conf")
}

/// Whether a link has this label, in both files that hold it.
pub(super) fn has_label(sandbox: &Sandbox, user: &str, app: &str, label: &str) -> bool {
    let has = |name: String, text: String| {
        let read = fs::read_to_string(sandbox.path(&name));
        read.is_ok_and(|read| read.contains(&text))
    };
    has(userconfig(user, app), format!("\"{label}\""))
        && has(dynamicui(user, app), format!("$LANG{{'{label}'}}"))
}

/// Whether all links of the usual manifest have this label.
pub(super) fn all_have_label(sandbox: &Sandbox, label: &str) -> bool {
    let mut links = USERS.iter().flat_map(|user| APPS.map(|app| (user, app)));
    links.all(|(user, app)| has_label(sandbox, user, app, label))
}

/// Somebody else writes another label into a link.
pub(super) fn steal(sandbox: &Sandbox, user: &str, app: &str) {
    let name = userconfig(user, app);
    let text = sandbox.read(&name);
    assert!(text.contains("\"label\" : \""), "{text}");
    sandbox.write(
        &name,
        text.replace("\"label\" : \"", "\"label\" : \"Stolen "),
    );
}

/// The links below a root are to the byte what an apply of this manifest
/// leaves in an empty root.
#[track_caller]
pub(super) fn assert_is_as_applied(sandbox: &Sandbox, manifest: &str) {
    let other = Sandbox::with_root();
    other.write("m.yaml", manifest);
    other
        .run(&["apply", "m.yaml", "--root", "root", "--yes"])
        .expect(0);
    for tree in ["root/links", "root/dynamicui"] {
        assert_eq!(sandbox.tree(tree), other.tree(tree));
    }
}

/// A running watch. Dropped, it is killed.
pub(super) struct Watch<'s> {
    sandbox: &'s Sandbox,
    child: Child,
    name: String,
}

/// How a watch ended.
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) log: String,
}

impl<'s> Watch<'s> {
    /// Keeps `root` as `conf` says, with a log in JSON and files for its
    /// figures and its health.
    pub(super) fn start(sandbox: &'s Sandbox, more: &[&str]) -> Self {
        Self::start_on(sandbox, &["conf"], more)
    }

    /// The same for other manifests.
    pub(super) fn start_on(sandbox: &'s Sandbox, manifests: &[&str], more: &[&str]) -> Self {
        let usual = ["--mode", "apply", "--log-format", "json"];
        Self::start_as(sandbox, "watch", &[manifests, &usual[..], more].concat())
    }

    /// With these arguments; what it lets others know is in files that begin
    /// with this name.
    pub(super) fn start_as(sandbox: &'s Sandbox, name: &str, arguments: &[&str]) -> Self {
        sandbox.folder("out");
        let usual = [
            "--root=root".to_owned(),
            format!("--metrics-file=out/{name}.prom"),
            format!("--health-file=out/{name}.health"),
        ];
        let usual: Vec<_> = usual.iter().map(String::as_str).collect();
        let mut command = sandbox.command(&[&["watch"], &usual[..], arguments].concat());
        Self::spawn(sandbox, name, &mut command)
    }

    /// Any command that becomes a watch.
    pub(super) fn spawn(
        sandbox: &'s Sandbox,
        name: &str,
        command: &mut std::process::Command,
    ) -> Self {
        sandbox.folder("out");
        let file = |end: &str| {
            let path = sandbox.path(&format!("out/{name}.{end}"));
            Stdio::from(File::create(path).unwrap())
        };
        let child = command.stdout(file("stdout")).stderr(file("log"));
        Self {
            sandbox,
            child: child.spawn().unwrap(),
            name: name.to_owned(),
        }
    }

    fn file(&self, end: &str) -> PathBuf {
        self.sandbox.path(&format!("out/{}.{end}", self.name))
    }

    /// The log so far.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.file("log")).unwrap()
    }

    /// The whole lines of a JSON log that tell of this.
    pub(super) fn told(&self, event: &str) -> Vec<Value> {
        let log = self.log();
        let lines = log.split_inclusive('\n').filter(|l| l.ends_with('\n'));
        let parsed = lines.map(|line| match serde_json::from_str::<Value>(line) {
            Ok(value) => value,
            Err(error) => panic!("{error} in {line}"),
        });
        parsed.filter(|value| value["event"] == event).collect()
    }

    /// The figures as they were written last, empty before that.
    pub(super) fn figures(&self) -> String {
        fs::read_to_string(self.file("prom")).unwrap_or_default()
    }

    /// One figure; of one with labels all rows together. `None` before there
    /// is one.
    pub(super) fn figure(&self, name: &str) -> Option<f64> {
        let figures = self.figures();
        let rows = figures.lines().filter_map(|line| {
            let row = line.strip_prefix("cplinks_watch_")?.strip_prefix(name)?;
            let is_it = row.starts_with([' ', '{']);
            is_it.then(|| row.rsplit(' ').next()?.parse::<f64>().ok())?
        });
        rows.reduce(|one, other| one + other)
    }

    /// Whether a figure is this.
    pub(super) fn shows(&self, name: &str, value: u32) -> bool {
        self.figure(name) == Some(f64::from(value))
    }

    /// The first word of the line of health, empty before there is one.
    pub(super) fn health(&self) -> String {
        let line = fs::read_to_string(self.file("health")).unwrap_or_default();
        line.split(' ').next().unwrap().to_owned()
    }

    /// Waits until it is so.
    #[track_caller]
    pub(super) fn wait_until(
        &mut self,
        what: &str,
        most: Duration,
        mut is_so: impl FnMut(&Self) -> bool,
    ) {
        let begin = Instant::now();
        while !is_so(self) {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "not yet: {what}\n{}", self.shown());
            assert!(
                begin.elapsed() < most,
                "not within {most:?}: {what}\n{}",
                self.shown()
            );
            sleep(Duration::from_millis(20));
        }
    }

    /// For so long it stays as it is.
    #[track_caller]
    pub(super) fn assert_stays(&self, what: &str, long: Duration, is_so: impl Fn(&Self) -> bool) {
        let begin = Instant::now();
        while begin.elapsed() < long {
            assert!(is_so(self), "no more: {what}\n{}", self.shown());
            sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the first round came out well and all is as it should be.
    #[track_caller]
    pub(super) fn wait_until_settled(&mut self) {
        self.wait_until("all is as it should be", LONG, |watch| {
            watch.health() == "ok" && watch.shows("pending", 0)
        });
    }

    /// Everything to know about it where a test fails.
    pub(super) fn shown(&self) -> String {
        let health = fs::read_to_string(self.file("health")).unwrap_or_default();
        format!(
            "--- log\n{}--- health\n{health}--- figures\n{}",
            self.log(),
            self.figures()
        )
    }

    pub(super) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub(super) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Waits for the end, whatever brings it about.
    #[track_caller]
    pub(super) fn wait_for_end(mut self) -> Ended {
        let begin = Instant::now();
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if begin.elapsed() > LONG => panic!("it does not end\n{}", self.shown()),
                None => sleep(Duration::from_millis(20)),
            }
        };
        Ended {
            code: status.code(),
            stdout: fs::read_to_string(self.file("stdout")).unwrap(),
            log: self.log(),
        }
    }

    /// Ends it as a service manager does; it must end well.
    #[track_caller]
    pub(super) fn stop(self) -> String {
        self.stop_by(Signal::TERM)
    }

    #[track_caller]
    pub(super) fn stop_by(self, signal: Signal) -> String {
        self.signal(signal);
        let ended = self.wait_for_end();
        assert_eq!(ended.code, Some(0), "{}", ended.log);
        assert_eq!(ended.stdout, "", "{}", ended.log);
        let last = ended.log.lines().last().unwrap();
        assert!(last.contains("the watch ends"), "{}", ended.log);
        ended.log
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        // It has ended already where all went well.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Tells a thread that it is over, also where a test fails meanwhile.
pub(super) struct Over<'o>(pub(super) &'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
