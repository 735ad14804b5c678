//! The file format of instance types: a JSON list of rows, members of offerings capitalised.
//!
//! ```json
//! [{
//!   "name": "c-1x-amd64-linux",
//!   "architecture": "amd64",
//!   "operatingSystems": ["linux"],
//!   "resources": { "cpu": "1", "memory": "2Gi" },
//!   "offerings": [{
//!     "Price": 0.027,
//!     "Available": true,
//!     "Requirements": [
//!       { "key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"] },
//!       { "key": "topology.kubernetes.io/zone", "operator": "In", "values": ["test-zone-a"] }
//!     ]
//!   }]
//! }]
//! ```
//!
//! Source: Karpenter behaviour, KWOK provider (`instance_types.json`).

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use karpenter_core::api::v1::requirement::NodeSelectorRequirementWithMinValues;
use serde::{Deserialize, Serialize};

use super::CatalogError;

/// One instance type as the file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceTypeRow {
    /// Name, unique in the file.
    pub name: String,
    /// Ways to buy it.
    pub offerings: Vec<OfferingRow>,
    /// `amd64` or `arm64`.
    pub architecture: String,
    /// Operating systems its nodes can have.
    pub operating_systems: Vec<String>,
    /// Full capacity; 110 pods when it names no `pods`.
    pub resources: BTreeMap<String, Quantity>,
}

/// One way to buy an instance type as the file has it. Lower-case members are read too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OfferingRow {
    /// Price per hour.
    #[serde(alias = "price")]
    pub price: f64,
    /// Read and written, without effect: every offering counts as in stock.
    #[serde(alias = "available", default)]
    pub available: bool,
    /// Labels of its nodes, among them zone and capacity type.
    #[serde(alias = "requirements")]
    pub requirements: Vec<NodeSelectorRequirementWithMinValues>,
}

/// The rows of `text`.
///
/// # Errors
/// [`CatalogError::Format`] with the path of the first member that cannot be read.
pub fn read(text: &str) -> Result<Vec<InstanceTypeRow>, CatalogError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let rows = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        CatalogError::Format { path: error.path().to_string(), inner: error.into_inner() }
    })?;
    json.end().map_err(|inner| CatalogError::Format { path: ".".to_owned(), inner })?;
    Ok(rows)
}

/// The text of `rows`, indented, with a line end.
pub fn write(rows: &[InstanceTypeRow]) -> String {
    let text = serde_json::to_string_pretty(rows);
    text.expect("invariant: rows have text keys and finite prices") + "\n"
}
