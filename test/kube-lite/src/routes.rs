//! From an HTTP request to a verb and back to an HTTP answer.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, USER_AGENT, WARNING};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use parking_lot::MutexGuard;
use serde_json::{Value, json};

use crate::discovery;
use crate::error::ApiError;
use crate::gc;
use crate::kind::Kind;
use crate::object::Key;
use crate::request::{self, Params, PatchType, Place, Route};
use crate::server::{ACTOR_HEADER, KubeLite, now};
use crate::state::{Ctx, State};
use crate::store::{Selector, Stored};
use crate::verbs::{self, DeleteOptions, Part, Written};
use crate::view::View;
use crate::write_log::Verb;

/// Answers one request; never fails, never panics on what a client sends.
pub(crate) async fn serve(server: &KubeLite, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, server.max_body_bytes).await else {
        return failure(&ApiError::too_large(server.max_body_bytes));
    };
    let call = match Params::parse(&parts.uri) {
        Ok(params) => Call { server, method: parts.method, headers: parts.headers, params, body },
        Err(error) => return failure(&error),
    };
    let answer = match request::parse(parts.uri.path()) {
        Some(Route::Place(place)) => call.place(&place),
        Some(route) => call.discovery(&route),
        None => Err(ApiError::no_such_path()),
    };
    answer.unwrap_or_else(|error| failure(&error))
}

/// One request, read.
struct Call<'a> {
    server: &'a KubeLite,
    method: Method,
    headers: HeaderMap,
    params: Params,
    body: Bytes,
}

