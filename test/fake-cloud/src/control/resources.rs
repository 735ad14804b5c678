//! Networks, images, the cluster, the account.

use crate::{CapacityReservation, Cluster, FakeCloud, Image, SecurityGroup, VSwitch};

impl FakeCloud {
    /// Adds or replaces a vSwitch.
    pub fn add_vswitch(&self, vswitch: VSwitch) {
        self.change(|state, _| {
            state.world.vswitches.insert(vswitch.id.clone(), vswitch);
        });
    }

    /// Removes a vSwitch; false if there is none.
    pub fn remove_vswitch(&self, id: &str) -> bool {
        self.change(|state, _| state.world.vswitches.remove(id).is_some())
    }

    /// Sets how many addresses a vSwitch has left; false if there is no such vSwitch.
    pub fn set_available_ips(&self, vswitch_id: &str, n: u32) -> bool {
        self.change(|state, _| {
            let vswitch = state.world.vswitches.get_mut(vswitch_id);
            vswitch.map(|vswitch| vswitch.available_ips = n).is_some()
        })
    }

    /// All vSwitches, by id.
    pub fn vswitches(&self) -> Vec<VSwitch> {
        self.look(|state, _| state.world.vswitches.values().cloned().collect())
    }

    /// Adds or replaces a security group.
    pub fn add_security_group(&self, group: SecurityGroup) {
        self.change(|state, _| {
            state.world.security_groups.insert(group.id.clone(), group);
        });
    }

    /// Removes a security group; false if there is none.
    pub fn remove_security_group(&self, id: &str) -> bool {
        self.change(|state, _| state.world.security_groups.remove(id).is_some())
    }

    /// All security groups, by id.
    pub fn security_groups(&self) -> Vec<SecurityGroup> {
        self.look(|state, _| state.world.security_groups.values().cloned().collect())
    }

    /// Adds or replaces an image.
    pub fn add_image(&self, image: Image) {
        self.change(|state, _| {
            state.world.images.insert(image.id.clone(), image);
        });
    }

    /// Removes an image; false if there is none.
    pub fn remove_image(&self, id: &str) -> bool {
        self.change(|state, _| state.world.images.remove(id).is_some())
    }

    /// All images, by id.
    pub fn images(&self) -> Vec<Image> {
        self.look(|state, _| state.world.images.values().cloned().collect())
    }

    /// Adds or replaces a capacity reservation.
    pub fn add_reservation(&self, reservation: CapacityReservation) {
        self.change(|state, _| {
            state.world.reservations.insert(reservation.id.clone(), reservation);
        });
    }

    /// Removes a capacity reservation; its instances stay. False if there is none.
    pub fn remove_reservation(&self, id: &str) -> bool {
        self.change(|state, _| state.world.reservations.remove(id).is_some())
    }

    /// Changes the cluster.
    pub fn edit_cluster(&self, edit: impl FnOnce(&mut Cluster)) {
        self.change(|state, _| edit(&mut state.world.cluster));
    }

    /// The cluster.
    pub fn cluster(&self) -> Cluster {
        self.look(|state, _| state.world.cluster.clone())
    }

    /// Adds a RAM role that trusts ECS and may be assumed.
    pub fn add_role(&self, name: &str) {
        self.change(|state, _| {
            state.world.account.roles.insert(name.to_owned());
        });
    }

    /// Adds a key pair.
    pub fn add_key_pair(&self, name: &str) {
        self.change(|state, _| {
            state.world.account.key_pairs.insert(name.to_owned());
        });
    }
}
