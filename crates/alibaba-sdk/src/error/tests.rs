//! The table, row by row, and the envelopes.

use std::collections::BTreeSet;

use http::{HeaderMap, HeaderValue, StatusCode};

use super::{ErrorKind, classify, kinds::table, parse_error};

/// Code as the service sends it, HTTP status, kind.
const ROWS: &[(&str, u16, ErrorKind)] = &[
    ("OperationDenied.NoStock", 403, ErrorKind::NoStock),
    ("NoInstanceStock", 200, ErrorKind::NoStock),
    ("ResourceNotAvailable", 400, ErrorKind::NoStock),
    ("Zone.NotOnSale", 403, ErrorKind::NotSold),
    ("Zone.NotOpen", 403, ErrorKind::NotSold),
    ("InvalidInstanceType.ZoneNotSupported", 403, ErrorKind::NotSold),
    ("InvalidResourceType.NotSupported", 403, ErrorKind::NotSold),
    ("OperationDenied.ZoneNotAllowed", 403, ErrorKind::NotSold),
    ("InstanceType.Offline", 403, ErrorKind::TypeOffline),
    ("InvalidInstanceType.NotSupported", 400, ErrorKind::TypeOffline),
    ("InvalidInstanceType.ValueNotSupported", 400, ErrorKind::TypeOffline),
    ("InvalidDiskCategory.NotSupported", 403, ErrorKind::DiskCategory),
    ("CategoryNotSupported", 403, ErrorKind::DiskCategory),
    ("OperationDenied.ZoneSystemCategoryNotMatch", 403, ErrorKind::DiskCategory),
    ("InvalidSystemDiskCategory.ValueNotSupported", 403, ErrorKind::DiskCategory),
    ("InvalidVSwitchId.IpNotEnough", 400, ErrorKind::IpExhausted),
    ("QuotaExceeded.PrivateIpAddress", 400, ErrorKind::IpExhausted),
    ("InvalidSpotPriceLimit.LowerThanPublicPrice", 400, ErrorKind::SpotPrice),
    ("OperationDenied.SpotPriceLowerThanPublicPrice", 403, ErrorKind::SpotPrice),
    ("InvalidSpotAliUid", 400, ErrorKind::SpotForbidden),
    ("QuotaExceed.ElasticQuota", 403, ErrorKind::Quota),
    ("QuotaExceed.AfterpayInstance", 400, ErrorKind::Quota),
    ("QuotaExceed.Whatever", 400, ErrorKind::Quota),
    ("QuotaExceeded.Whatever", 400, ErrorKind::Quota),
    ("QuotaExceed.PostPaidDisk", 400, ErrorKind::DiskQuota),
    ("QuotaExceed.PortableCloudDisk", 400, ErrorKind::DiskQuota),
    ("SecurityGroupInstanceLimitExceed", 403, ErrorKind::SecurityGroupFull),
    ("InvalidAccountStatus.NotEnoughBalance", 403, ErrorKind::Account),
    ("InsufficientBalance", 400, ErrorKind::Account),
    ("Account.Arrearage", 400, ErrorKind::Account),
    ("PaymentMethodNotFound", 404, ErrorKind::Account),
    ("InvalidPayMethod", 403, ErrorKind::Account),
    ("RealNameAuthenticationError", 403, ErrorKind::Account),
    ("IncompleteRealNameAuthentication", 403, ErrorKind::Account),
    ("NoPermission", 403, ErrorKind::Auth),
    ("Forbidden", 403, ErrorKind::Auth),
    ("Forbidden.RAM", 403, ErrorKind::Auth),
    ("Forbidden.RiskControl", 403, ErrorKind::Auth),
    ("Forbidden.SubUser", 403, ErrorKind::Auth),
    ("Forbidden.AccessKeyDisabled", 403, ErrorKind::Auth),
    ("ImplicitDeny", 403, ErrorKind::Auth),
    ("InvalidUser.PassRoleForbidden", 403, ErrorKind::Auth),
    ("SignatureDoesNotMatch", 400, ErrorKind::Auth),
    ("InvalidAccessKeyId.NotFound", 404, ErrorKind::Auth),
    ("AuthenticationFail.OIDCToken.Expired", 400, ErrorKind::Auth),
    ("ErrorPermissionDenied", 403, ErrorKind::Auth),
    ("MissingSecurityToken", 400, ErrorKind::Token),
    ("InvalidSecurityToken.Expired", 400, ErrorKind::Token),
    ("InvalidTimeStamp.Expired", 400, ErrorKind::ClockSkew),
    ("InvalidTimeStamp.Format", 400, ErrorKind::ClockSkew),
    ("IllegalTimestamp", 400, ErrorKind::ClockSkew),
    ("SignatureNonceUsed", 400, ErrorKind::NonceUsed),
    ("ImageNotSupportInstanceType", 403, ErrorKind::ImageType),
    ("InvalidImage.NotSupported", 400, ErrorKind::ImageType),
    ("InvalidImageId.NotFound", 404, ErrorKind::MissingReference),
    ("InvalidVSwitchId.NotFound", 404, ErrorKind::MissingReference),
    ("InvalidSecurityGroupId.NotFound", 400, ErrorKind::MissingReference),
    ("InvalidRamRole.NotFound", 404, ErrorKind::MissingReference),
    ("InvalidRamRole.NotEcsRole", 401, ErrorKind::MissingReference),
    ("InvalidKeyPairName.NotFound", 404, ErrorKind::MissingReference),
    ("Invalid.PrivatePoolOptionsId", 400, ErrorKind::Reservation),
    ("NumberExceed.Tags", 400, ErrorKind::Parameter),
    ("NumberExceed.ResourceIds", 400, ErrorKind::Parameter),
    ("QuotaExceed.Tags", 403, ErrorKind::Parameter),
    ("OperationDenied.QuotaExceed", 400, ErrorKind::Parameter),
    ("QuotaExceed.DeploymentSetInstanceQuotaFull", 400, ErrorKind::Parameter),
    ("QuotaExceed.BuyImage", 400, ErrorKind::Parameter),
    ("Duplicate.TagKey", 400, ErrorKind::Parameter),
    ("InvalidRegionId.NotFound", 404, ErrorKind::Parameter),
    ("InvalidParameter.Mismatch", 400, ErrorKind::Parameter),
    ("MissingParameter.RegionId", 400, ErrorKind::Parameter),
    ("InvalidUserData.SizeExceeded", 400, ErrorKind::Parameter),
    ("InvalidSystemDiskSize.LessThanImageSize", 404, ErrorKind::Parameter),
    ("InvalidTagKey.Malformed", 400, ErrorKind::Parameter),
    ("InvalidLaunchTemplate.NotFound", 404, ErrorKind::Parameter),
    ("InvalidResourceType.NotFound", 404, ErrorKind::Parameter),
    ("Throttling", 400, ErrorKind::Throttled),
    ("Throttling.User", 400, ErrorKind::Throttled),
    ("TooManyRequests", 429, ErrorKind::Throttled),
    ("OperationDenied.ResourceControl", 403, ErrorKind::Throttled),
    ("ResourceControl", 403, ErrorKind::Throttled),
    ("ServiceUnavailable", 503, ErrorKind::Transient),
    ("InternalError", 500, ErrorKind::Transient),
    ("UnknownError", 500, ErrorKind::Transient),
    ("OperationConflict", 409, ErrorKind::Transient),
    ("IdempotentProcessing", 403, ErrorKind::InProgress),
    ("IdempotenceProcessing", 403, ErrorKind::InProgress),
    ("Idempotence.Processing", 400, ErrorKind::InProgress),
    ("LastTokenProcessing", 403, ErrorKind::InProgress),
    ("IdempotentParameterMismatch", 400, ErrorKind::TokenConflict),
    ("IdempotenceParamNotMatch", 400, ErrorKind::TokenConflict),
    ("Idempotence.SignatureMismatch", 400, ErrorKind::TokenConflict),
    ("InvalidIdempotenceParameter.Mismatch", 400, ErrorKind::TokenConflict),
    ("IncorrectInstanceStatus", 403, ErrorKind::InstanceState),
    ("IncorrectInstanceStatus.Initializing", 403, ErrorKind::InstanceState),
    ("InstanceLockedForSecurity", 403, ErrorKind::InstanceLocked),
    ("ChargeTypeViolation", 403, ErrorKind::InstanceLocked),
    ("InvalidInstanceId.NotFound", 404, ErrorKind::NotFound),
    ("InvalidInstanceIds.NotFound", 404, ErrorKind::NotFound),
    ("InvalidResourceId.NotFound", 404, ErrorKind::NotFound),
    ("ErrorClusterNotFound", 404, ErrorKind::NotFound),
    ("EntityNotExist.Role", 404, ErrorKind::NotFound),
    ("InvalidOperation.DeletionProtection", 403, ErrorKind::Protected),
    ("OperationDenied.DeletionProtection", 403, ErrorKind::Protected),
    ("DryRunOperation", 400, ErrorKind::DryRun),
    ("DRYRUN.SUCCESS", 400, ErrorKind::DryRun),
    ("PriceNotFound", 400, ErrorKind::NoPrice),
    ("InvalidAction.NotFound", 404, ErrorKind::UnsupportedAction),
    ("UnsupportedAction", 404, ErrorKind::UnsupportedAction),
    ("InvalidVersion", 404, ErrorKind::UnsupportedAction),
];

