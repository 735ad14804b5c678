//! Rules that name the quirk of upstream behind a difference.
//!
//! A rule looks at the smallest objects that still differ, every one of which the difference needs, and at both sides'
//! plans. It says what has to be there for the quirk to show, and where it can be told in which direction it shows. The
//! first rule that holds explains the difference; narrow ones stand first.
//!
//! Source: the register of upstream's quirks, spec 02 §22.

mod case;

use serde::Serialize;

pub(super) use self::case::Case;

/// Why plans differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Cause {
    /// Its number in the register; none for a choice of ours that is not in there.
    pub(super) quirk: Option<u8>,
    /// What upstream does.
    pub(super) what: &'static str,
}

impl Cause {
    /// Number and words.
    pub(super) fn title(self) -> String {
        match self.quirk {
            Some(quirk) => format!("quirk {quirk}: {}", self.what),
            None => self.what.to_owned(),
        }
    }
}

/// A cause, and when it shows.
type Rule = (Option<u8>, &'static str, fn(&Case<'_>) -> bool);

const RULES: [Rule; 15] = [
    (Some(1), "limits of nodes let more new nodes pass", exceeds_node_limit),
    (None, "a pod's constraints exclude each other: upstream asks for no label", excludes_itself),
    (None, "two draws exclude each other: upstream asks for no label", draws_contradiction),
    (Some(16), "PreferNoSchedule of nodes alone is never given in to", refuses_node_taint),
    (
        Some(39),
        "anti-affinity does not know nodes without the label, or their domains",
        misses_node_domain,
    ),
    (Some(3), "values that are excluded count as domains", counts_excluded_values),
    (Some(40), "domains that no pool can use count", spreads_to_phantom),
    (Some(45), "only the least used domain is tried, though it is sold out", tries_one_domain),
    (Some(5), "topology after a concession forgets pods of this plan", forgets_after_concession),
    (Some(4), "affinity begins in two domains at once", begins_twice),
    (Some(2), "alternatives of DaemonSets are lost", loses_daemon_terms),
    (Some(6), "constraints that differ in minDomains alone are one", forgets_min_domains),
    (Some(36), "pods of different selectors share a count of topology", shares_groups),
    (Some(9), "least overhead of DaemonSets depends on chance", miscounts_overhead),
    (Some(21), "equally full claims are in no order beyond twelve", sorts_unstably),
];

/// The cause of `case`.
pub(super) fn explain(case: &Case<'_>) -> Option<Cause> {
    let rule = RULES.iter().find(|(_, _, holds)| holds(case));
    rule.map(|(quirk, what, _)| Cause { quirk: *quirk, what })
}

/// Upstream makes more nodes of a pool with a limit of nodes.
fn exceeds_node_limit(case: &Case<'_>) -> bool {
    let has_limit = case.pools().filter(|pool| !pool["spec"]["limits"]["nodes"].is_null());
    let names: Vec<&str> = has_limit.filter_map(|pool| pool["metadata"]["name"].as_str()).collect();
    names.iter().any(|name| case.theirs.iter().any(|plan| plan.n_of(name) > case.ours.n_of(name)))
}

/// A waiting pod wants a label to have a value and not to have it.
fn excludes_itself(case: &Case<'_>) -> bool {
    case.waiting().any(case::contradicts_itself)
}

/// Two constraints of a pod go by one label, and upstream uses a node without it that we do not use.
fn draws_contradiction(case: &Case<'_>) -> bool {
    let goes_twice_by = |key: &str| {
        let n_by = |pod| case::all_topology_keys(pod).filter(|known| known == key).count();
        case.waiting().any(|pod| n_by(pod) > 1)
    };
    case.all_topology_keys().filter(|key| goes_twice_by(key)).any(|key| {
        let mut lacking = case.nodes().filter(|node| node["metadata"]["labels"][&key].is_null());
        lacking.any(|node| {
            let name = case::node_name(node);
            !case.ours.uses(name) && case.theirs.iter().any(|plan| plan.uses(name))
        })
    })
}

/// We use a node whose taint is PreferNoSchedule, and no pool has such a taint.
fn refuses_node_taint(case: &Case<'_>) -> bool {
    let is_soft = |taint: &serde_json::Value| taint["effect"] == "PreferNoSchedule";
    let mut nodes = case.nodes().filter(|node| case::items(&node["spec"]["taints"]).any(is_soft));
    let mut pools = case.pools();
    nodes.any(|node| case.ours.uses(case::node_name(node)))
        && !pools.any(|pool| case::items(&pool["spec"]["template"]["spec"]["taints"]).any(is_soft))
}

