//! The instance metadata service, `/latest/…`.
//!
//! | file | idea |
//! |---|---|
//! | `token` | tokens of the hardened mode, which carry their own expiry |
//! | `tree` | what a path answers for an instance |
//!
//! Which instance asks is told by the header `x-fake-instance` (an instance id) or else by the address
//! the request comes from, when the server passes it on (`ConnectInfo<SocketAddr>`). Calls are not
//! recorded.
//!
//! Source: Alibaba "Instance metadata".

mod token;
mod tree;

use std::net::{IpAddr, SocketAddr};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, State},
    response::{IntoResponse, Response},
    routing::{get, put},
};
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, Request, StatusCode};

use crate::{FakeCloud, Instance, world::World};

const INSTANCE: &str = "x-fake-instance";
const TOKEN: &str = "x-aliyun-ecs-metadata-token";
const TOKEN_TTL: &str = "x-aliyun-ecs-metadata-token-ttl-seconds";

/// A refusal: status and a sentence.
type Refused = (StatusCode, &'static str);

/// The endpoints, as one router.
pub(crate) fn router(cloud: FakeCloud) -> Router {
    Router::new()
        .route("/latest/api/token", put(issue_token))
        .route("/latest/{*path}", get(read))
        .with_state(cloud)
}

/// `PUT /latest/api/token`.
async fn issue_token(State(cloud): State<FakeCloud>, request: Request<Body>) -> Response {
    let seed = cloud.shared.config.seed;
    let issued = cloud.look(|state, now| {
        let instance = asker(&state.world, &request)?;
        if request.headers().contains_key("x-forwarded-for") {
            return Err((StatusCode::FORBIDDEN, "forwarded requests get no token"));
        }
        let ttl = header(request.headers(), TOKEN_TTL).and_then(|text| text.parse::<i64>().ok());
        let ttl = ttl.filter(|seconds| (1..=21_600).contains(seconds));
        let ttl = ttl.ok_or((StatusCode::BAD_REQUEST, "a TTL of 1 to 21600 seconds is needed"))?;
        Ok(token::issue(seed, &instance.id, now + TimeDelta::seconds(ttl)))
    });
    issued.map_err(IntoResponse::into_response).map_or_else(|e| e, IntoResponse::into_response)
}

/// `GET /latest/…`.
async fn read(State(cloud): State<FakeCloud>, request: Request<Body>) -> Response {
    let path = request.uri().path().trim_start_matches("/latest/").to_owned();
    let seed = cloud.shared.config.seed;
    let asked = cloud.look(|state, now| {
        let instance = asker(&state.world, &request)?;
        admit(instance, seed, request.headers(), now)?;
        Ok::<_, Refused>(instance.clone())
    });
    let instance = match asked {
        Ok(instance) => instance,
        Err(refused) => return refused.into_response(),
    };
    if let Some(role) = path.strip_prefix("meta-data/ram/security-credentials/")
        && instance.ram_role.as_deref() == Some(role)
    {
        // The only path that may change something: it issues a key when none is fresh.
        let text =
            cloud.change(|state, now| tree::credentials(&mut state.world, &instance, role, now));
        return text.into_response();
    }
    let found = cloud.look(|state, _| tree::read(&state.world, &instance, &path));
    found.map_or((StatusCode::NOT_FOUND, "Not Found").into_response(), IntoResponse::into_response)
}

/// The instance that asks.
fn asker<'a>(world: &'a World, request: &Request<Body>) -> Result<&'a Instance, Refused> {
    let unknown = (StatusCode::NOT_FOUND, "no instance asks: send x-fake-instance: <instance id>");
    if let Some(id) = header(request.headers(), INSTANCE) {
        return world.instances.get(id).ok_or(unknown);
    }
    let ConnectInfo(source) =
        request.extensions().get::<ConnectInfo<SocketAddr>>().ok_or(unknown)?;
    let comes_from = |instance: &&Instance| source.ip() == IpAddr::V4(instance.private_ip);
    world.instances.values().find(comes_from).ok_or(unknown)
}

/// Whether the request may read: the service is on, and a token is there and good, or not needed.
fn admit(
    instance: &Instance,
    seed: u64,
    headers: &HeaderMap,
    now: DateTime<Utc>,
) -> Result<(), Refused> {
    if instance.http_endpoint == "disabled" {
        return Err((StatusCode::FORBIDDEN, "the metadata service of this instance is off"));
    }
    match header(headers, TOKEN) {
        Some(text) if token::is_good(seed, &instance.id, text, now) => Ok(()),
        Some(_) => Err((StatusCode::UNAUTHORIZED, "the token is wrong or has expired")),
        None if instance.http_tokens == "required" => {
            Err((StatusCode::FORBIDDEN, "this instance needs a token"))
        }
        None => Ok(()),
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
