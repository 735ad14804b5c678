//! Reviews of access and requests to containers: what this server answers without storing.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::request::Place;

/// Group of access reviews.
pub(crate) const REVIEW_GROUP: &str = "authorization.k8s.io";

/// Whether a path is the collection of reviews of the caller's own access.
pub(crate) fn is_review(place: &Place) -> bool {
    place.group == REVIEW_GROUP
        && place.version == "v1"
        && place.plural == "selfsubjectaccessreviews"
        && place.name.is_none()
}

/// The answer to a review: there are no roles here, so everybody may do everything.
///
/// What is asked does not matter and is not read: clients ask in encodings this server has not.
pub(crate) fn review() -> Value {
    json!({
        "kind": "SelfSubjectAccessReview", "apiVersion": format!("{REVIEW_GROUP}/v1"),
        "metadata": {}, "spec": {}, "status": {"allowed": true},
    })
}

/// Whether a subresource of a pod needs a running container.
pub(crate) fn needs_container(subresource: &str) -> bool {
    matches!(subresource, "log" | "exec" | "attach" | "portforward" | "proxy")
}

/// Refusal of such a request.
pub(crate) fn no_containers(subresource: &str) -> ApiError {
    ApiError::not_implemented(format!(
        "containers exist on paper here: the subresource {subresource} is not served"
    ))
}
