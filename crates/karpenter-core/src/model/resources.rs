//! Amounts by resource name: requests, capacities, limits.
//!
//! A name may be present with zero; that is not the same as absent (a zero request is still a request).

#[cfg(test)]
mod tests;

use crate::model::ids::id;
use crate::model::quantity::{ParseQuantityError, Quantity};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as ApiQuantity;
use smallvec::SmallVec;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

id! {
    /// Name of a resource: `cpu`, `memory`, `nvidia.com/gpu`.
    ResourceName
}

macro_rules! well_known {
    ($($(#[$doc:meta])* $function:ident = $text:literal)*) => {
        impl ResourceName {$(
            $(#[$doc])*
            pub fn $function() -> ResourceName {
                static NAME: LazyLock<ResourceName> = LazyLock::new(|| $text.into());
                NAME.clone()
            }
        )*}
    };
}

well_known! {
    /// Processors.
    cpu = "cpu"
    /// Main memory, bytes.
    memory = "memory"
    /// Number of pods.
    pods = "pods"
    /// Local scratch space, bytes.
    ephemeral_storage = "ephemeral-storage"
    /// Number of nodes; exists in NodePool limits and status only.
    nodes = "nodes"
}

impl ResourceName {
    /// The name `text`, sharing the text of well-known names.
    pub fn shared(text: &str) -> Self {
        match text {
            "cpu" => Self::cpu(),
            "memory" => Self::memory(),
            "pods" => Self::pods(),
            "ephemeral-storage" => Self::ephemeral_storage(),
            other => other.into(),
        }
    }

    /// Whether both are the very same shared text; a quick answer that is never wrong when it is yes.
    pub fn is_identical(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether this is a size of huge pages, which are taken out of main memory.
    pub fn is_huge_pages(&self) -> bool {
        self.as_str().starts_with("hugepages-")
    }

    /// Whether a pod may ask for it as a whole instead of per container.
    ///
    /// Source: Kubernetes API, pod-level resources.
    pub fn is_pod_level(&self) -> bool {
        matches!(self.as_str(), "cpu" | "memory") || self.is_huge_pages()
    }
}

/// Amounts by resource name, sorted by name, each name at most once.
///
/// Binary operations are linear in the number of names of both sides.
///
/// # Example
/// ```
/// # use karpenter_core::model::resources::{ResourceName, Resources};
/// # use karpenter_core::model::quantity::Quantity;
/// let have = Resources::from_iter([(ResourceName::cpu(), Quantity::from_units(2))]);
/// let want = Resources::from_iter([(ResourceName::cpu(), Quantity::from_milli(2500))]);
/// assert!(!want.fits(&have));
/// assert_eq!(want.first_unfit(&have).map(|unfit| unfit.excess().to_string()).as_deref(), Some("500m"));
/// ```
///
/// Source: Karpenter behaviour, resource arithmetic.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Resources(SmallVec<[(ResourceName, Quantity); 4]>);

/// One resource that is wanted beyond what there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The resource.
    pub name: ResourceName,
    /// What is wanted; zero if the side that has is itself negative and nothing is wanted.
    pub want: Quantity,
    /// What there is.
    pub have: Quantity,
}

impl Unfit {
    /// By how much `want` exceeds `have`; always positive.
    pub fn excess(&self) -> Quantity {
        self.want - self.have
    }
}

/// A name seen in at least one of two sides, with what each side says.
struct Joined<'a> {
    name: &'a ResourceName,
    left: Option<Quantity>,
    right: Option<Quantity>,
}

impl Resources {
    /// No resource at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// The amount of `name`, if present.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// # use karpenter_core::model::resources::{ResourceName, Resources};
    /// let a = Resources::from_iter([(ResourceName::cpu(), Quantity::from_units(1))]);
    /// assert_eq!(a.get("cpu"), Some(Quantity::from_units(1)));
    /// assert_eq!(a.get("memory"), None);
    /// ```
    pub fn get(&self, name: &str) -> Option<Quantity> {
        self.position(name).ok().map(|at| self.0[at].1)
    }

    /// The amount of `name`; zero if absent.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// # use karpenter_core::model::resources::{ResourceName, Resources};
    /// let a = Resources::from_iter([(ResourceName::cpu(), Quantity::from_units(1))]);
    /// assert!(a.get_or_zero("memory").is_zero());
    /// ```
    pub fn get_or_zero(&self, name: &str) -> Quantity {
        self.get(name).unwrap_or(Quantity::ZERO)
    }

    /// Whether `name` is present, be it with zero.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// # use karpenter_core::model::resources::{ResourceName, Resources};
    /// let zero = Resources::from_iter([(ResourceName::cpu(), Quantity::ZERO)]);
    /// assert!(zero.contains("cpu"));
    /// ```
    pub fn contains(&self, name: &str) -> bool {
        self.position(name).is_ok()
    }

    /// Sets the amount of `name`; returns the former one.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// # use karpenter_core::model::resources::{ResourceName, Resources};
    /// let mut a = Resources::new();
    /// assert_eq!(a.insert(ResourceName::cpu(), Quantity::from_units(1)), None);
    /// assert_eq!(a.insert(ResourceName::cpu(), Quantity::from_units(2)), Some(Quantity::from_units(1)));
    /// ```
    pub fn insert(&mut self, name: ResourceName, quantity: Quantity) -> Option<Quantity> {
        match self.position(name.as_str()) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, quantity)),
            Err(at) => {
                self.0.insert(at, (name, quantity));
                None
            }
        }
    }

    /// Takes `name` out; returns its amount.
    pub fn remove(&mut self, name: &str) -> Option<Quantity> {
        self.position(name).ok().map(|at| self.0.remove(at).1)
    }

    /// The same with `name` set to `quantity`.
    #[must_use]
    pub fn with(mut self, name: ResourceName, quantity: Quantity) -> Self {
        self.insert(name, quantity);
        self
    }

    /// Names and amounts, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&ResourceName, Quantity)> {
        self.0.iter().map(|(name, quantity)| (name, *quantity))
    }

    /// How many names are present.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no name is present.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sum; its names are those of either side.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// # use karpenter_core::model::resources::{ResourceName, Resources};
    /// let a = Resources::from_iter([(ResourceName::cpu(), Quantity::from_units(1))]);
    /// let b = Resources::from_iter([(ResourceName::cpu(), Quantity::from_milli(500)), (ResourceName::pods(), Quantity::from_units(2))]);
    /// assert_eq!(a.add(&b).to_string(), r#"{"cpu":"1500m","pods":"2"}"#);
    /// ```
    #[must_use]
    pub fn add(&self, other: &Resources) -> Resources {
        self.join(other, |left, right| match (left, right) {
            (Some(left), Some(right)) => Some(left + right),
            (left, right) => left.or(right),
        })
    }

    /// Adds `other`; names new to `self` are taken over.
    pub fn add_in_place(&mut self, other: &Resources) {
        if self.0.is_empty() {
            self.clone_from(other);
            return;
        }
        for (index, (name, quantity)) in other.iter().enumerate() {
            // Requests of pods name the same few resources in the same order.
            if let Some((own, sum)) = self.0.get_mut(index)
                && own.is_identical(name)
            {
                *sum += quantity;
                continue;
            }
            match self.position(name.as_str()) {
                Ok(at) => self.0[at].1 += quantity,
                Err(at) => self.0.insert(at, (name.clone(), quantity)),
            }
        }
    }

    /// The difference; its names are those of `self` only.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// # use karpenter_core::model::resources::{ResourceName, Resources};
    /// let a = Resources::from_iter([(ResourceName::cpu(), Quantity::from_units(1))]);
    /// let b = Resources::from_iter([(ResourceName::cpu(), Quantity::from_milli(500)), (ResourceName::pods(), Quantity::from_units(2))]);
    /// assert_eq!(a.subtract(&b).to_string(), r#"{"cpu":"500m"}"#);
    /// ```
    #[must_use]
    pub fn subtract(&self, other: &Resources) -> Resources {
        self.join(other, |left, right| left.map(|left| right.map_or(left, |right| left - right)))
    }

    /// Subtracts `other` in place; a name new to `self` becomes a negative entry.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// # use karpenter_core::model::resources::{ResourceName, Resources};
    /// let mut a = Resources::from_iter([(ResourceName::cpu(), Quantity::from_units(1))]);
    /// let b = Resources::from_iter([(ResourceName::cpu(), Quantity::from_milli(500)), (ResourceName::pods(), Quantity::from_units(2))]);
    /// a.subtract_from(&b);
    /// assert_eq!(a.to_string(), r#"{"cpu":"500m","pods":"-2"}"#);
    /// ```
    pub fn subtract_from(&mut self, other: &Resources) {
        for (name, quantity) in other.iter() {
            match self.position(name.as_str()) {
                Ok(at) => self.0[at].1 -= quantity,
                Err(at) => self.0.insert(at, (name.clone(), -quantity)),
            }
        }
    }

    /// The larger amount of each name of either side.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// # use karpenter_core::model::resources::{ResourceName, Resources};
    /// let a = Resources::from_iter([(ResourceName::cpu(), Quantity::from_units(1))]);
    /// let b = Resources::from_iter([(ResourceName::cpu(), Quantity::from_milli(500)), (ResourceName::pods(), Quantity::from_units(2))]);
    /// assert_eq!(a.max(&b).to_string(), r#"{"cpu":"1","pods":"2"}"#);
    /// ```
    #[must_use]
    pub fn max(&self, other: &Resources) -> Resources {
        self.join(other, |left, right| match (left, right) {
            (Some(left), Some(right)) => Some(left.max(right)),
            (left, right) => left.or(right),
        })
    }

    /// The smaller amount of each name of **both** sides; other names are dropped.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// # use karpenter_core::model::resources::{ResourceName, Resources};
    /// let a = Resources::from_iter([(ResourceName::cpu(), Quantity::from_units(1))]);
    /// let b = Resources::from_iter([(ResourceName::cpu(), Quantity::from_milli(500)), (ResourceName::pods(), Quantity::from_units(2))]);
    /// assert_eq!(a.min(&b).to_string(), r#"{"cpu":"500m"}"#);
    /// ```
    #[must_use]
    pub fn min(&self, other: &Resources) -> Resources {
        self.join(other, |left, right| Some(left?.min(right?)))
    }

    /// The amounts of `other` where present, else those of `self`.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// # use karpenter_core::model::resources::{ResourceName, Resources};
    /// let a = Resources::from_iter([(ResourceName::cpu(), Quantity::from_units(1))]);
    /// let b = Resources::from_iter([(ResourceName::cpu(), Quantity::from_milli(500)), (ResourceName::pods(), Quantity::from_units(2))]);
    /// assert_eq!(a.override_with(&b).to_string(), r#"{"cpu":"500m","pods":"2"}"#);
    /// ```
    #[must_use]
    pub fn override_with(&self, other: &Resources) -> Resources {
        self.join(other, |left, right| right.or(left))
    }

    /// The same with the number of pods set to `count`, as schedulers count them.
    pub fn with_pods(&self, count: i64) -> Resources {
        self.clone().with(ResourceName::pods(), Quantity::from_units(count))
    }

    /// Takes `amount` from the entry `name`, down to zero at most; an absent entry stays absent.
    pub fn reduce(&mut self, name: &ResourceName, amount: Quantity) {
        if let Some(present) = self.get(name.as_str()) {
            let left = if present > amount { present - amount } else { Quantity::ZERO };
            self.insert(name.clone(), left);
        }
    }

    /// Whether these amounts, taken as wanted, fit into `have`: no entry of `have` is negative and none is exceeded.
    /// A name absent from `have` counts as zero there.
    ///
    /// # Example
    /// ```
    /// # use karpenter_core::model::quantity::Quantity;
    /// # use karpenter_core::model::resources::{ResourceName, Resources};
    /// let a = Resources::from_iter([(ResourceName::cpu(), Quantity::from_units(1))]);
    /// let b = Resources::from_iter([(ResourceName::cpu(), Quantity::from_milli(500)), (ResourceName::pods(), Quantity::from_units(2))]);
    /// assert!(!b.fits(&a), "there is no room for pods");
    /// assert!(Resources::new().fits(&a));
    /// ```
    pub fn fits(&self, have: &Resources) -> bool {
        have.0.iter().all(|(_, quantity)| !quantity.is_negative())
            && self.0.iter().all(|(name, want)| *want <= have.get_or_zero(name.as_str()))
    }

    /// The first name, in order, that keeps these amounts from fitting into `have`.
    pub fn first_unfit(&self, have: &Resources) -> Option<Unfit> {
        joined(self, have).find_map(|joined| unfit(&joined))
    }

    /// Every name that keeps these amounts from fitting into `have`, sorted; empty exactly if they fit.
    pub fn unfits(&self, have: &Resources) -> Vec<Unfit> {
        joined(self, have).filter_map(|joined| unfit(&joined)).collect()
    }

    /// Reads the map of a Kubernetes object.
    ///
    /// # Errors
    /// The first amount, by name, that is not a quantity.
    pub fn from_api(map: &BTreeMap<String, ApiQuantity>) -> Result<Self, ParseQuantityError> {
        map.iter()
            .map(|(name, quantity)| Ok((ResourceName::shared(name), quantity.try_into()?)))
            .collect()
    }

    /// The map of a Kubernetes object, with canonical amounts.
    pub fn to_api(&self) -> BTreeMap<String, ApiQuantity> {
        self.iter().map(|(name, quantity)| (name.to_string(), quantity.into())).collect()
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.as_str().cmp(name))
    }

    fn join(
        &self,
        other: &Resources,
        combine: impl Fn(Option<Quantity>, Option<Quantity>) -> Option<Quantity>,
    ) -> Resources {
        let entry =
            |joined: Joined<'_>| Some((joined.name.clone(), combine(joined.left, joined.right)?));
        Resources(joined(self, other).filter_map(entry).collect())
    }
}

