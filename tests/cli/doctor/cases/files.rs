//! Cases of files that are there and should not be, or the other way round,
//! and of their modes.

use super::{Case, make_folder, put, put_with, remove, set_mode};
use crate::doctor::world::{a, d, put_link, u};
use serde_json::json;
use std::os::unix::fs::symlink;

pub(super) const CASES: &[Case] = &[
    Case {
        spoil: |s| set_mode(s, &a("ann", "Shop"), 0o640),
        found: &["token-exposed links/ann/Shop.adminconfig"],
    },
    Case {
        spoil: |s| put_with(s, "root/links/ann/Shop.adminconfig.bak", "{}", 0o644),
        found: &["token-exposed links/ann/Shop.adminconfig.bak"],
    },
    Case {
        spoil: |s| make_folder(s, "root/.cplinks", 0o755),
        found: &["token-exposed .cplinks"],
    },
    Case {
        spoil: |s| set_mode(s, &u("ann", "Shop"), 0o666),
        found: &["others-can-write links/ann/Shop.userconfig"],
    },
    Case {
        spoil: |s| set_mode(s, "root/dynamicui/ann", 0o770),
        found: &["others-can-write dynamicui/ann"],
    },
    Case {
        spoil: |s| set_mode(s, "root", 0o773),
        found: &["others-can-write "],
    },
    Case {
        spoil: |s| set_mode(s, "root/links", 0o753),
        found: &["others-can-write links"],
    },
    Case {
        spoil: |s| put(s, "root/dynamicui/ann/dynamicui_Shop.conf.bak", "[]"),
        found: &["menu-leftover dynamicui/ann/dynamicui_Shop.conf.bak"],
    },
    Case {
        spoil: |s| make_folder(s, "root/dynamicui/ann/dynamicui_", 0o755),
        found: &["menu-leftover dynamicui/ann/dynamicui_"],
    },
    Case {
        spoil: |s| {
            remove(s, &u("ann", "Shop"));
            remove(s, &a("ann", "Shop"));
        },
        found: &["menu-orphan dynamicui/ann/dynamicui_Shop.conf"],
    },
    Case {
        spoil: |s| remove(s, &a("ann", "Shop")),
        found: &["adminconfig-missing links/ann/Shop.adminconfig"],
    },
    Case {
        spoil: |s| {
            remove(s, &a("ann", "Shop"));
            make_folder(s, &a("ann", "Shop"), 0o755);
        },
        found: &["obstacle links/ann/Shop.adminconfig"],
    },
    Case {
        spoil: |s| {
            remove(s, &d("ann", "Help"));
            symlink("dynamicui_Shop.conf", s.path(&d("ann", "Help"))).unwrap();
        },
        found: &["obstacle dynamicui/ann/dynamicui_Help.conf"],
    },
    Case {
        spoil: |s| put(s, &u("ann", "Help"), &" ".repeat(2_097_153)),
        found: &["obstacle links/ann/Help.userconfig"],
    },
    Case {
        spoil: |s| put(s, "root/links/cyn", "no folder"),
        found: &["obstacle links/cyn"],
    },
    Case {
        spoil: |s| put_with(s, &a("ann", "Gone"), r#"{"token":"canary-7f3a"}"#, 0o600),
        found: &["secret-orphan links/ann/Gone.adminconfig"],
    },
    Case {
        spoil: |s| remove(s, &u("ann", "Shop")),
        found: &[
            "secret-orphan links/ann/Shop.adminconfig",
            "menu-orphan dynamicui/ann/dynamicui_Shop.conf",
        ],
    },
    Case {
        spoil: |s| remove(s, &d("ann", "Help")),
        found: &["link-not-shown dynamicui/ann/dynamicui_Help.conf"],
    },
    Case {
        spoil: |s| put(s, "root/links/ann/.tmp.3fa9.Shop.userconfig", "{}"),
        found: &["listed-leftover links/ann/.tmp.3fa9.Shop.userconfig"],
    },
    Case {
        spoil: |s| set_mode(s, &u("ann", "Help"), 0o600),
        found: &["mode links/ann/Help.userconfig"],
    },
    Case {
        spoil: |s| set_mode(s, "root/links/ann", 0o755),
        found: &["mode links/ann"],
    },
    Case {
        spoil: |s| set_mode(s, "root", 0o755),
        found: &["mode "],
    },
    Case {
        spoil: |s| set_mode(s, "root/dynamicui", 0o755),
        found: &["mode dynamicui"],
    },
    Case {
        spoil: |s| {
            make_folder(s, "root/.cplinks", 0o700);
            put_with(s, "root/.cplinks/lock", "", 0o644);
        },
        found: &["mode .cplinks/lock"],
    },
    Case {
        spoil: |s| {
            let config = json!({ "url": "https://x.example/", "label": "x" });
            put_link(s, "ann", &"x".repeat(70), &config, &json!("canary-7f3a"));
            s.set_server_modes("root");
        },
        found: &[
            "odd-name links/ann/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.userconfig",
        ],
    },
    Case {
        spoil: |s| {
            put(s, "root/dynamicui/ann/.tmp.3fa9.dynamicui_Shop.conf", "[");
            put_with(s, "root/links/ann/.tmp.3fa9.Shop.adminconfig", "{", 0o600);
            s.write("root/links/ann/notes.txt", "");
        },
        found: &[
            "leftover links/ann/.tmp.3fa9.Shop.adminconfig",
            "leftover links/ann/notes.txt",
            "leftover dynamicui/ann/.tmp.3fa9.dynamicui_Shop.conf",
        ],
    },
    Case {
        spoil: |s| {
            remove(s, &u("ann", "Docs"));
            remove(s, &a("ann", "Docs"));
        },
        found: &["leftover dynamicui/ann/dynamicui_Docs.conf"],
    },
    Case {
        spoil: |s| {
            make_folder(s, "root/dynamicui/root", 0o755);
            put(s, "root/links/a b", "");
        },
        found: &["stray-in-tree links/a b", "stray-in-tree dynamicui/root"],
    },
    Case {
        spoil: |s| make_folder(s, "root/links/cyn", 0o750),
        found: &["folder-alone dynamicui/cyn"],
    },
];
