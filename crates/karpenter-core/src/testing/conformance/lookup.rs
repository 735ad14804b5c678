//! What is found again.

use super::{Findings, Subject, launched};
use crate::cloud_provider::{CloudProviderError, ErrorClass};
use crate::model::ids::ProviderId;

const LAUNCHES: &str = "a claim that can be launched is launched";
const GOT: &str = "a launched instance can be read, also by another process";
const LISTED: &str = "a launched instance is listed once, also by another process";
const ORDERED: &str = "a list is in provider id order";
const UNKNOWN: &str = "an instance that was never launched is not found";
const DRIFT: &str = "asked twice, drift is judged the same";

pub(super) async fn check(subject: &dyn Subject, findings: &mut Findings) {
    let claim = subject.claim("conformance-lookup");
    let created = subject.provider().create(&claim).await;
    let Some(instance) = findings.answer(LAUNCHES, created) else { return };
    subject.settle().await;
    let provider = subject.provider();
    if let Some(got) = findings.answer(GOT, provider.get(&instance.provider_id).await) {
        let is_same =
            got.provider_id == instance.provider_id && got.claim_uid == instance.claim_uid;
        findings.expect(GOT, is_same, || format!("{} of {:?}", got.provider_id, got.claim_uid));
    }
    if let Some(listed) = findings.answer(LISTED, provider.list().await) {
        let ids: Vec<_> = listed.iter().map(|other| &other.provider_id).collect();
        let n = ids.iter().filter(|id| ***id == instance.provider_id).count();
        findings.expect(LISTED, n == 1, || format!("{n} times"));
        findings.expect(ORDERED, ids.is_sorted(), || format!("{ids:?}"));
    }
    unknown(subject, &instance.provider_id, findings).await;
    let claim = launched(&claim, &instance);
    let first = findings.answer(DRIFT, provider.is_drifted(&claim).await);
    let again = findings.answer(DRIFT, provider.is_drifted(&claim).await);
    findings.expect(DRIFT, first == again, || format!("{first:?} and {again:?}"));
}

/// An id that looks like `like` but was never given out.
async fn unknown(subject: &dyn Subject, like: &ProviderId, findings: &mut Findings) {
    let id = format!("{like}conformance").into();
    let got = subject.provider().get(&id).await;
    let is_unknown = matches!(&got, Err(error @ CloudProviderError::NodeClaimNotFound(_))
        if error.class() == ErrorClass::Gone);
    findings.expect(UNKNOWN, is_unknown, || format!("{got:?}"));
}