#[test]
fn every_code_has_its_kind() {
    for (code, status, kind) in ROWS {
        assert_eq!(classify(code, *status), *kind, "{code}");
    }
}

#[test]
fn every_row_of_the_table_is_listed_above() {
    let listed: Vec<&str> = ROWS.iter().map(|(code, _, _)| *code).collect();
    for (_, entry) in table() {
        assert!(listed.iter().any(|code| code.starts_with(entry)), "{entry}");
    }
    let unique: BTreeSet<_> = table().map(|(_, entry)| entry).collect();
    assert_eq!(unique.len(), table().count(), "a code stands in one row only");
}

#[test]
fn the_status_decides_only_for_unknown_codes() {
    assert_eq!(classify("Novel", 429), ErrorKind::Throttled);
    assert_eq!(classify("Novel", 503), ErrorKind::Transient);
    assert_eq!(classify("Novel", 403), ErrorKind::Other);
    assert_eq!(classify("OperationDenied.NoStock", 503), ErrorKind::NoStock);
    assert_eq!(classify("NotAThrottling.Code", 400), ErrorKind::Other);
}

fn parse(status: StatusCode, body: &str) -> super::SdkError {
    let mut headers = HeaderMap::new();
    headers.insert("x-acs-request-id", HeaderValue::from_static("from-header"));
    parse_error("X", status, &headers, body.as_bytes())
}

