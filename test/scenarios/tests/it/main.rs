//! Worlds: the real controller against an embedded API and a fake cloud, in virtual time.
//!
//! Every world ends at rest: the controller has stopped writing, and claims and instances belong together.

mod buffers;
mod burst;
mod conformance;
mod corpus;
mod crashes;
mod daemons;
mod day;
mod deletion;
mod determinism;
mod devices;
mod drain;
mod never_joins;
mod node_classes;
mod older_labels;
mod overlays;
mod pools;
mod reservations;
mod restarts;
mod room;
mod static_pools;
mod stockout;
mod throttling;
mod topology;
mod volumes;
