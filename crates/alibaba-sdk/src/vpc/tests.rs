//! vSwitches.

use super::{DescribeVSwitches, v_switches};
use crate::testing::{Script, client, ok};

// behaviour 06#23
#[tokio::test(start_paused = true)]
async fn v_switches_are_walked_by_number_and_their_tags_are_a_map() {
    let page = |id: &str| {
        ok(&format!(
            r#"{{"TotalCount":2,"VSwitches":{{"VSwitch":[{{"VSwitchId":"{id}","AvailableIpAddressCount":250,
            "Tags":{{"Tag":[{{"Key":"a","Value":"b"}}]}}}}]}}}}"#
        ))
    };
    let script = Script::new([page("vsw-1"), page("vsw-2")]);
    let found = v_switches(&client(&script), &DescribeVSwitches::default()).await.unwrap();
    assert_eq!((&*found[1].v_switch_id, &*found[0].tags["a"]), ("vsw-2", "b"));
    let sent = script.sent();
    assert_eq!(sent[0].header("host"), "vpc.cn-hangzhou.aliyuncs.com");
    assert_eq!(sent[0].header("x-acs-version"), "2016-04-28");
    assert_eq!(sent[1].params()["PageNumber"], "2");
    assert_eq!(sent[1].params()["PageSize"], "50");
}
