//! Objects at rest: JSON text alone, a tenth of the size of a parsed object.

use bytes::Bytes;
use serde_json::Value;

use super::{Selector, Stored};

/// One version of one object as text; a clone shares the text.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    /// The object as JSON text, shared by every answer that carries it.
    pub(crate) json: Bytes,
    /// Version of the change that made it.
    pub(crate) version: u64,
}

impl Packed {
    /// Parses the text: some microseconds.
    pub(crate) fn unpack(&self) -> Stored {
        Stored { object: self.value().into(), json: self.json.clone(), version: self.version }
    }

    /// Whether the object is selected; parses only what may be.
    pub(crate) fn matches(&self, selector: &Selector) -> bool {
        selector.is_everything()
            || (selector.may_match(&self.json) && selector.matches(&self.value()))
    }

    /// The object with nothing but its metadata; much cheaper than all of it.
    pub(crate) fn head(&self) -> Value {
        #[derive(serde::Deserialize)]
        struct Head {
            #[serde(default)]
            metadata: Value,
        }
        let head = serde_json::from_slice::<Head>(&self.json);
        serde_json::json!({"metadata": head.map(|head| head.metadata).unwrap_or_default()})
    }

    /// Whether the text mentions a member name anywhere.
    pub(crate) fn mentions(&self, member: &str) -> bool {
        std::str::from_utf8(&self.json).is_ok_and(|text| text.contains(member))
    }

    /// Text this server wrote can always be read; a foreign text reads as `null`.
    fn value(&self) -> Value {
        serde_json::from_slice(&self.json).unwrap_or_default()
    }
}

impl From<&Stored> for Packed {
    fn from(stored: &Stored) -> Self {
        Self { json: stored.json.clone(), version: stored.version }
    }
}
