//! Flattening and encoding.

use serde::Serialize;

use super::flatten;
use crate::{
    ecs::{DataDisk, DescribeInstances, DescribeSecurityGroups, RunInstances, Tag, TagFilter},
    encode::encode,
    sign::rpc_v1::canonical,
};

fn keys<T: Serialize>(request: &T) -> Vec<String> {
    flatten(request).unwrap().into_keys().collect()
}

// behaviour 06#4
#[test]
fn values_are_encoded_as_the_signature_wants() {
    assert_eq!(encode(" *~+/"), "%20%2A~%2B%2F");
    assert_eq!(encode("😀"), "%F0%9F%98%80");
}

// behaviour 06#5
#[test]
fn keys_sort_by_bytes_and_not_by_number() {
    let tag = (1..=12).map(|n| Tag { key: n.to_string(), value: "v".to_owned() }).collect();
    let request = RunInstances { tag, ..Default::default() };
    let order: Vec<_> =
        keys(&request).into_iter().filter(|key| key.ends_with("Key")).take(5).collect();
    assert_eq!(order, ["Tag.1.Key", "Tag.10.Key", "Tag.11.Key", "Tag.12.Key", "Tag.2.Key"],);
}

// behaviour 06#6
#[test]
fn an_empty_tag_value_is_sent_and_signed_while_absent_fields_are_not() {
    let tag = vec![Tag { key: "a".to_owned(), value: String::new() }];
    let request = RunInstances { tag, key_pair_name: Some(String::new()), ..Default::default() };
    assert_eq!(canonical(&flatten(&request).unwrap()), "Tag.1.Key=a&Tag.1.Value=");
}

#[test]
fn a_tag_filter_without_value_sends_its_key_alone() {
    let tag = vec![TagFilter { key: "a".to_owned(), value: None }];
    assert_eq!(keys(&DescribeInstances { tag, ..Default::default() }), ["Tag.1.Key"]);
}

// behaviour 06#14
#[test]
fn security_group_ids_repeat_in_one_action_and_are_json_text_in_the_other() {
    let security_group_ids = vec!["sg-1".to_owned(), "sg-2".to_owned()];
    let run = RunInstances { security_group_ids: security_group_ids.clone(), ..Default::default() };
    assert_eq!(
        canonical(&flatten(&run).unwrap()),
        "SecurityGroupIds.1=sg-1&SecurityGroupIds.2=sg-2"
    );
    let describe = DescribeSecurityGroups { security_group_ids, ..Default::default() };
    assert_eq!(flatten(&describe).unwrap()["SecurityGroupIds"], r#"["sg-1","sg-2"]"#);
}

// behaviour 06#15
#[test]
fn data_disk_of_run_instances_spells_the_key_in_capitals() {
    let disk = DataDisk { kms_key_id: Some("k".to_owned()), ..Default::default() };
    let request = RunInstances { data_disk: vec![disk], ..Default::default() };
    assert_eq!(keys(&request), ["DataDisk.1.KMSKeyId"]);
}

#[test]
fn numbers_and_booleans_have_their_shortest_form() {
    let request = serde_json::json!({ "A": 0.105, "B": 1.0, "C": 1e21, "D": true, "E": -3 });
    assert_eq!(
        canonical(&flatten(&request).unwrap()),
        "A=0.105&B=1&C=1000000000000000000000&D=true&E=-3"
    );
}

#[test]
fn nested_lists_compose_and_indexes_have_no_gaps() {
    let request = serde_json::json!({ "X": [{ "Y": ["a"] }, null, { "Y": ["b", "c"], "Z": [] }] });
    assert_eq!(keys(&request), ["X.1.Y.1", "X.2.Y.1", "X.2.Y.2"]);
}

#[test]
fn a_bare_value_is_no_request() {
    assert!(flatten(&[1, 2]).is_err());
}

proptest::proptest! {
    #[test]
    fn encoding_is_undone_by_percent_decoding(text: String) {
        let encoded = encode(&text);
        proptest::prop_assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%".contains(&b)));
        let decoded = percent_encoding::percent_decode_str(&encoded).decode_utf8().unwrap();
        proptest::prop_assert_eq!(decoded, text);
    }
}
