//! That deletions come to an end.

use super::{Findings, Subject, launched};
use crate::cloud_provider::{CloudProviderError, Termination};
use crate::model::ids::ProviderId;

const LAUNCHES: &str = "a claim that can be launched is launched";
const STARTS: &str = "a deletion that can start does so without an error";
const ENDS: &str = "once the cloud has done its work, a deletion says that nothing is left";
const REPEATS: &str = "a deletion can be repeated, also by another process";
const UNREADABLE: &str = "a deleted instance cannot be read";
const UNLISTED: &str = "a deleted instance is not listed, and others still are";
const NOTHING: &str = "a claim without instance has nothing to delete";

pub(super) async fn check(subject: &dyn Subject, findings: &mut Findings) {
    let provider = subject.provider();
    let (claim, other) = (subject.claim("conformance-deleted"), subject.claim("conformance-kept"));
    let nothing = findings.answer(NOTHING, provider.delete(&claim).await);
    findings.expect(NOTHING, nothing.is_none_or(is_gone), || format!("{nothing:?}"));
    let Some(instance) = findings.answer(LAUNCHES, provider.create(&claim).await) else { return };
    let Some(kept) = findings.answer(LAUNCHES, provider.create(&other).await) else { return };
    subject.settle().await;

    let claim = launched(&claim, &instance);
    findings.answer(STARTS, provider.delete(&claim).await);
    subject.settle().await;
    let ended = findings.answer(ENDS, provider.delete(&claim).await);
    findings.expect(ENDS, ended.is_none_or(is_gone), || format!("{ended:?} the second time"));
    let repeated = findings.answer(REPEATS, subject.provider().delete(&claim).await);
    findings.expect(REPEATS, repeated.is_none_or(is_gone), || format!("{repeated:?}"));
    let got = provider.get(&instance.provider_id).await;
    let is_unknown = matches!(got, Err(CloudProviderError::NodeClaimNotFound(_)));
    findings.expect(UNREADABLE, is_unknown, || format!("{got:?}"));
    if let Some(listed) = findings.answer(UNLISTED, provider.list().await) {
        let has = |id: &ProviderId| listed.iter().any(|other| other.provider_id == *id);
        let is_right = !has(&instance.provider_id) && has(&kept.provider_id);
        findings.expect(UNLISTED, is_right, || format!("{} instances", listed.len()));
    }
}

fn is_gone(answer: Termination) -> bool {
    answer == Termination::Gone
}
