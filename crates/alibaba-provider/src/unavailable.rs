//! What a launch has just been refused, and until when it is not worth asking again.
//!
//! A plain value: time is an argument, and whoever shares it puts a lock around it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use karpenter_core::model::ids::{InstanceTypeName, Zone};

use crate::api::disks::DiskCategory;
use crate::catalog::CapacityType;
use crate::reservations::ledger::Slot;

/// Something that cannot be launched for a while.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// A type in a zone for a capacity type.
    Offering(InstanceTypeName, Zone, CapacityType),
    /// The room for a type in a reservation.
    Reservation(Slot),
    /// A type everywhere.
    InstanceType(InstanceTypeName),
    /// A capacity type altogether.
    CapacityType(CapacityType),
    /// Types of a family with at least so many vCPUs, for a capacity type.
    Family {
        /// Family, e.g. `ecs.g7`.
        family: String,
        /// Capacity type.
        capacity_type: CapacityType,
        /// Smallest blocked size.
        min_cpu: u32,
    },
    /// A vSwitch without free addresses.
    VSwitch(String),
    /// An image on a type.
    Image {
        /// Image.
        image: String,
        /// Type it does not run on.
        instance_type: InstanceTypeName,
    },
    /// A disk category for a type in a zone.
    Disk {
        /// Type.
        instance_type: InstanceTypeName,
        /// Zone.
        zone: Zone,
        /// Category.
        category: DiskCategory,
    },
    /// Every launch of the account.
    Account,
}

/// Marks with the instant each ends.
///
/// Source: Karpenter behaviour, unavailable offerings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unavailable {
    until: BTreeMap<Mark, Timestamp>,
    refused: BTreeMap<Mark, Refused>,
    sequence: u64,
}

/// How the last refusal of something was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Refused {
    ends: Timestamp,
    pause: Duration,
}

/// Longest pause after repeated refusals.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60);

/// The offering somebody asks about.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Type.
    pub instance_type: &'a InstanceTypeName,
    /// Its family.
    pub family: &'a str,
    /// Its vCPUs.
    pub cpu: u32,
    /// Zone.
    pub zone: &'a Zone,
    /// Capacity type.
    pub capacity_type: CapacityType,
}

impl Unavailable {
    /// Adds `mark` until `until`; a mark that is there already is only ever extended.
    pub fn mark(&mut self, mark: Mark, until: Timestamp) {
        let end = self.until.entry(mark).or_insert(until);
        *end = (*end).max(until);
        self.sequence += 1;
    }

    /// Adds `mark` because the cloud has just refused it: for `pause`, and for twice as long as the time before
    /// when it is refused again soon after that pause was over.
    ///
    /// So an offering that stays out of stock is asked for less and less often, in the end every 24 minutes.
    pub fn refuse(&mut self, mark: Mark, now: Timestamp, pause: Duration) {
        let pause = match self.refused.get(&mark) {
            Some(last) if last.ends <= now && now < last.ends + last.pause => {
                (last.pause * 2).min(LONGEST_PAUSE.max(pause))
            }
            Some(_) | None => pause,
        };
        let ends = now + pause;
        self.refused.insert(mark.clone(), Refused { ends, pause });
        self.mark(mark, ends);
    }

    /// Drops marks that have ended.
    pub fn expire(&mut self, now: Timestamp) {
        self.refused.retain(|_, last| now < last.ends + last.pause);
        let before = self.until.len();
        self.until.retain(|_, until| *until > now);
        if self.until.len() != before {
            self.sequence += 1;
        }
    }

    /// Grows with every change; equal numbers mean equal marks.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Whether `mark` stands.
    pub fn contains(&self, mark: &Mark) -> bool {
        self.until.contains_key(mark)
    }

    /// Whether some mark speaks against an offering.
    pub fn blocks(&self, asked: Asked<'_>) -> bool {
        let Asked { instance_type, zone, capacity_type, .. } = asked;
        self.contains(&Mark::CapacityType(capacity_type))
            || self.contains(&Mark::InstanceType(instance_type.clone()))
            || self.contains(&Mark::Offering(instance_type.clone(), zone.clone(), capacity_type))
            || self.blocks_family(asked)
    }

    fn blocks_family(&self, asked: Asked<'_>) -> bool {
        self.until.keys().any(|mark| {
            matches!(mark, Mark::Family { family, capacity_type, min_cpu }
                if family == asked.family
                    && *capacity_type == asked.capacity_type
                    && asked.cpu >= *min_cpu)
        })
    }
}

#[cfg(test)]
mod tests;
