//! Free addresses per vSwitch, less what launches under way will take.
//!
//! The cloud's counts are read once a minute and lag behind launches, so every launch takes its addresses off at
//! once. A new reading replaces the estimate; a failed launch gives back what it took.

use std::collections::BTreeMap;

/// Counts of one region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    read: BTreeMap<String, u64>,
    estimated: BTreeMap<String, u64>,
}

/// What a launch took, to be given back when it fails.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Taken {
    v_switch: String,
    count: u64,
    read: u64,
}

impl Addresses {
    /// Enters a reading of the cloud.
    pub fn learn(&mut self, v_switch: &str, free: u64) {
        self.read.insert(v_switch.to_owned(), free);
        self.estimated.remove(v_switch);
    }

    /// Free addresses as far as we know; zero for vSwitches never read.
    pub fn free(&self, v_switch: &str) -> u64 {
        let known = self.estimated.get(v_switch).or_else(|| self.read.get(v_switch));
        known.copied().unwrap_or_default()
    }

    /// The vSwitch with most free addresses among `candidates`; the first of equals, `None` without any free address.
    pub fn roomiest<'a>(
        &self,
        candidates: impl IntoIterator<Item = &'a String>,
    ) -> Option<&'a str> {
        let mut best: Option<(&str, u64)> = None;
        for id in candidates {
            let free = self.free(id);
            if free > best.map_or(0, |(_, most)| most) {
                best = Some((id, free));
            }
        }
        best.map(|(id, _)| id)
    }

    /// Takes `count` addresses off.
    pub fn take(&mut self, v_switch: &str, count: u64) -> Taken {
        let read = self.read.get(v_switch).copied().unwrap_or_default();
        let left = self.free(v_switch).saturating_sub(count);
        self.estimated.insert(v_switch.to_owned(), left);
        Taken { v_switch: v_switch.to_owned(), count, read }
    }

    /// Gives back what a failed launch took, unless the vSwitch has been read since.
    #[expect(clippy::needless_pass_by_value, reason = "what was taken can be given back once")]
    pub fn give_back(&mut self, taken: Taken) {
        if self.read.get(&taken.v_switch).copied().unwrap_or_default() != taken.read {
            return;
        }
        if let Some(left) = self.estimated.get_mut(&taken.v_switch) {
            *left = left.saturating_add(taken.count).min(taken.read);
        }
    }

    /// Enters that the cloud found no free address.
    pub fn exhausted(&mut self, v_switch: &str) {
        self.learn(v_switch, 0);
    }
}
