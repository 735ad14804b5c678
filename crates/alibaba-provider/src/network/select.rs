//! Turning what selector terms matched into status and verdicts, without I/O.

use alibaba_sdk::ecs::SecurityGroup;
use alibaba_sdk::vpc::VSwitch;

use crate::api::conditions::{SECURITY_GROUPS_READY, V_SWITCHES_READY, Verdict};
use crate::api::status::{SecurityGroupStatus, VSwitchStatus};

/// Most security groups an instance can have in any account.
const MOST_SECURITY_GROUPS: usize = 16;
/// Most security groups an instance can have unless the account asked for more.
const USUAL_SECURITY_GROUPS: usize = 5;

/// What the terms of one list matched.
#[derive(Debug, Clone, PartialEq)]
pub struct Matches<T> {
    /// Matches of all terms, in term order; a match may come up in several terms.
    pub found: Vec<T>,
    /// One note per term that matched nothing.
    pub unmatched: Vec<String>,
}

impl<T> Default for Matches<T> {
    fn default() -> Self {
        Self { found: vec![], unmatched: vec![] }
    }
}

/// vSwitches usable in `vpc` (any when empty), by id, each once; those that are not available are left out.
pub fn v_switches(found: &[VSwitch], vpc: &str) -> Vec<VSwitchStatus> {
    let mut usable: Vec<VSwitchStatus> = found
        .iter()
        .filter(|v| v.status == "Available" && is_in(&v.vpc_id, vpc))
        .map(|v| VSwitchStatus {
            id: v.v_switch_id.clone(),
            zone: v.zone_id.clone(),
            zone_id: Some(v.zone_id.clone()),
            available_ip_address_count: Some(two_digits(v.available_ip_address_count)),
        })
        .collect();
    usable.sort_by(|a, b| a.id.cmp(&b.id));
    usable.dedup_by(|a, b| a.id == b.id);
    usable
}

/// Security groups usable in `vpc` (any when empty), by id, each once.
pub fn security_groups(found: &[SecurityGroup], vpc: &str) -> Vec<SecurityGroupStatus> {
    let mut usable: Vec<SecurityGroupStatus> = found
        .iter()
        .filter(|group| is_in(&group.vpc_id, vpc))
        .map(|group| SecurityGroupStatus {
            id: group.security_group_id.clone(),
            name: Some(group.security_group_name.clone()).filter(|name| !name.is_empty()),
        })
        .collect();
    usable.sort_by(|a, b| a.id.cmp(&b.id));
    usable.dedup_by(|a, b| a.id == b.id);
    usable
}

fn is_in(own: &str, vpc: &str) -> bool {
    vpc.is_empty() || own == vpc
}

/// Whether there are vSwitches to launch in.
pub fn judge_v_switches(matches: &Matches<VSwitch>, usable: &[VSwitchStatus]) -> Verdict {
    if !usable.is_empty() {
        let mut notes = matches.unmatched.clone();
        notes.extend(usable.iter().filter(|v| v.available_ip_address_count == Some(0)).map(
            |full| format!("no free address in {}; select a larger or another vSwitch", full.id),
        ));
        return Verdict::ok(V_SWITCHES_READY, note(&notes));
    }
    let (reason, message) = nothing("VSwitchesNotFound", "vSwitch", matches);
    Verdict::failed(V_SWITCHES_READY, reason, message)
}

/// Whether there are security groups, and few enough.
pub fn judge_security_groups(
    matches: &Matches<SecurityGroup>,
    usable: &[SecurityGroupStatus],
) -> Verdict {
    let count = usable.len();
    if usable.is_empty() {
        let (reason, message) = nothing("SecurityGroupsNotFound", "security group", matches);
        return Verdict::failed(SECURITY_GROUPS_READY, reason, message);
    }
    if count > MOST_SECURITY_GROUPS {
        let message = format!(
            "{count} security groups match, an instance takes at most {MOST_SECURITY_GROUPS}; \
             narrow securityGroupSelectorTerms"
        );
        return Verdict::failed(SECURITY_GROUPS_READY, "TooManySecurityGroups", message);
    }
    let mut notes = matches.unmatched.clone();
    if count > USUAL_SECURITY_GROUPS {
        notes.push(format!(
            "{count} security groups exceed the usual quota of {USUAL_SECURITY_GROUPS} per instance"
        ));
    }
    Verdict::ok(SECURITY_GROUPS_READY, note(&notes))
}

fn nothing<T>(not_found: &'static str, noun: &str, matches: &Matches<T>) -> (&'static str, String) {
    if matches.found.is_empty() {
        let notes = note(&matches.unmatched);
        let fix = format!("correct the terms or tag a {noun} of the cluster's VPC to match");
        (not_found, format!("no {noun} matches the selector terms; {notes}; {fix}"))
    } else {
        let message = format!("every matching {noun} is in another VPC than the cluster");
        ("VPCMismatch", format!("{message}, or not available; select one of the cluster's VPC"))
    }
}

/// Notes in one line.
pub fn note(notes: &[String]) -> String {
    notes.join("; ")
}

/// `count` rounded down to two significant digits, so that small changes do not rewrite the status.
fn two_digits(count: u64) -> i64 {
    let mut scale = 1;
    while count / scale >= 100 {
        scale *= 10;
    }
    i64::try_from(count / scale * scale).unwrap_or(i64::MAX)
}
