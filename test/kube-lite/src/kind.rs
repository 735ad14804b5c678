//! What the server knows about one kind: names, scope, subresources and writing rules.

use std::sync::Arc;

use crate::schema::CustomSchema;
use crate::table::PrinterColumn;

/// Identity of a kind's log in the store: group and plural name.
pub(crate) type KindId = (String, String);

/// One served kind, built in or defined by a custom resource definition.
#[derive(Debug, Clone)]
pub(crate) struct Kind {
    /// API group; empty for the core group.
    pub(crate) group: String,
    /// The one served version.
    pub(crate) version: String,
    /// Kind of one object, such as `Pod`.
    pub(crate) kind: String,
    /// Kind of a list, such as `PodList`.
    pub(crate) list_kind: String,
    /// Path segment, such as `pods`.
    pub(crate) plural: String,
    /// Lower-case singular, such as `pod`.
    pub(crate) singular: String,
    /// Short names, such as `po`.
    pub(crate) short_names: Vec<String>,
    /// Categories, such as `all`.
    pub(crate) categories: Vec<String>,
    /// Whether objects live in a namespace.
    pub(crate) namespaced: bool,
    /// Whether there is a `status` subresource, so that the main endpoint ignores status.
    pub(crate) status: bool,
    /// Where the `scale` subresource reads and writes, when there is one.
    pub(crate) scale: Option<ScalePaths>,
    /// How writes behave.
    pub(crate) rules: WriteRules,
    /// Field selector paths beyond `metadata.name` and `metadata.namespace`.
    pub(crate) selectable: Vec<String>,
    /// Columns a custom kind is printed in, beside the name; empty for built-in kinds.
    pub(crate) columns: Vec<PrinterColumn>,
    /// Schema of a custom kind; `None` for built-in kinds.
    pub(crate) schema: Option<Arc<CustomSchema>>,
}

/// JSON pointers of the `scale` subresource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScalePaths {
    /// Pointer of the wished number, such as `/spec/replicas`.
    pub(crate) spec: String,
    /// Pointer of the observed number, such as `/status/replicas`.
    pub(crate) status: String,
    /// Pointer of the selector (a label selector or its text), when there is one.
    pub(crate) selector: Option<String>,
}

/// Small differences between kinds on writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WriteRules {
    /// Counts changes outside metadata and status in `metadata.generation`.
    pub(crate) generation: bool,
    /// A PUT without `resourceVersion` overwrites.
    pub(crate) unconditional_update: bool,
    /// A PUT to a missing name creates.
    pub(crate) create_on_update: bool,
    /// A POST may carry status (nodes register with their capacity).
    pub(crate) status_on_create: bool,
    /// DELETE answers with the removed object, not with a `Status`.
    pub(crate) returns_deleted: bool,
}

impl Kind {
    /// Identity of the log this kind is stored in.
    pub(crate) fn id(&self) -> KindId {
        (self.group.clone(), self.plural.clone())
    }

    /// `group/version`, or the version alone for the core group.
    pub(crate) fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// `plural.group`, as messages name a resource.
    pub(crate) fn qualified_plural(&self) -> String {
        qualified(&self.plural, &self.group)
    }

    /// `Kind.group`, as messages name a kind.
    pub(crate) fn qualified_kind(&self) -> String {
        qualified(&self.kind, &self.group)
    }

    /// Whether this is the built-in kind of that group and plural.
    pub(crate) fn is(&self, group: &str, plural: &str) -> bool {
        self.group == group && self.plural == plural
    }

    /// Whether this is the core kind `pods`.
    pub(crate) fn is_pod(&self) -> bool {
        self.is("", "pods")
    }
}

fn qualified(name: &str, group: &str) -> String {
    match group {
        "" => name.to_owned(),
        group => format!("{name}.{group}"),
    }
}
