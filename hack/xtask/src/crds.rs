//! The chart `karpenter-crd`: the resource definitions of all our kinds, one file each.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::generated::{Generated, settle};

mod budget;
mod expression;
#[cfg(test)]
mod tests;

/// Where the chart lives.
const CHART: &str = "charts/karpenter-crd";

/// Definitions that another program in the cluster may have brought, and the value that leaves them out.
const SHARED: [(&str, &str); 1] = [("capacitybuffers.autoscaling.x-k8s.io", "capacityBuffers")];

/// First line of every file made here.
const NOTE: &str = "# Made from code by `cargo xtask crds`; do not edit.\n";

/// Writes the chart, or checks it.
pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    settle(root, &files()?, check, "crds")
}

/// The chart's files, by path.
pub(crate) fn files() -> Result<Vec<Generated>> {
    let mut files = vec![
        Generated { path: format!("{CHART}/Chart.yaml"), text: chart() },
        Generated { path: format!("{CHART}/values.yaml"), text: values() },
    ];
    for definition in definitions() {
        budget::check(&definition)?;
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

fn values() -> String {
    let switches = SHARED.map(|(name, value)| {
        format!("# False leaves out {name}, which another autoscaler may own.\n{value}: true\n")
    });
    format!("{NOTE}{}", switches.concat())
}

/// One definition as a template, named like the definition: `<group>_<plural>.yaml`.
fn template(definition: &Value) -> Result<Generated> {
    let text = |pointer: &str| definition.pointer(pointer).and_then(Value::as_str);
    let group = text("/spec/group").context("a definition has a group")?;
    let plural = text("/spec/names/plural").context("a definition has a plural")?;
    let yaml = serde_saphyr::to_string(definition)?;
    ensure!(!yaml.contains("{{"), "{plural}.{group} holds {{{{, which Helm would take as its own");
    let yaml = yaml.trim_end();
    let switch = SHARED.iter().find(|(name, _)| *name == format!("{plural}.{group}"));
    let text = match switch {
        Some((_, value)) => {
            format!("{NOTE}{{{{- if .Values.{value} }}}}\n{yaml}\n{{{{- end }}}}\n")
        }
        None => format!("{NOTE}{yaml}\n"),
    };
    Ok(Generated { path: format!("{CHART}/templates/{group}_{plural}.yaml"), text })
}
