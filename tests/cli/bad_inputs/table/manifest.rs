//! Rows about what a manifest says: names, values, documents, icons, tokens.

use super::{Listed, scene, texts};

const REFUSED: &str = "refused with its place, before anything is written";

pub(super) const NAMES_AND_VALUES: &[Listed] = &[
    texts(
        "N1",
        "a user that is a path out of its folder",
        REFUSED,
        &[],
    ),
    texts("N2", "an app with a slash", REFUSED, &[]),
    texts("N3", "a user that is `.` or `..`", REFUSED, &[]),
    texts("N4", "an empty user or app", REFUSED, &[]),
    texts("N6", "an app with NUL", REFUSED, &[]),
    texts(
        "N7",
        "an app with line breaks or blanks at its ends",
        REFUSED,
        &[],
    ),
    texts(
        "N8",
        "an app or user that begins with a hyphen",
        REFUSED,
        &[],
    ),
    texts(
        "N9",
        "an app that begins with `group_`, in any case",
        "refused, and the prefix is named",
        &["tests/cli/bad_inputs/names.rs::the_reserved_prefix_is_named"],
    ),
    texts("N11", "a user that is a system account", REFUSED, &[]),
    texts(
        "N13",
        "two apps that differ in case alone",
        "a warning, and both are written",
        &["tests/cli/bad_inputs/names.rs::two_apps_that_differ_in_case_are_both_written"],
    ),
    texts(
        "N14",
        "names that YAML takes for numbers, switches or nothing",
        "kept to the letter, or refused",
        &[
            "tests/cli/bad_inputs/names.rs::a_name_that_yaml_takes_for_something_else_keeps_its_spelling",
        ],
    ),
    texts(
        "N16",
        "one link by two spellings or from two files",
        "refused, and both places are shown",
        &["tests/cli/bad_inputs/names.rs::one_link_in_two_files_shows_both_places"],
    ),
    texts("V1", "a label with a single quote", REFUSED, &[]),
    texts(
        "V2",
        "a label with quotes, backslashes, shell, `%`, brackets, braces",
        "carried to the letter; brackets warn; unknown templates are refused",
        &["tests/cli/bad_inputs/labels.rs::odd_labels_are_carried_to_the_letter"],
    ),
    texts("V3", "a label with HTML tags", REFUSED, &[]),
    texts("V4", "a label with escapes of terminals", REFUSED, &[]),
    texts(
        "V6",
        "a label that is empty, blank, too long or of two lines",
        REFUSED,
        &[],
    ),
    texts(
        "V7",
        "URLs that are not http or https; plain http for log-in",
        "refused; a warning",
        &[],
    ),
    texts(
        "V9",
        "URLs without a scheme, host or right port, with blanks or backslashes, look-alikes",
        "refused, a look-alike with its punycode",
        &[
            "tests/cli/bad_inputs/urls.rs::a_host_that_looks_like_another_is_shown_as_it_is_looked_up",
        ],
    ),
    texts(
        "V11",
        "URLs of the server itself or its neighbours",
        "refused unless the policy lists the host; private ones warn",
        &["tests/cli/policy.rs::a_local_host_is_allowed_only_if_the_policy_lists_it"],
    ),
    scene(
        "V12",
        "ids that look like numbers",
        "kept to the letter, shown in quotes",
        "all of them are accepted",
        &["tests/cli/bad_inputs/values.rs::ids_that_look_like_numbers_keep_their_spelling"],
    ),
    texts(
        "V13",
        "an order that is no plain number in its range",
        REFUSED,
        &[],
    ),
    texts(
        "V14",
        "`hide` by other words than true and false",
        "refused with what to write",
        &["tests/cli/bad_inputs/values.rs::a_switch_that_is_none_is_met_with_what_to_write"],
    ),
    texts(
        "V15",
        "a field that nobody knows",
        "refused with the one that was meant",
        &["tests/cli/bad_inputs/keys.rs::a_misspelt_field_gets_the_right_one"],
    ),
];

