use serde_json::{Value, json};

use super::budget::{self, PER_DEFINITION, PER_RULE, REQUEST, check};
use super::expression::{self, Estimate};
use super::{definitions, files};
use crate::generated::stale;
use crate::source::root;

#[test]
fn what_is_written_reads_back_as_the_definition() {
    let definitions = definitions();
    let files = files().expect("our definitions can be written");
    let (_, templates) = files.split_at(2);
    assert_eq!(templates.len(), definitions.len());
    for (file, definition) in templates.iter().zip(&definitions) {
        let plain = file.text.lines().filter(|line| !line.starts_with("{{-"));
        let plain: Vec<_> = plain.collect();
        let read: Value = serde_saphyr::from_str(&plain.join("\n")).expect("the file is YAML");
        assert_eq!(&read, definition, "{}", file.path);
    }
}

#[test]
fn the_kind_shared_with_other_autoscalers_can_be_left_out() {
    let files = files().expect("our definitions can be written");
    let switched: Vec<_> = files.iter().filter(|file| file.text.contains("{{- if")).collect();
    let [buffers] = switched.as_slice() else { panic!("{switched:?}") };
    assert!(buffers.path.contains("capacitybuffers"), "{}", buffers.path);
    assert!(buffers.text.contains("{{- if .Values.capacityBuffers }}"));
    assert!(files[1].text.contains("capacityBuffers: true"), "{}", files[1].text);
}

#[test]
fn the_chart_in_the_repository_is_the_one_the_code_makes() {
    let root = root().expect("the root is above");
    let files = files().expect("our definitions can be written");
    assert_eq!(stale(&root, &files), Vec::<&str>::new(), "run `cargo xtask crds`");
}

// behaviour 01#188
#[test]
fn every_rule_walks_bounded_things_only_and_costs_far_less_than_a_server_takes() {
    for definition in definitions() {
        let name = &definition["metadata"]["name"];
        check(&definition).expect("within the limits");
        let rules = budget::rules(&definition);
        assert!(!rules.is_empty(), "{name} has no rule at all");
        let sum: u64 = rules.iter().map(budget::Rule::cost).sum();
        assert!(sum < PER_DEFINITION / 2, "{name}: {sum}");
        for rule in rules {
            assert!(rule.cost() < PER_RULE / 2, "{name}: {}: {}", rule.path, rule.cost());
        }
    }
}

/// Estimates a rule that runs once in an object.
fn estimate(rule: &str, schema: &Value) -> Estimate {
    expression::estimate(rule, schema, REQUEST)
}

#[test]
fn what_a_rule_reads_to_its_end_needs_a_bound() {
    let text = json!({ "type": "string" });
    let list = |items: &Value| json!({ "type": "array", "items": items });
    let rows = [
        ("self != ''", &text, vec!["self"]),
        ("self.all(x, x != 'a')", &list(&text), vec!["self", "x"]),
        ("self.size() < 3", &list(&text), vec![]),
        ("self[0] == 'a'", &list(&text), vec!["self"]),
    ];
    for (rule, schema, unbounded) in rows {
        assert_eq!(estimate(rule, schema).unbounded, unbounded, "{rule}");
    }
    let object =
        json!({ "type": "object", "properties": { "a": text, "n": { "type": "integer" } } });
    assert_eq!(estimate("!has(self.a) || self.n > 1", &object).unbounded, [""; 0]);
    assert_eq!(estimate("self.a.startsWith('b')", &object).unbounded, ["a"]);
}

#[test]
fn loops_multiply_and_texts_cost_by_their_length() {
    let text = json!({ "type": "string", "maxLength": 100 });
    let list = json!({ "type": "array", "maxItems": 50, "items": text });
    let once = estimate("self != 'a'", &text).cost;
    assert!((11..30).contains(&once), "{once}");
    let looped = estimate("self.all(x, x != 'a')", &list).cost;
    assert!((50 * 11..50 * 30).contains(&looped), "{looped}");
    let nested = estimate("self.all(x, self.exists_one(y, x == y))", &list).cost;
    assert!((2500 * 22..2500 * 40).contains(&nested), "{nested}");
    let after = estimate("self.all(x, true) && self.size() < 3", &list).cost;
    assert!(after < 200, "what follows a loop is not part of it: {after}");
    let whole = json!({ "type": "object", "properties": {} });
    assert!(estimate("self == oldSelf", &whole).cost >= REQUEST / 10);
}

#[test]
fn definitions_that_a_server_would_refuse_are_refused() {
    let rule = json!([{ "rule": "self.all(x, x.matches('a'))", "message": "m" }]);
    let definition = |list: Value| {
        json!({ "metadata": { "name": "n" }, "spec": { "versions": [{ "schema": { "openAPIV3Schema": {
            "type": "object", "properties": { "list": list },
        } } }] } })
    };
    let items = json!({ "type": "string", "maxLength": 1000 });
    let unbounded = json!({ "type": "array", "items": items, "x-kubernetes-validations": rule });
    let said = check(&definition(unbounded.clone())).expect_err("no bound").to_string();
    assert!(said.contains(".list") && said.contains("bound"), "{said}");
    let mut huge = unbounded;
    huge["maxItems"] = json!(100_000);
    let said = check(&definition(huge)).expect_err("too dear").to_string();
    assert!(said.contains("costs"), "{said}");
}
