//! `examples/generate_fleet.rs`, which makes the data of the benchmarks: what
//! it writes is what the binary takes for right, and nothing else changed.

#[expect(dead_code, reason = "the tests call what its main function calls")]
#[path = "../../examples/generate_fleet.rs"]
mod generate_fleet;

use crate::support::{Outcome, Sandbox};
use generate_fleet::run;
use std::process::ExitCode;

/// Runs the example, with a folder of the sandbox as its last argument.
fn generate(sandbox: &Sandbox, options: &str, folder: &str) -> Outcome {
    let path = sandbox.path(folder).display().to_string();
    let words = ["generate_fleet"].into_iter().chain(options.split(' '));
    let arguments = words.filter(|word| !word.is_empty()).chain([path.as_str()]);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(arguments.map(Into::into), &mut out, &mut err).unwrap();
    let top = sandbox.path("").display().to_string();
    let text = |bytes| String::from_utf8(bytes).unwrap().replace(&top, "");
    Outcome {
        code: i32::from(code != ExitCode::SUCCESS),
        stdout: text(out),
        stderr: text(err),
    }
}

/// Plans a fleet in a folder; `--detailed-exitcode` makes 0 of nothing to do.
fn plan(sandbox: &Sandbox, folder: &str, format: &str) -> Outcome {
    let [manifest, secrets, root] =
        ["manifest", "secrets.yaml", "root"].map(|name| format!("{folder}/{name}"));
    sandbox.run(&[
        "plan",
        &manifest,
        "--secrets",
        &secrets,
        "--root",
        &root,
        "--format",
        format,
        "--detailed-exitcode",
    ])
}

/// All ways to put one of each list behind its option.
fn combinations(options: &[(&str, &[&str])]) -> Vec<String> {
    let mut all = vec![String::new()];
    for (option, values) in options {
        let with = |before: &String| {
            let before = before.clone();
            values
                .iter()
                .map(move |value| format!("{before} {option} {value}"))
        };
        all = all.iter().flat_map(with).collect();
    }
    all
}

#[test]
fn a_plan_without_drift_is_empty_for_any_options() {
    let options = combinations(&[
        ("--form", &["template", "spelled"]),
        ("--files", &["1", "3"]),
        ("--links", &["1", "8"]),
        ("--foreign", &["0", "8"]),
        ("--groups", &["0", "3"]),
        ("--icons", &["0", "6"]),
        ("--cpanel", &["0%", "50%", "100%"]),
    ]);
    assert_eq!(options.len(), 192);
    let sandbox = Sandbox::new();
    for (number, options) in options.iter().enumerate() {
        let folder = number.to_string();
        generate(&sandbox, &format!("--users 3 {options}"), &folder).expect(0);
        let plan = plan(&sandbox, &folder, "text");
        assert_eq!(plan.code, 0, "{options}: {}", plan.shown());
        assert_eq!(plan.stderr, "", "{options}");
        let groups = option(options, "--groups").min(option(options, "--links"));
        let right = 3 * (option(options, "--links") + groups);
        let foreign = match 3 * option(options, "--foreign") {
            0 => String::new(),
            some => format!(" · {some} foreign left alone"),
        };
        let begin = format!("Plan: no changes\n{right} in sync ({right} adopted){foreign}\n");
        assert!(
            plan.stdout.starts_with(&begin),
            "{options}: {}",
            plan.shown()
        );
    }
}

