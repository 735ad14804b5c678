//! Settings of the provider, as plain data; parsing lives with the binary.

use std::time::Duration;

/// Settings of the provider.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Region all calls go to, e.g. `cn-hangzhou`. No default.
    pub region: String,
    /// ACK cluster nodes join when their class names none. May be empty.
    pub cluster_id: String,
    /// Identity of the cluster where there is no `cluster_id`. May be empty.
    pub cluster_name: String,
    /// Part of an instance's memory its pods never see, 0 to 1. Default 0.065.
    pub vm_memory_overhead_percent: f64,
    /// Network interfaces per instance kept for other uses. Default 0.
    pub reserved_enis: u32,
    /// Offer vGPU, FPGA and transcoding families too. Default off.
    pub include_exotic_families: bool,
    /// Also look after node classes of the older group, and the pools that use them. Default off.
    pub legacy_node_classes: bool,
    /// Also know the older provider's labels, and write them and other spellings of ours onto nodes. Default off.
    pub legacy_labels: bool,
    /// Launch in the capacity reservations that classes select. Default on.
    pub reserved_capacity: bool,
    /// How often instance types are read. Default 12 h.
    pub instance_types_refresh: Duration,
    /// How often stock is read. Default 5 min.
    pub stock_refresh: Duration,
    /// How long an on-demand price is good. Default 12 h.
    pub price_refresh: Duration,
    /// How long spot prices are good. Default 15 min.
    pub spot_price_refresh: Duration,
    /// How long to hold back catalogues whose prices are not known yet. Default 30 s.
    pub price_patience: Duration,
    /// How often facts about the cluster are read. Default 5 min.
    pub cluster_refresh: Duration,
    /// How often vSwitches of a class are read. Default 1 min.
    pub v_switch_refresh: Duration,
    /// How often images and security groups of a class are read. Default 5 min.
    pub image_refresh: Duration,
    /// How often capacity reservations of a class are read. Default 1 min.
    pub reservation_refresh: Duration,
    /// How often the role of a class is read. Default 15 min.
    pub role_refresh: Duration,
    /// How often a class that lacks something is read again. Default 15 s.
    pub not_found_refresh: Duration,
    /// How long a join script is used. Default 30 min.
    pub attach_script_ttl: Duration,
    /// Offerings tried in one launch. Default 8.
    pub launch_attempts: usize,
    /// Longest time of one launch. Default 25 s.
    pub launch_limit: Duration,
}

impl Options {
    /// Defaults for a cluster in a region.
    pub fn new(region: impl Into<String>, cluster_id: impl Into<String>) -> Self {
        let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3600));
        Self {
            region: region.into(),
            cluster_id: cluster_id.into(),
            cluster_name: String::new(),
            vm_memory_overhead_percent: 0.065,
            reserved_enis: 0,
            include_exotic_families: false,
            legacy_node_classes: false,
            legacy_labels: false,
            reserved_capacity: true,
            instance_types_refresh: 12 * hour,
            stock_refresh: 5 * minute,
            price_refresh: 12 * hour,
            spot_price_refresh: 15 * minute,
            price_patience: minute / 2,
            cluster_refresh: 5 * minute,
            v_switch_refresh: minute,
            image_refresh: 5 * minute,
            reservation_refresh: minute,
            role_refresh: 15 * minute,
            not_found_refresh: minute / 4,
            attach_script_ttl: 30 * minute,
            launch_attempts: 8,
            launch_limit: Duration::from_secs(25),
        }
    }

    /// What instances are tagged with and listed by: the cluster's id, else its name.
    pub fn cluster_identity(&self) -> &str {
        if self.cluster_id.is_empty() { &self.cluster_name } else { &self.cluster_id }
    }
}
