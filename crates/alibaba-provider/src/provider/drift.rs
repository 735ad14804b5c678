//! Why an instance no longer matches its class.

use std::collections::BTreeSet;

use alibaba_sdk::ecs::Instance as Row;
use karpenter_core::cloud_provider::CloudProviderError;
use karpenter_core::model::node_claim::NodeClaim;

use super::AlibabaProvider;
use crate::api::conditions::{
    CAPACITY_RESERVATIONS_READY, IMAGES_READY, SECURITY_GROUPS_READY, V_SWITCHES_READY, is_true,
};
use crate::api::labels;
use crate::api::node_class::ECSNodeClass;
use crate::api::status::ECSNodeClassStatus;
use crate::instance::{instance_id, slot};
use crate::reservations::ledger::Slot;

impl AlibabaProvider {
    pub(super) async fn drift(
        &self,
        claim: &NodeClaim,
    ) -> Result<Option<String>, CloudProviderError> {
        let Some(class) = self.class(&claim.node_class) else { return Ok(None) };
        if let Some(reason) = static_drift(claim, &self.marks(&claim.node_class, &class)) {
            return Ok(Some(reason.to_owned()));
        }
        let Some(id) = claim.provider_id() else { return Ok(None) };
        let id = instance_id(id).map_err(|error| CloudProviderError::Other(error.to_string()))?;
        let known = self.instances.lock().get(id).cloned();
        let row = match known {
            Some(row) => row,
            None => self
                .read(id)
                .await?
                .ok_or_else(|| CloudProviderError::NodeClaimNotFound(id.to_owned()))?,
        };
        let mut reason = dynamic_drift(claim, &row, &class);
        if reason == Some(RESERVATION_DRIFT) {
            // What was read before may be older than the reservations of the class.
            let row = self.read(id).await?;
            reason = row.and_then(|row| dynamic_drift(claim, &row, &class));
        }
        Ok(reason.map(str::to_owned))
    }
}

/// Differences in what the class says, by hashes of the same version; `marks` are those a new claim would get.
pub(super) fn static_drift(
    claim: &NodeClaim,
    marks: &[(&'static str, String); 2],
) -> Option<&'static str> {
    let [(hash_key, hash), (version_key, version)] = marks;
    let (own, own_version) = (claim.annotation(hash_key)?, claim.annotation(version_key)?);
    (own_version == version && own != hash).then_some("NodeClassDrift")
}

/// Reason: the instance runs in a reservation that the class does not select.
const RESERVATION_DRIFT: &str = "CapacityReservationDrift";

/// Condition it depends on, reason, and whether the instance differs.
type Check = (&'static str, &'static str, fn(&Row, &ECSNodeClassStatus) -> bool);

/// Differences from what the class resolves to; a part whose condition is not `True` is not looked at.
///
/// An instance of an earlier provider of our group has only the first of the security groups; that is no drift.
///
/// Source: Karpenter behaviour, drift.
pub(crate) fn dynamic_drift(
    claim: &NodeClaim,
    row: &Row,
    class: &ECSNodeClass,
) -> Option<&'static str> {
    let status = class.status.as_ref()?;
    let generation = class.metadata.generation.unwrap_or_default();
    let is_taken_over = claim.annotation(labels::OLD_HASH).is_some();
    let differs_in_groups: fn(&Row, &ECSNodeClassStatus) -> bool =
        if is_taken_over { has_foreign_group } else { has_other_groups };
    let checks: [Check; 4] = [
        (IMAGES_READY, "ImageDrift", has_other_image),
        (V_SWITCHES_READY, "VSwitchDrift", is_elsewhere),
        (SECURITY_GROUPS_READY, "SecurityGroupDrift", differs_in_groups),
        (CAPACITY_RESERVATIONS_READY, RESERVATION_DRIFT, has_other_reservation),
    ];
    checks.into_iter().find_map(|(condition, reason, differs)| {
        let is_known = is_true(&status.conditions, condition, generation);
        (is_known && differs(row, status)).then_some(reason)
    })
}

fn has_other_image(row: &Row, status: &ECSNodeClassStatus) -> bool {
    !row.image_id.is_empty() && !status.images.iter().any(|image| image.id == row.image_id)
}

fn is_elsewhere(row: &Row, status: &ECSNodeClassStatus) -> bool {
    let own = &row.vpc_attributes.v_switch_id;
    !own.is_empty() && !status.v_switches.iter().any(|v_switch| v_switch.id == *own)
}

fn has_other_reservation(row: &Row, status: &ECSNodeClassStatus) -> bool {
    let is_wanted =
        |slot: &Slot| status.capacity_reservations.iter().any(|r| r.id == slot.reservation);
    slot(row).is_some_and(|own| !is_wanted(&own))
}

fn has_foreign_group(row: &Row, status: &ECSNodeClassStatus) -> bool {
    let is_wanted = |id: &String| status.security_groups.iter().any(|group| group.id == *id);
    !row.security_group_ids.iter().all(is_wanted)
}

fn has_other_groups(row: &Row, status: &ECSNodeClassStatus) -> bool {
    let own: BTreeSet<&str> = row.security_group_ids.iter().map(String::as_str).collect();
    let wanted: BTreeSet<&str> = status.security_groups.iter().map(|g| g.id.as_str()).collect();
    own != wanted
}
