//! How much of a device a claim gets.
//!
//! Source: Kubernetes API (CapacityRequestPolicy).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::description::split;
use crate::model::device::{CapacityRange, Device, DeviceCapacity, RequestPolicy};
use crate::model::quantity::Quantity;

/// Amounts by dimension.
pub(super) type Amounts = BTreeMap<Arc<str>, Quantity>;

/// What a claim that asks for `requested` takes of a shareable device, for every dimension of the device; of any
/// other device it takes nothing that could be counted.
///
/// `None` when the device lacks a dimension, has too little of it as a whole, or does not give such an amount.
pub(super) fn consumed(driver: &str, device: &Device, requested: &Amounts) -> Option<Amounts> {
    for (name, amount) in requested {
        let (_, has) = dimension(driver, device, name)?;
        if has.value < *amount {
            return None;
        }
    }
    if !device.is_shareable {
        return Some(Amounts::new());
    }
    let asked = |name: &Arc<str>| {
        requested.iter().find(|(asked, _)| split(driver, asked) == split(driver, name))
    };
    let amounts = device.capacity.iter().map(|(name, has)| {
        let amount = match asked(name) {
            Some((_, amount)) => given(has, *amount)?,
            None => has.policy.as_ref().and_then(|policy| policy.default).unwrap_or(has.value),
        };
        Some((name.clone(), amount))
    });
    amounts.collect()
}

fn dimension<'d>(
    driver: &str,
    device: &'d Device,
    name: &str,
) -> Option<(&'d Arc<str>, &'d DeviceCapacity)> {
    device.capacity.iter().find(|(own, _)| split(driver, own) == split(driver, name))
}

/// The amount a claim gets that asks for `amount`; `None` when there is none.
fn given(has: &DeviceCapacity, amount: Quantity) -> Option<Quantity> {
    match &has.policy {
        Some(RequestPolicy { default: Some(default), .. }) if amount == *default => Some(amount),
        Some(RequestPolicy { valid_values, .. }) if !valid_values.is_empty() => {
            valid_values.iter().find(|value| **value >= amount).copied()
        }
        Some(RequestPolicy { valid_range: Some(range), .. }) => rounded(range, amount),
        Some(RequestPolicy { .. }) | None => Some(amount),
    }
}

/// The least amount of the range that is enough.
fn rounded(range: &CapacityRange, amount: Quantity) -> Option<Quantity> {
    let above = (amount - range.min).nanos();
    let step = range.step.filter(|step| step.nanos() > 0);
    let rounded = match step {
        _ if above <= 0 => range.min,
        None => amount,
        Some(step) => {
            let n_steps = (above - 1) / step.nanos() + 1;
            range.min + step.times(i64::try_from(n_steps).ok()?)
        }
    };
    range.max.is_none_or(|max| rounded <= max).then_some(rounded)
}
