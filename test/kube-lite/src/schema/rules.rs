//! Rules in CEL, node by node.
//!
//! kube-cel evaluates; this module decides which rules run. It walks the object itself, because
//! a rule must not run again where nothing changed, and list items continue old items only by
//! their keys.

use std::fmt;

use kube_cel::{CompiledSchema, ErrorKind, ValidationError, compile_schema, validate_compiled};
use serde_json::Value;

use super::node::Node;
use super::normalize::join;
use crate::error::Cause;

/// The rules written at one node.
pub(super) struct NodeRules {
    /// All rules of the node, none of its children.
    all: CompiledSchema,
    /// Only the rules that name `oldSelf`: they judge a transition, so equal values count too.
    transitions: Option<CompiledSchema>,
}

impl fmt::Debug for NodeRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeRules({})", self.all.validations.len())
    }
}

impl NodeRules {
    /// Compiles `x-kubernetes-validations` of one node; `None` when there are none.
    ///
    /// # Errors
    /// A sentence naming the place of a rule that does not compile.
    pub(super) fn compile(schema: &Value, path: &str) -> Result<Option<Self>, String> {
        let written = crate::object::list(schema, "/x-kubernetes-validations");
        if written.is_empty() {
            return Ok(None);
        }
        let all = alone(schema);
        if let Some(Err(error)) = all.validations.iter().find(|rule| rule.is_err()) {
            return Err(format!("{path}: {error}"));
        }
        let mut transitions = alone(schema);
        transitions
            .validations
            .retain(|rule| rule.as_ref().is_ok_and(|rule| rule.is_transition_rule));
        let transitions = (!transitions.validations.is_empty()).then_some(transitions);
        Ok(Some(Self { all, transitions }))
    }

    fn run(&self, value: &Value, old: Option<&Value>, path: &str, causes: &mut Vec<Cause>) {
        let equal = old == Some(value);
        let Some(rules) = (if equal { self.transitions.as_ref() } else { Some(&self.all) }) else {
            return;
        };
        if let Err(errors) = validate_compiled(rules, value, old) {
            causes.extend(errors.as_slice().iter().map(|error| cause(error, path)));
        }
    }
}

/// A node's own rules with the types of what is below, but none of the rules below.
fn alone(schema: &Value) -> CompiledSchema {
    let mut compiled = compile_schema(schema);
    silence_children(&mut compiled);
    compiled
}

fn silence_children(node: &mut CompiledSchema) {
    #[expect(clippy::iter_over_hash_type, reason = "every child is changed alike")]
    for child in node.properties.values_mut() {
        silence(child);
    }
    node.items.iter_mut().for_each(|child| silence(child));
    node.additional_properties.iter_mut().for_each(|child| silence(child));
    node.all_of.iter_mut().chain(&mut node.any_of).chain(&mut node.one_of).for_each(silence);
}

fn silence(node: &mut CompiledSchema) {
    node.validations.clear();
    silence_children(node);
}

fn cause(error: &ValidationError, path: &str) -> Cause {
    let field = match (path, error.field_path.as_str()) {
        ("", "") => "<nil>".to_owned(),
        (path, "") => path.to_owned(),
        (path, below) => {
            format!("{path}.{}", below.trim_start_matches('.')).trim_start_matches('.').to_owned()
        }
    };
    let message = match error.kind {
        ErrorKind::ValidationFailure => error.message.clone(),
        _ => format!("rule {:?}: {}", error.rule, error.message),
    };
    match error.reason.as_deref() {
        Some("FieldValueRequired") => Cause::required(&field, &message),
        Some("FieldValueForbidden") => Cause::forbidden(&field, message),
        Some("FieldValueDuplicate") => {
            Cause::new("FieldValueDuplicate", &field, format!("Duplicate value: {message}"))
        }
        _ => Cause::invalid(&field, &Value::Object(serde_json::Map::new()), message),
    }
}

/// Runs the rules of a value and of everything below it, in path order.
pub(super) fn check(
    node: &Node,
    value: &Value,
    old: Option<&Value>,
    path: &str,
    causes: &mut Vec<Cause>,
) {
    if !node.ruled {
        return;
    }
    if let Some(rules) = &node.rules {
        rules.run(value, old, path, causes);
    }
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if let Some(schema) = node.member(name) {
                    let old = old.and_then(|old| old.get(name));
                    check(schema, value, old, &join(path, name), causes);
                }
            }
        }
        Value::Array(items) => {
            let whole = old == Some(value);
            for (index, item) in items.iter().enumerate() {
                let same = old.filter(|_| whole).and_then(|old| old.get(index));
                let old = same.or_else(|| old.and_then(|old| node.correlated(item, old)));
                if let Some(schema) = &node.items {
                    check(schema, item, old, &format!("{path}[{index}]"), causes);
                }
            }
        }
        _ => {}
    }
}
