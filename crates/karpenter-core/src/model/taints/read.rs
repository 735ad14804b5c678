//! Taints and tolerations from objects of the API.

use super::{Taint, Toleration};
use crate::api::v1::taint::Taint as ApiTaint;
use k8s_openapi::api::core::v1;

impl From<&ApiTaint> for Taint {
    fn from(taint: &ApiTaint) -> Self {
        Taint::new(&*taint.key, &*taint.value, taint.effect.as_str().into())
    }
}

impl From<&v1::Taint> for Taint {
    fn from(taint: &v1::Taint) -> Self {
        let value = taint.value.as_deref().unwrap_or_default();
        Taint::new(&*taint.key, value, taint.effect.as_str().into())
    }
}

impl From<&v1::Toleration> for Toleration {
    fn from(toleration: &v1::Toleration) -> Self {
        let effect = toleration.effect.as_deref().filter(|effect| !effect.is_empty());
        Toleration {
            key: toleration.key.as_deref().unwrap_or_default().into(),
            operator: toleration.operator.as_deref().unwrap_or_default().into(),
            value: toleration.value.as_deref().unwrap_or_default().into(),
            effect: effect.map(Into::into),
        }
    }
}
