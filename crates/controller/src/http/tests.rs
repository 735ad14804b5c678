use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use karpenter_core::state::ClusterState;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::health_router;

async fn readiness(stopping: &CancellationToken) -> (StatusCode, String) {
    let router = health_router(ClusterState::default(), stopping.clone());
    let request = Request::get("/readyz").body(Body::empty()).expect("the request is well formed");
    let answer = router.oneshot(request).await.expect("routers always answer");
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1 << 16).await.expect("the body is short");
    (status, String::from_utf8(body.to_vec()).expect("the body is text"))
}

#[tokio::test]
async fn readiness_names_the_kinds_that_have_not_been_listed() {
    let (status, text) = readiness(&CancellationToken::new()).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(text.starts_with("not ready: no complete list yet of Pod, Node, NodeClaim"), "{text}");
}

#[tokio::test]
async fn a_process_that_stops_is_not_ready() {
    let stopping = CancellationToken::new();
    stopping.cancel();
    let (status, text) = readiness(&stopping).await;
    assert_eq!((status, &*text), (StatusCode::SERVICE_UNAVAILABLE, "not ready: stopping"));
}
