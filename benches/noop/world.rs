//! What is measured on: a fleet of which a plan is empty, on the disk where
//! the build is or in a folder that is named, and what other programs need to
//! compare the same files.

use crate::child::Program;
use crate::fleet::{Fleet, Form, Root, Share, Written};
use serde_json::{Map, Value};
use std::fs;
use std::path::{Path, PathBuf};

/// Links of each account.
const EACH: usize = 3;

/// A folder that is removed at the end.
pub(crate) struct World {
    folder: tempfile::TempDir,
    pub(crate) written: Written,
}

/// How many files the manifest has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manifest {
    /// One document.
    One,
    /// A folder of a hundred files.
    Hundred,
}

impl World {
    /// Of so many links, half of whose files are as `cPanel` writes them.
    pub(crate) fn new(links: usize, manifest: Manifest, root: Root, folder: &Path) -> Self {
        let folder = tempfile::tempdir_in(folder).unwrap();
        let users = links / EACH;
        let fleet = Fleet {
            users,
            links: EACH,
            foreign: 0,
            // So that each link has three files and nothing else is read.
            groups: 0,
            icons: EACH,
            form: Form::Template,
            files: match manifest {
                Manifest::One => 1,
                Manifest::Hundred => users.min(100),
            },
            root,
            drift: Share::NONE,
            cpanel: Share::percent(50),
            seed: 1,
        };
        let written = fleet.write(&folder.path().join("fleet")).unwrap();
        let world = Self { folder, written };
        fs::write(world.path("names"), world.names().join("\n")).unwrap();
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn manifest(&self) -> PathBuf {
        self.path("fleet/manifest")
    }

    pub(crate) fn secrets(&self) -> PathBuf {
        self.path("fleet/secrets.yaml")
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path("fleet/root")
    }

    /// A plan of it, with the tokens, that fails where it is not empty.
    pub(crate) fn plan(&self) -> Program {
        let plan = self.plan_without_tokens().arg("--secrets");
        plan.arg(self.secrets())
    }

    /// A plan as a pull request has it.
    pub(crate) fn plan_without_tokens(&self) -> Program {
        self.plan_of(&self.root()).arg("--detailed-exitcode")
    }

    /// A plan of its manifest for any root.
    pub(crate) fn plan_of(&self, root: &Path) -> Program {
        let plan = Program::cplinks().arg("plan").arg(self.manifest());
        // Without one, what this host says would count.
        let plan = plan.args(["--owners", "keep", "--root"]).arg(root);
        plan.arg("--policy").arg(self.policy())
    }

    /// A policy that forbids nothing.
    fn policy(&self) -> PathBuf {
        let path = self.path("policy.yaml");
        if !path.exists() {
            fs::write(&path, "{}\n").unwrap();
        }
        path
    }

    /// The files under the root, by their paths below it.
    fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for tree in ["links", "dynamicui"] {
            for user in list(&self.root().join(tree)) {
                for file in list(&self.root().join(tree).join(&user)) {
                    names.push(format!("{tree}/{user}/{file}"));
                }
            }
        }
        names
    }

    /// All that should be, as one document for a script: a file's path to its
    /// values, as texts.
    pub(crate) fn desired(&self) -> PathBuf {
        let path = self.path("desired.json");
        let files = self.names().into_iter().map(|name| {
            let bytes = fs::read(self.root().join(&name)).unwrap();
            (name, Value::Object(values(&bytes)))
        });
        let text = Value::Object(files.collect()).to_string();
        fs::write(&path, text).unwrap();
        path
    }

    /// Each file under the root, with its path, mode and text.
    pub(crate) fn files(&self) -> impl Iterator<Item = (PathBuf, &'static str, String)> {
        self.names().into_iter().map(|name| {
            let mode = if name.ends_with(".adminconfig") {
                "0600"
            } else {
                "0644"
            };
            let path = self.root().join(name);
            let text = fs::read_to_string(&path).unwrap();
            (path, mode, text)
        })
    }
}

/// The names in a folder, sorted; none where there is no folder.
fn list(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// The values of a file, numbers as texts and nothing that says nothing.
fn values(bytes: &[u8]) -> Map<String, Value> {
    let mut value: Value = serde_json::from_slice(bytes).unwrap();
    if let Value::Array(entries) = value {
        value = entries.into_iter().next().unwrap();
    }
    let Value::Object(mut object) = value else {
        panic!("a file holds an object");
    };
    object.retain(|key, value| {
        let is_shown = key == "hide" && (*value == 0 || *value == "0");
        !is_shown && key != "app" && key != "user"
    });
    for value in object.values_mut() {
        if value.is_number() {
            *value = value.to_string().into();
        }
    }
    object
}
