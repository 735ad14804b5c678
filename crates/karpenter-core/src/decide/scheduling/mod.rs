//! Which pods go where, and which nodes have to be made for them.
//!
//! [`solve::solve`] is a pure function from [`input::SchedulingInput`] to [`plan::SchedulingPlan`]: the same input
//! gives the same plan, byte for byte.
//!
//! # Flow
//!
//! 1. The input is turned into a **closed world** (`world`, `vocabulary`, `universe`): requirement sets become short
//!    lists of masks over the values anybody asks for, requests become arrays over the resources anybody asks for,
//!    pods with equal constraints and requests become one class (`setup`, `classify`, `sorter`). Nodes that have not
//!    changed since the last plan are known already ([`base`]).
//! 2. Every NodePool becomes a `template` over a bitset index of its instance types (`index`), every state node an
//!    `existing_node` in an index of its own (`node_index`).
//! 3. `solve` takes the pods largest first and tries existing nodes in order, then open claims with the fewest pods
//!    first (`indifferent`), then a new claim of each template in order (`new_claim`); what fails is relaxed one rung (`ladder`, `preferences`) and
//!    tried again, and goes back to the queue when no rung is left.
//!    Pods that look at other pods (`topology`) or have volumes that not every node can reach (`volumes`) take the
//!    same way through `bonded`, which asks their groups about every bin in every place.
//!    Claims that could use reserved capacity hold it (`reservations`), pods that claim devices are tried on bins that
//!    have some (`devices`). Whoever needs the plan in time can end the search early ([`stop`]).
//! 4. `packing` makes the planned nodes cheaper where the policy asks for it.
//! 5. `finish` turns open claims into NodeClaim objects, `explain` says of every pod left over why no pool could
//!    take it, and `refusal_core` which of its constraints are to blame. `landing` tells of one pod what was passed over.
//!
//! # Guarantees
//!
//! Equal to trying every pod against every bin one after the other; indexes and remembered failures only skip work
//! whose outcome is known. Ties have fixed winners. Nothing in the input is changed. A constraint that is not
//! understood refuses the pod by name and is never dropped in silence.
//!
//! # Caveats
//!
//! Pods that claim devices are refused unless the options say otherwise. Spread constraints that a scheduler adds by
//! default have to be in the input: [`default_spread`](crate::decide::default_spread) puts them on the pods.
//!
//! Source: Karpenter behaviour, provisioning and scheduling. Differs: a pod whose own constraints exclude each other on
//! a label is refused by that label; upstream reads them as a wish for its absence.

pub mod base;
pub mod batch;
pub mod bounds;
pub mod effective_zone;
pub mod input;
pub mod landing;
pub mod lower_bound;
pub mod no_instance_type;
pub mod plan;
pub mod pod_validation;
pub mod reason;
pub mod refusal_core;
pub mod report;
pub mod solve;
pub mod static_claim;
pub mod stop;
pub mod unschedulable;
pub mod volumes;

mod bonded;
mod claim_object;
mod class;
mod classify;
mod daemon_overhead;
mod devices;
mod draft;
mod existing_node;
mod explain;
mod fields;
mod finish;
mod host_ports;
mod index;
mod indifferent;
mod journal;
mod label_rows;
mod label_sets;
mod ladder;
mod left_over;
mod limits;
mod mask;
mod min_values;
mod names;
mod new_claim;
mod node_index;
mod offerings;
mod open_claim;
mod order;
mod packing;
mod part;
mod preferences;
mod prepare;
mod queue;
mod remainder;
mod reservations;
mod rooms;
mod row;
mod rows;
mod setup;
mod sorter;
mod template;
mod topology;
mod universe;
mod unsettled;
mod vocabulary;
mod world;

#[cfg(any(test, feature = "testing"))]
pub mod masked;
#[cfg(test)]
mod tests;
