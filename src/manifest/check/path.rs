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
    } else if path.contains('\0') {
        Some("holds a NUL")
    } else {
        None
    }
}
