//! Metric families with their types and labels.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use karpenter_core::observe::cluster::GAUGES;
use karpenter_core::observe::families::Families;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use super::row;

/// Labels the encoder adds to histograms.
const OF_HISTOGRAMS: &str = "le";

/// What is known of one family.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Family {
    pub(super) kind: String,
    pub(super) help: String,
    pub(super) labels: BTreeSet<String>,
}

/// The page.
pub(super) fn page() -> Result<String> {
    let mut page = String::from(
        "# Metrics\n\nServed as OpenMetrics text at `/metrics`. Counters are shown as scraped, with `_total`; \
         histograms add `_bucket`, `_sum` and `_count`.\n\n| name | type | labels | meaning |\n|---|---|---|---|\n",
    );
    for (name, family) in families()? {
        let labels: Vec<_> = family.labels.iter().map(|label| format!("`{label}`")).collect();
        let ending = if family.kind == "counter" { "_total" } else { "" };
        let name = format!("`{name}{ending}`");
        page.push_str(&row([&*name, &*family.kind, &*labels.join(", "), &*family.help]));
    }
    Ok(page)
}

/// Every family the process may show, by name.
fn families() -> Result<BTreeMap<String, Family>> {
    let (all, mut registry) = (Families::default(), Registry::default());
    all.register(&mut registry);
    all.exemplify();
    controller::build::register(&mut registry);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    let mut families = parse(&text)?;
    for gauge in GAUGES {
        let family = Family {
            kind: "gauge".to_owned(),
            help: gauge.help.to_owned(),
            labels: gauge.labels.iter().map(|label| (*label).to_owned()).collect(),
        };
        if families.insert(gauge.name.to_owned(), family).is_some() {
            bail!("{} is registered twice", gauge.name);
        }
    }
    Ok(families)
}

/// Reads names, types, helps and labels from OpenMetrics text.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, Family>> {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines().take_while(|line| *line != "# EOF") {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').context("a help has a text")?;
            name.clone_into(&mut current);
            let help = help.trim_end_matches('.').to_owned();
            families.insert(current.clone(), Family { help, ..Family::default() });
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (_, kind) = rest.split_once(' ').context("a type has a name")?;
            kind.clone_into(&mut families.entry(current.clone()).or_default().kind);
        } else {
            families.entry(current.clone()).or_default().labels.extend(labels(line));
        }
    }
    Ok(families)
}

/// Names of the labels of a series; values of examples hold no quotes and no commas.
fn labels(series: &str) -> impl Iterator<Item = String> + '_ {
    let inside = series.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}'));
    let pairs = inside.map_or("", |(labels, _)| labels).split("\",");
    let names = pairs.filter_map(|pair| Some(pair.split_once('=')?.0.to_owned()));
    names.filter(|name| name != OF_HISTOGRAMS)
}
