//! The control side: levers and windows for tests, as methods of [`FakeCloud`](crate::FakeCloud).
//!
//! | file | levers |
//! |---|---|
//! | `faults` | broken calls, rate limits, RAM denials |
//! | `market` | stock, prices, quotas |
//! | `resources` | networks, images, the cluster, account |
//! | `instances` | windows on instances; interruptions and accidents |
//! | `record` | windows on calls |

mod faults;
mod instances;
mod market;
mod record;
mod resources;
