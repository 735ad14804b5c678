//! Launching one instance: what to try is planned, trying is an effect.
//!
//! | module | idea |
//! |---|---|
//! | [`plan`] | filters and order of offerings: pure |
//! | [`request`], [`disks`], [`tags`], [`token`] | the request of one attempt: pure |
//! | [`adopt`] | the instance of an earlier launch |
//! | [`execute`] | attempts until one works |

pub mod adopt;
pub mod disks;
pub mod execute;
pub mod filter;
pub mod plan;
pub mod request;
pub mod tags;
#[cfg(test)]
mod tests;
pub mod token;
