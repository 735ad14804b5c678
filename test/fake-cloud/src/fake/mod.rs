//! The control API below `/__fake/`: what a person or another process may see and change of the cloud.
//!
//! | file | idea |
//! |---|---|
//! | `lever` | every change as data: the body of a control call, the step of a script |
//! | `apply` | pulling a lever: check all names, then change |
//! | `windows` | what can be looked at |
//! | `machines` | what a process that boots machines from instances reads and reports |
//! | `reply` | answers and refusals of all endpoints |
//!
//! A refused call changes nothing and answers `{"error": {"field", "problem"}}`; unknown fields are
//! refused. Calls of this API are neither signed nor recorded.

pub(crate) mod apply;
pub(crate) mod lever;
mod machines;
pub(crate) mod reply;
mod windows;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    response::Response,
    routing::{get, post},
};
use http::StatusCode;
use serde_json::{Value, json};

use self::{
    lever::{LEVERS, Lever},
    reply::{Refusal, json_response},
};
use crate::{FakeCloud, script::Script};

/// Largest body of a control call, bytes.
const MAX_BODY: usize = 1 << 20;

/// Endpoints that are neither windows nor levers.
static OTHER: [(&str, &str, &str); 4] = [
    ("POST", "/__fake/machines/{id}", "a machine reports {\"state\": \"Running\" | \"Stopped\"}"),
    ("GET", "/__fake/script", "the script under way and what came of its steps; null for none"),
    ("PUT", "/__fake/script", "starts a script (YAML or JSON) now, in place of the one under way"),
    ("DELETE", "/__fake/script", "ends the script; what it did stays"),
];

/// The endpoints, as one router.
pub(crate) fn router(cloud: FakeCloud) -> Router {
    Router::new()
        .route("/__fake/", get(windows::index))
        .route("/__fake/machines", get(machines::list))
        .route("/__fake/machines/{id}", post(machines::report))
        .route("/__fake/instances", get(windows::instances))
        .route("/__fake/instances/{id}", get(windows::instance))
        .route("/__fake/calls", get(windows::calls))
        .route("/__fake/counts", get(windows::counts))
        .route("/__fake/stock", get(windows::stock).post(stock))
        .route("/__fake/prices", get(windows::prices))
        .route("/__fake/faults", get(windows::faults))
        .route("/__fake/script", get(show_script).put(start_script).delete(end_script))
        .route("/__fake/{lever}", post(pull))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(cloud)
}

/// `POST /__fake/stock`, which has a window of the same path.
async fn stock(cloud: State<FakeCloud>, bytes: Bytes) -> Result<Response, Refusal> {
    pull(cloud, Path("stock".into()), bytes).await
}

/// `POST /__fake/<lever>`.
async fn pull(
    State(cloud): State<FakeCloud>,
    Path(name): Path<String>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    if !LEVERS.iter().any(|lever| lever.name == name) {
        return Err(Refusal::missing("path", &name, "GET /__fake/ lists the endpoints"));
    }
    let body: Value = if bytes.is_empty() { json!({}) } else { reply::body(&bytes)? };
    let lever = named(&name, body)?;
    let config = &cloud.shared.config;
    let instances = cloud.change(|state, now| lever.pull(state, config, now))?;
    cloud.saved()?;
    Ok(json_response(StatusCode::OK, &json!({"done": name, "instances": instances})))
}

/// The lever `name` with the fields of `body`; errors name fields as the caller wrote them.
fn named(name: &str, body: Value) -> Result<Lever, Refusal> {
    let tagged = Value::Object([(name.to_owned(), body)].into_iter().collect());
    serde_path_to_error::deserialize(tagged).map_err(|error| {
        let path = error.path().to_string();
        let field = path.strip_prefix(name).unwrap_or(&path).trim_start_matches('.');
        let field = if field.is_empty() { "body" } else { field };
        Refusal::bad(field, error.inner().to_string())
    })
}

async fn show_script(State(cloud): State<FakeCloud>) -> Response {
    json_response(StatusCode::OK, &cloud.look(|state, _| json!({"script": state.script})))
}

async fn start_script(State(cloud): State<FakeCloud>, bytes: Bytes) -> Result<Response, Refusal> {
    let text = std::str::from_utf8(&bytes).map_err(|_| Refusal::bad("script", "is not UTF-8"))?;
    let script = Script::parse(text)?;
    cloud.change(|state, now| state.script = Some(script.start(now)));
    cloud.saved()?;
    Ok(show_script(State(cloud)).await)
}

async fn end_script(State(cloud): State<FakeCloud>) -> Result<Response, Refusal> {
    cloud.change(|state, _| state.script = None);
    cloud.saved()?;
    Ok(show_script(State(cloud)).await)
}
