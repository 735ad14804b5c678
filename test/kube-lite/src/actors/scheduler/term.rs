//! One term of pod affinity or anti-affinity.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::pod::with_label_keys;
use crate::actors::world::Objects;
use crate::object::{Key, list, str_at};
use crate::store::Selector;

/// Which pods a term speaks of, and over which topology.
///
/// Source: Kubernetes API (PodAffinityTerm).
#[derive(Debug, Clone)]
pub(super) struct Term {
    /// Text of the term: equal texts select equal pods over equal topologies.
    pub(super) id: String,
    pub(super) topology_key: String,
    selector: Option<Selector>,
    namespaces: BTreeSet<String>,
    namespace_selector: Option<Selector>,
}

impl Term {
    /// Reads the term of a pod.
    pub(super) fn read(term: &Value, pod: &Value, key: &Key) -> Self {
        let members = [("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")];
        let selector = with_label_keys(term, &members, pod);
        let mut namespaces: BTreeSet<String> =
            list(term, "/namespaces").iter().filter_map(|n| Some(n.as_str()?.to_owned())).collect();
        let chosen = term.get("namespaceSelector").cloned().unwrap_or_default();
        if namespaces.is_empty() && chosen.is_null() {
            namespaces.insert(key.namespace.clone());
        }
        let topology_key = str_at(term, "/topologyKey").unwrap_or("").to_owned();
        Self {
            id: json!([topology_key, selector, namespaces, chosen]).to_string(),
            topology_key,
            selector: Selector::of_object(&selector),
            namespaces,
            namespace_selector: Selector::of_object(&chosen),
        }
    }

    /// Whether the term speaks of this pod.
    pub(super) fn selects(&self, pod: &Value, key: &Key, namespaces: &Objects) -> bool {
        let in_namespace = self.namespaces.contains(&key.namespace)
            || self.namespace_selector.as_ref().is_some_and(|selector| {
                let namespace = namespaces.get(&Key::new("", &key.namespace));
                namespace.is_some_and(|namespace| selector.matches(namespace))
            });
        in_namespace && self.selector.as_ref().is_some_and(|selector| selector.matches(pod))
    }
}
