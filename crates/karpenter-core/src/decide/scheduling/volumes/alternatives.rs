//! Where volumes can be reached from, as alternatives for a node.

use std::sync::Arc;

use crate::api::labels;
use crate::decide::scheduling::preferences;
use crate::model::label_rules::LabelNormalization;
use crate::model::persistent_volume::{PersistentVolume, VolumeSource};
use crate::model::pod::NodeSelectorExpression;
use crate::model::requirement::{Operator, Requirement};
use crate::model::requirements::{Requirements, UnsupportedOperator};
use crate::model::storage_class::StorageClass;

/// How many alternatives a volume and a pod have at most; further ones are not tried.
const MAX_ALTERNATIVES: usize = 256;

/// A set of nodes from which volumes can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in super::super) struct Place {
    /// What such a node must be.
    pub(in super::super) requirements: Requirements,
    /// The parts exclude each other: there is no such node.
    pub(in super::super) is_impossible: bool,
}

impl Place {
    fn anywhere() -> Self {
        Self { requirements: Requirements::new(), is_impossible: false }
    }

    fn of(asked: &[Requirement]) -> Self {
        Self {
            requirements: asked.iter().cloned().collect(),
            is_impossible: preferences::contradiction(asked).is_some(),
        }
    }

    fn and(&self, other: &Self) -> Self {
        Self {
            requirements: self.requirements.intersect(&other.requirements),
            is_impossible: self.is_impossible
                || other.is_impossible
                || !self.requirements.is_intersecting(&other.requirements),
        }
    }
}

/// Where a volume can be reached from, in the order of its terms; empty when anywhere.
///
/// Volumes of one machine do not ask for its host name: a pod that moves leaves them behind.
///
/// # Errors
/// [`UnsupportedOperator`] in one of its terms.
pub(super) fn of_volume(
    volume: &PersistentVolume,
    normalization: &LabelNormalization,
) -> Result<Vec<Place>, UnsupportedOperator> {
    let is_left_behind = |expression: &&NodeSelectorExpression| {
        volume.source == VolumeSource::OfOneNode && &*expression.key == labels::HOSTNAME
    };
    let mut places = vec![];
    let terms = volume.node_affinity.iter().filter(|term| !term.expressions.is_empty());
    for term in terms.take(MAX_ALTERNATIVES) {
        let expressions = term.expressions.iter().filter(|one| !is_left_behind(one));
        let asked: Vec<Requirement> =
            expressions.map(|one| requirement(one, normalization)).collect::<Result<_, _>>()?;
        places.push(Place::of(&asked));
    }
    Ok(places)
}

/// Where a class makes volumes, in the order of its terms; empty when anywhere.
pub(super) fn of_class(class: &StorageClass, normalization: &LabelNormalization) -> Vec<Place> {
    let terms = class.allowed_topologies.iter().filter(|term| !term.is_empty());
    let one = |(key, values): &(Arc<str>, Vec<Arc<str>>)| {
        Requirement::new(key, Operator::In, values, normalization)
    };
    let terms = terms.take(MAX_ALTERNATIVES);
    terms.map(|term| Place::of(&term.iter().map(one).collect::<Vec<_>>())).collect()
}

/// Where all of several volumes can be reached from, given per volume: every combination that has nodes, the last
/// volume fastest; all combinations when none has. Empty when anywhere; equal ones once; at most
/// [`MAX_ALTERNATIVES`].
pub(super) fn product(volumes: impl IntoIterator<Item = Vec<Place>>) -> Vec<Place> {
    let mut combined = vec![Place::anywhere()];
    for own in volumes.into_iter().filter(|own| !own.is_empty()) {
        let (mut possible, mut impossible) = (vec![], vec![]);
        for pair in combined.iter().flat_map(|place| own.iter().map(|own| place.and(own))) {
            let list = if pair.is_impossible { &mut impossible } else { &mut possible };
            if list.len() < MAX_ALTERNATIVES && !list.contains(&pair) {
                list.push(pair);
            }
        }
        combined = if possible.is_empty() { impossible } else { possible };
    }
    if combined == [Place::anywhere()] { vec![] } else { combined }
}

fn requirement(
    expression: &NodeSelectorExpression,
    normalization: &LabelNormalization,
) -> Result<Requirement, UnsupportedOperator> {
    let NodeSelectorExpression { key, operator, values } = expression;
    let known = Operator::parse(operator).ok_or_else(|| UnsupportedOperator {
        key: key.to_string(),
        operator: operator.to_string(),
    })?;
    Ok(Requirement::new(key, known, values, normalization))
}
