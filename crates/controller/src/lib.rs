//! Wiring of the controller process: options in, tasks running, everything stopped in order.
//!
//! | module | holds |
//! |---|---|
//! | [`options`] | flags and environment, parsed once into plain data |
//! | [`telemetry`] | logs, and their level at run time |
//! | [`build`] | version, compiler, commit |
//! | [`cloud`], [`seed`] | who signs and where calls go; the one source of randomness |
//! | [`access`] | what we ask of the Kubernetes API |
//! | [`client`] | our layers over any HTTP service that speaks the Kubernetes API |
//! | [`http`] | `/metrics`, `/healthz`, `/readyz`, `/debug` |
//! | [`convert`] | manifests of the older group, for people who move |
//! | [`run`] | starts everything, supervises it, stops it |
//!
//! No decision lives here.

pub mod access;
pub mod build;
pub mod client;
pub mod cloud;
pub mod convert;
pub mod http;
pub mod options;
pub mod run;
pub mod seed;
pub mod supervise;
pub mod telemetry;
