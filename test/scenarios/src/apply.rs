//! Creating objects or merging into them, as users do with `kubectl apply`; works with any API server.

use http::Request;
use kube::Client;
use serde_json::Value;

use crate::manifests;

/// Creates an object, or merges it into the one of that name; answers what the server stored.
///
/// # Errors
/// The refusal of the API server, with its message.
///
/// Source: Kubernetes API. Differs: a field that is no longer in the object stays as it is.
pub async fn apply(client: &Client, object: &Value) -> anyhow::Result<Value> {
    let collection = manifests::collection_path(object)?;
    let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    let body = serde_json::to_vec(object)?;
    let create = Request::post(&collection).header("content-type", "application/json");
    match client.request::<Value>(create.body(body.clone())?).await {
        Err(kube::Error::Api(status)) if status.code == 409 => {
            let merge = Request::patch(format!("{collection}/{name}"))
                .header("content-type", "application/merge-patch+json")
                .body(body)?;
            Ok(client.request::<Value>(merge).await?)
        }
        answer => Ok(answer?),
    }
}

/// Applies every document of a YAML text in its order; answers what the server stored.
///
/// # Errors
/// As [`apply`], or what is wrong with the text; documents before the faulty one stay applied.
pub async fn apply_yaml(client: &Client, yaml: &str) -> anyhow::Result<Vec<Value>> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(yaml)?;
    let mut stored = Vec::with_capacity(documents.len());
    for document in &documents {
        stored.push(apply(client, document).await?);
    }
    Ok(stored)
}
