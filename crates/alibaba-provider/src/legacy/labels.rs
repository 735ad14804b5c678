//! Labels of the older provider whose values are others than ours.

use alibaba_sdk::ecs::InstanceType as Row;
use karpenter_core::model::requirement::Requirement;

use crate::api::labels::{LEGACY_FAMILY, LEGACY_GPU_MANUFACTURER, LEGACY_GPU_MEMORY};

/// The labels of a type with the values that provider computes; `DoesNotExist` where it has none.
pub fn of(row: &Row) -> Vec<Requirement> {
    let family = row.instance_type_id.rsplit_once('.').map(|(family, _)| family.to_owned());
    let has_gpu = row.gpu_amount > 0;
    let maker = row.gpu_spec.split_whitespace().next().filter(|_| has_gpu).map(str::to_owned);
    let memory = (has_gpu && row.gpu_memory_size > 0.0).then(|| row.gpu_memory_size.to_string());
    let labels =
        [(LEGACY_FAMILY, family), (LEGACY_GPU_MANUFACTURER, maker), (LEGACY_GPU_MEMORY, memory)];
    let requirement = |(key, value): (&'static str, Option<String>)| match value {
        Some(value) => Requirement::in_values(key, [value]),
        None => Requirement::does_not_exist(key),
    };
    labels.into_iter().map(requirement).collect()
}
