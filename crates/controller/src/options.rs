//! Flags and environment of the process.
//!
//! A flag wins over its environment variable, which wins over the default. Anything that does not parse stops
//! the process at start with the name of the flag; names and defaults are upstream's where one exists.

use std::time::Duration;

use clap::Parser;
use karpenter_core::options::{FeatureGates, MinValuesPolicy, PackingPolicy, PreferencePolicy};

use karpenter_core::decide::default_spread::configuration::SchedulerConfig;
use scheduler_config::scheduler_config;

mod scheduler_config;

#[cfg(test)]
mod tests;

/// Launches the cheapest nodes that fit pending pods on Alibaba Cloud, and removes nodes nobody needs.
#[derive(Debug, Clone, Parser)]
#[command(name = "karpenter", version, max_term_width = 120)]
pub struct Options {
    /// Port of the Prometheus endpoint /metrics and of /debug, on all interfaces.
    #[arg(long, env = "METRICS_PORT", default_value_t = 8080)]
    pub metrics_port: u16,

    /// Port of /healthz and /readyz, on all interfaces.
    #[arg(long, env = "HEALTH_PROBE_PORT", default_value_t = 8081)]
    pub health_probe_port: u16,

    /// Log level: error, warn, info, debug or trace, or a filter like `info,karpenter_core=debug`.
    #[arg(long, env = "LOG_LEVEL", default_value = "info", value_parser = log_filter)]
    pub log_level: String,

    /// Format of logs.
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value_t = LogFormat::Auto)]
    pub log_format: LogFormat,

    /// Longest time between the first pending pod of a batch and its planning, for example 10s.
    #[arg(long, env = "BATCH_MAX_DURATION", default_value = "10s", value_parser = duration)]
    pub batch_max_duration: Duration,

    /// A batch is planned when no new pod came for this long, for example 1s.
    #[arg(long, env = "BATCH_IDLE_DURATION", default_value = "1s", value_parser = duration)]
    pub batch_idle_duration: Duration,

    /// What becomes of preferences of pods: Respect or Ignore.
    #[arg(long, env = "PREFERENCE_POLICY", default_value = "Respect", value_parser = preference_policy)]
    pub preference_policy: PreferencePolicy,

    /// What becomes of minValues that cannot be met: Strict or BestEffort.
    #[arg(long, env = "MIN_VALUES_POLICY", default_value = "Strict", value_parser = min_values_policy)]
    pub min_values_policy: MinValuesPolicy,

    /// How pods are packed onto new nodes, a NodePool's annotation apart: FirstFit, CostGuard or CostOptimized.
    #[arg(long, env = "PACKING_POLICY", default_value = "FirstFit", value_parser = packing_policy)]
    pub packing_policy: PackingPolicy,

    /// Reserved capacity goes to as many new nodes of a plan as it is enough for, each bound to reservations of its own.
    /// Otherwise a new node holds every reservation it could use, and others wait for the next plan.
    #[arg(long, env = "RESERVED_CAPACITY_MATCHING", default_value_t = false, action = clap::ArgAction::Set)]
    pub reserved_capacity_matching: bool,

    /// When a planned node is narrowed to smaller instance types, the limits of its pool get back what it was charged
    /// too much.
    #[arg(long, env = "REFUND_LIMITS", default_value_t = false, action = clap::ArgAction::Set)]
    pub refund_limits: bool,

    /// Configuration of the scheduler in YAML or JSON; `podTopologySpread.defaultConstraints` are the spread constraints of
    /// pods that have none.
    #[arg(long, env = "SCHEDULER_CONFIG", default_value = "", value_parser = scheduler_config)]
    pub scheduler_config: SchedulerConfig,

    /// Refuses pods that claim devices and leaves room on new nodes for no DaemonSet that does. With false devices are
    /// planned for, and such DaemonSets count with their other requests.
    #[arg(long, env = "IGNORE_DRA_REQUESTS", default_value_t = true, action = clap::ArgAction::Set)]
    pub ignore_dra_requests: bool,

    /// Switches features: `Name=true,Name=false`; names that are left out keep their default.
    #[arg(long, env = "FEATURE_GATES", default_value = "", value_parser = feature_gates)]
    pub feature_gates: Gates,

    /// A claim whose instance was not launched after this long is deleted.
    #[arg(long, env = "LAUNCH_TIMEOUT", default_value = "5m", value_parser = duration)]
    pub launch_timeout: Duration,

    /// A claim whose node did not register after this long is deleted.
    #[arg(long, env = "REGISTRATION_TIMEOUT", default_value = "15m", value_parser = duration)]
    pub registration_timeout: Duration,

    /// Everything about Alibaba Cloud.
    #[command(flatten)]
    pub alibaba: AlibabaOptions,
}

/// Options of the Alibaba Cloud provider.
#[derive(Debug, Clone, clap::Args)]
pub struct AlibabaOptions {
    /// Id of the ACK cluster; instances are tagged with it, and only tagged ones are ever touched.
    #[arg(long, env = "CLUSTER_ID", default_value = "")]
    pub cluster_id: String,

    /// Name of the cluster, used as its identity when there is no cluster id.
    #[arg(long, env = "CLUSTER_NAME", default_value = "")]
    pub cluster_name: String,

    /// Region, for example cn-hangzhou.
    #[arg(long, env = "REGION_ID", default_value = "")]
    pub region_id: String,

    /// `public` or `vpc`: which endpoints of the cloud to call.
    #[arg(long, env = "ALIBABA_CLOUD_NETWORK", default_value = "public")]
    pub alibaba_cloud_network: String,

