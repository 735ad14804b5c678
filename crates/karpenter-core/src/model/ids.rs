//! Identities as types: a name of one kind cannot be passed for a name of another.
//!
//! All of them share their text, so a clone is a counter increment.

use std::fmt;
use std::sync::Arc;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.0, f)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        /// Lets maps keyed by the id be searched by text.
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl From<std::sync::Arc<str>> for $name {
            fn from(text: std::sync::Arc<str>) -> Self {
                Self(text)
            }
        }
    )*};
}
pub(crate) use id;

id! {
    /// Name of a NodePool; unique in the cluster.
    NodePoolName
    /// Name of a NodeClaim; unique in the cluster.
    NodeClaimName
    /// Name of a NodeOverlay; unique in the cluster.
    NodeOverlayName
    /// Name of a Node; unique in the cluster.
    NodeName
    /// What the cloud calls the instance, as in `Node.spec.providerID`.
    ProviderId
    /// Availability zone, as in the label `topology.kubernetes.io/zone`.
    Zone
    /// Name of an instance type, as in the label `node.kubernetes.io/instance-type`.
    InstanceTypeName
    /// What the cloud calls a capacity reservation.
    ReservationId
    /// A namespace.
    Namespace
    /// `metadata.uid`: tells apart two objects that had the same name one after the other.
    Uid
    /// Key of a label, normalised or not.
    LabelKey
    /// `metadata.resourceVersion`; compare with [`ResourceVersion::is_older_than`], never as text.
    ResourceVersion
}

impl LabelKey {
    /// Whether both are the very same shared text; a quick answer that is never wrong when it is yes.
    pub(crate) fn is_identical(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl ResourceVersion {
    /// Whether `self` was written before `other`; versions that are not decimal numbers are never older.
    ///
    /// Source: Kubernetes API (comparison of resource versions).
    pub fn is_older_than(&self, other: &Self) -> bool {
        let numeric = |text: &str| {
            !text.is_empty() && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
        };
        let (own, theirs) = (self.as_str(), other.as_str());
        numeric(own) && numeric(theirs) && (own.len(), own) < (theirs.len(), theirs)
    }
}

/// Identity of a namespaced object other than a pod. Prints as `namespace/name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    /// Where the object lives.
    pub namespace: Namespace,
    /// Its name, unique in the namespace.
    pub name: Arc<str>,
}

impl ObjectKey {
    /// The key of object `name` in `namespace`.
    pub fn new(namespace: impl Into<Namespace>, name: impl Into<Arc<str>>) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// Identity of a node class. Prints as `Kind.group/name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeClassKey {
    /// API group.
    pub group: Arc<str>,
    /// Kind.
    pub kind: Arc<str>,
    /// Name, unique in the cluster.
    pub name: Arc<str>,
}

impl NodeClassKey {
    /// The key of the object `name` of `kind` in `group`.
    pub fn new(
        group: impl Into<Arc<str>>,
        kind: impl Into<Arc<str>>,
        name: impl Into<Arc<str>>,
    ) -> Self {
        Self { group: group.into(), kind: kind.into(), name: name.into() }
    }
}

impl fmt::Display for NodeClassKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}/{}", self.kind, self.group, self.name)
    }
}

/// Identity of a pod; ordered by namespace, then name. Prints as `namespace/name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodKey {
    /// Where the pod lives.
    pub namespace: Namespace,
    /// Its name, unique in the namespace.
    pub name: Arc<str>,
}

impl PodKey {
    /// The key of pod `name` in `namespace`.
    pub fn new(namespace: impl Into<Namespace>, name: impl Into<Arc<str>>) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }
}

impl fmt::Display for PodKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}
