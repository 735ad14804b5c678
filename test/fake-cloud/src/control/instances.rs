//! Looking at instances, and what befalls them.

use crate::{FakeCloud, Instance, InstanceStatus, Timing};

impl FakeCloud {
    /// All instances in the order of their creation, those hidden by the describe delay included.
    pub fn instances(&self) -> Vec<Instance> {
        self.look(|state, _| state.world.instances_by_age().into_iter().cloned().collect())
    }

    /// Ids of the instances that run, in the order of their creation.
    pub fn running(&self) -> Vec<String> {
        self.look(|state, _| {
            let all = state.world.instances_by_age().into_iter();
            let running = all.filter(|instance| instance.status == InstanceStatus::Running);
            running.map(|instance| instance.id.clone()).collect()
        })
    }

    /// How many instances have been created so far, gone ones included.
    pub fn instances_ever_created(&self) -> u64 {
        self.look(|state, _| state.world.created)
    }

    /// One instance.
    pub fn instance(&self, id: &str) -> Option<Instance> {
        self.look(|state, _| state.world.instances.get(id).cloned())
    }

    /// Announces the recycling of a spot instance: the lock reason `Recycling` and the CloudMonitor
    /// event show at once, the instance is gone after the notice period. False if there is no such
    /// spot instance; a second announcement changes nothing.
    pub fn interrupt(&self, id: &str) -> bool {
        self.change(|state, now| state.world.interrupt(id, now))
    }

    /// Makes an instance vanish at once, as if somebody else had released it; false if there is none.
    pub fn vanish(&self, id: &str) -> bool {
        self.change(|state, _| state.world.remove(id).is_some())
    }

    /// Stops an instance as its owner would in the console; false if there is none.
    pub fn stop(&self, id: &str) -> bool {
        self.change(|state, now| state.world.set_stopped(id, true, now))
    }

    /// Starts a stopped instance again; it runs at once. False if there is no such instance.
    pub fn start(&self, id: &str) -> bool {
        self.change(|state, now| state.world.set_stopped(id, false, now))
    }

    /// Changes the durations of the life cycle, for instances that exist already too.
    pub fn set_timing(&self, timing: Timing) {
        self.change(|state, now| {
            state.world.timing = timing;
            state.world.refresh(now);
        });
    }
}
