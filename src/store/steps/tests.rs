//! The table, row by row.

mod laws;

use super::*;
use FileChange::{Keep, Remove, Write};
use Presence::{Absent, Present};

fn spell(steps: &[Step]) -> String {
    let letter = |kind: &FileKind| match kind {
        Userconfig => "U",
        Adminconfig => "A",
        Menu => "D",
    };
    let words: Vec<_> = steps
        .iter()
        .map(|step| match step {
            Step::Exchange(kind) => format!("X({})", letter(kind)),
            Step::Install(kind) => format!("I({})", letter(kind)),
            Step::Back(kind) => format!("B({})", letter(kind)),
            Step::Check(kind) => format!("C({})", letter(kind)),
            Step::Sync(tree) => format!("sync {}", tree.name()),
        })
        .collect();
    words.join(" ")
}

const VISIBLE: Facts = Facts {
    before: Shows::Yes,
    after: Shows::Yes,
    pair: Pair::Holds,
    start: Start::Whole,
};

fn check(before: [Presence; 3], change: [FileChange; 3], manner: Manner, expect: &str) {
    let steps = steps(Trio::from(before), Trio::from(change), manner);
    assert_eq!(spell(&steps), expect, "{before:?} {change:?} {manner:?}");
}

#[test]
fn each_row_of_the_table_holds_literally() {
    let all = [Present; 3];
    let link = Manner::Link;
    let appears = Facts {
        before: Shows::No,
        ..VISIBLE
    };
    let leaves = Facts {
        after: Shows::No,
        ..VISIBLE
    };
    let pair = Facts {
        pair: Pair::Changes,
        ..VISIBLE
    };
    let broken = Facts {
        start: Start::Broken,
        ..VISIBLE
    };
    check(
        [Absent; 3],
        [Write; 3],
        link(Facts {
            start: Start::Broken,
            ..appears
        }),
        "I(U) I(A) sync links I(D) sync dynamicui",
    );
    check(all, [Write, Keep, Write], link(VISIBLE), "X(U) X(D)");
    check(all, [Keep, Write, Keep], link(VISIBLE), "X(A)");
    check(all, [Write; 3], link(VISIBLE), "X(U) X(A) X(D)");
    check(
        all,
        [Write; 3],
        link(pair),
        "B(D) sync dynamicui B(A) sync links X(U) I(A) sync links I(D) sync dynamicui",
    );
    check(
        all,
        [Write, Keep, Write],
        link(leaves),
        "X(D) sync dynamicui X(U)",
    );
    check(
        all,
        [Write, Keep, Write],
        link(appears),
        "X(U) sync links X(D)",
    );
    check(
        all,
        [Remove; 3],
        link(leaves),
        "B(D) sync dynamicui B(A) B(U) sync links",
    );
    check(
        [Absent, Present, Present],
        [Write, Keep, Write],
        link(broken),
        "B(D) sync dynamicui I(U) sync links I(D) sync dynamicui",
    );
    check(
        [Absent; 3],
        [Write, Keep, Write],
        Manner::Group,
        "I(U) I(D)",
    );
    check(all, [Write, Keep, Write], Manner::Group, "X(U) X(D)");
    check(
        [Absent, Absent, Present],
        [Write, Keep, Keep],
        Manner::Group,
        "I(U)",
    );
    let goes = "sync links sync dynamicui B(D) sync dynamicui B(U) sync links";
    let pair = [Present, Absent, Present];
    check(pair, [Remove, Keep, Remove], Manner::Group, goes);
    check(
        [Present, Absent, Absent],
        [Remove, Keep, Keep],
        Manner::Group,
        "sync links sync dynamicui B(U) sync links",
    );
    check(
        [Absent, Absent, Present],
        [Keep, Keep, Remove],
        Manner::Group,
        "sync links sync dynamicui B(D) sync dynamicui",
    );
}

#[test]
fn a_url_that_changes_alone_has_a_look_at_the_token_on_either_side() {
    let all = [Present; 3];
    let url = |before, after| {
        Manner::Link(Facts {
            before,
            after,
            pair: Pair::UrlAlone,
            ..VISIBLE
        })
    };
    let shown = url(Shows::Yes, Shows::Yes);
    check(all, [Write, Keep, Keep], shown, "C(A) X(U) C(A)");
    let change = [Write, Keep, Write];
    check(all, change, shown, "C(A) X(U) C(A) X(D)");
    check(
        all,
        change,
        url(Shows::Yes, Shows::No),
        "X(D) sync dynamicui C(A) X(U) C(A)",
    );
    check(
        all,
        change,
        url(Shows::No, Shows::Yes),
        "C(A) X(U) C(A) sync links X(D)",
    );
    check(
        [Absent, Present, Present],
        change,
        Manner::Link(Facts {
            start: Start::Broken,
            pair: Pair::UrlAlone,
            ..VISIBLE
        }),
        "B(D) sync dynamicui C(A) I(U) C(A) sync links I(D) sync dynamicui",
    );
}
