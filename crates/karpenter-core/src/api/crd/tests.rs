use super::*;

fn version(name: &str) -> Value {
    let found = documents().into_iter().find(|crd| crd["metadata"]["name"] == name);
    found.unwrap()["spec"]["versions"][0].clone()
}

fn field(name: &str, path: &str) -> Value {
    let pointer = path.split('.').map(|part| match part {
        "[]" => "/items".to_owned(),
        "{}" => "/additionalProperties".to_owned(),
        part => format!("/properties/{part}"),
    });
    let schema = version(name)["schema"]["openAPIV3Schema"].clone();
    schema.pointer(&pointer.collect::<String>()).unwrap().clone()
}

fn each(schema: &Value, visit: &mut dyn FnMut(&Map<String, Value>)) {
    let Value::Object(node) = schema else { return };
    visit(node);
    let below = node.get("properties").and_then(Value::as_object);
    below.into_iter().flat_map(Map::values).for_each(|schema| each(schema, visit));
    for name in ["items", "additionalProperties"] {
        node.get(name).into_iter().for_each(|schema| each(schema, visit));
    }
}

#[test]
fn definitions_are_the_reviewed_ones() {
    insta::assert_yaml_snapshot!("crds", documents());
}

// behaviour 01#188
#[test]
fn no_schema_uses_words_the_api_server_refuses() {
    for crd in crds() {
        let name = crd.metadata.name.unwrap();
        each(&version(&name)["schema"]["openAPIV3Schema"], &mut |node| {
            for word in ["$ref", "oneOf", "allOf", "not", "nullable", "title", "examples", "const"]
            {
                assert!(!node.contains_key(word), "{name}: {word} in {node:?}");
            }
            let int_or_string = node.contains_key("x-kubernetes-int-or-string");
            assert_eq!(node.contains_key("anyOf"), int_or_string, "{name}: {node:?}");
            assert_ne!(node.contains_key("type"), int_or_string, "{name}: {node:?}");
        });
    }
}

#[test]
fn every_field_says_what_it_is_for() {
    for crd in crds() {
        let name = crd.metadata.name.unwrap();
        each(&version(&name)["schema"]["openAPIV3Schema"], &mut |node| {
            let properties = node.get("properties").and_then(Value::as_object);
            for (field, schema) in properties.into_iter().flatten() {
                let description = schema["description"].as_str().unwrap_or_default();
                assert!(field == "metadata" || !description.is_empty(), "{name}: {field}");
                assert!(!description.contains("Source:"), "{name}: {field}");
            }
        });
    }
}

// behaviour 01#10
// behaviour 01#6
#[test]
fn the_default_of_disruption_leaves_the_rest_to_its_members() {
    let disruption = field("nodepools.karpenter.sh", "spec.disruption");
    assert_eq!(disruption["default"], json!({ "consolidateAfter": "0s" }));
    let members = &disruption["properties"];
    assert_eq!(members["consolidateAfter"]["default"], "0s");
    assert_eq!(members["consolidationPolicy"]["default"], "WhenEmptyOrUnderutilized");
    assert_eq!(members["budgets"]["default"], json!([{ "nodes": "10%" }]));
    assert_eq!(members["budgets"]["items"]["properties"]["nodes"]["default"], "10%");
    assert_eq!(members["budgets"]["items"]["required"], json!(["nodes"]));
}

// behaviour 01#15
// behaviour 01#18
// behaviour 01#19
// behaviour 01#29
// behaviour 01#37
// behaviour 01#38
#[test]
fn bounds_of_numbers_and_lists_are_those_of_the_published_kind() {
    let number = |path: &str, bound: &str| field("nodepools.karpenter.sh", path)[bound].as_i64();
    assert_eq!(number("spec.disruption.budgets", "maxItems"), Some(50));
    assert_eq!(number("spec.disruption.budgets.[].reasons", "maxItems"), Some(50));
    assert_eq!(number("spec.weight", "minimum"), Some(1));
    assert_eq!(number("spec.weight", "maximum"), Some(100));
    assert_eq!(number("spec.replicas", "minimum"), Some(0));
    assert_eq!(number("spec.template.metadata.labels", "maxProperties"), Some(100));
    assert_eq!(number("spec.template.spec.requirements", "maxItems"), Some(100));
    assert_eq!(number("spec.template.spec.requirements.[].minValues", "minimum"), Some(1));
    assert_eq!(number("spec.template.spec.requirements.[].minValues", "maximum"), Some(50));
    assert_eq!(number("spec.template.spec.requirements.[].key", "maxLength"), Some(316));
}

// behaviour 01#32
#[test]
fn the_pool_key_is_restricted_in_requirements_of_pools_only() {
    let messages = |name: &str, path: &str| {
        field(name, path)["x-kubernetes-validations"]
            .to_string()
            .matches("sh/nodepool\\\" is")
            .count()
    };
    let pool = messages("nodepools.karpenter.sh", "spec.template.spec.requirements.[].key");
    assert_eq!(pool, 1);
    assert_eq!(messages("nodeclaims.karpenter.sh", "spec.requirements.[].key"), 0);
}

// behaviour 01#54
#[test]
fn a_claim_may_have_conditions_without_reason_and_a_pool_may_not() {
    let required = |name: &str| field(name, "status.conditions.[]")["required"].clone();
    assert_eq!(
        required("nodepools.karpenter.sh"),
        json!(["lastTransitionTime", "message", "reason", "status", "type"])
    );
    assert_eq!(
        required("nodeclaims.karpenter.sh"),
        json!(["lastTransitionTime", "status", "type"])
    );
}

// behaviour 01#41
#[test]
fn requirements_and_the_node_class_are_required_but_requirements_may_be_empty() {
    let spec = field("nodepools.karpenter.sh", "spec.template.spec");
    assert_eq!(spec["required"], json!(["nodeClassRef", "requirements"]));
    assert_eq!(spec["properties"]["requirements"].get("minItems"), None);
}

// behaviour 01#179
#[test]
fn a_plain_table_has_four_columns_and_a_wide_one_seven() {
    let version = version("nodepools.karpenter.sh");
    let columns = version["additionalPrinterColumns"].as_array().unwrap();
    let plain: Vec<_> = columns.iter().filter(|c| c["priority"].is_null()).collect();
    assert_eq!((plain.len(), columns.len()), (4, 7));
}

#[test]
fn a_pool_scales_by_replicas_and_reports_nodes() {
    assert_eq!(
        version("nodepools.karpenter.sh")["subresources"],
        json!({
            "scale": { "specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.nodes" },
            "status": {},
        })
    );
}
