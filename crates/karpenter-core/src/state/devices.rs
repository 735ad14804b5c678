//! Devices that pods can claim.

use super::collection::Collection;
use crate::model::device_class::DeviceClass;
use crate::model::resource_claim::ResourceClaim;
use crate::model::resource_slice::ResourceSlice;

/// Devices of the cluster and who claims them; none while such claims are ignored. Cloning costs a few reference counts.
#[derive(Debug, Clone, Default)]
pub struct Devices {
    /// ResourceClaims.
    pub claims: Collection<ResourceClaim>,
    /// ResourceSlices.
    pub slices: Collection<ResourceSlice>,
    /// DeviceClasses.
    pub classes: Collection<DeviceClass>,
}
