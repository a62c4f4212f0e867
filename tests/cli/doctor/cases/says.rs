//! Cases of what files say.

use super::{Case, put, remove};
use crate::doctor::world::{a, d, edit, icon, u};
use serde_json::json;

pub(super) const CASES: &[Case] = &[
    Case {
        spoil: |s| {
            let url = "HTTP://sso.example/in";
            edit(s, &u("ann", "Shop"), &json!({ "autologin_token_url": url }));
        },
        found: &["plain-login links/ann/Shop.userconfig"],
    },
    Case {
        spoil: |s| {
            edit(
                s,
                &u("ann", "Shop"),
                &json!({ "app": "Shop", "user": "bob" }),
            );
        },
        found: &["other-name links/ann/Shop.userconfig"],
    },
    Case {
        spoil: |s| put(s, &d("ann", "Shop"), ""),
        found: &["menu-unreadable dynamicui/ann/dynamicui_Shop.conf"],
    },
    Case {
        spoil: |s| put(s, &d("ann", "group_shop"), "[{\"file\":"),
        found: &["menu-unreadable dynamicui/ann/dynamicui_group_shop.conf"],
    },
    Case {
        spoil: |s| put(s, &d("ann", "Shop"), "{}"),
        found: &["menu-shape dynamicui/ann/dynamicui_Shop.conf"],
    },
    Case {
        spoil: |s| edit(s, &d("ann", "Help"), &json!({ "file": "Shop" })),
        found: &["menu-file-twice dynamicui/ann/dynamicui_Help.conf"],
    },
    Case {
        spoil: |s| put(s, &u("ann", "Shop"), "{\"label\":"),
        found: &["userconfig-unreadable links/ann/Shop.userconfig"],
    },
    Case {
        spoil: |s| put(s, &u("ann", "Help"), "[]"),
        found: &["userconfig-unreadable links/ann/Help.userconfig"],
    },
    Case {
        spoil: |s| put(s, &a("ann", "Shop"), "token=canary-7f3a"),
        found: &["adminconfig-unreadable links/ann/Shop.adminconfig"],
    },
    Case {
        spoil: |s| edit(s, &u("ann", "Help"), &json!({ "url": "" })),
        found: &["no-destination links/ann/Help.userconfig"],
    },
    Case {
        spoil: |s| edit(s, &a("ann", "Shop"), &json!({ "token": null })),
        found: &["token-missing links/ann/Shop.adminconfig"],
    },
    Case {
        spoil: |s| edit(s, &a("ann", "Shop"), &json!({ "token": "" })),
        found: &["token-missing links/ann/Shop.adminconfig"],
    },
    Case {
        spoil: |s| edit(s, &u("ann", "Help"), &json!({ "hide": 1 })),
        found: &["hide-differs dynamicui/ann/dynamicui_Help.conf"],
    },
    Case {
        spoil: |s| edit(s, &d("ann", "Help"), &json!({ "if": "0" })),
        found: &["hide-differs dynamicui/ann/dynamicui_Help.conf"],
    },
    Case {
        spoil: |s| {
            edit(
                s,
                &d("ann", "Help"),
                &json!({ "group": "files", "itemorder": 7 }),
            );
        },
        found: &["menu-differs dynamicui/ann/dynamicui_Help.conf"],
    },
    Case {
        spoil: |s| edit(s, &d("ann", "group_shop"), &json!({ "groupdesc": "x" })),
        found: &["menu-differs dynamicui/ann/dynamicui_group_shop.conf"],
    },
    Case {
        spoil: |s| edit(s, &d("ann", "Help"), &json!({ "file": "stock_icon" })),
        found: &["menu-file dynamicui/ann/dynamicui_Help.conf"],
    },
    Case {
        spoil: |s| edit(s, &d("ann", "Help"), &json!({ "width": "0" })),
        found: &["menu-size dynamicui/ann/dynamicui_Help.conf"],
    },
    Case {
        spoil: |s| edit(s, &d("ann", "Help"), &json!({ "height": "48px" })),
        found: &["menu-size dynamicui/ann/dynamicui_Help.conf"],
    },
    Case {
        spoil: |s| edit(s, &d("ann", "Help"), &json!({ "height": 48, "width": 48 })),
        found: &["menu-size-differs dynamicui/ann/dynamicui_Help.conf"],
    },
    Case {
        spoil: |s| edit(s, &d("ann", "Help"), &json!({ "height": null })),
        found: &["menu-size-differs dynamicui/ann/dynamicui_Help.conf"],
    },
    Case {
        spoil: |s| {
            let text = s.read(&d("ann", "Help")).replace(']', ", # by hand\n]");
            s.write(&d("ann", "Help"), text);
        },
        found: &["not-strict dynamicui/ann/dynamicui_Help.conf"],
    },
    Case {
        spoil: |s| {
            let text = s.read(&u("ann", "Help")).replace('{', "{\"url\":\"\",");
            s.write(&u("ann", "Help"), text);
        },
        found: &["not-strict links/ann/Help.userconfig"],
    },
    Case {
        spoil: |s| remove(s, &d("ann", "group_shop")),
        found: &["group-incomplete dynamicui/ann/dynamicui_group_shop.conf"],
    },
    Case {
        spoil: |s| {
            let entry = s.read(&d("ann", "group_shop")).replace("shop", "zz");
            put(s, &d("ann", "group_zz"), &entry);
        },
        found: &["group-incomplete links/ann/group_zz.userconfig"],
    },
    Case {
        spoil: |s| put(s, &u("ann", "group_shop"), "no JSON"),
        found: &["group-incomplete links/ann/group_shop.userconfig"],
    },
    Case {
        spoil: |s| {
            edit(s, &u("ann", "Help"), &json!({ "label": "Can't [help]" }));
            let label = "$LANG{'Can't [help]'}";
            edit(
                s,
                &d("ann", "Help"),
                &json!({ "itemdesc": label, "description": label }),
            );
        },
        found: &["label links/ann/Help.userconfig"],
    },
    Case {
        spoil: |s| {
            let damaged = icon().replace('+', " ");
            assert_ne!(damaged, icon(), "the fixture must hold a plus");
            for name in [u("ann", "Shop"), d("ann", "Shop")] {
                edit(s, &name, &json!({ "base64_png_image": damaged }));
            }
        },
        found: &[
            "icon-plus links/ann/Shop.userconfig",
            "icon-plus dynamicui/ann/dynamicui_Shop.conf",
        ],
    },
    Case {
        spoil: |s| {
            edit(
                s,
                &d("ann", "Shop"),
                &json!({ "base64_png_image": "aWNvbg==" }),
            );
        },
        found: &["icon-damaged dynamicui/ann/dynamicui_Shop.conf"],
    },
    Case {
        spoil: |s| {
            edit(s, &u("ann", "Shop"), &json!({ "base64_png_image": "%%%" }));
            edit(s, &d("ann", "Shop"), &json!({ "base64_png_image": "%%%" }));
        },
        found: &[
            "icon-damaged links/ann/Shop.userconfig",
            "icon-damaged dynamicui/ann/dynamicui_Shop.conf",
        ],
    },
    Case {
        spoil: |s| {
            edit(s, &u("ann", "Help"), &json!({ "group_id": "whmcs" }));
            edit(s, &d("ann", "Help"), &json!({ "group": "whmcs" }));
        },
        found: &["group-unknown links/ann/Help.userconfig"],
    },
];
