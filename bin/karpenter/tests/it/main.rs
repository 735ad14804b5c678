//! The shipped program, started as a process of its own against servers on loopback sockets.
//!
//! | module | idea |
//! |---|---|
//! | `http` | requests, one connection each |
//! | `surroundings` | an API server with the shipped definitions, a cloud, objects users write |
//! | `process` | the program: started, watched, told to stop |
//! | `exposition` | what `/metrics` answers, read strictly |
//! | `running`, `starting`, `stopping` | the tests |
//!
//! Time is real here; every wait looks often and gives up after [`process::PATIENCE`].

mod exposition;
mod http;
mod process;
mod running;
mod starting;
mod stopping;
mod surroundings;
