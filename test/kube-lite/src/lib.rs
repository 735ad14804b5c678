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
//! | `discovery`, `openapi` | what tools ask before they work |
//! | `table` | objects as the columns people read |
//! | `access` | what is answered without being stored |
//! | `verbs` | what each verb does, over the locked state |
//! | `state`, `store`, `gc`, `write_log` | objects, history, cascades, evidence |
//! | `journal`, `restore` | state that survives a restart |
//! | `builtin`, `kind`, `registry`, `crd` | which kinds there are |
//! | `admission`, `limits`, `defaults`, `schema`, `patch` | what happens to an object on its way in |
//! | `typed`, `validate` | types and rules of built-in kinds |
//! | `ownership` | who applied which fields |
//! | [`actors`] | the rest of a cluster: scheduler, kubelets, workload controllers |
//!
//! # Not built
//! Authentication, RBAC, admission webhooks, conversion, owners of fields that were never
//! applied, protobuf bodies (commands like `kubectl create configmap` send them; `create -f`
//! sends JSON). Of the rules for built-in kinds only the common ones are checked, and the two
//! kinds of `Event` are stored apart.

mod access;
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
mod openapi;
mod ownership;
mod patch;
mod registry;
mod request;
mod restore;
mod routes;
mod schema;
mod server;
mod state;
mod store;
mod table;
mod time;
mod typed;
mod validate;
mod verbs;
mod view;
mod write_log;

pub use self::config::{Clock, Config};
pub use self::journal::DataError;
pub use self::server::{KubeLite, Refused};
pub use self::write_log::{Effect, Verb, WriteLog, WriteRecord};
