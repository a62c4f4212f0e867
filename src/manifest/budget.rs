//! How much a document may make its reader keep. Aliases repeat a value for
//! two bytes each, so what is kept is counted, not what is written; a
//! *budget* is what is left. Limits of single texts stand here too: they hold
//! before a text is kept, the rules of `check` after.

use super::problem::Step;
use serde::de::Error;

/// What the error says that ends a read over its budget.
pub(super) const OVER_BUDGET: &str = "repetition limit exceeded by what is kept";

/// What an entry costs beside its texts: a link without a field takes room.
pub(super) const ENTRY: usize = 16;

/// Bytes that may still be kept of one document.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    /// Enough for any document without aliases, and for a few of them.
    pub(super) fn of_document(text: &str) -> Self {
        const FREE: usize = 1024 * 1024;
        Self {
            left: text.len().saturating_mul(4).saturating_add(FREE),
        }
    }

    /// Takes what is about to be kept; ends the read where nothing is left.
    pub(super) fn spend<E: Error>(&mut self, bytes: usize) -> Result<(), E> {
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or_else(|| E::custom(OVER_BUDGET))?;
        Ok(())
    }
}

/// Longest text at a place, in bytes. A variable is filled in many times, an
/// icon is a file in base64; for the others their own rules are stricter.
pub(super) fn text_limit(path: &[Step]) -> usize {
    const VARIABLE: usize = 4 * 1024;
    const ICON: usize = 1536 * 1024;
    const TEXT: usize = 64 * 1024;
    let is = |step: &Step, key: &str| matches!(step, Step::Key { name, .. } if name == key);
    match path {
        [_users, _user, part, _variable] if is(part, "vars") => VARIABLE,
        [.., field] if is(field, "base64_png_image") => ICON,
        _ => TEXT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::value::Error as AnyError;

    #[test]
    fn a_budget_ends_where_four_documents_and_a_megabyte_are_kept() {
        let mut budget = Budget::of_document("four");
        let whole = 4 * 4 + 1024 * 1024;
        assert!(budget.spend::<AnyError>(whole).is_ok());
        let error = budget.spend::<AnyError>(1).unwrap_err();
        assert_eq!(error.to_string(), OVER_BUDGET);
    }

    #[test]
    fn the_limit_of_a_text_depends_on_its_place() {
        let check = |path: &[&str], limit: usize| {
            let path: Vec<Step> = path.iter().map(|name| Step::key(name)).collect();
            assert_eq!(text_limit(&path), limit, "{path:?}");
        };
        check(&["users", "alice", "vars", "a"], 4096);
        check(&["users", "alice", "vars", "base64_png_image"], 4096);
        check(&["apps", "vars", "base64_png_image"], 1536 * 1024);
        check(&["apps", "vars", "label"], 64 * 1024);
    }
}
