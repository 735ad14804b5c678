//! Conformance of the embedded server and its actors, through `kube::Client` on the router.

mod objects;
mod support;
mod watches;
