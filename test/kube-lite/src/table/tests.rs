//! Durations and JSON paths.

use serde_json::json;

use super::age::human;
use super::json_path::JsonPath;

#[test]
fn durations_lose_small_units_as_they_grow() {
    let (minute, hour, day, year) = (60, 3600, 86_400, 365 * 86_400);
    for (seconds, expected) in [
        (-5, "<invalid>"),
        (-1, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (125, "2m5s"),
        (10 * minute + 5, "10m"),
        (179 * minute, "179m"),
        (3 * hour + 59, "3h"),
        (3 * hour + minute, "3h1m"),
        (8 * hour + minute, "8h"),
        (47 * hour, "47h"),
        (2 * day, "2d"),
        (2 * day + hour, "2d1h"),
        (8 * day + hour, "8d"),
        (729 * day, "729d"),
        (2 * year, "2y"),
        (2 * year + 3 * day, "2y3d"),
        (8 * year + day, "8y"),
    ] {
        assert_eq!(human(seconds), expected, "{seconds}");
    }
}

#[test]
fn paths_find_members_items_and_filtered_items() {
    let object = json!({
        "metadata": {"labels": {"karpenter.sh/nodepool": "p"}},
        "status": {
            "nodes": 0,
            "conditions": [
                {"type": "Ready", "status": "True"}, {"type": "Drifted", "status": "False"}],
        },
    });
    for (path, expected) in [
        (r".metadata.labels.karpenter\.sh/nodepool", Some(json!("p"))),
        (".metadata.labels['karpenter\\.sh/nodepool']", Some(json!("p"))),
        ("{.status.nodes}", Some(json!(0))),
        (r#".status.conditions[?(@.type=="Drifted")].status"#, Some(json!("False"))),
        (".status.conditions[?(@.type!='Ready')].type", Some(json!("Drifted"))),
        (".status.conditions[1].type", Some(json!("Drifted"))),
        (".status.conditions[-1].type", Some(json!("Drifted"))),
        (".status.conditions[*].type", Some(json!("Ready"))),
        (".status.absent.deeper", None),
    ] {
        let parsed = JsonPath::parse(path).expect(path);
        assert_eq!(parsed.first(&object), expected.as_ref(), "{path}");
    }
    assert_eq!(JsonPath::parse(".status.conditions[?(@.type)"), None);
}