impl Call<'_> {
    fn discovery(&self, route: &Route) -> Result<Response<Body>, ApiError> {
        if self.method != Method::GET {
            return Err(ApiError::method_not_allowed());
        }
        let state = self.server.state.lock();
        discovery::answer(&state.registry, route, &self.headers)
    }

    fn place(&self, place: &Place) -> Result<Response<Body>, ApiError> {
        let kind = {
            let state = self.server.state.lock();
            state.kind(&place.group, &place.plural)?
        };
        if self.method != Method::GET {
            self.check_journal()?;
        }
        let answer = self.answer(&kind, place)?;
        if self.method != Method::GET {
            self.check_journal()?;
        }
        Ok(answer)
    }

    /// A server that cannot keep its state refuses writes.
    fn check_journal(&self) -> Result<(), ApiError> {
        match self.server.state.lock().store.failure() {
            Some(why) => Err(ApiError::internal(format!("the journal cannot be written: {why}"))),
            None => Ok(()),
        }
    }

    fn answer(&self, kind: &Arc<Kind>, place: &Place) -> Result<Response<Body>, ApiError> {
        if kind.version != place.version || (place.namespace.is_some() && !kind.namespaced) {
            return Err(ApiError::no_such_path());
        }
        match (&place.name, &place.subresource) {
            (None, _) => self.collection(kind, place.namespace.as_deref()),
            (Some(name), None) => self.object(kind, &self.key(kind, place, name)?),
            (Some(name), Some(subresource)) => {
                let key = self.key(kind, place, name)?;
                self.subresource(kind, &key, subresource)
            }
        }
    }

    fn key(&self, kind: &Kind, place: &Place, name: &str) -> Result<Key, ApiError> {
        match (&place.namespace, kind.namespaced) {
            (Some(namespace), true) => Ok(Key::new(namespace, name)),
            (None, false) => Ok(Key::new("", name)),
            _ => Err(ApiError::no_such_path()),
        }
    }

    fn collection(
        &self,
        kind: &Arc<Kind>,
        namespace: Option<&str>,
    ) -> Result<Response<Body>, ApiError> {
        let view = View::of(&self.headers);
        match self.method {
            Method::GET if self.params.watch => {
                let shared = &self.server.state;
                let events = verbs::watch(shared, kind, namespace, &self.params, view)?;
                Ok(json_answer(StatusCode::OK, Body::from_stream(events)))
            }
            Method::GET => {
                let text = verbs::list(&self.server.state, kind, namespace, &self.params, view)?;
                Ok(json_answer(StatusCode::OK, Body::from(text)))
            }
            Method::POST => {
                let object = request::decode(&self.headers, &self.body)?;
                let (mut state, ctx) = self.write(Verb::Create);
                let validation = self.params.field_validation;
                let written = verbs::create(&mut state, &ctx, kind, namespace, object, validation)?;
                Ok(self.written(&written))
            }
            Method::DELETE => self.delete_collection(kind, namespace),
            _ => Err(ApiError::method_not_allowed()),
        }
    }

    fn object(&self, kind: &Kind, key: &Key) -> Result<Response<Body>, ApiError> {
        match self.method {
            Method::GET => {
                let state = self.server.state.lock();
                let (asked, current) = (self.params.resource_version, state.store.version());
                if let Some(asked) = asked.filter(|asked| *asked > current) {
                    return Err(ApiError::too_large_version(asked, current));
                }
                let stored = state.get(kind, key)?;
                Ok(self.shown(StatusCode::OK, &stored))
            }
            Method::PUT => self.put(kind, key, Part::Main),
            Method::PATCH => self.patch(kind, key, Part::Main),
            Method::DELETE => self.delete(kind, key),
            _ => Err(ApiError::method_not_allowed()),
        }
    }

    fn subresource(&self, kind: &Kind, key: &Key, name: &str) -> Result<Response<Body>, ApiError> {
        match (name, &self.method) {
            ("status", &Method::GET) if kind.status => self.object(kind, key),
            ("status", &Method::PUT) if kind.status => self.put(kind, key, Part::Status),
            ("status", &Method::PATCH) if kind.status => self.patch(kind, key, Part::Status),
            ("scale", _) if kind.scale.is_some() => self.scale(kind, key),
            ("binding", &Method::POST) if kind.is_pod() => {
                let binding = request::decode(&self.headers, &self.body)?;
                let (mut state, ctx) = self.write(Verb::Bind);
                verbs::bind(&mut state, &ctx, kind, key, &binding)?;
                Ok(success(StatusCode::CREATED, &json!({})))
            }
            ("eviction", &Method::POST) if kind.is_pod() => self.evict(kind, key),
            ("status" | "scale", _) if kind.status => Err(ApiError::method_not_allowed()),
            ("binding" | "eviction", _) if kind.is_pod() => Err(ApiError::method_not_allowed()),
            _ => Err(ApiError::no_such_path()),
        }
    }

    fn put(&self, kind: &Kind, key: &Key, part: Part) -> Result<Response<Body>, ApiError> {
        let object = request::decode(&self.headers, &self.body)?;
        let verb = if part == Part::Status { Verb::UpdateStatus } else { Verb::Update };
        let (mut state, ctx) = self.write(verb);
        let validation = self.params.field_validation;
        let written = verbs::update(&mut state, &ctx, kind, key, object, part, validation)?;
        Ok(self.written(&written))
    }

    fn patch(&self, kind: &Kind, key: &Key, part: Part) -> Result<Response<Body>, ApiError> {
        let (patch_type, body) = request::patch_type(&self.headers, &self.body)?;
        let verb = if part == Part::Status { Verb::PatchStatus } else { Verb::Patch };
        let (mut state, ctx) = self.write(verb);
        let validation = self.params.field_validation;
        let written =
            verbs::patch(&mut state, &ctx, kind, key, patch_type, &body, part, validation)?;
        Ok(self.written(&written))
    }

    fn scale(&self, kind: &Kind, key: &Key) -> Result<Response<Body>, ApiError> {
        let (mut state, ctx) = self.write(Verb::Scale);
        let scale = match self.method {
            Method::GET => verbs::get_scale(&state, kind, key)?,
            Method::PUT => {
                let scale = request::decode(&self.headers, &self.body)?;
                verbs::put_scale(&mut state, &ctx, kind, key, &scale)?
            }
            Method::PATCH => {
                let (patch_type, body) = request::patch_type(&self.headers, &self.body)?;
                if patch_type != PatchType::Json && !body.is_object() {
                    return Err(ApiError::bad_request("the patch must be an object"));
                }
                verbs::patch_scale(&mut state, &ctx, kind, key, &body)?
            }
            _ => return Err(ApiError::method_not_allowed()),
        };
        Ok(json_answer(StatusCode::OK, Body::from(scale.to_string())))
    }

    fn evict(&self, kind: &Kind, key: &Key) -> Result<Response<Body>, ApiError> {
        let eviction = request::decode(&self.headers, &self.body)?;
        let named = eviction.pointer("/metadata/name").and_then(Value::as_str).unwrap_or("");
        if !named.is_empty() && named != key.name {
            return Err(ApiError::bad_request(
                "name in URL does not match name in Eviction object",
            ));
        }
        let options = DeleteOptions::read(&eviction["deleteOptions"], &self.params)?;
        let (mut state, mut ctx) = self.write(Verb::Evict);
        ctx.dry_run |= options.dry_run;
        verbs::evict(&mut state, &ctx, kind, key, &options)?;
        gc::collect(&mut state, &ctx);
        Ok(success(StatusCode::CREATED, &json!({})))
    }

    fn delete(&self, kind: &Kind, key: &Key) -> Result<Response<Body>, ApiError> {
        let body = request::decode(&self.headers, &self.body)?;
        let options = DeleteOptions::read(&body, &self.params)?;
        let (mut state, ctx) = self.write(Verb::Delete);
        let deletion = verbs::delete_object(&mut state, &ctx, kind, key, &options)?;
        gc::collect(&mut state, &ctx);
        Ok(match deletion {
            verbs::Deletion::Gone(last) if !kind.rules.returns_deleted => {
                let uid = &last.object["metadata"]["uid"];
                let details = json!({
                    "name": key.name, "group": kind.group, "kind": kind.plural, "uid": uid});
                success(StatusCode::OK, &details)
            }
            verbs::Deletion::Gone(stored) | verbs::Deletion::Marked(stored) => {
                self.shown(StatusCode::OK, &stored)
            }
        })
    }

    fn delete_collection(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
    ) -> Result<Response<Body>, ApiError> {
        let body = request::decode(&self.headers, &self.body)?;
        let options = DeleteOptions::read(&body, &self.params)?;
        let (labels, fields) = (&self.params.label_selector, &self.params.field_selector);
        let selector = Selector::parse(kind, labels, fields).map_err(ApiError::bad_request)?;
        let (mut state, ctx) = self.write(Verb::Delete);
        let selected =
            verbs::delete_collection(&mut state, &ctx, kind, namespace, &selector, &options);
        gc::collect(&mut state, &ctx);
        let items: Vec<&Value> = selected.iter().map(|stored| &*stored.object).collect();
        let list = json!({
            "kind": kind.list_kind, "apiVersion": kind.api_version(), "items": items,
            "metadata": {"resourceVersion": state.store.version().to_string()},
        });
        Ok(json_answer(StatusCode::OK, Body::from(list.to_string())))
    }

    /// The lock, and the circumstances of a write.
    fn write(&self, verb: Verb) -> (MutexGuard<'_, State>, Ctx) {
        let state = self.server.state.lock();
        let header = |name| self.headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok());
        let manager = Some(self.params.field_manager.as_str()).filter(|name| !name.is_empty());
        let agent = header(USER_AGENT.as_str());
        let actor = header(ACTOR_HEADER).or(manager).or(agent).unwrap_or("-").to_owned();
        let ctx = Ctx { now: now(&state), actor, dry_run: self.params.dry_run, verb };
        (state, ctx)
    }

    fn shown(&self, code: StatusCode, stored: &Stored) -> Response<Body> {
        json_answer(code, Body::from(View::of(&self.headers).show(stored)))
    }

    fn written(&self, written: &Written) -> Response<Body> {
        let code = if written.created { StatusCode::CREATED } else { StatusCode::OK };
        let mut answer = self.shown(code, &written.stored);
        for warning in &written.warnings {
            let text = format!("299 - {}", json!(warning));
            if let Ok(value) = HeaderValue::from_str(&text) {
                answer.headers_mut().append(WARNING, value);
            }
        }
        answer
    }
}

/// An answer with a JSON body.
pub(crate) fn json_answer(code: StatusCode, body: Body) -> Response<Body> {
    let mut answer = Response::new(body);
    *answer.status_mut() = code;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

fn failure(error: &ApiError) -> Response<Body> {
    json_answer(error.code(), Body::from(error.status().to_string()))
}

fn success(code: StatusCode, details: &Value) -> Response<Body> {
    let mut status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "code": code.as_u16(),
    });
    if details.as_object().is_some_and(|details| !details.is_empty()) {
        status["details"] = details.clone();
    }
    json_answer(code, Body::from(status.to_string()))
}
