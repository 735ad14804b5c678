//! Capacity that was reserved beforehand: private pools.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::node_class::ECSNodeClassSpec;
use super::rules;
use super::selectors::{TagSelector, selector_tags};
use super::string_enum::string_enum;

/// Selects capacity reservations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = rules::capacity_reservation_term()))]
pub struct CapacityReservationSelectorTerm {
    /// Id of one reservation; excludes tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub id: Option<String>,
    /// Tags the reservation must have; the value * matches any value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "selector_tags")]
    pub tags: Option<TagSelector>,
}

string_enum! {
    /// Which private pools on-demand instances may use.
    CapacityReservationPreference {
        /// Every pool that is open to matching instances.
        Open = "open",
        /// The selected reservations alone.
        Target = "target",
        /// None.
        None = "none",
    }
}

string_enum! {
    /// Whether a reservation is there for long enough to launch in it.
    ReservationState {
        /// It is.
        Active = "active",
        /// It ends soon.
        Expiring = "expiring",
    }
}

string_enum! {
    /// What a reservation is; the value of the label `karpenter.alibabacloud.com/capacity-reservation-type`.
    ReservationKind {
        /// A capacity reservation, `crp-…`.
        CapacityReservation = "capacity-reservation",
        /// An elasticity assurance, `eap-…`.
        ElasticityAssurance = "elasticity-assurance",
    }
}

impl ReservationKind {
    /// The kind of the reservation `id`.
    pub fn of(id: &str) -> Self {
        match id.starts_with("eap-") {
            true => Self::ElasticityAssurance,
            false => Self::CapacityReservation,
        }
    }
}

impl ECSNodeClassSpec {
    /// Terms that select reservations; none when not given.
    pub fn capacity_reservation_terms(&self) -> &[CapacityReservationSelectorTerm] {
        self.capacity_reservation_selector_terms.as_deref().unwrap_or_default()
    }

    /// Which private pools on-demand instances may use: as given, else `target` where reservations are selected and
    /// `none` where not.
    pub fn effective_capacity_reservation_preference(&self) -> CapacityReservationPreference {
        let without_terms = self.capacity_reservation_terms().is_empty();
        self.capacity_reservation_preference.unwrap_or(match without_terms {
            true => CapacityReservationPreference::None,
            false => CapacityReservationPreference::Target,
        })
    }
}