    /// Calls ECS here instead of at its regional endpoint. Plain http is allowed to loopback addresses
    /// only, here and in the other overrides.
    #[arg(long, env = "ECS_ENDPOINT")]
    pub ecs_endpoint: Option<String>,

    /// Calls VPC here instead of at its regional endpoint.
    #[arg(long, env = "VPC_ENDPOINT")]
    pub vpc_endpoint: Option<String>,

    /// Calls CS here instead of at its regional endpoint.
    #[arg(long, env = "CS_ENDPOINT")]
    pub cs_endpoint: Option<String>,

    /// Calls RAM here instead of at its central endpoint.
    #[arg(long, env = "RAM_ENDPOINT")]
    pub ram_endpoint: Option<String>,

    /// Calls STS here instead of at its regional endpoint.
    #[arg(long, env = "STS_ENDPOINT")]
    pub sts_endpoint: Option<String>,

    /// RAM role of the ECS instance this process runs on; its keys sign calls when neither an access key nor RRSA is set
    /// up in the environment.
    #[arg(long, env = "ALIBABA_CLOUD_ECS_METADATA")]
    pub ecs_ram_role: Option<String>,

    /// Share of a machine's memory that the hypervisor keeps, 0 to 1.
    #[arg(long, env = "VM_MEMORY_OVERHEAD_PERCENT", default_value_t = 0.065)]
    pub vm_memory_overhead_percent: f64,

    /// Also looks after ECSNodeClasses of karpenter.k8s.alibabacloud; no other controller may do so meanwhile.
    #[arg(long, env = "LEGACY_NODE_CLASSES", default_value_t = false, action = clap::ArgAction::Set)]
    pub legacy_node_classes: bool,

    /// Also knows the labels of karpenter.k8s.alibabacloud, and writes them onto new nodes; implied by --legacy-node-classes.
    #[arg(long, env = "LEGACY_LABELS", default_value_t = false, action = clap::ArgAction::Set)]
    pub legacy_labels: bool,
}

/// Feature gates as parsed from the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gates {
    /// The gates with defaults filled in.
    pub gates: FeatureGates,
    /// Names nobody knows; they are ignored with a warning.
    pub unknown: Vec<String>,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// One JSON object per line.
    Json,
    /// For people.
    Text,
}

impl Options {
    /// The part the engine reads.
    pub fn engine(&self) -> karpenter_core::options::Options {
        karpenter_core::options::Options {
            batch_max_duration: self.batch_max_duration,
            batch_idle_duration: self.batch_idle_duration,
            preference_policy: self.preference_policy,
            min_values_policy: self.min_values_policy,
            packing_policy: self.packing_policy,
            reserved_capacity_matching: self.reserved_capacity_matching,
            refund_limits: self.refund_limits,
            ignore_dra_requests: self.ignore_dra_requests,
            default_spread: self.scheduler_config.default_constraints.clone(),
            launch_timeout: self.launch_timeout,
            registration_timeout: self.registration_timeout,
            feature_gates: self.feature_gates.gates,
            ..karpenter_core::options::Options::default()
        }
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let parsed = karpenter_core::api::duration::go::parse_nanos(text).map_err(|e| e.to_string())?;
    u64::try_from(parsed)
        .ok()
        .filter(|nanos| *nanos > 0)
        .map(Duration::from_nanos)
        .ok_or_else(|| format!("{text} is not positive; write for example 10s or 1m30s"))
}

fn log_filter(text: &str) -> Result<String, String> {
    tracing_subscriber::EnvFilter::builder()
        .parse(text)
        .map(|_| text.to_owned())
        .map_err(|error| error.to_string())
}

fn preference_policy(text: &str) -> Result<PreferencePolicy, String> {
    match text {
        "Respect" => Ok(PreferencePolicy::Respect),
        "Ignore" => Ok(PreferencePolicy::Ignore),
        other => Err(format!("{other:?} is neither Respect nor Ignore")),
    }
}

fn min_values_policy(text: &str) -> Result<MinValuesPolicy, String> {
    match text {
        "Strict" => Ok(MinValuesPolicy::Strict),
        "BestEffort" => Ok(MinValuesPolicy::BestEffort),
        other => Err(format!("{other:?} is neither Strict nor BestEffort")),
    }
}

fn packing_policy(text: &str) -> Result<PackingPolicy, String> {
    let names = PackingPolicy::ALL.map(PackingPolicy::as_str).join(", ");
    PackingPolicy::parse(text).ok_or_else(|| format!("{text:?} is none of {names}"))
}

fn feature_gates(text: &str) -> Result<Gates, String> {
    let mut gates = FeatureGates::default();
    let mut unknown = vec![];
    for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let (name, value) =
            item.split_once('=').ok_or_else(|| format!("{item:?} lacks =true or =false"))?;
        let value = go_bool(value.trim()).ok_or_else(|| format!("{item:?} is not a boolean"))?;
        match name.trim() {
            "NodeRepair" => gates.node_repair = value,
            "ReservedCapacity" => gates.reserved_capacity = value,
            "SpotToSpotConsolidation" => gates.spot_to_spot_consolidation = value,
            "NodeOverlay" => gates.node_overlay = value,
            "StaticCapacity" => gates.static_capacity = value,
            "CapacityBuffer" => gates.capacity_buffer = value,
            other => unknown.push(other.to_owned()),
        }
    }
    Ok(Gates { gates, unknown })
}

/// The texts Go's `strconv.ParseBool` takes.
fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}
