//! Bad input, end to end: whatever a user, the cluster or the cloud gets wrong is told with its cause, and
//! everything else goes on.

mod admission;
mod support;
