//! What is remembered of a class between passes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;

/// The parts of a class that are resolved on their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::controllers) enum Part {
    /// vSwitches.
    VSwitches,
    /// Security groups.
    SecurityGroups,
    /// Images.
    Images,
    /// Capacity reservations.
    Reservations,
    /// The RAM role.
    Role,
}

/// All parts.
pub(in crate::controllers) const PARTS: [Part; 5] =
    [Part::VSwitches, Part::SecurityGroups, Part::Images, Part::Reservations, Part::Role];

/// Progress on the parts of one class.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::controllers) struct Memory {
    /// Generation the parts were resolved for.
    pub(in crate::controllers) generation: i64,
    /// When each part is due again; a part without entry is due now.
    pub(in crate::controllers) due: BTreeMap<Part, Timestamp>,
    /// Failures in a row.
    pub(in crate::controllers) failures: BTreeMap<Part, u32>,
}

impl Memory {
    /// Parts due at `now` for `generation`, in order.
    pub(in crate::controllers) fn due(&self, generation: i64, now: Timestamp) -> Vec<Part> {
        let is_due = |part: &Part| {
            self.generation != generation || self.due.get(part).is_none_or(|at| *at <= now)
        };
        PARTS.into_iter().filter(is_due).collect()
    }

    /// When the next part is due.
    pub(in crate::controllers) fn next_due(&self) -> Option<Timestamp> {
        self.due.values().min().copied()
    }
}

/// Memories by class name; cloning shares them.
#[derive(Debug, Clone, Default)]
pub(in crate::controllers) struct Memories(Arc<Mutex<BTreeMap<String, Memory>>>);

impl Memories {
    pub(in crate::controllers) fn get(&self, name: &str) -> Memory {
        self.0.lock().get(name).cloned().unwrap_or_default()
    }

    pub(in crate::controllers) fn set(&self, name: &str, memory: Memory) {
        self.0.lock().insert(name.to_owned(), memory);
    }

    /// Forgets classes whose name is not among `names`.
    pub(in crate::controllers) fn keep(&self, names: &[&str]) {
        self.0.lock().retain(|name, _| names.contains(&name.as_str()));
    }

    pub(in crate::controllers) fn snapshot(&self) -> BTreeMap<String, Memory> {
        self.0.lock().clone()
    }
}
