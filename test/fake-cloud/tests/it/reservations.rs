//! Capacity reservations: shown, taken by launches, outliving the stock.

use fake_cloud::{CapacityReservation, Stock};

use crate::lab::Lab;

const ID: &str = "crp-bp1reserved000000001";

fn lab(open: bool) -> Lab {
    let lab = Lab::new();
    let reservation = CapacityReservation::new(ID, "ecs.g7.large", "cn-hangzhou-h", 1);
    lab.cloud.add_reservation(CapacityReservation { open, ..reservation });
    lab.cloud.set_stock("ecs.g7.large", "cn-hangzhou-h", Stock::Units(0));
    lab
}

async fn used(lab: &Lab) -> u64 {
    let answer = lab.ecs("DescribeCapacityReservations", &[]).await;
    let row = "/CapacityReservationSet/CapacityReservationItem/0/AllocatedResources";
    answer.at(&format!("{row}/AllocatedResource/0/UsedAmount")).as_u64().unwrap()
}

const TARGET: [(&str, &str); 2] =
    [("PrivatePoolOptions.MatchCriteria", "Target"), ("PrivatePoolOptions.Id", ID)];

// Source: Alibaba action RunInstances (PrivatePoolOptions)
#[tokio::test]
async fn a_launch_that_names_a_reservation_needs_no_stock_but_room() {
    let lab = lab(false);
    assert_eq!(lab.launch(&[]).await.code(), "OperationDenied.NoStock");
    let id = lab.launch(&TARGET).await.ids().remove(0);
    assert_eq!(used(&lab).await, 1);
    assert_eq!(lab.launch(&TARGET).await.code(), "OperationDenied.NoStock", "it is full");
    let shown = lab.ecs("DescribeInstances", &[]).await;
    let attributes = shown.at("/Instances/Instance/0/EcsCapacityReservationAttr");
    assert_eq!(attributes["CapacityReservationId"], ID);
    assert_eq!(attributes["CapacityReservationPreference"], "Target");
    assert!(lab.cloud.vanish(&id));
    assert_eq!(used(&lab).await, 0);
    assert_eq!(lab.launch(&[]).await.code(), "OperationDenied.NoStock", "room is not stock");
}

// Source: Alibaba action RunInstances (PrivatePoolOptions)
#[tokio::test]
async fn an_open_reservation_is_taken_by_open_launches_that_match() {
    let lab = lab(true);
    let open = [("PrivatePoolOptions.MatchCriteria", "Open")];
    let other = [("PrivatePoolOptions.MatchCriteria", "None")];
    assert_eq!(lab.launch(&other).await.code(), "OperationDenied.NoStock");
    assert_eq!(lab.launch(&open).await.code(), "OK");
    assert_eq!(used(&lab).await, 1);
}

// Source: Alibaba action RunInstances (error codes)
#[tokio::test]
async fn a_reservation_that_does_not_fit_is_refused() {
    let lab = lab(false);
    let wrong_type = [&TARGET[..], &[("InstanceType", "ecs.g7.xlarge")]].concat();
    let unknown = [TARGET[0], ("PrivatePoolOptions.Id", "crp-none")];
    for (params, code) in [
        (&wrong_type[..], "Invalid.PrivatePoolOptionsId"),
        (&unknown[..], "Invalid.PrivatePoolOptionsId"),
        (&TARGET[..1], "MissingParameter.PrivatePoolOptionsId"),
    ] {
        assert_eq!(lab.launch(params).await.code(), code);
    }
}

// Source: Alibaba action DescribeCapacityReservations
#[tokio::test]
async fn a_reservation_that_has_ended_is_shown_only_when_asked_for() {
    let lab = Lab::new();
    let ends = "2026-01-02T03:05:00Z".parse().ok();
    let reservation = CapacityReservation::new(ID, "ecs.g7.large", "cn-hangzhou-h", 1);
    lab.cloud.add_reservation(CapacityReservation { ends, ..reservation });
    let rows = async |params: &[(&str, &str)]| {
        lab.ecs("DescribeCapacityReservations", params).await.at("/TotalCount").as_u64().unwrap()
    };
    assert_eq!(rows(&[]).await, 1);
    lab.advance(60);
    assert_eq!(rows(&[]).await, 0);
    for (status, n) in [("All", 1), ("Released", 1), ("Active", 0)] {
        assert_eq!(rows(&[("Status", status)]).await, n, "{status}");
    }
    assert_eq!(lab.launch(&TARGET).await.code(), "Invalid.PrivatePoolOptionsId");
    let ids = format!("[\"{ID}\"]");
    assert_eq!(rows(&[("Status", "All"), ("PrivatePoolOptions.Ids", &ids)]).await, 1);
    assert_eq!(rows(&[("Status", "All"), ("ZoneId", "cn-hangzhou-i")]).await, 0);
}

// Source: Alibaba action DescribeInstances (EcsCapacityReservationAttr)
#[tokio::test]
async fn an_instance_leaves_a_reservation_that_ends_and_runs_on() {
    let lab = Lab::new();
    let ends = "2026-01-02T03:05:00Z".parse().ok();
    let reservation = CapacityReservation::new(ID, "ecs.g7.large", "cn-hangzhou-h", 1);
    lab.cloud.add_reservation(CapacityReservation { ends, ..reservation });
    lab.launch(&TARGET).await.ids();
    lab.advance(60);
    let shown = lab.ecs("DescribeInstances", &[]).await;
    let attributes = shown.at("/Instances/Instance/0/EcsCapacityReservationAttr");
    assert_eq!(attributes["CapacityReservationId"], "");
    assert_eq!(attributes["CapacityReservationPreference"], "None");
}

// Source: Alibaba actions DescribeElasticityAssurances, DescribeCapacityReservations
#[tokio::test]
async fn an_assurance_is_listed_apart_and_taken_like_a_reservation() {
    const EAP: &str = "eap-bp1assured000000001";
    let lab = Lab::new();
    let assurance = CapacityReservation::new(EAP, "ecs.g7.large", "cn-hangzhou-h", 1);
    lab.cloud.add_reservation(assurance);
    let taken = lab.launch(&[TARGET[0], ("PrivatePoolOptions.Id", EAP)]).await;
    assert_eq!(taken.ids().len(), 1);
    let assured = lab.ecs("DescribeElasticityAssurances", &[]).await;
    let item = assured.at("/ElasticityAssuranceSet/ElasticityAssuranceItem/0");
    assert_eq!(item["PrivatePoolOptionsId"], EAP);
    assert_eq!(item["AllocatedResources"]["AllocatedResource"][0]["AvailableAmount"], 0);
    let reserved = lab.ecs("DescribeCapacityReservations", &[]).await;
    assert_eq!(reserved.at("/TotalCount").as_u64(), Some(0));
}
