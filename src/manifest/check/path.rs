//! Paths that a manifest may name: below its own folder, whatever happens.

/// Why a path is not below a folder, by its text alone; links on the way are
/// looked at when it is opened.
pub(in super::super) fn relative_path(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        Some("is empty")
    } else if path.starts_with('/') {
        Some("is absolute")
    } else if path.split('/').any(|part| part == "..") {
        Some("goes up with `..`")
    } else if path.split('/').any(|part| matches!(part, "" | ".")) {
        // A second spelling of a path would be a second name for one file.
        Some("has an empty part or a `.` in it")
    } else if path.contains('\0') {
        Some("holds a NUL")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling_and_stays_below_its_folder() {
        for path in [
            "", "/a", "..", "a/../b", "a/..", ".", "./a", "a/./b", "a//b", "a/", "a\0b",
        ] {
            assert!(relative_path(path).is_some(), "{path:?}");
        }
        for path in ["a", "a/b", "a..b", ".a", "a.b/..c"] {
            assert_eq!(relative_path(path), None, "{path:?}");
        }
    }
}
