//! The resource definition of [`ECSNodeClass`], as files and clusters hold it.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use karpenter_core::api::crd::{self, normalise};
use kube::CustomResourceExt;
use serde_json::Value;

use super::node_class::ECSNodeClass;

/// The definition in the published form.
pub fn crd() -> CustomResourceDefinition {
    normalise(ECSNodeClass::crd())
}

/// The definition as a document to write to a file.
pub fn document() -> Value {
    crd::document(&crd())
}
