//! The provider over an API in process.

mod definition;
mod launching;
mod registering;
