//! Rows of users whose changes are the same but for the user's own name.

use crate::support::Sandbox;

fn manifest(users: &[(&str, &str)]) -> String {
    let users = users.iter().map(|(user, url)| {
        format!("  {user}: {{ links: {{ A: {{ label: L, implements: '', url: '{url}' }} }} }}\n")
    });
    format!("version: 1\nusers:\n{}", users.collect::<String>())
}

#[test]
fn what_differs_by_the_users_name_is_one_row_and_nothing_else_is() {
    let sandbox = Sandbox::with_root();
    let old = [
        ("alice", "https://old.example/?u=alice"),
        ("bob", "https://old.example/?u=bob"),
        ("carol", "https://old.example/?u=carol"),
        ("dave", "https://old.example/?u=dave"),
        ("erin", "https://old.example/?u=erin"),
        ("frank", "https://old.example/?u=frank"),
    ];
    sandbox.write("m.yaml", manifest(&old));
    sandbox
        .run(&["apply", "m.yaml", "--root", "root", "--yes"])
        .expect(0);
    let new = [
        ("alice", "https://new.example/?u=alice"),
        ("bob", "https://new.example/?u=bob"),
        // Somebody else's name, another host, a host that has the name, and
        // what a report masks.
        ("carol", "https://new.example/?u=alice"),
        ("dave", "https://thief.example/?u=dave"),
        ("erin", "https://erin.example/?u=erin"),
        ("frank", "https://new.example/?u=frank&token=s3cret"),
    ];
    sandbox.write("m.yaml", manifest(&new));
    let plan = ["plan", "m.yaml", "--root", "root", "--allow-replace", "6"];
    let outcome = sandbox.run(&plan).expect(0);
    let (_, rows) = outcome.stdout.split_once("\n\n").unwrap();
    let (rows, _) = rows.split_once("\n\n").unwrap();
    insta::assert_snapshot!(rows, @r#"
    ~ replace  A on 2 users: alice, bob [fields]
        url  "https://old.example/?u=alice" → "https://new.example/?u=alice" (alice; 1 other, each by its name)
    ~ replace  carol/A [fields]
        url  "https://old.example/?u=carol" → "https://new.example/?u=alice"
    ~ replace  dave/A [fields]
        url  "https://old.example/?u=dave" → "https://thief.example/?u=dave"
    ~ replace  erin/A [fields]
        url  "https://old.example/?u=erin" → "https://erin.example/?u=erin"
    ~ replace  frank/A [fields]
        url  "https://old.example/?u=frank" → "https://new.example/?u=frank&token=***"
    "#);
    // In a row of its own each, where that is asked for.
    let outcome = sandbox.run(&[&plan[..], &["--expand"]].concat()).expect(0);
    assert_eq!(outcome.stdout.matches("~ replace  ").count(), 6);
}
