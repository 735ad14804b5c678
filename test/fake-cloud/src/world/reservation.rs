//! Capacity reservations: room kept for one type in one zone, whatever the stock.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::World;

/// One row of DescribeCapacityReservations, or of DescribeElasticityAssurances, with one allocated resource.
///
/// Source: Alibaba actions DescribeCapacityReservations, DescribeElasticityAssurances.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CapacityReservation {
    /// `crp-…`; `eap-…` makes it an elasticity assurance.
    pub id: String,
    /// Taken by launches that match it without naming it; else only by those that name it.
    pub open: bool,
    /// Instance type it keeps room for.
    pub instance_type: String,
    /// Zone it keeps room in.
    pub zone: String,
    /// Instances it keeps room for.
    pub total: u32,
    /// When it ends; `None` for never. Its instances stay.
    pub ends: Option<DateTime<Utc>>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl CapacityReservation {
    /// A targeted reservation without end.
    pub fn new(id: &str, instance_type: &str, zone: &str, total: u32) -> CapacityReservation {
        CapacityReservation {
            id: id.into(),
            open: false,
            instance_type: instance_type.into(),
            zone: zone.into(),
            total,
            ends: None,
            tags: BTreeMap::new(),
        }
    }

    /// `Active` or `Released`.
    pub(crate) fn status(&self, now: DateTime<Utc>) -> &'static str {
        if self.ends.is_some_and(|at| at <= now) { "Released" } else { "Active" }
    }
}

impl World {
    /// Instances that sit in a reservation.
    pub(crate) fn reserved(&self, id: &str) -> u32 {
        let inside = self.instances.values().filter(|i| i.reservation_id.as_deref() == Some(id));
        u32::try_from(inside.count()).unwrap_or(u32::MAX)
    }

    /// Whether a reservation is there and has not ended.
    pub(crate) fn is_active(&self, id: &str, now: DateTime<Utc>) -> bool {
        self.reservations.get(id).is_some_and(|r| r.status(now) == "Active")
    }

    /// Room left in a reservation; 0 for one that does not exist.
    pub(crate) fn room(&self, id: &str) -> u32 {
        self.reservations.get(id).map_or(0, |r| r.total.saturating_sub(self.reserved(id)))
    }

    /// The first open reservation, by id, that has room for `n` instances of a type in a zone.
    pub(crate) fn open_reservation(
        &self,
        of: &str,
        zone: &str,
        n: u32,
        now: DateTime<Utc>,
    ) -> Option<&CapacityReservation> {
        self.reservations.values().find(|r| {
            r.open
                && r.instance_type == of
                && r.zone == zone
                && r.status(now) == "Active"
                && self.room(&r.id) >= n
        })
    }
}
