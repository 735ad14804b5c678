//! Resource amounts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::object::{list, str_at};

/// Amounts by resource name, in thousandths of the unit.
pub(super) type Amounts = BTreeMap<String, i128>;

/// Reads a quantity in thousandths; `None` when it is none.
pub(super) fn parse(text: &str) -> Option<i128> {
    let text = text.trim();
    let split =
        text.find(|c: char| !matches!(c, '0'..='9' | '.' | '+' | '-')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(split);
    let number: f64 = number.parse().ok()?;
    let factor: f64 = match suffix {
        "" => 1e3,
        "n" => 1e-6,
        "u" => 1e-3,
        "m" => 1.0,
        "k" => 1e6,
        "M" => 1e9,
        "G" => 1e12,
        "T" => 1e15,
        "P" => 1e18,
        "E" => 1e21,
        "Ki" => 1024e3,
        "Mi" => 1_048_576e3,
        "Gi" => 1_073_741_824e3,
        "Ti" => 1_099_511_627_776e3,
        "Pi" => 1_125_899_906_842_624e3,
        exponent => 1e3 * 10_f64.powi(exponent.strip_prefix(['e', 'E'])?.parse().ok()?),
    };
    let thousandths = (number * factor).ceil();
    // Every amount a cluster can name fits; larger ones are cut by the cast.
    thousandths.is_finite().then_some(thousandths as i128)
}

/// A quantity, written as text or as a whole number, in thousandths.
pub(crate) fn thousandths(amount: &Value) -> Option<i128> {
    amount.as_i64().map(|number| i128::from(number) * 1000).or_else(|| parse(amount.as_str()?))
}

/// Reads a map of quantities; unreadable ones are left out.
pub(super) fn amounts(value: Option<&Value>) -> Amounts {
    let members = value.and_then(Value::as_object).into_iter().flatten();
    members.filter_map(|(name, amount)| Some((name.clone(), thousandths(amount)?))).collect()
}

/// What a pod asks of a node, with one of the resource `pods`.
///
/// Containers add up; init containers count with their largest, sidecars with their sum;
/// overhead comes on top.
pub(super) fn requests(pod: &Value) -> Amounts {
    let mut sum = Amounts::new();
    for container in list(pod, "/spec/containers") {
        add(&mut sum, &amounts(container.pointer("/resources/requests")));
    }
    let mut sidecars = Amounts::new();
    let mut peak = Amounts::new();
    for container in list(pod, "/spec/initContainers") {
        let own = amounts(container.pointer("/resources/requests"));
        if str_at(container, "/restartPolicy") == Some("Always") {
            add(&mut sidecars, &own);
            raise(&mut peak, &sidecars);
        } else {
            let mut now = sidecars.clone();
            add(&mut now, &own);
            raise(&mut peak, &now);
        }
    }
    add(&mut sum, &sidecars);
    raise(&mut sum, &peak);
    add(&mut sum, &amounts(pod.pointer("/spec/overhead")));
    add(&mut sum, &amounts(Some(&json!({"pods": 1}))));
    sum
}

/// Adds amounts in place.
pub(super) fn add(sum: &mut Amounts, more: &Amounts) {
    for (name, amount) in more {
        *sum.entry(name.clone()).or_default() += amount;
    }
}

fn raise(peak: &mut Amounts, other: &Amounts) {
    for (name, amount) in other {
        let known = peak.entry(name.clone()).or_default();
        *known = (*known).max(*amount);
    }
}