pub(super) const DOCUMENTS: &[Listed] = &[
    texts(
        "Y1",
        "nothing, comments, `null`, no users",
        "refused, never \"hide all\"",
        &[],
    ),
    texts(
        "Y2",
        "a key twice",
        "refused, and both lines are shown",
        &["tests/cli/bad_inputs/documents.rs::a_repeated_key_shows_both_lines"],
    ),
    scene(
        "Y3",
        "aliases of aliases, nine levels of ten",
        "refused in little time and memory",
        "aliases that repeat little",
        &[
            "tests/cli/bad_inputs/deep.rs::an_alias_bomb_is_refused_in_a_tenth_of_a_second_and_64_megabytes",
            "tests/cli/bad_inputs/deep.rs::what_repeats_is_refused_in_seconds_and_256_megabytes",
            "tests/cli/bad_inputs/documents.rs::what_is_no_manifest_is_refused_and_never_means_hide_everything",
        ],
    ),
    texts(
        "Y5",
        "100,000 brackets, thousands of nested maps and blocks",
        REFUSED,
        &[],
    ),
    scene(
        "Y6",
        "2 GB, a device, FIFO, folder or socket in the place of any file that is read",
        "refused by what it is, without waiting",
        "a link inside the folder, and a file by that name",
        &[
            "tests/cli/bad_inputs/files.rs::what_is_no_regular_file_is_refused_without_waiting",
            "tests/cli/bad_inputs/files.rs::two_gigabytes_are_refused_by_their_size",
            "tests/cli/bad_inputs/files.rs::a_link_out_of_the_folder_is_refused_and_one_inside_is_followed",
            "tests/cli/bad_inputs/files.rs::every_file_that_is_read_must_be_one_and_of_a_size",
        ],
    ),
    scene(
        "Y7",
        "300,000 links in one file",
        "read, in memory that is known",
        "it is accepted itself",
        &["tests/cli/scale.rs::three_hundred_thousand_links_in_one_file_are_read"],
    ),
    scene(
        "Y8",
        "Latin-1, UTF-16, overlong UTF-8, a lone surrogate",
        "refused with the offset of the byte",
        "UTF-8 with a mark",
        &[
            "tests/cli/bad_inputs/encodings.rs::what_is_not_utf8_is_refused_with_its_offset",
            "tests/cli/bad_inputs/documents.rs::text_that_is_only_marked_otherwise_gives_the_same_plan",
        ],
    ),
    scene(
        "Y9",
        "a byte order mark; CRLF",
        "the same plan as without",
        "both are accepted",
        &[
            "tests/cli/bad_inputs/documents.rs::text_that_is_only_marked_otherwise_gives_the_same_plan",
            "tests/cli/bad_inputs/documents.rs::places_are_right_whatever_ends_a_line",
        ],
    ),
    scene(
        "Y12",
        "a manifest cut at every byte",
        "refused, or nothing goes but links of users that are missing, under a guard, and of the \
         one user in whom the cut falls; a watch waits for the rest",
        "the whole of it",
        &[
            "tests/cli/bad_inputs/truncated.rs::a_manifest_cut_anywhere_takes_nothing_away_that_the_whole_leaves",
            "tests/cli/bad_inputs/truncated.rs::what_is_ours_is_hidden_by_no_cut_but_of_users_that_are_missing_under_a_guard",
            "tests/cli/watch/edits.rs::it_is_written_byte_by_byte",
            "tests/cli/watch/edits.rs::half_of_it_that_would_do_is_not_taken_for_all_of_it",
            "tests/cli/watch/guards.rs::users_that_leave_the_manifest_are_only_told_of",
        ],
    ),
    scene(
        "Y13",
        "a manifest, or a folder above it, that others could write",
        "stopped with the path, where that is asked for",
        "a sticky folder; the same where nobody asks",
        &[
            "tests/cli/bad_inputs/owners.rs::what_others_could_write_is_refused_with_its_path",
            "src/run/target.rs::the_default_root_is_known_by_any_spelling",
        ],
    ),
    scene(
        "Y14",
        "files on the server that are no JSON, too deep, repeated, or go on",
        "replaced and kept; with `token: keep` blocked",
        "another spelling of the same values",
        &[
            "tests/cli/bad_inputs/on_disk.rs::a_userconfig_that_does_not_parse_is_replaced",
            "tests/cli/bad_inputs/on_disk.rs::a_broken_adminconfig_blocks_where_its_token_is_to_be_kept",
            "tests/cli/drift/mod.rs::another_spelling_of_the_same_values_is_none",
        ],
    ),
];

