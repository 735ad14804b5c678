//! What a fake cloud is made of before the first call.

use std::{fmt, path::PathBuf, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};

use serde::{Deserialize, Serialize};

use crate::data::duration;
use crate::world::instance_type::{InstanceType, catalogue};

/// The only source of time: called once per request and once per control call, never kept.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Everything [`FakeCloud::new`](crate::FakeCloud::new) needs; all fields may be changed after
/// [`Config::new`].
///
/// Source: ours.
#[derive(Clone)]
pub struct Config {
    /// Region id; calls for another region answer `InvalidRegionId.NotFound`.
    pub region: String,
    /// Zone ids in the order the seeded world uses them; at least one.
    pub zones: Vec<String>,
    /// Seed of every id, address and price wobble.
    pub seed: u64,
    /// The clock.
    pub clock: Clock,
    /// Instance types on offer; their prices are per hour in [`Config::currency`].
    pub catalogue: Vec<InstanceType>,
    /// How long things take.
    pub timing: Timing,
    /// Whether requests must be signed.
    pub signatures: SignatureCheck,
    /// Long-lived access keys; keys issued by the STS actions are known in addition.
    pub access_keys: Vec<AccessKey>,
    /// Account id that owns everything, decimal digits.
    pub account_id: String,
    /// How empty parameters are judged.
    pub profile: Profile,
    /// Id of the one ACK cluster.
    pub cluster_id: String,
    /// Currency code of price answers.
    pub currency: String,
    /// Addresses an instance takes from its vSwitch: 1, or pods + 1 for a Terway simulation.
    pub ips_per_instance: u32,
    /// Length of the record of calls; older records are dropped, counters are not.
    pub call_log_limit: usize,
    /// File that [`FakeCloud::open`](crate::FakeCloud::open) reads and keeps up to date; `None`
    /// keeps everything in memory. [`FakeCloud::new`](crate::FakeCloud::new) does not look at it.
    pub data: Option<PathBuf>,
    /// Script (YAML) that [`FakeCloud::open`](crate::FakeCloud::open) starts, or goes on with when the
    /// data file says that it is under way.
    pub script: Option<PathBuf>,
}

impl Config {
    /// Region cn-hangzhou with zones h, i and j, the default catalogue and the key pair
    /// `testid` / `testsecret`; signatures are verified.
    pub fn new(clock: Clock, seed: u64) -> Config {
        let region = "cn-hangzhou";
        Config {
            region: region.into(),
            zones: ["h", "i", "j"].map(|z| format!("{region}-{z}")).into(),
            seed,
            clock,
            catalogue: catalogue(region),
            timing: Timing::default(),
            signatures: SignatureCheck::Verify,
            access_keys: vec![AccessKey::new("testid", "testsecret")],
            account_id: "1234567890123456".into(),
            profile: Profile::Strict,
            cluster_id: "c0123456789".into(),
            currency: "CNY".into(),
            ips_per_instance: 1,
            call_log_limit: 50_000,
            data: None,
            script: None,
        }
    }
}

/// Durations of the life cycle, all measured on [`Config::clock`].
///
/// Source: Alibaba instance life cycle; the defaults are ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Timing {
    /// From creation to `Starting`; 2 s by default.
    #[serde(with = "duration")]
    pub pending: TimeDelta,
    /// From `Starting` to `Running`; 8 s by default.
    #[serde(with = "duration")]
    pub starting: TimeDelta,
    /// From an accepted release until the record is gone, shown as `Stopping`; 2 s by default.
    #[serde(with = "duration")]
    pub release: TimeDelta,
    /// How long a new instance stays invisible to DescribeInstances; zero by default.
    #[serde(with = "duration")]
    pub describe_delay: TimeDelta,
    /// From the recycling mark of a spot instance to its release; 5 min by default.
    #[serde(with = "duration")]
    pub reclaim_notice: TimeDelta,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            pending: TimeDelta::seconds(2),
            starting: TimeDelta::seconds(8),
            release: TimeDelta::seconds(2),
            describe_delay: TimeDelta::zero(),
            reclaim_notice: TimeDelta::minutes(5),
        }
    }
}

/// Whether the cloud looks at signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureCheck {
    /// Signature, clock skew and nonce are checked as the service does.
    Verify,
    /// Anything goes, signed or not; for hand-written requests.
    Off,
}

/// How forgiving the parser is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// An empty parameter (other than a tag value) answers `InvalidParameter`.
    Strict,
    /// An empty parameter counts as absent, as official clients send `KeyPairName=`.
    Sdk,
}

/// A long-lived key pair; the secret never shows in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// Public part.
    pub id: String,
    secret: String,
}

impl AccessKey {
    /// A key pair of the account.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> AccessKey {
        AccessKey { id: id.into(), secret: secret.into() }
    }

    /// Secret part, for the verifier.
    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}
