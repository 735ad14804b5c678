//! Checks of the install chart: values, their schema, the templates, and the roles agree with each other and
//! with the code.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::CommandFactory;
use controller::access::{ACCESS, Access, OWN_NAMESPACE};
use controller::options::Options;
use serde_json::Value;

use crate::source::{Source, files};

#[cfg(test)]
mod tests;

/// Where the chart lives.
const CHART: &str = "charts/karpenter";

/// A chart, read.
pub(crate) struct Chart {
    values: Value,
    schema: Value,
    templates: Vec<Source>,
}

/// Fails with every finding.
pub(crate) fn run(root: &Path) -> Result<()> {
    let found = findings(&Chart::read(root)?)?;
    if found.is_empty() { Ok(()) } else { bail!("{}", found.join("\n")) }
}

impl Chart {
    /// Reads the chart.
    ///
    /// # Errors
    /// A file is missing, or is not YAML or JSON.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let chart = root.join(CHART);
        let text = |name: &str| {
            std::fs::read_to_string(chart.join(name))
                .with_context(|| format!("read {CHART}/{name}"))
        };
        let mut templates = files(root, &format!("{CHART}/templates"), ".yaml")?;
        for ending in [".tpl", ".txt"] {
            templates.extend(files(root, &format!("{CHART}/templates"), ending)?);
        }
        Ok(Self {
            values: serde_saphyr::from_str(&text("values.yaml")?).context("read values.yaml")?,
            schema: serde_json::from_str(&text("values.schema.json")?)?,
            templates,
        })
    }
}

/// What is wrong, one sentence each.
pub(crate) fn findings(chart: &Chart) -> Result<Vec<String>> {
    let mut found = vec![];
    schema_against_values(&chart.schema, &chart.values, "", &mut found);
    used_values(chart, &mut found);
    known_variables(&chart.templates, &mut found);
    role(&chart.templates, "clusterrole.yaml", &ACCESS, &mut found)?;
    role(&chart.templates, "role.yaml", &OWN_NAMESPACE, &mut found)?;
    Ok(found)
}

/// Every value has a schema of its type, and every schema a value. Objects whose keys are the user's own have no
/// `properties` and end the walk.
fn schema_against_values(schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    if !has_type(schema, value) {
        found.push(format!("values.schema.json: {path} has another type than in values.yaml"));
    }
    let (Some(known), Some(given)) = (schema["properties"].as_object(), value.as_object()) else {
        return;
    };
    if schema["additionalProperties"] != Value::Bool(false) {
        found.push(format!("values.schema.json: {path} lets unknown keys pass"));
    }
    for (key, value) in given {
        match known.get(key) {
            Some(schema) => schema_against_values(schema, value, &format!("{path}.{key}"), found),
            None => found.push(format!("values.schema.json lacks {path}.{key}")),
        }
    }
    // Helm itself adds `global`.
    let stray = known.keys().filter(|key| !given.contains_key(*key) && *key != "global");
    found.extend(stray.map(|key| format!("values.yaml lacks {path}.{key}")));
}

fn has_type(schema: &Value, value: &Value) -> bool {
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match &schema["type"] {
        Value::Array(names) => names.iter().any(|one| one == name),
        one => one == name,
    }
}

/// Templates read only values that exist, and every value is read.
fn used_values(chart: &Chart, found: &mut Vec<String>) {
    let mut used = BTreeSet::new();
    for template in &chart.templates {
        for path in template.text.split(".Values.").skip(1).map(dotted) {
            if chart.values.pointer(&format!("/{}", path.replace('.', "/"))).is_none() {
                found.push(format!("{}: there is no value {path}", template.path));
            }
            used.insert(path);
        }
    }
    let mut leaves = vec![];
    collect_leaves(&chart.values, String::new(), &mut leaves);
    let is_used = |leaf: &String| {
        used.iter().any(|path| leaf == path || leaf.starts_with(&format!("{path}.")))
    };
    let unused = leaves.iter().filter(|leaf| !is_used(leaf));
    found.extend(unused.map(|leaf| format!("values.yaml: no template reads {leaf}")));
}

/// The path at the start of `text`.
fn dotted(text: &str) -> String {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(text.len());
    text[..end].trim_end_matches('.').to_owned()
}

fn collect_leaves(value: &Value, path: String, leaves: &mut Vec<String>) {
    match value.as_object().filter(|object| !object.is_empty()) {
        Some(object) => {
            for (key, value) in object {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect_leaves(value, below, leaves);
            }
        }
        None => leaves.push(path),
    }
}

/// Variables that the deployment sets are variables of options.
fn known_variables(templates: &[Source], found: &mut Vec<String>) {
    let command = Options::command();
    let known: BTreeSet<String> = command
        .get_arguments()
        .filter_map(|argument| argument.get_env())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    let lines = templates.iter().flat_map(|template| template.text.lines());
    let names = lines.filter_map(|line| line.trim().strip_prefix("- name: "));
    let is_variable = |name: &&str| name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let unknown = names.filter(is_variable).filter(|name| !known.contains(*name));
    found.extend(unknown.map(|name| format!("deployment.yaml sets {name}, which no option reads")));
}

/// The rules of the role in `file` are a table of the code, rule by rule.
fn role(templates: &[Source], file: &str, table: &[Access], found: &mut Vec<String>) -> Result<()> {
    let role = templates.iter().find(|template| template.path.ends_with(&format!("/{file}")));
    let text = &role.with_context(|| format!("no {file}"))?.text;
    let rules = text.split_once("rules:\n").with_context(|| format!("{file} has no rules"))?.1;
    let rules = rules.split("  {{").next().unwrap_or_default();
    let rules: Vec<Value> = serde_saphyr::from_str(rules).context("read the rules")?;
    let granted: BTreeSet<String> = rules.iter().flat_map(grants).collect();
    let asked: BTreeSet<String> = table
        .iter()
        .flat_map(|row| row.verbs.iter().map(|verb| grant(verb, row.resource, row.group)))
        .collect();
    found.extend(asked.difference(&granted).map(|one| format!("{file} lacks {one}")));
    let surplus = granted.difference(&asked);
    found.extend(surplus.map(|one| format!("{file} grants {one}, which nobody asks for")));
    Ok(())
}

/// Every single thing a rule grants.
fn grants(rule: &Value) -> Vec<String> {
    let texts = |name: &str| {
        let all = rule[name].as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter_map(Value::as_str).map(String::from).collect::<Vec<_>>()
    };
    let mut all = vec![];
    for group in texts("apiGroups") {
        for resource in texts("resources") {
            all.extend(texts("verbs").iter().map(|verb| grant(verb, &resource, &group)));
        }
    }
    all
}

fn grant(verb: &str, resource: &str, group: &str) -> String {
    if group.is_empty() {
        format!("{verb} {resource}")
    } else {
        format!("{verb} {resource}.{group}")
    }
}
