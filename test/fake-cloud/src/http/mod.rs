//! The wire: decoding requests, building answers, and the pipeline between the two.

pub(crate) mod codec;
pub(crate) mod inbound;
pub(crate) mod respond;
pub(crate) mod serve;

#[cfg(test)]
mod tests;
