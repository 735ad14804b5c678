//! The API server refuses wrong objects with the path of the field and the reason.

mod capacity_buffers;
mod class_settings;
mod foreign_pools;
mod node_claims;
mod node_classes;
mod node_overlays;
mod node_pools;

use scenarios::manifests::{USER_NODE_CLASS, USER_NODE_POOL, WIDE_NODE_POOL};
use scenarios::world::{World, run};
use serde_json::Value;

use crate::support::{refusal, with};

/// A field, what is written into it, the field that is named, and what is said about it.
type Row<'r> = (&'r str, Value, &'r str, &'r str);

/// Writes every row into a copy of `base` and checks that it is refused for that field and reason.
fn refuses(base: &Value, rows: &[Row<'_>]) {
    run(async {
        let world = World::new(1);
        assert_eq!(refusal(&world, base).await, "", "the object the rows change is fine");
        for (at, value, field, reason) in rows {
            let mut object = with(base.clone(), at, value.clone());
            object["metadata"]["name"] = "bad".into();
            let said = refusal(&world, &object).await;
            let is_told = |line: &str| {
                line.strip_prefix(field).is_some_and(|rest| rest.starts_with(": "))
                    && line.contains(reason)
            };
            assert!(said.lines().any(is_told), "{at}={value}: {field}: {reason}\nbut: {said}");
        }
    });
}

/// Writes every pair of field and value into a copy of `base` and checks that it is taken.
fn admits(base: &Value, rows: &[(&str, Value)]) {
    run(async {
        let world = World::new(1);
        for (number, (at, value)) in rows.iter().enumerate() {
            let mut object = with(base.clone(), at, value.clone());
            object["metadata"]["name"] = format!("good-{number}").into();
            assert_eq!(refusal(&world, &object).await, "", "{at}={value}");
        }
    });
}

#[test]
fn documents_of_users_are_taken_as_they_are() {
    run(async {
        let world = World::new(1);
        for yaml in [USER_NODE_CLASS, USER_NODE_POOL, WIDE_NODE_POOL] {
            let written = scenarios::manifests::parse(yaml).expect("yaml");
            let stored = world.apply(&written).await.expect("taken");
            assert_includes(&stored["spec"], &written["spec"]);
        }
    });
}

/// Everything the user wrote is stored as written; defaults may stand beside it.
fn assert_includes(stored: &Value, written: &Value) {
    match written {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| assert_includes(&stored[name], value));
        }
        _ => assert_eq!(stored, written),
    }
}
