//! The instance types both sides choose from.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use karpenter_core::api::labels;
use kwok_provider::catalog::file::{self, InstanceTypeRow};
use serde_json::json;

/// Zones with every type.
pub(super) const ZONES: [&str; 3] = ["zone-a", "zone-b", "zone-c"];
/// Zone with types of arm64 only.
pub(super) const ARM_ZONE: &str = "zone-d";

/// Five sizes of two architectures; prices all differ, spot is not sold in `zone-c`.
pub(super) fn rows() -> Vec<InstanceTypeRow> {
    let sizes = [1, 2, 4, 8, 16];
    let types = sizes.iter().flat_map(|size| [("amd64", *size), ("arm64", *size)]);
    types.map(|(arch, size)| row(arch, size)).collect()
}

fn row(arch: &str, size: u32) -> InstanceTypeRow {
    let base = f64::from(size) * if arch == "arm64" { 0.041 } else { 0.05 };
    let mut offerings = vec![];
    for zone in ZONES {
        offerings.push(offering(zone, "on-demand", base));
        if zone != "zone-c" {
            offerings.push(offering(zone, "spot", base * 0.6));
        }
    }
    if arch == "arm64" {
        offerings.push(offering(ARM_ZONE, "on-demand", base));
    }
    let text = json!({
        "name": format!("{arch}-{size:02}"),
        "architecture": arch,
        "operatingSystems": ["linux"],
        "resources": { "cpu": size.to_string(), "memory": format!("{}Gi", 4 * size), "pods": (8 * size).to_string() },
        "offerings": offerings,
    });
    serde_json::from_value(text).expect("invariant: a row by rule")
}

fn offering(zone: &str, capacity_type: &str, price: f64) -> serde_json::Value {
    let is_in = |key: &str, value: &str| json!({ "key": key, "operator": "In", "values": [value] });
    json!({
        "Price": price, "Available": true,
        "Requirements": [is_in(labels::ZONE, zone), is_in(labels::CAPACITY_TYPE, capacity_type)],
    })
}

/// Writes `rows` to `path` and returns it.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write(rows: &[InstanceTypeRow], path: &Path) -> Result<PathBuf> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    }
    std::fs::write(path, file::write(rows)).with_context(|| format!("write {}", path.display()))?;
    Ok(path.to_owned())
}
