//! The README cannot rot: every block of commands runs in a sandbox, and
//! every output it shows is what comes out.

use crate::support::Sandbox;
use std::path::Path;

/// A fenced block, with the comment that stands above it.
struct Block {
    comment: Option<String>,
    language: String,
    text: String,
}

fn blocks() -> Vec<Block> {
    blocks_of("README.md")
}

fn blocks_of(page: &str) -> Vec<Block> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let readme = std::fs::read_to_string(path).unwrap();
    let mut blocks = Vec::new();
    let mut comment = None;
    let mut open: Option<Block> = None;
    for line in readme.lines() {
        match &mut open {
            Some(block) if line == "```" => {
                let text = std::mem::take(&mut block.text);
                blocks.push(Block {
                    comment: block.comment.take(),
                    language: std::mem::take(&mut block.language),
                    text,
                });
                open = None;
            }
            Some(block) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            None => {
                if let Some(language) = line.strip_prefix("```") {
                    open = Some(Block {
                        comment: comment.take(),
                        language: language.to_owned(),
                        text: String::new(),
                    });
                } else if let Some(text) = line.strip_prefix("<!-- ") {
                    comment = Some(text.trim_end_matches(" -->").to_owned());
                } else {
                    comment = None;
                }
            }
        }
    }
    blocks
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_examples();
    sandbox.shell("rm -r root").expect(0);
    sandbox
}

/// The first command, with the binary in place of `cargo run`.
fn quick_start() -> String {
    let block = blocks()
        .into_iter()
        .find(|b| b.comment.as_deref() == Some("quick start: run"))
        .expect("the README has a quick start");
    assert!(block.text.contains("cargo run -- apply"));
    format!(
        "umask 022; {}",
        block.text.replace("cargo run --", "cplinks")
    )
}

#[test]
fn the_first_command_reconciles_the_example_and_touches_nothing_else() {
    let sandbox = sandbox();
    let before = sandbox.tree("examples");
    sandbox.shell(&quick_start()).expect(0).says("0 failed");
    assert_eq!(sandbox.tree("examples"), before);
    let names = sandbox.names("");
    let outside: Vec<_> = names
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(_, name)| name)
        .filter(|name| !name.starts_with("demo/") && !name.starts_with("examples/"))
        .collect();
    assert!(outside.is_empty(), "{outside:?}");
}

#[test]
fn what_the_examples_page_says_comes_after_the_first_command_too() {
    let sandbox = sandbox();
    sandbox.shell(&quick_start()).expect(0);
    let mut blocks = blocks_of("examples/README.md").into_iter();
    let block = blocks.find(|block| block.language == "sh");
    let text = block.expect("it has a first plan").text;
    sandbox
        .shell(&format!("umask 022\n{text}"))
        .expect(0)
        .says("16 to create, 4 to replace (4 adopted), 1 to hide, 1 to remove");
}

#[test]
fn the_second_command_is_the_one_that_ci_runs() {
    let block = blocks()
        .into_iter()
        .find(|b| b.comment.as_deref() == Some("quick start: test"))
        .unwrap();
    assert_eq!(block.text, "cargo test\n");
    let ci =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/run")).unwrap();
    assert!(ci.contains("cargo test"));
}

#[test]
fn every_block_of_commands_runs() {
    let sandbox = sandbox();
    let mut last = None;
    let mut ran = 0;
    for block in blocks() {
        let comment = block.comment.as_deref().unwrap_or_default();
        match comment {
            "run" | "run: exit 1" | "run: exit 2" => {
                let code = comment
                    .rsplit_once(' ')
                    .map_or(0, |(_, code)| code.parse().unwrap());
                last = Some(
                    sandbox
                        .shell(&format!("umask 022\n{}", block.text))
                        .expect(code),
                );
                ran += 1;
            }
            "output" => {
                let outcome = last.take().expect("an output follows its commands");
                assert_eq!(format!("{}{}", outcome.stdout, outcome.stderr), block.text);
            }
            "quick start: run" | "quick start: test" => {}
            _ => assert!(
                block.language != "sh" || block.text == "cargo install --path .\n",
                "this block is not run:\n{}",
                block.text
            ),
        }
    }
    assert!(ran >= 5, "only {ran} blocks ran");
}

#[test]
fn the_plan_it_shows_is_that_of_the_manifest_above_it() {
    let text = |comment: &str| {
        let mut blocks = blocks().into_iter();
        let block = blocks.find(|b| b.comment.as_deref() == Some(comment));
        block.expect("the README has it").text
    };
    let sandbox = Sandbox::with_examples();
    sandbox.write(
        "examples/acme/readme.yml",
        text("the manifest of the plan below"),
    );
    let plan = sandbox.shell(
        "cplinks plan examples/acme/readme.yml --root root --secrets examples/acme-secrets.yaml",
    );
    assert_eq!(
        plan.expect(0).stdout,
        text("the plan of the manifest above")
    );
}

#[test]
fn every_manifest_it_shows_is_valid() {
    let sandbox = Sandbox::with_examples();
    let mut count = 0;
    for block in blocks().into_iter().filter(|b| b.language == "yaml") {
        // Icons are named relative to the manifest; the example's serve.
        let name = format!("examples/acme/readme-{count}.yml");
        sandbox.write(&name, &block.text);
        sandbox.run(&["validate", &name]).expect(0);
        count += 1;
    }
    assert_eq!(count, 2);
}
