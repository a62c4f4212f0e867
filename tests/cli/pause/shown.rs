//! What waits and why, in every form of a plan, whatever its reason says.

use super::{pause, pending, plan, resume, settled};

#[test]
fn a_plan_tells_it_on_top_and_in_rows_of_their_own() {
    let sandbox = pending();
    pause(&sandbox, &["--for", "2h", "--user", "acme*"]).expect(0);
    pause(
        &sandbox,
        &["--for", "3h", "--user", "acme1", "--app", "Support"],
    )
    .expect(0);
    pause(&sandbox, &["--for", "3h", "--user", "nobody"]).expect(0);
    insta::assert_snapshot!(settled(&plan(&sandbox, &["--expand"]).expect(0).stdout));
    // Folded where it is the same for many.
    resume(&sandbox, &["--user", "acme1", "--app", "Support"]).expect(0);
    insta::assert_snapshot!(settled(&plan(&sandbox, &[]).expect(0).stdout));
}
