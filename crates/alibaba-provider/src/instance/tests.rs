//! Ids and instances of the cloud.

use super::*;

#[test]
fn provider_ids_are_read_with_and_without_scheme() {
    for text in
        ["cn-hangzhou.i-bp1", "alicloud://cn-hangzhou.i-bp1", "alicloud:///cn-hangzhou.i-bp1"]
    {
        assert_eq!(instance_id(&text.into()), Ok("i-bp1"), "{text}");
    }
}

// behaviour 05#71
#[test]
fn texts_that_are_no_instance_ids_are_refused() {
    for text in ["cn-hangzhou.node1", "i-bp1", ".i-bp1", "cn-hangzhou.i-", "cn-hangzhou.i-A"] {
        assert!(instance_id(&text.into()).is_err(), "{text}");
    }
}

// behaviour 05#73, 05#74
#[test]
fn listed_instance_tells_its_capacity_type_and_minute_of_creation() {
    let row = Row {
        instance_id: "i-bp1".to_owned(),
        creation_time: alibaba_sdk::parse_time("2026-08-01T10:15Z"),
        spot_strategy: "SpotAsPriceGo".to_owned(),
        instance_charge_type: "PostPaid".to_owned(),
        ..Row::default()
    };
    let instance = from_row(&row, "cn-hangzhou");
    assert_eq!(instance.created.to_string(), "2026-08-01T10:15:00Z");
    assert_eq!(instance.labels.get(core::CAPACITY_TYPE).map(AsRef::as_ref), Some("spot"));
    assert_eq!(instance.provider_id.as_str(), "cn-hangzhou.i-bp1");
}

#[test]
fn listed_instance_names_the_claim_it_was_tagged_with() {
    let tagged = |tags: &[(&str, &str)]| {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        from_row(&Row { tags: tags.collect(), ..Row::default() }, "cn-hangzhou")
    };
    let own = tagged(&[("karpenter.sh/nodeclaim", "a"), ("karpenter.sh/nodeclaim-uid", "uid-a")]);
    assert_eq!((own.claim, own.claim_uid), (Some("a".into()), Some("uid-a".into())));
    let foreign = tagged(&[("karpenter.sh/nodeclaim", "")]);
    assert_eq!((foreign.claim, foreign.claim_uid), (None, None));
}
