//! The scheduler's configuration as a setting: a text in YAML or JSON.

use karpenter_core::decide::default_spread::configuration::SchedulerConfig;

#[cfg(test)]
mod tests;

/// Reads the configuration; an empty text says nothing.
///
/// # Errors
/// As [`SchedulerConfig::read`], and a text that is no YAML.
pub(super) fn scheduler_config(text: &str) -> Result<SchedulerConfig, String> {
    if text.trim().is_empty() {
        return Ok(SchedulerConfig::default());
    }
    SchedulerConfig::read(serde_saphyr::from_str(text).map_err(|error| error.to_string())?)
}
