//! Secrets files that are read again and again.

use super::*;
use crate::model::TokenRef;
use std::path::Path;

#[expect(clippy::disallowed_methods, reason = "a test writes secrets")]
fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

/// What is remembered makes no difference but for time.
#[test]
fn it_gives_what_a_first_reading_gives() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["one.yaml", "two.yaml"].map(|name| folder.path().join(name));
    let mut loader = SecretsLoader::default();
    for (one, two) in [
        ("a: 1\n", "b: 2\n"),
        ("a: 1\n", "b: 2\n"),
        ("a: 1\n", "b: 3\n"),
        ("a: 1\n", "b: 2\n"),
        // The same texts the other way round.
        ("b: 2\n", "a: 1\n"),
        ("# a note\na: 1\n", "b: 2\n"),
        ("a: [\n", "b: 2\n"),
        ("a: 1\n", "a: 2\n"),
        ("a: 1\n", "b: 2\n"),
    ] {
        write(&paths[0], one);
        write(&paths[1], two);
        let check = OwnerCheck::default();
        let [again, first] = [loader.load(&paths, check), Tokens::load(&paths, check)]
            .map(|read| read.map_err(|error| error.to_string()));
        assert_eq!(again, first, "{one:?}, {two:?}");
    }
    let tokens = loader.load(&paths, OwnerCheck::default()).unwrap();
    let reference = TokenRef::Secret("b".to_owned());
    let found = tokens.look_up(&reference, Path::new("")).unwrap();
    assert_eq!(found.expose(), "2");
    let missing = [paths[0].clone(), folder.path().join("none")];
    assert!(loader.load(&missing, OwnerCheck::default()).is_err());
}