/// A pod keeps away from others by a label that a node lacks, or that has a value there which upstream does not know:
/// no pool can have it, or the taints of those that can are in the way.
fn misses_node_domain(case: &Case<'_>) -> bool {
    let keys = case.pods().flat_map(|pod| case::topology_keys(pod, "podAntiAffinity"));
    let mut keys = keys.filter(|key| !case::is_hostname(key));
    let is_unknown = |key: &str| {
        case.nodes().any(|node| {
            let value = &node["metadata"]["labels"][key];
            value.is_null()
                || case
                    .pools()
                    .all(|pool| case::forbids(pool, key, value) || case::is_tainted(pool))
        })
    };
    let left = case.theirs.iter().flat_map(|plan| &plan.unschedulable);
    let mut reasons = left.flat_map(|left| &left.reasons);
    let knows_none =
        reasons.any(|why| why.contains("pod anti-affinity") && why.contains("(counts = ,"));
    keys.any(|key| is_unknown(&key)) || (knows_none && case.nodes().next().is_some())
}

/// A pod is placed by a label whose values a pool excludes.
fn counts_excluded_values(case: &Case<'_>) -> bool {
    let is_excluded = |key: &str| {
        let excludes =
            |asked: &serde_json::Value| asked["operator"] == "NotIn" && asked["key"] == key;
        case.pools().any(|pool| {
            case::items(&pool["spec"]["template"]["spec"]["requirements"]).any(excludes)
        })
    };
    case.all_topology_keys().any(|key| !case::is_of_instance_types(&key) && is_excluded(&key))
}

/// Pods spread over zones, upstream finds it harder, and no pool can use the zone of other architectures.
fn spreads_to_phantom(case: &Case<'_>) -> bool {
    let is_amd64 = |pool: &serde_json::Value| {
        let mut asked = case::items(&pool["spec"]["template"]["spec"]["requirements"]);
        asked.any(|asked| asked["key"] == "kubernetes.io/arch" && asked["values"][0] == "amd64")
    };
    case.pools().any(is_amd64) && spreads_harder(case, case::is_zone)
}

/// Pods spread over zones or capacity types, and upstream finds it harder.
fn tries_one_domain(case: &Case<'_>) -> bool {
    spreads_harder(case, |key| !case::is_hostname(key))
}

/// Upstream leaves more pods, some spread by such a key, or may give such a constraint up.
fn spreads_harder(case: &Case<'_>, is_meant: fn(&str) -> bool) -> bool {
    let constraints =
        case.waiting().flat_map(|pod| case::items(&pod["spec"]["topologySpreadConstraints"]));
    let mut meant =
        constraints.filter(|spread| spread["topologyKey"].as_str().is_some_and(is_meant));
    let leaves_more = case.upstream_leaves_more();
    meant.any(|spread| leaves_more || spread["whenUnsatisfiable"] == "ScheduleAnyway")
}

/// A pod that is placed by others has something to give in.
fn forgets_after_concession(case: &Case<'_>) -> bool {
    let is_soft = |taint: &serde_json::Value| taint["effect"] == "PreferNoSchedule";
    let soft_pool = case
        .pools()
        .any(|pool| case::items(&pool["spec"]["template"]["spec"]["taints"]).any(is_soft));
    case.waiting().any(|pod| {
        case::all_topology_keys(pod).next().is_some() && (soft_pool || case::can_give_in(pod))
    })
}

/// Pods want to be near each other by a label that several values would do for.
fn begins_twice(case: &Case<'_>) -> bool {
    let mut keys = case.waiting().flat_map(|pod| case::topology_keys(pod, "podAffinity"));
    keys.any(|key| !case::is_hostname(&key))
}

/// A DaemonSet has alternatives.
fn loses_daemon_terms(case: &Case<'_>) -> bool {
    case.of_kind("DaemonSet").any(|set| case::n_terms(&set["spec"]["template"]) > 1)
}

/// Two constraints spread by one label and differ in how many domains they want at least.
fn forgets_min_domains(case: &Case<'_>) -> bool {
    let constraints: Vec<_> = case
        .waiting()
        .flat_map(|pod| case::items(&pod["spec"]["topologySpreadConstraints"]))
        .collect();
    constraints.iter().any(|one| {
        constraints.iter().any(|other| {
            one["topologyKey"] == other["topologyKey"] && one["minDomains"] != other["minDomains"]
        })
    })
}

/// Two pods spread, and differ in what nodes they want.
fn shares_groups(case: &Case<'_>) -> bool {
    let spreading: Vec<_> =
        case.waiting().filter(|pod| case::spread_keys(pod).next().is_some()).collect();
    let wants = |pod: &serde_json::Value| {
        (pod["spec"]["nodeSelector"].clone(), pod["spec"]["affinity"]["nodeAffinity"].clone())
    };
    spreading.windows(2).any(|pair| wants(pair[0]) != wants(pair[1]))
}

/// Only the instance types differ, and there are DaemonSets.
fn miscounts_overhead(case: &Case<'_>) -> bool {
    case.kind == super::outcome::Difference::Types && case.of_kind("DaemonSet").next().is_some()
}

/// There are more claims than upstream sorts in order.
fn sorts_unstably(case: &Case<'_>) -> bool {
    case.theirs.iter().any(|plan| plan.claims.len() > 12)
}
