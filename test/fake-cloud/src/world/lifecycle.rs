//! What time does to instances: booting, release, reclaim. Nothing runs in the background; whoever
//! looks at the world settles it first.

use chrono::{DateTime, Utc};

use super::{Interruption, World, instance::Instance};

impl World {
    /// Brings every instance to `now` and removes those whose time has come.
    ///
    /// Free of cost while nothing is due.
    pub(crate) fn settle(&mut self, now: DateTime<Utc>) {
        if self.next_change.is_none_or(|due| due > now) {
            return;
        }
        let is_gone = |i: &Instance| i.gone_at.is_some_and(|at| at <= now);
        let gone: Vec<String> =
            self.instances.values().filter(|i| is_gone(i)).map(|i| i.id.clone()).collect();
        for id in gone {
            self.remove(&id);
        }
        self.refresh(now);
    }

    /// To be called on a world read from a file: whoever looks first brings it to the present.
    pub(crate) fn wake(&mut self) {
        self.next_change = Some(DateTime::<Utc>::MIN_UTC);
    }

    /// When the next change by itself is due; may be in the past.
    pub(crate) fn next_change(&self) -> Option<DateTime<Utc>> {
        self.next_change
    }

    /// Recomputes statuses and the next time something changes.
    pub(crate) fn refresh(&mut self, now: DateTime<Utc>) {
        let timing = self.timing;
        for instance in self.instances.values_mut() {
            instance.status = instance.status_at(now, &timing);
        }
        self.next_change =
            self.instances.values().filter_map(|i| i.next_change(now, &timing)).min();
    }

    /// Adds an instance just made at `now`.
    pub(crate) fn insert(&mut self, instance: Instance, now: DateTime<Utc>) {
        let due = instance.next_change(now, &self.timing);
        self.next_change = self.next_change.into_iter().chain(due).min();
        self.instances.insert(instance.id.clone(), instance);
    }

    /// Starts the release; the record goes after the release time.
    pub(crate) fn release(&mut self, id: &str, now: DateTime<Utc>) {
        let gone_at = now + self.timing.release;
        if let Some(instance) = self.instances.get_mut(id) {
            instance.releasing = true;
            instance.gone_at = Some(instance.gone_at.map_or(gone_at, |at| at.min(gone_at)));
        }
        self.next_change = Some(now);
        self.settle(now);
    }

    /// Announces the recycling of a spot instance; false if there is no such spot instance.
    pub(crate) fn interrupt(&mut self, id: &str, now: DateTime<Utc>) -> bool {
        let notice = self.timing.reclaim_notice;
        let Some(instance) = self.instances.get_mut(id) else { return false };
        if instance.spot_strategy == super::instance::SpotStrategy::NoSpot {
            return false;
        }
        if instance.interrupted_at.is_none() {
            instance.interrupted_at = Some(now);
            instance.gone_at = Some(instance.gone_at.unwrap_or(now + notice));
            let (instance_id, instance_name) = (id.to_owned(), instance.name.clone());
            self.interruptions.push(Interruption { at: now, instance_id, instance_name });
            self.refresh(now);
        }
        true
    }

    /// Stops an instance, or starts it again; false if there is none.
    pub(crate) fn set_stopped(&mut self, id: &str, stopped: bool, now: DateTime<Utc>) -> bool {
        let Some(instance) = self.instances.get_mut(id) else { return false };
        instance.stopped = stopped;
        self.refresh(now);
        true
    }

    /// Removes an instance at once and gives stock and addresses back.
    pub(crate) fn remove(&mut self, id: &str) -> Option<Instance> {
        let gone = self.instances.remove(id)?;
        if gone.reservation_id.is_none() {
            self.stock.give_back(gone.spot_strategy.market(), &gone.zone, &gone.instance_type);
        }
        if let Some(vswitch) = self.vswitches.get_mut(&gone.vswitch_id) {
            vswitch.give_back(gone.private_ip, self.ips_per_instance);
        }
        Some(gone)
    }
}
