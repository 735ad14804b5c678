//! DescribeClusterAttachScripts: the script that joins an instance to a cluster.

use serde::{Deserialize, Serialize, de::Error as _};

use crate::action::{Action, Call, Product};

/// Asks for the join script. Absent members are not sent; with none the body is `{}`.
///
/// Source: Alibaba action DescribeClusterAttachScripts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DescribeClusterAttachScripts {
    /// Id of the cluster.
    #[serde(skip)]
    pub cluster_id: String,
    /// Node pool whose settings apply; the default pool when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodepool_id: Option<String>,
    /// Whether the last data disk is formatted for runtime and kubelet; default false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format_disk: Option<bool>,
    /// Whether the instance keeps its name; default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_instance_name: Option<bool>,
    /// `amd64` (default), `arm64` or `arm`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// Expiry of the token inside, seconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expired: Option<i64>,
    /// Whether the token inside works once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub one_time_token: Option<bool>,
}

/// The join script, verbatim; holds a bootstrap token, so it is not in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct AttachScript(pub String);

impl std::fmt::Debug for AttachScript {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "AttachScript({} bytes)", self.0.len())
    }
}

impl Action for DescribeClusterAttachScripts {
    const PRODUCT: Product = Product::Cs;
    const NAME: &'static str = "DescribeClusterAttachScripts";
    type Response = AttachScript;

    fn call(&self) -> Result<Call, serde_json::Error> {
        Call::post_json(&["clusters", &self.cluster_id, "attachscript"], self)
    }

    /// The body is plain text; one that is exactly one JSON string is decoded, as the reference prints it.
    fn decode(body: &[u8]) -> Result<Self::Response, serde_json::Error> {
        let text = std::str::from_utf8(body).map_err(serde_json::Error::custom)?;
        let quoted = text.starts_with('"').then(|| serde_json::from_str::<JsonText>(text));
        Ok(AttachScript(match quoted {
            Some(Ok(JsonText(script))) => script,
            _ => text.to_owned(),
        }))
    }
}

#[derive(Deserialize)]
struct JsonText(String);
