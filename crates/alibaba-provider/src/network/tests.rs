//! vSwitches, their addresses, and security groups.

use alibaba_sdk::ecs::SecurityGroup;
use alibaba_sdk::vpc::{DescribeVSwitchesResponse, MockVpcApi, VSwitch};

use super::addresses::Addresses;
use super::discover;
use super::select::{
    Matches, judge_security_groups, judge_v_switches, security_groups, v_switches,
};
use crate::api::selectors::VSwitchSelectorTerm;

fn v_switch(id: &str, vpc: &str, free: u64) -> VSwitch {
    VSwitch {
        v_switch_id: id.to_owned(),
        vpc_id: vpc.to_owned(),
        zone_id: "h".to_owned(),
        available_ip_address_count: free,
        status: "Available".to_owned(),
        ..VSwitch::default()
    }
}

fn ids<'a>(list: &'a [&'a str]) -> Vec<String> {
    list.iter().map(|id| (*id).to_owned()).collect()
}

// behaviour 05#29
#[test]
fn roomiest_vswitch_is_taken_until_launches_under_way_fill_it() {
    let (mut addresses, both) = (Addresses::default(), ids(&["a", "b"]));
    addresses.learn("a", 100);
    addresses.learn("b", 50);
    let mut chosen = vec![];
    for _ in 0..6 {
        let id = addresses.roomiest(&both).expect("free addresses").to_owned();
        let _taken = addresses.take(&id, 12);
        chosen.push(id);
    }
    assert_eq!(chosen, ["a", "a", "a", "a", "a", "b"]);
}

// behaviour 05#30
#[test]
fn failed_launch_gives_its_addresses_back() {
    let mut addresses = Addresses::default();
    addresses.learn("a", 100);
    let taken = addresses.take("a", 12);
    assert_eq!(addresses.free("a"), 88);
    addresses.give_back(taken);
    assert_eq!(addresses.free("a"), 100);
}

#[test]
fn addresses_are_not_given_back_over_a_new_reading() {
    let mut addresses = Addresses::default();
    addresses.learn("a", 100);
    let taken = addresses.take("a", 12);
    addresses.learn("a", 70);
    addresses.give_back(taken);
    assert_eq!(addresses.free("a"), 70);
}

#[test]
fn full_vswitch_is_never_chosen() {
    let mut addresses = Addresses::default();
    addresses.learn("a", 3);
    addresses.exhausted("a");
    assert_eq!(addresses.roomiest(&ids(&["a"])), None);
}

// behaviour 05#32
#[test]
fn wildcard_tag_becomes_a_filter_on_the_key_alone() {
    let tags = [("env".to_owned(), "*".to_owned()), ("team".to_owned(), String::new())];
    let filters = discover::tag_filters(Some(&tags.into_iter().collect()));
    let seen: Vec<_> = filters.iter().map(|f| (f.key.as_str(), f.value.as_deref())).collect();
    assert_eq!(seen, [("env", None), ("team", Some(""))]);
}

// behaviour 05#33
#[test]
fn vswitch_of_another_vpc_is_left_out() {
    let found = [v_switch("vsw-b", "vpc-1", 129), v_switch("vsw-a", "vpc-2", 5)];
    let usable = v_switches(&found, "vpc-1");
    let seen: Vec<_> =
        usable.iter().map(|v| (v.id.as_str(), v.available_ip_address_count)).collect();
    assert_eq!(seen, [("vsw-b", Some(120))]);
    let matches = Matches { found: vec![found[1].clone()], unmatched: vec![] };
    let verdict = judge_v_switches(&matches, &v_switches(&matches.found, "vpc-1"));
    assert_eq!((verdict.holds, verdict.reason), (Some(false), "VPCMismatch"));
}

#[test]
fn too_many_security_groups_are_refused_and_many_are_noted() {
    let groups = |n: usize| -> Vec<SecurityGroup> {
        let group = |at: usize| SecurityGroup {
            security_group_id: format!("sg-{at:02}"),
            ..SecurityGroup::default()
        };
        (0..n).map(group).collect()
    };
    let judge = |n: usize| {
        let matches = Matches { found: groups(n), unmatched: vec![] };
        judge_security_groups(&matches, &security_groups(&matches.found, ""))
    };
    assert_eq!(judge(0).reason, "SecurityGroupsNotFound");
    assert_eq!((judge(5).holds, judge(5).message), (Some(true), String::new()));
    assert!(judge(6).message.contains("usual quota"));
    assert_eq!(judge(17).reason, "TooManySecurityGroups");
}

#[tokio::test]
async fn placeholder_id_is_noted_without_a_call() {
    let mut api = MockVpcApi::new();
    api.expect_describe_v_switches()
        .withf(|request| request.v_switch_id.is_none() && request.tag.len() == 1)
        .times(1)
        .returning(|_| {
            let v_switches = vec![v_switch("vsw-a", "vpc-1", 9)];
            Ok(DescribeVSwitchesResponse { v_switches, total_count: 1, ..Default::default() })
        });
    let by_tag = [("karpenter.sh/discovery".to_owned(), "my-cluster".to_owned())];
    let terms = [
        VSwitchSelectorTerm { tags: Some(by_tag.into_iter().collect()), ..Default::default() },
        VSwitchSelectorTerm { id: Some("vsw-bp1h5w****".to_owned()), ..Default::default() },
    ];
    let matches = discover::v_switches(&api, &terms).await.expect("an answer");
    assert_eq!(matches.found.len(), 1);
    let note = &matches.unmatched[0];
    assert!(note.starts_with("no match: vSwitchSelectorTerms[1] id vsw-bp1h5w****"), "{note}");
}

#[test]
fn note_of_a_term_without_match_names_every_field_it_sets() {
    let named = [("id", None), ("imageFamily", Some("acs:gone"))];
    let tags = [("team".to_owned(), "web".to_owned())].into_iter().collect();
    let note = discover::no_match("imageSelectorTerms[0]", &named, Some(&tags));
    assert_eq!(note, "no match: imageSelectorTerms[0] imageFamily acs:gone tags team=web");
}

// behaviour 01#143, 01#145
#[tokio::test]
async fn zone_alone_selects_and_a_star_asks_for_the_key_alone() {
    let mut vpc = MockVpcApi::new();
    vpc.expect_describe_v_switches()
        .withf(|request| request.zone_id.as_deref() == Some("h") && request.tag.is_empty())
        .times(1)
        .returning(|_| {
            let v_switches = vec![v_switch("vsw-h", "vpc", 9)];
            Ok(DescribeVSwitchesResponse { v_switches, total_count: 1, ..Default::default() })
        });
    vpc.expect_describe_v_switches()
        .withf(|request| {
            let filters: Vec<_> =
                request.tag.iter().map(|t| (&*t.key, t.value.as_deref())).collect();
            filters == [("karpenter.sh/discovery", None)]
        })
        .times(1)
        .returning(|_| Ok(DescribeVSwitchesResponse::default()));
    let star = ("karpenter.sh/discovery".to_owned(), "*".to_owned());
    let terms = [
        VSwitchSelectorTerm { zone_id: Some("h".to_owned()), ..Default::default() },
        VSwitchSelectorTerm { tags: Some([star].into()), ..Default::default() },
    ];
    let matches = discover::v_switches(&vpc, &terms).await.expect("matches");
    assert_eq!(matches.found.len(), 1);
}
