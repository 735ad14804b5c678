//! Pure parts of the scheduler.

use serde_json::json;

use super::obstacle::{Diagnosis, Obstacle};
use super::pod::PodInfo;
use crate::object::Key;

#[test]
fn a_diagnosis_reads_like_that_of_kube_scheduler() {
    let mut diagnosis = Diagnosis { nodes: 5, hopeless: 2, ..Diagnosis::default() };
    diagnosis.obstacles.insert(Obstacle::Insufficient("cpu".to_owned()), 3);
    diagnosis.obstacles.insert(Obstacle::NodeAffinity, 2);
    assert_eq!(
        diagnosis.message(None),
        "0/5 nodes are available: 2 node(s) didn't match Pod's node affinity/selector, \
         3 Insufficient cpu. preemption: 0/5 nodes are available: \
         2 Preemption is not helpful for scheduling, \
         3 No preemption victims found for incoming pod."
    );
    assert_eq!(Diagnosis::default().message(None), "no nodes available to schedule pods");
}

#[test]
fn host_ports_collide_by_number_protocol_and_address() {
    let read = |ports: serde_json::Value| {
        let pod = json!({"spec": {"containers": [{"ports": ports}]}});
        PodInfo::read(&Key::new("a", "b"), &std::sync::Arc::new(pod)).ports
    };
    let base = read(json!([{"hostPort": 80}]));
    let rows = [
        (json!([{"hostPort": 80, "hostIP": "10.0.0.1"}]), true),
        (json!([{"hostPort": 80, "protocol": "UDP"}]), false),
        (json!([{"hostPort": 81}]), false),
        (json!([{"containerPort": 80}]), false),
    ];
    for (ports, expected) in rows {
        let other = read(ports.clone());
        let collides = base.iter().any(|one| other.iter().any(|two| one.collides(two)));
        assert_eq!(collides, expected, "{ports}");
    }
}
