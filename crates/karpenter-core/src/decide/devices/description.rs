//! A device as expressions see it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use kube_cel::cel::Value;
use kube_cel::cel::objects::Key;

use super::selector::Selectors;
use crate::model::device::{AttributeValue, Device};

/// Values by domain and id.
type Domains = BTreeMap<Arc<str>, HashMap<Key, Value>>;

/// What expressions see of `device`, which `driver` manages. A version that is none is left out.
pub(super) fn describe(driver: &str, device: &Device, selectors: &Selectors) -> Value {
    let (mut attributes, mut capacity) = (Domains::new(), Domains::new());
    for (name, value) in &device.attributes {
        let value = match value {
            AttributeValue::Bool(value) => Some(Value::Bool(*value)),
            AttributeValue::Int(value) => Some(Value::Int(*value)),
            AttributeValue::Text(value) => Some(Value::String(Arc::new(value.to_string()))),
            AttributeValue::Version(value) => selectors.parse("semver", value.to_string()),
        };
        put(&mut attributes, driver, name, value);
    }
    for (name, amount) in &device.capacity {
        put(&mut capacity, driver, name, selectors.parse("quantity", amount.value.to_string()));
    }
    let fields = [
        ("driver", Value::String(Arc::new(driver.to_owned()))),
        ("allowMultipleAllocations", Value::Bool(device.is_shareable)),
        ("attributes", by_domain(attributes)),
        ("capacity", by_domain(capacity)),
    ];
    map(fields.into_iter().map(|(name, value)| (key(name), value)).collect())
}

/// Domain and id of an attribute or a dimension as the driver wrote it.
pub(super) fn split<'n>(driver: &'n str, name: &'n str) -> (&'n str, &'n str) {
    name.split_once('/').unwrap_or((driver, name))
}

fn put(domains: &mut Domains, driver: &str, name: &str, value: Option<Value>) {
    let (domain, id) = split(driver, name);
    let domain = domains.entry(domain.into()).or_default();
    domain.extend(value.map(|value| (key(id), value)));
}

fn by_domain(domains: Domains) -> Value {
    map(domains.into_iter().map(|(domain, values)| (key(&domain), map(values))).collect())
}

fn map(values: HashMap<Key, Value>) -> Value {
    Value::from(values)
}

fn key(name: &str) -> Key {
    Key::from(name.to_owned())
}
