//! Menu groups by the functions for them.

use super::{FILES, call, create, done, fields, get, groups, links, world};
use serde_json::{Value, json};

#[test]
fn a_group_is_made_rewritten_and_removed() {
    let sandbox = world();
    create(&sandbox, &["group_id=shop"]);
    let link = FILES.map(|file| sandbox.read(file));
    let group = |label: &str, order: &str| {
        let parameters = ["user=alice", "group_id=shop", label, order];
        done(call(&sandbox, "create_integration_group", &parameters))
    };
    assert!(group("label=Shop", "order=3").get("data").is_none());
    assert_eq!(groups(&sandbox), json!({ "links": [{ "group": "shop" }] }));
    assert_eq!(
        get(&sandbox, "group_shop"),
        json!({ "label": "Shop", "order": "3" })
    );
    let entry = "root/dynamicui/alice/dynamicui_group_shop.conf";
    assert_eq!(
        fields(&sandbox, entry)[0]["groupdesc"],
        json!("$LANG{'Shop'}")
    );
    group("label=Billing & Support", "order=1");
    let expect = json!({ "label": "Billing & Support", "order": "1" });
    assert_eq!(get(&sandbox, "group_shop"), expect);
    // It is no link, and links in it stay as they are.
    assert_eq!(
        links(&sandbox),
        json!({ "links": [{ "app": "ACME_billing" }] })
    );
    for _ in 0..2 {
        let parameters = ["user=alice", "group_id=shop"];
        let answer = done(call(&sandbox, "remove_integration_group", &parameters));
        assert_eq!(answer["data"], Value::Null);
        assert_eq!(groups(&sandbox), json!({ "links": [] }));
    }
    assert!(!sandbox.path(entry).exists());
    assert_eq!(FILES.map(|file| sandbox.read(file)), link);
    let history = sandbox.run(&["history", "--root", "root"]).expect(0).stdout;
    assert_eq!(
        history.matches("call remove_integration_group").count(),
        1,
        "{history}"
    );
}
