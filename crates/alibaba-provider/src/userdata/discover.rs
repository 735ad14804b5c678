//! Join scripts from the cluster service, kept while their token is good.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use alibaba_sdk::cs::{CsApi, DescribeClusterAttachScripts};
use alibaba_sdk::error::SdkError;
use jiff::Timestamp;
use parking_lot::Mutex;

/// How long the token in a script is good.
const TOKEN_LIFE: Duration = Duration::from_secs(24 * 3600);
/// Scripts kept at most.
const MAX_SCRIPTS: usize = 256;

/// What a script depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScriptKey {
    /// Cluster to join.
    pub cluster_id: String,
    /// Whether the last data disk is formatted.
    pub format_disk: bool,
    /// `amd64` or `arm64`.
    pub arch: &'static str,
}

/// Scripts by key; cloning shares them.
#[derive(Clone, Default)]
pub struct Scripts(Arc<Mutex<BTreeMap<ScriptKey, Kept>>>);

#[derive(Clone)]
struct Kept {
    text: Arc<str>,
    until: Timestamp,
}

impl Scripts {
    /// The script of `key`, asked for when there is none younger than `ttl`.
    ///
    /// # Errors
    /// That of the call.
    ///
    /// Source: Alibaba action DescribeClusterAttachScripts.
    pub async fn get(
        &self,
        cs: &dyn CsApi,
        key: ScriptKey,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Arc<str>, SdkError> {
        if let Some(kept) = self.0.lock().get(&key).filter(|kept| kept.until > now) {
            return Ok(kept.text.clone());
        }
        let answer = cs.describe_cluster_attach_scripts(&request(&key, now)).await?;
        let text: Arc<str> = answer.0.into();
        let kept = Kept { text: text.clone(), until: now + ttl.min(TOKEN_LIFE / 2) };
        let mut scripts = self.0.lock();
        scripts.retain(|_, kept| kept.until > now);
        if scripts.len() < MAX_SCRIPTS {
            scripts.insert(key, kept);
        }
        Ok(text)
    }
}

fn request(key: &ScriptKey, now: Timestamp) -> DescribeClusterAttachScripts {
    DescribeClusterAttachScripts {
        cluster_id: key.cluster_id.clone(),
        nodepool_id: None,
        format_disk: Some(key.format_disk),
        keep_instance_name: Some(true),
        arch: Some(key.arch.to_owned()),
        expired: Some((now + TOKEN_LIFE).as_second()),
        one_time_token: Some(false),
    }
}
