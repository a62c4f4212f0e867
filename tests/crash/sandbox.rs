//! A folder of its own for each try: manifest, secrets, icon and root, and the
//! binary run on them.

use crate::render::ICON;
use crate::tree::Tree;
use crate::world::World;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// The binary.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_cplinks");

/// Arguments of an apply that no guard stops: most of the worlds change all
/// there is.
pub(crate) const APPLY: [&str; 11] = [
    "apply",
    "manifest.yaml",
    "--root=root",
    "--secrets=secrets.yaml",
    "--yes",
    "--expand",
    "--color=never",
    "--lock-timeout=60",
    "--allow-hide=100000",
    "--allow-replace=100000",
    "--allow-user-gone=100000",
];

/// Arguments of an undo of the first run that no guard stops.
const UNDO: [&str; 11] = [
    "undo",
    "1",
    "--root=root",
    "--yes",
    "--expand",
    "--color=never",
    "--lock-timeout=60",
    "--allow-hide=100000",
    "--allow-replace=100000",
    "--allow-user-gone=100000",
    "--allow-new-host=100000",
];

/// A temporary folder in which the binary runs.
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
    /// The arguments of the run that a test is about.
    arguments: &'static [&'static str],
}

/// How a run ended.
pub(crate) struct Outcome {
    /// The exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// The signal that ended it.
    pub(crate) signal: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::Builder::new()
                .prefix("cplinks-crash-")
                .tempdir_in(fast_folder())
                .unwrap(),
            arguments: &APPLY,
        }
    }

    /// A world as it is before its apply.
    pub(crate) fn of(world: &World) -> Self {
        let sandbox = Self::new();
        sandbox.set_manifest(world);
        fs::write(sandbox.path("acme.png"), ICON).unwrap();
        fs::create_dir(sandbox.root()).unwrap();
        sandbox.fill_root(world);
        sandbox
    }

    /// A world as an apply of ours left it: what is asked for now was an
    /// earlier world's once.
    pub(crate) fn after(earlier: &World, world: &World) -> Self {
        let sandbox = Self::of(earlier);
        sandbox.apply().expect(0);
        sandbox.set_manifest(world);
        sandbox
    }

    /// A world after its apply, which is to be undone.
    pub(crate) fn undoing(world: &World) -> Self {
        let mut sandbox = Self::of(world);
        sandbox.apply().expect(0);
        sandbox.arguments = &UNDO;
        sandbox
    }

    /// Asks for what a world wants.
    pub(crate) fn set_manifest(&self, world: &World) {
        fs::write(self.path("manifest.yaml"), world.manifest()).unwrap();
        fs::write(self.path("secrets.yaml"), world.secrets()).unwrap();
    }

    /// Fills an empty root with what lies there before.
    pub(crate) fn fill_root(&self, world: &World) {
        fs::set_permissions(self.root(), fs::Permissions::from_mode(0o751)).unwrap();
        world.before().write(&self.root());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path("root")
    }

    /// All that lies under the root now.
    pub(crate) fn tree(&self) -> Tree {
        Tree::read(&self.root())
    }

    /// A program with these arguments, in the folder and with nothing of the
    /// environment but the path.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null());
        command
    }

    /// The apply, or undo, under another program.
    pub(crate) fn apply_under(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = self.command(program, arguments);
        command.arg(BINARY).args(self.arguments);
        command
    }

    /// Runs the apply, or undo.
    pub(crate) fn apply(&self) -> Outcome {
        self.run(self.arguments)
    }

    /// Runs the binary with other arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(&self.command(BINARY, arguments).output().unwrap())
    }
}

impl Outcome {
    pub(crate) fn of(output: &Output) -> Self {
        use std::os::unix::process::ExitStatusExt as _;
        Self {
            code: output.status.code(),
            signal: output.status.signal(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// How it ended, and the end of what it said.
    pub(crate) fn shown(&self) -> String {
        let last: Vec<_> = self.stdout.lines().rev().take(12).collect();
        let last: Vec<_> = last.into_iter().rev().collect();
        let end = match (self.code, self.signal) {
            (Some(code), _) => format!("exit {code}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => "no end".to_owned(),
        };
        format!("{end}\n… {}\nstderr: {}", last.join("\n"), self.stderr)
    }

    /// Whether it says why it did not do all: in an error, or beside a link.
    pub(crate) fn says_why(&self) -> bool {
        !self.stderr.is_empty() || self.stdout.contains("! failed") || self.is_blocked()
    }

    fn is_blocked(&self) -> bool {
        self.stdout.contains("! blocked")
    }

    /// Whether it reports that this link or group went wrong.
    pub(crate) fn reports(&self, address: &str) -> bool {
        let failed = format!(" {address}: could not ");
        self.stdout.contains(&failed)
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.shown());
        self
    }
}

/// In memory where that can be had: the order of the calls is the same, and
/// thousands of tries need not wait for a disk.
fn fast_folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let memory = Path::new("/dev/shm");
        match tempfile::tempdir_in(memory) {
            Ok(_) => memory.to_owned(),
            Err(_) => std::env::temp_dir(),
        }
    })
}
