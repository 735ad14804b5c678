//! Tags.
//!
//! Source: Alibaba actions TagResources, UntagResources, ListTagResources and DescribeTags.

use std::collections::BTreeMap;

use crate::lab::{Answer, GROUP, Lab};

fn numbered(n: usize, name: &str) -> Vec<(String, String)> {
    (1..=n).map(|i| (format!("Tag.{i}.Key"), format!("{name}{i}"))).collect()
}

async fn tag(lab: &Lab, kind: &str, id: &str, tags: &[(String, String)]) -> Answer {
    let mut params = vec![("ResourceType", kind), ("ResourceId.1", id)];
    params.extend(tags.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    lab.ecs("TagResources", &params).await
}

// behaviour 06#49
#[tokio::test]
async fn twenty_tags_are_the_limit_of_a_call_and_of_a_resource() {
    let lab = Lab::new();
    let id = lab.launch(&[]).await.ids().remove(0);
    let count = || lab.cloud.instance(&id).unwrap().tags.len();
    let answer = tag(&lab, "instance", &id, &numbered(21, "a")).await;
    assert_eq!((answer.status, answer.code(), count()), (400, "NumberExceed.Tags", 0));
    assert_eq!(tag(&lab, "instance", &id, &numbered(20, "a")).await.code(), "OK");
    let answer = tag(&lab, "instance", &id, &numbered(1, "b")).await;
    assert_eq!((answer.status, answer.code(), count()), (403, "QuotaExceed.Tags", 20));
    assert_eq!(tag(&lab, "instance", &id, &numbered(1, "a")).await.code(), "OK");
}

#[tokio::test]
async fn tags_are_set_overwritten_listed_and_removed() {
    let lab = Lab::new();
    let id = lab.launch(&[("Tag.1.Key", "a"), ("Tag.1.Value", "1")]).await.ids().remove(0);
    let set = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    };
    let params = [
        ("ResourceType", "instance"),
        ("ResourceId.1", id.as_str()),
        ("Tag.1.Key", "a"),
        ("Tag.1.Value", "2"),
        ("Tag.2.Key", "b"),
        ("Tag.2.Value", ""),
    ];
    assert_eq!(lab.ecs("TagResources", &params).await.code(), "OK");
    assert_eq!(lab.cloud.instance(&id).unwrap().tags, set(&[("a", "2"), ("b", "")]));
    let by_tag = [("ResourceType", "instance"), ("Tag.1.Key", "a"), ("Tag.1.Value", "2")];
    let listed = lab.ecs("ListTagResources", &by_tag).await;
    assert_eq!(listed.column("/TagResources/TagResource", "TagKey"), ["a", "b"]);
    let kinds = lab.ecs("DescribeTags", &[("ResourceType", "instance")]).await;
    assert_eq!(kinds.column("/Tags/Tag", "TagKey"), ["a", "b"]);
    let remove = [("ResourceType", "instance"), ("ResourceId.1", &id), ("TagKey.1", "a")];
    assert_eq!(lab.ecs("UntagResources", &remove).await.code(), "OK");
    assert_eq!(lab.cloud.instance(&id).unwrap().tags, set(&[("b", "")]));
}

#[tokio::test]
async fn wrong_tags_and_resources_are_refused_and_change_nothing() {
    let lab = Lab::new();
    let id = lab.launch(&[]).await.ids().remove(0);
    let one = |key: &str| vec![("Tag.1.Key".to_owned(), key.to_owned())];
    let twice = [one("k"), vec![("Tag.2.Key".to_owned(), "k".to_owned())]].concat();
    for (kind, id, tags, code) in [
        ("instance", id.as_str(), one("aliyun-x"), "InvalidTagKey.Malformed"),
        ("instance", &id, one("https://x"), "InvalidTagKey.Malformed"),
        ("instance", &id, twice, "Duplicate.TagKey"),
        ("instance", &id, vec![], "MissingParameter"),
        ("instance", "i-none", one("k"), "InvalidResourceId.NotFound"),
        ("planet", &id, one("k"), "InvalidResourceType.NotFound"),
    ] {
        assert_eq!(tag(&lab, kind, id, &tags).await.code(), code);
    }
    assert!(lab.cloud.instance(&id).unwrap().tags.is_empty());
    assert_eq!(tag(&lab, "securitygroup", GROUP, &one("k")).await.code(), "OK");
}
