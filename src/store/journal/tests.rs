//! What a journal says when it is read back, whole or torn.

use super::*;
use crate::model::{AppName, FileKind, Function, Ownership};
use crate::plan::{Address, Tree};
use crate::store::edit::Trio;
use crate::store::key::{Fingerprint, Version};
use crate::store::record::{Note, RunKind, Verb, WrittenFile};
use crate::store::steps::Step;
use crate::store::testing::{header, user};

fn edit() -> WrittenEdit {
    let version = |byte, mode| Version {
        fingerprint: Fingerprint([byte; 32]),
        ownership: Ownership {
            mode,
            uid: 0,
            gid: 7,
        },
    };
    let mut files: Trio<WrittenFile> = Trio::default();
    *files.of_mut(FileKind::Userconfig) = WrittenFile {
        staged: Some("000001-a.userconfig".to_owned()),
        before: Some(version(1, 0o644)),
        after: Some(version(2, 0o4644)),
    };
    *files.of_mut(FileKind::Menu) = WrittenFile {
        staged: None,
        before: Some(version(3, 0o600)),
        after: None,
    };
    WrittenEdit {
        address: Address::Link(user("alice"), AppName::parse("a").unwrap()),
        note: Note {
            old_token_reference: Some("env CPLINKS_A".to_owned()),
            was_ours: true,
            is_ours: true,
            verb: Verb::Hide,
            token_reference: Some("secret alice/\"a\"\n".to_owned()),
            autologin_host: None,
        },
        steps: vec![
            Step::Back(FileKind::Menu),
            Step::Sync(Tree::Menu),
            Step::Check(FileKind::Adminconfig),
            Step::Exchange(FileKind::Userconfig),
            Step::Install(FileKind::Adminconfig),
            Step::Sync(Tree::Links),
        ],
        files,
    }
}

fn text(lines: &[String]) -> String {
    format!("{}\n", lines.join("\n"))
}

fn whole() -> String {
    text(&[
        wire::header(RunId(7), &header()),
        wire::begin(&[edit(), edit()]),
        wire::end(&[Recorded::Done, Recorded::NotDone]),
        wire::done(),
    ])
}

#[test]
fn what_was_written_is_read_back() {
    let written = parse(whole().as_bytes()).unwrap().unwrap();
    assert_eq!(written.header, header());
    assert_eq!(written.batches[0].edits, [edit(), edit()]);
    let outcomes = Some(vec![Recorded::Done, Recorded::NotDone]);
    assert_eq!(written.batches[0].outcomes, outcomes);
    assert!(written.is_done && !written.is_torn);
}

#[test]
fn a_run_says_what_it_was_for() {
    for (kind, expect) in [
        (RunKind::Apply, "\"kind\":\"apply\",\"started\""),
        (
            RunKind::Undo(RunId(3)),
            "\"kind\":\"undo\",\"undone\":\"000003\",\"started\"",
        ),
        (
            RunKind::Call(Function::RemoveGroup),
            "\"kind\":\"call\",\"function\":\"remove_integration_group\",\"started\"",
        ),
    ] {
        let header = RunHeader { kind, ..header() };
        let line = wire::header(RunId(7), &header);
        assert!(line.contains(expect), "{line}");
        let written = parse(text(&[line]).as_bytes()).unwrap().unwrap();
        assert_eq!(written.header, header);
    }
}

#[test]
fn a_journal_torn_anywhere_says_no_more_than_its_whole_lines() {
    let whole = whole();
    for cut in 0..whole.len() {
        let torn = &whole.as_bytes()[..cut];
        let lines = torn.split(|b| *b == b'\n').count() - 1;
        let Some(written) = parse(torn).unwrap() else {
            assert_eq!(lines, 0);
            continue;
        };
        assert_eq!(written.batches.len(), usize::from(lines > 1));
        let has_outcomes = written.batches.iter().any(|b| b.outcomes.is_some());
        assert_eq!(has_outcomes, lines > 2);
        assert!(!written.is_done);
        // The end that a recovery writes after it.
        let start = if written.is_torn { "\n" } else { "" };
        let mut mended = torn.to_vec();
        mended.extend(format!("{start}{}\n", wire::done()).as_bytes());
        assert!(parse(&mended).unwrap().unwrap().is_done, "cut at {cut}");
    }
}

#[test]
fn what_is_whole_and_not_ours_is_damage_and_not_skipped() {
    let head = wire::header(RunId(7), &header());
    for (lines, expect) in [
        (vec!["{}".to_owned()], "does not begin as a journal"),
        (vec!["\0\0".to_owned()], "does not begin as a journal"),
        (
            vec![head.replace("\"format\":1", "\"format\":2")],
            "has format 2, this version of cplinks knows format 1",
        ),
        (
            vec![head.clone(), "{\"new\":1}".to_owned()],
            "has a line that is not understood",
        ),
        (
            vec![
                head.clone(),
                wire::begin(&[edit()]).replace("000001-", "../"),
            ],
            "has a line that is not understood",
        ),
        (
            vec![head.clone(), wire::end(&[Recorded::Done])],
            "has outcomes of no batch",
        ),
        (
            vec![head.replace("\"apply\"", "\"call\"")],
            "does not say which function was called",
        ),
        (
            vec![head.replace("\"apply\"", "\"call\",\"function\":\"createacct\"")],
            "does not say which function was called",
        ),
    ] {
        let error = parse(text(&lines).as_bytes()).map(|_| ()).unwrap_err();
        assert_eq!(error, expect, "{lines:?}");
    }
}
