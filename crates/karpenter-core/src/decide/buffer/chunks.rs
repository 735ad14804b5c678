//! The number of chunks of a buffer.

use crate::model::resources::Resources;

/// What a buffer asks for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// A fixed number.
    pub replicas: Option<i32>,
    /// Hundredths of the workload's replicas.
    pub percentage: Option<i32>,
    /// Replicas of the workload; `None` when the buffer follows no workload.
    pub workload_replicas: Option<i32>,
    /// What all chunks together may ask for.
    pub limits: Option<&'a Resources>,
}

impl Wanted<'_> {
    /// The number of chunks that ask for `requests` each: the larger of what is asked for, cut by the limits; with
    /// limits alone as many as they allow. Limits on resources that no chunk asks for do nothing.
    ///
    /// Source: Karpenter behaviour, replicas of a CapacityBuffer. Differs: a negative limit counts as zero.
    pub fn chunks(&self, requests: &Resources) -> i32 {
        let desired = self.replicas.max(self.share_of_workload());
        let cap = self.limits.and_then(|limits| cap(limits, requests));
        match (desired, cap) {
            (Some(desired), Some(cap)) => desired.min(cap),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => 0,
        }
        .max(0)
    }

    /// The percentage of the workload, rounded up; nothing of a workload without replicas.
    fn share_of_workload(&self) -> Option<i32> {
        let replicas = self.workload_replicas.filter(|replicas| *replicas > 0)?;
        let percentage = self.percentage?.max(0);
        let hundredths = u64::from(replicas.unsigned_abs()) * u64::from(percentage.unsigned_abs());
        Some(i32::try_from(hundredths.div_ceil(100)).unwrap_or(i32::MAX))
    }
}

/// How many times `requests` go into `limits`; `None` when they have no resource in common.
fn cap(limits: &Resources, requests: &Resources) -> Option<i32> {
    let shared = requests.iter().filter(|(_, amount)| amount.nanos() > 0);
    let times = shared.filter_map(|(name, amount)| {
        let limit = limits.get(name.as_str())?.nanos().max(0);
        Some(i32::try_from(limit / amount.nanos()).unwrap_or(i32::MAX))
    });
    times.min()
}
