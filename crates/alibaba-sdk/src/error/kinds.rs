//! The table from service codes to kinds.
//!
//! A code is looked up exactly, then by prefix, then the HTTP status decides; messages are never read, and the
//! status never overrules a known code because the service changes it between actions and over time.
//!
//! Source: Alibaba error centre, ECS and common error codes.

/// Class of a failed call. One variant per reaction a caller may want, none for codes that ask for the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorKind {
    /// The type has no stock in the zone now.
    NoStock,
    /// The type is not sold in the zone.
    NotSold,
    /// The type is withdrawn or never existed.
    TypeOffline,
    /// The disk category does not go with type or zone.
    DiskCategory,
    /// The vSwitch has no free address.
    IpExhausted,
    /// The spot price limit is below the market price.
    SpotPrice,
    /// The account may not use spot instances.
    SpotForbidden,
    /// A vCPU or instance quota is used up.
    Quota,
    /// A disk quota is used up.
    DiskQuota,
    /// The security group takes no more instances.
    SecurityGroupFull,
    /// Balance, payment method or identity verification is missing.
    Account,
    /// Permissions or keys are wrong; only a person can help.
    Auth,
    /// The security token is no longer valid; new credentials help.
    Token,
    /// The signing time is too far from the service's clock.
    ClockSkew,
    /// The nonce was seen before.
    NonceUsed,
    /// The image does not run on the type.
    ImageType,
    /// The capacity reservation is not there, has ended, or keeps room for another type or zone.
    Reservation,
    /// Something the request names does not exist.
    MissingReference,
    /// A parameter is missing, malformed or not allowed.
    Parameter,
    /// Too many calls.
    Throttled,
    /// A passing failure of the service.
    Transient,
    /// The first call with this `ClientToken` is still running.
    InProgress,
    /// The `ClientToken` was used with other parameters.
    TokenConflict,
    /// The instance is in a state that forbids the action until that changes.
    InstanceState,
    /// The instance is locked, e.g. for security reasons, or its charge type forbids the action.
    InstanceLocked,
    /// The instance, cluster, role or other subject of the call does not exist.
    NotFound,
    /// The instance has deletion protection.
    Protected,
    /// Not a failure: the dry run found nothing wrong.
    DryRun,
    /// The combination has no price.
    NoPrice,
    /// The region, product or gateway does not know the action or version.
    UnsupportedAction,
    /// The answer has not the documented shape; the action may have been executed.
    Unparsable,
    /// No connection; the action was not executed.
    Unreachable,
    /// The connection broke or timed out; the action may have been executed.
    Interrupted,
    /// There are no credentials to sign with.
    NoCredentials,
    /// The caller's deadline left no time for an attempt.
    Deadline,
    /// The request cannot be expressed on the wire; a bug of the caller.
    InvalidRequest,
    /// A list did not end within its bounds, or the service repeated a page.
    Pagination,
    /// Any other code.
    Other,
}

