//! What a refusal of the cloud means: one table from its kind to a reaction, a reason and a fix.
//!
//! Codes become kinds in the SDK; here nothing reads codes or messages but to quote them.

use std::time::Duration;

use alibaba_sdk::error::{ErrorKind, SdkError};
use karpenter_core::cloud_provider::CloudProviderError;
use karpenter_core::effects::error::report;

/// What a launch does about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// Marks `scope` unavailable for so many seconds and tries the next offering.
    NextOffering {
        /// What is marked.
        scope: Scope,
        /// How long, seconds.
        seconds: u64,
    },
    /// Tries the same offering with the next disk category.
    NextDisk,
    /// Gives up; another launch may work.
    Stop,
    /// Gives up, and holds back every launch for a while.
    StopAccount,
    /// Gives up; all calls should slow down.
    SlowDown,
    /// Repeats the request with the same client token.
    SameToken,
    /// Looks for the instance by its tags.
    LookUp,
}

/// How much a refusal says is unavailable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The type in the zone for the capacity type, or its room in one reservation.
    Offering,
    /// The type everywhere.
    InstanceType,
    /// The capacity type everywhere.
    CapacityType,
    /// The family from this size on, for the capacity type.
    Family,
    /// The vSwitch.
    VSwitch,
    /// The image on the type.
    Image,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// Kind of the refusal.
    pub kind: ErrorKind,
    /// CamelCase reason for conditions, metrics and events.
    pub reason: &'static str,
    /// What a launch does.
    pub reaction: Reaction,
    /// What a person can do, empty when nothing.
    pub fix: &'static str,
}

/// How long launches are held back after [`Reaction::StopAccount`].
pub const ACCOUNT_PAUSE: Duration = Duration::from_secs(5 * 60);

const fn row(
    kind: ErrorKind,
    reason: &'static str,
    reaction: Reaction,
    fix: &'static str,
) -> Meaning {
    Meaning { kind, reason, reaction, fix }
}

