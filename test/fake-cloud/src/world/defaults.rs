//! The seeded default world.
//!
//! | thing | ids |
//! |---|---|
//! | vSwitches, one per zone, tagged for discovery | `vsw-bp1<zone letter>…` |
//! | one more vSwitch in the first zone, untagged | `vsw-bp1h5w…` |
//! | security group, tagged for discovery | `sg-bp1discovery…` |
//! | security group, untagged | `sg-bp1h5w…` |
//! | images | two Alibaba Cloud Linux 3 families (x64, arm64), container-optimised, ContainerOS, one custom |
//! | stock | every type in every zone, unlimited, in all markets |

use std::{collections::BTreeMap, net::Ipv4Addr};

use chrono::{DateTime, Utc};

use super::{
    World,
    image::Image,
    instance_type::Architecture,
    network::{SecurityGroup, VSwitch},
    stock::{Market, Stock},
};

const VPC: &str = "vpc-bp1m7v4k2q9x8z3t6w5r1";
const DISCOVERY: (&str, &str) = ("karpenter.sh/discovery", "my-cluster");

impl World {
    /// Fills an empty world.
    pub(super) fn seed_defaults(&mut self) {
        self.seed_networks();
        self.seed_images();
        for zone in &self.zones {
            for of in self.types.keys() {
                for market in [Market::OnDemand, Market::Spot, Market::Subscription] {
                    self.stock.set(market, zone, of, Some(Stock::Unlimited));
                }
            }
        }
    }

    fn seed_networks(&mut self) {
        let (key, value) = DISCOVERY;
        for (n, zone) in (0u8..15).zip(self.zones.clone()) {
            let letter = zone.rsplit('-').next().unwrap_or("x").to_owned();
            let id = format!("vsw-bp1{letter}0discovery{n:07}");
            let vswitch = VSwitch::new(&id, VPC, &zone, Ipv4Addr::new(10, 0, n * 16, 0), 20);
            self.vswitches.insert(id, vswitch.tag(key, value));
        }
        if let Some(zone) = self.zones.first() {
            let id = "vsw-bp1h5wjz3y8m2k6q4t7n9";
            let vswitch = VSwitch::new(id, VPC, zone, Ipv4Addr::new(10, 0, 240, 0), 20);
            self.vswitches.insert(id.into(), vswitch);
        }
        let group = SecurityGroup::new("sg-bp1discovery000000001", VPC).tag(key, value);
        self.cluster.vpc_id = VPC.into();
        self.cluster.vswitch_ids = self.vswitches.keys().cloned().collect();
        self.cluster.security_group_id.clone_from(&group.id);
        for group in [group, SecurityGroup::new("sg-bp1h5wz2n7k4m9q3t6x80", VPC)] {
            self.security_groups.insert(group.id.clone(), group);
        }
    }

    fn seed_images(&mut self) {
        use Architecture::{Arm, X86};
        let x64 = "acs:alibaba_cloud_linux_3_2104_lts_x64";
        let arm64 = "acs:alibaba_cloud_linux_3_2104_lts_arm64";
        let rows = [
            (
                "aliyun_3_x64_20G_alibase_20240528.vhd",
                x64,
                X86,
                "AliyunLinux3",
                "2024-05-30T02:00:00Z",
            ),
            (
                "aliyun_3_x64_20G_alibase_20250629.vhd",
                x64,
                X86,
                "AliyunLinux3",
                "2025-07-01T02:00:00Z",
            ),
            (
                "aliyun_3_arm64_20G_alibase_20250629.vhd",
                arm64,
                Arm,
                "AliyunLinux3Arm64",
                "2025-07-01T02:00:00Z",
            ),
            (
                "aliyun_3_x64_20G_container_optimized_alibase_20250629.vhd",
                "",
                X86,
                "AliyunLinux3ContainerOptimized",
                "2025-07-01T02:00:00Z",
            ),
            (
                "lifsea_3_x64_10G_containerized_3_5_2_alibase_20250629.vhd",
                "",
                X86,
                "ContainerOS",
                "2025-07-01T02:00:00Z",
            ),
        ];
        for (id, family, architecture, ack_type, created) in rows {
            let image = system_image(id, family, architecture, ack_type, created);
            self.images.insert(image.id.clone(), image);
        }
        let custom = Image {
            owner_alias: "self".into(),
            tags: BTreeMap::from([(DISCOVERY.0.into(), DISCOVERY.1.into())]),
            ..system_image("m-bp1custom000000000001", "", X86, "", "2025-08-01T02:00:00Z")
        };
        self.images.insert(custom.id.clone(), custom);
    }
}

fn system_image(
    id: &str,
    family: &str,
    architecture: Architecture,
    ack_type: &str,
    created: &str,
) -> Image {
    let container_os = ack_type == "ContainerOS";
    Image {
        id: id.into(),
        name: if container_os { "ContainerOS-3.5.2".into() } else { id.into() },
        family: family.into(),
        owner_alias: "system".into(),
        architecture,
        os_name: if container_os {
            "ContainerOS 3.5".into()
        } else {
            "Alibaba Cloud Linux 3.2104 LTS".into()
        },
        platform: if container_os { "ContainerOS".into() } else { "Aliyun".into() },
        ack_type: ack_type.into(),
        size_gib: if container_os { 10 } else { 20 },
        status: "Available".into(),
        created: crate::time::parse(created).unwrap_or(DateTime::<Utc>::UNIX_EPOCH),
        tags: BTreeMap::new(),
    }
}
