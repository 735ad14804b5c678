//! What a machine learns from its user data: the arguments of the script that joins it to the cluster.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

#[cfg(test)]
mod tests;

/// Arguments of the join script.
///
/// Source: Alibaba action DescribeClusterAttachScripts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JoinScript {
    /// `--labels`.
    pub labels: BTreeMap<String, String>,
    /// `--taints` as (key, value, effect).
    pub taints: Vec<(String, String, String)>,
    /// `maxPods` of the kubelet configuration in `--node-config`.
    pub max_pods: Option<u64>,
}

impl JoinScript {
    /// Reads base64 user data; `None` when there is no join script in it, so the machine never joins.
    pub fn read(user_data: &str) -> Option<Self> {
        let script = String::from_utf8(STANDARD.decode(user_data.trim()).ok()?).ok()?;
        let line = script.lines().find(|line| line.contains("attach_node.sh"))?;
        let words = split_words(line);
        let value = |flag: &str| {
            let at = words.iter().position(|word| word == flag)?;
            words.get(at + 1).cloned()
        };
        Some(Self {
            labels: value("--labels").map(|text| labels(&text)).unwrap_or_default(),
            taints: value("--taints").map(|text| taints(&text)).unwrap_or_default(),
            max_pods: value("--node-config").and_then(|text| max_pods(&text)),
        })
    }
}

fn labels(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn taints(text: &str) -> Vec<(String, String, String)> {
    let items = text.split(',').filter_map(|item| item.rsplit_once(':'));
    items
        .map(|(taint, effect)| {
            let (key, value) = taint.split_once('=').unwrap_or((taint, ""));
            (key.to_owned(), value.to_owned(), effect.to_owned())
        })
        .collect()
}

fn max_pods(encoded: &str) -> Option<u64> {
    let config: Value = serde_json::from_slice(&STANDARD.decode(encoded).ok()?).ok()?;
    config.pointer("/kubelet_config/maxPods")?.as_u64()
}

/// Words of a shell line: spaces separate, quotes group, a backslash takes the next character as it is.
fn split_words(line: &str) -> Vec<String> {
    let mut words = vec![];
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().extend(chars.next()),
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
