//! What a launch answers, and that it happens once.

use futures::FutureExt;

use super::{Findings, Subject};
use crate::api::labels;
use crate::cloud_provider::{CloudProviderError, Instance};
use crate::model::instance_type::{Catalog, InstanceType};
use crate::model::label_rules::LabelNormalization;
use crate::model::node_claim::NodeClaim;
use crate::model::requirement::Requirement;
use crate::model::requirements::{AllowUndefined, Requirements};
use crate::model::resources::Resources;

const LAUNCHES: &str = "a claim that can be launched is launched";
const TAGGED: &str = "an instance names its claim and its uid";
const LABELLED: &str = "the labels of an instance are those of one offering of its type";
const ASKED_FOR: &str = "an instance is what its claim asks for";
const SIZED: &str =
    "an instance has at least 90 % of what its type promises, and room for its claim";
const ONCE: &str = "a claim is launched once, whoever asks again";
const BY_UID: &str = "another claim of the same name gets another instance";
const CANCELLED: &str = "a launch that was dropped half-way and begun anew leaves one instance";
const IMPOSSIBLE: &str = "a claim no offering suits is refused for want of capacity";

/// Per cent of a promise that is kept at least.
const KEPT: i64 = 90;

pub(super) async fn check(subject: &dyn Subject, findings: &mut Findings) {
    let provider = subject.provider();
    let claim = subject.claim("conformance-launch");
    let Some(instance) = findings.answer(LAUNCHES, provider.create(&claim).await) else { return };
    let is_tagged = instance.claim.as_ref() == Some(&claim.name)
        && instance.claim_uid.as_ref() == Some(&claim.uid);
    findings.expect(TAGGED, is_tagged, || format!("{:?} {:?}", instance.claim, instance.claim_uid));
    if let Ok(catalog) = provider.instance_types(&subject.pool()).await {
        promise(&claim, &instance, &catalog, findings);
    }

    let again = findings.answer(ONCE, provider.create(&claim).await);
    let restarted = findings.answer(ONCE, subject.provider().create(&claim).await);
    for other in again.into_iter().chain(restarted) {
        findings.expect(ONCE, other.provider_id == instance.provider_id, || {
            format!("{} and {}", instance.provider_id, other.provider_id)
        });
    }
    let namesake = NodeClaim { uid: "conformance-other".into(), ..claim.clone() };
    if let Some(other) = findings.answer(BY_UID, provider.create(&namesake).await) {
        findings.expect(BY_UID, other.provider_id != instance.provider_id, || {
            format!("{} twice", instance.provider_id)
        });
    }
    cancelled(subject, findings).await;
    impossible(subject, findings).await;
}

/// What `instance` says against what `catalog` promised.
fn promise(claim: &NodeClaim, instance: &Instance, catalog: &Catalog, findings: &mut Findings) {
    let pairs = instance.labels.iter().map(|(key, value)| (&**key, &**value));
    let own = Requirements::from_labels(pairs, &LabelNormalization::core());
    let known = own.get(labels::INSTANCE_TYPE).and_then(Requirement::any);
    let Some(it) = known.and_then(|name| catalog.get(&name)) else {
        findings.expect(LABELLED, false, || format!("no known type in {own}"));
        return;
    };
    findings.expect(LABELLED, is_of_an_offering(&own, it), || own.to_string());
    let unlike = claim.requirements.iter().find(|wanted| {
        own.get(wanted.key().as_str()).is_some_and(|has| !has.has_intersection(wanted))
    });
    findings.expect(ASKED_FOR, unlike.is_none(), || format!("{own} although {unlike:?}"));
    let is_sized = is_kept(&instance.capacity, &it.capacity)
        && is_kept(&instance.allocatable, &it.allocatable())
        && claim.requests.fits(&instance.allocatable);
    findings
        .expect(SIZED, is_sized, || format!("{} and {}", instance.capacity, instance.allocatable));
}

fn is_of_an_offering(own: &Requirements, it: &InstanceType) -> bool {
    let mut offerings = it.offerings.iter();
    offerings.any(|offering| own.is_compatible(&offering.requirements, AllowUndefined::Nothing))
}

fn is_kept(has: &Resources, promised: &Resources) -> bool {
    let mut amounts = promised.iter().filter(|(_, amount)| !amount.is_negative());
    amounts.all(|(name, amount)| has.get_or_zero(name.as_str()).times(100) >= amount.times(KEPT))
}

async fn cancelled(subject: &dyn Subject, findings: &mut Findings) {
    let (provider, claim) = (subject.provider(), subject.claim("conformance-cancelled"));
    // Polled once and dropped: whatever it did so far stays.
    drop(provider.create(&claim).now_or_never());
    subject.settle().await;
    let Some(instance) = findings.answer(CANCELLED, provider.create(&claim).await) else { return };
    subject.settle().await;
    let Some(listed) = findings.answer(CANCELLED, provider.list().await) else { return };
    let of_claim = listed.iter().filter(|other| other.claim_uid.as_ref() == Some(&claim.uid));
    let ids: Vec<_> = of_claim.map(|other| &other.provider_id).collect();
    findings.expect(CANCELLED, ids == [&instance.provider_id], || format!("{ids:?}"));
}

async fn impossible(subject: &dyn Subject, findings: &mut Findings) {
    let mut claim = subject.claim("conformance-impossible");
    claim.requirements.replace(Requirement::in_values(labels::ZONE, ["conformance-nowhere"]));
    let got = subject.provider().create(&claim).await;
    let is_refused = matches!(got, Err(CloudProviderError::InsufficientCapacity(_)));
    findings.expect(IMPOSSIBLE, is_refused, || format!("{got:?}"));
}