// behaviour 06#22
#[test]
fn both_spellings_of_the_envelope_are_read() {
    for body in [
        r#"{"Code":"ErrorClusterNotFound","Message":"m","RequestId":"r"}"#,
        r#"{"code":"ErrorClusterNotFound","message":"m","requestId":"r","status":404}"#,
        r#"{"code":"ErrorClusterNotFound","message":"m","request_id":"r"}"#,
    ] {
        let error = parse(StatusCode::NOT_FOUND, body);
        assert_eq!((&*error.code, &*error.message), ("ErrorClusterNotFound", "m"));
        assert_eq!(error.request_id.as_deref(), Some("r"));
        assert_eq!((error.kind, error.status), (ErrorKind::NotFound, Some(404)));
    }
}

#[test]
fn an_unparsable_answer_keeps_an_excerpt_and_the_header_id() {
    let error = parse(StatusCode::FORBIDDEN, &"é".repeat(1000));
    assert_eq!(error.code, "UnparsableResponse");
    assert!(error.message.len() <= 300);
    assert_eq!(error.request_id.as_deref(), Some("from-header"));
    assert_eq!(error.kind, ErrorKind::Other, "a 4xx is no reason to repeat");
    assert_eq!(parse(StatusCode::TOO_MANY_REQUESTS, "").kind, ErrorKind::Throttled);
}

#[test]
fn a_long_message_is_cut() {
    let body = format!(r#"{{"Code":"X","Message":"{}"}}"#, "m".repeat(5000));
    assert_eq!(parse(StatusCode::BAD_REQUEST, &body).message.len(), 1024);
}
