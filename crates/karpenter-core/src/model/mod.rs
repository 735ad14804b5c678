//! Values: everything a decision reads or returns, without IO, clock or logging.

pub mod budgets;
pub mod ids;
pub mod label_rules;
pub mod quantity;
pub mod requirement;
pub mod requirements;
pub mod resources;
pub mod schedule;
pub mod taints;
pub mod validation;
