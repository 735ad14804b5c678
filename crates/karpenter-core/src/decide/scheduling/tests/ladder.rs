//! From a pod to the requirements of each rung, and what is given up in between.

use crate::decide::scheduling::ladder::Wishes;
use crate::decide::scheduling::preferences::{Reader, Rung};
use crate::decide::scheduling::report::Relaxation;
use crate::decide::scheduling::unschedulable::Unreadable;
use crate::model::label_rules::LabelNormalization;
use crate::model::pod::PodShape;
use crate::model::pod_topology::WhenUnsatisfiable;
use crate::options::PreferencePolicy;
use crate::testing::pods::{PodBuilder, expression, pod};

const ZONE: &str = "topology.kubernetes.io/zone";

fn rungs(shape: &PodShape, policy: PreferencePolicy) -> Result<Vec<Rung<'_>>, Unreadable> {
    let normalization = LabelNormalization::core();
    let reader =
        Reader { normalization: &normalization, policy, tolerate_prefer_no_schedule: false };
    reader.rungs(shape)
}

/// The requirements of every rung, or the key on which the pod contradicts itself.
fn ladder(pod: PodBuilder, policy: PreferencePolicy) -> Vec<String> {
    let pod = pod.build();
    let rungs = rungs(&pod.shape, policy).unwrap();
    let text = |rung: &Rung| match &rung.requirements {
        Ok(requirements) => requirements.to_string(),
        Err(key) => format!("{key} is impossible"),
    };
    rungs.iter().map(text).collect()
}

fn respected(pod: PodBuilder) -> Vec<String> {
    ladder(pod, PreferencePolicy::Respect)
}

fn zone(zone: &str) -> [crate::model::pod::NodeSelectorExpression; 1] {
    [expression(ZONE, "In", [zone])]
}

fn zones<const N: usize>(zones: [&str; N]) -> [String; N] {
    zones.map(|zone| if zone.is_empty() { String::new() } else { format!("{ZONE} In [{zone}]") })
}

// behaviour 01#122
#[test]
fn an_alternative_that_contradicts_the_selector_is_followed_by_one_that_does_not() {
    let torn = pod("x").zone("a").require(zone("b")).require(zone("a"));
    assert_eq!(respected(torn), [format!("{ZONE} is impossible"), format!("{ZONE} In [a]")]);
}

// behaviour 01#123
#[test]
fn the_heaviest_preference_counts_until_it_is_given_up() {
    let wishing = || pod("x").prefer(1, zone("a")).prefer(100, zone("b"));
    assert_eq!(respected(wishing()), zones(["b", "a", ""]));
    assert_eq!(ladder(wishing(), PreferencePolicy::Ignore), zones([""]));
}

// behaviour 01#124
#[test]
fn preferences_of_equal_weight_keep_their_order() {
    let wishing = || pod("x").prefer(5, zone("b")).prefer(5, zone("c")).prefer(5, zone("a"));
    for _ in 0..1000 {
        assert_eq!(respected(wishing()), zones(["b", "c", "a", ""]));
    }
}

// behaviour 01#125
#[test]
fn everything_there_is_to_give_up_goes_in_a_fixed_order() {
    let wishes = Wishes {
        alternatives: 3,
        pod_affinity: vec![1, 9],
        pod_anti_affinity: vec![2],
        node_affinity: vec![4, 8, 4],
        spread: vec![WhenUnsatisfiable::ScheduleAnyway; 3],
        avoids_soft_taints: true,
    };
    let expected = [
        Relaxation::RequiredAlternative,
        Relaxation::RequiredAlternative,
        Relaxation::PodAffinity { weight: 9 },
        Relaxation::PodAffinity { weight: 1 },
        Relaxation::PodAntiAffinity { weight: 2 },
        Relaxation::PreferredTerm { weight: 8 },
        Relaxation::PreferredTerm { weight: 4 },
        Relaxation::PreferredTerm { weight: 4 },
        Relaxation::Spread { at: 0 },
        Relaxation::Spread { at: 2 },
        Relaxation::Spread { at: 1 },
        Relaxation::PreferNoSchedule,
    ];
    assert_eq!(wishes.relaxations(), expected);
    let content = Wishes { avoids_soft_taints: false, ..wishes };
    assert_eq!(content.relaxations(), expected[..11]);
}

// behaviour 01#125
#[test]
fn soft_taints_are_put_up_with_last_and_once() {
    let normalization = LabelNormalization::core();
    let given_up = |pod: PodBuilder, some_pool_has_one: bool| -> Vec<Relaxation> {
        let reader = Reader {
            normalization: &normalization,
            policy: PreferencePolicy::Respect,
            tolerate_prefer_no_schedule: some_pool_has_one,
        };
        let pod = pod.build();
        let rungs = reader.rungs(&pod.shape).unwrap();
        rungs.iter().filter_map(|rung| rung.given_up).collect()
    };
    let wishing = || pod("x").prefer(3, zone("a"));
    let preference = Relaxation::PreferredTerm { weight: 3 };
    assert_eq!(given_up(wishing(), true), [preference, Relaxation::PreferNoSchedule]);
    assert_eq!(given_up(wishing(), false), [preference]);
    let tolerant = wishing().tolerate("", "Exists", "", "PreferNoSchedule");
    assert_eq!(given_up(tolerant, true), [preference]);
}

// behaviour 01#126
#[test]
fn the_last_alternative_is_never_given_up() {
    assert_eq!(respected(pod("x").require(zone("a"))), zones(["a"]));
    let wishing =
        pod("x").require(zone("a")).require(zone("b")).prefer(1, [expression("k", "Exists", [])]);
    let last = respected(wishing).pop();
    assert_eq!(last, Some(format!("{ZONE} In [b]")));
    assert_eq!(Wishes { alternatives: 1, ..Wishes::default() }.relaxations(), []);
}

// behaviour 01#129
#[test]
fn reading_a_pod_leaves_it_as_it_was() {
    let pod = pod("x")
        .select("beta.kubernetes.io/arch", "amd64")
        .require(zone("a"))
        .prefer(1, zone("a"))
        .prefer(9, zone("b"))
        .build();
    let before = format!("{pod:?}");
    let first = rungs(&pod.shape, PreferencePolicy::Respect);
    assert_eq!(format!("{pod:?}"), before);
    assert_eq!(rungs(&pod.shape, PreferencePolicy::Respect), first);
}

#[test]
fn an_empty_alternative_is_passed_over_and_nothing_but_empty_ones_is_an_error() {
    assert_eq!(respected(pod("x").require([]).require(zone("a"))), zones(["a"]));
    let empty = pod("x").require([]).build();
    assert_eq!(rungs(&empty.shape, PreferencePolicy::Respect), Err(Unreadable::NoExpression));
}
