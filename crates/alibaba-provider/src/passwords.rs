//! The password of instances: from the class, or from the Secret it names.
//!
//! The Secret is read by name from the controller's namespace and nowhere else, so that `get` on it is all that is
//! needed, and no class can reach the Secrets of others.

use k8s_openapi::api::core::v1::Secret;
use karpenter_core::cloud_provider::CloudProviderError;
use karpenter_core::effects::error::report;
use kube::{Api, Client};

use crate::api::node_class::ECSNodeClassSpec;
use crate::api::passwords::{Password, PasswordSecretRef};

/// Why there is no password. Never quotes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The Secret or its key is missing, or what it holds is no password.
    #[error("passwordSecretRef: {0}")]
    Unusable(String),
    /// The Secret could not be read.
    #[error("passwordSecretRef: reading Secret {name}: {cause}")]
    Unreadable {
        /// Name of the Secret.
        name: String,
        /// What the API server said.
        cause: String,
    },
}

impl PasswordError {
    /// What it means for a launch.
    pub(crate) fn of_launch(&self) -> CloudProviderError {
        match self {
            Self::Unusable(_) => CloudProviderError::NodeClassNotReady(self.to_string()),
            Self::Unreadable { .. } => CloudProviderError::Transient(self.to_string()),
        }
    }
}

/// The password instances of a class get; `None` when the image decides.
///
/// # Errors
/// [`PasswordError`].
pub async fn read(
    kube: &Client,
    spec: &ECSNodeClassSpec,
) -> Result<Option<Password>, PasswordError> {
    match (&spec.password, &spec.password_secret_ref) {
        (None, Some(reference)) => of_secret(kube, reference).await.map(Some),
        (password, _) => Ok(password.clone()),
    }
}

async fn of_secret(
    kube: &Client,
    reference: &PasswordSecretRef,
) -> Result<Password, PasswordError> {
    let PasswordSecretRef { name, key } = reference;
    let api: Api<Secret> = Api::default_namespaced(kube.clone());
    let secret = api
        .get_opt(name)
        .await
        .map_err(|error| PasswordError::Unreadable { name: name.clone(), cause: report(&error) })?;
    let unusable = |problem: String| PasswordError::Unusable(problem);
    let secret = secret.ok_or_else(|| {
        unusable(format!("Secret {name} does not exist in the controller's namespace; create it"))
    })?;
    let data = secret.data.as_ref().and_then(|data| data.get(key));
    let data = data.ok_or_else(|| unusable(format!("Secret {name} has no key {key}; add it")))?;
    let text = std::str::from_utf8(&data.0).ok().map(|text| text.trim_end_matches('\n'));
    text.and_then(Password::parse).ok_or_else(|| {
        unusable(format!("key {key} of Secret {name} is not 8 to 30 letters, digits and signs"))
    })
}

#[cfg(test)]
mod tests;
