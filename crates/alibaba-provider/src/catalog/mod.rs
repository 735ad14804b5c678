//! What can be bought: rows of the cloud become instance types of the engine.
//!
//! | module | idea |
//! |---|---|
//! | [`types`] | which rows are offered, and their labels |
//! | [`capacity`], [`overhead`] | what a node has, and what pods cannot have of it |
//! | [`stock`], [`prices`] | what is sold where, for how much |
//! | [`offerings`] | all of that as offerings |
//! | [`reserved`] | offerings in capacity reservations |
//! | [`market`] | the tables together, and who may read them |
//! | [`assemble`] | the catalogue of one node class |
//! | [`refresh`] | reading the tables from the cloud |

pub mod assemble;
pub mod capacity;
pub mod market;
pub mod offerings;
pub mod overhead;
pub mod prices;
pub mod refresh;
pub mod reserved;
pub mod stock;
#[cfg(test)]
mod tests;
pub mod types;

use karpenter_core::api::labels;

/// How an instance is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CapacityType {
    /// By use.
    OnDemand,
    /// By use, at a price that moves, until the cloud wants it back.
    Spot,
    /// Beforehand: the instance runs in a capacity reservation, which is paid for whether it is used or not.
    Reserved,
}

impl CapacityType {
    /// All capacity types.
    pub const ALL: [Self; 3] = [Self::OnDemand, Self::Spot, Self::Reserved];

    /// Those anybody can buy while there is stock.
    pub const MARKET: [Self; 2] = [Self::OnDemand, Self::Spot];

    /// Value of the label `karpenter.sh/capacity-type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnDemand => labels::CAPACITY_TYPE_ON_DEMAND,
            Self::Spot => labels::CAPACITY_TYPE_SPOT,
            Self::Reserved => labels::CAPACITY_TYPE_RESERVED,
        }
    }
}
