//! Regular expressions of the schema. They are searched, so their anchors matter.
//!
//! Source: Karpenter behaviour, published resource definitions.

/// Duration in hours, minutes and seconds, units in any order, or `Never`.
pub const NILLABLE_DURATION: &str = "^(([0-9]+(s|m|h))+|Never)$";
/// Duration in hours, minutes and seconds, units in any order.
pub const DURATION: &str = "^([0-9]+(s|m|h))+$";
/// Duration in hours and minutes; the tail `0s` is what a Go client writes.
pub const BUDGET_DURATION: &str = "^((([0-9]+(h|m))|([0-9]+h[0-9]+m))(0s)?)$";
/// A number of nodes, or a percentage from 0 to 100.
pub const BUDGET_NODES: &str = "^((100|[0-9]{1,2})%|[0-9]+)$";
/// Roughly a cron expression; the real check is made when it is read.
pub const SCHEDULE: &str =
    r"^(@(annually|yearly|monthly|weekly|daily|midnight|hourly))|((.+)\s(.+)\s(.+)\s(.+)\s(.+))$";
/// Key of a label or taint, with an optional domain; lengths of the parts are not checked.
pub const QUALIFIED_KEY: &str = r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(\/))?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$";
/// Value of a label, possibly empty.
pub const LABEL_VALUE: &str = "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$";
/// API group: anything without a slash.
pub const GROUP: &str = "^[^/]*$";
/// Resource quantity. Admits exponents with a fraction, which cannot be read.
pub const QUANTITY: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";
/// Reason of a condition.
pub const REASON: &str = "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$";
/// Reason of a condition, or nothing.
pub const REASON_OR_EMPTY: &str = "^([A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?|)$";
/// Type of a condition.
pub const CONDITION_TYPE: &str = r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$";
/// Price per hour: a decimal number.
pub const PRICE: &str = r"^\d+(\.\d+)?$";
/// Change of a price: a signed amount or a signed percentage, which takes away at most all of it.
pub const PRICE_ADJUSTMENT: &str =
    r"^(([+-]{1}(\d*\.?\d+))|(\+{1}\d*\.?\d+%)|(^(-\d{1,2}(\.\d+)?%)$)|(-100%))$";
