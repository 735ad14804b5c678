//! What a refusal of the Kubernetes API means to the engine.

use std::time::Duration;

use karpenter_core::cloud_provider::CloudProviderError;
use karpenter_core::effects::error::report;

/// Longest wait for one answer.
const LIMIT: Duration = Duration::from_secs(30);

/// The answer of `request`, which does `action`.
pub(crate) async fn answer<T>(
    action: &str,
    request: impl Future<Output = Result<T, kube::Error>>,
) -> Result<T, CloudProviderError> {
    match tokio::time::timeout(LIMIT, request).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(of(action, &error)),
        Err(_) => Err(CloudProviderError::Transient(format!(
            "{action}: no answer within {} s",
            LIMIT.as_secs()
        ))),
    }
}

fn of(action: &str, error: &kube::Error) -> CloudProviderError {
    let message = format!("{action}: {}", report(error));
    match error {
        kube::Error::Api(status) if matches!(status.code, 401 | 403) => {
            CloudProviderError::Denied(message)
        }
        kube::Error::Api(status) if status.code == 429 => {
            CloudProviderError::Throttled { retry_after: None, message }
        }
        _ => CloudProviderError::Transient(message),
    }
}
