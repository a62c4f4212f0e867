//! Rows about what others see and do while it runs: reports, concurrency,
//! time, and watches.

use super::{Listed, scene};

pub(super) const ROWS: &[Listed] = &[
    scene(
        "R1",
        "labels that are commands of pipelines",
        "at the start of no line",
        "the same text as a label",
        &[
            "tests/cli/bad_inputs/reports.rs::r1_no_text_is_a_command_of_a_pipeline",
            "tests/cli/bad_inputs/reports.rs::r1_a_manifest_that_is_refused_is_no_command_either",
            "tests/cli/bad_inputs/reports.rs::r1_an_argument_that_is_refused_is_no_command_either",
            "tests/cli/bad_inputs/labels.rs::odd_labels_are_carried_to_the_letter",
        ],
    ),
    scene(
        "R3",
        "values with line breaks on their way to a step's outputs",
        "never written there",
        "our own outputs",
        &[
            "tests/cli/bad_inputs/reports.rs::r3_no_text_becomes_an_output_of_a_step",
            "tests/cli/workflows.rs::a_noted_text_that_is_no_digest_reaches_no_environment",
        ],
    ),
    scene(
        "R4",
        "Markdown and HTML in labels",
        "in code, behind a fence that is longer than any in it",
        "the same text, shown whole",
        &[
            "tests/cli/markdown.rs::hostile_texts_stay_in_code",
            "tests/browser/page.rs::no_label_of_a_disk_runs_as_script",
        ],
    ),
    scene(
        "R5",
        "a difference of ten megabytes",
        "cut with a count",
        "one that is shown whole",
        &[
            "tests/cli/bad_inputs/reports.rs::r5_a_diff_of_ten_megabytes_is_cut_with_a_count",
            "tests/cli/markdown.rs::it_is_cut_by_steps_and_says_so",
            "tests/cli/ci.rs::a_summary_that_other_commands_began_is_never_longer_than_github_takes",
        ],
    ),
    scene(
        "R7",
        "standard output that is closed, full, or read for one line",
        "no panic; the exit code tells of the apply",
        "a reader that has seen enough",
        &[
            "tests/cli/plan/streams.rs::a_reader_that_has_seen_enough_is_no_failure",
            "tests/cli/plan/streams.rs::output_that_cannot_be_written_is_an_error_and_no_panic",
            "tests/cli/apply/mod.rs::an_outcome_that_cannot_be_shown_is_an_error_and_the_links_are_made",
        ],
    ),
    scene(
        "K1",
        "fifty applies at once",
        "one writes at a time, the others wait or are told who does; a killed one holds nothing",
        "those that wait",
        &[
            "tests/crash/locks.rs::of_fifty_applies_at_once_one_writes",
            "tests/crash/locks.rs::the_lock_of_a_killed_apply_is_free_at_once",
            "tests/cli/apply/race.rs::of_many_applies_at_once_each_is_done_or_turned_away",
        ],
    ),
    scene(
        "K2",
        "another program rewrites a link before our rename",
        "theirs stays, and is told",
        "the links beside it",
        &[
            "src/apply/tests/foreign.rs::a_file_changed_since_the_plan_stays_and_the_others_go_on",
            "tests/crash/foreign.rs::no_version_that_another_program_writes_is_lost",
        ],
    ),
    scene(
        "K3",
        "another program makes the link that we are about to make",
        "theirs stays, and is told",
        "",
        &["src/apply/tests/foreign.rs::a_file_that_came_up_since_the_plan_stays"],
    ),
    scene(
        "K4",
        "another program removes a link meanwhile",
        "it stays away, and that is told",
        "",
        &["src/apply/tests/foreign.rs::a_file_or_folder_that_went_away_since_the_plan_stays_away"],
    ),
    scene(
        "K6",
        "an approved plan of before a change by others",
        "stale, with what moved",
        "the same after another spelling, or beside foreign links",
        &[
            "tests/cli/pinned.rs::any_other_plan_is_refused_and_what_moved_is_told",
            "tests/cli/pinned.rs::the_digest_is_that_of_the_apply_with_secrets_and_stands_last_in_text",
        ],
    ),
    scene(
        "K7",
        "killed at every system call, and again while it is put in order",
        "every promise holds, and the next run finishes",
        "",
        &[
            "tests/crash/kill.rs::killed_at_any_call_every_promise_holds_and_the_next_apply_finishes",
            "tests/crash/kill.rs::killed_again_while_it_recovers_every_promise_still_holds",
            "tests/crash/sharp.rs::before_and_after_nothing_is_wrong",
        ],
    ),
    scene(
        "K8",
        "SIGTERM, SIGINT, SIGHUP at every system call, and twice",
        "the link in hand is finished or undone, soon; the second ends it at once",
        "a hangup that is to be ignored",
        &[
            "tests/crash/kill.rs::asked_to_end_at_any_call_it_leaves_nothing_half_done",
            "tests/cli/apply/signals.rs::each_signal_to_end_is_heard_between_two_links",
            "tests/cli/apply/signals.rs::the_second_signal_ends_it_at_once",
            "tests/cli/apply/signals.rs::a_hangup_that_is_ignored_stays_ignored",
        ],
    ),
    scene(
        "K10",
        "a power cut at every write to the disk",
        "as when killed; after exit 0 nothing is lost",
        "",
        &[
            "src/apply/tests/cuts.rs::no_power_cut_at_any_call_breaks_the_promise",
            "src/apply/tests/cuts.rs::every_planted_mistake_is_found",
            "src/store/steps/tests/laws.rs::every_edit_is_safe_after_a_power_cut_at_any_step",
        ],
    ),
    scene(
        "K11",
        "a clock that jumps by years, or to 1970",
        "nothing waits by it, runs are numbered, the newest stay",
        "",
        &[
            "tests/tidy.rs::the_clock_on_the_wall_only_dates",
            "src/store/retain.rs::a_clock_that_jumps_takes_none_of_the_newest",
            "src/store/run.rs::numbers_go_up_from_the_highest_there_is",
        ],
    ),
    scene(
        "W1",
        "10,000 writes to the manifest",
        "a few rounds, and the last content is live soon",
        "the last of them",
        &[
            "tests/cli/watch/storm.rs::a_storm_of_writes_is_a_few_rounds_and_the_last_content_is_live_soon",
        ],
    ),
    scene(
        "W2",
        "more notices than the kernel keeps",
        "everything is read again",
        "",
        &["tests/cli/watch/storm.rs::what_the_kernel_drops_is_found_by_looking_at_everything"],
    ),
    scene(
        "W3",
        "a manifest replaced by rename, by a swapped link, by `sed -i`, by `git checkout`",
        "seen",
        "each of them is accepted",
        &[
            "tests/cli/watch/edits.rs::an_editor_renames_over_it",
            "tests/cli/watch/edits.rs::sed_edits_it",
            "tests/cli/watch/edits.rs::kubernetes_swaps_a_link",
            "tests/cli/watch/edits.rs::git_checks_out_another_branch",
        ],
    ),
    scene(
        "W4",
        "a manifest that is deleted, emptied or half written",
        "the last good one stays in force, and that is told",
        "the whole of it, when it comes back",
        &[
            "tests/cli/watch/edits.rs::it_is_deleted_and_restored",
            "tests/cli/watch/edits.rs::it_is_emptied",
            "tests/cli/watch/edits.rs::it_is_written_by_halves",
            "tests/cli/watch/edits.rs::it_is_written_byte_by_byte",
        ],
    ),
    scene(
        "W7",
        "links that are changed by hand; two writers that fight",
        "told or repaired, by the mode; contested, and left alone for longer each time",
        "other links of that user",
        &[
            "tests/cli/watch/foreign.rs::a_link_with_another_label_is_repaired",
            "tests/cli/watch/foreign.rs::in_report_mode_it_is_only_told_of",
            "tests/cli/watch/contested.rs::a_link_that_is_undone_all_the_time_is_repaired_less_and_less_often",
        ],
    ),
    scene(
        "W8",
        "an apply that fails for ever",
        "tried again less and less often, told of once, and seen in its health",
        "it works again by itself",
        &[
            "tests/cli/watch/failing.rs::a_full_disk",
            "tests/cli/watch/failing.rs::a_file_in_the_way_of_the_runs",
            "src/watch/backoff.rs::it_grows_to_its_cap_and_starts_anew",
            "src/watch/backoff.rs::jitter_only_shortens",
        ],
    ),
    scene(
        "W9",
        "a million notices",
        "no more memory and descriptors than before",
        "",
        &[
            "tests/cli/watch/flat.rs::a_million_notices_leave_nothing_behind",
            "tests/cli/watch/flat.rs::ten_thousand_edits_of_the_manifest_leave_nothing_behind",
        ],
    ),
    scene(
        "W10",
        "signals and a service manager in the middle of an apply",
        "whole links, and the manager is told in time",
        "a hangup, which is a reload",
        &[
            "tests/cli/watch/ending.rs::asked_to_end_in_the_middle_it_leaves_whole_links_and_the_rest_for_later",
            "tests/cli/watch/ending.rs::killed_in_the_middle_the_next_one_puts_it_in_order",
            "tests/cli/watch/service.rs::it_is_told_that_all_is_well_and_for_how_long",
            "tests/cli/watch/service.rs::a_hangup_is_a_reload",
        ],
    ),
    scene(
        "W11",
        "a second watch of one root",
        "turned away as busy",
        "one of another root",
        &["tests/cli/watch/beside.rs::of_two_watches_of_a_root_the_second_is_turned_away"],
    ),
];
