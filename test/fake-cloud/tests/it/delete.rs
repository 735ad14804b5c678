//! DeleteInstances, DeleteInstance, ModifyInstanceAttribute.
//!
//! Source: Alibaba actions DeleteInstances, DeleteInstance and ModifyInstanceAttribute.

use fake_cloud::InstanceStatus;

use crate::lab::{Lab, VSWITCH_H};

async fn running(lab: &Lab, more: &[(&str, &str)]) -> String {
    let id = lab.launch(more).await.ids().remove(0);
    lab.advance(60);
    id
}

// behaviour 06#44
#[tokio::test]
async fn instance_cannot_be_released_while_it_boots() {
    let lab = Lab::new();
    let id = lab.launch(&[]).await.ids().remove(0);
    let params = [("InstanceId.1", id.as_str()), ("Force", "true")];
    for _ in 0..2 {
        let answer = lab.ecs("DeleteInstances", &params).await;
        assert_eq!((answer.status, answer.code()), (403, "IncorrectInstanceStatus.Initializing"));
        lab.advance(4);
    }
    lab.advance(10);
    assert_eq!(lab.ecs("DeleteInstances", &params).await.code(), "OK");
    assert_eq!(lab.cloud.instance(&id).unwrap().status, InstanceStatus::Stopping);
    lab.advance(2);
    assert_eq!(lab.cloud.instance(&id), None);
}

// behaviour 06#45
#[tokio::test]
async fn one_unknown_id_fails_the_whole_call() {
    let lab = Lab::new();
    let id = running(&lab, &[]).await;
    let params = [("InstanceId.1", id.as_str()), ("InstanceId.2", "i-none"), ("Force", "true")];
    let answer = lab.ecs("DeleteInstances", &params).await;
    assert_eq!((answer.status, answer.code()), (404, "InvalidInstanceId.NotFound"));
    lab.advance(60);
    assert_eq!(lab.cloud.instance(&id).unwrap().status, InstanceStatus::Running);
}

#[tokio::test]
async fn running_instance_is_released_only_by_force() {
    let lab = Lab::new();
    let id = running(&lab, &[]).await;
    let answer = lab.ecs("DeleteInstance", &[("InstanceId", &id)]).await;
    assert_eq!((answer.status, answer.code()), (403, "IncorrectInstanceStatus"));
    lab.cloud.stop(&id);
    assert_eq!(lab.ecs("DeleteInstance", &[("InstanceId", &id)]).await.code(), "OK");
}

#[tokio::test]
async fn dry_run_releases_nothing() {
    let lab = Lab::new();
    let id = running(&lab, &[]).await;
    let params = [("InstanceId.1", id.as_str()), ("Force", "true"), ("DryRun", "true")];
    let answer = lab.ecs("DeleteInstances", &params).await;
    assert_eq!((answer.status, answer.code()), (400, "DRYRUN.SUCCESS"));
    lab.advance(60);
    assert!(lab.cloud.instance(&id).is_some());
}

#[tokio::test]
async fn protected_instance_is_released_after_the_protection_is_cleared() {
    let lab = Lab::new();
    let id = running(&lab, &[("DeletionProtection", "true")]).await;
    let params = [("InstanceId.1", id.as_str()), ("Force", "true")];
    let answer = lab.ecs("DeleteInstances", &params).await;
    assert_eq!((answer.status, answer.code()), (403, "InvalidOperation.DeletionProtection"));
    let clear = [("InstanceId", id.as_str()), ("DeletionProtection", "false")];
    assert_eq!(lab.ecs("ModifyInstanceAttribute", &clear).await.code(), "OK");
    assert_eq!(lab.ecs("DeleteInstances", &params).await.code(), "OK");
}

#[tokio::test]
async fn release_gives_address_and_stock_back() {
    let lab = Lab::new();
    lab.cloud.set_stock("ecs.g7.large", "cn-hangzhou-h", fake_cloud::Stock::Units(1));
    let free = || {
        let all = lab.cloud.vswitches();
        all.into_iter().find(|v| v.id == VSWITCH_H).unwrap().available_ips
    };
    let before = free();
    let id = running(&lab, &[]).await;
    assert_eq!(free(), before - 1);
    lab.ecs("DeleteInstances", &[("InstanceId.1", &id), ("Force", "true")]).await;
    lab.advance(60);
    assert_eq!(lab.cloud.instances().len(), 0);
    assert_eq!(free(), before);
    assert_eq!(lab.launch(&[]).await.code(), "OK");
}

// behaviour 06#46 (lock reason, event and release; the metadata service is not served here)
#[tokio::test]
async fn reclaimed_spot_instance_is_announced_and_then_gone() {
    let lab = Lab::new();
    let on_demand = running(&lab, &[]).await;
    let id = running(&lab, &[("SpotStrategy", "SpotAsPriceGo")]).await;
    assert!(!lab.cloud.interrupt(&on_demand));
    assert!(lab.cloud.interrupt(&id));
    let locked = [("LockReason", "Recycling"), ("MaxResults", "100")];
    let answer = lab.ecs("DescribeInstances", &locked).await;
    assert_eq!(answer.column("/Instances/Instance", "InstanceId"), [id.as_str()]);
    assert_eq!(
        answer.at("/Instances/Instance/0/OperationLocks/LockReason/0/LockReason"),
        "Recycling"
    );
    let event = [("Product", "ECS"), ("Name", "Instance:PreemptibleInstanceInterruption")];
    let answer = lab.rpc("DescribeSystemEventAttribute", "2019-01-01", &event).await;
    let content = answer.at("/SystemEvents/SystemEvent/0/Content").as_str().unwrap();
    assert!(content.contains(&id), "{content}");
    lab.advance(299);
    assert!(lab.cloud.instance(&id).is_some());
    lab.advance(1);
    assert_eq!(lab.cloud.instance(&id), None);
}
