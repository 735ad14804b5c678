//! vSwitches with their address pools, and security groups.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
};

use serde::{Deserialize, Serialize};

/// One row of DescribeVSwitches.
///
/// Source: VPC action DescribeVSwitches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VSwitch {
    /// `vsw-…`.
    pub id: String,
    /// Name.
    pub name: String,
    /// VPC it belongs to.
    pub vpc_id: String,
    /// Zone it belongs to.
    pub zone: String,
    /// Network address of the block.
    pub network: Ipv4Addr,
    /// Prefix length of the block, 16 to 29.
    pub prefix: u8,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Addresses that can still be assigned; goes down with every instance.
    pub available_ips: u32,
    pub(crate) used_hosts: BTreeSet<u32>,
}

impl VSwitch {
    /// An empty vSwitch. The service keeps the first and the last three addresses of the block.
    pub fn new(id: &str, vpc_id: &str, zone: &str, network: Ipv4Addr, prefix: u8) -> VSwitch {
        let prefix = prefix.clamp(16, 29);
        VSwitch {
            id: id.into(),
            name: id.into(),
            vpc_id: vpc_id.into(),
            zone: zone.into(),
            network,
            prefix,
            tags: BTreeMap::new(),
            available_ips: (1 << (32 - prefix)) - 4,
            used_hosts: BTreeSet::new(),
        }
    }

    /// Adds a tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> VSwitch {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// Takes the lowest free address and `count` units of the pool.
    pub(crate) fn assign(&mut self, count: u32) -> Ipv4Addr {
        let host = (1..).find(|host| !self.used_hosts.contains(host)).unwrap_or(1);
        self.used_hosts.insert(host);
        self.available_ips = self.available_ips.saturating_sub(count);
        Ipv4Addr::from(u32::from(self.network).wrapping_add(host))
    }

    /// Gives an address and `count` units back.
    pub(crate) fn give_back(&mut self, address: Ipv4Addr, count: u32) {
        self.used_hosts.remove(&u32::from(address).wrapping_sub(u32::from(self.network)));
        self.available_ips = self.available_ips.saturating_add(count);
    }
}

/// One row of DescribeSecurityGroups.
///
/// Source: Alibaba action DescribeSecurityGroups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecurityGroup {
    /// `sg-…`.
    pub id: String,
    /// Name.
    pub name: String,
    /// VPC it belongs to.
    pub vpc_id: String,
    /// Enterprise groups hold more instances than normal ones.
    pub enterprise: bool,
    /// How many instances fit in all.
    pub instance_limit: u32,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl SecurityGroup {
    /// A normal group for 2000 instances.
    pub fn new(id: &str, vpc_id: &str) -> SecurityGroup {
        SecurityGroup {
            id: id.into(),
            name: id.into(),
            vpc_id: vpc_id.into(),
            enterprise: false,
            instance_limit: 2000,
            tags: BTreeMap::new(),
        }
    }

    /// Adds a tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> SecurityGroup {
        self.tags.insert(key.into(), value.into());
        self
    }
}
