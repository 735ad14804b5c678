//! Errors of kubelet settings.

use karpenter_core::api::duration::TextDuration;
use karpenter_core::model::quantity::Quantity;

use super::Problem;
use crate::api::bootstrap::BootstrapMode;
use crate::api::kubelet::{Amounts, KubeletConfiguration};
use crate::api::node_class::ECSNodeClassSpec;
use crate::catalog::overhead::threshold;

/// The first error; a setting the join script cannot carry is one.
pub(super) fn judge(spec: &ECSNodeClassSpec, cluster_id: &str) -> Problem {
    let kubelet = spec.kubelet.as_ref()?;
    let amount = |text: &str| text.parse::<Quantity>().is_ok();
    let signal = |text: &str| threshold(text, Quantity::from_units(1)).is_some();
    let period = |text: &str| text.parse::<TextDuration>().is_ok();
    wrong_entry("kubeReserved", kubelet.kube_reserved.as_ref(), "an amount", amount)
        .or_else(|| {
            wrong_entry("systemReserved", kubelet.system_reserved.as_ref(), "an amount", amount)
        })
        .or_else(|| {
            wrong_entry("evictionHard", kubelet.eviction_hard.as_ref(), "an amount", signal)
        })
        .or_else(|| {
            wrong_entry("evictionSoft", kubelet.eviction_soft.as_ref(), "an amount", signal)
        })
        .or_else(|| {
            let periods = kubelet.eviction_soft_grace_period.as_ref();
            wrong_entry("evictionSoftGracePeriod", periods, "a duration", period)
        })
        .or_else(|| negative(kubelet))
        .or_else(|| not_carried(spec, kubelet, cluster_id))
}

fn wrong_entry(
    field: &str,
    map: Option<&Amounts>,
    wanted: &str,
    is_valid: impl Fn(&str) -> bool,
) -> Problem {
    let (key, value) = map.into_iter().flatten().find(|(_, value)| !is_valid(value))?;
    let message = format!("kubelet.{field}[{key}] is {value:?}, which is not {wanted}");
    Some(("KubeletInvalid", message))
}

fn negative(kubelet: &KubeletConfiguration) -> Problem {
    let counts = [("maxPods", kubelet.max_pods), ("podsPerCore", kubelet.pods_per_core)];
    let (field, count) = counts.into_iter().find(|(_, n)| n.is_some_and(|n| n < 0))?;
    let message = format!("kubelet.{field} is {}, it must not be negative", count.unwrap_or(0));
    Some(("KubeletInvalid", message))
}

fn not_carried(
    spec: &ECSNodeClassSpec,
    kubelet: &KubeletConfiguration,
    cluster_id: &str,
) -> Problem {
    let is_ack = spec.effective_bootstrap_mode(cluster_id) == BootstrapMode::Ack
        && !spec.replaces_join_script();
    (is_ack && kubelet.eviction_max_pod_grace_period.is_some()).then(|| {
        let message = "kubelet.evictionMaxPodGracePeriod cannot be set through the join script of the \
                       cluster service; remove it";
        ("KubeletInvalid", message.to_owned())
    })
}
