//! Rules about settings of the kubelet; each is fine with a missing counterpart.

use serde_json::{Value, json};

use super::rule;

/// Resources the kubelet can reserve.
const RESERVED: &str = "['cpu','memory','ephemeral-storage','pid']";
/// Signals the kubelet evicts by.
const SIGNALS: &str = "['memory.available','nodefs.available','nodefs.inodesFree',\
                       'imagefs.available','imagefs.inodesFree','pid.available']";

/// Rules that relate settings.
pub(in crate::api) fn whole() -> Value {
    json!([
        rule(
            "!has(self.imageGCHighThresholdPercent) || !has(self.imageGCLowThresholdPercent) || \
             self.imageGCHighThresholdPercent > self.imageGCLowThresholdPercent",
            "imageGCHighThresholdPercent must be greater than imageGCLowThresholdPercent",
        ),
        rule(
            "!has(self.evictionSoft) || self.evictionSoft.all(e, \
             has(self.evictionSoftGracePeriod) && e in self.evictionSoftGracePeriod)",
            "every key of evictionSoft needs a matching evictionSoftGracePeriod",
        ),
        rule(
            "!has(self.evictionSoftGracePeriod) || self.evictionSoftGracePeriod.all(e, \
             has(self.evictionSoft) && e in self.evictionSoft)",
            "every key of evictionSoftGracePeriod needs a matching evictionSoft",
        ),
    ])
}

/// Keys and signs of the amounts of `field`.
pub(in crate::api) fn reserved(field: &str) -> Value {
    json!([
        rule(
            &format!("self.all(x, x in {RESERVED})"),
            &format!("valid keys for {field} are {RESERVED}"),
        ),
        rule(
            "self.all(x, !self[x].startsWith('-'))",
            &format!("{field} value cannot be a negative resource quantity"),
        ),
    ])
}

/// Keys of the map `field`.
pub(in crate::api) fn signals(field: &str) -> Value {
    json!([rule(
        &format!("self.all(x, x in {SIGNALS})"),
        &format!("valid keys for {field} are {SIGNALS}"),
    )])
}
