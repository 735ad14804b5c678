//! The pipeline of one request.
//!
//! Flow: read the body (bounded) → decode → find the action → verify the signature → rate limit →
//! planned fault before the effect → RAM denial → action → planned fault after the effect → record →
//! answer. Everything but reading the body happens under one lock at one instant of the clock.

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, Response, StatusCode, request::Parts};

use super::{
    inbound::Inbound,
    respond::{Envelope, Reply},
};
use crate::{
    Outcome, Profile,
    action::{Call, Route, route},
    auth::{self, Caller},
    calls::{CallRecord, redacted},
    cloud::{Shared, State},
    error::ApiError,
    fault::{FaultAnswer, FaultPoint, FaultSpec},
    params::Params,
};

/// Largest body that is read, bytes; far above the largest request of any client.
const MAX_BODY: usize = 1 << 20;

/// Serves one request; a planned hang never returns.
pub(crate) async fn serve(shared: &Shared, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.map_err(|_| {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        ApiError::new(status, "RequestBodyTooLarge", "The request body is too large or broken.")
    });
    match answer(shared, &parts, body) {
        Some(response) => response,
        None => std::future::pending().await,
    }
}

/// How a call ended, before it is put into bytes.
enum End {
    Replied(Reply),
    Refused(ApiError),
    Broken { answer: FaultAnswer, done: bool },
}

fn answer(shared: &Shared, parts: &Parts, body: Result<Bytes, ApiError>) -> Option<Response<Body>> {
    let now = (shared.config.clock)();
    let mut state = shared.state.lock();
    shared.advance(&mut state, now);
    let request_id = state.world.ids.request_id();
    let (body, too_large) = match body {
        Ok(bytes) => (bytes, None),
        Err(error) => (Bytes::new(), Some(error)),
    };
    let inbound = Inbound::decode(parts, body);
    let scheme = auth::scheme(&inbound);
    let routed = too_large.map_or_else(|| route(&inbound), Err);
    let product = routed.as_ref().ok().map(|r| r.action.product).or(inbound.product);
    let action = routed.as_ref().map_or("", |r| r.action.name).to_owned();
    let envelope = Envelope { request_id, now, host: inbound.host.clone(), product };
    let mut params = Params::default();
    let end = match routed {
        Err(error) => End::Refused(error),
        Ok(routed) => run(shared, &mut state, &inbound, &routed, now, &mut params),
    };
    let broken = matches!(end, End::Broken { .. });
    let (mut response, outcome) = finish(&envelope, end);
    if broken || changes(&action) || state.faults.concern(&action) {
        shared.changed(&mut state);
        if let Some(problem) = &state.unsaved {
            response = Some(envelope.error(&unsaved(problem)));
        }
    }
    let record = CallRecord {
        at: now,
        action,
        scheme,
        access_key_id: auth::claimed_key(&inbound),
        params: redacted(params.values()),
        unknown_params: if outcome == Outcome::Ok { params.unread() } else { Vec::new() },
        status: response.as_ref().map_or(0, |r| r.status().as_u16()),
        outcome,
        request_id: envelope.request_id,
    };
    state.calls.push(record, shared.config.call_log_limit);
    response
}

/// Whether an action may change something: reads are told by their name.
fn changes(action: &str) -> bool {
    !action.is_empty() && !["Describe", "List", "Get"].iter().any(|verb| action.starts_with(verb))
}

fn unsaved(problem: &str) -> ApiError {
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", problem)
}

fn run(
    shared: &Shared,
    state: &mut State,
    inbound: &Inbound,
    route: &Route,
    now: DateTime<Utc>,
    params: &mut Params,
) -> End {
    match admit(shared, state, inbound, route, now, params) {
        Ok((_, Some(FaultSpec { point: FaultPoint::BeforeEffect, answer, .. }))) => {
            state.faults.consume(route.action.name);
            End::Broken { answer, done: false }
        }
        Ok((caller, fault)) => {
            let outcome = act(shared, state, route, &caller, now, params);
            match (outcome, fault) {
                (Err(error), _) => End::Refused(error),
                (Ok(reply), None) => End::Replied(reply),
                (Ok(_), Some(fault)) => {
                    state.faults.consume(route.action.name);
                    End::Broken { answer: fault.answer, done: true }
                }
            }
        }
        Err(error) => End::Refused(error),
    }
}

/// All that stands before the action itself; finds the fault that the call will meet.
fn admit(
    shared: &Shared,
    state: &mut State,
    inbound: &Inbound,
    route: &Route,
    now: DateTime<Utc>,
    params: &mut Params,
) -> Result<(Caller, Option<FaultSpec>), ApiError> {
    *params = Params::new(route.params.clone());
    let caller = state.verify(&shared.config, inbound, route.action, now)?;
    if shared.config.profile == Profile::Strict {
        refuse_empty(params)?;
    }
    state.throttles.admit(route.action.name, now)?;
    Ok((caller, state.faults.strike(route.action.name)))
}

fn act(
    shared: &Shared,
    state: &mut State,
    route: &Route,
    caller: &Caller,
    now: DateTime<Utc>,
    params: &Params,
) -> Result<Reply, ApiError> {
    let action = route.action;
    if state.world.account.denied.contains(action.name) {
        return Err(denied(action.product.code(), action.name));
    }
    check_region(params, &shared.config.region)?;
    let call = &mut Call {
        world: &mut state.world,
        config: &shared.config,
        params,
        path: &route.path_params,
        caller,
        now,
    };
    (action.handler)(call)
}

fn finish(envelope: &Envelope, end: End) -> (Option<Response<Body>>, Outcome) {
    match end {
        End::Replied(reply) => (Some(envelope.success(reply)), Outcome::Ok),
        End::Refused(error) => (Some(envelope.error(&error)), Outcome::Refused(error.code)),
        End::Broken { answer, done } => (broken(envelope, answer), Outcome::Broken { done }),
    }
}

fn broken(envelope: &Envelope, answer: FaultAnswer) -> Option<Response<Body>> {
    match answer {
        FaultAnswer::Hang => None,
        FaultAnswer::ConnectionReset => Some(envelope.reset()),
        FaultAnswer::MalformedJson => Some(envelope.malformed()),
        FaultAnswer::BadGateway => Some(envelope.bad_gateway()),
        FaultAnswer::Error { status, code, message } => {
            let status = StatusCode::from_u16(status)
                .ok()
                .filter(|s| s.is_client_error() || s.is_server_error())
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Some(envelope.error(&ApiError::new(status, code, message)))
        }
    }
}

fn refuse_empty(params: &Params) -> Result<(), ApiError> {
    let is_tag_value = |name: &str| name.contains("Tag.") && name.ends_with(".Value");
    let empty = params.values().iter().find(|(name, v)| v.is_empty() && !is_tag_value(name));
    empty.map_or(Ok(()), |(name, _)| Err(ApiError::invalid(name)))
}

fn check_region(params: &Params, region: &str) -> Result<(), ApiError> {
    match params.text("RegionId") {
        Some(asked) if asked != region => Err(ApiError::not_found(
            "InvalidRegionId.NotFound",
            "The RegionId provided does not exist in our records.",
        )),
        _ => Ok(()),
    }
}

fn denied(product: &str, action: &str) -> ApiError {
    let mut error = ApiError::forbidden(
        "Forbidden.RAM",
        "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
    );
    error.denied = Some(format!("{}:{action}", product.to_lowercase()));
    error
}