/// The number behind an option.
fn option(options: &str, name: &str) -> usize {
    let mut words = options.split(' ').skip_while(|word| *word != name);
    words.nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_manifest_of_a_fleet_is_valid_even_strictly() {
    let sandbox = Sandbox::new();
    for form in ["template", "spelled"] {
        let options = format!("--users 40 --links 20 --groups 3 --icons 6 --form {form}");
        generate(&sandbox, &options, form).expect(0);
        sandbox
            .run(&["validate", "--strict", &format!("{form}/manifest")])
            .expect(0)
            .says("40 users, 800 links");
    }
}

#[test]
fn each_link_that_drifted_is_one_change_and_no_other_is() {
    let sandbox = Sandbox::new();
    let mut seen = [0; 3];
    for seed in 1..=12 {
        let folder = seed.to_string();
        let options = format!("--users 20 --links 5 --foreign 1 --drift 12.5% --seed {seed}");
        let said = generate(&sandbox, &options, &folder).expect(0).stdout;
        let drifted = said.split("; ").nth(1).unwrap();
        let (drifted, _) = drifted.split_once(" links differ").unwrap();
        let plan = plan(&sandbox, &folder, "json").stdout;
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        let changes = plan["resource_changes"].as_array().unwrap();
        assert_eq!(changes.len().to_string(), drifted, "{said}");
        for change in changes {
            assert_eq!(change["type"], "cplinks_link");
            let action = change["x_cplinks"]["action"].as_str().unwrap();
            let known = ["create", "replace", "hide"]
                .iter()
                .position(|a| *a == action);
            seen[known.unwrap()] += 1;
        }
    }
    let [created, replaced, hidden] = seen;
    // 150 of 1,200 links on average.
    let all = created + replaced + hidden;
    assert!((110..190).contains(&all), "{seen:?}");
    assert!(created > 10 && replaced > 70, "{seen:?}");
}

#[test]
fn an_empty_root_is_planned_to_get_every_link_and_group() {
    let sandbox = Sandbox::new();
    let options = "--users 6 --links 4 --groups 2 --root empty";
    insta::assert_snapshot!(generate(&sandbox, options, "fleet").shown(), @r"
    exit 0
    --- stdout
    manifest  24 links of 6 accounts, 2642 bytes in 1 files
    root      0 files of 0 bytes; 0 links differ, 0 are foreign
    next      cplinks plan fleet/manifest --secrets fleet/secrets.yaml --root fleet/root
    --- stderr
    ");
    assert_eq!(sandbox.names("fleet/root"), "");
    plan(&sandbox, "fleet", "text")
        .expect(2)
        .says("Plan: 24 to create, 12 groups to create\n");
}

#[test]
fn the_same_options_give_the_same_bytes_and_another_seed_gives_others() {
    let sandbox = Sandbox::new();
    let options = "--users 9 --links 5 --foreign 2 --drift 30% --files 2";
    for folder in ["one", "two"] {
        generate(&sandbox, options, folder).expect(0);
    }
    assert_eq!(sandbox.tree("one"), sandbox.tree("two"));
    generate(&sandbox, &format!("{options} --seed 2"), "other").expect(0);
    assert_ne!(sandbox.tree("one"), sandbox.tree("other"));
}

#[test]
fn an_account_is_the_same_among_more_accounts() {
    let sandbox = Sandbox::new();
    let options = "--links 5 --foreign 2 --drift 30%";
    generate(&sandbox, &format!("--users 3 {options}"), "few").expect(0);
    generate(&sandbox, &format!("--users 50 {options} --files 7"), "many").expect(0);
    for user in sandbox.names("few/root/links").lines() {
        let Some((_, user)) = user.strip_suffix('/').and_then(|line| line.split_once(' ')) else {
            continue;
        };
        for tree in ["links", "dynamicui"] {
            let [few, many] =
                ["few", "many"].map(|fleet| sandbox.tree(&format!("{fleet}/root/{tree}/{user}")));
            assert_eq!(few, many);
        }
    }
}

/// Files of links and groups that are not in our byte form: sorted keys, and
/// only texts.
fn files_of_others(sandbox: &Sandbox, folder: &str) -> (usize, usize) {
    let tree = sandbox.tree(&format!("{folder}/root"));
    let mut names = tree.lines().filter(|line| line.ends_with(" 0644"));
    let all = names.clone().count();
    let is_foreign = |line: &&str| {
        let (path, _) = line.rsplit_once(' ').unwrap();
        let text = sandbox.read(&format!("{folder}/root/{path}"));
        let keys: Vec<_> = text
            .lines()
            .filter_map(|line| line.split_once(" : "))
            .collect();
        !keys.is_sorted() || keys.iter().any(|(_, value)| !value.starts_with('"'))
    };
    let foreign = names.by_ref().filter(is_foreign).count();
    (foreign, all)
}

#[test]
fn a_share_of_the_files_is_written_as_cpanel_writes_them() {
    let sandbox = Sandbox::new();
    for (share, least, most) in [("0%", 0, 0), ("50%", 80, 120), ("100%", 180, 200)] {
        let options = format!("--users 20 --links 4 --cpanel {share}");
        generate(&sandbox, &options, share).expect(0);
        let (foreign, all) = files_of_others(&sandbox, share);
        // Two of each link, and two of the group; a token stands alone.
        assert_eq!(all, 200);
        assert!((least..=most).contains(&foreign), "{share}: {foreign}");
    }
}

#[test]
fn nothing_is_written_where_something_lies_or_where_options_do_not_go_together() {
    let sandbox = Sandbox::new();
    sandbox.write("full/mine", "mine").write("file", "mine");
    let before = sandbox.tree("");
    let mut said = String::new();
    for (options, folder) in [
        ("", "full"),
        ("", "file"),
        ("--users 2 --files 3", "new"),
        ("--drift 101%", "new"),
        ("--cpanel half", "new"),
        ("--links 21", "new"),
        ("--users 0", "new"),
    ] {
        let outcome = generate(&sandbox, options, folder).expect(1);
        assert_eq!(outcome.stdout, "");
        said.push_str(outcome.stderr.lines().next().unwrap());
        said.push('\n');
    }
    insta::assert_snapshot!(said, @r"
    error: full is not empty; name a new folder, nothing is overwritten
    error: cannot list file: Not a directory (os error 20)
    error: a manifest of 3 files needs as many accounts, and there are 2
    error: invalid value '101%' for '--drift <PERCENT>': give percent from 0% to 100%, such as 1% or 0.05%
    error: invalid value 'half' for '--cpanel <PERCENT>': give percent from 0% to 100%, such as 1% or 0.05%
    error: invalid value '21' for '--links <N>': give a number from 1 to 20
    error: invalid value '0' for '--users <N>': give a number from 1 to 10000000
    ");
    assert_eq!(sandbox.tree(""), before);
    generate(sandbox.folder("empty"), "--users 1", "empty").expect(0);
}

#[test]
fn the_help_names_every_option() {
    let sandbox = Sandbox::new();
    let help = generate(&sandbox, "-h", "fleet").expect(0).stdout;
    insta::assert_snapshot!(help, @r"
    Write a manifest, its secrets and the tree of its server into a new folder

    Usage: generate_fleet [OPTIONS] <FOLDER>

    Arguments:
      <FOLDER>  The folder, new or empty

    Options:
          --users <N>         Accounts [default: 100]
          --links <N>         Links of each account, from 1 to 20 [default: 3]
          --foreign <N>       Links of each account that the manifest does not name, at most 8
                              [default: 0]
          --groups <N>        Menu groups that the manifest declares, at most 3 [default: 1]
          --icons <N>         Apps with a picture of their own, at most 6 [default: 3]
          --form <FORM>       How the manifest says it [default: template] [possible values:
                              template, spelled]
          --files <N>         Files of the manifest, no more than accounts [default: 1]
          --root <ROOT>       What lies under the root [default: filled] [possible values:
                              filled, empty]
          --drift <PERCENT>   Links that differ on disk, as a share of all [default: 0%]
          --cpanel <PERCENT>  Files as cPanel writes them, as a share of those that cplinks
                              could have written; foreign links always are [default: 50%]
          --seed <N>          Another number makes another fleet [default: 1]
      -h, --help              Print help (see more with '--help')
    ");
}
