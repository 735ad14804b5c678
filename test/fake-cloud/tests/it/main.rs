//! Conformance of the fake cloud with the documented behaviour of the service, through its router.
#![allow(clippy::unwrap_used, missing_docs, reason = "test code")]

mod clusters;
mod control;
mod delete;
mod describe;
mod faults;
mod groups;
mod guide;
mod identity;
mod lab;
mod launch;
mod machines;
mod market;
mod metadata;
mod reservations;
mod restart;
mod script;
mod signatures;
mod tags;
mod wire;
