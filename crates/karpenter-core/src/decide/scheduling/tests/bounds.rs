//! Lower bounds hold for the best plan there is, found by trying all.

use fixedbitset::FixedBitSet;
use proptest::prelude::*;

use crate::decide::scheduling::bounds::configuration::{Effort, configuration};
use crate::decide::scheduling::bounds::fluid::fluid;
use crate::decide::scheduling::bounds::{Kind, Machine};
use crate::model::price::Price;

/// Too little to finish: the bound must hold all the same.
const HASTY: Effort = Effort { rounds: 2, machines: 1, steps: 3 };

fn machine(price: f64, room: &[i128]) -> Machine {
    Machine { price: Price::per_hour(price), room: room.to_vec() }
}

fn kind(count: usize, amounts: &[i128], machines: &[usize]) -> Kind {
    Kind { amounts: amounts.to_vec(), count, machines: machines.iter().copied().collect() }
}

fn demand(kinds: &[Kind]) -> Vec<i128> {
    let sum = |resource: usize| {
        let all = |kind: &Kind| std::iter::repeat_n(kind.amounts[resource], kind.count);
        kinds.iter().flat_map(all).sum()
    };
    (0..kinds[0].amounts.len()).map(sum).collect()
}

/// The cheapest way to put every pod of `pods` on machines; infinite when there is none.
fn optimum(machines: &[Machine], pods: &[&Kind]) -> f64 {
    let Some((first, rest)) = pods.split_first() else { return 0.0 };
    let with_first = |chosen: usize| {
        let is_chosen = |at: &usize| chosen >> at & 1 == 1;
        let own: Vec<&Kind> = (0..rest.len()).filter(is_chosen).map(|at| rest[at]).collect();
        let others: Vec<&Kind> =
            (0..rest.len()).filter(|at| !is_chosen(at)).map(|at| rest[at]).collect();
        let together: Vec<&Kind> = own.into_iter().chain([*first]).collect();
        let holds = |(at, machine): (usize, &Machine)| {
            let has_room = |resource: usize| {
                together.iter().map(|pod| pod.amounts[resource]).sum::<i128>()
                    <= machine.room[resource]
            };
            let allowed = together.iter().all(|pod| pod.machines.contains(at));
            (allowed && (0..machine.room.len()).all(has_room)).then(|| machine.price.as_f64())
        };
        let here = machines.iter().enumerate().filter_map(holds).min_by(f64::total_cmp);
        here.map_or(f64::INFINITY, |price| price + optimum(machines, &others))
    };
    (0..1_usize << rest.len()).map(with_first).min_by(f64::total_cmp).unwrap_or(f64::INFINITY)
}

fn machines() -> impl Strategy<Value = Vec<Machine>> {
    let one = (0..9_u8, proptest::collection::vec(0..9_i128, 3));
    let one = one.prop_map(|(price, room)| machine(f64::from(price) * 0.7, &room));
    proptest::collection::vec(one, 1..4)
}

