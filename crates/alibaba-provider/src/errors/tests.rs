//! Every row of the table, from a code of the service to what the engine is told.

use super::*;

fn reason(error: &CloudProviderError) -> String {
    match error {
        CloudProviderError::Create { reason, .. } => reason.clone(),
        CloudProviderError::InsufficientCapacity(_) => "InsufficientCapacity".to_owned(),
        CloudProviderError::Throttled { .. } => "Throttled".to_owned(),
        other => format!("unexpected {other:?}"),
    }
}

fn refused(code: &str, status: u16) -> SdkError {
    SdkError::service("RunInstances", status, code, "refused")
}

// behaviour 05#24, 05#25, 05#55, 05#64, 05#99
#[test]
fn every_code_has_its_reaction_and_reason() {
    let rows = [
        ("OperationDenied.NoStock", next(Scope::Offering, 180), "InsufficientCapacity"),
        ("Zone.NotOnSale", next(Scope::Offering, 3600), "InsufficientCapacity"),
        ("InstanceType.Offline", next(Scope::InstanceType, 6 * 3600), "InsufficientCapacity"),
        ("CategoryNotSupported", Reaction::NextDisk, "InsufficientCapacity"),
        ("InvalidVSwitchId.IpNotEnough", next(Scope::VSwitch, 180), "InsufficientCapacity"),
        (
            "OperationDenied.SpotPriceLowerThanPublicPrice",
            next(Scope::Offering, 180),
            "InsufficientCapacity",
        ),
        ("InvalidSpotAliUid", next(Scope::CapacityType, 3600), "InsufficientCapacity"),
        ("QuotaExceed.ElasticQuota", next(Scope::Family, 600), "InsufficientCapacity"),
        ("ImageNotSupportInstanceType", next(Scope::Image, 24 * 3600), "InsufficientCapacity"),
        ("Invalid.PrivatePoolOptionsId", next(Scope::Offering, 180), "InsufficientCapacity"),
        ("QuotaExceed.PostPaidDisk", Reaction::StopAccount, "DiskQuotaExceeded"),
        ("SecurityGroupInstanceLimitExceed", Reaction::Stop, "SecurityGroupFull"),
        ("InvalidAccountStatus.NotEnoughBalance", Reaction::StopAccount, "InsufficientBalance"),
        ("Forbidden.RAM", Reaction::Stop, "Unauthorized"),
        ("InvalidSecurityToken.Expired", Reaction::Stop, "Unauthorized"),
        ("InvalidImageId.NotFound", Reaction::Stop, "ReferenceNotFound"),
        ("QuotaExceed.Tags", Reaction::Stop, "InvalidLaunchParameter"),
        ("Throttling.User", Reaction::SlowDown, "Throttled"),
        ("ServiceUnavailable", Reaction::Stop, "ServiceUnavailable"),
        ("IdempotentProcessing", Reaction::SameToken, "LaunchInProgress"),
        ("IdempotentParameterMismatch", Reaction::LookUp, "LaunchTokenConflict"),
        ("SomethingNew", Reaction::Stop, "LaunchFailed"),
    ];
    for (code, reaction, expected) in rows {
        let error = refused(code, 400);
        assert_eq!(meaning(error.kind).reaction, reaction, "{code}");
        assert_eq!(reason(&of_launch(&error)), expected, "{code}");
    }
}

#[test]
fn outcomes_that_are_not_known_are_looked_up() {
    for kind in [ErrorKind::Interrupted, ErrorKind::Unparsable, ErrorKind::Deadline] {
        assert_eq!(meaning(kind).reaction, Reaction::LookUp);
    }
    assert_eq!(meaning(ErrorKind::Unreachable).reaction, Reaction::Stop);
}

#[test]
fn no_kind_has_two_rows() {
    let mut kinds: Vec<ErrorKind> = TABLE.iter().map(|row| row.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), TABLE.len());
}

#[test]
fn refusal_for_missing_permission_names_the_fix() {
    let text = describe(&refused("Forbidden.RAM", 403));
    assert!(text.contains("Forbidden.RAM") && text.contains("RAM policy"), "{text}");
}

// behaviour 05#72, 05#108
#[test]
fn only_the_code_of_a_missing_instance_means_gone() {
    let gone = of_call(&refused("InvalidInstanceId.NotFound", 404));
    assert!(matches!(gone, CloudProviderError::NodeClaimNotFound(_)));
    let elsewhere = of_call(&refused("InvalidRegionId.NotFound", 404));
    assert!(matches!(elsewhere, CloudProviderError::Other(_)));
}
