//! Menu groups that go: on top with all that is taken away, after the links.

use super::{APP, World, group_on_disk, link, on_disk};
use crate::model::{Group, GroupId, UserName};
use crate::plan::Unlisted;

#[test]
fn groups_that_go_stand_on_top_after_the_links_that_are_removed() {
    let mut world = World::new();
    world.unlisted = Unlisted::RemoveOwned;
    world.header.unlisted = Some(Unlisted::RemoveOwned);
    let id = GroupId::parse("acme").unwrap();
    let mut grouped = link("Billing");
    grouped.group_id = Some("acme".to_owned());
    for user in ["alice", "bob", "carol"] {
        world.want(user, "Other", link("Other"));
        let group = Group {
            label: Some("Acme".to_owned()),
            order: Some(1.into()),
        };
        let on_server = group_on_disk(&id, group);
        world.user(user).1.groups.insert(id.clone(), on_server);
        world
            .owned
            .insert_group(UserName::parse(user).unwrap(), id.clone());
    }
    world.have("alice", APP, on_disk(APP, &grouped, None));
    world.own("alice", APP);
    world.change("carol", &grouped, link("Billing"));
    insta::assert_snapshot!(world.text(), @r#"
Plan: 3 to create, 1 to replace, 1 to remove, 3 groups to remove
touches 3 of 3 accounts looked at
by app: Other 3 to create · menu groups 3 to remove · ACME_billing 1 to replace, 1 to remove
plan of /var/cpanel/integration · unlisted: remove-owned

- remove   alice/ACME_billing [unlisted]
- remove   group:acme on 3 users: alice, bob, carol [unlisted]
~ replace  carol/ACME_billing [fields]
    group_id  "acme" → (none)
+ create   Other on 3 users: alice, bob, carol [new]
    label       "Other"
    implements  "billing"
    url         "https://billing.acme.example/account"

guards: hide 1 of 2 (shares count from 10 links on) · replace 1 of 2 (shares count from 10 links on)
use --expand to list each
Plan: 3 to create, 1 to replace, 1 to remove, 3 groups to remove
"#);
    world.options.expand = true;
    let text = world.text();
    let rows = text.lines().filter(|line| line.contains("group:acme"));
    assert_eq!(
        rows.collect::<Vec<_>>(),
        ["alice", "bob", "carol"].map(|u| format!("- remove   {u}/group:acme [unlisted]"))
    );
}
