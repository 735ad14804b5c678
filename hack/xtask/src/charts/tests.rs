use serde_json::json;

use super::{Chart, findings};
use crate::source::root;

fn chart() -> Chart {
    Chart::read(&root().expect("the root is above")).expect("the chart can be read")
}

/// The findings after `edit`.
fn after(edit: impl FnOnce(&mut Chart)) -> Vec<String> {
    let mut chart = chart();
    edit(&mut chart);
    findings(&chart).expect("the cluster role can be read")
}

fn replace(chart: &mut Chart, file: &str, from: &str, to: &str) {
    let template = chart.templates.iter_mut().find(|t| t.path.ends_with(file));
    let template = template.expect("the template exists");
    assert!(template.text.contains(from), "{from}");
    template.text = template.text.replacen(from, to, 1);
}

#[test]
fn the_install_chart_agrees_with_itself_and_with_the_code() {
    assert_eq!(after(|_| {}), Vec::<String>::new());
}

#[test]
fn values_and_schema_that_differ_are_found_both_ways() {
    assert_eq!(
        after(|chart| chart.values["replicas"] = json!("1")),
        ["values.schema.json: .replicas has another type than in values.yaml"]
    );
    let found = after(|chart| chart.values["settings"]["colour"] = json!("red"));
    assert!(found.contains(&"values.schema.json lacks .settings.colour".to_owned()), "{found:?}");
    let found = after(|chart| chart.schema["properties"]["colour"] = json!({"type": "string"}));
    assert_eq!(found, ["values.yaml lacks .colour"]);
    let found = after(|chart| chart.schema["additionalProperties"] = json!(true));
    assert_eq!(found, ["values.schema.json:  lets unknown keys pass"]);
}

#[test]
fn a_template_that_reads_a_missing_value_is_found_and_so_is_a_value_nobody_reads() {
    let found =
        after(|chart| replace(chart, "deployment.yaml", ".Values.dnsPolicy", ".Values.dns.policy"));
    assert_eq!(
        found,
        [
            "charts/karpenter/templates/deployment.yaml: there is no value dns.policy",
            "values.yaml: no template reads dnsPolicy"
        ]
    );
}

#[test]
fn a_variable_that_no_option_reads_is_found() {
    let found = after(|chart| replace(chart, "deployment.yaml", "name: REGION_ID", "name: REGION"));
    assert_eq!(found, ["deployment.yaml sets REGION, which no option reads"]);
}

#[test]
fn a_role_that_grants_too_little_or_too_much_is_found() {
    let found = after(|chart| {
        let (from, to) = ("resources: [pods/eviction]", "resources: [pods/exec]");
        replace(chart, "clusterrole.yaml", from, to);
    });
    assert_eq!(
        found,
        [
            "clusterrole.yaml lacks create pods/eviction",
            "clusterrole.yaml grants create pods/exec, which nobody asks for"
        ]
    );
    let found = after(|chart| replace(chart, "/role.yaml", "verbs: [get]", "verbs: [get, list]"));
    assert_eq!(found, ["role.yaml grants list secrets, which nobody asks for"]);
}
