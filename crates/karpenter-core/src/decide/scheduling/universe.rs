//! The resources of one solve, and amounts as arrays over them.

use crate::model::resources::{ResourceName, Resources};

/// Amounts in nano units, one per resource of the [`Universe`].
pub(super) type Amounts = Vec<i128>;

/// Every resource any pod of the solve asks for, in name order; always holds the number of pods.
///
/// A resource nobody asks for cannot decide anything, except by being negative where pods are to fit.
#[derive(Debug, Clone)]
pub(super) struct Universe {
    names: Vec<ResourceName>,
}

impl Universe {
    /// The resources of all `requests`.
    pub(super) fn of<'a>(requests: impl Iterator<Item = &'a Resources>) -> Self {
        let mut names = vec![ResourceName::pods()];
        for one in requests {
            for (name, _) in one.iter() {
                let mut known = names.iter();
                if !known.any(|known| known.is_identical(name)) && !names.contains(name) {
                    names.push(name.clone());
                }
            }
        }
        names.sort_unstable();
        Self { names }
    }

    /// The resources, in name order.
    pub(super) fn names(&self) -> &[ResourceName] {
        &self.names
    }

    /// How many resources there are.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// No amount of anything.
    pub(super) fn zero(&self) -> Amounts {
        vec![0; self.len()]
    }

    /// The amounts in `resources`; absent ones are zero.
    pub(super) fn amounts(&self, resources: &Resources) -> Amounts {
        let mut amounts = self.zero();
        for (name, quantity) in resources.iter() {
            let quick = self.names.iter().position(|own| own.is_identical(name));
            let at = quick.or_else(|| self.names.binary_search(name).ok());
            if let Some(at) = at {
                amounts[at] = quantity.nanos();
            }
        }
        amounts
    }
}

/// Whether `have` is enough for every amount of `want`.
pub(super) fn covers(have: &[i128], want: &[i128]) -> bool {
    want.iter().zip(have).all(|(want, have)| want <= have)
}

/// `total` plus `more`, in place.
pub(super) fn add(total: &mut [i128], more: &[i128]) {
    for (total, more) in total.iter_mut().zip(more) {
        *total += more;
    }
}

/// `left` less `taken`, in place.
pub(super) fn subtract(left: &mut [i128], taken: &[i128]) {
    for (left, taken) in left.iter_mut().zip(taken) {
        *left -= taken;
    }
}

/// Whether some entry is below zero, so that nothing fits at all.
pub(super) fn has_negative(resources: &Resources) -> bool {
    resources.iter().any(|(_, quantity)| quantity.is_negative())
}
