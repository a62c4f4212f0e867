//! Rows about what lies on the server, and what becomes of its disk.

use super::{Listed, scene};

const SKIPPED: &str = "that link is skipped, nothing is followed or waited for, the others go on";

pub(super) const ROWS: &[Listed] = &[
    scene(
        "F1",
        "a user's folder that is a link, to `/etc` or to another user",
        SKIPPED,
        "a folder with links in it that are none of ours",
        &[
            "tests/cli/bad_inputs/disk.rs::what_is_no_folder_is_skipped_with_all_that_would_be_in_it",
            "tests/cli/bad_inputs/disk.rs::a_folder_with_strange_things_in_it_is_a_folder",
            "tests/cli/bad_inputs/preflight.rs::a_link_above_the_users_folders_stops_everything",
            "tests/cli/bad_inputs/preflight.rs::a_link_on_the_way_to_the_root_stops_everything",
        ],
    ),
    scene(
        "F2",
        "an adminconfig that is a link to a secret of root's",
        SKIPPED,
        "a file with two names",
        &[
            "tests/cli/bad_inputs/disk.rs::what_is_no_file_is_skipped_alone_and_nobody_is_waited_for",
            "tests/cli/bad_inputs/disk.rs::a_file_that_is_one_is_taken_however_it_looks",
            "src/apply/tests/foreign.rs::a_link_put_in_place_of_a_file_is_put_back_unfollowed",
        ],
    ),
    scene(
        "F3",
        "a FIFO, socket, device or folder in the place of a file",
        SKIPPED,
        "a file of odd mode and age",
        &[
            "tests/cli/bad_inputs/disk.rs::what_is_no_file_is_skipped_alone_and_nobody_is_waited_for",
            "tests/cli/bad_inputs/disk.rs::a_file_that_is_one_is_taken_however_it_looks",
            "tests/cli/bad_inputs/preflight.rs::what_is_neither_file_nor_folder_stops_everything_and_nobody_is_waited_for",
            "src/store/scan/tests/moving.rs::what_becomes_another_thing_after_it_was_listed_is_not_waited_for",
        ],
    ),
    scene(
        "F5",
        "a root, or a user's folder, that others could write",
        "stopped, or the user skipped, with the mode that was found",
        "folders that others may only read or pass",
        &[
            "tests/cli/bad_inputs/preflight.rs::where_others_could_write_it_stops_or_skips_the_user",
            "src/store/root.rs::a_directory_that_others_may_write_is_refused_when_strict",
        ],
    ),
    scene(
        "F6",
        "a file of 0 bytes, binary or half; one of 4 GB, or a byte too long",
        "replaced, and the old bytes kept; the large ones are skipped",
        "one as long as it may be",
        &[
            "tests/cli/bad_inputs/on_disk.rs::a_userconfig_that_does_not_parse_is_replaced",
            "tests/cli/bad_inputs/disk.rs::what_is_no_file_is_skipped_alone_and_nobody_is_waited_for",
            "tests/cli/bad_inputs/disk.rs::a_file_that_is_one_is_taken_however_it_looks",
            "src/store/scan/tests/moving.rs::what_grows_while_it_is_read_is_too_large_and_what_shrinks_is_read",
        ],
    ),
    scene(
        "F8",
        "an input/output error on reading what is there or what is wanted",
        "skipped or refused, never taken for absent",
        "the same file once it can be read",
        &[
            "tests/cli/bad_inputs/disk.rs::what_cannot_be_read_is_skipped_and_never_taken_for_absent",
            "tests/cli/bad_inputs/disk.rs::what_is_wanted_and_cannot_be_read_is_no_empty_wish",
            "src/store/scan/tests.rs::a_file_that_cannot_be_read_is_never_absent",
            "tests/crash/errors.rs::no_error_of_any_call_goes_unnoticed_or_does_harm",
        ],
    ),
    scene(
        "F9",
        "a folder that is swapped for a link 10,000 times while plans and applies run",
        "never followed: nothing outside is read or written",
        "the folder, left in peace",
        &["tests/cli/bad_inputs/race.rs::a_folder_that_is_swapped_for_a_link_is_never_followed"],
    ),
    scene(
        "F10",
        "a file or folder that may not be changed",
        "that link is left as it was, with the reason",
        "the same once it may be",
        &[
            "tests/cli/bad_inputs/disk.rs::what_may_not_be_changed_is_left_with_the_reason_and_the_others_go_on",
        ],
    ),
    scene(
        "F11",
        "a file system that is mounted read-only",
        "an apply stops before its first change, a plan is made",
        "the same, writable",
        &[
            "tests/cli/bad_inputs/preflight.rs::a_file_system_that_is_mounted_read_only_stops_everything",
        ],
    ),
    scene(
        "F12",
        "no room, no quota, no inodes, at each call and on disks of each size",
        "stopped by the sum, or the batch leaves nothing behind",
        "the first disk that is large enough",
        &[
            "tests/crash/full.rs::on_a_disk_of_any_size_every_promise_holds",
            "tests/crash/full.rs::on_a_disk_for_any_number_of_files_every_promise_holds",
            "tests/crash/full.rs::a_disk_that_fills_up_in_the_second_batch_keeps_the_first",
            "src/apply/tests/full.rs::a_disk_that_fills_up_leaves_neither_links_nor_folders_behind",
        ],
    ),
    scene(
        "F13",
        "an error of a sync",
        "that link is not called durable, and no sync is tried again",
        "",
        &[
            "src/apply/tests/faults.rs::a_failed_sync_of_a_folder_is_not_tried_again_and_not_called_done",
            "tests/crash/errors.rs::no_error_of_any_call_goes_unnoticed_or_does_harm",
        ],
    ),
    scene(
        "F14",
        "trees on different file systems, or one that cannot exchange files",
        "stopped before the first change, and named",
        "all on one",
        &[
            "tests/cli/bad_inputs/preflight.rs::trees_on_different_file_systems_stop_everything_and_are_named",
            "tests/cli/bad_inputs/preflight.rs::a_users_folder_on_another_file_system_is_that_users_trouble",
            "src/store/run.rs::a_file_system_that_cannot_exchange_is_refused_and_nothing_stays",
        ],
    ),
    scene(
        "F15",
        "an account that is not there, or whose look-up fails",
        "a warning, an error when strict; a look-up that failed skips the user",
        "an account that is there",
        &[
            "tests/cli/bad_inputs/preflight.rs::a_look_up_that_failed_is_no_missing_account",
            "tests/cli/apply/modes.rs::an_account_that_this_host_does_not_have_is_skipped",
        ],
    ),
    scene(
        "F16",
        "a user's folder with another group or mode",
        "told, and mended on what was looked at",
        "the same where owners are nobody's business",
        &[
            "tests/cli/apply/modes.rs::wrong_modes_are_mended",
            "tests/cli/apply/modes.rs::as_root_folders_get_the_group_of_their_account_and_files_root",
            "src/apply/tests/foreign.rs::a_folder_with_a_wrong_mode_is_mended_unless_it_changed_again",
        ],
    ),
];
