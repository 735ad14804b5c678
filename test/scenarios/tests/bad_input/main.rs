//! Bad input, end to end: whatever a user, the cluster or the cloud gets wrong is told with its cause, and
//! everything else goes on.
//!
//! | module | whose mistake |
//! |---|---|
//! | [`admission`] | the API server refuses the object |
//! | [`validation`] | the object is taken, a condition names the field |
//! | [`undecodable`] | an object cannot even be read |
//! | [`secrets`] | none of this gives secrets away |

mod admission;
mod secrets;
mod support;
mod undecodable;
mod validation;
