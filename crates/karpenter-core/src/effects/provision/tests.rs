//! What a created claim carries and who is told of it.

use serde_json::json;

use super::*;
use crate::decide::provisioning::demand;
use crate::decide::scheduling::solve::solve;
use crate::effects::fakes::{Server, clients, idle_cloud, scraped};
use crate::model::instance_type::Catalog;
use crate::state::Change;
use crate::testing::cluster::{World, at};
use crate::testing::instance_types::{catalog, instance_type};
use crate::testing::node_pools::node_pool;
use crate::testing::pods::pod;
use crate::testing::scenario;

mod failures;
mod limits;
mod nominations;

fn provisioner(clients: Clients) -> Provisioner {
    let (options, metrics) = (Options::default(), ProvisioningMetrics::default());
    Provisioner { clients, options, metrics, busy: Arc::default(), creations: Creations::default() }
}

fn types() -> Catalog {
    catalog([instance_type("t").cpu("4").offering("z1", "on-demand", 0.5).build()])
}

// behaviour 02#232
#[tokio::test]
async fn a_created_claim_says_why_in_an_annotation_and_an_event() {
    let input = scenario::cluster().with_pool(node_pool("p"), types());
    let plan = solve(&input.with_pods([pod("a").cpu("1")]));
    let mut answer = serde_json::to_value(plan.claims[0].object()).expect("an object is JSON");
    answer["metadata"]["uid"] = json!("uid-1");
    answer["metadata"]["resourceVersion"] = json!("1");
    answer["metadata"]["creationTimestamp"] = json!(at(0).to_string());
    let server = Server::new(201, answer);
    let (clients, mut published) = clients(&server, idle_cloud(), &World::new(at(0)));
    let provisioner = provisioner(clients);
    let done = provisioner.act(plan.into()).await;
    assert!(matches!(done, Ok(Outcome::Done)));
    let why =
        "For 1 pod(s): default/a. NodePool p, 1 instance type(s), cheapest t at 0.5000 per hour";
    let [(_, _, body)] = server.asked().try_into().expect("one request");
    assert_eq!(body["metadata"]["annotations"][labels::PROVISIONED_FOR], why);
    assert_eq!(published.messages(), [(events::PROVISIONED, why.to_owned())]);
    let metrics = scraped(|registry| provisioner.metrics.register(registry));
    let created = "karpenter_nodeclaims_created_total{reason=\"provisioned\",nodepool=\"p\",min_values_relaxed=\"false\"} 1";
    assert!(metrics.contains(created), "{metrics}");
}