/// Exact codes, grouped by kind.
const CODES: &[(ErrorKind, &[&str])] = &[
    (ErrorKind::NoStock, &["OperationDenied.NoStock", "NoInstanceStock", "ResourceNotAvailable"]),
    (
        ErrorKind::NotSold,
        &[
            "Zone.NotOnSale",
            "Zone.NotOpen",
            "InvalidInstanceType.ZoneNotSupported",
            "InvalidResourceType.NotSupported",
            "OperationDenied.ZoneNotAllowed",
        ],
    ),
    (
        ErrorKind::TypeOffline,
        &[
            "InstanceType.Offline",
            "InvalidInstanceType.NotSupported",
            "InvalidInstanceType.ValueNotSupported",
        ],
    ),
    (
        ErrorKind::DiskCategory,
        &[
            "InvalidDiskCategory.NotSupported",
            "CategoryNotSupported",
            "OperationDenied.ZoneSystemCategoryNotMatch",
        ],
    ),
    (ErrorKind::IpExhausted, &["InvalidVSwitchId.IpNotEnough", "QuotaExceeded.PrivateIpAddress"]),
    (
        ErrorKind::SpotPrice,
        &[
            "InvalidSpotPriceLimit.LowerThanPublicPrice",
            "OperationDenied.SpotPriceLowerThanPublicPrice",
        ],
    ),
    (ErrorKind::Quota, &["QuotaExceed.ElasticQuota", "QuotaExceed.AfterpayInstance"]),
    (ErrorKind::DiskQuota, &["QuotaExceed.PostPaidDisk", "QuotaExceed.PortableCloudDisk"]),
    (ErrorKind::SecurityGroupFull, &["SecurityGroupInstanceLimitExceed"]),
    (
        ErrorKind::Account,
        &[
            "InvalidAccountStatus.NotEnoughBalance",
            "InsufficientBalance",
            "Account.Arrearage",
            "PaymentMethodNotFound",
            "InvalidPayMethod",
            "RealNameAuthenticationError",
            "IncompleteRealNameAuthentication",
        ],
    ),
    (
        ErrorKind::Auth,
        &[
            "NoPermission",
            "Forbidden",
            "Forbidden.RAM",
            "Forbidden.RiskControl",
            "Forbidden.SubUser",
            "Forbidden.AccessKeyDisabled",
            "ImplicitDeny",
            "InvalidUser.PassRoleForbidden",
            "SignatureDoesNotMatch",
        ],
    ),
    (ErrorKind::Token, &["MissingSecurityToken"]),
    (
        ErrorKind::ClockSkew,
        &["InvalidTimeStamp.Expired", "InvalidTimeStamp.Format", "IllegalTimestamp"],
    ),
    (ErrorKind::NonceUsed, &["SignatureNonceUsed"]),
    (ErrorKind::ImageType, &["ImageNotSupportInstanceType", "InvalidImage.NotSupported"]),
    (
        ErrorKind::MissingReference,
        &[
            "InvalidImageId.NotFound",
            "InvalidVSwitchId.NotFound",
            "InvalidSecurityGroupId.NotFound",
            "InvalidRamRole.NotFound",
            "InvalidRamRole.NotEcsRole",
            "InvalidKeyPairName.NotFound",
        ],
    ),
    (ErrorKind::Reservation, &["Invalid.PrivatePoolOptionsId"]),
    (
        ErrorKind::Parameter,
        &[
            "NumberExceed.Tags",
            "NumberExceed.ResourceIds",
            "QuotaExceed.Tags",
            "OperationDenied.QuotaExceed",
            "QuotaExceed.DeploymentSetInstanceQuotaFull",
            "QuotaExceed.BuyImage",
            "Duplicate.TagKey",
            "InvalidRegionId.NotFound",
        ],
    ),
    (
        ErrorKind::Throttled,
        &["Throttling", "TooManyRequests", "OperationDenied.ResourceControl", "ResourceControl"],
    ),
    (
        ErrorKind::Transient,
        &["ServiceUnavailable", "InternalError", "UnknownError", "OperationConflict"],
    ),
    (
        ErrorKind::InProgress,
        &[
            "IdempotentProcessing",
            "IdempotenceProcessing",
            "Idempotence.Processing",
            "LastTokenProcessing",
        ],
    ),
    (
        ErrorKind::TokenConflict,
        &[
            "IdempotentParameterMismatch",
            "IdempotenceParamNotMatch",
            "Idempotence.SignatureMismatch",
            "InvalidIdempotenceParameter.Mismatch",
        ],
    ),
    (
        ErrorKind::InstanceState,
        &["IncorrectInstanceStatus", "IncorrectInstanceStatus.Initializing"],
    ),
    (ErrorKind::InstanceLocked, &["InstanceLockedForSecurity", "ChargeTypeViolation"]),
    (
        ErrorKind::NotFound,
        &[
            "InvalidInstanceId.NotFound",
            "InvalidInstanceIds.NotFound",
            "InvalidResourceId.NotFound",
            "ErrorClusterNotFound",
            "EntityNotExist.Role",
        ],
    ),
    (
        ErrorKind::Protected,
        &["InvalidOperation.DeletionProtection", "OperationDenied.DeletionProtection"],
    ),
    (ErrorKind::DryRun, &["DryRunOperation", "DRYRUN.SUCCESS"]),
    (ErrorKind::NoPrice, &["PriceNotFound"]),
    (
        ErrorKind::UnsupportedAction,
        &["InvalidAction.NotFound", "UnsupportedAction", "InvalidVersion"],
    ),
];

/// Prefixes, tried in order after every exact code.
const PREFIXES: &[(ErrorKind, &str)] = &[
    (ErrorKind::DiskCategory, "InvalidSystemDiskCategory."),
    (ErrorKind::SpotForbidden, "InvalidSpotAliUid"),
    (ErrorKind::Token, "InvalidSecurityToken."),
    (ErrorKind::Auth, "InvalidAccessKeyId."),
    (ErrorKind::Auth, "AuthenticationFail."),
    (ErrorKind::Auth, "ErrorPermission"),
    (ErrorKind::Throttled, "Throttling."),
    (ErrorKind::Quota, "QuotaExceed."),
    (ErrorKind::Quota, "QuotaExceeded."),
    (ErrorKind::Parameter, "InvalidParameter"),
    (ErrorKind::Parameter, "Missing"),
    (ErrorKind::Parameter, "InvalidUserData."),
    (ErrorKind::Parameter, "InvalidSystemDiskSize."),
    (ErrorKind::Parameter, "InvalidTag"),
    (ErrorKind::Parameter, "InvalidLaunchTemplate"),
    (ErrorKind::Parameter, "InvalidResourceType."),
];

/// The kind of a service's `code` that came with HTTP `status`.
///
/// Also classifies the row codes of a 200 answer (pass 200).
#[must_use]
pub fn classify(code: &str, status: u16) -> ErrorKind {
    let exact = CODES.iter().find(|(_, codes)| codes.contains(&code)).map(|(kind, _)| *kind);
    let prefix = || PREFIXES.iter().find(|(_, p)| code.starts_with(p)).map(|(kind, _)| *kind);
    exact.or_else(prefix).unwrap_or(match status {
        429 => ErrorKind::Throttled,
        401 | 403 if code.is_empty() => ErrorKind::Auth,
        500..=599 => ErrorKind::Transient,
        _ => ErrorKind::Other,
    })
}

#[cfg(test)]
pub(super) fn table() -> impl Iterator<Item = (ErrorKind, &'static str)> {
    let exact = CODES.iter().flat_map(|(kind, codes)| codes.iter().map(|code| (*kind, *code)));
    exact.chain(PREFIXES.iter().copied())
}