const fn next(scope: Scope, seconds: u64) -> Reaction {
    Reaction::NextOffering { scope, seconds }
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

const CREDENTIALS: &str = "check that the access key or RRSA role exists and that its RAM policy \
                           allows the action";

const CLOCK: &str = "synchronise the clock of the machine the controller runs on";
const NAMES: &str = "check the id, the region and the cluster id of the controller";
const NETWORK: &str = "check that the controller can reach the endpoint of the service";
const STOCK: &str = "allow more instance types or zones";
const THROTTLED: &str =
    "calls slow down by themselves; raise the rate quota of the API if this lasts";

/// Source: Alibaba error centre; Karpenter behaviour, launch failures.
pub const TABLE: [Meaning; 28] = [
    row(ErrorKind::NoStock, "NoStock", next(Scope::Offering, 3 * MINUTE), STOCK),
    row(ErrorKind::NotSold, "NotOnSale", next(Scope::Offering, HOUR), ""),
    row(ErrorKind::TypeOffline, "InstanceTypeOffline", next(Scope::InstanceType, 6 * HOUR), ""),
    row(ErrorKind::DiskCategory, "DiskCategoryNotSupported", Reaction::NextDisk, ""),
    row(
        ErrorKind::IpExhausted,
        "InsufficientFreeAddressesInVSwitch",
        next(Scope::VSwitch, 3 * MINUTE),
        "select a larger or another vSwitch",
    ),
    row(ErrorKind::SpotPrice, "SpotPriceTooLow", next(Scope::Offering, 3 * MINUTE), ""),
    row(
        ErrorKind::SpotForbidden,
        "SpotNotPermitted",
        next(Scope::CapacityType, HOUR),
        "allow spot instances for the account or restrict pools to on-demand",
    ),
    row(
        ErrorKind::Quota,
        "VCPUQuotaExceeded",
        next(Scope::Family, 10 * MINUTE),
        "raise the vCPU quota of the account in this region",
    ),
    row(
        ErrorKind::ImageType,
        "ImageInstanceTypeMismatch",
        next(Scope::Image, 24 * HOUR),
        "select an image that runs on the type",
    ),
    row(
        ErrorKind::Reservation,
        "ReservationNotUsable",
        next(Scope::Offering, 3 * MINUTE),
        "select capacity reservations that are active",
    ),
    row(
        ErrorKind::DiskQuota,
        "DiskQuotaExceeded",
        Reaction::StopAccount,
        "raise the disk quota of the account",
    ),
    row(
        ErrorKind::SecurityGroupFull,
        "SecurityGroupFull",
        Reaction::Stop,
        "select another security group",
    ),
    row(
        ErrorKind::Account,
        "InsufficientBalance",
        Reaction::StopAccount,
        "settle the balance, payment method or verification of the account",
    ),
    row(ErrorKind::Auth, "Unauthorized", Reaction::Stop, CREDENTIALS),
    row(ErrorKind::Token, "Unauthorized", Reaction::Stop, CREDENTIALS),
    row(ErrorKind::NoCredentials, "Unauthorized", Reaction::Stop, CREDENTIALS),
    row(
        ErrorKind::MissingReference,
        "ReferenceNotFound",
        Reaction::Stop,
        "correct what the ECSNodeClass names",
    ),
    row(
        ErrorKind::Parameter,
        "InvalidLaunchParameter",
        Reaction::Stop,
        "correct the setting of the ECSNodeClass",
    ),
    row(ErrorKind::NotFound, "NotFound", Reaction::Stop, NAMES),
    row(ErrorKind::ClockSkew, "ClockSkew", Reaction::Stop, CLOCK),
    row(ErrorKind::Throttled, "Throttled", Reaction::SlowDown, THROTTLED),
    row(ErrorKind::Transient, "ServiceUnavailable", Reaction::Stop, ""),
    row(ErrorKind::Unreachable, "ServiceUnavailable", Reaction::Stop, NETWORK),
    row(ErrorKind::Interrupted, "ServiceUnavailable", Reaction::LookUp, NETWORK),
    row(ErrorKind::Unparsable, "ServiceUnavailable", Reaction::LookUp, ""),
    row(ErrorKind::Deadline, "ServiceUnavailable", Reaction::LookUp, ""),
    row(ErrorKind::InProgress, "LaunchInProgress", Reaction::SameToken, ""),
    row(ErrorKind::TokenConflict, "LaunchTokenConflict", Reaction::LookUp, ""),
];

/// What a refusal of `kind` means; kinds without a row stop the launch.
pub fn meaning(kind: ErrorKind) -> Meaning {
    let known = TABLE.into_iter().find(|row| row.kind == kind);
    known.unwrap_or(row(kind, "LaunchFailed", Reaction::Stop, ""))
}

/// The error in one line with its causes, and the fix if there is one.
///
/// The id of the request is left out, so that the same trouble always reads the same and is told once.
pub fn describe(error: &SdkError) -> String {
    let id = error.request_id.as_ref().map(|id| format!(", request {id}"));
    let (text, fix) = (report(error), meaning(error.kind).fix);
    let text = id.map_or_else(|| text.clone(), |id| text.replace(&id, ""));
    if fix.is_empty() { text } else { format!("{text}; {fix}") }
}

/// What the engine is told about a launch that stopped at `error`.
pub fn of_launch(error: &SdkError) -> CloudProviderError {
    let meaning = meaning(error.kind);
    match meaning.reaction {
        Reaction::SlowDown => {
            CloudProviderError::Throttled { retry_after: None, message: describe(error) }
        }
        Reaction::NextOffering { .. } | Reaction::NextDisk => {
            CloudProviderError::InsufficientCapacity(describe(error))
        }
        Reaction::Stop | Reaction::StopAccount | Reaction::SameToken | Reaction::LookUp => {
            CloudProviderError::Create {
                reason: meaning.reason.to_owned(),
                message: describe(error),
            }
        }
    }
}

/// What the engine is told about any other call that failed.
pub fn of_call(error: &SdkError) -> CloudProviderError {
    let text = describe(error);
    match error.kind {
        ErrorKind::NotFound => CloudProviderError::NodeClaimNotFound(text),
        ErrorKind::Throttled => CloudProviderError::Throttled { retry_after: None, message: text },
        ErrorKind::Auth | ErrorKind::Token | ErrorKind::NoCredentials | ErrorKind::Account => {
            CloudProviderError::Denied(text)
        }
        ErrorKind::Parameter
        | ErrorKind::InvalidRequest
        | ErrorKind::UnsupportedAction
        | ErrorKind::Other => CloudProviderError::Other(text),
        _ => CloudProviderError::Transient(text),
    }
}

#[cfg(test)]
mod tests;
