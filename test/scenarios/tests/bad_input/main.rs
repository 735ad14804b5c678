//! Bad input, end to end: whatever a user, the cluster or the cloud gets wrong is told with its cause, and
//! everything else goes on.
//!
//! | module | whose mistake |
//! |---|---|
//! | [`admission`] | the API server refuses the object |
//! | [`validation`] | the object is taken, a condition names the field |
//! | [`undecodable`] | an object cannot even be read |
//! | [`unschedulable`] | a pod asks for what no pool can give |
//! | [`node_classes`] | a class names what the cloud does not have |
//! | [`cloud`] | the cloud refuses, throttles or breaks |
//! | [`legacy`] | classes of the older group, asked for or not there |
//! | [`secrets`] | none of this gives secrets away |

mod admission;
mod cloud;
mod legacy;
mod node_classes;
mod secrets;
mod support;
mod undecodable;
mod unschedulable;
mod validation;
