//! Random worlds: valid manifests with texts that are hard to carry, and disks
//! on which all may have gone wrong.

use super::world::{APPS, Cell, Disk, Fields, Lies, Say, Token, USERS, World};
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn label() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(vec![
        "yes",
        "0",
        "null",
        "1e3",
        "~ [x] }",
        "# not a comment",
        "a: b",
        "- x",
        "*alias",
        "%YAML",
        "\"quoted\" \\ back",
        "Ünïcode ✓ 漢字 😀",
        "$(id) `id` ${x}",
        "::error::x",
        "|x|",
        "&amp;",
        "{x} {% x %}",
    ]);
    prop_oneof![
        hostile.prop_map(str::to_owned),
        "[A-Za-z0-9 :#*&!|>@`\",.%]{0,20}[a-z]"
    ]
    .prop_map(|text| text.replace('>', ")").trim().to_owned())
}

prop_compose! {
    pub(super) fn fields()(
        label in label(),
        implements in prop::sample::select(vec!["", "billing", "0", "x-y_1"]),
        path in "[a-z]{0,4}(\\?q=[a-z0-9%&;]{0,3}[a-z])?",
        login in option::of("[0-9]{1,4}|01\\.10|no"),
        group in prop::sample::select(vec![None, Some("domains"), Some("grp")]),
        order in option::of(prop_oneof![-3_i64..200, Just(-99_999), Just(99_999)]),
        hide in prop::bool::weighted(0.3),
        key in option::weighted(0.2, 0_u8..2),
    ) -> Fields {
        let mut url = format!("https://x.example/{}", path.replace('%', "%25"));
        if let Some(key) = key {
            // What is masked wherever it is shown.
            let mark = if url.contains('?') { '&' } else { '?' };
            url = format!("{url}{mark}key=canary-{key}");
        }
        Fields { label, implements, url, login, group, order, hide }
    }
}

fn say() -> impl Strategy<Value = Option<Say>> {
    let link = (fields(), 0_u8..5).prop_map(|(fields, token)| {
        let token = match (&fields.login, token) {
            (None, _) => Token::None,
            (Some(_), 4) => Token::Keep,
            (Some(_), token) => Token::Secret(token),
        };
        Say::Link(fields, token)
    });
    prop_oneof![
        6 => link.prop_map(Some),
        1 => Just(Some(Say::Absent)),
        3 => Just(None),
    ]
}

fn lies() -> impl Strategy<Value = Lies> {
    prop_oneof![
        12 => Just(Lies::Good),
        3 => Just(Lies::Absent),
        2 => Just(Lies::Broken),
        1 => Just(Lies::Folder),
    ]
}

prop_compose! {
    fn disk()(
        fields in fields(),
        token in option::of(0_u8..4),
        u in lies(), a in lies(), d in lies(),
        loose in any::<bool>(),
        unknown in any::<bool>(),
        odd_modes in prop::bool::weighted(0.2),
    ) -> Disk {
        Disk { fields, token, u, a, d, loose, unknown, odd_modes }
    }
}

prop_compose! {
    /// Half of the links on disk are as the manifest says, but for the files.
    fn cell()(say in say(), disk in option::weighted(0.7, disk()), same in any::<bool>()) -> Cell {
        let disk = match (disk, &say) {
            (Some(disk), Some(Say::Link(fields, token))) if same => Some(Disk {
                fields: fields.clone(),
                token: match token {
                    Token::None => None,
                    Token::Keep => disk.token,
                    Token::Secret(token) => Some(*token),
                },
                ..disk
            }),
            (disk, _) => disk,
        };
        Cell { say, disk }
    }
}

prop_compose! {
    pub(super) fn world()(
        cells in proptest::collection::vec(cell(), USERS.len() * APPS.len()),
        plain in fields(),
        unlisted in prop::sample::select(vec!["hide-all", "hide-owned", "remove-owned", "keep"]),
        ignores_b in any::<bool>(),
        groups in proptest::array::uniform3(option::of((
            prop::sample::select(vec![Lies::Absent, Lies::Good, Lies::Broken]), any::<bool>(),
        ))),
        folder_mode in prop::sample::select(vec![0o750, 0o700, 0o777]),
    ) -> World {
        let places = USERS.into_iter().flat_map(|u| APPS.into_iter().map(move |a| (u, a)));
        let mut cells: BTreeMap<_, _> = places.zip(cells).collect();
        for ((_, app), cell) in &mut cells {
            // Naming an ignored app is an error of the manifest.
            if ignores_b && app.starts_with('B') {
                cell.say = None;
            }
        }
        // A manifest without any link is no manifest.
        let plain = Fields { login: None, ..plain };
        cells.insert(("zed", "A_one"), Cell { say: Some(Say::Link(plain, Token::None)), disk: None });
        World { cells, unlisted, ignores_b, groups, folder_mode }
    }
}
