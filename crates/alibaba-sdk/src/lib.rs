//! Signed clients for the Alibaba Cloud OpenAPI. Knows no Kubernetes and no Karpenter.
//!
//! | module | idea |
//! |---|---|
//! | [`ecs`], [`vpc`], [`cs`], [`ram`], [`sts`] | one file per action; requests and responses named as in the API reference; one trait per service |
//! | [`client`] | signs, sends, judges and repeats |
//! | [`action`] | an action as a value, and the call it turns into |
//! | [`params`], [`encode`] | request struct → RPC parameters → canonical text |
//! | [`sign`] | the three signatures, pure |
//! | [`credentials`] | who signs: static, environment, RRSA; chain and refresh |
//! | [`transport`] | moving a request; endpoints, retry policy, client-side limits |
//! | [`error`] | [`SdkError`] and the table from codes to [`ErrorKind`] |
//! | [`page`] | bounded walks over paged lists |
//! | [`clock`] | wall time is an argument |
//!
//! Time, randomness and transport are arguments of [`ClientConfig`], so a test drives a client on virtual time over
//! an in-memory transport, and the same seed gives the same requests byte for byte.

pub mod action;
pub mod client;
pub mod clock;
pub mod credentials;
pub mod cs;
pub mod ecs;
pub mod encode;
pub mod error;
mod lenient;
pub mod page;
pub mod params;
pub mod ram;
mod seed;
pub mod sign;
pub mod sts;
#[cfg(test)]
mod testing;
pub mod transport;
pub mod vpc;

pub use client::{Client, ClientConfig};
pub use clock::WallClock;
pub use error::{ErrorKind, SdkError};
pub use lenient::parse_time;
