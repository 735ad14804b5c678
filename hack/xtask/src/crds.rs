//! The chart `karpenter-crd`: the resource definitions of all our kinds, one file each.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::generated::{Generated, settle};

#[cfg(test)]
mod tests;

/// Where the chart lives.
const CHART: &str = "charts/karpenter-crd";

/// First line of every file made here.
const NOTE: &str = "# Made from code by `cargo xtask crds`; do not edit.\n";

/// Writes the chart, or checks it.
pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    settle(root, &files()?, check, "crds")
}

/// The chart's files, by path.
pub(crate) fn files() -> Result<Vec<Generated>> {
    let mut files = vec![Generated { path: format!("{CHART}/Chart.yaml"), text: chart() }];
    for definition in definitions() {
        files.push(template(&definition)?);
    }
    Ok(files)
}

fn definitions() -> Vec<Value> {
    alibaba_provider::api::crd::documents()
}

fn chart() -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "{NOTE}apiVersion: v2\n\
         name: karpenter-crd\n\
         description: Resource definitions of Karpenter for Alibaba Cloud\n\
         type: application\n\
         version: {version}\n\
         appVersion: \"{version}\"\n"
    )
}

/// One definition as a template, named like the definition: `<group>_<plural>.yaml`.
fn template(definition: &Value) -> Result<Generated> {
    let text = |pointer: &str| definition.pointer(pointer).and_then(Value::as_str);
    let group = text("/spec/group").context("a definition has a group")?;
    let plural = text("/spec/names/plural").context("a definition has a plural")?;
    let yaml = serde_saphyr::to_string(definition)?;
    ensure!(!yaml.contains("{{"), "{plural}.{group} holds {{{{, which Helm would take as its own");
    Ok(Generated {
        path: format!("{CHART}/templates/{group}_{plural}.yaml"),
        text: format!("{NOTE}{}\n", yaml.trim_end()),
    })
}
