//! The levers: everything that can be changed from outside, as data. A control call pulls one, a script
//! pulls many in their time.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{CapacityReservation, FaultAnswer, FaultPoint, Market, Stock, data::duration};

/// One change. On the wire `{"<name>": {…}}`, as a control call `POST /__fake/<name>` with the fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub(crate) enum Lever {
    /// Stock of a type in a zone; without `market` on demand and spot alike, without `stock` (or
    /// `null`) the type is not sold there.
    Stock { instance_type: String, zone: String, market: Option<Market>, stock: Option<Stock> },
    /// What DescribeAvailableResource says of the zone as a whole; `null` for the ordinary answer.
    Zone { zone: String, category: Option<String> },
    /// Pay-as-you-go price per hour; `null` for a type that is not priced.
    Price { instance_type: String, price: Option<f64> },
    /// Spot price per hour in a zone, from now on.
    SpotPrice { instance_type: String, zone: String, price: f64 },
    /// vCPUs a family may have, such as `ecs.g7`; `null` lifts the limit.
    Quota { family: String, vcpus: Option<u32> },
    /// A fault of coming calls of an action.
    Fault(FaultLever),
    /// Forgets the faults of an action.
    Heal { action: String },
    /// At most `calls` of an action per `window` (`1s` or `1m`).
    Throttle {
        action: String,
        calls: u32,
        #[serde(with = "duration")]
        window: TimeDelta,
        #[serde(default)]
        retry_after: bool,
    },
    /// Lifts the limit of an action.
    Unthrottle { action: String },
    /// RAM denies an action.
    Deny { action: String },
    /// RAM allows it again.
    Allow { action: String },
    /// Announces the recycling of spot instances; they are gone after the notice period.
    Interrupt(Target),
    /// Instances vanish at once, as if somebody else had released them.
    Vanish(Target),
    /// Instances are stopped by their owner.
    Stop(Target),
    /// Stopped instances are started again.
    Start(Target),
    /// Addresses a vSwitch has left.
    AvailableIps { vswitch: String, count: u32 },
    /// How long the steps of an instance's life take; what is left out stays.
    Timing(TimingLever),
    /// Adds or replaces a capacity reservation.
    Reservation(CapacityReservation),
    /// A role that trusts ECS and may be assumed.
    Role { name: String },
    /// A key pair.
    KeyPair { name: String },
    /// Empties the record of calls.
    ForgetCalls {},
    /// Back to the world of the beginning: no instances, no faults, no limits, no calls.
    Reset {},
}

/// A planned fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FaultLever {
    pub(crate) action: String,
    pub(crate) answer: FaultAnswer,
    /// `beforeEffect` unless said.
    #[serde(default = "before_effect")]
    pub(crate) point: FaultPoint,
    /// Calls that pass unharmed first.
    #[serde(default)]
    pub(crate) skip: u32,
    /// Calls that are broken then, 1 unless said.
    #[serde(default = "once")]
    pub(crate) times: Times,
}

/// How often a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Times {
    /// `always`: until it is healed.
    Always,
    /// `{"calls": 3}`.
    Calls(u32),
}

fn before_effect() -> FaultPoint {
    FaultPoint::BeforeEffect
}

fn once() -> Times {
    Times::Calls(1)
}

/// Which instances: one by id, or the oldest that match the other fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct Target {
    pub(crate) id: Option<String>,
    pub(crate) instance_type: Option<String>,
    pub(crate) zone: Option<String>,
    pub(crate) market: Option<Market>,
    /// At most this many; 1 unless said.
    pub(crate) count: Option<u32>,
}

/// Durations of the life cycle, those that change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct TimingLever {
    #[serde(with = "duration::optional")]
    pub(crate) pending: Option<TimeDelta>,
    #[serde(with = "duration::optional")]
    pub(crate) starting: Option<TimeDelta>,
    #[serde(with = "duration::optional")]
    pub(crate) release: Option<TimeDelta>,
    #[serde(with = "duration::optional")]
    pub(crate) describe_delay: Option<TimeDelta>,
    #[serde(with = "duration::optional")]
    pub(crate) reclaim_notice: Option<TimeDelta>,
}

/// A lever for people: name, what it does, a body that works in the default world.
pub(crate) struct Help {
    pub(crate) name: &'static str,
    pub(crate) does: &'static str,
    pub(crate) example: &'static str,
}

const fn help(name: &'static str, does: &'static str, example: &'static str) -> Help {
    Help { name, does, example }
}

/// All levers, in the order of [`Lever`].
pub(crate) static LEVERS: [Help; 22] = [
    help(
        "stock",
        "sets the stock of a type in a zone",
        r#"{"instanceType": "ecs.g7.large", "zone": "cn-hangzhou-h", "stock": {"units": 0}}"#,
    ),
    help(
        "zone",
        "overrides the StatusCategory of a zone",
        r#"{"zone": "cn-hangzhou-h", "category": "WithoutStock"}"#,
    ),
    help(
        "price",
        "sets the pay-as-you-go price per hour",
        r#"{"instanceType": "ecs.g7.large", "price": 0.6}"#,
    ),
    help(
        "spot-price",
        "pins the spot price per hour",
        r#"{"instanceType": "ecs.g7.large", "zone": "cn-hangzhou-h", "price": 0.2}"#,
    ),
    help("quota", "limits the vCPUs of a family", r#"{"family": "ecs.g7", "vcpus": 64}"#),
    help(
        "fault",
        "breaks coming calls of an action",
        r#"{"action": "RunInstances", "answer": {"error": {"status": 503, "code": "ServiceUnavailable", "message": "Try again."}}, "times": {"calls": 2}}"#,
    ),
    help("heal", "forgets the faults of an action", r#"{"action": "RunInstances"}"#),
    help(
        "throttle",
        "limits the calls of an action",
        r#"{"action": "DescribeInstances", "calls": 5, "window": "1m"}"#,
    ),
    help("unthrottle", "lifts the limit of an action", r#"{"action": "DescribeInstances"}"#),
    help("deny", "makes RAM deny an action", r#"{"action": "DeleteInstances"}"#),
    help("allow", "makes RAM allow an action again", r#"{"action": "DeleteInstances"}"#),
    help("interrupt", "recycles spot instances", r#"{"zone": "cn-hangzhou-h", "count": 2}"#),
    help("vanish", "removes instances at once", r#"{"instanceType": "ecs.g7.large"}"#),
    help("stop", "stops instances", r#"{"market": "onDemand"}"#),
    help("start", "starts stopped instances", r#"{"market": "onDemand"}"#),
    help(
        "available-ips",
        "sets the addresses a vSwitch has left",
        r#"{"vswitch": "vsw-bp1h0discovery0000000", "count": 1}"#,
    ),
    help("timing", "changes durations of the life cycle", r#"{"starting": "40s"}"#),
    help(
        "reservation",
        "adds or replaces a capacity reservation",
        r#"{"id": "crp-bp1reserved000000001", "open": true, "instanceType": "ecs.g7.large", "zone": "cn-hangzhou-h", "total": 5, "ends": null, "tags": {}}"#,
    ),
    help("role", "adds a RAM role", r#"{"name": "karpenter"}"#),
    help("key-pair", "adds a key pair", r#"{"name": "mine"}"#),
    help("forget-calls", "empties the record of calls", "{}"),
    help("reset", "goes back to the world of the beginning", "{}"),
];
