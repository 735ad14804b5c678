//! What kinds of dynamic resource allocation share.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity as WireQuantity;
use serde::Deserialize;

use crate::api::problem::Problem;
use crate::model::device_class::DeviceSelector;
use crate::model::quantity::Quantity;

/// Implements `kube::Resource` for kinds of `resource.k8s.io/v1`, which the oldest version of Kubernetes we support
/// does not have.
macro_rules! resource_kind {
    ($($slim:ty, $scope:ty, $kind:literal, $plural:literal;)*) => {$(
        impl kube::Resource for $slim {
            type DynamicType = ();
            type Scope = $scope;

            fn kind((): &()) -> std::borrow::Cow<'_, str> {
                $kind.into()
            }

            fn group((): &()) -> std::borrow::Cow<'_, str> {
                "resource.k8s.io".into()
            }

            fn version((): &()) -> std::borrow::Cow<'_, str> {
                "v1".into()
            }

            fn plural((): &()) -> std::borrow::Cow<'_, str> {
                $plural.into()
            }

            fn meta(&self) -> &ObjectMeta {
                &self.metadata
            }

            fn meta_mut(&mut self) -> &mut ObjectMeta {
                &mut self.metadata
            }
        }
    )*};
}
pub(super) use resource_kind;

/// A selector of devices.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct SlimSelector {
    cel: Option<SlimCel>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct SlimCel {
    expression: String,
}

pub(super) fn selectors(wire: Vec<SlimSelector>) -> Vec<DeviceSelector> {
    let selector = |wire: SlimSelector| {
        wire.cel.map_or(DeviceSelector::Unknown, |cel| DeviceSelector::Cel(cel.expression.into()))
    };
    wire.into_iter().map(selector).collect()
}

/// Amounts by name.
pub(super) fn amounts(
    object: &str,
    field: &str,
    wire: BTreeMap<String, WireQuantity>,
) -> Result<BTreeMap<Arc<str>, Quantity>, Problem> {
    let amount = |(name, wire): (String, WireQuantity)| {
        Ok((Arc::from(name), quantity(object, field, &wire)?))
    };
    wire.into_iter().map(amount).collect()
}

/// One amount.
pub(super) fn quantity(
    object: &str,
    field: &str,
    wire: &WireQuantity,
) -> Result<Quantity, Problem> {
    Quantity::try_from(wire).map_err(|why| Problem::new(object, field, why.to_string()))
}
