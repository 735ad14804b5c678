//! Values: everything a decision reads or returns, without IO, clock or logging.

pub mod budgets;
pub mod daemon_set;
pub mod disruption_budget;
pub mod ids;
pub mod instance_type;
pub mod label_rules;
pub mod label_selector;
pub mod namespace;
pub mod node;
pub mod node_claim;
pub mod node_class;
pub mod node_pool;
pub mod pod;
pub mod pod_requests;
pub mod pod_topology;
pub mod price;
pub mod quantity;
pub mod requirement;
pub mod requirements;
pub mod resources;
pub mod schedule;
pub mod taints;
pub mod validation;
pub mod volume_attachment;
