//! The shape objects are shown in, chosen by the `Accept` header.

use bytes::Bytes;
use http::HeaderMap;
use http::header::ACCEPT;
use serde_json::json;

use crate::kind::Kind;
use crate::store::{Packed, Stored};

/// How objects are rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Whole objects.
    Object,
    /// `PartialObjectMetadata`: type and metadata only.
    Metadata,
}

impl View {
    /// The first shape of the header that is known here; whole objects otherwise.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
        if accept.contains("as=PartialObjectMetadata") { Self::Metadata } else { Self::Object }
    }

    /// JSON text of one object.
    pub(crate) fn show(self, stored: &Stored) -> Bytes {
        match self {
            Self::Object => stored.json.clone(),
            Self::Metadata => Bytes::from(
                json!({
                    "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                    "metadata": stored.object["metadata"],
                })
                .to_string(),
            ),
        }
    }

    /// As [`Self::show`]; only other shapes than the whole object need it parsed.
    pub(crate) fn show_packed(self, packed: &Packed) -> Bytes {
        match self {
            Self::Object => packed.json.clone(),
            Self::Metadata => self.show(&packed.unpack()),
        }
    }

    /// API version and kind of a list in this shape.
    pub(crate) fn list_type(self, kind: &Kind) -> (String, String) {
        match self {
            Self::Object => (kind.api_version(), kind.list_kind.clone()),
            Self::Metadata => ("meta.k8s.io/v1".to_owned(), "PartialObjectMetadataList".to_owned()),
        }
    }
}
