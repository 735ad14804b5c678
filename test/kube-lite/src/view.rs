//! The shape objects are shown in, chosen by the `Accept` header.

use bytes::Bytes;
use http::HeaderMap;
use http::header::ACCEPT;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::kind::Kind;
use crate::request::Params;
use crate::store::{Packed, Stored};
use crate::table::{self, Include};

/// How objects are rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Whole objects.
    Object,
    /// `PartialObjectMetadata`: type and metadata only.
    Metadata,
    /// `Table`: the columns people read.
    Table(Include),
}

impl View {
    /// The first shape of the header that is known here; whole objects otherwise.
    ///
    /// # Errors
    /// `BadRequest` for an unknown `includeObject` of a table.
    pub(crate) fn of(headers: &HeaderMap, params: &Params) -> Result<Self, ApiError> {
        let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
        for range in accept.split(',') {
            if range.contains("as=Table") && range.contains("v=v1;") | range.ends_with("v=v1") {
                return Ok(Self::Table(Include::parse(&params.include_object)?));
            }
            if range.contains("as=PartialObjectMetadata") {
                return Ok(Self::Metadata);
            }
        }
        Ok(Self::Object)
    }

    /// JSON text of one object.
    pub(crate) fn show(self, kind: &Kind, stored: &Stored, now: Timestamp) -> Bytes {
        match self {
            Self::Object => stored.json.clone(),
            Self::Metadata => Bytes::from(partial(&stored.object).to_string()),
            Self::Table(include) => {
                let meta = json!({"resourceVersion": stored.version.to_string()});
                table::of(kind, std::slice::from_ref(stored), &meta, include, now)
            }
        }
    }

    /// As [`Self::show`]; only other shapes than the whole object need it parsed.
    pub(crate) fn show_packed(self, kind: &Kind, packed: &Packed, now: Timestamp) -> Bytes {
        match self {
            Self::Object => packed.json.clone(),
            Self::Metadata | Self::Table(_) => self.show(kind, &packed.unpack(), now),
        }
    }

    /// API version and kind of a list of objects or of their metadata.
    pub(crate) fn list_type(self, kind: &Kind) -> (String, String) {
        match self {
            Self::Object | Self::Table(_) => (kind.api_version(), kind.list_kind.clone()),
            Self::Metadata => ("meta.k8s.io/v1".to_owned(), "PartialObjectMetadataList".to_owned()),
        }
    }
}

/// Type and metadata of an object.
pub(crate) fn partial(object: &Value) -> Value {
    json!({
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
        "metadata": object["metadata"],
    })
}
