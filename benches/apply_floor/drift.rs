//! What it costs to put right one link of a hundred, over an apply that finds
//! nothing to do, measured in plans that find nothing to do.

use std::fs;
use std::path::Path;

/// One link of so many drifts.
const EVERY: usize = 100;

/// Seconds of one round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    /// A plan that finds nothing to do.
    pub(crate) plan: f64,
    /// An apply that finds nothing to do.
    pub(crate) idle: f64,
    /// An apply after the drift.
    pub(crate) repair: f64,
}

impl Round {
    /// The repair's part of it, in plans.
    pub(crate) fn ratio(self) -> f64 {
        (self.repair - self.idle) / self.plan
    }
}

/// Somebody else gives one link of a hundred another label.
pub(crate) fn meddle(root: &Path) -> usize {
    let mut files = Vec::new();
    for user in fs::read_dir(root.join("links")).unwrap() {
        for file in fs::read_dir(user.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let is_link = path.extension().is_some_and(|end| end == "userconfig");
            files.extend(is_link.then_some(path));
        }
    }
    files.sort();
    let drifted = files.iter().step_by(EVERY);
    for path in drifted.clone() {
        let text = fs::read_to_string(path).unwrap();
        let other = text.replace("\"label\" : \"", "\"label\" : \"Not ");
        assert_ne!(text, other, "{} has no label", path.display());
        fs::write(path, other).unwrap();
    }
    drifted.count()
}
