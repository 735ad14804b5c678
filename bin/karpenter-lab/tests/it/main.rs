//! The shipped programs on loopback sockets, in real time, driven as users do.
//!
//! | module | idea |
//! |---|---|
//! | `process` | a program: started, listened to, stopped or killed |
//! | `parts` | the world as separate programs that find each other |
//! | `cluster` | what is in the API and in the cloud, and waiting for it |
//! | `kubectl` | the command line tool, where there is one |
//! | `up` | tests of everything in one program |
//! | `composition` | tests of the separate programs, some of them killed in the middle |
//! | `genuine` | the same against a genuine kube-apiserver, where there is one |
//!
//! Every wait looks often and gives up after [`process::PATIENCE`].

mod cluster;
mod composition;
mod genuine;
mod kubectl;
mod parts;
mod process;
mod up;
