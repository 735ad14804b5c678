//! The metadata service of the instances.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::string_enum::string_enum;

string_enum! {
    /// Whether the metadata service wants tokens.
    HttpTokens {
        /// Works without.
        Optional = "optional",
        /// Refuses requests without.
        Required = "required",
    }
}

string_enum! {
    /// Whether the metadata service answers.
    HttpEndpoint {
        /// It answers.
        Enabled = "enabled",
        /// It does not.
        Disabled = "disabled",
    }
}

/// Hops a token may travel when the class does not say.
pub const DEFAULT_HOP_LIMIT: i32 = 1;

/// Settings of the metadata service; what is not set is left to the platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetadataOptions {
    /// Whether requests need a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_tokens: Option<HttpTokens>,
    /// Whether the service answers at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_endpoint: Option<HttpEndpoint>,
    /// Hops a token may travel. Not sent: the cloud documents it as not available; any value but 1 is noted in the
    /// status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 64))]
    pub http_put_response_hop_limit: Option<i32>,
}
