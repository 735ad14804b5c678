//! Small worlds for the tests of this crate. No default here decides the outcome of a test.

use std::collections::BTreeMap;
use std::sync::Arc;

use alibaba_sdk::ecs::{
    AvailableResource, AvailableZone, DescribeAvailableResourceResponse, InstanceType as Row,
    SupportedResource,
};
use jiff::Timestamp;
use karpenter_core::api::duration::NillableDuration;
use karpenter_core::api::labels as core;
use karpenter_core::api::v1::node_class_ref::NodeClassReference;
use karpenter_core::api::v1::nodeclaim::{NodeClaim as ClaimObject, NodeClaimSpec};
use karpenter_core::model::ids::NodeClassKey;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::requirement::Requirement;
use karpenter_core::model::requirements::Requirements;
use karpenter_core::model::resources::Resources;

use crate::api;
use crate::api::conditions::{DEPENDENTS, Verdict, fold};
use crate::api::node_class::{ECSNodeClass, ECSNodeClassSpec};
use crate::api::reservations::ReservationState;
use crate::api::status::{
    CapacityReservationStatus, ECSNodeClassStatus, ImageStatus, SecurityGroupStatus, VSwitchStatus,
};
use crate::catalog::market::{Market, MarketView};
use crate::catalog::prices::Quoted;
use crate::catalog::stock::{Stock, StockTable};

/// The instant tests start at.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// Noon of the day tests live in.
pub(crate) fn noon() -> Timestamp {
    at("2026-08-01T12:00:00Z")
}

/// A row with the interfaces of `ecs.g7.large`: 3 with 6 addresses each.
pub(crate) fn row(name: &str, cpu: u32, gib: f64) -> Row {
    let family = name.rsplit_once('.').map_or(name, |(family, _)| family);
    Row {
        instance_type_id: name.to_owned(),
        instance_type_family: family.to_owned(),
        cpu_architecture: "X86".to_owned(),
        cpu_core_count: cpu,
        memory_size: gib,
        eni_quantity: 3,
        eni_private_ip_address_quantity: 6,
        ..Row::default()
    }
}

/// A class with a vSwitch `vsw-<zone>` in each zone, one security group and an image for amd64.
pub(crate) fn class(zones: &[&str]) -> ECSNodeClass {
    let mut class = ECSNodeClass::new("default", ECSNodeClassSpec::default());
    class.metadata.generation = Some(1);
    class.metadata.uid = Some("class-uid".to_owned());
    class.metadata.resource_version = Some("10".to_owned());
    let v_switch = |zone: &&str| VSwitchStatus {
        id: format!("vsw-{zone}"),
        zone: (*zone).to_owned(),
        ..VSwitchStatus::default()
    };
    let verdicts = DEPENDENTS.map(|kind| Verdict::ok(kind, ""));
    class.status = Some(ECSNodeClassStatus {
        v_switches: zones.iter().map(v_switch).collect(),
        security_groups: vec![SecurityGroupStatus { id: "sg-a".to_owned(), name: None }],
        images: vec![image("img-amd64", "amd64")],
        capacity_reservations: vec![],
        ram_role: None,
        conditions: fold(&[], &verdicts, 1, noon()),
    });
    class
}

/// An image in status.
pub(crate) fn image(id: &str, arch: &str) -> ImageStatus {
    ImageStatus { id: id.to_owned(), architecture: Some(arch.to_owned()), ..ImageStatus::default() }
}

/// Room in a reservation that does not end.
pub(crate) fn room(
    id: &str,
    instance_type: &str,
    zone: &str,
    left: u32,
) -> CapacityReservationStatus {
    CapacityReservationStatus {
        id: id.to_owned(),
        instance_type: instance_type.to_owned(),
        zone: zone.to_owned(),
        available_instance_count: left,
        match_criteria: None,
        state: ReservationState::Active,
        end_time: None,
    }
}

/// [`class`] with these reservations in its status.
pub(crate) fn class_with(zones: &[&str], rooms: Vec<CapacityReservationStatus>) -> ECSNodeClass {
    let mut class = class(zones);
    class.status.as_mut().expect("a status").capacity_reservations = rooms;
    class
}

/// A claim made at noon that asks for `requirements` and nothing else.
pub(crate) fn claim(requirements: impl IntoIterator<Item = Requirement>) -> NodeClaim {
    NodeClaim {
        name: "claim-1".into(),
        uid: "uid-1".into(),
        resource_version: "1".into(),
        labels: Arc::new(BTreeMap::from([(core::NODEPOOL.into(), "pool".into())])),
        annotations: Arc::default(),
        node_class: NodeClassKey::new(api::GROUP, api::KIND, "default"),
        requirements: requirements.into_iter().collect::<Requirements>(),
        requests: Resources::new(),
        taints: vec![],
        startup_taints: vec![],
        termination_grace_period: None,
        expire_after: None,
        provider: None,
        node_name: None,
        capacity: Resources::new(),
        allocatable: Resources::new(),
        last_pod_event: None,
        created: noon(),
        deleted_at: None,
        launched: false,
        registered: false,
        initialized: false,
        instance_terminating: false,
        object: Arc::new(ClaimObject::new("claim-1", claim_spec())),
    }
}

/// The least a claim's spec says; what tests read of it stands in the parsed claim.
fn claim_spec() -> NodeClaimSpec {
    NodeClaimSpec {
        taints: None,
        startup_taints: None,
        requirements: vec![],
        resources: None,
        node_class_ref: NodeClassReference {
            group: api::GROUP.to_owned(),
            kind: api::KIND.to_owned(),
            name: "default".to_owned(),
        },
        termination_grace_period: None,
        expire_after: NillableDuration::NEVER,
    }
}

/// One stock row: zone, type, status, category.
pub(crate) type StockRow<'a> = (&'a str, &'a str, &'a str, &'a str);

/// A stock table from rows.
pub(crate) fn stock(rows: &[StockRow<'_>]) -> StockTable {
    let zones = rows.iter().map(|(zone, name, status, category)| AvailableZone {
        zone_id: (*zone).to_owned(),
        available_resources: vec![AvailableResource {
            kind: "InstanceType".to_owned(),
            supported_resources: vec![SupportedResource {
                value: (*name).to_owned(),
                status: (*status).to_owned(),
                status_category: (*category).to_owned(),
                ..SupportedResource::default()
            }],
        }],
        ..AvailableZone::default()
    });
    let available_zones = zones.collect();
    StockTable::from_available(&DescribeAvailableResourceResponse {
        available_zones,
        ..DescribeAvailableResourceResponse::default()
    })
}

/// Everything in stock in every zone, by use and as spot, at the given prices by use.
pub(crate) fn market(zones: &[&str], rows: &[(Row, f64)]) -> MarketView {
    let market = Market::default();
    market.set_types(rows.iter().map(|(row, _)| row.clone()).collect(), noon());
    let all: Vec<StockRow<'_>> = zones
        .iter()
        .flat_map(|zone| {
            rows.iter()
                .map(|(row, _)| (*zone, row.instance_type_id.as_str(), "Available", "WithStock"))
        })
        .collect();
    market.set_stock(Stock { on_demand: stock(&all), spot: stock(&all) }, noon());
    market.edit_prices(|prices| {
        for (row, per_hour) in rows {
            let quoted = Quoted { per_hour: *per_hour, currency: "CNY".to_owned() };
            prices.learn_on_demand(&row.instance_type_id, row.cpu_core_count, &quoted, noon());
        }
    });
    market.view()
}
