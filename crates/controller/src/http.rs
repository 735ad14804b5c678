//! What operators and probes ask the process.
//!
//! | path | answers |
//! |---|---|
//! | `/metrics` | Prometheus text |
//! | `/debug/state` | a short summary of what the process knows, as JSON |
//! | `/debug/log-level` | PUT a filter to change the log level |
//! | `/healthz` | the process lives |
//! | `/readyz` | every kind has been listed once; never blocks, and says what is missing |

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, put};
use karpenter_core::state::ClusterState;
use prometheus_client::registry::Registry;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::telemetry::LogLevel;

#[cfg(test)]
mod tests;

/// Router of the metrics port.
pub fn metrics_router(
    registry: Arc<Registry>,
    state: ClusterState,
    level: Option<LogLevel>,
) -> Router {
    let metrics = Router::new().route("/metrics", get(metrics)).with_state(registry);
    let debug = Router::new().route("/debug/state", get(debug_state)).with_state(state);
    let router = metrics.merge(debug);
    match level {
        Some(level) => {
            router.merge(Router::new().route("/debug/log-level", put(log_level)).with_state(level))
        }
        None => router,
    }
}

/// Router of the health port.
///
/// Once `stopping` is cancelled the process says it is not ready.
pub fn health_router(state: ClusterState, stopping: CancellationToken) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(readyz))
        .with_state((state, stopping))
}

async fn metrics(State(registry): State<Arc<Registry>>) -> impl IntoResponse {
    let mut text = String::new();
    match prometheus_client::encoding::text::encode(&mut text, &registry) {
        Ok(()) => (
            [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")],
            text,
        )
            .into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn readyz(
    State((state, stopping)): State<(ClusterState, CancellationToken)>,
) -> impl IntoResponse {
    if stopping.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "not ready: stopping".to_owned());
    }
    let missing: Vec<_> = state.snapshot().unsynced().iter().map(|kind| kind.name()).collect();
    if missing.is_empty() {
        (StatusCode::OK, "ok".to_owned())
    } else {
        let text = format!("not ready: no complete list yet of {}", missing.join(", "));
        (StatusCode::SERVICE_UNAVAILABLE, text)
    }
}

async fn debug_state(State(state): State<ClusterState>) -> impl IntoResponse {
    let snapshot = state.snapshot();
    Json(json!({
        "revision": snapshot.revision.0,
        "nodes": snapshot.nodes.len(),
        "pods": snapshot.pods.len(),
        "pendingPods": snapshot.pending.keys().map(ToString::to_string).collect::<Vec<_>>(),
        "nodeClaims": snapshot.claims.values().map(|c| c.name.to_string()).collect::<Vec<_>>(),
        "nodePools": snapshot.pools.values().map(|p| p.name.to_string()).collect::<Vec<_>>(),
        "unsynced": snapshot.unsynced().iter().map(|kind| kind.name()).collect::<Vec<_>>(),
    }))
}

async fn log_level(State(level): State<LogLevel>, filter: String) -> impl IntoResponse {
    match level.set(filter.trim()) {
        Ok(()) => (StatusCode::OK, "ok\n".to_owned()),
        Err(error) => (StatusCode::BAD_REQUEST, format!("{error}\n")),
    }
}