fn kinds() -> impl Strategy<Value = Vec<Kind>> {
    let one = (1..3_usize, proptest::collection::vec(0..5_i128, 2), 0..8_u8);
    let one = one.prop_map(|(count, amounts, allowed)| {
        let mut machines = FixedBitSet::with_capacity(3);
        machines.extend((0..3).filter(|at| (allowed | 1) >> at & 1 == 1));
        // As with real pods, one of them is one of the third resource.
        Kind { amounts: [amounts, vec![1]].concat(), count, machines }
    });
    proptest::collection::vec(one, 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_plan_is_cheaper_than_a_bound(machines in machines(), mut kinds in kinds()) {
        for kind in &mut kinds {
            kind.machines = kind.machines.ones().filter(|at| *at < machines.len()).collect();
        }
        let pods: Vec<&Kind> =
            kinds.iter().flat_map(|kind| std::iter::repeat_n(kind, kind.count)).collect();
        let best = optimum(&machines, &pods);
        let flow = fluid(&machines, &demand(&kinds));
        match &flow {
            Some(flow) => prop_assert!(flow.per_hour <= best, "{} > {best}", flow.per_hour),
            None => prop_assert!(best.is_infinite()),
        }
        for effort in [HASTY, Effort::ONLINE, Effort::OFFLINE] {
            match configuration(&machines, &kinds, effort) {
                Some(found) => {
                    prop_assert!(found.per_hour <= best, "{} > {best}", found.per_hour);
                    prop_assert!(flow.as_ref().is_some_and(|flow| flow.per_hour <= found.per_hour));
                }
                None => prop_assert!(best.is_infinite()),
            }
        }
    }

    #[test]
    fn patterns_fit_their_machines_and_hold_every_pod(machines in machines(), mut kinds in kinds()) {
        for kind in &mut kinds {
            kind.machines = kind.machines.ones().filter(|at| *at < machines.len()).collect();
        }
        let Some(found) = configuration(&machines, &kinds, Effort::ONLINE) else { return Ok(()) };
        prop_assume!(!found.patterns.is_empty());
        let mut held = vec![0.0; kinds.len()];
        for (pattern, level) in &found.patterns {
            let mut room = machines[pattern.machine].room.clone();
            for (at, kind) in kinds.iter().enumerate() {
                let n = i128::try_from(pattern.counts[at]).expect("few pods");
                prop_assert!(n == 0 || kind.machines.contains(pattern.machine));
                room.iter_mut().zip(&kind.amounts).for_each(|(room, amount)| *room -= amount * n);
                held[at] += level * f64::from(u32::try_from(n).expect("few pods"));
            }
            prop_assert!(room.iter().all(|left| *left >= 0));
        }
        for (held, kind) in held.iter().zip(&kinds) {
            prop_assert!(*held >= f64::from(u32::try_from(kind.count).expect("few pods")) - 1e-6);
        }
    }
}

#[test]
fn whole_pods_bound_more_than_resources_do() {
    let machines = [machine(1.0, &[10])];
    let kinds = [kind(6, &[6], &[0])];
    let flow = fluid(&machines, &[36]).expect("there is a machine").per_hour;
    let whole = configuration(&machines, &kinds, Effort::ONLINE).expect("it fits").per_hour;
    assert!((flow - 3.6).abs() < 1e-6 && (whole - 6.0).abs() < 1e-6, "{flow} {whole}");
}

#[test]
fn shapes_that_complete_each_other_share_machines() {
    let machines = [machine(3.0, &[8, 16]), machine(4.0, &[8, 64])];
    let kinds = [kind(30, &[2, 2], &[0, 1]), kind(30, &[1, 14], &[0, 1])];
    let found = configuration(&machines, &kinds, Effort::ONLINE).expect("it fits");
    let mixed = |pattern: &&(crate::decide::scheduling::bounds::configuration::Pattern, f64)| {
        pattern.0.counts.iter().all(|n| *n > 0)
    };
    assert!(found.patterns.iter().any(|pattern| mixed(&pattern)), "{found:?}");
}

#[test]
fn what_no_machine_has_cannot_be_bought() {
    assert_eq!(fluid(&[machine(1.0, &[4, 0])], &[1, 1]), None);
    assert_eq!(configuration(&[machine(1.0, &[4])], &[kind(1, &[5], &[0])], Effort::ONLINE), None);
    assert_eq!(configuration(&[machine(1.0, &[4])], &[kind(1, &[4], &[])], Effort::ONLINE), None);
}

#[test]
fn free_machines_make_their_resources_worthless() {
    let machines = [machine(0.0, &[4, 0]), machine(2.0, &[4, 4])];
    let found = fluid(&machines, &[8, 4]).expect("both can be bought");
    assert!((found.per_hour - 2.0).abs() < 1e-6 && found.values[0] == 0.0);
}
