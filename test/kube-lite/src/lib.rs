//! An embedded Kubernetes API server.
//!
//! [`KubeLite`] is one value; its [`router`](KubeLite::router) is the whole server: a
//! `kube::Client` takes it in process and `axum::serve` takes it on a socket. Time and seed are
//! arguments, so the same requests in the same order leave identical bytes.
//!
//! # Map
//! | module | idea |
//! |---|---|
//! | `request`, `routes`, `view` | HTTP in and out |
//! | `verbs` | what each verb does, over the locked state |
//! | `state`, `store`, `gc`, `write_log` | objects, history, cascades, evidence |
//! | `journal`, `restore` | state that survives a restart |
//! | `builtin`, `kind`, `registry`, `crd` | which kinds there are |
//! | `admission`, `limits`, `defaults`, `schema`, `patch` | what happens to an object on its way in |
//! | [`actors`] | the rest of a cluster: scheduler, kubelets, workload controllers |
//!
//! # Not built
//! Authentication, RBAC, admission webhooks, conversion, field ownership (an apply patch merges
//! or creates), tables. Specs of built-in kinds are not validated, and the two kinds of `Event`
//! are stored apart.

pub mod actors;
mod admission;
mod builtin;
mod config;
mod crd;
mod defaults;
mod discovery;
mod error;
mod gc;
mod ids;
mod journal;
mod kind;
mod limits;
mod object;
mod patch;
mod registry;
mod request;
mod restore;
mod routes;
mod schema;
mod server;
mod state;
mod store;
mod time;
mod verbs;
mod view;
mod write_log;

pub use self::config::{Clock, Config};
pub use self::journal::DataError;
pub use self::server::{KubeLite, Refused};
pub use self::write_log::{Effect, Verb, WriteLog, WriteRecord};
