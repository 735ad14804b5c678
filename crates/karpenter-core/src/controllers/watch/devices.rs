//! The watches of devices and their claims, for dynamic resource allocation.

use super::kinds::{Named, watch_behind_gate};
use super::{Watched, Watching};
use crate::state::{ClusterEvent, Kind};
use crate::wire::device_class::SlimDeviceClass;
use crate::wire::resource_claim::SlimResourceClaim;
use crate::wire::resource_slice::SlimResourceSlice;

/// Claims, slices and classes; they count as listed and empty when claims of devices are ignored.
pub fn watch_devices(watching: &Watching, is_wanted: bool) -> Vec<Named> {
    let claims =
        Watched { kind: Kind::ResourceClaim, event: ClusterEvent::ResourceClaim, optional: true };
    let slices =
        Watched { kind: Kind::ResourceSlice, event: ClusterEvent::ResourceSlice, optional: true };
    let classes =
        Watched { kind: Kind::DeviceClass, event: ClusterEvent::DeviceClass, optional: true };
    let tasks = [
        watch_behind_gate::<SlimResourceClaim>(is_wanted, watching, "watch-resourceclaim", claims),
        watch_behind_gate::<SlimResourceSlice>(is_wanted, watching, "watch-resourceslice", slices),
        watch_behind_gate::<SlimDeviceClass>(is_wanted, watching, "watch-deviceclass", classes),
    ];
    tasks.into_iter().flatten().collect()
}
