//! What this program was built from.

/// Version of the release.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The compiler, for example `rustc 1.95.0 (…)`.
pub const COMPILER: &str = env!("BUILD_COMPILER");

/// Commit, when the build was told one in `BUILD_COMMIT`.
pub const COMMIT: Option<&str> = option_env!("BUILD_COMMIT");
