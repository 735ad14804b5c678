//! Room left in capacity reservations, less what was launched in them since they were read.
//!
//! The cloud is read once a minute, and several launches may happen in between. Where it is not clear whether a reading
//! includes a launch, the larger number stands: a launch in a full reservation is refused and does no harm, room that
//! nobody sees is paid for and not used.
//!
//! Source: Karpenter behaviour, availability of capacity reservations.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use karpenter_core::model::ids::{InstanceTypeName, Zone};

use crate::api::status::CapacityReservationStatus;

/// How long a reading is remembered.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);

/// Room for one type in one zone that one reservation keeps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// Id of the reservation.
    pub reservation: String,
    /// Zone.
    pub zone: Zone,
    /// Type.
    pub instance_type: InstanceTypeName,
}

impl Slot {
    /// The slot `room` is about.
    pub fn of(room: &CapacityReservationStatus) -> Self {
        Self {
            reservation: room.id.clone(),
            zone: room.zone.as_str().into(),
            instance_type: room.instance_type.as_str().into(),
        }
    }
}

/// Room by slot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    counts: BTreeMap<Slot, Count>,
    sequence: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Count {
    left: u32,
    read: Timestamp,
}

impl Ledger {
    /// Enters rooms as they were read; `read` is when that began.
    pub fn learn(&mut self, rooms: &[CapacityReservationStatus], read: Timestamp) {
        self.counts.retain(|_, count| read < count.read + REMEMBERED);
        for room in rooms {
            let count = Count { left: room.available_instance_count, read };
            let before = self.counts.insert(Slot::of(room), count);
            if before.map(|before| before.left) != Some(count.left) {
                self.sequence += 1;
            }
        }
    }

    /// Instances there is room for in `room`; what the status says before the first reading.
    pub fn left(&self, room: &CapacityReservationStatus) -> u32 {
        self.counts.get(&Slot::of(room)).map_or(room.available_instance_count, |count| count.left)
    }

    /// One instance has been launched in `slot` at `at`; readings begun later know of it.
    pub fn launched(&mut self, slot: &Slot, at: Timestamp) {
        let Some(count) = self.counts.get_mut(slot).filter(|count| count.read <= at) else {
            return;
        };
        count.left = count.left.saturating_sub(1);
        self.sequence += 1;
    }

    /// One instance in `slot` has gone.
    pub fn ended(&mut self, slot: &Slot) {
        let Some(count) = self.counts.get_mut(slot) else { return };
        count.left = count.left.saturating_add(1);
        self.sequence += 1;
    }

    /// Grows with every change of numbers.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }
}
