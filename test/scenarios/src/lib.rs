//! Whole worlds for tests and demonstrations: embedded API server, fake cloud, machines, and the real controller.
//!
//! | module | idea |
//! |---|---|
//! | [`world`] | a seeded world in virtual time, and what tests do to it |
//! | [`steps`] | what most worlds do: begin, wait for pods, come to rest |
//! | [`machines`] | instances of the cloud boot, read their user data and join the cluster |
//! | [`join_script`] | what a machine reads in its user data |
//! | [`cloud_service`] | the fake cloud as a transport of the SDK, without sockets |
//! | [`audit`] | what must hold of a world at any time, and what must be left at its end |
//! | [`tripwire`] | cuts the power of the controller at a chosen request |
//! | [`weather`] | refuses requests of the controller by chance, breaks its watches |
//! | [`manifests`], [`apply`] | objects as users write them, and how they get to the server |
//! | [`clocks`], [`loopback`] | one clock for all parts; the controller with sockets around it |
//!
//! Nothing here is mocked: every part speaks its real protocol.

pub mod apply;
pub mod audit;
pub mod clocks;
pub mod cloud_service;
pub mod join_script;
pub mod loopback;
pub mod machines;
pub mod manifests;
pub mod steps;
pub mod tripwire;
pub mod weather;
pub mod world;
