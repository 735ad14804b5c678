//! Settings of a class in the request.

use alibaba_sdk::ecs::RunInstances;
use serde_json::{Value, json};

use super::planning::planned;
use crate::api::disks::DiskCategory;
use crate::api::node_class::ECSNodeClass;
use crate::catalog::CapacityType;
use crate::launch::disks::{data_category, system_categories};
use crate::launch::request::{Order, run_instances};
use crate::launch::token::client_token;
use crate::testing::{claim, class, row};

/// A class with `more` in its spec.
fn class_with(more: &Value) -> ECSNodeClass {
    let mut class = class(&["h"]);
    let mut spec = serde_json::to_value(&class.spec).expect("JSON");
    for (key, value) in more.as_object().into_iter().flatten() {
        spec[key] = value.clone();
    }
    class.spec = serde_json::from_value(spec).expect("a spec");
    class
}

/// The request for a type of `family` by use, or as spot, with `more` in the spec.
fn request(more: &Value, family: &str, kind: CapacityType) -> RunInstances {
    let (claim, class) = (claim([]), class_with(more));
    let plan = planned(&claim, &[(row(&format!("{family}.large"), 2, 8.0), 1.0)]).expect("a plan");
    let attempt = plan.attempts.iter().find(|a| a.capacity_type == kind).expect("an attempt");
    let password = class.spec.password.as_ref();
    let order = Order { claim: &claim, class: &class, default_role: "", password, tags: &[] };
    run_instances(order, attempt, DiskCategory::CloudAuto, "")
}

fn by_use(more: &Value) -> RunInstances {
    request(more, "ecs.g7", CapacityType::OnDemand)
}

#[test]
fn settings_are_sent_as_they_are_given() {
    let sent = by_use(&json!({
        "launchTemplateID": "lt-1", "launchTemplateVersion": 3, "ipv6AddressCount": 2,
        "deploymentSetID": "ds-1", "securityEnhancementStrategy": "Deactive",
        "resourceGroupID": "rg-1", "keyPairName": "ops", "role": "Node",
        "metadataOptions": { "httpEndpoint": "disabled" },
    }));
    let texts = [
        (sent.launch_template_id.as_deref(), "lt-1"),
        (sent.deployment_set_id.as_deref(), "ds-1"),
        (sent.security_enhancement_strategy.as_deref(), "Deactive"),
        (sent.resource_group_id.as_deref(), "rg-1"),
        (sent.key_pair_name.as_deref(), "ops"),
        (sent.ram_role_name.as_deref(), "Node"),
        (sent.http_endpoint.as_deref(), "disabled"),
    ];
    for (sent, given) in texts {
        assert_eq!(sent, Some(given));
    }
    assert_eq!((sent.launch_template_version, sent.ipv6_address_count), (Some(3), Some(2)));
}

#[test]
fn what_is_not_given_is_not_sent() {
    let sent = by_use(&json!({ "ipv6AddressCount": 0, "creditSpecification": "Unlimited" }));
    assert_eq!((sent.ipv6_address_count, sent.credit_specification), (None, None));
    assert_eq!((sent.password, sent.password_inherit, sent.http_tokens), (None, None, None));
    assert_eq!((sent.launch_template_id, sent.deployment_set_id), (None, None));
}

#[test]
fn credits_are_for_burstable_families() {
    let more = json!({ "creditSpecification": "Unlimited" });
    let sent = request(&more, "ecs.t6", CapacityType::OnDemand);
    assert_eq!(sent.credit_specification.as_deref(), Some("Unlimited"));
}

#[test]
fn password_is_sent_and_shows_neither_in_text_nor_in_the_token() {
    let sent = by_use(&json!({ "password": "Plain-text-1" }));
    assert_eq!(sent.password.as_deref(), Some("Plain-text-1"));
    assert!(!format!("{sent:?}").contains("Plain-text-1"));
    let without = by_use(&json!({}));
    assert_eq!(client_token("c1", "u", 0, &sent), client_token("c1", "u", 0, &without));
}

