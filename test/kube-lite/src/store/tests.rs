//! Objects at rest are selected exactly as parsed ones are.

use serde_json::{Value, json};

use super::{Packed, Selector, Stored};
use crate::builtin;

fn objects() -> Vec<Value> {
    vec![
        json!({"metadata": {"name": "a", "labels": {"app": "x", "n": "7"}}}),
        json!({"metadata": {"name": "b", "labels": {"app": "y"}}, "spec": {"nodeName": "n1"}}),
        json!({"metadata": {"name": "c"}, "spec": {"hostNetwork": true, "nodeName": "app"}}),
        json!({"metadata": {"name": "x", "annotations": {"app": "x"}},
            "spec": {"hostNetwork": false, "nodeName": ""}}),
        json!({"metadata": {"name": "d", "labels": {"app": ""}}, "status": {"phase": "Running"}}),
    ]
}

#[test]
fn looking_into_the_text_first_selects_the_same_objects() {
    let kinds = builtin::kinds();
    let pods = kinds.iter().find(|kind| kind.is_pod()).expect("a built-in kind");
    let rows = [
        ("", "", 5),
        ("app=x", "", 1),
        ("app in (x,y)", "", 2),
        ("app=", "", 1),
        ("app!=x", "", 4),
        ("app", "", 3),
        ("n>6", "", 1),
        ("", "spec.nodeName=n1", 1),
        ("", "spec.nodeName=", 3),
        ("", "spec.nodeName!=n1", 4),
        ("", "spec.hostNetwork=true", 1),
        ("", "spec.hostNetwork=false", 4),
        ("app=y", "spec.nodeName=n1,metadata.name=b", 1),
        ("app=x", "status.phase=Running", 0),
    ];
    for (labels, fields, expected) in rows {
        let selector = Selector::parse(pods, labels, fields).expect("a selector");
        let mut found = 0;
        for object in objects() {
            let parsed = selector.matches(&object);
            let packed = Packed::from(&Stored::new(object, 1)).matches(&selector);
            assert_eq!(packed, parsed, "{labels} {fields}");
            found += usize::from(packed);
        }
        assert_eq!(found, expected, "{labels} {fields}");
    }
}

#[test]
fn the_head_of_an_object_is_its_metadata() {
    let object = objects().swap_remove(1);
    let packed = Packed::from(&Stored::new(object.clone(), 1));
    assert_eq!(packed.head(), json!({"metadata": object["metadata"]}));
    assert_eq!(*packed.unpack().object, object);
}
