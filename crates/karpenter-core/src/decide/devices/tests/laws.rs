//! Laws: nothing is promised twice, and what can be had is found.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Loop, types};
use crate::decide::devices::ledger::{BinId, Ref};
use crate::model::quantity::Quantity;
use crate::testing::devices::{
    DeviceBuilder, ask, ask_capacity, device, device_templates, resource_claim, slice,
};
use crate::testing::scenario::cluster;

/// How much of a shareable device there is, and how much of it one claim asks for.
const WHOLE: &str = "10";
const PART: &str = "4";

fn named(kind: &str, at: usize) -> DeviceBuilder {
    device(&format!("{kind}-{at}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever planned nodes become, a device of the cluster is one node's, or no more of it is used than there is.
    #[test]
    fn devices_of_the_cluster_are_never_promised_beyond_what_there_is(
        (n_alone, n_shared) in (0_usize..4, 0_usize..3),
        of_types in proptest::collection::vec(0_usize..3, 1..4),
        asked in proptest::collection::vec((any::<bool>(), 0_usize..3, any::<u8>()), 1..12),
    ) {
        let alone = (0..n_alone).map(|at| named("alone", at).text("kind", "alone"));
        let shared = (0..n_shared).map(|at| {
            named("shared", at).text("kind", "shared").capacity("memory", WHOLE).shareable()
        });
        let of_kind = |kind: &str| format!("device.attributes['gpu.example.com'].kind == '{kind}'");
        let mut input = cluster()
            .with_device_class("alone", &of_kind("alone"))
            .with_device_class("shared", &of_kind("shared"))
            .with_slice(slice("pool").devices(alone.chain(shared)));
        for (at, (is_alone, _, _)) in asked.iter().enumerate() {
            let ask = if *is_alone { ask("alone", 1) } else { ask_capacity("shared", "memory", PART) };
            input = input.with_resource_claim(resource_claim(&format!("c{at}")).request("r", ask));
        }
        let own = |n: &usize| device_templates((0..*n).map(|at| named("own", at).text("kind", "alone")));
        let types = types(of_types.iter().map(own));
        let mut devices = Loop::new(&input, &types);
        for (at, (_, bin, kept)) in asked.iter().enumerate() {
            let bin = BinId::Claim(*bin);
            let Ok(found) = devices.planned(bin, &[&format!("c{at}")]) else { continue };
            let keeps = |at: usize| found.types.contains(&at) && (kept >> at) & 1 == 1;
            let keeps_some = found.types.iter().any(|at| keeps(*at));
            devices.allocator.commit(bin, &found, |at| found.types.contains(&at) && (!keeps_some || keeps(at)));
        }
        let ledger = devices.allocator.ledger();
        let mut holders: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let mut used: BTreeMap<usize, Quantity> = BTreeMap::new();
        for bin in 0..3 {
            let mut most: BTreeMap<usize, Quantity> = BTreeMap::new();
            for one in ledger.uses(BinId::Claim(bin)).into_iter().flat_map(BTreeMap::values) {
                for (device, is_exclusive) in &one.devices {
                    if let (Ref::Published(id), true) = (device, is_exclusive) {
                        holders.entry(*id).or_default().insert(bin);
                    }
                }
                for ((device, _), amount) in &one.capacity {
                    if let Ref::Published(id) = device {
                        let most = most.entry(*id).or_default();
                        *most = (*most).max(*amount);
                    }
                }
            }
            for (id, amount) in most {
                *used.entry(id).or_default() += amount;
            }
        }
        prop_assert!(holders.values().all(|bins| bins.len() == 1), "{holders:?}");
        let whole: Quantity = WHOLE.parse().expect("a quantity");
        prop_assert!(used.values().all(|amount| *amount <= whole), "{used:?}");
    }

    /// A claim for some devices that agree is met exactly when there are as many that do.
    #[test]
    fn devices_that_agree_are_found_when_there_are_enough(
        of_devices in proptest::collection::vec((0_u8..3, any::<bool>()), 0..8),
        (first, second) in (1_usize..4, 0_usize..4),
    ) {
        let published = of_devices.iter().enumerate().map(|(at, (root, is_good))| {
            let quality = if *is_good { "good" } else { "poor" };
            named("gpu", at).text("root", &root.to_string()).text("quality", quality)
        });
        let mut claim = resource_claim("c").request("good", ask("good", first));
        if second > 0 {
            claim = claim.request("any", ask("any", second));
        }
        let input = cluster()
            .with_device_class("any", "true")
            .with_device_class("good", "device.attributes['gpu.example.com'].quality == 'good'")
            .with_slice(slice("pool").devices(published))
            .with_resource_claim(claim.matching(&[], "gpu.example.com/root"));
        let found = Loop::new(&input, &[]).planned(BinId::Claim(0), &["c"]).is_ok();
        let expected = (0_u8..3).any(|root| {
            let all = of_devices.iter().filter(|(own, _)| *own == root);
            let good = all.clone().filter(|(_, is_good)| *is_good).count();
            good >= first && all.count() >= first + second
        });
        prop_assert_eq!(found, expected);
    }
}
