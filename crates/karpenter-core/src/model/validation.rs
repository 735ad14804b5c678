//! What the schema cannot find: runtime validation of NodePools and of single requirements.
//!
//! It stands beside the algebra because keys are judged in their normal form and because pods' requirements are judged by
//! the same rules.

mod contradiction;
mod node_pool;
mod requirement;
pub mod syntax;
#[cfg(test)]
mod tests;

pub use node_pool::validate;
pub use requirement::{requirement_errors, unknown_values};

use crate::api::labels;
pub use crate::api::problem::Problem;
use crate::model::ids::LabelKey;
use crate::model::label_rules::{LabelNormalization, WellKnownLabels};
use std::collections::{BTreeMap, BTreeSet};

/// What validation knows about labels; a provider adds its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidationRules {
    /// Keys anybody may use, whatever their domain.
    pub well_known: WellKnownLabels,
    /// Domains nobody may use, sub-domains included.
    pub restricted_domains: BTreeSet<String>,
    /// All values a well-known key can have, where that is a closed set.
    pub known_values: BTreeMap<LabelKey, BTreeSet<String>>,
    /// Normal forms of keys and values.
    pub normalization: LabelNormalization,
}

impl ValidationRules {
    /// The rules of the core.
    pub fn core() -> Self {
        let capacity_types = labels::CAPACITY_TYPES.iter().map(ToString::to_string).collect();
        Self {
            well_known: WellKnownLabels::core(),
            restricted_domains: labels::RESTRICTED_DOMAINS.map(str::to_owned).into(),
            known_values: BTreeMap::from([(labels::CAPACITY_TYPE.into(), capacity_types)]),
            normalization: LabelNormalization::core(),
        }
    }

    /// Whether users may not set `key`, which is in its normal form.
    ///
    /// Source: Karpenter behaviour, restricted labels.
    pub fn is_restricted(&self, key: &str) -> bool {
        if self.well_known.contains(key) {
            return false;
        }
        let domain = labels::domain(key);
        let covers = |restricted: &String| {
            let parent = domain.strip_suffix(restricted.as_str());
            parent.is_some_and(|parent| parent.is_empty() || parent.ends_with('.'))
        };
        self.restricted_domains.iter().any(covers) || labels::RESTRICTED.contains(&key)
    }

    /// Why users may not set `key`, if so.
    fn restriction(&self, key: &str) -> Option<String> {
        let list = |texts: &mut dyn Iterator<Item = &str>| texts.collect::<Vec<_>>().join(" ");
        self.is_restricted(key).then(|| {
            let known = list(&mut self.well_known.iter().map(LabelKey::as_str));
            let domains = list(&mut self.restricted_domains.iter().map(String::as_str));
            format!(
                "using label {key} is not allowed as it might interfere with the internal provisioning logic; \
                 specify a well known label: [{known}], or a custom label that does not use a restricted \
                 domain: [{domains}]"
            )
        })
    }
}
