//! Secrets that are read again and again. The files are read each time, since
//! no date of a file says for certain that nothing is new in it; they are
//! parsed only where something is.

use super::open::OwnerCheck;
use super::tokens::{SecretsError, Tokens};
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;

/// Reads secrets files, and remembers what came of them last.
#[derive(Debug, Default)]
pub struct SecretsLoader {
    last: Option<(Vec<[u8; 32]>, Tokens)>,
}

impl SecretsLoader {
    /// Reads secrets files like [`Tokens::load`]. `owners` is the same each
    /// time.
    ///
    /// # Errors
    /// Those of [`Tokens::load`].
    pub fn load(&mut self, paths: &[PathBuf], owners: OwnerCheck) -> Result<Tokens, SecretsError> {
        let read = paths.iter().map(|path| Tokens::read(path, owners));
        let Ok(texts) = read.collect::<Result<Vec<_>, _>>() else {
            // Of several errors the first file's is told, whichever kind.
            return Tokens::load(paths, owners);
        };
        let prints: Vec<[u8; 32]> = texts
            .iter()
            .map(|text| Sha256::digest(text).into())
            .collect();
        if let Some((known, tokens)) = &self.last
            && *known == prints
        {
            return Ok(tokens.clone());
        }
        self.last = None;
        let tokens = Tokens::of(paths.iter().zip(texts.into_iter().map(Ok)), owners)?;
        self.last = Some((prints, tokens.clone()));
        Ok(tokens)
    }
}

#[cfg(test)]
mod tests;
