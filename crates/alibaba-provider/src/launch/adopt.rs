//! Finding the instance an earlier launch of a claim has made.

use std::time::Duration;

use alibaba_sdk::ecs::{self, DescribeInstances, EcsApi, Instance as Row, TagFilter};
use alibaba_sdk::error::SdkError;
use karpenter_core::model::node_claim::NodeClaim;

use crate::api::labels;
use crate::time::to_jiff;

/// States of an instance that is, or will be, of use.
const ALIVE: [&str; 3] = ["Pending", "Starting", "Running"];

/// Creation times of the cloud have minute precision.
const PRECISION: Duration = Duration::from_secs(60);

/// The instance tagged with the name of `claim` that was made after it; the first by id if there are several.
///
/// An instance tagged with another uid belongs to another claim of that name; one without uid may be of any.
///
/// # Errors
/// That of the call.
///
/// Source: Alibaba action DescribeInstances.
pub async fn find_by_claim(
    api: &dyn EcsApi,
    identity: &str,
    claim: &NodeClaim,
) -> Result<Option<Row>, SdkError> {
    let tag = |key: String, value: &str| TagFilter { key, value: Some(value.to_owned()) };
    let request = DescribeInstances {
        tag: vec![
            tag(labels::tag_owner(identity), labels::OWNED),
            tag(labels::TAG_NODE_CLAIM.to_owned(), claim.name.as_str()),
        ],
        ..DescribeInstances::default()
    };
    let mut rows = ecs::instances(api, &request).await?;
    rows.retain(|row| is_of(row, claim));
    rows.sort_by(|a, b| a.instance_id.cmp(&b.instance_id));
    Ok(rows.into_iter().next())
}

fn is_of(row: &Row, claim: &NodeClaim) -> bool {
    let created = row.creation_time.map(to_jiff);
    let uid = row.tags.get(labels::TAG_NODE_CLAIM_UID).filter(|uid| !uid.is_empty());
    ALIVE.contains(&row.status.as_str())
        && uid.is_none_or(|uid| uid == claim.uid.as_str())
        && created.is_none_or(|at| at + PRECISION >= claim.created)
}
