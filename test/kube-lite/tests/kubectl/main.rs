//! The real kubectl against the embedded server on a loopback socket.
//!
//! Without a kubectl on the path these tests say that they have shown nothing.

mod discovery;
mod objects;
mod own_kinds;
mod reading;
mod support;
mod workloads;