pub(super) const ICONS_AND_TOKENS: &[Listed] = &[
    texts("I1", "an icon by a path out of the folder", REFUSED, &[]),
    scene(
        "I2",
        "an icon that is, or lies behind, a link out of the folder",
        REFUSED,
        "a link inside the folder",
        &[
            "tests/cli/bad_inputs/icons.rs::an_icon_that_is_no_file_of_the_manifests_folder_is_refused_without_waiting",
        ],
    ),
    scene(
        "I3",
        "an icon that is a FIFO, device or folder, or goes away after the plan",
        "refused without waiting",
        "the same icon, back in its place",
        &[
            "tests/cli/bad_inputs/icons.rs::an_icon_that_is_no_file_of_the_manifests_folder_is_refused_without_waiting",
            "tests/cli/bad_inputs/icons.rs::a_device_is_no_icon",
            "tests/cli/bad_inputs/icons.rs::an_icon_that_goes_away_after_the_plan_stops_the_apply",
        ],
    ),
    scene(
        "I4",
        "an icon that is too large, empty, cut off or damaged",
        REFUSED,
        "a whole one, as large as may be",
        &["tests/cli/bad_inputs/icons.rs::pictures_that_are_not_whole_are_refused"],
    ),
    scene(
        "I6",
        "an icon of 50,000 by 50,000 pixels, or that inflates to 400 MB",
        "refused with less than 16 MB",
        "one with a comment",
        &[
            "tests/cli/bad_inputs/icons.rs::pictures_that_would_fill_the_memory_are_refused_early",
            "tests/icons.rs::no_icon_takes_sixteen_megabytes_to_refuse",
        ],
    ),
    texts(
        "I8",
        "base64 in all the spellings that get lost on the way",
        "decoded once by one rule, or refused",
        &["tests/cli/bad_inputs/icons.rs::every_accepted_spelling_writes_the_same_bytes"],
    ),
    texts(
        "T1",
        "a token file out of the folder, by path or link",
        "refused, or blocked unread",
        &[
            "tests/cli/bad_inputs/tokens.rs::a_token_file_that_links_out_of_the_folder_is_not_read",
            "tests/cli/bad_inputs/tokens.rs::a_token_file_that_is_no_file_is_not_waited_for",
            "tests/cli/policy.rs::the_policy_names_the_folders_that_token_files_come_from",
        ],
    ),
    texts(
        "T2",
        "a token from a variable that is none of ours",
        "refused unless the policy lists it",
        &["tests/cli/policy.rs::the_policy_names_the_variables_that_tokens_come_from"],
    ),
    texts(
        "T3",
        "a token from a command",
        "no such thing: refused, or a text with a warning",
        &[],
    ),
    texts(
        "T4",
        "a token in the manifest",
        "a warning that does not show it",
        &[
            "tests/cli/validate/secrets.rs::no_token_of_a_manifest_is_shown_whatever_else_is_wrong_around_it",
        ],
    ),
    scene(
        "T5",
        "a known token with the URL of a stranger",
        "a guard refuses; the manifest's own list does not help",
        "listed in the policy, or let through by number",
        &[
            "tests/cli/policy.rs::a_token_is_not_taken_to_another_host_unasked",
            "tests/cli/policy.rs::a_token_that_is_kept_is_not_taken_to_another_host_either",
            "tests/cli/policy.rs::the_policy_lets_a_new_host_through",
        ],
    ),
    scene(
        "T7",
        "a plan without secrets",
        "made, with the tokens not compared",
        "the same with them",
        &[
            "tests/cli/bad_inputs/tokens.rs::without_secrets_tokens_are_not_compared",
            "tests/cli/pinned.rs::the_digest_is_that_of_the_apply_with_secrets_and_stands_last_in_text",
        ],
    ),
    scene(
        "T8",
        "a token in anything that is shown or kept beside its file",
        "in none of it",
        "",
        &[
            "tests/cli/apply/secrets.rs::a_token_is_in_its_adminconfig_and_in_the_backup_of_that",
            "tests/cli/apply/secrets.rs::no_error_shows_a_token",
            "tests/cli/pinned.rs::no_token_is_in_it_and_nothing_made_from_one",
            "tests/cli/watch/log.rs::no_token_is_in_anything_it_lets_others_know",
            "tests/cli/ci.rs::no_token_of_a_manifest_is_in_a_report",
            "src/ledger/tests/prints.rs::no_token_and_no_plain_hash_of_one_is_in_the_state",
        ],
    ),
    scene(
        "T10",
        "a token that is one letter, or a word of the label",
        "only tokens are hidden, not their letters elsewhere",
        "the label, shown whole",
        &["tests/cli/bad_inputs/tokens.rs::a_token_that_is_part_of_other_text_hides_nothing_of_it"],
    ),
    scene(
        "T11",
        "the backups and the journal",
        "for root alone, and without a token but in the file that held it",
        "",
        &[
            "tests/cli/ledger.rs::the_state_is_roots_alone_and_holds_no_token",
            "tests/cli/apply/beside.rs::the_old_bytes_are_kept_with_their_modes",
            "src/apply/tests/record.rs::nothing_in_a_journal_helps_to_guess_a_token",
        ],
    ),
];
