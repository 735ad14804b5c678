//! The provider over an API in process.

mod conformance;
mod definition;
mod launching;
mod registering;
