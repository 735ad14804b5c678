//! The domains there are: values of a label that nodes have, or that new nodes of a pool can have.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::ids::LabelKey;
use crate::model::requirement::Requirement;
use crate::model::requirements::Requirements;

/// Values of `key` that nodes made from `template` can have: those it lists itself, and those that its instance types
/// have `listed` and it allows. What is excluded is no domain.
///
/// Source: Karpenter behaviour, domain universe. Differs: excluded values do not count; all labels of the template do.
pub(in super::super) fn offered<'t>(
    key: &LabelKey,
    template: &Requirements,
    listed: impl Iterator<Item = &'t Requirement>,
) -> BTreeSet<Arc<str>> {
    let own = template.get(key.as_str());
    let is_closed = |one: &&Requirement| !one.complement();
    let mut values: BTreeSet<Arc<str>> =
        own.filter(is_closed).into_iter().flat_map(|own| own.values().iter().cloned()).collect();
    for listed in listed.filter(is_closed) {
        let allowed = listed.values().iter().filter(|v| own.is_none_or(|own| own.contains(v)));
        values.extend(allowed.cloned());
    }
    values
}
