//! A world of its own for each test: a temporary folder, a cleared
//! environment, and a printer that shows a whole tree.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A temporary folder in which the binary runs.
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

/// What a run did.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            environment: Vec::new(),
        }
    }

    /// A folder with an empty root in it, called `root`.
    pub(crate) fn with_root() -> Self {
        let sandbox = Self::new();
        sandbox.folder("root");
        sandbox
    }

    /// The same in memory, where that can be had: for what makes thousands of
    /// them and need not wait for a disk.
    pub(crate) fn in_memory() -> Self {
        let memory = tempfile::tempdir_in("/dev/shm");
        let sandbox = Self {
            folder: memory.unwrap_or_else(|_| tempfile::tempdir().unwrap()),
            environment: Vec::new(),
        };
        sandbox.folder("root");
        sandbox
    }

    /// A folder with a copy of the bundled examples and their server as
    /// `root`, with the modes that cPanel gives.
    pub(crate) fn with_examples() -> Self {
        let sandbox = Self::new();
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        copy(&examples, &sandbox.path("examples"));
        copy(&examples.join("server"), &sandbox.path("root"));
        sandbox.set_server_modes("root");
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn folder(&self, name: &str) -> &Self {
        fs::create_dir_all(self.path(name)).unwrap();
        self
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn read(&self, name: &str) -> String {
        String::from_utf8(fs::read(self.path(name)).unwrap()).unwrap()
    }

    pub(crate) fn set_mode(&self, name: &str, mode: u32) -> &Self {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    pub(crate) fn env(&mut self, name: &str, value: &str) -> &mut Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Gives everything below a root the modes that cPanel gives: version
    /// control keeps none of them.
    pub(crate) fn set_server_modes(&self, root: &str) -> &Self {
        for tree in ["links", "dynamicui"] {
            let tree = self.path(root).join(tree);
            fs::set_permissions(&tree, fs::Permissions::from_mode(0o751)).unwrap();
            for user in fs::read_dir(tree).unwrap() {
                let user = user.unwrap().path();
                fs::set_permissions(&user, fs::Permissions::from_mode(0o750)).unwrap();
                for file in fs::read_dir(user).unwrap() {
                    let file = file.unwrap().path();
                    let is_secret = file.extension().is_some_and(|e| e == "adminconfig");
                    let mode = if is_secret { 0o600 } else { 0o644 };
                    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
                }
            }
        }
        self
    }

    /// The binary with these arguments, in the folder and with the
    /// environment that was asked for.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cplinks"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.environment.iter().map(|(k, v)| (k, v)))
            .stdin(Stdio::null());
        command
    }

    /// Runs the binary in the folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.finish(&mut self.command(arguments))
    }

    /// Runs the binary with something on standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Outcome {
        self.write(".stdin", input);
        let input = fs::File::open(self.path(".stdin")).unwrap();
        fs::remove_file(self.path(".stdin")).unwrap();
        self.finish(self.command(arguments).stdin(input))
    }

    /// Runs a line of shell in the folder, with the binary on the path.
    pub(crate) fn shell(&self, line: &str) -> Outcome {
        let binary = Path::new(env!("CARGO_BIN_EXE_cplinks")).parent().unwrap();
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", binary.display());
        let mut command = Command::new("bash");
        command
            .args(["-euc", line])
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", path)
            .envs(self.environment.iter().map(|(k, v)| (k, v)))
            .stdin(Stdio::null());
        self.finish(&mut command)
    }

    fn finish(&self, command: &mut Command) -> Outcome {
        let output = command.output().unwrap();
        let folder = self.folder.path().to_str().unwrap();
        let text = |bytes| {
            String::from_utf8(bytes)
                .unwrap()
                .replace(folder, "[SANDBOX]")
        };
        Outcome {
            code: output.status.code().expect("the binary ends by itself"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Everything below a folder: paths, kinds, modes, and the bytes.
    pub(crate) fn tree(&self, name: &str) -> String {
        let mut out = String::new();
        let top = self.path(name);
        walk(&top, &mut |path, metadata| {
            let shown = path.strip_prefix(&top).unwrap().display();
            let mode = metadata.mode() & 0o7777;
            if metadata.is_file() {
                let bytes = fs::read(path).unwrap();
                let text = String::from_utf8_lossy(&bytes);
                writeln!(out, "{shown} {mode:04o}\n{text}").unwrap();
            } else {
                writeln!(out, "{shown}/ {mode:04o}").unwrap();
            }
        });
        out
    }

    /// The names and modes below a folder, without what is in the files.
    pub(crate) fn names(&self, name: &str) -> String {
        let mut out = String::new();
        let top = self.path(name);
        walk(&top, &mut |path, metadata| {
            let shown = path.strip_prefix(&top).unwrap().display();
            let mode = metadata.mode() & 0o7777;
            let slash = if metadata.is_dir() { "/" } else { "" };
            writeln!(out, "{mode:04o} {shown}{slash}").unwrap();
        });
        out
    }

    /// Everything that must not change when nothing is written: bytes, modes,
    /// owners, and both times of every file and folder.
    pub(crate) fn fingerprint(&self) -> String {
        let mut out = self.tree("");
        walk(self.folder.path(), &mut |path, metadata| {
            let shown = path.display();
            let (uid, gid, ino) = (metadata.uid(), metadata.gid(), metadata.ino());
            let mtime = (metadata.mtime(), metadata.mtime_nsec());
            let ctime = (metadata.ctime(), metadata.ctime_nsec());
            writeln!(out, "{shown} {uid} {gid} {ino} {mtime:?} {ctime:?}").unwrap();
        });
        out
    }
}

/// Says a line that is seen with `--nocapture`: what was skipped, or counted.
pub(crate) fn say(line: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "cli: {line}").ok();
}

fn walk(path: &Path, visit: &mut dyn FnMut(&Path, &fs::Metadata)) {
    let mut names: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    for path in names {
        let metadata = fs::symlink_metadata(&path).unwrap();
        visit(&path, &metadata);
        if metadata.is_dir() {
            walk(&path, visit);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

impl Outcome {
    /// Exit code, standard output and standard error as one text.
    pub(crate) fn shown(&self) -> String {
        let Self {
            code,
            stdout,
            stderr,
        } = self;
        format!("exit {code}\n--- stdout\n{stdout}--- stderr\n{stderr}")
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.shown());
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.shown().contains(text),
            "no {text:?} in {}",
            self.shown()
        );
        self
    }

    #[track_caller]
    #[expect(
        clippy::wrong_self_convention,
        reason = "part of a chain that reads as a sentence"
    )]
    pub(crate) fn is_silent_about(self, text: &str) -> Self {
        assert!(!self.shown().contains(text), "{text:?} in {}", self.shown());
        self
    }
}