// behaviour 01#196, 05#91
#[test]
fn private_pools_are_used_where_the_class_says_so_and_never_by_spot_instances() {
    let terms = json!([{ "id": "crp-1" }]);
    let cases = [
        (json!({}), "None"),
        (json!({ "capacityReservationPreference": "open" }), "Open"),
        (json!({ "capacityReservationPreference": "none" }), "None"),
        // Reservations make the preference target: on-demand launches stay out of the pools.
        (json!({ "capacityReservationSelectorTerms": terms }), "None"),
    ];
    for (more, expected) in cases {
        let sent = by_use(&more).private_pool_options.and_then(|pool| pool.match_criteria);
        assert_eq!(sent.as_deref(), Some(expected), "{more}");
    }
    let more = json!({ "capacityReservationPreference": "open" });
    let spot = request(&more, "ecs.g7", CapacityType::Spot);
    assert_eq!(spot.private_pool_options.and_then(|p| p.match_criteria).as_deref(), Some("None"));
}

// behaviour 01#196
#[test]
fn protected_hour_is_bought_only_where_the_class_asks_for_it() {
    let duration = |more: &Value| request(more, "ecs.g7", CapacityType::Spot).spot_duration;
    assert_eq!(duration(&json!({})), Some(0), "the service would take one hour");
    assert_eq!(duration(&json!({ "spotDuration": 1 })), Some(1));
    assert_eq!(by_use(&json!({ "spotDuration": 1 })).spot_duration, None);
}

#[test]
fn spot_limit_in_percent_follows_the_price_of_the_type() {
    let more = json!({ "spotStrategy": "SpotWithPriceLimit", "spotPriceLimitPercent": 50 });
    let sent = request(&more, "ecs.g7", CapacityType::Spot);
    assert_eq!(sent.spot_strategy.as_deref(), Some("SpotWithPriceLimit"));
    assert_eq!(sent.spot_price_limit, Some(0.5));
}

// behaviour 01#151
#[test]
fn data_disk_without_category_takes_the_default_ones() {
    let sent = by_use(&json!({ "dataDisks": [{ "size": 100 }] }));
    let disk = &sent.data_disk[0];
    assert_eq!((disk.category.as_deref(), disk.size), (Some("cloud_essd"), Some(100)));
    assert_eq!(disk.performance_level.as_deref(), Some("PL0"));
    assert_eq!(disk.delete_with_instance, Some(true));
    let shared = json!({ "dataDiskCategories": ["cloud_ssd"], "dataDisks": [{ "size": 100 }] });
    assert_eq!(by_use(&shared).data_disk[0].category.as_deref(), Some("cloud_ssd"));
}

#[test]
fn settings_of_automatic_disks_go_to_automatic_disks() {
    let auto =
        json!({ "category": "cloud_auto", "provisionedIOPS": 3000, "burstingEnabled": true });
    let sent = by_use(&json!({ "systemDisk": auto, "dataDisks": [auto, { "name": "logs" }] }));
    let system = sent.system_disk.expect("a system disk");
    assert_eq!((system.provisioned_iops, system.bursting_enabled), (Some(3000), Some(true)));
    let [first, second] = sent.data_disk.as_slice() else { panic!("two disks") };
    assert_eq!((first.provisioned_iops, first.bursting_enabled), (Some(3000), Some(true)));
    assert_eq!((second.provisioned_iops, second.bursting_enabled), (None, None));
    assert_eq!(second.disk_name.as_deref(), Some("logs"));
}

// behaviour 01#149
#[test]
fn category_whose_bounds_refuse_the_size_gives_way_to_the_next() {
    let both = json!({ "categories": ["cloud_essd", "cloud_auto"], "performanceLevel": "PL3" });
    let class = class_with(&json!({ "systemDisk": both }));
    assert_eq!(system_categories(&class.spec, "ecs.g7"), [DiskCategory::CloudAuto]);
    let class = class_with(&json!({ "dataDisks": [both] }));
    let disk = &class.spec.data_disks.as_deref().expect("disks")[0];
    assert_eq!(data_category(&class.spec, disk, "ecs.g7"), Some(DiskCategory::CloudAuto));
}
