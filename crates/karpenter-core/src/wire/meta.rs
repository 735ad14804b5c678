//! What all conversions share.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector as WireSelector, ObjectMeta};

use crate::api::problem::Problem;
use crate::model::ids::{ResourceVersion, Uid};
use crate::model::label_selector::{LabelClause, LabelSelector, Labels};
use crate::model::resources::Resources;
use crate::model::taints::{Taint, TaintEffect};
use crate::state::Tracked;

/// A wire type that becomes a value of the model.
pub trait Decoded: Sized {
    /// What decisions see.
    type Model: Tracked;

    /// The key of the object with this metadata.
    fn key(metadata: &ObjectMeta) -> <Self::Model as Tracked>::Key;

    /// Converts one object.
    ///
    /// # Errors
    /// [`Problem`] names the object and the field that cannot be understood.
    fn decode(self) -> Result<Self::Model, Problem>;
}

/// Metadata every object has, in the model's types.
pub(super) struct Meta {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) uid: Uid,
    pub(super) resource_version: ResourceVersion,
    pub(super) labels: Labels,
    pub(super) annotations: Labels,
    pub(super) created: Timestamp,
    pub(super) deleted_at: Option<Timestamp>,
}

impl Meta {
    pub(super) fn of(meta: ObjectMeta) -> (Self, Rest) {
        let rest = Rest {
            finalizers: shared_texts(meta.finalizers.unwrap_or_default()),
            owners: meta.owner_references.unwrap_or_default(),
            generation: meta.generation.unwrap_or_default(),
        };
        let meta = Self {
            name: meta.name.unwrap_or_default(),
            namespace: meta.namespace.unwrap_or_default(),
            uid: Uid::from(meta.uid.unwrap_or_default()),
            resource_version: ResourceVersion::from(meta.resource_version.unwrap_or_default()),
            labels: shared_map(meta.labels),
            annotations: shared_map(meta.annotations),
            created: meta.creation_timestamp.map_or(Timestamp::UNIX_EPOCH, |time| time.0),
            deleted_at: meta.deletion_timestamp.map(|time| time.0),
        };
        (meta, rest)
    }
}

/// Metadata only some kinds need.
pub(super) struct Rest {
    pub(super) finalizers: Vec<Arc<str>>,
    pub(super) owners: Vec<k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference>,
    pub(super) generation: i64,
}

pub(super) fn shared_map(map: Option<BTreeMap<String, String>>) -> Labels {
    let pairs = map.unwrap_or_default().into_iter();
    Arc::new(pairs.map(|(key, value)| (key.into(), value.into())).collect())
}

pub(super) fn shared_texts(texts: Vec<String>) -> Vec<Arc<str>> {
    texts.into_iter().map(Into::into).collect()
}

/// Parses a resource list, naming the field in what goes wrong.
pub(super) fn resources(
    object: &str,
    field: &str,
    list: Option<&BTreeMap<String, Quantity>>,
) -> Result<Resources, Problem> {
    let Some(list) = list else { return Ok(Resources::default()) };
    Resources::from_api(list).map_err(|error| Problem::new(object, field, error.to_string()))
}

pub(super) fn taints(list: Vec<k8s_openapi::api::core::v1::Taint>) -> Vec<Taint> {
    list.into_iter()
        .map(|taint| {
            Taint::new(
                taint.key,
                taint.value.unwrap_or_default(),
                TaintEffect::from(&*taint.effect),
            )
        })
        .collect()
}

/// A label selector; clauses with an operator nobody knows select nothing.
pub(super) fn selector(wire: WireSelector) -> LabelSelector {
    let clauses = wire.match_expressions.unwrap_or_default().into_iter().map(|clause| {
        let key: Arc<str> = clause.key.into();
        let values = || clause.values.clone().unwrap_or_default().into_iter().map(Into::into);
        match clause.operator.as_str() {
            "NotIn" => LabelClause::NotIn(key, values().collect()),
            "Exists" => LabelClause::Exists(key),
            "DoesNotExist" => LabelClause::DoesNotExist(key),
            "In" => LabelClause::In(key, values().collect()),
            _ => LabelClause::In(key, std::collections::BTreeSet::new()),
        }
    });
    LabelSelector {
        match_expressions: clauses.collect(),
        match_labels: wire
            .match_labels
            .unwrap_or_default()
            .into_iter()
            .map(|(key, value)| (key.into(), value.into()))
            .collect(),
    }
}

/// Name in `metadata`; empty when it has none.
pub(super) fn name_of(metadata: &ObjectMeta) -> &str {
    metadata.name.as_deref().unwrap_or_default()
}

/// Namespace in `metadata`; empty for objects of the cluster.
pub(super) fn namespace_of(metadata: &ObjectMeta) -> &str {
    metadata.namespace.as_deref().unwrap_or_default()
}