/// Walks both sides at once, by name.
fn joined<'a>(left: &'a Resources, right: &'a Resources) -> impl Iterator<Item = Joined<'a>> {
    let (mut left, mut right) = (left.0.iter().peekable(), right.0.iter().peekable());
    std::iter::from_fn(move || {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) if a.is_identical(b) => Ordering::Equal,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
        };
        let left = if order.is_le() { left.next() } else { None };
        let right = if order.is_ge() { right.next() } else { None };
        let (name, _) = left.or(right)?;
        let amount = |entry: &(ResourceName, Quantity)| entry.1;
        Some(Joined { name, left: left.map(amount), right: right.map(amount) })
    })
}

fn unfit(joined: &Joined<'_>) -> Option<Unfit> {
    let have = joined.right.unwrap_or(Quantity::ZERO);
    let want = match joined.left {
        _ if have.is_negative() => joined.left.unwrap_or(Quantity::ZERO).max(Quantity::ZERO),
        Some(want) if want > have => want,
        Some(_) | None => return None,
    };
    Some(Unfit { name: joined.name.clone(), want, have })
}

/// The last amount of a name wins.
impl FromIterator<(ResourceName, Quantity)> for Resources {
    fn from_iter<I: IntoIterator<Item = (ResourceName, Quantity)>>(entries: I) -> Self {
        let mut resources = Resources::new();
        for (name, quantity) in entries {
            resources.insert(name, quantity);
        }
        resources
    }
}

/// Prints as JSON with sorted names and canonical amounts: `{"cpu":"100m","memory":"1Gi"}`.
impl fmt::Display for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (at, (name, quantity)) in self.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            // A JSON string escapes what a resource name from outside may contain.
            let name = serde_json::Value::from(name.as_str());
            write!(f, "{comma}{name}:\"{quantity}\"")?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
