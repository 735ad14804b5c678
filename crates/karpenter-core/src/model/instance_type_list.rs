//! The instance types of a catalogue, with what can be read off all of them together.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use super::catalog_digest::CatalogDigest;
use super::instance_type::InstanceType;

/// Instance types that never change, shared by whoever holds a clone; reads like a slice.
///
/// # Example
/// ```
/// # use karpenter_core::model::instance_type_list::InstanceTypeList;
/// # use karpenter_core::testing::instance_types::instance_type;
/// let types = InstanceTypeList::from(vec![instance_type("small").cpu("1").build()]);
/// assert_eq!(types.len(), 1);
/// assert!(types.is_same(&types.clone()));
/// ```
#[derive(Clone, Default)]
pub struct InstanceTypeList(Arc<Shared>);

#[derive(Default)]
struct Shared {
    types: Box<[Arc<InstanceType>]>,
    digest: OnceLock<CatalogDigest>,
}

impl InstanceTypeList {
    /// What the types say, by label, offering and resource; worked out when it is first asked for.
    pub fn digest(&self) -> &CatalogDigest {
        self.0.digest.get_or_init(|| CatalogDigest::of(&self.0.types))
    }

    /// Whether both are clones of one list; a quick answer that is never wrong when it is yes.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for InstanceTypeList {
    type Target = [Arc<InstanceType>];

    fn deref(&self) -> &Self::Target {
        &self.0.types
    }
}

impl PartialEq for InstanceTypeList {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || **self == **other
    }
}

impl fmt::Debug for InstanceTypeList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl From<Vec<Arc<InstanceType>>> for InstanceTypeList {
    fn from(types: Vec<Arc<InstanceType>>) -> Self {
        Self(Arc::new(Shared { types: types.into(), digest: OnceLock::new() }))
    }
}

impl FromIterator<Arc<InstanceType>> for InstanceTypeList {
    fn from_iter<I: IntoIterator<Item = Arc<InstanceType>>>(types: I) -> Self {
        types.into_iter().collect::<Vec<_>>().into()
    }
}
