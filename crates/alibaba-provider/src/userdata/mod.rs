//! What an instance runs at first boot so that it joins the cluster.

pub mod discover;
pub mod mime;
pub mod render;
pub mod script;
pub mod settings;
#[cfg(test)]
mod tests;
