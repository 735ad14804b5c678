//! The user data of one launch.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use karpenter_core::model::node_claim::NodeClaim;

use super::mime;
use super::script::{JoinScript, ScriptError};
use super::settings::{node_config, node_labels, node_taints};
use crate::api::node_class::ECSNodeClassSpec;

/// Most bytes of user data before encoding.
pub const LIMIT: usize = 32 * 1024;

/// What user data are made from.
#[derive(Debug, Clone, Copy)]
pub struct Recipe<'a> {
    /// Class.
    pub spec: &'a ECSNodeClassSpec,
    /// Claim the node is for.
    pub claim: &'a NodeClaim,
    /// Cluster it joins.
    pub cluster_id: &'a str,
    /// Labels this launch decides on.
    pub chosen: &'a BTreeMap<String, String>,
    /// Most pods.
    pub max_pods: i64,
}

/// Why there are no user data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UserDataError {
    /// The script of the cluster service is not what we know.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// Too long.
    #[error("user data of {0} bytes exceed the limit of {LIMIT}; shorten userData")]
    TooLarge(usize),
}

/// User data in base64: the user's alone, or the join script with the node's settings followed by the user's.
///
/// The same recipe and script give the same bytes.
///
/// # Errors
/// [`UserDataError`].
pub fn user_data(recipe: Recipe<'_>, script: Option<&str>) -> Result<String, UserDataError> {
    let own = recipe.spec.user_data.as_deref().filter(|text| !text.is_empty());
    let raw = match (script, own) {
        (None, own) => own.unwrap_or_default().to_owned(),
        (Some(script), None) => join_script(recipe, script)?,
        (Some(script), Some(own)) => {
            let mut parts = vec![mime::shell(join_script(recipe, script)?)];
            parts.extend(mime::parts(own));
            mime::archive(&parts)
        }
    };
    if raw.len() > LIMIT {
        return Err(UserDataError::TooLarge(raw.len()));
    }
    Ok(STANDARD.encode(raw))
}

fn join_script(recipe: Recipe<'_>, text: &str) -> Result<String, ScriptError> {
    let mut script = JoinScript::parse(text)?;
    let mut labels = pairs(script.flag("labels").unwrap_or_default());
    labels.extend(node_labels(recipe.claim, recipe.chosen, recipe.cluster_id));
    let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let mut taints = node_taints(recipe.claim);
    let given = script.flag("taints").unwrap_or_default();
    taints.extend(given.split(',').filter(|taint| !taint.is_empty()).map(str::to_owned));
    script.set_flag("labels", &labels.join(","));
    script.set_flag("taints", &taints.into_iter().collect::<Vec<_>>().join(","));
    let config = node_config(recipe.max_pods, recipe.spec.kubelet.as_ref());
    script.set_flag("node-config", &config);
    Ok(script.to_string())
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    let entries = text.split(',').filter_map(|entry| entry.split_once('='));
    entries.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}
