//! What this program was built from.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Version of the release.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The compiler, for example `rustc 1.95.0 (…)`.
pub const COMPILER: &str = env!("BUILD_COMPILER");

/// Commit, when the build was told one in `BUILD_COMMIT`.
pub const COMMIT: Option<&str> = option_env!("BUILD_COMMIT");

/// Labels under the names dashboards know; `goversion` holds the compiler.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
    goversion: &'static str,
    goarch: &'static str,
    commit: &'static str,
    runtime: &'static str,
}

/// Registers `karpenter_build_info`, which is always 1.
///
/// Source: Karpenter behaviour, metrics. Differs: the label `runtime`.
pub fn register(registry: &mut Registry) {
    let info = Family::<Build, Gauge>::default();
    let build = Build {
        version: VERSION,
        goversion: COMPILER,
        goarch: std::env::consts::ARCH,
        commit: COMMIT.unwrap_or_default(),
        runtime: "rust",
    };
    info.get_or_create(&build).set(1);
    registry.register("karpenter_build_info", "What the program was built from", info);
}
