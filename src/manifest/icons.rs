//! The icons that manifests name, as they were read.

use super::check::relative_path;
use super::open::{self, OwnerCheck};
use crate::model::{Icon, MAX_ICON_BYTES, PngSize};
use std::collections::BTreeMap;
use std::path::Path;

/// Icons by source and path.
pub(super) type Icons = BTreeMap<(usize, String), Read>;

/// An icon, or why there is none.
type Read = Result<(Icon, PngSize), String>;

/// Reads every icon that is named: by a source with a folder, as a path. The
/// bytes are compared with those that are known, and decoded where they
/// differ: reading is what costs least here.
pub(super) fn read<'a>(
    named: impl Iterator<Item = (usize, &'a Path, &'a str)>,
    known: Option<&Icons>,
) -> Icons {
    named
        .map(|(source, folder, path)| {
            let key = (source, path.to_owned());
            let known = known.and_then(|known| known.get(&key));
            let icon = read_icon(folder, path, known);
            (key, icon)
        })
        .collect()
}

fn read_icon(folder: &Path, path: &str, known: Option<&Read>) -> Read {
    if let Some(why) = relative_path(path) {
        return Err(format!("{why}; icons lie below the manifest's folder"));
    }
    let limit = MAX_ICON_BYTES as u64;
    // What it shows is in the plan, and an icon does nothing else.
    let bytes = open::read_below(folder, Path::new(path), limit, OwnerCheck::Off)
        .map_err(|e| e.to_string())?;
    match known {
        Some(Ok((icon, size))) if icon.is(&bytes) => Ok((icon.clone(), *size)),
        Some(_) | None => Icon::from_png(bytes).map_err(|e| e.to_string()),
    }
}
