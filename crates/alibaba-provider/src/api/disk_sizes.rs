//! Sizes of disks: two spellings of one number, and what each category allows.

use super::disks::{DiskCategory, PerformanceLevel};

/// Why the size of a disk cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiskSizeError {
    /// `size` and `volumeSize` disagree.
    #[error("size {size} GiB and volumeSize {volume_size} differ; keep one of them")]
    Contradiction {
        /// `size`.
        size: i32,
        /// `volumeSize`.
        volume_size: String,
    },
    /// `volumeSize` is not a size.
    #[error("volumeSize {0:?} is not a whole number followed by Gi, G, Ti or T")]
    Malformed(String),
}

/// The size two fields agree on, whole GiB rounded up; `None` when neither is given.
///
/// # Errors
/// [`DiskSizeError`] when they disagree or the text is malformed.
pub fn size_gib(
    size: Option<i32>,
    volume_size: Option<&str>,
) -> Result<Option<u32>, DiskSizeError> {
    let Some(text) = volume_size else { return Ok(size.and_then(|gib| u32::try_from(gib).ok())) };
    let from_text =
        parse_volume_size(text).ok_or_else(|| DiskSizeError::Malformed(text.to_owned()))?;
    match size {
        Some(size) if u32::try_from(size) != Ok(from_text) => {
            Err(DiskSizeError::Contradiction { size, volume_size: text.to_owned() })
        }
        Some(_) | None => Ok(Some(from_text)),
    }
}

fn parse_volume_size(text: &str) -> Option<u32> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().ok()?;
    let bytes = match &text[digits.len()..] {
        "Gi" => number << 30,
        "Ti" => number << 40,
        "G" => number * 1_000_000_000,
        "T" => number * 1_000_000_000_000,
        _ => return None,
    };
    u32::try_from(bytes.div_ceil(1 << 30)).ok()
}

/// Whether a system disk of `category` and `level` may have `gib`.
///
/// Source: Alibaba action RunInstances, sizes of system disks.
pub fn is_system_size_allowed(category: DiskCategory, level: PerformanceLevel, gib: u32) -> bool {
    let (min, max) = match (category, level) {
        (DiskCategory::Cloud, _) => (20, 500),
        (DiskCategory::CloudEssd, level) => (essd_min(level), 2048),
        (DiskCategory::CloudAuto, _) => (1, 2048),
        (
            DiskCategory::CloudEfficiency | DiskCategory::CloudSsd | DiskCategory::CloudEssdEntry,
            _,
        ) => (20, 2048),
        (DiskCategory::ElasticEphemeralStandard | DiskCategory::ElasticEphemeralPremium, _) => {
            return false;
        }
    };
    (min..=max).contains(&gib)
}

/// Whether a data disk of `category` and `level` may have `gib`.
///
/// Source: Alibaba action RunInstances, sizes of data disks.
pub fn is_data_size_allowed(category: DiskCategory, level: PerformanceLevel, gib: u32) -> bool {
    let (min, max) = match (category, level) {
        (DiskCategory::Cloud, _) => (5, 2000),
        (DiskCategory::CloudEssd, level) => (essd_min(level), 65_536),
        (DiskCategory::CloudAuto, _) => (1, 65_536),
        (DiskCategory::CloudEfficiency | DiskCategory::CloudSsd, _) => (20, 32_768),
        (DiskCategory::CloudEssdEntry, _) => (10, 32_768),
        (DiskCategory::ElasticEphemeralStandard | DiskCategory::ElasticEphemeralPremium, _) => {
            (64, 8192)
        }
    };
    (min..=max).contains(&gib)
}

/// Least size of an enterprise SSD, GiB.
fn essd_min(level: PerformanceLevel) -> u32 {
    match level {
        PerformanceLevel::Pl0 => 1,
        PerformanceLevel::Pl1 => 20,
        PerformanceLevel::Pl2 => 461,
        PerformanceLevel::Pl3 => 1261,
    }
}
