//! An in-memory Alibaba cloud behind its HTTP API.
//!
//! [`FakeCloud::router`] is the whole cloud as one `axum::Router` value: mount it in process (virtual
//! time, no sockets) or serve it on a listener. [`FakeCloud`] itself is the hand on the other side of
//! the glass: it changes stock and prices, breaks calls on purpose and shows what exists and who asked.
//!
//! ```
//! use std::sync::Arc;
//! use chrono::{DateTime, Utc};
//! use fake_cloud::{Config, FakeCloud, FaultSpec, Market, Stock};
//!
//! let epoch: DateTime<Utc> = "2026-01-02T03:04:05Z".parse().unwrap();
//! let cloud = FakeCloud::new(Config::new(Arc::new(move || epoch), 7));
//! cloud.set_stock("ecs.g7.large", "cn-hangzhou-h", Stock::Units(3));
//! cloud.set_spot_price("ecs.g7.xlarge", "cn-hangzhou-i", 0.2);
//! cloud.fail("RunInstances", FaultSpec::response_lost());
//! let server: axum::Router = cloud.router();
//! assert!(cloud.instances().is_empty());
//! # drop(server);
//! ```
//!
//! Map of the crate, from the wire inwards:
//!
//! | module | idea |
//! |---|---|
//! | `http` | bytes to decoded parameters, answers to bytes, the pipeline between them |
//! | `auth` | the three signature schemes, access keys, clock skew, nonce reuse |
//! | `action` | the table of actions: product, version, handler |
//! | `ecs`, `vpc`, `cs`, `sts`, `ram`, `cms` | one handler per action: validate, change the world, answer |
//! | `world` | what exists: instance types, stock, prices, networks, images, instances |
//! | `fault`, `throttle`, `calls` | breaking calls on purpose, and the record of every call |
//! | `data` | the file that outlives a restart |
//! | `fake` | the control API below `/__fake/` |
//! | `metadata` | what machines ask below `/latest/` |
//! | `script` | changes in their time, computed from the clock |
//! | `control` | the Rust side of [`FakeCloud`]: levers and windows for tests |
//!
//! Guarantees: no background tasks (every transition is computed from the clock when somebody looks),
//! no randomness but the seed, byte-identical answers for the same calls at the same times, and no
//! panic on malformed input. It shares no type with any client, so it cannot share its misreadings.

mod action;
mod auth;
mod calls;
mod cloud;
mod cms;
mod config;
mod control;
mod cs;
mod data;
mod ecs;
mod error;
mod fake;
mod fault;
mod http;
mod ids;
mod metadata;
mod params;
mod ram;
mod script;
mod sts;
mod throttle;
mod time;
mod vpc;
mod world;

pub use calls::{CallRecord, Outcome, Scheme};
pub use cloud::FakeCloud;
pub use config::{AccessKey, Clock, Config, Profile, SignatureCheck, Timing};
pub use data::DataError;
pub use fault::{FaultAnswer, FaultPoint, FaultSpec};
pub use throttle::RateLimit;
pub use world::cluster::Cluster;
pub use world::image::Image;
pub use world::instance::{DiskSpec, Instance, InstanceStatus, SpotStrategy};
pub use world::instance_type::{Architecture, FamilyLevel, Gpu, InstanceType};
pub use world::network::{SecurityGroup, VSwitch};
pub use world::reservation::CapacityReservation;
pub use world::stock::{Market, Stock};
