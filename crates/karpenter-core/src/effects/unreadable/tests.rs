//! What authors of unreadable objects are told.

use serde_json::{Value, json};

use super::{Tell, UnreadableActor};
use crate::effects::fakes::{Server, clients, idle_cloud};
use crate::effects::step::{Actor, Outcome};
use crate::state::{Finding, Kind, Unreadable};
use crate::testing::cluster::{World, at};

fn finding(kind: Kind) -> Finding {
    Finding { kind, name: "a".to_owned(), generation: 1, problem: "odd".to_owned() }
}

/// Tells the author of `object`; answers what was written, and whether there is somebody left to tell.
async fn told(kind: Kind, server: &Server) -> (Vec<Value>, bool) {
    let world = World::new(at(0));
    let (clients, _) = clients(server, idle_cloud(), &world);
    let unreadable = Unreadable::default();
    unreadable.note(finding(kind));
    let actor = UnreadableActor { clients, unreadable: unreadable.clone() };
    let outcome = actor.act(Tell(finding(kind))).await.expect("no failure");
    assert_eq!(outcome, Outcome::Done);
    let writes = server.asked().into_iter().filter(|(method, ..)| method == "PATCH");
    (writes.map(|(.., body)| body).collect(), !unreadable.untold().is_empty())
}

fn overlay(spec: &Value) -> Value {
    json!({
        "apiVersion": "karpenter.sh/v1alpha1", "kind": "NodeOverlay",
        "metadata": { "name": "a", "resourceVersion": "3", "generation": 1 },
        "spec": spec,
    })
}

#[tokio::test]
async fn the_condition_names_the_member_that_cannot_be_read() {
    let server = Server::new(200, overlay(&json!({ "requirements": [], "weight": "heavy" })));
    let (writes, is_open) = told(Kind::NodeOverlay, &server).await;
    let [patch] = writes.as_slice() else { panic!("{writes:?}") };
    assert_eq!(patch["metadata"]["resourceVersion"], "3");
    let said = patch["status"]["conditions"].as_array().expect("conditions");
    let row = |condition: &Value| {
        format!("{}={}", condition["type"], condition["status"]).replace('"', "")
    };
    assert_eq!(
        said.iter().map(row).collect::<Vec<_>>(),
        ["ValidationSucceeded=False", "Ready=False"]
    );
    let message = said[0]["message"].as_str().expect("text");
    assert!(message.starts_with("spec.weight: "), "{message}");
    assert!(!is_open);
}

#[tokio::test]
async fn who_has_been_told_is_not_told_again() {
    let mut object = overlay(&json!({ "requirements": [], "weight": "heavy" }));
    let server = Server::new(200, object.clone());
    let (writes, _) = told(Kind::NodeOverlay, &server).await;
    object["status"] = writes[0]["status"].clone();
    let (writes, is_open) = told(Kind::NodeOverlay, &Server::new(200, object)).await;
    assert!(writes.is_empty() && !is_open, "{writes:?}");
}

#[tokio::test]
async fn pools_of_other_providers_kinds_without_conditions_and_objects_that_are_gone_are_left_alone()
 {
    let class = json!({ "group": "other.example.com", "kind": "OtherClass", "name": "c" });
    let foreign = json!({
        "apiVersion": "karpenter.sh/v1", "kind": "NodePool",
        "metadata": { "name": "a", "resourceVersion": "3" },
        "spec": { "limits": { "cpu": [] }, "template": { "spec": { "nodeClassRef": class } } },
    });
    assert_eq!(told(Kind::NodePool, &Server::new(200, foreign)).await, (vec![], false));
    assert_eq!(told(Kind::Pod, &Server::new(200, json!({}))).await, (vec![], false));
    assert_eq!(told(Kind::NodePool, &Server::refusing(404, "gone")).await, (vec![], false));
}

#[test]
fn the_same_finding_is_news_once() {
    let unreadable = Unreadable::default();
    assert!(unreadable.note(finding(Kind::Pod)));
    assert!(!unreadable.note(finding(Kind::Pod)));
    unreadable.told(&finding(Kind::Pod));
    assert!(!unreadable.note(finding(Kind::Pod)) && unreadable.untold().is_empty());
    let newer = Finding { generation: 2, ..finding(Kind::Pod) };
    assert!(unreadable.note(newer.clone()));
    unreadable.told(&finding(Kind::Pod));
    assert_eq!(unreadable.untold(), [newer], "an older finding does not stand for the newer");
    unreadable.forget(Kind::Pod, || "a".to_owned());
    assert!(unreadable.note(finding(Kind::Pod)));
}
